"""The language link keeps the page, the heading and the place that is being read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sites
from playwright.sync_api import Browser, Page, Route, expect
from reading import BELOW_A_CELL, CHAPTER, FORMULA, LONG_CELL

LINK = ".ln-language[hreflang]"
BOTH = ".ln-language:not([hreflang])"
BOTH_WAYS = pytest.mark.parametrize(("code", "other"), [("zh", "en"), ("en", "zh")])


def heading_ids(page: Page) -> list[str]:
    ids: list[str] = page.locator(".md-content h2[id]").evaluate_all("hs => hs.map(h => h.id)")
    return ids


def expect_at(page: Page, code: str, fragment: str = "") -> None:
    expect(page).to_have_url(re.compile(rf"/{code}/{CHAPTER}/{re.escape(fragment)}$"))
    expect(page.locator("html")).to_have_attribute("lang", code)


def scroll_to(page: Page, heading: str) -> None:
    """As a reader does, so that the address does not change."""
    script = "id => { document.getElementById(id).scrollIntoView(); scrollBy(0, -80) }"
    page.evaluate(script, heading)


@BOTH_WAYS
def test_the_heading_of_the_address_is_kept(page: Page, code: str, other: str) -> None:
    page.goto(f"/{code}/{CHAPTER}/")
    heading = heading_ids(page)[1]
    page.goto(f"/{code}/{CHAPTER}/#{heading}")
    page.locator(LINK).click()
    expect_at(page, other, f"#{heading}")
    expect(page.locator(f"[id='{heading}']")).to_be_in_viewport()
    page.locator(LINK).click()
    expect_at(page, code, f"#{heading}")


@BOTH_WAYS
def test_the_heading_being_read_is_kept_after_scrolling(page: Page, code: str, other: str) -> None:
    page.goto(f"/{code}/{CHAPTER}/")
    first, *_, last = heading_ids(page)
    page.goto(f"/{code}/{CHAPTER}/#{first}")
    scroll_to(page, last)
    page.locator(LINK).click()
    expect(page.locator("html")).to_have_attribute("lang", other)
    expect(page.locator(f"[id='{last}']")).to_be_in_viewport()


# A place to read: an element, the same in both languages, and where its top is, in pixels below
# the header. What stands around a cell is the same in both, so a cell finds its neighbours.
PLACES = {
    "the top of a cell": (BELOW_A_CELL.removesuffix(" + "), 0),
    "inside a long cell": (LONG_CELL, -150),
    "a paragraph below a cell": (f"{BELOW_A_CELL}p", 0),
    "a formula": (FORMULA, 12),
    "an item of a list": (".section li:nth-of-type(2)", 0),
}
TOP = """selector => document.querySelector(selector).getBoundingClientRect().top
    - document.querySelector(".md-header").getBoundingClientRect().bottom"""
SCROLL = """async y => {
    scrollBy({top: y, behavior: 'instant'})
    for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame)
}"""
PHONE = {"width": 390, "height": 800}
WINDOWS = pytest.mark.parametrize(
    ("code", "other", "window"),
    [("zh", "en", {"width": 1280, "height": 900}), ("en", "zh", PHONE)],
    ids=["zh-1280", "en-390"],
)


def top_of(page: Page, selector: str) -> float:
    return float(page.evaluate(TOP, selector))


def read_at(page: Page, selector: str, top: float) -> None:
    for _ in range(5):  # what comes into view on the way takes its true height, a frame later
        page.evaluate(SCROLL, top_of(page, selector) - top)
        if abs(top_of(page, selector) - top) <= 1:
            break
    assert abs(top_of(page, selector) - top) <= 1.5  # windows scroll by whole pixels


@WINDOWS
@pytest.mark.parametrize("place", PLACES)
def test_the_place_in_the_section_is_kept(
    page: Page, code: str, other: str, window: dict[str, int], place: str
) -> None:
    selector, top = PLACES[place]
    page.set_viewport_size(window)  # type: ignore[arg-type]
    page.goto(f"/{code}/{CHAPTER}/", wait_until="load")
    read_at(page, selector, top)
    page.locator(LINK).click()
    expect(page.locator("html")).to_have_attribute("lang", other)
    page.wait_for_load_state("load")
    assert abs(top_of(page, selector) - top) <= 3
    address = page.url.partition("#")
    assert not address[2] or address[2] in page.locator(":is(h2, h3)[id]").evaluate_all(
        "headings => headings.map(heading => heading.id)"
    )
    assert "?" not in page.url


@pytest.mark.slow
@BOTH_WAYS
def test_a_half_read_paragraph_is_half_read(page: Page, code: str, other: str) -> None:
    """Paragraphs are longer in one language: the same share of them is above the edge."""
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    paragraph = f"{BELOW_A_CELL}p"
    height = "selector => document.querySelector(selector).offsetHeight"
    page.goto(f"/{code}/{CHAPTER}/", wait_until="load")
    here = page.evaluate(height, paragraph)
    read_at(page, paragraph, -0.5 * here)
    page.locator(LINK).click()
    expect(page.locator("html")).to_have_attribute("lang", other)
    page.wait_for_load_state("load")
    there = page.evaluate(height, paragraph)
    assert there != here
    assert abs(top_of(page, paragraph) + 0.5 * there) <= 3


def test_a_place_inside_an_opened_box_opens_its_twin(page: Page) -> None:
    fold = "article details:not([open])"
    page.goto(f"/zh/{CHAPTER}/", wait_until="load")
    page.locator(f"{fold} > summary").first.click()
    opened = page.locator("article details[open] > .cell-source, article details[open] > p")
    assert opened.count()
    read_at(page, "article details[open]", -50)
    page.locator(LINK).click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.wait_for_load_state("load")
    expect(page.locator("article details[open]")).to_have_count(1)
    assert abs(top_of(page, "article details[open]") + 50) <= 3


SEEN = """addEventListener("DOMContentLoaded", () => 0)
window.seen = []
const look = () => {
    const text = document.querySelector("article p")
    if (text && getComputedStyle(text).visibility === "visible") seen.push(scrollY)
    if (seen.length < 40) requestAnimationFrame(look)
}
requestAnimationFrame(look)"""


@pytest.mark.slow
def test_no_other_place_is_seen_before(page: Page) -> None:
    """Though the page arrives in pieces: its last script is held back, and frames are drawn."""

    def late(route: Route) -> None:
        page.wait_for_timeout(400)
        route.continue_()

    page.goto(f"/zh/{CHAPTER}/", wait_until="load")
    read_at(page, LONG_CELL, -60)
    page.route("**/bundle.*.js", late)
    page.add_init_script(SEEN)
    page.locator(LINK).click()
    page.wait_for_function("window.seen?.length >= 40 && document.documentElement.lang === 'en'")
    seen = page.evaluate("seen")
    assert max(seen) - min(seen) <= 3
    assert abs(top_of(page, LONG_CELL) + 60) <= 3


@pytest.mark.slow
@BOTH_WAYS
def test_the_back_button_leads_to_the_place_that_was_left(
    page: Page, code: str, other: str
) -> None:
    selector, top = PLACES["inside a long cell"]
    page.goto(f"/{code}/{CHAPTER}/", wait_until="load")
    read_at(page, selector, top)
    page.locator(LINK).click()
    expect(page.locator("html")).to_have_attribute("lang", other)
    page.wait_for_load_state("load")
    page.evaluate("scrollTo(0, 0)")
    page.go_back(wait_until="load")
    expect(page.locator("html")).to_have_attribute("lang", code)
    page.wait_for_timeout(200)
    assert abs(top_of(page, selector) - top) <= 3
    page.go_forward(wait_until="load")
    expect(page.locator("html")).to_have_attribute("lang", other)


@pytest.mark.slow
@pytest.mark.parametrize(
    "press",
    [
        {"modifiers": ["Control"]},
        {"modifiers": ["Shift"]},
        {"button": "middle"},
    ],
    ids=["Control", "Shift", "middle button"],
)
def test_a_new_tab_or_window_opens_at_the_same_place(page: Page, press: dict[str, object]) -> None:
    selector, top = PLACES["inside a long cell"]
    page.goto(f"/zh/{CHAPTER}/", wait_until="load")
    read_at(page, selector, top)
    with page.context.expect_page() as opened:
        page.locator(LINK).click(**press)  # type: ignore[arg-type]
    opened.value.wait_for_load_state("load")
    expect(opened.value.locator("html")).to_have_attribute("lang", "en")
    assert abs(top_of(opened.value, selector) - top) <= 3
    expect(page.locator("html")).to_have_attribute("lang", "zh")


@pytest.mark.slow
def test_a_place_is_used_once(page: Page) -> None:
    """Whoever opens the same address again stands at its heading."""
    page.goto(f"/zh/{CHAPTER}/", wait_until="load")
    read_at(page, *PLACES["inside a long cell"])
    page.locator(LINK).click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    address = page.url
    page.goto("/")
    page.goto(address, wait_until="load")
    heading = f"[id='{address.partition('#')[2]}']"
    assert -1 <= top_of(page, heading) <= 100


# A heading, but the first ones, after which the text goes on for a while.
ALONE = """() => {
  const headings = [...document.querySelectorAll(".md-content :is(h2, h3, h4)[id]")].slice(2);
  const top = (heading) => heading.getBoundingClientRect().top;
  return headings.find((h, i) => h.localName === "h2" && top(headings[i + 1]) - top(h) > 300).id;
}"""


def test_without_storage_the_heading_is_kept(chromium: Browser, site_url: str) -> None:
    context = chromium.new_context(base_url=site_url)
    context.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new Error('off') }})"
    )
    page = context.new_page()
    page.goto(f"/zh/{CHAPTER}/")
    heading = page.evaluate(ALONE)
    scroll_to(page, heading)
    page.locator(LINK).click()
    expect(page).to_have_url(re.compile(rf"/en/{CHAPTER}/#{heading}$"))
    expect(page.locator(f"[id='{heading}']")).to_be_in_viewport()
    context.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as files that link to files, to be read without a server."""
    return sites.real_site(tmp_path_factory, "files", "--no-directory-urls")


@pytest.mark.slow  # builds the site once more
def test_from_a_folder_without_a_server_the_place_is_kept(chromium: Browser, folder: Path) -> None:
    selector, top = PLACES["inside a long cell"]
    context = chromium.new_context()
    page = context.new_page()
    for link, lang, name in (
        (LINK, "en", f"en/{CHAPTER}.html"),
        (BOTH, "zh", f"zh-en/{CHAPTER}.html"),
        (f"{LINK}[hreflang=zh]", "zh", f"zh/{CHAPTER}.html"),
    ):
        if link == LINK:
            page.goto(f"file://{folder}/zh/{CHAPTER}.html", wait_until="load")
            read_at(page, selector, top)
        page.locator(link).click()
        page.wait_for_url(re.compile(re.escape(name)))
        expect(page.locator("html")).to_have_attribute("lang", lang)
        page.wait_for_load_state("load")
        assert abs(top_of(page, selector) - top) <= 3
    context.close()


def test_at_the_top_of_a_page_the_switch_leads_to_the_top(page: Page) -> None:
    page.goto(f"/zh/{CHAPTER}/")
    page.locator(LINK).click()
    expect_at(page, "en")


def test_the_keyboard_reaches_the_language_link_soon(page: Page) -> None:
    page.goto(f"/zh/{CHAPTER}/")
    link = page.locator(LINK)
    for _ in range(6):
        page.keyboard.press("Tab")
        if link.evaluate("link => link === document.activeElement"):
            break
    expect(link).to_be_focused()
    page.keyboard.press("Enter")
    expect_at(page, "en")


def test_a_click_with_control_opens_a_new_tab_at_the_same_heading(page: Page) -> None:
    page.goto(f"/zh/{CHAPTER}/")
    heading = heading_ids(page)[1]
    page.goto(f"/zh/{CHAPTER}/#{heading}")
    with page.context.expect_page() as opened:
        page.locator(LINK).click(modifiers=["Control"])
    expect_at(opened.value, "en", f"#{heading}")
    expect_at(page, "zh", f"#{heading}")


@BOTH_WAYS
def test_without_javascript_the_page_is_kept(
    chromium: Browser, site_url: str, code: str, other: str
) -> None:
    context = chromium.new_context(base_url=site_url, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"/{code}/{CHAPTER}/")
    page.locator(LINK).click()
    expect_at(page, other)
    context.close()


def test_the_choice_of_dark_or_light_is_kept(page: Page) -> None:
    page.goto(f"/zh/{CHAPTER}/")
    before = page.locator("body").get_attribute("data-md-color-scheme")
    page.locator("[data-md-component=palette] label:visible").click()
    expect(page.locator("body")).not_to_have_attribute("data-md-color-scheme", str(before))
    page.locator(LINK).click()
    expect_at(page, "en")
    expect(page.locator("body")).not_to_have_attribute("data-md-color-scheme", str(before))


def test_the_landing_page_leads_to_both_languages_in_one_click(page: Page) -> None:
    for code in ("zh", "en"):
        page.goto("/")
        page.locator(f"a[href='{code}/']:visible").first.click()
        expect(page).to_have_url(re.compile(rf"/{code}/$"))
        expect(page.locator("html")).to_have_attribute("lang", code)


HINT = ".landing-door .landing-hint"


@pytest.mark.parametrize(
    ("asked", "door"), [("zh-CN", "zh"), ("en-GB", "en"), ("zh-Hant-TW", "zh"), ("fr-FR", "")]
)
def test_the_landing_page_marks_the_door_of_the_browsers_language(
    chromium: Browser, site_url: str, asked: str, door: str
) -> None:
    context = chromium.new_context(base_url=site_url, locale=asked)
    page = context.new_page()
    page.goto("/")
    page.wait_for_load_state("load")
    expect(page.locator(".landing-door")).to_have_count(2)
    expect(page.locator(HINT)).to_have_count(1 if door else 0)
    if door:
        expect(page.locator(f".landing-door[lang={door}].landing-preferred")).to_be_visible()
    context.close()


@pytest.mark.parametrize(("asked", "chosen"), [("zh-CN", "en"), ("en-US", "zh")])
def test_a_choice_wins_over_the_browser_and_nobody_is_sent_anywhere(
    chromium: Browser, site_url: str, asked: str, chosen: str
) -> None:
    context = chromium.new_context(base_url=site_url, locale=asked)
    page = context.new_page()
    page.goto("/")
    page.locator(f".landing-door[lang={chosen}] a").first.click()
    expect(page).to_have_url(re.compile(rf"/{chosen}/$"))
    page.go_back(wait_until="load")
    assert page.url == site_url  # the landing page stays, at whatever time and from wherever
    page.goto("/", wait_until="load")
    page.wait_for_timeout(200)
    assert page.url == site_url
    expect(page.locator(f".landing-door[lang={chosen}] .landing-hint")).to_be_visible()
    expect(page.locator(HINT)).to_have_count(1)
    page.locator(f".landing-door[lang={asked[:2]}] a").first.click()  # the other door is open
    expect(page).to_have_url(re.compile(rf"/{asked[:2]}/$"))
    page.goto("/", wait_until="load")
    expect(page.locator(f".landing-door[lang={asked[:2]}] .landing-hint")).to_be_visible()
    context.close()


def test_the_switch_is_a_choice_too(chromium: Browser, site_url: str) -> None:
    context = chromium.new_context(base_url=site_url, locale="zh-CN")
    page = context.new_page()
    page.goto(f"/zh/{CHAPTER}/")
    page.locator(LINK).click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.goto("/")
    expect(page.locator(".landing-door[lang=en] .landing-hint")).to_be_visible()
    context.close()
