"""The Python-Markdown extension that makes a page's Document while the page is converted.

It reads the tree that Python-Markdown has made of the page, so it sees what all other extensions
make of the text. It knows no MkDocs.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import Any

from markdown import Markdown
from markdown.extensions import Extension
from markdown.postprocessors import Postprocessor
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor
from pymdownx.superfences import SuperFencesCodeExtension

from livenotes.document.blocks import BlockReader, FenceFound
from livenotes.document.conversion import Conversion
from livenotes.document.document import Block, Document
from livenotes.document.html import with_raw

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
        for extension in md.registeredExtensions:
            if isinstance(extension, SuperFencesCodeExtension):
                for entry in extension.superfences:
                    entry["formatter"] = self._noting(entry["formatter"])
        written = Written(md)
        written.harvest = self
        md.preprocessors.register(written, "livenotes-written", _BEFORE_FENCES)
        steps = [
            (_IndentedCode(md), "livenotes-indented-code", _BEFORE_HIGHLIGHTING),
            (_Blocks(md), "livenotes-blocks", _AFTER_ATTRIBUTES),
            (_Last(md), "livenotes-last", -1000),
        ]
        for step, name, priority in steps:
            step.harvest = self
            md.treeprocessors.register(step, name, priority)
        last = _Finish(md)
        last.harvest = self
        md.postprocessors.register(last, "livenotes-document", -1000)

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


class Written(Preprocessor):
    """Notes the page's Markdown, with what other extensions have included."""

    harvest: Harvest

    def run(self, lines: list[str]) -> list[str]:
        self.harvest.markdown = "\n".join(lines)
        return lines


class _Step(Treeprocessor):
    harvest: Harvest


class _IndentedCode(_Step):
    """Notes code by indent while it is still in the tree."""

    def run(self, root: ET.Element) -> None:
        for element in root.iter("pre"):
            if len(element) == 1 and element[0].tag == "code":
                self.harvest.indented[element] = element[0].text or ""


class _Blocks(_Step):
    """Reads the page's blocks."""

    def run(self, root: ET.Element) -> None:
        harvest = self.harvest
        harvest.root = root
        if source := harvest.conversion.source:
            raw = self.md.htmlStash.rawHtmlBlocks
            reader = BlockReader(source.text, raw, harvest.fences, harvest.indented)
            harvest.blocks = reader.read(root)


class _Last(_Step):
    """Notes that the tree is done: the table of contents runs postprocessors on headings before."""

    def run(self, root: ET.Element) -> None:
        self.harvest.is_done = True


class _Finish(Postprocessor):
    """Puts the document together."""

    harvest: Harvest

    def run(self, text: str) -> str:
        harvest, conversion = self.harvest, self.harvest.conversion
        if conversion.source and harvest.is_done:
            with_raw(harvest.root, self.md.htmlStash.rawHtmlBlocks, self.md.block_level_elements)
            conversion.document = Document(
                conversion.source, text.strip(), harvest.blocks, harvest.root, harvest.markdown
            )
        return text
