"""Without a mouse: every control in turn, seen when reached, and no tour of sixty terms."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from reading import CHAPTER, LONG_FORMULA, NEXT

CODES = pytest.mark.parametrize("code", ["zh", "en"])
# Where the Tab key stops, and whether that is seen: by a ring around it, or around its label.
TOUR = """() => {
  const element = document.activeElement, label = document.activeElement.nextElementSibling;
  const shown = element.getBoundingClientRect().width > 0 ? element : label;
  const { outlineStyle, outlineWidth } = getComputedStyle(shown);
  const seen = outlineStyle !== "none" && parseFloat(outlineWidth) >= 1;
  return [element.tagName, element.className, seen, shown.getBoundingClientRect().width > 0];
}"""


def first_of(page: Page, number: int) -> Any:
    """The first term of the section with this number, and its tip."""
    term = page.locator(".section").filter(has=page.locator(".term")).nth(number).locator(".term")
    return term.first.locator("dfn"), term.first.locator("x-term-tip")


@CODES
def test_the_tab_key_stops_at_one_term_in_a_section(page: Page, code: str) -> None:
    page.goto(f"/{code}/{CHAPTER}/")
    stops = page.locator("article .term > dfn[tabindex='0']").count()
    sections = page.locator("article .section").filter(has=page.locator(".term")).count()
    assert stops <= sections + 1
    assert stops < page.locator("article .term").count() / 2


@CODES
def test_the_arrow_keys_go_on_to_all_other_terms(page: Page, code: str) -> None:
    page.goto(f"/{code}/{CHAPTER}/")
    boxes = "details:not([open])"  # an answer that nobody has asked for yet
    assert page.locator(f"{boxes} .term").count()
    words = page.evaluate(
        f"""() => (window.words = [...document.querySelectorAll(".term > dfn")]
            .filter(word => !word.closest("{boxes}"))).length"""
    )
    state = """() => {
      const shown = (word) => getComputedStyle(word.nextElementSibling).display !== "none";
      const at = [words.findIndex(shown), words.findLastIndex(shown)];
      return [words.indexOf(document.activeElement), ...at];
    }"""
    page.evaluate("words[0].focus()")
    for number in range(1, words):
        page.keyboard.press("ArrowRight")
        assert page.evaluate(state) == [number] * 3
    page.keyboard.press("ArrowLeft")
    assert page.evaluate(state) == [words - 2] * 3


@CODES
def test_escape_closes_a_tip_and_the_focus_stays(page: Page, code: str) -> None:
    page.goto(f"/{code}/{CHAPTER}/")
    word, tip = first_of(page, 0)
    word.focus()
    expect(tip).to_be_visible()
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    expect(word).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")  # who comes back sees it again
    expect(tip).to_be_visible()


@CODES
def test_escape_closes_the_tip_below_the_pointer(page: Page, code: str) -> None:
    page.goto(f"/{code}/{CHAPTER}/")
    word, tip = first_of(page, 0)
    word.hover()
    expect(tip).to_be_visible()
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    page.locator("h1").hover()
    word.hover()
    expect(tip).to_be_visible()


@CODES
def test_every_stop_of_the_tab_key_is_seen(page: Page, code: str) -> None:
    page.goto(f"/{code}/{CHAPTER}/")
    tour = []
    for _ in range(60):
        page.keyboard.press("Tab")
        tour.append(page.evaluate(TOUR))
    assert [stop for stop in tour if not (stop[2] and stop[3])] == []
    assert {"A", "BUTTON", "INPUT"} <= {stop[0] for stop in tour}


def test_what_scrolls_sideways_can_be_scrolled_by_keys(chromium: Browser, site_url: str) -> None:
    context = chromium.new_context(base_url=site_url, viewport={"width": 390, "height": 844})
    page = context.new_page()
    wide = """(kind) => [...document.querySelectorAll(kind)]
      .findIndex((e) => e.scrollWidth > e.clientWidth + 1)"""
    for chapter, kind in ((CHAPTER, ".cell-output pre"), (LONG_FORMULA, "article div.arithmatex")):
        page.goto(f"/en/{chapter}/")
        number = page.evaluate(wide, kind)
        assert number >= 0, kind
        element = page.locator(kind).nth(number)
        element.scroll_into_view_if_needed()
        expect(element).to_have_attribute("tabindex", "0")
        element.focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_function("e => e.scrollLeft > 0", arg=element.element_handle())
    context.close()


@CODES
def test_the_shortcuts_are_listed_and_can_be_switched_off(page: Page, code: str) -> None:
    page.goto(f"/{code}/{CHAPTER}/")
    listed = page.get_by_role("dialog", name="键盘快捷键" if code == "zh" else "Keyboard shortcuts")
    expect(listed).to_be_hidden()
    page.keyboard.press("?")
    expect(listed).to_be_visible()
    page.keyboard.press("n")  # not to the next page while the list is open
    listed.get_by_role("checkbox").uncheck()
    page.keyboard.press("Escape")
    expect(listed).to_be_hidden()
    for key in ("?", "n", "p", "/"):
        page.keyboard.press(key)
    expect(listed).to_be_hidden()
    expect(page).to_have_url(re.compile(rf"/{code}/{CHAPTER}/$"))
    page.goto(f"/{'en' if code == 'zh' else 'zh'}/{CHAPTER}/")  # kept, for both languages
    page.keyboard.press("n")
    page.get_by_role("button", name=re.compile("快捷键|shortcuts")).click()
    expect(page.locator("dialog")).to_be_visible()
    page.locator("dialog input").check()
    page.locator("dialog button").click()
    page.keyboard.press("n")
    expect(page).to_have_url(re.compile(f"/{NEXT}/$"))


@CODES
def test_search_opens_by_a_key_and_gives_the_focus_back(page: Page, code: str) -> None:
    page.goto(f"/{code}/{CHAPTER}/")
    page.keyboard.press("/")
    expect(page.locator("input.md-search__input")).to_be_focused()
    name = "查找" if code == "zh" else "Search"
    expect(page.get_by_role("dialog", name=name, exact=True)).to_be_attached()
    page.keyboard.press("Escape")
    expect(page.locator("input.md-search__input")).not_to_be_focused()


@CODES
def test_the_first_stop_skips_to_the_text(page: Page, code: str) -> None:
    page.goto(f"/{code}/{CHAPTER}/")
    page.keyboard.press("Tab")
    expect(page.locator(".md-skip")).to_be_focused()
    page.keyboard.press("Enter")
    assert re.search(r"#[\w-]+$", page.url)


@pytest.mark.parametrize("scheme", ["default", "slate"])
@pytest.mark.parametrize("primary", ["custom", "indigo", "white"])
def test_the_list_of_shortcuts_is_opened_and_closed_by_buttons_that_are_seen(
    page: Page, primary: str, scheme: str
) -> None:
    """Whatever colour the header has: the one is as visible as the header's words, the other is
    a link's colour."""
    page.goto("/en/")
    page.evaluate(
        f"""() => {{
          document.body.dataset.mdColorPrimary = "{primary}";
          document.body.dataset.mdColorScheme = "{scheme}";
          document.querySelector(".ln-keys").showModal();
        }}"""
    )
    colours = """() => {
      const link = document.querySelector(".ln-keys").appendChild(document.createElement("i"));
      link.style.color = "var(--ln-link)";
      const close = document.querySelector(".ln-keys .md-button");
      return [document.querySelector(".ln-keys-button"), document.querySelector(".md-header"),
              close, link].map((element) => getComputedStyle(element).color);
    }"""
    page.wait_for_timeout(300)  # colours change slowly
    button, header, close, link = page.evaluate(colours)
    assert button == header
    assert close == link
