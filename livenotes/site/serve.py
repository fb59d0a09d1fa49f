"""What `mkdocs serve` need not do again: pages, search entries, notebooks that did not change.

Everything here is kept with all that it was made from, so that a served page is the one that a
clean build makes. It reaches into MkDocs and Material, so it works with the versions that it
knows and steps aside, with a line in the log, for others. `mkdocs build` does without it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

from jinja2 import Environment
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.livereload import LiveReloadServer
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import AnchorLink, TableOfContents
from watchdog.observers.polling import PollingObserver

from livenotes.document.conversion import Conversion
from livenotes.document.document import Document
from livenotes.site.sitefolder import SiteFolder
from livenotes.site.templates import Bytecode, Loader, ask_first

KNOWN = {"mkdocs": "1.6.1", "mkdocs-material": "9.8.1"}
# With other plugins and with hooks nobody knows what a finished page was made from.
_ALONE = {"search", "material/search", "livenotes", "mkdocs-jupyter"}
_LOOKS, _QUIET = 0.1, 0.03  # seconds between looks at the files; without news before a rebuild
_T = TypeVar("_T")


log = logging.getLogger("mkdocs.plugins.livenotes")


class Finished(str):
    """A page's HTML as it was written in an earlier build."""

    __slots__ = ()


@dataclass(frozen=True)
class _Rendered:
    """What MkDocs' `Page.render` gives."""

    content: str
    toc: list[AnchorLink]
    title: str | None
    anchors: set[str]
    links: dict[str, dict[str, str]]  # anchors looked for in other pages, by their source's name
    document: Document | None


class Rebuilding:
    """Remembers between the builds of one server: of each thing the last state, so that it does
    not grow."""

    def __init__(self) -> None:
        self.active = False
        self._held: dict[Hashable, tuple[object, Any]] = {}
        self.bytecode: Bytecode | None = None  # of templates, which are compiled once
        self.folder = SiteFolder()
        self._settings = b""
        self._alone = False
        self._site: object = None  # what all pages are made from
        self._files: Files | None = None  # of the build at hand
        self._read_with: object = None
        self._navigations: dict[int, str] = {}
        self._page: tuple[str, object] = ("", None)  # the page at hand, and what it is made from

    def start(self) -> None:
        """Begin to remember, where MkDocs and Material are those that we know."""
        unknown = [f"{name} {version(name)}" for name in KNOWN if version(name) != KNOWN[name]]
        self.active = not unknown
        if self.active:
            self.bytecode = Bytecode()
        else:
            log.info("rebuilds are slower: they are not known with %s", ", ".join(unknown))

    def forget(self) -> None:
        """Pages are filled from the runs that they were rendered with: another needs new ones."""
        self._held.clear()

    def remember(self, name: Hashable, key: object, make: Callable[[], _T]) -> _T:
        """What was made under this name from an equal key; else what `make` makes now."""
        if not self.active:
            return make()
        known = self._held.get(name)
        value: _T = known[1] if known is not None and known[0] == key else make()
        self._held[name] = key, value  # the newer key: the same objects are compared quickly
        return value

    def on_config(self, config: MkDocsConfig) -> None:
        """Files of the site that do not change stay where they are."""
        if not self.active:
            return
        self._settings = Path(config.config_file_path).read_bytes()
        whole = b"INHERIT" not in self._settings  # another file's settings would not be seen
        self._alone = set(config.plugins) <= _ALONE and not config.hooks and whole
        if self._alone:
            self.folder.begin(config.site_dir)

    def on_env(self, env: Environment, config: MkDocsConfig) -> None:
        """Templates are rendered for pages that are made from something new."""
        if self.active and self._alone and isinstance(env.loader, Loader):
            self._site = (self._settings, config.site_url, env.loader.state())
            self._navigations.clear()
            ask_first(env, self._finished)

    def on_page(self, page: Page, conversion: Conversion, inputs: Iterable[str]) -> None:
        """Have `page.render` answer from memory, where nothing that it reads has changed.

        `inputs` are the texts, other than the page's own, that its HTML is made from.
        """
        if not self.active:
            return
        name = ("render", page.file.src_uri)

        def render(config: MkDocsConfig, files: Files) -> None:
            source = conversion.source
            key = (page.markdown, source, self._shared(config, files), list(inputs))
            known = self._held.get(name)
            if known is not None and known[0] == key:
                _restore(page, known[1], files)
                conversion.document = known[1].document
                return
            self._held.pop(name, None)
            with _records() as said:
                Page.render(page, config, files)
            if not said:  # what is wrong is said at every build
                self._held[name] = key, _taken(page, conversion)

        page.render = render  # type: ignore[method-assign]

    def _shared(self, config: MkDocsConfig, files: Files) -> object:
        """What the HTML of all pages of a build depends on."""
        if self._files is not files:
            names = sorted(file.src_uri for file in files)
            extensions = [str(config.markdown_extensions), str(config.validation)]
            extensions += [f"{k}{v}" for k, v in config.mdx_configs.items() if "livenotes" not in k]
            self._files, self._read_with = files, (names, extensions)
        return self._read_with

    def _finished(self, context: Mapping[str, Any]) -> Finished | None:
        """The page as it was written before, where all that it is made from is the same."""
        page, nav = context.get("page"), context.get("nav")
        if page is None:
            return None
        if id(nav) not in self._navigations:
            self._navigations[id(nav)] = str(nav)
        around = [(p.title, p.url) if p else None for p in (page.previous_page, page.next_page)]
        addresses = (page.url, page.canonical_url, page.edit_url, context.get("base_url"))
        made_of = (page.content, page.title, repr(page.meta), _contents(page), around, addresses,
                   self._navigations[id(nav)], context.get("alternates"), self._site)  # fmt: skip
        name = f"page:{page.file.src_uri}"
        self._page = name, made_of
        known = self._held.get(name)
        return known[1] if known is not None and known[0] == made_of else None

    def on_post_build(self) -> None:
        if self.active and self._alone:
            self.folder.end()

    def finish(self, output: str) -> None:
        """Keep the page that is at hand, as it is to be written."""
        name, made_of = self._page
        if self.active and self._alone and name:
            self._held[name] = made_of, Finished(output)
            self._page = "", None


def watch_closely(server: LiveReloadServer, watched: Iterable[str]) -> None:
    """See a save within 0.1 s, where MkDocs looks twice a second; `watched` is what it watches.

    It polls, as MkDocs does: not every file system tells what changes.
    """
    paths = [path for path in watched if path]
    for path in paths:
        server.unwatch(path)
    server.observer = PollingObserver(timeout=_LOOKS)
    server.build_delay = _QUIET
    for path in paths:
        server.watch(path)


def entries(toc: Iterable[AnchorLink]) -> Iterator[AnchorLink]:
    """All lines of a table of contents, in order."""
    for item in toc:
        yield item
        yield from entries(item.children)


def _copied(toc: Iterable[AnchorLink]) -> list[AnchorLink]:
    """Lines of a table of contents of their own: their titles are filled in."""
    copies = []
    for item in toc:
        copies.append(AnchorLink(item.title, item.id, item.level))
        copies[-1].children = _copied(item.children)
    return copies


def _contents(page: Page) -> list[tuple[int, str, str]]:
    return [(item.level, item.id, item.title) for item in entries(page.toc)]


def _taken(page: Page, conversion: Conversion) -> _Rendered:
    return _Rendered(
        content=page.content or "",
        toc=_copied(page.toc),
        title=page._title_from_render,
        anchors=page.present_anchor_ids or set(),
        links={file.src_uri: dict(to) for file, to in (page.links_to_anchors or {}).items()},
        document=conversion.document,
    )


def _restore(page: Page, kept: _Rendered, files: Files) -> None:
    page.content = kept.content
    page.toc = TableOfContents(_copied(kept.toc))
    page._title_from_render = kept.title
    page.present_anchor_ids = kept.anchors
    linked = {files.get_file_from_path(name): dict(to) for name, to in kept.links.items()}
    page.links_to_anchors = {file: to for file, to in linked.items() if file is not None}


@contextmanager
def _records() -> Iterator[list[logging.LogRecord]]:
    """All that MkDocs says meanwhile."""
    said: list[logging.LogRecord] = []

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(record)

    handler, logger = Handler(logging.INFO), logging.getLogger("mkdocs")
    logger.addHandler(handler)
    try:
        yield said
    finally:
        logger.removeHandler(handler)
