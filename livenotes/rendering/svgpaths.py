"""Shortens numbers and paths of SVG: hundredths of a pixel, relative coordinates.

A curve of many short lines becomes half as long, without a visible difference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

_DECIMALS = re.compile(r"-?\d*\.\d{3,}(?![\de])")
_COMMAND = re.compile(r"([MLZz])([^MLZz]*)")
_NUMBER = re.compile(r"-?(?:\d+(?:\.\d*)?|\.\d+)")
# The commands that matplotlib draws lines with. Other paths keep their commands.
_PAIR = rf"\s*{_NUMBER.pattern}[\s,]+{_NUMBER.pattern}\s*"
_LINES = re.compile(rf"\s*(?:M{_PAIR}(?:L{_PAIR})*(?:[Zz]\s*)?)*")


def rounded(text: str) -> str:
    """Rounds all numbers in a text: `translate(12.345678 7)` -> `translate(12.35 7)`."""
    return _DECIMALS.sub(lambda number: _written(round(float(number[0]) * 100)), text)


@lru_cache(maxsize=16384)  # both languages show the same figures, and notebooks too
def shorter(path: str) -> str:
    """Returns the same path with relative lines. Counts in hundredths: errors do not add up.

    `M 10 10.004 L 20.5 10 L 20.25 8 z` becomes `M10 10l10.5 0-.25-2z`.
    """
    if _LINES.fullmatch(path):
        return "".join(_lines(_COMMAND.findall(path)))
    return " ".join(rounded(path).split())


def _lines(commands: list[tuple[str, str]]) -> Iterator[str]:
    here = start = (0, 0)
    before = ""
    for name, numbers in commands:
        if name in "Zz":
            yield "z"
            here, before = start, "z"
            continue
        x, y = (round(float(value) * 100) for value in _NUMBER.findall(numbers))
        if name == "M":
            yield f"M{_pair(x, y)}"
            start = (x, y)
        else:
            step = _pair(x - here[0], y - here[1])
            yield step if before == "L" and step[0] == "-" else f"{' l'[before != 'L']}{step}"
        here, before = (x, y), name


def _pair(x: int, y: int) -> str:
    second = _written(y)
    return _written(x) + ("" if second.startswith("-") else " ") + second


@lru_cache(maxsize=65536)  # steps are small, so the same few numbers come again and again
def _written(hundredths: int) -> str:
    """Returns a number of hundredths in its shortest form."""
    text = f"{abs(hundredths) / 100:.2f}".rstrip("0").rstrip(".")
    text = text.removeprefix("0") or "0"
    return f"-{text}" if hundredths < 0 else text
