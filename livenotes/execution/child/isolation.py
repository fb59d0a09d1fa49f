"""A child ends with its parent, whatever it is doing, and never the parent by its doing."""

from __future__ import annotations

import ctypes
import os
import signal
import threading
from contextlib import suppress
from multiprocessing.connection import Connection

_ADOPT = 36  # PR_SET_CHILD_SUBREAPER


def end_with_parent(lifeline: Connection) -> None:
    """Be killed, with all that this run started, when the parent's end of the pipe closes.

    The kernel does it on Linux (a signal on hang-up), so that even a loop inside C ends; a
    thread does it elsewhere.
    """
    if hasattr(os, "setsid"):
        os.setsid()
    with suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).prctl(_ADOPT, 1)  # daemons that cells start stay its children
    try:
        import fcntl

        fcntl.fcntl(lifeline.fileno(), fcntl.F_SETOWN, -os.getpgrp())
        fcntl.fcntl(lifeline.fileno(), fcntl.F_SETSIG, signal.SIGKILL)
        flags = fcntl.fcntl(lifeline.fileno(), fcntl.F_GETFL)
        fcntl.fcntl(lifeline.fileno(), fcntl.F_SETFL, flags | os.O_ASYNC)
        if lifeline.poll(0):  # it had closed already
            os._exit(1)
    except (ImportError, AttributeError, OSError):

        def wait() -> None:
            with suppress(EOFError, OSError):
                lifeline.recv_bytes()
            os._exit(1)

        threading.Thread(target=wait, daemon=True).start()


def elders() -> set[int]:
    """What a cell must not kill: the processes above this one, their groups, everything at once."""
    found, pid = {-1, 1}, os.getppid()
    while pid not in found:
        try:
            found |= {pid, os.getpgid(pid)}
            with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
                pid = int(file.read().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            break
    return found
