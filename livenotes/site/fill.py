"""Fills the pages of a build with sources and outputs, and says at their foot what made these."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from mkdocs.structure.pages import Page

from livenotes.core.glossary import figure_terms
from livenotes.core.words import words
from livenotes.document.document import Document
from livenotes.rendering.cell import notebook_line, provenance
from livenotes.rendering.fill import Presentation, fill, quoted_value, texts_of
from livenotes.site.build import Build
from livenotes.site.drafting import notice
from livenotes.site.notebookviews import NotebookSite
from livenotes.site.search import entries
from livenotes.site.searchtext import sections
from livenotes.site.sidebyside import SideBySide


class PageFiller:
    """Fills the pages of one build."""

    def __init__(self, build: Build, pairs: SideBySide, notebooks: NotebookSite) -> None:
        self.build = build
        self.pairs = pairs
        self.notebooks = notebooks
        self._known = frozenset(build.runs.names())

    def inputs(self) -> Iterator[str]:
        """What the HTML of every page is converted from, beside its own text."""
        glossary = self.build.runs.project.docs / "glossary.yml"
        yield glossary.read_text("utf-8", "replace") if glossary.is_file() else ""

    def order_by_outcome(self) -> None:
        """Has MkDocs build the pages first whose outputs are there first."""
        files = self.build.files
        pages = [file.page for file in files.documentation_pages() if file.page]
        order = {name: number for number, name in enumerate(self.build.runs.running(), 1)}

        def last_output(page: Page) -> int:
            return max((order.get(name, 0) for name in self._modules(page)), default=0)

        for page in sorted(pages, key=last_output):
            files.remove(page.file)
            files.append(page.file)

    def _modules(self, page: Page) -> set[str]:
        """Names of the modules that a page shows."""
        found = map(self.build.document, self.pairs.sides(page) or [page])
        return {block.module for source in found if source for block in source.references} & (
            self._known
        )

    def fill(self, page: Page) -> None:
        """Puts the outputs into a page, waiting for them; notes what is wrong with its cells."""
        above = self._of_sides(page, partial(notice, self.build))
        content = above + (page.content or "")
        if line := self._of_sides(page, self._notebook_line):
            content = content.replace("</h1>", f"</h1>\n{line}", 1)
        runs, sides = self.build.runs, self.pairs.sides(page)
        terms, language = self.build.terms, str(page.meta.get("language", "en"))
        how = Presentation(
            runs,
            self.build.highlight,
            language,
            figure_terms(terms, language),
            self.build.source_url,
            self.pairs.codes[1] if sides else "",
            partial(self.build.place, sides[0] if sides else page),
        )
        source = self.build.document(sides[0] if sides else page)
        outputs = runs.made_of(sorted(self._modules(page)))
        site = (terms, language, how.source_url, self.build.highlight.settings)
        name = ("filled", page.file.src_uri)
        foot = self._of_sides(page, self._provenance)
        made_of = (content, source, outputs, site, foot)
        filled = self.build.remember(name, made_of, lambda: fill(content, how, foot))
        if not sides:  # the pages of a pair tell it themselves
            self.build.findings.errors += filled.problems
        page.content = filled.html
        if source and not sides:
            self._search(page, source, how, outputs)

    def _search(self, page: Page, document: Document, how: Presentation, outputs: object) -> None:
        """Notes the page's entries of the search index."""
        uri = page.file.src_uri
        options = self.build.search_options.get(uri, {})
        meta = {"tags": page.meta.get("tags"), "search": options}
        title = str(page.meta.get("title", page.title))

        def make() -> list[dict[str, Any]]:
            found = sections(
                document.root,
                partial(texts_of, how=how),
                lambda reference: quoted_value(how.runs, reference),
            )
            return entries(found, page.url, title, meta)

        if not options.get("exclude"):
            made_of = (document, outputs, page.url, title, meta)
            self.build.searched[uri] = self.build.remember(("entries", uri), made_of, make)

    def _of_sides(self, page: Page, make: Callable[[Page], str]) -> str:
        """What `make` makes of a page; of a pair, of both its sides."""
        sides = self.pairs.sides(page)
        return self.pairs.joined(page, list(map(make, sides))) if sides else make(page)

    def _notebook_line(self, page: Page) -> str:
        """What stands below the title of a chapter."""
        return notebook_line(str(page.meta.get("language", "en")), self.notebooks.links(page))

    def _provenance(self, page: Page) -> str:
        """The line at the foot of a page."""
        source = self.build.document(page)
        outcome = self.build.outputs(source)
        if not source or not outcome:
            return ""
        url = self.build.source_url and f"{self.build.source_url}{outcome.source}"
        language = str(page.meta.get("language", "en"))
        made = self.build.versions(outcome)
        line = provenance(outcome.source, made, language, url, self.notebooks.links(page))
        if (behind := self.build.lagging.get(source.path)) is None:
            return line
        said = words(language).behind if behind else words(language).ahead
        return line.removesuffix("</p>") + f' <span class="ln-lagging">{said}</span></p>'
