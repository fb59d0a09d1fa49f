"""Runs each module a second time, with another clock and other seeds, and compares the outputs.

Outputs that depend on the clock, on unseeded random numbers, on the order of a set or on addresses
in memory differ then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import takewhile, zip_longest

from livenotes.core.percent import Module
from livenotes.core.problems import Problem
from livenotes.execution.outputs import Failure, Output, Outputs, plain_text
from livenotes.execution.runner import Runner
from livenotes.execution.runs import Runs

# Another order of sets, and the largest shift of the clock that TZ can set: a day and an hour.
_ENVIRONMENT = {"PYTHONHASHSEED": "4321", "TZ": "ELSE-24:59:59"}
_SEED = 987_654_321
_HINT = (
    "Does it use the clock, random numbers without a seed, the order of a set, or an address?\n"
    "Readers would see something else. Seed the generator, sort, or leave it out."
)


def differences(runs: Runs) -> list[Problem]:
    """Returns a problem for each cell that shows something else in a second run of its module.

    The second runs are compared with the outcomes that `runs` holds, without the failures. They
    have a new server process, another hash seed, other seeds of all random generators and another
    time zone.
    """
    first = {n: o for n, o in runs.outcomes().items() if isinstance(o, Outputs)}
    runner = Runner(runs.project, runs.progress, _ENVIRONMENT, _SEED)
    runner.server.stop()
    try:
        second = runner.run([runs.module(name) for name in first])
    finally:
        runner.server.stop()
    return [
        problem
        for name, outputs in first.items()
        for problem in compare(runs.module(name), outputs, second[name])
    ]


def compare(module: Module, first: Outputs, second: Outputs | Failure) -> list[Problem]:
    """Returns a problem for each cell whose outputs differ, with the first line that differs."""
    if isinstance(second, Failure):
        message = "fails in a second run"
        return [
            Problem(p.path, p.line, f"{message}: {p.message}", p.cell, p.hint or _HINT)
            for p in second.problems
        ]
    return [
        Problem(module.path, cell.last_line, message, cell.name, _HINT)
        for cell in module.cells
        if (message := difference(first.cells[cell.name], second.cells[cell.name]))
    ]


def difference(first: Iterable[Output], second: Iterable[Output]) -> str:
    """Returns a sentence that says where two outputs of a cell differ, or ''."""
    for one, other in zip_longest(first, second, fillvalue=None):
        if one == other:
            continue
        if one is None or other is None:
            return "shows another number of outputs in a second run"
        for number, (line, again) in enumerate(zip_longest(_lines(one), _lines(other)), 1):
            if line != again:
                here, there = _excerpts(line, again)
                return f"shows something else in a second run, in line {number}: {here} | {there}"
        return "shows another kind of output in a second run"
    return ""


def _lines(output: Output) -> Iterator[str]:
    if "data" not in output:
        yield from plain_text(output).split("\n")
    else:
        for mime, value in sorted(output["data"].items(), key=lambda item: item[0] != "text/plain"):
            yield from (f"{mime}: {value}" if mime != "text/plain" else str(value)).split("\n")


def _excerpts(line: str | None, again: str | None) -> tuple[str, str]:
    """Returns the part of two lines around the first character that differs."""
    pairs = zip(line or "", again or "", strict=False)
    same = len(list(takewhile(lambda pair: pair[0] == pair[1], pairs)))
    begin = max(0, same - 30)

    def excerpt(text: str | None) -> str:
        return "no such line" if text is None else repr(text[begin : same + 50])

    return excerpt(line), excerpt(again)
