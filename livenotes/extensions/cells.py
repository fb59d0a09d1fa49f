"""The Markdown extension: fills  ```python cell="module:name"  and `{cell} module:name`.

A plain Python-Markdown extension (no MkDocs): any site generator that loads such extensions can
use it. Fences go through SuperFences, so they work in lists, admonitions and tabs.
"""

from __future__ import annotations

import difflib
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any

from markdown import Markdown
from markdown.extensions import Extension
from markdown.inlinepatterns import InlineProcessor
from markdown.util import AtomicString
from pymdownx.superfences import SuperFencesCodeExtension, SuperFencesException

from livenotes.core.glossary import figure_terms, load_glossary
from livenotes.core.percent import Cell, Module
from livenotes.core.problems import LivenotesError, Problem
from livenotes.core.project import Project
from livenotes.execution.outputs import Failure, Outputs
from livenotes.execution.runs import Runs
from livenotes.rendering.cell import SHOW, cell_value, render_cell

_VALUE = r"(?<!`)`\{cell\}\s+([^`]+?)\s*`(?!`)"
_VALUE_PRIORITY = 195  # before Markdown's own backtick pattern (190)
_OPTIONS = ("cell", "show", "alt", "caption", "slider")
_HIGHLIGHT_OPTIONS = ("title", "hl_lines", "linenums")
_FORM = '```python cell="module:name"'
_MARK = "\uf8f4"  # for private use: no page has it
_MARKED = re.compile(f"(<div>)?{_MARK}(\\d+){_MARK}(?(1)</div>)")
CELL_MARK = re.compile(f"<div>{_MARK}\\d+{_MARK}</div>")  # where a cell will stand


def mark_of(number: int | str) -> str:
    """What stands for the text that is left out as the nth."""
    return f"{_MARK}{number}{_MARK}"


def shift_marks(html: str, by: int) -> str:
    """HTML whose marks stand for so many more than they did."""
    return re.sub(mark_of(r"(\d+)"), lambda match: mark_of(by + int(match[1])), html)


class FenceError(LivenotesError, SuperFencesException):  # type: ignore[misc]
    """SuperFences lets only its own exceptions through and would show the bare fence instead."""


@dataclass
class CurrentPage:
    """The page that is being converted. `problems` collects what is wrong with its cells.

    What depends on outputs that are not there yet is left out: a mark stands in its place until
    `fill` puts it in.
    """

    path: str = ""
    language: str = "en"
    line_of: Callable[[str], int] = lambda reference: 0
    problems: list[Problem] = field(default_factory=list)
    later: list[Callable[[], str]] = field(default_factory=list)

    def mark(self, html: Callable[[], str]) -> str:
        """A text that stands for HTML to come."""
        self.later.append(html)
        return mark_of(len(self.later) - 1)

    @staticmethod
    def is_marked(text: str) -> bool:
        return _MARK in text

    def fill(self, html: str) -> str:
        """The HTML with all that was left out; waits for it."""
        return _MARKED.sub(lambda match: self.later[int(match[2])](), html)


class Cells(Extension):
    """Shows cells. Options: `root` (the project's folder) and `language`; MkDocs' plugin gives
    `runs` and `page` instead, and reports the page's problems itself."""

    def __init__(self, **kwargs: Any) -> None:
        self.config = {
            "root": [".", "folder of the project"],
            "language": ["en", "language of the page"],
            "runs": ["", "a Runs, made from root where it is missing"],
            "page": ["", "a CurrentPage that collects problems; without it they are raised"],
        }
        super().__init__(**kwargs)

    def extendMarkdown(self, md: Markdown) -> None:
        fences = [e for e in md.registeredExtensions if isinstance(e, SuperFencesCodeExtension)]
        if not fences:
            md.registerExtensions(["pymdownx.highlight", "pymdownx.superfences"], {})
            fences = [e for e in md.registeredExtensions if isinstance(e, SuperFencesCodeExtension)]
        for fence in fences:
            fence.extend_super_fences("python", self.fence, _is_cell, lambda md: None)
        pattern = _ValuePattern(_VALUE, md)
        pattern.cells = self
        md.inlinePatterns.register(pattern, "livenotes-value", _VALUE_PRIORITY)

    @cached_property
    def runs(self) -> Runs:
        given = self.getConfig("runs")
        return given or Runs(Project(Path(self.getConfig("root")).resolve()))

    @cached_property
    def page(self) -> CurrentPage:
        given = self.getConfig("page")
        return given or CurrentPage(language=self.getConfig("language"))

    @cached_property
    def terms(self) -> Mapping[str, str]:
        path = f"{self.runs.project.options.docs}/glossary.yml"
        glossary = load_glossary(self.runs.project.root / path, path)
        return figure_terms(glossary, self.page.language)

    def fence(
        self, src: str, language: str, options: dict[str, Any], md: Markdown, **_: Any
    ) -> str:
        """SuperFences' formatter: the cell's HTML, or in its place what is wrong."""
        try:
            return self.cell(src, options, md)
        except LivenotesError as error:
            raise FenceError(*error.problems) from None
        except Exception as error:
            message = f"{type(error).__name__}: {error}"
            raise FenceError(Problem(self.page.path or "page", 0, message)) from error

    def cell(self, src: str, options: dict[str, Any], md: Markdown) -> str:
        """The cell's HTML. Raises LivenotesError where no page collects what is wrong."""
        reference = str(options["cell"])
        try:
            module, cell = self.find(reference)
            show = str(options.get("show", "both"))
            if show not in SHOW:
                raise self.wrong(reference, f'show="{show}" is not one of {", ".join(SHOW)}')
            if src.strip():
                raise self.wrong(reference, "a cell fence must be empty; its code is the module's")
        except LivenotesError as error:
            return self.refused(error)
        source = _highlight(self.runs, options, md, cell.source)
        texts = {name: str(options.get(name, "")) for name in ("alt", "caption", "slider")}

        def html() -> str:
            outcome = self.outcome(module.name)
            return render_cell(
                module,
                cell,
                _text(outcome) if isinstance(outcome, Failure) else outcome.cells[cell.name],
                show=show,
                **texts,
                language=language,
                terms=terms,
                source_url=self.runs.source_url,
                highlight=lambda _: source,
            )

        language, terms = self.page.language, self.terms
        return f"<div>{self.page.mark(html)}</div>" if self.getConfig("page") else html()

    def value(self, reference: str) -> str:
        """HTML of a cell's text for a sentence. Raises LivenotesError."""
        module, cell = self.find(reference)

        wrong = self.wrong(reference, "this cell's output is not one line of text")

        def text() -> str:
            outcome = self.outcome(module.name)
            if isinstance(outcome, Failure):
                return "?"
            found = cell_value(outcome.cells[cell.name])
            return escape(found, quote=False) if found else self.refused(wrong, "span")

        return self.page.mark(text) if self.getConfig("page") else text()

    def outcome(self, name: str) -> Outputs | Failure:
        """Waits for a module. One that failed is reported by the plugin once for all pages; where
        there is no plugin, it is raised."""
        outcome = self.runs.outcome(name)
        if isinstance(outcome, Failure) and not self.getConfig("page"):
            raise LivenotesError(*outcome.problems)
        return outcome

    def find(self, reference: str) -> tuple[Module, Cell]:
        """The module and cell of a reference. Raises LivenotesError, with a suggestion."""
        name, colon, cell_name = reference.partition(":")
        if not colon:
            raise self.wrong(reference, f"'{reference}' is not of the form module:name", _FORM)
        try:
            module = self.runs.module(name)
        except LivenotesError as error:
            first = error.problems[0]
            where = f"{first.path}:{first.line}: " if first.line else ""
            message = f"module '{name}': {where}{first.message}"
            raise self.wrong(reference, message, first.hint) from None
        names = [cell.name for cell in module.cells]
        if cell_name not in names:
            close = difflib.get_close_matches(cell_name, names, 1) or names
            hint = f'Did you mean cell="{name}:{close[0]}"?'
            message = f"{module.path} has no cell '{cell_name}'"
            raise self.wrong(reference, message, hint)
        return module, module.cell(cell_name)

    def wrong(self, reference: str, message: str, hint: str = "") -> LivenotesError:
        line = self.page.line_of(reference)
        return LivenotesError(Problem(self.page.path or "page", line, message, hint=hint))

    def refused(self, error: LivenotesError, tag: str = "pre") -> str:
        """Note a page's problem and show it in place; without a page to note it, raise it."""
        if not self.getConfig("page"):
            raise error
        self.page.problems += error.problems
        text = ET.Element(tag, {"class": "cell-error"})
        text.text = str(error)
        return ET.tostring(text, encoding="unicode")


class _ValuePattern(InlineProcessor):
    """`{cell} module:name` -> the cell's text."""

    cells: Cells

    def handleMatch(  # type: ignore[override]  # as InlineProcessor's own
        self, m: re.Match[str], data: str
    ) -> tuple[ET.Element, int, int]:
        reference = m[1]
        element = ET.Element("span", {"class": "cell-value", "data-cell-value": reference})
        try:
            html = self.cells.value(reference)
            element.text = AtomicString(self.md.htmlStash.store(html))
        except LivenotesError as error:
            self.cells.refused(error)
            element.set("class", "cell-error")
            element.text = AtomicString(str(error))
        return element, m.start(0), m.end(0)


def _is_cell(
    language: str, inputs: dict[str, Any], options: dict[str, Any], attrs: Any, md: Markdown
) -> bool:
    """SuperFences' validator: is this Python fence one of ours? Others are left to SuperFences."""
    if "cell" not in inputs:
        return False
    md.preprocessors["fenced_code_block"].get_hl_settings()  # type: ignore[attr-defined]
    options.update(inputs)
    return True


def _highlight(runs: Runs, options: Mapping[str, Any], md: Markdown, source: str) -> str:
    """A cell's source as SuperFences highlights any Python fence, with the fence's options.

    Both languages show the same source, and every build shows it again: it is kept.
    """
    given = {name: value for name, value in options.items() if name in _HIGHLIGHT_OPTIONS}
    superfences: Any = md.preprocessors["fenced_code_block"]
    settings = superfences.highlight_ext.get_pymdownx_highlight_settings()
    if settings["line_spans"] or settings["line_anchors"]:  # with numbers that count blocks
        return _by_superfences(superfences, md, given, source)
    made_from = (source, repr(sorted(given.items())), repr(sorted(settings.items())))
    html: str | None = runs.highlighted.get(*made_from)
    if html is None:
        html = _by_superfences(superfences, md, given, source)
        runs.highlighted.put(html, *made_from)
    return html


def _by_superfences(superfences: Any, md: Markdown, options: dict[str, Any], source: str) -> str:
    superfences.line_count = source.count("\n") + 1
    html: str = superfences.highlight(
        src=source,
        class_name="highlight",
        language="python",
        md=md,
        options=options,
        classes=[],
        id_value="",
        attrs={},
    )
    return html


def _text(failure: Failure) -> str:
    return "\n".join(map(str, failure.problems))


def makeExtension(**kwargs: Any) -> Cells:
    """Python-Markdown's way to load an extension by its module's name."""
    return Cells(**kwargs)
