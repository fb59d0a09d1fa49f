"""Both languages use the glossary's terms, and old words are found."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from documents import document, read_document
from reading import CHAPTER, page, source

from livenotes.checks.terminology import consistency
from livenotes.core.glossary import Term, load_glossary, make_term
from livenotes.core.problems import Problem

DOCS = Path(__file__).parents[3] / "docs"


def term(zh: str, en: str, **more: object) -> Term:
    above = make_term({"zh": "", "en": "", "meaning_zh": "", "meaning_en": ""})
    return make_term({"zh": zh, "en": en, "meaning_zh": "", "meaning_en": "", **more}, above)


TERMS = (
    term("梯度", "gradient"),
    term("优化", "optimization"),
    term("矩阵-向量积", "matrix-vector product"),
    term("偏置", "bias", zh_avoid=("偏差",)),
    term("解析解", "analytic solution", zh_variants=("显式解",), zh_avoid=("显示解",)),
    term("副本", "copy", tooltip="zh"),
    term("值", "value", tooltip=False),
)


def check(zh: str, en: str) -> list[Problem]:
    pages = [document(zh, "docs/zh/page.md"), document(en, "docs/en/page.md")]
    return consistency(pages, TERMS)


def missed(zh: str, en: str) -> list[tuple[str, int]]:
    return [(problem.path, problem.line) for problem in check(zh, en)]


def twice(sentence: str) -> str:
    return f"# T {{#t}}\n\n## S {{#s}}\n\n{sentence}\n\n{sentence}\n"


def test_a_term_that_only_one_language_uses_is_told_with_both_words() -> None:
    (problem,) = check(twice("求梯度。"), twice("Find the slopes."))
    assert (problem.path, problem.line) == ("docs/zh/page.md", 5)
    assert problem.message == "section '#s' says '梯度', but docs/en/page.md never says 'gradient'"


def test_the_other_direction_is_told_as_well() -> None:
    (problem,) = check(twice("求斜率。"), twice("Find gradients."))
    assert (problem.path, problem.line) == ("docs/en/page.md", 5)
    assert problem.message == "section '#s' says 'gradients', but docs/zh/page.md never says '梯度'"


@pytest.mark.parametrize(
    ("zh", "en"),
    [
        ("求梯度。", "Find gradients."),
        ("优化模型。", "Optimize the model."),  # another form of the word
        ("求矩阵向量积。", "The matrix-vector product."),
        ("求矩阵-向量积。", "The product: matrix times vector products."),
        ("显式解。", "The analytic solution."),  # a variant
        ("一个值。", "Something."),  # an everyday word
        ("代码 `gradient`。", "Code, $gradient$ and [a link](gradient.md)."),
        ("别的。", "Copy that."),  # an everyday word in English only
    ],
)
def test_nothing_is_told_where_both_pages_may_mean_the_same(zh: str, en: str) -> None:
    assert missed(twice(zh), twice(en)) == []


def test_a_copy_is_missed_where_chinese_names_it() -> None:
    assert missed(twice("一个副本。"), twice("Another one.")) == [("docs/zh/page.md", 5)]


def test_one_mention_may_be_said_in_other_words() -> None:
    assert missed("# T {#t}\n\n求梯度。\n", "# T {#t}\n\nFind the slope.\n") == []


@pytest.mark.parametrize(
    "elsewhere",
    [
        "## The gradient {#g}",
        '!!! note "Gradients"\n    Text.',
        "- the gradient",
        '```python cell="m:c" caption="gradient"\n```',
    ],
)
def test_the_term_may_stand_anywhere_on_the_other_page(elsewhere: str) -> None:
    assert missed(twice("求梯度。"), twice("Find it.") + "\n" + elsewhere + "\n") == []


def test_a_page_without_a_twin_is_not_judged() -> None:
    assert consistency([document(twice("求梯度。"), "docs/zh/page.md")], TERMS) == []


@pytest.mark.parametrize(
    ("sentence", "problems"),
    [
        ("加上偏差。", ["Write 偏置; where it is quoted, in quotation marks “”."]),
        ("笔记里写的是：“加上偏差”。", []),
        ("课里叫偏差，书里叫偏置。", []),  # this explains the word
        ("书里叫偏置。加上偏差。", ["Write 偏置; where it is quoted, in quotation marks “”."]),
        ("“显示解”应为“显式解”。", []),
        ("有显示解。", ["Write 解析解; where it is quoted, in quotation marks “”."]),
        ("变量 `偏差`。", []),
    ],
)
def test_old_words_are_found_outside_quotation_marks(sentence: str, problems: list[str]) -> None:
    found = check(f"# T {{#t}}\n\n{sentence}\n", "# T {#t}\n\nThe bias. The analytic solution.\n")
    assert [problem.hint for problem in found] == problems
    assert {problem.line for problem in found} <= {3}


def test_the_real_pages_use_the_same_terms_in_both_languages() -> None:
    pages = [
        read_document(file, f"docs/{code}/{file.name}")
        for code in ("zh", "en")
        for file in sorted((DOCS / code).glob("*.md"))
    ]
    terms = load_glossary(DOCS / "glossary.yml", "docs/glossary.yml")
    assert [str(problem) for problem in consistency(pages, terms)] == []


def test_terms_replaced_on_a_real_page_are_found() -> None:
    """The two of several words that its Chinese page says most often."""
    terms = load_glossary(DOCS / "glossary.yml", "docs/glossary.yml")
    chinese, english = source(CHAPTER, "zh"), source(CHAPTER, "en")
    names = {term.name("zh"): term.name("en") for term in terms if term.name("en") in english}
    names = {zh: en for zh, en in names.items() if " " in en}
    often = [names[name] for name in sorted(names, key=chinese.count)[-2:]]
    spoilt = re.sub("|".join(" ".join(often).split()), "thing", english, flags=re.IGNORECASE)
    pages = [page(CHAPTER, "zh"), document(spoilt, f"docs/en/{CHAPTER}.md")]
    told = " ".join(problem.message for problem in consistency(pages, terms))
    assert [name for name in often if f"'{name}'" not in told] == []
