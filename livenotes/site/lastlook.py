"""A last look at every page that was written, before the site is published."""

from __future__ import annotations

import hashlib
from functools import cache, partial
from pathlib import Path

from livenotes.checks.links import names_file
from livenotes.checks.project import Findings
from livenotes.checks.published import (
    Fault,
    PublishedPage,
    broken_addresses,
    broken_anchors,
    is_there,
    look,
)
from livenotes.core.memo import Remember
from livenotes.site.build import Build


def last_look(build: Build) -> Findings:
    """Returns what no reader should see on the pages of a build.

    What a chapter is told is not told again of its notebook's view and its page of both languages.
    """
    written = {
        file.src_uri: (file.url if file.url != "./" else "", Path(file.abs_dest_path))
        for file in build.files.documentation_pages()
    }
    pages = {
        url: _looked_at(uri, path, build.remember)
        for uri, (url, path) in written.items()
        if path.is_file()
    }
    has = cache(partial(is_there, build.config.site_dir))
    told: set[Fault] = set()
    found = Findings()
    for uri in sorted(written, key=lambda uri: (uri not in build.sources, uri)):
        url, source = written[uri][0], build.sources.get(uri)
        if url not in pages:
            continue
        document = build.documents.get(uri)
        better = {each.target for each in document.links if names_file(each)} if document else ()
        broken = broken_addresses(url, pages[url], has, better) if document else ()
        for fault in (*pages[url].faults, *broken_anchors(url, pages), *broken):
            if source or fault not in told:
                problem = fault.at(source.path if source else uri, source.text if source else "")
                (found.warnings if fault.slight else found.errors).append(problem)
            told.add(fault)
    return found


def _looked_at(uri: str, path: Path, remember: Remember) -> PublishedPage:
    data = path.read_bytes()
    digest = hashlib.sha256(data).digest()
    return remember(("last look", uri), digest, lambda: look(data.decode("utf-8", "replace")))
