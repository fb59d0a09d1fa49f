"""The notes themselves: nothing to report, the same twice, both languages whole."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import sites
from bs4 import BeautifulSoup
from chapters import CHAPTERS, MODULES, PAGES

ROOT = Path(__file__).parents[2]

TORCH = re.search(r"torch==([\d.]+)", (ROOT / "pyproject.toml").read_text("utf-8"))[1]  # type: ignore[index]


def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *words], cwd=ROOT, capture_output=True, text=True, check=False,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"} | environment,
    )  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sites.real_site(tmp_path_factory, "site", "--strict")


def test_check_has_nothing_to_report() -> None:
    done = run("livenotes.cli", "check")
    assert done.returncode == 0, done.stdout


def test_every_page_is_built(site: Path) -> None:
    for page in PAGES:
        assert (site / page.removesuffix("/index") / "index.html").is_file(), page


def test_executed_json_holds_every_chapter(site: Path) -> None:
    told = json.loads((site / "executed.json").read_text("utf-8"))["modules"]
    assert set(MODULES) <= set(told)
    assert all(module["warnings"] == [] for module in told.values())
    assert {module["distributions"].get("torch") for module in told.values()} <= {None, TORCH}


def test_each_language_has_its_search_index(site: Path) -> None:
    for language, other in (("zh", "en"), ("en", "zh")):
        text = (site / language / "search" / "search_index.json").read_text("utf-8")
        locations = [entry["location"] for entry in json.loads(text)["docs"]]
        chapters = [c.partition("/")[2] for c in CHAPTERS if c.startswith(language)]
        assert {f"{chapter}/" for chapter in chapters} <= set(locations)
        assert not any(place.startswith(f"{other}/") for place in locations)


def test_nothing_of_this_machine_is_published(site: Path) -> None:
    for file in site.rglob("*"):
        if file.suffix in (".html", ".json", ".xml", ".ipynb"):
            assert str(ROOT) not in file.read_text("utf-8"), file
    assert "+cpu" not in (site / "executed.json").read_text("utf-8")


@pytest.mark.slow
def test_two_builds_of_the_notes_are_the_same(site: Path, tmp_path: Path) -> None:
    again = tmp_path / "site"
    done = run("mkdocs", "build", "--strict", "-d", str(again), PYTHONHASHSEED="7")
    assert done.returncode == 0, done.stderr
    files = {f.relative_to(site) for f in site.rglob("*") if f.is_file()}
    assert files == {f.relative_to(again) for f in again.rglob("*") if f.is_file()}
    assert [f for f in files if (site / f).read_bytes() != (again / f).read_bytes()] == []


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_markdown_holds_every_cell_and_its_text(site: Path, chapter: str) -> None:
    told = json.loads((site / "executed.json").read_text("utf-8"))["modules"]
    module = told[chapter.partition("/")[2].replace("-", "_")]
    source = (ROOT / module["source"]).read_text("utf-8").splitlines()
    text = (site / chapter / "index.md").read_text("utf-8")
    shown = [cell for cell in module["cells"] if "hide" not in cell["tags"]]
    assert shown
    for cell in shown:
        first, last = cell["lines"]
        code = "\n".join(line for line in source[first - 1 : last] if not line.startswith("# %%"))
        assert code.strip() in text, cell["name"]
        for output in cell["outputs"]:
            data = output.get("data", {})
            said = output.get("text") or data.get("text/plain", "")
            if "image/svg+xml" not in data:
                assert said.strip() in text, cell["name"]


def test_every_page_says_in_its_language_what_it_is_about(site: Path) -> None:
    seen = set()
    for file in sorted(site.rglob("index.html")):
        html = file.read_text("utf-8")
        name = file.relative_to(site).as_posix()
        found = re.search(r'<meta name="description" content="([^"]{20,})">', html)
        assert found, name
        if "notebooks/" not in name and not name.startswith("zh-en/"):  # they name the original
            assert found[1] not in seen, name
            seen.add(found[1])
            data = re.search(r'<script type="application/ld\+json">(.*?)</script>', html)
            assert data and json.loads(data[1])["@context"] == "https://schema.org", name
            assert re.search(r'<link rel="canonical" href="http[^"]+">', html), name
        if name.startswith("zh/"):
            assert re.search(r"[\u4e00-\u9fff]", found[1]), name
        if name.startswith("en/"):
            assert not re.search(r"[\u4e00-\u9fff]", found[1]), name


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_view_of_a_notebook_is_text_rather_than_boxes(site: Path, chapter: str) -> None:
    """Besides outputs and formulas, markup is at most as much as two thirds of what one reads."""
    language, _, name = chapter.partition("/")
    html = (site / language / "notebooks" / name / "index.html").read_text("utf-8")
    page = BeautifulSoup(html, "html.parser")
    for element in page.select(".jp-Cell-outputWrapper, .arithmatex"):
        element.decompose()
    article = page.select_one("article")
    assert article and article.select_one("pre")
    size, whole = len(str(article).encode()), len(str(page).encode())
    assert size <= 5 / 3 * len(article.get_text().encode())
    assert whole - size <= 24_000  # with every chapter in the navigation


def test_each_page_has_a_picture_of_its_own(site: Path) -> None:
    pictures = {file.stem: file.read_bytes() for file in (site / "assets/previews").glob("*.png")}
    others = {"notebooks", "zh-en"}  # they name the original
    pages = [page for page in site.rglob("index.html") if not others & set(page.parts)]
    assert len(pictures) == len(pages)
    del pictures["index"]  # the way in shows what the first language's home shows
    assert len(set(pictures.values())) == len(pictures)
