"""`livenotes fences`: writes into pages the fences of the cells that they do not show yet."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator

from livenotes.core.percent import Module
from livenotes.document.document import Document

_FENCE = re.compile(r"(?P<before>[ >]*)(?P<marks>`{3,}|~{3,}).*")


def with_fences(
    page: Document, module: Module, figures: Collection[str] = (), alt: str = "TODO"
) -> tuple[str, dict[str, int]]:
    """Returns the page's text with a fence for each visible cell, and the lines of the new ones.

    A new fence stands after that of the cell before it, else before that of the cell after it, as
    deep in lists and boxes as that one. Those of `figures` get `alt`, which asks for words.
    """
    lines = page.source.text.split("\n")
    shown = {f.cell: f.line for f in page.cell_fences if f.module == module.name}
    missing = [cell.name for cell in module.cells if not cell.hidden and cell.name not in shown]
    if not missing:
        return page.source.text, {}
    below: dict[int, list[tuple[str, str]]] = defaultdict(list)  # by the number of lines above
    place, before = _start(lines, shown)
    first = place if shown else -1
    for cell in module.cells:
        if line := shown.get(cell.name):
            place, before = _end(lines, line)
            first = first if below.get(first) else -1
        elif not cell.hidden:
            asked = alt if cell.name in figures else ""
            below[place].append(_fence(module.name, cell.name, before, asked))
    text: list[str] = []
    for number in range(len(lines) + 1):
        for fence in below.get(number, ()):
            text += [*fence, ""] if number == first else ["", *fence]
        text += lines[number : number + 1]
    return "\n".join(text), dict(_lines(text, module.name, missing))


def _start(lines: list[str], shown: dict[str, int]) -> tuple[int, str]:
    """Where fences go that come before all others: above the first one, or at the page's end."""
    if shown:
        first = min(shown.values())
        match = _FENCE.match(lines[first - 1])
        return first - 1, match["before"] if match else ""
    last = len(lines)
    while last and not lines[last - 1].strip():
        last -= 1
    return last, ""


def _end(lines: list[str], line: int) -> tuple[int, str]:
    """How many lines there are to the end of the fence that begins in a line; what stands before
    its marks."""
    match = _FENCE.match(lines[line - 1])
    if not match:
        return line, ""
    for number in range(line, len(lines)):
        if lines[number].strip(" >") == match["marks"]:
            return number + 1, match["before"]
    return len(lines), match["before"]


def _fence(module: str, cell: str, before: str, alt: str) -> tuple[str, str]:
    words = f' alt="{alt}"' if alt else ""
    return f'{before}```python cell="{module}:{cell}"{words}', f"{before}```"


def _lines(text: list[str], module: str, names: list[str]) -> Iterator[tuple[str, int]]:
    for number, line in enumerate(text, 1):
        for name in names:
            if f'cell="{module}:{name}"' in line:
                yield name, number
