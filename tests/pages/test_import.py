"""A notebook becomes a chapter; what the command cannot do is told, line by line."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jupytext
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from .conftest import Site, with_options

MakeSite = Callable[..., Site]
PICTURE = "iVBORw0KGgo="


def text(value: str) -> list[Any]:
    data = {"text/plain": value}
    return [new_output("execute_result", data=data, execution_count=1)]


def printed(value: str) -> list[Any]:
    return [new_output("stream", name="stdout", text=value)]


DRAWN = [new_output("display_data", data={"text/plain": "<Figure>", "image/png": PICTURE})]
CELLS = [
    new_markdown_cell("# 随机数 Random numbers\n\n![图](attachment:a.png)",
                      attachments={"a.png": {"image/png": PICTURE}}),
    new_code_cell("%matplotlib inline\n!pip install numpy\nimport random\n"
                  "import matplotlib.pyplot as plt"),
    new_markdown_cell("## 种子 Seed\n\n定下种子，结果就不变："),
    new_code_cell("random.seed(7)\nrandom.random()", outputs=text("0.32383276483316237")),
    new_code_cell("%%time\nprint(sum(range(10)))", outputs=printed("45\n")),
    new_markdown_cell("## 均值\n\n要点：\n- 一\n- 二"),
    new_code_cell("def mean(values):\n    return sum(values) / len(values)"),
    new_code_cell("display(mean([1, 2]))", outputs=text("1.5")),
    new_code_cell("mean([1, 2, 4])", outputs=text("2.3333333333333")),
    new_code_cell("plt.plot([1, 2]);", outputs=DRAWN, metadata={"tags": ["hide-input"]}),
    new_code_cell("%%bash\necho hello"),
    new_code_cell(""),
]  # fmt: skip
NAMES = ["setup", "seed", "print", "section-3", "display", "mean", "plot"]


@pytest.fixture(params=["ipynb", "py"])
def imported(request: pytest.FixtureRequest, make_site: MakeSite) -> tuple[Site, str, str]:
    site = make_site({"mkdocs.yml": with_options("") + "nav:\n  - index.md\n  - page.md\n",
                      "docs/zh/index.md": "# 首页 {#home}\n",
                      "docs/en/index.md": "# Home {#home}\n"})  # fmt: skip
    file = site.root / f"chapter.{request.param}"
    notebook = nbformat.v4.new_notebook(cells=CELLS)
    if request.param == "ipynb":
        nbformat.write(notebook, file)
    else:
        jupytext.write(notebook, file, fmt="py:percent")
    code, said = site.run("livenotes.cli", "import", file.name, "--name", "random-numbers")
    assert code == 0, said
    return site, said, request.param


def test_a_notebook_becomes_a_chapter(imported: tuple[Site, str, str]) -> None:
    site, said, kind = imported
    module = (site.root / "snippets/random_numbers.py").read_text("utf-8")
    assert [line[5:].split(" tags")[0] for line in module.splitlines() if "# %%" in line] == NAMES
    assert '# %% plot tags=["fold-source"]' in module
    assert "# %% setup\nfrom IPython.display import display\nimport random\n" in module
    for taken in ("%matplotlib inline", "!pip install numpy", "%%time", "%%bash\necho hello"):
        assert f"no Python, taken out: {taken.split(chr(10))[0]}" in said and taken not in module
    assert "give the heading a better id than section-3: 均值" in said
    page = (site.root / "docs/zh/random-numbers.md").read_text("utf-8")
    assert "# 随机数 Random numbers {#random-numbers}" in page
    assert "要点：\n\n- 一\n- 二" in page
    if kind == "ipynb":  # a script has neither outputs nor attachments
        assert "![图](../assets/random-numbers/a.png)" in page
        assert (site.root / "docs/assets/random-numbers/a.png").is_file()
        assert '```python cell="random_numbers:plot" alt="待写：图上有什么"\n```' in page
        different = [line for line in said.splitlines() if "the module gives" in line]
        assert len(different) == 1, said
        assert (
            "cell 'mean': the notebook (cell 9) has '2.3333333333333', the module gives"
            in (different[0])
        )
    code, checked = site.run("livenotes.cli", "check")
    assert code == 0, checked
    assert site.build("--strict")[0] == 0


def test_a_cell_that_shows_an_error_goes_on_showing_it(make_site: MakeSite) -> None:
    """Teaching material often shows what goes wrong, with a tag for Jupyter or without."""
    raised = new_output("error", ename="TypeError", evalue="'int' object is not callable")
    cells = [
        new_code_cell("class display:\n    def __init__(self, x): pass\n\nfirst = 3"),
        new_code_cell("first()", outputs=[raised]),
        new_code_cell("1 / 0", metadata={"tags": ["raises-exception"]}),
        new_code_cell("display(first);"),
    ]
    site = make_site()
    nbformat.write(nbformat.v4.new_notebook(cells=cells), site.root / "errors.ipynb")
    code, said = site.run("livenotes.cli", "import", "errors.ipynb", "--name", "errors")
    assert code == 0, said
    assert "cell 2: shows TypeError, and is tagged raises-exception; if that is not meant" in said
    assert "cell 3: shows" not in said
    module = (site.root / "snippets/errors.py").read_text("utf-8")
    assert module.count(' tags=["raises-exception"]') == 2
    assert "from IPython.display" not in module, "it has a class of that name"
    code, said = site.run("livenotes.cli", "run", "errors")
    assert code == 0, said
    assert "TypeError: 'int' object is not callable" in said


def test_what_ran_before_an_error_is_compared(make_site: MakeSite) -> None:
    """Old notebooks call what newer packages lack; the outputs above are looked at all the same."""
    sources = {"1 + 1": "2", "6 / 3": "2", "[].sum()": "0", "3": "3"}
    cells = [new_code_cell(source, outputs=text(saved)) for source, saved in sources.items()]
    site = make_site()
    nbformat.write(nbformat.v4.new_notebook(cells=cells), site.root / "old.ipynb")
    code, said = site.run("livenotes.cli", "import", "old.ipynb", "--name", "old-one")
    assert code == 0, said
    assert "1 of 4 cells give the outputs saved in the notebook\nLeft to do (2)" in said
    assert "AttributeError" in said and "(cell 2) has '2', the module gives '2.0'" in said


def test_it_can_be_published_when_the_rest_is_done(imported: tuple[Site, str, str]) -> None:
    site, _, kind = imported
    for language in ("zh", "en"):
        page = site.root / f"docs/{language}/random-numbers.md"
        done = (
            page.read_text("utf-8").replace("draft: true\n", "").replace("{#section-3}", "{#mean}")
        )
        done = re.sub("TODO|待写", "Done", done)
        if kind == "py":  # the picture of a cell without outputs is not known
            done = done.replace(':plot"', ':plot" alt="A line"')
            done = done.replace("![图](attachment:a.png)", "")
        page.write_text(done, "utf-8")
    code, said = site.run("livenotes.cli", "check")
    assert code == 0 and "draft" not in said, said
    code, said = site.build("--strict")
    assert code == 0, said
    assert "0.32383276483316237" in site.html("zh/random-numbers")


def test_a_title_below_code_stays_the_only_one(make_site: MakeSite) -> None:
    """Notebooks often begin with imports, styles and macros; the title comes after them."""
    cells = [
        new_code_cell("import math"),
        new_code_cell("%%html\n<style>\np {}\n</style>"),
        new_markdown_cell("$$\n\\newcommand\\bs[1]{\\boldsymbol{#1}}\n$$"),
        new_markdown_cell("Words.\n\n# Roots\nOf numbers."),
        new_code_cell("math.sqrt(4)", outputs=text("2.0")),
    ]
    site = make_site()
    nbformat.write(nbformat.v4.new_notebook(cells=cells), site.root / "roots.ipynb")
    code, said = site.run("livenotes.cli", "import", "roots.ipynb", "--name", "roots")
    assert code == 0, said
    page = (site.root / "docs/zh/roots.md").read_text("utf-8").partition("---\n\n")[2]
    assert page.startswith('# Roots {#roots}\n\n```python cell="roots:setup"\n```\n')
    assert page.count("# Roots") == 1 and "Of numbers." in page
    assert "no Python, taken out: %%html … (4 lines)\n" in said
    assert r"cell 3: \newcommand holds for its own formula only" in said
    assert "1 of 1 cells give the outputs saved in the notebook" in said


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("missing.ipynb", None, "cannot be read"),
        ("broken.ipynb", "{", "is no notebook"),
        ("list.ipynb", "[]", "is no notebook"),
        ("notes.txt", "hello", "is no notebook"),
        ("page.ipynb", "", "is no notebook"),
        ("words.py", "# %% [markdown]\n# Only words.\n", "no cell with Python"),
    ],
)
def test_what_is_no_notebook_is_told_without_a_traceback(
    name: str, content: str | None, said: str, make_site: MakeSite
) -> None:
    site = make_site()
    if content is not None:
        (site.root / name).write_text(content, "utf-8")
    before = sorted(site.root.rglob("*"))
    code, output = site.run("livenotes.cli", "import", name, "--name", "words")
    assert code == 1 and said in output and "Traceback" not in output
    assert sorted(site.root.rglob("*")) == before


def test_nothing_is_overwritten(make_site: MakeSite) -> None:
    site = make_site()
    nbformat.write(nbformat.v4.new_notebook(cells=CELLS), site.root / "a.ipynb")
    before = {file: file.read_bytes() for file in Path(site.root).rglob("*") if file.is_file()}
    code, said = site.run("livenotes.cli", "import", "a.ipynb", "--name", "page")
    assert code == 1 and "docs/zh/page.md: is there already" in said
    assert not (site.root / "snippets/page.py").exists()
    assert all(file.read_bytes() == content for file, content in before.items())
