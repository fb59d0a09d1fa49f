"""Turns exceptions and warnings of cells into problems of the module: line, cell, cause."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

import livenotes
from livenotes.core.percent import Cell
from livenotes.core.problems import Problem, shortened
from livenotes.execution.child.audit import Refused
from livenotes.execution.child.display import TooMuchOutput
from livenotes.execution.hints import hint_for
from livenotes.execution.outputs import Report, Request

_MAX_FRAMES = 6
_ENGINE = str(Path(livenotes.__file__).parent) + os.sep


_getpid = os.getpid  # cells may replace it


class FailureLog:
    """Collects a run's problems and warnings in `report`; `cell` is the one that runs."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.pid = _getpid()
        self.module = request.module
        self.cell: Cell = request.module.cells[0]
        self.raised: Exception | None = None  # by a cell that is to raise one
        self.report = Report()

    def refuse(self, message: str, line: int = 0, hint: str = "") -> None:
        """Adds a problem of the current cell. The run ends after this cell."""
        if _getpid() != self.pid:  # a process that the cell started: the run reads what it writes
            os.write(2, f"a process that the cell started {message}\n".encode())
            return
        line = line or self.current_line() or self.cell.first_line
        message, hint = shortened(message), shortened(hint) or hint_for(message)
        cell = self.module.cell_at(line) or self.cell.name
        if not any((p.cell, p.message) == (cell, message) for p in self.report.problems):
            self.report.problems.append(Problem(self.module.path, line, message, cell, hint))

    def current_line(self) -> int:
        """Returns the line of the module that is being run, or 0."""
        frame: Any = sys._getframe()
        while frame is not None:
            if frame.f_code.co_filename == self.module.path:
                return int(frame.f_lineno)
            frame = frame.f_back
        return 0

    def add_exception(self, error: BaseException) -> None:
        """Adds an exception that left the cell, with its last line in the module."""
        if self._was_added(error):
            return
        if "raises-exception" in self.cell.tags and isinstance(error, Exception):
            self.raised = error
            return
        if isinstance(error, SyntaxError) and error.filename == self.module.path:
            code = (error.text or "").strip()
            self.refuse(f"SyntaxError: {error.msg}", error.lineno or 0, code)
            return
        message = _message(error)
        if isinstance(error, SystemExit):
            message = f"called sys.exit({error.code!r}), which ends a reader's kernel"
        frames = list(self._project_frames(error.__traceback__))
        here = [number for path, number, _ in frames if path == self.module.path]
        quoted = [f"{path}:{number}  {code}" for path, number, code in frames]
        if len(quoted) > _MAX_FRAMES:
            half = _MAX_FRAMES // 2
            quoted[half:-half] = [f"... {len(quoted) - 2 * half} calls more ..."]
        self.refuse(message, here[-1] if here else 0, "\n".join([*quoted, hint_for(message)]))

    def add_thread_exception(self, args: Any) -> None:
        """Adds an exception that left a thread. Called as threading.excepthook."""
        name = args.thread.name if args.thread else "a thread"
        self._add_elsewhere(f"exception in {name}", args)

    def add_unraisable(self, args: Any) -> None:
        """Adds an exception that nobody can catch (in __del__, say), as sys.unraisablehook."""
        self._add_elsewhere("exception that Python ignores", args)

    def _add_elsewhere(self, where: str, args: Any) -> None:
        if not self._was_added(args.exc_value):
            frames = list(self._project_frames(args.exc_traceback))
            line = frames[-1][1] if frames else 0
            self.refuse(f"{where}: {_message(args.exc_value)}", line)

    def add_current_exception(self, *_: Any, **__: Any) -> None:
        """Adds the exception that IPython would print: of a cell, or of a `__repr__`."""
        error = sys.exc_info()[1]
        if error is not None:
            self.add_exception(error)

    def add_warning(
        self,
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        """Adds a warning. Called as warnings.showwarning."""
        here = lineno if filename == self.module.path else self.current_line()
        text = shortened(f"{category.__name__}: {message}")
        problem = Problem(self.module.path, here, text, self.cell.name)
        if problem not in self.report.warnings:
            self.report.warnings.append(problem)

    def add_unseeded(self, message: str, line: int, hint: str) -> None:
        """Adds a place where random numbers are drawn that nobody seeded, once."""
        problem = Problem(self.module.path, line, message, self.cell.name, hint)
        if problem not in self.report.unseeded:
            self.report.unseeded.append(problem)

    def _project_frames(self, trace: TracebackType | None) -> Iterator[tuple[str, int, str]]:
        """Yields path, line and code of the traceback's frames in files of the project."""
        root = self.request.root + os.sep
        other = (*self.request.unwatched, _ENGINE)
        for frame in traceback.extract_tb(trace):
            path = frame.filename
            if path == self.module.path or (path.startswith(root) and not path.startswith(other)):
                yield path.removeprefix(root), frame.lineno or 0, frame.line or ""

    def _was_added(self, error: BaseException) -> bool:
        """Tells whether this, or what it came from, was raised by `refuse`'s callers."""
        chain = list(_chain(error))
        ours = any(isinstance(each, (Refused, TooMuchOutput)) for each in chain)
        return ours and bool(self.report.problems)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yields an exception, its cause or context, and so on."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        yield error
        seen.add(id(error))
        error = error.__cause__ or error.__context__


def _message(error: BaseException) -> str:
    if isinstance(error, TooMuchOutput):
        return str(error)
    return "".join(traceback.format_exception_only(error)).strip()
