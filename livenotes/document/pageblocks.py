"""Lines -> blocks: a page's headings, prose, code and formulas, by Python-Markdown's own rules.

Blocks are what stands between blank lines, and four blanks of indent belong to the list, box or
tab above: both differ from CommonMark, so its readers cannot be used. A container (list, box, tab,
quote) gathers its lines until something else follows; then they are read in the same way.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from livenotes.document.pagefences import FENCE_MARK, Fence, Line, find_fences, read_attributes
from livenotes.document.pagehtml import HTML_MARK, Html, find_html
from livenotes.document.pageinline import fence_block, read_inline
from livenotes.document.pagekinds import (
    HEADING,
    ITEM,
    NESTED_ITEM,
    block_formula,
    box_start,
    dedented,
    indented_first,
    kind_of,
    split,
    table_cells,
    unquoted,
)
from livenotes.document.pages import Block, Formula, Heading, IndentedCode, Text

_HEADING_ATTRIBUTES = re.compile(r" +\{:? *([^}\n ][^}\n]*)\} *$")
_REFERENCE = re.compile(r""" {0,3}\[([^\[\]]*)\]: *(\S+) *((["']).*\4|\(.*\))? *""")

_Lines = list[Line]


@dataclass
class _Prose:
    """Text whose inline blocks are read at the end, when all reference links are known."""

    lines: _Lines
    text: Text | None = None


# Which container takes which kind of block as its next part.
_GROWS = {"indented": ("list", "box", "code"), "item": ("list",), "quote": ("quote",)}


@dataclass
class _Container:
    """What may still grow: a "list" (a part for each item), "box", "quote" or "code"."""

    kind: str
    parts: list[_Lines] = field(default_factory=list)

    def add(self, lines: _Lines) -> None:
        """More lines for the last part, a blank line apart."""
        part = self.parts[-1]
        part += [Line(lines[0].number, ""), *lines] if part and lines else lines


def read_blocks(lines: Sequence[Line]) -> tuple[Block, ...]:
    """Every block of a page, in order."""
    reader = _Reader()
    clean = [Line(number, _normal(text)) for number, text in lines]
    without_fences, reader.fences = find_fences(clean)
    reader.read(find_html(without_fences, reader.html))
    return tuple(reader.finish())


def _normal(text: str) -> str:
    text = text.replace("\x02", "").replace("\x03", "").expandtabs(4)
    return text if text.strip(" ") else ""


class _Reader:
    def __init__(self) -> None:
        self.fences: list[Fence] = []
        self.html: list[Html] = []
        self.references: dict[str, str] = {}
        self.found: list[Block | _Prose] = []

    def finish(self) -> list[Block]:
        blocks: list[Block] = []
        for item in self.found:
            if isinstance(item, _Prose):
                blocks += [item.text] if item.text else []
                blocks += read_inline(item.lines, self.references, self.fences)
            else:
                blocks.append(item)
        return blocks

    def read(self, lines: Sequence[Line], item: bool = False) -> None:
        """Reads the lines of the page or of one container."""
        blocks = deque(split(lines))
        later = len(blocks) - 1
        last: _Container | None = None
        while blocks:
            block = blocks.popleft()
            kind, place = kind_of(block)
            if place:
                blocks.extendleft((block[place:], block[:place]))
                continue
            if last and last.kind not in _GROWS.get(kind, ()):
                self._close(last)
                last = None
            last, rest = self._take(kind, block, last)
            if rest:
                # Right below a heading in a list item the indent is the item's.
                below = item and len(blocks) == later
                blocks.appendleft([dedented(line) for line in rest] if below else rest)
        self._close(last)

    def _take(
        self, kind: str, block: _Lines, last: _Container | None
    ) -> tuple[_Container | None, _Lines]:
        """Reads a block; gives the container that may still grow, and the lines left over."""
        match kind:
            case "box":
                return self._box(block)
            case "indented":
                return _indented(block, last)
            case "item":
                last = last or _Container("list")
                _add_items(last, block)
                return last, []
            case "quote":
                last = last or _Container("quote", [[]])
                last.add([unquoted(line) for line in block])
                return last, []
            case "paragraph":
                self._paragraph(block)
                return None, []
            case _:
                return None, self._single(kind, block)

    def _single(self, kind: str, block: _Lines) -> _Lines:
        """Reads a block that has a form of its own; gives the lines left over."""
        line, text = block[0]
        match kind:
            case "html":
                self._html(text)
            case "formula":
                tex = block_formula([line.text for line in block]) or ""
                self.found.append(Formula(line, tex, display=True))
                return []
            case "table":
                self._table(block)
                return []
            case "heading":
                match = HEADING.fullmatch(text)
                assert match
                self._heading(line, len(match[1]), match[2])
            case "underlined":
                self._heading(line, 1 if block[1].text.startswith("=") else 2, text)
                return block[2:]
        return block[1:]

    def _close(self, container: _Container | None) -> None:
        """Reads what a container has gathered."""
        for part in container.parts if container else ():
            if container and container.kind == "code":
                self.found.append(self._code(part))
                continue
            if container and container.kind == "list":
                self.found.append(Text(part[0].number, "item", part[0].text))
            self.read(part, item=bool(container and container.kind == "list"))

    def _box(self, block: _Lines) -> tuple[_Container, _Lines]:
        line, text = block[0]
        start = box_start(text)
        assert start
        kind = "tab" if start["mark"] == "===" else "admonition"
        title = [Line(line, start["title"] or "")]
        self.found.append(_Prose(title, Text(line, kind, text.strip())))
        inner, rest = indented_first(block[1:])
        return _Container("box", [inner]), rest

    def _code(self, part: _Lines) -> IndentedCode:
        lines: list[str] = []
        for line in part:
            mark = FENCE_MARK.search(line.text)
            fence = self.fences[int(mark[1])] if mark else None
            # A fence in indented code is no fence but more of the code.
            if fence is None:
                lines.append(line.text)
            elif not fence.open:
                cut = fence.indent - mark.start() if mark else 0
                lines += [written.text[cut:] for written in fence.lines]
        return IndentedCode(part[0].number, "\n".join(lines).rstrip("\n"))

    def _html(self, text: str) -> None:
        mark = HTML_MARK.fullmatch(text)
        assert mark
        html = self.html[int(mark[1])]
        if html.tag:
            self.found.append(Text(html.line, "html", html.first))
        if html.inner is not None:
            self.read(find_html(html.inner, self.html))
            return
        marks = FENCE_MARK.finditer(html.raw)
        self.found += [fence_block(self.fences[int(mark[1])]) for mark in marks]

    def _heading(self, line: int, level: int, text: str) -> None:
        text, identifier = text.strip(), ""
        if attributes := _HEADING_ATTRIBUTES.search(text):
            identifier = read_attributes(attributes[1])[0]
            text = text[: attributes.start()].rstrip("#").rstrip()
        self.found.append(Heading(line, level, identifier, text))
        self.found.append(_Prose([Line(line, text)]))

    def _table(self, rows: _Lines) -> None:
        for line, text in rows[:1] + rows[2:]:
            self.found.append(Text(line, "table-row", text.strip()))
            cells = table_cells(text, rows[0].text)
            self.found += [_Prose([Line(line, cell.strip())]) for cell in cells]

    def _paragraph(self, block: _Lines) -> None:
        lines = []
        for line in block:
            if match := _REFERENCE.fullmatch(line.text):
                self.references[" ".join(match[1].split()).lower()] = match[2].strip("<>")
            else:
                lines.append(line)
        text = FENCE_MARK.sub("", "\n".join(line.text for line in lines)).strip()
        if lines:
            self.found.append(
                _Prose(lines, Text(lines[0].number, "paragraph", text) if text else None)
            )


def _indented(block: _Lines, last: _Container | None) -> tuple[_Container, _Lines]:
    """An indented block goes on with the list, box or code above, or is code."""
    if last and last.kind == "list":
        last.add([dedented(line) for line in block])
        return last, []
    inner, rest = indented_first(block)
    last = last or _Container("code", [[]])
    last.add(inner)
    return last, rest


def _add_items(items: _Container, block: _Lines) -> None:
    nested = False
    for line in block:
        if match := ITEM.fullmatch(line.text):
            items.parts.append([Line(line.number, match[1])])
            nested = False
        elif NESTED_ITEM.fullmatch(line.text) and not nested:
            items.add([dedented(line)])
            nested = True
        else:
            items.parts[-1].append(dedented(line) if nested else line)
