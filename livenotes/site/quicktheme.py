"""The one reach into MkDocs: its list of the theme's files leaves out Material's 12,000 icons.

MkDocs lists all templates of a theme in every build, to find files that it must copy, and copies
none from folders whose name begins with a dot, such as Material's icons. There is no event between
the making of the environment and this list. The gain, 0.1 s of CPU in every build and rebuild, is
what it takes to list and filter them.
"""

from __future__ import annotations

import os
import re
from importlib.metadata import PackageNotFoundError, version

from jinja2 import BytecodeCache, Environment, FileSystemLoader
from mkdocs.config.defaults import MkDocsConfig

KNOWN = ((1, 6), (1, 7))  # versions of MkDocs from the first up to, and without, the second


class QuickLoader(FileSystemLoader):
    """Finds templates as Jinja does, but lists no folder whose name begins with a dot."""

    def list_templates(self) -> list[str]:
        return sorted({name for folder in self.searchpath for name in visible_files(folder)})


def visible_files(folder: str | os.PathLike[str]) -> list[str]:
    """Paths of the files in a folder, relative to it, without what stands in hidden folders."""
    found = []
    for path, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        place = os.path.relpath(path, folder).replace(os.sep, "/")
        found += [name if place == "." else f"{place}/{name}" for name in files]
    return found


def list_quickly(config: MkDocsConfig, bytecode: BytecodeCache | None = None) -> None:
    """Has the theme of this build make environments with our loader, and with what is compiled
    already: the search plugin makes one of its own, too. Nothing in other versions of MkDocs."""
    try:
        installed = tuple(map(int, re.findall(r"\d+", version("mkdocs"))[:2]))
    except PackageNotFoundError:  # a continuation of MkDocs under another name
        return
    if not KNOWN[0] <= installed < KNOWN[1]:
        return
    make = config.theme.get_env

    def get_env() -> Environment:
        env = make()
        if type(env.loader) is FileSystemLoader:
            env.loader = QuickLoader(env.loader.searchpath)
        env.bytecode_cache = bytecode
        return env

    config.theme.get_env = get_env  # type: ignore[method-assign]
