"""Records where a run's imports look for modules; imports the project's own always from source."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import os
import stat
import sys
from collections.abc import Callable
from functools import partial
from types import CodeType
from typing import Any

_stat = os.stat  # which will be replaced by one that records what it is asked


def watch(root: str, ignored: tuple[str, ...], record: Callable[[str, str], None]) -> None:
    """Starts to record "i", a name that is looked for, and "f", a file that is missing."""
    sys.meta_path.insert(0, _Imports(partial(record, "i")))
    sys.path_hooks.insert(0, partial(_finder, root, ignored, partial(record, "f")))
    sys.path_importer_cache.clear()


def _finder(
    root: str, ignored: tuple[str, ...], missing: Callable[[str], None], folder: str
) -> importlib.machinery.FileFinder:
    """Imports the project's own modules, always from source.

    Python takes a .pyc file for fresh when size and second of the source are the same, so
    after a quick edit of a helper the old code could run.
    """
    inside = os.path.abspath(folder) + os.sep
    if not inside.startswith(root + os.sep) or inside.startswith(ignored):
        raise ImportError(folder)
    finder = _Finder(
        folder,
        (_SourceLoader, importlib.machinery.SOURCE_SUFFIXES),
        (importlib.machinery.ExtensionFileLoader, importlib.machinery.EXTENSION_SUFFIXES),
    )
    finder.missing = missing
    return finder


class _Imports(importlib.abc.MetaPathFinder):
    """Notes which names are looked for; finds none."""

    def __init__(self, note: Callable[[str], None]) -> None:
        self._note = note

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> None:
        for name in fullname.split("."):
            self._note(name)


class _Finder(importlib.machinery.FileFinder):
    """Also tells which `__init__.py` would make a package of a folder that has none."""

    missing: Callable[[str], None]

    def find_spec(self, fullname: str, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        spec = super().find_spec(fullname, target)
        if spec is None or spec.loader is None:
            folder = os.path.join(self.path, fullname.rpartition(".")[2])
            if _is_folder(folder):
                self.missing(os.path.join(folder, "__init__.py"))
        return spec


class _SourceLoader(importlib.machinery.SourceFileLoader):
    def get_code(self, fullname: str) -> CodeType | None:
        path = self.get_filename(fullname)
        # Assertions stay, whatever flags Python was started with.
        code: CodeType = compile(self.get_data(path), path, "exec", dont_inherit=True, optimize=0)
        return code


def _is_folder(path: str) -> bool:
    try:
        return stat.S_ISDIR(_stat(path).st_mode)
    except OSError:
        return False
