"""What one build of the site knows. The plugin makes a new one for each build."""

from __future__ import annotations

import platform
import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from html import escape
from typing import Any
from urllib.parse import urlsplit

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from livenotes.checks.project import Findings
from livenotes.core.glossary import Term, terms_of
from livenotes.core.memo import Remember, call
from livenotes.core.problems import Problem
from livenotes.document.conversion import Conversion
from livenotes.document.document import Document, Source
from livenotes.document.drafts import NONE, Drafts
from livenotes.document.source import named_modules
from livenotes.execution.outputs import Outputs
from livenotes.execution.runs import Runs
from livenotes.extensions.highlighting import Highlighter
from livenotes.rendering.cell import versions
from livenotes.rendering.katex import BrokenFormula, Katex


@dataclass
class Build:
    """One build.

    `runs`, `katex`, what `highlight` keeps and what `remember` holds outlive it. `files` are all
    that the site is made of. `source_url` is where the project's files can be looked at, or ''.
    `sources` are known from the start, `documents` from the conversion on;
    `searched` are entries of the search index, `search_options` what pages say of them. All are by
    the name of the page's file (`zh/autograd.md`).
    """

    config: MkDocsConfig
    runs: Runs
    katex: Katex
    highlight: Highlighter
    serving: bool = False
    remember: Remember = call
    source_url: str = ""
    files: Files = field(default_factory=lambda: Files([]))
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
        found = []
        for source in self.sources.values():
            text = source.whole
            found += self.remember(("named", source.path), text, partial(named_modules, text))
        return found

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

    def outputs(self, document: Document | None) -> Outputs | None:
        """What the module of a page gave, waiting for it; None without one, or if it failed."""
        outcome = self.runs.outcome(document.module) if document and document.module else None
        return outcome if isinstance(outcome, Outputs) else None

    def versions(self, outputs: Outputs) -> dict[str, str]:
        """What made these outputs, as readers are told."""
        named = dict(self.runs.project.options.versions)
        return versions(outputs, platform.python_version(), named)

    @property
    def terms(self) -> tuple[Term, ...]:
        """The glossary; nothing where it is broken, which is reported."""
        return terms_of(self.runs.project.docs / "glossary.yml")

    def target(self, uri: str, link: str) -> tuple[str, File | None, str]:
        """Where a relative link of a page leads: the path, its file if there is one, `#…`."""
        parts = urlsplit(link)
        path = posixpath.normpath(posixpath.join(posixpath.dirname(uri), parts.path))
        anchor = f"#{parts.fragment}" if parts.fragment else ""
        return path, self.files.get_file_from_path(path), anchor

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
            first, _, rest = tex.strip().partition("\n")  # KaTeX says where in it
            hint = f"{first} …" if rest else first
            self.findings.errors.append(Problem(self.path(page), line, message, hint=hint))

    def add_assets(self) -> None:
        """Adds KaTeX's style sheet and fonts to the site. Raises LivenotesError."""
        if "assets/katex/katex.css" not in self.config.extra_css:
            self.config.extra_css.insert(0, "assets/katex/katex.css")
        for uri, content in self.katex.assets():
            is_data = isinstance(content, bytes)
            given = {"content": content} if is_data else {"abs_src_path": str(content)}
            self.files.append(File.generated(self.config, uri, **given))
