"""One run of the benchmark: which tool, which case, how often, in which order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from benchmarks import ROOT
from benchmarks import tools as t
from benchmarks.corpus import FIRST, output_of
from benchmarks.environments import versions
from benchmarks.measuring import CommandFailed, Cost, run
from benchmarks.results import Record, Run, load_now
from benchmarks.serving import first_page, waits
from benchmarks.tools import LIVENOTES, WITHOUT_CELLS, Site, Tool, prepare, this_site

CASES = ("cold", "unchanged", "paragraph", "cell", "helper")
EDITS_SERVED = 10
THIS_SITE = "livenotes, this site"

# Our extras, each in a row of its own; the comparison is without them.
WITH_EXTRAS = replace(
    LIVENOTES, name="livenotes + downloads, pairs, machine readers", environment="this",
    serves=False, variables={"EXTRAS": "true"},
)  # fmt: skip
WITH_VIEWS = replace(
    WITH_EXTRAS, name="livenotes + these and notebook views",
    variables={"EXTRAS": "true", "NOTEBOOK_VIEWS": "true"},
)  # fmt: skip
# The light book, which is mostly waiting.
LIGHT = replace(LIVENOTES, name="livenotes, light book", light=True, serves=False)
LIGHT_EXEC = replace(t.MARKDOWN_EXEC, name="markdown-exec, light book", light=True, serves=False)
CHOICES: dict[str, tuple[Tool, ...]] = {
    "livenotes": (LIVENOTES,),
    "floor": (WITHOUT_CELLS,),
    "markdown-exec": (t.MARKDOWN_EXEC,),
    "mkdocs-jupyter": (t.MKDOCS_JUPYTER,),
    "myst-nb": (t.MYST_NB,),
    "extras": (WITH_EXTRAS, WITH_VIEWS),
    "light": (LIGHT, LIGHT_EXEC),
}


@dataclass
class Plan:
    """What to measure; `tools` empty: as many as end in a reasonable time."""

    chapters: Sequence[int]
    tools: Sequence[str]
    cases: Sequence[str]
    rounds: int
    serve: bool

    def chosen(self, count: int) -> list[Tool]:
        names = self.tools or list(CHOICES)[: 7 if count <= 8 else 3 if count <= 64 else 2]
        return [tool for name in CHOICES if name in names for tool in CHOICES[name]]

    def rounds_of(self, tool: Tool, count: int) -> int:
        rounds = self.rounds if count <= 64 else 1
        return max(1, rounds // 3) if tool.slow else rounds

    def cases_of(self, tool: Tool) -> list[str]:
        cases = [case for case in CASES if case in self.cases]
        if tool.light or tool.environment == "this":  # an extra: edits are measured without
            cases = [case for case in cases if case in ("cold", "unchanged")]
        if not tool.runs_cells and "helper" in cases:  # no page of it shows the helper
            cases.remove("helper")
        return cases


class Measurement:
    """Carries out a plan; every number goes into `results` as soon as it is known."""

    def __init__(self, plan: Plan, results: Run) -> None:
        self.plan = plan
        self.results = results
        self.failures = 0

    def measure(self) -> None:
        """Measure all. A tool that fails is said to, and left out of what follows."""
        for count in self.plan.chapters:
            tools = self.plan.chosen(count)
            if self.plan.cases:
                self._build_all(tools, count)
            if self.plan.serve and count <= 8:
                for tool in tools:
                    if tool.serves:
                        self._serve(tool, count)

    def _build_all(self, tools: Sequence[Tool], count: int) -> None:
        """Tools take turns within a round, so that a slower minute hits all of them."""
        sites = [site for tool in tools if (site := self._ready(tool, count))]
        most = max((self.plan.rounds_of(tool, count) for tool in tools), default=0)
        for number in range(most):
            for site in list(sites):
                if number < self.plan.rounds_of(site.tool, count):
                    try:
                        self._round(site, count, number)
                    except CommandFailed as error:
                        self._failed(error)
                        sites.remove(site)

    def _ready(self, tool: Tool, count: int) -> Site | None:
        """The tool's corpus. A small one has been built: what it installs and compiles is there."""
        try:
            if tool.name not in self.results.versions:
                first = prepare(tool, tool.book(1))
                _timed(tool.name, 1, "first build, not counted", first.build)
                self.results.versions[tool.name] = versions(tool.environment, first.python)
            return prepare(tool, tool.book(count))
        except CommandFailed as error:
            self._failed(error)
            return None

    def _round(self, site: Site, count: int, number: int) -> None:
        name, cases = site.tool.name, self.plan.cases_of(site.tool)
        if site.tool == WITHOUT_CELLS and "cold" in cases:
            self._floor(site, count, number)
        if cases and cases[0] != "cold" and not (site.root / "site").exists():
            _timed(name, count, "build before the others, not counted", site.build)
        for case in cases:
            edited, value = case not in ("cold", "unchanged"), new_number(case, number)
            if case == "cold":
                site.forget()
            elif edited:
                site.edit(case, value)
            record = self._one(name, count, case, number, site.build, site.cells_run)
            right = site.shows(site.expected(case, value)) if edited else None
            self.results.add(replace(record, right=right))
        if site.tool == LIGHT and cases:
            with site.one_chapter_more(f"light-added-{number}"):
                record = self._one(name, count, "module added", number, site.build, site.cells_run)
                self.results.add(record)  # `cells` are those of the other modules: 0 is right
        if site.tool == WITH_EXTRAS and "cold" in cases:
            for words in (("check",), ("check", "--twice")):
                check = replace(site.tool, command=("-m", "livenotes.cli", *words))
                build = Site(check, site.root, site.python, site.page, site.module).build
                title = f"livenotes {' '.join(words)}"
                self.results.add(self._one(title, count, "unchanged", number, build))

    def _floor(self, site: Site, count: int, number: int) -> None:
        """Import once; and that, with all modules run in forks after it."""
        program = [str(site.python), str(ROOT / "benchmarks/floor.py")]
        modules = sorted(str(file) for file in (site.root / "floor").glob("*_[0-9]*.py"))
        for case, files in (("import", []), ("modules", modules)):

            def start(files: list[str] = files) -> Cost:
                return run([*program, *files], site.root, {"MPLBACKEND": "agg"})

            self.results.add(self._one("floor", count, case, number, start))

    def _one(
        self,
        name: str,
        count: int,
        case: str,
        number: int,
        start: Callable[[], Cost],
        cells_run: Callable[[str], int] = lambda output: 0,
    ) -> Record:
        load = load_now()
        cost = _timed(name, count, f"{case}, round {number + 1}", start)
        cells = cells_run(cost.output)
        return Record(name, count, case, cost.wall, cost.cpu, cost.memory, cells, load=load)

    def _serve(self, tool: Tool, count: int) -> None:
        """Save to served, on the corpus; ours on this very site as well."""
        sites = [(tool.name, prepare(tool, tool.book(count)))]
        if tool == LIVENOTES:
            sites.append((THIS_SITE, this_site(replace(tool, environment="this"))))
            self._first_page(sites[1][1], count)
        times = 3 if tool.slow else EDITS_SERVED
        for name, site in sites:
            for kind in ("paragraph", "cell"):
                if kind == "cell" and not tool.runs_cells:
                    continue
                load = load_now()
                print(f"{name}, {count} chapters: serve, {kind} edited …", end="", flush=True)
                try:
                    for wall in waits(site, kind, times, FIRST + 100_000):
                        print(f" {wall:.2f}", end="", flush=True)
                        case = f"serve, {kind} edited"
                        self.results.add(Record(name, count, case, wall, load=load))
                except CommandFailed as error:
                    self._failed(error)
                print(" s", flush=True)

    def _first_page(self, site: Site, count: int) -> None:
        """From an empty cache to the first page, and what nobody can do without for it: importing
        torch and matplotlib, and that page's module."""
        program = [str(site.python), str(ROOT / "benchmarks/floor.py")]
        module = [str(site.root / "snippets" / f"{site.module}.py")]
        for number in range(self.plan.rounds):
            start = partial(run, [*program, *module], site.root, {"MPLBACKEND": "agg"})
            self.results.add(self._one("floor", count, "one module", number, start))
            site.forget()
            load = load_now()
            wall = first_page(site, output_of("cell", FIRST))
            print(f"{THIS_SITE}: serve, first page, round {number + 1} … {wall:.2f} s", flush=True)
            self.results.add(Record(THIS_SITE, count, "serve, first page", wall, load=load))

    def _failed(self, error: CommandFailed) -> None:
        self.failures += 1
        print(f"\n{error}", flush=True)


def new_number(case: str, number: int) -> int:
    """What an edit writes in a round: never what another one did, or its output could be theirs."""
    return FIRST + 10 * (number + 1) + CASES.index(case)


def _timed(name: str, count: int, what: str, start: Callable[[], Cost]) -> Cost:
    """Run it, and say so while it runs."""
    print(f"{name}, {count} chapters: {what} …", end="", flush=True)
    cost = start()
    memory = f", {cost.memory / 2**20:.0f} MiB" if cost.memory else ""
    print(f" {cost.wall:.2f} s, processors {cost.cpu:.2f} s{memory}", flush=True)
    return cost
