"""Code cells of a notebook as cells of a module: names, tags, Python without IPython's commands."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from livenotes.core.glossary import slug
from livenotes.core.percent import TAGS
from livenotes.execution.outputs import Output

_COMMAND = re.compile(r"\s*(%|!|\?)|.*\?\s*$")  # a magic, a shell command, a question for help
_COMMENTED = re.compile(r"\s*#\s*(%[a-zA-Z]|!)")
_WITH_BODY = ("%%time", "%%timeit", "%%capture", "%%prun")  # what stands below is Python
_MARKER = re.compile(r"^(\s*#)\s*%%\s*", re.MULTILINE)
_NAMES = {"remove-cell": "hide", "hide-cell": "hide", "hide-input": "fold-source",
          "hide_input": "fold-source"}  # fmt: skip
_SHOWN = {"remove-input": "output", "remove_input": "output", "hide-output": "source",
          "remove-output": "source"}  # fmt: skip


@dataclass(frozen=True)
class CodeCell:
    """A cell to be. `show` is the fence's option, `saved` what the notebook holds as outputs,
    `number` the cell's in the notebook, from 1."""

    name: str
    source: str
    tags: tuple[str, ...] = ()
    show: str = ""
    saved: Sequence[Output] = field(default=(), hash=False)
    number: int = 0

    def text(self) -> str:
        """The cell as a module holds it."""
        tags = ", ".join(f'"{tag}"' for tag in self.tags)
        return f"# %% {self.name}" + (f" tags=[{tags}]" if tags else "") + f"\n{self.source}\n"


def python_of(source: str) -> tuple[str, list[str]]:
    """Returns the Python of a cell, and the lines that were taken out because they are none."""
    lines = source.rstrip().split("\n")
    if lines[0].startswith("%%") and not lines[0].startswith(_WITH_BODY):
        return "", [source.rstrip()]
    kept, out = _without_commands(lines)
    text = _MARKER.sub(r"\1 ", "\n".join(kept)).strip("\n")
    # It may not parse: a command in a block leaves that empty, say.
    return (text, out) if _parses(text) else ("", [source.rstrip()])


def _without_commands(lines: list[str]) -> tuple[list[str], list[str]]:
    # `%` in a long expression or a text is no command.
    pattern = _COMMENTED if _parses("\n".join(lines)) else _COMMAND
    kept = [line for line in lines if not pattern.match(line)]
    return kept, [line.strip() for line in lines if pattern.match(line)]


def _parses(text: str) -> bool:
    try:
        compile(text, "cell", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    except (SyntaxError, ValueError):
        return False
    return True


def tags_of(given: Sequence[str]) -> tuple[tuple[str, ...], str]:
    """Our tags for those of a notebook's cell, and what its fence shows ('' for both)."""
    tags = dict.fromkeys(_NAMES.get(tag, tag) for tag in given)
    show = next((_SHOWN[tag] for tag in given if tag in _SHOWN), "")
    return tuple(tag for tag in tags if tag in TAGS), show


def name_for(source: str, heading: str, taken: Sequence[str], section: str = "") -> str:
    """A name for a cell that no other has: from its heading, if it is the first below it, from its
    code, or from the section that it stands in."""
    for proposed in filter(None, (heading, _from_code(source), section or "cell")):
        if proposed not in taken:
            return proposed
    return next(n for k in range(2, 10_000) if (n := f"{proposed}-{k}") not in taken)


def _from_code(source: str) -> str:
    body = ast.parse(source).body
    if body and all(isinstance(node, ast.Import | ast.ImportFrom) for node in body):
        return "setup"
    comment = re.match(r"#\s*(.+)", source)
    if comment and 0 < len(slug(comment[1]).split("-")) <= 4 and slug(comment[1]):
        return slug(comment[1])
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            return slug(re.sub(r"(?<=[a-z])(?=[A-Z])", "-", node.name))
    for node in reversed(body):
        target = node.targets[0] if isinstance(node, ast.Assign) else None
        if isinstance(target, ast.Name) and len(target.id) > 1:
            return slug(target.id)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            return slug(ast.unparse(node.value.func).rpartition(".")[2])
    return ""
