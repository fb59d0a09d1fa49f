"""Runs one module's cells as Jupyter would, in a process of its own.

The fork server imports this once, so that IPython is ready in every fork. `run_cells` is then
called in a new fork for each module.
"""

from __future__ import annotations

import asyncio
import faulthandler
import io
import linecache
import os
import pickle
import signal
import sys
import threading
import warnings
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NoReturn

from livenotes.core.percent import Cell
from livenotes.execution.child.audit import Audit, NoStdin
from livenotes.execution.child.display import LATE_PRINT, TooMuchOutput, redirect
from livenotes.execution.child.distributions import distributions_of, imported_distributions
from livenotes.execution.child.failures import FailureLog
from livenotes.execution.child.isolation import (
    be_first_process,
    exit_with_parent,
    hide_machine,
    seed,
)
from livenotes.execution.child.randomness import Randomness
from livenotes.execution.child.recorder import Recorder
from livenotes.execution.child.shell import start_shell
from livenotes.execution.child.workspace import Workspace
from livenotes.execution.outputs import Report, Request

# The filters that a kernel has, so that warnings do not depend on who started the build.
_FILTERS = (
    ("default", "__main__", DeprecationWarning),
    ("ignore", "", DeprecationWarning),
    ("ignore", "", PendingDeprecationWarning),
    ("ignore", "", ImportWarning),
    ("ignore", "", ResourceWarning),
)
_FORKED = "forks, and the forked process goes on after the cell; end it there: os._exit(0)"

_WORDS = 500  # characters of standard error that a message quotes
_NOT_RAISED = "is tagged raises-exception, and raises none"
_RAISES = "Take the tag away, or have the cell raise what the page is to show."
_PROJECT = "a file of the project"
_RESTORE = "Restore it, and have the cell write a new file: that vanishes with the run."

_getpid, _exit = os.getpid, os._exit  # the originals: cells may replace them


def run_cells(request: Request, channel: Connection, parent: Connection) -> None:
    """Runs a module's cells. Sends ("start", ""), ("cell", name) for each, ("report", ""); and
    ("drew", "") after the first cell that draws random numbers without a seed.

    The report itself goes into a file: a process that is stopped while it sends a long message
    would keep the receiver waiting. Returns never; the parent ends this process.
    """
    exit_with_parent(parent)
    run = _Run(request)
    run.enter()
    channel.send(("start", ""))
    for cell in request.module.cells:
        channel.send(("cell", cell.name))
        drew = bool(run.failures.report.unseeded)
        run.cell(cell)
        run.keep(cell)
        if run.failures.report.problems:
            break
        if run.failures.report.unseeded and not drew:
            channel.send(("drew", ""))
    report = run.finish()
    with open(f"{request.scratch}/report", "wb") as file:
        pickle.dump(report, file)
    channel.send(("report", ""))
    with suppress(EOFError, OSError):
        parent.recv_bytes()  # until the other end is closed, if nobody ends this process before
    _exit(0)


class _Run:
    """One module's run in this process."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.module = request.module
        self.failures = FailureLog(request)
        self.pid = os.getpid()
        told_to = [os.fstat(number).st_ino for number in (1, 2)]
        self.forked = f"{request.scratch}/forked"
        self.recorder = Recorder(request, self.failures)
        self.stderr = redirect(2, f"{request.scratch}/stderr")
        self.shell = start_shell()
        self.loop = asyncio.new_event_loop()  # that of a kernel runs while a cell runs
        self.workspace = Workspace(request.root, request.folder, request.scratch, told_to)
        self.randomness = Randomness(
            self.failures.add_unseeded, self.failures.current_line, self.module.path
        )
        self.audit = Audit(request, self.workspace, self.failures.refuse)

    def enter(self) -> None:
        """Makes this process look like a notebook's kernel, and starts to watch it."""
        self._replace_streams()
        self.workspace.make()
        os.chdir(self.workspace.folder)
        sys.argv = [self.module.path]
        root = self.request.root
        others = [path for path in sys.path if not _is_builds(path, root)]
        sys.path[:] = [self.request.folder, self.workspace.folder, *others]
        sys.modules["__main__"] = self.shell.user_module
        lines = io.StringIO(self.module.text).readlines()
        linecache.cache[self.module.path] = (len(self.module.text), None, lines, self.module.path)
        self._set_up_shell()
        self._catch_failures()
        os._exit = self.exit
        hide_machine()
        be_first_process()
        seed(self.request.seed)
        self.randomness.start()
        self.audit.start()

    def _replace_streams(self) -> None:
        sys.stdout = self.recorder.printer
        sys.stderr = io.TextIOWrapper(
            io.FileIO(2, "wb", closefd=False), "utf-8", write_through=True
        )
        sys.stdin = NoStdin(self.failures.refuse)

    def _set_up_shell(self) -> None:
        self.shell.receiver, self.shell.refuse = self.recorder, self.failures.refuse
        self.shell.after_statement = self.randomness.look
        self.shell.compile.path = self.module.path
        for name in ("showtraceback", "showsyntaxerror", "showindentationerror"):
            setattr(self.shell, name, self.failures.add_current_exception)

    def _catch_failures(self) -> None:
        """Sends warnings and uncaught exceptions to the log; sets up faulthandler."""
        warnings.resetwarnings()
        for action, module, category in reversed(_FILTERS):
            warnings.filterwarnings(action, category=category, module=module)  # type: ignore[arg-type]
        warnings.showwarning = self.failures.add_warning
        threading.excepthook = self.failures.add_thread_exception
        sys.unraisablehook = self.failures.add_unraisable
        self.faults = open(f"{self.request.scratch}/faults", "w", encoding="utf-8")  # noqa: SIM115
        faulthandler.enable(self.faults)
        if hasattr(signal, "SIGUSR1"):
            faulthandler.register(signal.SIGUSR1, self.faults)

    def exit(self, status: int) -> NoReturn:
        """Replaces os._exit: writes down from which line it was called."""
        if _getpid() == self.pid:
            faulthandler.dump_traceback(self.faults)
        _exit(status)

    def cell(self, cell: Cell) -> None:
        """Runs one cell. Its outputs, or what is wrong, go into the report."""
        self.failures.cell, self.failures.raised = cell, None
        self.recorder.begin()
        self.shell.compile.first_line = cell.first_line
        try:
            self._execute(cell)
        except BaseException as error:  # of IPython, which may stumble over the cell's own
            if not self.failures.report.problems and self.failures.raised is None:
                self.failures.add_exception(error)
        if "raises-exception" in cell.tags:
            self._show_exception()
        late = set(threading.enumerate()) - {threading.main_thread()}
        self.recorder.printer.late_threads.update(late)
        with suppress(TooMuchOutput):
            self.recorder.add_stdout()
        if text := self.stderr.read().decode("utf-8", "replace").strip():
            shown = text if len(text) <= _WORDS else f"... {text[-_WORDS:]}"  # an error ends it
            self.failures.refuse(f"wrote to standard error: {shown}")
        for path, itself in self.workspace.changed():
            name = os.path.relpath(path, self.request.root)
            more = ", which stays changed" if itself else ""
            self.failures.refuse(f"changes {name}, {_PROJECT}{more}", hint=_RESTORE * itself)
        self._check_process()
        self.failures.report.outputs[cell.name] = self.recorder.outputs

    def _show_exception(self) -> None:
        """Shows the exception that a cell was to raise, as a notebook does."""
        if (error := self.failures.raised) is None:
            self.failures.refuse(_NOT_RAISED, hint=_RAISES)
            return
        try:
            text = str(error)
        except Exception:
            text = "<exception str() failed>"
        with suppress(TooMuchOutput):
            self.recorder.add_error(type(error).__name__, text)

    def keep(self, cell: Cell) -> None:
        """Writes down the outputs of a cell, for the case that a later one ends the process."""
        with open(f"{self.request.scratch}/cells", "ab") as file:
            pickle.dump((cell.name, self.recorder.outputs), file)

    def _execute(self, cell: Cell) -> None:
        """Has the shell run a cell. The source goes past its transformers: magics are off."""
        source = f"{cell.source}\n"
        run = self.shell.run_cell_async(source, store_history=True, transformed_cell=source)
        result = self.loop.run_until_complete(run)
        self.shell.events.trigger("post_execute")  # shows figures that were left open
        self.shell.events.trigger("post_run_cell", result)

    def _check_process(self) -> None:
        """Checks that this is the process, with the file descriptors, in which the cell began."""
        if _getpid() != self.pid:
            with open(self.forked, "w", encoding="utf-8"):
                _exit(0)
        if os.path.exists(self.forked):
            self.failures.refuse(_FORKED)
        for number, reader in ((1, self.recorder.stdout), (2, self.stderr)):
            with suppress(OSError):
                if os.path.sameopenfile(number, reader.fileno()):
                    continue
            self.failures.refuse(f"closes or redirects file descriptor {number}, and leaves it so")

    def finish(self) -> Report:
        """Returns the report, with everything that the outputs depend on."""
        report = self.failures.report
        if not report.problems:
            threading._shutdown()  # type: ignore[attr-defined]  # waits for threads, as Python does
            self._check_process()
            if self.recorder.stdout.read():
                self.failures.refuse(LATE_PRINT)
        for name, found in self.audit.recorded().items():
            setattr(report, name, found)
        report.starts_programs = self.audit.starts_programs
        report.distributions = imported_distributions()
        report.named = distributions_of(self.module.imports())
        return report


def _is_builds(path: str, root: str) -> bool:
    """Tells whether a folder on the path is the build's own, which a reader's kernel lacks."""
    engine = str(Path(__file__).parents[3])
    return path in ("", root, engine) and not path.endswith("-packages")
