"""Links of pages that lead nowhere, with their lines, before anything is built."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from urllib.parse import unquote, urlsplit

from livenotes.core.problems import Problem
from livenotes.document.document import Document

_ID = re.compile(r'\s(?:id|name)="([^"]*)"')


def check_links(pages: Mapping[str, Document], files: Collection[str]) -> Iterator[Problem]:
    """Links to files and headings that are not there.

    `pages` and `files` are by their paths below the pages' folder, such as `zh/autograd.md`. Links
    to addresses of the site (`../autograd/`) are not looked at: MkDocs does not resolve them.
    """
    ids = cache(lambda page: frozenset(_ID.findall(pages[page].html)))
    for uri, page in pages.items():
        for link in page.links:
            parts = urlsplit(link.target)
            if parts.scheme or parts.netloc or parts.path.startswith("/"):
                continue
            path = unquote(parts.path)
            target = posixpath.normpath(posixpath.join(posixpath.dirname(uri), path))
            if path and posixpath.splitext(path)[1] and target not in files:
                near = get_close_matches(target, list(files), 1)
                meant = posixpath.relpath(near[0], posixpath.dirname(uri) or ".") if near else ""
                message = f"a link leads to {link.target}, which is no file of the site"
                hint = f"Did you mean {meant}?" if meant else "Write the path from this page."
                yield Problem(page.path, link.line, message, hint=hint)
            anchor, linked = unquote(parts.fragment), target if path else uri
            if anchor and linked in pages and anchor not in ids(linked):
                other = pages[linked]
                near = get_close_matches(anchor, [heading.id for heading in other.headings], 1)
                message = f"a link leads to {link.target}, but {other.path} has no id '{anchor}'"
                hint = f"Did you mean #{near[0]}?" if near else "Write the id of a heading."
                yield Problem(page.path, link.line, message, hint=hint)
