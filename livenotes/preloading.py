"""What the fork server imports before any fork, once for all modules.

Only the server imports this room. A package that fails here, or never ends, takes nothing with it
but this server: the module that needs it then fails alone.
"""

from __future__ import annotations

import faulthandler
import importlib
import os
from contextlib import suppress

from livenotes import witness
from livenotes.showing import start_shell


def preload(names: list[str], seconds: float) -> None:
    """Import packages; the process ends where that takes longer than it may, even inside C."""
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        faulthandler.dump_traceback_later(seconds, exit=True, file=nowhere)
        for name in names:
            with suppress(BaseException):
                importlib.import_module(name)
        faulthandler.cancel_dump_traceback_later()


if "LIVENOTES_PRELOAD" in os.environ:
    start_shell()
    witness.warm()
    preload(os.environ.pop("LIVENOTES_PRELOAD").split(), float(os.environ.pop("LIVENOTES_LIMIT")))
