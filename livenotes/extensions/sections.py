"""What follows a heading goes into an element of its own, which a browser may leave alone until it
is nearly in view: `content-visibility: auto`. A page with hundreds of formulas is there at once.

Headings stay outside, so that asking where they are (the theme's table of contents does) makes the
browser lay out nothing else.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

from livenotes.document.html import RAW
from livenotes.extensions.trees import TreeExtension
from livenotes.rendering.fill import section_style

_HEADINGS = ("h2", "h3", "h4")
_WIDE = re.compile(r"[\u2e80-\uffef]")
_LINE = 90  # Latin letters in a line of text, at most


class Sections(TreeExtension):
    """Makes sections of a page."""

    priority = -20  # after all that looks for headings among the page's blocks

    def run(self, root: ET.Element) -> None:
        split_sections(root)


def split_sections(root: ET.Element) -> None:
    """Puts `<div class="section" style="--lines:…">` around what follows each heading."""
    children = list(root)
    section: ET.Element | None = None
    root[:] = []
    for child in children:
        if child.tag in _HEADINGS:
            section = None
            child.tail = "\n"
            root.append(child)
        elif section is None and not any(each.tag in _HEADINGS for each in root):
            root.append(child)  # above the first heading
        else:
            if section is None:
                section = ET.SubElement(root, "div", {"class": "section"})
                section.tail = "\n"
            section.append(child)
    for section in root.iterfind("div[@class='section']"):
        section[-1].tail = None
        section.set("style", section_style(_lines(section)))


def _lines(section: ET.Element) -> int:
    """About how many lines of text a section is high, without its cells."""
    lines = letters = 0
    for element in section.iter():
        if element.tag in ("p", "li", "tr") or "admonition" in element.get("class", ""):
            lines += 1
        text = f"{element.text or ''}{element.tail or ''}"
        if element.tag == RAW:
            lines += text.count("\n") + 2 if "<pre" in text else 0
        else:
            letters += len(text) + len(_WIDE.findall(text))
    return lines + letters // _LINE
