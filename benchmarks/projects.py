"""The corpus written down for each tool: same text, code and formulas, as each tool reads them."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml
from mkdocs.utils.yaml import yaml_load

from benchmarks import ROOT
from benchmarks.corpus import HELPER, LANGUAGES, Chapter, index_of, module_of, page_of, parts, split
from benchmarks.light import BASES as LIGHT
from livenotes.core.percent import Cell
from livenotes.site.configuration import open_project
from livenotes.site.search import SEPARATOR

_BOX = re.compile(r'^( *)(?:!!!|\?\?\?\+?|===\+?!?)(?: [\w -]+?)? "(.*)"\s*$')
_HEADING_ID = re.compile(r"^(#{1,6} .*?) \{#[\w-]+\}$", re.M)
_ANCHORED = re.compile(r"\[([^\[\]]+)\]\(([^)#\s]*)#[^)]*\)")
_KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}


def write_livenotes(root: Path, book: Sequence[Chapter]) -> None:
    """Our own form: modules in `snippets/`, pages whose fences name cells."""
    nav: list[Any] = ["index.md"]
    for part, chapters in parts(book).items():
        nav.append({f"第 {part} 部 | Part {part}": [f"{c.name}.md" for c in chapters]})
    config = _mkdocs(nav, ["search", "PLUGINS"])
    ours = _VIEWER + _OUR_PLUGINS + json.dumps(open_project(ROOT).options.preload)
    if book[0].base in LIGHT:  # it shows no views; what it needs comes with `import torch`
        ours = _OUR_PLUGINS + "[]"
    text = yaml.safe_dump(config, allow_unicode=True, sort_keys=False)
    _write(root / "mkdocs.yml", re.sub(r"- PLUGINS\n", ours + "\n", text))
    shutil.copy(ROOT / "docs/glossary.yml", root / "docs/glossary.yml")
    _write(root / "snippets/benchmark_helper.py", HELPER)
    for chapter in book:
        _write(root / "snippets" / f"{chapter.module}.py", module_of(chapter).text)
    _pages(root / "docs", book, lambda chapter, page: page)


def write_without_cells(root: Path, book: Sequence[Chapter]) -> None:
    """Plain MkDocs: the same pages with their code in ordinary fences, and nothing run.

    The modules stand in `floor/`, for those who run them without MkDocs.
    """
    _for_mkdocs(root, book, [_search()])
    _write(root / "floor/benchmark_helper.py", HELPER)
    for chapter in book:
        _write(root / "floor" / f"{chapter.module}.py", module_of(chapter).text)
    _pages(root / "docs", book, lambda chapter, page: _fenced(chapter, page, "python"))


def write_markdown_exec(root: Path, book: Sequence[Chapter]) -> None:
    """Fences that are run while their page is rendered, in one session per page."""
    _for_mkdocs(root, book, [_search(), "markdown-exec"])

    for language in LANGUAGES:
        info = f'python exec="1" session="{language}-%s" result="text"'

        def page(chapter: Chapter, text: str, info: str = info) -> str:
            return _fenced(chapter, text, info % chapter.name, ' source="above"')

        _pages(root / "docs", book, page, (language,))


def write_mkdocs_jupyter(root: Path, book: Sequence[Chapter]) -> None:
    """Notebooks without outputs, a page each."""
    options = {"execute": True, "allow_errors": False, "include": ["*.ipynb"], "ignore": ["*.md"]}
    _for_mkdocs(root, book, [_search(), {"mkdocs-jupyter": options}], ".ipynb")
    _pages(root / "docs", book, _notebook, suffix=".ipynb")


def write_myst_nb(root: Path, book: Sequence[Chapter]) -> None:
    """MyST Markdown notebooks for Sphinx, with its cache of executed ones."""
    _write(root / "snippets/benchmark_helper.py", HELPER)
    _write(root / "docs/conf.py", _CONF)
    tree = "```{toctree}\n:maxdepth: 1\n\n%s\n```\n"
    _write(
        root / "docs/index.md",
        "# Benchmark\n\n" + tree % "\n".join(f"{c}/index" for c in LANGUAGES),
    )
    _pages(root / "docs", book, _myst)
    for language in LANGUAGES:
        names = "\n".join(chapter.name for chapter in book)
        _write(root / "docs" / language / "index.md", f"# Benchmark {language}\n\n{tree % names}")


_VIEWER = """- mkdocs-jupyter: {include: [index.ipynb], ignore: ["*.md"]}
"""
_OUR_PLUGINS = """- livenotes:
    languages: {zh: 中文, en: English}
    notebooks: !ENV [EXTRAS, false]
    side_by_side: !ENV [EXTRAS, false]
    machine_readers: !ENV [EXTRAS, false]
    notebook_views: !ENV [NOTEBOOK_VIEWS, false]
    preload: """
_CONF = """project = "Benchmark"
extensions = ["myst_nb"]
html_theme = "alabaster"
myst_enable_extensions = ["dollarmath", "amsmath"]
nb_execution_mode = "cache"
nb_execution_cache_path = "../.cache/jupyter"
nb_execution_raise_on_error = True
nb_execution_timeout = 120
suppress_warnings = ["myst.xref_missing", "myst.header"]
"""


def _mkdocs(nav: list[Any], plugins: list[Any]) -> dict[str, Any]:
    """Theme, Markdown and checks as on our own site."""
    ours: dict[str, Any] = yaml_load((ROOT / "mkdocs.yml").read_text("utf-8"))
    same = {name: ours[name] for name in ("theme", "markdown_extensions", "validation")}
    site = {"site_name": "Benchmark", "site_url": "http://localhost:8000/"}
    return site | same | {"nav": nav, "plugins": plugins}


def _search() -> dict[str, Any]:
    return {"search": {"separator": SEPARATOR}}


def _for_mkdocs(
    root: Path, book: Sequence[Chapter], plugins: list[Any], suffix: str = ".md"
) -> None:
    """Configuration, and a hook that gives each page as long a navigation as ours has."""
    nav: list[Any] = ["index.md"]
    for code in LANGUAGES:
        sections = [
            {f"Part {part}": [f"{code}/{c.name}{suffix}" for c in chapters]}
            for part, chapters in parts(book).items()
        ]
        nav.append({code: [f"{code}/index.md", *sections]})
    config = _mkdocs(nav, plugins) | {"hooks": ["navigation_hook.py"], "watch": ["snippets"]}
    _write(root / "mkdocs.yml", yaml.safe_dump(config, allow_unicode=True, sort_keys=False))
    shutil.copy(Path(__file__).with_name("navigation_hook.py"), root)
    _write(root / "snippets/benchmark_helper.py", HELPER)


def _pages(
    docs: Path,
    book: Sequence[Chapter],
    form: Callable[[Chapter, str], str],
    languages: Sequence[str] = LANGUAGES,
    suffix: str = ".md",
) -> None:
    for language in languages:
        for chapter in book:
            text = form(chapter, page_of(chapter, language, book))
            _write(docs / language / f"{chapter.name}{suffix}", text)
        index = index_of(book)
        _write(docs / language / "index.md", index.replace(".md)", f"{suffix})"))
    _write(docs / "index.md", "# Benchmark {#benchmark}\n\n[zh](zh/index.md) [en](en/index.md)\n")


def _fenced(chapter: Chapter, page: str, info: str, shown: str = "") -> str:
    """Cells as fences with their code; `shown` marks those that are not hidden."""
    written = []
    for piece in split(page, module_of(chapter)):
        if isinstance(piece, str):
            written.append(piece)
            continue
        indent, cells = piece
        fences = [
            f"```{info}{'' if cell.hidden else shown}\n{cell.source}\n```"
            for cell in cells
            if shown or not cell.hidden
        ]
        lines = "\n\n".join(fences).split("\n")
        written.append("\n".join(indent + line if line else "" for line in lines))
    return "".join(written)


def _notebook(chapter: Chapter, page: str) -> str:
    cells: list[dict[str, Any]] = []
    for place, piece in enumerate(_blocks(chapter, page)):
        known = {"id": f"cell-{place}", "metadata": {}}
        if isinstance(piece, str):
            cells.append(known | {"cell_type": "markdown", "source": piece})
        else:
            code: dict[str, Any] = {"cell_type": "code", "execution_count": None, "outputs": []}
            cells.append(known | code | {"source": piece.source})
    book = {"cells": cells, "metadata": _KERNEL, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(book, ensure_ascii=False, indent=1)


def _myst(chapter: Chapter, page: str) -> str:
    """Headings and links lose their ids, which MyST writes otherwise."""
    written = ["---\n" + yaml.safe_dump({"file_format": "mystnb"} | _KERNEL) + "---\n"]
    for piece in _blocks(chapter, page):
        if isinstance(piece, str):
            text = _HEADING_ID.sub(r"\1", piece)
            written.append(_ANCHORED.sub(lambda m: f"[{m[1]}]({m[2]})" if m[2] else m[1], text))
        else:
            written.append(f"```{{code-cell}} ipython3\n{piece.source}\n```")
    return "\n\n".join(written) + "\n"


def _blocks(chapter: Chapter, page: str) -> Iterator[str | Cell]:
    """Prose and cells in turn, all on the first level: a notebook has no cells inside of boxes."""
    depth = 0
    for piece in split(page, module_of(chapter)):
        if not isinstance(piece, str):
            yield from piece[1]
            continue
        lines = []
        for line in piece.split("\n"):
            if line.strip():
                depth = min(depth, (len(line) - len(line.lstrip(" "))) // 4)
            box = _BOX.match(line)
            lines.append(f"**{box[2]}**\n" if box else line[4 * depth :])
            depth += bool(box)
        if text := "\n".join(lines).strip():
            yield text


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
