"""What the Markdown extensions of a build share while pages are converted, one after the other."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Conversion:
    """The page that is being converted.

    One object serves all pages of a build: whoever converts sets `language` before each page.
    """

    language: str = "en"
