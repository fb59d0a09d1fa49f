"""Notebooks in the site: a download of each chapter, and mkdocs-jupyter's view of it.

With plugin.py and languages.py one of the rooms that know MkDocs.
"""

from __future__ import annotations

import logging
import platform
import posixpath
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page
from mkdocs.utils import get_relative_url

from livenotes.checks.project import existing
from livenotes.core.files import write_atomically
from livenotes.core.glossary import figure_terms, terms_of
from livenotes.core.memo import Remember
from livenotes.core.words import words
from livenotes.document.document import Document, Source
from livenotes.document.source import fenced_modules
from livenotes.execution.outputs import Outputs
from livenotes.execution.runs import Runs
from livenotes.export.notebook import Edition, make_notebook, to_bytes
from livenotes.rendering.cell import versions
from livenotes.rendering.fill import quoted_value
from livenotes.site.build import Build
from livenotes.site.configuration import options_of
from livenotes.site.notebookhtml import mend
from livenotes.site.repository import colab_url

VIEWER = "mkdocs-jupyter"
STYLE = "assets/notebook.css"

# What a view looks like depends on these, and mkdocs-jupyter's cache does not know them.
_MADE_BY = (VIEWER, "nbconvert", "mistune", "beautifulsoup4", "pygments")


@dataclass(frozen=True)
class _View:
    """The view of a chapter's notebook."""

    source: Source
    chapter: File
    download: File
    document: Callable[[], Document | None]  # None before the chapter is converted


class NotebookSite:
    """What the plugin calls, event by event."""

    def __init__(self) -> None:
        self._downloads: dict[str, _View] = {}
        self._view_files: dict[str, File] = {}
        self._views: dict[str, _View] = {}
        self._written: dict[str, Path] = {}  # the notebooks of views, by the chapter's file
        self._content: Callable[[_View], bytes] = lambda view: b""
        self._made_of: Callable[[_View], object] = lambda view: None
        self._urls: list[str] = []
        self._wanted = True
        self._with_views = False
        self._colab: Callable[[str], str] = lambda path: ""

    def on_config(self, config: MkDocsConfig, cache: Path, building: bool) -> None:
        """Views are for builds: a server would wait for what nobody looks at while writing."""
        self._wanted = options_of(config).notebooks
        viewer = config.plugins.get(VIEWER)
        self._with_views = options_of(config).notebook_views and building and viewer is not None
        if viewer is not None:
            _set_up(viewer, cache, self._with_views)
        branch = options_of(config).notebook_branch
        self._colab = lambda path: colab_url(config.repo_url or "", branch, path)

    def on_files(self, files: Files, config: MkDocsConfig, build: Build) -> None:
        """Announce a notebook for every page that shows a module, so that links to it hold."""
        self._downloads, self._view_files, self._views, self._written = {}, {}, {}, {}
        runs = build.runs
        self._content = lambda view: _notebook(view, files, config, runs)
        self._made_of = lambda view: _made_of(view, self._urls, config, runs)
        for uri, source in build.sources.items() if self._wanted else ():
            chapter = files.get_file_from_path(uri)
            shown = existing(runs, fenced_modules(source.whole))
            if not shown or not source.language or chapter is None:
                continue
            address = f"{uri.removesuffix(f'{source.name}.md')}notebooks/{source.name}"
            download = File.generated(config, f"{address}.ipynb", content=b"")  # written last
            files.append(download)
            document = partial(build.documents.get, uri)
            self._downloads[uri] = _View(source, chapter, download, document)
            if self._with_views:
                folder = runs.project.cache / "notebooks"
                view = File(
                    f"{address}/index.ipynb", str(folder), config.site_dir,
                    config.use_directory_urls, inclusion=InclusionLevel.NOT_IN_NAV,
                )  # fmt: skip
                files.append(view)
                self._view_files[uri] = view
                self._views[view.src_uri] = self._downloads[uri]

    def on_pre_page(self, page: Page) -> None:
        """A view is made from the notebook's file, which has to be there by now."""
        view = self._views.get(page.file.src_uri)
        if view and (content := self._content(view)):
            file = Path(str(page.file.abs_src_path))
            _write(file, content)
            self._written[view.chapter.src_uri] = file

    def on_env(self, files: Files) -> None:
        """MkDocs copies files before it builds pages; notebooks are there after all outputs."""
        self._urls = [file.url for file in files]
        for view in self._downloads.values():
            view.download.inclusion = InclusionLevel.EXCLUDED

    def links(self, page: Page) -> dict[str, str]:
        """Addresses for the last line of a chapter: the download, the view and Colab where there
        are such."""
        uri = page.file.src_uri
        links: dict[str, str] = {}
        if notebook := self._downloads.get(uri):
            links["download"] = get_relative_url(notebook.download.url, page.url)
        if view := self._view_files.get(uri):
            links["view"] = get_relative_url(f"{posixpath.dirname(view.src_uri)}/", page.url)
            if not page.file.use_directory_urls:
                links["view"] += "index.html"
        if uri in self._downloads and (url := self._colab(self._downloads[uri].download.src_uri)):
            links["colab"] = url
        return links

    def is_view(self, page: Page) -> bool:
        return page.file.src_uri in self._views

    def on_page_markdown(self, page: Page) -> None:
        """A view is not searched, not edited, and calls the chapter the original."""
        view = self._views.get(page.file.src_uri)
        if view is None or view.chapter.page is None:
            return
        chapter = view.chapter.page
        page.meta["search"] = {"exclude": True}
        page.meta["description"] = chapter.meta.get("description", "")
        page.meta["title"] = words(view.source.language).notebook_title.format(chapter.title)
        page.canonical_url = chapter.canonical_url
        page.edit_url = None

    def on_page_content(self, html: str, page: Page, config: MkDocsConfig) -> str:
        """A view, mended; its table of contents is that of the chapter."""
        view = self._views[page.file.src_uri]
        chapter = view.chapter.page
        assert chapter is not None
        document = view.document()
        html = mend(html, document.headings if document else ())
        page.toc = chapter.toc
        if config.site_url:  # links inside the site work from any place, and offline
            root = posixpath.relpath("/", f"/{posixpath.dirname(page.file.src_uri)}")
            html = html.replace(f'href="{config.site_url}', f'href="{root}/')
        sheet = get_relative_url(STYLE, page.url)
        own = words(view.source.language)
        return (
            f'<link rel="stylesheet" href="{sheet}">{html}<p class="provenance">'
            f'<a href="{get_relative_url(view.chapter.url, page.url)}">'
            f"{own.chapter.format(chapter.title)}</a> "
            f'<a class="notebook-link" href="{get_relative_url(view.download.url, page.url)}"'
            f" download>{own.download_this}</a></p>"
        )

    def on_post_build(self, config: MkDocsConfig, remember: Remember) -> None:
        """Write the notebooks; a module that failed has none."""
        for uri, view in self._downloads.items():
            written = self._written.get(uri)
            make = written.read_bytes if written else partial(self._content, view)
            made_of = self._made_of(view)
            if content := remember(("notebook", uri), made_of, make):
                file = Path(view.download.abs_dest_path)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)


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


def _notebook(view: _View, files: Files, config: MkDocsConfig, runs: Runs) -> bytes:
    """The chapter's notebook as a file; waits for the outputs; empty where there are none."""
    chapter, page = view.chapter, view.document()
    outcome = runs.outcome(page.module) if page and page.module else None
    if page is None or not isinstance(outcome, Outputs):
        return b""
    glossary = terms_of(runs.project.docs / "glossary.yml")

    def link(target: str) -> str | None:
        """A relative link of the page as an address in the web."""
        parts = urlsplit(target)
        path = posixpath.normpath(posixpath.join(posixpath.dirname(chapter.src_uri), parts.path))
        found = files.get_file_from_path(path)
        if not found or not config.site_url:
            return None
        return urljoin(config.site_url, found.url) + (
            f"#{parts.fragment}" if parts.fragment else ""
        )

    edition = Edition(
        versions=versions(outcome, platform.python_version(), dict(runs.project.options.versions)),
        terms=figure_terms(glossary, page.language),
        value=lambda reference: quoted_value(runs, reference),
        link=link,
        home=urljoin(config.site_url, chapter.url) if config.site_url else "",
    )
    return to_bytes(make_notebook(page, runs.module(page.module), outcome, edition))


def _made_of(view: _View, urls: Sequence[str], config: MkDocsConfig, runs: Runs) -> object:
    """All that a chapter's notebook depends on; `urls` are those of all files, for its links."""
    page = view.document()
    names = existing(runs, (each.module for each in page.references)) if page else []
    return (
        view.chapter.url,
        page,
        runs.made_of(names),
        terms_of(runs.project.docs / "glossary.yml"),
        urls,
        config.site_url,
    )


def _write(file: Path, content: bytes) -> None:
    if not file.is_file() or file.read_bytes() != content:
        write_atomically(file, content)
