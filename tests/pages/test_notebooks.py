"""Every chapter as a notebook: to download, and to look at in the site."""

from __future__ import annotations

import json
import shutil
import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import Any
from urllib.parse import urljoin, urlsplit

import nbformat
import pytest
from bs4 import BeautifulSoup
from mkdocs.config import load_config

from livenotes.execution.runs import Runs
from livenotes.site.build import Build
from livenotes.site.configuration import project_of
from livenotes.site.notebookviews import NotebookSite

from .conftest import FILES, MODULE, Site, with_options

MakeSite = Callable[..., Site]

VIEWS = with_options("", views=True)
FIGURE = "\n\n# %% figure\nimport matplotlib.pyplot as plt\n\nplt.plot([1, 2])\nplt.show()\n"
CHAPTER = """
# {title} {{#title}}

Here $x_1 < 2$, see [below](#math) and [the start](index.md).

```python cell="m:first"
```

## {math} {{#math}}

$$
\\sum_i x_i
$$

!!! note "{title}"
    ```python cell="m:second"
    ```

```python cell="m:figure" alt="A rising line"
```
"""
CHAPTERS = {
    "mkdocs.yml": VIEWS,
    "snippets/m.py": MODULE + FIGURE,
    "docs/zh/page.md": CHAPTER.format(title="梯度", math="公式"),
    "docs/en/page.md": CHAPTER.format(title="Gradient", math="Formulas"),
    "docs/zh/index.md": "# 首页 {#home}\n",
    "docs/en/index.md": "# Home {#home}\n",
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    site = Site(tmp_path_factory.mktemp("notebooks"))
    site.write({**FILES, **CHAPTERS})
    code, said = site.build("--strict")
    assert code == 0, said
    return site


def parsed(html: str) -> BeautifulSoup:
    return BeautifulSoup(html, "html5lib")


def view(site: Site, language: str) -> BeautifulSoup:
    return parsed(site.html(f"{language}/notebooks/page"))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_chapter_ends_in_links_to_its_notebook(language: str, site: Site) -> None:
    links = parsed(site.html(f"{language}/page")).select(".provenance a.notebook-link")
    addresses = [urljoin(f"/{language}/page/", str(link["href"])) for link in links]
    assert addresses == [f"/{language}/notebooks/page.ipynb", f"/{language}/notebooks/page/"]
    assert [link.has_attr("download") for link in links] == [True, False]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_download_is_a_notebook_with_links_into_the_site(language: str, site: Site) -> None:
    file = site.root / "site" / language / "notebooks/page.ipynb"
    notebook = nbformat.read(file, as_version=4)
    nbformat.validate(notebook)
    first = notebook.cells[0].source
    assert f"](https://example.org/notes/{language}/page/)" in first
    assert first.endswith(f"](https://example.org/notes/{language}/).")
    assert [c.id for c in notebook.cells if c.cell_type == "code"] == [
        "cell-first", "cell-second", "cell-figure",
    ]  # fmt: skip


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_view_asks_no_other_host_and_brings_no_style_or_script(language: str, site: Site) -> None:
    page = view(site, language)
    article = page.select_one("article")
    assert article and article.select_one(".jupyter-wrapper")
    assert article.select("style, script, img") == []
    for element in page.select("[src], link[rel=stylesheet]"):
        assert not urlsplit(str(element.get("src") or element["href"])).netloc
    html = str(page)
    for name in ("cdn", "cloudflare", "require.js", "mathjax", "mermaid"):
        assert name not in html.lower()
    sheet = article.select_one("link[rel=stylesheet]")
    assert sheet
    assert urljoin(f"/{language}/notebooks/page/", str(sheet["href"])) == "/assets/notebook.css"
    style = (site.root / "site/assets/notebook.css").read_text("utf-8")
    assert ".jupyter-wrapper" in style and len(style) < 30_000  # of half a megabyte


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_view_has_the_chapters_formulas_headings_contents_and_figures(
    language: str, site: Site
) -> None:
    page, chapter = view(site, language), parsed(site.html(f"{language}/page"))

    def formulas(page: BeautifulSoup) -> list[str]:
        return [e.get_text().strip() for e in page.select("article .katex annotation")]

    def headings(page: BeautifulSoup) -> list[tuple[str, str, str]]:
        found = page.select("article :is(h1, h2)")
        return [(e.name, str(e["id"]), e.get_text()) for e in found]

    assert formulas(page) == formulas(chapter) == ["x_1 < 2", "\\sum_i x_i"]
    assert [e[:2] for e in headings(page)] == [("h1", "title"), ("h2", "math")]
    assert [e[2].rstrip("¶") for e in headings(page)] == [
        e[2].rstrip("¶") for e in headings(chapter)
    ]
    entries = [str(a["href"]) for a in page.select(".md-nav--secondary a.md-nav__link")]
    assert entries and set(entries) == {"#math"}
    figure = page.select_one("article svg[role=img]")
    assert figure and figure["aria-label"] == "A rising line"
    ids = [str(e["id"]) for e in page.select("[id]")]
    assert len(ids) == len(set(ids))


def test_a_view_shows_what_the_run_gave(site: Site) -> None:
    texts = [e.get_text().strip() for e in view(site, "en").select(".jp-OutputArea-output pre")]
    assert texts == ["20", "21"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_view_calls_the_chapter_the_original(language: str, site: Site) -> None:
    page = view(site, language)
    canonical = page.select_one("link[rel=canonical]")
    assert canonical and canonical["href"] == f"https://example.org/notes/{language}/page/"
    namespaces = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
    listed = ET.parse(site.root / "site/sitemap.xml").findall(".//s:loc", namespaces)
    assert any(e.text == f"https://example.org/notes/{language}/page/" for e in listed)
    assert not any("notebooks" in str(e.text) for e in listed)
    index = (site.root / "site" / language / "search/search_index.json").read_text("utf-8")
    assert any(doc["location"].startswith("page/") for doc in json.loads(index)["docs"])
    assert "notebooks" not in index
    assert "In [1]" not in index


@pytest.mark.parametrize(("language", "other"), [("zh", "en"), ("en", "zh")])
def test_links_of_a_view_lead_to_its_twin_the_chapter_and_the_site(
    language: str, other: str, site: Site
) -> None:
    page, here = view(site, language), f"/{language}/notebooks/page/"
    assert page.html and page.html["lang"] == language
    switch = page.select_one(f"a.ln-language[hreflang={other}]")
    assert switch and urljoin(here, str(switch["href"])) == f"/{other}/notebooks/page/"
    links = {urljoin(here, str(a["href"])) for a in page.select("article a")}
    assert {f"/{language}/page/", f"/{language}/", f"/{language}/notebooks/page.ipynb"} <= links
    assert not any("example.org" in link for link in links)
    menu = [str(a["href"]) for a in page.select(".md-nav--primary a[href]")]
    assert not any("notebooks" in urljoin(here, href) for href in menu if href[0] not in "#.")


def test_views_are_made_only_where_they_are_wanted(make_site: MakeSite) -> None:
    site = make_site()
    assert site.build("--strict")[0] == 0
    built = [name for name in site.tree() if "notebooks/" in name]
    assert built == ["en/notebooks/page.ipynb", "zh/notebooks/page.ipynb"]
    links = parsed(site.html("en/page")).select(".notebook-link")
    assert [str(link["href"]) for link in links] == ["../notebooks/page.ipynb"]


@pytest.mark.parametrize("building", [False, True])
def test_a_server_does_without_views(building: bool, make_site: MakeSite) -> None:
    site = make_site(CHAPTERS)
    config = load_config(str(site.root / "mkdocs.yml"))
    runs, unused = Runs(project_of(config)), Any
    NotebookSite(Build(config, runs, unused, unused, serving=not building))
    # It removes from its cache what a build did not use: a server must not let it.
    assert config.plugins["mkdocs-jupyter"].config["cache"] == building


def test_views_are_the_same_whether_remembered_or_made_anew(site: Site) -> None:
    before = site.tree()
    assert site.build("--strict")[0] == 0
    assert site.tree() == before
    shutil.rmtree(site.root / ".cache/livenotes/notebook-views")
    assert site.build("--strict")[0] == 0
    assert site.tree() == before


def test_a_broken_formula_is_told_once_and_with_the_chapters_line(make_site: MakeSite) -> None:
    page = CHAPTERS["docs/en/page.md"].replace("x_1 < 2", "\\broken")
    site = make_site({**CHAPTERS, "docs/en/page.md": page})
    code, said = site.build()
    assert code != 0
    assert said.count("broken formula") == 1
    assert "docs/en/page.md:3: broken formula" in said
    long = "\n\n$$\n\\begin{aligned}\n\\broken\n\\end{aligned}\n$$\n"
    site.write({"docs/en/page.md": CHAPTERS["docs/en/page.md"] + long})
    said = site.build()[1]
    assert "    \\begin{aligned} …\n" in said and said.count("aligned") < 4, said
