"""Takes raw HTML out of a page, as md_in_html does before blocks are looked for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from livenotes.document.pagefences import END, START, Line, read_attributes

HTML_MARK = re.compile(rf"{START}H(\d+){END}")

_START_TAG = re.compile(r""" {0,3}<([a-zA-Z][\w-]*)((?:[^<>"'`]|"[^"]*"|'[^']*')*)>""")
_COMMENT = re.compile(r" {0,3}<!--.*?-->", re.DOTALL)
_BLOCK_TAGS = """
    address article aside blockquote canvas center colgroup dd details dir div dl dt fieldset
    figcaption figure footer form frameset group h1 h2 h3 h4 h5 h6 header hgroup hr iframe legend li
    main map math menu nav noscript object ol option output p pre progress script section style
    summary table tbody td textarea tfoot th thead tr ul video
"""


@dataclass(frozen=True)
class Html:
    """A piece of raw HTML; `inner` holds the Markdown of an element with `markdown`, else None.

    A comment has no `tag`.
    """

    line: int
    tag: str
    first: str
    raw: str
    inner: tuple[Line, ...] | None


def find_html(lines: Sequence[Line], found: list[Html]) -> list[Line]:
    """The lines with each block of raw HTML replaced by a placeholder line between blank ones.

    What was taken out is added to `found`; placeholders are its indexes.
    """
    left: list[Line] = []
    rest = list(lines)
    while rest:
        line = rest[0]
        if "<" not in line.text[:4] or not (taken := _take(rest)):
            left.append(rest.pop(0))
            continue
        html, rest = taken
        mark = Line(line.number, f"{START}H{len(found)}{END}")
        left += [Line(line.number, ""), mark, Line(line.number, "")]
        found.append(html)
    return left


def _take(lines: list[Line]) -> tuple[Html, list[Line]] | None:
    """The raw HTML that begins in the first line, and the lines behind it."""
    number = lines[0].number
    text = "\n".join(line.text for line in lines)
    if comment := _COMMENT.match(text):
        return Html(number, "", "", "", None), _behind(lines, text, comment.end())
    start = _START_TAG.match(text)
    if not start or start[1].lower() not in _BLOCK_TAGS.split():
        return None
    tag, attributes = start[1].lower(), start[2]
    first = start[0].strip()
    if tag == "hr" or attributes.endswith("/"):
        return Html(number, tag, first, first, None), _behind(lines, text, start.end())
    inner_end, end = _matching_end(text, start.end(), tag)
    markdown = read_attributes(attributes)[2].get("markdown", "0")
    inner = None
    if markdown != "0" and tag not in ("script", "style", "pre", "textarea"):
        inner = tuple(_behind(lines, text[:inner_end], start.end()))
    return Html(number, tag, first, text[: end or len(text)], inner), _behind(lines, text, end)


def _matching_end(text: str, place: int, tag: str) -> tuple[int, int]:
    """Where the element's content ends and where its end tag does; the text's end where it is
    never closed."""
    depth = 1
    for match in re.compile(rf"<(/?){tag}\b[^>]*>", re.IGNORECASE).finditer(text, place):
        if match[0].endswith("/>"):
            continue
        depth += -1 if match[1] else 1
        if not depth:
            return match.start(), match.end()
    return len(text), len(text)


def _behind(lines: Sequence[Line], text: str, place: int) -> list[Line]:
    """The lines of `text` from an offset on; an end tag's own line only where more stands on it."""
    rest = text[place:]
    if not rest.strip():
        return []
    first = text.count("\n", 0, place)
    texts = rest.split("\n")
    numbered = [Line(lines[first + i].number, piece) for i, piece in enumerate(texts)]
    return numbered if texts[0].strip() else numbered[1:]
