"""The language link keeps the page and the heading that is being read."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

CHAPTER = "autograd"
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
    page.locator(".ln-language").click()
    expect_at(page, other, f"#{heading}")
    expect(page.locator(f"[id='{heading}']")).to_be_in_viewport()
    page.locator(".ln-language").click()
    expect_at(page, code, f"#{heading}")


@BOTH_WAYS
def test_the_heading_being_read_is_kept_after_scrolling(page: Page, code: str, other: str) -> None:
    page.goto(f"/{code}/{CHAPTER}/")
    first, *_, last = heading_ids(page)
    page.goto(f"/{code}/{CHAPTER}/#{first}")
    scroll_to(page, last)
    page.locator(".ln-language").click()
    expect(page.locator("html")).to_have_attribute("lang", other)
    expect(page.locator(f"[id='{last}']")).to_be_in_viewport()


def test_at_the_top_of_a_page_the_switch_leads_to_the_top(page: Page) -> None:
    page.goto(f"/zh/{CHAPTER}/")
    page.locator(".ln-language").click()
    expect_at(page, "en")


def test_the_keyboard_reaches_the_language_link_soon(page: Page) -> None:
    page.goto(f"/zh/{CHAPTER}/")
    link = page.locator(".ln-language")
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
        page.locator(".ln-language").click(modifiers=["Control"])
    expect_at(opened.value, "en", f"#{heading}")
    expect_at(page, "zh", f"#{heading}")


@BOTH_WAYS
def test_without_javascript_the_page_is_kept(
    chromium: Browser, site_url: str, code: str, other: str
) -> None:
    context = chromium.new_context(base_url=site_url, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"/{code}/{CHAPTER}/")
    page.locator(".ln-language").click()
    expect_at(page, other)
    context.close()


def test_the_choice_of_dark_or_light_is_kept(page: Page) -> None:
    page.goto(f"/zh/{CHAPTER}/")
    before = page.locator("body").get_attribute("data-md-color-scheme")
    page.locator("[data-md-component=palette] label:visible").click()
    expect(page.locator("body")).not_to_have_attribute("data-md-color-scheme", str(before))
    page.locator(".ln-language").click()
    expect_at(page, "en")
    expect(page.locator("body")).not_to_have_attribute("data-md-color-scheme", str(before))


def test_the_landing_page_leads_to_both_languages_in_one_click(page: Page) -> None:
    for code in ("zh", "en"):
        page.goto("/")
        page.locator(f"a[href='{code}/']:visible").first.click()
        expect(page).to_have_url(re.compile(rf"/{code}/$"))
        expect(page.locator("html")).to_have_attribute("lang", code)
