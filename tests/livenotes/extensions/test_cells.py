"""The Markdown extension alone, without MkDocs: any generator that loads it can show cells."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent

import pytest
from bs4 import BeautifulSoup
from markdown import Markdown

from livenotes.core.problems import LivenotesError
from livenotes.core.project import Project
from livenotes.document.conversion import Conversion

CELLS = "livenotes.cells"  # as the package declares it to Python-Markdown
MODULE = """
# %% one
x = "a & b <c>"
print(x)
x

# %% fold tags=["fold-source"]
import matplotlib.pyplot as plt

plt.plot([1, 2])
plt.show()

# %% table tags=["html"]
class Table:
    def __repr__(self):
        return "Table()"

    def _repr_html_(self):
        return "<table><tr><td>1</td></tr></table>"


Table()

# %% words tags=["hide"]
"12%"

# %% two-lines tags=["hide"]
print("a")
print("b")

# %% try
def f():
    raise NotImplementedError

# %% try-solution tags=["solution"]
def f():
    return 1

# %% begins-with-newline
print("\\n\\nx")
"""

Convert = Callable[..., BeautifulSoup]


@pytest.fixture
def convert(make_project: Callable[..., Project]) -> Convert:
    """Markdown -> the page as a browser reads it."""
    project = make_project({"snippets/m.py": MODULE})

    def html(text: str, language: str = "en") -> BeautifulSoup:
        options = {CELLS: {"root": str(project.root), "language": language}}
        markdown = Markdown(
            extensions=["admonition", "pymdownx.superfences", CELLS],
            extension_configs=options,
        )
        return BeautifulSoup(markdown.convert(dedent(text)), "html5lib")

    return html


def fence(reference: str, options: str = "") -> str:
    return f'```python cell="{reference}" {options}\n```\n'


def test_a_cell_shows_source_and_outputs(convert: Convert) -> None:
    (cell,) = convert(fence("m:one")).select("div.cell")
    assert cell["data-cell"] == "m:one"
    assert cell["data-source"] == "snippets/m.py#L2-L4"
    assert cell.select_one(".cell-source code").get_text() == 'x = "a & b <c>"\nprint(x)\nx\n'
    shown = [(o["data-kind"], o.get_text()) for o in cell.select(".cell-output")]
    assert shown == [("stdout", "a & b <c>\n"), ("result", "'a & b <c>'")]


@pytest.mark.parametrize(("show", "sources", "outputs"), [("source", 1, 0), ("output", 0, 2)])
def test_show_chooses(show: str, sources: int, outputs: int, convert: Convert) -> None:
    (cell,) = convert(fence("m:one", f'show="{show}"')).select("div.cell")
    assert cell["data-show"] == show
    assert len(cell.select(".cell-source")) == sources
    assert len(cell.select(".cell-output")) == outputs


def test_ordinary_fence_options_still_work(convert: Convert) -> None:
    page = convert(fence("m:one", 'title="t.py" hl_lines="2" linenums="1"'))
    assert page.select_one(".cell-source .filename").get_text() == "t.py"
    assert page.select(".cell-source .hll")


def test_with_a_conversion_cells_are_data(make_project: Callable[..., Project]) -> None:
    options = {CELLS: {"conversion": Conversion()}}
    md = Markdown(extensions=[*options], extension_configs=options)
    assert md.convert(fence("m:one", 'show="source" caption="a <b>"')) == (
        '<div data-cell="m:one" data-show="source" data-caption="a &lt;b&gt;"></div>'
    )
    assert md.convert("About `{cell} m:words`.") == (
        '<p>About <span class="cell-value" data-cell-value="m:words">{cell} m:words</span>.</p>'
    )


def test_folded_source_leaves_the_figure_open(convert: Convert) -> None:
    (cell,) = convert(fence("m:fold", 'alt="A line" caption="c <d>"'), "zh").select("div.cell")
    assert cell.select_one("details > summary").get_text() == "代码"
    figure = cell.select_one('.cell-output[data-kind="figure"]')
    assert not figure.find_parent("details")
    assert figure.find("svg")["aria-label"] == "A line"
    assert figure.get_text().strip().isascii()
    assert cell.select_one(".cell-caption").get_text() == "c <d>"


def test_a_solution_is_folded(convert: Convert) -> None:
    (cell,) = convert(fence("m:try-solution")).select("div.cell")
    assert cell.select_one("details > summary").get_text() == "Solution"


def test_html_is_shown_where_the_cell_says_so(convert: Convert) -> None:
    (output,) = convert(fence("m:table")).select('.cell-output[data-kind="html"]')
    assert output.select_one("td").get_text() == "1"


def test_a_leading_newline_is_kept(convert: Convert) -> None:
    (output,) = convert(fence("m:begins-with-newline")).select(".cell-output")
    assert output.get_text() == "\n\nx\n"


def test_a_value_stands_in_the_sentence(convert: Convert) -> None:
    page = convert("About `{cell} m:words` of all, in `code`.")
    (value,) = page.select("span.cell-value")
    assert value["data-cell-value"] == "m:words"
    assert page.select_one("p").get_text() == "About 12% of all, in code."


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (fence("m:on"), ["has no cell 'on'", 'cell="m:one"']),
        (fence("mm:one"), ["Did you mean 'm'?"]),
        (fence("one"), ["not of the form module:name"]),
        (fence("m:one", 'show="all"'), ['show="all"', "both, source, output"]),
        ('```python cell="m:one"\nprint(1)\n```\n', ["must be empty"]),
        ("`{cell} m:two-lines`", ["not one line"]),
        ("`{cell} m:none`", ["has no cell 'none'"]),
    ],
)
def test_a_wrong_reference_is_refused_with_the_right_form(
    text: str, words: list[str], convert: Convert
) -> None:
    with pytest.raises(LivenotesError) as caught:
        convert(text)
    for word in words:
        assert word in str(caught.value)


def test_a_failing_module_is_raised(make_project: Callable[..., Project]) -> None:
    project = make_project({"snippets/m.py": "# %% one\n1 / 0\n"})
    options = {CELLS: {"root": str(project.root)}}
    markdown = Markdown(extensions=[CELLS], extension_configs=options)
    with pytest.raises(LivenotesError, match=r"snippets/m\.py:2: cell 'one': ZeroDivisionError"):
        markdown.convert(fence("m:one"))


@pytest.mark.parametrize("before", [[], ["pymdownx.superfences"], ["pymdownx.highlight", "tables"]])
@pytest.mark.parametrize("after", [[], ["pymdownx.superfences"], ["pymdownx.extra"]])
def test_the_order_of_the_extensions_does_not_matter(before: list[str], after: list[str]) -> None:
    """A SuperFences that comes later takes the fences of an earlier one."""
    options = {CELLS: {"conversion": Conversion()}}
    md = Markdown(extensions=[*before, CELLS, *after], extension_configs=options)
    for _ in range(2):
        html = md.reset().convert(fence("m:one") + "\n```text\nx\n```\n")
        assert html.startswith('<div data-cell="m:one"')
        assert html.count("<code>") == 1
