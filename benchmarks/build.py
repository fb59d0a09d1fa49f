"""How much does running the cells cost? `python -m benchmarks.build`

Builds two chapters cold (every cell runs) and warm (none does), and compares with the parts that
nobody can avoid: importing torch and matplotlib once, and the same site without its cells run.
KaTeX is installed beforehand; formulas are rendered anew in each build. No notebook views.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from benchmarks import ROOT
from benchmarks.corpus import BASES, Chapter
from benchmarks.projects import write_livenotes
from livenotes.core import store

COPIED = ("docs", "snippets", "mkdocs.yml", "pyproject.toml")
CHAPTERS = (BASES[2], BASES[5])


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print; SystemExit with MkDocs' output where a build fails."""
    options = _parser().parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="livenotes-benchmark-") as folder:
        project = Path(folder)
        if options.all:
            copy_project(project)
        else:
            (project / "docs").mkdir()
            write_livenotes(project, [Chapter(name, 1) for name in options.chapters])
        build(project)  # installs KaTeX, fills caches of fonts and of Python
        measures: dict[str, list[float]] = {"import": [], "cold": [], "unrun": []}
        ran: dict[str, int] = {}
        for _ in range(options.rounds):
            measures["import"].append(seconds(lambda: imports(project)))
            forget_html(project)
            measures["unrun"].append(seconds(lambda: ran.update(unrun=build(project))))
            forget_html(project)
            forget(project, "outputs")
            measures["cold"].append(seconds(lambda: ran.update(cold=build(project))))
    medians = {name: statistics.median(values) for name, values in measures.items()}
    report(
        medians, ran, options.rounds, "this site" if options.all else ", ".join(options.chapters)
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m benchmarks.build", description=__doc__)
    add = parser.add_argument
    add("--chapters", nargs="+", choices=BASES, default=CHAPTERS, help=", ".join(BASES))
    add("--all", action="store_true", help="this whole site instead")
    add("--rounds", type=int, default=3, help="how often; medians are printed")
    return parser


def copy_project(project: Path) -> None:
    for name in COPIED:
        source = ROOT / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, project / name)


def imports(project: Path) -> None:
    run(["-c", "import torch, matplotlib.pyplot"], project)


def build(project: Path) -> int:
    """Build the site; returns how many modules ran."""
    return run(["-m", "mkdocs", "build", "--strict"], project).count("] ran ")


def run(arguments: Sequence[str], project: Path) -> str:
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1", "NOTEBOOK_VIEWS": "false"}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=project, env=environment, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(done.stdout)
    return done.stdout


def forget(project: Path, *names: str) -> None:
    for name in names:
        path = project / ".cache/livenotes" / name
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)


def forget_html(project: Path) -> None:
    """Forget formulas and highlighted sources, which are text, but not fonts and pictures."""
    with closing(sqlite3.connect(project / ".cache/livenotes" / store.FILE)) as database:
        database.execute("DELETE FROM entries WHERE typeof(value) = 'text'")
        database.commit()


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def report(median: dict[str, float], ran: dict[str, int], rounds: int, what: str) -> None:
    floor = median["import"] + median["unrun"]
    print(f"{what}: medians of {rounds}, in seconds")
    print(f"  import torch and matplotlib once  {median['import']:6.2f}")
    print(f"  site, cells left unrun            {median['unrun']:6.2f}   ({ran['unrun']} modules)")
    print(f"  site, cold                        {median['cold']:6.2f}   ({ran['cold']} modules)")
    print(f"cold / (import + unrun) = {median['cold'] / floor:.2f}")


if __name__ == "__main__":
    main()
