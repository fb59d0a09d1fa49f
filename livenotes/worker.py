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
import signal
import sys
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any, NoReturn, TextIO

from IPython.display import display

from livenotes import witness
from livenotes.errors import Problem
from livenotes.lifeline import end_with_parent
from livenotes.module import Cell
from livenotes.outputs import Output, Report, Request
from livenotes.showing import Publisher, Stdout, TooMuchOutput, is_quiet, redirect, start_shell

# What IPython itself shows a reader; a warning must not depend on who started the build.
_FILTERS = (
    ("default", "__main__", DeprecationWarning),
    ("ignore", "", DeprecationWarning),
    ("ignore", "", PendingDeprecationWarning),
    ("ignore", "", ImportWarning),
    ("ignore", "", ResourceWarning),
)


def run_cells(request: Request, channel: Connection, lifeline: Connection) -> None:
    """Run a module's cells and send ("cell", name) before each, ("report", Report) at the end."""
    end_with_parent(lifeline)
    run = _Run(request, channel)
    run.enter()
    channel.send(("start", ""))
    for cell in request.module.cells:
        channel.send(("cell", cell.name))
        run.cell(cell)
        if run.report.problems:
            break
    channel.send(("report", run.finish()))


class _Run:
    """One module's run in this process."""

    def __init__(self, request: Request, channel: Connection) -> None:
        self.request = request
        self.module = request.module
        self.report = Report()
        self.current: Cell = request.module.cells[0]
        self.names: dict[str, Any] = {}
        self.flags = 0
        self.pid = os.getpid()
        self.outputs: list[Output] = []
        self.stdout = redirect(1, f"{request.scratch}/stdout")
        self.stderr = redirect(2, f"{request.scratch}/stderr")
        self.shell = start_shell()
        self.witness = witness.Witness(
            request.root, f"{request.scratch}/opened", request.unwatched, self.refuse
        )

    def enter(self) -> None:
        """Make this process look as a notebook's kernel does, and start to watch it."""
        request = self.request
        sys.stdout = self.printer = Stdout(request.max_output)
        sys.stderr = io.TextIOWrapper(
            io.FileIO(2, "wb", closefd=False), "utf-8", write_through=True
        )
        sys.stdin = witness.no_stdin(self.refuse)
        sys.argv = [self.module.path]
        os.chdir(request.folder)
        sys.path[:] = [request.folder, *(p for p in sys.path if not _is_ours(p, request.root))]
        main = ModuleType("__main__", self.module.docstring or None)
        self.names = main.__dict__
        sys.modules["__main__"] = main
        builtins.display = display  # type: ignore[attr-defined]
        lines = self.module.text.splitlines(keepends=True)
        linecache.cache[self.module.path] = (len(self.module.text), None, lines, self.module.path)
        Publisher.recorder = self
        warnings.resetwarnings()
        for action, module, category in reversed(_FILTERS):
            warnings.filterwarnings(action, category=category, module=module)  # type: ignore[arg-type]
        warnings.showwarning = self.warn
        threading.excepthook = self.thread_failed
        self.faults = open(f"{request.scratch}/faults", "w", encoding="utf-8")  # noqa: SIM115
        faulthandler.enable(self.faults)
        if hasattr(signal, "SIGUSR1"):
            faulthandler.register(signal.SIGUSR1, self.faults)
        os._exit = self.exit
        self.witness.start()

    def exit(self, status: int, _exit: Callable[[int], NoReturn] = os._exit) -> NoReturn:
        """os._exit, which leaves no trace, but here writes down from where it was called."""
        if os.getpid() == self.pid:
            faulthandler.dump_traceback(self.faults)
        _exit(status)

    def cell(self, cell: Cell) -> None:
        """Run one cell; what it shows, or what is wrong, goes into the report."""
        self.current, self.outputs = cell, []
        self.printer.room = self.printer.limit
        try:
            self.execute(cell)
            self.shell.events.trigger("post_execute")  # figures left open are shown, as in Jupyter
            self.shell.events.trigger("post_run_cell", None)
        except BaseException as error:
            self.failed(error)
        self.take_stdout()
        if spoken := self.stderr.read().decode("utf-8", "replace").strip():
            self.refuse(f"wrote to standard error: {spoken[:500]}")
        self.report.outputs[cell.name] = self.outputs

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
        size = sum(len(str(value)) for value in data.values())
        if size > 10 * self.request.max_output:
            raise TooMuchOutput(f"this cell shows {size:,} characters in one output")
        output: Output = {"output_type": output_type, "metadata": {}, "data": dict(data)}
        if output_type == "execute_result":
            output["execution_count"] = None
        self.outputs.append(output)

    def take_display(self, data: Mapping[str, Any]) -> None:
        self.take_stdout()
        self.add("display_data", data)

    def take_stdout(self) -> None:
        """Move what was printed since the last time into the cell's outputs."""
        text = self.stdout.read().decode("utf-8", "replace")
        if not text:
            return
        if self.outputs and self.outputs[-1]["output_type"] == "stream":
            self.outputs[-1]["text"] += text
        else:
            self.outputs.append({"output_type": "stream", "name": "stdout", "text": text})

    # --- what can go wrong -------------------------------------------------------------------

    def refuse(self, message: str, line: int = 0, hint: str = "") -> None:
        """Note a problem of the current cell; the run ends after this cell."""
        line = line or self.line_now() or self.current.first_line
        problem = Problem(self.module.path, line, message, self.current.name, hint)
        if problem not in self.report.problems:
            self.report.problems.append(problem)

    def line_now(self) -> int:
        """The module's line that is being run, or 0."""
        frame: Any = sys._getframe()
        while frame is not None:
            if frame.f_code.co_filename == self.module.path:
                return int(frame.f_lineno)
            frame = frame.f_back
        return 0

    def failed(self, error: BaseException) -> None:
        if self.report.problems and isinstance(error, witness.Refused):
            return
        if isinstance(error, SystemExit):
            message = f"called sys.exit({error.code!r}), which ends a reader's kernel"
        elif isinstance(error, TooMuchOutput):
            message = str(error)
        else:
            message = "".join(traceback.format_exception_only(error)).strip()
        if isinstance(error, SyntaxError) and error.filename == self.module.path:
            self.refuse(f"SyntaxError: {error.msg}", error.lineno or 0, (error.text or "").strip())
            return
        frames = list(self.own_frames(error.__traceback__))
        here = [number for path, number, _ in frames if path == self.module.path]
        quoted = "\n".join(f"{path}:{number}  {code}" for path, number, code in frames)
        self.refuse(message, here[-1] if here else 0, quoted)

    def own_frames(self, trace: TracebackType | None) -> Iterator[tuple[str, int, str]]:
        """The traceback's frames in files of the project: path, line, code."""
        root = self.request.root + os.sep
        for frame in traceback.extract_tb(trace):
            path = frame.filename
            if path == self.module.path or (
                path.startswith(root) and not path.startswith(self.request.unwatched)
            ):
                yield path.removeprefix(root), frame.lineno or 0, frame.line or ""

    def thread_failed(self, args: Any) -> None:
        name = args.thread.name if args.thread else "a thread"
        text = "".join(traceback.format_exception_only(args.exc_value)).strip()
        frames = list(self.own_frames(args.exc_traceback))
        self.refuse(f"exception in {name}: {text}", frames[-1][1] if frames else 0)

    def warn(
        self,
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        """Take a warning, as warnings.showwarning is called."""
        here = lineno if filename == self.module.path else self.line_now()
        text = f"{category.__name__}: {message}"
        problem = Problem(self.module.path, here, text, self.current.name)
        if problem not in self.report.warnings:
            self.report.warnings.append(problem)

    def finish(self) -> Report:
        """The report, with everything that the outputs depend on."""
        self.report.files, self.report.folders = self.witness.seen()
        self.report.starts_programs = self.witness.starts_programs
        self.report.distributions = witness.distributions()
        return self.report


def _is_ours(path: str, root: str) -> bool:
    """Folders on the build's path that a reader's kernel does not have there."""
    ours = str(Path(__file__).parent.parent)
    return path in ("", root, ours) and not path.endswith("-packages")


if os.environ.pop("LIVENOTES_SERVER", ""):  # done once, before any fork
    start_shell()
    witness.warm()
