"""Module -> Outputs, in a fresh process, within limits. Knows neither MkDocs nor torch."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

from livenotes.cache import file_hash, folder_names
from livenotes.errors import LivenotesError, Problem
from livenotes.leftovers import own_prefix, remove_leftovers, writable
from livenotes.machine import machine_text
from livenotes.module import Module
from livenotes.outputs import Failure, Outputs, Report, Request
from livenotes.project import Project
from livenotes.server import ForkServer, end, pipe
from livenotes.watching import Watch

_SERVER_ENDED = 255  # what multiprocessing takes for the exit code of a child of such a server


class Runner:
    """Runs modules of one project, side by side, one per core.

    `environment` and `seed`, where given, differ from what runs usually see: no output may depend
    on them.
    """

    def __init__(
        self,
        project: Project,
        progress: Callable[[str], None] = lambda line: None,
        environment: Mapping[str, str] | None = None,
        seed: int = 0,
    ) -> None:
        self.project = project
        self.progress = progress
        self.seed = seed
        self.server = ForkServer(project.cache, environment)
        self.stopping = threading.Event()
        self.alone = threading.Lock()
        self.runs = project.cache / "runs"

    def run(self, modules: Sequence[Module]) -> dict[str, Outputs | Failure]:
        """Run each module in a process of its own; a failure never stops the others."""
        if not modules:
            return {}
        self._prepare(modules)
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
            futures = [pool.submit(one, module) for module in modules]
            try:
                for future in futures:
                    future.result()
            except BaseException:  # Ctrl-C: nobody waits for cells that still run
                self.stopping.set()
                self.server.kill()
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        return {module.name: done[module.name] for module in modules}

    def _prepare(self, modules: Sequence[Module]) -> None:
        """A fork server, and a folder to work in. Raises LivenotesError."""
        self.stopping.clear()
        remove_leftovers(self.project.cache / "runs")
        self.server.cache = place = writable(self.project.cache)
        self.runs = writable(place / "runs")
        try:
            self.runs.mkdir(parents=True, exist_ok=True)
            self.server.ensure_running(modules)
        except OSError as error:
            message = f"no process can be started to run cells: {error}"
            raise LivenotesError(Problem(modules[0].path, 0, message)) from None

    def _run(self, module: Module) -> Outputs | Failure:
        started = time.time_ns()
        try:
            scratch = Path(tempfile.mkdtemp(prefix=own_prefix(), dir=self.runs))
        except OSError as error:
            problem = Problem(module.path, 0, f"cannot run: {self.runs}: {error.strerror}")
            return Failure(module.name, (problem,))
        try:
            report = self._report(module, scratch)
            problems = report.problems or machine_text(module, report.outputs, self.project.root)
            if problems:
                return Failure(module.name, tuple(problems))
            return self._outputs(module, report, started)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    def _report(self, module: Module, scratch: Path) -> Report:
        """The report of a run; of another, where the fork server ended: who knows whose doing."""
        report, code = self._attempt(module, scratch)
        if code == _SERVER_ENDED and not self.stopping.is_set():
            with self.alone:
                again = scratch / "again"
                again.mkdir()
                report, _ = self._attempt(module, again)
        return report

    def _attempt(self, module: Module, scratch: Path) -> tuple[Report, int | None]:
        """Start the child, wait for its report within all limits, and end it; its exit code."""
        root = self.project.root
        skipped = (self.project.cache, root / ".venv")
        request = Request(
            module=module,
            root=str(root),
            folder=str(self.project.snippets),
            scratch=str(scratch),
            max_output=self.project.options.max_output,
            unwatched=tuple(str(folder) + os.sep for folder in skipped),
            seed=self.seed,
        )
        receiver, channel = pipe()
        hold, lifeline = pipe()
        try:
            process = self.server.start(_child, request, channel, hold)
        except (EOFError, OSError) as error:
            message = f"no process could be started for it ({error or 'the fork server ended'})"
            return Report(problems=[Problem(module.path, 0, message)]), None
        finally:
            channel.close()
            hold.close()
        try:
            options, stopping = self.project.options, self.stopping
            report = Watch(module, scratch, options, process, receiver, stopping).report()
            return report, process.exitcode
        finally:
            end(process)
            lifeline.close()
            receiver.close()

    def _outputs(self, module: Module, report: Report, started: int) -> Outputs:
        """Attach the hashes of everything that the run read."""
        read = [Path(f) for f in report.files if self.project.relative(f) != module.path]
        found = [f for f in read if f.is_file()]
        folders = {self.project.snippets, *map(Path, report.folders), *(f.parent for f in found)}
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
            named=report.named,
            unrepeatable=_unrepeatable(report, found, started),
        )


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
