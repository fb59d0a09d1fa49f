"""What a cell finds around it is the same on every machine, or is known where it is shown.

Lives in the child process.
"""

from __future__ import annotations

import os
import platform
import random
import socket
import sys

from livenotes.execution.portability import MACHINE


def hide_machine() -> None:
    """Give this machine a name that is found where a cell shows it, however short the real one."""
    socket.gethostname = lambda: MACHINE
    if hasattr(os, "uname"):
        system = os.uname()
        made_up = os.uname_result((system[0], MACHINE, *system[2:]))
        os.uname = lambda: made_up
    platform._uname_cache = None  # type: ignore[attr-defined]  # what it had asked before


def seed(number: int) -> None:
    """Start all random generators elsewhere: no published output may depend on where they start."""
    if number:
        random.seed(number)
        if numpy := sys.modules.get("numpy.random"):
            numpy.seed(number)
        if torch := sys.modules.get("torch"):
            torch.manual_seed(number)
