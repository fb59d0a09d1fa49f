"""What can be wrong with the sliders of figures of several frames."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from livenotes.core.problems import Problem
from livenotes.document.document import CellFence, Document
from livenotes.rendering.figures import unknown
from livenotes.rendering.frames import Frame

_DRAW = 'Draw its artists with gid="frame:VALUE", and all frames but one with visible=False'


def check_sliders(
    page: Document, figures: Mapping[str, Sequence[Frame]], known: Collection[str]
) -> list[Problem]:
    """What is wrong with the page's sliders.

    `figures` gives the frames, none too, of every cell that ran, by reference; `known` are the
    glossary's words in lower case; without any, no label is judged.
    """
    problems = []
    for fence in page.cell_fences:
        if fence.reference in figures:
            shown = fence.options.get("show") != "source"
            message, hint = _wrong(fence, figures[fence.reference] if shown else (), known)
            if message:
                problems.append(Problem(page.path, fence.line, message, fence.reference, hint))
    return problems


def _wrong(fence: CellFence, found: Sequence[Frame], known: Collection[str]) -> tuple[str, str]:
    """Message and hint, or two empty texts."""
    form = f'```python cell="{fence.reference}" slider="learning rate"'
    label = fence.options.get("slider")
    first = [frame.value for frame in found if frame.shown]
    if label is None:
        values = ", ".join(frame.value for frame in found)
        return (f"no slider moves the frames of its figure: {values}", form) if found else ("", "")
    if len(found) < 2:
        return "a slider, but no figure of several frames", f"{_DRAW}, or remove slider."
    if len(first) != 1:
        return f"its figure shows {len(first)} frames at first: {', '.join(first)}", f"{_DRAW}."
    if not label.strip():
        return "its slider has no name: say what it changes", form
    if known and unknown(label, known):
        hint = f"Add the term to the glossary, or write one that it has:\n{form}"
        return f'slider="{label}" is not a term of the glossary', hint
    return "", ""
