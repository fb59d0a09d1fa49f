"""What a run touches: files, folders, packages; and what it must not touch: network, keyboard.

Lives in the child process. An audit hook cannot be removed or missed, so it sees every file that
Python code opens, whichever library opens it.
"""

from __future__ import annotations

import importlib.machinery
import io
import os
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from types import CodeType
from typing import Any

_NETWORK = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto")
_PROGRAMS = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn")
_SYSTEM = ("/proc/", "/dev/", "/sys/", "/etc/", "/usr/")


class Refused(OSError):
    """Raised inside a cell at the moment it does what a page's code must not do."""


class Witness:
    """Notes the files and folders that a run reads; refuses the network.

    `root` is the project's folder; `log` a file that collects the paths (forked workers write to
    it too); `unwatched` are prefixes of paths that do not count (cache, environment).
    """

    def __init__(
        self, root: str, log: str, unwatched: tuple[str, ...], refuse: Callable[[str], None]
    ) -> None:
        self.root = root
        self.refuse = refuse
        self.starts_programs = False
        self._log_path = log
        self._log = os.open(log, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
        self._known: set[str] = set()
        self._skip = (*unwatched, os.path.dirname(log) + os.sep, *_python_folders())
        self._outside = (*_SYSTEM, tempfile.gettempdir() + os.sep)

    def start(self) -> None:
        """Begin to watch, for the rest of this process's life."""
        sys.path_hooks.insert(0, self._fresh_finder)
        sys.path_importer_cache.clear()
        sys.addaudithook(self._hook)

    def seen(self) -> tuple[list[str], list[str]]:
        """Absolute paths of the files opened and of the folders listed."""
        with open(self._log_path, encoding="utf-8", errors="surrogateescape") as log:
            lines = sorted(set(log.read().splitlines()))
        files = [line[2:] for line in lines if line.startswith("f ")]
        folders = [line[2:] for line in lines if line.startswith("d ")]
        return files, folders

    def _hook(self, event: str, args: tuple[Any, ...]) -> None:
        if event == "open":
            path, mode, flags = args
            if not _only_writes(mode, flags):
                self._note("f", path)
        elif event in ("os.listdir", "os.scandir"):
            self._note("d", args[0] or os.curdir)
        elif event in _NETWORK and not _is_local_socket(args):
            self.refuse("uses the network, which a reader or the build may not have")
            raise Refused("no network here")
        elif event in _PROGRAMS:
            self.starts_programs = True

    def _note(self, kind: str, path: object) -> None:
        if isinstance(path, (str, bytes)):
            path = os.path.abspath(os.fsdecode(path))
            if path not in self._known:
                self._known.add(path)
                if self._counts(path):
                    os.write(self._log, f"{kind} {path}\n".encode(errors="surrogateescape"))

    def _counts(self, path: str) -> bool:
        """Can the outputs depend on this path? Files of the system and temporary ones cannot."""
        if path.startswith(self._skip):
            return False
        return path.startswith(self.root + os.sep) or not path.startswith(self._outside)

    def _fresh_finder(self, folder: str) -> importlib.machinery.FileFinder:
        """Imports of the project's own modules, always from source.

        A .pyc file counts as fresh when size and second of the source are the same, so a quick
        edit of a helper could run the old code.
        """
        inside = os.path.abspath(folder) + os.sep
        if not inside.startswith(self.root + os.sep) or inside.startswith(self._skip):
            raise ImportError(folder)
        return importlib.machinery.FileFinder(
            folder,
            (_SourceLoader, importlib.machinery.SOURCE_SUFFIXES),
            (importlib.machinery.ExtensionFileLoader, importlib.machinery.EXTENSION_SUFFIXES),
        )


class _SourceLoader(importlib.machinery.SourceFileLoader):
    def get_code(self, fullname: str) -> CodeType | None:
        path = self.get_filename(fullname)
        code: CodeType = self.source_to_code(self.get_data(path), path)
        return code


def _only_writes(mode: str | None, flags: int) -> bool:
    if mode is None:
        return bool(flags & os.O_WRONLY)
    return mode[:1] in ("w", "a", "x") and "+" not in mode


def _is_local_socket(args: tuple[Any, ...]) -> bool:
    family = getattr(args[0], "family", None)
    return family is not None and family.name == "AF_UNIX"


@cache
def _python_folders() -> tuple[str, ...]:
    """Where Python and its packages live; their versions are compared, not their files."""
    folders = {sys.prefix, sys.base_prefix, sys.exec_prefix, os.path.realpath(sys.prefix)}
    folders |= {path for path in sys.path if path.endswith(("site-packages", "dist-packages"))}
    return tuple(sorted(folder + os.sep for folder in folders))


def no_stdin(refuse: Callable[[str], None]) -> io.TextIOBase:
    """A standard input that refuses to be read."""

    class NoStdin(io.TextIOBase):
        def readable(self) -> bool:
            return True

        def read(self, size: int | None = -1) -> str:
            refuse("reads from the keyboard, which a build does not have")
            raise Refused("no keyboard here")

        def readline(self, size: int = -1) -> str:  # type: ignore[override]
            return self.read()

    return NoStdin()


@cache
def _packages() -> dict[str, list[str]]:
    return dict(packages_distributions())


def _is_installed(package: str) -> bool:
    origin = getattr(getattr(sys.modules.get(package), "__spec__", None), "origin", None)
    return "-packages" in (origin or "")


def distributions() -> dict[str, str]:
    """Name and version of every installed distribution that this process has imported."""
    imported = {name.partition(".")[0] for name in sys.modules}
    if any(_is_installed(package) for package in imported - _packages().keys()):
        _packages.cache_clear()  # installed since the fork server started
    found: dict[str, str] = {}
    for package in imported:
        for name in _packages().get(package, ()):
            if name not in found:
                try:
                    found[name] = version(name)
                except PackageNotFoundError:
                    continue
    return dict(sorted(found.items()))


def warm() -> None:
    """Read the list of installed packages once, in the fork server, for all its children."""
    _packages()
    _python_folders()
