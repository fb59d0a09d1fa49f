"""Reads the glossary (docs/glossary.yml), and finds its terms in texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from reprlib import repr as shortened
from typing import Any

import yaml

from livenotes.core.problems import LivenotesError, Problem
from livenotes.core.words import has_blanks, has_plural
from livenotes.core.yamlkeys import LOADER, repeated_keys

_FORM = "- {zh: 梯度, en: gradient, meaning_zh: …, meaning_en: …}"
_MEANING = "meaning_"
_LISTS = ("variants", "avoid", "searched")
_OTHERS = ("group", "tooltip")
# A word may touch one of a language without blanks, such as Chinese, but no letter of its own.
_LETTER = r"[A-Za-z0-9_\u00c0-\u024f]"
_START, _END = f"(?<!{_LETTER})", f"(?!{_LETTER})"
_BLANK, _OPTIONAL = r"\s+", r"\s*"


@dataclass(frozen=True)
class Entry:
    """A term in one language.

    `meaning` is one line; `variants` are other names; `avoid` are words that the site must not
    use for it; `searched` are words that readers look for it by, and see nowhere; `group` is the
    heading above it in the table of all terms.
    """

    name: str
    meaning: str
    variants: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()
    group: str = ""
    searched: tuple[str, ...] = ()


@dataclass(frozen=True)
class Term:
    """A term: its languages and entries, in the glossary's order.

    `tooltip` are the languages in which the word always means the term, unlike English "copy" or
    Chinese "行".
    """

    entries: tuple[tuple[str, Entry], ...]
    tooltip: tuple[str, ...]

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(code for code, _ in self.entries)

    @property
    def slug(self) -> str:
        """Returns the term for ids and addresses, in the last language with Latin letters."""
        return next(filter(None, (slug(entry.name) for _, entry in reversed(self.entries))), "")

    def entry(self, language: str) -> Entry:
        """Returns the term in a language, or in the first one if the glossary lacks it."""
        return next((e for code, e in self.entries if code == language), self.entries[0][1])

    def name(self, language: str) -> str:
        return self.entry(language).name

    def meaning(self, language: str) -> str:
        return self.entry(language).meaning

    def variants(self, language: str) -> tuple[str, ...]:
        return self.entry(language).variants

    def names(self, language: str) -> tuple[str, ...]:
        """Returns the term in a language, and its variants."""
        entry = self.entry(language)
        return entry.name, *entry.variants

    def avoided(self, language: str) -> tuple[str, ...]:
        """Returns the words of a language that the site must not use for the term."""
        return next((entry.avoid for code, entry in self.entries if code == language), ())

    def group(self, language: str) -> str:
        return self.entry(language).group

    def group_slug(self) -> str:
        """Returns the group's heading for ids."""
        return next(filter(None, (slug(entry.group) for _, entry in reversed(self.entries))), "")


def slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def load_glossary(file: Path, path: str) -> tuple[Term, ...]:
    """Reads the glossary. Without a file there are no terms. Raises LivenotesError."""
    if not file.is_file():
        return ()
    state = file.stat()
    return _read(file, path, state.st_mtime_ns, state.st_size)


def terms_of(file: Path) -> tuple[Term, ...]:
    """Returns the terms, or none if the glossary is broken, which others report."""
    try:
        return load_glossary(file, f"{file.parent.name}/{file.name}")
    except LivenotesError:
        return ()


@lru_cache(maxsize=8)  # every page asks
def _read(file: Path, path: str, changed: int, size: int) -> tuple[Term, ...]:
    try:
        loader = LOADER(file.read_text("utf-8"))
        root: Any = loader.get_single_node()
        entries = (loader.construct_document(root) if root else None) or []
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 0
        raise LivenotesError(Problem(path, line, "is not YAML", hint=_FORM)) from None
    if not isinstance(entries, list):
        raise LivenotesError(Problem(path, 1, "is no list of entries", hint=_FORM))
    for key, line, above in repeated_keys(root):
        message = f"'{key}' stands already in line {above}: each entry begins with a dash"
        raise LivenotesError(Problem(path, line, message, hint=_FORM))
    terms: list[Term] = []
    named: set[tuple[str, str]] = set()
    for number, entry in enumerate(entries):
        try:
            terms.append(make_term(entry, terms[-1] if terms else None))
            for code, own in terms[-1].entries:
                if (code, _key(own.name)) in named:
                    raise ValueError(f"'{own.name}' has an entry already")
                named.add((code, _key(own.name)))
        except (ValueError, RecursionError) as error:
            line = root.value[number].start_mark.line + 1
            raise LivenotesError(Problem(path, line, str(error), hint=_FORM)) from None
    return tuple(terms)


def make_term(entry: object, above: Term | None = None) -> Term:
    """Makes a term from an entry of the glossary.

    It has the languages of the term above, and its group unless it names one. The first term has
    the languages that it has a name in. Raises ValueError, which says what is wrong.
    """
    if not isinstance(entry, Mapping):
        raise ValueError(f"an entry is no list of keys and texts: {shortened(entry)[:40]}")
    codes = above.languages if above else tuple(k for k in entry if _is_name(str(k)))
    name = next((str(entry[code]) for code in codes if code in entry), "")
    _check_keys(entry, codes, name)
    group = entry.get("group", {code: above.group(code) for code in codes} if above else {})
    if not isinstance(group, Mapping):
        raise ValueError(f"the group of '{name}' needs a text for each language")
    made = [
        (code, Entry(
            _text(entry, code), _text(entry, f"{_MEANING}{code}"),
            _texts(entry, f"{code}_variants"), _texts(entry, f"{code}_avoid"),
            str(group.get(code, "")), _texts(entry, f"{code}_searched"),
        ))
        for code in codes
    ]  # fmt: skip
    tooltip = entry.get("tooltip", True)
    if not isinstance(tooltip, bool) and tooltip not in codes:
        raise ValueError(f"the tooltip of '{name}' must be true, false or a language of the site")
    shown = (codes if tooltip else ()) if isinstance(tooltip, bool) else (str(tooltip),)
    return Term(tuple(made), shown)


def _is_name(key: str) -> bool:
    """Whether a key is that of the term itself in a language."""
    return key not in _OTHERS and "_" not in key


def _check_keys(entry: Mapping[str, object], codes: Sequence[str], name: str) -> None:
    needed = [key for code in codes for key in (code, f"{_MEANING}{code}")]
    optional = [f"{code}_{kind}" for code in codes for kind in _LISTS]
    known = {*_OTHERS, *needed, *optional}
    if unknown := [str(key) for key in entry if key not in known]:
        near = get_close_matches(unknown[0], known, 1)
        meant = f"; did you mean '{near[0]}'?" if near else ""
        raise ValueError(f"the entry '{name}' has an unknown key '{unknown[0]}'{meant}")
    if missing := [key for key in needed or [_MEANING] if key not in entry]:
        raise ValueError(f"the entry '{name}' lacks '{missing[0]}'")


def _text(entry: Mapping[str, object], key: str) -> str:
    """Returns a text. YAML takes `no` for false, and `1e3` for a number."""
    if not isinstance(text := entry[key], str):
        raise ValueError(f"YAML takes '{key}' for {text!r}; write it in quotes")
    return text


def _texts(entry: Mapping[str, object], key: str) -> tuple[str, ...]:
    given = entry.get(key) or ()
    if not isinstance(given, list | tuple):
        raise ValueError(f"'{key}' must be a list: [{given}]")
    return tuple(_text({key: each}, key) for each in given)


@lru_cache(maxsize=8)  # every page asks
def figure_terms(terms: tuple[Term, ...], language: str) -> dict[str, str]:
    """Returns the words that replace those of other languages (in lower case) in figures."""
    words = {
        word.lower(): term.name(language)
        for term in terms
        for code in term.languages
        if code != language
        for word in (*term.variants(code), term.name(code))
    }
    own = {word.lower() for term in terms for word in term.names(language)}
    return {word: translated for word, translated in words.items() if word not in own}


@dataclass(frozen=True)
class Use:
    """A place in a text that names a term, and the language of that name."""

    start: int
    end: int
    term: Term
    language: str


class TermFinder:
    """Finds the names of all terms in a text, at each place the longest.

    Names in a language without blanks, such as Chinese, match anywhere; others match whole words
    of any case, in English singular or plural. A blank in a name matches any white space; in a
    language without blanks also none.
    """

    def __init__(self, terms: Iterable[Term]) -> None:
        self._named: dict[str, tuple[Term, str]] = {}
        anywhere: set[str] = set()  # names in languages without blanks
        words: set[str] = set()
        for term in terms:
            for language in reversed(term.languages):
                for name in term.names(language):
                    forms = _forms(name) if has_plural(language) else (name,)
                    (words if has_blanks(language) else anywhere).update(forms)
                    for form in forms:
                        self._named.setdefault(_key(form), (term, language))
        pattern = f"{_any_of(anywhere, _OPTIONAL)}|{_START}(?:{_any_of(words, _BLANK)}){_END}"
        self._pattern = re.compile(pattern, re.IGNORECASE)

    def find(self, text: str) -> Iterator[Use]:
        """Yields every use of a term, in order, without overlaps."""
        for match in self._pattern.finditer(text):
            term, language = self._named[_key(match[0])]
            yield Use(match.start(), match.end(), term, language)


@lru_cache(maxsize=4)
def term_finder(terms: tuple[Term, ...]) -> TermFinder:
    """Returns a finder for these terms; the same one for the same terms."""
    return TermFinder(terms)


def _key(name: str) -> str:
    return "".join(name.split()).lower()


def _forms(name: str) -> tuple[str, ...]:
    """Returns an English name and its plural."""
    if name.endswith("ix"):
        return name, f"{name[:-2]}ices"
    if name.endswith("xis"):
        return name, f"{name[:-2]}es"
    ending = "es" if name.endswith(("s", "x", "ch", "sh")) else "s"
    return name, f"{name}{ending}"


def _any_of(names: Iterable[str], blank: str) -> str:
    """Returns a pattern for any of the names, the longest first.

    It tests the first letter before anything else, which makes it fast.
    """
    rests: dict[str, list[str]] = {}
    for name in sorted(names, key=lambda name: (-len(name), name)):
        rest = blank.join(map(re.escape, name[1:].split(" ")))
        rests.setdefault(re.escape(name[0].lower()), []).append(rest)
    if not rests:
        return "(?!)"
    branches = "|".join(f"{first}(?:{'|'.join(rest)})" for first, rest in rests.items())
    return f"(?=[{''.join(rests)}])(?:{branches})"
