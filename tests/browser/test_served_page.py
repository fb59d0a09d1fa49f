"""An author's open page: what is saved reaches it by itself, and it stays where it was."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

MKDOCS_YML = """
site_name: Served
theme: {name: material, font: false}
plugins: [search, livenotes: {languages: {zh: 中文, en: English}}]
markdown_extensions: [attr_list, pymdownx.superfences]
validation: {nav: {omitted_files: ignore, not_found: ignore}}
"""
MODULE = "# %% first\nprint(6 * 7)\n\n# %% second\nprint('below')\n"
PAGE = "\n".join(
    [
        "# Page {#page}\n",
        *(f"## Part {i} {{#part-{i}}}\n\n{'Many words. ' * 60}\n" for i in range(12)),
        '```python cell="m:first"\n```\n',
        *(f"## Later {i} {{#later-{i}}}\n\n{'Many words. ' * 60}\n" for i in range(12)),
        '```python cell="m:second"\n```\n',
    ]
)


def write(root: Path, name: str, text: str) -> None:
    file = root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A small site under `mkdocs serve`: its folder, and the address of the English page."""
    write(tmp_path, "mkdocs.yml", MKDOCS_YML)
    write(tmp_path, "snippets/m.py", MODULE)
    for language in ("zh", "en"):
        write(tmp_path, f"docs/{language}/page.md", PAGE)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "mkdocs", "serve", "-a", f"127.0.0.1:{port}"],
        cwd=tmp_path, env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert process.stdout
    said = ""
    while "Serving on" not in said:
        line = process.stdout.readline()
        assert line, f"the server ended:\n{said}"
        said += line
    yield tmp_path, f"http://127.0.0.1:{port}/en/page/"
    process.terminate()
    process.communicate(timeout=20)


@pytest.fixture
def tab(chromium: Browser) -> Iterator[Page]:
    page = chromium.new_page(viewport={"width": 1280, "height": 800})
    page.set_default_timeout(60_000)
    yield page
    page.close()


def stands_at(cell: Locator, place: float) -> None:
    """Wait until the cell stands where it stood in the window."""
    at = "(cell, place) => Math.abs(cell.getBoundingClientRect().top - place) < 2"
    for _ in range(100):
        if cell.evaluate(at, place):
            return
        cell.page.wait_for_timeout(100)
    assert cell.bounding_box()["y"] == pytest.approx(place, abs=2)


def test_what_is_saved_reaches_the_open_page_which_stays_where_it_was(
    served: tuple[Path, str], tab: Page
) -> None:
    root, url = served
    tab.goto(url)
    cell = tab.locator('[data-cell="m:first"]')
    cell.evaluate("cell => cell.scrollIntoView()")
    assert tab.evaluate("scrollY") > 800
    place = cell.bounding_box()["y"]

    write(root, "snippets/m.py", MODULE.replace("6 * 7", "6 * 8"))
    expect(cell).to_have_text(re.compile("48"), timeout=60_000)
    stands_at(cell, place)

    write(root, "snippets/m.py", MODULE.replace("6 * 7", "6 / 0"))
    expect(cell).to_have_text(re.compile("ZeroDivisionError"), timeout=60_000)
    expect(cell).to_have_text(re.compile(r"snippets/m\.py:2"))
    stands_at(cell, place)

    for language in ("zh", "en"):
        write(root, f"docs/{language}/page.md", PAGE.replace("## Later 3", "## Much later 3"))
    expect(tab.locator("#later-3")).to_have_text(re.compile("Much later"), timeout=60_000)
    stands_at(cell, place)
