"""What a reader waits for, from given numbers: layout shift, ratios, the section in the report."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import pageloads
from benchmarks.pageloads import Load, Loads, layout_shift, newest
from benchmarks.report import report


def load(variant: str, painted: float, shift: float = 0.0, typeset: float | None = None) -> Load:
    return Load("en/page/", 390, variant, painted, 900.0, typeset, shift, 50_000, 12, 3)


@pytest.fixture(autouse=True)
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pageloads, "RESULTS", tmp_path / "reading")


def cells(loads: Loads) -> dict[str, str]:
    """The section's table: title of a column, and what stands in its only row."""
    section = report([], loads).split("## What a reader waits for\n")[1].split("\n## ")[0]
    head, _, row = [line.strip("| ") for line in section.splitlines() if line.startswith("|")]
    titles, values = head.split(" | "), [value.strip() for value in row.split(" | ")]
    for place, title in enumerate(titles):
        if title == "÷":
            titles[place] = f"÷ {titles[place - 1].split(':')[0]}"
    return dict(zip(titles, values, strict=True))


def test_a_ratio_is_ours_divided_by_the_browsers() -> None:
    told = [load("built", n) for n in (900.0, 300.0, 400.0)] + [load("browser", 800.0, shift=0.25)]
    row = cells(Loads("1", {}, told))
    assert row["first paint, ms: built / browser"] == "400 / 800"
    assert row["÷ first paint, ms"] == "0.50"
    assert row["÷ layout shift"] == "0.00" and row["loads"] == "3 + 1"
    assert row["sent, KB: built / browser"] == "50 / 50" and row["formulas (on screen)"] == "12 (3)"


def test_nothing_is_divided_by_nothing() -> None:
    row = cells(Loads("1", {}, [load("built", 1.0), load("browser", 2.0)]))
    assert row["÷ layout shift"] == "" and row["÷ formulas, ms"] == ""
    assert row["formulas, ms: built / browser"] == "– / –"


def test_the_newest_run_is_kept_and_read_again() -> None:
    assert newest() is None
    for started in ("2026-11-27T05:10:43", "2026-11-27T06:10:43"):
        Loads(started, {"cores": "2"}).add(load("built", 1.0, typeset=7.0))
    read = newest()
    assert read and read.started == "2026-11-27T06:10:43" and read.loads[0].typeset == 7.0
    assert "Run 2026-11-27T06:10:43: cores 2." in report([], read)


def test_a_report_without_loads_has_no_such_section() -> None:
    assert "What a reader waits for" not in report([])


def test_shifts_count_as_the_worst_burst() -> None:
    assert layout_shift([]) == 0
    assert layout_shift([(100, 0.1), (900, 0.2), (2000, 0.25)]) == pytest.approx(0.3)
    assert layout_shift([(100, 0.1), (1200, 0.2), (2100, 0.25)]) == pytest.approx(0.45)
    every_900_ms = [(900.0 * n, 0.1) for n in range(12)]  # no pause, but a burst ends after 5 s
    assert layout_shift(every_900_ms) == pytest.approx(0.6)
