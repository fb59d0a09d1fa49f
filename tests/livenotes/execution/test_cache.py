"""Cached outputs hold exactly as long as everything they were made from."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from livenotes.core.project import Options, Project
from livenotes.execution import cache as cache_room
from livenotes.execution.outputs import Outputs
from livenotes.execution.runs import Runs

FILES = {
    "snippets/m.py": """
        # %% a
        import helper

        # %% b
        print(helper.value, open("data.txt").read())
    """,
    "snippets/helper.py": "value = 1\n",
    "snippets/data.txt": "data",
}
NOTHING = "will not run again"


@pytest.fixture
def project(make_project: Callable[..., Project]) -> Project:
    project = make_project(FILES)
    assert isinstance(Runs(project).outcome("m"), Outputs)
    return project


def why(project: Project) -> str:
    return Runs(Project(project.root)).why("m")


def test_unchanged_inputs_run_nothing(project: Project) -> None:
    said: list[str] = []
    book = Runs(project, said.append)
    assert isinstance(book.outcome("m"), Outputs)
    assert said == []
    assert NOTHING in why(project)


def test_cached_outputs_equal_those_of_the_run(project: Project) -> None:
    book = Runs(project)
    cached = book.outcome("m")
    book.execute(["m"], fresh=True)
    assert cached == book.outcome("m")


@pytest.mark.parametrize(
    ("file", "text", "reason"),
    [
        ("snippets/m.py", "# %% a\nx = 1\n", "snippets/m.py changed"),
        ("snippets/helper.py", "value = 2\n", "snippets/helper.py changed"),
        ("snippets/data.txt", "dato", "snippets/data.txt changed"),
        ("snippets/json.py", "", "json.py is new in snippets/"),
    ],
)
def test_a_changed_input_is_named(file: str, text: str, reason: str, project: Project) -> None:
    (project.root / file).write_text(text)
    assert f"will run: {reason}" in why(project)
    (project.root / file).unlink()
    if original := FILES.get(file):
        from textwrap import dedent

        (project.root / file).write_text(dedent(original).lstrip("\n"))
    assert NOTHING in why(project)


def test_a_changed_option_is_named(project: Project) -> None:
    changed = Project(project.root, Options(max_output=5000))
    assert "will run: options changed" in Runs(changed).why("m")


def test_a_removed_input_is_named(project: Project) -> None:
    (project.root / "snippets/data.txt").unlink()
    assert "will run: snippets/data.txt was removed" in why(project)


def test_a_file_that_was_missed_is_an_input_too(make_project: Callable[..., Project]) -> None:
    text = """
        # %% a
        try:
            print(open("../settings.txt").read())
        except FileNotFoundError:
            print("none")
    """
    project = make_project({"snippets/m.py": text})
    Runs(project).outcome("m")
    (project.root / "settings.txt").write_text("now")
    assert "will run: settings.txt appeared" in why(project)


def test_a_listed_folder_is_an_input(make_project: Callable[..., Project]) -> None:
    text = "# %% a\nimport os\nprint(sorted(os.listdir('../data')))\n"
    project = make_project({"snippets/m.py": text, "data/one.csv": "1"})
    Runs(project).outcome("m")
    (project.root / "data" / "two.csv").touch()
    assert "two.csv is new in data/" in why(project)


MAYBE = """
    # %% a
    import importlib, importlib.util
    try:
        import maybe
    except ImportError:
        pass
    try:
        importlib.import_module("perhaps.inner")
    except ImportError:
        pass
    print(importlib.util.find_spec("possibly"))
"""


@pytest.mark.parametrize(
    ("file", "reruns"),
    [("maybe.py", True), ("perhaps/inner.py", True), ("possibly.py", True), ("csv.py", True),
     ("yaml.py", True), ("other.py", False), ("chapter.py", False), ("notes.txt", False)],
)  # fmt: skip
def test_a_new_file_matters_only_to_modules_that_may_import_it(
    file: str, reruns: bool, make_project: Callable[..., Project]
) -> None:
    project = make_project({"snippets/m.py": MAYBE, "snippets/sub/one.txt": ""})
    Runs(project).outcome("m")
    new = project.snippets / file
    new.parent.mkdir(exist_ok=True)
    new.write_text("# %% a\n1\n")
    assert (f"{file.split('/')[0]} is new in snippets/" in why(project)) == reruns
    assert (NOTHING in why(project)) == (not reruns)
    project = make_project({})
    Runs(project).outcome("m")
    new.unlink()
    if new.parent != project.snippets:
        new.parent.rmdir()
    assert (NOTHING in why(project)) == (not reruns)


PARTS = """
    # %% a
    from pack.inner import value
    import colorsys
    try:
        from pack import missing
    except ImportError:
        pass
    print(value)
"""


@pytest.mark.parametrize(
    "file", ["pack/__init__.py", "pack/missing.py", "pack/missing/__init__.py",
             "colorsys/__init__.py", "pack/inner/__init__.py"],
)  # fmt: skip
def test_a_new_file_inside_of_a_package_is_an_input(
    file: str, make_project: Callable[..., Project]
) -> None:
    """Found by the soak: a package without `__init__.py` was given one, and nothing ran again."""
    files = {"snippets/m.py": PARTS, "snippets/pack/inner.py": "value = 1\n"}
    project = make_project({**files, "snippets/colorsys/note.txt": "no module yet"})
    Runs(project).outcome("m")
    assert NOTHING in why(project)
    new = project.snippets / file
    new.parent.mkdir(exist_ok=True)
    new.write_text("value = 2\n")
    assert "will run: " in why(project)
    new.unlink()
    if not [*new.parent.iterdir()]:
        new.parent.rmdir()
    (project.snippets / "pack/unheard.py").write_text("")
    assert NOTHING in why(project)


def test_a_folder_is_told_from_a_file_of_its_name(make_project: Callable[..., Project]) -> None:
    """Found by the soak: `maybe.py` was a folder at first, which no import finds."""
    project = make_project({"snippets/m.py": MAYBE, "snippets/maybe.py/note.txt": "1"})
    Runs(project).outcome("m")
    assert NOTHING in why(project)
    (project.snippets / "maybe.py/note.txt").unlink()
    (project.snippets / "maybe.py").rmdir()
    (project.snippets / "maybe.py").write_text("value = 1\n")
    assert "maybe.py is new in snippets/" in why(project)


def test_a_quick_edit_of_a_helper_is_never_missed(project: Project) -> None:
    """A .pyc is taken for fresh when size and second are equal: ours must not be."""
    for value in range(3, 9):
        (project.root / "snippets/helper.py").write_text(f"value = {value}\n")
        outcome = Runs(project).outcome("m")
        assert isinstance(outcome, Outputs)
        assert outcome.cells["b"][0]["text"] == f"{value} data\n"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """An installed package `sample`, whose version can be changed."""
    site = tmp_path / "site-packages"
    info = site / "sample-1.dist-info"
    info.mkdir(parents=True)
    (site / "sample.py").write_text("x = 1\n")
    (info / "RECORD").write_text("sample.py,,\n")
    (info / "top_level.txt").write_text("sample\n")

    def install(version: str) -> None:
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: sample\nVersion: {version}\n")

    install("1.0")
    monkeypatch.syspath_prepend(str(site))
    return install


def test_another_version_of_an_imported_package_is_named(
    make_project: Callable[..., Project], package: Callable[[str], None]
) -> None:
    project = make_project({"snippets/m.py": "# %% a\nimport sample\nsample.x\n"})
    book = Runs(project)
    book.runner.server.stop()  # it knows the packages that were there when it started
    outcome = book.outcome("m")
    assert isinstance(outcome, Outputs)
    assert outcome.distributions["sample"] == "1.0"
    assert NOTHING in why(project)
    package("2.0")
    assert "will run: package sample changed: 1.0 -> 2.0" in why(project)
    assert isinstance(book.runner.run([book.module("m")])["m"], Outputs)


def test_another_engine_or_python_is_named(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(cache_room, "engine_digest", lambda: "other")
        assert "livenotes changed" in why(project)
    with monkeypatch.context() as patch:
        patch.setattr(cache_room.platform, "python_version", lambda: "3.99.0")
        assert "python changed: CPython" in why(project)


def test_a_failure_forgets_what_was_there(project: Project) -> None:
    good = (project.root / "snippets/m.py").read_text()
    (project.root / "snippets/m.py").write_text("# %% a\n1 / 0\n")
    Runs(project).outcome("m")
    assert "it has not run yet" in why(project)
    (project.root / "snippets/m.py").write_text(good)
    assert isinstance(Runs(project).outcome("m"), Outputs)


def test_warnings_are_remembered(make_project: Callable[..., Project]) -> None:
    text = "# %% a\nimport warnings\nwarnings.warn('old', FutureWarning)\n"
    project = make_project({"snippets/m.py": text})
    first, second = Runs(project).outcome("m"), Runs(project).outcome("m")
    assert isinstance(first, Outputs)
    assert isinstance(second, Outputs)
    assert first.warnings == second.warnings != ()


def test_a_module_that_starts_programs_runs_each_time(
    make_project: Callable[..., Project],
) -> None:
    text = f"# %% a\nimport subprocess\nsubprocess.check_output([{sys.executable!r}, '-c', ''])\n"
    project = make_project({"snippets/m.py": text})
    assert isinstance(Runs(project).outcome("m"), Outputs)
    assert "will run: it starts other programs" in why(project)


def test_what_comes_and_goes_in_the_temporary_folder_does_not_count(
    make_project: Callable[..., Project],
) -> None:
    text = "# %% a\nimport os, tempfile\n'.' in os.listdir(tempfile.gettempdir())\n"
    project = make_project({"snippets/m.py": text})
    assert isinstance(Runs(project).outcome("m"), Outputs)
    with tempfile.NamedTemporaryFile():
        assert NOTHING in why(project)


def test_livenotes_own_files_are_no_inputs_of_a_run(make_project: Callable[..., Project]) -> None:
    """The digest of the engine covers them, wherever they lie."""
    files = [Path(cache_room.__file__), Path(cache_room.__file__).parents[1] / "cli.py"]
    read = "".join(f"len(open({str(file)!r}).read())\n" for file in files)
    project = make_project({"snippets/m.py": f"# %% a\n{read}open('data.txt').read()\n",
                            "snippets/data.txt": "data"})  # fmt: skip
    outcome = Runs(project).outcome("m")
    assert isinstance(outcome, Outputs)
    assert list(outcome.files) == ["snippets/data.txt"]
