"""Pages with cells as data become pages with outputs."""

from __future__ import annotations

from collections.abc import Callable

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
