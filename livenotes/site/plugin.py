"""MkDocs' events, one after another; the work is done in the other rooms."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort, PluginError
from mkdocs.livereload import LiveReloadServer
from mkdocs.plugins import BasePlugin, CombinedEvent, event_priority
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page

from livenotes.checks.project import (
    Findings,
    check_outputs,
    check_sources,
    shown_modules,
)
from livenotes.core.problems import LivenotesError, Problem
from livenotes.document.pages import Page as SourcePage
from livenotes.document.pages import find_formula, find_reference, read_page
from livenotes.execution.runs import Runs
from livenotes.extensions.cells import CurrentPage
from livenotes.rendering.katex import BrokenFormula, Katex
from livenotes.rendering.sections import split_sections
from livenotes.rendering.typeset import (
    exclude_from_search,
    leftovers,
    prepare_formulas,
    substitute,
    substitute_text,
)
from livenotes.site import offline
from livenotes.site.configuration import PluginConfig, page_path, project_of
from livenotes.site.filling import Filling
from livenotes.site.languages import Languages
from livenotes.site.notebookviews import NotebookSite
from livenotes.site.publishing import Publishing
from livenotes.site.reporting import report
from livenotes.site.repository import source_url
from livenotes.site.search import lean, unmarked
from livenotes.site.serve import Finished, Rebuilding, entries, watch_closely
from livenotes.site.staging import Staging
from livenotes.site.templates import list_quickly
from livenotes.site.themefaults import mend_theme

log = logging.getLogger("mkdocs.plugins.livenotes")
_EXTENSIONS = (
    "livenotes.extensions.cells",
    "livenotes.extensions.tips",
    "livenotes.extensions.spans",
)


class LivenotesPlugin(BasePlugin[PluginConfig]):  # type: ignore[no-untyped-call]
    """Runs what pages show, fills it in, and publishes a site only when all of it is right."""

    def __init__(self) -> None:
        self.command = "build"
        self.runs: Runs | None = None
        self.katex: Katex | None = None
        self.languages = Languages(paired=True)
        self.notebooks = NotebookSite()
        self.publishing = Publishing(self.languages)
        self.rebuilding = Rebuilding()
        self.staging: Staging | None = None
        self.pages: dict[str, SourcePage] = {}
        self.current: dict[str, CurrentPage] = {}
        self.filling: Filling | None = None
        self.findings = Findings()
        self.shown = ""  # a page's content while search sees a lean one

    def on_startup(self, *, command: Literal["build", "gh-deploy", "serve"], dirty: bool) -> None:
        self.command = "dirty" if dirty and command == "build" else command
        if command == "serve":
            self.rebuilding.start()

    @event_priority(100)  # before the search plugin reads its settings
    def on_config(self, config: MkDocsConfig) -> None:
        try:
            project = project_of(config)
            if found := list(project.unreadable_pages()):
                raise LivenotesError(*found)
        except LivenotesError as error:
            raise PluginError(str(error)) from None
        if self.runs is None or self.runs.project != project:
            self.runs = Runs(project, lambda line: log.info("%s", line))
            self.rebuilding.forget()
        self.runs.refresh()
        self.runs.source_url = source_url(config.repo_url or "", config.edit_uri or "")
        try:
            # Packages are imported while MkDocs reads on; a server has them ready for edits.
            self.runs.prepare(project.module_names(), warm=self.command == "serve")
        except LivenotesError as error:
            raise PluginError(str(error)) from None
        if self.katex is None:
            self.katex = Katex(project.cache)
        offline.prepare(config)
        self.languages.on_config(config)
        list_quickly(config, self.rebuilding.bytecode)
        self.publishing.on_config(config, self.command in ("build", "gh-deploy"))
        self.notebooks.on_config(config, project.cache, self.command in ("build", "gh-deploy"))
        self._add_extension(config)
        if project.snippets.exists():
            config.watch.append(str(project.snippets))
        if "assets/katex/katex.css" not in config.extra_css:
            config.extra_css.insert(0, "assets/katex/katex.css")
        self.rebuilding.on_config(config)
        if self.command in ("build", "gh-deploy"):
            self.staging = Staging(Path(config.site_dir))
            config.site_dir = str(self.staging.building)

    def _add_extension(self, config: MkDocsConfig) -> None:
        assert self.runs
        for name in _EXTENSIONS:
            if name not in config.markdown_extensions:
                config.markdown_extensions.append(name)
        self.current = {}

    def on_serve(
        self, server: LiveReloadServer, *, config: MkDocsConfig, builder: Any
    ) -> LiveReloadServer:
        watch_closely(server, [config.docs_dir, config.config_file_path])
        return server

    @event_priority(50)  # before mkdocs-jupyter looks for notebooks
    def on_files(self, files: Files, config: MkDocsConfig) -> Files:
        """Read all pages, begin to run every module that they show, and note what is wrong."""
        assert self.runs and self.katex
        self.languages.on_files(files, config)
        self.rebuilding.on_search(config.plugins.get("material/search"))
        self.pages = {
            file.src_uri: read_page(Path(file.abs_src_path), path)
            for file in files.documentation_pages()
            if file.abs_src_path and (path := page_path(config, file))
        }
        try:
            pages = list(self.pages.values())
            self.filling = Filling(
                self.runs, self.pages, self.current, self.languages.pairs, self.notebooks,
                self.rebuilding.remember,
            )  # fmt: skip
            self.runs.begin(shown_modules(self.runs, pages))
            self.findings = check_sources(self.runs, pages)
            for uri, content in self.katex.assets():
                given: dict[str, Any] = (
                    {"content": content} if isinstance(content, bytes)
                    else {"abs_src_path": str(content)}
                )  # fmt: skip
                files.append(File.generated(config, uri, **given))
            self.notebooks.on_files(files, config, self.runs, self.pages)
        except LivenotesError as error:
            raise PluginError(str(error)) from None
        return files

    def on_nav(self, nav: Navigation, config: MkDocsConfig, files: Files) -> Navigation:
        return self.languages.on_nav(nav, config, files)

    @event_priority(50)  # before mkdocs-jupyter reads the notebook
    def on_pre_page(self, page: Page, *, config: MkDocsConfig, files: Files) -> None:
        self.notebooks.on_pre_page(page)

    def on_page_markdown(
        self, markdown: str, *, page: Page, config: MkDocsConfig, files: Files
    ) -> None:
        self.languages.on_page_markdown(page)
        self.notebooks.on_page_markdown(page)
        assert self.runs and self.filling
        for key in ("title", "description"):  # themes put them into HTML as they are
            if isinstance(text := page.meta.get(key), str):
                page.meta[key] = escape(text)
        source = self.pages.get(page.file.src_uri)
        current = self.current[page.file.src_uri] = CurrentPage(
            path=source.path if source else page.file.src_uri,
            language=str(page.meta.get("language", "en")),
            line_of=lambda ref: find_reference(source, ref) if source else 0,
        )
        cells, terms, foreign = _EXTENSIONS
        config.mdx_configs[cells] = {"runs": self.runs, "page": current}
        project = self.runs.project
        folders = {"root": str(project.root), "docs": project.options.docs}
        config.mdx_configs[terms] = folders | {"page": current}
        config.mdx_configs[foreign] = {"page": current}
        inputs = self.filling.inputs(page.file.src_uri)
        self.rebuilding.on_page(page, current, inputs)

    def on_page_content(self, html: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
        assert self.katex
        if self.notebooks.is_view(page):
            return self.notebooks.on_page_content(html, page, config)
        current = self.current[page.file.src_uri]
        for item in entries(page.toc):
            item.title, broken = substitute_text(current.fill(item.title), self.katex)
            self._broken_formulas(page, broken)
        if page.title and current.is_marked(page.title):
            page.title = current.fill(page.title)
        name = ("marked", page.file.src_uri)
        return self.rebuilding.remember(name, html, lambda: exclude_from_search(html))

    @event_priority(100)
    def on_env(self, env: Environment, *, config: MkDocsConfig, files: Files) -> None:
        """All pages are read: do what can be done for all of them while outputs are made."""
        assert self.runs and self.katex and self.filling
        self.rebuilding.on_env(env, config)
        read = [
            f.page for f in files.documentation_pages() if f.page and f.page.content is not None
        ]
        pages = [page for page in read if not self.notebooks.is_view(page)]
        try:
            for page in pages:
                self._prepare_formulas(page.file.src_uri, page.content or "")
        except LivenotesError as error:
            raise PluginError(str(error)) from None
        env.get_template("main.html")
        self.languages.pairs.on_env(pages, self.current, self.rebuilding.remember)
        self.notebooks.on_env(files)
        self.publishing.on_env(files)
        self.filling.first_come_first(files)

    def _prepare_formulas(self, name: str, html: str) -> None:
        katex = self.katex
        assert katex
        self.rebuilding.remember(("formulas", name), html, lambda: prepare_formulas(html, katex))

    @event_priority(100)  # whatever others do with the page, they see its outputs
    def _before_search(
        self, context: Any, *, page: Page, config: MkDocsConfig, nav: Navigation
    ) -> None:
        assert self.filling
        if not self.notebooks.is_view(page):
            try:
                self.findings.errors += self.filling.fill(page)
            except LivenotesError as error:
                raise PluginError(str(error)) from None
        self.languages.on_page_context(context, page, config, nav)
        if not self.notebooks.is_view(page) and not self.languages.pairs.sides(page):
            self.publishing.on_page_context(context, page, config)
        shown = self.shown = page.content or ""
        name = ("lean", page.file.src_uri)
        # Search leaves pairs out, and would only read them in vain.
        searched = "" if self.languages.pairs.sides(page) else shown
        page.content = self.rebuilding.remember(name, searched, lambda: lean(searched))

    @event_priority(-100)
    def _after_search(
        self, context: Any, *, page: Page, config: MkDocsConfig, nav: Navigation
    ) -> None:
        shown, name = self.shown, ("unmarked", page.file.src_uri)
        page.content = self.rebuilding.remember(name, shown, lambda: unmarked(shown))

    on_page_context = CombinedEvent(_before_search, _after_search)

    def on_post_template(self, output: str, *, template_name: str, config: MkDocsConfig) -> str:
        return mend_theme(output, "") if template_name.endswith(".html") else output

    def on_post_page(self, output: str, *, page: Page, config: MkDocsConfig) -> str:
        assert self.katex
        if isinstance(output, Finished):
            return output
        if self.command != "serve":  # hundreds of finished pages would fill the memory
            page.content = ""  # not None: MkDocs would look for the title anew
        if is_view := self.notebooks.is_view(page):
            self.notebooks.on_post_page(output)
        told = is_view or bool(self.languages.pairs.sides(page))
        output = split_sections(mend_theme(output, str(page.meta.get("language", "en"))))
        # Before KaTeX's HTML makes the page ten times as long.
        missed = [] if told else leftovers(output)
        try:
            output, broken = substitute(output, self.katex)
        except LivenotesError as error:
            raise PluginError(str(error)) from None
        if told:  # the chapter has told what is wrong
            if not broken:
                self.rebuilding.finish(output)
            return output
        self._broken_formulas(page, broken)
        path = self.pages[page.file.src_uri].path if page.file.src_uri in self.pages else ""
        self.findings.warnings += [
            Problem(path, 0, f"this looks like a formula, but was not read as one: {excerpt}",
                    hint="Write $$ on lines of their own, with blank lines around, indented by "
                         "four spaces in a list.")
            for excerpt in missed
        ]  # fmt: skip
        if not missed and not broken:  # what is wrong is said at every build
            self.rebuilding.finish(output)
        return output

    def _broken_formulas(self, page: Page, broken: Iterable[BrokenFormula]) -> None:
        source = self.pages.get(page.file.src_uri)
        for item in broken:
            line = find_formula(source, item.formula.tex, item.formula.display) if source else 0
            path = source.path if source else page.file.src_uri
            self.findings.errors.append(
                Problem(path, line, f"broken formula: {item.message}", hint=item.formula.tex)
            )

    @event_priority(-100)  # after the search plugin has written its index, and after all others
    def on_post_build(self, *, config: MkDocsConfig) -> None:
        assert self.runs
        try:
            check_outputs(self.runs, list(self.pages.values()), self.findings)
            self.notebooks.on_post_build(config, self.rebuilding.remember)
        except LivenotesError as error:
            raise PluginError(str(error)) from None
        executed = Path(config.site_dir, "executed.json")
        with executed.open("w", encoding="utf-8", errors="backslashreplace") as file:
            file.writelines(self.runs.executed(self.rebuilding.remember))
        self.languages.on_post_build(config)
        if self.katex:
            self.publishing.on_post_build(config, self.runs, self.pages, self.katex)
        report(self.findings, self.pages.values(), serving=self.command == "serve")
        if self.staging:
            self.staging.publish()
            config.site_dir = str(self.staging.site)
            self.staging = None
        self.rebuilding.on_post_build()

    @event_priority(-100)  # after all others: this may end the build
    def on_build_error(self, *, error: Exception) -> None:
        self.rebuilding.folder.forget()
        if self.staging:
            self.staging.discard()
            self.staging = None
        # A full disk, say, or a page that nests its lists too deeply: no traceback helps.
        if isinstance(error, (LivenotesError, OSError, RecursionError)):
            log.error("%s", error)
            raise Abort("Aborted; the site was left as it was.")

    def on_shutdown(self) -> None:
        if self.runs:
            self.runs.highlighted.save()
        if self.katex:
            self.katex.close()
