"""Two pages that say the same -> one, block by block. Knows HTML as Markdown writes it, no MkDocs.

What is language stands twice, side by side; what is not (code, outputs, pictures, formulas on lines
of their own, the frames of lists, tables and boxes) stands once. Sections are found by the ids of
their headings. Where the blocks of two sections do not correspond, they are paired as coarsely as
it takes: all blocks between two cells, or the whole section.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from livenotes.rendering.fill import CELL, in_two_languages

# fmt: off
_TAG = re.compile(r"""<!--.*?-->|<(/?)([a-zA-Z][\w-]*)((?:[^<>"']|"[^"]*"|'[^']*')*)>""", re.DOTALL)
_VOID = frozenset({
    "area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr",
})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
# One element for both languages: of a line of text, of blocks or a line, of blocks only.
_LINES = _HEADINGS | {"caption", "figcaption", "label", "summary", "th"}
_ITEMS = frozenset({"dd", "dt", "li", "td"})
_STRICT = frozenset({"dl", "ol", "table", "tbody", "tfoot", "thead", "tr", "ul"})  # no rows here
_FLAT = _LINES | {"code", "dt", "p", "pre", "td", "x-math"}  # never inside their own kind
_FRAMES = _ITEMS | _STRICT | {"blockquote", "details", "div", "figure", "section"}
_TITLE = re.compile(r'\sclass="admonition-title"')
# What makes its surroundings text, not blocks. Code is not torn from its frame.
_INLINE = frozenset({
    "a", "b", "br", "code", "del", "dfn", "em", "i", "img", "kbd", "pre", "small", "span",
    "strong", "sub", "sup", "x-math",
})
# fmt: on

_ID = re.compile(r'\bid="([^"]+)"')
_NAMES = re.compile(r'(?<=\s)(id|for|name|aria-describedby|aria-labelledby)="([^"]+)"')
_PERMALINK = re.compile(r'<a class="headerlink".*?</a>', re.DOTALL)


class _Differ(Exception):
    """Two elements have not the same parts."""


@dataclass(frozen=True)
class _Piece:
    """An element, or text between elements (no `tag`); `start` is its start tag as written."""

    html: str
    tag: str = ""
    start: str = ""
    inner: str = ""

    @property
    def kind(self) -> str:
        return "cell" if CELL.fullmatch(self.html) else self.tag

    @property
    def is_line(self) -> bool:
        return self.tag in _LINES or bool(_TITLE.search(self.start))

    def holding(self, inner: str) -> str:
        return f"{self.start}{inner}</{self.tag}>"


class Pairing:
    """Pairs the pages of two languages; the first gives what stands once.

    `coarse` counts the rows in which blocks could not be paired one to one.
    """

    def __init__(self, codes: Sequence[str]) -> None:
        self.codes = tuple(codes)
        self.coarse = 0
        self._taken: frozenset[str] = frozenset()

    def pair(self, first: str, second: str) -> str:
        """One page's HTML, from two."""
        self._taken = frozenset(_ID.findall(first))
        ours, theirs = _sections(pieces(first)), _sections(pieces(second))
        return "\n".join(
            html
            for name in dict.fromkeys((*ours, *theirs))
            for html in self._aligned(ours.get(name, []), theirs.get(name, []))
        )

    def _aligned(self, ours: list[_Piece], theirs: list[_Piece]) -> Iterator[str]:
        """The blocks of two sections or frames."""
        kinds, other = _kinds(ours), _kinds(theirs)
        if kinds == other:
            yield from map(self._merged, ours, theirs)
        elif kinds.count("cell") == other.count("cell") > 0:
            for a, b in zip(_runs(ours), _runs(theirs), strict=True):
                yield from self._aligned(a, b)
        else:
            self.coarse += 1
            yield self._row("".join(a.html for a in ours), "".join(b.html for b in theirs))

    def _merged(self, a: _Piece, b: _Piece) -> str:
        """One block of each page."""
        if a.kind == "cell":
            return in_two_languages(a.html, b.html)
        if a.html == b.html:
            return a.html
        if a.is_line:
            return a.holding(both_lines(self.codes, a.inner, self._apart(b.inner)))
        if a.tag in _FRAMES and a.start == b.start:
            try:
                return a.holding(self._framed(a, b))
            except _Differ:
                pass
        return self._row(a.html, b.html)

    def _framed(self, a: _Piece, b: _Piece) -> str:
        """What stands inside two elements. Raises _Differ."""
        ours, theirs = pieces(a.inner), pieces(b.inner)
        if all(piece.tag and piece.tag not in _INLINE for piece in (*ours, *theirs)):
            if a.tag in _STRICT and _kinds(ours) != _kinds(theirs):
                raise _Differ
            return "".join(self._aligned(ours, theirs))
        if a.tag not in _ITEMS:
            raise _Differ
        return self._row(a.inner, b.inner)

    def _row(self, a: str, b: str) -> str:
        return row(self.codes, a, self._apart(b))

    def _apart(self, html: str) -> str:
        """The second page's HTML: its ids told from the first's, without cells, which the first
        has."""

        def told(match: re.Match[str]) -> str:
            names = [
                f"{self.codes[1]}-{name}" if name in self._taken or match[1] == "name" else name
                for name in match[2].split()
            ]
            return f'{match[1]}="{" ".join(names)}"'

        return _NAMES.sub(told, CELL.sub("", html))


def row(codes: Sequence[str], *sides: str) -> str:
    """Blocks that say the same in two languages, beside each other."""
    parts = (_side(code, html.strip()) for code, html in zip(codes, sides, strict=True))
    return f'<div class="pair">{"".join(parts)}</div>'


def _side(code: str, html: str) -> str:
    """One language's part of a row: an element says its language itself, where it stands alone."""
    found = pieces(html)
    if len(found) == 1 and found[0].tag and found[0].tag not in _INLINE:
        if re.search(r"\slang=", found[0].start):
            return html
        name = len(found[0].tag) + 1
        return f'{html[:name]} lang="{code}"{html[name:]}'
    return f'<div lang="{code}">{html}</div>'


def both_lines(codes: Sequence[str], *lines: str) -> str:
    """A line of text in both languages, once where they do not differ; one link to itself."""
    texts = [_PERMALINK.sub("", line) for line in lines]
    if len(set(texts)) == 1:
        return lines[0]
    if link := _PERMALINK.search(lines[0]):
        texts[-1] += link[0]
    spans = (f'<span lang="{code}">{text}</span>' for code, text in zip(codes, texts, strict=True))
    return " ".join(spans)


def _kinds(found: Sequence[_Piece]) -> list[str]:
    return [piece.kind for piece in found]


def _sections(found: Sequence[_Piece]) -> dict[str, list[_Piece]]:
    """Blocks by the id of the heading above; the heading is the first of them."""
    sections: dict[str, list[_Piece]] = {}
    name = ""
    for piece in found:
        if piece.tag in _HEADINGS and (match := _ID.search(piece.start)):
            name = match[1]
        sections.setdefault(name, []).append(piece)
    return sections


def _runs(found: Sequence[_Piece]) -> list[list[_Piece]]:
    """Cells, and what stands between them."""
    runs: list[list[_Piece]] = [[]]
    for piece in found:
        if piece.kind == "cell":
            runs += [[piece], []]
        else:
            runs[-1].append(piece)
    return runs


def pieces(html: str) -> list[_Piece]:
    """The outermost elements, with the text between them that is not blank.

    HTML whose tags do not match is one piece of text.
    """
    found: list[_Piece] = []
    opened: list[re.Match[str]] = []
    after = place = 0
    while match := _TAG.search(html, place):
        name, place = match[2], match.end()
        if match[1]:
            if not opened or opened[-1][2] != name:
                return [_Piece(html)]
            start = opened.pop()
            if not opened:
                whole = html[start.start() : place]
                found.append(_Piece(whole, name, start[0], html[start.end() : match.start()]))
                after = place
            continue
        if not opened:
            found += _text(html[after : match.start()])
            after = place
        if name and name not in _VOID and not match[3].endswith("/"):
            opened.append(match)
            if name in _FLAT:  # straight to its end
                place = max(place, html.find(f"</{name}>", place))
        elif name and not opened:
            found.append(_Piece(match[0], name, match[0]))
    found += _text(html[after:])
    return [_Piece(html)] if opened else found


def _text(html: str) -> list[_Piece]:
    return [_Piece(html.strip())] if html.strip() else []
