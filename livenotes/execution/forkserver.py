"""The fork server: a process that has imported what modules need, and forks for each run.

Standard library `multiprocessing`; there is one such server in a process, whoever asks for it.
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

from livenotes.core.percent import Module
from livenotes.execution.fingerprints import distribution_version
from livenotes.execution.portability import USER

# A child sees the same environment whoever builds: no settings of the user's, no extra threads.
_KEPT = ("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "SYSTEMROOT", "TEMP", "TMP")
_GIVEN = {
    "LANG": "C.UTF-8",
    "TZ": "UTC",
    "LOGNAME": USER,
    "USER": USER,
    "PYTHONHASHSEED": "0",
    "OMP_NUM_THREADS": "1",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "MATPLOTLIBRC": str(Path(__file__).parent / "child/matplotlibrc"),
}
_PRELOAD_LIMIT = 120  # seconds for all the packages that the server imports
_lock = threading.Lock()
_FORKING = "forkserver" in multiprocessing.get_all_start_methods()
_context: Any = multiprocessing.get_context("forkserver" if _FORKING else "spawn")


class ForkServer:
    """Starts child processes.

    `cache` is where IPython and matplotlib may keep their own files; `environment` is what
    differs from what a child usually sees; `version_of` gives a distribution's version.
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
        self.held: dict[str, str] = {}  # distributions in the server, and their versions
        self.generation = 0  # counts the servers that were started because one had ended
        self.killed = False

    def ensure_running(self, modules: Iterable[Module], preload: Iterable[str] = ()) -> None:
        """Start the server, anew where a package that it holds has changed since.

        It imports what the modules import by name, and `preload`.
        """
        if not _FORKING:
            return
        if any(self.version_of(name) != held for name, held in self.held.items()):
            self.stop()
        with _lock:
            self.killed = False
            self._ensure_running([*third_party_imports(modules), *preload])

    def _ensure_running(self, preload: Iterable[str]) -> None:
        given = {"LIVENOTES_PRELOAD": " ".join(preload), "LIVENOTES_LIMIT": f"{_PRELOAD_LIMIT}"}
        with self._environment(given):
            forkserver.set_forkserver_preload(
                [
                    "livenotes.execution.runner",
                    "livenotes.execution.child.kernel",
                    "livenotes.execution.child.preload",
                ]
            )
            forkserver.ensure_running()

    def start(self, target: Callable[..., None], *args: object) -> BaseProcess:
        """A child that calls `target(*args)`. Raises OSError or EOFError where none can start.

        A server that has ended (killed, or by a package that it was to import) is started again,
        once, without packages: then only the modules that need the bad one fail.
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
            return self._start(target, args)

    def _start(self, target: Callable[..., None], args: tuple[object, ...]) -> BaseProcess:
        process: BaseProcess = _context.Process(target=target, args=args)
        with _lock, _no_main_script():
            if _alive():
                process.start()
            else:  # it starts a server, which must not see the caller's environment
                with self._environment():
                    process.start()
        return process

    def kill(self) -> None:
        """End the server at once, even while it imports, and let nobody wait for it any longer."""
        self.killed = True
        pid = getattr(forkserver._forkserver, "_forkserver_pid", None)
        if pid and _FORKING:
            with suppress(OSError):
                os.kill(pid, signal.SIGKILL)

    def stop(self) -> None:
        """End the server; the next `ensure_running` starts another."""
        self.held = {}
        with _lock:
            self._stop()

    def _stop(self) -> None:
        with suppress(OSError):
            forkserver._forkserver._stop()  # type: ignore[attr-defined]

    @contextmanager
    def _environment(self, more: Mapping[str, str] | None = None) -> Iterator[None]:
        """The environment in which the server starts."""
        before = dict(os.environ)
        kept = {name: before[name] for name in _KEPT if name in before}
        own = {name: self.cache / name.lower() for name in ("IPYTHONDIR", "MPLCONFIGDIR")}
        for folder in own.values():
            folder.mkdir(parents=True, exist_ok=True)
        os.environ.clear()
        os.environ.update(kept | _GIVEN | {name: str(folder) for name, folder in own.items()})
        os.environ.update({**self.environment, **(more or {})})
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)


def pipe() -> tuple[Connection, Connection]:
    """A one-way pipe: the end that reads, the end that writes."""
    reader, writer = _context.Pipe(duplex=False)
    return reader, writer


def end(process: BaseProcess) -> None:
    """End a child, its process group and all that it started, and wait for it."""
    started = descendants(process.pid) if process.pid else []
    if hasattr(os, "killpg") and process.pid:
        with suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
    for pid in started:
        with suppress(OSError):
            os.kill(pid, signal.SIGKILL)
    process.kill()
    process.join(5)


def descendants(pid: int) -> list[int]:
    """Children of a process, their children, and so on, where the system lists them in /proc."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, ValueError, IndexError):
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(entry.name))
    found, todo = [], [pid]
    while todo:
        for child in children.get(todo.pop(), ()):
            found.append(child)
            todo.append(child)
    return found


def _alive() -> bool:
    """Is there a fork server? It is not reaped: multiprocessing does that, and starts another."""
    pid = getattr(forkserver._forkserver, "_forkserver_pid", None)
    if not pid or not _FORKING:
        return False
    try:
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
    except OSError:
        return False


@contextmanager
def _no_main_script() -> Iterator[None]:
    """Keep a child from importing the caller's main script, which would be all of MkDocs."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def third_party_imports(modules: Iterable[Module]) -> list[str]:
    """Installed modules that cells import by name, to be imported once for all of them."""
    names = {name for module in modules for name in module.imports()}
    return sorted(name for name in names if _is_installed(name.partition(".")[0]))


def _is_installed(package: str) -> bool:
    """Is it a third-party package, not Python's own and not the project's?"""
    if package in sys.stdlib_module_names:
        return False
    with suppress(ImportError, ValueError):
        spec: importlib.machinery.ModuleSpec | None = find_spec(package)
        return bool(spec and spec.origin and "-packages" in spec.origin)
    return False
