"""The languages of one MkDocs build: navigation, language links, search and sitemap of each.

The pages of a language stand in its folder (`docs/zh/`, `docs/en/`) under the same names. The
`nav` of mkdocs.yml is written once, with names that have no language in them; a title is written
for all languages in one line, in the order of the languages: `- 基础 | Basics: [tensors.md]`.
A site of one language has its pages straight in `docs/`, and MkDocs' own navigation.
"""

from __future__ import annotations

import copy
import gzip
import os
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files, InclusionLevel, file_sort_key
from mkdocs.structure.nav import Navigation, Section
from mkdocs.structure.pages import Page
from mkdocs.utils import get_relative_url
from mkdocs.utils.templates import TemplateContext

from livenotes.core.glossary import terms_of
from livenotes.core.words import words
from livenotes.site import search as searching
from livenotes.site.configuration import languages_of, options_of
from livenotes.site.navigation import localized, navigation_of, without
from livenotes.site.sidebyside import SideBySide
from livenotes.site.sitemap import sitemap_context

THEME = Path(__file__).parents[1] / "theme"
STYLE = "assets/livenotes.css"
SCRIPTS = tuple(f"assets/{name}.js" for name in ("sliders", "terms", "cells", "keys", "progress"))

_SEARCH = "material/search"
_PER_LANGUAGE = ("site_name", "site_description", "copyright")


@dataclass(frozen=True)
class Alternate:
    """A link to another language, or to both (`code` is that of `name`): `url` is relative to the
    site's root."""

    code: str
    name: str
    url: str
    both: bool = False


class Languages:
    """What a plugin calls in one build, event by event; the first of `codes` is the default.

    It is made before the search plugin reads its settings; `on_post_build` comes after that of the
    search plugin. A language that the site does not have is None.
    """

    def __init__(self, config: MkDocsConfig) -> None:
        """Brings in our templates, style and scripts; fills in what the author left open."""
        self.config = config
        self.names = languages_of(config)  # by code
        self.codes = tuple(self.names)
        self.pairs = SideBySide(config, self.codes)
        self._urls: dict[str, str] = {}  # of pages, by their files; known from `on_nav` on
        self._pages: list[Page] = []
        self._navigations: dict[str, Navigation] = {}
        theme = config.theme
        if str(THEME) not in theme.dirs:
            # Behind the author's custom_dir, so that an author can override ours too.
            theme.dirs.insert(1 if theme.custom_dir else 0, str(THEME))
        if STYLE not in config.extra_css:
            config.extra_css.insert(0, STYLE)
        given = set(map(str, config.extra_javascript))
        config.extra_javascript += [script for script in SCRIPTS if script not in given]
        # One scope for both languages, so that they share the reader's choice of dark or light.
        config.extra.setdefault("scope", urlsplit(config.site_url or "").path or "/")
        if plugin := config.plugins.get(_SEARCH):
            options: MutableMapping[str, Any] = plugin.config
            options["separator"] = options["separator"] or searching.SEPARATOR

    @property
    def alone(self) -> str | None:
        """The language of a site that has one only."""
        return self.codes[0] if len(self.codes) == 1 else None

    def of(self, src_uri: str) -> str | None:
        """The language of a file: its first folder, or None where that is no language."""
        first, slash, _ = src_uri.partition("/")
        return self.alone or (first if slash and first in self.codes else None)

    def uri(self, code: str, name: str) -> str:
        """Where the file of that name stands in a language."""
        return name if self.alone else f"{code}/{name}"

    def name(self, src_uri: str) -> str:
        """A file's name in its language."""
        return src_uri if self.alone else src_uri.removeprefix(f"{self.of(src_uri)}/")

    def on_files(self, files: Files, gone: frozenset[str] = frozenset()) -> None:
        """Write the navigation of every language, without the unpublished pages, `gone`."""
        config = self.config
        if self.alone:
            config.nav = config.nav and without(config.nav, gone)
            return
        names = config.nav or self._all_names(files)
        nav: list[Any] = ["index.md"] if files.get_file_from_path("index.md") else []
        self.pairs.on_files(files)
        gone |= {f"{self.pairs.code}/{self.name(uri)}" for uri in gone}
        nav += [
            {folder: without(localized(names, folder, self.codes), gone)}
            for folder in self._folders()
        ]
        config.nav = nav

    def on_nav(self, nav: Navigation, files: Files) -> Navigation:
        """Cut the navigation into one per language, each with its own previous and next.

        Returns the whole: it holds the landing page, and every page of every language once.
        """
        self._pages = [f.page for f in files.documentation_pages() if f.page is not None]
        self._urls = {page.file.src_uri: page.url for page in self._pages}
        if self.alone:
            self._navigations[self.alone] = nav
            return nav
        for item in nav.items:
            if isinstance(item, Section) and item.title in self._folders():
                self._navigations[item.title] = navigation_of(item, files)
                item.title = self.names.get(
                    item.title, " · ".join(words(code).both for code in self.codes)
                )
        for page in nav.pages:
            if self._folder(page) is None:
                page.previous_page = page.next_page = None
        return nav

    def on_page_markdown(self, page: Page) -> None:
        """Note the page's language where the templates look for it."""
        if code := self.of(page.file.src_uri):
            page.meta["language"] = code
        self.pairs.on_page_markdown(page)

    def on_page_context(
        self, context: MutableMapping[str, Any], page: Page, nav: Navigation
    ) -> None:
        """Show the page in its language: navigation, names, search, links to its twins."""
        site_url, folder = self.config.site_url, self._folder(page)
        # Whatever is no text, a pair has in the first language.
        code = self.codes[0] if folder == self.pairs.code else folder
        context["alternates"] = self._alternates(page)
        if not site_url or page.canonical_url == urljoin(site_url, page.url):
            context["twins"] = {
                c: urljoin(site_url, url) if site_url else get_relative_url(url, page.url)
                for c, url in self.twins(page.file.src_uri).items()
            }
        context["config"] = self.view(code)
        if folder == self.pairs.code:
            self.pairs.on_page_context(context["config"])
        if code is not None and folder is not None:
            context["nav"] = self._navigations.get(folder, nav)
            # The theme looks for the search index below base_url; links do not use it.
            base = get_relative_url(self.uri(code, ""), page.url)
            context["base_url"] = base if folder == self.pairs.code else base.rstrip("/")

    def on_env(self, env: Environment) -> None:
        """Give the templates the words of a language, and the languages that have words; and our
        base.html the theme's, which it extends: an author's main.html extends ours."""
        loader = env.loader
        assert isinstance(loader, FileSystemLoader)
        theirs = loader.searchpath[loader.searchpath.index(str(THEME)) + 1 :]
        env.loader = ChoiceLoader([loader, PrefixLoader({"theme": FileSystemLoader(theirs)})])
        env.globals["words"] = words
        homes = {words(code).language: code for code in reversed(self.codes)}
        env.globals["homes"] = [
            (words(code), self.names[code], self.uri(code, ""))
            for code in self.codes
            if homes[words(code).language] == code
        ]

    def on_template_context(self, context: TemplateContext, name: str) -> TemplateContext:
        """Give sitemap.xml its pages, each with its twins."""
        if name == "sitemap.xml" and self.config.site_url:
            found = sitemap_context(self._pages, self.twins, self.config.site_url)
            context.update(found)  # type: ignore[typeddict-item]
        return context

    def on_post_build(self, searched: Sequence[dict[str, Any]] = ()) -> None:
        """Write a search index for each language; pack the sitemap without the time of day."""
        site = Path(self.config.site_dir)
        terms = terms_of(Path(self.config.docs_dir, "glossary.yml"))
        folders = ("",) if self.alone else self.codes
        searching.split_index(site, folders, terms, searched)
        if (sitemap := site / "sitemap.xml").is_file():
            packed = gzip.compress(
                sitemap.read_bytes(), mtime=int(os.environ.get("SOURCE_DATE_EPOCH") or 0)
            )
            (site / "sitemap.xml.gz").write_bytes(packed)

    def _folders(self) -> tuple[str, ...]:
        """Where the pages lie that have a navigation of their own."""
        return (*self.codes, *([self.pairs.code] if self.pairs.urls else []))

    def _folder(self, page: Page) -> str | None:
        return self.pairs.code if self.pairs.sides(page) else self.of(page.file.src_uri)

    def pages(self, code: str) -> list[Page]:
        """A language's pages, in the order in which they are read."""
        navigation = self._navigations.get(code)
        return list(navigation.pages) if navigation else []

    def twin(self, src_uri: str, code: str) -> Page | None:
        """The same page in another language, or in its own."""
        uri = self.uri(code, self.name(src_uri))
        return next((page for page in self._pages if page.file.src_uri == uri), None)

    def _all_names(self, files: Files) -> list[Any]:
        """A navigation for an author who wrote none: every page, as MkDocs sorts them."""
        hidden = InclusionLevel.NOT_IN_NAV
        pages = [f for f in files.documentation_pages() if f.inclusion != hidden]
        ordered = sorted((f for f in pages if self.of(f.src_uri)), key=file_sort_key)
        return list(dict.fromkeys(f.src_uri.partition("/")[2] for f in ordered))

    def twins(self, src_uri: str) -> dict[str, str]:
        """The page in every language that has it: language -> URL; `x-default` for all others."""
        urls, code = self._urls, self.of(src_uri)
        name = self.name(src_uri)
        if self.alone or (code is None and name != "index.md"):
            return {}
        twins = {c: urls[self.uri(c, name)] for c in self.codes if self.uri(c, name) in urls}
        if len(twins) < 2:
            return {}
        # Whoever reads neither language is sent to the landing page, or to the default language.
        default = urls.get(name, "") if name == "index.md" else next(iter(twins.values()))
        return twins | {"x-default": default}

    def _alternates(self, page: Page) -> list[Alternate]:
        """Links to the other languages: the same page, or their home where they lack it; and to
        the page that has both."""
        uri, code = page.file.src_uri, self.of(page.file.src_uri)
        if self.alone:
            return []
        homes = {code: self._urls.get(f"{code}/index.md", "") for code in self.codes}
        sides = {str(self.of(side.file.src_uri)): side.url for side in self.pairs.sides(page)}
        urls = homes | self.twins(uri) | sides
        found = [Alternate(c, self._label(c, uri, code), urls[c]) for c in self.codes if c != code]
        name = uri.removeprefix(f"{code}/") if code else "index.md"
        both = self._urls.get(f"{self.pairs.code}/{name}")
        if both is not None and not sides:
            label = code or self.codes[0]
            found.append(Alternate(label, words(label).both, both, both=True))
        return found

    def _label(self, code: str, uri: str, own: str | None) -> str:
        """What the link to a language says: also that the page is yet to be translated."""
        name = self.names[code]
        lacking = own and self.uri(code, self.name(uri)) not in self._urls
        return words(code).to_come.format(name) if lacking else name

    def view(self, code: str | None) -> MkDocsConfig:
        """The configuration as the templates see it; the author's own is left as it is."""
        config, view = self.config, copy.copy(self.config)
        extra = dict(config.extra)
        # Truthy, so that the header asks for our partials/alternate.html, but not a list: the
        # theme would write link elements, below each of which its script looks for a sitemap.
        extra["alternate"] = True
        if code is None:
            # The landing page belongs to no language, so there is no index it could search.
            view["plugins"] = {n: p for n, p in config.plugins.items() if n != _SEARCH}
        else:
            extra.pop("homepage", None)
            for name in _PER_LANGUAGE:
                if text := options_of(config)[name].get(code):
                    view[name] = text
        view["extra"] = extra
        return view
