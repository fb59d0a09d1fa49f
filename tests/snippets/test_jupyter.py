"""Jupyter is the oracle: each chapter's cells give a reader what the page shows."""

from __future__ import annotations

from pathlib import Path

import pytest
from chapters import MODULES as CHAPTER_MODULES
from oracle import essence, run_in_jupyter

from livenotes.execution.outputs import Outputs
from livenotes.execution.runs import Runs
from livenotes.site.configuration import open_project

PROJECT = open_project(Path(__file__).parents[2])


# test_notebooks.py runs all cells that a page shows; here the hidden ones run too. The modules
# without any are left to the soak run, since a kernel takes seconds to import torch.
MODULES = [
    name
    if any(cell.hidden for cell in PROJECT.module(name).cells)
    else pytest.param(name, marks=pytest.mark.soak)
    for name in CHAPTER_MODULES
]


@pytest.mark.slow
@pytest.mark.parametrize("name", MODULES)
def test_a_chapter_gives_what_jupyter_gives(name: str, book: Runs, tmp_path: Path) -> None:
    """In an empty folder: a chapter stands alone."""
    outcome = book.outcome(name)
    assert isinstance(outcome, Outputs), outcome.problems
    theirs = run_in_jupyter(book.module(name).cells, tmp_path)
    different = [cell for cell in theirs if essence(outcome.cells[cell]) != essence(theirs[cell])]
    assert different == []
