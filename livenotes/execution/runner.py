"""Runs modules, each in a new process and within limits."""

from __future__ import annotations

import atexit
import hashlib
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

from livenotes.core.files import own_prefix, remove_abandoned, writable
from livenotes.core.percent import Module
from livenotes.core.problems import LivenotesError, Problem
from livenotes.core.project import Project
from livenotes.execution.batch import Batch
from livenotes.execution.fingerprints import distribution_version, file_hash, folder_names
from livenotes.execution.forkserver import ForkServer, end, pipe
from livenotes.execution.outputs import IMPORTS, Failure, Outputs, Report, Request
from livenotes.execution.portability import machine_text
from livenotes.execution.supervisor import Supervisor

_RETRIES = 3
_OTHER_SEED = 123_456_789
_STOP_LIMIT = 10.0  # seconds for a thread to remove the files of its run
_SERVER_ENDED = 255  # multiprocessing's exit code for a child whose fork server has ended


class Runner:
    """Runs modules of one project side by side, one per core.

    `environment` and `seed` change what runs usually see. No output may depend on them.
    """

    def __init__(
        self,
        project: Project,
        progress: Callable[[str], None] = lambda line: None,
        environment: Mapping[str, str] | None = None,
        seed: int = 0,
        version_of: Callable[[str], str] = distribution_version,
    ) -> None:
        self.project = project
        self.progress = progress
        self.seed = seed
        self.server = ForkServer(project.cache, environment, version_of)
        self.stopping = threading.Event()
        self.retrying = threading.Lock()
        self.runs = project.cache / "runs"
        self.workers = project.options.workers or os.cpu_count() or 1
        self._threads: list[threading.Thread] = []

    def run(self, modules: Sequence[Module]) -> dict[str, Outputs | Failure]:
        """Runs modules and waits for all. A failure does not stop the others."""
        try:
            return {name: future.result() for name, future in self.start(modules).items()}
        except BaseException:  # Ctrl-C: do not wait for cells that still run
            self.stop()
            raise

    def start(self, modules: Sequence[Module]) -> dict[str, Future[Outputs | Failure]]:
        """Starts to run modules side by side; returns a future for each.

        Raises LivenotesError if no process can be started at all.
        """
        if not modules:
            return {}
        self.prepare(modules)
        count = min(self.workers, len(modules))
        if count > 1:  # the longest first, so that none of them starts last
            modules = sorted(modules, key=lambda module: len(module.text), reverse=True)
        alone = len(modules) == 1 < self.workers
        batch = Batch(modules, partial(self._run, alone=alone), self.progress, self.stopping)
        threads = [threading.Thread(target=batch.work, daemon=True) for _ in range(count)]
        self._threads = [*(t for t in self._threads if t.is_alive()), *threads]
        atexit.register(self.stop)  # daemon threads end without it, and leave their files behind
        for thread in threads:
            thread.start()
        return batch.futures

    def stop(self) -> None:
        """Ends all runs, and waits until their files are removed."""
        atexit.unregister(self.stop)
        if any(thread.is_alive() for thread in self._threads):
            self.stopping.set()
            self.server.kill()
            for thread in self._threads:
                thread.join(_STOP_LIMIT)

    def prepare(self, modules: Sequence[Module], many: bool = False) -> None:
        """Starts a fork server that imports what these modules need, and makes a scratch folder.

        The option `preload` (imports that come late) pays only if several modules share them, or
        there will be `many` runs. Returns before the imports are done. Raises LivenotesError.
        """
        if not modules:
            return
        self.stopping.clear()
        remove_abandoned(self.project.cache / "runs")
        self.server.cache = cache = writable(self.project.cache)
        self.runs = writable(cache / "runs")
        try:
            self.runs.mkdir(parents=True, exist_ok=True)
            many = many or len(modules) > self.workers
            late = self.project.options.preload if many else ()
            self.server.ensure_running(modules, late)
        except OSError as error:
            message = f"no process can be started to run cells: {error}"
            raise LivenotesError(Problem(modules[0].path, 0, message)) from None

    def _run(self, module: Module, alone: bool) -> Outputs | Failure:
        """Runs a module. `alone`: a core is free for the second run of one that draws."""
        started = time.time_ns()
        try:
            scratch = Path(tempfile.mkdtemp(prefix=own_prefix(), dir=self.runs))
        except OSError as error:
            problem = Problem(module.path, 0, f"cannot run: {self.runs}: {error.strerror}")
            return Failure(module.name, (problem,))
        second = _OtherSeed(partial(self._report, module, seed=_OTHER_SEED), scratch)
        try:
            drew = second.start if alone and not self.seed else lambda: None
            report = self._report(module, scratch, drew=drew)
            problems = report.problems or machine_text(module, report.outputs, self.project.root)
            # Readers would see other outputs if these differ, and need not know if they do not.
            asked = report.unseeded and not problems and not self.seed
            if asked and second.report().outputs != report.outputs:
                report.warnings += _drawn(report.unseeded, module)
            if problems:
                return Failure(module.name, tuple(problems), report.outputs)
            return self._outputs(module, report, started)
        finally:
            second.wait()
            shutil.rmtree(scratch, ignore_errors=True)

    def _report(
        self,
        module: Module,
        scratch: Path,
        seed: int = 0,
        drew: Callable[[], None] = lambda: None,
    ) -> Report:
        """Returns the report of a run. Runs again if the fork server ended: another module that
        ran at the same time may have ended it."""
        report, code = self._attempt(module, scratch, seed, drew)
        for number in range(_RETRIES):
            if code != _SERVER_ENDED or self.stopping.is_set():
                break
            with self.retrying:
                again = scratch / f"again-{number}"
                again.mkdir()
                report, code = self._attempt(module, again, seed)
        return report

    def _attempt(
        self,
        module: Module,
        scratch: Path,
        seed: int = 0,
        drew: Callable[[], None] = lambda: None,
    ) -> tuple[Report, int | None]:
        """Starts the child, waits for its report, and ends it; returns report and exit code.

        Calls `drew` as soon as random numbers are drawn that nobody seeded.
        """
        request = self._request(module, scratch, seed or self.seed)
        receiver, channel = pipe()
        parent, alive = pipe()  # the child is killed when `alive` closes
        try:
            process = self.server.start(_run_in_child, request, channel, parent)
        except (EOFError, OSError) as error:
            message = f"no process could be started for it ({error or 'the fork server ended'})"
            alive.close()  # ends a child that was forked before the server ended
            receiver.close()
            return Report(problems=[Problem(module.path, 0, message)]), _SERVER_ENDED
        finally:
            channel.close()
            parent.close()
        try:
            supervisor = Supervisor(
                module, scratch, self.project.options, process, receiver, self.stopping,
                self.progress, drew,
            )  # fmt: skip
            return supervisor.report(), process.exitcode
        finally:
            end(process)
            alive.close()
            receiver.close()

    def _request(self, module: Module, scratch: Path, seed: int) -> Request:
        root = self.project.root
        skipped = (self.project.cache, root / ".venv")
        return Request(
            module=module,
            root=str(root),
            folder=str(self.project.snippets),
            scratch=str(scratch),
            max_output=self.project.options.max_output,
            unwatched=tuple(str(folder) + os.sep for folder in skipped),
            seed=seed,
        )

    def _outputs(self, module: Module, report: Report, started: int) -> Outputs:
        """Adds the hashes of everything that the run read."""
        read = [Path(f) for f in report.files if self.project.relative(f) != module.path]
        found = [f for f in read if f.is_file()]
        searched = {self.project.snippets, *map(Path, report.searched), *(f.parent for f in found)}
        self.server.imported |= report.distributions
        return Outputs(
            module=module.name,
            source=module.path,
            sha256=hashlib.sha256(module.text.encode()).hexdigest(),
            cells=report.outputs,
            warnings=tuple(report.warnings),
            files={self.project.relative(f): file_hash(f) for f in read},
            folders=self._names(map(Path, report.folders)),
            searched=self._names(searched),
            imports=report.imports,
            distributions=report.distributions,
            named=report.named,
            unrepeatable=_unrepeatable(report, found, started),
        )

    def _names(self, folders: Iterable[Path]) -> dict[str, list[str]]:
        return {self.project.relative(folder): folder_names(folder) for folder in sorted(folders)}


class _OtherSeed:
    """The second run, with other seeds, of a module that draws random numbers without one."""

    def __init__(self, run: Callable[[Path], Report], scratch: Path) -> None:
        self.run = run
        self.scratch = scratch / "other-seed"
        self._future: Future[Report] | None = None

    def start(self) -> None:
        """Starts it in a thread, unless it has been started."""
        if self._future is None:
            self.scratch.mkdir()
            future: Future[Report] = Future()
            threading.Thread(target=self._work, args=[future], daemon=True).start()
            self._future = future  # not before: nobody is to wait for a thread that never began

    def _work(self, future: Future[Report]) -> None:
        try:
            future.set_result(self.run(self.scratch))
        except BaseException as error:
            future.set_exception(error)

    def report(self) -> Report:
        """Waits for its report; starts it if need be."""
        self.start()
        assert self._future
        return self._future.result()

    def wait(self) -> None:
        """Waits for its end, if it was started: its files can be removed then."""
        if self._future:
            self._future.exception()


def _run_in_child(request: Request, channel: Connection, parent: Connection) -> None:
    from livenotes.execution.child import kernel  # imports IPython: only the child may

    kernel.run_cells(request, channel, parent)


def _unrepeatable(report: Report, read: Sequence[Path], started: int) -> str:
    """Returns why these outputs cannot be cached, or ''."""
    if report.starts_programs:
        return "it starts other programs, whose inputs cannot be seen"
    for file in read:
        with suppress(OSError):
            if file.stat().st_mtime_ns >= started:
                return f"{file.name}, which it reads, changed during its last run"
    return ""


def _drawn(unseeded: Sequence[Problem], module: Module) -> Sequence[Problem]:
    """Leaves out what imported packages draw for themselves, where the cells draw too."""
    lines = module.text.split("\n")
    own = [p for p in unseeded if not lines[p.line - 1].startswith(IMPORTS)]
    return own or unseeded
