"""The theme's templates: listed, compiled and rendered no more often than needed.

With plugin.py, languages.py, notebooksite.py and rebuilding.py one of the rooms that know MkDocs.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import BytecodeCache, Environment, FileSystemLoader, Template
from jinja2.bccache import Bucket
from mkdocs.config.defaults import MkDocsConfig


class Loader(FileSystemLoader):
    """Finds templates as Jinja does, but lists no folder whose name begins with a dot.

    MkDocs asks for the list to find files to copy and copies none from there; Material keeps
    12,000 icons in one.
    """

    def list_templates(self) -> list[str]:
        return sorted({name for folder in self.searchpath for name in _files(folder)})

    def state(self) -> tuple[tuple[str, int, int], ...]:
        """What changes when a listed file does: paths, times and sizes."""
        paths = [os.path.join(folder, n) for folder in self.searchpath for n in _files(folder)]
        found = [(path, os.stat(path)) for path in paths]
        return tuple((path, stat.st_mtime_ns, stat.st_size) for path, stat in found)


def _files(folder: str | os.PathLike[str]) -> list[str]:
    found = []
    for path, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        place = os.path.relpath(path, folder).replace(os.sep, "/")
        found += [name if place == "." else f"{place}/{name}" for name in files]
    return found


def list_quickly(config: MkDocsConfig, bytecode: BytecodeCache | None = None) -> None:
    """Have MkDocs use our loader for the theme of this build, and what is compiled already."""
    make = config.theme.get_env

    def get_env() -> Environment:
        env = make()
        if type(env.loader) is FileSystemLoader:
            env.loader = Loader(env.loader.searchpath)
        env.bytecode_cache = bytecode
        return env

    config.theme.get_env = get_env  # type: ignore[method-assign]


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


class PageTemplate:
    """A template as MkDocs uses it for a page: `rendered(context)` is asked first."""

    def __init__(
        self, template: Template, rendered: Callable[[Mapping[str, Any]], str | None]
    ) -> None:
        self.template = template
        self.rendered = rendered

    def render(self, context: Mapping[str, Any]) -> str:
        """The page's HTML."""
        known = self.rendered(context)
        return self.template.render(context) if known is None else known


def ask_first(env: Environment, rendered: Callable[[Mapping[str, Any]], str | None]) -> None:
    """Have MkDocs ask before it renders a template; templates that include others do not ask."""
    find = env.get_template

    def get_template(name: Any, parent: str | None = None, globals: Any = None) -> Any:
        template = find(name, parent, globals)
        return template if parent else PageTemplate(template, rendered)

    env.get_template = get_template  # type: ignore[method-assign]
