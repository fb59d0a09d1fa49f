"""What was measured, kept as JSON: a file for every run, in `.cache/benchmarks/results/`."""

from __future__ import annotations

import json
import os
import platform
import statistics
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from benchmarks import CACHE


@dataclass(frozen=True)
class Record:
    """One case of one tool, once. `right`: whether the page shows what it must after the edit."""

    tool: str
    chapters: int
    case: str
    wall: float
    cpu: float | None = None
    memory: int | None = None
    cells: int | None = None
    right: bool | None = None
    load: float | None = None  # of the machine, when it began


@dataclass
class Run:
    """Everything measured by one call of the program; only numbers of one run are compared."""

    started: str
    machine: dict[str, str]
    versions: dict[str, dict[str, str]] = field(default_factory=dict)
    records: list[Record] = field(default_factory=list)

    def add(self, record: Record) -> None:
        self.records.append(record)
        folder = CACHE / "results"
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{self.started.replace(':', '')}.json"
        file.write_text(json.dumps(asdict(self), indent=1), "utf-8")

    def of(self, tool: str, chapters: int, case: str) -> list[Record]:
        key = (tool, chapters, case)
        return [r for r in self.records if (r.tool, r.chapters, r.case) == key]

    def median(self, tool: str, chapters: int, case: str, column: str = "wall") -> float | None:
        """None where it was not measured."""
        values = [getattr(record, column) for record in self.of(tool, chapters, case)]
        known = [value for value in values if value is not None]
        return statistics.median(known) if known else None


def new_run() -> Run:
    return Run(datetime.now().isoformat(timespec="seconds"), _machine())


def load_runs() -> list[Run]:
    """All runs, newest first."""
    files = sorted((CACHE / "results").glob("*.json"), reverse=True)
    return [_read(file) for file in files]


def load_now() -> float | None:
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else None


def _read(file: Path) -> Run:
    data = json.loads(file.read_text("utf-8"))
    records = [Record(**record) for record in data.pop("records")]
    return Run(**data, records=records)


def _machine() -> dict[str, str]:
    return {
        "processor": _first("/proc/cpuinfo", lambda line: line.startswith("model name")),
        "cores": str(os.cpu_count()),
        "memory": _first("/proc/meminfo", lambda line: line.startswith("MemTotal")),
        "system": f"{platform.system()} {platform.release()}",
        "python": sys.version.split()[0],
    }


def _first(file: str, wanted: Callable[[str], bool]) -> str:
    """What stands behind the colon in the first such line of a file; '' where there is none."""
    try:
        lines = Path(file).read_text("utf-8").splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if wanted(line)), "")
