"""Reads snippet modules: Python files whose cells start with `# %% name tags=["…"]`."""

from __future__ import annotations

import ast
import io
import json
import re
import tokenize
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path

from livenotes.core.files import read_text
from livenotes.core.problems import LivenotesError, Problem

TAGS = ("hide", "fold-source", "html", "exercise", "solution", "check", "raises-exception")

_MARKER = re.compile(r"#\s*%%(?!%)")
_MARKER_PARTS = re.compile(r"# %%(?: (?P<name>[^\s=]+))?(?: tags=(?P<tags>\[.*\]))?\s*")
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_COMMENT_LINE = re.compile(r"[ \t\f]*(#.*)")
_MAGIC = re.compile(r"#\s*(%[a-zA-Z%]|![a-zA-Z./])")
# Bidirectional controls: editors show the code in another order than Python reads it.
_BIDIRECTIONAL = re.compile("[\N{LEFT-TO-RIGHT EMBEDDING}-\N{RIGHT-TO-LEFT OVERRIDE}\u2066-\u2069]")
# Commands of notebooks, and what to write in their place.
_COMMANDS = (
    (r"%matplotlib", "Leave it out: figures are shown without it."),
    (r"%%?(?:timeit|time|prun)", "Leave it out: a time is different in each run."),
    (r"[%!] *(?:pip|conda|mamba|uv)", "Leave it out: install packages beside the site's own."),
    (r"%%(?:writefile|file)", "Write the file in Python: pathlib.Path(name).write_text(text)."),
    (r"%%?(?:bash|sh|script)|!", "Do it in Python, or show it in a `bash` fence of the page."),
    (r"%run", "Import the file's names instead."),
    (r"\?|.*\?\??$", "Write print(name.__doc__), or help(name)."),
    (r"%", "Leave it out, or do it in Python."),
)
_COMMAND = re.compile(r"\s*(?:%{1,2}\w|!|\?\??\w|[\w.]+\?\??\s*$)")
_NAMELESS = "a cell without a name"
_FORM = '# %% kebab-name    or    # %% kebab-name tags=["fold-source"]'


@dataclass(frozen=True)
class Cell:
    """A cell of a module. `first_line` and `last_line` are the lines of `source` in the file."""

    name: str
    tags: tuple[str, ...]
    source: str
    first_line: int
    last_line: int

    @property
    def hidden(self) -> bool:
        return "hide" in self.tags


@dataclass(frozen=True, eq=False)  # `parse_module` returns the same object for the same text
class Module:
    """A snippet module. `path` is relative to the project's root, with forward slashes."""

    name: str
    path: str
    text: str
    docstring: str
    cells: tuple[Cell, ...]

    def cell(self, name: str) -> Cell:
        """Returns the cell of that name. Raises KeyError."""
        return self._by_name[name]

    @cached_property
    def _by_name(self) -> dict[str, Cell]:
        return {cell.name: cell for cell in reversed(self.cells)}

    def imports(self) -> frozenset[str]:
        """Returns the dotted names of everything that the cells import."""
        return _imports(self.text)

    def cell_at(self, line: int) -> str:
        """Returns the name of the cell that contains this line of the file, or ''."""
        return next((c.name for c in self.cells if c.first_line <= line <= c.last_line), "")


@lru_cache(maxsize=4096)  # a server calls this at every save
def _imports(text: str) -> frozenset[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the run reports them
        nodes = list(ast.walk(ast.parse(text)))
    names = {alias.name for n in nodes if isinstance(n, ast.Import) for alias in n.names}
    froms = {n.module for n in nodes if isinstance(n, ast.ImportFrom) and not n.level}
    return frozenset(names | {name for name in froms if name})


@dataclass(frozen=True)
class _Marker:
    line: int
    text: str
    in_first_column: bool


def read_module(file: Path, path: str) -> Module:
    """Reads the module in `file`, which messages and pages call `path`.

    Raises LivenotesError with everything that is wrong with the file.
    """
    return parse_module(read_text(file, path), file.stem, path)


@lru_cache(maxsize=4096)  # a server reads all modules at every save
def parse_module(text: str, name: str, path: str) -> Module:
    """Reads a module from its text. Raises LivenotesError with everything that is wrong."""
    tree = _syntax_tree(text, path)
    problems = [
        Problem(path, line, f"an invisible character, U+{ord(found[0]):04X}, turns text around",
                hint="Readers would see other code than what runs. Write it as an escape.")
        for line, code in enumerate(text.split("\n"), 1)
        if (found := _BIDIRECTIONAL.search(code))
    ]  # fmt: skip
    markers: list[_Marker] = []
    for line, column, comment in _comments(text, tree):
        if _MARKER.match(comment):
            markers.append(_Marker(line, comment, column == 0))
            if column:
                problems.append(
                    Problem(path, line, "a cell marker must start in the first column", hint=_FORM)
                )
        elif _MAGIC.match(comment):
            message = f"this comment turns into a command in a notebook: {comment.strip()}"
            hint = f"{_instead(comment[1:])} Or write it without % or ! at its start."
            problems.append(Problem(path, line, message, hint=hint))
    problems += _code_before(tree, markers, path)
    cells = _cells(text, markers, path, problems)
    problems += _statements_across_markers(tree, markers, path)
    if problems:
        raise LivenotesError(*sorted(_gathered(problems)))
    return Module(name, path, text, ast.get_docstring(tree) or "", tuple(cells))


def _gathered(problems: list[Problem]) -> list[Problem]:
    """Says in one problem what an unconverted notebook has in each of its cells."""
    nameless = [problem for problem in problems if problem.message == _NAMELESS]
    if len(nameless) < 2:
        return problems
    message = f"{len(nameless)} cells without a name, as in a notebook"
    hint = f"Name each: {_FORM}\nOr move the file elsewhere, and write: livenotes import FILE"
    others = [problem for problem in problems if problem not in nameless]
    return [replace(nameless[0], message=message, hint=hint), *others]


def _syntax_tree(text: str, path: str) -> ast.Module:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the run reports them
            return ast.parse(text, path)
    except SyntaxError as error:
        problem = _unreadable(text, path, error)
        raise LivenotesError(problem) from None
    except ValueError as error:  # a NUL byte
        raise LivenotesError(Problem(path, 1, f"is not Python: {error}")) from None
    except (RecursionError, MemoryError):
        message = "nests its expressions too deeply for Python's parser"
        raise LivenotesError(Problem(path, 1, message)) from None


def _unreadable(text: str, path: str, error: SyntaxError) -> Problem:
    """Returns the problem of a syntax error, which may be a notebook's command."""
    number = error.lineno or 1
    line = [*text.split("\n"), ""][number - 1].strip()[:200]
    if _COMMAND.match(line):
        message = f"a command of notebooks, not Python: {line}"
        return Problem(path, number, message, hint=_instead(line))
    hint = (error.text or "").strip()[:200]
    return Problem(path, number, f"SyntaxError: {error.msg}", hint=hint)


def _instead(command: str) -> str:
    """Returns what to write in a command's place."""
    text = command.strip()
    return next(hint for pattern, hint in _COMMANDS if re.match(pattern, text))


def _comments(text: str, tree: ast.Module) -> Iterator[tuple[int, int, str]]:
    """Yields line, column and text of every comment that stands alone on its line.

    Uses Python's tokenizer, which is slow, only if a string has lines that look like comments.
    """
    found = [(n, _COMMENT_LINE.match(line)) for n, line in enumerate(text.split("\n"), 1)]
    comments = [(n, match.start(1), match[1]) for n, match in found if match]
    texts = [
        (node.lineno, node.end_lineno or 0)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        or (isinstance(node, ast.Constant) and isinstance(node.value, str | bytes))
    ]
    spans = [(first, last) for first, last in texts if first < last]
    if not any(first < line <= last for line, _, _ in comments for first, last in spans):
        yield from comments
        return
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT and not token.line[: token.start[1]].strip():
            yield token.start[0], token.start[1], token.string


def _code_before(tree: ast.Module, markers: list[_Marker], path: str) -> list[Problem]:
    """Checks that only the docstring stands before the first marker."""
    body = tree.body
    if body and ast.get_docstring(tree, clean=False) is not None:
        body = body[1:]
    first = markers[0].line if markers else 0
    stray = [node.lineno for node in body if not markers or node.lineno < first]
    if markers and not stray:
        return []
    message = "code before the first cell marker" if markers else "a module without any cell"
    return [Problem(path, min(stray, default=1), message, hint=f"Put a marker above: {_FORM}")]


def _cells(text: str, markers: list[_Marker], path: str, problems: list[Problem]) -> list[Cell]:
    """Returns the cells between the markers. Adds what is wrong with them to `problems`."""
    lines = text.split("\n")
    seen: dict[str, int] = {}
    cells = []
    ends = [*(marker.line for marker in markers[1:]), len(lines) + 1]
    for marker, end in zip(markers, ends, strict=False):
        name, tags, faults = _read_marker(marker.text)
        if name and name in seen:
            faults.append(f"cell name '{name}' stands already in line {seen[name]}")
        seen.setdefault(name, marker.line)
        problems += [Problem(path, marker.line, fault, hint=_FORM) for fault in faults]
        first, last = marker.line + 1, end - 1
        while first <= last and not lines[first - 1].strip():
            first += 1
        while last >= first and not lines[last - 1].strip():
            last -= 1
        if first > last:
            problems.append(Problem(path, marker.line, "an empty cell", cell=name))
        cells.append(Cell(name, tags, "\n".join(lines[first - 1 : last]), first, last))
    return cells


def _read_marker(text: str) -> tuple[str, tuple[str, ...], list[str]]:
    """Returns name, tags and faults of a marker."""
    match = _MARKER_PARTS.fullmatch(text)
    if not match:
        return "", (), [f"cannot read this cell marker: {text.strip()}"]
    name = match["name"] or ""
    faults = []
    if not name or name.startswith("["):  # [markdown]
        name = ""
        faults.append(_NAMELESS)
    elif not _NAME.fullmatch(name):
        faults.append(f"cell name '{name}' is not kebab-case")
    try:
        tags = json.loads(match["tags"] or "[]")
    except ValueError:
        return name, (), [*faults, f"cannot read tags={match['tags']}"]
    for tag in tags:
        if tag not in TAGS:
            faults.append(f"unknown tag {tag!r}; known are {', '.join(TAGS)}")
    return name, tuple(map(str, tags)), faults


def _statements_across_markers(
    tree: ast.Module, markers: list[_Marker], path: str
) -> list[Problem]:
    """Finds markers inside a statement (in brackets, say), which they would split."""
    spans = [
        (min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))]), node)
        for node in tree.body
    ]
    return [
        Problem(
            path,
            marker.line,
            f"a cell marker inside the statement that starts in line {node.lineno}",
            hint="Move the marker above or below the whole statement.",
        )
        for first, node in spans
        if (node.end_lineno or first) > first
        for marker in markers
        if marker.in_first_column and first < marker.line <= (node.end_lineno or first)
    ]
