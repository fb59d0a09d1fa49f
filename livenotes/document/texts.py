"""The words of an element of a page's tree, and the texts by which its line is found."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from html import unescape

_FLOW = """
    address article aside blockquote center dd details div dl dt fieldset figcaption figure footer
    form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section table tbody td tfoot th thead tr
    ul
"""
BLOCKS = frozenset(_FLOW.split())
_ESCAPED = re.compile("\x02(\\d+)\x03")  # what Python-Markdown has for a character after "\"
_MARK = re.compile("\x02[^\x03]*\x03")
LONGEST = 24  # characters of a text that are looked for in the source


def words_of(element: ET.Element) -> tuple[str, str]:
    """The words of an element, and those outside of links: without code, formulas and blocks."""
    words: list[str] = []
    unlinked: list[str] = []

    def read(element: ET.Element, linked: bool) -> None:
        add(element.text, linked)
        for child in element:
            if child.tag in ("td", "th"):
                read(child, linked)
                add(" ", linked)
            elif (
                child.tag in BLOCKS
                or child.tag in ("code", "img", "x-math")
                or ("arithmatex" in child.get("class", "") or child.get("data-cell-value"))
            ):
                add(" ", linked)
            else:
                read(child, linked or child.tag == "a")
                if child.tag == "a":
                    add(" ", linked)
            add(child.tail, linked)

    def add(text: str | None, linked: bool) -> None:
        if text:
            plain = _plain(text)
            words.append(plain)
            if not linked:
                unlinked.append(plain)

    read(element, False)
    return "".join(words).strip(), "".join(unlinked).strip()


def _plain(text: str) -> str:
    """Text without Python-Markdown's marks, its escapes as the author wrote them."""
    return _MARK.sub(" ", _ESCAPED.sub(lambda match: "\\" + chr(int(match[1])), text))


def beginning(element: ET.Element) -> str:
    """The beginning of an element's text, up to the first mark or child."""
    text = (element.text or "").strip()
    if text or not len(element):
        return _MARK.split(text)[0][:LONGEST]
    return beginning(element[0])


def prose_needles(element: ET.Element) -> list[str]:
    """Texts by which a paragraph is found: its beginning as it was written, and less of it."""
    pieces: list[str] = []
    _beginning(element, pieces)
    whole = "".join(pieces).strip()
    start = next((piece for piece in pieces if piece.strip()), "")
    texts = [whole[: 2 * LONGEST], whole[:LONGEST], start[:LONGEST]]
    marks = {"li": ("-", "*", "+"), "tr": ("|",)}.get(element.tag, ())
    return [f"{mark}{text}" for text in texts if text for mark in (*marks, "")]


def _beginning(element: ET.Element, pieces: list[str]) -> bool:
    """Adds the beginning of an element; False where what follows may be written in several ways."""
    if not _add_text(element.text, pieces):
        return False
    for child in element:
        if child.tag in ("td", "th"):
            known = _beginning(child, pieces)
            pieces.append("|" if known else "")
        elif child.tag == "code":
            pieces.append(f"`{unescape(child.text or '')}`")
            known = True
        elif "arithmatex" in child.get("class", ""):
            text = unescape(child.text or "").strip()
            pieces.append(formula_needles(text[2:-2], text.startswith(r"\["))[0])
            known = True
        elif child.tag == "img":
            pieces.append(f"![{child.get('alt', '')}]({child.get('src', '')}")
            known = False
        elif reference := child.get("data-cell-value"):
            pieces.append(f"`{{cell}}{reference}`")
            known = True
        else:
            if not any(map(str.strip, pieces)):
                _beginning(child, pieces)
            known = False
        if not known or not _add_text(child.tail, pieces):
            return False
    return True


def _add_text(text: str | None, pieces: list[str]) -> bool:
    first, *others = _MARK.split(text or "")
    pieces.append(first)
    return not others


def formula_needles(tex: str, display: bool) -> list[str]:
    open_close = (
        (("$$", "$$"), (r"\[", r"\]"), ("", "")) if display else (("$", "$"), (r"\(", r"\)"))
    )
    needles = [f"{start}{tex}{end}" for start, end in open_close]
    return needles + [needle.replace("|", r"\|") for needle in needles if "|" in tex]
