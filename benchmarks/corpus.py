"""A book of any number of chapters, made from our own: renamed, and no two of them alike.

Part 1 is our own eight chapters with torch, part 2 the same under other names, and so on. No cell
and no formula of a part is the same text as in another one, so that no cache of contents can take
one part's work for another's: with 64 real chapters, it could not either.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from benchmarks import ROOT, light
from livenotes.core.percent import Cell, Module, parse_module

LANGUAGES = ("zh", "en")
_WANTED = (
    "introduction", "tensors", "linear-algebra", "matrix-calculus",
    "chain-rule", "autograd", "linear-regression", "optimization",
)  # fmt: skip
# Where one of them was renamed or removed, another takes its place.
_THERE = [path.stem.replace("_", "-") for path in sorted((ROOT / "snippets").glob("*.py"))]
BASES = tuple(dict.fromkeys([*(n for n in _WANTED if n in _THERE), *_THERE]))[:8]

_FENCE = re.compile(r'^( *)```python cell="(\w+):([\w-]+)"(.*)$', re.M)
_VALUE = re.compile(r"`\{cell\} (\w+):([\w-]+)`")
_LINK = re.compile(r"\[([^\[\]]+)\]\(([a-z-]+)\.md(#[^)]*)?\)")
_FENCED_OR_CODE = re.compile(r"^( *)(`{3,}).*?^\1\2 *$|(`+)[^`].*?\3", re.M | re.S)
_FORMULA = re.compile(r"(?<!\\)\$\$(.+?)\$\$|(?<!\\)\$([^$]+?)(?<!\\)\$", re.S)
_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.S)

# What the cases change, in the first chapter: numbers of seven digits, and what becomes of them.
FIRST = 5_000_001
MARKS = {
    "paragraph": re.compile(r"(benchmark paragraph )\d{7}"),
    "cell": re.compile(r"(2 \* )\d{7}"),
    "helper": re.compile(r"(NUMBER = )\d{7}"),
}
HELPER = f'"""Edited by the benchmark, and imported by the first chapter."""\n\nNUMBER = {FIRST}\n'
_CELLS = f"""
# %% benchmark-cell
print("cell", 2 * {FIRST})

# %% benchmark-helper
from benchmark_helper import NUMBER

print("helper", 2 * NUMBER)
"""
_SECTION = f"""
## Benchmark {{#benchmark}}

A benchmark paragraph {FIRST}.

```python cell="MODULE:benchmark-cell"
```

```python cell="MODULE:benchmark-helper"
```
"""


@dataclass(frozen=True)
class Chapter:
    """One of our chapters in one part of the book."""

    base: str
    part: int
    first: bool = False

    @property
    def name(self) -> str:
        return f"{self.base}-{self.part:02}"

    @property
    def module(self) -> str:
        return self.name.replace("-", "_")


def chapters(count: int) -> list[Chapter]:
    """The first `count` chapters, eight a part."""
    return [Chapter(BASES[i % 8], i // 8 + 1, first=i == 0) for i in range(count)]


def light_chapters(count: int) -> list[Chapter]:
    """The first `count` chapters, at most eight, of the light book."""
    return [Chapter(base, 1, first=i == 0) for i, base in enumerate(light.BASES[:count])]


def parts(book: Sequence[Chapter]) -> dict[int, list[Chapter]]:
    found: dict[int, list[Chapter]] = {}
    for chapter in book:
        found.setdefault(chapter.part, []).append(chapter)
    return found


def module_of(chapter: Chapter) -> Module:
    """The chapter's module; every cell ends in a comment that names the part."""
    original = _original(chapter.base)
    lines = original.text.rstrip("\n").split("\n")
    for cell in reversed(original.cells):
        lines.insert(cell.last_line, f"# part {chapter.part}")
    text = "\n".join(lines) + "\n" + (_CELLS if chapter.first else "")
    return parse_module(text, chapter.module, f"snippets/{chapter.module}.py")


def page_of(chapter: Chapter, language: str, book: Sequence[Chapter]) -> str:
    """The chapter's page as livenotes reads it: names, references, links and formulas renamed."""
    text = _page(chapter.base, language)
    present = {other.base for other in book if other.part == chapter.part}

    def link(match: re.Match[str]) -> str:
        words, base, anchor = match.groups()
        if base not in present:
            return words
        return f"[{words}]({base}-{chapter.part:02}.md{anchor or ''})"

    text = _number_formulas(_LINK.sub(link, text), chapter.part)
    text = re.sub(r"^# (.+?) \{#", rf"# \1 {chapter.part} {{#", text, count=1, flags=re.M)
    text = _FENCE.sub(rf'\1```python cell="{chapter.module}:\3"\4', text)
    text = _VALUE.sub(rf"`{{cell}} {chapter.module}:\2`", text)
    return text + (_SECTION.replace("MODULE", chapter.module) if chapter.first else "")


def index_of(book: Sequence[Chapter]) -> str:
    """A page that links to every chapter."""
    links = "\n".join(f"- [{chapter.name}]({chapter.name}.md)" for chapter in book)
    return f"# Benchmark {{#benchmark}}\n\n{links}\n"


def split(page: str, module: Module) -> list[str | tuple[str, list[Cell]]]:
    """A page as text and cells in turn: a cell comes with its indent, after the hidden ones that
    stand before it in the module. Values in sentences are left as code, front matter out."""
    waiting = list(module.cells)
    pieces: list[str | tuple[str, list[Cell]]] = []
    page = _VALUE.sub(r"`\1:\2`", _FRONT_MATTER.sub("", page))
    place = 0
    for match in _FENCE.finditer(page):
        end = waiting.index(module.cell(match[3])) + 1
        pieces += [page[place : match.start()], (match[1], waiting[:end])]
        waiting = waiting[end:]
        place = page.index("\n", match.end() + 1)  # behind the line that closes the fence
    return [*pieces, page[place:]]


def add_places(root: Path, base: str) -> None:
    """Give a chapter of a real site the places that the cases edit."""
    module = base.replace("-", "_")
    additions = {f"snippets/{module}.py": _CELLS}
    for language in LANGUAGES:
        additions[f"docs/{language}/{base}.md"] = _SECTION.replace("MODULE", module)
    for name, text in additions.items():
        file = root / name
        file.write_text(file.read_text("utf-8") + text, "utf-8")
    (root / "snippets/benchmark_helper.py").write_text(HELPER, "utf-8")


def edit(files: Sequence[Path], kind: str, number: int) -> None:
    """Put another number in the place that `kind` names. ValueError where it is not there."""
    for file in files:
        text, count = MARKS[kind].subn(rf"\g<1>{number}", file.read_text("utf-8"))
        if not count:
            raise ValueError(f"{file} has no place for the edit of a {kind}")
        file.write_text(text, "utf-8")


def output_of(kind: str, number: int) -> str:
    """What a right page shows after the edit: never part of what was written."""
    return str(number) if kind == "paragraph" else str(2 * number)


@cache
def _original(base: str) -> Module:
    name = base.replace("-", "_")
    path = f"snippets/{name}.py"
    text = light.module_text(base) if base in light.BASES else (ROOT / path).read_text("utf-8")
    return parse_module(text, name, path)


def _page(base: str, language: str) -> str:
    if base in light.BASES:
        return light.page_text(base, language)
    return (ROOT / "docs" / language / f"{base}.md").read_text("utf-8")


def _number_formulas(page: str, part: int) -> str:
    """Widen every formula by a hair, so that it differs from the one in other parts."""
    front = _FRONT_MATTER.match(page)
    place = front.end() if front else 0
    pieces = [page[:place]]
    for code in [*_FENCED_OR_CODE.finditer(page, place), None]:
        prose = page[place : code.start() if code else len(page)]
        pieces += [
            _FORMULA.sub(lambda match: _numbered(match, part), prose),
            code[0] if code else "",
        ]
        place = code.end() if code else len(page)
    return "".join(pieces)


def _numbered(match: re.Match[str], part: int) -> str:
    hair = rf"\kern{part / 10_000:.4f}em"
    if match[2] is not None:
        return f"${match[2]}{hair}$"
    tex = match[1].rstrip()
    return f"$${tex}{hair}{match[1][len(tex) :]}$$"
