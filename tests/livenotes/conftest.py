"""Small projects in a temporary folder. These tests need no torch."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import sites

from livenotes.core.percent import parse_module
from livenotes.core.project import Options, Project
from livenotes.execution.forkserver import ForkServer
from livenotes.execution.outputs import Failure, Outputs
from livenotes.execution.runs import Runs

MakeProject = Callable[..., Project]


@pytest.fixture(autouse=True, scope="session")
def matplotlib_ready(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Figures are drawn in many tests: matplotlib is imported once, in the fork server."""
    module = parse_module("# %% a\nimport matplotlib.pyplot\n", "m", "m.py")
    ForkServer(tmp_path_factory.mktemp("server")).ensure_running([module])


@pytest.fixture(autouse=True)
def no_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine does not know torch: an import of it here fails, installed or not."""
    monkeypatch.setitem(sys.modules, "torch", None)


@pytest.fixture
def make_project(tmp_path: Path) -> MakeProject:
    """Writes files (path -> text, dedented); the project in their folder, with these options."""

    def make(files: Mapping[str, str], **options: Any) -> Project:
        sites.write(tmp_path, files)
        return Project(tmp_path, Options(**options))

    return make


@pytest.fixture
def run_cells(make_project: MakeProject) -> Callable[..., Outputs]:
    """Runs a module's text; its outputs. Further files may stand beside it."""

    def run(text: str, files: Mapping[str, str] | None = None, **options: Any) -> Outputs:
        project = make_project({"snippets/m.py": text, **(files or {})}, **options)
        outcome = Runs(project).outcome("m")
        assert isinstance(outcome, Outputs), "\n".join(map(str, outcome.problems))
        return outcome

    return run


@pytest.fixture
def fail_cells(make_project: MakeProject) -> Callable[..., str]:
    """Runs a module's text, which must fail; the message."""

    def run(text: str, files: Mapping[str, str] | None = None, **options: Any) -> str:
        project = make_project({"snippets/m.py": text, **(files or {})}, **options)
        outcome = Runs(project).outcome("m")
        assert isinstance(outcome, Failure)
        return "\n".join(map(str, outcome.problems))

    return run
