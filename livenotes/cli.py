"""The command line: livenotes new | fences | import | run | why | check | pdf | clean."""

from __future__ import annotations

import argparse
import json
import platform
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from livenotes import __version__
from livenotes.authoring.chapter import chapter_named
from livenotes.authoring.fences import with_fences
from livenotes.authoring.importing import (
    convert_notebook,
    differences,
    read_notebook,
    write_imported,
)
from livenotes.authoring.leftovers import leftovers
from livenotes.authoring.new import list_chapter, new_chapter
from livenotes.checks.links import check_links
from livenotes.checks.project import check_project, shown_on
from livenotes.checks.staleness import outdated, pairs
from livenotes.core.files import write_atomically
from livenotes.core.percent import Module
from livenotes.core.problems import LivenotesError, Problem
from livenotes.core.words import words
from livenotes.document.document import Document
from livenotes.document.drafts import Drafts
from livenotes.execution import reproducibility
from livenotes.execution.outputs import Failure, Output, Outputs, figures, published
from livenotes.execution.runs import Runs
from livenotes.export.pdf.printing import make_books
from livenotes.rendering.cell import printable
from livenotes.site.configuration import Configuration, drafts_of, find_config, load, project_of
from livenotes.site.documents import Converter
from livenotes.site.navigation import check_navigation


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 all right, 1 problems found, 2 wrong use."""
    parser = _parser()
    options, rest = parser.parse_known_args(arguments)
    options.rest = rest
    if rest and options.command is not _new:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    try:
        config = load(find_config(Path.cwd()))
        code: int = options.command(config, options)
        return code
    except LivenotesError as error:
        _say(str(error))
        return 1
    except KeyboardInterrupt:
        _say("stopped")
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("livenotes", description=__doc__)
    parser.add_argument("--version", action="version", version=f"livenotes {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_authoring(commands)
    run = commands.add_parser("run", help="run a module in a fresh process and show its outputs")
    run.add_argument("module", help="autograd, or snippets/autograd.py")
    run.add_argument("--json", action="store_true", help="print nbformat 4 outputs for each cell")
    run.set_defaults(command=_run)
    why = commands.add_parser("why", help="say why modules will run again, or that they will not")
    why.add_argument("module", nargs="?", help="one module; all where it is left out")
    why.set_defaults(command=_why)
    check = commands.add_parser("check", help="report everything wrong with modules and pages")
    check.add_argument(
        "--twice", action="store_true",
        help="run each module once more, with other random seeds, and compare the outputs",
    )  # fmt: skip
    check.set_defaults(command=_check)
    pdf = commands.add_parser("pdf", help="print the built site as one book per language")
    pdf.add_argument("language", nargs="?", default="", help="such as en; all where it is left out")
    pdf.add_argument("--site", type=Path, default=Path("site"), help="the built site (site)")
    pdf.add_argument("--output", type=Path, default=Path("pdf"), help="folder for them (pdf)")
    pdf.set_defaults(command=_pdf)
    clean = commands.add_parser("clean", help="remove the cache")
    clean.set_defaults(command=_clean)
    return parser


def _add_authoring(commands: Any) -> None:
    """The commands that write for the author."""
    new = commands.add_parser(
        "new", help="write what a chapter needs: module, pages, test, navigation",
        usage="livenotes new NAME [--after NAME] --zh TITLE --en TITLE",
        description="A title for each language, by its code; pages are written in those languages.",
    )  # fmt: skip
    new.add_argument("name", help="softmax-regression")
    new.add_argument("--after", default="", help="the chapter that it comes after; the last")
    new.set_defaults(command=_new)
    fences = commands.add_parser("fences", help="write the fences that a chapter's pages lack")
    fences.add_argument("name", help="autograd")
    fences.set_defaults(command=_fences)
    take = commands.add_parser("import", help="make a chapter of a notebook or a percent script")
    take.add_argument("file", type=Path, help="chapter.ipynb, or a .py file with cells # %%%%")
    take.add_argument("--name", required=True, help="the chapter's, such as softmax-regression")
    take.add_argument("--lang", default="", help="the language of its text; the site's first")
    take.set_defaults(command=_import)


def _new(config: Configuration, options: argparse.Namespace) -> int:
    project = project_of(config)
    titles = argparse.ArgumentParser("livenotes new NAME", add_help=False)
    for code in project.options.languages:
        titles.add_argument(f"--{code}", metavar="TITLE")
    given = {code: title for code, title in vars(titles.parse_args(options.rest)).items() if title}
    if not given:
        wanted = " and ".join(f'--{code} "…"' for code in project.options.languages)
        titles.error(f"a title is missing: {wanted}")
    chapter = chapter_named(project, options.name)
    after = chapter_named(project, options.after).name if options.after else ""
    for line in new_chapter(chapter, given, Path(str(config.config_file_path)), after):
        print(line)
    _say(f"Next: write {project.module_path(chapter.module)}; livenotes fences {chapter.name}; "
         "livenotes check; at last remove `draft: true` from the pages.")  # fmt: skip
    return 0


def _fences(config: Configuration, options: argparse.Namespace) -> int:
    book = Runs(project_of(config), _say)
    project, chapter = book.project, chapter_named(book.project, options.name)
    module = book.module(chapter.module)
    outcome = book.outcome(chapter.module)
    cells = outcome.cells if isinstance(outcome, Outputs) else {}
    drawn = [name for name, outputs in cells.items() if figures(outputs)]
    pages = [page for page in Converter(config).all() if page.name == chapter.name]
    if not pages:
        file = project.relative(chapter.page_file(project.options.languages[0]))
        raise LivenotesError(Problem(file, 0, "there is no such page", hint="livenotes new …"))
    for page in pages:
        text, lines = with_fences(page, module, drawn, words(page.language).todo_alt)
        if lines:
            write_atomically(project.root / page.path, text.encode())
        for name, line in lines.items():
            print(f"{page.path}:{line}: {module.name}:{name}")
    return 0


def _import(config: Configuration, options: argparse.Namespace) -> int:
    book = Runs(project_of(config), _say)
    project, chapter = book.project, chapter_named(book.project, options.name)
    language = options.lang or project.options.languages[0]
    if language not in project.options.languages:
        hint = f"Languages of this site: {', '.join(project.options.languages)}."
        raise LivenotesError(Problem("--lang", 0, f"unknown language {language}", hint=hint))
    depth = "../" if len(project.options.languages) > 1 else ""
    imported = convert_notebook(
        read_notebook(options.file), chapter, options.file.resolve().parent, depth
    )
    for line in write_imported(imported, chapter, language):
        print(line)
    titles = dict.fromkeys(project.options.languages, imported.title)
    for line in list_chapter(chapter, titles, Path(str(config.config_file_path))):
        print(line)
    outcome = book.outcome(chapter.module)
    if isinstance(outcome, Failure):
        imported.left += map(str, outcome.problems)
    else:
        path = project.module_path(chapter.module)
        imported.left += differences(imported, outcome, path)
    print(f"Left to do ({len(imported.left)}), then `livenotes check`:")
    for line in imported.left:
        print(f"- {line}")
    return 0


def _run(config: Configuration, options: argparse.Namespace) -> int:
    book = Runs(project_of(config), _say)
    name = _module_name(options.module)
    module = book.module(name)
    book.execute([name], fresh=True)
    outcome = book.outcome(name)
    failed = isinstance(outcome, Failure)
    if options.json and isinstance(outcome, Outputs):
        _print_json(module, outcome)
    elif not options.json:
        for cell in module.cells:
            print(
                f"# %% {cell.name}" if cell.name in outcome.cells else f"# %% {cell.name}: not run"
            )
            for output in outcome.cells.get(cell.name, ()):
                print(_as_text(output))
    for problem in outcome.problems if isinstance(outcome, Failure) else outcome.warnings:
        _say(str(problem))
    return int(failed)


def _why(config: Configuration, options: argparse.Namespace) -> int:
    book = Runs(project_of(config))
    names = [_module_name(options.module)] if options.module else book.project.module_names()
    for name in names:
        print(f"{name} {book.why(name)}")
    return 0


def _check(config: Configuration, options: argparse.Namespace) -> int:
    project = project_of(config)
    if unreadable := list(project.unreadable_pages()):
        raise LivenotesError(*unreadable)
    book = Runs(project, _say)
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
        *check_navigation(config, [page.source for page in every], languages),
        *check_links(every, languages, drafts),
        *leftovers(project, {(page.language, page.name) for page in every}),
    ]
    problems += [problem for problem in around if problem.path not in {s.path for s in out}]
    problems += drafts.misnamed()
    if options.twice:
        problems += reproducibility.differences(book)
    for problem in shown_on(problems, pages):
        print(problem)
    for pair in pairs(pages, languages):
        for problem in outdated(*pair, project.root, converter):
            print(f"notice: {problem}")
    for problem in _of_drafts(book, every, drafts, problems, around):
        print(f"draft: {problem}")
    counts = f"{len(pages)} pages, {len(book.outcomes())} modules, {len(problems)} problems"
    _say(counts + f"; {len(drafts.pages)} drafts" * bool(drafts.pages))
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


def _pdf(config: Configuration, options: argparse.Namespace) -> int:
    for file in make_books(options.site, options.output, options.language):
        print(file)
    return 0


def _clean(config: Configuration, options: argparse.Namespace) -> int:
    project = project_of(config)
    shutil.rmtree(project.cache, ignore_errors=True)
    print(f"removed {project.relative(project.cache)}")
    return 0


def _module_name(given: str) -> str:
    """A module's name from its name, its page's name or its path."""
    return Path(given).name.removesuffix(".py").replace("-", "_")


def _print_json(module: Module, outputs: Outputs) -> None:
    content = {
        "python": platform.python_version(),
        "livenotes": __version__,
        "module": module.name,
        **published(module, outputs),
    }
    print(json.dumps(content, ensure_ascii=False, indent=1))


def _as_text(output: Output) -> str:
    if output["output_type"] == "stream":
        return printable(str(output["text"])).rstrip("\n")
    data = output["data"]
    return "[figure]" if "image/svg+xml" in data else printable(str(data.get("text/plain", "")))


def _say(line: str) -> None:
    print(line, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
