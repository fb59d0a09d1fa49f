"""What docs/glossary.yml, the one source of terms, promises its readers and the figure renderer."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from livenotes.core.glossary import load_glossary

GLOSSARY = Path(__file__).parents[2] / "docs" / "glossary.yml"
REQUIRED = ["zh", "en", "meaning_zh", "meaning_en"]
VARIANTS = ["zh_variants", "en_variants", "zh_avoid"]
SEARCHED = ["zh_searched", "en_searched"]
ORDER = ["group", *REQUIRED, *VARIANTS, *SEARCHED, "tooltip"]
CHINESE = r"[\u3400-\u9fff]"
ASCII_PUNCTUATION = r"[!-/:-@\[-`{-~]"
MIXED_PUNCTUATION = re.compile(f"{CHINESE}{ASCII_PUNCTUATION}|{ASCII_PUNCTUATION}{CHINESE}")


@pytest.fixture(scope="module")
def entries() -> list[dict[str, Any]]:
    parsed = yaml.safe_load(GLOSSARY.read_text(encoding="utf-8"))
    assert isinstance(parsed, list) and parsed, "expected a YAML list with one entry a term"
    assert all(isinstance(entry, dict) for entry in parsed), "expected each entry to be a mapping"
    return parsed


def names(entry: dict[str, Any], language: str) -> list[str]:
    """The term of an entry in a language, followed by its variants."""
    return [entry[language], *entry.get(f"{language}_variants", [])]


def repeated(words: list[str]) -> list[str]:
    return [word for word, count in Counter(words).items() if count > 1]


def test_every_entry_has_the_four_keys_as_non_empty_text(entries: list[dict[str, Any]]) -> None:
    for entry in entries:
        for key in REQUIRED:
            value = entry.get(key)
            assert isinstance(value, str) and value.strip() == value != "", (key, entry)


def test_keys_stand_in_the_agreed_order(entries: list[dict[str, Any]]) -> None:
    for entry in entries:
        assert list(entry) == [key for key in ORDER if key in entry], entry


def test_variants_are_non_empty_lists_of_text(entries: list[dict[str, Any]]) -> None:
    for entry in entries:
        for key in entry.keys() & {*VARIANTS, *SEARCHED}:
            variants = entry[key]
            assert isinstance(variants, list) and variants, entry
            assert all(isinstance(word, str) and word.strip() for word in variants), entry


def test_no_entry_swallows_its_neighbour(entries: list[dict[str, Any]]) -> None:
    # YAML keeps the last of two equal keys, so a lost "- " would drop a term without an error.
    lines = GLOSSARY.read_text(encoding="utf-8").splitlines()
    assert sum(bool(re.match(r"(- |  )zh:", line)) for line in lines) == len(entries)


def test_chinese_names_are_unique_with_variants(entries: list[dict[str, Any]]) -> None:
    assert repeated([name for entry in entries for name in names(entry, "zh")]) == []


def test_no_name_is_a_word_to_avoid(entries: list[dict[str, Any]]) -> None:
    chinese = {name for entry in entries for name in names(entry, "zh")}
    avoided = [word for entry in entries for word in entry.get("zh_avoid", [])]
    assert repeated(avoided) == []
    assert [word for word in avoided if word in chinese] == []


def test_a_tooltip_is_switched_off_for_both_languages_or_for_one(
    entries: list[dict[str, Any]],
) -> None:
    assert [e for e in entries if e.get("tooltip", False) not in (False, "zh", "en")] == []


def test_one_chinese_character_is_never_a_term_by_itself_in_the_text(
    entries: list[dict[str, Any]],
) -> None:
    short = [entry for entry in entries if len(entry["zh"]) == 1]
    assert short
    assert [
        entry["zh"] for entry in short if entry.get("tooltip", "both") not in (False, "en")
    ] == []


def test_groups_have_a_name_in_both_languages_and_the_first_entry_begins_one(
    entries: list[dict[str, Any]],
) -> None:
    groups = [entry["group"] for entry in entries if "group" in entry]
    assert "group" in entries[0]
    assert all(list(group) == ["zh", "en"] for group in groups)
    assert repeated([group["en"] for group in groups]) == []


def test_each_term_has_an_address_of_its_own() -> None:
    assert repeated([term.slug for term in load_glossary(GLOSSARY, "docs/glossary.yml")]) == []


def test_english_names_are_unique_whatever_their_case(entries: list[dict[str, Any]]) -> None:
    assert repeated([name.lower() for entry in entries for name in names(entry, "en")]) == []


def test_english_names_are_ascii(entries: list[dict[str, Any]]) -> None:
    # Figures draw them, and the fonts of a build machine may lack other glyphs.
    english = [name for entry in entries for name in names(entry, "en")]
    assert [name for name in english if not name.isascii()] == []


def test_chinese_meanings_use_full_width_punctuation(entries: list[dict[str, Any]]) -> None:
    meanings = [entry["meaning_zh"] for entry in entries]
    assert [meaning for meaning in meanings if MIXED_PUNCTUATION.search(meaning)] == []
    assert [meaning for meaning in meanings if not meaning.endswith("。")] == []


def test_meanings_fit_on_one_plain_line(entries: list[dict[str, Any]]) -> None:
    for entry in entries:
        zh, en = entry["meaning_zh"], entry["meaning_en"]
        assert len(zh) <= 60 and len(en.split()) <= 20, entry
        assert not re.search(r"[\n$\\]", zh + en), entry
        assert en.endswith(".") and not re.search(CHINESE, en), entry


def test_a_meaning_does_not_repeat_its_term(entries: list[dict[str, Any]]) -> None:
    for entry in entries:
        for name in names(entry, "zh"):
            assert name not in entry["meaning_zh"], (name, entry["meaning_zh"])
        for name in names(entry, "en"):
            word = rf"\b{re.escape(name)}\b"
            assert not re.search(word, entry["meaning_en"], re.IGNORECASE), (name, entry)
