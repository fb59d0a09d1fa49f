"""The Python-Markdown extension that makes a page's Document while the page is converted.

It reads the tree that Python-Markdown has made of the page, so it sees what all other extensions
make of the text. It knows no MkDocs.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from markdown import Markdown
from markdown.extensions import Extension
from pymdownx.superfences import SuperFencesCodeExtension

from livenotes.document.blocks import BlockReader, FenceFound
from livenotes.document.conversion import Conversion
from livenotes.document.document import Block, Document
from livenotes.document.html import with_raw

NOTED = "livenotes-text"  # the preprocessor that notes the text with all that is included
_BEFORE_FENCES = 26  # SuperFences (25) takes fences out; what includes text (32) comes before
_BEFORE_HIGHLIGHTING = 31  # pymdownx.highlight (30) puts indented code out of the tree
# After inline patterns (20) and attribute lists (8); before whatever adds to the author's text:
# glossary tips (6), ids and permanent links (5), MkDocs' addresses (0).
_AFTER_ATTRIBUTES = 7


class Harvest(Extension):
    """Option `conversion`: has the source, and gets the document."""

    def __init__(self, **kwargs: Any) -> None:
        self.config = {"conversion": [Conversion(), "a Conversion"]}
        super().__init__(**kwargs)
        self.fences: dict[int, FenceFound] = {}
        self.indented: dict[ET.Element, str] = {}
        self.blocks: tuple[Block, ...] = ()
        self.markdown = ""
        self.root = ET.Element("div")
        self.is_done = False

    @property
    def conversion(self) -> Conversion:
        given: Conversion = self.getConfig("conversion")
        return given

    def extendMarkdown(self, md: Markdown) -> None:
        md.registerExtension(self)
        self.md = md
        for extension in md.registeredExtensions:
            if isinstance(extension, SuperFencesCodeExtension):
                for entry in extension.superfences:
                    entry["formatter"] = self._noting(entry["formatter"])
        steps: list[tuple[Any, Callable[[Any], object], str, float]] = [
            (md.preprocessors, self._note_text, NOTED, _BEFORE_FENCES),
            (md.treeprocessors, self._note_indented_code, "livenotes-code", _BEFORE_HIGHLIGHTING),
            (md.treeprocessors, self._read_blocks, "livenotes-blocks", _AFTER_ATTRIBUTES),
            (md.treeprocessors, self._note_end, "livenotes-end", -1000),
            (md.postprocessors, self._put_together, "livenotes-document", -1000),
        ]
        for registry, run, name, priority in steps:
            registry.register(SimpleNamespace(run=run), name, priority)

    def reset(self) -> None:
        self.fences, self.indented, self.is_done = {}, {}, False

    def _noting(self, formatter: Callable[..., str | None]) -> Callable[..., str | None]:
        """A formatter of SuperFences that also notes what it formats, by its place in the stash."""

        def noting(**given: Any) -> str | None:
            options = {name: str(value) for name, value in given["options"].items()}
            html = formatter(**given)
            number = given["md"].htmlStash.html_counter  # SuperFences stores it there next
            self.fences[number] = FenceFound(given["language"] or "", options, given["src"])
            return html

        return noting

    def _note_text(self, lines: list[str]) -> list[str]:
        """Notes the page's Markdown, with what other extensions have included."""
        self.markdown = "\n".join(lines)
        return lines

    def _note_indented_code(self, root: ET.Element) -> None:
        """Notes code by indent while it is still in the tree."""
        for element in root.iter("pre"):
            if len(element) == 1 and element[0].tag == "code":
                self.indented[element] = element[0].text or ""

    def _read_blocks(self, root: ET.Element) -> None:
        self.root = root
        if source := self.conversion.source:
            stash = self.md.htmlStash.rawHtmlBlocks
            self.blocks = BlockReader(source.text, stash, self.fences, self.indented).read(root)

    def _note_end(self, root: ET.Element) -> None:
        """Notes that the tree is done: the table of contents runs postprocessors on headings
        before."""
        self.is_done = True

    def _put_together(self, text: str) -> str:
        conversion = self.conversion
        if conversion.source and self.is_done:
            with_raw(self.root, self.md.htmlStash.rawHtmlBlocks, self.md.block_level_elements)
            conversion.document = Document(
                conversion.source, text.strip(), self.blocks, self.root, self.markdown
            )
        return text
