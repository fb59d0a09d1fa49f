"""What still names a chapter that was renamed or removed: its tests, approved texts, queries; and
what `livenotes new` left to an author who did not write it."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator

from livenotes.authoring.new import QUERIES
from livenotes.core.files import read_text
from livenotes.core.problems import Problem
from livenotes.core.project import Project
from livenotes.core.words import words
from livenotes.document.document import Document

COVERAGE = "tests/pages/coverage.yml"
# A test that looks at the module that its file is named after.
_OF_MODULE = re.compile(r"^def test_\w+\((?:outputs|module)\b", re.MULTILINE)
_APPROVED = re.compile(r"\[(\w+)\]\.txt")
_LINK = re.compile(r"\]\(([\w/-]+)\.md")
# A line of a row that says where something of the original notes is: page, cell or test.
_PLACE = re.compile(r"""\s*(page|cell|test): *["']?([\w./-]+)""")


def leftovers(project: Project, pages: Collection[str]) -> Iterator[Problem]:
    """Yields a problem for each test, approved text, query and row without its module or page.

    `pages` are names: a query may be older than a translation. Raises LivenotesError.
    """
    yield from _of_modules(project)
    if (queries := project.root / QUERIES).is_file():
        for node in ast.walk(ast.parse(read_text(queries, QUERIES))):
            if isinstance(node, ast.Tuple) and len(node.elts) == 3:
                values = [getattr(each, "value", "") for each in node.elts]
                name = str(values[2]).partition("#")[0]
                if name not in pages:
                    message = f"a query for a page that is not there: {values[0]}/{name}"
                    yield Problem(QUERIES, node.lineno, message)
    if (rows := project.root / COVERAGE).is_file():
        yield from _rows(project, read_text(rows, COVERAGE), pages)


def unwritten(pages: Collection[Document]) -> Iterator[Problem]:
    """Yields a problem for each line of a published page that says what `livenotes new` wrote.

    A line of a home page that leads to a draft is no problem yet: no reader sees it.
    """
    shown = {(page.language, page.name) for page in pages}
    for page in pages:
        own = words(page.language)
        begun = (own.todo_description, own.todo_text, own.todo_about, own.todo_alt,
                 f"## {own.todo_heading} {{#")  # fmt: skip
        for number, line in enumerate(page.source.text.split("\n"), 1):
            linked = {(page.language, name) for name in _LINK.findall(line)}
            said = next((text for text in begun if text in line), "")
            if said and (not linked or linked & shown):
                hint = "Put your own words there. Until then the chapter can stay a draft."
                yield Problem(page.path, number, f"nobody has written this: {said}", hint=hint)


def _of_modules(project: Project) -> Iterator[Problem]:
    names = project.module_names()
    folder = project.root / "tests" / "snippets"
    for file in sorted(folder.glob("test_*.py")):
        path, name = project.relative(file), file.stem.removeprefix("test_")
        if name not in names and _OF_MODULE.search(read_text(file, path)):
            message = f"tests a module that is not there: {project.module_path(name)}"
            yield Problem(path, 0, message, hint="Rename the file, or remove it.")
    for file in sorted(folder.glob("approved/*/*.txt")):
        match = _APPROVED.search(file.name)
        if match and match[1] not in names:
            message = f"approved outputs of a module that is not there: {match[1]}"
            hint = "Rename the file, or remove it; see CONTRIBUTING.md, step 9."
            yield Problem(project.relative(file), 0, message, hint=hint)


def _rows(project: Project, text: str, pages: Collection[str]) -> Iterator[Problem]:
    named = {"page": pages, "cell": project.module_names()}
    for number, line in enumerate(text.split("\n"), 1):
        kind, name = match.groups() if (match := _PLACE.match(line)) else ("", "")
        there = name in named[kind] if kind in named else (project.root / name).exists()
        if not there:
            message = f"a row with a {kind} that is not there: {name}"
            hint = "Write where this is told now."
            yield Problem(COVERAGE, number, message, hint=hint)
