"""The child's side of a run: one module, cell by cell, as Jupyter would, in a process of its own.

Imported once by the fork server (so IPython and its display formatters are ready in every fork),
then `run_cells` is called in a fresh fork for each module. Knows IPython, not MkDocs or torch.
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
from livenotes.execution.child import audit as witness
from livenotes.execution.child.display import (
    LATE,
    Publisher,
    Stdout,
    TooMuchOutput,
    as_json,
    is_quiet,
    redirect,
    start_shell,
)
from livenotes.execution.child.failures import Trouble
from livenotes.execution.child.isolation import end_with_parent
from livenotes.execution.child.neutral import hide_machine, seed
from livenotes.execution.outputs import Output, Report, Request

# What IPython itself shows a reader; a warning must not depend on who started the build.
_FILTERS = (
    ("default", "__main__", DeprecationWarning),
    ("ignore", "", DeprecationWarning),
    ("ignore", "", PendingDeprecationWarning),
    ("ignore", "", ImportWarning),
    ("ignore", "", ResourceWarning),
)


_getpid, _exit = os.getpid, os._exit  # as they are before cells replace them
_ASTRAY = "forks, and the forked process goes on after the cell; end it there: os._exit(0)"
_UNSAFE = "Such markup could run or fetch something in a reader's browser."


def run_cells(request: Request, channel: Connection, lifeline: Connection) -> None:
    """Run a module's cells and send ("cell", name) before each, ("report", "") at the end.

    The report itself goes into a file: a process stopped while it sends a long message would
    keep the receiver waiting. The caller ends this process.
    """
    end_with_parent(lifeline)
    run = _Run(request)
    run.enter()
    channel.send(("start", ""))
    for cell in request.module.cells:
        channel.send(("cell", cell.name))
        run.cell(cell)
        if run.trouble.report.problems:
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
        self.trouble = Trouble(request)
        self.names: dict[str, Any] = {}
        self.flags = 0
        self.pid = os.getpid()
        self.outputs: list[Output] = []
        self.room = 0
        self.astray = f"{request.scratch}/astray"
        self.stdout = redirect(1, f"{request.scratch}/stdout")
        self.stderr = redirect(2, f"{request.scratch}/stderr")
        self.shell = start_shell()
        self.witness = witness.Witness(request, self.trouble.refuse)

    def enter(self) -> None:
        """Make this process look as a notebook's kernel does, and start to watch it."""
        request = self.request
        sys.stdout = self.printer = Stdout(request.max_output, self.trouble.refuse)
        sys.stderr = io.TextIOWrapper(
            io.FileIO(2, "wb", closefd=False), "utf-8", write_through=True
        )
        sys.stdin = witness.no_stdin(self.trouble.refuse)
        sys.argv = [self.module.path]
        os.chdir(request.folder)
        sys.path[:] = [request.folder, *(p for p in sys.path if not _is_ours(p, request.root))]
        main = ModuleType("__main__", self.module.docstring or None)
        self.names = main.__dict__
        sys.modules["__main__"] = main
        builtins.display = display  # type: ignore[attr-defined]
        lines = io.StringIO(self.module.text).readlines()
        linecache.cache[self.module.path] = (len(self.module.text), None, lines, self.module.path)
        Publisher.recorder = self
        self.shell.showtraceback = self.trouble.unshowable  # type: ignore[method-assign]
        warnings.resetwarnings()
        for action, module, category in reversed(_FILTERS):
            warnings.filterwarnings(action, category=category, module=module)  # type: ignore[arg-type]
        warnings.showwarning = self.trouble.warn
        threading.excepthook = self.trouble.thread_failed
        sys.unraisablehook = self.trouble.unraisable
        self.faults = open(f"{request.scratch}/faults", "w", encoding="utf-8")  # noqa: SIM115
        faulthandler.enable(self.faults)
        if hasattr(signal, "SIGUSR1"):
            faulthandler.register(signal.SIGUSR1, self.faults)
        os._exit = self.exit
        hide_machine()
        seed(request.seed)
        self.witness.start()

    def exit(self, status: int) -> NoReturn:
        """os._exit, which leaves no trace, but here writes down from where it was called."""
        if _getpid() == self.pid:
            faulthandler.dump_traceback(self.faults)
        _exit(status)

    def cell(self, cell: Cell) -> None:
        """Run one cell; what it shows, or what is wrong, goes into the report."""
        self.trouble.current, self.outputs = cell, []
        self.printer.room = self.room = self.request.max_output
        try:
            self.execute(cell)
            self.shell.events.trigger("post_execute")  # figures left open are shown, as in Jupyter
            self.shell.events.trigger("post_run_cell", None)
        except BaseException as error:
            self.trouble.failed(error)
        self.printer.late.update(set(threading.enumerate()) - {threading.main_thread()})
        with suppress(TooMuchOutput):
            self.take_stdout()
        if spoken := self.stderr.read().decode("utf-8", "replace").strip():
            self.trouble.refuse(f"wrote to standard error: {spoken[:500]}")
        self.check_process()
        self.trouble.report.outputs[cell.name] = self.outputs

    def check_process(self) -> None:
        """Is this still the process, with the descriptors, in which the cell began?"""
        if _getpid() != self.pid:
            with open(self.astray, "w", encoding="utf-8"):
                _exit(0)
        if os.path.exists(self.astray):
            self.trouble.refuse(_ASTRAY)
        for number, reader in ((1, self.stdout), (2, self.stderr)):
            with suppress(OSError):
                if os.path.sameopenfile(number, reader.fileno()):
                    continue
            self.trouble.refuse(f"closes or redirects file descriptor {number}, and leaves it so")

    def execute(self, cell: Cell) -> None:
        source = "\n" * (cell.first_line - 1) + cell.source + "\n"
        tree = ast.parse(source, self.module.path)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(self.compile(tree, "exec"), self.names)
        if isinstance(last, ast.Expr):
            value = eval(self.compile(ast.Expression(last.value), "eval"), self.names)
            if value is not None and not is_quiet(cell.source):
                self.show(value)

    def compile(self, tree: ast.Module | ast.Expression, mode: str) -> Any:
        """Compile with the flags of every `from __future__ import` so far, as a notebook does."""
        for node in getattr(tree, "body", []) if mode == "exec" else []:
            if isinstance(node, ast.ImportFrom) and node.module == "__future__":
                for alias in node.names:
                    self.flags |= getattr(__future__, alias.name).compiler_flag
        return compile(tree, self.module.path, mode, flags=self.flags, dont_inherit=True)

    def show(self, value: object) -> None:
        formatter = self.shell.display_formatter
        assert formatter is not None
        data, _ = formatter.format(value)  # type: ignore[no-untyped-call]
        builtins._ = value  # type: ignore[attr-defined]
        if data:
            self.take_stdout()
            self.add("execute_result", data)

    def add(self, output_type: str, data: Mapping[str, Any]) -> None:
        """Note one output, while the cell has room for it; pictures may be ten times as long."""
        held = as_json(data, self.trouble.refuse)
        self.check_safe(held)
        texts = [len(value) for mime, value in held.items() if mime.startswith("text/")]
        self.make_room(max([*texts, sum(map(len, map(str, held.values()))) // 10]))
        output: Output = {"output_type": output_type, "metadata": {}, "data": held}
        if output_type == "execute_result":
            output["execution_count"] = None
        self.outputs.append(output)

    def check_safe(self, held: Mapping[str, Any]) -> None:
        """Refuse markup that would run in a reader's browser."""
        for mime, value in held.items():
            shown = mime != "text/html" or "html" in self.trouble.current.tags
            if mime in ("image/svg+xml", "text/html") and shown and (why := unsafe(mime, value)):
                self.trouble.refuse(f"shows {mime} {why}", hint=_UNSAFE)

    def make_room(self, size: int) -> None:
        self.room -= size
        if self.room < 0:
            limit = f"this cell shows more than {self.request.max_output:,} characters"
            self.trouble.refuse(limit)
            raise TooMuchOutput(limit)

    def take_display(self, data: Mapping[str, Any]) -> None:
        self.take_stdout()
        self.add("display_data", data)

    def take_stdout(self) -> None:
        """Move what was printed since the last time into the cell's outputs."""
        text = self.stdout.read().decode("utf-8", "replace")
        if not text:
            return
        self.make_room(len(text))
        if self.outputs and self.outputs[-1]["output_type"] == "stream":
            self.outputs[-1]["text"] += text
        else:
            self.outputs.append({"output_type": "stream", "name": "stdout", "text": text})

    def refuse(self, message: str) -> None:
        """Note a problem, for the displays."""
        self.trouble.refuse(message)

    def finish(self) -> Report:
        """The report, with everything that the outputs depend on."""
        report = self.trouble.report
        if not report.problems:
            threading._shutdown()  # type: ignore[attr-defined]  # waits for threads, as Python does
            self.check_process()
            if self.stdout.read():
                self.trouble.refuse(LATE)
        report.files, report.folders = self.witness.seen()
        report.starts_programs = self.witness.starts_programs
        report.distributions = witness.distributions()
        report.named = witness.distributions_of(self.module.imports())
        return report


def _is_ours(path: str, root: str) -> bool:
    """Folders on the build's path that a reader's kernel does not have there."""
    ours = str(Path(__file__).parents[3])
    return path in ("", root, ours) and not path.endswith("-packages")
