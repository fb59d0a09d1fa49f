"""A last look at finished HTML finds what no reader should see."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from livenotes.checks.published import broken_addresses, broken_anchors, is_there, look

KATEX = '<span class="katex"><math><annotation>x \\\\[4pt] y</annotation></math>\ue020</span>'


def messages(html: str) -> list[str]:
    return [fault.message for fault in look(html).faults]


@pytest.mark.parametrize(
    "html",
    [
        '<span class="arithmatex">\\(x^2\\)</span>',
        "<x-math class=arithmatex>\\(x^2\\)</x-math>",
        '<div class="arithmatex"><span lang="en">\\[\\text{loss}\\]</span></div>',
        '<div id=a class="x arithmatex">$$x$$</div>',
        '<script type="math/tex">x^2</script>',
        '<script type="math/tex; mode=display">x^2</script>',
        "<x-math></x-math>",
    ],
)
def test_a_formula_without_katex_is_found(html: str) -> None:
    (message,) = messages(f"<p>{html}</p>")
    assert message.startswith("a formula was not typeset")


@pytest.mark.parametrize(
    "html",
    [
        f'<x-math class="arithmatex">{KATEX}</x-math>',
        f'<div class="arithmatex"><span lang="en">{KATEX}</span></div>',
        '<x-math class="arithmatex"><code class="math-error">\\frac</code></x-math>',
        "<pre><code>$$x$$ \\(y\\)</code></pre><p>costs $5, then $6</p>",
        '<svg><text>\\(x\\)</text></svg><script>"$$"</script><style>a{b:"\\[ "}</style>',
        '<div class="cell" data-cell="m:a"><pre>1</pre></div>',
        '<span data-cell-value="m:a">0.5</span>',
        '<h2 id="a">A</h2><a href="#a">to a</a>',
    ],
)
def test_what_is_right_is_left_alone(html: str) -> None:
    assert messages(html) == []


@pytest.mark.parametrize(
    "text", ["so \\(x\\) is", "so \\[x\\] is", "so $$x$$ is", "an open $$ is", "a \\( b"]
)
def test_delimiters_of_formulas_outside_code_are_found(text: str) -> None:
    (message,) = messages(f"<p>{text}</p><pre>$$y$$</pre>")
    assert message.startswith("this looks like a formula")


def test_an_unfilled_cell_is_found() -> None:
    html = '<div data-cell="m:a" data-show="both"></div><span data-cell-value="m:b"> </span>'
    assert messages(html) == [
        "the place of cell 'm:a' is empty",
        "the place of cell 'm:b' is empty",
    ]


@pytest.mark.parametrize(
    "html", ["<p>a\ue238b</p>", "<svg><text>\ue238</text></svg>", "\U000f0001"]
)
def test_a_private_use_character_is_found(html: str) -> None:
    (message,) = messages(html)
    assert message.startswith("U+")


def test_a_double_id_is_found() -> None:
    html = '<h2 id="a">A</h2><p id=a>x</p><svg><g id="b"/></svg><i id="b"></i><i id="c"></i>'
    assert messages(html) == [
        "the id 'a' stands 2 times on the page",
        "the id 'b' stands 2 times on the page",
    ]


def test_links_to_anchors_are_followed_through_the_site() -> None:
    pages = {
        "en/a/": look(
            '<h1 id="one"></h1><a href="#one"></a><a href="#none"></a><a href="../b/#two"></a>'
            '<a href="../b/#three"></a><a href="../../zh/b/#%E4%BA%8C"></a><a href="/en/b/#no"></a>'
            '<a href="https://example.org/#x"></a><a href="../data.json#y"></a><a href="#top"></a>'
        ),
        "en/b/": look('<h1 id="two"></h1><a href="..#home"></a><a href="../a/#one"></a>'),
        "zh/b/": look('<h1 id="二"></h1>'),
        "en/": look('<h1 id="home"></h1>'),
    }
    faults = [fault.message for fault in broken_anchors("en/a/", pages)]
    assert [message.split("'")[1] for message in faults] == ["#none", "../b/#three", "/en/b/#no"]
    assert list(broken_anchors("en/b/", pages)) == []


def test_pages_without_directories_are_followed_too() -> None:
    pages = {"en/a.html": look('<a href="b.html#x"></a><a href="#y"></a>'), "en/b.html": look("")}
    assert len(list(broken_anchors("en/a.html", pages))) == 2


def test_a_fault_names_the_line_of_the_source() -> None:
    source = "# T\n\nText\n\n$$\n\\frac{1}{2} +\n\\alpha\n$$\n\n[x](#gone)\n"
    page = look('<div class="arithmatex">\\[\n\\frac{1}{2} +\n\\alpha\n\\]</div>')
    problem = page.faults[0].at("docs/en/a.md", source)
    assert (problem.path, problem.line) == ("docs/en/a.md", 6)
    (fault,) = broken_anchors("a/", {"a/": look('<a href="#gone"></a>')})
    assert fault.at("docs/en/a.md", source).line == 10


@pytest.mark.parametrize(
    ("source", "html", "line"),
    [
        ("$$\nx\n$$\n\nSee $$x^2 here.", "<p>See $$x^2 here.</p><p>More</p>", 5),
        ("A\n\nSee $$x$$$ here", "<p>See $<x-math><b class=katex>x</b></x-math>$$ here</p>", 3),
        ("A\n\ntwo $$a +\nb$$ lines", "<p>two $$a +\nb$$ lines</p>", 3),
    ],
)
def test_dollars_inside_a_sentence_name_their_line(source: str, html: str, line: int) -> None:
    (fault,) = look(html).faults
    assert fault.at("docs/en/a.md", source).line == line


def test_what_is_read_as_a_formula_between_two_dollars_is_left_to_other_checks() -> None:
    assert look("<p>$<x-math><b class=katex>x</b></x-math>$ <code>$$</code></p>").faults == ()


def test_a_long_excerpt_is_cut_short() -> None:
    (fault,) = look("<p>$$ " + "x + " * 100 + "$$</p>").faults
    assert len(fault.excerpt) == 60
    assert fault.excerpt.startswith("$$ x + x") and fault.excerpt.endswith("…")


def test_pictures_of_html_need_an_alt_text() -> None:
    html = """<img src="logo.png"><article><img src="a.png"><img src="b.png" alt="">
        <img src="c.png" alt="c"></article>"""
    (fault,) = look(html).faults
    assert fault.message == "a picture without alt text: a.png" and fault.slight


@pytest.mark.parametrize(
    ("element", "broken"),
    [
        ('<a href="gone.md">', True),
        ('<a href="../gone/">', True),
        ('<a href="../../gone.pdf?x=1#y">', True),
        ('<img alt="" src="gone.png">', True),
        ('<a href="../b/">', False),
        ('<a href="../b">', False),
        ('<a href="./">', False),
        ('<a href="?q=1">', False),
        ('<a href="../../a%20file.txt">', False),
        ('<img alt="" src="../../a file.txt">', False),
        ('<a href="https://example.org/gone.md">', False),
        ('<a href="//example.org/gone.md">', False),
        ('<a href="/elsewhere/">', False),
        ('<a href="mailto:a@b.org">', False),
        ('<a href="told.md">', False),
        ('<div class="cell"><a href="of-a-cell">', False),
        ('<span class="notebook-links"><a href="../notebooks/of-a-failure.ipynb">', False),
    ],
)
def test_addresses_of_html_that_lead_nowhere(element: str, broken: bool, tmp_path: Path) -> None:
    for name in ("en/a/index.html", "en/b/index.html", "a file.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    page = look(f"<a href=of-the-theme></a><article><p>{element}")
    found = list(broken_addresses("en/a/", page, partial(is_there, str(tmp_path)), {"told.md"}))
    assert len(found) == broken
    assert all(fault.slight for fault in found)
