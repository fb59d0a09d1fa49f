"""What `mkdocs serve` need not do again: pages, search entries, notebooks that did not change.

One memo holds each result with the values that it was made from, so a served page is the one that a
clean build makes. It works on MkDocs' events: an unchanged page is converted from an empty text,
and a finished page is printed by a template of ours. `mkdocs build` does without all this.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Hashable, Iterable, Iterator, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import AnchorLink, TableOfContents

from livenotes.document.conversion import Conversion
from livenotes.document.document import Document
from livenotes.site.keptfiles import KeptFiles
from livenotes.site.quicktheme import visible_files
from livenotes.site.reporting import generator_log

# With other plugins and with hooks nobody knows what a finished page was made from.
_ALONE = {"search", "material/search", "livenotes", "mkdocs-jupyter"}
_TEMPLATE = "livenotes-page.html"
_T = TypeVar("_T")


log = logging.getLogger("mkdocs.plugins.livenotes")


@dataclass(frozen=True)
class _Converted:
    """What MkDocs makes of a page's Markdown."""

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
        self.bytecode = Bytecode()  # of templates, which are compiled once
        self._kept = KeptFiles()
        self._messages = Messages()
        self._own_templates: dict[str, str] = {}
        self._settings = b""
        self.alone = False  # no plugin that we do not know
        self._site: object = None  # what all pages are made from
        self._files: Files | None = None  # of the build at hand
        self._read_with: object = None
        self._navigations: dict[int, str] = {}
        self._page: tuple[str, object] = ("", None)  # the page at hand, and what it is made from
        self._conversion: tuple[str, object] = ("", None)  # the text at hand, and all it needs

    def forget(self) -> None:
        """Pages are filled from the runs that they were rendered with: another needs new ones."""
        self._held.clear()

    def remember(self, name: Hashable, key: object, make: Callable[[], _T]) -> _T:
        """Returns what was made under this name from an equal key; else what `make` makes now."""
        if not self.active:
            return make()
        known = self._held.get(name)
        value: _T = known[1] if known is not None and known[0] == key else make()
        self._held[name] = key, value  # the newer key: the same objects are compared quickly
        return value

    def on_config(self, config: MkDocsConfig) -> None:
        """Begins a build. Static files that do not change are kept."""
        self._settings = Path(config.config_file_path).read_bytes()
        whole = b"INHERIT" not in self._settings  # another file's settings would not be seen
        self.alone = set(config.plugins) <= _ALONE and not config.hooks and whole
        if not self.active:
            return
        self._kept.begin(Path(config.site_dir))

    def on_page_markdown(self, markdown: str, page: Page, config: MkDocsConfig, files: Files,
                         inputs: Iterable[object]) -> str:  # fmt: skip
        """Returns an empty text where the page's HTML is known. Called after all other plugins.

        `inputs` is what its HTML and its document are made from, other than its Markdown.
        """
        if not self.active:
            return markdown
        if self.alone:
            self._own_templates[page.file.src_uri] = page.meta.get("template", "main.html")
            page.meta["template"] = _TEMPLATE
        name = f"converted:{page.file.src_uri}"
        key = (markdown, page.title, dict(page.meta),
               self._shared(config, files), list(inputs))  # fmt: skip
        self._conversion = name, key
        if self._known(name, key) is not None:
            return ""
        self._messages.listen()
        return markdown

    def on_page_content(self, html: str, page: Page, files: Files, conversion: Conversion) -> str:
        """Returns the page's HTML, known or new; `conversion` gets the document of a known one.
        Called before all other plugins."""
        (name, key), self._conversion = self._conversion, ("", None)
        if not name:
            return html
        known = self._known(name, key)
        if known is not None:
            page.markdown = key[0]  # type: ignore[index]
            _restore(page, known, files)
            conversion.document = known.document
            return str(known.content)
        self._held.pop(name, None)
        included = conversion.document and not _is_of(conversion.document, key[0])  # type: ignore[index]
        # What is wrong is said at every build; nobody knows what an included text was made from.
        if not self._messages.stop() and not included:
            self._held[name] = key, _taken(page, html, conversion.document)
        return html

    def _known(self, name: str, key: object) -> Any:
        held = self._held.get(name)
        return held[1] if held is not None and held[0] == key else None

    def _shared(self, config: MkDocsConfig, files: Files) -> object:
        """What the HTML of all pages of a build depends on."""
        if self._files is not files:
            names = sorted(file.src_uri for file in files)
            extensions = [str(config.markdown_extensions), str(config.validation)]
            extensions += [f"{k}{v}" for k, v in config.mdx_configs.items() if "livenotes" not in k]
            self._files, self._read_with = files, (names, extensions)
        return self._read_with

    def on_env(self, env: Environment, config: MkDocsConfig) -> None:
        """Templates are compiled once, and rendered for pages that are made from something new."""
        if self.active:
            env.bytecode_cache = self.bytecode
            self._site = (self._settings, config.site_url, _states(config.theme.dirs))
            self._navigations.clear()

    def keep_files(self, files: Files) -> None:
        """Static files that do not change stay where they are. Called when all files are known."""
        if self.active:
            self._kept.move_back(files)

    def on_page_context(self, context: MutableMapping[str, Any], page: Page) -> None:
        """Gives our template the finished page, where all that it is made from is the same, or the
        name of its own template. Called after all other plugins."""
        if page.meta.get("template") != _TEMPLATE:
            return
        nav = context.get("nav")
        if id(nav) not in self._navigations:
            self._navigations[id(nav)] = str(nav)
        around = [(p.title, p.url) if p else None for p in (page.previous_page, page.next_page)]
        addresses = (page.url, page.canonical_url, page.edit_url, context.get("base_url"))
        made_of = (page.content, page.title, repr(page.meta), _contents(page), around, addresses,
                   self._navigations[id(nav)], context.get("alternates"), self._site)  # fmt: skip
        name = f"page:{page.file.src_uri}"
        self._page = name, made_of
        context["finished"] = self._known(name, made_of)
        context["own_template"] = self._own_templates.get(page.file.src_uri, "main.html")

    def is_finished(self) -> bool:
        """Whether the page at hand was printed as it was finished in an earlier build."""
        return bool(self._page[0]) and self._known(*self._page) is not None

    def finish(self, output: str) -> None:
        """Keeps the page that is at hand, as it is to be written."""
        name, made_of = self._page
        if name:
            self._held[name] = made_of, output
            self._page = "", None

    def on_post_build(self) -> None:
        if self.active:
            self._kept.end()

    def on_build_error(self) -> None:
        self._messages.stop()
        self._conversion = self._page = "", None
        self._kept.forget()


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


def _taken(page: Page, html: str, document: Document | None) -> _Converted:
    return _Converted(
        content=html,
        toc=_copied(page.toc),
        title=page.title,
        anchors=page.present_anchor_ids or set(),
        links={file.src_uri: dict(to) for file, to in (page.links_to_anchors or {}).items()},
        document=document,
    )


def _is_of(document: Document, markdown: str) -> bool:
    """Whether a document holds this Markdown and nothing that extensions have included."""
    return "".join(document.markdown.split()) == "".join(markdown.split())


def _restore(page: Page, known: _Converted, files: Files) -> None:
    page.toc = TableOfContents(_copied(known.toc))
    if page.title != known.title:
        page.title = known.title
    page.present_anchor_ids = known.anchors
    linked = {files.get_file_from_path(name): dict(to) for name, to in known.links.items()}
    page.links_to_anchors = {file: to for file, to in linked.items() if file is not None}


def _states(folders: Iterable[str]) -> list[tuple[str, int, int]]:
    """What changes when a visible file of these folders does: paths, times and sizes."""
    paths = [f"{folder}/{name}" for folder in folders for name in visible_files(folder)]
    found = [(path, os.stat(path)) for path in paths]
    return [(path, state.st_mtime_ns, state.st_size) for path, state in found]


class Messages(logging.Handler):
    """Counts what MkDocs says while a page is converted."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self._count = 0

    def emit(self, record: logging.LogRecord) -> None:
        self._count += 1

    def listen(self) -> None:
        self._count = 0
        generator_log.addHandler(self)

    def stop(self) -> int:
        """Returns how much was said since `listen`."""
        generator_log.removeHandler(self)
        return self._count


class Bytecode(BytecodeCache):
    """Compiled templates, in memory; one for each name, so that edits do not pile up."""

    def __init__(self) -> None:
        self.held: dict[str, tuple[str, bytes]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        checksum, found = self.held.get(bucket.key, ("", b""))
        if checksum == bucket.checksum:
            bucket.bytecode_from_string(found)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.held[bucket.key] = bucket.checksum, bucket.bytecode_to_string()
