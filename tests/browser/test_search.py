"""Search finds the page that a reader means, in the reader's language only."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

QUERIES = [
    ("zh", "反向传播", "autograd"),
    ("zh", "自动求导", "autograd"),
    ("zh", "求导", "autograd"),
    ("zh", "链式法则", "chain-rule"),
    ("zh", "控制流", "autograd"),
    ("zh", "requires_grad", "autograd"),
    ("zh", "backpropagation", "autograd"),
    ("zh", "范数", "linear-algebra"),
    ("zh", "点积", "linear-algebra"),
    ("zh", "keepdim", "linear-algebra"),
    ("zh", "梯度下降", "optimization"),
    ("zh", "广播机制", "tensors"),
    ("zh", "雅可比矩阵", "matrix-calculus"),
    ("zh", "可解释性", "introduction"),
    ("en", "minibatch", "optimization"),
    ("en", "normal equations", "linear-regression"),
    ("en", "Jacobian", "matrix-calculus"),
    ("en", "virtual environment", "installation"),
    ("en", "backpropagation", "chain-rule"),
    ("en", "control flow", "autograd"),
    ("en", "requires_grad", "autograd"),
    ("en", "norm", "linear-algebra"),
    ("en", "dot product", "linear-algebra"),
    ("en", "broadcast", "tensors"),  # the page says "broadcasting"
]


def search(page: Page, code: str, query: str) -> list[str]:
    """Paths of the pages found, best first."""
    page.goto(f"/{code}/autograd/")
    page.keyboard.press("/")
    expect(page.locator("[name=query]")).to_be_focused()
    page.keyboard.insert_text(query)
    page.keyboard.press("Shift")  # the theme listens to keys: text alone does nothing
    found = page.locator(".md-search-result__item > a:first-of-type")
    found.first.wait_for(state="attached")
    hrefs: list[str] = found.evaluate_all("links => links.map(link => link.href)")
    return [urlsplit(href).path for href in hrefs]


@pytest.mark.parametrize(("code", "query", "chapter"), QUERIES)
def test_the_chapter_on_that_topic_is_among_the_first_three_results(
    page: Page, code: str, query: str, chapter: str
) -> None:
    assert f"/{code}/{chapter}/" in search(page, code, query)[:3]


@pytest.mark.parametrize(("code", "query"), [("zh", "requires_grad"), ("en", "requires_grad")])
def test_results_are_in_the_language_of_the_page(page: Page, code: str, query: str) -> None:
    found = search(page, code, query)
    assert found
    assert [path for path in found if not path.startswith(f"/{code}/")] == []


@pytest.mark.parametrize("code", ["zh", "en"])
def test_a_result_leads_to_its_page(page: Page, code: str) -> None:
    first = search(page, code, "requires_grad")[0]
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(re.escape(first)))
    expect(page.locator("html")).to_have_attribute("lang", code)


def test_a_word_that_is_nowhere_is_not_found(page: Page) -> None:
    page.goto("/zh/")
    page.keyboard.press("/")
    page.keyboard.insert_text("zyzzyva")
    page.keyboard.press("Shift")
    expect(page.locator(".md-search-result__meta")).to_have_text("没有找到符合条件的结果")
