"""Addresses in the repository, and in Colab where it is at GitHub."""

from __future__ import annotations

import pytest

from livenotes.site.repository import colab_url, source_url

HUB = "https://github.com/someone/notes"


@pytest.mark.parametrize(
    ("repo", "edit", "address"),
    [
        (HUB, "edit/main/docs/", f"{HUB}/blob/main/"),
        (f"{HUB}/", "edit/trunk/docs/", f"{HUB}/blob/trunk/"),
        (HUB, "", f"{HUB}/blob/main/"),
        ("", "edit/main/docs/", ""),
    ],
)
def test_sources_lie_on_the_branch_that_is_edited(repo: str, edit: str, address: str) -> None:
    assert source_url(repo, edit) == address


@pytest.mark.parametrize("repo", [HUB, f"{HUB}/", f"{HUB}.git"])
def test_colab_opens_a_notebook_of_a_branch_at_github(repo: str) -> None:
    address = "https://colab.research.google.com/github/someone/notes/blob/notebooks/zh/a.ipynb"
    assert colab_url(repo, "notebooks", "zh/a.ipynb") == address


@pytest.mark.parametrize(
    ("repo", "branch"),
    [("", "notebooks"), (HUB, ""), ("https://gitlab.com/a/b", "n"), ("https://github.com/a", "n")],
)
def test_where_colab_can_open_nothing_there_is_no_address(repo: str, branch: str) -> None:
    assert colab_url(repo, branch, "zh/a.ipynb") == ""
