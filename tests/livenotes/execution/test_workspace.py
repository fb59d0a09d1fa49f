"""What a run writes works, and vanishes; the project stays as it is, whoever writes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from livenotes.core.project import Project
from livenotes.execution.child.workspace import Workspace
from livenotes.execution.outputs import Failure, Outputs, stdout
from livenotes.execution.runs import Runs

FILES = {
    "snippets/data.txt": "data",
    "snippets/inner/deep.txt": "deep",
    "data/table.csv": "1,2",
    "settings.txt": "settings",
}
PROJECT = "a file of the project"


def tree(root: Path) -> dict[str, bytes]:
    files = (path for path in root.rglob("*") if path.is_file() and ".cache" not in path.parts)
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}


def test_new_files_can_be_read_back_and_vanish(make_project: Callable[..., Project]) -> None:
    """In folders of the project too, and written by C code."""
    text = """
        # %% write
        import ctypes, os, pathlib, sqlite3
        libc = ctypes.CDLL(None)
        libc.fopen.restype = ctypes.c_void_p

        def write_by_c(name):
            file = ctypes.c_void_p(libc.fopen(name.encode(), b"w"))
            libc.fputs(b"by C", file)
            libc.fclose(file)

        for folder in (".", "inner", "../data", "..", "new/one", "../other"):
            os.makedirs(folder, exist_ok=True)
            pathlib.Path(folder, "python.txt").write_text("by Python")
            write_by_c(f"{folder}/c.txt")
            with sqlite3.connect(f"{folder}/rows.db") as rows:
                rows.execute("create table numbers (number)")

        # %% read
        for folder in (".", "inner", "../data", "..", "new/one", "../other"):
            print({pathlib.Path(folder, name).read_text() for name in ("python.txt", "c.txt")})
        print(sorted(os.listdir("../data")), open("../data/table.csv").read())
        print(open("inner/deep.txt").read(), open("../settings.txt").read(), os.path.exists("x"))
        os.replace("python.txt", "inner/python.txt")
        os.remove("inner/python.txt")
    """
    project = make_project({**FILES, "snippets/m.py": text})
    before = tree(project.root)
    outcome = Runs(project).outcome("m")
    assert isinstance(outcome, Outputs), outcome.problems
    *written, listed, read = stdout(outcome.cells["read"]).splitlines()
    assert set(written) <= {"{'by Python', 'by C'}", "{'by C', 'by Python'}"}
    assert len(written) == 6
    assert listed == "['c.txt', 'python.txt', 'rows.db', 'table.csv'] 1,2"
    assert read == "deep settings False"
    assert tree(project.root) == before
    assert list((project.root / ".cache/livenotes/runs").iterdir()) == []


def test_what_it_would_write_over_is_an_input(make_project: Callable[..., Project]) -> None:
    text = "# %% a\nopen('new.txt', 'w').write('x')\nprint(open('data.txt').read())\n"
    project = make_project({**FILES, "snippets/m.py": text})
    outcome = Runs(project).outcome("m")
    assert isinstance(outcome, Outputs)
    assert outcome.files.keys() == {"snippets/data.txt", "snippets/new.txt"}
    (project.root / "snippets/new.txt").write_text("the project's")
    assert "new.txt" in Runs(project).why("m")
    assert not isinstance(Runs(project).outcome("m"), Outputs)
    assert (project.root / "snippets/new.txt").read_text() == "the project's"


CHANGES = """
    # %% change
    import ctypes, os, pathlib, shutil
    here = {root!r}
    libc = ctypes.CDLL(None)
    changes = [
        lambda: open("data.txt", "a"),
        lambda: open(here + "/settings.txt", "r+"),
        lambda: open(here + "/snippets/absolute.txt", "w"),
        lambda: os.truncate("../data/table.csv", 0),
        lambda: os.remove("inner/deep.txt"),
        lambda: os.rename("../data", "../moved"),
        lambda: os.replace(pathlib.Path("new.txt").write_text("x") and "new.txt", "one.txt"),
        lambda: os.chmod("two.txt", 0),
        lambda: pathlib.Path("three.txt").touch(),
        lambda: shutil.rmtree("gone"),
        lambda: libc.unlink(b"four.txt"),
        lambda: libc.truncate(b"inner/five.txt", 0),
    ]
    for change in changes:
        try:
            change()
        except OSError:
            pass
"""
CHANGED = (
    "snippets/data.txt", "settings.txt", "snippets/absolute.txt", "data/table.csv",
    "snippets/inner/deep.txt", "data", "snippets/one.txt", "snippets/two.txt",
    "snippets/three.txt", "snippets/gone/six.txt", "snippets/four.txt", "snippets/inner/five.txt",
)  # fmt: skip


def test_a_file_of_the_project_stays_as_it_is(
    fail_cells: Callable[..., str], tmp_path: Path
) -> None:
    names = ["one", "two", "three", "four", "inner/five", "gone/six"]
    files = {**FILES, **{f"snippets/{name}.txt": name for name in names}}
    message = fail_cells(CHANGES.format(root=str(tmp_path)), files)
    assert [name for name in CHANGED if f"changes {name}, {PROJECT}" not in message] == []
    assert message.count(PROJECT) == len(CHANGED)
    assert "by a relative name: it vanishes with the run" in message
    found = tree(tmp_path)
    assert {name: found[name].decode() for name in files} == files
    assert found.keys() == {*files, "snippets/m.py"}


BY_C = """
    # %% a
    import ctypes, os
    libc = ctypes.CDLL(None)
    libc.fopen.restype = ctypes.c_void_p

    def write(name, mode):
        file = ctypes.c_void_p(libc.fopen(name.encode(), mode))
        libc.fputs(b"by C", file)
        libc.fclose(file)

    os.makedirs("../new")
    CHANGE
"""


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ('write("../data/table.csv", b"w")', "data/table.csv"),
        ('write("../settings.txt", b"r+")', "settings.txt"),
        ('write("large.bin", b"a")', "snippets/large.bin"),
        ('libc.truncate(b"inner/large.bin", 3)', "snippets/inner/large.bin"),
        ('write("../data/new.csv", b"w")', ""),
        ('libc.unlink(b"../data/table.csv")', ""),
        ('libc.rename(b"large.bin", b"../data/table.csv")', ""),
        ('write("small.txt", b"w"); libc.rename(b"small.txt", b"large.bin")', ""),
    ],
)
def test_what_c_code_changes_where_files_are_links_is_noticed(
    make_project: Callable[..., Project], change: str, name: str
) -> None:
    """Names in the copy can be removed and renamed: the project's files stay."""
    project = make_project({**FILES, "snippets/m.py": BY_C.replace("CHANGE", change)})
    for folder in ("snippets", "snippets/inner"):
        with open(project.root / folder / "large.bin", "wb") as file:
            file.truncate(9_000_000)
    before = tree(project.root)
    outcome = Runs(project).outcome("m")
    assert isinstance(outcome, Outputs) == (not name)
    changed = {path for path, data in tree(project.root).items() if before[path] != data}
    assert changed == ({name} if name else set())
    if isinstance(outcome, Failure):
        (problem,) = outcome.problems
        assert f"changes {name}, {PROJECT}, which stays changed" in problem.message
        assert "Restore it" in problem.hint


@pytest.mark.parametrize("name", ["docs/en/page.md", "mkdocs.yml", "snippets/other.py"])
def test_a_page_that_is_saved_while_cells_run_is_no_fault(
    run_cells: Callable[..., Outputs], name: str, tmp_path: Path
) -> None:
    """Here by the cell itself, past the watch on what it opens."""
    text = f"""
        # %% a
        import ctypes
        file = {str(tmp_path / name)!r}.encode()
        print(ctypes.CDLL(None).truncate(file, 1))
    """
    outputs = run_cells(text, {**FILES, name: "text of the author"})
    assert stdout(outputs.cells["a"]) == "0\n"


def test_temporary_files_work_wherever_they_are(
    make_project: Callable[..., Project], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = """
        # %% a
        import os, tempfile
        with tempfile.TemporaryDirectory() as folder:
            os.mkdir(os.path.join(folder, "deep"))
            os.chdir(folder)
            open("deep/file.txt", "w").close()
            print(os.listdir())
        print(os.path.exists(folder))
    """
    project = make_project({**FILES, "snippets/m.py": text})
    (project.root / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(project.root / "tmp"))
    runs = Runs(project)
    runs.runner.server.stop()
    try:
        outcome = runs.outcome("m")
    finally:
        runs.runner.server.stop()
    assert isinstance(outcome, Outputs), outcome.problems
    assert stdout(outcome.cells["a"]) == "['deep']\nFalse\n"
    assert not outcome.unrepeatable


def test_processes_that_fail_are_told(fail_cells: Callable[..., str]) -> None:
    message = fail_cells(
        """
        # %% a
        import multiprocessing

        def work(number):
            return 1 / number

        process = multiprocessing.Process(target=work, args=(0,))
        process.start()
        process.join()
        """
    )
    assert "snippets/m.py:2: cell 'a': wrote to standard error: " in message
    assert "ZeroDivisionError: division by zero" in message


def test_a_file_that_the_build_prints_to_is_no_fault(tmp_path: Path) -> None:
    """`mkdocs serve > told.txt` says how long cells have been running."""
    for name in ("root/snippets", "scratch"):
        (tmp_path / name).mkdir(parents=True)
    told, other = (tmp_path / "root" / name for name in ("told.txt", "other.txt"))
    told.touch(), other.touch()
    root = str(tmp_path / "root")
    scratch, told_to = str(tmp_path / "scratch"), (told.stat().st_ino,)
    workspace = Workspace(root, f"{root}/snippets", scratch, told_to)
    workspace.make()
    told.write_text("said"), other.write_text("changed")
    assert workspace.changed() == [(str(other), True)]
