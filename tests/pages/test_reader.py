"""What a reader finds around a chapter: notebook, last change, where to report a mistake."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup, Tag

from .conftest import MODULE, Site, with_options

MakeSite = Callable[..., Site]
REPOSITORY = "repo_url: https://github.com/someone/notes\nedit_uri: edit/main/docs/\n"
OPTIONS = "notebook_branch: nb, copyright: {zh: 署名许可, en: Some licence}"
CHECKED = MODULE + '\n# %% check tags=["check"]\nassert x == 20\n'
PAGE = '# Title {#title}\n\n```python cell="m:first"\n```\n\n```python cell="m:second"\n```\n\n' \
       '```python cell="m:check"\n```\n'  # fmt: skip


@pytest.fixture
def site(make_site: MakeSite) -> Site:
    site = make_site({
        "mkdocs.yml": with_options(OPTIONS, views=True) + REPOSITORY,
        "snippets/m.py": CHECKED, "docs/zh/page.md": PAGE, "docs/en/page.md": PAGE,
    })  # fmt: skip
    when = {"GIT_COMMITTER_DATE": "2026-02-03T12:00:00", "GIT_AUTHOR_DATE": "2025-01-01T12:00:00"}
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    for command in (["init", "-q"], ["add", "docs/zh"], [*who, "commit", "-qm", "A page"]):
        subprocess.run(["git", *command], cwd=site.root, check=True, env=os.environ | when)
    code, said = site.build("--strict")
    assert code == 0, said
    return site


def page(site: Site, name: str) -> Tag:
    return BeautifulSoup(site.html(name), "html.parser")


def test_a_chapter_begins_with_the_ways_to_its_notebook(site: Site) -> None:
    (line,) = page(site, "zh/page").select("h1 + .ln-get")
    assert line.get_text() == "Jupyter 笔记本：下载 · 浏览 · Colab"
    assert [link["href"] for link in line.select("a")] == [
        "../notebooks/page.ipynb", "../notebooks/page/",
        "https://colab.research.google.com/github/someone/notes/blob/nb/zh/notebooks/page.ipynb",
    ]  # fmt: skip
    both = page(site, "zh-en/page").select("h1 + .pair > .ln-get")
    assert [each["lang"] for each in both] == ["zh", "en"]
    assert both[1].select("a")[0]["href"] == "../../en/notebooks/page.ipynb"
    for path in ("zh/page.md", "zh/page/index.md", "zh/notebooks/page.ipynb"):
        file = site.root / "site" / path
        assert not file.exists() or "浏览" not in file.read_text("utf-8")


def test_the_foot_tells_licence_last_change_and_where_to_report_a_mistake(site: Site) -> None:
    foot = page(site, "zh/page").select_one(".md-copyright")
    assert foot
    assert foot.get_text(" ", strip=True).startswith("署名许可 最近改动：2026-02-03 · 报告错误")
    (link,) = foot.select(".ln-foot a")
    assert link["href"] == "https://github.com/someone/notes/issues/new?title=zh%2Fpage%2F"
    english = page(site, "en/page").select_one(".md-copyright")  # was never committed
    assert english
    assert english.get_text(" ", strip=True).startswith("Some licence Report a mistake")


def test_only_checks_are_labelled_as_such(site: Site) -> None:
    labelled = page(site, "en/page").select(".cell[data-check]")
    assert [cell["data-cell"] for cell in labelled] == ["m:check"]


def test_without_a_repository_there_is_no_foot_of_ours(make_site: MakeSite) -> None:
    site = make_site()
    code, said = site.build("--strict")
    assert code == 0, said
    assert page(site, "en/page").select(".ln-foot") == []
