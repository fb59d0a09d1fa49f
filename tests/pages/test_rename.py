"""A chapter is renamed, added or removed by doing what `check` says, until it says nothing."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from .conftest import MODULE, PAGE, Site, with_options

MakeSite = Callable[..., Site]
APPROVED = "tests/snippets/approved/test_approved/test_outputs[{}].txt"
COVERAGE = """
claims:
  - claim: "C1"
    page: page
    cell: m:first
    test: tests/snippets/test_m.py::test_it
  - claim: "C2"
    page: page
    cell: ""
    test: ""
"""
FILES = {
    "mkdocs.yml": with_options("") + "nav:\n  - index.md\n  - 页 | Page: page.md\n  - other.md\n",
    "docs/index.md": "# Start {#start}\n\n[中文](zh/index.md) [both](zh-en/index.md)\n",
    "docs/zh/index.md": "# 首页 {#home}\n\n- [甲](page.md)：\n  见[题](page.md#title)\n",
    "docs/en/index.md": "# Home {#home}\n\n- [One](page.md):\n  see the [title](page.md#title)\n",
    "docs/zh/other.md": "# 别的 {#other}\n\n```python cell=\"n:a\"\n```\n\n值 `{cell} m:first`。\n",
    "docs/en/other.md": "# More {#other}\n\n```python cell=\"n:a\"\n```\n\nIt: `{cell} m:first`.\n",
    "snippets/n.py": "# %% a\n1\n",
    "tests/snippets/test_m.py": "def test_it(outputs):\n    assert outputs\n",
    "tests/snippets/test_all.py": "def test_all(book):\n    assert book\n",
    APPROVED.format("m"): "",
    "tests/pages/coverage.yml": COVERAGE,
    "tests/browser/queries.py": 'QUERIES = [\n    ("zh", "甲", "page#title"),\n]\n',
}  # fmt: skip


def told(site: Site) -> set[str]:
    """What `check` says: path and line of each problem."""
    code, said = site.run("livenotes.cli", "check")
    found = set(re.findall(r"^(?!draft|notice)(\S+?): ", said, re.MULTILINE))
    assert code == bool(found), said
    return found


@pytest.fixture
def site(make_site: MakeSite) -> Site:
    site = make_site(FILES)
    assert told(site) == set()
    return site


def move(site: Site, old: str, new: str) -> None:
    (site.root / old).rename(site.root / new)


def change(site: Site, file: str, old: str, new: str) -> None:
    path = site.root / file
    assert old in path.read_text("utf-8")
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")


def test_a_chapter_is_renamed_by_following_check(site: Site) -> None:
    for language in ("zh", "en"):
        move(site, f"docs/{language}/page.md", f"docs/{language}/first.md")
    homes = {f"docs/{language}/index.md:{line}" for language in ("zh", "en") for line in (3, 4)}
    nav = {"mkdocs.yml:18", "mkdocs.yml:20"}  # lacks a page, and names one that is gone
    rows = {f"tests/pages/coverage.yml:{line}" for line in (3, 7)}
    assert told(site) == {*homes, *nav, *rows, "tests/browser/queries.py:2"}
    code, said = site.build("--strict")
    assert code == 1 and "mkdocs.yml:20: nav names a page that is not there: page.md" in said
    for file in ("mkdocs.yml", "docs/zh/index.md", "docs/en/index.md"):
        change(site, file, "page.md", "first.md")
    change(site, "tests/browser/queries.py", "page#", "first#")
    change(site, "tests/pages/coverage.yml", "page: page", "page: first")
    assert told(site) == set()

    move(site, "snippets/m.py", "snippets/first.py")
    fences = {f"docs/{language}/{place}" for language in ("zh", "en")
              for place in ("first.md:3", "first.md:6", "other.md:6")}  # fmt: skip
    tests = {"tests/snippets/test_m.py", APPROVED.format("m")}
    assert told(site) == fences | tests | {"tests/pages/coverage.yml:4"}
    for language in ("zh", "en"):
        change(site, f"docs/{language}/first.md", "m:", "first:")
        change(site, f"docs/{language}/other.md", "m:first", "first:first")
    move(site, "tests/snippets/test_m.py", "tests/snippets/test_first.py")
    move(site, APPROVED.format("m"), APPROVED.format("first"))
    assert told(site) == {f"tests/pages/coverage.yml:{line}" for line in (4, 5)}
    change(site, "tests/pages/coverage.yml", "m:first", "first:first")
    change(site, "tests/pages/coverage.yml", "test_m.py", "test_first.py")
    assert told(site) == set()
    assert site.build("--strict")[0] == 0


def test_one_of_two_pages_renamed_is_no_draft(site: Site) -> None:
    move(site, "docs/zh/page.md", "docs/zh/first.md")
    assert "docs/zh/first.md" in told(site)
    code, said = site.build("--strict")
    assert code == 1
    assert "docs/zh/first.md: shows 'm' as docs/en/page.md does, under another name" in said


def test_a_chapter_is_removed_by_following_check(site: Site) -> None:
    for name in ("docs/zh/other.md", "docs/en/other.md", "snippets/n.py"):
        (site.root / name).unlink()
    assert told(site) == {"mkdocs.yml:21"}
    change(site, "mkdocs.yml", "  - other.md\n", "")
    assert told(site) == set()
    assert site.build("--strict")[0] == 0


def test_a_chapter_is_added_by_following_check(site: Site) -> None:
    site.write({
        "docs/zh/new.md": PAGE.replace("m:", "new:"), "docs/en/new.md": PAGE.replace("m:", "new:"),
        "snippets/new.py": MODULE,
    })  # fmt: skip
    assert told(site) == {"mkdocs.yml:18"}
    queries = "tests/browser/queries.py"
    change(site, queries, '"page#title"),', '"page#title"),\n    ("en", "one", "new"),')
    (site.root / "docs/en/new.md").unlink()
    # A draft need not be in the navigation, and its translation may be searched for already.
    assert told(site) == set()
    assert site.build("--strict")[0] == 0
