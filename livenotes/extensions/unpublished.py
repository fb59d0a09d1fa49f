"""A link to a page that is not published yet becomes text that says so, instead of a dead link.

The row of a table or the item of a list that begins with such a link is left out.
"""

from __future__ import annotations

import posixpath
import xml.etree.ElementTree as ET
from collections.abc import Mapping
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
        note = words(conversion.language).not_published
        parents = {child: parent for parent in root.iter() for child in parent}
        for link in list(root.iter("a")):
            if _target(link, folder) in conversion.unpublished:
                if entry := _entry(link, parents):
                    parents[entry].remove(entry)
                    continue
                link.tag, link.attrib = "span", {"class": "ln-unpublished"}
                ET.SubElement(link, "small").text = note


def _target(link: ET.Element, folder: str) -> str:
    """MkDocs' name of the page that a link leads to, '' for other addresses."""
    target = urlsplit(link.get("href", ""))
    if target.scheme or target.netloc or not target.path:
        return ""
    return posixpath.normpath(posixpath.join(folder, unquote(target.path)))


def _entry(link: ET.Element, parents: Mapping[ET.Element, ET.Element]) -> ET.Element | None:
    """The table row or list item that is about the page: it begins with the link."""
    element = link
    while (parent := parents.get(element)) is not None:
        if parent[0] is not element or (parent.text or "").strip():
            return None
        if parent.tag in ("tr", "li"):
            return parent
        element = parent
    return None


def makeExtension(**kwargs: Any) -> Unpublished:
    """Python-Markdown's way to load an extension by its module's name."""
    return Unpublished(**kwargs)
