"""Processes that a test may have left."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import psutil


def processes(mark: str) -> list[int]:
    """Processes, other than this one, whose command line or working folder holds this text."""
    found = []
    for process in psutil.process_iter(["cmdline", "cwd", "status"]):
        info = process.info
        text = " ".join(info["cmdline"] or ()) + (info["cwd"] or "")
        ended = info["status"] in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
        if mark in text and not ended and process.pid != os.getpid():
            found.append(process.pid)
    return found


def is_running(pid: int) -> bool:
    """Is there such a process, and not only what is left of it?"""
    try:
        return psutil.Process(pid).status() not in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
    except psutil.NoSuchProcess:
        return False


def until(condition: Callable[[], object], seconds: float = 30) -> None:
    """Waits until the condition holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.05)
