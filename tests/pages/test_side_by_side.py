"""A page of both languages for each pair: cells run and stand once, links inside stay inside."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser
from urllib.parse import urljoin
from xml.etree import ElementTree

import pytest

from .conftest import MKDOCS_YML, MODULE, Site

MakeSite = Callable[..., Site]
NAV = """
nav:
  - 首页 | Home: index.md
  - page.md
  - 其余 | The rest:
      - other.md
"""
CHAPTER = {
    "zh": """
    # 标题 {#title}

    见[另一页](other.md#there)、[图](pictures/plot.txt)和[英文版](../en/other.md)。

    !!! note "注意"

        盒子里的格子：

        ```python cell="m:first"
        ```

    值是 `{cell} m:first`。

    ```python cell="m:second"
    ```

    ```python cell="m:figure" alt="一条线" caption="画的是线"
    ```
    """,
    "en": """
    # Title {#title}

    See [the other page](other.md#there), [this](pictures/plot.txt) and [English](../en/other.md).

    !!! note "Mind"

        A cell in a box:

        ```python cell="m:first"
        ```

    The value is `{cell} m:first`.

    ```python cell="m:second"
    ```

    ```python cell="m:figure" alt="A line" caption="This is a line"
    ```
    """,
}
FIGURE = """
# %% figure tags=["html"]
class Figure:
    def __repr__(self) -> str:
        return "a line"

    def _repr_svg_(self) -> str:
        space = 'xmlns="http://www.w3.org/2000/svg" width="9pt" viewBox="0 0 9 9"'
        return f"<svg {space}><text>gradient</text></svg>"

Figure()
"""
GLOSSARY = "- {zh: 梯度, en: gradient, meaning_zh: 变化最快的方向。, meaning_en: Steepest.}\n"


class Elements(HTMLParser):
    """All start tags, and the words of the page by the language of their element."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))

    def all(self, attribute: str, tag: str = "") -> list[str]:
        return [a[attribute] for t, a in self.found if attribute in a and tag in ("", t)]


def article(html: str) -> str:
    return html[html.index("<article") : html.index("</article>")]


def project() -> dict[str, str]:
    files = {
        "mkdocs.yml": MKDOCS_YML + NAV.lstrip(),
        "docs/index.md": "# Start {#start}\n\n[Both](zh-en/index.md)\n",
        "snippets/m.py": MODULE + FIGURE,
        "docs/glossary.yml": GLOSSARY,
    }
    for code, word in (("zh", "梯度在此"), ("en", "The gradient is here")):
        files[f"docs/{code}/page.md"] = CHAPTER[code]
        files[f"docs/{code}/index.md"] = f"# {word} {{#home}}\n\n[m](page.md)\n"
        files[f"docs/{code}/other.md"] = f"# {word} {{#other}}\n\n## {word} {{#there}}\n\n{word}.\n"
        files[f"docs/{code}/pictures/plot.txt"] = code
    return files


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Site:
    site = Site(tmp_path_factory.mktemp("pairs"))
    site.write(project())
    code, said = site.build("--strict")
    assert code == 0, said
    assert said.count("ran snippets/m.py") == 1
    return site


def test_every_pair_has_a_page(built: Site) -> None:
    assert sorted(p.parent.name for p in (built.root / "site/zh-en").rglob("index.html")) == [
        "other", "page", "zh-en",
    ]  # fmt: skip


def test_cells_stand_once_and_values_in_both_languages(built: Site) -> None:
    html = article(built.html("zh-en/page"))
    elements = Elements(html)
    assert elements.all("data-cell") == ["m:first", "m:second", "m:figure"]
    assert elements.all("data-cell-value") == ["m:first", "m:first"]
    assert html.count('data-cell-value="m:first">20<') == 2
    assert html.count("<pre>21\n</pre>") == 1
    assert "\uf8f4" not in html  # all marks are filled in


def test_a_figure_stands_once_with_both_descriptions(built: Site) -> None:
    html = article(built.html("zh-en/page"))
    assert Elements(html).all("aria-label", "svg") == ["一条线 / A line"]
    assert ">梯度</text>" in html  # its words are in the first language
    assert '<span lang="zh">画的是线</span> <span lang="en">This is a line</span>' in html


def test_ids_are_unique_and_hold_those_of_both_pages(built: Site) -> None:
    for name in ("page", "other"):
        ids = Elements(built.html(f"zh-en/{name}")).all("id")
        assert [i for i, times in Counter(ids).items() if times > 1] == []
        for code in ("zh", "en"):
            assert set(Elements(article(built.html(f"{code}/{name}"))).all("id")) <= set(ids)


def test_every_reference_to_an_id_of_the_page_finds_it(built: Site) -> None:
    elements = Elements(built.html("zh-en/other"))
    described = elements.all("aria-describedby")
    assert len(described) == 2  # the tip of the term, in each language
    assert set(described) <= set(elements.all("id"))


def test_links_lead_to_pairs_and_to_what_has_none_as_before(built: Site) -> None:
    hrefs = Elements(article(built.html("zh-en/page"))).all("href")
    targets = [urljoin("https://x/zh-en/page/", href) for href in hrefs]
    assert targets.count("https://x/zh-en/other/#there") == 2
    assert "https://x/zh/pictures/plot.txt" in targets
    assert "https://x/en/pictures/plot.txt" in targets
    assert "https://x/en/other/" in targets  # as the author says in the Chinese page
    assert "https://x/zh/notebooks/page.ipynb" in targets  # of the line of provenance
    for target in targets:
        path = built.root / "site" / target.removeprefix("https://x/").partition("#")[0]
        if target.startswith("https://x/"):
            assert (path / "index.html" if path.is_dir() else path).is_file(), target


def test_navigation_and_contents_are_bilingual_and_stay_inside(built: Site) -> None:
    html = built.html("zh-en/page")
    navigation = html[html.index('<nav class="md-nav md-nav--') : html.index("<article")]
    assert "首页 · Home" in navigation
    assert "其余 · The rest" in navigation
    hrefs = [h for h in Elements(navigation).all("href") if not h.startswith("#")]
    assert {urljoin("zh-en/page/", h).partition("/")[0] for h in hrefs} == {"zh-en"}
    contents = built.html("zh-en/other")
    assert '<span lang="zh">梯度在此</span> <span lang="en">The gradient is here</span>' in contents
    assert Elements(html).all("rel", "link").count("next") == 1


def switch(site: Site, url: str) -> dict[str, str]:
    """The links between languages of a page: name -> where it leads."""
    nav = re.search(r'<nav class="[^"]*ln-languages.*?</nav>', site.html(url), re.DOTALL)
    assert nav
    links = re.findall(r'<a class="ln-language[^>]*href="([^"]+)".*?</a>', nav[0], re.DOTALL)
    names = re.findall(r">([^<>\n]+)</(?:span></)?a>", nav[0])
    return {n: urljoin(f"https://x/{url}/", h)[10:] for n, h in zip(names, links, strict=True)}


def test_the_switch_leads_to_it_and_back(built: Site) -> None:
    assert switch(built, "zh/page") == {"English": "en/page/", "双语对照": "zh-en/page/"}
    assert switch(built, "en/page") == {"中文": "zh/page/", "Side by side": "zh-en/page/"}
    assert switch(built, "zh-en/page") == {"中文": "zh/page/", "English": "en/page/"}


def test_search_and_sitemap_leave_it_out_and_the_head_names_the_original(built: Site) -> None:
    for code in ("zh", "en"):
        index = (built.root / f"site/{code}/search/search_index.json").read_text("utf-8")
        assert "zh-en" not in index
        assert '"page/"' in index
    tree = ElementTree.parse(built.root / "site/sitemap.xml")
    assert not [e for e in tree.iter() if "/zh-en/" in f"{e.text}{e.attrib}"]
    assert '<link rel="canonical" href="https://example.org/notes/zh/page/">' in built.html(
        "zh-en/page"
    )


def test_a_formula_and_the_language_of_the_page(make_site: MakeSite) -> None:
    formula = "# T {#t}\n\nA $x^2$.\n\n$$\ny\n$$\n"
    site = make_site({"docs/zh/page.md": formula, "docs/en/page.md": formula.replace("A", "B")})
    assert site.build("--strict")[0] == 0
    html = article(site.html("zh-en/page"))
    assert html.count('class="katex-display"') == 1
    assert html.count("<x-math") == 2
    assert '<html lang="zh"' in site.html("zh-en/page")


def test_pages_that_differ_are_built_and_only_parity_complains(make_site: MakeSite) -> None:
    site = make_site()
    page = (site.root / "docs/en/page.md").read_text("utf-8")
    (site.root / "docs/en/page.md").write_text(page + "\n## More {#more}\n\nWords.\n", "utf-8")
    (site.root / "docs/en/lonely.md").write_text("# Lonely {#lonely}\n", "utf-8")
    code, said = site.build()
    assert code == 0 or "docs/zh/page.md" in said or "docs/en/page.md" in said
    assert "Traceback" not in said


def test_without_directories_the_links_hold(make_site: MakeSite) -> None:
    site = make_site(project())
    assert site.build("--strict", "--no-directory-urls")[0] == 0
    html = (site.root / "site/zh-en/page.html").read_text("utf-8")
    hrefs = Elements(article(html)).all("href")
    assert hrefs.count("other.html#there") == 2
    assert "../zh/pictures/plot.txt" in hrefs
    assert "../zh/notebooks/page.ipynb" in hrefs
