"""A real Jupyter kernel as the independent witness: what does a reader get from these cells?"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

from livenotes.core.percent import Cell
from livenotes.execution.outputs import Output


def run_in_jupyter(cells: Sequence[Cell], folder: Path) -> dict[str, list[Output]]:
    """Outputs of the cells, by name, from a new kernel whose working folder is `folder`."""
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell(cell.source, metadata={"tags": list(cell.tags)})
            for cell in cells
        ]
    )
    run_notebook(notebook, folder)
    return {cell.name: done.outputs for cell, done in zip(cells, notebook.cells, strict=True)}


def run_notebook(notebook: nbformat.NotebookNode, folder: Path) -> None:
    """Run all cells in place, in a new kernel whose working folder is `folder`."""
    resources = {"metadata": {"path": str(folder)}}
    client = NotebookClient(notebook, timeout=120, kernel_name="python3", resources=resources)
    client.execute(env={k: v for k, v in os.environ.items() if k != "MPLBACKEND"})


def essence(outputs: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """What must be equal: printed text, the value, what was displayed, how many figures."""
    found: dict[str, Any] = {"stdout": "", "stderr": "", "result": None, "shown": [], "figures": 0}
    for output in outputs:
        if output["output_type"] == "stream":
            found[output["name"]] += output["text"]
        elif output["output_type"] == "error":
            found["result"] = output["ename"], output["evalue"]
        elif any(mime.startswith("image/") for mime in output["data"]):
            found["figures"] += 1
        elif output["output_type"] == "execute_result":
            found["result"] = _texts(output)
        else:
            found["shown"].append(_texts(output))
    return found


def _texts(output: Mapping[str, Any]) -> dict[str, str]:
    return {mime: text for mime, text in output["data"].items() if mime.startswith("text/")}
