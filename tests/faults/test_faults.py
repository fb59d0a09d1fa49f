"""Each fault, through the real command line: exit code, message, site, cache, processes."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable

import pytest

from livenotes.execution.hints import HINTS

from .cases import BUILDS, Build, Fault
from .conftest import EARLIER, Result, all_gone
from .listing import FILE, listing

ResultOf = Callable[[Build], Result]
CELLS, NEIGHBOURS, ENDLESS, SLIPS = (
    next(b for b in BUILDS if b.name == name)
    for name in ("cells", "neighbours", "endless", "slips")
)
# Builds in another environment have a quick twin in test_katex.py; what never ends takes its time,
# and so do compilers.
SLOW = {
    build.name: [pytest.mark.slow]
    if build.environment or build is ENDLESS or build.name == "torch-runs"
    else []
    for build in BUILDS
}
ALL = pytest.mark.parametrize(
    "build", [pytest.param(b, id=b.name, marks=SLOW[b.name]) for b in BUILDS]
)
FAULTS = [
    pytest.param(build, fault, id=f"{build.name}-{fault.name}", marks=SLOW[build.name])
    for build in BUILDS
    for fault in build.faults
]


def skip_without(build: Build) -> None:
    if build.needs and importlib.util.find_spec(build.needs) is None:
        pytest.skip(f"{build.needs} is not installed")


@pytest.mark.parametrize(("build", "fault"), FAULTS)
def test_fault(build: Build, fault: Fault, result_of: ResultOf) -> None:
    skip_without(build)
    result = result_of(build)
    assert (result.code != 0) == build.fails, result.said
    if fault.says:
        is_told(fault, build, result)
    elif fault.shows is not None and not build.fails:
        is_shown(fault, result)


def is_told(fault: Fault, build: Build, result: Result) -> None:
    """One message names file, line, cell and pages, and says all words; no other code is in it."""
    about = [m for m in result.messages if len(build.faults) == 1 or fault.stem in m.split(": ")[0]
             or fault.name in m.split(": ")[0] or f"docs/en/{fault.name}.md:" in m]  # fmt: skip
    fitting = [m for m in about if all(_has(m, words) for words in fault.says)]
    assert fitting, "\n".join(about) or result.said
    for message in about:
        assert len(message) < 6000
        for frame in (
            "Traceback",
            'File "',
            "site-packages",
            "livenotes/execution",
            "multiprocessing",
        ):
            assert frame not in message
    starts = [where(fault, build)] if fault.line else []
    assert all(any(m.startswith(start) for m in fitting) for start in starts), "\n".join(about)
    if fault.code and fault.line:
        assert f"shown on docs/en/{fault.name}.md:6, docs/zh/{fault.name}.md:6" in fitting[0]


def where(fault: Fault, build: Build) -> str:
    """How the message about a fault must begin."""
    if fault.page:
        return f"docs/en/{fault.name}.md:{fault.line}: "
    if fault.code:
        return f"snippets/{fault.stem}.py:{fault.line + 6}: cell 'fault': "
    return f"snippets/{fault.stem}.py:{fault.line}: "


def _has(message: str, words: str) -> bool:
    """Does the message hold these words, or one of several given as a|b?"""
    return words in message or any(part in message for part in words.split("|"))


def is_shown(fault: Fault, result: Result) -> None:
    """Both languages show exactly this text, as text."""
    for language in ("zh", "en"):
        page = result.page(fault.name, language)
        (cell,) = page.select(f'div.cell[data-cell="{fault.stem}:fault"]')
        assert "".join(e.get_text() for e in cell.select(".cell-output")) == fault.shows
        assert not [e.name for e in cell.select(".cell-output *") if e.name != "pre"]
        assert not page.select("script:not([src]):-soup-contains('alert')")


@ALL
def test_a_site_is_replaced_whole_or_not_at_all(build: Build, result_of: ResultOf) -> None:
    skip_without(build)
    result = result_of(build)
    if build.fails or build.command in ("check", "twice"):
        assert result.site() == EARLIER
    else:
        assert EARLIER.keys() & {"assets/a.css"} - result.site().keys()
        executed = json.loads((result.root / "site/executed.json").read_text("utf-8"))
        assert {fault.stem for fault in build.faults} <= executed["modules"].keys()
    assert not list(result.root.glob(".site*"))


@ALL
def test_nothing_is_left_behind(build: Build, result_of: ResultOf) -> None:
    skip_without(build)
    result = result_of(build)
    all_gone(result.root)
    cache = result.root / ".cache/livenotes"
    if (cache / "runs").is_dir():
        assert list((cache / "runs").iterdir()) == []
    temporary = [p.name for p in cache.rglob(".*") if "node_modules" not in p.parts]
    assert temporary == []


@ALL
def test_only_whole_runs_are_remembered(build: Build, result_of: ResultOf) -> None:
    skip_without(build)
    result = result_of(build)
    kept = {file.stem for file in result.root.glob(".cache/livenotes/outputs/*.json")}
    failed = {f.stem for f in build.faults if not f.page and f.says}
    if build.command != "twice" and build.name not in ("figures", "objects", "slips", "warned"):
        assert not kept & failed


def test_no_message_is_about_anything_else(result_of: ResultOf) -> None:
    """Of so many faults in one build, each is told once; two of them do two things wrong."""
    result = result_of(CELLS)
    starts = [m.split(": ")[0].rpartition(":")[0] for m in result.messages]
    expected = [fault.stem for fault in CELLS.faults] + ["circular_cause", "secrets"]
    assert sorted(starts) == sorted(f"snippets/{stem}.py" for stem in expected)


@pytest.mark.slow
def test_every_hint_is_given(result_of: ResultOf) -> None:
    said = " ".join("".join(result_of(b).said for b in (CELLS, ENDLESS, SLIPS)).split())
    assert [words for words, what in HINTS.items() if what not in said] == []


def test_the_neighbours_really_ran(result_of: ResultOf) -> None:
    skip_without(NEIGHBOURS)
    said = result_of(NEIGHBOURS).said
    places = [said.index(f"ran snippets/{fault.stem}.py") for fault in NEIGHBOURS.faults]
    assert places[-1] == max(places), "the module that looks must run last"


def test_the_list_of_faults_is_up_to_date() -> None:
    assert FILE.read_text("utf-8") == listing(), "run: python tests/faults/listing.py"
