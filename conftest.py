"""pytest-markdown-docs, taught to read our pages: a page's cells run from top to bottom."""

from __future__ import annotations

import io
import os
from collections.abc import Generator
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import matplotlib.pyplot as plt
import pytest
from markdown_it import MarkdownIt
from pytest_markdown_docs.plugin import MarkdownDocstringCodeModule, MarkdownInlinePythonItem

from livenotes.core.project import Project
from livenotes.document.document import Document, Source
from livenotes.site.configuration import find_config, load
from livenotes.site.documents import Converter

os.environ.setdefault("NO_MKDOCS_2_WARNING", "1")
os.environ.setdefault("MPLBACKEND", "agg")
# As in the build. Threads of several tests, waiting for each other, make a chapter take minutes.
os.environ.setdefault("OMP_NUM_THREADS", "1")

pytest_plugins = ["pytester"]
ROOT = Path(__file__).parent


class PageParser(MarkdownIt):
    """One fence for a whole page: all that a reader would paste, in the page's order.

    The cells are those of the page's document, so those in admonitions and tabs too. Other Markdown
    (README, docstrings) is read as usual.
    """

    def parse(self, src: str, env: Any = None) -> list[Any]:
        page = converter()(Source("page.md", src)) if "cell=" in src else None
        if not page or not page.cell_fences:
            return list(super().parse(src, env))
        first = page.cell_fences[0].line
        fence = SimpleNamespace(
            type="fence", map=(first - 1, first), info="python", content=pasted(page)
        )
        return [fence]


@cache
def converter() -> Converter:
    """Converts pages with the extensions of this site."""
    return Converter(load(find_config(ROOT)))


def pasted(page: Document) -> str:
    """The source of every cell that the page shows."""
    project = Project(ROOT)
    parts = []
    for fence in page.cell_fences:
        cell = project.module(fence.module).cell(fence.cell)
        parts.append(f"# {fence.reference}, shown in line {fence.line} of the page\n{cell.source}")
    return "\n\n".join(parts) + "\n"


def pytest_markdown_docs_markdown_it() -> MarkdownIt:
    return PageParser()


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path: Path) -> Generator[None, list[Any], list[Any]]:
    """Only livenotes has examples in its docstrings; tests and snippets are not read for any."""
    collected = yield
    if ROOT / "livenotes" in file_path.parents:
        return collected
    return [c for c in collected if not isinstance(c, MarkdownDocstringCodeModule)]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """What pages print is not what a test run should say."""
    if isinstance(item, MarkdownInlinePythonItem):
        with redirect_stdout(io.StringIO()):
            try:
                yield
            finally:
                plt.close("all")
    else:
        yield
