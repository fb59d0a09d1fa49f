"""Processes beside a build convert notebooks as mkdocs-jupyter itself does."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
from mkdocs_jupyter import convert
from mkdocs_jupyter.plugin import Plugin

from livenotes.site import notebookviews
from livenotes.site.viewworker import ViewWorkers
from tests.sites import build_site, prepare, tree, write

MODULES = "abcd"
CONFIG = """
site_name: Notes
theme: {name: material, font: false}
nav: [index.md, a.md, b.md, c.md, d.md]
markdown_extensions: [attr_list, pymdownx.arithmatex, pymdownx.highlight, pymdownx.superfences]
plugins:
  - search
  - mkdocs-jupyter: {execute: false, include: [index.ipynb], ignore: ["*.md"]}
  - livenotes: {languages: {en: English}}
"""


def settings(cache: Path) -> dict[str, Any]:
    plugin = Plugin()
    plugin.load_config({"include": ["index.ipynb"], "cache_dir": str(cache)})
    return dict(plugin.config)


def notebook(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True)
    made = nbformat.v4.new_notebook()
    made.cells = [nbformat.v4.new_markdown_cell(f"# {text}"), nbformat.v4.new_code_cell("1 + 1")]
    nbformat.write(made, file)
    return file


def test_workers_leave_what_mkdocs_jupyter_would_leave(tmp_path: Path) -> None:
    files = [notebook(tmp_path / name / "index.ipynb", f"标题 {name}") for name in MODULES]
    workers = ViewWorkers(settings(tmp_path / "beside"), 2)
    for file in files:
        workers.convert(file)
    workers.finish()
    plugin: Any = Plugin()
    plugin.config = settings(tmp_path / "itself")
    plugin.on_pre_build(None)
    for file in files:
        page: Any = SimpleNamespace(
            file=SimpleNamespace(abs_src_path=str(file), src_path="x"), abs_url=""
        )
        plugin.on_pre_page(page, None, None)
        page.render(None, None)
    assert len(tree(tmp_path / "itself")) == len(files)
    assert tree(tmp_path / "beside") == tree(tmp_path / "itself")


def test_a_notebook_that_cannot_be_converted_is_left_to_the_build(tmp_path: Path) -> None:
    broken = tmp_path / "broken/index.ipynb"
    broken.parent.mkdir()
    broken.write_text("{", "utf-8")
    workers = ViewWorkers(settings(tmp_path / "cache"), 1)
    for file in (broken, broken, notebook(tmp_path / "a/index.ipynb", "A")):
        workers.convert(file)
    workers.finish()
    assert len(tree(tmp_path / "cache")) == 1, "the one below is converted all the same"


@pytest.mark.slow
def test_a_build_that_runs_many_modules_converts_their_views_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*args: Any, **options: Any) -> str:
        raise AssertionError("converted by the build itself")

    monkeypatch.setattr(convert, "nb2html", never)
    monkeypatch.setattr(notebookviews, "_MANY", 1)
    files = {"mkdocs.yml": CONFIG, "docs/index.md": "# Start {#start}\n"}
    for name in MODULES:
        fence = f'```python cell="{name}:one"\n```\n'
        files[f"docs/{name}.md"] = f"# Chapter {name} {{#title}}\n\n{fence}"
        files[f"snippets/{name}.py"] = f"# %% one\nimport time\n\ntime.sleep(1)\n'{name}' * 3\n"
    prepare(tmp_path)
    write(tmp_path, files)
    assert build_site(tmp_path) == []
    for name in MODULES:
        assert name * 3 in (tmp_path / f"site/notebooks/{name}/index.html").read_text("utf-8")
