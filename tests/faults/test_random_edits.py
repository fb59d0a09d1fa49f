"""Random edits of modules, helpers, data files and pages: the cache never changes a site.

A sequence starts from a project of three modules, each of which reads something, and edits it.
After each edit the project is built with all that earlier builds remember, and the same files are
built in a new folder that remembers nothing. Both must end alike: same messages, same bytes.
"""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sites
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from mkdocs.commands import build as mkdocs_build
from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import MkDocsException
from pages.conftest import MKDOCS_YML

from livenotes.core import store

from .conftest import Result, run, tree, write

# What a module may hang on: the code of its second cell, and the files that it reads.
READERS: dict[str, tuple[str, tuple[str, ...]]] = {
    "constant": ("print({n})", ()),
    "helper": ("import helper\nprint(helper.value, {n})", ("snippets/helper.py",)),
    "package": (
        "from pack.inner import value\nprint(value)",
        ("snippets/pack/inner.py", "snippets/pack/__init__.py"),
    ),
    "maybe": (
        "try:\n    from extra import value\nexcept ImportError:\n    value = 0\nvalue or {n}",
        ("snippets/extra.py",),
    ),
    "shadow": (
        "import colorsys\nprint(getattr(colorsys, 'value', 'the real one'))",
        ("snippets/colorsys.py",),
    ),
    "data": ("print(open('data.txt').read().strip())", ("snippets/data.txt",)),
    "path": (
        "from pathlib import Path\nprint(Path('../data/one.txt').read_text())",
        ("data/one.txt",),
    ),
    "exists": ("import os\nprint(os.path.exists('../data/two.txt'))", ("data/two.txt",)),
    "size": (
        "from pathlib import Path\nfile = Path('../data/one.txt')\n"
        "print(file.is_file() and file.stat().st_size)",
        ("data/one.txt",),
    ),
    "listing": (
        "import os\nprint(sorted(os.listdir('../data')))",
        ("data/one.txt", "data/two.txt"),
    ),
    "descriptor": (
        "import os\nfolder = os.open('../data', os.O_RDONLY)\nnames = sorted(os.listdir(folder))\n"
        "file = os.open(names[0], os.O_RDONLY, dir_fd=folder)\nprint(names, os.read(file, 9))",
        ("data/one.txt", "data/two.txt"),
    ),
    "glob": ("import glob\nprint(sorted(glob.glob('../data/*.txt')))", ("data/two.txt",)),
    "link": ("print(open('../data/link.txt').read())", ("data/one.txt", "data/link.txt")),
    "page": ("print(len(open('../docs/en/a.md').read()))", ("docs/en/a.md",)),
    "published": (
        "import os\nprint(os.path.exists('../site/en/b/index.html'))",
        (),
    ),
    "worker": (
        "from multiprocessing import get_context\n\n\ndef read(name):\n"
        "    return open(name).read()\n\n\nwith get_context('fork').Pool(1) as pool:\n"
        "    print(pool.map(read, ['data.txt']))",
        ("snippets/data.txt",),
    ),
    "neighbour": ("print(len(open('b.py').read()))", ("snippets/b.py",)),
    "warning": (
        "import warnings\nfrom helper import value\nwarnings.warn(f'old {{value}}', FutureWarning)",
        ("snippets/helper.py",),
    ),
    "failing": ("import helper\nprint(1 / (helper.value - {n}))", ("snippets/helper.py",)),
}
# What a page may say below its cells.
PAGES = {
    "prose": "Page {n}.",
    "formula": "Let $x_{{{n}}}$ be.",
    "broken": "Let $\\broken{n}$ be.",
    "value": "It is `{{cell}} b:second`.",
    "heading": "## Part {n} {{#part}}",
}
MODULES = ("a", "b", "c")
SOURCES = {f"snippets/{name}.py" for name in MODULES} | {"docs/en/a.md"}
FILES = sorted({file for _, files in READERS.values() for file in files} - SOURCES)
numbers = st.integers(0, 2)
Edit = tuple[Any, ...]


@st.composite
def edits(draw: st.DrawFn, longest: int = 5) -> list[Edit]:
    """Missing files, each module's way to read, then edits, most of them of what is read."""
    readers = {name: draw(st.sampled_from(list(READERS))) for name in MODULES}
    sequence: list[Edit] = [
        ("remove", file, 0) for file in sorted(draw(st.sets(st.sampled_from(FILES), max_size=3)))
    ]
    sequence += [("module", *item, 0) for item in readers.items()]
    kinds = ("write", "write", "same time", "remove", "touch", "swap", "module", "page")
    for _ in range(draw(st.integers(1, longest))):
        read = sorted({f for reader in readers.values() for f in READERS[reader][1]} - SOURCES)
        what = draw(st.sampled_from(kinds))
        if what == "page":
            page = draw(st.sampled_from(MODULES)), draw(st.sampled_from([*PAGES, "gone"]))
            sequence.append((what, *page, draw(numbers)))
        elif what == "module" or not read:
            name, reader = draw(st.sampled_from(MODULES)), draw(st.sampled_from(list(READERS)))
            readers[name] = reader
            sequence.append(("module", name, reader, draw(numbers)))
        else:
            sequence.append((what, draw(st.sampled_from(read)), draw(numbers)))
    return sequence


def apply(root: Path, what: str, name: str, *rest: Any) -> None:
    """Do one edit."""
    file = root / name
    if what == "module":
        reader, n = rest
        code = READERS[reader][0].format(n=n)
        write(root, f"snippets/{name}.py", f"# %% first\nstart = 1\n\n# %% second\n{code}\n")
    elif what == "page":
        write_page(root, name, *rest)
    elif what == "touch":
        if file.exists():
            file.touch()
    elif what == "swap" and file.is_file() and not file.is_symlink():
        file.unlink()
        file.mkdir()
    elif what in ("write", "same time"):
        remove(file)
        file.parent.mkdir(parents=True, exist_ok=True)
        if "link" in name:
            file.symlink_to(("one.txt", "two.txt", "nowhere.txt")[rest[0]])
        else:
            write(root, name, text_of(name, *rest))
        if what == "same time" and file.exists():  # neither time nor size tells of a change
            os.utime(file, (1_000_000_000, 1_000_000_000))
    else:
        remove(file)


def remove(file: Path) -> None:
    if file.is_dir() and not file.is_symlink():
        shutil.rmtree(file)
    else:
        file.unlink(missing_ok=True)


def text_of(file: str, n: int) -> str:
    return (
        f"value = {n}\n" if file.endswith(".py") else "x" * (n + 1) if "one" in file else f"{n}\n"
    )


def write_page(root: Path, name: str, kind: str, n: int) -> None:
    fences = "\n".join(f'```python cell="{name}:{cell}"\n```\n' for cell in ("first", "second"))
    for language in ("zh", "en"):
        file = f"docs/{language}/{name}.md"
        if kind == "gone":
            (root / file).unlink(missing_ok=True)
        else:
            write(root, file, f"# Title {{#title}}\n\n{fences}\n{PAGES[kind].format(n=n)}\n")


def lay_out(root: Path, theme: str) -> None:
    """A project with all files that modules may read, and a page for each module."""
    write(root, "mkdocs.yml", MKDOCS_YML.replace("name: material", theme).lstrip())
    write(root, "theme/main.html", "<title>{{ page.title }}</title>{{ page.content }}")
    write(root, "docs/index.md", "# Start {#start}\n")
    for file in FILES:
        apply(root, "write", file, 0)
    for name in MODULES:
        write_page(root, name, "prose", 0)
    forget(root)
    (root / ".cache/livenotes" / store.FILE).unlink()  # it has one of its own


def forget(root: Path) -> None:
    shutil.rmtree(root / ".cache", ignore_errors=True)
    sites.prepare(root)


# Two ways to build: in this process, quick, with a theme of one line; and by the command line.

Outcome = tuple[bool, list[str]]


class _Said(logging.Handler):
    """What is said above the level of progress."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


def in_process(root: Path) -> Outcome:
    """What `mkdocs build` does, without starting Python anew; did it succeed, what did it say?"""
    MkDocsConfig.plugins.plugin_cache.clear()  # each build its own plugins, as in a new process
    log, said = logging.getLogger("mkdocs"), _Said()
    log.addHandler(said)
    config = load_config(str(root / "mkdocs.yml"))
    config.plugins.on_startup(command="build", dirty=False)
    try:
        mkdocs_build.build(config)
        return True, said.lines
    except (MkDocsException, SystemExit) as error:
        return False, [*said.lines, str(error)]
    finally:
        config.plugins.on_shutdown()
        log.removeHandler(said)


def by_command(root: Path) -> Outcome:
    result: Result = run(root, "mkdocs", "build")
    return result.code == 0, result.messages


def compare(sequence: list[Edit], build: Callable[[Path], Outcome]) -> int:
    """Make the edits, and compare after each; how often was something built?"""
    theme = "name: material" if build is by_command else "name: null, custom_dir: theme"
    count = 0
    with tempfile.TemporaryDirectory(prefix="edits-") as folder:
        root = Path(folder, "kept", "notes")
        lay_out(root, theme)
        for edit in sequence:
            apply(root, *edit)
            if len(list((root / "snippets").glob("?.py"))) < len(MODULES):
                continue  # the modules are not all there yet
            # The clean project has the same name, and the site that was published before.
            clean = Path(folder, "clean", "notes")
            shutil.rmtree(clean, ignore_errors=True)
            ignored = shutil.ignore_patterns(".cache", "__pycache__")
            shutil.copytree(root, clean, symlinks=True, ignore=ignored)
            forget(clean)
            before, kept = tree(root / "site"), build(root)
            assert kept == build(clean), f"after {edit}"
            assert tree(root / "site") == tree(clean / "site"), f"after {edit}"
            assert kept[0] or tree(root / "site") == before, f"after {edit}"
            count += 1
    return count


def sequences(count: int) -> Callable[..., Callable[..., None]]:
    """So many sequences, always the same ones; one that fails is made as short as can be."""
    return settings(
        max_examples=count, deadline=None, database=None, derandomize=True,
        phases=(Phase.generate, Phase.shrink), suppress_health_check=list(HealthCheck),
    )  # fmt: skip


@pytest.mark.slow
def test_the_cache_never_changes_a_site() -> None:
    check_sequences(3, in_process)


def test_a_module_that_no_page_shows_any_more_is_not_published() -> None:
    """Its outputs may still be in the cache; a clean build never runs it (found by the soak)."""
    modules: list[Edit] = [("module", name, "constant", 0) for name in MODULES]
    assert compare([*modules, ("page", "b", "gone", 0)], in_process) == 2


@pytest.mark.soak
def test_five_hundred_sequences_of_edits_change_no_site() -> None:
    check_sequences(500, in_process)


@pytest.mark.soak
def test_twenty_sequences_of_edits_by_the_command_line() -> None:
    check_sequences(20, by_command)


def check_sequences(wanted: int, build: Callable[[Path], Outcome]) -> None:
    tried: list[int] = []

    @sequences(wanted)
    @given(edits())
    def check(sequence: list[Edit]) -> None:
        tried.append(compare(sequence, build))

    check()
    print(f"{len(tried)} sequences, {sum(tried)} pairs of builds, no difference")
    assert len(tried) >= wanted
