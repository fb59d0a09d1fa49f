"""The glossary in the pages: tips at terms, and the table of all terms.

A plain Python-Markdown extension (no MkDocs). The first use of a term in each section becomes

    <span class="term"><dfn tabindex="0" aria-describedby="term-tip-1">梯度</dfn>
    <x-term-tip id="term-tip-1" role="tooltip" hidden>…gradient…</x-term-tip></span>

(without the line break); the style sheet shows the tip while the term has the focus or the pointer,
so no script is needed. A paragraph `{terms}` becomes the table of all terms.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import count, groupby
from pathlib import Path
from typing import Any

from markdown.util import AtomicString

from livenotes.core.glossary import Term, TermFinder, Use, load_glossary, term_finder
from livenotes.core.problems import LivenotesError
from livenotes.core.words import words
from livenotes.extensions.trees import TreeExtension, mark_texts

_TABLE = "{terms}"
_SECTIONS = ("h1", "h2")
_HEADINGS = frozenset(f"h{level}" for level in range(1, 7))
# fmt: off
_SILENT = frozenset({
    "a", "abbr", "button", "code", "dfn", "dt", "figcaption", "kbd", "label", "math", "pre", "samp",
    "script", "style", "summary", "svg", "th", "x-math", "x-term-tip",
})
_SILENT_CLASSES = frozenset({
    "admonition-title", "arithmatex", "cell", "cell-error", "cell-value", "headerlink", "term",
})
# fmt: on


class Terms(TreeExtension):
    """More options: `root` and `docs`, which hold the glossary.

    Whoever gives a `conversion` reports a broken glossary itself.
    """

    # After inline patterns (20), which make the text, and attribute lists (8); before the table of
    # contents (5), so that the headings above the groups of terms get into it.
    priority = 6

    def __init__(self, **kwargs: Any) -> None:
        self.config = {
            "root": [".", "folder of the project"],
            "docs": ["docs", "folder of the pages and the glossary, in it"],
        }
        super().__init__(**kwargs)

    @cached_property
    def terms(self) -> tuple[Term, ...]:
        """All terms. Raises LivenotesError, but not where the plugin reports it already."""
        path = f"{self.getConfig('docs')}/glossary.yml"
        try:
            return load_glossary(Path(self.getConfig("root")).resolve() / path, path)
        except LivenotesError:
            if self.getConfig("conversion"):
                return ()
            raise

    def run(self, root: ET.Element) -> None:
        terms = self.terms
        if not terms:
            return
        _Marker(term_finder(terms), self.conversion.language).mark(root)
        level = 1
        parents = {child: parent for parent in root.iter() for child in parent}
        for element in list(root.iter()):
            if element.tag in _HEADINGS:
                level = int(element.tag[1])
            elif element.tag == "p" and not len(element) and (element.text or "").strip() == _TABLE:
                parent = parents[element]
                place = list(parent).index(element)
                parent[place : place + 1] = self._table(terms, min(level + 1, 6))

    def _table(self, terms: Sequence[Term], level: int) -> list[ET.Element]:
        languages = self.conversion.languages or {code: code for code in terms[0].languages}
        return glossary_table(terms, self.conversion.language, languages, level)


class _Marker:
    """Goes through a page in reading order, and marks first uses."""

    def __init__(self, finder: TermFinder, language: str) -> None:
        self._finder = finder
        self._language = language
        self._numbers = count(1)
        self._seen: set[Term] = set()

    def mark(self, element: ET.Element) -> None:
        if element.tag in _HEADINGS:
            if element.tag in _SECTIONS:  # each mark is one more stop for the Tab key
                self._seen.clear()
        elif not _is_silent(element):
            mark_texts(element, self._marks, self.mark)

    def _marks(self, text: str) -> Iterator[tuple[int, int, ET.Element]]:
        if isinstance(text, AtomicString) or text.isspace():
            return
        for use in self._finder.find(text):
            if self._is_first(use):
                words, number = text[use.start : use.end], next(self._numbers)
                yield use.start, use.end, _mark(use, words, self._language, number)

    def _is_first(self, use: Use) -> bool:
        if use.language not in use.term.tooltip or use.term in self._seen:
            return False
        self._seen.add(use.term)
        return True


def _is_silent(element: ET.Element) -> bool:
    """Whether nothing in an element is marked: what is no running text, or has a language of its
    own."""
    classes = element.get("class", "").split()
    silent = element.tag in _SILENT or not _SILENT_CLASSES.isdisjoint(classes)
    return silent or element.get("lang") is not None


def _mark(use: Use, text: str, language: str, number: int) -> ET.Element:
    """A term with its tip: the words of the other languages, and the meaning in the page's."""
    mark = ET.Element("span", {"class": "term", "data-term": use.term.slug})
    name = f"term-tip-{number}"
    word = ET.SubElement(mark, "dfn", {"tabindex": "0", "aria-describedby": name})
    word.text = AtomicString(text)
    # A tag of its own, so that neither styles of a span nor the search index take it for text.
    attributes = {"id": name, "role": "tooltip", "hidden": "hidden"}
    tip = ET.SubElement(mark, "x-term-tip", attributes)
    meaning = use.term.meaning(language)
    others = [code for code in use.term.languages if code != use.language]
    if not others:
        tip.text = AtomicString(meaning)
    for other in others:
        translation = ET.SubElement(tip, "b", {"lang": other})
        translation.text = AtomicString(use.term.name(other))
        translation.tail = AtomicString(f" {meaning}" if other == others[-1] else " ")
    return mark


def glossary_table(
    terms: Sequence[Term], language: str, languages: Mapping[str, str], level: int
) -> list[ET.Element]:
    """A heading of this level and a table for each group; each row has an id, `term-gradient`."""
    elements: list[ET.Element] = []
    for name, group in groupby(terms, lambda term: term.group(language)):
        members = list(group)
        if name:
            heading = ET.Element(f"h{level}", {"id": f"terms-{members[0].group_slug()}"})
            heading.text = AtomicString(name)
            elements.append(heading)
        table = ET.Element("table", {"class": "terms"})
        head = ET.SubElement(ET.SubElement(table, "thead"), "tr")
        for column in (*languages.values(), words(language).meaning):
            ET.SubElement(head, "th", {"scope": "col"}).text = AtomicString(column)
        body = ET.SubElement(table, "tbody")
        for term in members:
            row = ET.SubElement(body, "tr", {"id": f"term-{term.slug}"})
            for code in languages:
                _name_cell(row, term, code)
            ET.SubElement(row, "td").text = AtomicString(term.meaning(language))
        elements.append(table)
    return elements


def _name_cell(row: ET.Element, term: Term, code: str) -> None:
    """A term in one language, and its other names."""
    cell = ET.SubElement(row, "td", {"lang": code})
    cell.text = AtomicString(term.name(code))
    if variants := term.variants(code):
        cell.text = AtomicString(f"{cell.text} ")
        ET.SubElement(cell, "small").text = AtomicString(words(code).comma.join(variants))
