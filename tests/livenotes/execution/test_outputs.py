"""What a page may show: its form, its size, and what to write in place of what it may not."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from livenotes.core.project import Project
from livenotes.execution.outputs import Failure, Outputs, formulas_of, shown_format
from livenotes.execution.runs import Runs

ADVICE = [
    ("plt.plot([1, 2])", "End the line with ;"),
    ("plt.plot([1, 2]), 3", "End the line with ;"),
    ("plt.scatter([1], [2])", "End the line with ;"),
    ("plt.hist([1, 2])", ""),
    ("(n for n in range(3))", "list(...)"),
    ("map(str, [1])", "list(...)"),
    ("Groups.GroupBy()", "grouped.mean()"),
    ("print(lambda: 1)", "function.__name__"),
    ("sympy.plot(sympy.Symbol('x'))", "End the line with ;"),
    ("sympy.plot(sympy.Symbol('x'));", ""),
    ("object()", "__repr__"),
    ("print('2.13.0+cpu')", "partition('+')[0]"),
    ("Groups()", 'tags=["html"]'),
    ("display(IFrame('x', 1, 1))", 'tags=["html"]'),
]


def test_advice_fits_what_would_be_shown(make_project: Callable[..., Project]) -> None:
    setup = (
        "# %% setup\nimport sympy\nimport matplotlib.pyplot as plt\n"
        "from IPython.display import IFrame\n"
        "class Groups:\n    def _repr_html_(self): return '<p>'\n    class GroupBy: pass\n\n"
    )
    cells = "".join(f"# %% cell-{n}\n{code}\n\n" for n, (code, _) in enumerate(ADVICE))
    outcome = Runs(make_project({"snippets/m.py": setup + cells})).outcome("m")
    assert isinstance(outcome, Failure)
    hints = {problem.cell: problem.hint for problem in outcome.problems}
    for number, (code, advice) in enumerate(ADVICE):
        assert (f"cell-{number}" in hints) == bool(advice), code
        assert advice in hints.get(f"cell-{number}", ""), code


SCATTER = """
    # %% a
    import matplotlib.pyplot as plt
    import numpy as np
    rng = np.random.default_rng(0)
    plt.scatter(*rng.random((2, 20_000)){options})
    plt.pcolormesh(rng.random((150, 150)){options});
"""


def test_a_large_picture_is_refused_with_a_way_on_that_works(
    fail_cells: Callable[..., str], run_cells: Callable[..., Outputs]
) -> None:
    message = fail_cells(SCATTER.format(options=""))
    assert "shows pictures of " in message
    assert "more than 1,000,000" in message
    assert "rasterized=True" in message
    outputs = run_cells(SCATTER.format(options=", rasterized=True"))
    (figure,) = outputs.cells["a"]
    assert "data:image/png;base64" in figure["data"]["image/svg+xml"]


def test_a_cell_that_is_to_raise_and_does_not_is_an_error(
    fail_cells: Callable[..., str],
) -> None:
    message = fail_cells('# %% a tags=["raises-exception"]\nx = 1\n')
    assert "cell 'a': is tagged raises-exception, and raises none" in message
    assert "Take the tag away" in message


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("import sys\nsys.exit(1)", "called sys.exit(1)"),
        ("input()", "reads from the keyboard"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
    ],
)
def test_the_tag_allows_nothing_else(code: str, words: str, fail_cells: Callable[..., str]) -> None:
    assert words in fail_cells(f'# %% a tags=["raises-exception"]\n{code}\n')


TABLE = """
    # %% a tags=["html"]
    class Table:
        def _repr_html_(self):
            return "<table></table>"

    Table()
"""


def test_the_text_of_a_value_that_is_shown_as_html_needs_no_address(
    run_cells: Callable[..., Outputs], fail_cells: Callable[..., str]
) -> None:
    (output,) = run_cells(TABLE).cells["a"]
    assert output["data"]["text/plain"] == "<__main__.Table>"
    assert "an address in memory" in fail_cells(TABLE.replace(' tags=["html"]', ""))


@pytest.mark.parametrize(
    ("data", "tags", "shown"),
    [
        ({"text/plain": "x", "text/html": "<b>"}, [], "text/plain"),
        ({"text/plain": "x", "text/html": "<b>"}, ["html"], "text/html"),
        ({"text/plain": "x", "text/latex": "$x$"}, [], "text/latex"),
        ({"text/plain": "x", "text/latex": "a $x$ and $y$"}, [], "text/latex"),
        ({"text/plain": "x", "text/latex": "\\begin{Verbatim}\nx"}, [], "text/plain"),
        ({"text/plain": "x", "image/png": "aaaa", "text/latex": r"\(x"}, [], "image/png"),
        ({"text/plain": "x", "image/png": "aaaa", "image/svg+xml": "<svg/>"}, [], "image/svg+xml"),
        ({"text/plain": "x", "application/json": {}}, [], "text/plain"),
    ],
)
def test_the_richest_format_is_shown(data: dict[str, Any], tags: list[str], shown: str) -> None:
    assert shown_format({"output_type": "execute_result", "data": data}, tags) == shown


@pytest.mark.parametrize(
    ("latex", "parts"),
    [
        ("$\\displaystyle x^{2}$", [("display", "\\displaystyle x^{2}")]),
        ("$$y$$", [("display", "y")]),
        ("\\[z\\]", [("display", "z")]),
        ("\\begin{align*}a&=b\\end{align*}", [("display", "\\begin{align*}a&=b\\end{align*}")]),
        ("$x$, $y$", [("inline", "x"), ("text", ", "), ("inline", "y")]),
        ("so \\(a\\) is", [("text", "so "), ("inline", "a"), ("text", " is")]),
        ("both:\n$$a$$", [("text", "both:\n"), ("display", "a")]),
        ("text", []),
        ("\\textbf{bold} $x$", []),
        ("\\begin{Verbatim}$x$", []),
        ("costs $5", []),
    ],
)
def test_latex_is_formulas_and_text_or_is_not_shown(
    latex: str, parts: list[tuple[str, str]]
) -> None:
    assert formulas_of({"output_type": "display_data", "data": {"text/latex": latex}}) == parts


STYLED = """
    # %% setup
    import uuid

    class Styled:
        def __init__(self, name=""):
            self.name = name or f"T_{uuid.uuid4().hex[:5]}"

        def _repr_html_(self):
            style = f"<style>#{self.name} td {{color: red}}</style>"
            return f'{style}<table id="{self.name}"><td id="{self.name}_row0">1</td></table>'

    # %% one tags=["html"]
    display(Styled(), Styled("same"))
    Styled("same")

    # %% two tags=["html"]
    Styled("same")

    # %% not-shown
    display({"text/plain": "text", "text/html": Styled()._repr_html_()}, raw=True)
"""


def test_ids_of_tables_are_the_same_in_each_run_and_differ_on_the_page(
    make_project: Callable[..., Project],
) -> None:
    """As of pandas' styled tables, whose ids are random, or two tables of the same id."""
    project = make_project({"snippets/m.py": STYLED})
    runs = Runs(project)
    first = runs.outcome("m")
    assert isinstance(first, Outputs)
    again = runs.runner.run([runs.module("m")])["m"]
    assert isinstance(again, Outputs)
    assert again.cells == first.cells
    tables = [o["data"]["text/html"] for cell in first.cells.values() for o in cell]
    ids = [found for table in tables for found in re.findall(r'id="([^"]+)"', table)]
    assert len(ids) == len(set(ids)) == 10
    for table in tables:
        (styled,) = re.findall("#([^ ]+) td", table)
        assert f'<table id="{styled}">' in table


DIAGRAM = """
    # %% a{tags}
    class Estimator:
        def __repr__(self):
            return "Estimator(C=2)"

        def _repr_html_(self):
            return '<div><input type="checkbox" checked><label>Estimator</label></div>'

    Estimator()
"""


def test_a_diagram_that_could_run_something_is_refused_with_a_way_on_that_works(
    fail_cells: Callable[..., str], run_cells: Callable[..., Outputs]
) -> None:
    """As scikit-learn's, which hold check boxes, scripts and links."""
    message = fail_cells(DIAGRAM.format(tags=' tags=["html"]'))
    assert "shows text/html with <input> in it" in message
    assert "Without the tag html, the page shows its text." in message
    (output,) = run_cells(DIAGRAM.format(tags="")).cells["a"]
    assert shown_format(output, ()) == "text/plain"
    assert output["data"]["text/plain"] == "Estimator(C=2)"


# What tqdm.notebook does, whose bar is deleted when its loop ends.
WIDGETS = {
    "snippets/ipywidgets/__init__.py": "",
    "snippets/ipywidgets/widgets/__init__.py": "",
    "snippets/ipywidgets/widgets/widget.py": """
        import uuid
        _instances = {}

        class Text:
            value = "100%"

        class TqdmHBox:
            def __init__(self):
                self.children, self.name = [Text(), Text()], uuid.uuid4().hex
                _instances[self.name] = self

            def _repr_mimebundle_(self, **_):
                view = "application/vnd.jupyter.widget-view+json"
                return {"text/plain": "0% 0/3", view: {"model_id": self.name}}
    """,
}


@pytest.mark.parametrize(
    ("bar", "said"), [("3/3\u2007[00:00&lt;00:00", "3/3"), ("3it [00:00", "3it")]
)
def test_a_progress_bar_leaves_its_last_state_without_times(
    run_cells: Callable[..., Any], bar: str, said: str
) -> None:
    text = """
        # %% a
        from ipywidgets.widgets.widget import TqdmHBox
        bar = TqdmHBox()
        display(bar)
        print("between")
        bar.children[1].value = "\u2007BAR,\u2007222.43it/s]"
    """
    shown, printed = run_cells(text.replace("BAR", bar), WIDGETS).cells["a"]
    assert shown["data"] == {"text/plain": f"100% {said}"}
    assert printed["text"] == "between\n"
