"""The outputs of all modules of a project: runs what is stale, takes the rest from the cache."""

from __future__ import annotations

import json
import platform
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from functools import partial

from livenotes import __version__
from livenotes.core.percent import Module
from livenotes.core.problems import LivenotesError
from livenotes.core.project import Project
from livenotes.execution.cache import Cache
from livenotes.execution.outputs import Failure, Outputs, published
from livenotes.execution.runner import Runner


class Runs:
    """Modules and their outcomes in one build. Call `refresh` before the next build."""

    def __init__(self, project: Project, progress: Callable[[str], None] = lambda line: None):
        self.project = project
        self.progress = progress
        self.cache = Cache(project)
        self.runner = Runner(project, progress, version_of=self.cache.version)
        self._names: list[str] | None = None
        self._modules: dict[str, Module | LivenotesError] = {}
        self._outcomes: dict[str, Outputs | Failure] = {}
        self._running: dict[str, Future[Outputs | Failure]] = {}
        self._asked: set[str] = set()
        self._asked_before: set[str] = set()

    def refresh(self) -> None:
        """Forgets modules and outcomes; those that are unchanged come from the cache again."""
        self.execute(list(self._running))  # a build that was aborted may have left some
        self.cache.refresh()
        self._asked_before, self._asked = self._asked, set()
        self._names = None
        self._modules.clear()
        self._outcomes.clear()

    def names(self) -> list[str]:
        """Returns the names of all modules."""
        if self._names is None:
            self._names = self.project.module_names()
        return self._names

    def module(self, name: str) -> Module:
        """Reads the module of that name. Raises LivenotesError."""
        if name not in self._modules:
            try:
                self._modules[name] = self.project.module(name)
            except LivenotesError as error:
                self._modules[name] = error
        found = self._modules[name]
        if isinstance(found, LivenotesError):
            raise found
        return found

    def prepare(self, names: Iterable[str], warm: bool = False) -> None:
        """Starts the fork server if one of these modules is stale. Raises LivenotesError.

        `warm`: starts it in any case, for later runs, and starts the stale modules that the last
        build asked for: a server's next build will most likely show them again.
        """
        asked = self._asked_before
        modules = {n: self._stale(n, quietly=n not in asked) for n in names}
        stale = [module for module in modules.values() if module]
        if warm:
            readable = [m for name in modules if isinstance(m := self._modules[name], Module)]
            self.runner.prepare(readable, many=True)
            self._running |= self.runner.start([m for m in stale if m.name in asked])
        elif stale:
            self.runner.prepare(stale)

    def begin(self, names: Iterable[str], fresh: bool = False) -> None:
        """Starts to run the stale modules, without waiting. `fresh` runs all."""
        todo = []
        for name in dict.fromkeys(names):
            self._asked.add(name)
            if name in self._running or (name in self._outcomes and not fresh):
                continue
            if module := self._stale(name, fresh):
                self._outcomes.pop(name, None)
                todo.append(module)
        self._running |= self.runner.start(todo)

    def _stale(self, name: str, fresh: bool = False, quietly: bool = False) -> Module | None:
        """Returns the module if it must run; else sets its outcome from the cache."""
        try:
            module = self.module(name)
        except LivenotesError as error:
            self._outcomes[name] = Failure(name, error.problems)
            return None
        outputs, reason = (None, "") if fresh else self.cache.load(module)
        if outputs:
            self._outcomes[name] = outputs
            return None
        if reason and not quietly:
            self.progress(f"{name} will run: {reason}")
        return module

    def execute(self, names: Iterable[str], fresh: bool = False) -> None:
        """Runs the stale modules and waits for all outcomes. `fresh` runs all."""
        names = list(names)
        self.begin(names, fresh)
        for name in names:
            self.outcome(name)

    def outcome(self, name: str) -> Outputs | Failure:
        """Returns the outputs of a module or its failure; runs it, or waits for it, if needed."""
        self.begin([name])
        if name in self._running:
            outcome = self._outcomes[name] = self._running[name].result()
            del self._running[name]
            if isinstance(outcome, Outputs):
                self.cache.store(outcome)
            else:
                self.cache.drop(name)
        return self._outcomes[name]

    def running(self) -> list[str]:
        """Returns the names of modules that still run, in the order of their start."""
        return [name for name, future in self._running.items() if not future.done()]

    def waiting(self) -> bool:
        """Tells whether modules run, and none of them has ended."""
        return bool(self._running) and not any(each.done() for each in self._running.values())

    def outcomes(self) -> dict[str, Outputs | Failure]:
        """Returns all outcomes that were asked for since the last refresh, by module name."""
        return {name: self._outcomes[name] for name in sorted(self._asked & self._outcomes.keys())}

    def made_of(self, names: Iterable[str]) -> object:
        """Returns a value that compares equal as long as none of these modules or outcomes
        changed. Waits for the outcomes."""
        return [(name, self._modules.get(name), self.outcome(name)) for name in names]

    def why(self, name: str) -> str:
        """Returns one line: why a module will run in the next build, or that it will not."""
        outputs, reason = self.cache.load(self.module(name))
        return f"will not run again: nothing changed ({len(outputs.cells)} cells)" if outputs else (
            f"will run: {reason}"
        )  # fmt: skip

    def executed(self, remember: Callable[..., str]) -> Iterator[str]:
        """Yields the text of executed.json in pieces.

        `remember` is `Rebuilding.remember`: a server makes only the changed modules' parts anew.
        """
        whole = {"python": platform.python_version(), "livenotes": __version__, "modules": {}}
        before, after = _json(whole).split("{}")
        yield f"{before}{{"
        between = "\n"
        for name, outcome in self.outcomes().items():
            if isinstance(outcome, Outputs):
                module = self.module(name)
                make = partial(_part, module, outcome)
                text = remember(("executed", name), (module, outcome), make)
                yield f"{between}  {json.dumps(name)}: {text}"
                between = ",\n"
        yield f"\n }}{after}\n" if between != "\n" else f"}}{after}\n"


def _part(module: Module, outcome: Outputs) -> str:
    """Returns a module's part of executed.json, indented as it stands there."""
    return _json(published(module, outcome)).replace("\n", "\n  ")


def _json(content: object) -> str:
    # Sorted: the keys of cached outputs have another order than those of a run.
    return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True)
