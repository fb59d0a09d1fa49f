"""What a block of lines is, in the order in which Python-Markdown and its extensions ask."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from livenotes.document.pagefences import Line
from livenotes.document.pagehtml import HTML_MARK

INDENT = " " * 4
ITEM = re.compile(r" {0,3}(?:\d+\.|[*+-]) +(.*)")
NESTED_ITEM = re.compile(r" {4,7}(?:\d+\.|[*+-]) +.*")
QUOTE = re.compile(r" {0,3}>(?: ?)(.*)")
HEADING = re.compile(r"(#{1,6})(.*?)#*")
BOXES = (
    re.compile(r'(?P<mark>!!!) ?[\w-]+(?: +[\w-]+)*(?: +"(?P<title>.*?)")? *'),
    re.compile(r'(?P<mark>\?\?\?)\+?(?: ?[\w-]+(?: +[\w-]+)*)?(?: +"(?P<title>.*?)") *'),
    re.compile(r"(?P<mark>\?\?\?)\+? ?[\w-]+(?: +[\w-]+)*(?P<title>) *"),
    re.compile(r'(?P<mark>===)(?:\+|\+!|!\+|!)? +"(?P<title>.*?)" *'),
)
# Atomic groups: long lines of dashes must not be tried in every possible way.
_RULE = re.compile(r" {0,3}(?:(?>(?:-+ {0,2}){3,})|(?>(?:_+ {0,2}){3,})|(?>(?:\*+ {0,2}){3,})) *")
_UNDERLINE = re.compile(r"(?:=+|-+) *")
_BRACKETS = re.compile(r"\\\[((?:\\[^\]]|[^\\])+)\\\]", re.DOTALL)
_DOLLARS = re.compile(r"\$\$((?:\\.|[^\\])+)\$\$", re.DOTALL)
_ENVIRONMENT = re.compile(r"(\\begin\{([a-z]+\*?)\}(?:\\.|[^\\])+\\end\{\2\})", re.DOTALL)


def box_start(text: str) -> re.Match[str] | None:
    """The first line of an admonition, a details box or a tab."""
    return next((match for box in BOXES if (match := box.fullmatch(text))), None)


def kind_of(block: Sequence[Line]) -> tuple[str, int]:
    """What the block is, and in which of its lines that begins; lines above are a block of their
    own."""
    texts = [line.text for line in block]
    if (place := _first(texts, box_start)) is not None:
        return "box", place
    if texts[0].startswith(INDENT):
        return "indented", 0
    if HTML_MARK.fullmatch(texts[0]):
        return "html", 0
    if block_formula(texts) is not None:
        return "formula", 0
    if is_table(texts):
        return "table", 0
    if (place := _first(texts, HEADING.fullmatch)) is not None:
        return "heading", place
    if len(texts) > 1 and _UNDERLINE.fullmatch(texts[1]):
        return "underlined", 0
    if (place := _first(texts, _RULE.fullmatch)) is not None:
        return "rule", place
    if ITEM.fullmatch(texts[0]):
        return "item", 0
    if (place := _first(texts, QUOTE.fullmatch)) is not None:
        return "quote", place
    return "paragraph", 0


def _first(texts: list[str], starts: Callable[[str], object]) -> int | None:
    return next((place for place, text in enumerate(texts) if starts(text)), None)


def block_formula(texts: Sequence[str]) -> str | None:
    """TeX of a block that is one formula and nothing else."""
    text = "\n".join(texts).rstrip(" ")
    for pattern in (_DOLLARS, _BRACKETS, _ENVIRONMENT):
        if match := pattern.fullmatch(text):
            return match[1]
    return None


def is_table(texts: Sequence[str]) -> bool:
    """Whether the first two lines are a table's head and separator."""
    if len(texts) < 2:
        return False
    head, separator = table_cells(texts[0], texts[0]), table_cells(texts[1], texts[0])
    if len(head) == 1 and not all("|" in _ends(text) for text in texts):
        return False
    return len(head) == len(separator) and set("".join(separator)) <= set("|:- ")


def table_cells(row: str, head: str) -> list[str]:
    """The cells of a row; the border of the table is that of its head."""
    row = row.strip(" ")
    if "|" in _ends(head):
        row = row.removeprefix("|")
        if _ends(row)[1] == "|":
            row = row[:-1]
    cells, start, place = [], 0, 0
    while place < len(row):
        if row[place] == "|":
            cells.append(row[start:place])
            start = place = place + 1
        elif row[place] == "`":
            place = _after_code(row, place)
        else:
            place += 2 if row[place : place + 2] in ("\\\\", "\\|", "\\`") else 1
    return [*cells, row[start:]]


def _ends(row: str) -> str:
    """First and last character; an escaped last one counts as a blank."""
    row = row.strip(" ")
    before = row[:-1]
    escaped = (len(before) - len(before.rstrip("\\"))) % 2
    return row[:1].ljust(1) + (" " if escaped or not row else row[-1])


def _after_code(row: str, place: int) -> int:
    """Offset after the inline code that begins here, or after its backticks where it has no end."""
    run = re.compile("`+").match(row, place)
    assert run
    closing = (m.end() for m in re.finditer("`+", row[run.end() :]) if len(m[0]) == len(run[0]))
    return run.end() + next(closing, 0)


def split(lines: Sequence[Line]) -> list[list[Line]]:
    """The blocks between blank lines."""
    blocks: list[list[Line]] = [[]]
    for line in lines:
        if line.text:
            blocks[-1].append(line)
        elif blocks[-1]:
            blocks.append([])
    return [block for block in blocks if block]


def dedented(line: Line) -> Line:
    return Line(line.number, line.text.removeprefix(INDENT))


def unquoted(line: Line) -> Line:
    match = QUOTE.fullmatch(line.text)
    return Line(line.number, match[1]) if match else line


def indented_first(block: list[Line]) -> tuple[list[Line], list[Line]]:
    """The indented lines at the start, without their indent, and the others."""
    count = 0
    while count < len(block) and block[count].text.startswith(INDENT):
        count += 1
    return [dedented(line) for line in block[:count]], block[count:]
