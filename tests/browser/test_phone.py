"""Code on a phone: long lines scroll, or wrap for good by a button."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from chapters import CHAPTERS
from playwright.sync_api import Browser, Page, expect
from reading import CHAPTER

WRAPS = "document.documentElement.classList.contains('ln-wrap')"
TOO_WIDE = """() => [...document.querySelectorAll(".cell-source pre > code")]
  .filter(code => code.scrollWidth > code.clientWidth + 1).length"""

# Letters of wrapped code that lie below its buttons.
COVERED = """() => {
  const cells = [...document.querySelectorAll(".cell-source:has(.ln-wrap-button)")];
  return cells.filter(cell => {
  const nav = cell.querySelector(".md-code__nav").getBoundingClientRect();
  const letters = document.createRange();
  letters.selectNodeContents(cell.querySelector("pre > code"));
  return [...letters.getClientRects()].some(box => box.width && box.right > nav.left + 1
    && box.left < nav.right && box.top < nav.bottom - 4 && box.bottom > nav.top + 4);
}).map(cell => cell.textContent.slice(0, 60));
}"""


@pytest.fixture
def phone(chromium: Browser, site_url: str) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 390, "height": 844}, base_url=site_url)
    yield context.new_page()
    context.close()


def read_on(page: Page) -> None:
    """Scrolls until a button is there; code gets its buttons when it is seen."""
    for _ in range(60):
        if page.locator(".ln-wrap-button").count():
            return
        page.mouse.wheel(0, 700)
        page.wait_for_timeout(60)
    pytest.fail("no code is too wide for a phone")


@pytest.mark.parametrize(("code", "name"), [("zh", "长行自动折行"), ("en", "Wrap long lines")])
def test_the_button_says_what_it_does_in_the_pages_language(
    phone: Page, code: str, name: str
) -> None:
    phone.goto(f"/{code}/{CHAPTER}/")
    read_on(phone)
    expect(phone.get_by_role("button", name=name).first).to_be_attached()


def test_a_button_wraps_long_lines_and_the_choice_is_kept(phone: Page) -> None:
    phone.goto(f"/{CHAPTERS[-1]}/")
    read_on(phone)
    assert phone.evaluate(TOO_WIDE) > 0
    button = phone.locator(".ln-wrap-button").first
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    assert phone.evaluate(TOO_WIDE) == 0
    assert phone.evaluate(COVERED) == []
    phone.goto(f"/{CHAPTERS[0]}/")
    assert phone.evaluate(WRAPS)
    read_on(phone)
    phone.locator(".ln-wrap-button").first.click()
    assert not phone.evaluate(WRAPS)


def test_a_wide_window_has_no_such_button(phone: Page) -> None:
    phone.set_viewport_size({"width": 1280, "height": 900})
    phone.goto(f"/{CHAPTERS[-1]}/")
    phone.mouse.wheel(0, 3000)
    phone.locator(".md-code__button").first.wait_for(state="attached")
    assert phone.locator(".ln-wrap-button").count() == 0
