"""Builds that are killed at random moments: the site stays whole, and the next build is right."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from .cases import Build, Fault
from .conftest import Result, all_gone, lay_out, run, tree, write

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)
SEED = int(os.environ.get("FAULTS_SEED", "20261123"))
CHAPTERS = tuple(Fault(f"chapter-{n}", "", code="print(0)") for n in range(3))
CODE = "import time\ntime.sleep(0.1)\nprint('value', {value}, 'of {name}')"


def save(root: Path, value: int) -> None:
    """All modules and all pages say another value."""
    for fault in CHAPTERS:
        code = CODE.format(value=value, name=fault.name)
        write(root, f"snippets/{fault.stem}.py", Fault(fault.name, "", code=code).module_text())
        for language in ("zh", "en"):
            text = f"{fault.page_text()}\nPage {value}, $x_{{{value}}}$.\n"
            write(root, f"docs/{language}/{fault.name}.md", text)


def start(root: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "mkdocs", "build", "--strict"], cwd=root, start_new_session=True,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        # A shell has its background jobs, these tests say, ignore SIGINT, and so their children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip


def leftovers(root: Path) -> list[str]:
    """Everything that only a killed build can have left."""
    cache = root / ".cache/livenotes"
    found = [p for p in root.iterdir() if p.name.startswith(".site")]
    found += (cache / "runs").iterdir() if (cache / "runs").is_dir() else []
    found += [p for p in cache.glob("*/.*") if p.parent.name == "outputs"]
    found += [p for p in cache.iterdir() if p.name[0] == "." or p.name.count("-") > 1]
    return [str(p.relative_to(root)) for p in found]


def kill_one(root: Path, chance: random.Random, value: int, seconds: float, katex: Path) -> str:
    """Kill one build, then build once more; in a word, when it was killed."""
    save(root, value)
    if chance.random() < 0.3:  # a first build, with nothing remembered
        shutil.rmtree(root / ".cache/livenotes")
        (root / ".cache/livenotes").mkdir()
        if chance.random() < 0.7:
            (root / ".cache/livenotes" / katex.name).symlink_to(katex)
    before = tree(root / "site")
    what, whole_group = chance.choice(SIGNALS), chance.random() < 0.5
    delay = chance.uniform(0, seconds * 1.1)
    process = start(root)
    time.sleep(delay)
    if process.poll() is None:
        (os.killpg if whole_group else os.kill)(process.pid, what)
    process.wait(30)
    told = f"value {value}: {what.name} after {delay:.3f} s"
    now = tree(root / "site")
    all_gone(root)

    result = run(root, "mkdocs", "build", "--strict")
    assert result.code == 0, f"{told}:\n{result.said}"
    after = tree(root / "site")
    assert now in (before, after), f"{told}: the site was neither the old nor the new one"
    is_right(result, value)
    assert leftovers(root) == [], told
    return "before" if now == before else "after"


def is_right(result: Result, value: int) -> None:
    for fault in CHAPTERS:
        for language in ("zh", "en"):
            page = result.page(fault.name, language)
            outputs = [e.get_text() for e in page.select(".cell-output")]
            assert outputs == [f"value {value} of {fault.name}\n"]
            assert f"Page {value}," in page.get_text()


def kill_many(root: Path, katex: Path, count: int) -> None:
    lay_out(root, Build("kills", "", CHAPTERS), katex)
    save(root, 0)
    assert run(root, "mkdocs", "build").code == 0
    save(root, -1)
    began = time.monotonic()
    assert run(root, "mkdocs", "build").code == 0
    seconds = time.monotonic() - began
    chance = random.Random(SEED)
    for value in range(1, count + 1):
        kill_one(root, chance, value, seconds, katex)
    clean = root.parent / "clean"
    lay_out(clean, Build("kills", "", CHAPTERS), katex)
    save(clean, count)
    assert run(clean, "mkdocs", "build").code == 0
    assert tree(clean / "site") == tree(root / "site")


@pytest.mark.slow
def test_a_killed_build_leaves_the_old_site_or_the_new_one(tmp_path: Path, katex: Path) -> None:
    kill_many(tmp_path / "site", katex, 3)


@pytest.mark.soak
def test_fifty_killed_builds_are_each_followed_by_a_right_one(tmp_path: Path, katex: Path) -> None:
    kill_many(tmp_path / "site", katex, 50)


def test_an_endless_cell_does_not_keep_a_stopped_build(tmp_path: Path, katex: Path) -> None:
    """Ctrl-C ends a build at once, not when the cell's time is over."""
    endless = Fault("endless", "", code="while True: pass")
    lay_out(tmp_path, Build("stopped", "", (endless,), options="timeout: 250"), katex)
    process = start(tmp_path)
    end = time.monotonic() + 60
    while not list(tmp_path.glob(".cache/livenotes/runs/*/faults")):
        assert time.monotonic() < end
        time.sleep(0.05)
    time.sleep(0.3)
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(60) != 0, "it must end long before the cell's 250 s are over"
    all_gone(tmp_path)
    assert leftovers(tmp_path) == []
