"""Records which files and folders a run reads; refuses network, keyboard and project changes.

Python's audit hooks cannot be removed, and see every file that Python code opens, whichever
library opens it.
"""

from __future__ import annotations

import io
import os
import sys
import tempfile
from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from typing import Any

import livenotes
from livenotes.execution.child import imports
from livenotes.execution.child.isolation import ancestors
from livenotes.execution.child.workspace import Workspace
from livenotes.execution.outputs import Request

_NETWORK = (
    "socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr",
    "socket.getnameinfo", "socket.sendto", "socket.sendmsg",
)  # fmt: skip
_PROGRAMS = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "pty.spawn")
# What changes the file system: the places of paths and of the open folders that they start from.
_CHANGES: dict[str, tuple[tuple[int, int], ...]] = {
    "os.mkdir": ((0, 2),), "os.remove": ((0, 1),), "os.rmdir": ((0, 1),),
    "os.rename": ((0, 2), (1, 3)), "os.link": ((1, 3),), "os.symlink": ((1, 2),),
    "os.truncate": ((0, 9),), "os.chmod": ((0, 2),), "os.chown": ((0, 3),), "os.utime": ((0, 3),),
}  # fmt: skip
# Functions that tell whether a file exists, or how long it is, without an audit event.
_QUERIES = ("stat", "lstat", "access", "readlink", "open")
_SYSTEM = ("/proc/", "/dev/", "/sys/", "/etc/", "/usr/")

# The originals: cells, and this module itself, may replace them.
_abspath, _readlink, _write = os.path.abspath, os.readlink, os.write


class Refused(OSError):
    """Raised inside a cell at the moment it does what a page's code must not do."""


class Audit:
    """Records the files and folders that a run reads; refuses network and project changes.

    Paths are collected in a file, to which forked workers write too. What lies below a request's
    `unwatched` prefixes (cache, environment) does not count, and neither do livenotes' own files:
    `engine_digest` covers them.
    """

    def __init__(
        self, request: Request, workspace: Workspace, refuse: Callable[[str], None]
    ) -> None:
        self.root = request.root
        self.workspace = workspace
        self.refuse = refuse
        self.starts_programs = False  # or reads something else that cannot be recorded
        self._module = request.module.path  # a name in tracebacks, no path from here
        self._log_path = f"{request.scratch}/opened"
        self._log = os.open(self._log_path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
        self._seen: set[tuple[str, str]] = set()
        engine = str(Path(livenotes.__file__).parent) + os.sep
        scratch = request.scratch + os.sep
        self._ignored = (*request.unwatched, scratch, engine, *_python_folders())
        own = [
            os.environ.get(name, "") for name in ("IPYTHONDIR", "MPLCONFIGDIR", "XDG_CACHE_HOME")
        ]
        temporary = tempfile.gettempdir() + os.sep
        if temporary.startswith(self.root + os.sep):
            own.append(temporary)
        self._writable = (request.scratch, *filter(None, own), *_python_folders())
        self._ancestors = ancestors()
        self._outside = (*_SYSTEM, temporary)
        self._at_work = False  # in the workspace, for the cell

    def start(self) -> None:
        """Starts to record, for the rest of this process's life."""
        imports.watch(self.root, self._ignored, self._record_import)
        for name in _QUERIES:
            self._wrap_query(name)
        sys.addaudithook(self._hook)

    def _wrap_query(self, name: str) -> None:
        query = getattr(os, name)

        @wraps(query)
        def recorded(path: Any, *args: Any, **kwargs: Any) -> Any:
            if (base := kwargs.get("dir_fd")) is not None:
                self._record("f", os.path.join(self._folder(base), os.fsdecode(path)), query=True)
            elif not isinstance(path, int) and name != "open":  # the hook sees what is opened
                self._record("f", os.fspath(path), query=True)
            return query(path, *args, **kwargs)

        setattr(os, name, recorded)
        for supported in (os.supports_fd, os.supports_dir_fd, os.supports_follow_symlinks):
            if query in supported:
                supported.add(recorded)

    def recorded(self) -> dict[str, list[str]]:
        """Returns paths of the files opened, of the folders that cells listed, of those that were
        searched for modules; and the names of these modules."""
        with open(self._log_path, encoding="utf-8", errors="surrogateescape") as log:
            lines = sorted(set(log.read().splitlines()))
        kinds = {"files": "f ", "folders": "d ", "searched": "s ", "imports": "i "}
        return {
            name: [line[2:] for line in lines if line.startswith(kind)]
            for name, kind in kinds.items()
        }

    def _hook(self, event: str, args: tuple[Any, ...]) -> None:
        if self._at_work:
            return
        if event == "open":
            path, mode, flags = args
            if _writes(mode, flags):
                self._refuse_change(path)
            if not _only_writes(mode, flags):
                self._record("f", path)
        elif event in ("os.listdir", "os.scandir"):
            folder = self._folder(args[0]) if isinstance(args[0], int) else args[0]
            importing = sys._getframe(1).f_code.co_filename.startswith("<frozen importlib")
            self._record("s" if importing else "d", folder or os.curdir)
        elif event == "sqlite3.connect":
            self._open_up(args[0])
        elif event == "import" and args[1]:
            self._record("f", args[1])
        elif event in _CHANGES:
            for place, folder in _CHANGES[event]:
                path = self._joined(args[place], *args[folder : folder + 1])
                self._refuse_change(path, event == "os.mkdir")
        elif event in _NETWORK and not _is_local_socket(args):
            self.refuse("uses the network, which a reader or the build may not have")
            raise Refused("no network here")
        elif event in _PROGRAMS:
            self.starts_programs = True
        elif event in ("os.kill", "os.killpg") and args[0] in self._ancestors:
            self.refuse("kills a process that it has not started")
            raise Refused("that process belongs to the build")

    def _record(self, kind: str, path: object, query: bool = False) -> None:
        if isinstance(path, (str, bytes)) and path != self._module and not self._at_work:
            path = self.workspace.original(_abspath(os.fsdecode(path)))
            if self._is_new(kind, path):
                inside = path.startswith(self.root + os.sep)
                if self._counts(path) and (inside or not query or not os.path.isdir(path)):
                    _write(self._log, f"{kind} {path}\n".encode(errors="surrogateescape"))

    def _record_import(self, kind: str, text: str) -> None:
        if kind == "f":
            self._record("f", text)
        elif self._is_new(kind, text):
            _write(self._log, f"{kind} {text}\n".encode(errors="surrogateescape"))

    def _is_new(self, kind: str, text: str) -> bool:
        """Tells whether this is seen for the first time."""
        new = (kind, text) not in self._seen
        self._seen.add((kind, text))
        return new

    def _folder(self, descriptor: int) -> str:
        """Returns the path of an open folder."""
        try:
            return _readlink(f"/proc/self/fd/{descriptor}")
        except OSError:  # not Linux
            self.starts_programs = True
            return os.curdir

    def _joined(self, path: object, folder: int = -1) -> object:
        """Returns a path that may start from an open folder, as shutil.rmtree's do."""
        if folder < 0 or not isinstance(path, (str, bytes)):
            return path
        return os.path.join(self._folder(folder), os.fsdecode(path))

    def _refuse_change(self, path: object, only_new: bool = False) -> None:
        """Refuses to change the project: the next run would give something else.

        New files in the workspace are no change. `only_new`: what is there already stays as it is.
        """
        if not isinstance(path, (str, bytes)):
            return
        path = _abspath(os.fsdecode(path))
        original = self.workspace.original(path)
        if self.workspace.holds(path) and not os.path.lexists(original):
            self._open_up(path)
        elif original.startswith(self.root + os.sep) and not (
            only_new or "__pycache__" in path or original.startswith(self._writable)
        ):
            name = original.removeprefix(self.root + os.sep)
            self.refuse(f"changes {name}, a file of the project")
            raise Refused(f"{name} may only be read here")

    def _open_up(self, path: object) -> None:
        """Makes room for a new file in the workspace. If the project gets it, this runs again."""
        if isinstance(path, (str, bytes)):
            self._record("f", path)
            path = _abspath(os.fsdecode(path))
            if self.workspace.holds(path):
                self._at_work = True
                try:
                    self.workspace.open_up(path)
                finally:
                    self._at_work = False

    def _counts(self, path: str) -> bool:
        """Tells whether outputs can depend on a path, which system and temporary files exclude."""
        path += os.sep  # the temporary folder itself is excluded too
        if path.startswith(self._ignored):
            return False
        return path.startswith(self.root + os.sep) or not path.startswith(self._outside)


class NoStdin(io.TextIOBase):
    """A standard input that refuses to be read."""

    def __init__(self, refuse: Callable[[str], None]) -> None:
        self._refuse = refuse

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> str:
        self._refuse("reads from the keyboard, which a build does not have")
        raise Refused("no keyboard here")

    def readline(self, size: int = -1) -> str:  # type: ignore[override]
        return self.read()


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
    """Returns where Python and its packages lie. Their versions are compared, not their files."""
    folders = {sys.prefix, sys.base_prefix, sys.exec_prefix, os.path.realpath(sys.prefix)}
    folders |= {path for path in sys.path if path.endswith(("site-packages", "dist-packages"))}
    return tuple(sorted(folder + os.sep for folder in folders))
