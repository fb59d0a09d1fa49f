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
from collections.abc import Callable, Iterable
from functools import cache, wraps
from importlib.metadata import packages_distributions
from types import CodeType
from typing import Any

from livenotes.execution.child.isolation import elders
from livenotes.execution.fingerprints import distribution_version
from livenotes.execution.outputs import Request

_NETWORK = (
    "socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr",
    "socket.getnameinfo", "socket.sendto", "socket.sendmsg",
)  # fmt: skip
_PROGRAMS = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "pty.spawn")
_CHANGES = (
    "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.link", "os.symlink", "os.truncate",
)  # fmt: skip
_LOOKS = ("stat", "lstat", "access", "readlink", "open")
_SYSTEM = ("/proc/", "/dev/", "/sys/", "/etc/", "/usr/")


# As they are before cells, and this room itself, replace them.
_abspath, _readlink, _write = os.path.abspath, os.readlink, os.write


class Refused(OSError):
    """Raised inside a cell at the moment it does what a page's code must not do."""


class Witness:
    """Notes the files and folders that a run reads; refuses network and changes of the project.

    The paths are collected in a file, to which forked workers write too. A request's `unwatched`
    prefixes do not count (cache, environment).
    """

    def __init__(self, request: Request, refuse: Callable[[str], None]) -> None:
        self.root = request.root
        self.refuse = refuse
        self.starts_programs = False  # or what else cannot be seen
        self._own = request.module.path  # what tracebacks call it: not a path from here
        self._log_path = f"{request.scratch}/opened"
        self._log = os.open(self._log_path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
        self._known: set[str] = set()
        self._skip = (*request.unwatched, request.scratch + os.sep, *_python_folders())
        own = (os.environ.get(name, "") for name in ("IPYTHONDIR", "MPLCONFIGDIR"))
        self._may_write = (request.scratch, *(folder for folder in own if folder))
        self._elders = elders()
        self._outside = (*_SYSTEM, tempfile.gettempdir() + os.sep)

    def start(self) -> None:
        """Begin to watch, for the rest of this process's life."""
        sys.path_hooks.insert(0, self._fresh_finder)
        sys.path_importer_cache.clear()
        for name in _LOOKS:
            self._watch_looks(name)
        sys.addaudithook(self._hook)

    def _watch_looks(self, name: str) -> None:
        """A look whether a file is there, or how long it is, raises no audit event: wrap it."""
        look = getattr(os, name)

        @wraps(look)
        def watched(path: Any, *args: Any, **kwargs: Any) -> Any:
            if (base := kwargs.get("dir_fd")) is not None:
                self._note("f", os.path.join(self._folder(base), os.fsdecode(path)), looks=True)
            elif not isinstance(path, int) and name != "open":  # the hook sees what is opened
                self._note("f", os.fspath(path), looks=True)
            return look(path, *args, **kwargs)

        setattr(os, name, watched)
        for able in (os.supports_fd, os.supports_dir_fd, os.supports_follow_symlinks):
            if look in able:
                able.add(watched)

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
            if _writes(mode, flags):
                self._refuse_change(path)
            if not _only_writes(mode, flags):
                self._note("f", path)
        elif event in ("os.listdir", "os.scandir"):
            place = self._folder(args[0]) if isinstance(args[0], int) else args[0]
            self._note("d", place or os.curdir)
        elif event == "sqlite3.connect" or (event == "import" and args[1]):
            self._note("f", args[event == "import"])
        elif event in _CHANGES:
            for path in args[1:2] if event in ("os.link", "os.symlink") else args[:2]:
                self._refuse_change(path)
        elif event in _NETWORK and not _is_local_socket(args):
            self.refuse("uses the network, which a reader or the build may not have")
            raise Refused("no network here")
        elif event in _PROGRAMS:
            self.starts_programs = True
        elif event in ("os.kill", "os.killpg") and args[0] in self._elders:
            self.refuse("kills a process that it has not started")
            raise Refused("that process belongs to the build")

    def _note(self, kind: str, path: object, looks: bool = False) -> None:
        if isinstance(path, (str, bytes)) and path != self._own:
            path = _abspath(os.fsdecode(path))
            line = f"{kind} {path}\n"
            if line not in self._known:
                self._known.add(line)
                inside = path.startswith(self.root + os.sep)
                if self._counts(path) and (inside or not looks or not os.path.isdir(path)):
                    _write(self._log, line.encode(errors="surrogateescape"))

    def _folder(self, descriptor: int) -> str:
        """The folder that a file descriptor stands for."""
        try:
            return _readlink(f"/proc/self/fd/{descriptor}")
        except OSError:  # no such system
            self.starts_programs = True
            return os.curdir

    def _refuse_change(self, path: object) -> None:
        """A run that changed the project would not be the same the next time."""
        if isinstance(path, (str, bytes)):
            path = _abspath(os.fsdecode(path))
            inside = path.startswith(self.root + os.sep) and "__pycache__" not in path
            if inside and not path.startswith((*self._may_write, *_python_folders())):
                name = path.removeprefix(self.root + os.sep)
                self.refuse(f"changes {name}, a file of the project; use a temporary folder")
                raise Refused(f"{name} may only be read here")

    def _counts(self, path: str) -> bool:
        """Can the outputs depend on this path? Files of the system and temporary ones cannot."""
        path += os.sep  # the temporary folder itself is one of them
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


def _writes(mode: str | None, flags: int) -> bool:
    if mode is None:
        return bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC))
    return mode[:1] in ("w", "a", "x") or "+" in mode


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
    imported = _imported()
    if _nobodys(imported) - _nobodys_before():
        _packages.cache_clear()  # installed since the fork server started
    found: dict[str, str] = {}
    for package in imported:
        for name in _packages().get(package, ()):
            if name not in found and (version := distribution_version(name)):
                found[name] = version
    return dict(sorted(found.items()))


def _imported() -> set[str]:
    return {name.partition(".")[0] for name in sys.modules}


def _nobodys(imported: set[str]) -> set[str]:
    """Installed packages that no distribution lists."""
    return {package for package in imported - _packages().keys() if _is_installed(package)}


@cache
def _nobodys_before() -> frozenset[str]:
    """Those of the fork server: what finds an editable installation is one."""
    return frozenset(_nobodys(_imported()))


def distributions_of(imports: Iterable[str]) -> list[str]:
    """The installed distributions that these imports come from."""
    packages = {name.partition(".")[0] for name in imports}
    return sorted({name for package in packages for name in _packages().get(package, ())})


def warm() -> None:
    """Read the list of installed packages once, in the fork server, for all its children."""
    _nobodys_before()
    _python_folders()
