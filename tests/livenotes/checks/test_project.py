"""What outputs make of a page: figures in words that it cannot translate, values without a face."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from documents import document

from livenotes.checks.project import check_project
from livenotes.core.project import Project
from livenotes.execution.runs import Runs
from livenotes.rendering.fill import NOT_ONE_LINE

GLOSSARY = "- {en: loss, zh: 损失, meaning_en: a number, meaning_zh: 一个数}\n"
PLOT = "# %% a\nimport matplotlib.pyplot as plt\nplt.title(TITLE)\nplt.plot([1, 2]);\n"


def told(make_project: Callable[..., Project], module: str) -> list[str]:
    files = {"snippets/m.py": module, "docs/glossary.yml": GLOSSARY}
    runs = Runs(make_project(files, languages=("zh", "en")))
    page = document('# T {#t}\n\n```python cell="m:a" alt="a curve"\n```\n')
    return [str(problem) for problem in check_project(runs, [page]).unique_warnings()]


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("loss", ""),
        ("loss of step 3", "says 'loss of step', which docs/glossary.yml does not have"),
        ("$L = 3$", ""),
        (r"$10^{-2}$", ""),
        (r"$\sin x \leq \max y$", ""),
        (r"$\text{loss} = 3$", ""),
        (r"$\text{cost} = 3$", "says 'cost', which docs/glossary.yml does not have"),
        ("loss $L$", "says 'loss $L$': words beside a formula are not translated"),
        ("$L$ 损失", ""),
        ("2 $L$", ""),
    ],
)
def test_words_that_pages_cannot_translate_are_told(
    make_project: Callable[..., Project], title: str, words: str
) -> None:
    found = told(make_project, PLOT.replace("TITLE", repr(title)))
    about = [line for line in found if "the figure says" in line and "font lacks" not in line]
    assert len(about) == bool(words)
    assert words in "".join(about)


def test_words_that_no_font_here_can_draw_are_told_once_with_the_way_on(
    make_project: Callable[..., Project],
) -> None:
    glyph, word = told(make_project, PLOT.replace("TITLE", "'误差曲线'"))
    assert glyph.startswith("snippets/m.py:2: cell 'a': the figure says '误', a character that its")
    assert "Write the glossary's English terms" in glyph
    assert "the figure says '误差曲线'" in word and "Write an English term that it has" in word


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        ("JSON([1])", "json.dumps"),
        ("GeoJSON({})", "json.dumps"),
        ("Markdown('**x**')", "Write it in the page"),
        ("HTML('<b>')", 'tags=["html"]'),
        ("HTML('<script>')", "A page shows text, formulas, pictures"),
        ("Latex('x')", "A page shows formulas"),
        ("Latex('$x$')", ""),
        ("Math('x')", ""),
        ("Pretty('<my object>')", ""),
        ("Code('x = 1', language='python')", ""),
    ],
)
def test_a_value_that_would_show_no_more_than_its_name_is_told(
    make_project: Callable[..., Project], value: str, hint: str
) -> None:
    found = told(make_project, f"# %% a\nfrom IPython.display import *\n{value}\n")
    about = [line for line in found if "readers see <IPython." in line]
    assert len(about) == bool(hint)
    assert hint in "".join(about)


@pytest.mark.parametrize(
    ("code", "fits"),
    [
        ("1", True),
        ("'a text'", True),
        ("print(1)", True),
        ("print(1); print(2)", False),
        ("x = 1", False),
        ("list(range(60))", False),
        ("from IPython.display import Math\nMath('x')", False),
    ],
)
def test_a_value_that_is_not_one_line_is_told_where_it_stands(
    make_project: Callable[..., Project], code: str, fits: bool
) -> None:
    """Not where a fence shows the same cell."""
    runs = Runs(make_project({"snippets/m.py": f"# %% a\n{code}\n"}))
    page = document('# T {#t}\n\n```python cell="m:a"\n```\n\nIt is\n`{cell} m:a`.\n')
    errors = [str(problem) for problem in check_project(runs, [page]).unique_errors()]
    assert errors == [f"docs/en/page.md:7: {NOT_ONE_LINE}"] * (not fits)
