"""Both languages beside each other: a page at `zh-en/` for each that stands in both folders.

Nothing is rendered again: the HTML of the two pages is paired (`pairing.py`) while it still has
marks in place of the cells, which are then filled in once. With plugin.py and languages.py one of
the rooms that know MkDocs.
"""

from __future__ import annotations

import copy
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from urllib.parse import urljoin, urlsplit

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import AnchorLink, TableOfContents
from mkdocs.utils import get_relative_url

from livenotes.document.document import Document
from livenotes.document.html import inner_html, raw_element, to_html
from livenotes.extensions.sections import split_sections
from livenotes.rendering.cell import in_all
from livenotes.site.build import Build
from livenotes.site.configuration import options_of
from livenotes.site.pairing import Pairing, row, with_links
from livenotes.site.serve import entries

STYLE = "assets/sidebyside.css"

_ELSEWHERE = re.compile(r"[#/?]|[a-z][a-z0-9+.-]*:")  # no relative link to a file


class SideBySide:
    """What Languages calls in one build, event by event; `code` names the pages' folder."""

    def __init__(self, config: MkDocsConfig, codes: Sequence[str]) -> None:
        self.config = config
        self.codes = tuple(codes)
        self.code = "-".join(codes) if len(codes) == 2 else ""
        self.urls: frozenset[str] = frozenset()
        self._sides: dict[str, list[File]] = {}  # the pages of all languages, by the pair's name

    def on_files(self, files: Files) -> None:
        """Announce a page for every pair, so that navigation and links find it."""
        urls = []
        pages = {file.src_uri: file for file in files.documentation_pages()}
        wanted = self.code and options_of(self.config).side_by_side
        for uri in list(pages) if wanted else ():
            code, _, name = uri.partition("/")
            pair = f"{self.code}/{name}"
            sides = [pages[f"{code}/{name}"] for code in self.codes if f"{code}/{name}" in pages]
            whole = code == self.codes[0] and len(sides) == len(self.codes)
            if whole and name.endswith(".md") and not files.get_file_from_path(pair):
                file = File.generated(self.config, pair, content="")
                files.append(file)
                urls.append(file.url)
                self._sides[pair] = sides
        self.urls = frozenset(urls)

    def sides(self, page: Page) -> list[Page]:
        """The pages that this one shows side by side; none where it is another kind of page."""
        return [file.page for file in self._sides.get(page.file.src_uri, ()) if file.page]

    def on_page_markdown(self, page: Page) -> None:
        """A pair is not searched, and calls the first language's page the original."""
        if sides := self.sides(page):
            page.meta["language"] = self.codes[0]
            page.meta["description"] = sides[0].meta.get("description", "")
            page.meta["search"] = {"exclude": True}
            page.canonical_url = sides[0].canonical_url

    def on_env(self, pages: Iterable[Page], build: Build) -> None:
        """Give the pairs among these pages their content, whose cells are still to be filled."""
        for page in [page for page in pages if self.sides(page)]:
            first, second = self.sides(page)
            documents = [build.documents[side.file.src_uri] for side in (first, second)]
            made_of = (page.url, documents, self.urls)
            make = partial(self._paired, page, documents)
            page.content = build.remember(("pair", page.file.src_uri), made_of, make)
            page.title = " · ".join(dict.fromkeys(str(side.title) for side in (first, second)))
            titles = {item.id: item.title for item in entries(second.toc)}
            page.toc = TableOfContents(list(self._entries(first.toc, titles)))

    def on_page_context(self, config: MkDocsConfig) -> None:
        """How a pair is laid out: contents below the navigation, so that two columns have room."""
        theme = copy.copy(config.theme)
        features = [*(theme.get("features") or ()), "toc.integrate"]
        theme.features = features  # type: ignore[attr-defined]  # where templates look first
        config["theme"] = theme
        config["extra_css"] = [*config.extra_css, STYLE]

    def joined(self, page: Page, parts: Sequence[str]) -> str:
        """HTML of each language's page, as one row of the pair."""
        sides = [
            [self._moved(raw_element(part), side, page)] if part else []
            for part, side in zip(parts, self.sides(page), strict=True)
        ]
        return to_html(row(self.codes, *sides)) if any(parts) else ""

    def _paired(self, page: Page, documents: Sequence[Document]) -> str:
        """The HTML of two pages as one."""
        sides = [
            self._moved(document.root, side, page)
            for document, side in zip(documents, self.sides(page), strict=True)
        ]
        paired = Pairing(self.codes).pair(sides[0], sides[1])
        split_sections(paired)
        return inner_html(paired).strip()

    def _moved(self, root: ET.Element, side: Page, page: Page) -> ET.Element:
        """A page with links as they are from the pair.

        The pair is as deep in the site, so links to other pages lead to their pairs by themselves;
        to whatever has none, they lead as before.
        """

        def moved(link: str) -> str:
            target = urlsplit(urljoin(f"https://x/{side.url}", link))
            code, _, rest = target.path[1:].partition("/")
            is_paired = code not in self.codes or f"{self.code}/{rest}" in self.urls
            if is_paired or _ELSEWHERE.match(link):
                return link
            fragment = f"#{target.fragment}" if target.fragment else ""
            return f"{get_relative_url(target.path[1:], page.url)}{fragment}"

        return with_links(root, moved)

    def _entries(
        self, ours: Iterable[AnchorLink], titles: Mapping[str, str]
    ) -> Iterator[AnchorLink]:
        for item in ours:
            texts = (item.title, titles.get(item.id, item.title))
            title = in_all(dict(zip(self.codes, texts, strict=True)))
            both = AnchorLink(title, item.id, item.level)
            both.children = list(self._entries(item.children, titles))
            yield both
