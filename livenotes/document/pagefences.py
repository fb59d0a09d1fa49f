"""Finds the fences of a page where SuperFences finds them: at any indent, in quotes, of any length.

Like SuperFences it works before everything else, on lines: a fence becomes one placeholder line,
so that the block reader sees it as a single word at the place where it stands.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

# Characters that cannot stand in a page: the reader removes them first.
START, END = "\x02", "\x03"
FENCE_MARK = re.compile(rf"{START}F(\d+){END}")

UNCLOSED = "the fence is never closed"
UNREADABLE = "the options of the fence cannot be read, so it would show as plain text"

_OPENING = re.compile(r"(?P<prefix>[> ]*)(?P<fence>`{3,}|~{3,})(?P<info>.*)")
_LANGUAGE = re.compile(r"\.?([\w#.+-]+)(?=\s|\{|$)")
_OPTION = re.compile(r"""\s*([a-zA-Z]\w*)(?:=(?:"([^"]*)"|'([^']*)'))?(?=\s|$)""")
_ATTRIBUTE = re.compile(r"""([^\s="'{}]+)(?:=(?:"([^"]*)"|'([^']*)'|([^\s="'{}]+)))?""")
_HIGHLIGHTING = {
    "title": re.compile(r".*"),
    "hl_lines": re.compile(r"\d+(-\d+)?([ \t]+\d+(-\d+)?)*"),
    "linenums": re.compile(r"\d+.*"),
}


class Line(NamedTuple):
    """A line of a page, or what is left of it inside a list, quote or box."""

    number: int
    text: str


@dataclass(frozen=True)
class Fence:
    """A fence as found; `fault` says why it would not show as one."""

    lines: tuple[Line, ...]
    indent: int
    language: str
    info: str
    options: Mapping[str, str]
    body: str
    fault: str = ""

    @property
    def line(self) -> int:
        return self.lines[0].number

    @property
    def open(self) -> bool:
        """Never closed: its lines stand in the page as text."""
        return self.fault == UNCLOSED


@dataclass
class _Open:
    """A fence whose end has not come yet."""

    prefix: str
    fence: str
    info: str
    lines: list[Line]
    after_blank: bool = False

    def is_end(self, content: str) -> bool:
        return content.rstrip() == self.fence

    def close(self, fault: str) -> Fence:
        language, options, readable = read_info(self.info)
        inner = self.lines[1:] if fault else self.lines[1:-1]
        return Fence(
            tuple(self.lines),
            len(self.prefix),
            language,
            self.info.strip(),
            options,
            "\n".join(line.text[len(self.prefix) :] for line in inner),
            fault or ("" if readable else UNREADABLE),
        )


def find_fences(lines: Sequence[Line]) -> tuple[list[Line], list[Fence]]:
    """The lines with every fence replaced by one placeholder line, and the fences by number.

    A fence that is never closed stays in the lines as text, behind a placeholder of its own.
    """
    left: list[Line] = []
    fences: list[Fence] = []
    opened: _Open | None = None

    def end(fault: str = "") -> None:
        assert opened
        left.append(Line(opened.lines[0].number, f"{opened.prefix}{START}F{len(fences)}{END}"))
        fences.append(opened.close(fault))
        if fault:
            left.extend(opened.lines)

    for line in lines:
        if opened is None:
            opened = _opening(line)
            if opened is None:
                left.append(line)
            continue
        prefix, content = _split(line.text, len(opened.prefix))
        opened.lines.append(line)
        if not _continues(opened, prefix, content):
            end(UNCLOSED)
            opened = None
        elif opened.is_end(content):
            end()
            opened = None
    if opened is not None:
        end(UNCLOSED)
    return left, fences


def _opening(line: Line) -> _Open | None:
    match = _OPENING.fullmatch(line.text)
    # Backticks further on make inline code of it.
    if not match or (match["fence"][0] == "`" and "`" in match["info"]):
        return None
    return _Open(match["prefix"], match["fence"], match["info"], [line])


def _split(text: str, width: int) -> tuple[str, str]:
    """What stands before the fence's column (blanks and `>` only), and the rest."""
    end = 0
    while end < min(width, len(text)) and text[end] in "> ":
        end += 1
    return text[:end], text[end:]


def _continues(opened: _Open, prefix: str, content: str) -> bool:
    """Whether the line may stand inside the fence (or end it), by its indent and quote level."""
    level = prefix.count(">")
    if not opened.prefix.count(">"):
        fits = not (prefix + content).strip() or (
            not level and (len(prefix) == len(opened.prefix) or not content)
        )
        return fits
    if level > opened.prefix.count(">"):
        return False
    if not content:
        opened.after_blank = True
        return True
    if len(prefix) < len(opened.prefix):
        return False
    if opened.after_blank and level < opened.prefix.count(">"):
        return False
    opened.after_blank = False
    return True


def read_info(info: str) -> tuple[str, dict[str, str], bool]:
    """Language and options of a fence's first line, and whether SuperFences reads it too."""
    rest = info.strip()
    language = ""
    if match := _LANGUAGE.match(rest):
        language, rest = match[1], rest[match.end() :].strip()
    if rest.startswith("{") and rest.endswith("}"):
        _, classes, options = read_attributes(rest[1:-1])
        if not language and classes:
            language = classes[0]
        return language, options, True
    options = {}
    while rest:
        option = _OPTION.match(rest)
        if not option:
            # Loosely, so that a message can name the cell that was meant.
            return language, {**options, **read_attributes(rest)[2]}, False
        options[option[1]] = option[2] or option[3] or ""
        rest = rest[option.end() :].strip()
    if language == "python":  # the fence of our own checks its options itself
        return language, options, True
    known = all(
        name in _HIGHLIGHTING and _HIGHLIGHTING[name].fullmatch(value)
        for name, value in options.items()
    )
    return language, options, known


def read_attributes(text: str) -> tuple[str, list[str], dict[str, str]]:
    """Id, classes and the rest of an attribute list (`#id .class key="value"`)."""
    identifier, classes, options = "", [], {}
    for match in _ATTRIBUTE.finditer(text):
        name, value = match[1], match[2] or match[3] or match[4] or ""
        if name.startswith("#"):
            identifier = name[1:]
        elif name.startswith("."):
            classes.append(name[1:])
        elif name == "id":
            identifier = value
        else:
            options[name] = value
    return identifier, classes, options
