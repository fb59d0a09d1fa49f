"""The glossary in the pages: where a term gets its tip, where never, and the table of all terms."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag
from documents import document
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown import Markdown

from livenotes.checks.page import check_page
from livenotes.core.glossary import Term, TermFinder, load_glossary
from livenotes.core.problems import LivenotesError
from livenotes.document.conversion import Conversion
from livenotes.extensions.tips import Terms

DOCS = Path(__file__).parents[3] / "docs"
GLOSSARY = """
- group: {zh: 基础, en: "Basics, first"}
  zh: 梯度
  en: gradient
  meaning_zh: 上升最快的方向。
  meaning_en: The way up.
- zh: 梯度下降
  en: gradient descent
  meaning_zh: 一步步往下走。
  meaning_en: Walking down.
- zh: 矩阵
  en: matrix
  meaning_zh: 排成长方形的数。
  meaning_en: Numbers in a rectangle.
  zh_variants: [数阵]
- zh: 轴
  en: axis
  meaning_zh: 一个方向。
  meaning_en: One direction.
  tooltip: en
- group: {zh: 其他, en: Others}
  zh: 输出
  en: output
  meaning_zh: 算出的值。
  meaning_en: What comes out.
  tooltip: false
- zh: 输出梯度
  en: output gradient
  meaning_zh: 从后面传来的。
  meaning_en: What comes from behind.
- zh: 循环神经网络
  en: recurrent neural network
  meaning_zh: 逐个读入。
  meaning_en: One by one.
  en_variants: [RNN]
- zh: L2 范数
  en: L2 norm
  meaning_zh: 长度。
  meaning_en: Length <&> more.
"""
EXTENSIONS = [
    "admonition",
    "attr_list",
    "def_list",
    "md_in_html",
    "tables",
    "toc",
    "pymdownx.arithmatex",
    "pymdownx.details",
    "pymdownx.highlight",
    "pymdownx.superfences",
    "pymdownx.tabbed",
]
OPTIONS = {
    "pymdownx.arithmatex": {"generic": True, "inline_tag": "x-math", "block_tag": "div"},
    "pymdownx.tabbed": {"alternate_style": True},
    "toc": {"permalink": True},
}
HEADINGS = ["h1", "h2", "h3", "h4", "h5", "h6"]
FORBIDDEN = [*HEADINGS, "a", "code", "pre", "x-math", "th", "dt", "label", "summary", "x-term-tip"]
MARK = re.compile(
    r'<span class="term"[^>]*><dfn[^>]*>([^<]*)</dfn><x-term-tip[^>]*>.*?</x-term-tip></span>'
)

Render = Callable[..., str]
NAMES = {"zh": "中文", "en": "English"}


def convert(text: str, *more: Terms) -> str:
    return Markdown(extensions=[*EXTENSIONS, *more], extension_configs=OPTIONS).convert(text)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    (folder / "docs").mkdir()
    (folder / "docs" / "glossary.yml").write_text(GLOSSARY, "utf-8")
    return folder


@pytest.fixture(scope="module")
def glossary(root: Path) -> tuple[Term, ...]:
    return load_glossary(root / "docs" / "glossary.yml", "docs/glossary.yml")


@pytest.fixture(scope="module")
def render(root: Path) -> Render:
    """The HTML of a page's Markdown; by default of a Chinese page."""

    def render(text: str, language: str = "zh") -> str:
        return convert(text, Terms(root=str(root), language=language, languages=NAMES))

    return render


def parsed(html: str) -> BeautifulSoup:
    return BeautifulSoup(html, "html5lib")


def marked(html: str) -> list[str]:
    return [dfn.get_text() for dfn in parsed(html).select(".term > dfn")]


def tip(html: str) -> Tag:
    (found,) = parsed(html).select("x-term-tip")
    return found


def without_tips(html: str) -> str:
    return MARK.sub(r"\1", html)


# What is marked


def test_the_first_use_in_a_section_is_marked_and_no_other(render: Render) -> None:
    """A section begins with a heading of level 1 or 2: each mark is a stop for the Tab key."""
    text = "梯度，又是梯度。\n\n还是梯度。\n\n## 标题\n\n梯度。\n\n### 小标题\n\n- 梯度\n- 梯度"
    html = render(text)
    assert marked(html) == ["梯度"] * 2
    assert "</span>，又是梯度。</p>" in html


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("用梯度下降法，再看梯度。", ["梯度下降", "梯度"]),
        ("输出梯度，然后输出", ["输出梯度"]),
        ("一次迭代的输出，梯度", ["梯度"]),
        ("沿着轴加起来", []),
        ("数阵就是矩阵", ["数阵"]),
        ("RNN的梯度", ["RNN", "梯度"]),
        ("L2范数与 L2 范数", ["L2范数"]),
        ("梯度（gradient）", ["梯度"]),
    ],
)
def test_chinese_terms_are_found_inside_sentences(
    render: Render, text: str, found: list[str]
) -> None:
    assert marked(render(text)) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Gradient descent, not the gradient.", ["Gradient descent", "gradient"]),
        ("Two gradients", ["gradients"]),
        ("Two matrices and three axes", ["matrices", "axes"]),
        ("regradient, gradiently, my_gradient, gradient2", []),
        ("RNNs or a recurrent\nneural network", ["RNNs"]),
        ("a recurrent\nneural network", ["recurrent\nneural network"]),
        ("non-gradient", ["gradient"]),
        ("The output is an output", []),
        ("**gradient** *matrix*", ["gradient", "matrix"]),
    ],
)
def test_english_terms_are_whole_words_in_the_singular_or_plural(
    render: Render, text: str, found: list[str]
) -> None:
    assert marked(render(text, "en")) == found


@pytest.mark.parametrize(
    "text",
    [
        "梯度",
        "- 梯度",
        "> 梯度",
        "| a |\n| --- |\n| 梯度 |",
        '!!! note "标题"\n    梯度',
        '??? note "标题"\n    梯度',
        '=== "标题"\n    梯度',
        "术语\n:   梯度",
        '<div markdown="1">\n\n梯度\n\n</div>',
    ],
)
def test_every_kind_of_running_text_is_searched(render: Render, text: str) -> None:
    assert marked(render(text)) == ["梯度"]


@pytest.mark.parametrize(
    "text",
    [
        "# 梯度",
        "梯度\n===",
        "`梯度`",
        "```text\n梯度\n```",
        "    梯度",
        "[梯度](x.md)",
        "[**梯度**](x.md)",
        "![梯度](x.png)",
        r"$\text{梯度}$",
        "$$\n\\text{梯度}\n$$",
        '<b title="梯度">词</b>',
        "<div>梯度</div>",
        "<!-- 梯度 -->",
        '!!! note "梯度"\n    正文',
        '??? note "梯度"\n    正文',
        '=== "梯度"\n    正文',
        "| 梯度 |\n| --- |\n| a |",
        "梯度\n:   正文",
        '<p markdown="1" lang="zh">梯度</p>',
    ],
)
def test_headings_code_links_math_and_titles_are_left_alone(render: Render, text: str) -> None:
    assert "梯度" in render(text)
    assert marked(render(text)) == []


def test_cells_and_values_are_left_alone(
    make_project: Callable[..., object], tmp_path: Path
) -> None:
    module = "# %% one\nprint('梯度')  # 梯度\n\n# %% two\n'矩阵'\n"
    make_project({"snippets/m.py": module, "docs/glossary.yml": GLOSSARY})
    text = '```python cell="m:one" caption="梯度"\n```\n\n值是 `{cell} m:two`。\n'
    options = {
        "livenotes.extensions.cells:Cells": {"root": str(tmp_path)},
        "livenotes.extensions.tips:Terms": {"root": str(tmp_path)},
    }
    html = Markdown(extensions=list(options), extension_configs=options).convert(text)
    assert "梯度" in html and "矩阵" in html
    assert marked(html) == []


# What a tip says


def test_a_tip_gives_the_other_language_and_the_meaning_in_this_one(render: Render) -> None:
    chinese, english = tip(render("梯度")), tip(render("The gradient", "en"))
    assert (chinese.get_text(), chinese.b.get("lang")) == ("gradient 上升最快的方向。", "en")  # type: ignore[union-attr]
    assert (english.get_text(), english.b.get("lang")) == ("梯度 The way up.", "zh")  # type: ignore[union-attr]


def test_an_english_name_on_a_chinese_page_is_explained_in_chinese(render: Render) -> None:
    assert tip(render("用 RNN 来读")).get_text() == "循环神经网络 逐个读入。"


def test_a_meaning_is_escaped(render: Render) -> None:
    assert tip(render("The L2 norm", "en")).get_text() == "L2 范数 Length <&> more."


def test_a_term_can_be_focused_and_is_described_by_its_tip(render: Render) -> None:
    page = parsed(render("梯度和矩阵"))
    terms = page.select(".term > dfn")
    assert [term.get("tabindex") for term in terms] == ["0", "0"]
    described = [page.select_one(f"#{term['aria-describedby']}") for term in terms]
    assert [e.get_text() if e else "" for e in described] == [
        "gradient 上升最快的方向。",
        "matrix 排成长方形的数。",
    ]
    assert {e.get("role") for e in described if e} == {"tooltip"}
    assert all(e.has_attr("hidden") for e in described if e)  # where there is no style sheet


# Whatever the page


# fmt: off
PIECES = st.sampled_from([
    "梯度", "梯度下降", "矩阵", "数阵", "轴", "输出梯度", "循环神经网络", "gradient", "Gradients",
    "matrices", "RNN", "`梯度`", "$梯度$", "[梯度](a.md)", "**矩阵**", "*gradient*", "<b>梯度</b>",
    "&amp;", "\\*", "的", "和", "，。", "a", "(", ")", "[", "]", "_", "*", "`", "<", "{",
])
STARTS = st.sampled_from([
    "", "", "", "# ", "### ", "- ", "1. ", "> ", "    ", "| ", '!!! note "梯度"\n    ',
])
# fmt: on
LINES = st.lists(PIECES, min_size=1, max_size=8).flatmap(
    lambda words: st.sampled_from(["", " "]).map(lambda blank: blank.join(words))
)
TEXTS = st.lists(st.tuples(STARTS, LINES), max_size=8).map(
    lambda blocks: "\n\n".join(start + line for start, line in blocks)
)


@settings(deadline=None)
@given(TEXTS, st.sampled_from(["zh", "en"]))
def test_without_its_tips_a_page_is_what_it_was(render: Render, text: str, language: str) -> None:
    assert without_tips(render(text, language)) == convert(text)


@settings(deadline=None)
@given(TEXTS)
def test_no_tip_stands_where_none_may(render: Render, text: str) -> None:
    for term in parsed(render(text)).select(".term"):
        assert {parent.name for parent in term.parents}.isdisjoint(FORBIDDEN)
        assert not term.find_parent(class_=["arithmatex", "admonition-title"])


@settings(deadline=None)
@given(TEXTS)
def test_no_term_is_marked_twice_in_a_section(render: Render, text: str) -> None:
    seen: set[str] = set()
    for element in parsed(render(text)).select(", ".join([".term", *HEADINGS])):
        if element.name == "span":
            assert str(element["data-term"]) not in seen
            seen.add(str(element["data-term"]))
        else:
            seen.clear()


@pytest.mark.slow
@pytest.mark.parametrize(
    "page", sorted(DOCS.glob("*/*.md")), ids=lambda page: f"{page.parent.name}/{page.stem}"
)
def test_without_their_tips_the_real_pages_are_what_they_were(page: Path) -> None:
    text = page.read_text("utf-8").partition("\n---\n")[2].replace("{terms}", "")
    html = convert(text, Terms(root=str(DOCS.parent), language=page.parent.name))
    assert without_tips(html) == convert(text)
    assert len(text) < 2000 or len(marked(html)) > 5


# Longest match


def longest(names: dict[str, str], text: str) -> list[tuple[int, str]]:
    """What a reader would do: at each place try all names, the longest first."""
    found, place = [], 0
    while place < len(text):
        here = [name for name in names if text.startswith(name, place)]
        best = max(here, key=len, default="")
        if best:
            found.append((place, names[best]))
        place += len(best) or 1
    return found


PARTS = st.sampled_from(
    ["梯度", "下降", "梯", "度", "数阵", "输出", "循环神经网络", "神经", "轴", "。"]
)


@settings(deadline=None)
@given(st.lists(PARTS))
def test_the_longest_term_is_found_at_each_place(
    glossary: tuple[Term, ...], words: list[str]
) -> None:
    text = "".join(words)
    names = {name: term.name("zh") for term in glossary for name in term.names("zh")}
    uses = [(use.start, use.term.name("zh")) for use in TermFinder(glossary).find(text)]
    assert uses == longest(names, text)


# Options


def test_a_conversion_says_the_language(root: Path) -> None:
    conversion = Conversion("zh")
    terms = Terms(root=str(root), conversion=conversion)
    md = Markdown(extensions=[terms])
    assert tip(md.convert("梯度")).get_text() == "gradient 上升最快的方向。"
    conversion.language = "en"
    assert tip(md.convert("gradient")).get_text() == "梯度 The way up."


def test_a_broken_glossary_is_an_error_that_a_plugin_reports_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "glossary.yml").write_text("- {zh: 梯度, tooltips: no}", "utf-8")
    with pytest.raises(LivenotesError, match=r"docs/glossary\.yml:1: the entry '梯度' lacks"):
        Markdown(extensions=[Terms(root=str(tmp_path))]).convert("梯度")
    html = Markdown(extensions=[Terms(root=str(tmp_path), conversion=Conversion())]).convert("梯度")
    assert html == "<p>梯度</p>"


def test_without_a_glossary_nothing_changes(tmp_path: Path) -> None:
    html = Markdown(extensions=[Terms(root=str(tmp_path))]).convert("梯度\n\n{terms}")
    assert html == "<p>梯度</p>\n<p>{terms}</p>"


def test_a_changed_glossary_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "docs" / "glossary.yml"
    file.parent.mkdir()
    for word, others in (("one", []), ("another", ["one"])):
        entry = f"- {{zh: 梯度, en: {word}, meaning_zh: 意。, meaning_en: Sense.}}"
        file.write_text(entry, "utf-8")
        html = Markdown(extensions=[Terms(root=str(tmp_path), language="zh")]).convert("梯度")
        assert tip(html).get_text() == f"{word} 意。"
        assert not any(other in html.split() for other in others)


# The table of all terms


def rows(table: Tag) -> list[list[str]]:
    return [[cell.get_text() for cell in row.select("th, td")] for row in table.select("tr")]


def test_the_table_has_a_row_for_each_term_in_groups(render: Render) -> None:
    page = parsed(render("# 术语表\n\n前言。\n\n{terms}\n\n后记。"))
    first, second = page.select("table.terms")
    assert rows(first)[:2] == [
        ["中文", "English", "含义"],
        ["梯度", "gradient", "上升最快的方向。"],
    ]
    assert rows(second)[-1] == ["L2 范数", "L2 norm", "长度。"]
    assert [h.get_text().rstrip("¶") for h in page.select("h2")] == ["基础", "其他"]
    assert [h.get("id") for h in page.select("h2")] == ["terms-basics-first", "terms-others"]
    assert page.select_one("#term-recurrent-neural-network small") is not None
    assert [p.get_text() for p in page.select("p")] == ["前言。", "后记。"]


def test_the_table_speaks_the_language_of_the_page(render: Render) -> None:
    page = parsed(render("{terms}", "en"))
    table = page.select("table.terms")[0]
    assert rows(table)[:2] == [["中文", "English", "Meaning"], ["梯度", "gradient", "The way up."]]
    cells = page.select("#term-gradient td")
    assert [cell.get("lang") for cell in cells] == ["zh", "en", None]


def test_the_groups_are_in_the_table_of_contents(root: Path) -> None:
    md = Markdown(extensions=["toc", Terms(root=str(root), language="zh")])
    md.convert("# 术语表\n\n{terms}")
    assert re.findall(r'href="#([^"]+)"', md.toc)[1:] == ["terms-basics-first", "terms-others"]  # type: ignore[attr-defined]


def test_the_groups_are_one_level_below_the_heading_above(render: Render) -> None:
    page = parsed(render("# 题\n\n## 术语\n\n{terms}\n\n## 别的"))
    assert [h.get_text().rstrip("¶") for h in page.select("h3")] == ["基础", "其他"]


@pytest.mark.parametrize("text", ["a {terms}", "`{terms}`", "{terms} {terms}", "    {terms}"])
def test_only_a_paragraph_of_its_own_becomes_the_table(render: Render, text: str) -> None:
    assert "<table" not in render(text)


def test_nothing_in_the_table_is_marked_and_ids_are_unique(render: Render) -> None:
    page = parsed(render("梯度\n\n{terms}"))
    assert [term.get_text() for term in page.select("table .term")] == []
    ids = Counter(str(element["id"]) for element in page.select("[id]"))
    assert ids.most_common(1)[0][1] == 1


def test_the_line_is_allowed_on_a_page() -> None:
    page = document("# 术语表 {#glossary}\n\n{terms}\n", "docs/zh/glossary.md")
    assert check_page(page, {}) == []
