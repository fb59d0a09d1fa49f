"""A broken entry of the glossary is told with its line and what to write."""

from __future__ import annotations

from pathlib import Path

import pytest

from livenotes.core.glossary import load_glossary
from livenotes.core.problems import LivenotesError

GOOD = "- {zh: 梯度, en: gradient, meaning_zh: 向量, meaning_en: vector}\n"


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("- {zh: 损失, en: loss, meaning_en: x}", 2, "the entry '损失' lacks 'meaning_zh'"),
        ("# a word\n\n- zh: 损失\n  en: loss\n  meaning_zh: x\n", 4, "lacks 'meaning_en'"),
        ("- {zh: 损失, en: loss, meaning_zh: x, meanng_en: y}", 2,
         "unknown key 'meanng_en'; did you mean 'meaning_en'?"),
        ("- loss", 2, "an entry is no list of keys and texts: 'loss'"),
        ("- {zh: 损失, en: loss, meaning_zh: x, meaning_en: y, en_variants: cost}", 2,
         "'en_variants' must be a list: [cost]"),
        ("- {zh: 否, en: no, meaning_zh: x, meaning_en: y}", 2, "takes 'en' for False"),
        ("- {zh: 空, en: null, meaning_zh: x, meaning_en: y}", 2, "takes 'en' for None"),
        ("- {zh: 步, en: step, meaning_zh: x, meaning_en: 1.0e+3}", 2, "'meaning_en' for 1000.0"),
        ("- {zh: 步, en: step, meaning_zh: x, meaning_en: y, en_variants: [2026-01-02]}", 2,
         "takes 'en_variants' for datetime.date(2026, 1, 2); write it in quotes"),
        ("- {zh: 导数, en: Gradient, meaning_zh: x, meaning_en: y}", 2, "'Gradient' has an entry"),
        ("- {zh: 梯 度, en: slope, meaning_zh: x, meaning_en: y}", 2, "'梯 度' has an entry"),
        ("- {zh: 损失, en: loss, meaning_zh: x, meaning_en: y, tooltip: fr}", 2, "the tooltip of"),
        ("- {zh: 损失, en: loss, meaning_zh: x, meaning_en: y, group: A}", 2, "the group of"),
        ("- zh: 损失\n  en: loss\n  meaning_zh: x\n  meaning_en: y\n\n  zh: 步\n  en: step", 7,
         "'zh' stands already in line 2: each entry begins with a dash"),
    ],
)  # fmt: skip
def test_an_entry_is_told_with_its_line(tmp_path: Path, text: str, line: int, message: str) -> None:
    file = tmp_path / "glossary.yml"
    file.write_text(f"{GOOD}{text}\n{GOOD}", "utf-8")
    with pytest.raises(LivenotesError) as error:
        load_glossary(file, "docs/glossary.yml")
    (problem,) = error.value.problems
    assert (problem.path, problem.line) == ("docs/glossary.yml", line)
    assert message in problem.message
    assert problem.hint.startswith("- {zh")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- {zh: 梯度, en: gradient, meaning_en: x}", "the entry '梯度' lacks 'meaning_zh'"),
        ("- {meaning_en: x}", "the entry '' has an unknown key 'meaning_en'"),
        ("gradient: vector", "is no list of entries"),
        ("gradient", "is no list of entries"),
        ("- " * 3000 + "a", "an entry is no list of keys and texts: [["),
    ],
)
def test_so_is_the_first_one(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "glossary.yml"
    file.write_text(text, "utf-8")
    with pytest.raises(LivenotesError, match=r"glossary\.yml:1: ") as error:
        load_glossary(file, "docs/glossary.yml")
    assert message in str(error.value)
