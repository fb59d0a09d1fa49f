"""Figures of several frames, one seen at a time: how they are drawn, and found again in the SVG.

An artist belongs to a frame by its `gid`, "frame:VALUE"; artists of all frames but one are drawn
with `visible=False`, so that a notebook shows that one. Knows no matplotlib.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import count

_SVG = "{http://www.w3.org/2000/svg}"
_ID = re.compile(r"(hidden-)?frame:(.+)", re.DOTALL)


@dataclass(frozen=True)
class Frame:
    """`value` is the slider's; `says` the last text among the frame's artists, or ''."""

    value: str
    says: str
    shown: bool


@lru_cache(maxsize=4096)  # a server asks for all figures at every save
def frames(svg: str) -> tuple[Frame, ...]:
    """The frames of a figure, in the order in which they begin; most figures have none."""
    said: dict[str, str] = {}
    shown: set[str] = set()
    if "frame:" in svg:
        for group, value, hidden in _groups(ET.fromstring(svg)):
            texts = ["".join(text.itertext()).strip() for text in group.iter(f"{_SVG}text")]
            said[value] = next(filter(None, reversed(texts)), said.get(value, ""))
            shown |= set() if hidden else {value}
    return tuple(Frame(value, says, value in shown) for value, says in said.items())


def number_frames(root: ET.Element) -> None:
    """Give the groups of each frame its number; hide those that are not seen at first."""
    numbers, free = dict[str, str](), count()
    for group, value, hidden in _groups(root):
        number = numbers.get(value) or numbers.setdefault(value, str(next(free)))
        group.set("data-frame", number)
        group.set(*(("display", "none") if hidden else ("data-first", "")))


def remove_hidden(root: ET.Element) -> None:
    """Leave what is seen at first, and what this refers to in the rest."""
    hidden = {group for group, _, hidden in _groups(root) if hidden}
    for parent in list(root.iter()):
        for group in [child for child in parent if child in hidden]:
            root.extend(group.findall(f".//{_SVG}defs"))
            parent.remove(group)


def _groups(root: ET.Element) -> Iterator[tuple[ET.Element, str, bool]]:
    """Every artist that belongs to a frame, with the frame's value and whether it is hidden."""
    for group in root.iter(f"{_SVG}g"):
        if match := _ID.fullmatch(group.get("id", "")):
            yield group, match[2], bool(match[1])
