"""What our tree processors share: the language of the page, and the walk through its texts.

Knows Python-Markdown, whose trees hold a text before the first child, and one after each child.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable

from markdown.extensions import Extension

from livenotes.document.conversion import Conversion


def language_of(extension: Extension) -> str:
    """The page's language: that of the option `conversion`, where it is given; else `language`."""
    given = extension.getConfig("conversion")
    return given.language if isinstance(given, Conversion) else str(extension.getConfig("language"))


def languages_of(extension: Extension) -> dict[str, str]:
    """Code -> name of the site's languages: those of `conversion`, where it is given; else those of
    the option `languages`."""
    given = extension.getConfig("conversion")
    languages = given.languages if isinstance(given, Conversion) else None
    return dict(languages if languages is not None else extension.getConfig("languages"))


def is_formula(element: ET.Element) -> bool:
    """Whether an element holds TeX, which is no text."""
    return "arithmatex" in element.get("class", "").split()


def split_texts(
    element: ET.Element,
    split: Callable[[str | None, list[ET.Element]], str | None],
    enter: Callable[[ET.Element], None],
) -> None:
    """Put new children between an element's texts, in reading order.

    `split` gives what stays of a text, and appends the children that follow it to the list;
    `enter` is called with each child that there was.
    """
    inside: list[ET.Element] = []
    element.text = split(element.text, inside)
    for child in element:
        tail = child.tail
        enter(child)
        inside.append(child)
        child.tail = split(tail, inside)
    element[:] = inside
