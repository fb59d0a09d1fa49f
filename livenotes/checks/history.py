"""What git knows of a file: which commit each of its lines comes from."""

from __future__ import annotations

import subprocess
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple


class Line(NamedTuple):
    """A line of a file at HEAD, and the commit that wrote it."""

    text: str
    commit: str
    date: str


def newest_first(paths: Sequence[str], root: Path) -> dict[str, int]:
    """Place of every commit that touched one of the files, 0 for the newest; a commit that is not
    among them (the files had other names then) is older than all. {} without full history."""
    if _git(root, "rev-parse", "--is-shallow-repository").strip() != "false":
        return {}
    commits = _git(root, "log", "--topo-order", "--format=%H", "HEAD", "--", *paths).split()
    order = defaultdict(lambda: len(commits), {c: place for place, c in enumerate(commits)})
    return order if commits else {}


def blame(path: str, root: Path) -> list[Line]:
    """The lines of a file at HEAD; [] where it is not there. Changes of blanks do not count."""
    lines: list[Line] = []
    dates: dict[str, str] = {}
    commit = ""
    output = _git(root, "blame", "-w", "--porcelain", "HEAD", "--", path)
    for line in output.split("\n"):
        if line.startswith("\t"):
            lines.append(Line(line[1:].removesuffix("\r"), commit, dates.get(commit, "")))
        elif line.startswith("committer-time "):
            moment = datetime.fromtimestamp(int(line.split()[1]), UTC)
            dates[commit] = moment.date().isoformat()
        elif len(line.split(" ")[0]) >= 40 and line.split(" ")[0].isalnum():
            commit = line.split(" ")[0]
    return lines


def rewordings(root: Path) -> frozenset[str]:
    """Commits listed in `.git-blame-ignore-revs`, git's custom for changes of form only."""
    file = Path(_git(root, "rev-parse", "--show-toplevel").strip(), ".git-blame-ignore-revs")
    text = file.read_text("utf-8", "replace") if file.is_file() else ""
    return frozenset(line.partition("#")[0].strip() for line in text.splitlines())


def last_changes(folder: Path) -> dict[str, str]:
    """The day of the last commit that touched each file, by its whole path; {} without full
    history."""
    if _git(folder, "rev-parse", "--is-shallow-repository").strip() != "false":
        return {}
    top = _git(folder, "rev-parse", "--show-toplevel").strip()
    days: dict[str, str] = {}
    day = ""
    for line in _git(folder, "log", "--format=%x00%cs", "--name-only", "--", ".").split("\n"):
        if line.startswith("\0"):
            day = line[1:]
        elif line:
            days.setdefault(str(Path(top, line)), day)
    return days


def _git(root: Path, *arguments: str) -> str:
    try:
        command = ["git", "-C", str(root), *arguments]
        done = subprocess.run(command, capture_output=True, check=True, timeout=60)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.decode("utf-8", "replace")
