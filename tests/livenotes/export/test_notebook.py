"""A page as a notebook: everything that the page says, in what plain Jupyter understands."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import nbformat
import pytest
from documents import document

from livenotes.core.project import Project
from livenotes.document.document import Heading
from livenotes.execution.outputs import Outputs
from livenotes.execution.runs import Runs
from livenotes.export.notebook import Edition, make_notebook, to_bytes
from livenotes.rendering.figures import ON_WHITE
from livenotes.rendering.fill import quoted_value
from livenotes.site.notebookhtml import mend

MODULE = """
# %% first
x = 20
x

# %% printed
print("a\\nb")

# %% value tags=["hide"]
print("1_000")

# %% figure tags=["fold-source"]
import matplotlib.pyplot as plt

plt.plot([1, 2])
plt.title("loss")
plt.show()

# %% stub tags=["exercise"]
def twice(n):
    raise NotImplementedError

# %% solved tags=["solution"]
def twice(n):
    return 2 * n

# %% checked tags=["check"]
assert twice(2) == 4
print("right")
"""
CELLS = "".join(
    f'```python cell="m:{name}"{options}\n```\n\n'
    for name, options in {
        "first": "", "printed": "", "figure": ' alt="A line" caption="Two * points"',
        "stub": "", "solved": "", "checked": "",
    }.items()
)  # fmt: skip
HEAD = "---\ntitle: kept out\n---\n\n# Title {#title}\n\n"

Make = Callable[..., Any]


@pytest.fixture
def make(make_project: Callable[..., Project]) -> Make:
    """A notebook of a page's text, as Jupyter reads it."""

    def notebook(
        text: str, module: str = MODULE, site: str = "https://example.org/", home: str = "",
        language: str = "en",
    ) -> Any:  # fmt: skip
        text = dedent(text)
        project = make_project({"snippets/m.py": module})
        book = Runs(project)
        outcome = book.outcome("m")
        assert isinstance(outcome, Outputs), outcome.problems
        edition = Edition(
            {"Python": "3.11.7"},
            {"loss": "损失"} if language == "zh" else {},
            lambda reference: quoted_value(book, reference),
            lambda target: f"{site}{target}" if site else None,
            home,
        )
        page = document(text, f"docs/{language}/page.md")
        content = to_bytes(make_notebook(page, book.module("m"), outcome, edition))
        read = nbformat.reads(content.decode(), as_version=4)
        nbformat.validate(read)
        assert content == to_bytes(make_notebook(page, book.module("m"), outcome, edition))
        assert nbformat.writes(read) + "\n" == content.decode()
        return read

    return notebook


def prose(notebook: Any) -> list[str]:
    return [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]


def code(notebook: Any) -> dict[str, Any]:
    return {cell.id: cell for cell in notebook.cells if cell.cell_type == "code"}


def test_it_opens_with_title_and_versions_and_without_front_matter(make: Make) -> None:
    notebook = make(f"{HEAD}Hello.\n", home="https://example.org/en/page/")
    assert prose(notebook) == [
        "# Title\n\n*This notebook belongs to [this page](https://example.org/en/page/); "
        "its outputs were produced with Python 3.11.7.*\n\nHello."
    ]
    assert notebook.metadata.kernelspec.name == "python3"
    assert notebook.metadata.language_info.version == "3.11.7"


def test_a_chinese_notebook_opens_in_chinese(make: Make) -> None:
    first = prose(make(HEAD, language="zh"))[0]
    assert first == "# Title\n\n*输出由 Python 3.11.7 生成。*"


def test_cells_hold_the_module_and_what_it_gave(make: Make) -> None:
    cells = code(make(HEAD + CELLS))
    assert list(cells) == ["cell-first", "cell-printed", "cell-figure", "cell-stub", "cell-checked"]
    assert [cell.execution_count for cell in cells.values()] == [1, 2, 3, 4, None]
    assert cells["cell-first"].source == "x = 20\nx"
    assert cells["cell-first"].outputs == [
        {"output_type": "execute_result", "execution_count": 1, "metadata": {},
         "data": {"text/plain": "20"}}
    ]  # fmt: skip
    assert cells["cell-printed"].outputs == [
        {"output_type": "stream", "name": "stdout", "text": "a\nb\n"}
    ]


def test_exercises_have_stub_and_check_and_run_all_goes_on(make: Make) -> None:
    notebook = make(HEAD + CELLS)
    cells = code(notebook)
    assert "return 2 * n" not in str(notebook)
    assert "NotImplementedError" in cells["cell-stub"].source
    assert cells["cell-checked"].metadata == {"tags": ["raises-exception"]}
    assert cells["cell-checked"].outputs == []  # it has not been run: nothing is solved yet


def test_hidden_cells_are_left_out_but_their_values_stand_in_the_text(make: Make) -> None:
    notebook = make(f"{HEAD}It is `{{cell}} m:value`.\n\n{CELLS}")
    assert "It is 1\\_000." in prose(notebook)[0]
    assert "cell-value" not in code(notebook)


def test_figures_are_pictures_on_white_in_real_colours(make: Make) -> None:
    notebook = make(HEAD + CELLS, language="zh")
    cell = code(notebook)["cell-figure"]
    assert cell.metadata == {"jupyter": {"source_hidden": True}}
    (shown,) = cell.outputs
    assert shown.data["text/plain"].startswith("<Figure size")
    svg = shown.data["image/svg+xml"]
    assert svg.startswith('<svg xmlns="http://www.w3.org/2000/svg"')
    assert 'aria-label="A line"' in svg
    assert "<rect" in svg
    assert ON_WHITE["#0a0b01"] in svg
    assert "损失" in svg
    assert not re.search("var\\(|currentColor|#0a0b0|#010203", svg)
    assert "*Two \\* points*" in prose(notebook)


def test_the_colours_are_those_of_the_light_style_sheet() -> None:
    style = Path(__file__).parents[3] / "livenotes/theme/assets/livenotes.css"
    light = style.read_text("utf-8").partition("@media screen")[0]
    said = dict(re.findall(r"--(fig-\d|ln-ink): (#\w+);", light))
    assert said == {"ln-ink": ON_WHITE["#010203"]} | {
        f"fig-{n}": ON_WHITE[f"#0a0b0{n}"] for n in range(1, 9)
    }


def test_headings_keep_their_text_and_begin_cells(make: Make) -> None:
    text = f"{HEAD}See [below](#two).\n\n## One {{#one}}\n\nText.\n\n## Two $x$ {{#two}}\n\nMore.\n"
    assert prose(make(text))[1:] == ["## One\n\nText.", '<a id="two"></a>\n## Two $x$\n\nMore.']


def test_boxes_are_quotes_with_bold_titles(make: Make) -> None:
    text = """
        # Title {#title}

        !!! note "A title"
            First $a
            + b$.

            $$
            x \\\\
            y
            $$

            ```python cell="m:first"
            ```

            After.

        ??? tip
            Inside.

            !!! warning ""
                Deep.
        """
    notebook = make(text)
    assert prose(notebook)[0].split("\n\n", 2)[2] == (
        "> **A title**\n>\n> First $a + b$.\n>\n> $$ x \\\\ y $$"
    )
    assert prose(notebook)[1] == "> After.\n\n> **Tip**\n>\n> Inside.\n>\n> > Deep."


def test_a_box_that_held_only_the_solution_is_gone(make: Make) -> None:
    text = f'{HEAD}??? note "Solution"\n    ```python cell="m:solved"\n    ```\n\nEnd.\n'
    assert "Solution" not in prose(make(text))[0]
    assert prose(make(text))[0].endswith("End.")


def test_tabs_follow_each_other_below_bold_titles(make: Make) -> None:
    text = """
        # Title {#title}

        === "pip"
            ```bash
            pip install torch
            ```

        === "conda"
            Text.
        """
    body = prose(make(text))[0].split("\n\n", 2)[2]
    assert body == "**pip**\n\n```bash\npip install torch\n```\n\n**conda**\n\nText."


def test_a_cell_in_a_list_does_not_turn_the_rest_into_code(make: Make) -> None:
    fence = '    ```python cell="m:first"\n    ```'
    notebook = make(f"{HEAD}- Item:\n\n{fence}\n\n    Still the item.\n\n- Next.\n")
    assert prose(notebook)[0].endswith("- Item:")
    assert prose(notebook)[1] == "Still the item.\n\n- Next."


def test_links_lead_to_the_site_or_are_text(make: Make) -> None:
    text = f"{HEAD}[a `b[0]`](other.md#x), [c](https://d.org), ![Plot](plot.png){{ .wide }}\n"
    assert prose(make(text))[0].endswith(
        "[a `b[0]`](https://example.org/other.md#x), [c](https://d.org), "
        "![Plot](https://example.org/plot.png)"
    )
    assert prose(make(text, site=""))[0].endswith("a `b[0]`, [c](https://d.org), Plot")


def test_emphasis_beside_chinese_punctuation_is_seen(make: Make) -> None:
    text = f"{HEAD}**过时。**说法，**很好**的，**“引”**。2 * 3 * 4, `**a。**b`, $**a。**b$\n"
    assert prose(make(text))[0].endswith(
        "<strong>过时。</strong>说法，**很好**的，**“引”**。2 * 3 * 4, `**a。**b`, $**a。**b$"
    )


def test_typed_fences_keep_their_body_and_the_glossary_is_left_out(make: Make) -> None:
    text = f'{HEAD}```console title="x"\n$ ls {{cell}}\n```\n\n{{terms}}\n'
    assert prose(make(text))[0].endswith("```console\n$ ls {cell}\n```")


def test_long_names_get_ids_that_nbformat_allows(make: Make) -> None:
    names = ["a" * 80 + "-1", "a" * 80 + "-2"]
    module = "".join(f"# %% {name}\nprint({n})\n\n" for n, name in enumerate(names))
    fences = "".join(f'```python cell="m:{name}"\n```\n\n' for name in names)
    ids = [cell.id for cell in make(HEAD + fences, module).cells]
    assert len(set(ids)) == 3


VIEW = """<style>a</style><script src="https://cdn.example.org/x.js"></script>
<div class="jp-Cell jp-MarkdownCell">
<p><a id="one"></a></p>
<h1 id="">一<a class="anchor-link" href="#">¶</a></h1>
<p>$a &lt; b$ and <code>$c$</code></p><p>$$
x
$$</p>
</div><div class="jp-Cell jp-CodeCell">
<div class="zeroclipboard-container"><clipboard-copy><div>B</div></clipboard-copy></div>
<pre>$d$</pre><div class="clipboard-copy-txt" id="cell-1">$d$</div>
<img alt="None" src="data:image/svg+xml;base64,PHN2Zy8+"/><h2>pandas</h2>
</div><style>a</style>"""


def test_a_view_is_mended() -> None:
    html = mend(VIEW, [Heading(1, 1, "yi", "一")])
    assert "<style" not in html and "<script" not in html and "clipboard" not in html
    assert '<h1 id="yi">一<a class="headerlink" href="#yi">¶</a></h1>' in html
    assert '<p><x-math class="arithmatex">\\(a &lt; b\\)</x-math> and <code>$c$</code></p>' in html
    assert '<div class="arithmatex">\\[\nx\n\\]</div>' in html
    assert "<pre>$d$</pre>" in html
    assert "<svg/><h2>pandas</h2>" in html
    assert 'id="one"' not in html


BOXES = """<div class="jupyter-wrapper">
<div class="jp-Notebook">
<div class="jp-Cell jp-MarkdownCell jp-Notebook-cell" id="cell-id=prose-1">
<div class="jp-Cell-inputWrapper" tabindex="0">
<div class="jp-Collapser jp-InputCollapser jp-Cell-inputCollapser">
</div>
<div class="jp-InputArea jp-Cell-inputArea"><div class="jp-InputPrompt jp-InputArea-prompt">
</div><div class="jp-RenderedHTMLCommon jp-RenderedMarkdown" data-mime-type="text/markdown">
<div class="box"><p>Text</p></div>
</div>
</div>
</div>
</div><div class="jp-Cell jp-CodeCell jp-Notebook-cell jp-mod-noOutputs">
<div class="jp-Cell jp-CodeCell jp-Notebook-cell jp-mod-noOutputs" id="cell-id=cell-one">
<div class="jp-Cell-inputWrapper" tabindex="0">
<div class="jp-Collapser jp-InputCollapser jp-Cell-inputCollapser">
</div>
<div class="jp-InputArea jp-Cell-inputArea">
<div class="jp-InputPrompt jp-InputArea-prompt">In [1]:</div>
<div class="jp-CodeMirrorEditor jp-Editor jp-InputArea-editor" data-type="inline">
<div class="CodeMirror cm-s-jupyter">
<div class="highlight-ipynb hl-python"><pre><span></span>CODE
</pre></div>
</div>
</div>
</div>
</div>
CELL
</div>
</div>
</div>
</div>"""
TOKENS = (
    '<span class="k">if</span> <span class="n">x</span> <span class="ow">in</span> '
    '<span class="s2">"a</span><span class="se">\\n</span><span class="s2">"</span>'
    '<span class="p">:</span>  <span class="c1"># why</span>'
)
OUTPUT = """<div class="jp-Cell-outputWrapper">
<div class="jp-OutputArea"><div class="jp-Cell jp-not-ours"></div></div>
</div>"""


@pytest.mark.parametrize("output", ["", OUTPUT])
def test_a_cell_of_a_view_is_one_box(output: str) -> None:
    html = mend(BOXES.replace("CODE", TOKENS).replace("CELL\n", output), [])
    expected = (
        '<div class="jupyter-wrapper"><div class="jp-Notebook">'
        '<div class="jp-Cell"><div class="box"><p>Text</p></div></div>'
        '<div class="jp-Cell jp-CodeCell"><div class="jp-InputArea">'
        '<div class="jp-InputPrompt">In [1]:</div>'
        '<pre><b>if</b> x <b>in</b> <u>"a\\n"</u>:  <i># why</i>\n</pre></div>'
        f"{output}</div></div></div>"
    )
    between = re.compile(r">\s+<")
    assert between.sub("><", html.strip()) == between.sub("><", expected)
