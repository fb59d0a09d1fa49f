"""Addresses in the repository, and in Colab where it is at GitHub."""

from __future__ import annotations

import pytest
from mkdocs.config.defaults import MkDocsConfig

from livenotes.site.repository import colab_url, source_url

HUB = "https://github.com/someone/notes"


LAB = "https://gitlab.example.org/group/notes"
ABSOLUTE = "https://codeberg.org/someone/notes/_edit/main/docs/"


@pytest.mark.parametrize(
    ("repo", "edit", "address"),
    [
        (HUB, "edit/main/docs/", f"{HUB}/blob/main/"),
        (f"{HUB}/", "edit/trunk/docs/", f"{HUB}/blob/trunk/"),
        (HUB, "edit/main/notes/docs/", f"{HUB}/blob/main/notes/"),
        (HUB, "edit/fix/edit/docs/", f"{HUB}/blob/fix/edit/"),
        (HUB, "tree/main/docs/", f"{HUB}/blob/main/"),
        ("https://github.com/edit/notes", "edit/main/docs/",
         "https://github.com/edit/notes/blob/main/"),
        (LAB, "-/edit/main/docs/", f"{LAB}/-/blob/main/"),
        ("https://bitbucket.org/a/b", "src/default/docs/", "https://bitbucket.org/a/b/src/default/"),
        (HUB, ABSOLUTE, "https://codeberg.org/someone/notes/src/branch/main/"),
        ("", ABSOLUTE, "https://codeberg.org/someone/notes/src/branch/main/"),
        (HUB, "", f"{HUB}/blob/HEAD/"),
        # What says nothing of where the modules are.
        (LAB, "", ""),
        ("", "edit/main/docs/", ""),
        (HUB, "edit/main/pages/", ""),
        (HUB, "?query=root/docs/", ""),
        (HUB, "https://ide.example.org/open/docs/", ""),
    ],
)  # fmt: skip
def test_sources_lie_on_the_branch_that_is_edited(repo: str, edit: str, address: str) -> None:
    assert source_url(config(repo_url=repo, edit_uri=edit), "docs") == address


@pytest.mark.parametrize(
    ("template", "address"),
    [
        ("edit/main/content/{path}", f"{HUB}/blob/main/"),
        (LAB + "/-/edit/main/content/{path!q}?mode=x", f"{LAB}/-/blob/main/"),
        ("edit/main/content/{path_noext}", ""),
    ],
)
def test_a_template_of_edited_pages_tells_it_too(template: str, address: str) -> None:
    assert source_url(config(repo_url=HUB, edit_uri_template=template), "content") == address


def config(**given: str) -> MkDocsConfig:
    made = MkDocsConfig()
    made.load_dict({"site_name": "Notes", **given})
    made.edit_uri = given.get("edit_uri", "")
    made.repo_url, made.edit_uri_template = (
        given.get("repo_url", ""), given.get("edit_uri_template")
    )  # fmt: skip
    return made


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
