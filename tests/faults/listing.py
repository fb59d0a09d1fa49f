"""Writes FAULTS.md: the list of faults, and what happens in each, from the cases."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from types import ModuleType
from typing import Any

HERE = Path(__file__).parent
FILE = HERE / "FAULTS.md"
HEAD = """\
# What can go wrong, and what happens

Each line is a test that runs the real command line (`pytest tests/faults`), and this page is
written from those tests by `python tests/faults/listing.py`. In all of them:

- a build that fails leaves the site of the build before as it was, to the byte, and remembers
  nothing of a run that failed; one that succeeds replaces the site in one step;
- a message names file and line, cell and the pages that show it, and holds no traceback;
- one fault never hides another: those in one table are found by one and the same build;
- no process and no temporary file is left behind.
"""

TAIL = """\
## Beside these

- Builds killed by SIGINT, SIGTERM or SIGKILL at random moments: the site is the old one or the new
  one, whole; no process and no temporary file stays; the next build is right (`test_kills.py`).
- A full or a read-only disk, two builds at once on one cache (`test_attacked_cache.py`).
- Random edits of modules, helpers, data files and pages: a build with the cache gives what a clean
  one gives, to the byte (`test_random_edits.py`).
- `mkdocs serve` while modules and pages break, go, come back, and are saved twenty times in a row
  (`test_serve_faults.py`).
- A site whose outputs, sources, titles, descriptions and file names try to become markup: every
  published file is parsed, and nothing runs (`tests/pages/test_hostile.py`).
- The site read in Chromium under a Content-Security-Policy that lets no script run but the theme's
  own (`tests/browser/test_policy.py`).
- Changes of a number, a text or an operator in a snippet: an output changes, or a test of that
  snippet fails (`tests/snippets/test_mutations.py`).

What a module reads in C code, past Python, is not seen (a library that opens files by itself): the
cache would not know that it changed. Modules are their authors' own code, not a stranger's: they
are kept from mistakes, not from malice.

CI runs small seeded counts of these; `pytest -m soak` runs hundreds.
"""


def _cases() -> ModuleType:
    """The cases, also where this file is run as a script."""
    name = "livenotes_fault_cases"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, HERE / "cases.py")
        assert spec and spec.loader
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


def listing() -> str:
    """The text of FAULTS.md."""
    cases = _cases()
    attacks = cases.Build("cache", "What is found in the cache", cases.ATTACKS)
    title = "What comes or changes between two builds that share a cache"
    then = "the module runs again"
    faults = [cases.Fault(name, what, then=then) for name, (what, *_) in cases.CHANGES.items()]
    builds = [*cases.BUILDS, attacks, cases.Build("changes", title, faults)]
    total = sum(len(build.faults) for build in builds)
    parts = [HEAD, f"{total} faults:\n"]
    for title, group in groupby(builds, key=lambda build: build.title):
        parts.append("\n".join(_table(title, list(group))))
    return "\n".join([*parts, TAIL])


def _table(title: str, builds: list[Any]) -> Iterator[str]:
    yield f"## {title}\n"
    yield "| Fault | What the message says, or what is shown |"
    yield "| --- | --- |"
    for build in builds:
        for fault in build.faults:
            yield f"| {_escaped(fault.what)} | {_outcome(fault)} |"
    yield ""


def _outcome(fault: Any) -> str:
    if fault.then:
        return str(fault.then)
    if fault.says:
        words = "; ".join(_code(words.split("|")[0]) for words in fault.says)
        return f"{words}"
    shown = fault.shows
    return f"shown as text: {_code(repr(shown)[1:-1])}" if shown else "nothing of it is seen"


def _code(text: str) -> str:
    ticks = "``" if "`" in text else "`"
    pad = " " if "`" in text else ""
    return _escaped(f"{ticks}{pad}{text}{pad}{ticks}")


def _escaped(text: str) -> str:
    return text.replace("|", r"\|").replace("\n", " ")


if __name__ == "__main__":
    FILE.write_text(listing(), "utf-8")
