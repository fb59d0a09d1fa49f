"""Makes the slider below a figure of several frames."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape

from livenotes.rendering.figures import translate
from livenotes.rendering.frames import Frame

_MINUS = re.compile(r"^-(?=\d)")  # replaced by the sign that figures use


def slider(found: Sequence[Frame], label: str, prefix: str, terms: Mapping[str, str]) -> str:
    """Returns the HTML of a slider for these frames, '' without frames. A script unhides it.

    `label` says what the frames differ in; `terms` maps English words to the page's language.
    """
    if not found:
        return ""
    texts = [f": {translate(frame.text, terms)}" if frame.text else "" for frame in found]
    values = [_MINUS.sub("−", frame.value) for frame in found]
    texts = [escape(value + text) for value, text in zip(values, texts, strict=True)]
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
