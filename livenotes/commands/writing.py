"""`livenotes new`, `fences` and `import`: what writes for the author."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from livenotes.authoring.chapter import chapter_named
from livenotes.authoring.fences import with_fences
from livenotes.authoring.importing import (
    convert_notebook,
    differences,
    read_notebook,
    write_imported,
)
from livenotes.authoring.new import list_chapter, new_chapter
from livenotes.commands import say
from livenotes.core.files import write_atomically
from livenotes.core.problems import LivenotesError, Problem
from livenotes.core.words import words
from livenotes.execution.outputs import Failure, Outputs, figures
from livenotes.execution.runs import Runs
from livenotes.site.configuration import Configuration, project_of
from livenotes.site.documents import Converter


def add_to(commands: Any) -> None:
    """The commands that write for the author."""
    chapter = commands.add_parser(
        "new", help="write what a chapter needs: module, pages, test, navigation",
        usage="livenotes new NAME [--after NAME] --zh TITLE --en TITLE",
        description="A title for each language, by its code; pages are written in those languages.",
    )  # fmt: skip
    chapter.add_argument("name", help="softmax-regression")
    chapter.add_argument("--after", default="", help="the chapter that it comes after; the last")
    chapter.set_defaults(command=new)
    fences = commands.add_parser("fences", help="write the fences that a chapter's pages lack")
    fences.add_argument("name", help="autograd")
    fences.set_defaults(command=_fences)
    take = commands.add_parser("import", help="make a chapter of a notebook or a percent script")
    take.add_argument("file", type=Path, help="chapter.ipynb, or a .py file with cells # %%%%")
    take.add_argument("--name", required=True, help="the chapter's, such as softmax-regression")
    take.add_argument("--lang", default="", help="the language of its text; the site's first")
    take.set_defaults(command=_import)


def new(config: Configuration, options: argparse.Namespace) -> int:
    """`livenotes new`; `options.rest` holds the titles."""
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
    say(f"Next: write {project.module_path(chapter.module)}; livenotes fences {chapter.name}; "
         "livenotes check; at last remove `draft: true` from the pages.")  # fmt: skip
    return 0


def _fences(config: Configuration, options: argparse.Namespace) -> int:
    book = Runs(project_of(config), say)
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
    book = Runs(project_of(config), say)
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
    ran = set(outcome.cells)
    if isinstance(outcome, Failure):
        imported.left += map(str, outcome.problems)
        ran -= {problem.cell for problem in outcome.problems}
    if saved := [cell for cell in imported.cells if cell.saved]:
        compared = [cell for cell in saved if cell.name in ran]
        path = project.module_path(chapter.module)
        different = list(differences(compared, outcome.cells, path))
        same = len(compared) - len(different)
        print(f"{same} of {len(saved)} cells give the outputs saved in the notebook")
        imported.left += different
    print(f"Left to do ({len(imported.left)}), then `livenotes check`:")
    for line in imported.left:
        print(f"- {line}")
    return 0
