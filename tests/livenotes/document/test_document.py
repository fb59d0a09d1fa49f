"""A document holds the blocks of its page as Python-Markdown renders them, and their lines.

Python-Markdown itself gives the expected blocks: what stands in the HTML of a page.
"""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import markdown
import pytest
from documents import document
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from livenotes.core.files import read_text
from livenotes.core.problems import LivenotesError
from livenotes.document.blocks import UNCLOSED, UNREADABLE
from livenotes.document.document import (
    CellFence,
    CodeFence,
    Document,
    IndentedCode,
    Link,
    Source,
    Text,
)
from livenotes.document.source import (
    check_front_matter,
    fenced_modules,
    named_modules,
    without_front_matter,
)

EXTENSIONS = [
    "admonition",
    "attr_list",
    "md_in_html",
    "tables",
    "pymdownx.arithmatex",
    "pymdownx.details",
    "pymdownx.superfences",
    "pymdownx.tabbed",
]


def _accept(language: str, inputs: dict[str, str], options: Any, attrs: Any, md: Any) -> bool:
    options.update(inputs)
    return True


def _fence(source: str, language: str, css: str, options: Any, md: Any, **rest: Any) -> str:
    body, name = source.encode().hex(), language or ""
    return f'<div class="fence" data-language="{name}" data-body="{body}"></div>'


CONFIGS: dict[str, dict[str, Any]] = {
    "pymdownx.arithmatex": {"generic": True, "inline_tag": "x-math", "block_tag": "div"},
    "pymdownx.tabbed": {"alternate_style": True},
    "pymdownx.superfences": {
        "custom_fences": [{"name": "*", "class": "fence", "validator": _accept, "format": _fence}]
    },
}


class _Collector(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: dict[str, list[Any]] = {
            kind: []
            for kind in ("fences", "headings", "inline", "display", "code", "links", "items")
        }
        self._into: list[str] | None = None
        self._kind = self._tag = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if values.get("class") == "fence":
            body = bytes.fromhex(values["data-body"]).decode()
            self.found["fences"].append((values["data-language"], body))
        elif tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
            self.found["headings"].append((int(tag[1]), values.get("id", "")))
        elif tag == "a":
            self.found["links"].append((values.get("href", ""), False))
        elif tag == "img":
            self.found["links"].append((values.get("src", ""), True))
        elif tag in ("li", "tr"):
            self.found["items"].append(tag)
        elif "arithmatex" in values.get("class", "").split() or tag == "pre":
            kind = {"x-math": "inline", "div": "display", "pre": "code"}[tag]
            self._kind, self._tag, self._into = kind, tag, []

    def handle_data(self, data: str) -> None:
        if self._into is not None:
            self._into.append(data)

    def handle_endtag(self, tag: str) -> None:
        if self._into is not None and tag == self._tag:
            text = "".join(self._into)
            if self._kind == "inline":
                text = text.removeprefix("\\(").removesuffix("\\)")
            elif self._kind == "display":
                text = text.removeprefix("\\[").removesuffix("\\]")
            self.found[self._kind].append("".join(text.split()))
            self._into = None


def rendered(text: str) -> dict[str, list[Any]]:
    """Fences (language, body), headings (level, id), inline and display formulas (TeX without
    blanks), indented code (without blanks), links (target, is an image), list items and table rows,
    as they stand in the HTML."""
    collector = _Collector()
    collector.feed(markdown.markdown(text, extensions=EXTENSIONS, extension_configs=CONFIGS))
    collector.close()
    return collector.found


def seen(page: Document) -> dict[str, list[Any]]:
    """The blocks of a document in the same terms."""
    fences: list[Any] = []
    for block in page.blocks:
        if isinstance(block, CellFence):
            fences.append(("python", block.body))
        elif isinstance(block, CodeFence) and not block.fault:
            fences.append((block.language, block.body))
    tags = {"item": "li", "table-row": "tr"}
    return {
        "fences": fences,
        "headings": [(heading.level, heading.id) for heading in page.headings],
        "inline": ["".join(f.tex.split()) for f in page.formulas if not f.display],
        "display": ["".join(f.tex.split()) for f in page.formulas if f.display],
        "code": ["".join(block.body.split()) for block in page.of(IndentedCode)],
        "links": [(link.target, link.image) for link in page.links],
        "items": [tags[text.kind] for text in page.of(Text) if text.kind in tags],
    }


def assert_same_as_rendered(text: str) -> None:
    assert seen(document(text)) == rendered(text)


AWKWARD = {
    "fence at the top": '# A {#a}\n\n```python cell="m:a"\n```\n',
    "fence of six backticks around one of three": "``````markdown\n```yaml\n```\n``````\n\n$x$\n",
    "tildes": '~~~python cell="m:a"\n~~~\n\n~~~~\n~~~\n~~~~\n',
    "fence right below a list item": '- a\n    ```python cell="m:a"\n    ```\n- b\n',
    "fence in a list item": '1. a\n\n    ```python cell="m:a"\n    ```\n\n    more $x$\n2. b\n',
    "fence in a list in an admonition": (
        '!!! note "T $t$"\n    - a\n\n        ```python cell="m:a"\n        ```\n\n    end\n'
    ),
    "fence in a tab in a list": (
        '- a\n\n    === "A"\n\n        ```python cell="m:a"\n        ```\n\n    === "B"\n\n'
        "        $b$\n"
    ),
    "details, open and closed": (
        '??? question "Q"\n    A $a$\n\n???+ tip\n    ```python cell="m:a"\n    ```\n\n'
        '??? "T"\n    $b$\n'
    ),
    "fence in a quote": '> q\n> ```python cell="m:a"\n> ```\n\n> > ```yaml\n> > a: 1\n> > ```\n',
    "fence in indented code is code": 'text\n\n    ```python cell="m:a"\n    ```\n\n    more\n',
    "indented text after a list is not code": "- a\n\n    b\n\n        code\n\nc\n\n    code\n",
    "indented text after an admonition is not code": "!!! note\n    a\n\n    b\n\n        code\n",
    "fence in a comment": '<!--\n```python cell="m:a"\n```\n\n$x$\n-->\n\n$y$\n',
    "comment in a sentence": "a <!-- $x$ [l](t) --> $y$\n",
    "comment ends a list": "- a\n\n<!-- c -->\n\n    code\n",
    "comment in a fence": '```text\n<!--\n```\n\n```python cell="m:a"\n```\n\n```text\n-->\n```\n',
    "raw HTML hides Markdown": '<div class="x">\n\n$x$ [l](t)\n\n</div>\n\n$y$\n',
    "HTML with Markdown inside": (
        '<div class="grid" markdown>\n\n$x$\n\n```python cell="m:a"\n```\n\n- a\n\n</div>\n\n- b\n'
    ),
    "HTML with HTML inside": (
        '<div markdown="1">\n<div>\n$x$\n</div>\n\n$y$\n\n'
        "<div markdown>\n$z$\n</div>\n</div>\n\n$w$\n"
    ),
    "dollars": "$5 and $6. \\$x\\$ $ x$ $x $ $x$y$ \\\\$z$ $a\\$b$ `$c$` $$d$$\n",
    "dollars with Chinese": "价格 $5 和 $6。 **粗体** 后面 $z$\n",
    "brackets": "\\(x\\) \\\\(y\\\\) \\(a \\( b\\) `\\(c\\)` \\(\n",
    "math over two lines": "a $x +\ny$ b\n",
    "display math": "$$\nx\n$$\n\n\\[ y \\]\n\n\\begin{align}\na &= b \\\\\nc &= d\n\\end{align}\n",
    "display math in lists and boxes": (
        "- a\n\n    $$\n    x\n    $$\n\n!!! note\n    $$\n    y\n    $$\n\n- $$z$$\n"
    ),
    "display math that is none": "a\n$$\nx\n$$\n\n $$x$$\n\n$$x$$ b\n\n$$\n\nx\n\n$$\n",
    "backticks": "`` ` $a$ `` `$b$ ``$c$`` \\`$d$` ```$e$ ``\n",
    "headings": "# A {#a}\n## B{#b}\n### C {: #c .x } ###\n#### D {.x}\n\nE {#e}\n===\n\nF\n---\n",
    "headings with math and code": "# A $x$ {#a}\n\n## `code` {#b}\n\ntext\n## C $y$\nmore $z$\n",
    "heading in an item": "- # A {#a}\n    b\n- c\n",
    "rules": "a\n\n---\n\n***\n- b\n* * *\nc\n",
    "tables": "| a | $b$ |\n|---|:-:|\n| `|` | \\| |\n| $|x|$ | c |\n| d |\n",
    "table without a border": "a | b\n--|--\n$c$ | d\n",
    "table of one column": "| a |\n|---|\n| $b$ |\n",
    "no table": "a | b\n\n| a |\nb | c\n",
    "links": (
        '[a](b.md#c "t") ![i](p.png) [![n](q.png)](r) <https://x.y> [s], [t][S], [u][], [v]\n'
        "[w](<x y>), \\[a](b) `[c](d)` [e](f(g)h) [i [j] k](l)\n\n"
        "[s]: http://s.t\n[u]: u.md 'title'\n"
    ),
    "nested lists": "- a\n    - b $x$\n        1. c\n\n            d\n\n    e\n* f\n+ g\n\n1. h\n",
    "lazy lines": "- a\nb $x$\n- c\n\n> d\ne $y$\n\n!!! note\n    f\ng $z$\n",
    "a list needs a blank line above": "a\n- b\n- c\n",
    "tabs for blanks": '- a\n\n\t```python cell="m:a"\n\t```\n\n\t$x$\n',
    "options of fences": (
        '```yaml title="a b" hl_lines="1 2-3" linenums="1"\n```\n\n```{.toml title="x"}\n```\n\n'
        "``` { .json #id }\n```\n\n```.bash\n```\n\n"
        '```python cell="m:a" alt=\'an "alt"\' linenums\n```\n'
    ),
    "Windows line ends": '# A {#a}\r\n\r\n```python cell="m:a"\r\n```\r\n\r\n$x$\r\n',
}


@pytest.mark.parametrize("name", AWKWARD)
def test_an_awkward_page_is_read_as_it_is_rendered(name: str) -> None:
    assert_same_as_rendered(AWKWARD[name])


SENTENCES = (
    "text",
    "a $x$ and \\(y\\)",
    "价格 $5 和 $6。",
    "`code $n$` ``a ` $b$``",
    "[l](t.md#a) ![i](p.png) <https://x.y>",
    "a <!-- $c$ --> $d$",
    "\\$5 $e\\$f$ \\\\$g$",
    "`{cell} m:value`",
    "*em $h$*\nand **more\n$i$**",
)
LEAVES = (
    *SENTENCES,
    '```python cell="m:a"\n```',
    '````yaml title="t"\n```\na: 1\n\n  b: $x$\n```\n````',
    "~~~text\n# no heading\n~~~",
    'text\n```python cell="m:b" show="output"\n```\nmore $x$',
    "## H {#h}",
    "### K $k$ {#k}\nbelow",
    "Under\n-----",
    "| a | $b$ |\n|---|---|\n| `|` | [l](m) |",
    "$$\n\\alpha\n+ 1 < 2\n$$",
    "\\[ x \\]",
    "\\begin{cases}\na \\\\ b\n\\end{cases}",
    "***",
    '<!-- c\n\n```python cell="m:c"\n```\n-->',
    "    code $q$\n\n    ```\n    more",
    "<div>\n$r$\n\n[a](b)\n</div>",
)


def indent(text: str, by: str = "    ") -> str:
    return "\n".join(f"{by}{line}".rstrip() for line in text.split("\n"))


def nest(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """A few blocks, put into a list item, box, tab or quote, or left as they are."""
    several = st.lists(inner, min_size=1, max_size=3).map("\n\n".join)
    firsts = st.sampled_from(("- item\n\n", "1. item $o$\n\n", "* item\n- next\n\n"))
    boxes = st.sampled_from(('!!! note "T $t$"\n', "??? tip\n", '=== "Tab"\n\n', '???+ "D"\n\n'))
    return st.one_of(
        several,
        st.tuples(firsts | boxes, several).map(lambda pair: pair[0] + indent(pair[1])),
        several.map(lambda text: indent(text, "> ")),
    )


PAGES = st.lists(st.recursive(st.sampled_from(LEAVES), nest, max_leaves=6), min_size=1, max_size=4)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(PAGES)
def test_any_nesting_is_read_as_it_is_rendered(blocks: list[str]) -> None:
    assert_same_as_rendered("start\n\n" + "\n\n".join(blocks) + "\n")


DOCS = Path(__file__).parents[3] / "docs"


def test_the_pages_of_the_site_are_read_as_they_are_rendered() -> None:
    files = [file for language in ("zh", "en") for file in (DOCS / language).rglob("*.md")]
    assert files
    for file in files:
        text = file.read_text("utf-8")
        assert_same_as_rendered(without_front_matter(text))


MARKED = """---
title: A
---
# Title {#title}

Text with $one$
and $two$ and `{cell} m:value` and
[a link](x.md).

!!! note "Box $three$"
    inside

    ```python cell="m:a" alt="An alt" linenums
    ```

    - item

        ```yaml
        a: 1
        ```

| a | b |
|---|---|
| $four$ | c |

$$
five
$$

> ```python cell="m:b"
> ```

<div markdown>

$six$

</div>
"""


def test_everything_is_found_at_its_line() -> None:
    page = document(MARKED)
    lines = MARKED.split("\n")
    assert [heading.line for heading in page.headings] == [lines.index("# Title {#title}") + 1]
    for formula in page.formulas:
        found = lines[formula.line - 1]
        assert formula.tex.strip() in found if not formula.display else found == "$$"
    assert len(page.formulas) == 6
    assert [(v.line, v.reference) for v in page.values] == [(7, "m:value")]
    assert [(fence.line, fence.reference) for fence in page.cell_fences] == [
        (13, "m:a"),
        (30, "m:b"),
    ]
    assert [(fence.line, fence.body) for fence in page.code_fences] == [(18, "a: 1")]
    assert [link.line for link in page.links] == [8]
    assert [(text.line, text.kind) for text in page.of(Text)] == [
        (6, "paragraph"),
        (10, "admonition"),
        (11, "paragraph"),
        (16, "item"),
        (16, "paragraph"),
        (22, "table-row"),
        (24, "table-row"),
        (33, "html"),
        (35, "paragraph"),
    ]


def test_a_cell_fence_keeps_its_options_in_order() -> None:
    fence = document(MARKED).cell_fences[0]
    assert list(fence.options.items()) == [("alt", "An alt"), ("linenums", "")]
    assert (fence.module, fence.cell) == ("m", "a")


def test_the_path_gives_language_and_name() -> None:
    def parts(path: str) -> tuple[str, str]:
        source = Source(path, "text")
        return source.language, source.name

    assert parts("docs/zh/linear-algebra.md") == ("zh", "linear-algebra")
    assert parts("docs/en/sub/x.md") == ("en", "sub/x")
    assert parts("docs/index.md") == ("", "index")
    assert parts("README.md") == ("", "README")


def test_front_matter_is_not_taken_for_text() -> None:
    text = "---\ntitle: 自动求导\nhide: [toc]\n---\n\n# A {#a}\n"
    assert [heading.line for heading in document(text).headings] == [6]
    assert check_front_matter("p.md", text) == []


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("---\ntitle: a\nbad: [\n---\n", 4),
        ("---\na: b: c\n---\n", 2),
        ("---\n- a\n- b\n---\n", 2),
        ("---\ntitle: a\n\n# H\n", 1),
    ],
)
def test_broken_front_matter_is_told_with_its_line(text: str, line: int) -> None:
    assert [problem.line for problem in check_front_matter("p.md", text)] == [line]


def test_the_modules_of_a_page_are_known_before_it_is_converted() -> None:
    text = '`{cell} v:a`\n\n!!! note\n    ```python show="source" cell="m:a"\n    ```\n'
    assert named_modules(text) == ["v", "m"]
    assert fenced_modules(text) == ["m"]


def test_a_formula_is_found_again_as_arithmatex_hands_it_on() -> None:
    text = "$a+b$\n\n!!! note\n    $$\n    a + b\n    < c\n    $$\n\n$a + b$\n"
    page = document(text)
    html = rendered(text)
    assert page.line_of_formula(html["display"][0], display=True) == 4
    assert page.line_of_formula("a\n +  b", display=False) == 1
    assert page.line_of_formula("a+b+c", display=False) == 0


def test_a_reference_is_found_in_fences_and_values() -> None:
    page = document(MARKED)
    assert page.line_of_reference("m:b") == 30
    assert page.line_of_reference("m:value") == 7
    assert page.line_of_reference("m:none") == 0


def test_a_fence_that_is_never_closed_is_told() -> None:
    page = document('text\n\n```python cell="m:a"\n\nmore $x$\n')
    assert [(fence.line, fence.fault) for fence in page.code_fences] == [(3, UNCLOSED)]
    assert page.cell_fences == ()
    assert [formula.line for formula in page.formulas] == [5]


@pytest.mark.parametrize(
    "info", ["python cell=m:a", 'python cell="m:a', 'yaml titel="x"', "python cell = 'm:a'"]
)
def test_a_fence_with_unreadable_options_is_told(info: str) -> None:
    page = document(f"```{info}\n```\n\n$x$\n")
    assert [fence.fault for fence in page.code_fences] == [UNREADABLE]
    assert page.cell_fences == ()
    assert len(page.formulas) == 1


def test_links_are_resolved() -> None:
    page = document("[a][ref] and\n![b][Ref]\n\n[ref]: x.md#y\n")
    assert page.links == (Link(1, "x.md#y", image=False), Link(2, "x.md#y", image=True))


def test_a_page_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    with pytest.raises(LivenotesError, match=r"docs/en/none\.md: cannot be read"):
        read_text(tmp_path / "none.md", "docs/en/none.md")
    (tmp_path / "x.md").write_bytes(b"a\nb \xff\n")
    with pytest.raises(LivenotesError, match=r"docs/en/x\.md:2: is not UTF-8"):
        read_text(tmp_path / "x.md", "docs/en/x.md")


@settings(deadline=None)
@given(st.text(alphabet="ab$`\\()[]{}#>-*|~!?=\"' \n\t<:.1", max_size=120))
def test_any_text_is_a_page(text: str) -> None:
    page = document(text)
    last = text.count("\n") + 1
    assert all(1 <= block.line <= last for block in page.blocks)


@pytest.mark.parametrize(
    "line", ["- " * 3000, "-" * 5000 + "x", "$" * 5000, "[" * 2000, "`" * 5000]
)
def test_a_monstrous_line_is_read(line: str) -> None:
    assert document(f"text\n\n{line}\n\n# End {{#end}}\n").headings[0].id == "end"
