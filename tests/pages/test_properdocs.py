"""ProperDocs, which goes on where MkDocs 1.x has ended, makes the same site, and serves it.

Skipped where it is not installed: the workflow `properdocs` installs it.
"""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest
import sites

from .conftest import FILES, PAGE, Site, with_options
from .test_serve import serving

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        importlib.util.find_spec("properdocs") is None, reason="properdocs is not installed"
    ),
]
GENERATOR = re.compile(rb'<meta name="generator" content="[^"]*">')


def build(root: Path, program: str, folder: Path) -> dict[str, bytes]:
    """All files of a site, built by a command line in a process of its own."""
    words = (program, "build", "--strict", "-f", "mkdocs.yml", "-d", str(folder))
    code, said = sites.run_alone(root, *words)
    assert code == 0, said
    return sites.tree(folder)


def compare(root: Path, tmp_path: Path) -> None:
    theirs, ours = (build(root, name, tmp_path / name) for name in ("mkdocs", "properdocs"))
    assert theirs.keys() == ours.keys()
    different = [
        name for name in ours
        if GENERATOR.sub(b"", ours[name]) != GENERATOR.sub(b"", theirs[name])
    ]  # fmt: skip
    assert different == []
    named = GENERATOR.search(ours["index.html"])
    assert named and b"ProperDocs" in named[0], "MkDocs has built both"


def test_a_small_site_is_the_same(tmp_path: Path) -> None:
    site = Site(tmp_path / "project")
    site.write({**FILES, "mkdocs.yml": with_options("", views=True)})
    compare(site.root, tmp_path)


def test_the_site_of_this_repository_is_the_same(tmp_path: Path) -> None:
    compare(sites.ROOT, tmp_path)


def test_a_warning_ends_a_strict_build_before_the_site_is_replaced(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.write(FILES)
    kept = build(site.root, "properdocs", site.root / "site")
    site.write({"docs/en/page.md": f"{PAGE}\n\n[A link](nowhere.md)\n"})
    words = ("properdocs", "build", "--strict", "-f", "mkdocs.yml")
    code, said = sites.run_alone(site.root, *words)
    assert code == 1
    assert "nowhere.md" in said
    assert site.tree() == kept


def test_it_serves_and_sees_edits(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.write(FILES)
    with serving(site, program="properdocs") as server:
        server.shows("21")
        site.write({"docs/en/page.md": f"{PAGE}\n\nAn edit with $x$.\n"})
        server.shows("An edit with", pages=("en/page/",))
        server.shows('class="katex"', pages=("en/page/",))
