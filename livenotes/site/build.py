"""What one build of the site knows. The plugin makes a new one for each build."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from livenotes.checks.project import Findings
from livenotes.core.problems import Problem
from livenotes.document.conversion import Conversion
from livenotes.document.document import Document, Source
from livenotes.document.drafts import NONE, Drafts
from livenotes.document.source import named_modules
from livenotes.execution.runs import Runs
from livenotes.extensions.highlighting import Highlighter
from livenotes.rendering.katex import BrokenFormula, Katex


@dataclass
class Build:
    """One build.

    `runs`, `katex` and what `highlight` keeps outlive it. `source_url` is where the project's files
    can be looked at, or ''. `sources` are known from the start, `documents` from the conversion on;
    `searched` are entries of the search index, `search_options` what pages say of them. All are by
    the name of the page's file (`zh/autograd.md`).
    """

    runs: Runs
    katex: Katex
    highlight: Highlighter
    source_url: str = ""
    conversion: Conversion = field(default_factory=Conversion)
    sources: dict[str, Source] = field(default_factory=dict)
    drafts: Drafts = NONE
    drafted: frozenset[str] = frozenset()  # modules that only pages name which are left out
    documents: dict[str, Document] = field(default_factory=dict)
    lagging: Mapping[str, bool] = field(default_factory=dict)  # see drafting.lagging
    findings: Findings = field(default_factory=Findings)
    searched: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    search_options: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def leave_out(self, uris: frozenset[str]) -> None:
        """Takes pages out of the build, and the modules that only they name."""
        out = [source for uri, source in self.sources.items() if uri in uris]
        self.sources = {uri: s for uri, s in self.sources.items() if uri not in uris}
        named = {name for source in out for name in named_modules(source.whole)}
        self.drafted = frozenset(named - set(self.named_modules()))

    def named_modules(self) -> list[str]:
        """Names that may be those of modules whose cells pages show."""
        return [name for source in self.sources.values() for name in named_modules(source.whole)]

    def begin_page(self, page: Page) -> None:
        """Notes which page MkDocs converts next."""
        for key in ("title", "description"):  # themes put them into HTML as they are
            if isinstance(text := page.meta.get(key), str):
                page.meta[key] = escape(text)
        language = str(page.meta.get("language", "en"))
        uri = page.file.src_uri
        self.conversion.begin(language, self.sources.get(uri))
        if uri in self.sources:  # its entries of the search index come from its document
            self.search_options[uri] = dict(page.meta.get("search") or {})
            page.meta["search"] = {"exclude": True}

    def end_page(self, page: Page) -> None:
        """Takes the document of the page that MkDocs has converted."""
        if document := self.conversion.end():
            self.documents[page.file.src_uri] = document

    def document(self, page: Page) -> Document | None:
        """The document of a page; None for a page that has no file in the project."""
        return self.documents.get(page.file.src_uri)

    def path(self, page: Page) -> str:
        """What messages call a page."""
        source = self.sources.get(page.file.src_uri)
        return source.path if source else page.file.src_uri

    def place(self, page: Page, reference: str) -> tuple[str, int]:
        """Path and line where a page names a cell."""
        document = self.document(page)
        return self.path(page), document.line_of_reference(reference) if document else 0

    def report_formulas(self, page: Page, broken: Iterable[BrokenFormula]) -> None:
        """Notes formulas that KaTeX refuses."""
        document = self.document(page)
        for each in broken:
            tex, display = each.formula.tex, each.formula.display
            line = document.line_of_formula(tex, display) if document else 0
            message = f"broken formula: {each.message}"
            self.findings.errors.append(Problem(self.path(page), line, message, hint=tex))


def add_assets(files: Files, config: MkDocsConfig, katex: Katex) -> None:
    """Adds KaTeX's style sheet and fonts to the site. Raises LivenotesError."""
    if "assets/katex/katex.css" not in config.extra_css:
        config.extra_css.insert(0, "assets/katex/katex.css")
    for uri, content in katex.assets():
        given: dict[str, Any] = (
            {"content": content} if isinstance(content, bytes) else {"abs_src_path": str(content)}
        )
        files.append(File.generated(config, uri, **given))
