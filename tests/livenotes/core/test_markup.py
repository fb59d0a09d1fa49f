"""What a browser would run or fetch is found; what matplotlib and pandas make is let through."""

from __future__ import annotations

import io

import matplotlib.pyplot as plt
import pytest

from livenotes.core.markup import unsafe, with_own_ids

SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:x="http://www.w3.org/1999/xlink">{}</svg>'


@pytest.mark.parametrize(
    "inner",
    [
        "<script>alert(1)</script>",
        "<foreignObject><p xmlns='http://www.w3.org/1999/xhtml'>x</p></foreignObject>",
        "<g onload='alert(1)'/>",
        "<g ONCLICK='alert(1)'/>",
        "<a href='javascript:alert(1)'><text>x</text></a>",
        "<a x:href=' java&#10;script:alert(1)'><text>x</text></a>",
        "<use href='https://example.org/a.svg#b'/>",
        "<image href='//example.org/a.png'/>",
        "<image href='data:image/svg+xml;base64,AAAA'/>",
        "<rect style='fill: url(https://example.org/a)'/>",
        "<style>@import 'https://example.org/a.css';</style>",
        "<set attributeName='href' to='javascript:alert(1)'/>",
        "<b xmlns='http://www.w3.org/1999/xhtml'/>",
        "<g>",
        "<g a='1' a='2'/>",
        "&undefined;",
    ],
)
def test_a_picture_that_would_run_or_fetch_is_found(inner: str) -> None:
    assert unsafe("image/svg+xml", SVG.format(inner))


def test_what_is_no_picture_at_all_is_found() -> None:
    bomb = '<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefghi", "bcdefghij", strict=True)
    )
    for text in ("", "text", "<html/>", "<svg/>", f"{bomb}]>{SVG.format('&j;')}"):
        assert unsafe("image/svg+xml", text)


def test_a_figure_of_matplotlib_is_none_of_these() -> None:
    figure, axes = plt.subplots()
    axes.imshow([[1, 2], [3, 4]])
    axes.plot([0, 1], label="a")
    axes.legend(title="<script>")
    axes.set_title(r"$\sqrt{x}$ url(https://example.org)", url="#here")
    file = io.StringIO()
    figure.savefig(file, format="svg")
    plt.close(figure)
    assert unsafe("image/svg+xml", file.getvalue()) == ""


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        "<table><tr onclick=alert(1)>",
        "<img src=x>",
        "<img src='https://example.org/pixel.gif'>",
        "<a href='java\tscript:alert(1)'>x</a>",
        "<IFRAME>",
        "<svg/onload=alert(1)>",
        "<p style='background: url(//example.org/x)'>",
        "<base href='//example.org'>",
        "<form><input></form>",
    ],
)
def test_html_that_would_run_or_fetch_is_found(html: str) -> None:
    assert unsafe("text/html", html)


@pytest.mark.parametrize(
    "html",
    [
        '<div><style scoped>\n    .dataframe tbody tr th { vertical-align: top; }\n</style>\n'
        '<table border="1" class="dataframe"><tr><th>a</th></tr></table></div>',
        "<b>bold</b> <i style='color: red'>x</i> &lt;script&gt;",
        '<img src="data:image/png;base64,iVBORw0KGgo=">',
    ],
)  # fmt: skip
def test_html_that_only_shows_is_let_through(html: str) -> None:
    assert unsafe("text/html", html) == ""


def test_other_formats() -> None:
    assert unsafe("application/javascript", "1")
    assert unsafe("image/png", '"><script>')
    assert unsafe("image/png", "iVBORw0KGgo=\n") == ""
    assert unsafe("text/plain", "<script>") == ""
    assert unsafe("text/markdown", "*a* <img src=x onerror=alert(1)>")


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p class='a'>no ids</p>", "<p class='a'>no ids</p>"),
        ('<b id="T_3f">T_3f</b>', '<b id="m-1">T_3f</b>'),
        (
            "<style>#T_3f_row0, #T_3f:hover {color: #abc}</style>"
            '<table id="T_3f"><td id="T_3f_row0" class="T_3f">',
            "<style>#m-2, #m-1:hover {color: #abc}</style>"
            '<table id="m-1"><td id="m-2" class="T_3f">',
        ),
        (
            """<p id='x-1'><label for="x-1" aria-controls='x-1'><a href="#x-1">x-10""",
            """<p id='m-1'><label for="m-1" aria-controls='m-1'><a href="#m-1">x-10""",
        ),
        (
            '<i id="a"></i><i id="ab"></i><a href="#ab">',
            '<i id="m-1"></i><i id="m-2"></i><a href="#m-2">',
        ),
        (
            '<div id="u-1"></div><script>draw("u-1")</script>',
            '<div id="m-1"></div><script>draw("m-1")</script>',
        ),
    ],
)
def test_ids_are_numbered_and_what_names_them_follows(html: str, expected: str) -> None:
    assert with_own_ids(html, "m") == expected
