"""KaTeX's fonts keep what formulas show, each in the faces that its classes may take."""

from __future__ import annotations

import io
from contextlib import closing
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from livenotes.core.store import Store
from livenotes.rendering.fonts import characters, cut
from livenotes.rendering.katex import Formula, Katex
from livenotes.rendering.node.install import install

CACHE = Path(__file__).parents[3] / ".cache/livenotes"
CSS = (
    "@font-face{font-family:KaTeX_Main;src:url(fonts/Main.woff2)}"
    "@font-face{font-family:KaTeX_Main;font-weight:700;src:url(fonts/Bold.woff2)}"
    "@font-face{font-family:KaTeX_Math;font-style:italic;src:url(fonts/Math.woff2)}"
    ".katex .mathnormal{font-family:KaTeX_Math;font-style:italic}"
    ".katex .mathbf,.katex .strong{font-family:KaTeX_Main;font-weight:700}"
)


def formula(inner: str) -> str:
    hidden = '<span class="katex-mathml"><math><mi>q</mi></math></span>'
    return f'<span class="katex">{hidden}<span class="katex-html">{inner}</span></span>'


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        ("<span>1</span>", {"Main.woff2": "1", "Bold.woff2": "", "Math.woff2": ""}),
        (
            '<span class="mord mathnormal">x</span><span>=</span>',
            {"Main.woff2": "=x", "Bold.woff2": "", "Math.woff2": "x"},
        ),
        (
            '<span class="strong"><span>a</span></span>&lt;',
            {"Main.woff2": "<a", "Bold.woff2": "a", "Math.woff2": ""},
        ),
    ],
)
def test_a_character_is_kept_where_a_class_around_it_may_put_it(
    inner: str, expected: dict[str, str]
) -> None:
    assert characters(CSS, [formula(inner)]) == expected


@pytest.fixture(scope="module")
def fonts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """KaTeX's own fonts and style sheet, in a folder that may be changed."""
    folder = tmp_path_factory.mktemp("katex")
    with closing(Katex(CACHE)) as katex:
        for uri, content in katex.assets():
            file = folder / uri
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content if isinstance(content, bytes) else content.read_bytes())
    return folder / "assets/katex/fonts"


def signs(font: bytes) -> set[str]:
    return {chr(code) for code in TTFont(io.BytesIO(font)).getBestCmap()}


def test_fonts_hold_what_is_shown_and_little_else(fonts: Path, tmp_path: Path) -> None:
    with closing(Katex(CACHE)) as katex:
        html = [str(each) for each in katex.render([Formula(r"\mathbb R^n \ni \mathbf w", True)])]
    css = fonts.with_name("katex.css").read_text("utf-8")
    full = {file.name: file.read_bytes() for file in fonts.iterdir()}
    cut(fonts, characters(css, html), Store(tmp_path))
    light = {file.name: file.read_bytes() for file in fonts.iterdir()}
    assert light.keys() == full.keys()
    assert "R" in signs(light["KaTeX_AMS-Regular.woff2"])
    assert "w" in signs(light["KaTeX_Main-Bold.woff2"])
    assert "n" in signs(light["KaTeX_Math-Italic.woff2"])
    assert "∋" in signs(light["KaTeX_Main-Regular.woff2"])
    assert sum(map(len, light.values())) < sum(map(len, full.values())) / 8


def test_the_style_sheet_names_every_font_of_katex() -> None:
    css = (install(CACHE) / "dist/katex.min.css").read_text("utf-8")
    files = {file.name for file in (install(CACHE) / "dist/fonts").glob("*.woff2")}
    assert characters(css, []).keys() == files
