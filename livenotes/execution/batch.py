"""Runs modules side by side, and says how far it is."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress

from livenotes.core.percent import Module
from livenotes.execution.outputs import Failure, Outputs


class Batch:
    """A queue of modules for several threads."""

    def __init__(
        self,
        modules: Sequence[Module],
        run: Callable[[Module], Outputs | Failure],
        progress: Callable[[str], None],
        stopping: threading.Event,
    ) -> None:
        self.futures: dict[str, Future[Outputs | Failure]] = {m.name: Future() for m in modules}
        self.run, self.progress, self.stopping = run, progress, stopping
        self.todo = deque(modules)
        self.seconds: dict[str, float] = {}

    def work(self) -> None:
        """Runs the next module of the queue until there is none. Each thread calls this."""
        while self.todo and not self.stopping.is_set():
            with suppress(IndexError):  # another thread took the last
                self._run_one(self.todo.popleft())

    def _run_one(self, module: Module) -> None:
        started = time.perf_counter()
        future = self.futures[module.name]
        try:
            outcome = self.run(module)
        except BaseException as error:
            future.set_exception(error)
            return
        self._report(module, isinstance(outcome, Outputs), time.perf_counter() - started)
        future.set_result(outcome)

    def _report(self, module: Module, ran: bool, seconds: float) -> None:
        """Reports the progress; at the end, which modules took longest."""
        self.seconds[module.path] = seconds
        done, total = len(self.seconds), len(self.futures)
        word = "ran" if ran else "FAILED"
        count = f"{len(module.cells)} cells in {seconds:.2f} s"
        self.progress(f"[{done}/{total}] {word} {module.path}: {count}")
        if done == total > len(slowest := sorted(self.seconds, key=self.seconds.get)[:-4:-1]):  # type: ignore[arg-type]
            names = ", ".join(f"{path} {self.seconds[path]:.2f} s" for path in slowest)
            self.progress(f"all {total} modules ran; the slowest: {names}")
