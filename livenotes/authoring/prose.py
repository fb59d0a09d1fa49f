"""A notebook's Markdown as a page: ids for headings, one title, lists as Python-Markdown reads."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TypeAlias
from urllib.parse import unquote

from livenotes.core.glossary import slug

_HEADING = re.compile(r"(#{1,6})\s+(.*?)\s*#*\s*$")
_ID = re.compile(r"\s*\{#([\w-]+)[^}]*\}$")
_FENCE = re.compile(r"\s*(`{3,}|~{3,})\s*(\w*)")
_ITEM = re.compile(r"(?P<indent> *)(?P<mark>[-*+]|\d+[.)])\s+\S")
_IMAGE = re.compile(r'(!\[[^]]*\]\(|<img\b[^>]*?\bsrc=["\'])(?P<target>[^)"\'\s]+)')


Attachments: TypeAlias = Mapping[str, Mapping[str, str]]  # name -> kind -> base64


class Prose:
    """Reads Markdown cells one after another. Below the title, no level of headings is left out.

    `left` collects what the author has to do, `assets` the files to be written, by name. Images
    are looked for beside the notebook; pages find them below `address`.
    """

    def __init__(self, folder: Path, name: str, title: str, address: str) -> None:
        self.folder, self.name, self.title, self.address = folder, name, title, address
        self.left: list[str] = []
        self.assets: dict[str, bytes] = {}
        self.section = ""  # the id of the last heading
        self.heading = ""  # the same, until a code cell has taken it as its name
        self._ids = {name}  # the title has that one
        self._has_title = False
        self._above: list[int] = []  # levels of the headings that the last one stands below

    def page(self, text: str, attachments: Attachments, number: int) -> str:
        """Returns the text of a cell as it stands on the page."""
        lines, fence = [], ""
        for line in text.rstrip().split("\n"):
            if found := _FENCE.match(line):
                if not fence and found[2].startswith(("py", "ipy")):
                    self.left.append(f"cell {number}: Python in Markdown; make it a cell: {line}")
                fence = "" if fence and line.strip().startswith(fence) else fence or found[1]
            elif not fence and (found := _HEADING.match(line)):
                line = self._heading(found, number)
            if not fence and "\\newcommand" in line:
                told = "holds for its own formula only; write out what it stands for"
                self.left.append(f"cell {number}: \\newcommand {told}: {line.strip()}")
            if not fence:
                line = self._with_images(line, attachments, number)
            lines.append(line)
        return "\n".join(_lists(lines))

    def _heading(self, found: re.Match[str], number: int) -> str:
        marks, text = found[1], found[2]
        given = _ID.search(text)
        text = _ID.sub("", text)
        is_title = len(marks) == 1 and not self._has_title
        if not is_title:
            if len(marks) == 1:
                self.left.append(f"cell {number}: a second title became a section: {text}")
            self._above = [*(level for level in self._above if level < len(marks)), len(marks)]
            marks = "#" * min(6, 1 + len(self._above))
        identifier = given[1] if given else slug(text)
        if is_title:
            self._has_title, self.title, identifier = True, text, self.name
        elif not re.search("[a-z]{3}", identifier):
            identifier = f"section-{len(self._ids) + 1}"
            self.left.append(
                f"cell {number}: give the heading a better id than {identifier}: {text}"
            )
        unique = identifier
        while unique in self._ids and not is_title:
            unique += "-more"
        self._ids.add(unique)
        self.heading = self.section = "" if is_title else unique
        return f"{marks} {text} {{#{unique}}}"

    def _with_images(self, line: str, attached: Attachments, number: int) -> str:
        def moved(match: re.Match[str]) -> str:
            target = unquote(match["target"])
            if "://" in target or target.startswith(("data:", "/")):
                self.left.append(f"cell {number}: an image from elsewhere: {target[:100]}")
                return match[0]
            data = self._image(target, attached)
            if data is None:
                self.left.append(f"cell {number}: there is no image {target}")
                return match[0]
            name = re.sub(r"[^\w.-]+", "-", target.removeprefix("attachment:").rpartition("/")[2])
            while self.assets.get(name, data) != data:
                name = f"more-{name}"
            self.assets[name] = data
            return f"{match[1]}{self.address}/{name}"

        return _IMAGE.sub(moved, line)

    def _image(self, target: str, attached: Attachments) -> bytes | None:
        if target.startswith("attachment:"):
            forms = attached.get(target.removeprefix("attachment:"), {})
            return next((base64.b64decode(text) for text in forms.values()), None)
        try:
            return (self.folder / target).read_bytes()
        except OSError:
            return None

    def take_heading(self) -> str:
        """The last heading's id, once."""
        heading, self.heading = self.heading, ""
        return heading


def _lists(lines: list[str]) -> Iterator[str]:
    """Lists with a blank line above, and four blanks for each level."""
    levels: list[int] = []  # the indents of the items that are open
    move: Callable[[str], str] = str
    fence, before = "", ""
    for line in lines:
        found = _FENCE.match(line)
        item = None if fence else _ITEM.match(line)
        if item:
            indent = len(item["indent"])
            while levels and indent < levels[-1]:
                levels.pop()
            if not levels and before.strip():
                yield ""
            if not levels or indent > levels[-1]:
                levels.append(indent)
            move = _mover(levels[-1], 4 * (len(levels) - 1))
        elif line.strip() and not line.startswith(" ") and not before.strip():
            levels, move = [], str  # a paragraph ends the list
        if found:
            fence = "" if fence and line.strip().startswith(fence) else fence or found[1]
        yield move(line) if levels else line
        before = line


def _mover(old: int, new: int) -> Callable[[str], str]:
    def move(line: str) -> str:
        blanks = len(line) - len(line.lstrip(" "))
        return " " * max(0, blanks - old + new) + line.lstrip(" ") if line.strip() else line

    return move
