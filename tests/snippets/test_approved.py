"""Every output text as it was approved: a new torch that changes what readers see shows in a diff.

Accept new texts with `pytest tests/snippets/test_approved.py --snapshot-update`.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from chapters import MODULES
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from syrupy.location import PyTestLocation

from livenotes.execution.outputs import Failure, Output
from livenotes.execution.runs import Runs


class OneFilePerModule(SingleFileSnapshotExtension):
    """approved/test_approved/….txt"""

    _write_mode = WriteMode.TEXT
    file_extension = "txt"

    @classmethod
    def dirname(cls, *, test_location: PyTestLocation) -> str:
        return str(Path(test_location.filepath).with_name("approved") / test_location.basename)


def as_text(output: Output) -> str:
    if output["output_type"] == "stream":
        return str(output["text"])
    data = output["data"]
    kind = "figure" if "image/svg+xml" in data else "html" if "text/html" in data else "result"
    return f"[{kind}] {data['text/plain']}\n"


@pytest.mark.parametrize("name", MODULES)
def test_outputs_are_the_approved_ones(name: str, book: Runs, snapshot: SnapshotAssertion) -> None:
    outcome = book.outcome(name)
    assert not isinstance(outcome, Failure), "\n".join(map(str, outcome.problems))
    text = ""
    for cell in book.module(name).cells:
        text += f"# %% {cell.name}\n" + "".join(map(as_text, outcome.cells[cell.name]))
    assert text == snapshot(extension_class=OneFilePerModule)
