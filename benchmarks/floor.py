"""The least that isolation can cost: torch imported once, every module run in a fork of that.

Run as a program, with the modules' files: two at a time on two cores. Nothing is shown, saved,
checked or watched. Knows nothing of livenotes.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path


def main(files: list[str]) -> int:
    """Run each file in a child; returns how many failed."""
    import matplotlib.pyplot  # noqa: F401
    import torch  # noqa: F401

    running: set[int] = set()
    failed = 0
    for file in files:
        if len(running) >= (os.cpu_count() or 1):
            failed += _wait(running)
        if not (pid := os.fork()):
            _child(Path(file))
        running.add(pid)
    while running:
        failed += _wait(running)
    return failed


def _child(file: Path) -> None:
    code = 1
    try:
        sys.path.insert(0, str(file.parent))
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        names = {"__name__": "__main__", "__file__": str(file)}
        exec(compile(file.read_text("utf-8"), str(file), "exec"), names)
        code = 0
    finally:
        os._exit(code)


def _wait(running: set[int]) -> bool:
    pid, status = os.wait()
    running.discard(pid)
    return status != 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
