"""What a cell shows, caught on its way out: IPython's displays, figures, standard output.

Lives in the child process; IPython decides what is shown, as it does in a notebook's kernel.
"""

from __future__ import annotations

import base64
import io
import json
import os
import tempfile
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from IPython.core import pylabtools
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from livenotes.execution.child.frames import every_frame

# Figures are SVG without a date, so that the same cell gives the same bytes.
_SHELL = Config()
_SHELL.HistoryManager.enabled = False
_SHELL.InlineBackend.figure_formats = {"svg"}
_SHELL.InlineBackend.print_figure_kwargs = {
    "bbox_inches": "tight",
    "metadata": {"Date": None, "Creator": None},
}


_print_figure: Any = pylabtools.print_figure


LATE = "a thread prints after the cell that started it has ended; wait for it there: join()"


class TooMuchOutput(Exception):
    """A cell printed more than a page can take."""


class Recorder(Protocol):
    """Who takes what is shown."""

    def take_display(self, data: Any) -> None: ...

    def refuse(self, message: str) -> None: ...


class Stdout(io.TextIOWrapper):
    """Standard output that stops a cell which prints too much.

    `late` holds the threads whose cells have ended: where their text lands would be chance.
    """

    def __init__(self, limit: int, refuse: Callable[[str], None]) -> None:
        super().__init__(io.FileIO(1, "wb", closefd=False), "utf-8", "replace", write_through=True)
        self.limit = limit
        self.room = limit
        self.refuse = refuse
        self.late: set[threading.Thread] = set()

    def write(self, text: str) -> int:
        if self.late and threading.current_thread() in self.late:
            self.refuse(LATE)
        self.room -= len(text)
        if self.room < 0:
            message = f"this cell prints more than {self.limit:,} characters"
            self.refuse(message)
            raise TooMuchOutput(message)
        return super().write(text)


class Publisher(DisplayPublisher):
    """Takes what display() and matplotlib show."""

    recorder: Recorder

    def publish(
        self,
        data: Any,
        metadata: Any = None,
        source: Any = None,
        *,
        transient: Any = None,
        update: Any = False,
        **rest: Any,
    ) -> None:
        if update:
            self.recorder.refuse("updates an earlier display, which a page cannot show")
        elif data:
            self.recorder.take_display(data)

    def clear_output(self, wait: bool = False) -> None:
        self.recorder.refuse("clears its output, which a page cannot show")


def _print_frames(figure: Any, *args: Any, **kwargs: Any) -> Any:
    """IPython's way to draw a figure, but for the frames that a page's slider shows."""
    with every_frame(figure):
        return _print_figure(figure, *args, **kwargs)


def start_shell() -> InteractiveShell:
    """IPython's display machinery, without a terminal, a history or a user's configuration."""
    pylabtools.print_figure = _print_frames  # type: ignore[assignment]  # the same arguments
    folder = os.environ.get("IPYTHONDIR") or tempfile.mkdtemp(prefix="livenotes-")
    return InteractiveShell.instance(config=_SHELL, ipython_dir=folder, display_pub_class=Publisher)


def as_json(data: Mapping[str, Any], refuse: Callable[[str], None]) -> dict[str, Any]:
    """A result's formats as a notebook file holds them: text, base64, or JSON."""
    held: dict[str, Any] = {}
    for mime, value in data.items():
        if isinstance(value, bytes):
            value = base64.b64encode(value).decode()
        try:
            text = value if isinstance(value, str) else json.dumps(value)
        except (TypeError, ValueError, RecursionError):
            refuse(f"shows a {mime} of type {type(value).__name__}, which no notebook can hold")
            continue
        text = text.encode("utf-8", "replace").decode()  # half a surrogate pair is no text
        held[str(mime)] = text if isinstance(value, str) else json.loads(text)
    return held


def is_quiet(source: str) -> bool:
    """Does the cell end in a semicolon, which hides its value in Jupyter?"""
    ends: Any = DisplayHook.semicolon_at_end_of_expression
    return bool(ends(source))


def redirect(fd: int, path: str) -> io.FileIO:
    """Send a file descriptor's text to a file; returns the reading end."""
    file = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    os.dup2(file, fd)
    os.close(file)
    return io.FileIO(Path(path), "r")
