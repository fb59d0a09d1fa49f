"""What ipywidgets' widgets say, as text: their scripts and states stay in the kernel."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from html import unescape
from typing import Any

from IPython.lib.pretty import pretty

VIEW = "application/vnd.jupyter.widget-view+json"
_TIMES = re.compile(r"\s*\[\d+:[\d:]+[<,][^\]]*\]")  # of tqdm, different in each run


def widget_of(data: Mapping[str, Any]) -> Any:
    """Returns the widget that a display shows, or None."""
    widgets = sys.modules.get("ipywidgets.widgets.widget")
    view = data.get(VIEW)
    known = getattr(widgets, "_instances", {})  # of version 8
    return known.get(view["model_id"]) if view else None


def text_of(widget: Any) -> str:
    """Returns what a widget says by now. A bar of tqdm is gone when its loop has ended: its words
    are those of the texts on both sides of it, without times."""
    if type(widget).__name__ == "TqdmHBox":
        texts = (str(child.value) for child in widget.children if isinstance(child.value, str))
        return " ".join(_TIMES.sub("", unescape("".join(texts))).split())
    return str(pretty(widget))  # type: ignore[no-untyped-call]
