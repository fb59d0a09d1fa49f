"""`livenotes check`: everything that is wrong with a project, without building its site."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from livenotes.authoring.leftovers import leftovers, unwritten
from livenotes.checks.page import check_descriptions
from livenotes.checks.project import check_project, shown_on
from livenotes.checks.staleness import outdated, pairs
from livenotes.commands import say
from livenotes.core.problems import LivenotesError, Problem
from livenotes.document.document import Document
from livenotes.document.drafts import Drafts
from livenotes.execution import reproducibility
from livenotes.execution.runs import Runs
from livenotes.site.configuration import Configuration, drafts_of, project_of
from livenotes.site.documents import Converter
from livenotes.site.settings import check_site


def check(config: Configuration, options: argparse.Namespace) -> int:
    """Reports everything wrong with modules and pages; drafts apart."""
    project = project_of(config)
    if unreadable := list(project.unreadable_pages()):
        raise LivenotesError(*unreadable)
    book = Runs(project, say)
    converter = Converter(config)
    every = converter.all()
    drafts = drafts_of(config, (page.source for page in every))
    out = {draft.source for draft in drafts.pages.values() if not draft.published}
    pages = [page for page in every if page.source not in out]
    drafted = {each.module for page in every if page.source in out for each in page.references}
    drafted -= {each.module for page in pages for each in page.references}
    findings = check_project(book, pages, drafted)
    problems = [*findings.unique_errors(), *findings.unique_warnings()]
    languages = project.options.languages
    around = [
        *check_site(config, converter.files, every, drafts),
        *leftovers(project, {page.name for page in every}),
        *unwritten(pages),
    ]
    problems += [problem for problem in around if problem.path not in {s.path for s in out}]
    problems += drafts.misnamed()
    if options.twice:
        problems += reproducibility.differences(book)
    for problem in shown_on(problems, pages):
        print(problem)
    twins = pairs(pages, languages)
    behind = [problem for pair in twins for problem in outdated(*pair, project.root, converter)]
    for problem in (*check_descriptions(pages), *behind):
        print(f"notice: {problem}")
    if behind:
        print("notice: list commits that only reworded a page in .git-blame-ignore-revs")
    for problem in _of_drafts(book, every, drafts, problems, around):
        print(f"draft: {problem}")
    counts = f"{len(pages)} pages, {len(book.outcomes())} modules, {len(problems)} problems"
    say(counts + f"; {len(drafts.pages)} drafts" * bool(drafts.pages))
    return 1 if problems else 0


def _of_drafts(
    book: Runs,
    every: Sequence[Document],
    drafts: Drafts,
    told: Sequence[Problem],
    around: Sequence[Problem],
) -> list[Problem]:
    """The drafts, and what is wrong when they are looked at like all other pages."""
    found = [draft.problem() for _, draft in sorted(drafts.pages.items())]
    if drafts.left_out:
        findings = check_project(book, every)
        problems = [*findings.unique_errors(), *findings.unique_warnings(), *around]
        found += shown_on((problem for problem in problems if problem not in told), every)
    return found
