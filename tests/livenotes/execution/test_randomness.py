"""Random numbers that nobody seeded are named where they are drawn, and only those."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import sites

from livenotes.core.percent import Module
from livenotes.core.project import Project
from livenotes.execution.outputs import Outputs, Report
from livenotes.execution.runner import Runner
from livenotes.execution.runs import Runs

UNSEEDED = """
    # %% imports
    import random
    import numpy as np

    # %% python
    random
    numbers = list(range(100))
    random.shuffle(numbers)

    # %% python-again
    random.random()

    # %% numpy
    one = 1
    for _ in range(2):
        np.random.normal(size=3)

    # %% generators
    first = np.random.default_rng()
    second = random.Random()
    third = np.random.default_rng(seed=None)
    numbers, first.random()
"""
DRAWN_NOT_SHOWN = UNSEEDED.replace("numbers, first.random()", "len(numbers)").replace(
    "random.random()", "x = random.random()"
)
SEEDED = """
    # %% first
    import random
    import tempfile, uuid
    import numpy as np
    from multiprocessing.shared_memory import SharedMemory
    from numpy.random import default_rng

    random.seed(3)
    np.random.seed(3)
    random.random(), np.random.rand(2)
    default_rng(1).random(), np.random.default_rng(seed=2).random(), random.Random(4).random()
    np.random.RandomState(5).rand(), np.random.Generator(np.random.PCG64(6)).random()

    # %% later
    state = random.getstate()
    random.random()
    random.setstate(state)
    np.random.shuffle([1, 2])

    # %% names-of-libraries
    with tempfile.TemporaryDirectory():
        memory = SharedMemory(create=True, size=1)
        memory.close(), memory.unlink()
        uuid.uuid4()
"""
NOT_DRAWN = """
    # %% a
    import random, numpy
    random.getstate(), numpy.random.get_state(), numpy.ones(3).mean()

    # %% seeded-and-drawn-in-one-statement
    def draw():
        random.seed(0)
        numpy.random.seed(0)
        return random.random() + numpy.random.rand()
    draw()
"""


@pytest.fixture
def warned(make_project: Callable[..., Project]) -> Callable[[str], list[str]]:
    def run(text: str) -> list[str]:
        outcome = Runs(make_project({"snippets/m.py": text})).outcome("m")
        assert isinstance(outcome, Outputs), outcome.problems
        return [str(warning) for warning in outcome.warnings]

    return run


def test_draws_without_a_seed_are_named_once(warned: Callable[[str], list[str]]) -> None:
    said = [" ".join(each.split()) for each in warned(UNSEEDED)]
    places = [each.partition("cell '")[2].partition("'")[0] for each in said]
    assert places == ["python", "numpy", "generators", "generators", "generators"]
    starts = [8, 15, 19, 20, 21]
    assert [int(each.split(":")[1]) for each in said] == starts
    drawn = "draws random numbers from {} without a seed, and shows them"
    assert drawn.format("Python's random") in said[0]
    assert drawn.format("NumPy") in said[1]
    assert "random.seed(0)" in said[0]
    assert "np.random.seed(0), or draw from np.random.default_rng(0)" in said[1]
    assert all(
        "makes a random generator without a seed, and shows its numbers Give it" in each
        for each in said[2:]
    )


@pytest.mark.parametrize(
    "text", [SEEDED, NOT_DRAWN, DRAWN_NOT_SHOWN], ids=["seeded", "not drawn", "not shown"]
)
def test_nothing_is_said_of_other_modules(text: str, warned: Callable[[str], list[str]]) -> None:
    assert warned(text) == []


LIBRARY = "import random\nimport numpy as np\nnumbers = random.random(), np.random.rand()\n"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("import library\n\n# %% b\nlibrary.numbers", [5, 5]),
        ("import library, random\n\n# %% b\nrandom.random()", [8]),
        ("from library import *\n\n# %% b\nnp.random.rand(), random.random()", [8, 8]),
        ("import library\nimport numpy as np\n\n# %% b\nnp.random.default_rng().random()", [9]),
    ],
)
def test_what_packages_draw_when_imported_does_not_hide_what_cells_draw(
    text: str, lines: list[int], make_project: Callable[..., Project]
) -> None:
    module = f"# %% first\nimport numpy\n\n# %% a\n{text}\n"
    files = {"snippets/m.py": module, "snippets/library.py": LIBRARY}
    outcome = Runs(make_project(files)).outcome("m")
    assert isinstance(outcome, Outputs)
    assert [warning.line for warning in outcome.warnings] == lines


def test_an_import_that_loads_numpy_and_draws_is_seen(make_project: Callable[..., Project]) -> None:
    """In a process of its own: the fork server of these tests has NumPy already."""
    project = make_project({
        "mkdocs.yml": "site_name: N\ntheme: material\nplugins: [search, livenotes]\n",
        "docs/index.md": '# T\n\n```python cell="m:a"\n```\n',
        "snippets/m.py": "# %% a\nfrom library import numbers\nnumbers\n",
        "snippets/library.py": LIBRARY,
    })  # fmt: skip
    said = sites.run_alone(project.root, "livenotes.cli", "check")[1]
    assert "snippets/m.py:2: cell 'a': draws random numbers from NumPy without a seed" in said


def test_the_second_run_goes_beside_the_first_and_outlives_the_end_of_the_fork_server(
    make_project: Callable[..., Project], monkeypatch: pytest.MonkeyPatch
) -> None:
    runner = Runner(make_project({"snippets/m.py": DRAWN_NOT_SHOWN}))
    runner.workers = 2
    second_began, attempts = threading.Event(), list[int]()
    attempt = Runner._attempt

    def watched(
        self: Runner, module: Module, scratch: Path, seed: int = 0, drew: Callable[[], None] = print
    ) -> tuple[Report, int | None]:
        attempts.append(seed)
        if seed:
            second_began.set()
            if attempts.count(seed) == 1:
                return Report(), 255  # what a run gives whose fork server has ended
            return attempt(self, module, scratch, seed)
        report = attempt(self, module, scratch, seed, drew)
        assert second_began.wait(30)  # before the first run is judged
        return report

    monkeypatch.setattr(Runner, "_attempt", watched)
    outcome = runner.run([runner.project.module("m")])["m"]
    assert isinstance(outcome, Outputs) and outcome.warnings == ()
    assert len(attempts) == 3
