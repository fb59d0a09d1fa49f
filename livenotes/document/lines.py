"""Finds the lines of a page's blocks by a cursor that moves forward through its Markdown."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable

_WORD = re.compile(r"[^\s>]+")
_SQUEEZED = re.compile(r"[\s>]+")


class LineFinder:
    """Finds texts in a page, each behind the one before it. White space and `>` do not count.

    Where a text is not found (after snippets or other preprocessors the source says something
    else), the line is that of the text before it.
    """

    def __init__(self, text: str) -> None:
        words = [(match.start(), match[0]) for match in _WORD.finditer(text)]
        self._text = "".join(word for _, word in words)
        self._starts: list[int] = []  # of each word in the squeezed text
        self._places: list[int] = []  # of each word in the page
        squeezed = 0
        for place, word in words:
            self._starts.append(squeezed)
            self._places.append(place)
            squeezed += len(word)
        self._ends = [match.start() for match in re.finditer("\n", text)]
        self._cursor = 0
        self._line = 1

    def find(self, needles: Iterable[str], inside: bool = False) -> int:
        """Line of the first of these texts that is found behind the cursor, which moves there.

        `inside`: what follows may stand in the text itself, so that the cursor moves to its start.
        """
        for needle in needles:
            squeezed = _SQUEEZED.sub("", needle)
            place = self._text.find(squeezed, self._cursor) if squeezed else -1
            if place >= 0:
                self._cursor = place if inside else place + len(squeezed)
                self._line = self._line_of(place)
                break
        return self._line

    def go_to(self, line: int) -> None:
        """Moves the cursor behind a line that is known."""
        place = self._ends[line - 1] if line <= len(self._ends) else len(self._text) * 2
        word = bisect_right(self._places, place)
        self._cursor = self._starts[word] if word < len(self._starts) else len(self._text)
        self._line = line

    def _line_of(self, place: int) -> int:
        word = bisect_right(self._starts, place) - 1
        at = self._places[word] + place - self._starts[word]
        return bisect_right(self._ends, at - 1) + 1 if at else 1
