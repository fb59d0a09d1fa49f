"""Random edits while a server runs: what it serves is what a server started afterwards would.

The edits are those of test_random_edits; here the plugins live on from build to build, with all
that they remember (`livenotes/rebuilding.py`), and are compared with new ones.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from mkdocs.commands import build as mkdocs_build
from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig

from .conftest import tree
from .test_random_edits import MODULES, Edit, apply, edits, forget, lay_out, sequences

THEME = "name: null, custom_dir: theme"


class Server:
    """What `mkdocs serve` does at each save, without its web server."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.plugins: dict[str, Any] = {}

    def build(self) -> dict[str, bytes]:
        known, MkDocsConfig.plugins.plugin_cache = MkDocsConfig.plugins.plugin_cache, self.plugins
        try:
            first = not self.plugins
            config = load_config(str(self.root / "mkdocs.yml"), site_dir=str(self.root / "site"))
            if first:
                config.plugins.on_startup(command="serve", dirty=False)
            mkdocs_build.build(config, serve_url="http://127.0.0.1:8000/")
            return tree(self.root / "site")
        finally:
            MkDocsConfig.plugins.plugin_cache = known


def compare(sequence: list[Edit], katex: Path) -> int:
    """Make the edits, and compare after each; how often was something built?"""
    count = 0
    with tempfile.TemporaryDirectory(prefix="served-") as folder:
        root = Path(folder, "kept", "notes")
        lay_out(root, katex, THEME)
        server = Server(root)
        for edit in sequence:
            apply(root, *edit)
            if len(list((root / "snippets").glob("?.py"))) < len(MODULES):
                continue  # the modules are not all there yet
            clean = Path(folder, "clean", "notes")
            shutil.rmtree(clean, ignore_errors=True)
            ignored = shutil.ignore_patterns(".cache", "__pycache__")
            shutil.copytree(root, clean, symlinks=True, ignore=ignored)
            forget(clean, katex)
            assert server.build() == Server(clean).build(), f"after {edit}"
            count += 1
    return count


def check(wanted: int, katex: Path) -> None:
    tried: list[int] = []

    @sequences(wanted)
    @given(edits())
    def one(sequence: list[Edit]) -> None:
        tried.append(compare(sequence, katex))

    one()
    print(f"{len(tried)} sequences, {sum(tried)} rebuilds, no difference")
    assert len(tried) >= wanted


def test_a_rebuilt_site_is_that_of_a_new_server(katex: Path) -> None:
    check(3, katex)


@pytest.mark.soak
def test_two_hundred_edits_in_serve_change_no_page(katex: Path) -> None:
    check(60, katex)
