"""What mkdocs.yml says without the wanted effect is told with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from mkdocs.structure.files import get_files

from livenotes.site.configuration import load
from livenotes.site.settings import check_settings

SETTINGS = """\
site_name: Notes
theme:
  name: material
  custom_dir: overrides
  features: [toc.follow, search.suggest]
plugins:
  - search
  - tags
  - livenotes: {languages: {zh: 中文, en: English}}
markdown_extensions: [attr_list]
nav:
  - 首页 | Home: index.md
  - Part:
    - pge.md
    - nowhere-at-all.md
    - sub/a.md
    - https://example.org
    - data.csv
not_in_nav: hidden.md
"""
PAGES = ("index.md", "zh/index.md", "zh/page.md", "en/page.md", "zh/sub/a.md", "en/sub/a.md",
         "zh/hidden.md", "en/other.md", "en/draft.md")  # fmt: skip


def told(root: Path, settings: str) -> list[str]:
    for name in PAGES:
        (root / "docs" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "docs" / name).write_text("# T {#t}\n")
    (root / "overrides").mkdir(exist_ok=True)
    file = root / "mkdocs.yml"
    file.write_text(settings, "utf-8")
    config = load(file)
    problems = check_settings(config, get_files(config).documentation_pages(), {"en/draft.md"})
    return [str(problem).split("\n    ")[0] for problem in sorted(problems)]


def test_nav_is_compared_with_the_pages(tmp_path: Path) -> None:
    lines = [line for line in told(tmp_path, SETTINGS) if "nav " in line]
    assert lines == [
        "mkdocs.yml:11: nav leaves out the page other.md",
        "mkdocs.yml:11: nav leaves out the page page.md",
        "mkdocs.yml:14: nav names a page that is not there: pge.md",
        "mkdocs.yml:15: nav names a page that is not there: nowhere-at-all.md",
    ]


def test_a_page_that_is_misspelt_in_nav_is_suggested(tmp_path: Path) -> None:
    told(tmp_path, SETTINGS)
    config = load(tmp_path / "mkdocs.yml")
    hints = {
        p.line: p.hint for p in check_settings(config, get_files(config).documentation_pages(), ())
    }
    assert hints[14] == "Did you mean page.md?"
    assert hints[15] == "Write the page, or remove the entry."


def test_a_nav_that_is_inherited_is_told_where_it_stands(tmp_path: Path) -> None:
    (tmp_path / "base.yml").write_text(SETTINGS, "utf-8")
    lines = told(tmp_path, "INHERIT: base.yml\nsite_author: X\n")
    assert "base.yml:14: nav names a page that is not there: pge.md" in lines


def test_a_site_of_one_language_and_one_without_nav(tmp_path: Path) -> None:
    alone = SETTINGS.replace("{languages: {zh: 中文, en: English}}", "{languages: {en: English}}")
    lines = told(tmp_path, alone)
    assert "mkdocs.yml:16: nav names a page that is not there: sub/a.md" in lines
    assert "mkdocs.yml:11: nav leaves out the page en/sub/a.md" in lines
    assert not any("'tags'" in line for line in lines)
    assert not any("nav " in line for line in told(tmp_path, SETTINGS.partition("nav:")[0]))


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("", "", "mkdocs.yml:5: 'search.suggest' has no effect"),
        ("search.suggest", "navigation.instant", "mkdocs.yml:5: 'navigation.instant' keeps the"),
        ("", "", "mkdocs.yml:8: 'tags' lists the pages of all languages"),
        ("- tags", "- awesome-pages: {x: 1}", "mkdocs.yml:8: 'awesome-pages' has no effect"),
        ("- tags", "- i18n", "mkdocs.yml:8: 'i18n' makes languages"),
        ("[attr_list]", "[tables]", "mkdocs.yml:10: without attr_list headings have no ids"),
        ("not_in", "site_name: X\nnot_in", "mkdocs.yml:19: 'site_name' stands already in line 1"),
        ("overrides", "overrides\n  name: null", "mkdocs.yml:5: 'name' stands already in line 3"),
        ("zh: 中文, en", "zh: X, zh: Y, en", "mkdocs.yml:9: 'zh' stands already in line 9"),
    ],
)
def test_what_does_not_go_together_is_told(tmp_path: Path, old: str, new: str, line: str) -> None:
    assert any(said.startswith(line) for said in told(tmp_path, SETTINGS.replace(old, new)))


def test_a_template_that_takes_the_place_of_ours_is_told(tmp_path: Path) -> None:
    (tmp_path / "overrides").mkdir()
    (tmp_path / "overrides/main.html").write_text("")
    assert not any("base.html" in line for line in told(tmp_path, SETTINGS))
    (tmp_path / "overrides/base.html").write_text("")
    assert any(said.startswith("mkdocs.yml:4: its base.html") for said in told(tmp_path, SETTINGS))
