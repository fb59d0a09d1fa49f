"""Run a command and see what it costs: wall time, processor time and memory, children included."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_EVERY = 0.05  # seconds between two looks at the memory
_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER of <linux/prctl.h>


@dataclass(frozen=True)
class Cost:
    """Seconds, seconds, and bytes; None where this system does not tell."""

    wall: float
    cpu: float
    memory: int | None
    output: str


class CommandFailed(Exception):
    """The command's exit code was not 0; says so with the end of its output."""


def run(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Cost:
    """Run a command to its end. Raises CommandFailed.

    `cpu` is user and system time of all processes that it started. `memory` is the highest sum,
    over the processes of one moment, of proportional set sizes: a page that two share counts once.
    """
    adopt_orphans()
    before = _used()
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as log:
        started = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env=os.environ | environment, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            with Memory() as memory:
                process.wait()  # not for those that it leaves behind
                wall = time.perf_counter() - started
        finally:
            end(process)
        log.seek(0)
        output = log.read()
    if process.returncode:
        said = f"exit code {process.returncode}\n{output[-3000:]}"
        raise CommandFailed(f"{' '.join(command)}, in {folder}: {said}")
    return Cost(wall, _used() - before, memory.peak, output)


def adopt_orphans() -> None:
    """Make processes whose parent has ended ours, so that their time is counted, too.

    A fork server outlives the build that started it by some milliseconds.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_SUBREAPER, 1, 0, 0, 0)


def end(process: subprocess.Popen[bytes], seconds: float = 10) -> None:
    """End a command that runs in a session of its own, and wait for all that it has left."""
    if process.poll() is None:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
    limit = time.monotonic() + seconds
    while _reap_orphans():
        if time.monotonic() > limit:
            for pid in descendants(os.getpid()):
                with suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
        time.sleep(0.01)
    process.wait()


def _reap_orphans() -> bool:
    """Take leave of those that have ended; whether any still run."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
        return True
    return False


def _used() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


class Memory:
    """Watches the memory of everything below this process while it is open."""

    def __init__(self) -> None:
        self.peak: int | None = None
        self._highest = 0
        self._looked = 0.0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Memory:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(_EVERY):
            self._look()

    def _look(self) -> None:
        """Resident sizes are cheap to read; the exact ones only when they may be the highest."""
        processes = list(descendants(os.getpid()))
        resident = sum(_resident(pid) for pid in processes)
        now = time.monotonic()
        if resident > 1.03 * self._highest or now - self._looked > 1:
            self._looked = now
            self._highest = max(self._highest, resident)
            if exact := sum(_proportional(pid) for pid in processes):
                self.peak = max(self.peak or 0, exact)


def descendants(parent: int) -> Iterator[int]:
    """All processes below this one; none where there is no /proc."""
    for tasks in Path(f"/proc/{parent}/task").glob("*/children"):
        with suppress(OSError):
            for child in tasks.read_text().split():
                yield int(child)
                yield from descendants(int(child))


def _resident(pid: int) -> int:
    with suppress(OSError, IndexError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()
    return 0


def _proportional(pid: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0
