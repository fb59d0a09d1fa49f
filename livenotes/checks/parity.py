"""The two trees compared, block by block, and translations that have fallen behind.

The text itself differs, of course; what must be the same is everything that is not language:
headings, cells, values, formulas, links, boxes, and how many paragraphs stand in each section.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from pathlib import Path

from livenotes.checks.history import Line, blame, newest_first
from livenotes.core.problems import Problem
from livenotes.document.pages import (
    Block,
    CellFence,
    CellValue,
    CodeFence,
    Formula,
    Heading,
    IndentedCode,
    Link,
    Page,
    Text,
    parse_page,
)

_TRANSLATED = ("alt", "caption", "title")
_COUNTED = {"item": "list item", "table-row": "table row", "paragraph": "paragraph"}
_WORDS_IN_TEX = re.compile(r"\\(text|textrm|textbf|textit|mbox)\s*\{[^{}]*\}")


@dataclass(frozen=True)
class _Mark:
    """Something that both pages must have: `label` is equal on both sides."""

    label: str
    line: int


def compare_trees(zh: Sequence[Page], en: Sequence[Page]) -> list[Problem]:
    """Every difference between two trees: pages by name, then page by page."""
    first, second = ({page.name: page for page in side} for side in (zh, en))
    problems: list[Problem] = []
    for here, there in ((first, second), (second, first)):
        language = next((page.language for page in there.values()), "the other language")
        for name in here.keys() - there.keys():
            hint = f"Write its twin, {language}/{name}.md, or remove the page."
            problems.append(Problem(here[name].path, 0, "a page in one language only", hint=hint))
    for name in first.keys() & second.keys():
        problems += _compared(first[name], second[name])
    return sorted(problems)


@lru_cache(maxsize=4096)  # a server compares all pages at every save
def _compared(zh: Page, en: Page) -> tuple[Problem, ...]:
    return tuple(compare_pages(zh, en))


def compare_pages(zh: Page, en: Page) -> list[Problem]:
    """The differences of two pages that should say the same.

    Of each kind of thing the first difference is told (one insertion would else make a hundred).
    Formulas, values and links may change places within a paragraph, as word order asks.
    """
    problems: list[Problem] = []
    kinds: tuple[tuple[str, Callable[[Page], list[_Mark]]], ...] = (
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


_Side = tuple[Page, list[_Mark]]


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


def _twin(page: Page, line: int, other: Page) -> str:
    """Where a line's twin should be: the other page's section of the same id."""
    above = [heading.id for heading in page.headings if heading.line < line and heading.id]
    same = [heading.line for heading in other.headings if heading.id in above[-1:]]
    return f"{other.path}:{same[0]} (section '#{above[-1]}')" if same else f"{other.path}:1"


def _headings(page: Page) -> list[_Mark]:
    return [_Mark(f"{'#' * h.level} {{#{h.id}}}", h.line) for h in page.headings]


def _cells(page: Page) -> list[_Mark]:
    marks = []
    for fence in page.cell_fences:
        options = [
            name if name in _TRANSLATED else f'{name}="{value}"'
            for name, value in sorted(fence.options.items())
        ]
        marks.append(_Mark(" ".join([f"'{fence.reference}'", *options]), fence.line))
    return marks


def _fences(page: Page) -> list[_Mark]:
    """The languages of other fences: what stands in them may hold words."""
    fences = (b for b in page.blocks if isinstance(b, CodeFence | IndentedCode))
    return [
        _Mark(f"'{b.language}'" if isinstance(b, CodeFence) else "by indent", b.line)
        for b in fences
    ]


def _boxes(page: Page) -> list[_Mark]:
    """Admonitions and tabs without their titles, HTML without its attributes."""
    marks = []
    for text in page.of(Text):
        if text.kind in ("admonition", "tab"):
            marks.append(_Mark(text.text.partition('"')[0].strip(), text.line))
        elif text.kind == "html":
            tag = re.match(r"<[\w-]+", text.text)
            marks.append(_Mark(f"{tag[0]}>" if tag else text.text, text.line))
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


def _inline(page: Page, label: Callable[[Block], str]) -> list[_Mark]:
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


def _counts(zh: Page, en: Page) -> Iterator[Problem]:
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


def _sections(page: Page) -> list[tuple[str, tuple[int, Counter[str]]]]:
    """Heading id, line and counts of each section; headings without an id are left out."""
    sections = [("", (1, Counter[str]()))]
    for block in page.blocks:
        if isinstance(block, Heading):
            sections.append((block.id or f"line {block.line}", (block.line, Counter())))
        elif isinstance(block, Text):
            sections[-1][1][1][block.kind] += 1
    return [(name, counts) for name, counts in sections if not name.startswith("line ")]


def outdated(zh_path: str, en_path: str, root: Path) -> list[Problem]:
    """Sections changed in one language by a later commit, of another day, than in the other.

    Committed history counts, one blame for each file; lines that were only deleted leave no trace
    there. Without git, outside a repository or in a shallow clone nothing is known: no problems.
    """
    order = newest_first((zh_path, en_path), root)
    pages = [(path, blame(path, root)) for path in (zh_path, en_path)]
    if not order or not all(lines for _, lines in pages):
        return []
    (zh, en) = ((path, _last_changes(path, lines, order)) for path, lines in pages)
    problems = []
    for section in zh[1].keys() & en[1].keys():
        newer, older = sorted((zh, en), key=lambda side: order[side[1][section][1].commit])
        (new_line, change), (old_line, old) = newer[1][section], older[1][section]
        if order[change.commit] < order[old.commit] and change.date != old.date:
            name = f"section '#{section}'" if section else "the part above the first heading"
            changed = f"{newer[0]}:{new_line} was changed on {change.date} ({change.commit[:9]})"
            message = f"{name} may have fallen behind: {changed}, this on {old.date}"
            problems.append(Problem(older[0], old_line, message))
    return sorted(problems)


def _last_changes(
    path: str, lines: Sequence[Line], order: dict[str, int]
) -> dict[str, tuple[int, Line]]:
    """Line and last changed line of each section, by heading id."""
    page = parse_page("\n".join(line.text for line in lines), path)
    starts = [("", 1), *((heading.id, heading.line) for heading in page.headings)]
    ends = [line for _, line in starts[1:]] + [len(lines) + 1]
    changes = {}
    for (section, start), end in zip(starts, ends, strict=True):
        inside = [line for line in lines[start - 1 : end - 1] if line.text.strip()]
        if inside and (section or start == 1) and section not in changes:
            changes[section] = (start, min(inside, key=lambda line: order[line.commit]))
    return changes
