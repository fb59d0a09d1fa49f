"""What `mkdocs serve` need not do again: pages, search entries and templates that did not change.

Everything here is kept by the content that it was made from, so that a served page is the one that
a clean build makes. It reaches into MkDocs and Material, so it works with the versions that it
knows and steps aside, with a line in the log, for others. `mkdocs build` does without it.
"""

from __future__ import annotations

import copy
import hashlib
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, TypeVar

from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

from livenotes.errors import Problem
from livenotes.fences import CurrentPage

KNOWN = {"mkdocs": "1.6.1", "mkdocs-material": "9.8.1"}
T = TypeVar("T")
_LIMIT = 4096  # entries of each kind; then the oldest half goes

log = logging.getLogger("mkdocs.plugins.livenotes")


@dataclass(frozen=True)
class _Rendered:
    """What MkDocs' `Page.render` gives, and what our extensions noted meanwhile."""

    content: str
    toc: Any
    title: str | None
    anchors: set[str]
    links: dict[str, dict[str, str]]  # anchors looked for in other pages, by their source's name
    current: CurrentPage
    problems: list[Problem]


class Rebuilding:
    """Remembers between the builds of one server."""

    def __init__(self) -> None:
        self.active = False
        self._pages: dict[str, _Rendered] = {}
        self._words: dict[str, str] = {}
        self._made: dict[str, Any] = {}
        self._bytecode = _Bytecode()

    def start(self) -> None:
        """Begin to remember, where MkDocs and Material are those that we know."""
        unknown = [f"{name} {version(name)}" for name in KNOWN if version(name) != KNOWN[name]]
        self.active = not unknown
        if unknown:
            log.info("rebuilds are slower: they are not known with %s", ", ".join(unknown))

    def forget(self) -> None:
        """Pages are filled from the book that they were rendered with: another needs new ones."""
        self._pages.clear()

    def remembered(self, made_of: str, make: Callable[[], T]) -> T:
        """What `make` gives, which depends on nothing but this text; must not be changed."""
        if not self.active:
            return make()
        key = hashlib.sha256(made_of.encode("utf-8", "surrogatepass")).hexdigest()
        if key not in self._made:
            _keep(self._made, key, make())
        made: T = self._made[key]
        return made

    def on_env(self, env: Environment) -> None:
        """Templates are compiled once; Jinja asks for them by their source."""
        if self.active:
            env.bytecode_cache = self._bytecode

    def on_search(self, search: Any) -> None:
        """Chinese text is cut into words once."""
        index = getattr(search, "search_index", None)
        if not self.active or index is None:
            return
        dictionary = str(search.config.jieba_dict_user)
        cut = index._segment_chinese

        def remembered(text: str) -> str:
            if f"{dictionary}{text}" not in self._words:
                _keep(self._words, f"{dictionary}{text}", cut(text))
            return self._words[f"{dictionary}{text}"]

        index._segment_chinese = remembered

    def on_page(self, page: Page, current: CurrentPage, inputs: Iterable[str]) -> None:
        """Have `page.render` answer from memory, where nothing that it reads has changed.

        `inputs` are the texts, other than the page's own, that its HTML is made from.
        """
        if not self.active:
            return

        def remembered(config: MkDocsConfig, files: Files) -> None:
            names = "\n".join(sorted(file.src_uri for file in files))
            extensions = [str(config.markdown_extensions), str(config.validation)]
            extensions += [f"{k}{v}" for k, v in config.mdx_configs.items() if "livenotes" not in k]
            made_of = [page.file.src_uri, page.markdown or "", names, *extensions, *inputs]
            key = hashlib.sha256("\0".join(made_of).encode("utf-8", "surrogatepass")).hexdigest()
            if key in self._pages:
                _restore(page, current, self._pages[key], files)
                return
            with _records() as said:
                Page.render(page, config, files)
            if not said:  # what is wrong is said at every build
                _keep(self._pages, key, _taken(page, current))

        page.render = remembered  # type: ignore[method-assign]


def _taken(page: Page, current: CurrentPage) -> _Rendered:
    return _Rendered(
        content=page.content or "",
        toc=copy.deepcopy(page.toc),
        title=page._title_from_render,
        anchors=page.present_anchor_ids or set(),
        links={file.src_uri: dict(to) for file, to in (page.links_to_anchors or {}).items()},
        current=current,
        problems=list(current.problems),
    )


def _restore(page: Page, current: CurrentPage, kept: _Rendered, files: Files) -> None:
    page.content = kept.content
    page.toc = copy.deepcopy(kept.toc)
    page._title_from_render = kept.title
    page.present_anchor_ids = kept.anchors
    linked = {files.get_file_from_path(name): dict(to) for name, to in kept.links.items()}
    page.links_to_anchors = {file: to for file, to in linked.items() if file is not None}
    # What is filled in later reports to the page that was current when it was rendered.
    current.later, current.problems = kept.current.later, list(kept.problems)
    kept.current.problems = current.problems


def _keep(held: dict[str, Any], key: str, value: Any) -> None:
    if len(held) >= _LIMIT:
        for old in list(held)[: _LIMIT // 2]:
            del held[old]
    held[key] = value


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


class _Bytecode(BytecodeCache):
    """Compiled templates, in memory."""

    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if found := self.held.get(f"{bucket.key}{bucket.checksum}"):
            bucket.bytecode_from_string(found)

    def dump_bytecode(self, bucket: Bucket) -> None:
        _keep(self.held, f"{bucket.key}{bucket.checksum}", bucket.bytecode_to_string())
