"""Joins all chapters of a language into one HTML page for printing, with internal links.

Reads the HTML of a built site.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape, unescape
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from livenotes.core.words import words

_STYLE = "assets/book.css"
_TAG = re.compile(r"<[a-zA-Z][^<>]*>")
_ANY_TAG = re.compile(r"<[^<>]*>")
_ARTICLE = re.compile(r'<article class="md-content__inner md-typeset">(.*)</article>', re.DOTALL)
_HEADING = re.compile(r'<h([12]) id="([^"]+)"[^>]*>(.*?)</h\1>', re.DOTALL)
_PERMALINK = re.compile(r'<a class="headerlink".*?</a>', re.DOTALL)
_SHEET = re.compile(r'<link rel="stylesheet" href="([^"]+)"')
_META = r'<(?:link|meta) (?:rel|name)="{}" (?:href|content)="([^"]*)"'
# Attributes that contain an id of the same page: one id, several, or one in url(#…).
_IDS = re.compile(
    r' (id|for|name|aria-labelledby|aria-describedby|aria-controls)="([^"]+)"|url\(#([^)]+)\)'
)
_LINK = re.compile(r' (href|src)="([^"]*)"')


@dataclass(frozen=True)
class Chapter:
    """A page of the site: the path of its file, and its HTML."""

    uri: str
    html: str

    @property
    def name(self) -> str:
        """Returns the prefix of its ids in the book."""
        uri = self.uri.removesuffix("/index.html").removesuffix(".html")
        return _ascii(uri.replace("/", "-"))

    def place(self, identifier: str) -> str:
        """Returns the id in the book of an element with this id."""
        return f"{self.name}--{_ascii(identifier)}"

    @property
    def headings(self) -> Iterator[tuple[int, str, str]]:
        """Yields level, id in the book, and HTML of the title and of each section's heading."""
        article = _ARTICLE.search(self.html)
        for level, identifier, inner in _HEADING.findall(article[1] if article else ""):
            yield int(level), self.place(unescape(identifier)), _PERMALINK.sub("", inner).strip()

    def meta(self, name: str) -> str:
        found = re.search(_META.format(name), self.html)
        return unescape(found[1]) if found else ""


@dataclass(frozen=True)
class Book:
    """The chapters of a language in a built site."""

    site: Path
    language: str
    chapters: tuple[Chapter, ...]

    def page(self, numbers: Mapping[str, int]) -> str:
        """Returns the HTML. `numbers` are the page numbers by id, as far as they are known."""
        home = self.chapters[0]
        title = _ANY_TAG.sub("", next(iter(home.headings), (1, "", self.language))[2])
        sheets = [self._address(home, unescape(url)) for url in _SHEET.findall(home.html)]
        sheets.append((self.site / _STYLE).resolve().as_uri())
        contents = words(self.language).contents
        return "\n".join(
            [
                f'<!doctype html><html lang="{self.language}"><head><meta charset="utf-8">',
                f"<title>{escape(unescape(title))}</title>",
                *(f'<link rel="stylesheet" href="{escape(sheet)}">' for sheet in sheets),
                '</head><body dir="ltr" data-md-color-scheme="default">',
                f'<header class="book-title md-typeset"><p class="book-name">{title}</p>',
                f"<p>{escape(home.meta('description'))}</p></header>",
                f'<nav class="book-contents md-typeset"><p class="book-name">{contents}</p>',
                *self._contents(numbers),
                "</nav>",
                *map(self._article, self.chapters),
                "</body></html>\n",
            ]
        )

    def _contents(self, numbers: Mapping[str, int]) -> Iterator[str]:
        for chapter in self.chapters:
            for level, identifier, inner in chapter.headings:
                number = numbers.get(identifier, 0)
                yield (
                    f'<a class="book-line book-{level}" href="#{identifier}">'
                    f'<span>{inner}</span><span class="book-number">{number}</span></a>'
                )

    def _article(self, chapter: Chapter) -> str:
        article = _ARTICLE.search(chapter.html)
        inner = _TAG.sub(lambda tag: self._tag(chapter, tag[0]), article[1] if article else "")
        return f'<article class="md-content__inner md-typeset">{inner}</article>'

    def _tag(self, chapter: Chapter, tag: str) -> str:
        """Rewrites a start tag: ids with the chapter's prefix, links that lead to where their
        targets are in the book, boxes open, except solutions."""

        def own(match: re.Match[str]) -> str:
            if match[3]:
                return f"url(#{chapter.place(match[3])})"
            ids = " ".join(map(chapter.place, unescape(match[2]).split()))
            return f' {match[1]}="{ids}"'

        def link(match: re.Match[str]) -> str:
            address = self._address(chapter, unescape(match[2]))
            return f' {match[1]}="{escape(address)}"' if address else ""

        if tag.startswith("<details") and "cell-fold" not in tag:
            tag = tag.replace("<details", "<details open", 1)
        return _LINK.sub(link, _IDS.sub(own, tag))

    def _address(self, chapter: Chapter, url: str) -> str:
        """Returns where a chapter's link leads from the book: into the book, to a file that the
        page needs, or to the published site; '' if that has no address."""
        parts = urlsplit(url)
        if parts.scheme:
            return url
        path = posixpath.join(posixpath.dirname(chapter.uri), unquote(parts.path))
        target = posixpath.normpath(path)
        uri = self._uri(target) if parts.path else chapter.uri
        if linked := next((each for each in self.chapters if each.uri == uri), None):
            if parts.fragment:
                return f"#{linked.place(unquote(parts.fragment))}"
            return f"#{next((place for _, place, _ in linked.headings), linked.name)}"
        file = self.site / target
        if file.suffix in (".css", ".png", ".svg", ".jpg", ".webp") and file.is_file():
            return file.resolve().as_uri()
        return urljoin(canonical, url) if (canonical := chapter.meta("canonical")) else ""

    def _uri(self, target: str) -> str:
        return f"{target}/index.html" if (self.site / target).is_dir() else target


def _ascii(name: str) -> str:
    """A name in letters that a PDF's links hold as they are, different for different names."""
    return re.sub(r"[^A-Za-z0-9_-]", lambda char: f".{ord(char[0]):x}", name)


def read_book(site: Path, language: str) -> Book:
    """Reads the pages of a language: the first one, and then always the one that it calls next."""
    uri = f"{language}/index.html"
    chapters: list[Chapter] = []
    while uri and uri not in {chapter.uri for chapter in chapters}:
        chapter = Chapter(uri, (site / uri).read_text("utf-8"))
        chapters.append(chapter)
        following = unquote(chapter.meta("next"))
        uri = posixpath.normpath(posixpath.join(posixpath.dirname(uri), following))
        uri = f"{uri}/index.html" if (site / uri).is_dir() else uri
        uri = uri if following else ""
    return Book(site, language, tuple(chapters))


def languages(site: Path) -> list[str]:
    """Returns the languages of a built site: folders whose first page has that `lang`."""
    return [
        file.parent.name
        for file in sorted(site.glob("*/index.html"))
        if f'<html lang="{file.parent.name}"' in file.read_text("utf-8")[:1000]
    ]
