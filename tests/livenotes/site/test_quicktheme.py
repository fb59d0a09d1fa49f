"""MkDocs still makes its theme's environment where we wrap it, and lists what it must copy."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest
from mkdocs.config.base import load_config

from livenotes.site import quicktheme
from livenotes.site.quicktheme import QuickLoader, list_quickly

MKDOCS_YML = "site_name: Fixture\ntheme: {name: material, font: false}\nplugins: []\n"


def listed(tmp_path: Path, quickly: bool) -> set[str]:
    (tmp_path / "docs").mkdir(exist_ok=True)
    (tmp_path / "mkdocs.yml").write_text(MKDOCS_YML, "utf-8")
    config = load_config(str(tmp_path / "mkdocs.yml"))
    if quickly:
        list_quickly(config)
    env = config.theme.get_env()
    assert (type(env.loader) is QuickLoader) == quickly
    return set(env.list_templates())


def test_nothing_but_files_in_hidden_folders_is_left_out(tmp_path: Path) -> None:
    whole, ours = listed(tmp_path, quickly=False), listed(tmp_path, quickly=True)
    assert ours == {name for name in whole if not any(p.startswith(".") for p in name.split("/"))}
    assert len(whole) > 10 * len(ours)


def test_other_versions_of_mkdocs_are_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quicktheme, "KNOWN", ((0, 1), (0, 2)))
    with pytest.raises(AssertionError):
        listed(tmp_path, quickly=True)


@pytest.mark.parametrize(
    ("version", "known"),
    [
        ("1.6", True),
        ("1.6.2", True),
        ("1.6rc2", True),
        ("1.7b1", False),
        ("2.0.dev1", False),
        ("", False),
    ],
)
def test_versions_are_ranges(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, known: bool
) -> None:
    def installed(name: str) -> str:
        if not version:  # only a continuation under another name is installed
            raise PackageNotFoundError
        return version

    monkeypatch.setattr(quicktheme, "version", installed)
    (tmp_path / "docs").mkdir()
    (tmp_path / "mkdocs.yml").write_text(MKDOCS_YML, "utf-8")
    config = load_config(str(tmp_path / "mkdocs.yml"))
    list_quickly(config)
    assert (type(config.theme.get_env().loader) is QuickLoader) == known
