"""Finds what stands inside a paragraph: cell values, formulas, links, and fences without a blank
line around them. The order is Python-Markdown's: code, comments, formulas, links."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from livenotes.document.pagefences import END, FENCE_MARK, START, Fence, Line
from livenotes.document.pages import Block, CellFence, CellValue, CodeFence, Formula, Link

_VALUE = re.compile(r"\{cell\}\s+(.+)", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_AUTOLINK = re.compile(r"<([A-Za-z][A-Za-z0-9+.-]*://[^<>]*)>")
_TARGET = re.compile(
    r"""\(\s*(?:<([^<>]*)>|((?:[^\s()]|\([^()]*\))*))(?:\s+(["']).*?\3)?\s*\)""", re.DOTALL
)
_LABEL = re.compile(r"\s?\[([^\]]*)\]")

# A place and what stands there; places are offsets in the paragraph's text.
_Found = tuple[int, Block]


def fence_block(fence: Fence) -> CellFence | CodeFence:
    """The fence as a page's block."""
    if fence.language == "python" and "cell" in fence.options and not fence.fault:
        options = {name: value for name, value in fence.options.items() if name != "cell"}
        return CellFence(fence.line, fence.options["cell"], options, fence.body, fence.indent)
    return CodeFence(fence.line, fence.language, fence.info, fence.body, fence.fault)


def read_inline(
    lines: Sequence[Line], references: Mapping[str, str], fences: Sequence[Fence]
) -> list[Block]:
    """The blocks inside a piece of prose, in order."""
    source = "\n".join(line.text for line in lines)
    text, found = _code(source)
    marks = source
    for comment in _COMMENT.finditer(text):
        text = _hide(text, *comment.span())
        marks = _hide(marks, *comment.span())
    found += [
        (mark.start(), fence_block(fences[int(mark[1])])) for mark in FENCE_MARK.finditer(marks)
    ]
    text, formulas = _formulas(text)
    text, links = _links(text, references)
    found += formulas + links
    found += [(match.start(), Link(0, match[1])) for match in _AUTOLINK.finditer(text)]
    return [
        _at_line(block, lines[source.count("\n", 0, place)].number)
        for place, block in sorted(found, key=lambda item: item[0])
    ]


def _at_line(block: Block, line: int) -> Block:
    match block:
        case Formula():
            return Formula(line, block.tex, block.display)
        case Link():
            return Link(line, block.target, block.image)
        case CellValue():
            return CellValue(line, block.reference)
        case _:
            return block


def _hide(text: str, start: int, end: int) -> str:
    """The text with a span made unreadable for what comes later; newlines and length stay."""
    hidden = "".join("\n" if char == "\n" else END for char in text[start:end])
    return text[:start] + hidden + text[end:]


def _code(text: str) -> tuple[str, list[_Found]]:
    """Hides inline code; finds the cell values in it."""
    found: list[_Found] = []
    place = 0
    while place < len(text):
        if text[place] == "\\":
            place += 2
        elif text[place] != "`":
            place += 1
        else:
            run = len(text) - place - len(text[place:].lstrip("`"))
            run, end = _closing_run(text, place + run, run)
            if end:
                value = _VALUE.fullmatch(text[place + run : end].strip())
                if value:
                    found.append((place, CellValue(0, value[1].strip())))
                text = _hide(text, place, end + run)
            place = end + run if end else place + run
    return text, found


def _closing_run(text: str, start: int, length: int) -> tuple[int, int]:
    """How many backticks open the code whose first run ends at `start`, and where the run that
    closes it begins (0 where there is none). Where no run is as long, the longest shorter one
    closes: the opening backticks beyond its length belong to the code."""
    runs = [(run.end() - run.start(), run.start()) for run in re.finditer("`+", text[start:])]
    exact = next((place for size, place in runs if size == length), None)
    if exact is not None:
        return length, start + exact
    longest = max((size for size, _ in runs), default=0)
    if 0 < longest < length:
        return longest, start + next(place for size, place in runs if size == longest)
    return length, 0


def _formulas(text: str) -> tuple[str, list[_Found]]:
    """Hides and finds `$…$` and `\\(…\\)`."""
    found: list[_Found] = []
    place = 0
    while place < len(text):
        end = 0
        if text.startswith("\\(", place):
            end, tex = _inside(text, place + 2, "\\)"), slice(place + 2, -2)
        elif text[place] == "\\":
            place += 2
            continue
        elif text[place] == "$" and not text[place + 1 : place + 2].isspace():
            end, tex = _inside(text, place + 1, "$"), slice(place + 1, -1)
        if end:
            found.append((place, Formula(0, text[tex.start : end + tex.stop], display=False)))
            text = _hide(text, place, end)
        place = end or place + 1
    return text, found


def _inside(text: str, start: int, close: str) -> int:
    """End of the formula whose content begins at `start`, 0 where it is none."""
    place = start
    while place < len(text):
        if text.startswith(close, place):
            smart = close == "$" and text[place - 1].isspace()
            return 0 if place == start or smart else place + len(close)
        if text[place] in START + END or (text[place] == "$" and close == "$"):
            return 0
        place += 2 if text[place] == "\\" else 1
    return 0


def _links(text: str, references: Mapping[str, str]) -> tuple[str, list[_Found]]:
    """Hides and finds links and images; an image in a link's text is found too."""
    found: list[_Found] = []
    inside_until = 0  # end of the link that we are in: it holds images only
    for place in _brackets(text):
        image = text[place - 1 : place] == "!" and not _escaped(text, place - 1)
        end = _closing_bracket(text, place)
        if not end or text[place] != "[" or (not image and place < inside_until):
            continue
        target, after = _destination(text, place, end, references)
        if target is None:
            continue
        found.append((place - image, Link(0, target, image)))
        text = _hide(text, end, after)
        if not image:
            inside_until = end
    return text, found


def _brackets(text: str) -> Iterator[int]:
    return (m.start() for m in re.finditer(r"\[", text) if not _escaped(text, m.start()))


def _escaped(text: str, place: int) -> bool:
    before = text[:place]
    return (len(before) - len(before.rstrip("\\"))) % 2 == 1


def _closing_bracket(text: str, start: int) -> int:
    """Offset after the bracket that closes the one at `start`, 0 where there is none."""
    depth = 0
    for place in range(start, len(text)):
        if text[place] in "[]" and not _escaped(text, place):
            depth += 1 if text[place] == "[" else -1
            if not depth:
                return place + 1
    return 0


def _destination(
    text: str, start: int, end: int, references: Mapping[str, str]
) -> tuple[str | None, int]:
    """Target of the link whose text ends at `end`, and where all of it ends."""
    if match := _TARGET.match(text, end):
        return (match[1] if match[1] is not None else match[2]), match.end()
    own = text[start + 1 : end - 1]
    if (match := _LABEL.match(text, end)) and _label(match[1] or own) in references:
        return references[_label(match[1] or own)], match.end()
    return references.get(_label(own)), end


def _label(text: str) -> str:
    return " ".join(text.split()).lower()
