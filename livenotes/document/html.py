"""Python-Markdown's tree of a page -> HTML.

While Python-Markdown works, some HTML (fences, HTML of the author) stands outside of the tree, and
marks stand in its place. `with_raw` puts it into the tree, as elements that `to_html` writes as
they are, so that trees can be taken apart and put together.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence

from markdown.util import AMP_SUBSTITUTE, HTML_PLACEHOLDER_RE

RAW = "raw"
_EMPTY = frozenset(
    {"area", "base", "basefont", "br", "col", "embed", "frame", "hr", "img", "input", "isindex"}
    | {"link", "meta", "param", "source", "track", "wbr"}
)
_AMPERSAND = re.compile(r"&(?!(?:#[0-9]+|#x[0-9a-f]+|[0-9a-z]+);)", re.IGNORECASE)
_BLOCK = re.compile(r"</?([^ >]+)")


def raw_element(html: str) -> ET.Element:
    """An element that is written as this HTML."""
    element = ET.Element(RAW)
    element.text = html
    return element


def with_raw(root: ET.Element, stash: Sequence[object], blocks: Sequence[str]) -> None:
    """Puts the HTML of Python-Markdown's stash into its tree.

    `blocks` are the names of elements that stand in place of a paragraph of their own.
    """

    def stashed(match: re.Match[str]) -> str:
        html = stash[int(match[1])] if int(match[1]) < len(stash) else ""
        return HTML_PLACEHOLDER_RE.sub(stashed, html) if isinstance(html, str) else ""

    def elements(text: str | None) -> Iterator[ET.Element | str]:
        """Texts and, between them, elements."""
        place = 0
        for match in HTML_PLACEHOLDER_RE.finditer(text or ""):
            yield (text or "")[place : match.start()]
            yield raw_element(stashed(match))
            place = match.end()
        yield (text or "")[place:]

    def insert(element: ET.Element) -> None:
        for name, value in element.items():
            if value and "\x02" in value:
                element.set(name, HTML_PLACEHOLDER_RE.sub(stashed, value))
        inside: list[ET.Element] = []
        element.text = _spread(elements(element.text), inside)
        for child in element:
            tail = child.tail
            if child.tag != RAW:
                insert(child)
            placed = _alone(child, blocks)
            inside.append(placed)
            placed.tail = _spread(elements(tail), inside)
        element[:] = inside

    insert(root)


def _spread(parts: Iterator[ET.Element | str], inside: list[ET.Element]) -> str:
    """The text up to the first element; appends the elements, each with the text behind it."""
    first = next(parts)
    assert isinstance(first, str)
    for part in parts:
        if isinstance(part, str):
            inside[-1].tail = part
        else:
            inside.append(part)
    return first


def _alone(element: ET.Element, blocks: Sequence[str]) -> ET.Element:
    """The HTML of a block that is all that a paragraph holds; else the element itself."""
    if element.tag != "p" or element.attrib or len(element) != 1 or element[0].tag != RAW:
        return element
    if (element.text or "").strip() or (element[0].tail or "").strip():
        return element
    html = element[0].text or ""
    match = _BLOCK.match(html)
    if match is None:
        return element
    is_block = match[1][0] in "!?@%" or match[1].lower() in blocks
    return raw_element(html) if is_block else element


def to_html(element: ET.Element) -> str:
    """The element as Python-Markdown writes it, without its tail."""
    parts: list[str] = []
    _write(element, parts)
    return "".join(parts).replace(AMP_SUBSTITUTE, "&")


def same(a: ET.Element, b: ET.Element) -> bool:
    """Tells whether two elements are written alike, without writing them."""
    return (
        (a.tag, a.text or "", a.attrib, len(a)) == (b.tag, b.text or "", b.attrib, len(b))
    ) and all((x.tail or "") == (y.tail or "") and same(x, y) for x, y in zip(a, b, strict=True))


def inner_html(element: ET.Element) -> str:
    """What an element holds."""
    parts = [_escaped(element.text)]
    for child in element:
        _write(child, parts)
        parts.append(_escaped(child.tail))
    return "".join(parts).replace(AMP_SUBSTITUTE, "&")


def _write(element: ET.Element, parts: list[str]) -> None:
    if element.tag is ET.Comment:  # type: ignore[comparison-overlap]  # as Python-Markdown does
        parts.append(f"<!--{_escaped(element.text)}-->")
        return
    if element.tag == RAW:
        parts.append(element.text or "")
        return
    parts.append(f"<{element.tag}")
    for name, value in sorted(element.items()):
        text = _escaped(value).replace('"', "&quot;")
        parts.append(f' {name}="{text}"' if value is not None else f" {name}")
    parts.append(" />" if element.tag.lower() in _EMPTY else ">")
    if element.tag.lower() in _EMPTY:
        return
    is_code = element.tag.lower() in ("script", "style")
    parts.append((element.text or "") if is_code else _escaped(element.text))
    for child in element:
        _write(child, parts)
        parts.append(_escaped(child.tail))
    parts.append(f"</{element.tag}>")


def _escaped(text: str | None) -> str:
    if not text:
        return ""
    if "&" in text:
        text = _AMPERSAND.sub("&amp;", text)
    return text.replace("<", "&lt;").replace(">", "&gt;")
