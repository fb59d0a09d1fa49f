"""The structure of the engine: who may import whom, and how large things may grow."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "livenotes"
MODULES = sorted(PACKAGE.rglob("*.py"))


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("module", "statement", "broken"),
    [
        ("core/problems.py", "import livenotes.execution.outputs", "A room imports only"),
        ("rendering/cell.py", "import livenotes.document", "A room imports only"),
        ("checks/parity.py", "import mkdocs.config", "Only site knows MkDocs"),
        ("rendering/figures.py", "import markdown", "Only document and extensions"),
        ("execution/cache.py", "import livenotes.execution.child.kernel", "Only the forked child"),
    ],
)
def test_an_import_that_a_contract_forbids_is_found(
    tmp_path: Path, module: str, statement: str, broken: str
) -> None:
    shutil.copytree(PACKAGE, tmp_path / "livenotes")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (tmp_path / "livenotes" / module).open("a", encoding="utf-8") as file:
        file.write(f"\n{statement}\n")
    done = lint_imports(tmp_path)
    assert done.returncode == 1
    assert [line for line in done.stdout.splitlines() if broken in line and "BROKEN" in line]


def imported(module: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_mkdocs_material_and_jinja_are_imported_in_site_only() -> None:
    theirs = {"mkdocs", "material", "jinja2"}
    rooms = {
        module.relative_to(PACKAGE).parts[0]
        for module in MODULES
        for name in imported(module)
        if name.partition(".")[0] in theirs
    }
    assert rooms == {"site"}


def test_private_names_of_other_libraries_are_used_where_architecture_says() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    table = text.partition("In the parent process:\n\n")[2].partition("\n\n")[0]
    rows = [line for line in table.splitlines() if line.startswith("| `")]
    used = {
        module.relative_to(PACKAGE).as_posix()
        for module in MODULES
        for node in ast.walk(ast.parse(module.read_text("utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr.startswith("_")
        and not node.attr.startswith("__")
        and not (isinstance(node.value, ast.Name) and node.value.id in ("self", "cls"))
    }
    in_parent = {name for name in used if not name.startswith("execution/child/")}
    assert [name for name in sorted(in_parent) if f"| `{name}` |" not in table] == []
    assert 0 < len(rows) <= 5


def test_imports_between_rooms_form_no_longer_chain_than_nine() -> None:
    graph = grimp.build_graph("livenotes")
    rooms = {
        child: graph.find_descendants(child) | {child} for child in graph.find_children("livenotes")
    }

    def longest(room: str) -> int:
        below = {
            other
            for other, modules in rooms.items()
            if other != room
            and any(graph.find_modules_directly_imported_by(m) & modules for m in rooms[room])
        }
        return 1 + max(map(longest, below), default=0)

    assert max(map(longest, rooms)) <= 9


@pytest.mark.parametrize("module", MODULES, ids=lambda m: m.relative_to(PACKAGE).as_posix())
def test_modules_and_functions_stay_small(module: Path) -> None:
    text = module.read_text("utf-8")
    assert len(text.splitlines()) <= 300
    functions = [
        (node.name, (node.end_lineno or 0) - node.lineno + 1)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    assert [name for name, lines in functions if lines > 40] == []
