"""Tips at terms: for the pointer, the keyboard, a touch and a screen reader, with no script."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from reading import CHAPTER, OTHER

PHONE = {"width": 390, "height": 844}
CODES = pytest.mark.parametrize("code", ["zh", "en"])

# What browsers without anchor positioning do: the style sheet without the rules for it.
WITHOUT_ANCHORS = """() => {
  for (const sheet of document.styleSheets) {
    for (let n = sheet.cssRules.length - 1; n >= 0; n--) {
      if (sheet.cssRules[n].conditionText?.includes("anchor-scope")) sheet.deleteRule(n);
    }
  }
}"""

# Every tip in turn, opened by the focus: where it lies, and how wide it makes the page.
OPEN_ALL = """() => [...document.querySelectorAll(".term > dfn")].map((term) => {
  for (let box; (box = term.closest("details:not([open])")); ) box.open = true;
  term.focus();
  const tip = term.nextElementSibling.getBoundingClientRect();
  const { top, bottom } = term.getBoundingClientRect();
  const width = document.documentElement.scrollWidth;
  const apart = Math.max(tip.top - bottom, top - tip.bottom);
  const { left, right, height } = tip;
  return { word: term.textContent, left, right, height, apart, width };
})"""


def first_term(page: Page) -> tuple[Locator, Locator]:
    """The first term of the page, and its tip."""
    term = page.locator(".term").first
    return term.locator("dfn"), term.locator("x-term-tip")


@CODES
def test_the_keyboard_reaches_a_term_and_shows_its_tip(page: Page, code: str) -> None:
    page.goto(f"/{code}/{CHAPTER}/")
    word, tip = first_term(page)
    expect(tip).to_be_hidden()
    for _ in range(80):
        page.keyboard.press("Tab")
        if word.evaluate("e => e === document.activeElement"):
            break
    expect(word).to_be_focused()
    expect(tip).to_be_visible()
    page.keyboard.press("Tab")
    expect(tip).to_be_hidden()


@CODES
def test_the_tip_names_the_other_language_and_describes_the_term(page: Page, code: str) -> None:
    page.goto(f"/{code}/{CHAPTER}/")
    word, tip = first_term(page)
    other = "en" if code == "zh" else "zh"
    expect(tip.locator("b")).to_have_attribute("lang", other)
    expect(word).to_have_accessible_description(str(tip.text_content()))


@CODES
def test_the_pointer_shows_the_tip_and_may_move_onto_it(page: Page, code: str) -> None:
    page.goto(f"/{code}/{CHAPTER}/")
    word, tip = first_term(page)
    word.hover()
    expect(tip).to_be_visible()
    tip.hover()
    expect(tip).to_be_visible()
    page.locator("h1").hover()
    expect(tip).to_be_hidden()


@CODES
def test_a_touch_shows_the_tip_without_javascript(
    chromium: Browser, site_url: str, code: str
) -> None:
    options: dict[str, Any] = {"viewport": PHONE, "has_touch": True, "is_mobile": True}
    context = chromium.new_context(base_url=site_url, java_script_enabled=False, **options)
    page = context.new_page()
    page.goto(f"/{code}/{CHAPTER}/")
    word, tip = first_term(page)
    expect(tip).to_be_hidden()
    word.tap()
    expect(tip).to_be_visible()
    page.locator("h1").tap()
    expect(tip).to_be_hidden()
    context.close()


@pytest.mark.parametrize("anchors", [True, False], ids=["anchors", "no-anchors"])
@pytest.mark.parametrize("chapter", [CHAPTER, OTHER])
@CODES
def test_every_tip_lies_by_its_term_and_inside_a_phone(
    page: Page, code: str, chapter: str, anchors: bool
) -> None:
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.goto(f"/{code}/{chapter}/")
    if not anchors:
        page.evaluate(WITHOUT_ANCHORS)
    tips = page.evaluate(OPEN_ALL)
    assert len(tips) > 20
    assert [tip for tip in tips if tip["left"] < 0 or tip["right"] > PHONE["width"]] == []
    assert [tip for tip in tips if tip["width"] > PHONE["width"]] == []
    assert [tip for tip in tips if not tip["height"] or not -2 < tip["apart"] < 40] == []


def test_a_copied_sentence_has_no_tips_in_it(page: Page) -> None:
    page.goto(f"/zh/{CHAPTER}/")
    word, tip = first_term(page)
    word.focus()
    expect(tip).to_be_visible()
    copied, plain = word.evaluate(
        """(word) => {
          const paragraph = word.closest("p"), copy = paragraph.cloneNode(true);
          getSelection().selectAllChildren(paragraph);
          copy.querySelectorAll("x-term-tip").forEach((tip) => tip.remove());
          return [getSelection().toString(), copy.textContent];
        }"""
    )
    assert "".join(copied.split()) == "".join(plain.split())


def test_paper_has_no_tips(page: Page) -> None:
    page.goto(f"/zh/{CHAPTER}/")
    word, tip = first_term(page)
    word.focus()
    expect(tip).to_be_visible()
    page.emulate_media(media="print")
    expect(tip).to_be_hidden()
    decoration = word.evaluate("e => getComputedStyle(e).textDecorationLine")
    assert decoration == "none"


def test_terms_are_marked_by_nothing_but_a_thin_dotted_line(page: Page) -> None:
    page.goto(f"/zh/{CHAPTER}/")
    word, _ = first_term(page)
    style = """e => {
      const own = getComputedStyle(e), around = getComputedStyle(e.closest("p"));
      const same = ["color", "fontStyle", "fontWeight", "fontSize", "backgroundColor"];
      return [own.textDecorationStyle, own.textDecorationThickness,
              same.filter((name) => own[name] !== around[name])];
    }"""
    assert word.evaluate(style) == ["dotted", "1px", []]
