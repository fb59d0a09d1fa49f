"""Percent files are read as Jupytext reads them, and refused where they would surprise."""

from __future__ import annotations

from pathlib import Path

import jupytext
import pytest

from livenotes.core.percent import parse_module, read_module
from livenotes.core.problems import LivenotesError

TRICKY = '''"""Docstring."""

# %% setup
import math

# a comment of the cell

# %% text tags=["hide"]
text = """
# %% not-a-cell
    # %% nor-this
"""

# %% decorated tags=["fold-source", "html"]


def f(x):
    # the body
    return math.sqrt(x)


f(4)
'''


def read(text: str) -> list[tuple[str, tuple[str, ...], int, int]]:
    module = parse_module(text, "m", "snippets/m.py")
    return [(c.name, c.tags, c.first_line, c.last_line) for c in module.cells]


def problems(text: str) -> str:
    with pytest.raises(LivenotesError) as caught:
        parse_module(text, "m", "snippets/m.py")
    return str(caught.value)


def test_cells_have_names_tags_and_lines() -> None:
    assert read(TRICKY) == [
        ("setup", (), 4, 6),
        ("text", ("hide",), 9, 12),
        ("decorated", ("fold-source", "html"), 17, 22),
    ]


def test_lines_are_those_of_the_file() -> None:
    lines = TRICKY.split("\n")
    for cell in parse_module(TRICKY, "m", "m.py").cells:
        assert cell.source == "\n".join(lines[cell.first_line - 1 : cell.last_line])


@pytest.mark.parametrize("file", sorted(Path("snippets").glob("*.py")) or [Path(__file__)])
def test_jupytext_sees_the_same_cells(file: Path) -> None:
    text = TRICKY if file == Path(__file__) else file.read_text("utf-8")
    notebook = jupytext.reads(text, {"extension": ".py", "format_name": "percent",
                                     "comment_magics": False})  # fmt: skip
    theirs = [c for c in notebook.cells if c.cell_type == "code"]
    ours = parse_module(text, "m", "m.py").cells
    code = [c.source for c in theirs if not c.source.startswith('"""')]
    assert [c.source for c in ours] == code


def test_docstring_is_no_cell() -> None:
    assert parse_module(TRICKY, "m", "m.py").docstring == "Docstring."


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("# %%\nx = 1\n", 1, "without a name"),
        ("# %% a\nx = 1\n# %% a\ny = 2\n", 3, "'a' stands already in line 1"),
        ("# %% CamelCase\nx = 1\n", 1, "not kebab-case"),
        ("# %% two words\nx = 1\n", 1, "cannot read this cell marker"),
        ('# %% a tags=["hiden"]\nx = 1\n', 1, "unknown tag 'hiden'"),
        ("# %% a tags=[hide]\nx = 1\n", 1, "cannot read tags"),
        ("x = 1\n# %% a\ny = 2\n", 1, "code before the first cell marker"),
        ('"""Doc."""\nx = 1\n', 2, "without any cell"),
        ('"""Doc."""\n', 1, "without any cell"),
        ("", 1, "without any cell"),
        ("# %% a\ndef f():\n    # %% b\n    pass\n", 3, "first column"),
        ("# %% a\nx = [\n1,\n# %% b\n2]\n", 4, "inside the statement that starts in line 2"),
        ("# %% a\n# %matplotlib inline\nx = 1\n", 2, "command in a notebook"),
        ("# %% a\n# !ls\nx = 1\n", 2, "command in a notebook"),
        ("# %% a\n\n# %% b\nx = 1\n", 1, "empty cell"),
        ("# %% a\nx = (\n", 2, "SyntaxError"),
        ("# %% a\nx = 'a\0b'\n", 1, "null bytes"),
    ],
)
def test_what_would_surprise_is_refused_with_its_line(text: str, line: int, words: str) -> None:
    message = problems(text)
    assert f"snippets/m.py:{line}: " in message
    assert words in message


def test_all_faults_are_told_at_once() -> None:
    message = problems('# %% A\nx = 1\n# %% b tags=["no"]\ny = 2\n')
    assert "m.py:1" in message
    assert "m.py:3" in message


def test_an_unconverted_notebook_is_told_in_one_problem_how_to_convert_it() -> None:
    message = problems(
        "# %%\nx = 1\n# %% [markdown]\n# # Head\n# %% [markdown]\n# B\n# %%\nz = 3\n"
    )
    assert message.startswith("snippets/m.py:1: 4 cells without a name, as in a notebook")
    assert "write: livenotes import FILE" in message
    assert message.count("snippets/m.py:") == 1


def test_percent_in_ordinary_comments_is_fine() -> None:
    assert read("# %% a\nx = 5  # %% of it\n# 5 % 2 and !important\ny = x\n") == [("a", (), 2, 4)]


def test_crlf_and_byte_order_mark_are_read(tmp_path: Path) -> None:
    file = tmp_path / "m.py"
    file.write_bytes("\ufeff# %% a\r\nx = 1\r\n".encode())
    assert read_module(file, "m.py").cells[0].source == "x = 1"


def test_wrong_encoding_is_told_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "m.py"
    file.write_bytes("# %% a\nx = 'é'\n".encode("latin-1"))
    with pytest.raises(LivenotesError, match=r"m\.py:2: is not UTF-8"):
        read_module(file, "m.py")


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("%matplotlib inline", "figures are shown without it"),
        ("%timeit sum(range(9))", "a time is different in each run"),
        ("%%time", "a time is different"),
        ("!pip install torch", "install packages"),
        ("%pip install torch", "install packages"),
        ("!ls -l", "Do it in Python"),
        ("%%bash", "`bash` fence"),
        ("%%writefile a.txt", "write_text"),
        ("%load_ext autoreload", "Leave it out"),
        ("len?", "help(name)"),
        ("?len", "help(name)"),
        ("np.sum??", "help(name)"),
        ("    %matplotlib inline", "figures are shown"),
    ],
)
def test_a_notebooks_command_is_told_with_what_to_write(command: str, words: str) -> None:
    with pytest.raises(LivenotesError) as caught:
        parse_module(f"# %% a\nx = 1\n{command}\ny = 2\n", "m", "m.py")
    (problem,) = caught.value.problems
    assert problem.line == 3
    assert problem.message == f"a command of notebooks, not Python: {command.strip()}"
    assert words in problem.hint


@pytest.mark.parametrize("line", ["    % 2", "x = 7 % (", "'what?'"])
def test_other_lines_are_no_commands(line: str) -> None:
    """A modulo may begin a line inside brackets."""
    with pytest.raises(LivenotesError) as caught:
        parse_module(f"# %% a\nx = (7\n{line})\nz = = 1\n", "m", "m.py")
    assert "SyntaxError" in caught.value.problems[0].message
