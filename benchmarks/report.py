"""The report: what was promised and what was measured, as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks import ROOT, pageloads
from benchmarks.measurement import LIGHT, LIGHT_EXEC, THIS_SITE, WITH_EXTRAS, WITH_VIEWS
from benchmarks.results import Record, Run
from benchmarks.tools import LIVENOTES, MARKDOWN_EXEC, MKDOCS_JUPYTER, WITHOUT_CELLS

REPORT = ROOT / "benchmarks/REPORT.md"
METHOD = REPORT.with_name("method.md")
OURS = LIVENOTES.name


@dataclass(frozen=True)
class Number:
    """The median of a column of one case of one tool."""

    tool: str
    chapters: int
    case: str
    column: str = "wall"

    def of(self, run: Run) -> float | None:
        return run.median(self.tool, self.chapters, self.case, self.column)


@dataclass(frozen=True)
class Promise:
    """`top` divided by the sum of `bottom` (and by `unit`) is at most `limit`."""

    text: str
    limit: float
    top: Number
    bottom: tuple[Number, ...] = ()
    unit: float = 1.0
    name: str = ""  # of the unit

    def got(self, runs: Iterable[Run]) -> tuple[float, Run] | None:
        """From the newest run that measured all of it: numbers of two runs are never mixed."""
        for run in runs:
            top, bottom = self.top.of(run), [number.of(run) for number in self.bottom]
            known = [value for value in bottom if value]
            if top is not None and len(known) == len(bottom):
                return top / (sum(known) if known else 1.0) / self.unit, run
        return None


_FLOOR = (Number("floor", 8, "modules"), Number(WITHOUT_CELLS.name, 8, "cold"))
_PARAGRAPH, _CELL = "serve, paragraph edited", "serve, cell edited"
PROMISES = (
    Promise("8 chapters, cold ÷ markdown-exec", 0.75,
            Number(OURS, 8, "cold"), (Number(MARKDOWN_EXEC.name, 8, "cold"),)),
    Promise("8 chapters, cold ÷ mkdocs-jupyter", 1 / 12,
            Number(OURS, 8, "cold"), (Number(MKDOCS_JUPYTER.name, 8, "cold"),)),
    Promise("8 chapters, cold ÷ floor (modules in forks + MkDocs without cells)", 1.0,
            Number(OURS, 8, "cold"), _FLOOR),
    Promise("8 chapters, unchanged ÷ MkDocs without cells", 1.1,
            Number(OURS, 8, "unchanged"), (Number(WITHOUT_CELLS.name, 8, "unchanged"),)),
    Promise("64 chapters, cold ÷ markdown-exec", 0.6,
            Number(OURS, 64, "cold"), (Number(MARKDOWN_EXEC.name, 64, "cold"),)),
    Promise("processor time a chapter, cold: 64 chapters ÷ 8", 1.0,
            Number(OURS, 64, "cold", "cpu"), (Number(OURS, 8, "cold", "cpu"),), unit=64 / 8),
    Promise("8 chapters with everything, cold ÷ (unchanged + modules in forks)", 1.1,
            Number(WITH_VIEWS.name, 8, "cold"),
            (Number(WITH_VIEWS.name, 8, "unchanged"), Number("floor", 8, "modules"))),
    Promise("8 chapters with everything, unchanged ÷ without notebook views", 1.15,
            Number(WITH_VIEWS.name, 8, "unchanged"), (Number(WITH_EXTRAS.name, 8, "unchanged"),)),
    Promise("light book, cold ÷ markdown-exec", 0.85,
            Number(LIGHT.name, 8, "cold"), (Number(LIGHT_EXEC.name, 8, "cold"),)),
    Promise("light book, a module added: cells of others that run", 0.0,
            Number(LIGHT.name, 8, "module added", "cells")),
    Promise("this site, serve: first page ÷ (imports + that page's module)", 1.2,
            Number(THIS_SITE, 8, "serve, first page"), (Number("floor", 8, "one module"),)),
    Promise("this site, paragraph: saved to served", 0.6,
            Number(THIS_SITE, 8, _PARAGRAPH), name=" s"),
    Promise("this site, cell: saved to served", 0.9, Number(THIS_SITE, 8, _CELL), name=" s"),
    Promise("paragraph: this site ÷ markdown-exec with 8 chapters", 1 / 3,
            Number(THIS_SITE, 8, _PARAGRAPH), (Number(MARKDOWN_EXEC.name, 8, _PARAGRAPH),)),
    Promise("cell: this site ÷ markdown-exec with 8 chapters", 1 / 3,
            Number(THIS_SITE, 8, _CELL), (Number(MARKDOWN_EXEC.name, 8, _CELL),)),
    Promise("512 chapters, cold: memory", 2.0,
            Number(OURS, 512, "cold", "memory"), unit=2**30, name=" GiB"),
    Promise("time a chapter, cold: 512 chapters ÷ 64", 1.1,
            Number(OURS, 512, "cold"), (Number(OURS, 64, "cold"),), unit=512 / 64),
)  # fmt: skip


def report(runs: Sequence[Run], loads: pageloads.Loads | None = None) -> str:
    """All of it; runs come newest first, `loads` are those of `python -m benchmarks.reading`."""
    pieces = ["# Benchmark\n", _INTRODUCTION, "## Promised and measured\n", _promises(runs)]
    for count in sorted({record.chapters for run in runs for record in run.records}):
        pieces += [f"## {count} chapters, {2 * count} pages\n", _cases(runs, count)]
    pieces += [
        "## A chapter's share\n",
        _growth(runs),
        *(["## What a reader waits for\n", _loads(loads)] if loads else []),
        "## How it was measured\n",
        METHOD.read_text("utf-8"),
        _machines(runs),
    ]
    return "\n".join(pieces)


def _promises(runs: Sequence[Run]) -> str:
    rows = []
    for promise in PROMISES:
        got = promise.got(runs)
        value = f"{got[0]:.2f}{promise.name}" if got else "not measured"
        verdict = ("yes" if got[0] <= promise.limit else "**no**") if got else ""
        when = got[1].started if got else ""
        wanted = f"≤ {promise.limit:.3g}{promise.name}"
        rows.append([promise.text, wanted, value, verdict, when])
    return table(["medians of one run", "wanted", "got", "kept", "run"], rows)


def _cases(runs: Sequence[Run], count: int) -> str:
    """A row per tool and case, each from the newest run that has it."""
    newest: dict[tuple[str, str], Run] = {}
    for run in runs:
        for record in run.records:
            if record.chapters == count:
                newest.setdefault((record.tool, record.case), run)
    rows = []
    for (tool, case), run in sorted(newest.items(), key=lambda item: _order(*item[0])):
        records = run.of(tool, count, case)
        ours = run.median(OURS, count, case)
        wall = run.median(tool, count, case) or 0.0
        memory = run.median(tool, count, case, "memory")
        cpu = run.median(tool, count, case, "cpu")
        rows.append([
            case, tool, f"{wall:.2f}", _spread(records), f"{cpu:.2f}" if cpu is not None else "",
            f"{memory / 2**20:.0f}" if memory else "", _cells(records),
            f"{wall / ours:.2f}" if ours and tool != OURS else "", run.started,
        ])  # fmt: skip
    head = ["case", "tool", "wall, s", "from … to", "processors, s", "memory, MiB", "cells run",
            "÷ livenotes", "run"]  # fmt: skip
    return table(head, rows)


_CASE_ORDER = ("import", "modules", "cold", "unchanged", "paragraph", "cell", "helper")


def _order(tool: str, case: str) -> tuple[int, str, int, str]:
    place = _CASE_ORDER.index(case) if case in _CASE_ORDER else len(_CASE_ORDER)
    return place, case, tool != OURS, tool


def _spread(records: Sequence[Record]) -> str:
    walls = [record.wall for record in records]
    return f"{min(walls):.2f} … {max(walls):.2f} ({len(walls)})"


def _cells(records: Sequence[Record]) -> str:
    counts = sorted({record.cells for record in records if record.cells is not None})
    stale = any(record.right is False for record in records)
    return ", ".join(map(str, counts)) + (" **stale page**" if stale else "")


def _growth(runs: Sequence[Run]) -> str:
    """Time and memory of a cold build, from the newest run for each number of chapters."""
    rows = []
    tools = (OURS, "floor", WITHOUT_CELLS.name, MARKDOWN_EXEC.name)
    for tool in tools:
        case = "modules" if tool == "floor" else "cold"
        for count in sorted({record.chapters for run in runs for record in run.records}):
            run = next((run for run in runs if run.of(tool, count, case)), None)
            if run is None:
                continue
            wall = run.median(tool, count, case) or 0.0
            cpu = run.median(tool, count, case, "cpu") or 0.0
            memory = run.median(tool, count, case, "memory") or 0.0
            rows.append([
                tool, str(count), f"{1000 * wall / count:.0f}", f"{1000 * cpu / count:.0f}",
                f"{cpu / wall:.2f}" if wall else "", f"{memory / 2**20:.0f}", run.started,
            ])  # fmt: skip
    head = ["tool, cold", "chapters", "wall, ms a chapter", "processors, ms a chapter",
            "processors busy", "memory in all, MiB", "run"]  # fmt: skip
    return table(head, rows)


def _loads(loads: pageloads.Loads) -> str:
    rows = table(pageloads.HEAD, pageloads.rows(loads))
    return f"{rows}\nRun {loads.started}: {_machine(loads.machine)}.\n"


def _machines(runs: Sequence[Run]) -> str:
    shown = []
    for run in runs:
        loads = [record.load for record in run.records if record.load is not None]
        load = f"load {min(loads):.1f} to {max(loads):.1f}" if loads else ""
        shown.append(f"- Run {run.started}: {_machine(run.machine)}; {load}.")
        for tool, found in run.versions.items():
            named = ", ".join(f"{name} {version}" for name, version in found.items())
            shown.append(f"    - {tool}: {named}")
    return "\n".join(shown) + "\n"


def _machine(told: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in told.items() if value)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


_INTRODUCTION = """Written by `python -m benchmarks`; do not edit. Smaller is better everywhere. \
Every ratio compares numbers of one run, on one machine; numbers of different runs stand in one \
table, but are never divided by each other.
"""
