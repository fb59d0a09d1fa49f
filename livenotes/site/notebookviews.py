"""Notebooks in the site: a download of each chapter, and mkdocs-jupyter's view of it."""

from __future__ import annotations

import logging
import posixpath
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, InclusionLevel
from mkdocs.structure.pages import Page
from mkdocs.utils import get_relative_url

from livenotes.checks.project import existing
from livenotes.core.files import write_atomically
from livenotes.core.glossary import figure_terms
from livenotes.core.words import words
from livenotes.document.document import Document, Source
from livenotes.document.source import fenced_modules
from livenotes.export.notebook import Edition, make_notebook, to_bytes
from livenotes.rendering.fill import quoted_value
from livenotes.site.build import Build
from livenotes.site.configuration import options_of
from livenotes.site.notebookhtml import mend
from livenotes.site.repository import colab_url
from livenotes.site.viewworker import ViewWorkers

VIEWER = "mkdocs-jupyter"
STYLE = "assets/notebook.css"

# What a view looks like depends on these, and mkdocs-jupyter's cache does not know them.
_MADE_BY = (VIEWER, "nbconvert", "mistune", "beautifulsoup4", "pygments")
_MANY = 4  # modules that run: there will be so many views to make that processes for it pay


@dataclass
class _Notebook:
    """A chapter's notebook: its download and, where it is wanted, its view."""

    source: Source
    chapter: File
    download: File
    module: str
    view: File | None = None
    written: Path | None = None  # the file that the view was made from

    def document(self, build: Build) -> Document | None:
        """The chapter's document; None before it is converted."""
        return build.documents.get(self.chapter.src_uri)


class NotebookSite:
    """What the plugin calls in one build, event by event."""

    def __init__(self, build: Build) -> None:
        """Views are for builds: a server would wait for what nobody looks at while writing."""
        self.build = build
        self.config = build.config
        self.options = options_of(build.config)
        viewer = self._viewer = build.config.plugins.get(VIEWER)
        self._with_views = self.options.notebook_views and not build.serving and bool(viewer)
        if viewer:
            _set_up(viewer, build.runs.project.cache, self._with_views)
        self._notebooks: dict[str, _Notebook] = {}  # by the chapter's file
        self._views: dict[str, _Notebook] = {}  # by that of the view

    def on_files(self) -> None:
        """Announce a notebook for every page that shows a module, so that links to it hold."""
        build, config, files = self.build, self.config, self.build.files
        for uri, source in build.sources.items() if self.options.notebooks else ():
            chapter = files.get_file_from_path(uri)
            shown = existing(build.runs, fenced_modules(source.whole))
            if not shown or not source.language or chapter is None:
                continue
            address = f"{uri.removesuffix(f'{source.name}.md')}notebooks/{source.name}"
            download = File.generated(config, f"{address}.ipynb", content=b"")  # written last
            files.append(download)
            notebook = self._notebooks[uri] = _Notebook(source, chapter, download, shown[0])
            if self._with_views:
                folder = build.runs.project.cache / "notebooks"
                notebook.view = File(
                    f"{address}/index.ipynb", str(folder), config.site_dir,
                    config.use_directory_urls, inclusion=InclusionLevel.NOT_IN_NAV,
                )  # fmt: skip
                files.append(notebook.view)
                self._views[notebook.view.src_uri] = notebook

    def on_pre_page(self, page: Page) -> None:
        """A view is made from the notebook's file, which has to be there by now."""
        notebook = self._views.get(page.file.src_uri)
        if not notebook or notebook.written:
            return
        running = {name: number for number, name in enumerate(self.build.runs.running())}
        if len(running) >= _MANY and self._viewer:
            count = min(self.build.runs.runner.workers, len(running))
            workers = ViewWorkers(self._viewer.config, count)
            todo = [each for each in self._views.values() if not each.written]
            for each in sorted(todo, key=lambda n: running.get(n.module, -1)):
                if self._write(each) and each.written:
                    workers.convert(each.written)
            workers.finish()
        if not notebook.written:
            self._write(notebook)

    def _write(self, notebook: _Notebook) -> bool:
        """Writes the notebook that a view is made from; returns whether it is another than it was.
        Waits for its outputs."""
        if not notebook.view or not (content := self._content(notebook)):
            return False
        file = notebook.written = Path(str(notebook.view.abs_src_path))
        if file.is_file() and file.read_bytes() == content:
            return False
        write_atomically(file, content)
        return True

    def on_env(self) -> None:
        """MkDocs copies files before it builds pages; notebooks are there after all outputs."""
        for notebook in self._notebooks.values():
            notebook.download.inclusion = InclusionLevel.EXCLUDED

    def links(self, page: Page) -> dict[str, str]:
        """Addresses for the last line of a chapter: the download, the view and Colab where there
        are such."""
        notebook = self._notebooks.get(page.file.src_uri)
        if not notebook:
            return {}
        links = {"download": get_relative_url(notebook.download.url, page.url)}
        if view := notebook.view:
            links["view"] = get_relative_url(f"{posixpath.dirname(view.src_uri)}/", page.url)
            if not page.file.use_directory_urls:
                links["view"] += "index.html"
        repository, branch = self.config.repo_url or "", self.options.notebook_branch
        if url := colab_url(repository, branch, notebook.download.src_uri):
            links["colab"] = url
        return links

    def is_view(self, page: Page) -> bool:
        return page.file.src_uri in self._views

    def on_page_markdown(self, page: Page) -> None:
        """A view is not searched, not edited, and calls the chapter the original."""
        notebook = self._views.get(page.file.src_uri)
        if notebook is None or notebook.chapter.page is None:
            return
        chapter = notebook.chapter.page
        page.meta["search"] = {"exclude": True}
        page.meta["description"] = chapter.meta.get("description", "")
        page.meta["title"] = words(notebook.source.language).notebook_title.format(chapter.title)
        page.canonical_url = chapter.canonical_url
        page.edit_url = None

    def on_page_content(self, html: str, page: Page) -> str:
        """A view, mended; its table of contents is that of the chapter."""
        notebook = self._views[page.file.src_uri]
        chapter = notebook.chapter.page
        assert chapter is not None
        document = notebook.document(self.build)
        html = mend(html, document.headings if document else ())
        page.toc = chapter.toc
        if self.config.site_url:  # links inside the site work from any place, and offline
            root = posixpath.relpath("/", f"/{posixpath.dirname(page.file.src_uri)}")
            html = html.replace(f'href="{self.config.site_url}', f'href="{root}/')
        sheet = get_relative_url(STYLE, page.url)
        own = words(notebook.source.language)
        return (
            f'<link rel="stylesheet" href="{sheet}">{html}<p class="provenance">'
            f'<a href="{get_relative_url(notebook.chapter.url, page.url)}">'
            f"{own.chapter.format(chapter.title)}</a> "
            f'<a class="notebook-link" href="{get_relative_url(notebook.download.url, page.url)}"'
            f" download>{own.download_this}</a></p>"
        )

    def on_post_build(self) -> None:
        """Write the notebooks; a module that failed has none."""
        # For their links; a build that runs modules orders its files by their end.
        urls = sorted(file.url for file in self.build.files)
        for uri, notebook in self._notebooks.items():
            written = notebook.written
            make = written.read_bytes if written else partial(self._content, notebook)
            made_of = (urls, self._made_of(notebook))
            if content := self.build.remember(("notebook", uri), made_of, make):
                file = Path(notebook.download.abs_dest_path)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)

    def _content(self, notebook: _Notebook) -> bytes:
        """The notebook as a file; waits for the outputs; empty where there are none."""
        build, root = self.build, self.config.site_url
        chapter, page = notebook.chapter, notebook.document(build)
        outputs = build.outputs(page)
        if page is None or outputs is None:
            return b""

        def link(target: str) -> str | None:
            """A relative link of the page as an address in the web."""
            _, found, anchor = build.target(chapter.src_uri, target)
            return urljoin(root, found.url) + anchor if found and root else None

        edition = Edition(
            versions=build.versions(outputs),
            terms=figure_terms(build.terms, page.language),
            value=partial(quoted_value, build.runs),
            link=link,
            home=urljoin(root, chapter.url) if root else "",
        )
        return to_bytes(make_notebook(page, build.runs.module(page.module), outputs, edition))

    def _made_of(self, notebook: _Notebook) -> object:
        """All that a chapter's notebook depends on, beside the site's other addresses."""
        runs, page = self.build.runs, notebook.document(self.build)
        names = existing(runs, (each.module for each in page.references)) if page else []
        made_of = runs.made_of(names)
        return notebook.chapter.url, page, made_of, self.build.terms, self.config.site_url


def _set_up(viewer: Any, cache: Path, with_views: bool) -> None:
    """Give mkdocs-jupyter, as mkdocs.yml declares it, a cache that knows what views are made by.

    It removes from its cache what a build did not use, so a server, which shows no views, has none.
    """
    if viewer.config["execute"]:
        hint = "Remove that option: chapters' notebooks have been run when it shows them."
        raise PluginError(f"mkdocs.yml: {VIEWER} must not execute notebooks. {hint}")
    versions = "-".join(version(name) for name in _MADE_BY)
    viewer.config["cache"] = with_views
    viewer.config["cache_dir"] = str(cache / "notebook-views" / versions)
    for name in ("mkdocs.plugins.mkdocs_jupyter", "mkdocs.mkdocs-jupyter"):
        logging.getLogger(name).setLevel(logging.WARNING)
