"""The look of the site holds in both themes, and on a phone."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from chapters import CHAPTERS
from playwright.sync_api import Page, expect
from reading import CHAPTER

PHONE = {"width": 390, "height": 844}
THEMES = pytest.mark.parametrize("theme", ["light", "dark"])
CODES = pytest.mark.parametrize("code", ["zh", "en"])

# The colour of a pixel on which the browser has painted one layer after another.
PAINT = """layers => {
  const canvas = document.createElement("canvas").getContext("2d");
  for (const layer of layers) { canvas.fillStyle = layer; canvas.fillRect(0, 0, 1, 1) }
  return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3)
}"""

# Every combination of text colour and the layers that it stands on, with an example.
TEXTS = """() => {
  const papersOf = (element) => {
    const papers = [];
    for (let e = element; e; e = e.parentElement) {
      papers.unshift(getComputedStyle(e).backgroundColor);
    }
    return papers;
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = new Map();
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const seen = element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
    const text = walker.currentNode.data.trim();
    if (!seen || !text || element.closest("svg, script, style, .katex")) continue;
    const layers = [...papersOf(element), getComputedStyle(element).color];
    found.set(layers.join(), [layers, element.outerHTML.slice(0, 90)]);
  }
  return [...found.values()]
}"""


def luminance(rgb: list[int]) -> float:
    linear = [c / 3294.6 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in rgb]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(page: Page, color: str, *papers: str) -> float:
    """As WCAG 2 defines it, from 1 to 21: of the colour, painted on papers of which the last is
    the uppermost."""
    painted = [page.evaluate(PAINT, layers) for layers in (papers, [*papers, color])]
    dark, light = sorted(map(luminance, painted))
    return (light + 0.05) / (dark + 0.05)


def resolve(page: Page, name: str) -> str:
    script = "n => { const s = document.body.style; s.outlineColor = `var(${n})`; "
    script += "return getComputedStyle(document.body).outlineColor }"
    color: str = page.evaluate(script, name)
    return color


@pytest.mark.parametrize(("measured", "expected"), [("#000", 21.0), ("#fff", 1.0), ("#777", 4.48)])
def test_contrast_is_measured_as_wcag_does(page: Page, measured: str, expected: float) -> None:
    page.goto("/")
    assert contrast(page, measured, "#fff") == pytest.approx(expected, abs=0.01)


@THEMES
def test_figure_colours_are_seen_against_the_page(page: Page, theme: str) -> None:
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    page.goto("/zh/")
    paper = page.locator("body").evaluate("body => getComputedStyle(body).backgroundColor")
    assert resolve(page, "--fig-paper") == paper
    colors = [resolve(page, f"--fig-{number}") for number in range(1, 9)]
    assert [c for c in colors if contrast(page, c, paper) < 3] == []
    painted = [tuple(page.evaluate(PAINT, [c])) for c in colors]
    assert all(a != b for a, b in combinations(painted, 2))


@THEMES
@CODES
def test_all_text_is_readable(page: Page, code: str, theme: str) -> None:
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    page.goto(f"/{code}/{CHAPTER}/")
    texts = page.evaluate(TEXTS)
    assert len(texts) > 5
    weak = [(at, papers, ink) for (*papers, ink), at in texts if contrast(page, ink, *papers) < 4.5]
    assert weak == []


# Of names in tables, whatever stands outside of the screen too, those that fill two lines.
BROKEN_NAMES = """() => [...document.querySelectorAll("article table:not([class]) code")]
    .filter(code => /^[\\w.()]+$/.test(code.textContent) && code.getClientRects().length > 1)
    .map(code => code.textContent)"""


@pytest.mark.parametrize("chapter", CHAPTERS)
@pytest.mark.parametrize("window", [{"width": 1280, "height": 900}, PHONE])
def test_names_in_tables_are_whole(page: Page, window: Any, chapter: str) -> None:
    page.set_viewport_size(window)
    page.goto(f"/{chapter}/")
    page.add_style_tag(content="* { content-visibility: visible !important }")
    assert page.evaluate(BROKEN_NAMES) == []


@pytest.mark.slow
def test_nothing_overflows_on_a_phone(page: Page, site: Path) -> None:
    page.set_viewport_size(PHONE)
    folders = sorted(p.parent.relative_to(site) for p in site.glob("*/*/index.html"))
    for folder in [Path("."), Path("zh"), Path("en"), *folders]:
        page.goto(f"/{folder}/")
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= PHONE["width"], f"/{folder}/ is {width} wide"


@CODES
def test_the_source_can_be_copied_and_the_output_is_left_alone(page: Page, code: str) -> None:
    page.goto(f"/{code}/{CHAPTER}/")
    page.locator(".cell-source").first.scroll_into_view_if_needed()  # the theme waits for that
    expect(page.locator(".cell-source .md-code__button[data-md-type=copy]").first).to_be_attached()
    assert page.locator(".cell-output .md-code__button").count() == 0


@pytest.mark.parametrize(("code", "label"), [("zh", "输出"), ("en", "Output")])
def test_outputs_are_labelled_in_the_language_by_the_style_alone(
    page: Page, code: str, label: str
) -> None:
    page.goto(f"/{code}/{CHAPTER}/")
    output = page.locator(".cell-output[data-kind=result], .cell-output[data-kind=stdout]").first
    content = output.evaluate("e => getComputedStyle(e, '::before').content")
    assert content == f'"{label}"'
    assert label not in output.inner_text()
