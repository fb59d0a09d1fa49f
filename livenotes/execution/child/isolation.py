"""Separates a run from the machine, from its user, and from the processes above it."""

from __future__ import annotations

import ctypes
import multiprocessing
import multiprocessing.process
import os
import platform
import random
import signal
import socket
import sys
import threading
from contextlib import suppress
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from typing import Any

import psutil

from livenotes.execution.portability import MACHINE

_PR_SET_CHILD_SUBREAPER = 36
# Of the process that imports this: the fork server, which is the first of its program.
_first_process = multiprocessing.current_process()


def exit_with_parent(parent: Connection) -> None:
    """Kills this process and all that it starts when the parent closes its end of the pipe.

    On Linux the kernel sends the signal, so that a loop inside C ends too. Elsewhere a thread
    waits for the end of the pipe.
    """
    if hasattr(os, "setsid"):
        os.setsid()
    with suppress(OSError, AttributeError, TypeError):
        # Daemons that cells start stay descendants of this process, so that the parent finds them.
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)
    try:
        import fcntl

        fcntl.fcntl(parent.fileno(), fcntl.F_SETOWN, -os.getpgrp())
        fcntl.fcntl(parent.fileno(), fcntl.F_SETSIG, signal.SIGKILL)
        flags = fcntl.fcntl(parent.fileno(), fcntl.F_GETFL)
        fcntl.fcntl(parent.fileno(), fcntl.F_SETFL, flags | os.O_ASYNC)
        if parent.poll(0):  # it was closed before the signal was set
            os._exit(1)
    except (ImportError, AttributeError, OSError):

        def wait() -> None:
            with suppress(EOFError, OSError):
                parent.recv_bytes()
            os._exit(1)

        threading.Thread(target=wait, daemon=True).start()


def ancestors() -> set[int]:
    """Returns the process ids that a cell must not kill: the processes above this one and their
    groups. -1, every process at once, is one of them."""
    found = {-1, 1}
    with suppress(psutil.Error):
        for process in psutil.Process().parents():
            found.add(process.pid)
            with suppress(OSError, AttributeError):
                found.add(os.getpgid(process.pid))
    return found - {0}  # 0 means this process's own group


def hide_machine() -> None:
    """Replaces this machine's name by one that `portability` finds in outputs.

    The real name may be too short or too common to search for.
    """
    socket.gethostname = lambda: MACHINE
    if hasattr(os, "uname"):
        system = os.uname()
        renamed = os.uname_result((system[0], MACHINE, *system[2:]))
        os.uname = lambda: renamed
    platform._uname_cache = None  # type: ignore[attr-defined]  # may hold the real name


def be_first_process() -> None:
    """Has `multiprocessing` take this process for the first one of a program, as a kernel is: with
    the usual start method, and with no fork server yet. The build's would start processes that
    know nothing of `__main__`."""
    _first_process.name = "MainProcess"
    multiprocessing.process._current_process = _first_process  # type: ignore[attr-defined]
    multiprocessing.process._parent_process = None  # type: ignore[attr-defined]
    multiprocessing.set_start_method(multiprocessing.get_all_start_methods()[0], force=True)
    server: Any = forkserver._forkserver
    server._forkserver_address = server._forkserver_alive_fd = server._forkserver_pid = None


def seed(number: int) -> None:
    """Seeds all random generators, unless `number` is 0. Outputs must not depend on it."""
    if number:
        random.seed(number)
        if numpy := sys.modules.get("numpy.random"):
            numpy.seed(number)
        if torch := sys.modules.get("torch"):
            torch.manual_seed(number)
