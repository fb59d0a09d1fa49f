r"""A page with its formulas left to the browser: all of them, and nothing else is changed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from reading import FORMULAS

from benchmarks.clientside import client_side, untypeset, write_client_side
from livenotes.rendering.katex import Katex
from livenotes.rendering.node.install import install
from livenotes.rendering.typeset import substitute, substitute_text

ROOT = Path(__file__).parents[2]
BUNDLE = '<script defer src="../../assets/javascripts/bundle.1a2b.min.js"></script>'


@pytest.fixture(scope="module")
def katex() -> Iterator[Katex]:
    with closing(Katex(ROOT / ".cache/livenotes")) as katex:
        yield katex


def placeholders(page: str) -> str:
    """The formulas of a page's source as arithmatex writes them."""
    text = re.sub(r"^```.*?^```|`[^`]*`", "", page, flags=re.M | re.S)
    html = []
    for match in re.finditer(r"\$\$(.+?)\$\$|(?<!\\)\$([^$]+?)(?<!\\)\$", text, re.S):
        tex = (match[1] or match[2]).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        html.append(
            rf'<div class="arithmatex">\[{tex}\]</div>'
            if match[1]
            else rf'<p>a <x-math class="arithmatex">\({tex}\)</x-math>, b</p>'
        )
    return "\n".join(html)


def texts(html: str) -> list[str]:
    """Each formula with what surrounds it, as a browser reads it: a quote may be escaped or not."""
    return [e.text for e in BeautifulSoup(html, "html.parser").select("p, div")]


@pytest.mark.parametrize(
    "page", [f"zh/{FORMULAS[1]}.md", f"en/{FORMULAS[0]}.md", f"en/{FORMULAS[2]}.md"]
)
def test_every_formula_of_a_page_comes_back_as_it_was_written(katex: Katex, page: str) -> None:
    written = placeholders((ROOT / "docs" / page).read_text("utf-8"))
    assert written.count(r"\(") > 30 and written.count(r"\[") > 3
    typeset, broken = substitute(written, katex)
    assert not broken and typeset.count('class="katex"') == written.count("arithmatex")
    assert texts(untypeset(typeset)) == texts(written)


def test_a_formula_in_the_contents_comes_back(katex: Katex) -> None:
    title = r"From \(a &lt; b\) to \(\sqrt{b}\), and on"
    assert untypeset(substitute_text(title, katex)[0]) == title


def test_a_page_without_formulas_is_refused() -> None:
    with pytest.raises(ValueError, match="en/index/ has no formula"):
        client_side(f"<p>Words.</p>{BUNDLE}", "en/index/")


def test_the_page_and_all_that_it_loads_are_written(katex: Katex, tmp_path: Path) -> None:
    site, folder = tmp_path / "site", tmp_path / "copy"
    for path, content in katex.assets():
        file = site / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.read_bytes()[:9])
    formula = substitute(r'<x-math class="arithmatex">\(x_1\)</x-math>', katex)[0]
    other = site / "en/other/index.html"
    for file in (site / "en/page/index.html", other):
        file.parent.mkdir(parents=True)
        file.write_text(f"<p>{formula}</p>{BUNDLE}<p>end</p>", "utf-8")
    write_client_side(site, install(ROOT / ".cache/livenotes"), ["en/page/"], folder)
    page = folder / "en/page/index.html"
    soup = BeautifulSoup(page.read_text("utf-8"), "html.parser")
    assert [p.text for p in soup.select("p")] == [r"\(x_1\)", "end"]
    scripts = [page.parent / str(script["src"]) for script in soup.select("script")]
    names = [script.name for script in scripts]
    assert names == ["bundle.1a2b.min.js", "client.js", "katex.min.js", "auto-render.min.js"]
    assert all(script.is_file() for script in scripts[1:])
    fonts = folder / "assets/katex/fonts"
    assert min(font.stat().st_size for font in fonts.glob("*.woff2")) > 1000  # whole ones again
    assert (folder / "en/other/index.html").read_bytes() == other.read_bytes()
