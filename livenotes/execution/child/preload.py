"""What the fork server imports before any fork, once for all modules.

Only the server imports this room. A package that fails here, or never ends, takes nothing with it
but this server: the module that needs it then fails alone.
"""

from __future__ import annotations

import faulthandler
import gc
import importlib
import io
import os
import sys
from contextlib import suppress

from livenotes.execution.child import audit as witness
from livenotes.execution.child.display import start_shell


def preload(names: list[str], seconds: float) -> None:
    """Import packages; the process ends where that takes longer than it may, even inside C."""
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        faulthandler.dump_traceback_later(seconds, exit=True, file=nowhere)
        for name in names:
            with suppress(BaseException):
                importlib.import_module(name)
        with suppress(BaseException):
            draw_once()
        faulthandler.cancel_dump_traceback_later()


def draw_once() -> None:
    """Have matplotlib find its fonts and build its grammar of formulas, 0.2 s, once for all."""
    if "matplotlib.pyplot" in sys.modules:
        figure = importlib.import_module("matplotlib.figure").Figure(layout="constrained")
        figure.subplots().set_title("$x^{2}$")
        figure.savefig(io.BytesIO(), format="svg", bbox_inches="tight")


if "LIVENOTES_PRELOAD" in os.environ:
    gc.disable()  # what is imported here stays
    start_shell()
    witness.warm()
    preload(os.environ.pop("LIVENOTES_PRELOAD").split(), float(os.environ.pop("LIVENOTES_LIMIT")))
    gc.freeze()  # no child walks through all of it again
    gc.enable()
