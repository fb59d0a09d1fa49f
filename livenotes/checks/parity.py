"""The two trees of pages compared, block by block.

The text itself differs, of course; what must be the same is everything that is not language:
headings, cells, values, formulas, links, boxes, and how many paragraphs stand in each section.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import partial

from livenotes.core.memo import Remember, call
from livenotes.core.problems import Problem
from livenotes.document.document import (
    Block,
    CellFence,
    CellValue,
    CodeFence,
    Document,
    Formula,
    Heading,
    IndentedCode,
    Link,
    Text,
)

_TRANSLATED = ("alt", "caption", "title")
_COUNTED = {"item": "list item", "table-row": "table row", "paragraph": "paragraph"}
_WORDS_IN_TEX = re.compile(r"\\(text|textrm|textbf|textit|mbox)\s*\{[^{}]*\}")


@dataclass(frozen=True)
class _Mark:
    """Something that both pages must have: `label` is equal on both sides."""

    label: str
    line: int


def compare_trees(
    zh: Sequence[Document], en: Sequence[Document], remember: Remember = call
) -> list[Problem]:
    """Every difference between two trees, page by page.

    A page in one language only is no fault but not translated yet (`livenotes.document.drafts`).
    """
    first, second = ({page.name: page for page in side} for side in (zh, en))
    problems: list[Problem] = []
    for name in first.keys() & second.keys():
        twins = (first[name], second[name])
        problems += remember(
            ("parity", first[name].path, second[name].path), twins, partial(compare_pages, *twins)
        )
    return sorted(problems)


def compare_pages(zh: Document, en: Document) -> list[Problem]:
    """The differences of two pages that should say the same.

    Of each kind of thing the first difference is told (one insertion would else make a hundred).
    Formulas, values and links may change places within a paragraph, as word order asks.
    """
    problems: list[Problem] = []
    kinds: tuple[tuple[str, Callable[[Document], list[_Mark]]], ...] = (
        ("heading", _headings),
        ("cell", _cells),
        ("fence", _fences),
        ("value", lambda page: _inline(page, _value)),
        ("formula", lambda page: _inline(page, _formula)),
        ("link", lambda page: _inline(page, _link)),
        ("box", _boxes),
    )
    for kind, marks in kinds:
        problems += _first_difference(kind, (zh, marks(zh)), (en, marks(en)))
    problems += _counts(zh, en)
    return problems


_Side = tuple[Document, list[_Mark]]


def _first_difference(kind: str, zh: _Side, en: _Side) -> Iterator[Problem]:
    (here, ours), (there, theirs) = zh, en
    left, right = [mark.label for mark in ours], [mark.label for mark in theirs]
    changes = [
        change
        for change in SequenceMatcher(None, left, right, autojunk=False).get_opcodes()
        if change[0] != "equal"
    ]
    if not changes:
        return
    what, i, _, j, _ = changes[0]
    more = sum(max(change[2] - change[1], change[4] - change[3]) for change in changes) - 1
    also = f" (and {more} more of the kind)" if more else ""
    if what == "replace":
        other = f"{theirs[j].label} in {there.path}:{theirs[j].line}"
        yield Problem(here.path, ours[i].line, f"{kind} {ours[i].label} here, {other}{also}")
    elif what == "delete":
        missing = f"{kind} {ours[i].label} is not in {_twin(here, ours[i].line, there)}"
        yield Problem(here.path, ours[i].line, missing + also)
    else:
        missing = f"{kind} {theirs[j].label} is not in {_twin(there, theirs[j].line, here)}"
        yield Problem(there.path, theirs[j].line, missing + also)


def _twin(page: Document, line: int, other: Document) -> str:
    """Where a line's twin should be: the other page's section of the same id."""
    above = [heading.id for heading in page.headings if heading.line < line and heading.id]
    same = [heading.line for heading in other.headings if heading.id in above[-1:]]
    return f"{other.path}:{same[0]} (section '#{above[-1]}')" if same else f"{other.path}:1"


def _headings(page: Document) -> list[_Mark]:
    return [_Mark(f"{'#' * h.level} {{#{h.id}}}", h.line) for h in page.headings]


def _cells(page: Document) -> list[_Mark]:
    marks = []
    for fence in page.cell_fences:
        options = [
            name if name in _TRANSLATED else f'{name}="{value}"'
            for name, value in sorted(fence.options.items())
        ]
        marks.append(_Mark(" ".join([f"'{fence.reference}'", *options]), fence.line))
    return marks


def _fences(page: Document) -> list[_Mark]:
    """The languages of other fences: what stands in them may hold words."""
    fences = (b for b in page.blocks if isinstance(b, CodeFence | IndentedCode))
    return [
        _Mark(f"'{b.language}'" if isinstance(b, CodeFence) else "by indent", b.line)
        for b in fences
    ]


def _boxes(page: Document) -> list[_Mark]:
    """Admonitions and tabs without their titles, HTML without its attributes."""
    marks = []
    for text in page.of(Text):
        if text.kind == "admonition":
            marks.append(_Mark(text.text.partition('"')[0].strip(), text.line))
        elif text.kind == "tab":
            marks.append(_Mark("tab", text.line))
        elif text.kind == "html":
            marks.append(_Mark(text.text, text.line))
    return marks


def _value(block: Block) -> str:
    return f"'{block.reference}'" if isinstance(block, CellValue) else ""


def _formula(block: Block) -> str:
    if not isinstance(block, Formula):
        return ""
    tex = "".join(_WORDS_IN_TEX.sub(r"\\text{}", block.tex).split())
    return f"$${tex}$$" if block.display else f"${tex}$"


def _link(block: Block) -> str:
    if not isinstance(block, Link):
        return ""
    return f"{'image ' if block.image else ''}<{block.target}>"


def _inline(page: Document, label: Callable[[Block], str]) -> list[_Mark]:
    """Marks in order of paragraphs, sorted within each."""
    marks: list[_Mark] = []
    paragraph: list[_Mark] = []
    for block in page.blocks:
        apart = isinstance(block, Text | Heading | CellFence) or (
            isinstance(block, Formula) and block.display
        )
        if apart:
            marks += sorted(paragraph, key=lambda mark: mark.label)
            paragraph = []
        if found := label(block):
            paragraph.append(_Mark(found, block.line))
    return marks + sorted(paragraph, key=lambda mark: mark.label)


def _counts(zh: Document, en: Document) -> Iterator[Problem]:
    """Paragraphs, list items and table rows of each section that both pages have."""
    theirs = dict(_sections(en))
    for section, (line, counts) in _sections(zh):
        other_line, other = theirs.get(section, (0, counts))
        for kind, name in _COUNTED.items():
            if counts[kind] != other[kind]:
                where = f"section '#{section}'" if section else "the part above the first heading"
                there = f"{other[kind]} in {en.path}:{other_line}"
                message = f"{where} has {counts[kind]} {name}s here, {there}"
                yield Problem(zh.path, line, message)
                break


def _sections(page: Document) -> list[tuple[str, tuple[int, Counter[str]]]]:
    """Heading id, line and counts of each section; headings without an id are left out."""
    sections = [("", (1, Counter[str]()))]
    for block in page.blocks:
        if isinstance(block, Heading):
            sections.append((block.id or f"line {block.line}", (block.line, Counter())))
        elif isinstance(block, Text):
            sections[-1][1][1][block.kind] += 1
    return [(name, counts) for name, counts in sections if not name.startswith("line ")]
