"""What of a page can be searched: its words, by section, as Material's index has them."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable

import pytest
from documents import document
from material.plugins.search.plugin import Parser

from livenotes.site.searchtext import Section, sections

Texts = Iterable[tuple[str, str]]


def texts(html: str) -> Texts:
    """A cell that gives 1 below "Code"; other HTML is given back."""
    if "data-cell" not in html:
        return [("html", html)]
    return [("line", "Code"), ("code", "x < 1\n"), ("output", "True"), ("html", "<table></table>")]


def read(text: str) -> list[Section]:
    return sections(document(text).root, texts, lambda reference: f"value of {reference}")


def text_of(markdown: str) -> str:
    """The text of a page's only section."""
    (section,) = read(f"# Top {{#top}}\n\n{markdown}")
    return "".join(section.text).strip()


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("Take $x_1$, then go.", "<p>Take …, then go.</p>"),
        ("Then\n\n$$\n\\nabla f\n$$\n\nholds.", "<p>Then</p> <p>holds.</p>"),
        ("About `{cell} m:a` of `{b}`.", "<p>About value of m:a of <code>{b}</code>.</p>"),
        ("```yaml\na:\n  b\n```", "<pre><code>a:\n  b\n</code></pre>"),
        ("a\nb <b>c</b> & d", "<p>a b c &amp; d</p>"),
        ("| 中文 | English |\n|---|---|\n| 秩 | *rank* |",
         "<p> 中文 English </p> <p> 秩 rank </p>"),
        ('```python cell="m:a"\n```',
         "Code<pre><code>x &lt; 1\n</code></pre><pre>True</pre>"),
        ('<svg><text>axis</text></svg>\n\n<div>\n<script>1</script>raw <b>b</b>\n</div>',
         "raw b"),
    ],
)  # fmt: skip
def test_the_words_of_a_section(markdown: str, text: str) -> None:
    assert " ".join(text_of(markdown).split(" ")) == text


def test_each_heading_with_an_id_begins_a_section() -> None:
    found = read(
        "# A {#a}\n\nintro\n\n## B $x$ {#b}\n\n!!! note\n    ### C {#c}\n\n    in\n\nafter"
    )
    assert [(s.id, "".join(s.title)) for s in found] == [("", "A"), ("b", "B …"), ("c", "C")]
    assert "after" in "".join(found[1].text) and "in" in "".join(found[2].text)


def test_text_above_the_first_heading_belongs_to_the_page() -> None:
    assert [(s.id, "".join(s.title)) for s in read("x\n\n## B {#b}\n")] == [("", ""), ("b", "B")]


PLAIN = """# A {#a}

Some *words* and `code`[^1], a [link](b.md).

- one

    two
- H~2~O

## B {#b}

> quoted

1. x
2. y

| a | b |
|---|---|
| c | d |

### C {#c}
"""


def test_plain_pages_are_read_as_material_reads_them() -> None:
    """But for tables, which Material does not keep."""
    page = document(PLAIN)
    parser = Parser()
    parser.feed(page.html.replace("tr>", "p>"))
    parser.close()
    theirs = [(s.id or "", "".join(s.title), "".join("".join(s.text).split())) for s in parser.data]
    ours = [(s.id, "".join(s.title), "".join("".join(s.text).split())) for s in read(PLAIN)]
    assert ours == theirs


def test_tips_are_not_searched_and_the_text_around_them_is_whole() -> None:
    root = ET.fromstring(
        "<div><p>A <span><dfn>term</dfn><x-term-tip>meaning</x-term-tip></span> here.</p></div>"
    )
    (section,) = sections(root, texts, str)
    assert "".join(section.text) == "<p>A term here.</p>"
