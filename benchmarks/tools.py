"""The tools that are compared: how each is called, and how to tell what it ran."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import CACHE, ROOT, projects
from benchmarks.corpus import (
    BASES,
    LANGUAGES,
    Chapter,
    add_places,
    chapters,
    edit,
    light_chapters,
    module_of,
    output_of,
)  # fmt: skip
from benchmarks.environments import environment
from benchmarks.measuring import Cost, run

Write = Callable[[Path, Sequence[Chapter]], None]
MKDOCS = ("-m", "mkdocs", "build")
SPHINX = ("-m", "sphinx", "-b", "html", "-d", ".cache/doctrees", "docs", "site")
OUR_CACHE = ".cache/livenotes"
KEPT = ("katex-*", "mplconfigdir", "ipythondir")  # in it: installed once, not made by a build


@dataclass(frozen=True)
class Tool:
    """A tool, called with the Python of its environment ("this": the one that runs the benchmark).

    `ran` finds in its output the names of the chapters that it ran; None where it says nothing,
    because it runs every cell of both languages whenever it builds.
    """

    name: str
    environment: str
    write: Write
    command: tuple[str, ...] = MKDOCS
    ran: str | None = None
    runs_cells: bool = True
    slow: bool = False  # a minute for eight chapters: fewer rounds
    serves: bool = False
    light: bool = False  # builds the light book
    variables: dict[str, str] = field(default_factory=dict)

    def book(self, count: int) -> list[Chapter]:
        return light_chapters(count) if self.light else chapters(count)


LIVENOTES = Tool(
    "livenotes", "livenotes", projects.write_livenotes,
    ran=r"\bran (?:snippets/)?(\w+?)(?:\.py|:| in\b)", serves=True,
)  # fmt: skip
WITHOUT_CELLS = Tool(
    "MkDocs without cells", "livenotes", projects.write_without_cells,
    runs_cells=False, serves=True,
)  # fmt: skip
MARKDOWN_EXEC = Tool("markdown-exec", "markdown-exec", projects.write_markdown_exec, serves=True)
MKDOCS_JUPYTER = Tool(
    "mkdocs-jupyter", "mkdocs-jupyter", projects.write_mkdocs_jupyter,
    ran=r"Cache miss, writing: .*?/([\w-]+)\.ipynb", slow=True, serves=True,
)  # fmt: skip
MYST_NB = Tool(
    "myst-nb", "myst-nb", projects.write_myst_nb, command=SPHINX,
    ran=r"/([\w-]+)\.md: Executed notebook", slow=True,
)  # fmt: skip
TOOLS = {t.name: t for t in (LIVENOTES, WITHOUT_CELLS, MARKDOWN_EXEC, MKDOCS_JUPYTER, MYST_NB)}


class Site:
    """Pages, code and configuration in a folder, and one tool at work on them.

    `page` and `module` name what the cases edit: the first chapter.
    """

    def __init__(self, tool: Tool, root: Path, python: Path, page: str, module: str) -> None:
        self.tool = tool
        self.root = root
        self.python = python
        self.page = page
        self.module = module
        self.cells: dict[str, int] = {}  # how many a module or page has

    @property
    def variables(self) -> dict[str, str]:
        """The environment: no banner; the tool's own programs first; where its code is found."""
        given = {"NO_MKDOCS_2_WARNING": "1", "NOTEBOOK_VIEWS": "false"}
        given["PATH"] = os.pathsep.join([str(self.python.parent), os.environ.get("PATH", "")])
        if self.tool.write != projects.write_livenotes:
            given["PYTHONPATH"] = str(self.root / "snippets")  # for the helper module
        return given | self.tool.variables

    def build(self) -> Cost:
        """Raises CommandFailed."""
        return run([str(self.python), *self.tool.command], self.root, self.variables)

    def forget(self) -> None:
        """Remove all that earlier builds left, but what they installed and the list of fonts."""
        for place in ("site", ".cache/mkdocs-jupyter", ".cache/doctrees", ".cache/jupyter"):
            shutil.rmtree(self.root / place, ignore_errors=True)
        for file in (self.root / OUR_CACHE).glob("*"):
            if not any(file.match(kept) for kept in KEPT):
                shutil.rmtree(file) if file.is_dir() else file.unlink()

    @contextmanager
    def one_chapter_more(self, name: str) -> Iterator[None]:
        """A module of one cell, and its pages."""
        module = name.replace("-", "_")
        page = f'# Added {{#added}}\n\n```python cell="{module}:added"\n```\n'
        files = {self.root / f"docs/{language}/{name}.md": page for language in LANGUAGES}
        files[self.root / f"snippets/{module}.py"] = "# %% added\n1 + 1\n"
        for file, text in files.items():
            file.write_text(text, "utf-8")
        yield
        for file in files:
            file.unlink()

    def edit(self, kind: str, number: int) -> None:
        """Change one paragraph of a page, a cell, or the helper module."""
        pages = [next((self.root / "docs" / c).glob(f"{self.page}.*")) for c in ("en", "zh")]
        module = self.root / "snippets" / f"{self.module}.py"
        files = {
            "paragraph": pages[:1],
            "cell": [module] if module.is_file() else pages,  # each page has its own copy
            "helper": [self.root / "snippets/benchmark_helper.py"],
        }
        edit(files[kind], kind, number)

    def expected(self, kind: str, number: int) -> str:
        """What the edited chapter's page must show after that."""
        return output_of(kind, number) if self.tool.runs_cells else str(number)

    def shows(self, text: str) -> bool:
        """Whether the edited chapter, as built in English, has that text."""
        name = f"{self.page}.html" if self.tool.command == SPHINX else f"{self.page}/index.html"
        return text in (self.root / "site/en" / name).read_text("utf-8")

    def cells_run(self, output: str) -> int:
        """How many cells a build ran, from what it said."""
        if not self.tool.runs_cells:
            return 0
        if self.tool.ran is None:
            return 2 * sum(self.cells.values())
        return sum(
            self.cells.get(n.replace("-", "_"), 0) for n in re.findall(self.tool.ran, output)
        )


def prepare(tool: Tool, book: Sequence[Chapter]) -> Site:
    """The corpus, written anew for one tool; what it installs is there."""
    python = Path(sys.executable) if tool.environment == "this" else environment(tool.environment)
    root = CACHE / "work" / f"{len(book)}" / tool.name.replace(" ", "-")
    shutil.rmtree(root, ignore_errors=True)
    (root / "docs").mkdir(parents=True)
    tool.write(root, book)
    site = Site(tool, root, python, book[0].name, book[0].module)
    site.cells = {chapter.module: len(module_of(chapter).cells) for chapter in book}
    if len(book) > 1 and tool.write == projects.write_livenotes:
        install(root, CACHE / "work/1" / root.name / OUR_CACHE)
    return site


def this_site(tool: Tool) -> Site:
    """A copy of our real site, with the places that the cases edit added to one chapter."""
    root = CACHE / "work/this-site"
    shutil.rmtree(root, ignore_errors=True)
    for name in ("docs", "snippets"):
        shutil.copytree(ROOT / name, root / name)
    for name in ("mkdocs.yml", "pyproject.toml"):
        shutil.copy(ROOT / name, root)
    chapter = BASES[5]
    add_places(root, chapter)
    install(root, ROOT / OUR_CACHE)
    return Site(tool, root, Path(sys.executable), chapter, chapter.replace("-", "_"))


def install(root: Path, source: Path) -> None:
    """What an earlier build of ours has installed: KaTeX, the list of fonts."""
    for kept in KEPT:
        for folder in source.glob(kept):
            target = root / OUR_CACHE / folder.name
            shutil.copytree(folder, target, symlinks=True, dirs_exist_ok=True)
