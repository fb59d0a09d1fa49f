"""Quotations of the notes are verbatim, or say that they are not.

`seed-notes.md` holds the notes as they were written, but for the folders of the lost pictures.

- On Chinese pages “…” in a correction box, in the first column of the errata and right after
  “笔记说” holds the notes' own words, white space and emphasis aside; what stands after “大意是” in
  its paragraph gives only the sense. Words that are not the notes' are written without “…” there.
- On English pages a box says "in translation" or "in substance" before the first words that it
  quotes. Code is quoted as it is, in both languages.
- The same holds for a blockquote; there the paragraph before it says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from chapters import PAGES as PUBLISHED

DOCS = Path(__file__).parents[2] / "docs"
PAGES = [f"{page}.md" for page in PUBLISHED]
SENSE = {"zh": "大意是", "en": r"[Ii]n (translation|substance)"}
QUOTED = re.compile(r"“((?:[^“”]|“[^“”]*”)*)”")
INTRODUCED = re.compile(
    r"笔记[^。“”|]{0,25}(?:说|写|写了一句|写的是|写道|记着|提到|说要|回答是|很好)[：，]?$"
)
CODE = re.compile(r"`[^`]+`|\$[^$]+\$")


def bare(text: str) -> str:
    """The text without white space and emphasis, with one shape for all quotation marks."""
    return re.sub("[“”‘’]", '"', re.sub(r"</?mark>|==|[\s`*$\\]", "", text))


NOTES = bare(Path(__file__).with_name("seed-notes.md").read_text("utf-8"))


def verbatim(quotation: str) -> bool:
    return all(bare(part) in NOTES for part in quotation.split("……"))


def boxes(text: str) -> Iterator[str]:
    """Correction boxes: the title, and below it the paragraphs without their cells."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if found := re.match(r' *!!! note "(?=更正|Correction)', line):
            inner = " " * (line.index("!") + 4)
            end = number + 1
            while end < len(lines) and (not lines[end].strip() or lines[end].startswith(inner)):
                end += 1
            rest = [row.removeprefix(inner) for row in lines[number + 1 : end]]
            kept = [row for row in rest if not row.lstrip().startswith("```")]
            yield "\n".join([line[found.end() :].removesuffix('"'), *kept])


def quotes(text: str) -> Iterator[tuple[str, str]]:
    """Each blockquote, after the paragraph before it."""
    before = ""
    for paragraph in re.split(r"\n\s*\n", text):
        if paragraph.lstrip().startswith(">"):
            yield before, re.sub(r"(?m)^\s*> ?", "", paragraph).strip()
        before = paragraph


def chinese_faults(text: str) -> Iterator[str]:
    strict = [paragraph for box in boxes(text) for paragraph in box.split("\n")]
    strict += [f"“{row}”" for row in errata(text)]
    for paragraph in strict + text.split("\n"):
        for found in QUOTED.finditer(paragraph):
            before = paragraph[: found.start()]
            checked = paragraph in strict or INTRODUCED.search(before)
            if checked and SENSE["zh"] not in before and not verbatim(found[1]):
                yield found[1]
    for before, words in quotes(text):
        if SENSE["zh"] not in before and not verbatim(words):
            yield words


def errata(text: str) -> Iterator[str]:
    """What the rows of the errata quote; nested quotation marks are single ones there."""
    for row in re.findall(r"(?m)^\| [BCF]\d+ (.*?) \|", text):
        yield from QUOTED.findall(row)


def english_faults(text: str) -> Iterator[str]:
    for box in boxes(text):
        _, _, body = box.partition("\n")
        for code in re.findall(r"[“\"](`[^`]+`)[”\"]", body):
            if not verbatim(code):
                yield code
        plain = CODE.sub("0", body)
        quoted = re.finditer(r"“[^”]*”|\"[^\"]*\"", plain)
        words = next((found for found in quoted if re.search("[A-Za-z]", found[0])), None)
        if words and not re.search(SENSE["en"], plain[: words.start()]):
            yield words[0]
    for before, words in quotes(text):
        if not re.search(SENSE["en"], before):
            yield words


def faults(name: str, text: str) -> list[str]:
    # Words that both a box and a sentence hold are told once.
    return [*dict.fromkeys((chinese_faults if name.startswith("zh") else english_faults)(text))]


@pytest.mark.parametrize("name", PAGES)
def test_quotations_of_the_notes_are_verbatim_or_marked(name: str) -> None:
    assert faults(name, (DOCS / name).read_text("utf-8")) == []


def test_a_changed_quotation_is_found_wherever_it_stands() -> None:
    place = 'X\n\n!!! note "更正：“{}”"\n    笔记里写的是：“{}”。\n\n    另一段，又说“{}”。\n\n'
    place += "笔记说“{}”，对。\n\n| C9 问“{}” | **有误。** | |\n\n> {}\n"
    right = "导数作用主要是进行梯度下降"
    count = place.count("{}")
    assert faults("zh/a.md", place.format(*[right] * count)) == []
    for changed in range(count):
        words = [right if k != changed else f"导数的作用{k}" for k in range(count)]
        assert faults("zh/a.md", place.format(*words)) == [words[changed]]


def test_every_quotation_on_the_pages_is_one_that_a_change_would_break() -> None:
    seen = 0
    for name in (name for name in PAGES if name.startswith("zh")):
        text = (DOCS / name).read_text("utf-8")
        for quotation in re.findall(r"写的是：“([^“”]{4,})”", text):
            seen += 1
            assert faults(name, text.replace(quotation, quotation[:-1] + "鑫")), quotation
    assert seen > 30


@pytest.mark.parametrize(
    ("language", "text", "found"),
    [
        ("zh", "    笔记的大意是：“导数只用来下降”。", []),
        ("zh", "    “大意是”之前的不算：“导数只用来下降”。", ["大意是"]),
        ("zh", "    笔记里写的是：“`torch.norm(u)`”。", []),
        ("zh", "    笔记里写的是：“线性回归有显示解……一般深度学习没有显示解”。", []),
        ("zh", "    笔记里写的是：“相当于‘黑盒’”。", []),
        ("en", "    The notes said, in translation: “it is a tree”. Not “a tree”.", []),
        ("en", "    In substance the notes said that it is “a tree”.", []),
        ("en", "    The notes said: “it is a tree”.", ["“it is a tree”"]),
        ("en", '    The notes said: "it is a tree".', ['"it is a tree"']),
        ("en", '    The notes said: "`torch.norm(u)`". That works.', []),
        ("en", "    The notes said: “`torch.norm(v)`”.", ["`torch.norm(v)`"]),
    ],
)
def test_marked_words_are_free_and_unmarked_ones_are_not(
    language: str, text: str, found: list[str]
) -> None:
    title = {"zh": "更正：题", "en": "Correction: title"}[language]
    assert faults(f"{language}/a.md", f'!!! note "{title}"\n{text}\n') == found
