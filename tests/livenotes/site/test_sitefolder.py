"""A served site's folder: what MkDocs would write again as it was is left alone, the rest is not.

The oracle is MkDocs itself: the same writes into a folder that it empties first.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from mkdocs import utils

from livenotes.site.sitefolder import SiteFolder

OTHERS = "executed.json"  # written by somebody who does not ask MkDocs


def build(site: Path, source: Path, pages: Mapping[str, str]) -> None:
    """What a MkDocs build does to the site's folder."""
    utils.clean_directory(str(site))
    utils.copy_file(str(source), str(site / "assets/style.css"))
    for name, text in pages.items():
        utils.write_file(text.encode(), str(site / name))
    (site / OTHERS).write_text(str(dict(pages)))


def tree(folder: Path) -> dict[str, bytes | None]:
    found = {str(p.relative_to(folder)): p for p in folder.rglob("*")}
    return {name: path.read_bytes() if path.is_file() else None for name, path in found.items()}


def identities(folder: Path) -> dict[str, tuple[int, int]]:
    """What changes when a file is written, though its content be the same."""
    files = {str(p.relative_to(folder)): p.stat() for p in folder.rglob("*") if p.is_file()}
    return {name: (state.st_ino, state.st_mtime_ns) for name, state in files.items()}


@pytest.fixture
def folder() -> SiteFolder:
    return SiteFolder()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    file = tmp_path / "style.css"
    file.write_text("a {}")
    return file


BUILDS: list[dict[str, str]] = [
    {"index.html": "home", "zh/a/index.html": "甲", "zh/b/index.html": "乙"},
    {"index.html": "home", "zh/a/index.html": "甲 changed", "zh/b/index.html": "乙"},
    {"index.html": "home", "zh/b/index.html": "乙"},
    {"index.html": "home", "zh/a/index.html": "甲", "en/c/index.html": "c"},
]


def test_after_each_build_the_files_are_those_that_mkdocs_writes(
    folder: SiteFolder, source: Path, tmp_path: Path
) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    for number, pages in enumerate(BUILDS):
        time.sleep(0.05)  # as a server waits before it builds
        source.write_text(f"a {{ order: {number // 2} }}")
        folder.begin(str(ours))
        build(ours, source, pages)
        folder.end()
        build(theirs, source, pages)
        assert tree(ours) == tree(theirs)


def test_only_what_changes_is_written(folder: SiteFolder, source: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    seen = []
    for pages in BUILDS[:2]:
        time.sleep(0.05)
        folder.begin(str(site))
        build(site, source, pages)
        folder.end()
        seen.append(identities(site))
    changed = {name for name in seen[0] if seen[0][name] != seen[1][name]}
    assert changed == {"zh/a/index.html", OTHERS}


def test_a_file_that_another_hand_changed_or_removed_is_written_again(
    folder: SiteFolder, source: Path, tmp_path: Path
) -> None:
    site = tmp_path / "site"
    for _ in range(2):
        time.sleep(0.05)
        folder.begin(str(site))
        build(site, source, BUILDS[0])
        folder.end()
        assert (site / "index.html").read_text() == "home"
        assert (site / "zh/a/index.html").read_text() == "甲"
        (site / "index.html").write_text("mine")
        (site / "zh/a/index.html").unlink()


def test_after_a_build_that_broke_off_the_folder_is_emptied(
    folder: SiteFolder, source: Path, tmp_path: Path
) -> None:
    site = tmp_path / "site"
    folder.begin(str(site))
    build(site, source, BUILDS[0])
    folder.forget()
    folder.begin(str(site))
    build(site, source, BUILDS[2])
    folder.end()
    assert not (site / "zh/a").exists()


@pytest.mark.parametrize("ending", ["end", "forget"])
def test_mkdocs_has_its_own_functions_back(folder: SiteFolder, tmp_path: Path, ending: str) -> None:
    before = utils.clean_directory, utils.copy_file, utils.write_file
    folder.begin(str(tmp_path))
    assert utils.write_file != before[2]
    getattr(folder, ending)()
    assert (utils.clean_directory, utils.copy_file, utils.write_file) == before


def test_hidden_files_are_left_alone(folder: SiteFolder, source: Path, tmp_path: Path) -> None:
    """As MkDocs leaves them."""
    site = tmp_path / "site"
    site.mkdir()
    hidden = site / ".nojekyll"
    hidden.write_text("")
    os.utime(hidden, (0, 0))
    for _ in range(2):
        folder.begin(str(site))
        build(site, source, BUILDS[0])
        folder.end()
    assert hidden.exists()
