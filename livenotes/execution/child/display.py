"""Captures what a cell shows: IPython's displays, figures, standard output.

IPython decides what is shown, as it does in a notebook's kernel.
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

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from livenotes.execution.child.frames import all_frames

LATE_PRINT = "a thread prints after the cell that started it has ended; wait for it there: join()"


class TooMuchOutput(Exception):
    """Raised inside a cell that prints more than a page can hold."""


class Recorder(Protocol):
    """What receives the displays of cells."""

    def add_display(self, data: Any) -> None: ...

    def refuse(self, message: str) -> None: ...


class Stdout(io.TextIOWrapper):
    """Standard output with a limit for each cell.

    `late_threads` are threads whose cells have ended. Where their text would land is chance, so
    it is refused.
    """

    def __init__(self, limit: int, refuse: Callable[[str], None]) -> None:
        super().__init__(io.FileIO(1, "wb", closefd=False), "utf-8", "replace", write_through=True)
        self.limit = limit
        self.room = limit
        self.refuse = refuse
        self.late_threads: set[threading.Thread] = set()

    def write(self, text: str) -> int:
        if self.late_threads and threading.current_thread() in self.late_threads:
            self.refuse(LATE_PRINT)
        self.room -= len(text)
        if self.room < 0:
            message = f"this cell prints more than {self.limit:,} characters"
            self.refuse(message)
            raise TooMuchOutput(message)
        return super().write(text)


class Publisher(DisplayPublisher):
    """Passes what display() and matplotlib show to the recorder."""

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
            self.recorder.add_display(data)

    def clear_output(self, wait: bool = False) -> None:
        self.recorder.refuse("clears its output, which a page cannot show")


def figure_svg(figure: Any) -> str | None:
    """Formats a matplotlib figure as IPython would, but with all frames of a slider's figure.

    The SVG has no date, so that the same cell gives the same bytes. None for an empty figure.
    """
    if not hasattr(figure, "savefig") or not (figure.axes or figure.lines):
        return None
    file = io.BytesIO()
    with all_frames(figure):
        figure.savefig(
            file,
            format="svg",
            bbox_inches="tight",
            dpi=figure.dpi,
            facecolor=figure.get_facecolor(),
            edgecolor=figure.get_edgecolor(),
            metadata={"Date": None, "Creator": None},
        )
    return file.getvalue().decode()


def start_shell() -> InteractiveShell:
    """Starts IPython without a terminal, a history or a user's configuration."""
    config = Config()
    config.HistoryManager.enabled = False
    config.InlineBackend.figure_formats = set()  # its own formatters would replace `figure_svg`
    folder = os.environ.get("IPYTHONDIR") or tempfile.mkdtemp(prefix="livenotes-")
    shell = InteractiveShell.instance(
        config=config, ipython_dir=folder, display_pub_class=Publisher
    )
    formatter: Any = shell.display_formatter
    # For the base class: when it is imported, the inline backend clears what Figure itself has.
    formatter.formatters["image/svg+xml"].for_type_by_name(
        "matplotlib.figure", "FigureBase", figure_svg
    )
    return shell


def to_json(data: Mapping[str, Any], refuse: Callable[[str], None]) -> dict[str, Any]:
    """Converts a result's formats to what a notebook file holds: text, base64, or JSON."""
    converted: dict[str, Any] = {}
    for mime, value in data.items():
        if isinstance(value, bytes):
            value = base64.b64encode(value).decode()
        try:
            text = value if isinstance(value, str) else json.dumps(value)
        except (TypeError, ValueError, RecursionError):
            refuse(f"shows a {mime} of type {type(value).__name__}, which no notebook can hold")
            continue
        text = text.encode("utf-8", "replace").decode()  # replaces lone surrogates
        converted[str(mime)] = text if isinstance(value, str) else json.loads(text)
    return converted


def ends_in_semicolon(source: str) -> bool:
    """Tells whether the last expression's value is hidden, as Jupyter does for `value;`."""
    ends: Any = DisplayHook.semicolon_at_end_of_expression
    return bool(ends(source))


def redirect(fd: int, path: str) -> io.FileIO:
    """Redirects a file descriptor to a new file; returns a reader of that file."""
    file = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    os.dup2(file, fd)
    os.close(file)
    return io.FileIO(Path(path), "r")
