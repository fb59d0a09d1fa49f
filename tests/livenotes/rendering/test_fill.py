"""Pages with cells as data become pages with outputs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from livenotes.core.project import Project
from livenotes.execution.runs import Runs
from livenotes.rendering.fill import (
    Presentation,
    cell_placeholder,
    fill,
    fill_text,
    in_two_languages,
    value_text,
)

MODULE = """
# %% fold tags=["fold-source"]
x = 2
x

# %% two-lines
print("a")
print("b")
"""


@pytest.fixture
def how(make_project: Callable[..., Project]) -> Presentation:
    runs = Runs(make_project({"snippets/m.py": MODULE}))
    return Presentation(
        runs,
        lambda source, options, name: f"<pre>{source}</pre>",
        "zh",
        other="en",
        where=lambda reference: ("docs/zh/p.md", 7),
    )


def test_a_cell_of_two_languages_has_the_words_of_both(how: Presentation) -> None:
    zh = cell_placeholder("m:fold", {"caption": "说明"})
    en = cell_placeholder("m:fold", {"caption": "Note"})
    html = fill(in_two_languages(zh, en), how).html
    assert '<summary><span lang="zh">代码</span> <span lang="en">Code</span></summary>' in html
    assert (
        '<div class="cell-caption"><span lang="zh">说明</span> <span lang="en">Note</span>' in html
    )
    assert html.count("<pre>x = 2") == 1
    same = fill(in_two_languages(zh, zh), how).html
    assert '<div class="cell-caption">说明</div>' in same


def test_a_title_says_the_value_that_it_names(how: Presentation) -> None:
    assert fill_text(f"About {value_text('m:fold')}", how.runs) == "About 2"
    assert fill_text("No {value} &lt;b&gt;", how.runs) == "No {value} &lt;b&gt;"


def test_what_is_wrong_is_told_with_its_place_and_shown(how: Presentation) -> None:
    value = '<span class="cell-value" data-cell-value="m:two-lines">x</span>'
    filled = fill(f"<p>{value}</p>{cell_placeholder('m:fol', {})}", how)
    assert [(p.path, p.line) for p in filled.problems] == [("docs/zh/p.md", 7)] * 2
    assert '<span class="cell-error" data-cell-value="m:two-lines">docs/zh/p.md:7' in filled.html
    assert '<pre class="cell-error">docs/zh/p.md:7' in filled.html


def test_one_cell_in_error_leaves_the_others(how: Presentation) -> None:
    html = "".join(cell_placeholder(name, {}) for name in ("m:none", "m:fold"))
    assert fill(html, how).html.count('class="cell"') == 1


FAILING = """
# %% first
print("one")

# %% second
"two"

# %% third tags=["hide"]
print("until here")
1 / 0

# %% fourth
print("never")

# %% fifth
"never"
"""


def page(*names: str) -> str:
    return "".join(cell_placeholder(f"m:{name}", {}) for name in names)


@pytest.mark.parametrize("hidden", [True, False])
def test_a_run_that_fails_shows_what_came_before_and_its_error_once(
    hidden: bool, make_project: Callable[..., Project], how: Presentation
) -> None:
    text = FAILING if hidden else FAILING.replace(' tags=["hide"]', "")
    runs = Runs(make_project({"snippets/m.py": text}))
    how = replace(how, runs=runs, language="en", other="")
    shown = ["first", "second", "fourth", "fifth"] if hidden else ["first", "second", "third"]
    filled = fill(page(*shown), how)
    assert filled.problems == ()  # the run has told it
    html = filled.html
    assert html.count('<div class="cell-output" data-kind="stdout"><pre>one\n</pre>') == 1
    assert "<pre>&#x27;two&#x27;</pre>" in html or "<pre>'two'</pre>" in html
    assert html.count("ZeroDivisionError") == 1
    assert html.count('class="cell-error">snippets/m.py:9: cell &#x27;third&#x27;') == 1
    assert html.count('data-run="failed"') == len(shown)
    assert html.count("Not run: snippets/m.py:9 failed.") == (1 if hidden else 0)
    assert ("<pre>until here\n</pre>" in html) == (not hidden)
    assert "never\n</pre>" not in html
    assert fill_text(value_text("m:second"), runs) == "two"
    assert fill_text(value_text("m:fifth"), runs) == "?"


def test_a_module_that_cannot_be_read_says_so_once(
    make_project: Callable[..., Project], how: Presentation
) -> None:
    runs = Runs(make_project({"snippets/m.py": "# %% first\nx = (\n\n# %% second\n1\n"}))
    filled = fill(page("first", "second", "third"), replace(how, runs=runs))
    assert filled.html.count("SyntaxError") == 1
    assert filled.html.count("未运行：snippets/m.py 出错。") == 2
    assert len(filled.problems) == 3


def test_a_run_that_is_killed_keeps_the_cells_before(
    make_project: Callable[..., Project], how: Presentation
) -> None:
    killed = FAILING.replace("1 / 0", "import os; os.kill(os.getpid(), 9)")
    runs = Runs(make_project({"snippets/m.py": killed}))
    html = fill(page("first", "second", "fourth", "fifth"), replace(how, runs=runs)).html
    assert "<pre>one\n</pre>" in html
    assert html.count("SIGKILL") == 1


def test_a_name_is_suggested_only_if_it_is_like_the_one_given(how: Presentation) -> None:
    hints = [p.hint for p in fill(page("two-line", "where"), how).problems]
    assert hints == ['Did you mean cell="m:two-lines"?', "Its cells: fold, two-lines"]


def test_what_is_unsafe_is_not_shown_beside_its_error(
    make_project: Callable[..., Project], how: Presentation
) -> None:
    text = "# %% a\nfrom IPython.display import SVG\nSVG('<svg><script>alert(1)</script></svg>')\n"
    runs = Runs(make_project({"snippets/m.py": text}))
    html = fill(page("a"), replace(how, runs=runs)).html
    assert "shows image/svg+xml whose root" in html
    assert "IPython.core.display.SVG object" in html
    assert html.count("<script>") == 1  # in the source, which this highlighter leaves as it is


RICH = """
# %% latex
from IPython.display import Image, Latex
Latex(r"$\\frac{a}{b} < c$")

# %% mixed
Latex(r"so $a<b$, as $$c$$ & \\(d\\)")

# %% picture
Image(b"\\x89PNG\\r\\n\\x1a\\n" + 9 * b"x", format="png")

# %% error tags=["raises-exception"]
{}["<k>"]
"""


def test_formulas_pictures_and_exceptions_are_shown_as_such(
    make_project: Callable[..., Project], how: Presentation
) -> None:
    runs = Runs(make_project({"snippets/m.py": RICH}))
    html = fill(page("latex", "mixed", "picture", "error"), replace(how, runs=runs)).html
    formula = '<div class="arithmatex">\\[\\frac{a}{b} &lt; c\\]</div>'
    assert f'<div class="cell-output" data-kind="latex">{formula}</div>' in html
    inline = '<x-math class="arithmatex">\\({}\\)</x-math>'
    display = '<div class="arithmatex">\\[c\\]</div>'
    mixed = f"so {inline.format('a&lt;b')}, as {display} &amp; {inline.format('d')}"
    assert f'data-kind="latex">{mixed}</div>' in html
    assert (
        '<div class="cell-output" data-kind="figure"><img src="data:image/png;base64,iVBOR' in html
    )
    assert '<div class="cell-output" data-kind="error"><pre>KeyError: \'&lt;k&gt;\'</pre>' in html


def test_a_caption_may_hold_formulas(
    make_project: Callable[..., Project], how: Presentation
) -> None:
    runs = Runs(make_project({"snippets/m.py": "# %% a\n1\n"}))
    caption = "for $5, $a<b$ and \\$x$ <i>"
    placeholder = cell_placeholder("m:a", {"caption": caption})
    html = fill(placeholder, replace(how, runs=runs)).html
    formula = '<x-math class="arithmatex">\\(a&lt;b\\)</x-math>'
    assert f'<div class="cell-caption">for $5, {formula} and \\$x$ &lt;i&gt;</div>' in html


def test_cells_in_comments_stay_as_they_are(how: Presentation) -> None:
    comment = f"<!--\n{cell_placeholder('m:no-such-cell', {})} -->"
    filled = fill(f"{comment}<p>x</p>", how)
    assert filled.html == f"{comment}<p>x</p>"
    assert not filled.problems
