"""A module runs alone, whole, and within limits; whatever goes wrong is told with its line."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from processes import processes, until

from livenotes.core.project import Project
from livenotes.execution import supervisor
from livenotes.execution.outputs import Failure, Outputs, stdout
from livenotes.execution.runs import Runs

Run = Callable[..., Outputs]
Fail = Callable[..., str]


def printed(outputs: Outputs, cell: str) -> str:
    return stdout(outputs.cells[cell])


def test_a_cell_sees_neither_mkdocs_nor_the_callers_script(run_cells: Run) -> None:
    outputs = run_cells(
        "# %% a\nimport sys\nprint([m for m in sys.modules if m.startswith(('mkdocs', 'pytest'))])"
    )
    assert printed(outputs, "a") == "[]\n"


def test_modules_do_not_see_each_other(make_project: Callable[..., object]) -> None:
    dirty = """
        # %% change
        import builtins, os, sys, random
        builtins.leaked = 1
        os.environ["LEAKED"] = "1"
        sys.path.append("leaked")
        os.chdir("/")
        random.seed(1)
        print = None
    """
    clean = """
        # %% look
        import builtins, os, sys
        print(hasattr(builtins, "leaked"), "LEAKED" in os.environ, "leaked" in sys.path)
        print(os.path.basename(os.getcwd()))
    """
    project = make_project({"snippets/a.py": dirty, "snippets/b.py": clean})
    book = Runs(project)  # type: ignore[arg-type]
    book.execute(["a", "b"])
    outcome = book.outcome("b")
    assert isinstance(outcome, Outputs)
    assert printed(outcome, "look") == "False False False\nsnippets\n"


@pytest.mark.parametrize(
    ("code", "line", "words"),
    [
        ("x = 1\n1 / 0", 3, ["ZeroDivisionError: division by zero", "1 / 0"]),
        ("import helper\nhelper.f()", 3, ["KeyError: 'k'", "snippets/helper.py:3", "helper.f()"]),
        ("return 1", 2, ["SyntaxError: 'return' outside function"]),
    ],
)
def test_a_failure_names_line_cell_and_cause(
    code: str, line: int, words: list[str], fail_cells: Fail
) -> None:
    helper = "def f():\n    d = {}\n    return d['k']\n"
    message = fail_cells(f"# %% bad-cell\n{code}\n", {"snippets/helper.py": helper})
    assert f"snippets/m.py:{line}: cell 'bad-cell': " in message
    for word in words:
        assert word in message
    assert "Traceback" not in message
    assert "livenotes/" not in message


def test_an_exception_that_cannot_be_printed_is_told_once(fail_cells: Fail) -> None:
    message = fail_cells(
        "# %% a\nclass E(Exception):\n    def __str__(self):\n        raise ValueError\n\nraise E\n"
    )
    assert message.count("cell 'a'") == 1
    assert "<exception str() failed>" in message


def test_who_ends_the_fork_server_fails_alone(make_project: Callable[..., object]) -> None:
    """In C code, where no hook sees it. Modules that ran beside it run again."""
    files = {
        "snippets/guilty.py": "# %% a\nimport ctypes, os, time\ntime.sleep(0.3)\n"
        "ctypes.CDLL(None).kill(os.getppid(), 9)\ntime.sleep(5)\n",
        "snippets/innocent.py": "# %% a\nimport time\nprint('once')\ntime.sleep(0.6)\n",
    }
    book = Runs(make_project(files, workers=2))  # type: ignore[arg-type]
    book.execute(["guilty", "innocent"])
    guilty, innocent = book.outcome("guilty"), book.outcome("innocent")
    assert isinstance(guilty, Failure)
    assert isinstance(innocent, Outputs), innocent.problems
    assert [o["text"] for o in innocent.cells["a"]] == ["once\n"]


def test_warnings_are_kept_with_their_line(run_cells: Run) -> None:
    outputs = run_cells("# %% old\nimport warnings\nwarnings.warn('soon gone', FutureWarning)\n")
    (warning,) = outputs.warnings
    assert str(warning) == "snippets/m.py:3: cell 'old': FutureWarning: soon gone"


def test_text_is_taken_when_the_cell_ends(run_cells: Run) -> None:
    outputs = run_cells("# %% a\nx = [1]\nx\n\n# %% b\nx.append(2)\n")
    assert outputs.cells["a"][0]["data"]["text/plain"] == "[1]"


def test_figures_are_the_same_to_the_byte(run_cells: Run, make_project: Run) -> None:
    text = "# %% f\nimport matplotlib.pyplot as plt\nplt.plot([1, 3, 2], label='a')\nplt.show()\n"
    first = run_cells(text).cells
    project = make_project({"snippets/m.py": text})
    book = Runs(project)  # type: ignore[arg-type]
    book.execute(["m"], fresh=True)
    again = book.outcome("m")
    assert isinstance(again, Outputs)
    assert first == again.cells


def test_a_forked_worker_still_works(run_cells: Run) -> None:
    outputs = run_cells(
        """
        # %% pool
        from multiprocessing import get_context


        def double(x):
            return 2 * x


        with get_context("fork").Pool(2) as pool:
            print(pool.map(double, [1, 2, 3]))
        """
    )
    assert printed(outputs, "pool") == "[2, 4, 6]\n"


def test_what_a_module_started_ends_with_it(run_cells: Run, tmp_path: Path) -> None:
    mark = f"sleep-{os.getpid()}-{time.time_ns()}"
    run_cells(
        f"# %% a\nimport os, time\nif os.fork() == 0:\n    import sys\n"
        f"    code = 'import time; time.sleep(99)'\n"
        f"    os.execv(sys.executable, [sys.executable, '-c', code, '{mark}'])\n"
    )
    time.sleep(0.2)
    assert not processes(mark)


def test_children_end_with_their_parent_even_in_an_endless_loop(tmp_path: Path) -> None:
    (tmp_path / "snippets").mkdir()
    (tmp_path / "snippets" / "m.py").write_text("# %% a\nwhile True:\n    pass\n")
    script = textwrap.dedent(
        """
        from pathlib import Path
        from livenotes.execution.runs import Runs
        from livenotes.core.project import Project
        Runs(Project(Path.cwd())).outcome("m")
        """
    )
    parent = subprocess.Popen([sys.executable, "-c", script], cwd=tmp_path)
    runs = tmp_path / ".cache/livenotes/runs"
    until(lambda: any((folder / "faults").exists() for folder in runs.glob("*")))
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    until(lambda: not processes(str(tmp_path)))


@pytest.mark.slow
@pytest.mark.parametrize("helper", [False, True])
def test_assertions_stay_where_python_is_told_to_drop_them(
    make_project: Callable[..., Project], helper: bool
) -> None:
    """An output that an assertion vouches for must not come from a run without it."""
    project = make_project(
        {
            "mkdocs.yml": "site_name: x\nplugins: [livenotes]\n",
            "docs/index.md": "# T {#t}\n",
            "snippets/m.py": "# %% first\nprint('before')\n\n# %% a\n"
            + ("import h\nx = h.x\n" if helper else "assert False, 'two'\n")
            + "\n# %% last\nx\n",
            "snippets/h.py": "assert False, 'two'\nx = 1\n",
        }
    )
    command = [sys.executable, "-m", "livenotes.cli", "run", "m"]
    environment = os.environ | {"PYTHONOPTIMIZE": "1"}
    done = subprocess.run(
        command, cwd=project.root, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.count("AssertionError: two") == 1
    assert done.stdout == "# %% first\nbefore\n# %% a\n# %% last: not run\n"


def test_a_cell_that_runs_long_is_named_meanwhile(
    make_project: Callable[..., Project], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "_PATIENCE", 0.2)
    said: list[str] = []
    text = "# %% quick\n1\n\n# %% slow\nimport time\ntime.sleep(1)\n"
    outcome = Runs(make_project({"snippets/m.py": text}), said.append).outcome("m")
    assert isinstance(outcome, Outputs)
    words = [line for line in said if "has been running for" in line]
    assert "snippets/m.py: cell 'slow' has been running for" in words[-1]
    assert words[-1].endswith(" s of 60")
