"""The notebooks that readers download, run in a real kernel: the witness of what pages show."""

from __future__ import annotations

import platform
from pathlib import Path
from typing import Any

import nbformat
import pytest
from chapters import CHAPTER_PAIRS as CHAPTERS
from documents import read_document
from oracle import essence, run_notebook

from livenotes.core.percent import Module
from livenotes.document.document import Document
from livenotes.execution.outputs import Outputs
from livenotes.execution.runs import Runs
from livenotes.export.notebook import Edition, make_notebook, to_bytes
from livenotes.rendering.fill import quoted_value
from livenotes.site.configuration import open_project

PROJECT = open_project(Path(__file__).parents[2])
SOAK = pytest.mark.soak


def read(language: str, chapter: str) -> Document:
    file = PROJECT.docs / language / f"{chapter}.md"
    return read_document(file, PROJECT.relative(file))


def notebook_of(language: str, chapter: str, book: Runs) -> tuple[Any, Module, Outputs]:
    """A chapter's notebook as a reader's Jupyter opens it, its module, and what was published."""
    page = read(language, chapter)
    module, outcome = book.module(page.module), book.outcome(page.module)
    assert isinstance(outcome, Outputs), outcome.problems
    edition = Edition(
        {"Python": platform.python_version()},
        {},
        lambda ref: quoted_value(book, ref),
        lambda target: None,
    )
    content = to_bytes(make_notebook(page, module, outcome, edition)).decode()
    notebook = nbformat.reads(content, as_version=4)
    nbformat.validate(notebook)
    return notebook, module, outcome


def code(notebook: Any) -> dict[str, Any]:
    """Its code cells by the name of the module's cell."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return {cell.id.removeprefix("cell-"): cell for cell in cells}


def tagged(module: Module, tag: str) -> list[str]:
    return [cell.name for cell in module.cells if tag in cell.tags]


# A kernel takes seconds to import torch: one chapter stands for all, which CI tries.
SOME = [
    chapter if chapter in CHAPTERS[:1] else pytest.param(chapter, marks=pytest.mark.slow)
    for chapter in CHAPTERS
]


@pytest.mark.parametrize("chapter", SOME)
def test_solved_in_an_empty_folder_it_gives_every_output_of_the_page(
    chapter: str, book: Runs, tmp_path: Path
) -> None:
    notebook, module, published = notebook_of("en", chapter, book)
    cells, checks = code(notebook), tagged(module, "check")
    for name, cell in cells.items():  # what it shows before anybody runs it
        expected = [] if name in checks else published.cells[name]
        assert essence(cell.outputs) == essence(expected), name
    exercises, solutions = tagged(module, "exercise"), tagged(module, "solution")
    for exercise, solution in zip(exercises, solutions, strict=True):
        cells[exercise].source = module.cell(solution).source
    for name in checks:
        assert cells[name].metadata.pop("tags") == ["raises-exception"]
    run_notebook(notebook, tmp_path)
    different = [n for n, c in cells.items() if essence(c.outputs) != essence(published.cells[n])]
    assert different == []
    assert list(tmp_path.iterdir()) == []


# And the soak run.
UNSOLVED = [
    chapter if chapter in CHAPTERS[:1] else pytest.param(chapter, marks=SOAK)
    for chapter in CHAPTERS
]


@pytest.mark.slow
@pytest.mark.parametrize("chapter", UNSOLVED)
def test_unsolved_run_all_goes_on_to_the_end_and_every_check_fails(
    chapter: str, book: Runs, tmp_path: Path
) -> None:
    notebook, module, _ = notebook_of("zh", chapter, book)
    cells = code(notebook)
    run_notebook(notebook, tmp_path)
    assert all(cell.execution_count for cell in cells.values())
    failed = [n for n, c in cells.items() if any(o.output_type == "error" for o in c.outputs)]
    assert failed == tagged(module, "check")


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_both_languages_hold_the_same_code_and_nothing_hidden(chapter: str, book: Runs) -> None:
    chinese, english = (notebook_of(language, chapter, book) for language in ("zh", "en"))
    sources = [{n: c.source for n, c in code(nb).items()} for nb, _, _ in (chinese, english)]
    assert sources[0] == sources[1]
    module = english[1]
    left_out = {*tagged(module, "hide"), *tagged(module, "solution")}
    assert list(sources[0]) == [c.name for c in module.cells if c.name not in left_out]
