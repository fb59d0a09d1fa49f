"""Finds text in outputs that would be different on another machine."""

from __future__ import annotations

import getpass
import re
import socket
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from livenotes.core.percent import Module
from livenotes.core.problems import Problem
from livenotes.execution.outputs import Output, plain_text

# The child's names of its machine and its user. The real ones may be ordinary words.
MACHINE, USER = "livenotes-machine", "livenotes-user"

# What an address belongs to, and what to write instead.
_ADDRESSES = (
    (r"<matplotlib\.|Container object|<Figure|<Axes|<sympy\.plotting",
     "End the line with ; so that only the plot is shown."),
    (r"<generator|<map |<filter |<zip |iterator", "Show its items: list(...)."),
    (r"GroupBy", "Show what comes of the groups, such as their means: grouped.mean()."),
    (r"<function|<bound method", "Call it, or show its name: function.__name__."),
    ("", "Print what identifies the object, or give its class a __repr__."),
)  # fmt: skip
SHOW_HTML = 'Show its HTML: write tags=["html"] after the cell\'s name.'
_PATTERNS = (
    (r"\bat 0x[0-9a-fA-F]{6,}", "an address in memory", ""),
    (r"\b\d+\.\d+\.\d+\+(?:cpu|cu\d+|rocm[\d.]+|xpu)\b", "a local version suffix",
     "Print it without what follows the plus sign: version.partition('+')[0]."),
    (r"\b(?:cuda|mps|xpu):\d\b|device='(?:cuda|mps|xpu)[^']*'", "a device's name",
     "Keep tensors on the CPU in published cells."),
    (re.escape(MACHINE), "this machine's name", "Leave it out."),
    (re.escape(USER), "this user's name", "Leave it out."),
)  # fmt: skip


def machine_text(
    module: Module, outputs: Mapping[str, Iterable[Output]], root: Path
) -> list[Problem]:
    """Returns a problem for each cell whose output shows something of this machine."""
    problems = []
    patterns = [*_PATTERNS, *_machine_patterns(root)]
    for cell in module.cells:
        for text, is_table in _texts(outputs.get(cell.name, ())):
            for pattern, what, hint in patterns:
                if match := re.search(pattern, text):
                    problems.append(
                        Problem(
                            module.path,
                            cell.first_line,
                            f"shows {what}, different on each machine or run: {match[0]}",
                            cell.name,
                            hint
                            or (SHOW_HTML if is_table else _hint_for_address(text, match.start())),
                        )
                    )
    first = {(p.cell, p.message.partition(",")[0]): p for p in reversed(problems)}
    return list(reversed(first.values()))  # one of each kind per cell


def _hint_for_address(text: str, place: int) -> str:
    line = text[text.rfind("\n", 0, place) + 1 : place]
    return next(hint for pattern, hint in _ADDRESSES if re.search(pattern, line))


def _texts(outputs: Iterable[Output]) -> Iterator[tuple[str, bool]]:
    """Yields the texts of outputs, each with whether it stands for HTML."""
    for output in outputs:
        if "data" not in output:
            yield plain_text(output), False
        for mime, value in output.get("data", {}).items():
            if mime.startswith("text/"):
                yield str(value), mime == "text/plain" and "text/html" in output["data"]


@cache
def _machine_patterns(root: Path) -> tuple[tuple[str, str, str], ...]:
    paths = {str(root), str(Path.home()), sys.prefix, sys.base_prefix, tempfile.gettempdir()}
    found = [
        (
            re.escape(path) + r"(?![\w.-])",
            "a path of this machine",
            "Print the file's name alone: path.name.",
        )
        for path in sorted(paths, key=len, reverse=True)
        if len(path) > 3
    ]
    names = {socket.gethostname(): "this machine's name", _user(): "this user's name"}
    for name, what in names.items():
        if len(name) > 7 and name != "localhost":  # a shorter one may be an ordinary word
            found.append((rf"\b{re.escape(name)}\b", what, "Leave it out."))
    return tuple(found)


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a user id without a name
        return ""
