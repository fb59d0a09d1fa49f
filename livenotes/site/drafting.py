"""Drafts in a build: a server shows them with a notice, a build leaves them out and says so."""

from __future__ import annotations

import logging
import re
from html import escape
from pathlib import Path

from mkdocs.structure.pages import Page

from livenotes.checks.staleness import outdated, pairs
from livenotes.core.words import words
from livenotes.site.build import Build
from livenotes.site.configuration import drafts_of, load, options_of
from livenotes.site.documents import Converter, sources_of
from livenotes.site.settings import check_settings

UNPUBLISHED = "unpublished:"  # stands for the address of a page that readers do not find
_ENTRY = re.compile(rf"^\s*(?:\||[-*+]|\d+\.) *\[[^]\n]*\]\({UNPUBLISHED}\).*\n", re.MULTILINE)
_LINK = re.compile(rf"\[([^]]*)\]\({UNPUBLISHED}\)")

log = logging.getLogger("mkdocs.plugins.livenotes")


def read_pages(build: Build) -> None:
    """Reads all pages into the build, and notes which of them links lead to in vain.

    A build takes drafts out of the site's files. Raises LivenotesError.
    """
    config, files = build.config, build.files
    build.sources = sources_of(build.runs.project, config, files)
    drafts = build.drafts = drafts_of(config, build.sources.values())
    build.findings.warnings += check_settings(config, files.documentation_pages(), drafts.pages)
    build.findings.warnings += drafts.misnamed()
    build.conversion.unpublished = drafts.absent
    if not build.serving:
        build.conversion.unpublished |= drafts.left_out
        build.leave_out(drafts.left_out)
        for uri, draft in sorted(drafts.pages.items()):
            log.info("%s", draft.problem())  # no warning: a strict build goes on
            if not draft.published and (file := files.get_file_from_path(uri)):
                files.remove(file)


def without_unpublished(markdown: str, note: str) -> str:
    """A page's Markdown, in which links to UNPUBLISHED become text, and entries about such pages
    are left out, as in its HTML."""
    return _LINK.sub(rf"\1{note}", _ENTRY.sub("", markdown))


def lagging(build: Build) -> dict[str, bool]:
    """Paths of pages that changed in one language only, where the site says so (`stale: show`):
    whether the page lacks a later change of its translation, or the other way round."""
    if options_of(build.config).stale != "show":
        return {}
    project = build.runs.project
    converter = Converter(load(Path(build.config.config_file_path)))
    found: dict[str, bool] = {}
    for pair in pairs(build.documents.values(), project.options.languages):
        for problem in outdated(*pair, project.root, converter):
            found |= {path: path == problem.path or found.get(path, False) for path in pair}
    return found


def notice(build: Build, page: Page) -> str:
    """What stands above a page that is not finished; '' above others."""
    draft = build.drafts.pages.get(page.file.src_uri)
    if not draft:
        return ""
    own = words(str(page.meta.get("language", "en")))
    text = own.draft if draft.marked else own.untranslated_draft
    if draft.published:
        text = own.untranslated
    title = f'<p class="admonition-title">{escape(text)}</p>'
    return f'<div class="admonition warning ln-draft">{title}</div>\n'
