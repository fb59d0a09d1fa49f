"""Module -> Outputs, in a fresh process, within limits. Knows neither MkDocs nor torch."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path

from livenotes.cache import file_hash, folder_names
from livenotes.errors import Problem
from livenotes.machine import machine_text
from livenotes.module import Module
from livenotes.outputs import Failure, Outputs, Report, Request
from livenotes.project import Options, Project
from livenotes.server import ForkServer, end, pipe

_START_LIMIT = 300.0  # seconds for the fork server's imports, on a slow disk


class Runner:
    """Runs modules of one project, side by side, one per core."""

    def __init__(self, project: Project, progress: Callable[[str], None] = lambda line: None):
        self.project = project
        self.progress = progress
        self.server = ForkServer(project.cache)

    def run(self, modules: Sequence[Module]) -> dict[str, Outputs | Failure]:
        """Run each module in a process of its own; a failure never stops the others."""
        if not modules:
            return {}
        self._remove_leftovers()
        self.server.ensure_running(modules)
        workers = self.project.options.workers or os.cpu_count() or 1
        done: dict[str, Outputs | Failure] = {}

        def one(module: Module) -> None:
            started = time.perf_counter()
            outcome = done[module.name] = self._run(module)
            word = "ran" if isinstance(outcome, Outputs) else "FAILED"
            self.progress(
                f"[{len(done)}/{len(modules)}] {word} {module.path}: "
                f"{len(module.cells)} cells in {time.perf_counter() - started:.2f} s"
            )

        with ThreadPoolExecutor(workers) as pool:
            for future in [pool.submit(one, module) for module in modules]:
                future.result()
        return {module.name: done[module.name] for module in modules}

    def _run(self, module: Module) -> Outputs | Failure:
        started = time.time_ns()
        runs = self.project.cache / "runs"
        runs.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=runs))
        try:
            report = self._report(module, scratch)
            problems = report.problems or machine_text(module, report.outputs, self.project.root)
            if problems:
                return Failure(module.name, tuple(problems))
            return self._outputs(module, report, started)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    def _report(self, module: Module, scratch: Path) -> Report:
        """Start the child, wait for its report within all limits, and end it."""
        root = self.project.root
        skipped = (self.project.cache, root / ".venv", root / "site", root / ".git")
        request = Request(
            module=module,
            root=str(root),
            folder=str(self.project.snippets),
            scratch=str(scratch),
            max_output=self.project.options.max_output,
            unwatched=tuple(str(folder) + os.sep for folder in skipped),
        )
        receiver, channel = pipe()
        hold, lifeline = pipe()
        try:
            process = self.server.start(_child, request, channel, hold)
        except (EOFError, OSError) as error:
            message = f"no process could be started for it ({error or 'the fork server ended'})"
            return Report(problems=[Problem(module.path, 0, message)])
        finally:
            channel.close()
            hold.close()
        try:
            return _Watch(module, scratch, self.project.options, process, receiver).report()
        finally:
            lifeline.close()  # the kernel now ends the child and all that it started
            end(process)
            receiver.close()

    def _outputs(self, module: Module, report: Report, started: int) -> Outputs:
        """Attach the hashes of everything that the run read."""
        opened = [Path(f) for f in report.files if not Path(f).is_dir()]
        read = [f for f in opened if self.project.relative(f) != module.path]
        folders = {self.project.snippets, *map(Path, report.folders), *(f.parent for f in read)}
        self.server.held |= report.distributions
        return Outputs(
            module=module.name,
            source=module.path,
            sha256=hashlib.sha256(module.text.encode()).hexdigest(),
            cells=report.outputs,
            warnings=tuple(report.warnings),
            files={self.project.relative(f): file_hash(f) for f in read},
            folders={self.project.relative(f): folder_names(f) for f in sorted(folders)},
            distributions=report.distributions,
            unrepeatable=_unrepeatable(report, read, started),
        )

    def _remove_leftovers(self) -> None:
        """Remove the scratch folders of processes that were killed."""
        with suppress(OSError):
            for folder in (self.project.cache / "runs").iterdir():
                if not is_alive(int(folder.name.partition("-")[0])):
                    shutil.rmtree(folder, ignore_errors=True)


class _Watch:
    """Waits for one child's report."""

    def __init__(
        self,
        module: Module,
        scratch: Path,
        options: Options,
        process: BaseProcess,
        receiver: Connection,
    ) -> None:
        self.module = module
        self.scratch = scratch
        self.options = options
        self.process = process
        self.receiver = receiver
        self.cell = module.cells[0].name

    def report(self) -> Report:
        deadline = time.monotonic() + _START_LIMIT
        while True:
            wait([self.receiver, self.process.sentinel], timeout=0.1)
            try:
                if self.receiver.poll():
                    kind, value = self.receiver.recv()
                    if kind == "report":
                        assert isinstance(value, Report)
                        return value
                    if kind == "start":
                        deadline = time.monotonic() + self.options.timeout
                    else:
                        self.cell = value
                    continue
            except (EOFError, OSError):
                self.process.join(1)
            if self.process.exitcode is not None:
                return self.failed(self.death())
            if self.printed() > 10 * self.options.max_output:
                limit = f"{self.options.max_output:,}"
                return self.failed(f"this cell prints more than {limit} characters")
            if time.monotonic() > deadline:
                self.ask_where()
                return self.failed(f"did not end within {self.options.timeout:g} s")

    def failed(self, message: str) -> Report:
        line = self.last_line() or self.module.cell(self.cell).first_line
        code = self.module.text.split("\n")[line - 1].strip()
        cell = self.module.cell_at(line) or self.cell
        return Report(problems=[Problem(self.module.path, line, message, cell, code)])

    def death(self) -> str:
        code = self.process.exitcode or 0
        if code < 0:
            with suppress(ValueError):
                return f"its process was killed by {signal.Signals(-code).name}"
        return f"its process ended by itself, with exit code {code}"

    def printed(self) -> int:
        files = [self.scratch / name for name in ("stdout", "stderr")]
        return sum(file.stat().st_size for file in files if file.exists())

    def ask_where(self) -> None:
        """Have the child write down its line; faulthandler does, even inside C code."""
        with suppress(OSError, AttributeError):
            os.kill(self.process.pid or 0, signal.SIGUSR1)
            time.sleep(0.3)

    def last_line(self) -> int:
        """The module's line in what faulthandler wrote, or 0."""
        with suppress(OSError):
            text = (self.scratch / "faults").read_text("utf-8", errors="replace")
            frame = re.search(rf'File "{re.escape(self.module.path)}", line (\d+)', text)
            return int(frame[1]) if frame else 0
        return 0


def _child(request: Request, channel: Connection, hold: Connection) -> None:
    from livenotes import worker  # in the child alone: it imports IPython

    worker.run_cells(request, channel, hold)


def _unrepeatable(report: Report, read: Sequence[Path], started: int) -> str:
    if report.starts_programs:
        return "it starts other programs, whose inputs cannot be seen"
    for file in read:
        with suppress(OSError):
            if file.stat().st_mtime_ns >= started:
                return f"{file.name}, which it reads, changed during its last run"
    return ""


def is_alive(pid: int) -> bool:
    """Does a process of that number exist?"""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
