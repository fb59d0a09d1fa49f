"""Pages of tests, converted as the site converts its own."""

from __future__ import annotations

from pathlib import Path

from livenotes.core.files import read_text
from livenotes.document.conversion import Conversion
from livenotes.document.convert import convert
from livenotes.document.document import Document, Source

EXTENSIONS = [
    "toc",
    "admonition",
    "attr_list",
    "md_in_html",
    "tables",
    "pymdownx.arithmatex",
    "pymdownx.details",
    "pymdownx.highlight",
    "pymdownx.superfences",
    "pymdownx.tabbed",
    "livenotes.extensions.cells:Cells",
]
_CONVERSION = Conversion()
CONFIGS = {
    "pymdownx.arithmatex": {"generic": True, "inline_tag": "x-math", "block_tag": "div"},
    "pymdownx.tabbed": {"alternate_style": True},
    "livenotes.extensions.cells:Cells": {"conversion": _CONVERSION},
}


def document(text: str, path: str = "docs/en/page.md") -> Document:
    """The document of a page with this text."""
    return convert(Source(path, text), EXTENSIONS, CONFIGS, _CONVERSION)


def read_document(file: Path, path: str) -> Document:
    """The document of the page in a file, which messages call `path`."""
    return document(read_text(file, path), path)
