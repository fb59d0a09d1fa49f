"""Finds the frames in the SVG of a figure that has several, of which a page shows one at a time.

`execution/child/frames.py` draws them: groups with the id "frame:VALUE" or "hidden-frame:VALUE".
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
    """A frame. `value` is the slider's; `text` is the last text in the frame, or ''."""

    value: str
    text: str
    shown: bool


@lru_cache(maxsize=4096)  # a server asks for all figures at every save
def frames(svg: str) -> tuple[Frame, ...]:
    """Returns the frames of a figure, in the order in which they begin. Most figures have none."""
    last_text: dict[str, str] = {}
    shown: set[str] = set()
    if "frame:" in svg:
        for group, value, hidden in _groups(ET.fromstring(svg)):
            texts = ["".join(text.itertext()).strip() for text in group.iter(f"{_SVG}text")]
            last_text[value] = next(filter(None, reversed(texts)), last_text.get(value, ""))
            shown |= set() if hidden else {value}
    return tuple(Frame(value, text, value in shown) for value, text in last_text.items())


def number_frames(root: ET.Element) -> None:
    """Marks the groups of each frame with its number, and hides those not shown at first."""
    numbers, unused = dict[str, str](), count()
    for group, value, hidden in _groups(root):
        number = numbers.get(value) or numbers.setdefault(value, str(next(unused)))
        group.set("data-frame", number)
        group.set(*(("display", "none") if hidden else ("data-first", "")))


def remove_hidden(root: ET.Element) -> None:
    """Removes the frames that are not shown at first, except definitions that others refer to."""
    hidden = {group for group, _, hidden in _groups(root) if hidden}
    for parent in list(root.iter()):
        for group in [child for child in parent if child in hidden]:
            root.extend(group.findall(f".//{_SVG}defs"))
            parent.remove(group)


def _groups(root: ET.Element) -> Iterator[tuple[ET.Element, str, bool]]:
    """Yields each group that belongs to a frame, with the frame's value and if it is hidden."""
    for group in root.iter(f"{_SVG}g"):
        if match := _ID.fullmatch(group.get("id", "")):
            yield group, match[2], bool(match[1])
