"""Sites of one language, and of two that livenotes has no words for, are whole sites."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from sites import build_site, write

from livenotes.cli import main

CONFIG = """
site_name: Notizen
site_url: https://example.org/notes/
theme: {name: material, font: false, language: de}
plugins: [search, PLUGIN]
markdown_extensions:
  - attr_list
  - pymdownx.arithmatex: {generic: true, inline_tag: x-math, block_tag: div}
  - pymdownx.highlight
  - pymdownx.superfences
"""
PAGE = """
# Titel {#titel}

Der Gradient von $x$.

```python cell="m:first"
```

{terms}
"""
MODULE = "# %% first\nx = 20\nx + 1\n"
ONE = {
    "mkdocs.yml": CONFIG.replace("PLUGIN", "livenotes"),
    "docs/index.md": "# Start {#start}\n\n[Seite](seite.md)\n",
    "docs/seite.md": PAGE,
    "docs/teil/zwei.md": "# Zwei {#zwei}\n",
    "docs/glossary.yml": "- {de: Gradient, meaning_de: Die Richtung.}\n",
    "snippets/m.py": MODULE,
}
TWO = {
    "mkdocs.yml": CONFIG.replace("PLUGIN", "livenotes: {languages: {de: Deutsch, fr: Français}}"),
    "docs/index.md": "# Start {#start}\n",
    "docs/de/index.md": "# Start {#start}\n",
    "docs/fr/index.md": "# Début {#start}\n",
    "docs/de/seite.md": PAGE,
    "docs/fr/seite.md": PAGE.replace("Titel", "Titre").replace("Der Gradient", "Le gradient"),
    "docs/glossary.yml": "- {de: Gradient, fr: gradient, meaning_de: Die Richtung.,"
    " meaning_fr: La direction.}\n",
    "snippets/m.py": MODULE,
}


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("one"), ONE)


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("two"), TWO)


def built(root: Path, files: dict[str, str]) -> Path:
    write(root, files)
    assert build_site(root) == []
    return root


def page(root: Path, name: str) -> BeautifulSoup:
    return BeautifulSoup((root / "site" / name / "index.html").read_text("utf-8"), "html5lib")


def test_a_site_of_one_language_has_its_pages_at_the_top(one: Path) -> None:
    made = {f.relative_to(one / "site").as_posix() for f in (one / "site").rglob("*.*")}
    assert {"index.html", "seite/index.html", "teil/zwei/index.html"} <= made
    assert {"seite/index.md", "notebooks/seite.ipynb", "search/search_index.json"} <= made
    assert not [name for name in made if name.startswith(("de", "en", "zh"))]
    output = page(one, "seite").select_one(".cell-output pre")
    assert output is not None and output.get_text() == "21"


def test_a_site_of_one_language_has_no_switch(one: Path) -> None:
    read = page(one, "seite")
    assert read.html is not None and read.html["lang"] == "de"
    assert not read.select(".ln-languages, .ln-language, link[hreflang]")
    assert {str(e["lang"]) for e in read.select("[lang]")} == {"de"}


def test_a_site_of_one_language_is_searched_at_its_top(one: Path) -> None:
    index = json.loads((one / "site/search/search_index.json").read_text("utf-8"))
    assert {"", "seite/", "teil/zwei/"} <= {doc["location"] for doc in index["docs"]}
    assert index["config"]["terms"] == [["Gradient"]]


def test_terms_of_one_language_have_their_meaning(one: Path) -> None:
    read = page(one, "seite")
    assert [tip.get_text() for tip in read.select("x-term-tip")] == ["Die Richtung."]
    assert [cell.get_text() for cell in read.select("table.terms td")] == [
        "Gradient", "Die Richtung.",
    ]  # fmt: skip


def test_other_languages_are_paired_like_chinese_and_english(two: Path) -> None:
    assert page(two, "fr/seite").select_one("a.ln-language[hreflang=de]")
    assert page(two, "de-fr/seite").select_one(".cell-output")
    tip = page(two, "fr/seite").select_one("x-term-tip")
    assert tip is not None and tip.get_text() == "Gradient La direction."
    heads = page(two, "de/seite").select("table.terms th")
    assert [head.get_text() for head in heads] == ["Deutsch", "Français", "Meaning"]


def test_languages_without_words_have_the_english_ones(two: Path) -> None:
    line = page(two, "fr/seite").select_one(".provenance")
    assert line is not None and line.get_text().startswith("The outputs on this page")
    lost = BeautifulSoup((two / "site/404.html").read_text("utf-8"), "html5lib")
    assert [p.get_text() for p in lost.select("article p")] == [
        "The address may be mistyped, or the page may have been renamed. Start again from the "
        "Deutsch home page."
    ]


@pytest.mark.parametrize("files", [ONE, TWO], ids=["one", "two"])
def test_such_a_site_is_served(files: dict[str, str], tmp_path: Path) -> None:
    write(tmp_path, files)
    assert build_site(tmp_path, "serve") == []
    assert list((tmp_path / "site").rglob("seite/index.html"))


@pytest.mark.parametrize("name", ["one", "two"])
def test_such_a_site_passes_check(
    name: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(request.getfixturevalue(name))
    assert main(["check"]) == 0


def test_a_page_in_one_language_only_is_left_out(tmp_path: Path) -> None:
    write(tmp_path, TWO)
    (tmp_path / "docs/fr/seite.md").unlink()
    assert build_site(tmp_path) == []
    assert not (tmp_path / "site/de/seite").exists()
