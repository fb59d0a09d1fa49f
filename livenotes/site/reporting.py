"""What a build says of its findings, and whether it ends there."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from mkdocs.exceptions import Abort
from mkdocs.utils import CountHandler

from livenotes.checks.project import Findings, shown_on
from livenotes.document.document import Document

log = logging.getLogger("mkdocs.plugins.livenotes")


def report(findings: Findings, pages: Iterable[Document], serving: bool) -> None:
    """Say everything that is wrong; a server goes on. Raises Abort, which ends a build."""
    pages = list(pages)
    errors = shown_on(findings.unique_errors(), pages)
    warnings = shown_on(findings.unique_warnings(), pages)
    if serving:  # through another logger: --strict must not end the server
        for problem in (*errors, *warnings):
            logging.getLogger("livenotes").warning("%s", problem)
        return
    for problem in warnings:
        log.warning("%s", problem)
    for problem in errors:
        log.error("%s", problem)
    if errors:
        raise Abort(f"Aborted with {len(errors)} errors; the site was left as it was.")
    counters = [h for h in logging.getLogger("mkdocs").handlers if isinstance(h, CountHandler)]
    if any(handler.get_counts() for handler in counters):
        # MkDocs says so too, but only after this event: the site would be replaced by then.
        raise Abort("Aborted with warnings in strict mode; the site was left as it was.")
