"""Figures of several frames are moved by a slider: keyboard, words, no script, paper, phone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml
from bs4 import BeautifulSoup, Tag
from chapters import ROOT
from playwright.sync_api import Browser, Locator, Page, expect
from reading import IN_ORDER, source

TERMS = {
    name: term["zh"]
    for term in yaml.safe_load((ROOT / "docs/glossary.yml").read_text("utf-8"))
    for name in [term["en"], *term.get("en_variants", [])]
}
# What each slider moves, as its fence says it.
SLIDERS = {
    cell: label
    for name in IN_ORDER
    for cell, label in re.findall(r'cell="([^"]+)" slider="([^"]+)"', source(name, "en"))
}
EACH_FIGURE = pytest.mark.parametrize("cell", SLIDERS)
# Parts of frames that are drawn, as a reader sees them.
SEEN = """
cell => [...new Set([...cell.querySelectorAll("[data-frame]")]
  .filter(part => getComputedStyle(part).display !== "none")
  .map(part => part.dataset.frame))]
"""


def open_figure(page: Page, cell: str, code: str = "en", base: str = "") -> Locator:
    chapter = cell.split(":")[0].replace("_", "-")
    page.goto(f"{base}/{code}/{chapter}/")
    return page.locator(f'.cell[data-cell="{cell}"]')


@cache
def drawn(site: Path, cell: str) -> dict[str, list[Tag]]:
    """The frames of a figure as its module drew them: `frame:1.8`, or `hidden-frame:2.1` for one
    that is not shown at first."""
    module, _, name = cell.partition(":")
    ran = json.loads((site / "executed.json").read_text("utf-8"))["modules"][module]["cells"]
    (outputs,) = [each["outputs"] for each in ran if each["name"] == name]
    (svg,) = [o["data"]["image/svg+xml"] for o in outputs if "image/svg+xml" in o.get("data", {})]
    found: dict[str, list[Tag]] = {}
    for group in BeautifulSoup("".join(svg), "lxml-xml").select("g[id*='frame:']"):
        found.setdefault(str(group["id"]), []).append(group)
    return found


def outcome(site: Path, cell: str) -> tuple[str, str]:
    """The value of a figure's last frame, and the words that stand last in it."""
    frames = drawn(site, cell)
    groups = frames[[*frames][-1]]
    words = [text.get_text().strip() for group in groups for text in group.find_all("text")]
    return [*frames][-1].partition("frame:")[2], ["", *filter(None, words)][-1]


def control(figure: Locator) -> Locator:
    return figure.get_by_role("slider")


@pytest.fixture
def scriptless(chromium: Browser, site_url: str) -> Iterator[Page]:
    context = chromium.new_context(base_url=site_url, java_script_enabled=False)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("code", ["en", "zh"])
@EACH_FIGURE
def test_each_slider_has_a_name_in_the_pages_language_and_begins_at_its_first_frame(
    page: Page, site: Path, cell: str, code: str
) -> None:
    name = SLIDERS[cell]
    (first,) = [i.partition(":")[2] for i in drawn(site, cell) if i.startswith("frame:")]
    figure = open_figure(page, cell, code)
    name = TERMS.get(name, name) if code == "zh" else name
    slider = figure.get_by_role("slider", name=name, exact=True)
    expect(slider).to_be_visible()
    assert slider.get_attribute("aria-valuetext") == first
    expect(figure.get_by_role("status")).to_contain_text(f"{first}: ")
    assert figure.evaluate(SEEN) == [slider.input_value()]


@EACH_FIGURE
def test_arrow_keys_home_and_end_move_through_all_frames(page: Page, cell: str) -> None:
    figure = open_figure(page, cell)
    slider = control(figure)
    last = int(slider.get_attribute("max") or 0)
    assert last >= 5
    slider.focus()
    page.keyboard.press("Home")
    said = []
    for place in range(last + 1):
        assert slider.input_value() == str(place)
        assert figure.evaluate(SEEN) == [str(place)]
        value = slider.get_attribute("aria-valuetext") or ""
        said.append(figure.get_by_role("status").inner_text())
        assert said[-1].replace("−", "-").startswith(f"{value}: ")
        page.keyboard.press("ArrowRight")
    assert len(set(said)) == last + 1
    page.keyboard.press("ArrowLeft")
    assert figure.evaluate(SEEN) == [str(last - 1)]
    page.keyboard.press("End")
    assert figure.evaluate(SEEN) == [str(last)]


@pytest.mark.parametrize("code", ["en", "zh"])
def test_the_outcome_is_said_politely_and_stands_in_the_figure(
    page: Page, site: Path, code: str
) -> None:
    cell = next((cell for cell in SLIDERS if outcome(site, cell)[1] in TERMS), "")
    if not cell:
        pytest.skip("the last words of no figure are a term")
    value, words = outcome(site, cell)
    figure = open_figure(page, cell, code)
    control(figure).focus()
    page.keyboard.press("End")
    status = figure.get_by_role("status")  # an output element: a polite live region
    words = TERMS[words] if code == "zh" else words
    expect(status).to_have_text(f"{value}: {words}")
    expect(
        figure.locator("svg").get_by_text(words, exact=True).locator("visible=true")
    ).to_have_count(1)


def test_one_slider_moves_its_own_figure_only(page: Page) -> None:
    modules = [cell.partition(":")[0] for cell in SLIDERS]
    one, two = [cell for cell in SLIDERS if modules.count(cell.partition(":")[0]) > 1][:2]
    other = open_figure(page, two)
    before = other.evaluate(SEEN)
    control(page.locator(f'.cell[data-cell="{one}"]')).fill("0")
    assert page.locator(f'.cell[data-cell="{one}"]').evaluate(SEEN) == ["0"]
    assert other.evaluate(SEEN) == before


@EACH_FIGURE
def test_without_a_script_the_first_frame_stands_and_no_slider_shows(
    scriptless: Page, cell: str
) -> None:
    figure = open_figure(scriptless, cell)
    expect(figure.locator("svg")).to_be_visible()
    expect(figure.locator("input")).to_be_hidden()
    shown = figure.locator("[data-frame]:not([display])")
    frames = set(shown.evaluate_all("parts => parts.map(part => part.dataset.frame)"))
    assert frames == {figure.locator("input").get_attribute("value")}
    assert re.search(r"slider", figure.locator("svg").get_attribute("aria-label") or "")


@EACH_FIGURE
def test_paper_shows_the_first_frame_wherever_the_slider_stands(page: Page, cell: str) -> None:
    figure = open_figure(page, cell)
    slider = control(figure)
    first = slider.input_value()
    slider.fill("0")
    assert figure.evaluate(SEEN) == ["0"]
    page.emulate_media(media="print")
    assert figure.evaluate(SEEN) == [first]
    expect(slider).to_be_hidden()


@pytest.mark.parametrize("code", ["en", "zh"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_the_slider_is_large_enough_to_touch_and_nothing_overflows(
    chromium: Browser, site_url: str, scheme: str, code: str
) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 844}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    for cell in SLIDERS:
        figure = open_figure(page, cell, code, site_url.rstrip("/"))
        box = control(figure).bounding_box()
        assert box and box["height"] >= 24 and box["width"] >= 200
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        ink, paper = figure.get_by_role("status").evaluate(
            "e => [getComputedStyle(e).color, getComputedStyle(document.body).backgroundColor]"
        )
        assert contrast(ink, paper) >= 4.5
    context.close()


def test_frames_change_at_once_for_readers_who_want_no_motion(page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    figure = open_figure(page, next(iter(SLIDERS)))
    control(figure).fill("0")
    assert figure.evaluate("e => e.getAnimations({subtree: true}).length") == 0


def test_the_focus_can_be_seen(page: Page) -> None:
    figure = open_figure(page, next(iter(SLIDERS)))
    control(figure).focus()
    page.keyboard.press("ArrowLeft")
    style = control(figure).evaluate("e => getComputedStyle(e).outline")
    assert "solid" in style and "0px" not in style


@EACH_FIGURE
def test_an_output_holds_the_figure_and_nothing_else(page: Page, cell: str) -> None:
    output = open_figure(page, cell).locator(".cell-output")
    expect(output).to_have_count(1)
    assert output.evaluate("e => [...e.children].map(child => child.tagName)") == ["svg"]


def contrast(one: str, other: str) -> float:
    """WCAG's contrast of two colours given as rgb(…)."""

    def light(colour: str) -> float:
        parts = [int(n) / 255 for n in re.findall(r"\d+", colour)[:3]]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)
