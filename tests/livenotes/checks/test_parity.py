"""The two languages say the same: every difference is told, with both files and lines."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from documents import document
from hypothesis import given, settings
from hypothesis import strategies as st

from livenotes.checks.parity import compare_pages, compare_trees
from livenotes.core.problems import Problem
from livenotes.document.document import Document

ZH = """# 自动求导 {#autograd}

导数是 $y$ 对 $x$ 的变化率，见[下一页](next.md#start)。

## 反向传播 {#backward}

```python cell="autograd:backward" alt="一张图" caption="图"
```

!!! note "更正：标题"
    笔记里写的是 $a = b$。

    1. 一
    2. 二 `{cell} autograd:loss`

=== "方法一"

    ```bash
    # 安装
    ls
    ```

$$
x^2 \\text{ 若 } x > 0
$$

| 甲 | 乙 |
|---|---|
| $p$ | $q$ |

## 小结 {#summary}

![图](a.svg) <https://example.org>
"""
EN = """# Autograd {#autograd}

The rate of change of $x$ by $y$; see the
[next page](next.md#start).

## Backward {#backward}

```python cell="autograd:backward" alt="a figure" caption="c"
```

!!! note "Correction: title"
    The notes said: $a=b$.

    1. one
    2. two `{cell} autograd:loss`

=== "First way"

    ```bash
    # install
    ls
    ```

$$
x^2 \\text{ if } x > 0
$$

| a | b |
|---|---|
| $p$ | $q$ |

## Summary {#summary}

![Figure](a.svg) <https://example.org>
"""


def zh(text: str, name: str = "autograd") -> Document:
    return document(text, f"docs/zh/{name}.md")


def en(text: str, name: str = "autograd") -> Document:
    return document(text, f"docs/en/{name}.md")


def line_of(text: str, part: str) -> int:
    assert part in text
    return text[: text.index(part)].count("\n") + 1


def test_a_translation_has_no_differences() -> None:
    assert compare_pages(zh(ZH), en(EN)) == []


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        ("## Summary {#summary}", "## Summary {#summery}", "summery"),
        ("## Summary {#summary}", "### Summary {#summary}", "### {#summary}"),
        ('backward" alt="a figure"', 'backward"', "alt"),
        ('caption="c"', "", "caption"),
        ('caption="c"', 'caption="c" show="output"', 'show="output"'),
        ("autograd:backward", "autograd:forward", "autograd:forward"),
        ("autograd:loss", "autograd:other", "autograd:other"),
        ("$a=b$", "$a=c$", "$a=c$"),
        ("$q$ |", "$r$ |", "$r$"),
        ("$$\nx^2", "$$\nx^3", "x^3"),
        ("next.md#start", "next.md#end", "next.md#end"),
        ("https://example.org", "https://example.com", "example.com"),
        ("a.svg", "b.svg", "b.svg"),
        ("!!! note", "!!! tip", "!!! tip"),
        ("!!! note", "??? note", "??? note"),
        ("```bash", "```toml", "toml"),
    ],
)
def test_a_change_on_one_side_is_one_problem_with_both_lines(old: str, new: str, part: str) -> None:
    changed = EN.replace(old, new)
    (problem,) = compare_pages(zh(ZH), en(changed))
    assert part in problem.message
    assert problem.path == "docs/zh/autograd.md"
    assert f"docs/en/autograd.md:{line_of(EN, old)}" in problem.message
    assert problem.line > 0


@pytest.mark.parametrize(
    ("removed", "section"),
    [
        ('```python cell="autograd:backward" alt="a figure" caption="c"\n```\n', "## Backward"),
        ("$$\nx^2 \\text{ if } x > 0\n$$\n", "## Backward"),
        ("$a=b$", "## Backward"),
        (" `{cell} autograd:loss`", "## Backward"),
        ("[next page](next.md#start)", "# Autograd"),
        (" <https://example.org>", "## Summary"),
    ],
)
def test_a_thing_missing_on_one_side_is_told_at_the_side_that_has_it(
    removed: str, section: str
) -> None:
    text = EN.replace(removed, "")
    pages = zh(ZH), en(text)
    (problem,) = compare_pages(*pages)
    assert problem.path == "docs/zh/autograd.md"
    assert f"is not in docs/en/autograd.md:{line_of(text, section)} (section" in problem.message
    (mirrored,) = compare_pages(*reversed(pages))
    assert mirrored == problem


def test_many_changes_of_a_kind_are_one_problem_that_counts_them() -> None:
    (problem,) = compare_pages(zh(ZH), en(EN.replace("$p$ | $q$", "$r$ | $s$")))
    assert "and 1 more" in problem.message


@pytest.mark.parametrize(
    ("extra", "name"),
    [("\nMore.\n", "paragraph"), ("\n- more\n", "list item"), ("\n| c |\n|---|\n", "table row")],
)
def test_a_section_with_more_text_on_one_side_is_told(extra: str, name: str) -> None:
    changed = EN.replace("\n## Summary", f"{extra}\n## Summary")
    (problem,) = compare_pages(zh(ZH), en(changed))
    assert (problem.path, problem.line) == ("docs/zh/autograd.md", line_of(ZH, "## 反向"))
    assert "'#backward'" in problem.message and name in problem.message
    assert f"docs/en/autograd.md:{line_of(EN, '## Backward')}" in problem.message


def test_formulas_may_change_places_in_a_sentence_but_not_between_paragraphs() -> None:
    def problems(first: str, second: str) -> list[Problem]:
        return compare_pages(zh(first), en(second))

    assert problems("$b$ 的 $a$", "$a$ of $b$") == []
    assert len(problems("$a$\n\n$b$", "$b$\n\n$a$")) == 1


def test_pages_of_one_language_are_no_fault() -> None:
    alone = [en("a", "sub/only-en"), en("b", "b")]
    assert compare_trees([zh(ZH), zh("a", "only-zh")], [en(EN), *alone]) == []


def test_trees_are_compared_page_by_page() -> None:
    changed = en(EN.replace("a.svg", "b.svg"))
    problems = compare_trees([zh("x", "b"), zh(ZH)], [changed, en("y", "b")])
    assert [problem.path for problem in problems] == ["docs/zh/autograd.md"]


THINGS: tuple[tuple[str, Callable[[int], str]], ...] = (
    ("heading", lambda n: f"## Heading {{#h{n}}}"),
    ("cell", lambda n: f'```python cell="m:c{n}"\n```'),
    ("formula", lambda n: f"Text $x_{n}$ goes on."),
    ("display", lambda n: f"$$\nx_{n}\n$$"),
    ("link", lambda n: f"A [link](page-{n}.md)."),
    ("value", lambda n: f"It is `{{cell}} m:v{n}`."),
    ("item", lambda n: f"- item {n}"),
    ("row", lambda n: f"| {n} | b |\n|---|---|\n| c | d |"),
    ("box", lambda n: f'!!! note "Box {n}"\n    text'),
    ("tab", lambda n: f'=== "Tab {n}"\n\n    text'),
)
PIECES = st.lists(st.sampled_from(THINGS), min_size=1, max_size=8).map(
    lambda things: [thing[1](number) for number, thing in enumerate(things)]
)


@settings(deadline=None, max_examples=60)
@given(PIECES)
def test_a_page_is_the_same_as_itself(pieces: list[str]) -> None:
    text = "\n\n".join(pieces)
    assert compare_pages(zh(text), en(text)) == []


@settings(deadline=None, max_examples=100)
@given(PIECES, st.data())
def test_whatever_is_removed_on_one_side_is_told(pieces: list[str], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(pieces) - 1))
    pages = (
        zh("\n\n".join(pieces)),
        en("\n\n".join(pieces[:place] + pieces[place + 1 :])),
    )
    assert compare_pages(*pages)
    assert compare_pages(*reversed(pages))
