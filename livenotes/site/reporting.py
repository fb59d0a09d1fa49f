"""What a build says of its findings, and whether it ends there."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mkdocs.exceptions import Abort, PluginError
from mkdocs.utils import CountHandler
from mkdocs.utils import log as utils_log

from livenotes.checks.links import check_links
from livenotes.checks.project import shown_on
from livenotes.core.problems import LivenotesError
from livenotes.site import banner
from livenotes.site.build import Build

log = logging.getLogger("mkdocs.plugins.livenotes")
# What MkDocs and its plugins say passes here; where ProperDocs builds, it is called "properdocs".
generator_log = logging.getLogger(utils_log.name.partition(".")[0])


def report(build: Build) -> None:
    """Says everything that is wrong; a server goes on, and says it on the pages too.

    Raises Abort, which ends a build.
    """
    files = build.files
    names = {file.src_uri for file in files} | build.conversion.unpublished
    build.findings.warnings += check_links(build.documents, names)
    pages = list(build.documents.values())
    errors = shown_on(build.findings.unique_errors(), pages)
    warnings = shown_on(build.findings.unique_warnings(), pages)
    if build.serving:  # through another logger: --strict must not end the server
        for problem in (*errors, *warnings):
            logging.getLogger("livenotes").warning("%s", problem)
        written = ((uri, files.get_file_from_path(uri)) for uri in build.documents)
        places = [(build.documents[uri].path, Path(f.abs_dest_path)) for uri, f in written if f]
        banner.show((*errors, *warnings), places)
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


@contextmanager
def telling_authors() -> Iterator[None]:
    """Ends the build with the problems of a LivenotesError, without a traceback."""
    try:
        yield
    except LivenotesError as error:
        raise PluginError(str(error)) from None
