"""Forms of what a cell shows: figures as SVG, results as a notebook holds them, printed text."""

from __future__ import annotations

import base64
import io
import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from livenotes.execution.child.frames import all_frames

_POWER = r"$\mathdefault{"  # what the labels of logarithmic axes begin with
LATE_PRINT = "a thread prints after the cell that started it has ended; wait for it there: join()"


class TooMuchOutput(Exception):
    """Raised inside a cell that prints more than a page can hold."""


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


def figure_svg(figure: Any) -> str | None:
    """Formats a matplotlib figure as IPython would, but with all frames of a slider's figure.

    The SVG has no date, so that the same cell gives the same bytes. None for an empty figure.
    """
    if not hasattr(figure, "savefig") or not (figure.axes or figure.lines):
        return None
    file = io.BytesIO()
    with all_frames(figure), _formulas_as_paths():
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


@contextmanager
def _formulas_as_paths() -> Iterator[None]:
    """Draws the signs of formulas as paths, while all other text stays text, and so do the powers
    at axes: digits are as wide in most fonts, and paths take five times the bytes.

    Matplotlib places each sign by the widths of its own fonts. Browsers that lack them would put
    accents and letters off their places, and show boxes for signs of private characters.
    """
    from matplotlib import rcParams
    from matplotlib.backends.backend_svg import RendererSVG

    draw_text: Any = RendererSVG.draw_text

    def draw(
        self: Any, gc: Any, x: Any, y: Any, s: str, prop: Any, angle: Any,
        ismath: Any = False, mtext: Any = None,
    ) -> None:  # fmt: skip
        before = rcParams["svg.fonttype"]
        rcParams["svg.fonttype"] = before if not ismath or _POWER in s else "path"
        try:
            draw_text(self, gc, x, y, s, prop, angle, ismath, mtext)
        finally:
            rcParams["svg.fonttype"] = before

    RendererSVG.draw_text = draw  # type: ignore[method-assign]
    try:
        yield
    finally:
        RendererSVG.draw_text = draw_text  # type: ignore[method-assign]


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


def redirect(fd: int, path: str) -> io.FileIO:
    """Redirects a file descriptor to a new file; returns a reader of that file."""
    file = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    os.dup2(file, fd)
    os.close(file)
    return io.FileIO(Path(path), "r")


def emptied(path: str, reader: io.FileIO) -> None:
    """Empties a file that a descriptor was redirected to, and has its reader start anew."""
    os.truncate(path, 0)
    reader.seek(0)
