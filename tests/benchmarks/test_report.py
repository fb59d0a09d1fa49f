"""The benchmark's report, from given numbers: right ratios, and never from two runs."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.corpus import output_of
from benchmarks.measurement import CASES, CHOICES, THIS_SITE, Plan, new_number
from benchmarks.report import report
from benchmarks.results import Record, Run

ROOT = Path(__file__).parents[2]
MIB = 2**20


def made(started: str, *records: Record) -> Run:
    return Run(started, {"cores": "2"}, {}, list(records))


def promised(text: str, *runs: Run) -> list[str]:
    """The cells of the row that begins with this text."""
    rows = [line.strip("| ").split(" | ") for line in report(runs).splitlines() if "|" in line]
    return next(row for row in rows if row[0].startswith(text))


def cold(tool: str, chapters: int, *walls: float) -> Iterator[Record]:
    for wall in walls:
        yield Record(tool, chapters, "cold", wall, cpu=2 * wall, memory=100 * MIB)


def test_a_ratio_is_that_of_the_medians() -> None:
    run = made("1", *cold("livenotes", 8, 9.0, 3.0, 4.0), *cold("markdown-exec", 8, 5.0, 99.0, 8.0))
    assert promised("8 chapters, cold ÷ markdown-exec", run)[1:4] == ["≤ 0.75", "0.50", "yes"]


def test_a_broken_promise_is_said() -> None:
    run = made("1", *cold("livenotes", 8, 8.0), *cold("markdown-exec", 8, 8.0))
    assert promised("8 chapters, cold ÷ markdown-exec", run)[2:4] == ["1.00", "**no**"]


def test_the_parts_of_the_floor_are_added() -> None:
    floor = Record("floor", 8, "modules", 3.0)
    run = made("1", *cold("livenotes", 8, 2.0), floor, *cold("MkDocs without cells", 8, 1.0))
    assert promised("8 chapters, cold ÷ floor", run)[2] == "0.50"


def test_numbers_of_two_runs_are_never_divided() -> None:
    both = made("1", *cold("livenotes", 8, 6.0), *cold("markdown-exec", 8, 8.0))
    newer = made("2", *cold("livenotes", 8, 1.0))
    newest = made("3", *cold("markdown-exec", 8, 100.0))
    row = promised("8 chapters, cold ÷ markdown-exec", newest, newer, both)
    assert row[2] == "0.75" and row[4] == "1"
    assert promised("8 chapters, cold ÷ markdown-exec", newest, newer)[2] == "not measured"
    table = report([newest, newer]).splitlines()
    row = next(r for r in table if r.startswith("| cold | markdown-exec | 100.00"))
    assert row.split(" | ")[7].strip() == ""  # no ratio to ours


def test_costs_are_given_per_chapter_and_units_are_kept() -> None:
    eight, many = cold("livenotes", 8, 8.0), cold("livenotes", 64, 96.0)
    huge = Record("livenotes", 512, "cold", 1.0, cpu=1.0, memory=3 * 2**30)
    run = made("1", *eight, *many, huge, Record(THIS_SITE, 8, "serve, cell edited", 0.8))
    assert promised("processor time a chapter", run)[2:4] == ["1.50", "**no**"]
    assert promised("512 chapters, cold: memory", run)[1:4] == ["≤ 2 GiB", "3.00 GiB", "**no**"]
    assert promised("this site, cell", run)[1:4] == ["≤ 0.9 s", "0.80 s", "yes"]


def test_a_page_that_stayed_behind_is_marked() -> None:
    record = Record("myst-nb", 8, "helper", 1.0, cells=0, right=False)
    text = report([made("1", record)])
    assert re.search(r"\| helper \| myst-nb \|.*\*\*stale page\*\*", text)
    assert "stale page**" not in report(
        [made("1", Record("myst-nb", 8, "helper", 1.0, right=True))]
    )


def test_no_edit_is_taken_for_another() -> None:
    kinds = ("paragraph", "cell", "helper")
    shown = [output_of(kind, new_number(kind, r)) for kind in kinds for r in range(5)]
    assert len(set(shown)) == len(shown)
    assert not any(a != b and a in b for a in shown for b in shown)


def test_larger_books_are_built_by_fewer_tools_and_less_often() -> None:
    plan = Plan([8], (), CASES, 3, serve=False)
    names = {count: [tool.name for tool in plan.chosen(count)] for count in (8, 64, 512)}
    assert len(names[8]) > len(names[64]) > len(names[512]) == 2
    slow, quick = CHOICES["mkdocs-jupyter"][0], CHOICES["livenotes"][0]
    assert (plan.rounds_of(slow, 8), plan.rounds_of(quick, 8), plan.rounds_of(quick, 512)) == (
        1,
        3,
        1,
    )
    chosen = Plan([512], ("myst-nb",), CASES, 3, serve=False).chosen(512)
    assert [tool.name for tool in chosen] == ["myst-nb"]


def measured(program: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Measure a program from a process of its own: measuring adopts and ends all children."""
    code = f"""
import json, sys
from dataclasses import asdict
from pathlib import Path
from benchmarks.measuring import CommandFailed, run
try:
    print(json.dumps(asdict(run([sys.executable, "-c", {program!r}], Path({str(folder)!r}), {{}}))))
except CommandFailed as error:
    sys.exit(str(error))
"""
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False, encoding="utf-8"
    )


def test_processor_time_counts_a_child_that_outlives_its_parent(tmp_path: Path) -> None:
    work = "import time\nwhile time.process_time() < 0.5: pass"
    start = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {work!r}])"
    assert json.loads(measured(start, tmp_path).stdout)["cpu"] >= 0.5


def test_memory_counts_shared_pages_once(tmp_path: Path) -> None:
    """A child that only looks at its parent's 200 MiB adds nothing to them."""
    fork = "import os, time\ndata = bytearray(b'x') * (200 << 20)\n"
    fork += "pid = os.fork()\ntime.sleep(1.5)\nif pid: os.wait()"
    peak = json.loads(measured(fork, tmp_path).stdout)["memory"]
    if peak is None:
        pytest.skip("this system does not tell how much memory processes use")
    assert 200 * MIB < peak < 300 * MIB


def test_a_command_that_fails_says_what_it_said(tmp_path: Path) -> None:
    failed = measured("print('no such book'); raise SystemExit(3)", tmp_path)
    assert failed.returncode == 1
    assert "exit code 3\nno such book" in failed.stderr
