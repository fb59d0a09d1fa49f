"""Problems: what is wrong, where, and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_MAX_LENGTH = 2000  # characters of a message that comes from elsewhere


@dataclass(frozen=True, order=True)
class Problem:
    """Something wrong in a file of the project.

    `path` is relative to the project's root, with forward slashes. `line` counts from 1; 0 means
    the whole file. `hint` says what to write instead. `pages` are the places that show the cell
    (`docs/en/autograd.md:31`).
    """

    path: str
    line: int
    message: str
    cell: str = ""
    hint: str = ""
    pages: tuple[str, ...] = ()

    def __str__(self) -> str:
        where = f"{self.path}:{self.line}" if self.line else self.path
        cell = f"cell '{self.cell}': " if self.cell else ""
        first, *more = f"{self.message}\n{self.hint}".splitlines() or [""]
        lines = [f"{where}: {cell}{first}", *(f"    {line}" for line in more if line)]
        if self.pages:
            lines.append(f"    shown on {', '.join(self.pages)}")
        return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", "\n".join(lines))

    def shown_on(self, pages: Iterable[str]) -> Problem:
        """Returns the same problem with the pages that show its cell."""
        return replace(self, pages=tuple(pages))


class LivenotesError(Exception):
    """Raised with one Problem or several. Its text lists them all."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems

    def __reduce__(self) -> tuple[type[LivenotesError], tuple[Problem, ...]]:
        return type(self), self.problems


def shortened(text: str) -> str:
    """Returns the text without its middle part, if it is too long."""
    if len(text) <= _MAX_LENGTH:
        return text
    half = _MAX_LENGTH // 2
    return f"{text[:half]} ... {len(text) - 2 * half:,} characters more ... {text[-half:]}"
