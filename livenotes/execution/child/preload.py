"""Imports, in the fork server, what modules need, once for all forks.

Only the fork server imports this module. If a package fails here or never ends, only this server
is lost: the module that needs the package then fails alone.
"""

from __future__ import annotations

import faulthandler
import gc
import importlib
import io
import os
import sys
from contextlib import suppress

from livenotes.execution.child.distributions import read_installed
from livenotes.execution.child.shell import start_shell


def preload(names: list[str], seconds: float) -> None:
    """Imports packages. Ends the process after `seconds`, even if an import hangs inside C."""
    with open(os.devnull, "w", encoding="utf-8") as devnull:
        faulthandler.dump_traceback_later(seconds, exit=True, file=devnull)
        for name in names:
            with suppress(BaseException):
                importlib.import_module(name)
        with suppress(BaseException):
            warm_matplotlib()
        faulthandler.cancel_dump_traceback_later()


def warm_matplotlib() -> None:
    """Has matplotlib find its fonts and build its grammar of formulas, which takes 0.2 s."""
    if "matplotlib.pyplot" in sys.modules:
        figure = importlib.import_module("matplotlib.figure").Figure(layout="constrained")
        figure.subplots().set_title("$x^{2}$")
        figure.savefig(io.BytesIO(), format="svg", bbox_inches="tight")


if "LIVENOTES_PRELOAD" in os.environ:
    gc.disable()  # nothing that is imported here is garbage
    start_shell()
    read_installed()
    preload(os.environ.pop("LIVENOTES_PRELOAD").split(), float(os.environ.pop("LIVENOTES_LIMIT")))
    gc.freeze()  # no child's collections visit what was imported
    gc.enable()
