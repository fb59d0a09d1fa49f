"""The one source of terms: docs/glossary.yml -> entries; where a text uses them; figures' words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path

import yaml

from livenotes.core.problems import LivenotesError, Problem

# The same loader in C, where PyYAML was built with it: ten times as fast.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_FORM = "- {zh: 梯度, en: gradient, meaning_zh: …, meaning_en: …}"
_LISTS = ("zh_variants", "en_variants", "zh_avoid")
_TOOLTIPS: Mapping[object, tuple[str, ...]] = {
    True: ("zh", "en"), False: (), "zh": ("zh",), "en": ("en",),
}  # fmt: skip


@dataclass(frozen=True)
class Term:
    """A term in both languages, with a one-line meaning in each, and other words for it.

    `zh_avoid` are words that the site does not write; `tooltip` are the languages in which the
    word always means the term (of English "copy" or Chinese "行" that cannot be said); `group_zh`
    and `group_en` are the heading above it in the table of all terms.
    """

    zh: str
    en: str
    meaning_zh: str
    meaning_en: str
    zh_variants: tuple[str, ...] = ()
    en_variants: tuple[str, ...] = ()
    zh_avoid: tuple[str, ...] = ()
    tooltip: tuple[str, ...] = ("zh", "en")
    group_zh: str = ""
    group_en: str = ""

    @property
    def slug(self) -> str:
        """The English term as a part of ids and addresses."""
        return slug(self.en)

    def name(self, language: str) -> str:
        return self.zh if language == "zh" else self.en

    def meaning(self, language: str) -> str:
        return self.meaning_zh if language == "zh" else self.meaning_en

    def variants(self, language: str) -> tuple[str, ...]:
        return self.zh_variants if language == "zh" else self.en_variants

    def names(self, language: str) -> tuple[str, ...]:
        """The term in a language, and its variants."""
        return self.name(language), *self.variants(language)

    def group(self, language: str) -> str:
        return self.group_zh if language == "zh" else self.group_en


def slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def load_glossary(file: Path, path: str) -> tuple[Term, ...]:
    """Read the glossary; none at all gives no terms. Raises LivenotesError."""
    if not file.is_file():
        return ()
    state = file.stat()
    return _read(file, path, state.st_mtime_ns, state.st_size)


def terms_of(file: Path) -> tuple[Term, ...]:
    """The terms, where a broken glossary is reported elsewhere: then none."""
    try:
        return load_glossary(file, f"{file.parent.name}/{file.name}")  # read once, as by others
    except LivenotesError:
        return ()


@lru_cache(maxsize=8)  # every page asks
def _read(file: Path, path: str, changed: int, size: int) -> tuple[Term, ...]:
    try:
        entries = yaml.load(file.read_text("utf-8"), _Loader) or []
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 0
        raise LivenotesError(Problem(path, line, "is not YAML", hint=_FORM)) from None
    terms: list[Term] = []
    try:
        for entry in entries:
            terms.append(_term(entry, terms[-1] if terms else None))
    except (KeyError, TypeError, AttributeError) as error:
        message = f"an entry lacks or misnames a key: {error}"
        raise LivenotesError(Problem(path, 0, message, hint=_FORM)) from None
    return tuple(terms)


def _term(entry: Mapping[str, object], above: Term | None) -> Term:
    unknown = entry.keys() - {field.name for field in fields(Term)} - {"group"}
    if unknown:
        raise KeyError(*sorted(unknown))
    group = entry.get("group", {"zh": above.group_zh, "en": above.group_en} if above else {})
    lists = {key: tuple(map(str, entry.get(key, ()))) for key in _LISTS}  # type: ignore[call-overload]
    texts = {key: str(entry[key]) for key in ("zh", "en", "meaning_zh", "meaning_en")}
    texts |= {f"group_{code}": str(name) for code, name in group.items()}  # type: ignore[attr-defined]
    tooltip = _TOOLTIPS[entry.get("tooltip", True)]
    return Term(**texts, **lists, tooltip=tooltip)  # type: ignore[arg-type]


def figure_terms(terms: tuple[Term, ...], language: str) -> dict[str, str]:
    """English terms in lower case -> the words of this language; figures speak English already."""
    if language != "zh":
        return {}
    return {word.lower(): term.zh for term in terms for word in (*term.en_variants, term.en)}


@dataclass(frozen=True)
class Use:
    """A place in a text where a term is named, and the language of that name."""

    start: int
    end: int
    term: Term
    language: str


class TermFinder:
    """Finds the names of all terms in a text: at each place the longest, then what follows it.

    Chinese names stand anywhere; English ones are whole words of any case, in the plural too, and
    may touch Chinese. Where a name has a blank, any white space will do; in Chinese none as well.
    """

    def __init__(self, terms: Iterable[Term]) -> None:
        self._named: dict[str, tuple[Term, str]] = {}
        names: dict[str, set[str]] = {"zh": set(), "en": set()}
        for term in terms:
            for language in ("en", "zh"):
                for name in term.names(language):
                    forms = _forms(name) if language == "en" else (name,)
                    names[language].update(forms)
                    for form in forms:
                        self._named.setdefault(_key(form), (term, language))
        chinese, english = _any_of(names["zh"], r"\s*"), _any_of(names["en"], r"\s+")
        pattern = f"{chinese}|(?<![A-Za-z0-9_])(?:{english})(?![A-Za-z0-9_])"
        self._pattern = re.compile(pattern, re.IGNORECASE)

    def find(self, text: str) -> Iterator[Use]:
        """Every use of a term, in order; no two overlap."""
        for match in self._pattern.finditer(text):
            term, language = self._named[_key(match[0])]
            yield Use(match.start(), match.end(), term, language)


@lru_cache(maxsize=4)
def term_finder(terms: tuple[Term, ...]) -> TermFinder:
    """A finder for these terms, made once."""
    return TermFinder(terms)


def _key(name: str) -> str:
    return "".join(name.split()).lower()


def _forms(name: str) -> tuple[str, ...]:
    """An English name and its plural."""
    if name.endswith("ix"):
        return name, f"{name[:-2]}ices"
    if name.endswith("xis"):
        return name, f"{name[:-2]}es"
    ending = "es" if name.endswith(("s", "x", "ch", "sh")) else "s"
    return name, f"{name}{ending}"


def _any_of(names: Iterable[str], blank: str) -> str:
    """A pattern for any of the names, the longest first; asks for the first letter to be fast."""
    rests: dict[str, list[str]] = {}
    for name in sorted(names, key=lambda name: (-len(name), name)):
        rest = blank.join(map(re.escape, name[1:].split(" ")))
        rests.setdefault(re.escape(name[0].lower()), []).append(rest)
    if not rests:
        return "(?!)"
    branches = "|".join(f"{first}(?:{'|'.join(rest)})" for first, rest in rests.items())
    return f"(?=[{''.join(rests)}])(?:{branches})"
