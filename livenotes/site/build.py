"""What one build of the site knows. The plugin makes a new one for each build."""

from __future__ import annotations

from dataclasses import dataclass, field

from mkdocs.structure.pages import Page

from livenotes.checks.project import Findings
from livenotes.core.problems import Problem
from livenotes.document.conversion import Conversion
from livenotes.document.pages import Page as SourcePage
from livenotes.document.pages import find_formula, find_reference
from livenotes.execution.runs import Runs
from livenotes.extensions.highlighting import Highlighter
from livenotes.rendering.katex import BrokenFormula, Katex


@dataclass
class Build:
    """One build.

    `runs`, `katex` and what `highlight` keeps outlive it. `source_url` is where the project's files
    can be looked at, or ''. `pages` are by the name of the page's file (`zh/autograd.md`).
    """

    runs: Runs
    katex: Katex
    highlight: Highlighter
    source_url: str = ""
    conversion: Conversion = field(default_factory=Conversion)
    pages: dict[str, SourcePage] = field(default_factory=dict)
    findings: Findings = field(default_factory=Findings)

    def document(self, page: Page) -> SourcePage | None:
        """The document of a page; None where the page has no file in the project."""
        return self.pages.get(page.file.src_uri)

    def place(self, page: Page, reference: str) -> tuple[str, int]:
        """Path and line where a page names a cell."""
        source = self.document(page)
        return (
            (source.path, find_reference(source, reference)) if source else (page.file.src_uri, 0)
        )

    def report_formula(self, page: Page, broken: BrokenFormula) -> None:
        """Notes a formula that KaTeX refuses."""
        source, formula = self.document(page), broken.formula
        line = find_formula(source, formula.tex, formula.display) if source else 0
        path = source.path if source else page.file.src_uri
        message = f"broken formula: {broken.message}"
        self.findings.errors.append(Problem(path, line, message, hint=formula.tex))
