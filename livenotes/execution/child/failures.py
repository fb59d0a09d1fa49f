"""What goes wrong while cells run, told as problems of the module: line, cell, cause.

Lives in the child process.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import Any, TextIO

from livenotes.core.percent import Cell
from livenotes.core.problems import Problem, shortened
from livenotes.execution.child.audit import Refused
from livenotes.execution.child.display import TooMuchOutput
from livenotes.execution.hints import advice
from livenotes.execution.outputs import Report, Request

_FRAMES = 6  # frames of a traceback


class Trouble:
    """Collects a run's problems and warnings in `report`; `current` is the cell that runs."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.module = request.module
        self.current: Cell = request.module.cells[0]
        self.report = Report()

    def refuse(self, message: str, line: int = 0, hint: str = "") -> None:
        """Note a problem of the current cell; the run ends after this cell."""
        line = line or self.line_now() or self.current.first_line
        message, hint = shortened(message), shortened(hint) or advice(message)
        cell = self.module.cell_at(line) or self.current.name
        if not any((p.cell, p.message) == (cell, message) for p in self.report.problems):
            self.report.problems.append(Problem(self.module.path, line, message, cell, hint))

    def line_now(self) -> int:
        """The module's line that is being run, or 0."""
        frame: Any = sys._getframe()
        while frame is not None:
            if frame.f_code.co_filename == self.module.path:
                return int(frame.f_lineno)
            frame = frame.f_back
        return 0

    def failed(self, error: BaseException) -> None:
        """An exception that left the cell."""
        if self.report.problems and any(map(_is_told, _chain(error))):
            return
        if isinstance(error, SystemExit):
            message = f"called sys.exit({error.code!r}), which ends a reader's kernel"
        else:
            message = _as_python_says(error)
        if isinstance(error, SyntaxError) and error.filename == self.module.path:
            code = (error.text or "").strip()
            self.refuse(f"SyntaxError: {error.msg}", error.lineno or 0, code)
            return
        frames = list(self.own_frames(error.__traceback__))
        here = [number for path, number, _ in frames if path == self.module.path]
        quoted = [f"{path}:{number}  {code}" for path, number, code in frames]
        if len(quoted) > _FRAMES:
            half = _FRAMES // 2
            quoted[half:-half] = [f"... {len(quoted) - 2 * half} calls more ..."]
        self.refuse(message, here[-1] if here else 0, "\n".join(quoted))

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
        """An exception that left a thread, as threading.excepthook is called."""
        if self.report.problems and any(map(_is_told, _chain(args.exc_value))):
            return
        name = args.thread.name if args.thread else "a thread"
        frames = list(self.own_frames(args.exc_traceback))
        line = frames[-1][1] if frames else 0
        self.refuse(f"exception in {name}: {_as_python_says(args.exc_value)}", line)

    def unraisable(self, args: Any) -> None:
        """An exception that nobody can catch (in __del__, say), as sys.unraisablehook is called."""
        frames = list(self.own_frames(args.exc_traceback))
        line = frames[-1][1] if frames else 0
        self.refuse(f"exception that Python ignores: {_as_python_says(args.exc_value)}", line)

    def unshowable(self, *_: Any, **__: Any) -> None:
        """An exception inside IPython's displays (in __repr__, say): it would print a traceback."""
        error = sys.exc_info()[1]
        if error is not None:
            self.failed(error)

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
        text = shortened(f"{category.__name__}: {message}")
        problem = Problem(self.module.path, here, text, self.current.name)
        if problem not in self.report.warnings:
            self.report.warnings.append(problem)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An exception, what it came from, and so on."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        yield error
        seen.add(id(error))
        error = error.__cause__ or error.__context__


def _is_told(error: BaseException) -> bool:
    """Is it one of ours, noted as a problem where it was raised?"""
    return isinstance(error, (Refused, TooMuchOutput))


def _as_python_says(error: BaseException) -> str:
    if isinstance(error, TooMuchOutput):
        return str(error)
    return "".join(traceback.format_exception_only(error)).strip()
