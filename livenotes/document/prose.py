"""A page's Markdown -> Markdown that plain Jupyter shows well, cut at the cells.

Jupyter knows neither admonitions, tabs and attribute lists nor our fences and values, and it takes
emphasis next to Chinese punctuation for stars. Everything else stays as it was written.
"""

from __future__ import annotations

import re
import unicodedata
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from livenotes.document.document import CellFence
from livenotes.document.fences import FENCE_MARK, find_fences, read_attributes

Piece: TypeAlias = str | CellFence

_HEADING = re.compile(r"(?P<text>#{1,6} +.*?)(?: +\{:? *(?P<attributes>[^}\n]+)\})? *")
_OWN_TARGET = re.compile(r"\]\(#([^\s()]+)\)")
_KIND = re.compile(r"(?:!!!|\?\?\?\+?) ?([\w-]+)")
_VALUE = re.compile(r"\{cell\}\s+(\S+)\s*")
# First lines of admonitions, of details with a title and without one, and of tabs.
_BOXES = (
    re.compile(r'(?P<mark>!!!) ?[\w-]+(?: +[\w-]+)*(?: +"(?P<title>.*?)")? *'),
    re.compile(r'(?P<mark>\?\?\?)\+?(?: ?[\w-]+(?: +[\w-]+)*)?(?: +"(?P<title>.*?)") *'),
    re.compile(r"(?P<mark>\?\?\?)\+? ?[\w-]+(?: +[\w-]+)*(?P<title>) *"),
    re.compile(r'(?P<mark>===)(?:\+|\+!|!\+|!)? +"(?P<title>.*?)" *'),
)
_INLINE = re.compile(
    r"""
      \\.
    | (?P<ticks>`+)(?P<code>.+?)(?<!`)(?P=ticks)(?!`)
    | \$\$(?:\\.|[^\\$])+\$\$
    | \$(?!\s)(?:\\.|[^\\$])+?(?<!\s)\$
    | (?P<image>!?)\[(?P<label>(?:\\.|[^\[\]\\]|\[[^\[\]]*\])*)\]
      \((?P<target><[^<>]*>|(?:[^\s()]|\([^()]*\))*)(?P<title>\s+"[^"]*")?\s*\)
      (?P<attributes>\{[^{}\n]*\})?
    | (?P<stars>\*{1,2})(?![\s*])
      (?P<strong>(?:\\.|`[^`\n]*`|\$[^$\n]+\$|(?!\n\s*\n)[^*\\`$])+?)(?<!\s)(?P=stars)(?!\*)
    | \$
    """,
    re.DOTALL | re.VERBOSE,
)
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>$|~#])")


@dataclass(frozen=True)
class Surroundings:
    """What the Markdown of a page does not say by itself.

    `value` gives the text of a cell for a sentence; `link` the address in the web of a relative
    target, or None where there is none; `shown` whether a cell belongs into the notebook; `dollar`
    is written for a dollar sign that begins no formula.
    """

    value: Callable[[str], str]
    link: Callable[[str], str | None]
    shown: Callable[[CellFence], bool]
    dollar: str = r"\$"


def read_prose(markdown: str, around: Surroundings) -> list[Piece]:
    """The page in pieces, in order: Markdown, each heading beginning a piece, and cells.

    `markdown` is what Python-Markdown reads: no front matter, no tabs."""
    return _Reader(markdown, around).pieces


def plain(text: str) -> str:
    """Text as it is, written so that Markdown leaves it alone."""
    return _SPECIAL.sub(r"\\\1", text)


class _Reader:
    def __init__(self, text: str, around: Surroundings) -> None:
        self.around = around
        self.targets = set(_OWN_TARGET.findall(text))
        lines, self.fences = find_fences(text.split("\n"))
        self.pieces = self.read(lines)

    def read(self, lines: Sequence[str], quoted: bool = False) -> list[Piece]:
        """The pieces of the page, or of what stands in a box."""
        pieces: list[Piece] = []
        prose: list[str] = []

        def finish() -> None:
            if text := self.prose(prose, quoted):
                pieces.append(text)
            prose.clear()

        rest = deque(lines)
        while rest:
            line = rest.popleft()
            content = line.strip(" ")
            mark = FENCE_MARK.fullmatch(content)
            fence = self.cell(int(mark[1])) if mark else None
            if start := _box_start(content):
                finish()
                indent = len(line) - len(line.lstrip(" "))
                pieces += self.box(start, _inside(rest, indent + 4), indent, quoted)
            elif fence:
                finish()
                pieces += [fence] if self.around.shown(fence) else []
            elif _HEADING.fullmatch(line):
                finish()
                prose.append(line)
            elif content != "{terms}":
                prose.append(line)
        finish()
        return pieces

    def cell(self, number: int) -> CellFence | None:
        """The fence of that number, where it shows a cell."""
        fence = self.fences[number]
        if not fence.shows_cell:
            return None
        options = dict(fence.options)
        return CellFence(fence.line, options.pop("cell"), options, fence.body)

    def box(self, start: re.Match[str], lines: list[str], indent: int, quoted: bool) -> list[Piece]:
        """An admonition as a quote below its title in bold; a tab as its title and content."""
        tab = start["mark"] == "==="
        title = start["title"]
        if title is None or (not title and start["mark"] == "???"):
            kind = _KIND.match(start[0].strip())
            title = kind[1].capitalize() if kind else ""
        inside = self.read(lines, quoted or not tab)
        if not inside and any(line.strip(" ") for line in lines):
            return []  # it held a solution
        head: list[Piece] = [f"**{self.inline(title, True)}**"] if title else []
        mark = " " * indent + ("" if tab else "> ")
        return [
            piece if isinstance(piece, CellFence) else _marked(piece, mark)
            for piece in joined([*head, *inside])
        ]

    def prose(self, lines: Sequence[str], quoted: bool) -> str:
        """Lines without boxes and cells, their fences filled in again."""
        text = self.inline("\n".join(map(self.heading, lines)), quoted)
        written = [self.fence(line) for line in text.split("\n")]
        return "\n".join(written).strip("\n") if "".join(written).strip() else ""

    def heading(self, line: str) -> str:
        """A heading without its id; where the page links to it, with a target above."""
        match = _HEADING.fullmatch(line)
        if not match or not match["attributes"]:
            return line
        identifier = read_attributes(match["attributes"])[0]
        target = f'<a id="{identifier}"></a>\n' if identifier in self.targets else ""
        return target + match["text"]

    def fence(self, line: str) -> str:
        mark = FENCE_MARK.search(line)
        if not mark:
            return line
        fence = self.fences[int(mark[1])]
        if not fence.closed:
            return ""
        lines = [fence.marker + fence.language, *fence.body.split("\n"), fence.marker]
        return "\n".join(line[: mark.start()] + each for each in lines)

    def inline(self, text: str, quoted: bool) -> str:
        """Values, links and emphasis as Jupyter reads them.

        Jupyter takes math out before it reads Markdown, and the `>` of a quote with it, so there
        a formula must stand on one line.
        """

        def replaced(match: re.Match[str]) -> str:
            whole = match[0]
            if match["ticks"]:
                value = _VALUE.fullmatch(match["code"])
                return plain(self.around.value(value[1])) if value else whole
            if match["target"] is not None:
                return self.link(match, quoted)
            if match["stars"]:
                return _emphasis(match, self.inline(match["strong"], quoted))
            if whole in ("$", r"\$"):
                return self.around.dollar
            if whole[0] == "$" and quoted:
                return " ".join(line.strip() for line in whole.split("\n"))
            return whole

        return _INLINE.sub(replaced, text)

    def link(self, match: re.Match[str], quoted: bool) -> str:
        label = self.inline(match["label"], quoted)
        target = match["target"].strip("<>")
        if not target.startswith("#") and not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", target):
            address = self.around.link(target)
            if address is None:
                return label
            target = address
        return f"{match['image']}[{label}]({target}{match['title'] or ''})"


def _box_start(text: str) -> re.Match[str] | None:
    """The first line of an admonition, a details box or a tab."""
    return next((match for box in _BOXES if (match := box.fullmatch(text))), None)


def joined(pieces: Iterable[Piece]) -> list[Piece]:
    """The pieces, with neighbours of Markdown in one."""
    done: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, str) and done and isinstance(done[-1], str):
            done[-1] += f"\n\n{piece}"
        else:
            done.append(piece)
    return done


def _inside(rest: deque[str], width: int) -> list[str]:
    """Takes the lines that are indented this far, without the indent; blank ones among them."""
    lines = []
    while rest and (not rest[0].strip(" ") or rest[0].startswith(" " * width)):
        lines.append(rest.popleft()[width:])
    return lines


def _marked(text: str, mark: str) -> str:
    return "\n".join((mark + line).rstrip(" ") for line in text.split("\n"))


def _emphasis(match: re.Match[str], inner: str) -> str:
    """Emphasis in Markdown; in HTML where CommonMark would not see it (`**例：**如`)."""
    text = match.string
    before, after = text[: match.start()][-1:], text[match.end() :][:1]
    first, last = match["strong"][0], match["strong"][-1]
    if _flanks(first, before) and _flanks(last, after):
        return match["stars"] + inner + match["stars"]
    tag = "strong" if len(match["stars"]) == 2 else "em"
    return f"<{tag}>{inner}</{tag}>"


def _flanks(inside: str, outside: str) -> bool:
    """May stars stand between these two characters?"""
    return not _is_punctuation(inside) or not outside.strip() or _is_punctuation(outside)


def _is_punctuation(char: str) -> bool:
    return unicodedata.category(char)[0] in "PS"
