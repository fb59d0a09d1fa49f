"""Draws figures of several frames: all of them, where a notebook would draw the visible one.

An artist belongs to a frame by its `gid`, "frame:VALUE"; artists of all frames but one are drawn
with `visible=False`. Hidden frames get the `gid` "hidden-frame:VALUE" in the SVG.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def every_frame(figure: Any) -> Iterator[None]:
    """While it lasts, all frames of a matplotlib figure are drawn, the hidden ones with a mark."""

    def is_hidden(artist: Any) -> bool:
        return not artist.get_visible() and str(artist.get_gid()).startswith("frame:")

    hidden = [(artist, artist.get_gid()) for artist in figure.findobj(is_hidden)]
    try:
        for artist, gid in hidden:
            artist.set(visible=True, gid=f"hidden-{gid}")
        yield
    finally:
        for artist, gid in hidden:
            artist.set(visible=False, gid=gid)
