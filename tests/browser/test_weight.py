"""What a first look at a page costs, and that the fonts made light for it still hold every sign."""

from __future__ import annotations

import gzip
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from chapters import CHAPTERS
from fontTools.ttLib import TTFont
from playwright.sync_api import Browser, Page

from livenotes.rendering.node.install import install

from .conftest import ROOT

BUDGET = 200_000  # bytes as sent, packed by gzip where that helps
PACKED = (".woff2", ".png")  # already

# Every character of a page's formulas, with the font face that the browser was told to take.
FACES = """() => {
  const faces = {};
  for (const formula of document.querySelectorAll(".katex-html")) {
    const walker = document.createTreeWalker(formula, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const style = getComputedStyle(walker.currentNode.parentElement);
      const family = style.fontFamily.split(",")[0].replaceAll('"', "");
      const face = [family, style.fontWeight >= 600, style.fontStyle === "italic"].join();
      faces[face] = (faces[face] ?? "") + walker.currentNode.data;
    }
  }
  return faces;
}"""
NAMES = {
    ("false", "false"): "Regular",
    ("true", "false"): "Bold",
    ("false", "true"): "Italic",
    ("true", "true"): "BoldItalic",
}


def sent(site: Path, path: str) -> int:
    """The size of an answer, packed as servers do."""
    file = site / path.lstrip("/")
    content = (file / "index.html" if file.is_dir() else file).read_bytes()
    return len(content) if file.suffix in PACKED else len(gzip.compress(content, 6))


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_costs_at_most_200_kilobytes(
    chromium: Browser, site: Path, site_url: str, chapter: str, width: int
) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 844})
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    context.new_page().goto(f"{site_url}{chapter}/", wait_until="networkidle")
    context.close()
    paths = {urlsplit(url).path for url in asked if url.startswith(site_url)}
    costs = {path: sent(site, path) for path in paths if "search_index" not in path}
    assert any(path.endswith(".css") for path in costs)  # the page was really asked for
    dearest = sorted(costs.items(), key=lambda cost: -cost[1])
    assert sum(costs.values()) <= BUDGET, dearest


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_sign_of_a_formula_is_in_the_font_that_draws_it(
    page: Page, site: Path, chapter: str
) -> None:
    page.goto(f"/{chapter}/")
    full = install(ROOT / ".cache/livenotes") / "dist/fonts"
    for face, text in page.evaluate(FACES).items():
        family, *kind = face.split(",")
        names = [f"{family}-{NAMES[kind[0], kind[1]]}.woff2", f"{family}-Regular.woff2"]
        name = next(name for name in names if (full / name).is_file())
        all_signs = TTFont(full / name).getBestCmap().keys()
        kept = TTFont(site / "assets/katex/fonts" / name).getBestCmap().keys()
        missing = {sign for sign in text if ord(sign) in all_signs} - set(map(chr, kept))
        assert not missing, (name, missing)
