"""What the Markdown extensions of a build share while pages are converted, one after the other."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass, field

from livenotes.document.document import Document, Source


@dataclass
class Conversion:
    """The page that is being converted.

    One object serves all pages of a build: whoever converts calls `begin` before each page, and
    finds the page's document afterwards. A page without a source has none. `languages` are the
    site's, code -> name, in its order; `unpublished` are pages that links may name although readers
    do not find them, by MkDocs' names (`zh/autograd.md`).
    """

    language: str = "en"
    languages: Mapping[str, str] = field(default_factory=dict)
    unpublished: frozenset[str] = frozenset()
    source: Source | None = None
    document: Document | None = None

    def begin(self, language: str, source: Source | None) -> None:
        self.language, self.source, self.document = language, source, None

    def end(self) -> Document | None:
        """The page's document. Python-Markdown does nothing with an empty page."""
        if self.source and not self.document:
            self.document = Document(self.source, "", (), ET.Element("div"))
        return self.document
