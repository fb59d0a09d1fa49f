"""The fork server: a process that has imported what modules need, and forks for each run.

It is that of the standard library's `multiprocessing`, which has one for each process. Where the
system cannot fork, children are spawned.
"""

from __future__ import annotations

import importlib.machinery
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import ModuleType
from typing import Any

import psutil

from livenotes.core.percent import Module
from livenotes.execution.fingerprints import distribution_version
from livenotes.execution.portability import USER

# The environment of all children, whoever builds: no settings of the user, no extra threads.
_INHERITED = (
    "PATH",
    "HOME",
    "TMPDIR",
    "LD_LIBRARY_PATH",
    "VIRTUAL_ENV",
    "SYSTEMROOT",
    "TEMP",
    "TMP",
)
_FIXED = {
    "LANG": "C.UTF-8",
    "TZ": "UTC",
    "LOGNAME": USER,
    "USER": USER,
    "PYTHONHASHSEED": "0",
    "OMP_NUM_THREADS": "1",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "MATPLOTLIBRC": str(Path(__file__).parent / "child/matplotlibrc"),
}
_CACHES = ("IPYTHONDIR", "MPLCONFIGDIR", "XDG_CACHE_HOME")  # where libraries keep files
_SERVER_MODULES = (
    "livenotes.execution.runner",
    "livenotes.execution.child.kernel",
    "livenotes.execution.child.preload",
)
_PRELOAD_LIMIT = 120  # seconds for all the packages that the server imports
_lock = threading.Lock()
_FORKING = "forkserver" in multiprocessing.get_all_start_methods()
_context: Any = multiprocessing.get_context("forkserver" if _FORKING else "spawn")


class ForkServer:
    """Starts child processes.

    `cache` is where IPython and matplotlib may write their own files; `environment` replaces
    variables of the usual environment; `version_of` returns a distribution's version.
    """

    def __init__(
        self,
        cache: Path,
        environment: Mapping[str, str] | None = None,
        version_of: Callable[[str], str] = distribution_version,
    ) -> None:
        self.cache = cache
        self.version_of = version_of
        self.environment = environment or {}
        self.imported: dict[str, str] = {}  # distributions in the server, and their versions
        self.generation = 0  # number of servers that were started because one had ended
        self.killed = False

    def ensure_running(self, modules: Iterable[Module], preload: Iterable[str] = ()) -> None:
        """Starts the server, or restarts it if a package that it imported has changed.

        It imports what the modules import by name, and `preload`.
        """
        if not _FORKING:
            return
        if any(self.version_of(name) != old for name, old in self.imported.items()):
            self.stop()
        with _lock:
            self.killed = False
            self._ensure_running([*third_party_imports(modules), *preload])

    def _ensure_running(self, preload: Iterable[str]) -> None:
        more = {"LIVENOTES_PRELOAD": " ".join(preload), "LIVENOTES_LIMIT": f"{_PRELOAD_LIMIT}"}
        with self._environment(more):
            forkserver.set_forkserver_preload(list(_SERVER_MODULES))
            forkserver.ensure_running()

    def start(self, target: Callable[..., None], *args: object) -> BaseProcess:
        """Starts a child that calls `target(*args)`. Raises OSError or EOFError if none can start.

        A server that has ended (killed, or by a package that it imported) is restarted before,
        without packages: then only the modules that need the bad package fail. The caller tries
        again with other pipes, since a child may have been forked already.
        """
        generation = self.generation
        try:
            return self._start(target, args)
        except (EOFError, OSError):
            if self.killed or not _FORKING:
                raise
            with _lock:
                if generation == self.generation:
                    self.generation += 1
                    self._stop()
                    self._ensure_running(())
            raise

    def _start(self, target: Callable[..., None], args: tuple[object, ...]) -> BaseProcess:
        process: BaseProcess = _context.Process(target=target, args=args)
        with _lock, _no_main_script():
            if _is_alive():
                process.start()
            else:  # this starts a server, which must not see the caller's environment
                with self._environment():
                    process.start()
        return process

    def kill(self) -> None:
        """Kills the server, even while it imports; `start` does not restart it."""
        self.killed = True
        pid = getattr(forkserver._forkserver, "_forkserver_pid", None)
        if pid and _FORKING:
            with suppress(OSError):
                os.kill(pid, signal.SIGKILL)

    def stop(self) -> None:
        """Ends the server; the next `ensure_running` starts another."""
        self.imported = {}
        with _lock:
            self._stop()

    def _stop(self) -> None:
        with suppress(OSError):
            forkserver._forkserver._stop()  # type: ignore[attr-defined]

    @contextmanager
    def _environment(self, more: Mapping[str, str] | None = None) -> Iterator[None]:
        """Sets the environment in which the server starts; restores it at the end."""
        before = dict(os.environ)
        inherited = {name: before[name] for name in _INHERITED if name in before}
        own = {name: self.cache / name.lower() for name in _CACHES}
        for folder in own.values():
            folder.mkdir(parents=True, exist_ok=True)
        os.environ.clear()
        os.environ.update(inherited | _FIXED | {name: str(folder) for name, folder in own.items()})
        os.environ.update({**self.environment, **(more or {})})
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)


def pipe() -> tuple[Connection, Connection]:
    """Returns a one-way pipe: the end that reads, the end that writes."""
    reader, writer = _context.Pipe(duplex=False)
    return reader, writer


def end(process: BaseProcess) -> None:
    """Kills a child, its process group and all processes below it, and waits for the child."""
    below: list[psutil.Process] = []
    with suppress(psutil.Error):
        below = psutil.Process(process.pid).children(recursive=True)
    if hasattr(os, "killpg") and process.pid:
        with suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
    for each in below:
        with suppress(psutil.Error):
            each.kill()
    process.kill()
    process.join(5)


def _is_alive() -> bool:
    """Tells whether there is a fork server. Does not reap it: multiprocessing does, and starts
    another."""
    pid = getattr(forkserver._forkserver, "_forkserver_pid", None)
    if not pid or not _FORKING:
        return False
    try:
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
    except OSError:
        return False


@contextmanager
def _no_main_script() -> Iterator[None]:
    """Keeps a child from importing the caller's main script, which is all of MkDocs."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def third_party_imports(modules: Iterable[Module]) -> list[str]:
    """Returns the installed modules that cells import by name."""
    names = {name for module in modules for name in module.imports()}
    return sorted(name for name in names if _is_installed(name.partition(".")[0]))


def is_of_others(module: str) -> bool:
    """Tells whether a module of this name comes with Python or is installed."""
    return module in sys.stdlib_module_names or _is_installed(module)


def _is_installed(package: str) -> bool:
    """Tells whether a package is third-party: neither Python's own nor the project's."""
    if package in sys.stdlib_module_names:
        return False
    with suppress(ImportError, ValueError):
        spec: importlib.machinery.ModuleSpec | None = find_spec(package)
        return bool(spec and spec.origin and "-packages" in spec.origin)
    return False
