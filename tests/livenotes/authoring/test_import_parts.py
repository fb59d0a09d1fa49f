"""What a notebook's cells become: Python without commands, names, tags, headings, lists."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from documents import document
from markdown import markdown

from livenotes.authoring.codecells import CodeCell, name_for, python_of, tags_of
from livenotes.authoring.prose import Prose
from livenotes.core.percent import parse_module


@pytest.mark.parametrize(
    ("source", "kept", "out"),
    [
        ("x = 1\nx", "x = 1\nx", []),
        ("%matplotlib inline\nimport math", "import math", ["%matplotlib inline"]),
        ("!pip install x\n%load_ext y", "", ["!pip install x", "%load_ext y"]),
        ("%%time\ntotal = 1 % 2", "total = 1 % 2", ["%%time"]),
        ("%%bash\nls", "", ["%%bash\nls"]),
        ("math?\nx = 5 \\\n  % 3", "", ["math?\nx = 5 \\\n  % 3"]),
        ("x = (5\n  % 3)", "x = (5\n  % 3)", []),
        ("files = !ls\nfiles", "", ["files = !ls\nfiles"]),
        ("for i in x:\n    !ls {i}", "", ["for i in x:\n    !ls {i}"]),
        ("# %% not a cell\nx", "# not a cell\nx", []),
        ("# %matplotlib inline\nx", "x", ["# %matplotlib inline"]),
        ("await f()", "await f()", []),
        ('s = """\n%time\n!ls\n"""', 's = """\n%time\n!ls\n"""', []),
    ],
)
def test_commands_are_taken_out_and_nothing_is_lost(source: str, kept: str, out: list[str]) -> None:
    assert python_of(source) == (kept, out)


@pytest.mark.parametrize(
    ("source", "heading", "name"),
    [
        ("import math\nfrom os import path", "", "setup"),
        ("def softmaxRegression(x):\n    return x", "", "softmax-regression"),
        ("def relu_grad(x): return x", "", "relu-grad"),
        ("loss_value = 3\nloss_value", "", "loss-value"),
        ("plt.plot([1])\nplt.show()", "", "show"),
        ("# Draw the data\nx", "", "draw-the-data"),
        ("x + 1", "", "cell"),
        ("x + 1", "the-data", "the-data"),
        ("x + 1", "taken", "cell"),
        ("taken = 1", "", "cell"),
        ("taken = taken2(1)", "", "cell"),
    ],
)
def test_names_come_from_headings_and_code(source: str, heading: str, name: str) -> None:
    assert name_for(source, heading, ["taken"]) == name


def test_a_cell_without_a_name_of_its_own_is_numbered_in_its_section() -> None:
    assert name_for("x + 1", "", ["the-data"], "the-data") == "the-data-2"


def test_names_are_never_taken_and_always_read() -> None:
    cells: list[CodeCell] = []
    for source in ["x = 1"] * 3 + ["import os", "import sys", "# 数据\nx", "f(x)(1)"]:
        name = name_for(source, "", [cell.name for cell in cells])
        cells.append(CodeCell(name, source, *tags_of(["hide-input", "parameters"])))
    module = parse_module("\n".join(cell.text() for cell in cells), "m", "m.py")
    assert [cell.source for cell in module.cells] == [cell.source for cell in cells]
    assert {cell.tags for cell in module.cells} == {("fold-source",)}
    assert tags_of(["remove-input", "solution"]) == (("solution",), "output")
    ast.parse(module.text)


PAGE = """\
Words first.
# The *title* #

Then:
- one
  - inner
    still inner

    ```text
    # no heading
    ```
- two

## 数据 data
## 数据
# Second title
### Kept {#own-id}
### Beside it
## Between
"""


def test_headings_get_ids_and_lists_their_blanks(tmp_path: Path) -> None:
    prose = Prose(tmp_path, "new", "New", "../assets/new")
    text = prose.page(PAGE, {}, 3)
    page = document(text)
    assert [(h.level, h.id) for h in page.headings] == [
        (1, "new"), (2, "data"), (2, "section-3"), (2, "second-title"), (3, "own-id"),
        (3, "beside-it"), (3, "between"),
    ]  # fmt: skip
    assert prose.title == "The *title*"
    assert [line.partition(": ")[2].partition(":")[0] for line in prose.left] == [
        "give the heading a better id than section-3", "a second title became a section",
    ]  # fmt: skip
    html = markdown(text, extensions=["pymdownx.superfences", "attr_list"])
    assert "<ul>\n<li>\n<p>one</p>\n<ul>\n<li>inner\n" in html
    assert "# no heading" in html and html.count("<ul>") == 2


def test_images_are_taken_along(tmp_path: Path) -> None:
    (tmp_path / "img").mkdir()
    (tmp_path / "img/a b.png").write_bytes(b"A")
    (tmp_path / "b.png").write_bytes(b"B")
    prose = Prose(tmp_path, "new", "New", "../assets/new")
    text = prose.page(
        '![x](img/a%20b.png) ![y](attachment:b.png "t") <img width="3" src="b.png">\n'
        "![z](https://example.org/c.png) ![w](none.png)\n```text\n![q](b.png)\n```",
        {"b.png": {"image/png": "QkI="}},
        2,
    )
    assert prose.assets == {"a-b.png": b"A", "b.png": b"BB", "more-b.png": b"B"}
    assert "![x](../assets/new/a-b.png)" in text and '(../assets/new/b.png "t")' in text
    assert 'src="../assets/new/more-b.png"' in text and "![q](b.png)" in text
    assert prose.left == [
        "cell 2: an image from elsewhere: https://example.org/c.png",
        "cell 2: there is no image none.png",
    ]
