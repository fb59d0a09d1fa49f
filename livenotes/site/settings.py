"""What mkdocs.yml says that has no effect here, or another one than it seems."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel

from livenotes.checks.links import check_links
from livenotes.core.problems import Problem
from livenotes.document.document import Document
from livenotes.document.drafts import Drafts, uri_of
from livenotes.site import yamllines
from livenotes.site.configuration import all_files, languages_of, page_path

_ATTRIBUTES = ("attr_list", "extra", "markdown.extensions.attr_list", "markdown.extensions.extra",
               "pymdownx.extra")  # fmt: skip
_FEATURES = {
    "navigation.instant": "keeps the header of the first page, so its language link goes stale",
    "search.suggest": "has no effect: results are shown at each letter",
}
_PLUGINS_OF_ONE_LANGUAGE = {
    "awesome-pages": "has no effect: nav in mkdocs.yml is that of all languages",
    "awesome-nav": "has no effect: nav in mkdocs.yml is that of all languages",
    "material/tags": "lists the pages of all languages on every page of tags",
    "tags": "lists the pages of all languages on every page of tags",
    "i18n": "makes languages that livenotes makes as well",
}


def check_site(
    config: MkDocsConfig, files: Files, pages: Iterable[Document], drafts: Drafts
) -> Iterator[Problem]:
    """What a build says of settings and links; `pages` are all pages, drafts too."""
    yield from check_settings(config, files.documentation_pages(), drafts.pages)
    codes = tuple(languages_of(config))
    by_uri = {uri_of(page.source, codes): page for page in pages}
    yield from check_links(by_uri, all_files(config, files) | drafts.absent)


def check_settings(
    config: MkDocsConfig, files: Iterable[File], drafts: Container[str]
) -> list[Problem]:
    """Settings that do not do what their author wants.

    `files` are all pages; nav need not name `drafts` (`zh/autograd.md`).
    """
    return [*_unfit(config), *_nav(config, list(files), drafts)]


def _unfit(config: MkDocsConfig) -> Iterator[Problem]:
    file = Path(config.config_file_path)
    for path, line, key, above in yamllines.repeated(file):
        message = f"'{key}' stands already in line {above}, and the last one alone counts"
        yield Problem(
            path, line, message, hint="Put everything under one of them, and remove the other."
        )
    wrong: dict[tuple[str, ...], str] = {
        ("theme", "features", name): why for name, why in _FEATURES.items()
    }
    if len(languages_of(config)) > 1:
        wrong |= {("plugins", name): why for name, why in _PLUGINS_OF_ONE_LANGUAGE.items()}
    for keys, why in wrong.items():
        if place := yamllines.find(file, *keys):
            yield Problem(*place, f"'{keys[-1]}' {why}", hint=f"Remove it from {keys[-2]}.")
    if not set(_ATTRIBUTES) & set(config.markdown_extensions):
        place = yamllines.locate(file, "markdown_extensions")
        message = "without attr_list headings have no ids, and readers see {#id}"
        yield Problem(*place, message, hint="Add attr_list to markdown_extensions.")
    if config.theme.custom_dir and Path(config.theme.custom_dir, "base.html").is_file():
        place = yamllines.locate(file, "theme", "custom_dir")
        message = "its base.html takes the place of livenotes' own: no language link, no search"
        hint = 'Name it main.html, with {% extends "base.html" %}, and change blocks there.'
        yield Problem(*place, message, hint=hint)


def _nav(config: MkDocsConfig, files: list[File], drafts: Container[str]) -> Iterator[Problem]:
    """Pages that nav names and no language has, and pages that it leaves out."""
    if not config.nav:
        return
    file = Path(config.config_file_path)
    pages = [each for each in files if page_path(config, each)]
    names = {_name(page.src_uri, config) for page in pages}
    listed = list(_leaves(config.nav))
    for name in listed:
        if name.endswith(".md") and name not in names:
            near = get_close_matches(name, names - set(listed), 1) or get_close_matches(name, names)
            hint = f"Did you mean {near[0]}?" if near else "Write the page, or remove the entry."
            place = yamllines.find_value(file, "nav", name) or yamllines.locate(file, "nav")
            yield Problem(*place, f"nav names a page that is not there: {name}", hint=hint)
    left = {
        _name(page.src_uri, config)
        for page in pages
        if page.inclusion != InclusionLevel.NOT_IN_NAV and page.src_uri not in drafts
    }
    for name in sorted(left - {*listed, "index.md"}):  # the logo leads to a language's first page
        place, hint = yamllines.locate(file, "nav"), f"Add {name} there, or to not_in_nav."
        yield Problem(*place, f"nav leaves out the page {name}", hint=hint)


def _name(uri: str, config: MkDocsConfig) -> str:
    """A page as nav names it: without its language's folder."""
    codes = languages_of(config)
    first, _, rest = uri.partition("/")
    return rest if len(codes) > 1 and first in codes and rest else uri


def _leaves(nav: Any) -> Iterator[str]:
    if isinstance(nav, str):
        yield nav
    else:
        for item in nav.values() if isinstance(nav, dict) else nav or ():
            yield from _leaves(item)
