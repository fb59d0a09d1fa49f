"""MkDocs' events, one after another; the work is done in the other rooms."""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort, PluginError
from mkdocs.livereload import LiveReloadServer
from mkdocs.plugins import BasePlugin, CombinedEvent, event_priority
from mkdocs.structure.files import Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page
from mkdocs.utils.templates import TemplateContext

from livenotes.checks.project import check_outputs, check_sources, existing
from livenotes.core.problems import LivenotesError
from livenotes.core.store import Store
from livenotes.document.convert import nests_too_deeply
from livenotes.execution.fingerprints import distribution_version
from livenotes.execution.runs import Runs
from livenotes.extensions.highlighting import MADE_BY, highlighter
from livenotes.rendering.fill import fill_text
from livenotes.rendering.katex import Katex
from livenotes.rendering.typeset import numbered, substitute, substitute_text
from livenotes.site import early, offline
from livenotes.site.build import Build
from livenotes.site.configuration import PluginConfig, project_of
from livenotes.site.documents import add_extensions
from livenotes.site.drafting import lagging, read_pages
from livenotes.site.fill import PageFiller
from livenotes.site.languages import Languages
from livenotes.site.lastlook import last_look
from livenotes.site.notebookviews import NotebookSite
from livenotes.site.publishing import Publishing
from livenotes.site.quicktheme import list_quickly
from livenotes.site.reporting import report, tell_links_once, telling_authors
from livenotes.site.repository import source_url
from livenotes.site.serve import Rebuilding, entries
from livenotes.site.staging import Staging
from livenotes.site.themefaults import mend_theme
from livenotes.site.watching import watch_closely

log = logging.getLogger("mkdocs.plugins.livenotes")


class LivenotesPlugin(BasePlugin[PluginConfig]):  # type: ignore[no-untyped-call]
    """Runs what pages show, fills it in, and publishes a site only when all of it is right."""

    build: Build  # this and the next ones are made anew for each build, in `on_config`
    languages: Languages
    notebooks: NotebookSite
    publishing: Publishing
    filler: PageFiller

    def __init__(self) -> None:
        self.serving = False
        self.runs: Runs | None = None
        self.katex: Katex | None = None
        self.rebuilding = Rebuilding()
        self.staging: Staging | None = None
        self.highlighted: Store | None = None

    def on_startup(self, *, command: Literal["build", "gh-deploy", "serve"], dirty: bool) -> None:
        self.serving = self.rebuilding.active = command == "serve"
        self.started = time.time()
        if dirty and self.serving:
            raise PluginError("leave --dirty out: a server makes anew only what changed")

    @event_priority(100)  # before the search plugin reads its settings
    def on_config(self, config: MkDocsConfig) -> None:
        with telling_authors():
            project = project_of(config)
            if found := list(project.unreadable_pages()):
                raise LivenotesError(*found)
        if self.runs is None or self.runs.project != project:
            self.runs = Runs(project, lambda line: log.info("%s", line))
            self.rebuilding.forget()
        self.runs.refresh()
        with telling_authors():
            # Packages are imported while MkDocs reads on; a server has them ready for edits.
            self.runs.prepare(self.runs.names(), warm=self.serving)
        offline.prepare(config)
        build = self.build = self._new_build(config, self.runs)
        self.languages = Languages(config)
        build.conversion.languages = self.languages.names
        list_quickly(config, self.rebuilding.bytecode if self.serving else None)
        self.publishing = Publishing(build, self.languages)
        self.notebooks = NotebookSite(build)
        self.filler = PageFiller(build, self.languages.pairs, self.notebooks)
        add_extensions(config, build.conversion)
        if project.snippets.exists():
            config.watch.append(str(project.snippets))
        self.rebuilding.on_config(config)
        if not self.serving:  # with --dirty too: in an empty folder all pages are new
            self.staging = Staging(Path(config.site_dir))
            config.site_dir = str(self.staging.building)

    def _new_build(self, config: MkDocsConfig, runs: Runs) -> Build:
        if self.katex is None or self.highlighted is None:
            self.katex = Katex(runs.project.cache)
            made_by = " ".join(map(distribution_version, MADE_BY))
            self.highlighted = Store(runs.project.cache, f"sources {made_by}")
        highlight = highlighter(config.mdx_configs, self.highlighted)
        address = source_url(config, runs.project.options.docs)
        return Build(
            config, runs, self.katex, highlight, self.serving, self.rebuilding.remember, address
        )

    def on_serve(
        self, server: LiveReloadServer, *, config: MkDocsConfig, builder: Any
    ) -> LiveReloadServer:
        watched = [config.docs_dir, config.config_file_path]
        watch_closely(server, watched, config.watch, self.started)
        return server

    @event_priority(50)  # before mkdocs-jupyter looks for notebooks
    def on_files(self, files: Files, config: MkDocsConfig) -> Files:
        """Read all pages, begin to run every module that they show, and note what is wrong."""
        build = self.build
        build.files = files
        with telling_authors():
            read_pages(build)
            tell_links_once(build)
            self.languages.on_files(files, build.conversion.unpublished)
            build.runs.begin(existing(build.runs, build.named_modules()))
            build.add_assets()
            self.notebooks.on_files()
        return files

    def on_nav(self, nav: Navigation, config: MkDocsConfig, files: Files) -> Navigation:
        return self.languages.on_nav(nav, files)

    @event_priority(50)  # before mkdocs-jupyter reads the notebook
    def on_pre_page(self, page: Page, *, config: MkDocsConfig, files: Files) -> None:
        if self.notebooks.is_view(page):  # of a notebook, which waits for outputs
            with telling_authors():
                early.prepare(self.build.documents.values(), self.build, self.publishing)
        self.notebooks.on_pre_page(page)

    def _before_others(
        self, markdown: str, *, page: Page, config: MkDocsConfig, files: Files
    ) -> None:
        self.languages.on_page_markdown(page)
        self.notebooks.on_page_markdown(page)
        self.build.begin_page(page)

    @event_priority(-100)
    def _after_others(
        self, markdown: str, *, page: Page, config: MkDocsConfig, files: Files
    ) -> str:
        conversion = self.build.conversion
        inputs = [conversion.source, conversion.unpublished, *self.filler.inputs()]
        return self.rebuilding.on_page_markdown(markdown, page, config, files, inputs)

    on_page_markdown = CombinedEvent(_before_others, _after_others)

    @event_priority(100)
    def on_page_content(self, html: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
        html = self.rebuilding.on_page_content(html, page, files, self.build.conversion)
        if self.notebooks.is_view(page):
            return self.notebooks.on_page_content(html, page)
        self.build.end_page(page)
        for item in entries(page.toc):
            title = fill_text(item.title, self.build.runs)
            item.title, broken = substitute_text(title, self.build.katex)
            self.build.report_formulas(page, broken)
        if page.title and (title := fill_text(page.title, self.build.runs)) != page.title:
            page.title = title
        return html

    @event_priority(100)
    def on_env(self, env: Environment, *, config: MkDocsConfig, files: Files) -> None:
        """All pages are read: do what can be done for all of them while outputs are made."""
        build = self.build
        build.files = files  # another plugin may have made others
        self.rebuilding.on_env(env, config)
        self.languages.on_env(env)
        read = [
            f.page for f in files.documentation_pages() if f.page and f.page.content is not None
        ]
        pages = [page for page in read if not self.notebooks.is_view(page)]
        with telling_authors():
            documents = [build.documents[uri] for uri in build.sources if uri in build.documents]
            build.lagging = lagging(build)
            early.typeset(documents, build)
            build.findings.add(check_sources(build.runs, documents, build.remember, build.drafted))
        self.languages.pairs.on_env(pages, build)
        self.notebooks.on_env()
        self.filler.order_by_outcome()
        early.compile_templates(env, build)
        early.prepare(documents, build, self.publishing)
        self.rebuilding.keep_files(files)

    @event_priority(100)  # whatever other plugins do with the page, they see its outputs
    def _context(self, context: Any, *, page: Page, config: MkDocsConfig, nav: Navigation) -> None:
        if not self.rebuilding.alone:
            self._fill(page)
        self.languages.on_page_context(context, page, nav)
        if not self.notebooks.is_view(page) and not self.languages.pairs.sides(page):
            self.publishing.on_page_context(context, page)

    @event_priority(-100)
    def _filled_context(
        self, context: Any, *, page: Page, config: MkDocsConfig, nav: Navigation
    ) -> None:
        # Material's search goes through the whole text even of pages that it is to leave out.
        if self.rebuilding.alone:
            self._fill(page)
        self.rebuilding.on_page_context(context, page)

    on_page_context = CombinedEvent(_context, _filled_context)

    def _fill(self, page: Page) -> None:
        if not self.notebooks.is_view(page):
            with telling_authors():
                self.filler.fill(page)

    def on_template_context(
        self, context: TemplateContext, *, template_name: str, config: MkDocsConfig
    ) -> TemplateContext:
        return self.languages.on_template_context(context, template_name)

    def on_post_template(self, output: str, *, template_name: str, config: MkDocsConfig) -> str:
        return mend_theme(output, "") if template_name.endswith(".html") else output

    @event_priority(100)  # formulas are put in before another plugin rewrites the HTML
    def on_post_page(self, output: str, *, page: Page, config: MkDocsConfig) -> str:
        build = self.build
        if self.rebuilding.is_finished():
            return output
        if not self.serving:  # hundreds of finished pages would fill the memory
            page.content = ""  # not None: MkDocs would look for the title anew
        told = self.notebooks.is_view(page) or bool(self.languages.pairs.sides(page))
        output = mend_theme(output, str(page.meta.get("language", "en")))
        with telling_authors():
            output, broken = substitute(output, build.katex)
            output = numbered(output)
        if not told:  # else the chapter has told what is wrong
            build.report_formulas(page, broken)
        if not broken:  # what is wrong is said at every build
            self.rebuilding.finish(output)
        return output

    @event_priority(-100)  # after the search plugin has written its index, and after all others
    def on_post_build(self, *, config: MkDocsConfig) -> None:
        build = self.build
        with telling_authors():
            check_outputs(build.runs, list(build.documents.values()), build.findings)
            self.notebooks.on_post_build()
            build.findings.add(last_look(build))
        path = Path(config.site_dir, "executed.json")
        with path.open("w", encoding="utf-8", errors="backslashreplace") as file:
            file.writelines(build.runs.executed(build.remember))
        searched = [entry for found in build.searched.values() for entry in found]
        self.languages.on_post_build(searched)
        self.publishing.on_post_build()
        report(build, self.languages.pairs.sides)
        if self.staging:
            if how := self.staging.publish():
                log.info("%s", how)
            config.site_dir = str(self.staging.site)
            self.staging = None
        self.rebuilding.on_post_build()

    @event_priority(-100)  # after all others: this may end the build
    def on_build_error(self, *, error: Exception) -> None:
        self.rebuilding.on_build_error()
        if self.staging:
            self.staging.discard()
            self.staging = None
        if isinstance(error, RecursionError) and (source := self.build.conversion.source):
            error = nests_too_deeply(source.path)
        if isinstance(error, (LivenotesError, OSError)):  # a full disk, say: no traceback helps
            log.error("%s", error)
            raise Abort("Aborted; the site was left as it was.")

    def on_shutdown(self) -> None:
        if self.highlighted:
            self.highlighted.save()
        if self.katex:
            self.katex.close()
