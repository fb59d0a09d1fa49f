"""What our tree processors share: their options, and the walk through a page's texts.

Knows Python-Markdown, whose trees hold a text before the first child, and one after each child.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable
from typing import Any

from markdown import Markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor

from livenotes.document.conversion import Conversion


class TreeExtension(Extension, Treeprocessor):
    """An extension that changes a page's tree by its method `run`.

    Options: a `conversion`; or, without one, `language`, the page's, and `languages`, the names of
    the site's by code. `priority` is its place among Python-Markdown's tree processors.
    """

    priority: float

    def __init__(self, **kwargs: Any) -> None:
        self.config = {
            "language": ["en", "language of the page"],
            "languages": [{}, "names of the site's languages, by code"],
            "conversion": ["", "a Conversion, which has both"],
            **self.config,
        }
        super().__init__(**kwargs)

    def extendMarkdown(self, md: Markdown) -> None:
        self.md = md
        md.treeprocessors.register(self, type(self).__module__, self.priority)

    @property
    def conversion(self) -> Conversion:
        if given := self.getConfig("conversion"):
            assert isinstance(given, Conversion)
            return given
        return Conversion(self.getConfig("language"), self.getConfig("languages"))


def is_formula(element: ET.Element) -> bool:
    """Whether an element holds TeX, which is no text."""
    return "arithmatex" in element.get("class", "").split()


def mark_texts(
    element: ET.Element,
    marks: Callable[[str], Iterable[tuple[int, int, ET.Element]]],
    enter: Callable[[ET.Element], None],
) -> None:
    """Puts marks into an element's texts, in reading order.

    `marks` gives elements for a text, each with the start and end of what it replaces; `enter` is
    called with each child that there was.
    """
    inside: list[ET.Element] = []

    def split(text: str | None) -> str | None:
        """The text up to its first mark; the others follow their marks."""
        found = list(marks(text)) if text else []
        if not text or not found:
            return text
        ends = [start for start, _, _ in found[1:]] + [len(text)]
        for (_, end, mark), following in zip(found, ends, strict=True):
            mark.tail = type(text)(text[end:following])
            inside.append(mark)
        return type(text)(text[: found[0][0]])

    element.text = split(element.text)
    for child in element:
        tail = child.tail
        enter(child)
        inside.append(child)
        child.tail = split(tail)
    element[:] = inside
