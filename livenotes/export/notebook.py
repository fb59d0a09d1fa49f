"""Page + Outputs -> notebook (nbformat 4): prose, math, code and outputs, standing alone."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from livenotes.core.markup import unsafe
from livenotes.core.percent import Cell, Module
from livenotes.core.words import words
from livenotes.document.document import CellFence, Document
from livenotes.document.prose import Piece, Surroundings, joined, plain, read_prose
from livenotes.execution.outputs import Outputs
from livenotes.rendering.figures import notebook_figure

_TITLE = re.compile(r"(?:<a id=\"[^\"]*\"></a>\n)?# .*\n*")
_NEW_CELL = re.compile(r"(?:<a id=\"[^\"]*\"></a>\n)?#{1,6} ")
_MAX_ID = 64
# Jupyter looks for formulas twice: in the Markdown, and in the page that Markdown has made of it.
_DOLLAR = r"<span>\$</span>"


@dataclass(frozen=True)
class Edition:
    """What a notebook takes from the site.

    `versions` are those that made the outputs, `terms` the words of figures in the page's language,
    `home` the page's own address, or ''.

    `value` and `link` are those of notebookprose.Surroundings.
    """

    versions: Mapping[str, str]
    terms: Mapping[str, str]
    value: Callable[[str], str]
    link: Callable[[str], str | None]
    home: str = ""


def make_notebook(
    page: Document, module: Module, outputs: Outputs, edition: Edition
) -> dict[str, Any]:
    """The notebook of a page whose cells are those of `module`.

    Hidden cells and solutions are left out. The same input gives the same notebook.
    """
    cells = {
        cell.name: cell for cell in module.cells if not cell.hidden and "solution" not in cell.tags
    }
    around = Surroundings(
        edition.value,
        edition.link,
        lambda fence: fence.module == module.name and fence.cell in cells,
        _DOLLAR,
    )
    pieces = _titled(page, read_prose(page.markdown, around), edition)
    maker = _Maker(module, outputs, edition.terms)
    for piece in _gathered(_with_captions(pieces)):
        if isinstance(piece, str):
            maker.add_prose(piece)
        elif piece.cell in cells:
            maker.add_code(cells.pop(piece.cell), piece.options)
    return {
        "cells": maker.cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {
                "codemirror_mode": {"name": "ipython", "version": 3},
                "file_extension": ".py",
                "mimetype": "text/x-python",
                "name": "python",
                "nbconvert_exporter": "python",
                "pygments_lexer": "ipython3",
                "version": edition.versions["Python"],
            },
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def to_bytes(notebook: Mapping[str, Any]) -> bytes:
    """The notebook as a file, in the form in which Jupyter writes it."""
    text = json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True)
    return f"{text}\n".encode("utf-8", "replace")


def _titled(page: Document, pieces: list[Piece], edition: Edition) -> list[Piece]:
    """The pieces, the first with the title and what made the outputs."""
    own = words(page.language)
    made = own.comma.join(f"{name} {number}" for name, number in edition.versions.items())
    line = (own.notebook_of_page if edition.home else own.produced_with).format(
        home=edition.home, versions=made
    )
    first = pieces[0] if pieces and isinstance(pieces[0], str) else ""
    title = _TITLE.match(first)
    head = title[0].strip() if title else f"# {page.name}"
    text = first[title.end() if title else 0 :]
    return [f"{head}\n\n*{line}*\n\n{text}".rstrip(), *pieces[1 if first else 0 :]]


def _with_captions(pieces: Iterable[Piece]) -> Iterator[Piece]:
    for piece in pieces:
        yield piece
        if isinstance(piece, CellFence) and piece.options.get("caption"):
            yield f"*{plain(piece.options['caption'])}*"


def _gathered(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Markdown between two cells in one piece, but each section in its own."""
    section: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, str) and _NEW_CELL.match(piece):
            yield from joined(section)
            section = []
        section.append(piece)
    yield from joined(section)


class _Maker:
    """Makes cell after cell, counting them."""

    def __init__(self, module: Module, outputs: Outputs, terms: Mapping[str, str]) -> None:
        self.module = module
        self.outputs = outputs
        self.terms = terms
        self.cells: list[dict[str, Any]] = []
        self._runs = 0

    def add_prose(self, text: str) -> None:
        number = sum(cell["cell_type"] == "markdown" for cell in self.cells) + 1
        self.cells.append(
            {
                "cell_type": "markdown",
                "id": f"prose-{number}",
                "metadata": {},
                "source": _lines(_outdented(text)),
            }
        )

    def add_code(self, cell: Cell, options: Mapping[str, str]) -> None:
        """A cell as it ran; a check has not run yet: it waits for the reader's own solution."""
        metadata: dict[str, Any] = {}
        if "fold-source" in cell.tags or options.get("show") == "output":
            metadata["jupyter"] = {"source_hidden": True}
        waits = "check" in cell.tags
        if waits or "raises-exception" in cell.tags:
            metadata["tags"] = ["raises-exception"]
        self._runs += not waits
        self.cells.append(
            {
                "cell_type": "code",
                "execution_count": None if waits else self._runs,
                "id": _cell_id(cell.name),
                "metadata": metadata,
                "outputs": [] if waits else list(self._outputs(cell, options.get("alt", ""))),
                "source": _lines(cell.source),
            }
        )

    def _outputs(self, cell: Cell, alt: str) -> Iterator[dict[str, Any]]:
        for number, output in enumerate(self.outputs.cells[cell.name]):
            if output["output_type"] == "stream":
                yield {**output, "text": _lines(output["text"])}
                continue
            if output["output_type"] == "error":
                yield output
                continue
            data = {m: v for m, v in output["data"].items() if not unsafe(m, v)}
            if svg := data.get("image/svg+xml"):
                prefix = f"fig-{self.module.name}-{cell.name}-{number}".replace("_", "-")
                data["image/svg+xml"] = notebook_figure(str(svg), prefix, alt, self.terms)
            shown = {k: _lines(v) if isinstance(v, str) else v for k, v in data.items()}
            done = {**output, "data": shown, "metadata": output.get("metadata", {})}
            if output["output_type"] == "execute_result":
                done["execution_count"] = self._runs
            yield done


def _cell_id(name: str) -> str:
    """The cell's name; nbformat wants no id longer than this."""
    identifier = f"cell-{name}"
    if len(identifier) <= _MAX_ID:
        return identifier
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{identifier[: _MAX_ID - 9]}-{digest}"


def _lines(text: str) -> list[str]:
    """Text as notebooks hold it: a list of lines, each with its end."""
    return text.splitlines(keepends=True)


def _outdented(text: str) -> str:
    """What followed a cell inside a list, without the indent that would now make code of it."""
    lines = text.split("\n")
    indent = len(lines[0]) - len(lines[0].lstrip(" "))
    for number, line in enumerate(lines):
        if line.strip() and not line.startswith(" " * indent):
            break
        lines[number] = line[indent:]
    return "\n".join(lines)
