"""Links of pages that lead nowhere, with their lines, before anything is built."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from urllib.parse import unquote, urlsplit

from livenotes.core.problems import Problem
from livenotes.document.document import Document, Link

LEADS = "a link leads to"


def check_links(pages: Mapping[str, Document], files: Collection[str]) -> Iterator[Problem]:
    """Links to files and headings that are not there.

    `pages` and `files` are by their paths below the pages' folder, such as `zh/autograd.md`. Links
    to addresses of the site (`../autograd/`) are not looked at: MkDocs does not resolve them.
    """
    yield from links_to_files(pages, files)
    yield from links_to_headings(pages)


def links_to_files(pages: Mapping[str, Document], files: Collection[str]) -> Iterator[Problem]:
    """Links to files that are not there."""
    for uri, page, link, target, _ in _links(pages):
        if target and names_file(link) and target not in files:
            near = get_close_matches(target, list(files), 1)
            meant = posixpath.relpath(near[0], posixpath.dirname(uri) or ".") if near else ""
            message = f"{LEADS} {link.target}, which is no file of the site"
            hint = f"Did you mean {meant}?" if meant else "Write the path from this page."
            yield Problem(page.path, link.line, message, hint=hint)


def names_file(link: Link) -> bool:
    """Tells whether a link names a file, which MkDocs would resolve, and no address."""
    return bool(posixpath.splitext(unquote(urlsplit(link.target).path))[1])


def links_to_headings(pages: Mapping[str, Document]) -> Iterator[Problem]:
    """Links to headings, or other elements with an id, that are not there."""
    for uri, page, link, target, anchor in _links(pages):
        linked = target or uri
        if anchor and linked in pages and anchor not in pages[linked].ids:
            other = pages[linked]
            near = get_close_matches(anchor, [heading.id for heading in other.headings], 1)
            message = f"{LEADS} {link.target}, but {other.path} has no id '{anchor}'"
            hint = f"Did you mean #{near[0]}?" if near else "Write the id of a heading."
            yield Problem(page.path, link.line, message, hint=hint)


def _links(pages: Mapping[str, Document]) -> Iterator[tuple[str, Document, Link, str, str]]:
    """Yields each link to a page or file: page's name and document, link, target's name or '' for
    the page itself, anchor or ''."""
    for uri, page in pages.items():
        for link in page.links:
            parts = urlsplit(link.target)
            if parts.scheme or parts.netloc or parts.path.startswith("/"):
                continue
            path = unquote(parts.path)
            target = posixpath.normpath(posixpath.join(posixpath.dirname(uri), path))
            yield uri, page, link, target if path else "", unquote(parts.fragment)
