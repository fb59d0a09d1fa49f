"""No module calls what torch has deprecated: torch.norm warns nobody, so its source is read."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SNIPPETS = sorted((Path(__file__).parents[2] / "snippets").glob("*.py"))


def deprecated(source: str) -> list[str]:
    """Calls of `.norm(…)` (torch.norm, Tensor.norm) and arguments `dtype=float`, with lines."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute) and node.func.attr == "norm":
                found.append(f"{node.lineno}: {ast.unparse(node)}")
            for word in node.keywords:
                if word.arg == "dtype" and ast.unparse(word.value) in ("float", "int"):
                    found.append(f"{node.lineno}: {ast.unparse(node)}")
    return found


@pytest.mark.parametrize("file", SNIPPETS, ids=lambda file: file.stem)
def test_no_module_calls_what_is_deprecated(file: Path) -> None:
    assert deprecated(file.read_text("utf-8")) == []


@pytest.mark.parametrize("call", ["torch.norm(u)", "b.norm()", "torch.tensor([1], dtype=float)"])
def test_what_the_notes_called_would_be_found(call: str) -> None:
    assert deprecated(f"import torch\n{call}\n")
