"""Artists of one frame of a figure with a slider, as its cell drew them."""

from __future__ import annotations

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch


def artists(axes: Axes, value: object) -> list[Artist]:
    return [artist for artist in axes.get_children() if artist.get_gid() == f"frame:{value}"]


def lines(axes: Axes, value: object) -> list[Line2D]:
    return [artist for artist in artists(axes, value) if isinstance(artist, Line2D)]


def patches(axes: Axes, value: object) -> list[Patch]:
    return [artist for artist in artists(axes, value) if isinstance(artist, Patch)]


def texts(axes: Axes, value: object) -> list[str]:
    """In the order in which they were drawn; the last one is said aloud."""
    return [text.get_text() for text in axes.texts if text.get_gid() == f"frame:{value}"]


def values(figure: Figure, seen: bool = False) -> list[str]:
    """The frames of a figure, or those that are seen in a notebook."""
    of_frames = [a for a in figure.findobj() if str(a.get_gid()).startswith("frame:")]
    chosen = [a for a in of_frames if a.get_visible() or not seen]
    return list(dict.fromkeys(str(a.get_gid()).removeprefix("frame:") for a in chosen))
