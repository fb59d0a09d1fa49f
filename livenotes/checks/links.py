"""Links to pages that are not there, with their lines, which MkDocs does not tell."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from urllib.parse import unquote, urlsplit

from livenotes.core.problems import Problem
from livenotes.document.document import Document
from livenotes.document.drafts import Drafts, uri_of


def check_links(
    pages: Iterable[Document], languages: Sequence[str], drafts: Drafts
) -> Iterator[Problem]:
    """Yields a problem for each link to a page that no file stands for; `pages` are all there are.

    A translation that nobody has begun may be linked to.
    """
    by_uri = {uri_of(page.source, languages): page for page in pages}
    known = by_uri.keys() | drafts.absent
    for uri, page in by_uri.items():
        for link in page.links:
            path = unquote(urlsplit(link.target).path)
            target = posixpath.normpath(posixpath.join(posixpath.dirname(uri), path))
            if link.image or "://" in link.target or not path.endswith(".md"):
                continue
            ours = len(languages) == 1 or target.partition("/")[0] in languages
            if ours and target not in known:
                close = get_close_matches(target, known, 1)
                hint = f"Did you mean {posixpath.basename(close[0])}?" if close else ""
                message = f"a link to a page that is not there: {link.target}"
                yield Problem(page.path, link.line, message, hint=hint)
