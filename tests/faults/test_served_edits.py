"""Random edits while a server runs: what it serves is what a server started afterwards would.

The edits are those of test_random_edits, and of what all pages share; here the plugins live on
from build to build, with all that they remember (`livenotes/rebuilding.py`), and are compared with
new ones.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mkdocs.commands import build as mkdocs_build
from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig

from .conftest import tree, write
from .test_random_edits import (
    MODULES,
    Edit,
    apply,
    edits,
    forget,
    lay_out,
    numbers,
    sequences,
)

THEME = "name: null, custom_dir: theme"
TEMPLATE = """<title>{{ page.title }}, {{ config.site_name }}</title>{{ page.meta.description }}
{% include "foot.html" %}{% for item in nav.pages %}{{ item.title }}{{ item.url|url }}{% endfor %}
{% for item in page.toc %}{{ item.title }}{% endfor %}{{ page.previous_page.title }}
{% for alternate in alternates %}{{ alternate.url|url }}{% endfor %}{{ page.content }}"""
# What all pages or their neighbours show: the file, and its text for a number.
SHARED = {
    "settings": ("mkdocs.yml", lambda old, n: old.replace("site_name: Faults", f"site_name: F{n}")),
    "part": ("theme/foot.html", lambda old, n: f"<p>{n}</p>"),
    "template": ("theme/main.html", lambda old, n: f"{old}<!-- {n} -->"),
    "style": ("theme/style.css", lambda old, n: f"p {{ width: {n}em }}"),
    "glossary": (
        "docs/glossary.yml",
        lambda old, n: f"- {{zh: 页面, en: page, meaning_zh: 第{n}, meaning_en: number {n}}}\n",
    ),
    "title": (
        "docs/en/b.md",
        lambda old, n: f"---\ntitle: T{n}\ndescription: D{n}\n---\n{old.split('---')[-1]}",
    ),
    "navigation": (
        "mkdocs.yml",
        lambda old, n: old.split("nav: [")[0] + f"nav: [{', '.join(('a.md', 'b.md', 'c.md')[n:])}]",
    ),
}


@st.composite
def all_edits(draw: st.DrawFn) -> list[Edit]:
    """Edits of modules, what they read, and pages, with edits of what pages share in between."""
    sequence = draw(edits())
    start = len(sequence) - draw(st.integers(1, 3))
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(max(start, 0), len(sequence)))
        sequence.insert(place, ("shared", draw(st.sampled_from(sorted(SHARED))), draw(numbers)))
    return sequence


def change(root: Path, what: str, name: str, *rest: Any) -> None:
    if what == "shared":
        file, text = SHARED[name]
        old = (root / file).read_text("utf-8") if (root / file).is_file() else ""
        write(root, file, text(old, *rest))
    else:
        apply(root, what, name, *rest)


class Server:
    """What `mkdocs serve` does at each save, without its web server."""

    def __init__(self, root: Path) -> None:
        self.root = root
        # As for a real server, outside the project: no module can read what is written there.
        self.site = root.parent.with_name(f"{root.parent.name}-site")
        self.plugins: dict[str, Any] = {}
        self.end: Callable[[], None] = lambda: None

    def build(self) -> dict[str, bytes]:
        known, MkDocsConfig.plugins.plugin_cache = MkDocsConfig.plugins.plugin_cache, self.plugins
        try:
            first = not self.plugins
            config = load_config(str(self.root / "mkdocs.yml"), site_dir=str(self.site))
            if first:
                config.plugins.on_startup(command="serve", dirty=False)
            self.end = config.plugins.on_shutdown
            mkdocs_build.build(config, serve_url="http://127.0.0.1:8000/")
            return tree(self.site)
        finally:
            MkDocsConfig.plugins.plugin_cache = known

    def close(self) -> None:
        self.end()


def compare(sequence: list[Edit]) -> int:
    """Make the edits, and compare after each; how often was something built?"""
    count = 0
    with tempfile.TemporaryDirectory(prefix="served-") as folder, ExitStack() as stack:
        root = Path(folder, "kept", "notes")
        lay_out(root, THEME)
        write(root, "theme/main.html", TEMPLATE)
        write(root, "theme/foot.html", "<p>0</p>")
        server = stack.enter_context(closing(Server(root)))
        for edit in sequence:
            change(root, *edit)
            if len(list((root / "snippets").glob("?.py"))) < len(MODULES):
                continue  # the modules are not all there yet
            clean = Path(folder, "clean", "notes")
            shutil.rmtree(clean, ignore_errors=True)
            ignored = shutil.ignore_patterns(".cache", "__pycache__")
            shutil.copytree(root, clean, symlinks=True, ignore=ignored)
            forget(clean)
            with closing(Server(clean)) as new:
                assert server.build() == new.build(), f"after {edit}"
            count += 1
    return count


def check(wanted: int) -> None:
    tried: list[int] = []

    @sequences(wanted)
    @given(all_edits())
    def one(sequence: list[Edit]) -> None:
        tried.append(compare(sequence))

    one()
    print(f"{len(tried)} sequences, {sum(tried)} rebuilds, no difference")
    assert len(tried) >= wanted


@pytest.mark.slow
def test_a_rebuilt_site_is_that_of_a_new_server() -> None:
    check(3)


@pytest.mark.soak
def test_two_hundred_edits_in_serve_change_no_page() -> None:
    check(60)
