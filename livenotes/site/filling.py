"""What stands on a page once all outputs are there: these, and at its foot where they come from.

With plugin.py and languages.py one of the rooms that know MkDocs.
"""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping
from functools import partial

from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

from livenotes.checks.project import shown_modules
from livenotes.core.problems import LivenotesError, Problem
from livenotes.document.pages import Page as SourcePage
from livenotes.execution.outputs import Outputs
from livenotes.execution.runs import Runs
from livenotes.extensions.cells import CurrentPage
from livenotes.rendering.cell import provenance
from livenotes.site.notebookviews import NotebookSite
from livenotes.site.serve import Remember
from livenotes.site.sidebyside import SideBySide


class Filling:
    """Fills the pages of one build; `pages` and `current` are by the name of the page's file."""

    def __init__(
        self,
        runs: Runs,
        pages: Mapping[str, SourcePage],
        current: Mapping[str, CurrentPage],
        pairs: SideBySide,
        notebooks: NotebookSite,
        remember: Remember,
    ) -> None:
        self.runs = runs
        self.pages = pages
        self.current = current
        self.pairs = pairs
        self.notebooks = notebooks
        self.remember = remember
        self._known = frozenset(shown_modules(runs, pages.values()))

    def inputs(self, uri: str) -> Iterator[str]:
        """What a page's HTML, but for its outputs, is made from beside its own text."""
        glossary = self.runs.project.docs / "glossary.yml"
        yield glossary.read_text("utf-8", "replace") if glossary.is_file() else ""
        source = self.pages.get(uri)
        for name in dict.fromkeys(block.module for block in source.references) if source else ():
            try:
                yield self.runs.module(name).text
            except LivenotesError as error:
                yield f"{name}: {error}"

    def first_come_first(self, files: Files) -> None:
        """Have MkDocs build pages in the order in which their outputs are there."""
        pages = [file.page for file in files.documentation_pages() if file.page]
        order = {name: number for number, name in enumerate(self.runs.running(), 1)}

        def last_output(page: Page) -> int:
            return max((order.get(name, 0) for name in self._modules(page)), default=0)

        for page in sorted(pages, key=last_output):
            files.remove(page.file)
            files.append(page.file)

    def _modules(self, page: Page) -> set[str]:
        """Names of the modules that a page shows."""
        uris = [side.file.src_uri for side in self.pairs.sides(page) or [page]]
        sources = [self.pages[uri] for uri in uris if uri in self.pages]
        return {block.module for source in sources for block in source.references} & self._known

    def fill(self, page: Page) -> list[Problem]:
        """Put the outputs into a page, waiting for them; gives all that is wrong with its cells."""
        uri, content = page.file.src_uri, page.content or ""
        uris = [side.file.src_uri for side in self.pairs.sides(page) or [page]]
        names = self._modules(page)
        # What stands for a mark is made with the page's HTML, and kept with it.
        marked = [self.current[uri].later for uri in uris]
        made_of = (content, marked, self.runs.made_of(sorted(names)), self.runs.source_url)
        make = partial(_filled, self.current[uri], content)
        filled, problems = self.remember(("filled", uri), made_of, make)
        page.content = filled + self._provenance(page)
        return [*self.current[uri].problems, *problems]

    def _provenance(self, page: Page) -> str:
        """The line at the foot of a page."""
        if sides := self.pairs.sides(page):
            return self.pairs.joined(page, [self._provenance(side) for side in sides])
        source = self.pages.get(page.file.src_uri)
        outcome = self.runs.outcome(source.module) if source and source.module else None
        if not isinstance(outcome, Outputs):
            return ""
        url = self.runs.source_url and f"{self.runs.source_url}{outcome.source}"
        language = str(page.meta.get("language", "en"))
        python, links = platform.python_version(), self.notebooks.links(page)
        return provenance(outcome, python, language, url, links)


def _filled(current: CurrentPage, html: str) -> tuple[str, list[Problem]]:
    """A page's HTML with its outputs, and what is wrong with these."""
    before = len(current.problems)
    return current.fill(html), current.problems[before:]
