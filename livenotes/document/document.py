"""A converted page: its HTML and its blocks, each with the line of the Markdown file it stands in.

`livenotes.document.harvest` makes documents while Python-Markdown converts a page, so that a
document holds what the published page holds.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath
from typing import TypeAlias, TypeVar


@dataclass(frozen=True)
class Heading:
    """A heading; `id` is the explicit one (`{#backward}`), '' where there is none."""

    line: int
    level: int
    id: str
    text: str


@dataclass(frozen=True)
class Reference:
    """A place that names a cell, `module:name`."""

    line: int
    reference: str

    @property
    def module(self) -> str:
        return self.reference.partition(":")[0]

    @property
    def cell(self) -> str:
        return self.reference.partition(":")[2]


@dataclass(frozen=True)
class CellFence(Reference):
    """A fence that shows a cell; `options` are all but `cell`, an option without value is ''."""

    options: Mapping[str, str] = field(hash=False)
    body: str


@dataclass(frozen=True)
class CellValue(Reference):
    """An inline `{cell} module:name`."""


@dataclass(frozen=True)
class CodeFence:
    """Any other fence; `info` is what stands after the backticks, `language` is '' if none.

    `fault` says why it does not show as a fence, '' where it does.
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
class Formula:
    """A formula; `tex` is what stands between the delimiters."""

    line: int
    tex: str
    display: bool


@dataclass(frozen=True)
class Link:
    """A link or image, with the target that the author wrote; `text` is an image's alt text."""

    line: int
    target: str
    image: bool = False
    text: str = field(default="", compare=False)


@dataclass(frozen=True)
class Text:
    """A piece of prose. `kind` is "paragraph", "item", "table-row", "admonition", "tab" or "html".

    `text` holds the words, without code and formulas, escapes as they were written, and
    `unlinked` those outside of links. An
    admonition has its mark, kind and title (`!!! note "Correction"`), HTML its tag.
    """

    line: int
    kind: str
    text: str
    unlinked: str = ""


Block: TypeAlias = (
    Heading | CellFence | CodeFence | IndentedCode | CellValue | Formula | Link | Text
)
_ID = re.compile(r'\s(?:id|name)="([^"]*)"')
_B = TypeVar("_B")


def _all(kind: type[_B]) -> cached_property[tuple[_B, ...]]:
    """A property of a document: its blocks of one class, in order."""
    return cached_property(lambda page: tuple(b for b in page.blocks if isinstance(b, kind)))


@dataclass(frozen=True)
class Source:
    """The Markdown file of a page. `path` is how messages call it (`docs/zh/autograd.md`).

    `place` is the page's language and its name there; without it, they are read from the path.
    `whole` is the text with what Markdown extensions include, where that is known.
    """

    path: str
    text: str
    place: tuple[str, str] | None = None
    whole: str = field(default="", compare=False, repr=False)

    @property
    def language(self) -> str:
        """The page's language, '' for a page of no language."""
        return self.place[0] if self.place else (*PurePosixPath(self.path).parts[1:-1], "")[0]

    @property
    def name(self) -> str:
        """The page's name in its language, without `.md`."""
        if self.place:
            return self.place[1]
        _, *parts = PurePosixPath(self.path).with_suffix("").parts
        return "/".join(parts[1:]) or PurePosixPath(self.path).stem


@dataclass(frozen=True, eq=False)  # equal sources may be converted with other options
class Document:
    """A converted page; `blocks` holds what was found, in order (a paragraph before what is in it).

    `html` is what Python-Markdown gave, in which cells are still empty. `root` is the tree that it
    was written from (`livenotes.document.html` writes it). `markdown` is what Python-Markdown read,
    with what other plugins and extensions have put into the page.
    """

    source: Source
    html: str
    blocks: tuple[Block, ...]
    root: ET.Element = field(repr=False)
    markdown: str = field(default="", repr=False)

    @property
    def path(self) -> str:
        return self.source.path

    @property
    def language(self) -> str:
        return self.source.language

    @property
    def name(self) -> str:
        return self.source.name

    def of(self, kind: type[_B]) -> Iterator[_B]:
        """The blocks of one class, in order."""
        return (block for block in self.blocks if isinstance(block, kind))

    headings = _all(Heading)
    cell_fences = _all(CellFence)
    code_fences = _all(CodeFence)
    values = _all(CellValue)
    formulas = _all(Formula)
    links = _all(Link)

    @cached_property
    def references(self) -> tuple[Reference, ...]:
        """Every place that names a cell, fences first."""
        return (*self.cell_fences, *self.values)

    @cached_property
    def ids(self) -> frozenset[str]:
        """What links can lead to."""
        return frozenset(_ID.findall(self.html))

    @cached_property
    def module(self) -> str:
        """The module whose cells the page shows (that of its first cell fence), or ''."""
        return next((fence.module for fence in self.cell_fences), "")

    def line_of_formula(self, tex: str, display: bool) -> int:
        """Line of a formula, 0 where there is none. White space does not count."""
        wanted = "".join(tex.split())
        found = (f for f in self.formulas if "".join(f.tex.split()) == wanted)
        lines = {f.display: f.line for f in reversed(tuple(found))}
        return lines.get(display, next(iter(lines.values()), 0))

    def line_of_reference(self, reference: str) -> int:
        """Line of the first fence or value that names the cell, of the first value for
        `{cell} module:name`; 0 where there is none."""
        name = reference.removeprefix("{cell} ")
        found = self.references if name == reference else self.values
        return next((each.line for each in found if each.reference == name), 0)
