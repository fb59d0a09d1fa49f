"""The pages that sitemap.xml lists, each with its translations."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin

from mkdocs.structure.pages import Page


def sitemap_context(
    pages: Iterable[Page], twins: Callable[[str], Mapping[str, str]], root: str
) -> dict[str, Any]:
    """What the template needs; a date only where one is set, so that two builds are alike."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    listed = [
        (
            page.canonical_url,
            {code: urljoin(root, twin) for code, twin in twins(page.file.src_uri).items()},
        )
        for page in sorted(pages, key=lambda page: page.url)
        # A page that calls another one the original (a notebook, a pair) is not listed.
        if page.canonical_url == urljoin(root, page.url)
    ]
    date = str(datetime.fromtimestamp(int(epoch), UTC).date()) if epoch else ""
    return {"listed": listed, "date": date}
