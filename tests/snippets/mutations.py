"""Small changes of a module's source: a number, a text, an operator. Who notices?"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from livenotes.core.percent import Module, parse_module

_BINARY: dict[type[ast.operator], tuple[str, str]] = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "/"),
    ast.Div: ("/", "*"),
    ast.FloorDiv: ("//", "*"),
    ast.Mod: ("%", "*"),
    ast.Pow: ("**", "*"),
    ast.MatMult: ("@", "*"),
}
_COMPARED: dict[type[ast.cmpop], tuple[str, str]] = {
    ast.Lt: ("<", ">"),
    ast.LtE: ("<=", ">"),
    ast.Gt: (">", "<"),
    ast.GtE: (">=", "<"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.In: ("in", "not in"),
}


@dataclass(frozen=True)
class Mutant:
    """One change of a module: from offset `begin` to `end` its text becomes `after`."""

    original: Module
    begin: int
    end: int
    after: str

    @property
    def line(self) -> int:
        return self.original.text.count("\n", 0, self.begin) + 1

    @property
    def code(self) -> str:
        """The line that changes."""
        return self.original.text.split("\n")[self.line - 1].strip()

    @property
    def before(self) -> str:
        return self.original.text[self.begin : self.end]

    def module(self) -> Module:
        text = self.original.text
        changed = text[: self.begin] + self.after + text[self.end :]
        return parse_module(changed, self.original.name, self.original.path)

    def __str__(self) -> str:
        place = f"{self.original.path}:{self.line}: cell {self.original.cell_at(self.line)!r}"
        return f"{place}: {self.before} became {self.after} in: {self.code}"


def mutants(module: Module) -> list[Mutant]:
    """Every change, one at a time, but those in the checks of exercises: these are tests."""
    changes = _changes(ast.parse(module.text), _Places(module.text))
    checks = {cell.name for cell in module.cells if "check" in cell.tags}
    found = [Mutant(module, *change) for change in sorted(set(changes))]
    return [mutant for mutant in found if module.cell_at(mutant.line) not in checks]


class _Places:
    """Offsets in the text of what ast counts in lines and bytes."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts = [0]
        for line in text.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))

    def offset(self, line: int, column: int) -> int:
        start = self.starts[line - 1]
        code = self.text[start : self.starts[line]]
        return start + len(code.encode()[:column].decode())

    def of(self, node: ast.expr) -> tuple[int, int]:
        assert node.end_lineno is not None and node.end_col_offset is not None
        begin = self.offset(node.lineno, node.col_offset)
        return begin, self.offset(node.end_lineno, node.end_col_offset)


def _changes(tree: ast.Module, places: _Places) -> Iterator[tuple[int, int, str]]:
    """Where a change begins and ends, and the text that it puts there."""
    for node in _running(tree):
        if isinstance(node, ast.Constant):
            begin, end = places.of(node)
            if (after := _other(node.value)) and _is(places.text[begin:end], node):
                yield begin, end, after
        elif isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
            yield from _operator(node.left, node.right, _BINARY[type(node.op)], places)
        elif isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            for op, left, right in zip(node.ops, sides, sides[1:], strict=False):
                if type(op) in _COMPARED:
                    yield from _operator(left, right, _COMPARED[type(op)], places)
        elif isinstance(node, ast.BoolOp):
            symbols = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
            for left, right in zip(node.values, node.values[1:], strict=False):
                yield from _operator(left, right, symbols, places)


def _running(tree: ast.AST) -> Iterator[ast.AST]:
    """Nodes that say something: no docstring, annotation or f-string, and no harmless kind."""
    skipped: list[ast.AST | None] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            skipped.append(node.value)
        elif isinstance(node, (ast.arg, ast.AnnAssign)):
            skipped.append(node.annotation)
        elif isinstance(node, ast.FunctionDef):
            skipped.append(node.returns)
        elif isinstance(node, ast.JoinedStr):  # Python 3.11 does not know where its parts are
            skipped.append(node)
        if isinstance(node, ast.keyword) and node.arg == "strict":  # bites in faulty code only
            skipped.append(node)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "fill":  # where lines break
            skipped += node.args[1:]
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "torch.manual_seed":
            skipped += node.args  # any seed will do, where no output changes
    inside = {id(n) for node in skipped if node for n in ast.walk(node)}
    return (node for node in ast.walk(tree) if id(node) not in inside)


def _other(value: object) -> str:
    """Another value of the same type, as source; '' where there is none worth a try."""
    if isinstance(value, bool):
        return repr(not value)
    if isinstance(value, int):
        return repr(value + 1)
    if isinstance(value, float):
        return repr(value * 1.5 if value else 1.0)
    if isinstance(value, str):
        return repr(value + "x")
    return ""


def _is(text: str, node: ast.Constant) -> bool:
    try:
        return bool(ast.literal_eval(text) == node.value)
    except (ValueError, SyntaxError):
        return False  # one of several strings that stand together, say


def _operator(
    left: ast.expr, right: ast.expr, symbols: tuple[str, str], places: _Places
) -> Iterator[tuple[int, int, str]]:
    begin, end = places.of(left)[1], places.of(right)[0]
    before, after = symbols
    match = re.fullmatch(rf"[\s)]*({re.escape(before)})[\s(]*", places.text[begin:end])
    if match:
        yield begin + match.start(1), begin + match.end(1), after
