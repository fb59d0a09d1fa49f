"""Every breach of a page's rules is told once, with its line and what to write instead."""

from __future__ import annotations

import pytest
from documents import document

from livenotes.checks.page import check_descriptions, check_figures, check_page
from livenotes.checks.slips import check_slips
from livenotes.core.percent import Module, parse_module
from livenotes.core.problems import Problem

MODULE = parse_module(
    '"""Doc."""\n\n# %% leaf\nx = 1\n\n# %% loss tags=["hide"]\ny = 2\n\n'
    "# %% backward\nx\n\n# %% plot-line\nx\n",
    "autograd",
    "snippets/autograd.py",
)
OTHER = parse_module("# %% only\n1\n", "linear_regression", "snippets/linear_regression.py")
MODULES: dict[str, Module | None] = {
    "autograd": MODULE,
    "linear_regression": OTHER,
    "broken": None,
}
PATH = "docs/en/autograd.md"


def fence(cell: str, options: str = "", body: str = "") -> str:
    return f'```python cell="{cell}"{options and " " + options}\n{body}```\n'


COMPLETE = (fence("autograd:leaf"), fence("autograd:backward"), fence("autograd:plot-line"))
GOOD = "# Autograd {#autograd}\n\n" + "\n".join(COMPLETE) + "\nIt is `{cell} autograd:loss`.\n"


def check(text: str) -> list[Problem]:
    return check_page(document(text, PATH), MODULES)


def only(text: str) -> Problem:
    problems = check(text)
    assert len(problems) == 1, "\n".join(map(str, problems))
    assert problems[0].path == PATH
    return problems[0]


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def test_a_good_page_has_no_problems() -> None:
    assert check(GOOD) == []
    assert check("---\ntitle: A\n---\n\nNo cells, no headings.\n\n```bash\nls\n```\n") == []


def test_a_heading_without_an_id_is_told() -> None:
    text = GOOD + "\n## Backward pass\n"
    problem = only(text)
    assert problem.line == line_of(text, "## Backward")
    assert "## Backward pass {#" in problem.hint


def test_an_id_without_a_blank_before_it_is_none() -> None:
    assert "without an explicit id" in only(GOOD + "\n## Backward{#backward}\n").message


def test_an_id_used_twice_is_told_with_both_lines() -> None:
    text = GOOD + "\n## Again {#autograd}\n"
    problem = only(text)
    assert problem.line == line_of(text, "## Again")
    assert "'autograd'" in problem.message and "line 1" in problem.message


def test_math_is_refused_in_the_title_only() -> None:
    text = GOOD.replace("# Autograd", "# The gradient $\\nabla$ and $x$") + "\n## Of $x$ {#x}\n"
    assert (only(text).line, only(text).message) == (1, "math in the page's title")


@pytest.mark.parametrize(
    ("reference", "right"),
    [
        ("autogard:leaf", "autograd:leaf"),
        ("linear-regression:only", "linear_regression:only"),
        ("autograd:backwards", "autograd:backward"),
        ("autograd:plot_line", "autograd:plot-line"),
    ],
)
def test_an_unknown_cell_or_module_is_told_with_the_right_name(reference: str, right: str) -> None:
    in_sentence = GOOD + f"\n`{{cell}} {reference}`\n"
    problem = only(in_sentence)
    assert problem.line == line_of(in_sentence, f"`{{cell}} {reference}")
    assert problem.hint == f"`{{cell}} {right}`"
    in_fence = GOOD + "\n" + fence(reference)
    problem = only(in_fence)
    assert problem.line == line_of(in_fence, f'"{reference}"')
    assert problem.hint == f'```python cell="{right}"'


def test_where_no_name_is_near_the_known_ones_are_listed() -> None:
    assert "leaf, loss" in only(GOOD + "\n`{cell} autograd:zzz`\n").hint.replace("backward, ", "")
    assert "linear_regression" in only(GOOD + "\n`{cell} zzz:leaf`\n").hint


@pytest.mark.parametrize("reference", ["leaf", "autograd:", ":leaf", "a:b:c"])
def test_a_reference_that_names_no_cell_is_told(reference: str) -> None:
    assert only(GOOD + f"\n`{{cell}} {reference}`\n").hint == "`{cell} autograd:name`"


def test_a_hidden_cell_in_a_fence_is_told() -> None:
    text = GOOD.replace(COMPLETE[1], fence("autograd:loss") + "\n" + COMPLETE[1])
    problem = only(text)
    assert problem.line == line_of(text, '"autograd:loss"')
    assert "`{cell} autograd:loss`" in problem.hint


def test_a_cell_out_of_order_is_told() -> None:
    text = GOOD.replace("".join(COMPLETE[:1]), "@").replace(COMPLETE[1], COMPLETE[0])
    text = text.replace("@", COMPLETE[1])
    problem = only(text)
    assert problem.cell == "autograd:leaf"
    assert problem.line == line_of(text, '"autograd:leaf"')
    assert "comes before 'backward'" in problem.message


def test_a_cell_shown_twice_is_told_with_both_lines() -> None:
    text = GOOD + "\n" + COMPLETE[0]
    problem = only(text)
    assert problem.line == line_of(text, "It is") + 2
    assert f"line {line_of(text, 'autograd:leaf')}" in problem.message


def test_a_second_module_on_a_page_is_told_once() -> None:
    text = GOOD + "\n" + fence("linear_regression:only") + "\n" + fence("linear_regression:only")
    problem = only(text)
    assert problem.line == line_of(text, "linear_regression:only")
    assert "'autograd'" in problem.message


def test_a_value_may_come_from_any_module() -> None:
    assert check(GOOD + "\n`{cell} linear_regression:only`\n") == []


def test_a_visible_cell_that_is_not_shown_is_told_with_both_places() -> None:
    text = GOOD.replace(COMPLETE[1], "")
    problem = only(text)
    assert problem.line == line_of(text, "autograd:plot-line")
    assert problem.cell == "autograd:backward"
    assert "snippets/autograd.py:10" in problem.message
    assert 'cell="autograd:backward"' in problem.hint


def test_a_cell_fence_with_a_body_is_told() -> None:
    text = GOOD.replace(COMPLETE[0], fence("autograd:leaf", body="x = 1\n"))
    assert (only(text).line, only(text).message) == (3, "a cell's fence has a body")


def test_unknown_options_and_values_are_told_with_the_nearest() -> None:
    show = only(GOOD.replace(COMPLETE[0], fence("autograd:leaf", 'show="outputs"')))
    assert (show.line, 'show="output"' in show.hint) == (3, True)
    option = only(GOOD.replace(COMPLETE[0], fence("autograd:leaf", 'captoin="x"')))
    assert (option.line, "caption" in option.hint) == (3, True)
    known = 'show="both" alt="a" caption="c" title="t" hl_lines="1 2" linenums="1"'
    assert check(GOOD.replace(COMPLETE[0], fence("autograd:leaf", known))) == []


@pytest.mark.parametrize(
    "opening",
    [
        *("py", "python", "Python", "python3", "py3", "pycon", "ipython", "ipython3"),
        *("{.python}", "{.py title='x'}", "{ .pycon }", ".python", 'python title="x"'),
        *("python linenums", "py hl_lines='1'", 'py cell="autograd:leaf"', "python {.x}"),
    ],
)
def test_python_typed_into_a_page_is_refused_in_any_spelling(opening: str) -> None:
    for mark in ("```", "~~~~"):
        text = GOOD + f"\n!!! note\n    {mark}{opening}\n    x = 1\n    {mark}\n"
        problem = only(text)
        assert problem.line == line_of(text, "!!! note") + 1
        assert "Python typed" in problem.message
        name = "leaf" if "cell=" in opening else "name"
        assert f'```python cell="autograd:{name}"' in problem.hint


def test_an_indented_code_block_is_refused() -> None:
    text = GOOD + "\nText:\n\n    x = 1\n\n    y = 2\n"
    assert only(text).line == line_of(text, "    x = 1")


@pytest.mark.parametrize(
    "language", ["bash", "console", "toml", "yaml", "json", "markdown", "text"]
)
def test_plain_text_of_a_few_kinds_may_be_typed(language: str) -> None:
    assert check(GOOD + f"\n```{language}\nx\n```\n") == []


@pytest.mark.parametrize("language", ["", "c++", "js", "pytorch", "Bash"])
def test_any_other_language_is_refused(language: str) -> None:
    text = GOOD + f"\n- item\n\n    ```{language}\n    x\n    ```\n"
    problem = only(text)
    assert problem.line == line_of(text, "- item") + 2
    assert "text" in problem.hint


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("```python cell=autograd:leaf\n```\n", "in quotes"),
        ("```yaml\na: 1\n", "Close it"),
    ],
)
def test_a_fence_that_would_not_show_is_told(text: str, part: str) -> None:
    problem = only(GOOD + "\n" + text)
    assert problem.line == GOOD.count("\n") + 2
    assert part in problem.hint


@pytest.mark.parametrize("ticks", ["```", "````"])
@pytest.mark.parametrize("info", ['py cell="autograd:leaf"', "yaml titel='x'"])
def test_a_fence_that_cannot_be_read_is_told_and_not_those_below(ticks: str, info: str) -> None:
    text = GOOD.replace("\n\n", f"\n\n{ticks}{info}\n{ticks}\n\n", 1)
    assert only(text).line == 3
    problems = check(text + "\n```python cell=autograd:leaf\n```\n")
    assert [problem.line for problem in problems] == [3, text.count("\n") + 2]


def test_broken_front_matter_is_told_with_its_line() -> None:
    assert only("---\ntitle: A\na: b: c\n---\n\n" + GOOD).line == 3
    assert only(f"---\ntitle: {'[' * 3000}\n---\n\n" + GOOD).line == 1
    again = only("---\ntitle: A\ndraft: true\ntitle: B\n---\n\n" + GOOD)
    assert (again.line, again.message) == (4, "'title' stands already in line 2")


@pytest.mark.parametrize("value", ["[Autograd]", "{Autograd: how}", "\n  - Autograd", "[]"])
def test_a_title_or_description_that_is_no_text_is_told(value: str) -> None:
    assert only(f"---\ndraft: false\ndescription: {value}\n---\n\n{GOOD}").line == 3
    assert "must be a text" in only(f"---\ntitle: {value}\n---\n\n{GOOD}").message


@pytest.mark.parametrize(
    ("matter", "expected"),
    [
        ("", [1]),
        ("title: A", [1]),
        ("description:", [1]),
        ('description: "  "', [1]),
        ("description: What a gradient is", []),
        ("description: >\n  What a\n  derivative is", []),
        ("title: A\ndescription: What the  other page says", [3]),
    ],
)
def test_a_page_without_a_description_of_its_own_is_noticed(
    matter: str, expected: list[int]
) -> None:
    other = document("---\ndescription: What the other page says\n---\n", "docs/zh/autograd.md")
    page = document(f"---\n{matter}\n---\n\n{GOOD}" if matter else GOOD, PATH)
    found = list(check_descriptions([other, page]))
    assert [(problem.path, problem.line) for problem in found] == [(PATH, n) for n in expected]


def test_all_pages_without_a_description_are_one_notice() -> None:
    (problem,) = check_descriptions([document(GOOD, f"docs/en/{n}.md") for n in range(9)])
    assert str(problem).startswith("docs/en/0.md:1: a page without a description (and 8 more")


def test_a_module_that_cannot_be_read_is_left_to_its_own_message() -> None:
    text = "# A {#a}\n\n" + fence("broken:x") + "\n" + fence("broken:x") + "\n`{cell} broken:y`\n"
    assert check(text) == []


def figures(options: str, **counts: int) -> list[Problem]:
    text = "text\n\n" + fence("autograd:leaf", options)
    by_reference = {f"autograd:{name}": count for name, count in counts.items()}
    problems = check_figures(document(text, PATH), by_reference)
    assert all(problem.line == 3 and problem.cell == "autograd:leaf" for problem in problems)
    return problems


@pytest.mark.parametrize(
    ("options", "count", "message"),
    [
        ("", 1, "its figure has no alt text"),
        ('alt=" "', 1, "its figure has no alt text"),
        ('show="output"', 1, "its figure has no alt text"),
        ('alt="x"', 2, "makes 2 figures"),
        ('alt="x"', 0, "makes no figure"),
        ('alt="x" show="source"', 1, "keeps off the page"),
    ],
)
def test_alt_texts_and_figures_must_match(options: str, count: int, message: str) -> None:
    (problem,) = figures(options, leaf=count)
    assert message in problem.message


@pytest.mark.parametrize(
    "alt", ["the curve $x^2$", "$y$", "where \\\\(x\\\\) is", "from $a$ to $5"]
)
def test_a_formula_in_an_alt_text_is_told(alt: str) -> None:
    text = GOOD.replace('cell="autograd:leaf"', f'cell="autograd:leaf" alt="{alt}"')
    assert "a formula in an alt text" in only(text).message


@pytest.mark.parametrize("alt", ["costs $5 and $10", "a price in \\$", "x squared"])
def test_a_price_in_an_alt_text_is_none(alt: str) -> None:
    assert check(GOOD.replace('cell="autograd:leaf"', f'cell="autograd:leaf" alt="{alt}"')) == []


@pytest.mark.parametrize(
    ("options", "count"),
    [
        ('alt="x"', 1),
        ("", 0),
        ('show="source"', 1),
        ('show="source"', 2),
        ('alt="x" show="output"', 1),
    ],
)
def test_matching_alt_texts_are_fine(options: str, count: int) -> None:
    assert figures(options, leaf=count) == []


def test_a_cell_that_did_not_run_is_not_judged() -> None:
    assert figures('alt="x"', backward=1) == []


def test_double_dollars_in_a_sentence_are_told_once() -> None:
    (problem,) = check_slips(document("# T {#t}\n\nSee $$x$$ here.\n", PATH))
    assert problem.line == 3 and "single dollars" in problem.hint
    both = check_slips(document("# T {#t}\n\nSee $$x$$ here, and $y + 1.\n", PATH))
    assert [each.message.partition(": ")[2][:4] for each in both] == ["$ $ ", "$y +"]
