"""Both languages beside each other: nothing is lost, rows are level, the place is kept."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from chapters import PAIRS
from playwright.sync_api import Browser, Page, expect
from reading import BELOW_A_CELL, CHAPTER, LINKED, LONG_CELL, NAV, OTHER, SUBHEADING, TABS, TITLES

from .test_switch import BOTH, LINK, PHONE, read_at, top_of

WIDE = {"width": 1280, "height": 900}
EACH_PAGE = pytest.mark.parametrize("name", PAIRS)
# What one language says on a page of both.
SIDE = (
    ".pair > [lang={0}], :is(h1, h2, h3, h4, h5, h6, summary, label, th, caption, .cell-caption,"
    " .admonition-title) > span[lang={0}]"
)


def read(site: Path, name: str, without: str = "none") -> str:
    """The text of a page, but for pictures, which stand once with their sliders, in Chinese, and
    what one language says."""
    folder = "" if name.endswith("/index") else "/index"
    html = (site / f"{name}{folder}.html").read_text("utf-8")
    article = html[html.index("<article") : html.index("</article>")]
    article = re.sub(r"<svg.*?</svg>|<math.*?</math>", "", article, flags=re.DOTALL)
    soup = BeautifulSoup(article, "html.parser")
    for element in soup.select(f".headerlink, .cell-slider, {SIDE.format(without)}"):
        element.decompose()
    return " ".join(soup.get_text(" ").split())


@EACH_PAGE
def test_each_language_reads_as_on_its_own_page(site: Path, name: str) -> None:
    """Take one language away, and the page of the other is left, word for word."""
    for code, other in (("zh", "en"), ("en", "zh")):
        alone, left = read(site, f"{code}/{name}"), read(site, f"zh-en/{name}", without=other)
        assert left.split() == alone.split()


@EACH_PAGE
def test_blocks_are_paired_one_to_one(site: Path, name: str) -> None:
    """No row of the notes holds a whole section or what stands between two cells."""
    folder = "" if name == "index" else f"{name}/"
    html = (site / f"zh-en/{folder}index.html").read_text("utf-8")
    rows = re.findall(r'<div class="pair"><(\w+) lang="zh"', html)
    assert rows
    whole = ":not(li, td) > .pair > div[lang]:not(.ln-get)"
    blocks = BeautifulSoup(html, "html.parser").select(whole)
    assert [block.get_text()[:80] for block in blocks] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_in_a_wide_window_the_languages_stand_beside_each_other(
    chromium: Browser, site_url: str, scheme: str
) -> None:
    context = chromium.new_context(base_url=site_url, viewport=WIDE, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"/zh-en/{CHAPTER}/")
    rows = boxes(page)
    assert len(rows) > 40
    for first, second in rows:
        assert abs(first["top"] - second["top"]) <= 2
        assert first["right"] < second["left"]
        assert abs(first["width"] - second["width"]) <= 2
        assert first["width"] > 320
    context.close()


def test_items_of_both_sides_have_their_bullets(chromium: Browser, site_url: str) -> None:
    page = chromium.new_page(base_url=site_url, viewport=WIDE)  # type: ignore[arg-type]
    page.goto(f"/zh-en/{CHAPTER}/")
    marks = page.evaluate(
        """() => [...document.querySelectorAll("ul > li > .pair > [lang] + [lang]")]
            .map(side => getComputedStyle(side, "::before").content)"""
    )
    assert marks and set(marks) == {'"•"'}
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", [CHAPTER, "glossary", *TABS[:1]])
def test_on_a_phone_the_second_language_stands_below_the_first(
    chromium: Browser, site_url: str, scheme: str, name: str
) -> None:
    context = chromium.new_context(base_url=site_url, viewport=PHONE, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"/zh-en/{name}/")
    for first, second in boxes(page):
        assert first["bottom"] <= second["top"] < first["bottom"] + 40
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    context.close()


def boxes(page: Page) -> list[list[dict[str, float]]]:
    """Where both sides of each visible row stand."""
    found: list[list[dict[str, float]]] = page.evaluate(
        """() => [...document.querySelectorAll(".pair:not(td > .pair)")]
            .map(row => [...row.children].map(side => side.getBoundingClientRect().toJSON()))
            .filter(([first]) => first.height)"""
    )
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", [CHAPTER, OTHER])
def test_formulas_cells_and_figures_are_there_without_javascript(
    chromium: Browser, site_url: str, name: str
) -> None:
    context = chromium.new_context(base_url=site_url, java_script_enabled=False)
    page = context.new_page()
    count = {}
    for folder in ("zh", "zh-en"):
        page.goto(f"/{folder}/{name}/")
        count[folder] = {
            what: page.locator(f"article {selector}").count()
            for what, selector in {
                "cells": ".cell",
                "figures": ".cell-output[data-kind=figure] > svg",
                "formulas on lines of their own": "div.arithmatex .katex-display",
                "errors": ":is(.cell-error, .math-error, .katex-error)",
            }.items()
        }
    assert count["zh-en"] == count["zh"]
    assert count["zh"]["cells"] > 40
    assert page.locator("article x-math .katex").count()
    assert "\\(" not in page.locator("article").inner_text()
    context.close()


def test_a_heading_of_the_address_is_found(page: Page) -> None:
    page.goto(f"/zh-en/{CHAPTER}/#{SUBHEADING}", wait_until="load")
    heading = page.locator(f"h3#{SUBHEADING}")
    expect(heading).to_be_in_viewport()
    for code, title in TITLES.items():
        expect(heading.locator(f"[lang={code}]")).to_have_text(re.compile(re.escape(title)))


def test_the_contents_lead_to_headings_in_both_languages(page: Page) -> None:
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    page.goto(f"/zh-en/{CHAPTER}/")
    page.locator(f".md-nav a[href='#{SUBHEADING}']:visible [lang=en]").click()
    expect(page).to_have_url(re.compile(f"/zh-en/{CHAPTER}/#{SUBHEADING}$"))
    expect(page.locator(f"#{SUBHEADING}")).to_be_in_viewport()


@pytest.mark.parametrize(
    ("code", "window", "name"),
    [("zh", WIDE, "双语对照"), ("en", WIDE, "Side by side"), ("zh", PHONE, "双语对照"),
     ("en", PHONE, "Side by side")],
)  # fmt: skip
def test_a_visible_link_leads_there_and_back_to_the_same_place(
    page: Page, code: str, window: dict[str, int], name: str
) -> None:
    selector, top = LONG_CELL, -100
    page.set_viewport_size(window)  # type: ignore[arg-type]
    page.goto(f"/{code}/{CHAPTER}/", wait_until="load")
    read_at(page, selector, top)
    link = page.get_by_role("link", name=name, exact=True)
    box = link.bounding_box()
    assert box
    assert min(box["width"], box["height"]) >= 24
    link.click()
    page.wait_for_url(re.compile(rf"/zh-en/{CHAPTER}/#[\w-]+$"))
    page.wait_for_load_state("load")
    assert abs(top_of(page, selector) - top) <= 3
    page.locator(f"{LINK}[hreflang={code}]").click()
    page.wait_for_url(re.compile(rf"/{code}/{CHAPTER}/#[\w-]+$"))
    page.wait_for_load_state("load")
    assert abs(top_of(page, selector) - top) <= 3


@pytest.mark.slow
@pytest.mark.parametrize("code", ["zh", "en"])
def test_on_a_phone_the_paragraph_of_ones_own_language_is_found(page: Page, code: str) -> None:
    paragraph = BELOW_A_CELL
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.goto(f"/{code}/{CHAPTER}/", wait_until="load")
    read_at(page, f"{paragraph} p", -40)
    page.locator(BOTH).click()
    page.wait_for_url(re.compile("/zh-en/"))
    page.wait_for_load_state("load")
    there = f"{paragraph} .pair > [lang={code}]"
    height = page.evaluate("s => document.querySelector(s).offsetHeight", there)
    assert -height < top_of(page, there) < 0
    page.locator(f"{LINK}[hreflang={code}]").click()
    page.wait_for_url(re.compile(rf"/{code}/{CHAPTER}/"))
    page.wait_for_load_state("load")
    assert abs(top_of(page, f"{paragraph} p") + 40) <= 3


def test_the_keyboard_reaches_it(page: Page) -> None:
    page.goto(f"/en/{CHAPTER}/")
    link = page.locator(BOTH)
    for _ in range(8):
        page.keyboard.press("Tab")
        if link.evaluate("link => link === document.activeElement"):
            break
    expect(link).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"/zh-en/{CHAPTER}/$"))


def test_next_and_links_in_the_text_stay_side_by_side(page: Page) -> None:
    page.goto(f"/zh-en/{CHAPTER}/")
    page.locator(f"article p[lang=en] a[href*='/{LINKED}/']").first.click()
    expect(page).to_have_url(re.compile(f"/zh-en/{LINKED}/"))
    page.locator(".md-footer__link--next").click()
    expect(page).to_have_url(re.compile(f"/zh-en/{NAV[NAV.index(LINKED) + 1]}/$"))


def test_tips_of_terms_speak_the_language_of_their_side(page: Page) -> None:
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    page.goto(f"/zh-en/{CHAPTER}/")
    for code, other in (("zh", "en"), ("en", "zh")):
        term = page.locator(f".pair > [lang={code}] .term").first
        term.locator("dfn").focus()
        tip = term.locator("x-term-tip")
        expect(tip).to_be_visible()
        expect(tip.locator("b")).to_have_attribute("lang", other)
        described = term.locator("dfn").get_attribute("aria-describedby")
        assert tip.get_attribute("id") == described


def test_copying_code_copies_the_source_once(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"/zh-en/{CHAPTER}/")
    cell = page.locator(".cell-source").first
    cell.hover()
    cell.locator("button[data-clipboard-target], button.md-clipboard, nav button").first.click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.strip() == cell.locator("code").inner_text().strip() != ""
