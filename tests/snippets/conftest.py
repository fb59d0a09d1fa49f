"""What the tests of a snippet module look at: its outputs in the build, and the module itself."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import matplotlib
import matplotlib.pyplot as plt
import pytest

from livenotes.core.percent import read_module
from livenotes.execution.outputs import Failure, Output, figures, result, stdout
from livenotes.execution.runs import Runs
from livenotes.site.configuration import open_project

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class CellOutput:
    """What a reader sees below one cell."""

    outputs: list[Output]

    @property
    def stdout(self) -> str:
        return stdout(self.outputs)

    @property
    def result(self) -> str | None:
        return result(self.outputs)

    @property
    def html(self) -> str | None:
        return result(self.outputs, "text/html")

    @property
    def figures(self) -> list[str]:
        return figures(self.outputs)


@pytest.fixture(scope="session")
def book() -> Runs:
    return Runs(open_project(ROOT))


@pytest.fixture(scope="module")
def outputs(request: pytest.FixtureRequest, book: Runs) -> Mapping[str, CellOutput]:
    """Outputs of the module that this test file is named after, by the build's own runner."""
    outcome = book.outcome(request.path.stem.removeprefix("test_"))
    assert not isinstance(outcome, Failure), "\n".join(map(str, outcome.problems))
    return {name: CellOutput(cell) for name, cell in outcome.cells.items()}


@pytest.fixture(scope="module")
def module(request: pytest.FixtureRequest) -> Iterator[ModuleType]:
    """The module that this test file is named after, imported afresh, with live objects."""
    name = request.path.stem.removeprefix("test_")
    spec = importlib.util.spec_from_file_location(name, ROOT / "snippets" / f"{name}.py")
    assert spec and spec.loader
    loaded = importlib.util.module_from_spec(spec)
    matplotlib.use("agg")
    with pytest.MonkeyPatch.context() as patch, matplotlib.rc_context():
        patch.setattr(plt, "show", lambda *args, **kwargs: None)
        patch.setitem(sys.modules, name, loaded)  # so that inspect finds the module's source
        spec.loader.exec_module(loaded)
        yield loaded
    plt.close("all")


@pytest.fixture
def run(module: ModuleType) -> Callable[..., dict[str, Any]]:
    """Runs some cells, and only these, with these names given; returns all names."""
    path = Path(str(module.__file__))
    cells = {cell.name: cell.source for cell in read_module(path, path.name).cells}

    def run(names: Iterable[str], /, **given: Any) -> dict[str, Any]:
        exec("\n".join(cells[name] for name in names), given)
        return given

    return run


@pytest.fixture
def run_check(module: ModuleType, run: Callable[..., object]) -> Callable[..., None]:
    """Runs the check of an exercise's cell, with other definitions of the names that are given."""

    def check(cell: str, /, **definitions: object) -> None:
        run([f"{cell}-check"], **(vars(module) | definitions))

    return check
