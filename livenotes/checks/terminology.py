"""Pages + glossary -> Problems: terms that one language uses and the other does not, old words."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from livenotes.core.glossary import Term, TermFinder, term_finder
from livenotes.core.memo import Remember, call
from livenotes.core.problems import Problem
from livenotes.core.words import has_blanks
from livenotes.document.document import CellFence, Document, Heading, Text

_QUOTED = re.compile(r"“[^“”]*”|‘[^‘’]*’|「[^「」]*」|《[^《》]*》")
_SENTENCE = re.compile(r"[^。！？；]+")
_OFTEN = 2  # paragraphs; a single mention may well be said in other words


@dataclass(frozen=True)
class _Prose:
    """A paragraph without code, formulas and links, whose texts are often titles of sections;
    `section` is the id of the heading above it."""

    text: str
    line: int
    section: str


def consistency(
    pages: Sequence[Document], terms: Sequence[Term], remember: Remember = call
) -> list[Problem]:
    """Where two languages disagree in their terms, and words that the glossary replaces.

    A term that a page uses in several paragraphs is missed only where the twin names it nowhere,
    not even by a word of the same stem: translations need not be word by word.
    """
    by_name: dict[str, dict[str, Document]] = defaultdict(dict)
    for page in pages:
        by_name[page.name][page.language] = page
    problems: list[Problem] = []
    for twins in by_name.values():
        for page in twins.values():
            others = tuple(twin for twin in twins.values() if page.language and twin.language)
            key = (page, others, tuple(terms))
            problems += remember(("terms", page.path), key, partial(_problems, *key))
    return sorted(problems)


def _problems(
    page: Document, twins: tuple[Document, ...], terms: tuple[Term, ...]
) -> tuple[Problem, ...]:
    missing = (p for t in twins if t is not page for p in _missing(page, t, term_finder(terms)))
    return (*missing, *_avoided(page, terms))


def _missing(page: Document, twin: Document, finder: TermFinder) -> Iterator[Problem]:
    said = "\n".join(_everything(twin))
    named = {use.term for use in finder.find(said)}
    places: dict[Term, list[tuple[_Prose, str]]] = defaultdict(list)
    for prose in _prose(page):
        uses = [use for use in finder.find(prose.text) if use.language == page.language]
        for term, use in {use.term: use for use in reversed(uses)}.items():
            if page.language in term.tooltip and term not in named:
                places[term].append((prose, prose.text[use.start : use.end]))
    for term, found in places.items():
        if len(found) >= _OFTEN and not _hinted(term, twin.language, said):
            prose, word = found[0]
            where = f"section '#{prose.section}'" if prose.section else "the part above"
            yield Problem(
                page.path,
                prose.line,
                f"{where} says '{word}', but {twin.path} never says '{term.name(twin.language)}'",
                hint="Use the glossary's word on both pages, or another one on both.",
            )


def _avoided(page: Document, terms: Sequence[Term]) -> Iterator[Problem]:
    """Words that the site does not write; a sentence that has the right one too explains them."""
    language = page.language
    old = {word: term for term in terms for word in term.avoided(language)}
    if not old:
        return
    pattern = re.compile("|".join(sorted(map(re.escape, old), key=len, reverse=True)))
    for prose in _prose(page):
        for sentence in _SENTENCE.findall(_QUOTED.sub(" ", prose.text)):
            for word in dict.fromkeys(pattern.findall(sentence)):
                if not any(name in sentence for name in old[word].names(language)):
                    yield Problem(
                        page.path,
                        prose.line,
                        f"'{word}' is not a word of these notes",
                        hint=f"Write {old[word].name(language)}; where it is quoted, in quotation "
                        "marks “”.",
                    )


def _prose(page: Document) -> Iterator[_Prose]:
    section = ""
    for block in page.blocks:
        if isinstance(block, Heading):
            section = block.id
        elif isinstance(block, Text) and block.kind in ("paragraph", "table-row"):
            yield _Prose(block.unlinked, block.line, section)


def _everything(page: Document) -> Iterator[str]:
    """All words of a page: prose, headings, titles of boxes and tabs, captions and alt texts."""
    for block in page.blocks:
        if isinstance(block, CellFence):
            yield from block.options.values()
        elif isinstance(block, Heading | Text):
            yield block.text


def _hinted(term: Term, language: str, text: str) -> bool:
    """Whether a text has words that may stand for the term: of the same stem, or cut apart."""
    if has_blanks(language):
        return any(_stems(name).search(text) for name in term.names(language))
    plain = re.sub(r"[\s-]", "", text)
    return any(re.sub(r"[\s-]", "", name) in plain for name in term.names(language))


def _stems(name: str) -> re.Pattern[str]:
    """A name's words by their beginnings, with up to two words between them."""
    words = [re.escape(word[: max(4, len(word) * 3 // 5)]) for word in re.findall(r"\w+", name)]
    return re.compile(r"\b" + r"\w*\W+(?:\w+\W+){0,2}".join(words), re.IGNORECASE)
