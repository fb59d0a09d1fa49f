"""Finds the fences in Markdown text where SuperFences finds them: at any indent, in quotes.

Used for the lines of fences, for fences that SuperFences cannot read, and for the prose of
notebooks, which is Markdown and not HTML.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# Characters that Python-Markdown removes from a page before it reads it.
START, END = "\x02", "\x03"
FENCE_MARK = re.compile(rf"{START}F(\d+){END}")

_OPENING = re.compile(r"(?P<prefix>[> ]*)(?P<fence>`{3,}|~{3,})(?P<info>.*)")
_LANGUAGE = re.compile(r"\.?([\w#.+-]+)(?=\s|\{|$)")
_ATTRIBUTE = re.compile(r"""([^\s="'{}]+)(?:=(?:"([^"]*)"|'([^']*)'|([^\s="'{}]+)))?""")


@dataclass(frozen=True)
class Fence:
    """A fence: its lines, the first of which is `line`; `closed` where its end was found."""

    line: int
    lines: tuple[str, ...]
    prefix: str
    info: str
    closed: bool

    @property
    def marker(self) -> str:
        """The backticks or tildes."""
        first = self.lines[0][len(self.prefix) :]
        return first[: len(first) - len(first.lstrip(first[0]))]

    @property
    def language(self) -> str:
        return _read_info(self.info)[0]

    @property
    def options(self) -> Mapping[str, str]:
        """The options, also where SuperFences could not read them; without a value it is ''."""
        return _read_info(self.info)[1]

    @property
    def body(self) -> str:
        inner = self.lines[1:-1] if self.closed else self.lines[1:]
        return "\n".join(line[len(self.prefix) :] for line in inner)

    @property
    def shows_cell(self) -> bool:
        return self.closed and self.language == "python" and "cell" in self.options


def find_fences(lines: Sequence[str]) -> tuple[list[str], list[Fence]]:
    """The lines with every fence replaced by one placeholder line, and the fences by number.

    A fence that is never closed stays in the lines as text, behind a placeholder of its own.
    """
    left: list[str] = []
    fences: list[Fence] = []
    opened: _Open | None = None

    def end(closed: bool) -> None:
        assert opened
        left.append(f"{opened.prefix}{START}F{len(fences)}{END}")
        fences.append(Fence(opened.line, tuple(opened.lines), opened.prefix, opened.info, closed))
        if not closed:
            left.extend(opened.lines)

    for number, line in enumerate(lines, 1):
        if opened is None:
            opened = _opening(number, line)
            if opened is None:
                left.append(line)
            continue
        prefix, content = _split(line, len(opened.prefix))
        opened.lines.append(line)
        if not _continues(opened, prefix, content):
            end(closed=False)
            opened = None
        elif content.rstrip() == opened.fence:
            end(closed=True)
            opened = None
    if opened is not None:
        end(closed=False)
    return left, fences


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


@dataclass
class _Open:
    """A fence whose end has not come yet."""

    line: int
    prefix: str
    fence: str
    info: str
    lines: list[str]
    after_blank: bool = False


def _opening(number: int, line: str) -> _Open | None:
    match = _OPENING.fullmatch(line)
    # Backticks further on make inline code of it.
    if not match or (match["fence"][0] == "`" and "`" in match["info"]):
        return None
    return _Open(number, match["prefix"], match["fence"], match["info"].strip(), [line])


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
        inside = not level and (len(prefix) == len(opened.prefix) or not content)
        return inside or not (prefix + content).strip()
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


def _read_info(info: str) -> tuple[str, dict[str, str]]:
    """Language and options of a fence's first line."""
    language, rest = "", info
    if match := _LANGUAGE.match(rest):
        language, rest = match[1], rest[match.end() :].strip()
    _, classes, options = read_attributes(rest.strip("{}"))
    return language or (classes[0] if classes else ""), options
