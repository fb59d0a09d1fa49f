"""Punctuation stays on the line of the formula beside it."""

from __future__ import annotations

import pytest
from markdown import Markdown

OPTIONS = {"pymdownx.arithmatex": {"generic": True, "inline_tag": "x-math"}}
MATH = '<x-math class="arithmatex">\\({}\\)</x-math>'


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("（$x$）。a $y$ b", "[（{x}）。]a {y} b"),
        ("设 $x$，$y$。", "设 [{x}，][{y}。]"),
        ("$x$”“$y$”", "[{x}”][“{y}”]"),
        ("*（*$x$ ，", "<em>（</em>{x} ，"),
        ("**$x$**，", "<strong>{x}</strong>，"),
        ("no formula，", "no formula，"),
        ("Take $x$, or ($y$).", "Take [{x},] or [({y}).]"),
    ],
)
def test_punctuation_clings_to_a_formula(text: str, html: str) -> None:
    extensions = ["pymdownx.arithmatex", "livenotes.extensions.punctuation:Punctuation"]
    done = Markdown(extensions=extensions, extension_configs=OPTIONS).convert(text)
    html = html.replace("[", '<span class="math-clings">').replace("]", "</span>")
    assert done == f"<p>{html.format(x=MATH.format('x'), y=MATH.format('y'))}</p>"
