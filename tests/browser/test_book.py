"""The whole book as a PDF: in order, with page numbers that are right, linked inside."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from pages.conftest import FILES, Site
from playwright.sync_api import Browser

pytestmark = pytest.mark.slow  # prints a whole book

PAGE = """
# Chapter {n} {{#title}}

The value of $x_{n}$, see [chapter {other}](<{link}>), [the list](index.md), and
[outside](https://example.org/).

```python cell="{module}:first"
```

## Result of {n} {{#{id}}}

??? note "More on {n}"

    Opened on paper {n}.

```python cell="{module}:second"
```
"""
NAMES, IDS = ("page-1", "求导 2"), ("result", "结果")  # a blank, and letters beyond ASCII
LONG = "\n\n".join(["A sentence that only takes up room on paper, like so many others."] * 90)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    site = Site(tmp_path_factory.mktemp("book"))
    pages = {
        f"docs/{code}/{name}.md": PAGE.format(
            n=n, other=3 - n, link=NAMES[2 - n] + ".md#" + IDS[2 - n], id=IDS[n - 1], module=f"m{n}"
        )
        + f"\n\n{LONG}\n"
        for n, name in enumerate(NAMES, 1)
        for code in ("zh", "en")
    }
    files = {name: text for name, text in FILES.items() if "page.md" not in name}
    home = "---\ndescription: What this is.\n---\n\n# The notes {#home}\n"
    config = files["mkdocs.yml"].replace("  - admonition", "  - admonition\n  - pymdownx.details")
    site.write(files)
    for name, text in {**pages, "docs/en/index.md": home, "docs/zh/index.md": home}.items():
        (site.root / name).parent.mkdir(parents=True, exist_ok=True)
        (site.root / name).write_text(text.lstrip("\n"), "utf-8")
    site.write({
        "mkdocs.yml": config,
        "snippets/m1.py": files["snippets/m.py"],
        "snippets/m2.py": files["snippets/m.py"],
    })  # fmt: skip
    (site.root / "snippets/m.py").unlink()
    code, said = site.build("--strict")
    assert code == 0, said
    return site


@pytest.fixture(scope="module")
def book(site: Site, chromium: Browser, poppler: None) -> Path:
    """Made by the command; `chromium` sees to it that there is one."""
    code, said = site.run("livenotes.cli", "pdf", "en")
    assert code == 0, said
    assert said.strip() == "pdf/en.pdf"
    return site.root / "pdf/en.pdf"


def pages(pdf: Path) -> list[str]:
    done = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, check=True)
    return done.stdout.decode().split("\f")[:-1]


def test_the_book_has_a_title_page_a_table_of_contents_and_all_chapters(book: Path) -> None:
    printed = pages(book)
    assert "The notes" in printed[0] and "What this is." in printed[0]
    assert "Contents" in printed[1]
    whole = "\n".join(printed[2:])
    assert whole.index("The notes") < whole.index("Chapter 1") < whole.index("Chapter 2")
    assert whole.count("Opened on paper") == 2


def test_the_page_numbers_in_the_contents_are_those_of_the_pages(book: Path) -> None:
    printed = pages(book)
    lines = re.findall(r"^ *(Chapter \d|Result of \d) +(\d+)$", printed[1], re.MULTILINE)
    assert [name for name, _ in lines] == ["Chapter 1", "Result of 1", "Chapter 2", "Result of 2"]
    for name, number in lines:
        assert re.search(rf"^ *{name}$", printed[int(number) - 1], re.MULTILINE), (name, number)
        assert printed[int(number) - 1].strip().splitlines()[-1].strip() == number
    assert int(lines[2][1]) > int(lines[0][1]) + 1  # the first chapter takes several pages


def test_links_between_chapters_stay_in_the_book(book: Path) -> None:
    raw = book.read_bytes()
    outside = set(re.findall(rb"/URI \(([^)]*)\)", raw))
    assert outside == {b"https://example.org/"}
    places = subprocess.run(["pdfinfo", "-dests", book], capture_output=True, check=True).stdout
    for name in (b"en-page-1--result", b"en-.6c42.5bfc.202--.7ed3.679c"):
        assert b'"' + name + b'"' in places
        assert raw.count(b"/" + name) > 1
    assert b"file:" not in raw and str(book.parents[1]).encode() not in raw


def test_the_same_site_gives_the_same_book(site: Site, book: Path) -> None:
    before = book.read_bytes()
    assert site.run("livenotes.cli", "pdf", "en")[0] == 0
    assert book.read_bytes() == before


def test_without_chromium_the_command_says_what_to_install(site: Site) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "livenotes.cli", "pdf"],
        cwd=site.root, env={"PATH": ""}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 1
    assert "Chromium" in done.stderr and "apt install chromium" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_site_the_command_says_to_build_it(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.write(FILES)
    code, said = site.run("livenotes.cli", "pdf")
    assert code == 1 and "mkdocs build" in said
