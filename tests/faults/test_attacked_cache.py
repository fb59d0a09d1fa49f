"""The cache under attack: whatever is found there, pages show what their code does now."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .cases import ATTACKS, Build, Fault
from .conftest import Result, all_gone, lay_out, run, tree, write

pytestmark = pytest.mark.slow  # a build for each attack

FAULTS = tuple(Fault(attack.name, "", code="0") for attack in ATTACKS)
SITE = Build("cache", "", FAULTS)
HELPER = "value = {value}\n"
CODE = "import helper\nprint(helper.value, {value}, '{name}')"


def save(root: Path, value: int) -> None:
    write(root, "snippets/helper.py", HELPER.format(value=value))
    for fault in FAULTS:
        code = CODE.format(value=value, name=fault.name)
        write(root, f"snippets/{fault.stem}.py", Fault(fault.name, "", code=code).module_text())


def sealed(entry: dict[str, object]) -> bytes:
    """An entry with a right checksum, as the cache itself would have written it."""
    text = json.dumps(entry, ensure_ascii=False, sort_keys=True)
    return f"{hashlib.sha256(text.encode()).hexdigest()}\n{text}\n".encode()


def opened(file: Path) -> dict[str, dict[str, object]]:
    entry: dict[str, dict[str, object]] = json.loads(file.read_bytes().split(b"\n", 1)[1])
    return entry


def replaced(file: Path, outer: str, inner: str, value: object) -> None:
    entry = opened(file)
    entry[outer][inner] = value
    file.write_bytes(sealed(entry))


def a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


DAMAGE: dict[str, Callable[[Path], object]] = {
    "truncated": lambda file: os.truncate(file, file.stat().st_size // 2),
    "emptied": lambda file: file.write_bytes(b""),
    "garbage": lambda file: file.write_bytes(bytes(range(256)) * 40),
    "edited": lambda file: file.write_bytes(file.read_bytes().replace(b"edited", b"forged")),
    "foreign": lambda file: shutil.copyfile(file.with_name("truncated.json"), file),
    "other-version": lambda file: replaced(file, "made_by", "livenotes", "0.0.1 abc"),
    "other-shape": lambda file: file.write_bytes(sealed({"made_by": [], "outputs": 3})),
    "other-cells": lambda file: replaced(file, "outputs", "cells", {"gone": []}),
    "deep-json": lambda file: file.write_bytes(
        hashlib.sha256(b"[" * 100_000).hexdigest().encode() + b"\n" + b"[" * 100_000
    ),
    "a-folder-there": a_folder,
    "stale": lambda file: None,
}


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory, katex: Path) -> tuple[Result, str]:
    """A site whose every module's entry was damaged in another way, and built again."""
    root = tmp_path_factory.mktemp("attacked")
    lay_out(root, SITE, katex)
    save(root, 1)
    assert run(root, "mkdocs", "build").code == 0
    entries = root / ".cache/livenotes/outputs"
    for attack in ATTACKS:
        DAMAGE[attack.name](entries / f"{attack.name.replace('-', '_')}.json")
    (root / ".cache/livenotes/store.sqlite3").write_bytes(b"\0garbage")
    (root / ".cache/livenotes/runs/junk").mkdir(parents=True)
    why = run(root, "livenotes.cli", "why").said
    # The new files look older than the old ones: the clock was set back.
    save(root, 2)
    for file in (root / "snippets").iterdir():
        os.utime(file, (1, 1))
    return run(root, "mkdocs", "build", "--strict"), why


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_attacked_entry(attack: Fault, attacked: tuple[Result, str]) -> None:
    result, why = attacked
    assert result.code == 0, result.said
    for language in ("zh", "en"):
        shown = [e.get_text() for e in result.page(attack.name, language).select(".cell-output")]
        assert shown == [f"2 2 {attack.name}\n"]
    if attack.name != "stale":
        (line,) = [line for line in why.splitlines() if line.startswith(f"{attack.stem} ")]
        assert "will run: " in line


def test_a_repaired_cache_gives_what_a_clean_one_gives(
    attacked: tuple[Result, str], tmp_path: Path, katex: Path
) -> None:
    lay_out(tmp_path, SITE, katex)
    save(tmp_path, 2)
    assert run(tmp_path, "mkdocs", "build", "--strict").code == 0
    assert attacked[0].site() == tree(tmp_path / "site")
    again = run(attacked[0].root, "mkdocs", "build", "--strict")
    assert " ran snippets" not in again.said
    assert again.site() == tree(tmp_path / "site")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Callable[..., None]]:
    """Lays a small disk of its own over a folder, or makes that disk read-only."""
    mounted: list[Path] = []

    def mount(folder: Path, *options: str) -> None:
        command = ["mount", "-t", "tmpfs", "-o", ",".join(options), "tmpfs", str(folder)]
        if os.geteuid() or subprocess.run(command, capture_output=True).returncode:
            pytest.skip("this user may not mount a disk")
        if folder not in mounted:
            mounted.append(folder)

    yield mount
    for folder in mounted:
        subprocess.run(["umount", str(folder)], check=True)


SMALL = Build("small", "", (Fault("m", "", code="print(1)"),))


def is_right(result: Result, value: int) -> None:
    assert result.code == 0, result.said
    shown = [e.get_text() for e in result.page("m").select(".cell-output")]
    assert shown == [f"{value}\n"]


def test_a_full_disk_under_the_cache_costs_runs_only(
    tmp_path: Path, katex: Path, disk: Callable[..., None]
) -> None:
    lay_out(tmp_path, SMALL, katex)
    cache = tmp_path / ".cache/livenotes"
    disk(cache, "size=64k")
    (cache / katex.name).symlink_to(katex)
    with pytest.raises(OSError, match="space"):
        (cache / "filling").write_bytes(b"x" * 100_000)
    for value in (1, 2):
        write(tmp_path, "snippets/m.py", Fault("m", "", code=f"print({value})").module_text())
        is_right(run(tmp_path, "mkdocs", "build"), value)


def test_a_read_only_cache_costs_runs_only(
    tmp_path: Path, katex: Path, disk: Callable[..., None]
) -> None:
    lay_out(tmp_path, SMALL, katex)
    cache = tmp_path / ".cache/livenotes"
    disk(cache, "size=10m")
    (cache / katex.name).symlink_to(katex)
    is_right(run(tmp_path, "mkdocs", "build"), 1)
    disk(cache, "remount", "ro")
    write(tmp_path, "snippets/m.py", Fault("m", "", code="print(2)").module_text())
    is_right(run(tmp_path, "mkdocs", "build"), 2)
    assert "will run: snippets/m.py changed" in run(tmp_path, "livenotes.cli", "why").said


def test_a_full_disk_under_the_site_leaves_the_old_site(
    tmp_path: Path, katex: Path, disk: Callable[..., None]
) -> None:
    lay_out(tmp_path, SMALL, katex)
    (tmp_path / "public").mkdir()
    disk(tmp_path / "public", "size=400k")
    (tmp_path / "public/site").mkdir()
    (tmp_path / "public/site/index.html").write_text("old")
    result = run(tmp_path, "mkdocs", "build", "-d", "public/site")
    assert result.code != 0
    assert "No space left on device" in result.said
    assert "Traceback" not in result.said
    assert [p.name for p in (tmp_path / "public").iterdir()] == ["site"]
    assert tree(tmp_path / "public") == {"site/index.html": b"old"}


@pytest.mark.slow
def test_two_builds_at_once_on_one_cache_are_both_right(tmp_path: Path, katex: Path) -> None:
    lay_out(tmp_path, SITE, katex)
    save(tmp_path, 3)
    command = [sys.executable, "-m", "mkdocs", "build", "--strict"]
    builds = [
        subprocess.Popen(
            command, cwd=tmp_path, env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
        )
        for _ in range(2)
    ]  # fmt: skip
    said = [build.communicate(timeout=300)[0] for build in builds]
    assert [build.returncode for build in builds] == [0, 0], "\n".join(said)
    result = Result(tmp_path, 0, "")
    for fault in FAULTS:
        shown = [e.get_text() for e in result.page(fault.name).select(".cell-output")]
        assert shown == [f"3 3 {fault.name}\n"]
    assert not list(tmp_path.glob(".site*"))
    all_gone(tmp_path)
