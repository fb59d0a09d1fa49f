"""Addresses in the project's repository: a file's source, a line of it, a notebook in Colab."""

from __future__ import annotations

from urllib.parse import quote, urljoin, urlsplit

from mkdocs.config.defaults import MkDocsConfig

# The default branch, where it has a name of its own in addresses.
_HEADS = {"github.com": "blob/HEAD/", "gitlab.com": "-/blob/HEAD/"}
# Where a host edits files, and where it shows them.
_PLACES = {
    "/-/edit/": "/-/blob/", "/_edit/": "/src/branch/", "/edit/": "/blob/", "/blob/": "/blob/",
    "/src/": "/src/", "/tree/": "/blob/",
}  # fmt: skip
_COLAB = "https://colab.research.google.com/github"


def source_url(config: MkDocsConfig, docs: str) -> str:
    """The address below which the project's files can be looked at, such as `…/blob/main/`.

    Found from where mkdocs.yml has pages of the folder `docs` edited; '' where that does not tell.
    """
    repo_url, template = config.repo_url or "", str(config.edit_uri_template or "")
    repo = f"{repo_url.rstrip('/')}/"
    pages = (
        template.partition("{path")[0]
        if "{path}" in template.replace("!q", "")
        else config.edit_uri or ""
    )
    if repo_url and not (pages or template):
        head = _HEADS.get(urlsplit(repo_url).hostname or "", "")
        return head and f"{repo}{head}"
    address = urljoin(repo, pages) if repo_url else pages
    root = address.removesuffix(f"{docs}/")
    if root == address or not root.endswith("/") or urlsplit(root).query:
        return ""
    start = len(repo) - 1 if root.startswith(repo) else root.find("/", len("https://"))
    for edited, shown in _PLACES.items():
        if edited in root[start:]:
            return root[:start] + root[start:].replace(edited, shown, 1)
    return ""


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
