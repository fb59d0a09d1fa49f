"""Figures of several frames are moved by a slider: keyboard, words, no script, paper, phone."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

SLIDERS = {
    "optimization:figure-factors": ("learning rate", "学习率", "1.8"),
    "optimization:figure-batch-noise": ("batch size", "批量大小", "4"),
    "tiny_autograd:figure-backward": ("step", "步", "6"),
    "tiny_autograd:figure-boundary": ("epoch", "轮", "1000"),
    "generalization:figure-fits": ("degree", "次数", "5"),
    "generalization:figure-ridge": ("λ", "λ", "0.1"),
    "tensors:figure-broadcast": ("shape", "形状", "(2, 1) + (3,)"),
    "linear_maps:figure-grid": ("t", "t", "1"),
    "linear_maps:figure-eigenvectors": ("θ", "θ", "15"),
    "matrix_calculus:figure-tangent-line": ("h", "h", "0.25"),
    "matrix_calculus:figure-linear-approximation": ("h", "h", "0.5"),
}
FACTORS = "optimization:figure-factors"
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


def control(figure: Locator) -> Locator:
    return figure.get_by_role("slider")


@pytest.fixture
def scriptless(chromium: Browser, site_url: str) -> Iterator[Page]:
    context = chromium.new_context(base_url=site_url, java_script_enabled=False)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("code", ["en", "zh"])
@pytest.mark.parametrize("cell", SLIDERS)
def test_each_slider_has_a_name_in_the_pages_language_and_begins_at_its_first_frame(
    page: Page, cell: str, code: str
) -> None:
    english, chinese, first = SLIDERS[cell]
    figure = open_figure(page, cell, code)
    slider = figure.get_by_role("slider", name=chinese if code == "zh" else english, exact=True)
    expect(slider).to_be_visible()
    assert slider.get_attribute("aria-valuetext") == first
    expect(figure.get_by_role("status")).to_contain_text(f"{first}: ")
    assert figure.evaluate(SEEN) == [slider.input_value()]


@pytest.mark.parametrize("cell", SLIDERS)
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


@pytest.mark.parametrize(("code", "outcome"), [("en", "2.1: diverge"), ("zh", "2.1: 发散")])
def test_the_outcome_is_said_politely_and_stands_in_the_figure(
    page: Page, code: str, outcome: str
) -> None:
    figure = open_figure(page, FACTORS, code)
    control(figure).focus()
    page.keyboard.press("End")
    status = figure.get_by_role("status")  # an output element: a polite live region
    expect(status).to_have_text(outcome)
    expect(figure.locator("svg").get_by_text(outcome.split(": ")[1], exact=True)).to_be_visible()


def test_one_slider_moves_its_own_figure_only(page: Page) -> None:
    other = open_figure(page, "optimization:figure-batch-noise")
    before = other.evaluate(SEEN)
    control(page.locator(f'.cell[data-cell="{FACTORS}"]')).fill("0")
    assert page.locator(f'.cell[data-cell="{FACTORS}"]').evaluate(SEEN) == ["0"]
    assert other.evaluate(SEEN) == before


@pytest.mark.parametrize("cell", SLIDERS)
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


@pytest.mark.parametrize("cell", SLIDERS)
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
    figure = open_figure(page, FACTORS)
    control(figure).fill("0")
    assert figure.evaluate("e => e.getAnimations({subtree: true}).length") == 0


def test_the_focus_can_be_seen(page: Page) -> None:
    figure = open_figure(page, FACTORS)
    control(figure).focus()
    page.keyboard.press("ArrowLeft")
    style = control(figure).evaluate("e => getComputedStyle(e).outline")
    assert "solid" in style and "0px" not in style


@pytest.mark.parametrize("cell", SLIDERS)
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
