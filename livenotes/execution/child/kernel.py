"""Runs one module's cells as Jupyter would, in a process of its own.

The fork server imports this once, so that IPython is ready in every fork. `run_cells` is then
called in a new fork for each module.
"""

from __future__ import annotations
import __future__

import ast
import builtins
import faulthandler
import io
import linecache
import os
import pickle
import signal
import sys
import threading
import warnings
from collections.abc import Mapping
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

from IPython.display import display

from livenotes.core.markup import unsafe
from livenotes.core.percent import Cell
from livenotes.execution.child.audit import Audit, NoStdin
from livenotes.execution.child.display import (
    LATE_PRINT,
    Publisher,
    Stdout,
    TooMuchOutput,
    ends_in_semicolon,
    redirect,
    start_shell,
    to_json,
)
from livenotes.execution.child.distributions import distributions_of, imported_distributions
from livenotes.execution.child.failures import FailureLog
from livenotes.execution.child.isolation import exit_with_parent, hide_machine, seed
from livenotes.execution.outputs import Output, Report, Request

# The filters that a kernel has, so that warnings do not depend on who started the build.
_FILTERS = (
    ("default", "__main__", DeprecationWarning),
    ("ignore", "", DeprecationWarning),
    ("ignore", "", PendingDeprecationWarning),
    ("ignore", "", ImportWarning),
    ("ignore", "", ResourceWarning),
)
_FORKED = "forks, and the forked process goes on after the cell; end it there: os._exit(0)"
_UNSAFE = "Such markup could run or fetch something in a reader's browser."

_getpid, _exit = os.getpid, os._exit  # the originals: cells may replace them


def run_cells(request: Request, channel: Connection, parent: Connection) -> None:
    """Runs a module's cells. Sends ("start", ""), ("cell", name) for each, ("report", "").

    The report itself goes into a file: a process that is stopped while it sends a long message
    would keep the receiver waiting. Returns never; the parent ends this process.
    """
    exit_with_parent(parent)
    run = _Run(request)
    run.enter()
    channel.send(("start", ""))
    for cell in request.module.cells:
        channel.send(("cell", cell.name))
        run.cell(cell)
        if run.failures.report.problems:
            break
    report = run.finish()
    with open(f"{request.scratch}/report", "wb") as file:
        pickle.dump(report, file)
    channel.send(("report", ""))
    threading.Event().wait()


class _Run:
    """One module's run in this process."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.module = request.module
        self.failures = FailureLog(request)
        self.names: dict[str, Any] = {}
        self.flags = 0
        self.pid = os.getpid()
        self.outputs: list[Output] = []
        self.room = 0
        self.forked = f"{request.scratch}/forked"
        self.stdout = redirect(1, f"{request.scratch}/stdout")
        self.stderr = redirect(2, f"{request.scratch}/stderr")
        self.shell = start_shell()
        self.audit = Audit(request, self.failures.refuse)

    def enter(self) -> None:
        """Makes this process look like a notebook's kernel, and starts to watch it."""
        self._replace_streams()
        os.chdir(self.request.folder)
        sys.argv = [self.module.path]
        root = self.request.root
        sys.path[:] = [self.request.folder, *(p for p in sys.path if not _is_builds(p, root))]
        main = ModuleType("__main__", self.module.docstring or None)
        self.names = main.__dict__
        sys.modules["__main__"] = main
        builtins.display = display  # type: ignore[attr-defined]
        lines = io.StringIO(self.module.text).readlines()
        linecache.cache[self.module.path] = (len(self.module.text), None, lines, self.module.path)
        Publisher.recorder = self
        self._catch_failures()
        os._exit = self.exit
        hide_machine()
        seed(self.request.seed)
        self.audit.start()

    def _replace_streams(self) -> None:
        refuse = self.failures.refuse
        sys.stdout = self.printer = Stdout(self.request.max_output, refuse)
        sys.stderr = io.TextIOWrapper(
            io.FileIO(2, "wb", closefd=False), "utf-8", write_through=True
        )
        sys.stdin = NoStdin(refuse)

    def _catch_failures(self) -> None:
        """Sends warnings and uncaught exceptions to the log; sets up faulthandler."""
        self.shell.showtraceback = self.failures.add_display_exception  # type: ignore[method-assign]
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
        self.failures.cell, self.outputs = cell, []
        self.printer.room = self.room = self.request.max_output
        try:
            self._execute(cell)
            self.shell.events.trigger("post_execute")  # shows figures that were left open
            self.shell.events.trigger("post_run_cell", None)
        except BaseException as error:
            self.failures.add_exception(error)
        self.printer.late_threads.update(set(threading.enumerate()) - {threading.main_thread()})
        with suppress(TooMuchOutput):
            self._add_stdout()
        if text := self.stderr.read().decode("utf-8", "replace").strip():
            self.refuse(f"wrote to standard error: {text[:500]}")
        self._check_process()
        self.failures.report.outputs[cell.name] = self.outputs

    def _check_process(self) -> None:
        """Checks that this is the process, with the file descriptors, in which the cell began."""
        if _getpid() != self.pid:
            with open(self.forked, "w", encoding="utf-8"):
                _exit(0)
        if os.path.exists(self.forked):
            self.refuse(_FORKED)
        for number, reader in ((1, self.stdout), (2, self.stderr)):
            with suppress(OSError):
                if os.path.sameopenfile(number, reader.fileno()):
                    continue
            self.refuse(f"closes or redirects file descriptor {number}, and leaves it so")

    def _execute(self, cell: Cell) -> None:
        source = "\n" * (cell.first_line - 1) + cell.source + "\n"
        tree = ast.parse(source, self.module.path)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(self._compile(tree, "exec"), self.names)
        if isinstance(last, ast.Expr):
            value = eval(self._compile(ast.Expression(last.value), "eval"), self.names)
            if value is not None and not ends_in_semicolon(cell.source):
                self._add_value(value)

    def _compile(self, tree: ast.Module | ast.Expression, mode: str) -> Any:
        """Compiles with the flags of every `from __future__ import` so far, as a kernel does.

        Assertions stay, whatever flags Python was started with: they prove things on pages.
        """
        for node in getattr(tree, "body", []) if mode == "exec" else []:
            if isinstance(node, ast.ImportFrom) and node.module == "__future__":
                for alias in node.names:
                    self.flags |= getattr(__future__, alias.name).compiler_flag
        path, flags = self.module.path, self.flags
        return compile(tree, path, mode, flags=flags, dont_inherit=True, optimize=0)

    def _add_value(self, value: object) -> None:
        formatter: Any = self.shell.display_formatter
        data, _ = formatter.format(value)
        builtins._ = value  # type: ignore[attr-defined]
        if data:
            self._add_stdout()
            self._add("execute_result", data)

    def add_display(self, data: Mapping[str, Any]) -> None:
        """Adds what display() or matplotlib shows. Called by the Publisher."""
        self._add_stdout()
        self._add("display_data", data)

    def _add(self, output_type: str, data: Mapping[str, Any]) -> None:
        """Adds one output if the cell has room for it. Pictures may be ten times as long."""
        data = to_json(data, self.refuse)
        self._refuse_unsafe(data)
        texts = [len(value) for mime, value in data.items() if mime.startswith("text/")]
        self._take_room(max([*texts, sum(map(len, map(str, data.values()))) // 10]))
        output: Output = {"output_type": output_type, "metadata": {}, "data": data}
        if output_type == "execute_result":
            output["execution_count"] = None
        self.outputs.append(output)

    def _refuse_unsafe(self, data: Mapping[str, Any]) -> None:
        """Refuses markup that would run in a reader's browser."""
        for mime, value in data.items():
            shown = mime != "text/html" or "html" in self.failures.cell.tags
            if mime in ("image/svg+xml", "text/html") and shown and (why := unsafe(mime, value)):
                self.failures.refuse(f"shows {mime} {why}", hint=_UNSAFE)

    def _take_room(self, size: int) -> None:
        self.room -= size
        if self.room < 0:
            limit = f"this cell shows more than {self.request.max_output:,} characters"
            self.refuse(limit)
            raise TooMuchOutput(limit)

    def _add_stdout(self) -> None:
        """Moves what was printed since the last time into the cell's outputs."""
        text = self.stdout.read().decode("utf-8", "replace")
        if not text:
            return
        self._take_room(len(text))
        if self.outputs and self.outputs[-1]["output_type"] == "stream":
            self.outputs[-1]["text"] += text
        else:
            self.outputs.append({"output_type": "stream", "name": "stdout", "text": text})

    def refuse(self, message: str) -> None:
        """Adds a problem of the current cell."""
        self.failures.refuse(message)

    def finish(self) -> Report:
        """Returns the report, with everything that the outputs depend on."""
        report = self.failures.report
        if not report.problems:
            threading._shutdown()  # type: ignore[attr-defined]  # waits for threads, as Python does
            self._check_process()
            if self.stdout.read():
                self.refuse(LATE_PRINT)
        report.files, report.folders = self.audit.recorded()
        report.starts_programs = self.audit.starts_programs
        report.distributions = imported_distributions()
        report.named = distributions_of(self.module.imports())
        return report


def _is_builds(path: str, root: str) -> bool:
    """Tells whether a folder on the path is the build's own, which a reader's kernel lacks."""
    engine = str(Path(__file__).parents[3])
    return path in ("", root, engine) and not path.endswith("-packages")
