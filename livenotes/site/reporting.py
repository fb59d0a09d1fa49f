"""What a build says of its findings, and whether it ends there."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from mkdocs.exceptions import Abort, PluginError
from mkdocs.structure.pages import Page
from mkdocs.utils import CountHandler
from mkdocs.utils import log as utils_log

from livenotes.checks.links import LEADS, links_to_files, links_to_headings
from livenotes.checks.project import shown_on
from livenotes.core.problems import LivenotesError, Problem
from livenotes.site import banner
from livenotes.site.build import Build

_OF_MKDOCS = re.compile(r"Doc file '(?P<page>[^']*)' contains a link '(?!/)")
Sides = Callable[[Page], list[Page]]
log = logging.getLogger("mkdocs.plugins.livenotes")
# What MkDocs and its plugins say passes here; where ProperDocs builds, it is called "properdocs".
generator_log = logging.getLogger(utils_log.name.partition(".")[0])


def report(build: Build, sides: Sides) -> None:
    """Says everything that is wrong; a server goes on, and says it on the pages too.

    `sides` gives the pages that one shows side by side.

    Raises Abort, which ends a build.
    """
    names = {file.src_uri for file in build.files} | build.conversion.unpublished
    links = list(links_to_headings(build.documents))
    told = {(problem.path, problem.line) for problem in links}
    found = [p for p in build.findings.errors if not _is_link(p) or (p.path, p.line) not in told]
    build.findings.errors = found + links  # what the last look told as well stands once
    pages = list(build.documents.values())
    errors = shown_on(build.findings.unique_errors(), pages)
    warnings = shown_on(build.findings.unique_warnings(), pages)
    warnings += links_to_files(build.documents, names)
    if build.serving:  # through another logger: --strict must not end the server
        for problem in (*errors, *warnings):
            logging.getLogger("livenotes").warning("%s", problem)
        banner.show((*errors, *warnings), _written(build, sides))
        return
    for problem in warnings:
        log.warning("%s", problem)
    for problem in errors:
        log.error("%s", problem)
    if errors:
        raise Abort(f"Aborted with {len(errors)} errors; the site was left as it was.")
    counters = [h for h in generator_log.handlers if isinstance(h, CountHandler)]
    if any(handler.get_counts() for handler in counters):
        # MkDocs says so too, but only after this event: the site would be replaced by then.
        raise Abort("Aborted with warnings in strict mode; the site was left as it was.")


def _written(build: Build, sides: Sides) -> Iterator[tuple[list[str], Path]]:
    """Yields written pages, each with the paths of the Markdown files that it shows."""
    for page in [file.page for file in build.files.documentation_pages() if file.page]:
        shown = map(build.document, sides(page) or [page])
        if paths := [document.path for document in shown if document]:
            yield paths, Path(page.file.abs_dest_path)


def _is_link(problem: Problem) -> bool:
    return problem.message.startswith(LEADS)


class _LinksAreTold(logging.Filter):
    """Drops what MkDocs says of links that `report` tells with their lines."""

    def __init__(self, build: Build) -> None:
        super().__init__()
        self._pages = build.sources

    def filter(self, record: logging.LogRecord) -> bool:
        said = _OF_MKDOCS.match(record.getMessage())
        return said is None or said["page"] not in self._pages


def tell_links_once(build: Build) -> None:
    """Has MkDocs leave links to `report`, which knows their lines."""
    told_by = logging.getLogger(Page.__module__)
    others = [each for each in told_by.filters if not isinstance(each, _LinksAreTold)]
    told_by.filters = [*others, _LinksAreTold(build)]


@contextmanager
def telling_authors() -> Iterator[None]:
    """Ends the build with the problems of a LivenotesError, without a traceback."""
    try:
        yield
    except LivenotesError as error:
        raise PluginError(str(error)) from None
