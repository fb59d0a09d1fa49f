"""What the Markdown extensions of a build share while pages are converted, one after the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass
class Conversion:
    """The page that is being converted.

    One object serves all pages of a build: whoever converts sets `language` before each page.
    `languages` are the site's, code -> name, in its order.
    """

    language: str = "en"
    languages: Mapping[str, str] = field(default_factory=dict)
