"""All that can be said of a project without a site: what the build reports and `check` prints."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from livenotes.book import Book
from livenotes.errors import LivenotesError, Problem
from livenotes.figures import words
from livenotes.frames import Frame, frames
from livenotes.glossary import Term, load_glossary
from livenotes.module import Module
from livenotes.outputs import Failure, Outputs, figures
from livenotes.pagecheck import check_figures, check_page
from livenotes.pages import Page
from livenotes.parity import compare_trees
from livenotes.sliders import check_sliders
from livenotes.termcheck import consistency


@dataclass
class Findings:
    """Errors make a build fail; warnings make a strict build fail."""

    errors: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def unique_errors(self) -> list[Problem]:
        return list(dict.fromkeys(self.errors))

    def unique_warnings(self) -> list[Problem]:
        """Warnings, without those of a line that has an error already."""
        said = {(problem.path, problem.line) for problem in self.errors}
        return [p for p in dict.fromkeys(self.warnings) if (p.path, p.line) not in said]


def check_project(book: Book, pages: Sequence[Page]) -> Findings:
    """Run every module that the pages show, and check modules, pages, figures and languages."""
    book.begin(shown_modules(book, pages))
    findings = check_sources(book, pages)
    check_outputs(book, pages, findings)
    return findings


def shown_modules(book: Book, pages: Iterable[Page]) -> list[str]:
    """The modules that pages show, in the pages' order; those that do not exist are left out."""
    known = set(book.project.module_names())
    shown = (block.module for page in pages for block in page.references)
    return [name for name in dict.fromkeys(shown) if name in known]


def check_sources(book: Book, pages: Sequence[Page]) -> Findings:
    """All that can be said before anything has run."""
    findings = Findings()
    modules: dict[str, Module | None] = {}
    for name in book.project.module_names():
        try:
            modules[name] = book.module(name)
        except LivenotesError as error:
            modules[name] = None
            findings.errors += error.problems
    for page in pages:
        findings.warnings += check_page(page, modules)
    by_language = {code: [p for p in pages if p.language == code] for code in ("zh", "en")}
    if all(by_language.values()):
        findings.warnings += compare_trees(by_language["zh"], by_language["en"])
    findings.warnings += consistency(pages, _glossary(book, findings))
    return findings


def check_outputs(book: Book, pages: Sequence[Page], findings: Findings) -> None:
    """Add what is wrong with outputs; waits for them."""
    book.execute(shown_modules(book, pages))
    for outcome in book.outcomes().values():
        if isinstance(outcome, Failure):
            findings.errors += outcome.problems
        else:
            findings.warnings += outcome.warnings
    terms = _glossary(book, Findings())
    counts, all_frames, known = _figure_counts(book), _frames(book), _glossary_words(terms)
    for page in pages:
        findings.warnings += check_figures(page, counts)
        findings.warnings += check_sliders(page, all_frames, known)
    findings.warnings += _unknown_words(book, terms)


def shown_on(problems: Iterable[Problem], pages: Iterable[Page]) -> list[Problem]:
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


def _figure_counts(book: Book) -> dict[str, int]:
    return {
        f"{name}:{cell}": len(figures(outputs))
        for name, outcome in book.outcomes().items()
        if isinstance(outcome, Outputs)
        for cell, outputs in outcome.cells.items()
    }


def _frames(book: Book) -> dict[str, tuple[Frame, ...]]:
    return {
        f"{name}:{cell}": tuple(frame for svg in figures(outputs) for frame in frames(svg))
        for name, outcome in book.outcomes().items()
        if isinstance(outcome, Outputs)
        for cell, outputs in outcome.cells.items()
    }


def _glossary(book: Book, findings: Findings) -> tuple[Term, ...]:
    path = f"{book.project.options.docs}/glossary.yml"
    try:
        return load_glossary(book.project.root / path, path)
    except LivenotesError as error:
        findings.errors += error.problems
        return ()


def _unknown_words(book: Book, terms: Iterable[Term]) -> list[Problem]:
    """Words of figures that the glossary lacks: Chinese pages would show them in English."""
    path = f"{book.project.options.docs}/glossary.yml"
    known = _glossary_words(terms)
    if not known:
        return []
    return [
        Problem(
            outcome.source,
            book.module(name).cell(cell).first_line,
            f"the figure says '{word}', which {path} does not have",
            cell,
            "Add the term there, or use one that it has.",
        )
        for name, outcome in book.outcomes().items()
        if isinstance(outcome, Outputs)
        for cell, outputs in outcome.cells.items()
        for svg in figures(outputs)
        for word in dict.fromkeys(words(svg))
        if word.lower() not in known
    ]


def _glossary_words(terms: Iterable[Term]) -> set[str]:
    return {word.lower() for term in terms for word in (term.en, *term.en_variants)}
