"""A change of a snippet never goes unseen: its outputs change, or its tests fail.

Mutants of the modules (a number, a text, an operator), drawn with a seed: nine here, two hundred
in the soak run. Most change what is published; the tests are run on the others.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from chapters import MODULES

from livenotes.core.percent import parse_module
from livenotes.execution.outputs import Outputs
from livenotes.execution.runner import Runner
from livenotes.execution.runs import Runs
from livenotes.site.configuration import open_project

from .mutations import Mutant, mutants

PROJECT = open_project(Path(__file__).parents[2])
SEED = int(os.environ.get("FAULTS_SEED", "20261126"))
# So many of them may live: where `1e-8` stands for a tiny number, another tiny one does as well.
SPARED = 1 / 10


def sample(count: int) -> list[Mutant]:
    """So many mutants of all modules; an edit of one line does not choose others elsewhere."""

    def lot(mutant: Mutant) -> bytes:
        cell = mutant.original.cell_at(mutant.line)
        words = f"{SEED} {mutant.original.name} {cell} {mutant.before} {mutant.after} {mutant.code}"
        return hashlib.sha256(words.encode()).digest()

    everything = (m for name in MODULES for m in mutants(PROJECT.module(name)))
    return sorted(everything, key=lot)[:count]


def unseen(chosen: Sequence[Mutant], book: Runs, folder: Path) -> list[Mutant]:
    """Those mutants whose outputs are the module's own, to the byte."""
    project = open_project(copied(folder))
    patient = replace(project.options, timeout=20)  # a mutant may well never end
    runner = Runner(replace(project, options=patient))
    found, waiting = [], list(chosen)
    while waiting:
        batch = {m.original.name: m for m in reversed(waiting)}  # one of each module, side by side
        waiting = [m for m in waiting if m is not batch[m.original.name]]
        outcomes = runner.run([m.module() for m in batch.values()])
        for name, outcome in outcomes.items():
            published = book.outcome(name)
            assert isinstance(published, Outputs), published
            if isinstance(outcome, Outputs) and outcome.cells == published.cells:
                found.append(batch[name])
    return found


def copied(folder: Path) -> Path:
    """A copy of all that the tests of the snippets read."""
    names = (
        "snippets",
        "docs",
        "tests",
        "livenotes",
        "conftest.py",
        "pyproject.toml",
        "mkdocs.yml",
    )
    for name in names:
        source = PROJECT.root / name
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "faults", "browser", "pages")
            shutil.copytree(source, folder / name, ignore=ignored)
        else:
            shutil.copyfile(source, folder / name)
    return folder


def survives(mutant: Mutant, folder: Path) -> bool:
    """Do the tests of its module pass, in a copy of the project that holds the mutant?"""
    file = folder / mutant.original.path
    before = file.read_text("utf-8")
    file.write_text(mutant.module().text, "utf-8")
    test = f"tests/snippets/test_{mutant.original.name}.py"
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-n",
        "0",
        "-q",
        "-x",
        "-p",
        "no:cacheprovider",
        test,
    ]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    file.write_text(before, "utf-8")
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return done.returncode == 0


def most_are_noticed(count: int, book: Runs, folder: Path) -> None:
    chosen = sample(count)
    same = unseen(chosen, book, folder)
    left = [mutant for mutant in same if survives(mutant, folder)]
    told = (
        f"{count} mutants: {count - len(same)} change an output or do not run, "
        f"{len(same) - len(left)} fail a test, {len(left)} live"
    )
    print("\n".join([told, *map(str, left)]))
    assert len(left) <= max(1, SPARED * count), "\n".join([told, *map(str, left)])


@pytest.mark.slow
def test_a_changed_snippet_is_noticed(book: Runs, tmp_path: Path) -> None:
    most_are_noticed(9, book, tmp_path)


@pytest.mark.soak
def test_two_hundred_changed_snippets_are_noticed(book: Runs, tmp_path: Path) -> None:
    most_are_noticed(200, book, tmp_path)


def test_the_mutants_are_what_they_say() -> None:
    text = '"""Doc 1."""\n\n# %% a\nx = 2 * 3.0\ny = "a" if x < 7 and not False else f"{1}"\n'
    changes = {(m.before, m.after) for m in mutants(parse_module(text, "m", "m.py"))}
    assert changes == {
        ("2", "3"), ("3.0", "4.5"), ("*", "/"), ('"a"', "'ax'"), ("<", ">"), ("7", "8"),
        ("and", "or"), ("False", "True"),
    }  # fmt: skip
