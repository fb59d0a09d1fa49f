"""Chapters and places that tests read, found by what the pages hold: no test names a chapter."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache

from chapters import CHAPTER_PAIRS, LANGUAGES, NAV, ROOT
from documents import read_document

from livenotes.core.percent import read_module
from livenotes.document.document import CellFence, Document, Formula, Heading


@cache
def source(name: str, language: str) -> str:
    return (ROOT / "docs" / language / f"{name}.md").read_text("utf-8")


@cache
def page(name: str, language: str) -> Document:
    return read_document(ROOT / f"docs/{language}/{name}.md", f"docs/{language}/{name}.md")


def most(pattern: str, *languages: str) -> list[str]:
    """The chapters with this on their pages, those that have most of it first."""
    found = re.compile(pattern, re.MULTILINE)
    counts = {
        name: min(len(found.findall(source(name, code))) for code in languages or LANGUAGES)
        for name in CHAPTER_PAIRS
    }
    return sorted((name for name in counts if counts[name]), key=lambda name: -counts[name])


def _places(*patterns: str) -> Callable[[str], int]:
    """How far behind a chapter is, over all that a reader may meet."""
    ranks = [most(pattern) for pattern in patterns]
    return lambda name: sum(
        rank.index(name) if name in rank else len(CHAPTER_PAIRS) for rank in ranks
    )


IN_ORDER = [name for name in NAV if name in CHAPTER_PAIRS]
# Chapters that have much of everything; the one that most tests read is not the last to be read.
RICH = sorted(
    IN_ORDER[:-1],
    key=_places(r' cell="', r"^\$\$", r"^\?\?\? ", r"^### ", r"^\d\. ", r"-solution\"", r"\]\("),
)
CHAPTER, OTHER = RICH[:2]
NEXT = NAV[NAV.index(CHAPTER) + 1]
FORMULAS = most(r"(?<!\$)\$(?!\$)")
BLACKBOARD = most(r"\\mathbb")
FIGURES = most(r'cell="[^"]+" .*\balt="')
CLINGING = most(r"[^$]\$[，。、；：！？）》」]", "zh")  # punctuation right behind a formula
ADDRESSES = most(r"\]\(https://")
TABS = most(r'^=== "')
CHINESE_WORDS = most("[\u4e00-\u9fff]", "en")


def _cells(document: Document) -> list[CellFence]:
    """The cells that stand in no box."""
    lines = document.source.text.split("\n")
    return [fence for fence in document.cell_fences if lines[fence.line - 1].startswith("`")]


def cell(reference: str) -> str:
    """How a style sheet names a cell."""
    return f'.cell[data-cell="{reference}"]'


def _longest_cell() -> str:
    """The cell of CHAPTER that shows the most lines of code, but folded ones."""
    document = page(CHAPTER, "en")
    file = ROOT / "snippets" / f"{document.module}.py"
    lines = {
        each.name: each.source.count("\n")
        for each in read_module(file, file.name).cells
        if not {"fold-source", "solution", "hide"} & {*each.tags}
    }
    return max(_cells(document), key=lambda fence: lines.get(fence.cell, 0)).reference


def _paragraph() -> str:
    """The longest paragraph of CHAPTER that stands right below a cell."""
    found: dict[str, int] = {}
    for language in LANGUAGES:
        document = page(CHAPTER, language)
        below = document.source.text.split("\n")
        for fence in _cells(document):
            line = below[fence.line + 2] if fence.line + 2 < len(below) else ""
            if re.match(r"[^\W\d]|\[", line):
                found[fence.reference] = found.get(fence.reference, 0) + len(line)
    return f"{cell(max(found, key=lambda reference: found[reference]))} + "


def _formula() -> str:
    """The first formula of CHAPTER on lines of its own, right in a section."""
    document, section = page(CHAPTER, "en"), ""
    lines = document.source.text.split("\n")
    for block in document.blocks:
        if isinstance(block, Heading) and block.level > 1:
            section = block.id
        elif section and isinstance(block, Formula) and lines[block.line - 1].startswith("$$"):
            return f"#{section} + .section div.arithmatex"
    raise LookupError(f"{CHAPTER} has no formula on lines of its own")


def _plain_subheadings() -> Iterator[tuple[str, dict[str, str]]]:
    pattern = re.compile(r"^### ([^$`*\[\]]+?) \{#([\w-]+)\}", re.MULTILINE)
    titles = {
        code: {id: title for title, id in pattern.findall(source(CHAPTER, code))}
        for code in LANGUAGES
    }
    for id in titles[LANGUAGES[0]]:
        if all(id in titles[code] for code in LANGUAGES):
            yield id, {code: titles[code][id] for code in LANGUAGES}


LONG_CELL = cell(_longest_cell())
BELOW_A_CELL = _paragraph()
FORMULA = _formula()
LONG_FORMULA = most(r"^\$\$[^$]{150}", "en")[0]
# A heading inside of a section of CHAPTER, with its words in each language.
SUBHEADING, TITLES = next(_plain_subheadings())
# Where a sentence of CHAPTER leads that another chapter follows.
LINKED = next(
    link.target.partition(".md")[0]
    for link in page(CHAPTER, "en").links
    if link.target.partition(".md")[0] in IN_ORDER[:-1] and link.target != f"{CHAPTER}.md"
)
