"""Collects what a cell prints and shows, as a notebook's front end keeps it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from livenotes.core.markup import unsafe, with_own_ids
from livenotes.execution.child.display import Stdout, TooMuchOutput, emptied, redirect, to_json
from livenotes.execution.child.failures import FailureLog
from livenotes.execution.child.widgets import VIEW, text_of, widget_of
from livenotes.execution.outputs import (
    Output,
    Request,
    is_name_of_object,
    plain_text,
    shown_format,
)

_PICTURES = 10  # times as long as text
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_UNSAFE = "Such markup could run or fetch something in a reader's browser."
_UNSAFE_HTML = f"{_UNSAFE}\nWithout the tag html, the page shows its text."


class Recorder:
    """Holds the outputs of the cell that runs, and the displays of all cells that have names."""

    def __init__(self, request: Request, failures: FailureLog) -> None:
        self.limit = request.max_output
        self.failures = failures
        self.outputs: list[Output] = []
        self.path = f"{request.scratch}/stdout"
        self.stdout = redirect(1, self.path)
        self.printer = Stdout(self.limit, failures.refuse)
        self._size = 0  # of all outputs of the cell
        self._clearing = False  # before the next output
        self._tables = 0  # of the cell, in HTML
        self._widgets: list[tuple[Output, Any]] = []  # of the cell
        self._named: dict[str, list[tuple[list[Output], Output]]] = {}  # displays by their id

    def begin(self) -> None:
        """Begins a cell."""
        self.printer.room = self.limit
        self.outputs, self._widgets = [], []
        self._size = self._tables = 0
        self._clearing = False

    def add(
        self, kind: str, data: Mapping[str, Any], metadata: Any = None, display_id: str = ""
    ) -> None:
        """Adds a value or a display, after what was printed before it."""
        self.add_stdout()
        if not data:
            return
        output = self._output(kind, data, metadata)
        if display_id:
            self.update(data, metadata, display_id)
        self._append(output)
        if widget := widget_of(data):
            self._widgets.append((output, widget))
        if display_id:
            self._named.setdefault(display_id, []).append((self.outputs, output))

    def add_error(self, name: str, text: str) -> None:
        """Adds an exception that a cell was to raise: its last line, which names no frames."""
        self.add_stdout()
        line = f"{name}: {text}" if text else name
        self._append({"output_type": "error", "ename": name, "evalue": text, "traceback": [line]})

    def update(self, data: Mapping[str, Any], metadata: Any, display_id: str) -> None:
        """Replaces what displays of this id show, in earlier cells too."""
        for outputs, output in self._named.get(display_id, ()):
            before = _size(output)
            output |= self._output(output["output_type"], data, metadata)
            if outputs is self.outputs:
                self._take(_size(output) - before)

    def clear(self, wait: bool) -> None:
        """Removes all outputs of the cell: now, or when the next one comes."""
        self.add_stdout()
        emptied(self.path, self.stdout)
        self.printer.room = self.limit
        if wait:
            self._clearing = True
        else:
            self._clear()

    def _clear(self) -> None:
        self._clearing = False
        self._size = 0
        self.outputs.clear()
        for known in self._named.values():
            known[:] = [(outputs, one) for outputs, one in known if outputs is not self.outputs]

    def add_stdout(self) -> None:
        """Moves what was printed since the last time into the cell's outputs, where widgets show
        their last state."""
        for output, widget in self._widgets:
            with suppress(Exception):
                output["data"]["text/plain"] = text_of(widget)
        text = self.stdout.read().decode("utf-8", "replace")
        if not text:
            return
        last = self.outputs[-1] if self.outputs and not self._clearing else {}
        if last.get("output_type") == "stream":
            self._take(len(text))
            last["text"] += text
        else:
            self._append({"output_type": "stream", "name": "stdout", "text": text})

    def _append(self, output: Output) -> None:
        if self._clearing:
            self._clear()
        self._take(_size(output))
        self._check_pictures(output)
        self.outputs.append(output)

    def _output(self, kind: str, data: Mapping[str, Any], metadata: Any) -> Output:
        """Makes an output of nbformat 4. Refuses what a notebook cannot hold or a page show."""
        data = self._safe(to_json(data, self.failures.refuse))
        data.pop(VIEW, None)  # shows nothing without the kernel, and its id differs in each run
        shown = shown_format({"data": data}, self.failures.cell.tags)
        if "text/plain" in data and shown != "text/plain":
            data["text/plain"] = _ADDRESS.sub("", data["text/plain"])  # which nobody sees
        if html := data.get("text/html"):
            self._tables += 1
            prefix = f"{self.failures.module.name}-{self.failures.cell.name}-{self._tables}"
            data["text/html"] = with_own_ids(html, prefix)
        kept = {}  # of a format, such as a picture's width
        with suppress(TypeError, ValueError):
            kept = json.loads(json.dumps({k: v for k, v in (metadata or {}).items() if k in data}))
        output: Output = {"output_type": kind, "metadata": kept, "data": data}
        if kind == "execute_result":
            output["execution_count"] = None
        return output

    def _safe(self, data: dict[str, Any]) -> dict[str, Any]:
        """Returns the formats that cannot run in a reader's browser. Refuses those that would be
        shown; a picture that is none is left out."""
        safe = dict(data)
        for mime, value in data.items():
            is_html = mime == "text/html" and "html" in self.failures.cell.tags
            if (is_html or mime.startswith("image/")) and (why := unsafe(mime, value)):
                del safe[mime]
                if is_html or mime == "image/svg+xml":
                    more = is_html and not is_name_of_object(
                        str(data.get("text/plain", "<object>"))
                    )
                    hint = _UNSAFE_HTML if more else _UNSAFE
                    self.failures.refuse(f"shows {mime} {why}", hint=hint)
        return safe

    def _check_pictures(self, output: Output) -> None:
        """Refuses pictures that would keep a reader waiting."""
        if _drawn(output):
            drawn, most = sum(map(_drawn, [*self.outputs, output])), _PICTURES * self.limit
            if drawn > most:
                self._refuse(f"shows pictures of {drawn:,} characters, more than {most:,}")

    def _take(self, size: int) -> None:
        """Counts what an output adds. Raises TooMuchOutput if a page cannot hold it."""
        self._size += size
        if self._size > self.limit:
            self._refuse(f"this cell shows more than {self.limit:,} characters")

    def _refuse(self, message: str) -> None:
        self.failures.refuse(message)
        raise TooMuchOutput(message)


def _size(output: Output) -> int:
    """Returns the length of an output's text. Pictures have a limit of their own."""
    if "data" not in output:
        return len(plain_text(output))
    texts = [m for m in output["data"] if not m.startswith("image/")]
    return max((len(str(output["data"][mime])) for mime in texts), default=0)


def _drawn(output: Output) -> int:
    """Returns the length of an output's pictures."""
    data = output.get("data", {})
    return sum(len(str(data[mime])) for mime in data if mime.startswith("image/"))
