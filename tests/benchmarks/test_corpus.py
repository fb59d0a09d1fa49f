"""The benchmark's corpus: complete, the same for all, and right for every tool."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from benchmarks.corpus import (
    FIRST,
    LANGUAGES,
    Chapter,
    chapters,
    edit,
    light_chapters,
    module_of,
    output_of,
    page_of,
)
from benchmarks.projects import (
    write_livenotes,
    write_markdown_exec,
    write_mkdocs_jupyter,
    write_myst_nb,
    write_without_cells,
)

ROOT = Path(__file__).parents[2]
BOOK = chapters(2)
Write = Callable[[Path, Sequence[Chapter]], None]


def written(root: Path, write: Write, book: Sequence[Chapter] = BOOK) -> Path:
    (root / "docs").mkdir(parents=True)
    write(root, book)
    return root


def built(root: Path) -> list[BeautifulSoup]:
    """Build it strictly; returns its chapters in English."""
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict"], cwd=root, check=False,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"}, encoding="utf-8",
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    pages = [root / "site/en" / chapter.name / "index.html" for chapter in BOOK]
    return [BeautifulSoup(page.read_text("utf-8"), "html.parser") for page in pages]


@pytest.fixture(scope="module")
def without_cells(tmp_path_factory: pytest.TempPathFactory) -> list[BeautifulSoup]:
    """The chapters as plain MkDocs builds them."""
    return built(written(tmp_path_factory.mktemp("plain") / "site", write_without_cells))


@pytest.mark.slow
def test_two_chapters_build_strictly_and_edits_show(tmp_path: Path) -> None:
    root = written(tmp_path, write_livenotes)
    edits = {
        "paragraph": root / "docs/en" / f"{BOOK[0].name}.md",
        "cell": root / "snippets" / f"{BOOK[0].module}.py",
        "helper": root / "snippets/benchmark_helper.py",
    }
    for number, (kind, file) in enumerate(edits.items(), FIRST + 5):
        edit([file], kind, number)
    page = built(root)[0]
    assert len(page.select(".cell")) > 20
    for number, kind in enumerate(edits, FIRST + 5):
        assert output_of(kind, number) in page.text, kind


def test_the_same_chapters_build_strictly_without_us(without_cells: list[BeautifulSoup]) -> None:
    hidden = 0
    for chapter, page in zip(BOOK, without_cells, strict=True):
        assert not page.select(".cell")
        code = "\n".join(block.text for block in page.select("pre code"))
        for cell in module_of(chapter).cells:
            hidden += cell.hidden
            assert (cell.source in code) != cell.hidden, cell.name
    assert hidden  # or this would not tell


def test_pages_have_the_navigation_of_their_own_language(
    without_cells: list[BeautifulSoup],
) -> None:
    links = [
        str(a["href"]) for a in without_cells[0].select(".md-nav--primary a.md-nav__link[href]")
    ]
    assert any(BOOK[1].name in link for link in links)
    assert not any("zh" in link for link in links)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_tool_runs_every_cell_once_and_in_order(tmp_path: Path, language: str) -> None:
    chapter = next(
        chapter for chapter in chapters(8)[1:]  # one with hidden cells, and cells in boxes
        if any(cell.hidden for cell in module_of(chapter).cells)
        and '\n    ```python cell' in page_of(chapter, language, [chapter])
    )  # fmt: skip
    wanted = [cell.source for cell in module_of(chapter).cells]

    root = written(tmp_path / "exec", write_markdown_exec, [chapter])
    page = (root / "docs" / language / f"{chapter.name}.md").read_text("utf-8")
    fences = re.findall(r'^( *)```python exec="1".*\n((?:.*\n)*?)\1```$', page, re.M)
    assert [
        re.sub(f"^{indent}", "", body, flags=re.M).rstrip("\n") for indent, body in fences
    ] == wanted

    root = written(tmp_path / "jupyter", write_mkdocs_jupyter, [chapter])
    text = (root / "docs" / language / f"{chapter.name}.ipynb").read_text("utf-8")
    assert [c["source"] for c in json.loads(text)["cells"] if c["cell_type"] == "code"] == wanted

    root = written(tmp_path / "myst", write_myst_nb, [chapter])
    text = (root / "docs" / language / f"{chapter.name}.md").read_text("utf-8")
    cells = re.findall(r"^```\{code-cell\} ipython3\n(.*?)\n```$", text, re.M | re.S)
    assert cells == wanted


def test_the_light_book_has_45_cells_in_eight_chapters_and_shows_them_all() -> None:
    book = light_chapters(8)
    modules = [module_of(chapter) for chapter in book]
    assert (len(modules), sum(len(module.cells) for module in modules)) == (8, 45)
    for chapter, module in zip(book, modules, strict=True):
        for language in LANGUAGES:
            shown = re.findall(r'cell="(\w+:[\w-]+)"', page_of(chapter, language, book))
            assert shown == [f"{chapter.module}:{cell.name}" for cell in module.cells]


def test_modules_are_ours_but_for_a_comment_in_each_cell() -> None:
    for chapter in chapters(9):
        name = chapter.base.replace("-", "_")
        original = (ROOT / "snippets" / f"{name}.py").read_text("utf-8")
        lines = module_of(chapter).text.splitlines()
        comments = [line for line in lines if line == f"# part {chapter.part}"]
        ours = "\n".join(line for line in lines if line not in comments)
        assert ours.startswith(original.rstrip("\n"))
        assert chapter.first or ours == original.rstrip("\n")
        assert len(comments) == len(re.findall("^# %% ", original, re.M))


def test_no_part_shares_a_cell_or_a_formula_with_another() -> None:
    book = chapters(24)
    for language in LANGUAGES:
        seen: dict[str, int] = {}
        for chapter in book:
            page = page_of(chapter, language, book)
            page = re.sub(r"^```.*?^```$|`[^`]*`", "", page, flags=re.M | re.S)
            formulas = re.findall(r"\$\$.+?\$\$|(?<!\\)\$[^$]+?(?<!\\)\$", page, re.S)
            for text in (*formulas, *(cell.source for cell in module_of(chapter).cells)):
                assert seen.setdefault(text, chapter.part) == chapter.part, text


def test_links_stay_in_the_part_or_become_words() -> None:
    book = chapters(10)
    names = {chapter.name for chapter in book}
    for chapter in book:
        for name in re.findall(r"\]\(([\w-]+)\.md", page_of(chapter, "en", book)):
            assert name in names and name.endswith(f"-{chapter.part:02}"), (chapter.name, name)


def test_an_edit_that_finds_no_place_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "page.md"
    file.write_text("A page.\n", "utf-8")
    with pytest.raises(ValueError, match=r"page\.md has no place for the edit of a paragraph"):
        edit([file], "paragraph", 5_000_002)
