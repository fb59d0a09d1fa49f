"""Search finds the section that a reader means, in the reader's language only, and leads there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote, unquote, urlsplit

import pytest
from chapters import PAGES
from playwright.sync_api import Browser, Page, expect
from reading import CHAPTER

from .queries import FIRST, FRESH, HELD_OUT, PRINTED, QUERIES

RESULTS = ".md-search-result__list"
SAID = ".md-search-result__meta"
# A result is a page; its links lead to the page and to the sections found on it, best first.
LINKS = """list => [...list.children].map(item =>
    [...item.querySelectorAll("a")].map(link => link.href))"""
EXCERPTS = f"{RESULTS} a:not(:has(h1)) article"


# What stands on a page, but for formulas, pictures and tips.
SAYS = """async (href) => {
    const page = new DOMParser().parseFromString(await (await fetch(href)).text(), "text/html");
    for (const element of page.querySelectorAll(".arithmatex, svg, x-term-tip")) element.remove();
    return page.querySelector(".md-content").textContent;
}"""


def letters(text: str) -> str:
    return re.sub(r"\W", "", text)


def ask(page: Page, query: str) -> list[list[str]]:
    """Type a query into the open search box: the links of each page found, best first."""
    page.evaluate(f"document.querySelector('{SAID}').textContent = ''")
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(query)
    expect(page.locator(SAID)).not_to_be_empty()
    found: list[list[str]] = page.locator(RESULTS).evaluate(LINKS)
    return found


def open_search(page: Page, code: str) -> None:
    page.goto(f"/{code}/{CHAPTER}/")
    page.keyboard.press("/")
    expect(page.locator("[name=query]")).to_be_focused()
    # Nothing is asked yet, which the theme says once the index is there.
    expect(page.locator(SAID)).to_have_text(re.compile("键入|Type to"))


def search(page: Page, code: str, query: str) -> list[str]:
    """Paths of the pages found, best first."""
    open_search(page, code)
    return [urlsplit(links[0]).path for links in ask(page, query)]


@pytest.fixture(scope="module")
def readers(chromium: Browser, site_url: str) -> Iterator[dict[str, Page]]:
    """One reader of each language, who keeps the search box open."""
    context = chromium.new_context(base_url=site_url)
    pages = {code: context.new_page() for code in ("zh", "en")}
    for code, page in pages.items():
        open_search(page, code)
    yield pages
    context.close()


def test_there_are_many_queries_of_either_language() -> None:
    codes = [code for code, *_ in QUERIES]
    assert min(codes.count("zh"), codes.count("en")) >= 30


def published(queries: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """Those for pages that readers see; `check` finds others, but for translations to come."""
    return [q for q in queries if f"{q[0]}/{q[2].partition('#')[0]}" in PAGES]


def first_of(code: str) -> tuple[str, str]:
    """A query of this language, and the page that it means."""
    query, meant = next((query, meant) for each, query, meant in published(FIRST) if each == code)
    return query, f"/{code}/{meant.partition('#')[0]}/"


ASKED = published(QUERIES + HELD_OUT + FRESH)


@pytest.mark.parametrize(("code", "query", "meant"), ASKED)
def test_what_is_meant_is_found(
    readers: dict[str, Page], code: str, query: str, meant: str
) -> None:
    """The page is among the first three, and the section among the first three of its page."""
    name, _, heading = meant.partition("#")
    found = [[urlsplit(link) for link in links] for links in ask(readers[code], query)]
    pages = [links[0].path for links in found]
    assert f"/{code}/{name}/" in pages[:3]
    sections = [link.fragment for link in found[pages.index(f"/{code}/{name}/")][1:]]
    assert not heading or heading in sections[:3]


@pytest.mark.parametrize("code", ["zh", "en"])
@pytest.mark.parametrize("query", ["requires_grad", "MulBackward0", "梯度", "gradient"])
def test_results_are_in_the_language_of_the_page(
    readers: dict[str, Page], code: str, query: str
) -> None:
    found = ask(readers[code], query)
    assert found
    links = [urlsplit(link).path for links in found for link in links]
    assert [path for path in links if not path.startswith(f"/{code}/")] == []


@pytest.mark.parametrize(("code", "query", "meant"), published(PRINTED))
def test_what_code_prints_is_found(
    readers: dict[str, Page], code: str, query: str, meant: str
) -> None:
    found = ask(readers[code], query)
    assert urlsplit(found[0][0]).path == f"/{code}/{meant}/"
    assert query in readers[code].locator(EXCERPTS).first.inner_text()


@pytest.mark.parametrize("code", ["zh", "en"])
@pytest.mark.parametrize("query", ["lVert", "mrow", "mathnormal", "katex", "zyzzyva"])
def test_formulas_are_not_searched_and_a_word_that_is_nowhere_is_not_found(
    readers: dict[str, Page], code: str, query: str
) -> None:
    assert ask(readers[code], query) == []
    none = {"zh": "没有找到符合条件的结果", "en": "No matching documents"}[code]
    expect(readers[code].locator(SAID)).to_have_text(none)


@pytest.mark.parametrize(
    ("code", "query", "words"),
    [
        ("zh", "学习率太大", {"学习率", "太大"}),
        ("zh", "正规方程", {"正规方程", "normal equations"}),
        ("zh", "normal equation", {"正规方程", "normal equations"}),
        ("en", "gradients", {"gradient", "gradients"}),
        ("en", "requires_grad", {"requires_grad"}),
        ("en", "train", {"train", "training", "trained", "trains"}),
    ],
)
def test_excerpts_show_the_words_marked(
    readers: dict[str, Page], code: str, query: str, words: set[str]
) -> None:
    ask(readers[code], query)
    first = readers[code].locator(f"{RESULTS} a:has(mark)").first
    marked = {text.lower() for text in first.locator("mark").all_inner_texts()}
    assert marked <= words
    assert marked


@pytest.mark.parametrize(("code", "query"), [("zh", "梯度"), ("en", "matrices"), ("zh", "norm")])
def test_excerpts_say_what_the_page_says(readers: dict[str, Page], code: str, query: str) -> None:
    """Nothing that was added for search shows; of a formula, an ellipsis."""
    ask(readers[code], query)
    shown = readers[code].locator(f"{RESULTS} a:not(:has(h1)):visible:has(p)").all()
    assert len(shown) > 2
    for link in shown[:5]:
        content = letters(readers[code].evaluate(SAYS, link.get_attribute("href")))
        assert letters(link.locator("p").first.inner_text()) in content


@pytest.mark.parametrize(("code", "query", "meant"), published(FIRST))
def test_enter_leads_to_the_heading_and_the_words_are_marked_there(
    page: Page, code: str, query: str, meant: str
) -> None:
    name, _, heading = meant.partition("#")
    search(page, code, query)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{code}/{name}/**")
    assert urlsplit(page.url).fragment == heading
    expect(page.locator(f"#{heading}")).to_be_in_viewport()
    expect(page.locator("html")).to_have_attribute("lang", code)
    expect(page.locator("mark[data-md-highlight]").first).to_be_attached()
    marks = page.locator("mark[data-md-highlight]").all_text_contents()
    words = {word for mark in marks for word in mark.lower().split()}
    assert [word for word in words if word not in query] == []
    assert set("".join(words)) == {*query} - {" "}  # all of it


def test_arrows_lead_to_a_result(page: Page) -> None:
    query, path = first_of("en")
    search(page, "en", query)
    page.keyboard.press("ArrowDown")
    link = page.locator(f"{RESULTS} a").first
    expect(link).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{path}**")


@pytest.mark.parametrize(("code", "name"), [("zh", "查找"), ("en", "Search")])
def test_the_dialog_has_a_name_and_results_are_announced(page: Page, code: str, name: str) -> None:
    open_search(page, code)
    dialog = page.get_by_role("dialog", name=name)
    expect(dialog).to_be_visible()
    ask(page, "requires_grad")
    expect(dialog.get_by_role("status")).to_have_text(re.compile(r"^\d+ "))


def test_what_an_input_method_composes_is_found_without_a_key(page: Page) -> None:
    open_search(page, "zh")
    query, path = first_of("zh")
    devtools = page.context.new_cdp_session(page)
    composed = {"text": "zheng'gui", "selectionStart": 9, "selectionEnd": 9}
    devtools.send("Input.imeSetComposition", composed)
    devtools.send("Input.insertText", {"text": query})
    first = page.locator(f"{RESULTS} a").first
    expect(first).to_have_attribute("href", re.compile(path))


@pytest.mark.parametrize("key", ["Enter", "Escape", "Tab", "ArrowDown"])
def test_keys_of_an_input_method_are_left_to_it(page: Page, key: str) -> None:
    """Escape, say, discards what was composed; it must not close the search as well."""
    search(page, "zh", "梯度")
    url = page.url
    page.locator("[name=query]").evaluate(
        """(box, key) => box.dispatchEvent(new KeyboardEvent("keydown",
            {key, isComposing: true, bubbles: true, cancelable: true}))""",
        key,
    )
    expect(page.locator("[name=query]")).to_be_focused()
    expect(page.locator("#__search")).to_be_checked()
    assert page.url == url


def test_what_is_pasted_with_the_mouse_is_found(page: Page) -> None:
    open_search(page, "en")
    query, path = first_of("en")
    page.locator("[name=query]").evaluate(
        """(box, query) => { box.value = query; box.dispatchEvent(new InputEvent("input")); }""",
        query,
    )
    expect(page.locator(f"{RESULTS} a").first).to_have_attribute("href", re.compile(path))


@pytest.mark.parametrize("turn", ["click", "key", "address"])
def test_the_index_is_fetched_when_the_reader_turns_to_the_search_box(
    page: Page, turn: str
) -> None:
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url) if "search_index" in r.url else None)
    query, path = first_of("en")
    page.goto(f"/en/{CHAPTER}/", wait_until="networkidle")
    assert asked == []
    if turn == "address":
        page.goto(f"/en/{CHAPTER}/?q={quote(query)}")
    elif turn == "key":
        page.keyboard.press("/")
    else:
        page.locator(".md-search__input").click()
    page.locator("[name=query]").fill(query)
    expect(page.locator(f"{RESULTS} a").first).to_have_attribute("href", re.compile(path))
    assert [urlsplit(url).path for url in asked] == ["/en/search/search_index.json"]


@pytest.mark.parametrize("query", ["鏈式法則", "學習率", "正規方程"])
def test_traditional_characters_find_chinese_pages(readers: dict[str, Page], query: str) -> None:
    assert ask(readers["zh"], query)


def test_the_worker_is_ours(page: Page) -> None:
    workers: list[str] = []
    page.on("worker", lambda worker: workers.append(unquote(urlsplit(worker.url).path)))
    search(page, "zh", "梯度")
    assert workers == ["/assets/searching.js"]
