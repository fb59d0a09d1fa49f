"""What comes or changes between two builds that share a cache: pages show what code does now."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import sites

from .cases import BEFORE, CHANGES, Build, Fault
from .conftest import Result, lay_out, write
from .test_faults import is_shown

FAULTS = {name: Fault(name, what, code=code) for name, (what, _, code) in CHANGES.items()}
SITE = Build("changes", "", tuple(FAULTS.values()))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, katex: Path) -> Result:
    """The site before any change."""
    root = tmp_path_factory.mktemp("changes")
    lay_out(root, SITE, katex)
    for name in BEFORE:
        write(root, f"snippets/{name}", "")
    write(root, "snippets/helper_e.py", "value = 0\n")
    return Result(root, *sites.run(root, "mkdocs", "build"))


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_shown(name: str, built: Result) -> None:
    assert built.code == 0, built.said
    is_shown(Fault(name, "", shows="0\n"), built)
    file = built.root / "snippets" / CHANGES[name][1]
    before = file.stat() if file.exists() else None
    write(built.root, f"snippets/{CHANGES[name][1]}", "value = 1\n")
    if before:
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    code, said = sites.run(built.root, "mkdocs", "build")
    assert code == 0, said
    assert f"{FAULTS[name].stem} will run: " in said
    is_shown(Fault(name, "", shows="1\n"), built)
