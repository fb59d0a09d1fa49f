"""Runs MkDocs and livenotes on small sites: in this process, or as their command lines."""

from __future__ import annotations

import atexit
import fcntl
import io
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from functools import cache
from pathlib import Path
from textwrap import dedent
from typing import Literal

import mkdocs.__main__
import mkdocs.commands.build
import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import MkDocsException

from livenotes import cli
from livenotes.core import store
from livenotes.rendering.node.install import install

os.environ.setdefault("NO_MKDOCS_2_WARNING", "1")
ROOT = Path(__file__).parents[1]


def run(root: Path, *words: str, **environment: str) -> tuple[int, str]:
    """Runs `mkdocs …` or `livenotes.cli …` in a folder, in this process, which saves the start of
    Python and of a fork server. Returns the exit code and all that was printed."""
    output = io.StringIO()
    program, *arguments = words
    with (
        chdir(root),
        _environment(environment),
        _logging_restored(),
        warnings.catch_warnings(),
        redirect_stdout(output),
        redirect_stderr(output),
    ):
        warnings.resetwarnings()  # pytest turns them into errors
        warnings.simplefilter("ignore")
        MkDocsConfig.plugins.plugin_cache.clear()  # each build its own plugins
        try:
            code = _programs[program](arguments)
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1 if end.code else 0
    return code, output.getvalue()


def run_alone(root: Path, *words: str, **environment: str) -> tuple[int, str]:
    """Runs a module's command line in a process of its own; exit code and output."""
    done = subprocess.run(
        [sys.executable, "-m", *words], cwd=root, check=False, timeout=300,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"} | environment,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
    )  # fmt: skip
    return done.returncode, done.stdout


def _mkdocs(arguments: list[str]) -> int:
    mkdocs.__main__.cli.main(arguments, prog_name="mkdocs")
    return 0


_programs = {"mkdocs": _mkdocs, "livenotes.cli": cli.main}


@contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"NO_MKDOCS_2_WARNING": "1", **variables}.items():
            patch.setenv(name, value)
        yield


@contextmanager
def _logging_restored() -> Iterator[None]:
    """MkDocs adds a handler for each command, and a filter that drops what was logged before."""
    loggers = [logging.getLogger("mkdocs"), mkdocs.commands.build.log]
    before = [(logger, logger.handlers[:], logger.filters[:]) for logger in loggers]
    try:
        yield
    finally:
        for logger, handlers, filters in before:
            logger.handlers[:], logger.filters[:] = handlers, filters


def write(root: Path, files: Mapping[str, str]) -> None:
    """Writes files: path -> text, dedented."""
    for name, text in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text).lstrip("\n"), "utf-8")


class _Messages(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


def build_site(
    root: Path, command: Literal["build", "serve"] = "build", strict: bool = True
) -> list[str]:
    """Builds the site of a folder with plugins of its own. Returns the warnings and errors, the
    last of which ended the build if it failed."""
    known, MkDocsConfig.plugins.plugin_cache = MkDocsConfig.plugins.plugin_cache, {}
    log, said = logging.getLogger("mkdocs"), _Messages()
    log.addHandler(said)
    logging.getLogger("livenotes").addHandler(said)
    try:
        config = load_config(str(root / "mkdocs.yml"), strict=strict)
        config.plugins.on_startup(command=command, dirty=False)
        try:
            build(config, serve_url="http://127.0.0.1:8000/" if command == "serve" else None)
        except (MkDocsException, SystemExit) as error:
            said.lines.append(str(error))
        finally:
            config.plugins.on_shutdown()
    finally:
        MkDocsConfig.plugins.plugin_cache = known
        log.removeHandler(said)
        logging.getLogger("livenotes").removeHandler(said)
    return said.lines


def real_site(
    temporary: pytest.TempPathFactory, name: str, *options: str, **environment: str
) -> Path:
    """The site of this repository, built by the command line once for all workers of pytest."""
    base = temporary.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    folder, log = base / name, base / f"{name}.log"
    with open(base / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not log.exists():
            command = ("mkdocs", "build", *options, "-d", str(folder))
            code, output = run_alone(ROOT, *command, **environment)
            log.write_text(f"exit code {code}\n{output}", "utf-8")
    if not (told := log.read_text("utf-8")).startswith("exit code 0\n"):
        pytest.fail(f"the site does not build:\n{told}", pytrace=False)
    return folder


@cache
def katex() -> Path:
    """The folder with KaTeX, installed once."""
    return install(ROOT / ".cache/livenotes").parents[1]


@cache
def _store() -> Path:
    folder = tempfile.mkdtemp(prefix="livenotes-tests-")
    atexit.register(shutil.rmtree, folder)
    return Path(folder, store.FILE)


def prepare(root: Path) -> None:
    """Gives a new site KaTeX, and formulas and fonts that earlier sites have made."""
    cache_dir = root / ".cache/livenotes"
    cache_dir.mkdir(parents=True, exist_ok=True)
    for target in (katex(), _store()):
        if not os.path.lexists(cache_dir / target.name):
            (cache_dir / target.name).symlink_to(target)


def tree(folder: Path) -> dict[str, bytes]:
    """Every file of a folder, by its path in it."""
    files = [file for file in sorted(folder.rglob("*")) if file.is_file()]
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}
