"""Markdown page -> Page: headings, fences, formulas and links as MkDocs sees them, with lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path, PurePosixPath
from typing import TypeAlias, TypeVar

import yaml

from livenotes.core.problems import LivenotesError, Problem


@dataclass(frozen=True)
class Heading:
    """A heading; `id` is the explicit one (`{#backward}`), '' where there is none."""

    line: int
    level: int
    id: str
    text: str


@dataclass(frozen=True)
class CellFence:
    """A fence that shows a cell; `options` are all but `cell`, an option without value is ''."""

    line: int
    reference: str
    options: Mapping[str, str] = field(hash=False)
    body: str
    indent: int

    @property
    def module(self) -> str:
        return self.reference.partition(":")[0]

    @property
    def cell(self) -> str:
        return self.reference.partition(":")[2]


@dataclass(frozen=True)
class CodeFence:
    """Any other fence; `info` is what stands after the backticks, `language` is '' if none.

    `fault` says why it would not show as a fence at all, '' where it does.
    """

    line: int
    language: str
    info: str
    body: str
    fault: str = ""


@dataclass(frozen=True)
class IndentedCode:
    """Code by four spaces of indent."""

    line: int
    body: str


@dataclass(frozen=True)
class CellValue:
    """An inline `{cell} module:name`."""

    line: int
    reference: str

    @property
    def module(self) -> str:
        return self.reference.partition(":")[0]

    @property
    def cell(self) -> str:
        return self.reference.partition(":")[2]


@dataclass(frozen=True)
class Formula:
    """A formula; `tex` is what stands between the delimiters."""

    line: int
    tex: str
    display: bool


@dataclass(frozen=True)
class Link:
    """A link or image; reference links are resolved."""

    line: int
    target: str
    image: bool = False


@dataclass(frozen=True)
class Text:
    """A piece of prose. `kind` is "paragraph", "item", "table-row", "admonition", "tab" or "html".

    `text` is the Markdown of a paragraph, item or row; for an admonition its kind and title
    (`note "Correction"`), for a tab its title, for HTML its first line.
    """

    line: int
    kind: str
    text: str


Block: TypeAlias = (
    Heading | CellFence | CodeFence | IndentedCode | CellValue | Formula | Link | Text
)
_B = TypeVar("_B")


@dataclass(frozen=True, eq=False)  # equal texts give the same page, so it is compared quickly
class Page:
    """A page; `blocks` holds everything found, in order (a paragraph before what it contains).

    `front_matter_line` is the line where the front matter is broken, 0 where it is fine.
    """

    path: str
    language: str
    name: str
    front_matter: Mapping[str, object]
    blocks: tuple[Block, ...]
    front_matter_line: int = 0
    front_matter_error: str = ""

    def of(self, kind: type[_B]) -> Iterator[_B]:
        """The blocks of one class, in order."""
        return (block for block in self.blocks if isinstance(block, kind))

    @cached_property
    def headings(self) -> tuple[Heading, ...]:
        return tuple(self.of(Heading))

    @cached_property
    def cell_fences(self) -> tuple[CellFence, ...]:
        return tuple(self.of(CellFence))

    @cached_property
    def code_fences(self) -> tuple[CodeFence, ...]:
        return tuple(self.of(CodeFence))

    @cached_property
    def values(self) -> tuple[CellValue, ...]:
        return tuple(self.of(CellValue))

    @cached_property
    def formulas(self) -> tuple[Formula, ...]:
        return tuple(self.of(Formula))

    @cached_property
    def links(self) -> tuple[Link, ...]:
        return tuple(self.of(Link))

    @cached_property
    def references(self) -> tuple[CellFence | CellValue, ...]:
        """Every place that shows a cell, fences first."""
        return (*self.cell_fences, *self.values)

    @cached_property
    def module(self) -> str:
        """The module whose cells the page shows (that of its first cell fence), or ''."""
        return next((fence.module for fence in self.cell_fences), "")


def read_page(file: Path, path: str, place: tuple[str, str] | None = None) -> Page:
    """Read the page in `file`; `path` is how messages call it (`docs/zh/autograd.md`), `place` its
    language and its name there.

    Raises LivenotesError where the file cannot be read.
    """
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise LivenotesError(Problem(path, 0, f"cannot be read: {error.strerror}")) from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        hint = "Save the file in UTF-8."
        raise LivenotesError(Problem(path, line, "is not UTF-8", hint=hint)) from None
    try:
        return parse_page(text, path, place)
    except RecursionError:
        message = "nests lists, quotes or boxes too deeply"
        raise LivenotesError(Problem(path, 0, message, hint="Use fewer levels.")) from None


@lru_cache(maxsize=4096)  # a server reads all pages at every save
def parse_page(text: str, path: str, place: tuple[str, str] | None = None) -> Page:
    """Read a page from its text. Any text is a page; check_page says what is wrong with it.

    `place` is the page's language and name; without it, they are read from the path.
    """
    # The readers make the classes above, so they can only be had from here on.
    from livenotes.document.pageblocks import read_blocks
    from livenotes.document.pagefences import Line

    texts = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    lines = [Line(number, line) for number, line in enumerate(texts, 1)]
    matter, error, error_line, count = _front_matter(texts)
    _, *folders = PurePosixPath(path).with_suffix("").parts
    by_path = (folders[0], "/".join(folders[1:])) if len(folders) > 1 else ("", "")
    language, name = place or by_path
    return Page(
        path,
        language,
        name or PurePosixPath(path).stem,
        matter,
        read_blocks(lines[count:]),
        error_line,
        error,
    )


def _front_matter(lines: list[str]) -> tuple[dict[str, object], str, int, int]:
    """The front matter, what is wrong with it and in which line, and how many lines it takes."""
    if lines[0].rstrip(" \t") != "---":
        return {}, "", 0, 0
    ends = (n for n, line in enumerate(lines) if n and line.rstrip(" \t") in ("---", "..."))
    end = next(ends, 0)
    if not end:
        return {}, "the front matter never ends", 1, 0
    try:
        matter = yaml.safe_load("\n".join(lines[1:end]) + "\n")
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        message = getattr(error, "problem", None) or str(error).split("\n")[0]
        return {}, f"the front matter is not YAML: {message}", mark.line + 2 if mark else 1, end + 1
    except ValueError as error:  # a date such as 2026-13-01
        return {}, f"the front matter is not YAML: {error}", 1, end + 1
    if matter is not None and not isinstance(matter, dict):
        return {}, "the front matter is not a list of `key: value`", 2, end + 1
    return {str(key): value for key, value in (matter or {}).items()}, "", 0, end + 1


def find_formula(page: Page, tex: str, display: bool) -> int:
    """Line of a formula as arithmatex hands it on, 0 where there is none; blanks do not count."""
    wanted = "".join(tex.split())
    found = (f for f in page.formulas if "".join(f.tex.split()) == wanted)
    lines = {f.display: f.line for f in reversed(tuple(found))}
    return lines.get(display, next(iter(lines.values()), 0))


def find_reference(page: Page, reference: str) -> int:
    """Line of the first fence or value that names the cell, 0 where there is none."""
    named: tuple[CellFence | CellValue, ...] = (*page.cell_fences, *page.values)
    return next((block.line for block in named if block.reference == reference), 0)
