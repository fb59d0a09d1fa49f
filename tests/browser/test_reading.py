"""A page can be read whole with JavaScript off: code, outputs, figures and math are in the HTML."""

from __future__ import annotations

import pytest
from chapters import CHAPTERS, LANGUAGES
from playwright.sync_api import Browser, Page
from reading import CLINGING, FIGURES

# Seen means: has an area on the screen, which a formula left as TeX in a placeholder has too,
# so the formula's own boxes are asked for.
SEEN = """selector => [...document.querySelectorAll(selector)].map(element => {
    const box = element.getBoundingClientRect()
    return box.width > 0 && box.height > 0
})"""


@pytest.fixture
def without_javascript(chromium: Browser, site_url: str) -> Page:
    # Chromium itself may be asked about the page; only the page's own scripts are off.
    context = chromium.new_context(base_url=site_url, java_script_enabled=False)
    return context.new_page()


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_math_code_outputs_and_figures_need_no_javascript(
    chapter: str, without_javascript: Page
) -> None:
    page = without_javascript
    page.goto(f"{chapter}/")
    for kind, selector in {
        "math": "x-math .katex-html, div.arithmatex .katex-html",
        "code": ".cell > .cell-source pre code",
        "output": ".cell-output[data-kind=result] pre, .cell-output[data-kind=stdout] pre",
        "figure": ".cell-output[data-kind=figure] > svg",
    }.items():
        seen = page.evaluate(SEEN, selector)
        if kind in ("code", "output"):
            assert seen, f"{chapter} has no {kind}"
        assert all(seen), f"{chapter} hides a {kind}"
    assert "\\(" not in page.locator("article").inner_text()
    assert page.locator(".math-error, .katex-error, .cell-error").count() == 0
    page.context.close()


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_nothing_is_asked_of_another_host(chapter: str, page: Page) -> None:
    """The fixture looks at the log of all requests when the test ends."""
    page.goto(f"{chapter}/")
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    page.wait_for_timeout(100)


@pytest.mark.parametrize("chapter", [f"zh/{FIGURES[0]}", f"en/{FIGURES[1]}"])
def test_figures_follow_light_and_dark(chapter: str, chromium: Browser, site_url: str) -> None:
    ink = "getComputedStyle(document.querySelector('.cell-output svg text')).fill"
    inks = set()
    for scheme in ("light", "dark"):
        context = chromium.new_context(base_url=site_url, color_scheme=scheme)
        page = context.new_page()
        page.goto(f"{chapter}/")
        inks.add(page.evaluate(ink))
        context.close()
    assert len(inks) == 2


# Punctuation that stands to the left of the end of the formula before it is on the next line.
ASTRAY = """() => [...document.querySelectorAll(".math-clings > x-math")].filter(formula => {
    const text = formula.nextSibling
    if (!text || !/^[，。、；：！？）》」.,;:!?)]/.test(text.textContent)) return false
    const mark = document.createRange()
    mark.setStart(text, 0)
    mark.setEnd(text, 1)
    const end = [...formula.querySelectorAll(".base")].pop().getBoundingClientRect().right
    return mark.getBoundingClientRect().left < end - 3
}).map(formula => formula.parentElement.textContent)"""


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize(
    "chapter", [f"{code}/{name}" for name in CLINGING[:3] for code in LANGUAGES]
)
def test_no_line_begins_with_the_punctuation_behind_a_formula(
    chapter: str, width: int, chromium: Browser, site_url: str
) -> None:
    page = chromium.new_page(viewport={"width": width, "height": 900})
    page.goto(f"{site_url}{chapter}/")
    count, astray = page.locator(".math-clings").count(), page.evaluate(ASTRAY)
    page.close()
    assert count
    assert astray == []
