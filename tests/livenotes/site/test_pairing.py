"""Two pages become one: language twice, everything else once."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from html import escape
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livenotes.document.html import RAW, inner_html
from livenotes.rendering.fill import CELL, cell_placeholder
from livenotes.site.pairing import Pairing

CODES = ("zh", "en")


def tree(html: str) -> ET.Element:
    """A page's tree; cells stand in it as HTML of their own, as they do in documents."""
    html = CELL.sub(lambda match: f"<{RAW}>{escape(match[0])}</{RAW}>", html)
    return ET.fromstring(f"<div>{html}</div>")


def pair(first: str, second: str) -> str:
    return paired(Pairing(CODES), first, second)


def paired(pairing: Pairing, first: str, second: str) -> str:
    return inner_html(pairing.pair(tree(first), tree(second))).strip()


def mark(number: int) -> str:
    """A cell of a page, before outputs are filled in."""
    return cell_placeholder(f"m:c{number}", {})


class Words(HTMLParser):
    """Words by the language that the nearest element claims; ids; tags that are never closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: dict[str, list[str]] = {"": [], "zh": [], "en": []}
        self.ids: list[str] = []
        self.open: list[tuple[str, str]] = [("", "")]
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.ids += [values["id"] or ""] if "id" in values else []
        self.open.append((tag, values.get("lang") or self.open[-1][1]))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        words = [word for word in data.split() if not "\ue000" <= word[0] <= "\uf8ff"]  # no marks
        self.words[self.open[-1][1]] += words


def test_paragraphs_stand_beside_each_other_and_say_their_language() -> None:
    assert pair("<p>一</p>\n<p>二</p>", "<p>one</p>\n<p>two</p>") == (
        '<div class="pair"><p lang="zh">一</p><p lang="en">one</p></div>\n'
        '<div class="pair"><p lang="zh">二</p><p lang="en">two</p></div>'
    )


def test_a_heading_is_one_with_one_id_and_one_link_to_itself() -> None:
    heading = '<h2 id="leaf">{}<a class="headerlink" href="#leaf" title="x">¶</a></h2>'
    html = pair(heading.format("叶子"), heading.format("Leaf"))
    assert html == (
        '<h2 id="leaf"><span lang="zh">叶子</span> <span lang="en">Leaf'
        '<a class="headerlink" href="#leaf" title="x">¶</a></span></h2>'
    )
    assert pair(heading.format("PyTorch"), heading.format("PyTorch")) == heading.format("PyTorch")


@pytest.mark.parametrize(
    "once", ['<div class="arithmatex">\\[x\\]</div>', "<hr />", "<p><code>x</code></p>"]
)
def test_what_is_the_same_stands_once(once: str) -> None:
    assert pair(once, once) == once


def test_a_formula_with_words_in_it_stands_twice() -> None:
    formula = '<div class="arithmatex">\\[\\text{%s}\\]</div>'
    assert Words(pair(formula % "若", formula % "if")).words == {
        "": [],
        "zh": ["\\[\\text{若}\\]"],
        "en": ["\\[\\text{if}\\]"],
    }


def test_lists_and_tables_are_paired_item_by_item_in_one_frame() -> None:
    html = pair(
        "<ol>\n<li>一</li>\n<li>\n<p>二</p>\n<ul>\n<li>三</li>\n</ul>\n</li>\n</ol>",
        "<ol>\n<li>one</li>\n<li>\n<p>two</p>\n<ul>\n<li>three</li>\n</ul>\n</li>\n</ol>",
    )
    assert html.count("<ol>") == html.count("<ul>") == 1
    assert html.count("<li>") == 3
    assert Words(html).words == {"": [], "zh": ["一", "二", "三"], "en": ["one", "two", "three"]}

    table = (
        "<table><thead><tr><th>{}</th><th>n</th></tr></thead>"
        "<tbody><tr><td>{}</td><td>7</td></tr></tbody></table>"
    )
    html = pair(table.format("名", "甲"), table.format("name", "a"))
    assert html.count("<table>") == 1
    assert Words(html).words == {"": ["n", "7"], "zh": ["名", "甲"], "en": ["name", "a"]}


def test_lists_and_tables_of_different_shape_stand_beside_each_other_whole() -> None:
    pairing = Pairing(CODES)
    html = paired(pairing, "<ul><li>一</li></ul>", "<ul><li>one</li><li>two</li></ul>")
    assert html == (
        '<div class="pair"><ul lang="zh"><li>一</li></ul>'
        '<ul lang="en"><li>one</li><li>two</li></ul></div>'
    )


def test_a_box_is_one_box_and_a_cell_in_it_is_one_cell() -> None:
    box = '<div class="admonition note">\n<p class="admonition-title">{}</p>\n<p>{}</p>\n{}\n</div>'
    html = pair(box.format("注", "一", mark(0)), box.format("Note", "one", mark(3)))
    assert html.count("admonition note") == html.count("admonition-title") == 1
    assert mark(0) in html
    assert mark(3) not in html
    words = Words(html).words
    assert (words["zh"], words["en"]) == (["注", "一"], ["Note", "one"])


def test_tabs_keep_one_set_of_buttons() -> None:
    tabs = (
        '<div class="tabbed-set"><input id="__tabbed_1_1" name="__tabbed_1" type="radio" />'
        '<div class="tabbed-labels"><label for="__tabbed_1_1">{}</label></div>'
        '<div class="tabbed-content"><div class="tabbed-block"><p>{}</p></div></div></div>'
    )
    html = pair(tabs.format("苹果", "一"), tabs.format("Apple", "one"))
    assert html.count("<input") == html.count("<label") == 1
    assert html.count('name="__tabbed_1"') == 1


def test_ids_of_the_second_language_are_told_from_those_of_the_first() -> None:
    term = (
        '<p><dfn aria-describedby="term-tip-1">{0}</dfn>'
        '<x-term-tip id="term-tip-1">{0}</x-term-tip></p>'
    )
    html = pair(term.format("梯度"), term.format("gradient"))
    assert Words(html).ids == ["term-tip-1", "en-term-tip-1"]
    assert re.findall(r'describedby="([^"]+)">(\w+)', html) == [
        ("term-tip-1", "梯度"),
        ("en-term-tip-1", "gradient"),
    ]


def test_blocks_that_do_not_correspond_are_paired_between_two_cells() -> None:
    pairing = Pairing(CODES)
    html = paired(
        pairing,
        f"<h2 id='a'>甲</h2><p>一</p>{mark(0)}<p>二</p>{mark(1)}<p>三</p>",
        f"<h2 id='a'>A</h2><p>one</p>{mark(0)}<p>two</p><ul><li>2</li></ul>{mark(1)}<p>three</p>",
    )
    assert pairing.coarse == 1
    assert html.count('class="pair"') == 3
    assert '<p lang="zh">二</p><div lang="en"><p>two</p><ul><li>2</li></ul></div>' in html


def test_a_section_of_one_language_is_shown_alone() -> None:
    """As a server sees it while the other language is still to be written."""
    html = pair(
        '<h2 id="a">甲</h2><p>一</p><h2 id="b">乙</h2><p>二</p>',
        '<h2 id="b">B</h2><p>two</p>',
    )
    words = Words(html)
    assert words.ids == ["a", "b"]
    assert words.words["zh"] == ["甲", "一", "乙", "二"]
    assert words.words["en"] == ["B", "two"]


def test_a_cell_has_its_words_in_both_languages() -> None:
    first = cell_placeholder("m:c", {"alt": "图", "caption": "说明"})
    second = cell_placeholder("m:c", {"alt": "Plot", "caption": "Note"})
    assert pair(first, second) == cell_placeholder(
        "m:c", {"alt": "图", "caption": "说明", "other-alt": "Plot", "other-caption": "Note"}
    )


BLOCKS = ("p", "li", "cell", "box", "formula", "boxed cell")


def page(code: str, sections: list[list[str]]) -> tuple[str, list[str], int]:
    """A page of such blocks: its HTML, its words in order, how many cells it has."""
    html, words, cells = "", [], 0

    def word() -> str:
        words.append(f"{code}{len(words)}")
        return words[-1]

    for number, blocks in enumerate(sections):
        html += f'<h2 id="s{number}">{word()}</h2>\n'
        for block in blocks:
            cell = mark(cells) if "cell" in block else ""
            cells += bool(cell)
            if block in ("box", "boxed cell"):
                html += f'<div class="admonition">\n<p class="admonition-title">{word()}</p>\n'
                html += f"<p>{word()}</p>{cell}\n</div>\n"
            elif cell:
                html += f"{cell}\n"
            elif block == "li":
                html += f'<ul>\n<li id="x{len(words)}">{word()}</li>\n<li>{word()}</li>\n</ul>\n'
            elif block == "formula":
                html += f'<div class="arithmatex">{word()}</div>\n'
            else:
                html += f'<p id="x{len(words)}">{word()}</p>\n'
    return html, words, cells


SECTIONS = st.lists(st.lists(st.sampled_from(BLOCKS), max_size=5), min_size=1, max_size=3)


@settings(max_examples=200, deadline=None)
@given(SECTIONS, st.data())
def test_no_word_is_lost_doubled_or_moved(first: list[list[str]], data: st.DataObject) -> None:
    """Whatever blocks two pages of the same sections have, in the same order or not."""
    same = data.draw(st.booleans())
    second = first if same else [data.draw(st.permutations(blocks)) for blocks in first]
    (zh, zh_words, cells), (en, en_words, _) = page("zh", first), page("en", second)
    pairing = Pairing(CODES)
    html = paired(pairing, zh, en)
    found = Words(html)
    assert found.words["zh"] == zh_words
    assert found.words["en"] == en_words
    assert len(found.ids) == len(set(found.ids))
    assert [html.count(mark(number)) for number in range(cells)] == [1] * cells
    assert not same or not pairing.coarse
