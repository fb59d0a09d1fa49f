"""The parent's side of a run: waits for one child's report, within all limits."""

from __future__ import annotations

import os
import pickle
import re
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path

from livenotes.core.percent import Module
from livenotes.core.problems import Problem, shortened
from livenotes.core.project import Options
from livenotes.execution.hints import hint_for
from livenotes.execution.outputs import Output, Report

_START_LIMIT = 300.0  # seconds for the fork server's imports, on a slow disk
_PATIENCE = 5.0  # seconds that a cell may run without a word
_ANSWER_LIMIT = 3.0  # seconds for a busy machine to let the child write down its line


class Supervisor:
    """Waits for one child's report, until `stopping` is set.

    Calls `drew` as soon as the child says that it drew random numbers without a seed.
    """

    def __init__(
        self,
        module: Module,
        scratch: Path,
        options: Options,
        process: BaseProcess,
        receiver: Connection,
        stopping: threading.Event,
        progress: Callable[[str], None] = lambda line: None,
        drew: Callable[[], None] = lambda: None,
    ) -> None:
        self.module = module
        self.scratch = scratch
        self.options = options
        self.process = process
        self.receiver = receiver
        self.stopping = stopping
        self.progress = progress
        self.drew = drew
        self.cell = module.cells[0].name
        self._started = self._said = time.monotonic()  # the cell; the last word about it

    def report(self) -> Report:
        """Returns the child's report, or one that says why there is none."""
        deadline = time.monotonic() + _START_LIMIT
        while True:
            wait([self.receiver, self.process.sentinel], timeout=0.1)
            try:
                if self.receiver.poll():
                    kind, value = self.receiver.recv()
                    if kind == "report":
                        return self._read_report()
                    if kind == "start":
                        deadline = time.monotonic() + self.options.timeout
                    elif kind == "drew":
                        self.drew()
                    else:
                        self.cell = value
                        self._started = self._said = time.monotonic()
                    continue
            except (EOFError, OSError):
                self.process.join(1)
            if self.stopping.is_set():
                return self._failed("was stopped with the build")
            if self.process.exitcode is not None:
                return self._failed(self._cause_of_death(), self._last_words())
            if self._printed() > 10 * self.options.max_output:
                limit = f"{self.options.max_output:,}"
                return self._failed(f"this cell prints more than {limit} characters")
            self._say_what_runs()
            if time.monotonic() > deadline:
                self._request_line()
                return self._failed(f"did not end within {self.options.timeout:g} s")

    def _say_what_runs(self) -> None:
        """Says every few seconds which cell runs: an endless loop shows itself before the limit."""
        now = time.monotonic()
        if now - self._said > _PATIENCE:
            self._said = now
            seconds = f"{now - self._started:.0f} s of {self.options.timeout:g}"
            self.progress(f"{self.module.path}: cell '{self.cell}' has been running for {seconds}")

    def _read_report(self) -> Report:
        """Reads the report's file. A cell may have broken what writes it."""
        try:
            with open(self.scratch / "report", "rb") as file:
                report = pickle.load(file)
            if isinstance(report, Report):
                return report
        except Exception:  # bytes that are no pickle may raise anything
            pass
        return self._failed("its outputs did not arrive: a cell breaks pickle, or Python itself")

    def _failed(self, message: str, words: str = "") -> Report:
        line = self._last_line() or self.module.cell(self.cell).first_line
        code = self.module.text.split("\n")[line - 1].strip()[:200]
        cell = self.module.cell_at(line) or self.cell
        hint = f"{code}\n{words}\n{hint_for(message)}".strip()
        problem = Problem(self.module.path, line, message, cell, hint)
        return Report(outputs=self._finished(), problems=[problem])

    def _finished(self) -> dict[str, list[Output]]:
        """Returns the outputs of the cells that ended before the child did."""
        cells: dict[str, list[Output]] = {}
        with suppress(Exception), open(self.scratch / "cells", "rb") as file:
            while True:  # until the end of the file
                name, outputs = pickle.load(file)
                cells[name] = outputs
        return cells

    def _cause_of_death(self) -> str:
        code = self.process.exitcode or 0
        if code < 0:
            with suppress(ValueError):
                name = signal.Signals(-code).name
                why = " (the system does so when memory runs out)" if name == "SIGKILL" else ""
                return f"its process was killed by {name}{why}"
        return f"its process ended by itself, with exit code {code}"

    def _last_words(self) -> str:
        """Returns the last line on standard error, if the process ended with an exit code."""
        with suppress(OSError):
            if (self.process.exitcode or 0) > 0:
                text = (self.scratch / "stderr").read_text("utf-8", errors="replace")
                return shortened(text.strip().rpartition("\n")[2])
        return ""

    def _printed(self) -> int:
        files = [self.scratch / name for name in ("stdout", "stderr")]
        return sum(file.stat().st_size for file in files if file.exists())

    def _request_line(self) -> None:
        """Has the child write down its line: faulthandler can, even inside C code."""
        with suppress(OSError, AttributeError):
            os.kill(self.process.pid or 0, signal.SIGUSR1)
            deadline = time.monotonic() + _ANSWER_LIMIT
            while not self._last_line() and time.monotonic() < deadline:
                time.sleep(0.02)

    def _last_line(self) -> int:
        """Returns the module's line in what faulthandler wrote, or 0."""
        with suppress(OSError):
            text = (self.scratch / "faults").read_text("utf-8", errors="replace")
            frame = re.search(rf'File "{re.escape(self.module.path)}", line (\d+)', text)
            return int(frame[1]) if frame else 0
        return 0
