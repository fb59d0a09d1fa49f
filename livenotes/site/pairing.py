"""Two pages that say the same -> one, block by block, from the trees of their documents.

What is language stands twice, side by side; what is not (code, outputs, pictures, formulas on lines
of their own, the frames of lists, tables and boxes) stands once. Sections are found by the ids of
their headings. Where the blocks of two sections do not correspond, they are paired as coarsely as
it takes: all blocks between two cells, or the whole section.
"""

from __future__ import annotations

import copy
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable, Iterator, Sequence
from html import escape

from livenotes.document.html import RAW, inner_html, raw_element, same, to_html
from livenotes.rendering.cell import in_all
from livenotes.rendering.fill import CELL, in_two_languages

# fmt: off
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
# One element for both languages: of a line of text, of blocks or a line, of blocks only.
_LINES = _HEADINGS | {"caption", "figcaption", "label", "summary", "th"}
_ITEMS = frozenset({"dd", "dt", "li", "td"})
_STRICT = frozenset({"dl", "ol", "table", "tbody", "tfoot", "thead", "tr", "ul"})  # no rows here
_FRAMES = _ITEMS | _STRICT | {"blockquote", "details", "div", "figure", "section"}
# What makes its surroundings text, not blocks. Code is not torn from its frame.
_INLINE = frozenset({
    "", "a", "b", "br", "code", "del", "dfn", "em", "i", "img", "kbd", "pre", "small", "span",
    "strong", "sub", "sup", "x-math",
})
# fmt: on
_NAMES = ("id", "for", "name", "aria-describedby", "aria-labelledby")
_TAG = re.compile(r"\s*<([a-zA-Z][\w-]*)")


class _Differ(Exception):
    """Two elements have not the same parts."""


class Pairing:
    """Pairs the pages of two languages; the first gives what stands once.

    `coarse` counts the rows in which blocks could not be paired one to one.
    """

    def __init__(self, codes: Sequence[str]) -> None:
        self.codes = tuple(codes)
        self.coarse = 0
        self._taken: frozenset[str] = frozenset()

    def pair(self, first: ET.Element, second: ET.Element) -> ET.Element:
        """One page, from two. The trees stay as they are."""
        self._taken = frozenset(e.get("id", "") for e in first.iter())
        ours, theirs = _sections(blocks(first)), _sections(blocks(second))
        paired = ET.Element("div")
        for name in dict.fromkeys((*ours, *theirs)):
            for element in self._aligned(ours.get(name, []), theirs.get(name, [])):
                element.tail = "\n"
                paired.append(element)
        return paired

    def _aligned(self, ours: list[ET.Element], theirs: list[ET.Element]) -> Iterator[ET.Element]:
        """The blocks of two sections or frames."""
        kinds, other = _kinds(ours), _kinds(theirs)
        if kinds == other:
            yield from map(self._merged, ours, theirs)
        elif kinds.count("cell") == other.count("cell") > 0:
            for a, b in zip(_runs(ours), _runs(theirs), strict=True):
                yield from self._aligned(a, b)
        else:
            self.coarse += 1
            yield self._row(ours, theirs)

    def _merged(self, a: ET.Element, b: ET.Element) -> ET.Element:
        """One block of each page."""
        if _kind(a) == "cell":
            return raw_element(in_two_languages(a.text or "", b.text or ""))
        if same(a, b):
            return copy.copy(a)
        if a.tag in _LINES or a.get("class") == "admonition-title":
            lines = _linked_once(a, self._apart(b))
            return _holding(a, raw_element(in_all(dict(zip(self.codes, lines, strict=True)))))
        if a.tag in _FRAMES and a.attrib == b.attrib:
            try:
                return _holding(a, *self._framed(a, b))
            except _Differ:
                pass
        return self._row([a], [b])

    def _framed(self, a: ET.Element, b: ET.Element) -> list[ET.Element]:
        """What stands inside two elements. Raises _Differ."""
        ours, theirs = blocks(a), blocks(b)
        if all(_kind(element) not in _INLINE for element in (*ours, *theirs)):
            if a.tag in _STRICT and _kinds(ours) != _kinds(theirs):
                raise _Differ
            return list(self._aligned(ours, theirs))
        if a.tag not in _ITEMS:
            raise _Differ
        return [row(self.codes, _held(a), _held(self._apart(b)))]

    def _row(self, ours: list[ET.Element], theirs: list[ET.Element]) -> ET.Element:
        return row(self.codes, ours, [self._apart(b) for b in theirs])

    def _apart(self, element: ET.Element) -> ET.Element:
        """A copy of the second page's element: its ids told from the first's, and without cells,
        which the first has."""
        apart = copy.deepcopy(element)
        for each in apart.iter():
            for name in _NAMES:
                if given := each.get(name):
                    told = (
                        f"{self.codes[1]}-{n}" if n in self._taken or name == "name" else n
                        for n in given.split()
                    )
                    each.set(name, " ".join(told))
            if each.tag == RAW:
                each.text = CELL.sub("", each.text or "")
        return apart


def blocks(element: ET.Element) -> list[ET.Element]:
    """The children of an element, without its sections, and the texts between them."""
    found: list[ET.Element] = []

    def add(text: str | None) -> None:
        if text and text.strip():
            found.append(raw_element(escape(text.strip(), quote=False)))

    add(element.text)
    for child in element:
        found += blocks(child) if child.get("class") == "section" else [child]
        add(child.tail)
    return found


def row(codes: Sequence[str], *sides: Iterable[ET.Element]) -> ET.Element:
    """Blocks that say the same in two languages, beside each other."""
    parts = (_side(code, list(side)) for code, side in zip(codes, sides, strict=True))
    return _element("div", {"class": "pair"}, *parts)


def _side(code: str, side: list[ET.Element]) -> ET.Element:
    """One language's part of a row: an element says its language itself, where it stands alone."""
    parts = [copy.copy(element) for element in side]
    for part in parts:
        part.tail = None
    if len(parts) != 1 or _kind(parts[0]) in _INLINE:
        return _element("div", {"lang": code}, *parts)
    only, html = parts[0], parts[0].text or ""
    if only.tag == RAW and (match := _TAG.match(html)):
        return raw_element(f'{html[: match.end()]} lang="{code}"{html[match.end() :]}')
    only.attrib = {"lang": code} | only.attrib
    return only


def _linked_once(a: ET.Element, b: ET.Element) -> tuple[str, str]:
    """Two lines of text; where they differ, only the last has a link to itself."""
    lines = [copy.copy(a), copy.copy(b)]
    link = ""
    for line in reversed(lines):
        for child in line.findall("a[@class='headerlink']"):
            line.remove(child)
            link = to_html(child)
    first, second = map(inner_html, lines)
    return (first + link,) * 2 if first == second else (first, second + link)


def _kind(element: ET.Element) -> str:
    """Its tag, "cell" for a cell, "" for text."""
    if element.tag != RAW:
        return str(element.tag)
    html = element.text or ""
    match = _TAG.match(html)
    return "cell" if CELL.fullmatch(html) else match[1] if match else ""


def _kinds(found: Sequence[ET.Element]) -> list[str]:
    return [_kind(element) for element in found]


def _element(tag: str, attributes: dict[str, str], *inside: ET.Element) -> ET.Element:
    element = ET.Element(tag, attributes)
    element.extend(inside)
    return element


def _holding(frame: ET.Element, *inside: ET.Element) -> ET.Element:
    """The same element around something else, with nothing between its parts."""
    for each in inside:
        each.tail = None
    return _element(str(frame.tag), frame.attrib, *inside)


def _held(element: ET.Element) -> list[ET.Element]:
    """All that an element holds, as one piece."""
    return [raw_element(inner_html(element).strip())]


def _sections(found: Sequence[ET.Element]) -> dict[str, list[ET.Element]]:
    """Blocks by the id of the heading above; the heading is the first of them."""
    sections: dict[str, list[ET.Element]] = {}
    name = ""
    for element in found:
        if element.tag in _HEADINGS and (identifier := element.get("id")):
            name = identifier
        sections.setdefault(name, []).append(element)
    return sections


def _runs(found: Sequence[ET.Element]) -> list[list[ET.Element]]:
    """Cells, and what stands between them."""
    runs: list[list[ET.Element]] = [[]]
    for element in found:
        if _kind(element) == "cell":
            runs += [[element], []]
        else:
            runs[-1].append(element)
    return runs


def with_links(root: ET.Element, moved: Callable[[str], str]) -> ET.Element:
    """A copy of a page in which `moved` has changed the targets of all links and pictures."""
    root = copy.deepcopy(root)
    for element in root.iter():
        for name in ("href", "src"):
            if target := element.get(name):
                element.set(name, moved(target))
        if element.tag == RAW:
            element.text = _RAW_LINK.sub(lambda m: m[1] + moved(m[2]), element.text or "")
    return root


_RAW_LINK = re.compile(r'(\s(?:href|src)=")([^"]+)(?=")')  # in HTML that the author wrote
