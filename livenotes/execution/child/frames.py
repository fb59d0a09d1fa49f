"""Draws figures of several frames: all of them, where a notebook draws the visible one only.

An artist belongs to a frame by its `gid`, "frame:VALUE". All artists of all frames but one have
`visible=False`. In the SVG, those of hidden frames get the `gid` "hidden-frame:VALUE".
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def all_frames(figure: Any) -> Iterator[None]:
    """Makes the hidden frames of a matplotlib figure visible and marks them; undone at the end."""

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
