"""Converts notebooks to pages beside a build: in mkdocs-jupyter's way, into its cache.

`python -m livenotes.site.viewworker SETTINGS PID` reads names of notebooks, each a line of JSON. A
view takes a second, so a build that runs many modules has other processes make them meanwhile.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from itertools import cycle
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from livenotes.core.files import own_prefix, remove_abandoned


class ViewWorkers:
    """Processes that convert notebooks. `settings` are those of mkdocs-jupyter.

    What they cannot do is left to mkdocs-jupyter itself, which tells what is wrong.
    """

    def __init__(self, settings: Mapping[str, Any], count: int) -> None:
        given = json.dumps(dict(settings), default=str), str(os.getpid())
        command = [sys.executable, "-P", "-m", __name__, *given]
        self._processes = [
            subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL, text=True,
            )
            for _ in range(count)
        ]  # fmt: skip
        self._next = cycle(self._processes)

    def convert(self, notebook: Path) -> None:
        """Begins to convert a notebook."""
        with suppress(OSError):  # the process has ended
            stream = next(self._next).stdin
            assert stream
            stream.write(f"{json.dumps(str(notebook))}\n")  # ASCII, whatever its name
            stream.flush()

    def finish(self) -> None:
        """Waits for all that was begun."""
        for process in self._processes:
            with suppress(OSError):
                process.communicate()


def _convert(settings: dict[str, Any], notebook: str) -> None:
    """Converts a notebook with what mkdocs-jupyter does at MkDocs' events, and moves what it leaves
    in its cache to the build's: a process that is killed leaves no half of a page there."""
    from mkdocs_jupyter.plugin import Plugin  # type: ignore[import-untyped]

    place = Path(settings["cache_dir"])
    place.mkdir(parents=True, exist_ok=True)
    remove_abandoned(place)
    with tempfile.TemporaryDirectory(prefix=own_prefix(), dir=place) as folder:
        plugin: Any = Plugin()
        plugin.config = settings | {"cache_dir": folder}
        plugin.on_pre_build(None)
        file = SimpleNamespace(abs_src_path=notebook, src_path=notebook)
        page: Any = SimpleNamespace(file=file, abs_url="")
        plugin.on_pre_page(page, None, None)
        page.render(None, None)
        for made in Path(folder).iterdir():
            os.replace(made, place / made.name)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the build ends, and with it the input
    for line in sys.stdin:
        if os.getppid() != int(sys.argv[2]):  # the build was killed: nobody wants the rest
            break
        with suppress(Exception):  # the build tells what is wrong
            _convert(json.loads(sys.argv[1]), json.loads(line))
