"""How much does running the cells cost? `python -m benchmarks.build`

Builds a copy of this site cold (every cell runs) and warm (none does), and compares with the parts
that nobody can avoid: importing torch and matplotlib once, and the site without its cells run.
KaTeX is installed beforehand; formulas are rendered anew in each build.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
COPIED = ("docs", "snippets", "mkdocs.yml", "pyproject.toml")
ROUNDS = 3


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="livenotes-benchmark-") as folder:
        project = Path(folder)
        copy_project(project)
        build(project)  # installs KaTeX, fills caches of fonts and of Python
        measures: dict[str, list[float]] = {"import": [], "cold": [], "unrun": []}
        ran: dict[str, int] = {}
        for _ in range(ROUNDS):
            measures["import"].append(seconds(lambda: imports(project)))
            forget(project, "formulas.json")
            measures["unrun"].append(seconds(lambda: ran.update(unrun=build(project))))
            forget(project, "formulas.json", "outputs")
            measures["cold"].append(seconds(lambda: ran.update(cold=build(project))))
    report({name: statistics.median(values) for name, values in measures.items()}, ran)


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
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
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


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def report(median: dict[str, float], ran: dict[str, int]) -> None:
    floor = median["import"] + median["unrun"]
    print(f"medians of {ROUNDS}, in seconds")
    print(f"  import torch and matplotlib once  {median['import']:6.2f}")
    print(f"  site, cells left unrun            {median['unrun']:6.2f}   ({ran['unrun']} modules)")
    print(f"  site, cold                        {median['cold']:6.2f}   ({ran['cold']} modules)")
    print(f"cold / (import + unrun) = {median['cold'] / floor:.2f}")


if __name__ == "__main__":
    main()
