"""sitemap.xml with the languages of every page; knows neither MkDocs nor the clock."""

from __future__ import annotations

import gzip
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urljoin
from xml.sax.saxutils import escape, quoteattr

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
        xmlns:xhtml="http://www.w3.org/1999/xhtml">
"""


@dataclass(frozen=True)
class Entry:
    """A page and its twins, language -> URL (with `x-default`); URLs relative to the site."""

    url: str
    twins: Mapping[str, str] = field(default_factory=dict)


def write(site: Path, site_url: str, entries: Sequence[Entry]) -> None:
    """Write sitemap.xml and sitemap.xml.gz into `site`.

    Dates are left out unless SOURCE_DATE_EPOCH gives one, so that two builds are alike.
    """
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    body = [_url(site_url, entry, epoch) for entry in sorted(entries, key=lambda e: e.url)]
    text = (_HEAD + "".join(body) + "</urlset>\n").encode()
    (site / "sitemap.xml").write_bytes(text)
    (site / "sitemap.xml.gz").write_bytes(gzip.compress(text, mtime=int(epoch or 0)))


def _url(site_url: str, entry: Entry, epoch: str | None) -> str:
    lines = [f"<loc>{escape(urljoin(site_url, entry.url))}</loc>"]
    lines += [
        f'<xhtml:link rel="alternate" hreflang={quoteattr(code)}'
        f" href={quoteattr(urljoin(site_url, url))}/>"
        for code, url in entry.twins.items()
    ]
    if epoch:
        lines.append(f"<lastmod>{datetime.fromtimestamp(int(epoch), UTC).date()}</lastmod>")
    return "<url>\n" + "".join(f"  {line}\n" for line in lines) + "</url>\n"
