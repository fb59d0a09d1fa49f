"""The one source of terms: docs/glossary.yml -> entries, and English to Chinese for figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from livenotes.errors import LivenotesError, Problem

_FORM = "- {zh: 梯度, en: gradient, meaning_zh: …, meaning_en: …}"


@dataclass(frozen=True)
class Term:
    """A term in both languages, with a one-line meaning in each, and other words for it."""

    zh: str
    en: str
    meaning_zh: str
    meaning_en: str
    zh_variants: tuple[str, ...] = ()
    en_variants: tuple[str, ...] = ()


def load_glossary(file: Path, path: str) -> tuple[Term, ...]:
    """Read the glossary; none at all gives no terms. Raises LivenotesError."""
    if not file.is_file():
        return ()
    try:
        entries = yaml.safe_load(file.read_text("utf-8")) or []
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 0
        raise LivenotesError(Problem(path, line, "is not YAML", hint=_FORM)) from None
    try:
        return tuple(_term(entry) for entry in entries)
    except (KeyError, TypeError, AttributeError) as error:
        message = f"an entry lacks or misnames a key: {error}"
        raise LivenotesError(Problem(path, 0, message, hint=_FORM)) from None


def _term(entry: Mapping[str, object]) -> Term:
    variants = {
        key: tuple(map(str, entry.get(key, ())))  # type: ignore[call-overload]
        for key in ("zh_variants", "en_variants")
    }
    texts = {key: str(entry[key]) for key in ("zh", "en", "meaning_zh", "meaning_en")}
    return Term(**texts, **variants)  # type: ignore[arg-type]


def figure_terms(terms: tuple[Term, ...], language: str) -> dict[str, str]:
    """English terms in lower case -> the words that a figure shows on pages of this language."""
    words = {
        word.lower(): term.zh if language == "zh" else word
        for term in terms
        for word in (*term.en_variants, term.en)
    }
    return words if language == "zh" else {word: word for word in words}
