"""A link to a page that is not published yet becomes text that says so, instead of a dead link."""

from __future__ import annotations

import posixpath
import xml.etree.ElementTree as ET
from typing import Any
from urllib.parse import unquote, urlsplit

from markdown import Markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor

from livenotes.core.words import words
from livenotes.document.conversion import Conversion
from livenotes.document.drafts import uri_of

_PRIORITY = 4  # after the document's blocks are read (7), before MkDocs looks up addresses (0)


class Unpublished(Extension):
    """Option `conversion`: has the page and what is unpublished."""

    def __init__(self, **kwargs: Any) -> None:
        self.config = {"conversion": [Conversion(), "a Conversion"]}
        super().__init__(**kwargs)

    def extendMarkdown(self, md: Markdown) -> None:
        md.treeprocessors.register(_Links(md, self), "livenotes-unpublished", _PRIORITY)


class _Links(Treeprocessor):
    def __init__(self, md: Markdown, extension: Unpublished) -> None:
        super().__init__(md)
        self._extension = extension

    def run(self, root: ET.Element) -> None:
        conversion: Conversion = self._extension.getConfig("conversion")
        if not conversion.unpublished or not conversion.source:
            return
        folder = posixpath.dirname(uri_of(conversion.source, tuple(conversion.languages)))
        for link in root.iter("a"):
            target = urlsplit(link.get("href", ""))
            if target.scheme or target.netloc or not target.path:
                continue
            uri = posixpath.normpath(posixpath.join(folder, unquote(target.path)))
            if uri in conversion.unpublished:
                link.tag, link.attrib = "span", {"class": "ln-unpublished"}
                note = ET.SubElement(link, "small")
                note.text = words(conversion.language).not_published


def makeExtension(**kwargs: Any) -> Unpublished:
    """Python-Markdown's way to load an extension by its module's name."""
    return Unpublished(**kwargs)
