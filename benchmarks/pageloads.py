"""What a reader waits for, page by page: loads of pages, kept as JSON, and their table."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from benchmarks import CACHE

RESULTS = CACHE / "results/reading"  # apart from the runs of `python -m benchmarks`
OURS, CLIENT = "built", "browser"  # where formulas are typeset
VARIANTS = (OURS, CLIENT)


@dataclass(frozen=True)
class Load:
    """One page opened once, with nothing in the cache. Times in milliseconds since the click."""

    page: str
    width: int
    variant: str
    painted: float  # something was to be seen
    largest: float  # the largest piece was
    typeset: float | None  # the formulas on the screen were; None where there are none
    shift: float
    sent: int  # bytes, packed, with headers
    formulas: int
    on_screen: int


@dataclass
class Loads:
    """All loads of one call of `python -m benchmarks.reading`."""

    started: str
    machine: dict[str, str]
    loads: list[Load] = field(default_factory=list)

    def add(self, load: Load) -> None:
        self.loads.append(load)
        RESULTS.mkdir(parents=True, exist_ok=True)
        file = RESULTS / f"{self.started.replace(':', '')}.json"
        file.write_text(json.dumps(asdict(self), indent=1), "utf-8")

    def median(self, page: str, width: int, variant: str, column: str) -> float | None:
        """None where it was not measured."""
        key = (page, width, variant)
        values = [
            getattr(load, column)
            for load in self.loads
            if (load.page, load.width, load.variant) == key
        ]
        known = [value for value in values if value is not None]
        return statistics.median(known) if known else None


def newest() -> Loads | None:
    """The last call that measured something."""
    files: list[Path] = sorted(RESULTS.glob("*.json"))
    if not files:
        return None
    data = json.loads(files[-1].read_text("utf-8"))
    loads = [Load(**load) for load in data.pop("loads")]
    return Loads(**data, loads=loads)


def layout_shift(shifts: Sequence[tuple[float, float]]) -> float:
    """Cumulative layout shift of (milliseconds, value), in order: the worst burst of shifts.

    A burst has less than a second between two shifts and lasts at most five (web.dev/articles/cls).
    """
    worst = total = 0.0
    first = last = float("-inf")
    for at, value in shifts:
        if at - last >= 1000 or at - first >= 5000:
            first, total = at, 0.0
        last, total = at, total + value
        worst = max(worst, total)
    return worst


# Column of a load, what the table calls it, how a number is written, what it is divided by.
_COLUMNS = (
    ("painted", "first paint, ms", ".0f", 1),
    ("largest", "largest paint, ms", ".0f", 1),
    ("typeset", "formulas, ms", ".0f", 1),
    ("shift", "layout shift", ".3f", 1),
    ("sent", "sent, KB", ".0f", 1000),
)
HEAD = ["page", "wide, px", "formulas (on screen)", "loads"]
HEAD += [head for _, name, *_ in _COLUMNS for head in (f"{name}: built / browser", "÷")]


def rows(loads: Loads) -> Iterator[list[str]]:
    """A row for each page and width: the medians of both variants and their ratio."""
    for page, width in dict.fromkeys((load.page, load.width) for load in loads.loads):
        here = [load for load in loads.loads if (load.page, load.width) == (page, width)]
        counted = f"{here[0].formulas} ({here[0].on_screen})"
        times = " + ".join(str(sum(load.variant == each for load in here)) for each in VARIANTS)
        row = [page, str(width), counted, times]
        for column, _, form, unit in _COLUMNS:
            both = [loads.median(page, width, variant, column) for variant in VARIANTS]
            row.append(" / ".join("–" if n is None else f"{n / unit:{form}}" for n in both))
            ours, client = both
            row.append(f"{ours / client:.2f}" if ours is not None and client else "")
        yield row
