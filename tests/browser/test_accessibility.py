"""axe finds no barrier on any page, in light and dark, wide and narrow; and what axe cannot see."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
import yaml
from chapters import PAGES as PUBLISHED
from chapters import ROOT
from playwright.sync_api import Browser, Page
from reading import CHAPTER, CHINESE_WORDS, FIGURES, FORMULAS, OTHER

GLOSSARY = ROOT / "docs/glossary.yml"
AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
PAGES = ["", *(f"{page}/".removesuffix("index/") for page in PUBLISHED)]
QUICK = ("", f"zh/{CHAPTER}/", f"en/{OTHER}/")  # stand for all, which CI looks at
DRAWN = [name for name in FORMULAS if name in FIGURES]
ENGLISH = {term.get("en", "").lower() for term in yaml.safe_load(GLOSSARY.read_text("utf-8"))}
SPECIAL = ["404.html", f"zh/notebooks/{CHAPTER}/", f"en/notebooks/{OTHER}/"]

# Every section laid out, as after reading to the end: what scrolls sideways has been looked at.
READ_ALL = """async () => {
  const style = document.createElement("style");
  style.textContent = ".section, .jp-Cell { content-visibility: visible !important }";
  document.head.append(style);
  for (let y = 0; y < document.body.scrollHeight; y += innerHeight) {
    scrollTo(0, y);
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 20)));
  }
  scrollTo(0, 0);
}"""
# Of what is alike, one is looked at: axe takes a second for every three hundred elements. Formulas
# are KaTeX's; tokens of one class have one colour.
ONE_OF_EACH = """() => {
  document.querySelectorAll(".katex").forEach((formula) => formula.replaceWith("x"));
  const seen = new Set();
  for (const token of document.querySelectorAll("pre code span")) {
    if (seen.has(token.className)) token.replaceWith(...token.childNodes);
    seen.add(token.className);
  }
}"""
RUN = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  return violations.map(({ id, impact, nodes }) =>
    [impact, id, nodes.length, nodes[0].html.slice(0, 200), nodes[0].failureSummary]);
}"""


@pytest.fixture
def findings(chromium: Browser, site_url: str) -> Iterator[Callable[..., list[Any]]]:
    """`findings(url, scheme, size)`: what axe thinks serious or critical, after reading it all."""
    contexts = []

    def look(url: str, scheme: str, size: Any, formulas: bool = False) -> list[Any]:
        context = chromium.new_context(
            base_url=site_url, color_scheme=scheme, viewport=size, reduced_motion="reduce"
        )
        contexts.append(context)
        page = context.new_page()
        page.goto(f"/{url}")
        page.evaluate(READ_ALL)
        page.evaluate(AXE.read_text("utf-8"))
        if not formulas:
            page.evaluate(ONE_OF_EACH)
        found = page.evaluate(RUN)
        return [finding for finding in found if finding[0] in ("serious", "critical")]

    yield look
    for context in contexts:
        context.close()


@pytest.mark.parametrize("page", (*PAGES, *SPECIAL))
def test_axe_finds_nothing_serious_on_any_page(page: str, findings: Any) -> None:
    """Light and wide for one language, dark and narrow for the other: twins show the same cells, so
    every colour of their code is looked at in both themes."""
    chinese = page.startswith("zh")
    assert findings(page, *(("light", WIDE) if chinese else ("dark", PHONE))) == []


@pytest.mark.slow
@pytest.mark.parametrize("page", [f"zh/{CHAPTER}/", f"en/{OTHER}/", "", "zh/glossary/"])
def test_nor_in_the_other_colours_and_widths(page: str, findings: Any) -> None:
    for scheme, size in (("light", PHONE), ("dark", WIDE)):
        assert findings(page, scheme, size) == []


@pytest.mark.slow
def test_nor_in_formulas(findings: Any) -> None:
    assert findings(f"en/{FORMULAS[-1]}/", "light", WIDE, formulas=True) == []
    assert findings(f"zh/{FORMULAS[-2]}/", "dark", PHONE, formulas=True) == []


@pytest.mark.parametrize("chapter", [f"zh/{DRAWN[0]}/", f"en/{DRAWN[1]}/"])
def test_formulas_are_heard_once_and_figures_have_a_description(chapter: str, page: Page) -> None:
    """Of a formula's two forms MathML is for the ear, and the boxes are hidden from it."""
    page.goto(f"/{chapter}")
    formulas = page.locator(".katex")
    heard = page.locator(".katex > .katex-mathml > math annotation[encoding='application/x-tex']")
    assert formulas.count() == heard.count() > 50
    assert page.locator(".katex-html:not([aria-hidden=true])").count() == 0
    figures = page.locator(".cell-output[data-kind=figure] > svg")
    names = figures.evaluate_all("all => all.map(e => [e.role, e.getAttribute('aria-label')])")
    assert names and all(role == "img" and len(name) > 10 for role, name in names)


@pytest.mark.parametrize(
    ("code", "other", "letters"), [("zh", "en", "[a-z]{3}"), ("en", "zh", "[\u4e00-\u9fff]")]
)
def test_words_in_the_other_language_are_marked_with_it(
    code: str, other: str, letters: str, page: Page
) -> None:
    page.goto(f"/zh/{CHAPTER}/" if code == "zh" else f"/en/{[*CHINESE_WORDS, 'glossary'][0]}/")
    words = page.locator(f"article span[lang={other}]").all_text_contents()
    assert words and all(re.search(letters, word) for word in words)
    if code == "zh":
        assert len({word.lower() for word in words} & ENGLISH) >= 3
    else:  # nothing Chinese is left outside
        unmarked = """() => {
          const copy = document.querySelector("article").cloneNode(true);
          copy.querySelectorAll("[lang=zh], pre, code, svg").forEach((e) => e.remove());
          return copy.textContent.match(/[\u4e00-\u9fff]+/g);
        }"""
        assert page.evaluate(unmarked) is None


def test_nothing_moves_for_a_reader_who_wants_no_motion(chromium: Browser, site_url: str) -> None:
    context = chromium.new_context(base_url=site_url, reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"/en/{CHAPTER}/")
    moving = page.evaluate("""() => [...document.querySelectorAll("*")].filter((element) => {
      const { animationDuration, animationName, transitionDuration } = getComputedStyle(element);
      const moves = (times) => times.split(",").some((time) => parseFloat(time) > 0);
      return moves(transitionDuration) || (animationName !== "none" && moves(animationDuration));
    }).map((element) => element.className)""")
    bar = page.evaluate("getComputedStyle(document.querySelector('.md-header'), '::after').display")
    context.close()
    assert moving == []
    assert bar == "none"
