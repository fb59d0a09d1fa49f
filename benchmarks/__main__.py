"""How long building takes, for livenotes and for others: `python -m benchmarks --help`."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks import pageloads
from benchmarks.measurement import CASES, CHOICES, EDITS_SERVED, Measurement, Plan
from benchmarks.report import REPORT, report
from benchmarks.results import load_runs, new_run


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, then write and print the report of everything measured so far.

    Returns 0, or 1 where a tool failed: its part is missing then.
    """
    options = _parser().parse_args(arguments)
    failures = 0
    if not options.only_report:
        plan = Plan(
            options.chapters, options.tools or (), options.cases, options.rounds, options.serve
        )
        measurement = Measurement(plan, new_run())
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # end what was started, too
        try:
            measurement.measure()
        except KeyboardInterrupt:
            print("\nstopped; what was measured is kept", file=sys.stderr)
            return 130
        failures = measurement.failures
    text = report(load_runs(), pageloads.newest())
    options.report.write_text(text, "utf-8")
    print(f"\n{text}")
    return 1 if failures else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m benchmarks", description=__doc__)
    add = parser.add_argument
    add("--chapters", type=int, nargs="+", default=[8, 64, 512], metavar="N", help="8 64 512")
    add(
        "--tools",
        nargs="+",
        choices=CHOICES,
        metavar="TOOL",
        help=f"{', '.join(CHOICES)}; where left out: all with 8 chapters, the first three with 64, "
        "the first two with more",
    )
    add(
        "--rounds",
        type=int,
        default=3,
        metavar="R",
        help="how often; once with more than 64 chapters, a third as often for tools that take a "
        "minute",
    )
    add(
        "--cases",
        nargs="*",
        choices=CASES,
        default=list(CASES),
        metavar="CASE",
        help=f"{', '.join(CASES)}; nothing after --cases: none of them, only --serve",
    )
    add(
        "--serve",
        action=argparse.BooleanOptionalAction,
        default=True,
        help=f"from saving to served, {EDITS_SERVED} times each; with at most 8 chapters",
    )
    add("--report", type=Path, default=REPORT, metavar="FILE", help="where to write the report")
    add("--only-report", action="store_true", help="measure nothing: from what is there")
    return parser  # fmt: skip


if __name__ == "__main__":
    raise SystemExit(main())
