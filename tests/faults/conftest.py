"""Sites with faults, each built at most once in a test session."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest
import sites
from bs4 import BeautifulSoup
from pages.conftest import with_options
from processes import processes, until
from sites import tree

from livenotes.execution.forkserver import ForkServer

from .cases import COMMANDS, Build

EARLIER = {
    "index.html": b"the good site of an earlier build",
    "assets/a.css": b"of an earlier build",
}


@dataclass(frozen=True)
class Result:
    """What a command did to a site."""

    root: Path
    code: int
    said: str

    @cached_property
    def messages(self) -> list[str]:
        """Each problem that was reported, with its further lines."""
        text = re.sub(r"(?m)^(?:(?:ERROR|WARNING) +-  |Error: )", "\0", self.said)
        text = re.sub(r"(?m)^(?=\S+?:\d+: |\S+\.(?:py|toml|json|md): )", "\0", text)
        text = re.sub(r"(?m)^(?=INFO +-  |Aborted|\[\d+/\d+\] )", "\1\n", text)
        return [part.split("\1")[0].strip() for part in text.split("\0")[1:] if part.strip("\0\n")]

    def site(self) -> dict[str, bytes]:
        return tree(self.root / "site")

    def page(self, name: str, language: str = "en") -> BeautifulSoup:
        html = (self.root / "site" / language / name / "index.html").read_text("utf-8")
        return BeautifulSoup(html, "html5lib")


def write(root: Path, name: str, text: str | bytes) -> None:
    file = root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())


@pytest.fixture(scope="session")
def katex() -> Path:
    """KaTeX, installed once for all sites."""
    return sites.katex()


def lay_out(root: Path, build: Build, katex: Path) -> None:
    """Write a build's site into an empty folder."""
    write(root, "mkdocs.yml", f"{with_options(build.options).lstrip()}{build.mkdocs}")
    write(root, "docs/index.md", "# Start {#start}\n")
    for fault in build.faults:
        write(root, f"snippets/{fault.stem}.py", fault.module_text().encode(fault.encoding))
        for language in ("zh", "en"):
            write(root, f"docs/{language}/{fault.name}.md", fault.page_text())
    for name, text in build.files.items():
        write(root, name, text)
    for name, data in EARLIER.items():
        write(root, f"site/{name}", data)
    (root / ".cache/livenotes").mkdir(parents=True)
    if build.katex:
        (root / ".cache/livenotes" / katex.name).symlink_to(katex)
    if build.wreck:
        build.wreck(root)


def run(root: Path, *words: str, **environment: str) -> Result:
    """Run a Python module's command line in a folder, in a process of its own."""
    return Result(root, *sites.run_alone(root, *words, **environment))


def needs_its_own_process(build: Build) -> bool:
    """Its cells attack the processes of the build, or it needs another environment."""
    return bool(build.environment) or build.name in ("cells", "endless") or build.command == "twice"


@pytest.fixture(scope="session")
def result_of(tmp_path_factory: pytest.TempPathFactory, katex: Path) -> Callable[[Build], Result]:
    """Runs a build's command, or gives what it did before."""
    results: dict[str, Result] = {}
    # Started here: the fork server's own folder must be none of those that must be left.
    ForkServer(tmp_path_factory.mktemp("server")).ensure_running([])

    def get(build: Build) -> Result:
        if build.name not in results:
            root = tmp_path_factory.mktemp(build.name)
            lay_out(root, build, katex)
            command = sites.run_alone if needs_its_own_process(build) else sites.run
            done = command(root, *COMMANDS[build.command], **build.environment)
            results[build.name] = Result(root, *done)
        return results[build.name]

    return get


def all_gone(root: Path, seconds: float = 30) -> None:
    """Wait until no process works in this folder any more."""
    until(lambda: not processes(str(root)), seconds)
