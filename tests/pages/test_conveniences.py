"""What a published site adds: links to sources, editor and Colab; and HTML without errors."""

from __future__ import annotations

import re
from pathlib import Path

import html5lib
import pytest
from bs4 import BeautifulSoup

from .conftest import FILES, MKDOCS_YML, Site, with_options

HUB = "https://github.com/someone/notes"
PUBLISHED = (
    with_options("notebook_branch: notebooks").replace(
        "font: false", "font: false, features: [content.action.edit]"
    )
    + f"repo_url: {HUB}\nedit_uri: edit/main/docs/\n"
)
TABS = '\n=== "Linux"\n\n    1\n\n=== "Windows"\n\n    2\n'


@pytest.fixture(scope="module", params=["published", "local"])
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Site:
    site = Site(tmp_path_factory.mktemp(request.param))
    config = PUBLISHED if request.param == "published" else MKDOCS_YML
    pages = {f"docs/{code}/page.md": FILES[f"docs/{code}/page.md"] + TABS for code in ("zh", "en")}
    site.write({**FILES, **pages, "mkdocs.yml": config})
    code, said = site.build("--strict")
    assert code == 0, said
    return site


def is_published(site: Site) -> bool:
    return HUB in (site.root / "mkdocs.yml").read_text("utf-8")


def read(site: Site, page: str) -> BeautifulSoup:
    return BeautifulSoup(site.html(page), "html5lib")


@pytest.mark.parametrize(("code", "lines"), [("zh", "第 2 到 3 行"), ("en", "lines 2 to 3")])
def test_each_cell_links_to_its_lines_where_there_is_a_repository(
    code: str, lines: str, built: Site
) -> None:
    links = read(built, f"{code}/page").select(".cell .cell-source > a.cell-link")
    if not is_published(built):
        assert links == []
        return
    first, second = links
    text = (built.root / "snippets/m.py").read_text("utf-8").splitlines()
    assert text[1:3] == ["x = 20", "x"]
    assert first["href"] == f"{HUB}/blob/main/snippets/m.py#L2-L3"
    assert lines in str(first["aria-label"]) and "snippets/m.py" in str(first["aria-label"])
    assert (first.get_text(), first["tabindex"]) == ("", "-1")
    assert second["href"] == f"{HUB}/blob/main/snippets/m.py#L6-L6"


@pytest.mark.parametrize("code", ["zh", "en"])
def test_a_page_leads_to_its_editor_its_module_and_colab(code: str, built: Site) -> None:
    page = read(built, f"{code}/page")
    hrefs = [str(a["href"]) for a in page.select("a[href]")]
    links = {
        f"{HUB}/edit/main/docs/{code}/page.md",
        f"{HUB}/blob/main/snippets/m.py",
        "https://colab.research.google.com/github/someone/notes/blob/notebooks/"
        f"{code}/notebooks/page.ipynb",
    }
    assert set(hrefs) & links == (links if is_published(built) else set())
    assert (built.root / "site" / code / "notebooks/page.ipynb").is_file()


def test_the_link_to_the_repository_asks_nothing_of_its_host(built: Site) -> None:
    assert 'data-md-component="source"' not in built.html("zh/page")


@pytest.mark.parametrize("code", ["zh", "en"])
def test_the_shortcuts_are_listed_in_the_language(code: str, built: Site) -> None:
    dialog = read(built, f"{code}/page").select_one("dialog.ln-keys")
    assert dialog and not dialog.has_attr("open")
    chinese = bool(re.search(r"[\u4e00-\u9fff]", dialog.get_text()))
    assert chinese == (code == "zh")
    assert {"/", "s", "f", "n", "p", ".", ",", "?"} <= {e.text for e in dialog.select("kbd")}


@pytest.mark.parametrize("page", ["zh/page", "en/page", ".", "404.html"])
def test_a_page_has_no_errors_of_html(page: str, built: Site) -> None:
    """Parsed as strictly as html5lib can; names that are used once, labels that lead somewhere."""
    path = built.root / "site" / page
    html = (path if path.suffix else path / "index.html").read_text("utf-8")
    parser = html5lib.HTMLParser()
    parser.parse(html)
    assert [error for _, error, _ in parser.errors] == []
    assert html.count(" />") == 0  # as XML is written
    read = BeautifulSoup(html, "html5lib")
    ids = [str(e["id"]) for e in read.select("[id]")]
    assert sorted(set(ids)) == sorted(ids)
    told = {"aria-describedby", "aria-labelledby", "for"}
    for name in told:
        for element in read.select(f"[{name}]"):
            assert set(str(element[name]).split()) <= set(ids), element
    assert read.select("input[type=checkbox][autocomplete], [role=dialog]:not([aria-label])") == []


def test_the_workflow_pushes_the_notebooks_to_the_branch_of_the_links() -> None:
    workflow = (Path(__file__).parents[2] / ".github/workflows/site.yml").read_text("utf-8")
    branch = re.search(r"NOTEBOOK_BRANCH: (\S+)", workflow)
    assert branch
    assert (
        f'"https://x-access-token:$TOKEN@github.com/$GITHUB_REPOSITORY" {branch[1]}\n' in workflow
    )
    assert "site/*/notebooks/*.ipynb" in workflow
