"""All that can be said of a project without a site: what the build reports and `check` prints."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from livenotes.checks.page import check_figures, check_page
from livenotes.checks.parity import compare_trees
from livenotes.checks.sliders import check_sliders
from livenotes.checks.slips import check_annotations, check_exercises, check_slips
from livenotes.checks.terminology import consistency
from livenotes.core.glossary import Term, load_glossary
from livenotes.core.markup import unsafe
from livenotes.core.memo import Remember, call
from livenotes.core.percent import Module
from livenotes.core.problems import LivenotesError, Problem
from livenotes.document.document import Document
from livenotes.execution.outputs import (
    Failure,
    Outputs,
    figures,
    is_name_of_object,
    plain_text,
    shown_format,
)
from livenotes.execution.portability import SHOW_HTML
from livenotes.execution.runs import Runs
from livenotes.rendering.cell import cell_value
from livenotes.rendering.figures import mixed, unknown, words
from livenotes.rendering.fill import NOT_ONE_LINE
from livenotes.rendering.frames import frames

_NO_GLYPH = re.compile(r"^UserWarning: Glyph (\d+) .* missing from font")

_SHOWN = 'A page shows text, formulas, pictures and, with tags=["html"], HTML.'
_ADVICE = {  # by a format that the value has
    "text/html": SHOW_HTML,
    "text/markdown": "Write it in the page; what the code makes of it, print.",
    "text/latex": "A page shows formulas, and text without commands between them.",
    "application/json": "Show the value itself, or print(json.dumps(value, indent=2)).",
    "application/geo+json": "Show the value itself, or print(json.dumps(value, indent=2)).",
}


@dataclass
class Findings:
    """Errors make a build fail; warnings make a strict build fail."""

    errors: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def add(self, others: Findings) -> None:
        """Takes the findings of another check."""
        self.errors += others.errors
        self.warnings += others.warnings

    def unique_errors(self) -> list[Problem]:
        return list(dict.fromkeys(self.errors))

    def unique_warnings(self) -> list[Problem]:
        """Warnings, without those of a line that has an error already."""
        said = {(problem.path, problem.line) for problem in self.errors}
        return [p for p in dict.fromkeys(self.warnings) if (p.path, p.line) not in said]


def check_project(runs: Runs, pages: Sequence[Document], drafted: Container[str] = ()) -> Findings:
    """Runs every module that the pages show, and checks modules, pages, figures and languages.

    Modules that only drafts show, `drafted`, are left out.
    """
    runs.begin(shown_modules(runs, pages))
    findings = check_sources(runs, pages, drafted=drafted)
    check_outputs(runs, pages, findings)
    return findings


def shown_modules(runs: Runs, pages: Iterable[Document]) -> list[str]:
    """The modules that pages show, in the pages' order; those that do not exist are left out."""
    return existing(runs, (each.module for page in pages for each in page.references))


def existing(runs: Runs, names: Iterable[str]) -> list[str]:
    """Those of the names that are names of modules, each once."""
    known = set(runs.names())
    return [name for name in dict.fromkeys(names) if name in known]


def check_sources(
    runs: Runs,
    pages: Sequence[Document],
    remember: Remember = call,
    drafted: Container[str] = (),
) -> Findings:
    """All that can be said before anything has run."""
    findings = Findings()
    modules: dict[str, Module | None] = {}
    for name in runs.names():
        if name in drafted:
            continue
        try:
            modules[name] = module = runs.module(name)
            findings.warnings += [*check_exercises(module), *check_annotations(module)]
        except LivenotesError as error:
            modules[name] = None
            findings.errors += error.problems
    texts = {name: module and module.text for name, module in modules.items()}
    for page in pages:
        check = partial(check_page, page, modules)
        findings.warnings += remember(("page", page.path), (page, texts), check)
        findings.warnings += remember(("slips", page.path), page, partial(check_slips, page))
    first, *others = [
        [page for page in pages if page.language == code] for code in runs.project.options.languages
    ]
    for other in others:
        if first and other:
            findings.warnings += compare_trees(first, other, remember)
    findings.warnings += consistency(pages, _glossary(runs, findings), remember)
    return findings


def check_outputs(runs: Runs, pages: Sequence[Document], findings: Findings) -> None:
    """Add what is wrong with outputs; waits for them."""
    runs.execute(shown_modules(runs, pages))
    for outcome in runs.outcomes().values():
        if isinstance(outcome, Failure):
            findings.errors += outcome.problems
        else:
            findings.warnings += _warnings(outcome, runs.module(outcome.module))
    terms = _glossary(runs, Findings())
    drawn = {f"{outcome.module}:{cell}": found for outcome, cell, found in _drawn(runs)}
    counts = {reference: len(found) for reference, found in drawn.items()}
    all_frames = {r: [each for svg in found for each in frames(svg)] for r, found in drawn.items()}
    known = _glossary_words(terms)
    for page in pages:
        findings.errors += _values(page, runs)
        findings.warnings += check_figures(page, counts)
        findings.warnings += check_sliders(page, all_frames, known)
    findings.warnings += _unknown_words(runs, terms)
    findings.warnings += _names_of_objects(runs)


def shown_on(problems: Iterable[Problem], pages: Iterable[Document]) -> list[Problem]:
    """The problems of modules, each with the pages and lines that show the cell (or the module)."""
    cells: dict[str, list[str]] = defaultdict(list)
    modules: dict[str, list[str]] = defaultdict(list)
    for page in pages:
        for block in page.references:
            cells[block.reference].append(f"{page.path}:{block.line}")
            if not modules[block.module] or not modules[block.module][-1].startswith(page.path):
                modules[block.module].append(f"{page.path}:{block.line}")
    result = []
    for problem in problems:
        if problem.path.endswith(".py"):
            module = problem.path.rpartition("/")[2].removesuffix(".py")
            places = cells.get(f"{module}:{problem.cell}") or modules.get(module, [])
            problem = problem.shown_on(places)
        result.append(problem)
    return result


def _drawn(runs: Runs) -> Iterator[tuple[Outputs, str, list[str]]]:
    """Outputs, cell and figures, none too, of every cell that ran."""
    for outcome in runs.outcomes().values():
        if isinstance(outcome, Outputs):
            for cell, outputs in outcome.cells.items():
                yield outcome, cell, figures(outputs)


def _glossary(runs: Runs, findings: Findings) -> tuple[Term, ...]:
    path = f"{runs.project.options.docs}/glossary.yml"
    try:
        return load_glossary(runs.project.root / path, path)
    except LivenotesError as error:
        findings.errors += error.problems
        return ()


def _unknown_words(runs: Runs, terms: Iterable[Term]) -> list[Problem]:
    """Words of figures that the glossary lacks, so that pages of other languages show them as they
    are; no words in a site of one language."""
    path = f"{runs.project.options.docs}/glossary.yml"
    known = _glossary_words(terms)
    if not known or len(runs.project.options.languages) < 2:
        return []
    return [
        Problem(out.source, runs.module(out.module).cell(cell).first_line, message, cell, hint)
        for out, cell, found in _drawn(runs)
        for svg in found
        for message, hint in _figure_words(svg, known, path)
    ]


def _figure_words(svg: str, known: set[str], path: str) -> Iterator[tuple[str, str]]:
    """What pages of other languages would show as it is, and what to do about it."""
    for word in dict.fromkeys(part for text in words(svg) for part in unknown(text, known)):
        message = f"the figure says '{word}', which {path} does not have"
        yield message, "Write an English term that it has, or add this one."
    for text in dict.fromkeys(mixed(svg)):
        message = f"the figure says '{text}': words beside a formula are not translated"
        yield message, "Draw the words as a text of their own, such as a label or title."


def _values(page: Document, runs: Runs) -> Iterator[Problem]:
    """Values in sentences that have no room there."""
    outcomes = runs.outcomes()
    for value in page.values:
        outcome = outcomes.get(value.module)
        outputs = outcome.cells.get(value.cell) if isinstance(outcome, Outputs) else None
        if outputs is not None and cell_value(outputs) is None:
            yield Problem(page.path, value.line, NOT_ONE_LINE)


def _names_of_objects(runs: Runs) -> Iterator[Problem]:
    """Values of which a page would show what they are, but nothing of what they hold."""
    for name, outcome in runs.outcomes().items():
        if isinstance(outcome, Failure):
            continue
        for cell in runs.module(name).cells:
            for output in () if cell.hidden else outcome.cells[cell.name]:
                text, formats = plain_text(output), output.get("data", {})
                shown = shown_format(output, cell.tags) == "text/plain" and len(formats) > 1
                if shown and is_name_of_object(text):
                    line = text.partition("\n")[0]
                    message = f"readers see {line}, and nothing of what it holds"
                    runs_scripts = unsafe("text/html", formats.get("text/html", ""))
                    hints = (advice for mime, advice in _ADVICE.items() if mime in formats)
                    hint = _SHOWN if runs_scripts else next(hints, _SHOWN)
                    yield Problem(outcome.source, cell.last_line, message, cell.name, hint)


def _warnings(outcome: Outputs, module: Module) -> Iterator[Problem]:
    """The warnings of a run. Matplotlib warns of each character that its font lacks, where it draws
    them: one of them stands for all of a cell."""
    told: set[str] = set()
    for warning in outcome.warnings:
        if lacks := _NO_GLYPH.search(warning.message):
            if warning.cell in told:
                continue
            told.add(warning.cell)
            message = f"the figure says '{chr(int(lacks[1]))}', a character that its font lacks"
            hint = "Write the glossary's English terms: other languages' pages show their own."
            line = warning.line or module.cell(warning.cell).first_line
            warning = replace(warning, line=line, message=message, hint=hint)
        yield warning


def _glossary_words(terms: Iterable[Term]) -> set[str]:
    return {word.lower() for term in terms for code in term.languages for word in term.names(code)}
