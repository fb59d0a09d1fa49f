"""Addresses in the project's repository: a file's source, a line of it, a notebook in Colab."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

_COLAB = "https://colab.research.google.com/github"


def source_url(repo_url: str, edit_uri: str) -> str:
    """The address below which files can be looked at, `…/blob/main/`; '' without a repository.

    `edit_uri` (`edit/main/docs/`) names the branch.
    """
    if not repo_url:
        return ""
    branch = (edit_uri or "edit/main/").split("/")[1]
    return f"{repo_url.rstrip('/')}/blob/{branch}/"


def report_url(repo_url: str, page: str) -> str:
    """Where a mistake on a page is reported; '' without a repository."""
    if not repo_url:
        return ""
    folder = "-/issues" if "gitlab" in (urlsplit(repo_url).hostname or "") else "issues"
    return f"{repo_url.rstrip('/')}/{folder}/new?title={quote(page, safe='')}"


def colab_url(repo_url: str, branch: str, path: str) -> str:
    """Where Colab opens a notebook from a branch of a repository at GitHub; '' for any other."""
    parts = urlsplit(repo_url)
    name = parts.path.strip("/").removesuffix(".git")
    if parts.hostname != "github.com" or name.count("/") != 1 or not branch:
        return ""
    return f"{_COLAB}/{name}/blob/{branch}/{path}"
