"""Two languages in one MkDocs build: navigation, language links, search and sitemap of each.

The pages of a language live in its folder (`docs/zh/`, `docs/en/`) under the same names. The
`nav` of mkdocs.yml is written once, with names that have no language in them; a title is written
for all languages in one line, in the order of the languages: `- 基础 | Basics: [tensors.md]`.
"""

from __future__ import annotations

import copy
import logging
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files, InclusionLevel, file_sort_key
from mkdocs.structure.nav import Link, Navigation, Section
from mkdocs.structure.pages import Page
from mkdocs.utils import get_relative_url

from livenotes import searching, sitemap

THEME = Path(__file__).with_name("theme")
STYLE = "assets/livenotes.css"
SCRIPTS = tuple(f"assets/{n}.js" for n in ("livenotes", "terms", "cells", "keys", "progress"))
NAMES = {"zh": "中文", "en": "English"}

_SEARCH = "material/search"
_PER_LANGUAGE = ("site_name", "site_description", "copyright")

log = logging.getLogger("mkdocs.plugins.livenotes")


@dataclass(frozen=True)
class Alternate:
    """A link to another language: `url` is relative to the site's root."""

    code: str
    name: str
    url: str


@dataclass
class _Build:
    """What one build finds out; every `on_nav` begins a new one, all files being known by then."""

    urls: dict[str, str] = field(default_factory=dict)
    pages: list[Page] = field(default_factory=list)
    navigations: dict[str, Navigation] = field(default_factory=dict)


class Languages:
    """What a MkDocs plugin calls, event by event; the first of `codes` is the default language.

    `on_config` has to run before the search plugin's, `on_post_build` after it.
    """

    def __init__(self, codes: Sequence[str] = ("zh", "en")) -> None:
        self.codes = tuple(codes)
        self._build = _Build()

    def of(self, src_uri: str) -> str | None:
        """The language of a file: its first folder, or None where that is no language."""
        first, slash, _ = src_uri.partition("/")
        return first if slash and first in self.codes else None

    def on_config(self, config: MkDocsConfig) -> None:
        """Bring in our templates, style and script; fill in what the author left open."""
        theme = config.theme
        if str(THEME) not in theme.dirs:
            # Behind the author's custom_dir, so that an author can override ours too.
            theme.dirs.insert(1 if theme.custom_dir else 0, str(THEME))
        if STYLE not in config.extra_css:
            config.extra_css.insert(0, STYLE)
        given = {str(script) for script in config.extra_javascript}
        config.extra_javascript += [script for script in SCRIPTS if script not in given]
        theme.static_templates.discard("sitemap.xml")  # on_post_build writes ours
        # One scope for both languages, so that they share the reader's choice of dark or light.
        config.extra.setdefault("scope", urlsplit(config.site_url or "").path or "/")
        if "navigation.instant" in theme.get("features", ()):
            log.warning(
                "mkdocs.yml: 'navigation.instant' keeps the header of the first page, so the "
                "language link would go stale: remove it from theme.features"
            )
        self._configure_search(config)

    def on_files(self, files: Files, config: MkDocsConfig) -> None:
        """Write the navigation out for every language, before MkDocs reads it."""
        if theirs := files.get_file_from_path("sitemap.xml"):
            files.remove(theirs)  # no longer a template, it would be copied as it is
        names = config.nav or self._all_names(files)
        nav: list[Any] = ["index.md"] if files.get_file_from_path("index.md") else []
        nav += [{code: self._localized(names, code)} for code in self.codes]
        config.nav = nav

    def on_nav(self, nav: Navigation, config: MkDocsConfig, files: Files) -> Navigation:
        """Cut the navigation into one per language, each with its own previous and next.

        Returns the whole: it holds the landing page, and every page of every language once.
        """
        pages = [f.page for f in files.documentation_pages() if f.page is not None]
        self._build = _Build({page.file.src_uri: page.url for page in pages}, pages)
        for item in nav.items:
            if isinstance(item, Section) and item.title in self.codes:
                self._build.navigations[item.title] = self._navigation(item, files)
                item.title = NAMES.get(item.title, item.title)
        for page in nav.pages:
            if self.of(page.file.src_uri) is None:
                page.previous_page = page.next_page = None
        return nav

    def on_page_markdown(self, page: Page) -> None:
        """Note the page's language where the templates look for it."""
        if code := self.of(page.file.src_uri):
            page.meta["language"] = code

    def on_page_context(
        self, context: MutableMapping[str, Any], page: Page, config: MkDocsConfig, nav: Navigation
    ) -> None:
        """Show the page in its language: navigation, names, search, links to its twins."""
        code = self.of(page.file.src_uri)
        context["alternates"] = self._alternates(page.file.src_uri)
        context["config"] = self._config_for(code, config)
        if config.site_url and page.canonical_url == urljoin(config.site_url, page.url):
            twins = self._twins(page.file.src_uri)
            context["twins"] = {c: urljoin(config.site_url, url) for c, url in twins.items()}
        if code is not None:
            context["nav"] = self._build.navigations.get(code, nav)
            # The theme looks for the search index below base_url; links do not use it.
            context["base_url"] = get_relative_url(f"{code}/", page.url).rstrip("/")

    def on_post_build(self, config: MkDocsConfig) -> None:
        """Write a search index for each language, and the sitemap where the site has an address."""
        searching.split_index(Path(config.site_dir), self.codes)
        if config.site_url:
            entries = [
                sitemap.Entry(page.url, self._twins(page.file.src_uri))
                for page in self._build.pages
                # A page that calls another one the original (a notebook) is not listed.
                if page.canonical_url == urljoin(config.site_url, page.url)
            ]
            sitemap.write(Path(config.site_dir), config.site_url, entries)

    def _configure_search(self, config: MkDocsConfig) -> None:
        plugin = config.plugins.get(_SEARCH)
        if plugin is None:
            return
        options: MutableMapping[str, Any] = plugin.config
        for name, value in searching.SETTINGS.items():
            if not options[name]:
                options[name] = value
        if not searching.prepare_jieba():
            log.warning("Chinese search needs jieba: pip install jieba")
        elif not options["jieba_dict_user"]:
            target = Path(config.config_file_path).parent / ".cache/livenotes/words.txt"
            terms = searching.chinese_terms(Path(config.docs_dir, "glossary.yml"))
            options["jieba_dict_user"] = str(searching.write_words(terms, target))

    def _all_names(self, files: Files) -> list[Any]:
        """A navigation for an author who wrote none: every page, as MkDocs sorts them."""
        hidden = InclusionLevel.NOT_IN_NAV
        pages = [f for f in files.documentation_pages() if f.inclusion != hidden]
        ordered = sorted((f for f in pages if self.of(f.src_uri)), key=file_sort_key)
        return list(dict.fromkeys(f.src_uri.partition("/")[2] for f in ordered))

    def _localized(self, item: Any, code: str) -> Any:
        """An entry of `nav` as it reads in one language: folder added, titles chosen."""
        if isinstance(item, str):
            return item if "://" in item or item.startswith("/") else f"{code}/{item}"
        if isinstance(item, Mapping):
            return {self._title(t, code): self._localized(v, code) for t, v in item.items()}
        return [self._localized(i, code) for i in item]

    def _title(self, title: Any, code: str) -> str:
        titles = [part.strip() for part in str(title).split("|")]
        return titles[self.codes.index(code)] if len(titles) == len(self.codes) else str(title)

    def _navigation(self, section: Section, files: Files) -> Navigation:
        """The navigation of one language, from the section that MkDocs made of it."""
        items = list(_without_broken_links(section.children))
        for item in items:
            item.parent = None
        pages = list(_pages_of(items))
        for before, page, after in zip([None, *pages], pages, [*pages[1:], None], strict=False):
            page.previous_page, page.next_page = before, after
        navigation = Navigation(items, pages)
        home = files.get_file_from_path(f"{section.title}/index.md")
        navigation.homepage = home.page if home else next(iter(pages), None)
        return navigation

    def _twins(self, src_uri: str) -> dict[str, str]:
        """The page in every language that has it: language -> URL; `x-default` for all others."""
        urls, code = self._build.urls, self.of(src_uri)
        name = src_uri.removeprefix(f"{code}/")
        if code is None and name != "index.md":
            return {}
        twins = {c: urls[f"{c}/{name}"] for c in self.codes if f"{c}/{name}" in urls}
        if len(twins) < 2:
            return {}
        # Whoever reads neither language is sent to the landing page, or to the default language.
        default = urls.get(name, "") if name == "index.md" else next(iter(twins.values()))
        return twins | {"x-default": default}

    def _alternates(self, src_uri: str) -> list[Alternate]:
        """Links to the other languages: the same page, or their home where they lack it."""
        homes = {code: self._build.urls.get(f"{code}/index.md", "") for code in self.codes}
        urls = homes | self._twins(src_uri)
        others = [code for code in self.codes if code != self.of(src_uri)]
        return [Alternate(code, NAMES.get(code, code), urls[code]) for code in others]

    def _config_for(self, code: str | None, config: MkDocsConfig) -> MkDocsConfig:
        """The configuration as the templates see it; the author's own is left as it is."""
        view = copy.copy(config)
        extra = dict(config.extra)
        # Truthy, so that the header asks for our partials/alternate.html, but not a list: the
        # theme would write link elements, below each of which its script looks for a sitemap.
        extra["alternate"] = True
        if code is None:
            # The landing page belongs to no language, so there is no index it could search.
            view["plugins"] = {n: p for n, p in config.plugins.items() if n != _SEARCH}
        else:
            extra.pop("homepage", None)
            own: Mapping[str, Any] = config.extra.get("livenotes") or {}
            for name in _PER_LANGUAGE:
                if text := (own.get(name) or {}).get(code):
                    view[name] = text
        view["extra"] = extra
        return view


def _without_broken_links(items: Sequence[Any]) -> Iterator[Any]:
    """Entries that lead somewhere: MkDocs has reported the pages that do not exist."""
    for item in items:
        if isinstance(item, Section):
            item.children = list(_without_broken_links(item.children))
            if item.children:
                yield item
        elif not isinstance(item, Link) or "://" in item.url or item.url.startswith("/"):
            yield item


def _pages_of(items: Sequence[Any]) -> Iterator[Page]:
    for item in items:
        if isinstance(item, Page):
            yield item
        elif isinstance(item, Section):
            yield from _pages_of(item.children)
