"""A chapter on paper: as Chromium prints it, read again by poppler."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag
from chapters import CHAPTERS
from playwright.sync_api import Browser, Page
from reading import ADDRESSES, RICH, source

from .conftest import ROOT

pytestmark = pytest.mark.slow  # prints chapters

# Words of the theme's controls; none of them is a word of the chapter that is printed.
CONTROLS = {
    "zh": ["跳转至", "回到页面顶部", "目录", "下一页", "上一页", "搜索", "English", "下载 Jupyter"],
    "en": [
        "Skip to content", "Table of contents", "Back to top", "Search", "中文", "Download as",
        "Copy to clipboard",
    ],
}  # fmt: skip
PAGES = {
    code: next(name for name in RICH if not any(word in source(name, code) for word in words))
    for code, words in CONTROLS.items()
}
# The paper's width without its margins, in CSS pixels: 178 mm.
WIDTH = 672
CUT = """() => [...document.querySelectorAll(
    ".md-typeset :is(.katex-display, svg, table, pre, .cell-output, x-math)")]
  .filter(element => element.checkVisibility() && !element.closest("x-term-tip, details"))
  .filter(element => element.getBoundingClientRect().right > innerWidth + 1
    || element.scrollWidth > element.clientWidth + 1
       && !["visible", ""].includes(getComputedStyle(element).overflowX))
  .map(element => element.outerHTML.slice(0, 120))"""


@pytest.fixture(scope="module", params=["zh", "en"])
def code(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def put_on_paper(chromium: Browser, url: str, pdf: Path, scheme: str = "light") -> None:
    """Print a page as a reader does whose system is light or dark."""
    context = chromium.new_context(color_scheme=scheme)
    page = context.new_page()
    page.goto(url, wait_until="networkidle")
    expected = {"light": "default", "dark": "slate"}[scheme]
    assert page.locator("body").get_attribute("data-md-color-scheme") == expected
    page.pdf(path=pdf, format="A4")
    context.close()


@pytest.fixture(scope="module")
def paper(
    chromium: Browser,
    site_url: str,
    code: str,
    poppler: None,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """A chapter printed by a reader in light mode, and, beside it, by one in dark mode."""
    folder = tmp_path_factory.mktemp(code)
    for scheme in ("light", "dark"):
        url = f"{site_url}{code}/{PAGES[code]}/"
        put_on_paper(chromium, url, folder / f"{scheme}.pdf", scheme)
    return folder / "light.pdf"


def text(pdf: Path, *options: str) -> str:
    done = subprocess.run(
        ["pdftotext", *options, pdf, "-"], capture_output=True, check=True, encoding="utf-8"
    )
    return done.stdout


def squeezed(words: str) -> str:
    """Without blanks, which line breaks and fonts make and lose."""
    return re.sub(r"\s", "", words)


def html(site: Path, code: str, chapter: str = "") -> Tag:
    file = site / code / (chapter or PAGES[code]) / "index.html"
    page = BeautifulSoup(file.read_text("utf-8"), "html5lib")
    article = page.select_one("article")
    assert article
    return article


def test_paper_has_no_controls(paper: Path, code: str) -> None:
    printed = squeezed(text(paper))
    assert [words for words in CONTROLS[code] if squeezed(words) in printed] == []


def test_all_sections_are_on_paper(paper: Path, code: str, site: Path) -> None:
    printed = squeezed(text(paper))
    for heading in html(site, code).select("h2, h3"):
        heading.select(".headerlink")[0].decompose()
        if not heading.select("x-math"):
            assert squeezed(heading.get_text()) in printed


def test_addresses_of_outside_links_are_written_out(
    chromium: Browser, site: Path, site_url: str, code: str, poppler: None, tmp_path: Path
) -> None:
    put_on_paper(chromium, f"{site_url}{code}/{ADDRESSES[0]}/", tmp_path / "page.pdf")
    links = [str(link["href"]) for link in html(site, code, ADDRESSES[0]).select("a[href^=http]")]
    # In the order in which it was printed: smaller letters do not begin a line of their own.
    printed = squeezed(text(tmp_path / "page.pdf", "-raw"))
    close = "）" if code == "zh" else ")"
    assert links
    assert [link for link in links if f"{link}{close}" not in printed] == []


def test_solutions_stay_closed(paper: Path, code: str) -> None:
    module = ROOT / "snippets" / f"{PAGES[code].replace('-', '_')}.py"
    cells = re.split(r"^# %% ", module.read_text("utf-8"), flags=re.MULTILINE)
    solutions = [cell for cell in cells if re.match(r"[\w-]+ tags=\[.*solution", cell)]
    checks = [cell for cell in cells if re.match(r"[\w-]+ tags=\[.*check", cell)]
    assert solutions and checks
    others = squeezed("".join(cell for cell in cells if cell not in solutions))
    printed = squeezed(text(paper))
    for cell in solutions:
        own = [line for line in cell.splitlines()[1:] if squeezed(line) not in others]
        assert own and [line for line in own if squeezed(line) in printed] == []
    for cell in checks:
        assert squeezed(cell.splitlines()[1]) in printed


def test_tips_are_left_out(paper: Path, code: str, site: Path) -> None:
    tips = [tip.get_text() for tip in html(site, code).select("x-term-tip")]
    printed = squeezed(text(paper))
    assert len(tips) > 5
    assert [tip for tip in tips if squeezed(tip) in printed] == []


def test_dark_readers_print_as_light_ones(paper: Path) -> None:
    pictures = []
    for pdf in (paper, paper.with_name("dark.pdf")):
        subprocess.run(["pdftoppm", "-r", "30", pdf, pdf.with_suffix("")], check=True)
        pictures.append(
            [file.read_bytes() for file in sorted(pdf.parent.glob(f"{pdf.stem}-*.ppm"))]
        )
    assert len(pictures[0]) > 5
    assert pictures[0] == pictures[1]
    assert all(picture[-3:] == b"\xff\xff\xff" for picture in pictures[0])  # white down to the edge


def test_no_page_ends_in_a_heading(paper: Path, code: str, site: Path) -> None:
    titles = set()
    for heading in html(site, code).select("h2, h3, h4"):
        heading.select(".headerlink")[0].decompose()
        titles.add(squeezed(heading.get_text()))
    pages = text(paper).split("\f")
    last = [squeezed(page.strip().splitlines()[-1]) for page in pages if page.strip()]
    assert [line for line in last if line in titles] == []


def test_no_fold_that_cannot_be_opened_is_on_paper(page: Page) -> None:
    page.goto(f"/{CHAPTERS[0]}/")
    page.emulate_media(media="print")
    folds = page.locator('.cell:has([data-kind="figure"]) > .cell-fold')
    assert folds.count()
    assert not any(fold.is_visible() for fold in folds.all())


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_nothing_is_wider_than_the_paper(page: Page, chapter: str) -> None:
    """Chromium would make everything smaller, or cut it."""
    page.set_viewport_size({"width": WIDTH, "height": 900})
    page.goto(f"/{chapter}/")
    page.emulate_media(media="print")
    assert page.evaluate("document.documentElement.scrollWidth") == WIDTH
    assert page.evaluate(CUT) == []
