"""A new site takes the place of the old one: whole, and without taking what others keep there."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from livenotes.site.staging import Staging


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")


def tree(folder: Path) -> dict[str, str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in files}


NEW = {"index.html": "new", "en/a/index.html": "new", "was-folder": "new", "was-file/x": "new"}
OLD = {"index.html": "old", "gone/index.html": "old", "was-folder/x": "old", "was-file": "old"}
HIDDEN = {".git": "gitdir: …", ".nojekyll": "", ".well-known/x": "theirs"}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    write(tmp_path / "site", OLD | HIDDEN)
    return tmp_path / "site"


def built(site: Path) -> Staging:
    staging = Staging(site)
    write(staging.building, NEW)
    return staging


def test_hidden_names_of_the_old_site_stay_and_all_else_is_new(site: Path) -> None:
    assert built(site).publish() == ""
    assert tree(site) == NEW | HIDDEN
    assert [path.name for path in site.parent.iterdir()] == ["site"]


def test_hidden_names_stay_without_an_exchange_in_one_step(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("livenotes.site.staging.exchange", lambda *_: False)
    assert built(site).publish() == ""
    assert tree(site) == NEW | HIDDEN


def test_a_hidden_name_that_the_new_site_has_too_is_the_new_one(site: Path) -> None:
    staging = built(site)
    write(staging.building, {".nojekyll": "new"})
    staging.publish()
    assert tree(site) == NEW | HIDDEN | {".nojekyll": "new"}


def test_a_given_up_build_changes_nothing(site: Path) -> None:
    built(site).discard()
    assert tree(site) == OLD | HIDDEN


def test_a_build_killed_behind_the_exchange_loses_nothing_hidden(site: Path) -> None:
    """The exchange has happened, the hidden names have not been moved yet."""
    staging = built(site)
    staging._swap()
    assert ".git" not in tree(site)
    again = Staging(site)
    assert tree(site) == NEW | HIDDEN
    again.discard()


def test_a_build_killed_between_two_renames_loses_nothing(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    staging = built(site)
    staging._retire()
    again = Staging(site)
    assert tree(site) == OLD | HIDDEN
    again.discard()


def test_a_mount_point_is_filled(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os.path, "ismount", lambda path: Path(path) == site)
    identity = site.stat().st_ino
    assert "one by one" in built(site).publish()
    assert tree(site) == NEW | HIDDEN
    assert site.stat().st_ino == identity


def test_a_folder_that_cannot_be_renamed_is_filled(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr("livenotes.site.staging.exchange", lambda *_: False)
    monkeypatch.setattr(os, "rename", refused)
    assert "one by one" in built(site).publish()
    assert tree(site) == NEW | HIDDEN


def test_a_site_in_a_folder_where_nothing_can_be_written_is_filled(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = Path.mkdir

    def mkdir(self: Path, *args: object, **options: object) -> None:
        if self.name.startswith(".site."):
            raise PermissionError(errno.EACCES, "Permission denied")
        make(self, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Path, "mkdir", mkdir)
    staging = built(site)
    assert staging.building.parent != site.parent
    assert "one by one" in staging.publish()
    assert tree(site) == NEW | HIDDEN
    assert not staging.building.exists()
