"""The commands of `livenotes` that take more than a few lines; `livenotes.cli` lists them all."""

from __future__ import annotations

import sys


def say(line: str) -> None:
    """Tells the user something that is no result of the command."""
    print(line, file=sys.stderr)
