"""A link to a page that is not published yet becomes text that says so, instead of a dead link.

The row of a table or the item of a list that begins with such a link is left out.
"""

from __future__ import annotations

import posixpath
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from livenotes.core.words import words
from livenotes.document.drafts import uri_of
from livenotes.extensions.trees import TreeExtension


class Unpublished(TreeExtension):
    """Rewrites the links to what its `conversion` calls unpublished."""

    priority = 4  # after the document's blocks are read (7), before MkDocs looks up addresses (0)

    def run(self, root: ET.Element) -> None:
        conversion = self.conversion
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
