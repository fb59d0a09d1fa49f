"""The Markdown extension for  ```python cell="module:name"  and `{cell} module:name`.

It leaves an empty element with the fence's options, `<div data-cell="…" …></div>`, and for a value
`<span class="cell-value" data-cell-value="…">`. `livenotes.rendering.fill` fills them.

The extension knows no MkDocs. Loaded by itself, with the option `root`, it fills them too, so that
any generator that loads Python-Markdown extensions can show cells. Fences go through SuperFences,
so they work in lists, admonitions and tabs.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

from markdown import Markdown
from markdown.extensions import Extension
from markdown.inlinepatterns import InlineProcessor
from markdown.postprocessors import Postprocessor
from markdown.util import AtomicString
from pymdownx.superfences import SuperFencesCodeExtension

from livenotes.core.glossary import figure_terms, load_glossary
from livenotes.core.problems import LivenotesError
from livenotes.core.project import Project
from livenotes.execution.outputs import Failure
from livenotes.execution.runs import Runs
from livenotes.extensions.highlighting import Highlighter
from livenotes.rendering.fill import Presentation, cell_placeholder, fill, value_text

_VALUE = r"(?<!`)`\{cell\}\s+([^`]+?)\s*`(?!`)"
_VALUE_PRIORITY = 195  # before Markdown's own backtick pattern (190)


class Cells(Extension):
    """Options: `root` (the project's folder) and `language`.

    Whoever gives a `conversion` fills the elements itself, and reports what is wrong with them.
    """

    def __init__(self, **kwargs: Any) -> None:
        self.config = {
            "root": [".", "folder of the project"],
            "language": ["en", "language of the page"],
            "conversion": ["", "a Conversion: the elements stay empty"],
        }
        super().__init__(**kwargs)

    def extendMarkdown(self, md: Markdown) -> None:
        md.registerExtension(self)
        self._md = md
        if not self._fences():
            md.registerExtensions(["pymdownx.highlight", "pymdownx.superfences"], {})
        self.reset()
        md.inlinePatterns.register(_ValuePattern(_VALUE, md), "livenotes-value", _VALUE_PRIORITY)
        if not self.getConfig("conversion"):
            filler = _Filler(md)
            root, language = Path(self.getConfig("root")), self.getConfig("language")
            filler.root, filler.language = root, language
            md.postprocessors.register(filler, "livenotes-fill", -100)

    def reset(self) -> None:
        """Teaches SuperFences about cells; called again when all extensions are there, of which
        one may have brought a SuperFences of its own."""
        for fence in self._fences():
            if all(entry["validator"] is not _is_cell for entry in fence.superfences):
                fence.extend_super_fences("python", _placeholder, _is_cell, lambda md: None)

    def _fences(self) -> list[SuperFencesCodeExtension]:
        return [e for e in self._md.registeredExtensions if isinstance(e, SuperFencesCodeExtension)]


class _ValuePattern(InlineProcessor):
    """`{cell} module:name` -> an element that names the cell."""

    def handleMatch(  # type: ignore[override]  # as InlineProcessor's own
        self, m: re.Match[str], data: str
    ) -> tuple[ET.Element, int, int]:
        element = ET.Element("span", {"class": "cell-value", "data-cell-value": m[1]})
        element.text = AtomicString(value_text(m[1]))
        return element, m.start(0), m.end(0)


def _is_cell(
    language: str, inputs: dict[str, Any], options: dict[str, Any], attrs: Any, md: Markdown
) -> bool:
    """SuperFences' validator: takes fences that name a cell, and leaves others to SuperFences."""
    options.update(inputs)
    return "cell" in inputs


def _placeholder(src: str, language: str, options: dict[str, Any], md: Markdown, **_: Any) -> str:
    """SuperFences' formatter."""
    texts = {name: str(value) for name, value in options.items()}
    return cell_placeholder(texts.pop("cell"), texts, src)


class _Filler(Postprocessor):
    """Fills the elements of a page that nobody else fills. Raises LivenotesError."""

    root: Path
    language: str

    def run(self, text: str) -> str:
        runs = Runs(Project(self.root.resolve()))
        path = f"{runs.project.options.docs}/glossary.yml"
        terms = figure_terms(load_glossary(runs.project.root / path, path), self.language)
        filled = fill(text, Presentation(runs, Highlighter(self.md), self.language, terms))
        failed = [o for o in runs.outcomes().values() if isinstance(o, Failure)]
        problems = [problem for failure in failed for problem in failure.problems]
        if problems := [*problems, *filled.problems]:
            raise LivenotesError(*problems)
        return filled.html
