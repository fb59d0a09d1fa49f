"""The slider below a figure of several frames: its HTML, and what can be wrong with it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from html import escape

from livenotes.errors import Problem
from livenotes.figures import is_code, translate
from livenotes.frames import Frame
from livenotes.pages import CellFence, Page

_MINUS = re.compile(r"^-(?=\d)")  # as figures write it
_DRAW = 'Draw its artists with gid="frame:VALUE", and all frames but one with visible=False'


def slider(found: Sequence[Frame], label: str, prefix: str, terms: Mapping[str, str]) -> str:
    """HTML of the slider for these frames; a script takes `hidden` away. '' without frames.

    `label` says what the frames differ in; `terms` are words in the page's language.
    """
    if not found:
        return ""
    says = [f": {translate(frame.says, terms)}" if frame.says else "" for frame in found]
    values = [_MINUS.sub("−", frame.value) for frame in found]
    texts = [escape(value + said) for value, said in zip(values, says, strict=True)]
    first = next((number for number, frame in enumerate(found) if frame.shown), 0)
    options = "".join(
        f'<option value="{number}" label="{escape(frame.value)}">{texts[number]}</option>'
        for number, frame in enumerate(found)
    )
    return (
        '<div class="cell-slider" hidden>'
        f'<label for="{prefix}-slider">{escape(translate(label, terms))}</label>'
        f'<input type="range" id="{prefix}-slider" list="{prefix}-frames" autocomplete="off" '
        f'max="{len(found) - 1}" value="{first}" aria-valuetext="{escape(found[first].value)}">'
        f'<output for="{prefix}-slider">{texts[first]}</output>'
        f'<datalist id="{prefix}-frames">{options}</datalist></div>'
    )


def check_sliders(
    page: Page, figures: Mapping[str, Sequence[Frame]], known: Collection[str]
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
    if known and not is_code(label) and label.lower() not in known:
        hint = f"Add the term to the glossary, or write one that it has:\n{form}"
        return f'slider="{label}" is not a term of the glossary', hint
    return "", ""
