"""Figures can be read on a phone, in both languages: no small, cut or overlapping words.

Where a figure has a slider, that is so at each of its places.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from chapters import PAIRS
from playwright.sync_api import Browser
from reading import FIGURES

ROOT = Path(__file__).parents[2]
PHONE = {"width": 390, "height": 844}
# An index of a symbol is set smaller than the symbol, so the largest piece of a text counts.
FAULTS = """
figure => {
  const inside = (a, b) => a.left > b.left - 1 && a.right < b.right + 1
    && a.top > b.top - 1 && a.bottom < b.bottom + 1;
  const frame = figure.getBoundingClientRect();
  const texts = [...figure.querySelectorAll("text")]
    .filter(text => text.textContent.trim() && text.getClientRects().length);
  const found = [];
  texts.forEach((text, number) => {
    const matrix = text.getScreenCTM(), scale = Math.hypot(matrix.a, matrix.b);
    const sizes = [text, ...text.querySelectorAll("tspan")]
      .map(piece => scale * parseFloat(getComputedStyle(piece).fontSize));
    const box = text.getBoundingClientRect();
    if (Math.max(...sizes) < 11) found.push(`small: ${text.textContent}`);
    if (!inside(box, frame)) found.push(`cut: ${text.textContent}`);
    for (const other of texts.slice(0, number)) {
      const its = other.getBoundingClientRect();
      const width = Math.min(box.right, its.right) - Math.max(box.left, its.left);
      const height = Math.min(box.bottom, its.bottom) - Math.max(box.top, its.top);
      if (width > 2 && height > 4) {
        found.push(`overlap: ${text.textContent} | ${other.textContent}`);
      }
    }
  });
  return found;
}
"""


@pytest.mark.parametrize("code", ["zh", "en"])
@pytest.mark.parametrize("chapter", PAIRS)
def test_every_word_of_a_figure_can_be_read_on_a_phone(
    chromium: Browser, site_url: str, code: str, chapter: str
) -> None:
    page = chromium.new_page(viewport=PHONE)
    page.goto(f"{site_url}{code}/{chapter}/" if chapter != "index" else f"{site_url}{code}/")
    cells = page.locator('.cell:has([data-kind="figure"])')
    count = cells.count()
    found = {}
    for cell in map(cells.nth, range(count)):
        slider = cell.locator(".cell-slider input")
        last = int(slider.get_attribute("max") or 0) if slider.count() else 0
        for frame in range(last + 1):
            if slider.count():
                slider.fill(str(frame))
            if faults := cell.locator("svg").evaluate(FAULTS):
                found[cell.get_attribute("data-cell"), frame] = faults
    page.close()
    assert found == {}
    assert (count > 0) == (chapter in FIGURES)
