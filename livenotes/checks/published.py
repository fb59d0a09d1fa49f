"""A last look at a page's finished HTML, whatever plugin or setting made it.

Knows nothing of how pages are made: it reads HTML as a browser does, so that a fault in any other
room, or in another plugin, is found before readers find it.
"""

from __future__ import annotations

import os
import posixpath
import re
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from livenotes.checks.links import LEADS
from livenotes.core.problems import Problem

_TEXT = "article"
_OURS = {"cell", "ln-get", "notebook-links"}  # a module that fails has no notebook to lead to
_FORMULA = ".arithmatex, x-math:not(.arithmatex), script[type^='math/tex']"
# Text in these elements is shown as it is, or not at all.
_VERBATIM = "code, pre, script, style, textarea, svg, .katex, .arithmatex, x-math"
_DELIMITED = re.compile(r"\$\$(?:.*?\$\$|[^\n]{0,30})|\\\((?:.*?\\\))?|\\\[(?:.*?\\\])?", re.DOTALL)
_PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010fffd]")
_UNSET_HINT = "Have pymdownx.arithmatex in mkdocs.yml, and no other plugin change its formulas."


@dataclass(frozen=True)
class Fault:
    """Something that no reader should see. `excerpt` is its text on the page."""

    message: str
    excerpt: str
    hint: str
    slight: bool = False  # ends strict builds only

    def at(self, path: str, source: str = "") -> Problem:
        """As a problem of a Markdown file, in the line of `source` that has the excerpt."""
        return Problem(path, _line(source, self.excerpt), self.message, hint=self.hint)


@dataclass(frozen=True)
class PublishedPage:
    """What the last look found, and what other pages' links are compared with."""

    faults: tuple[Fault, ...]
    ids: frozenset[str]
    links: tuple[tuple[str, str, str], ...]  # into the site, with an anchor: address, path, anchor
    files: tuple[tuple[str, str], ...] = ()  # pages, pictures and downloads: address, path


def look(html: str) -> PublishedPage:
    """Read a finished page."""
    tree = LexborHTMLParser(html)
    ids = [node.attributes["id"] or "" for node in tree.css("[id]")]
    links = [node.attributes["href"] or "" for node in tree.css("a[href*='#']")]
    anchored = [each for link in dict.fromkeys(links) for each in _anchored(link)]
    faults = (*_unset_formulas(tree), *_empty_cells(tree), *_double_ids(ids),
              *_without_alt(tree), *_texts(tree, html))  # fmt: skip
    text = [node for node in tree.css(f"{_TEXT} a[href], {_TEXT} img[src]") if _is_own(node)]
    named = [node.attributes.get("src") or node.attributes.get("href") or "" for node in text]
    names = [node.attributes["name"] or "" for node in tree.css("a[name]")]
    return PublishedPage(faults, frozenset([*ids, *names]), tuple(anchored), tuple(_files(named)))


def broken_anchors(url: str, pages: Mapping[str, PublishedPage]) -> Iterator[Fault]:
    """Links of one page to anchors that are not there.

    `pages` are all pages by their address in the site, such as `en/autograd/`; links to other
    files and to other sites are left out.
    """
    for link, path, anchor in pages[url].links:
        target = pages.get(_resolved(url, path))
        if target and anchor not in target.ids and anchor != "top":
            yield Fault(
                f"{LEADS} '{link}', but there is nothing with the id '{anchor}'",
                f"#{anchor}",
                "Write the id of a heading of that page.",
            )


def broken_addresses(
    url: str, page: PublishedPage, is_there: Callable[[str], bool], told: Container[str]
) -> Iterator[Fault]:
    """Links and pictures of a page that lead to no file of the site.

    `is_there` tells whether the site has a page or a file at a path. `told` are addresses of which
    `check_links` tells more: those that Markdown could resolve.
    """
    for address, path in page.files:
        if address not in told and not is_there(_resolved(url, path)):
            yield Fault(
                f"{LEADS} '{address}', which is no file of the site",
                address,
                "Write a Markdown link to the file, or the address that readers go to.",
                slight=True,
            )


def is_there(site: str, path: str) -> bool:
    """Tells whether a site in a folder has a page or a file at a path."""
    return os.path.isfile(f"{site}/{path}") or os.path.isfile(f"{site}/{path}/index.html")


def _anchored(link: str) -> Iterator[tuple[str, str, str]]:
    """A link's address, path and anchor, if it leads to an element of this site."""
    parts = urlsplit(link)
    anchor = unquote(parts.fragment)
    if not parts.scheme and not parts.netloc and anchor and not anchor.startswith(":~:"):
        yield link, unquote(parts.path), anchor


def _files(addresses: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The addresses that are relative, each once, and the path that each names."""
    for address in dict.fromkeys(addresses):
        parts = urlsplit(address)
        if not parts.scheme and not parts.netloc and parts.path and parts.path[0] != "/":
            yield address, unquote(parts.path)


def _is_own(node: LexborNode) -> bool:
    """Tells whether an element is the author's, and not of a cell or a line that we add."""
    parent = node.parent
    while parent is not None and _OURS.isdisjoint((parent.attributes.get("class") or "").split()):
        parent = parent.parent
    return parent is None


def _without_alt(tree: LexborHTMLParser) -> Iterator[Fault]:
    for node in tree.css(f"{_TEXT} img:not([alt])"):
        source = (node.attributes.get("src") or "")[:60]
        hint = 'Say what it shows: alt="a curve that falls"; alt="" for what needs no words.'
        yield Fault(f"a picture without alt text: {source}", source, hint, slight=True)


def _resolved(url: str, path: str) -> str:
    """The address that a relative path on a page leads to."""
    if path.startswith("/"):
        return path.lstrip("/")
    whole = posixpath.join("/", posixpath.dirname(url), path or posixpath.basename(url))
    is_folder = whole.endswith(("/", "/.", "/.."))
    return (posixpath.normpath(whole) + "/" * is_folder).lstrip("/")


def _unset_formulas(tree: LexborHTMLParser) -> Iterator[Fault]:
    for node in tree.css(_FORMULA):
        if node.css_first(".katex, .math-error") is None and not _is_in_code(node):
            text = _shortened(node.text(deep=True))
            yield Fault(f"a formula was not typeset: {text}", text, _UNSET_HINT)


def _empty_cells(tree: LexborHTMLParser) -> Iterator[Fault]:
    for node in tree.css("[data-cell], [data-cell-value]"):
        name = node.attributes.get("data-cell") or node.attributes.get("data-cell-value") or ""
        if not (node.inner_html or "").strip():
            hint = "Another plugin or extension may have removed what stood in it."
            yield Fault(f"the place of cell '{name}' is empty", name, hint)


def _double_ids(ids: list[str]) -> Iterator[Fault]:
    for name, count in Counter(ids).items():
        if count > 1:
            hint = "Give each heading and element an id of its own."
            yield Fault(f"the id '{name}' stands {count} times on the page", f"#{name}", hint)


def _texts(tree: LexborHTMLParser, html: str) -> Iterator[Fault]:
    """Faults in the page's text. Takes the verbatim elements out of the tree."""
    private = any(map(_PRIVATE.match, set(html)))  # three times as fast as a search of the page
    if not private and not any(mark in html for mark in ("$$", "\\(", "\\[")):
        return  # nearly every page
    for node in tree.css(".katex"):  # shows some relations by private characters of its own fonts
        node.decompose()
    body = tree.body
    if body is None:
        return
    for match in _PRIVATE.finditer(body.text(deep=True)):
        text = body.text(deep=True)
        near = _shortened(text[max(0, match.start() - 20) : match.end() + 20])
        message = f"U+{ord(match[0]):04X} is shown, which no font has a picture for: {near}"
        yield Fault(message, match[0], "Write the character that is meant.")
    for node in tree.css(_VERBATIM):
        node.replace_with(" ")  # what stands on either side stays apart
    for node in tree.css("p, li, td, th, dt, dd, h1, h2, h3, h4"):
        node.insert_after("\n")
    for match in _DELIMITED.finditer(body.text(deep=True)):
        text = _shortened(match[0])
        hint = (
            "Write $$ on lines of their own, with blank lines around, indented by four spaces in "
            "a list; write a dollar sign as \\$."
        )
        yield Fault(f"this looks like a formula, but was not read as one: {text}", text, hint)


def _is_in_code(node: LexborNode) -> bool:
    parent = node.parent
    while parent is not None and parent.tag not in ("code", "pre"):
        parent = parent.parent
    return parent is not None


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 60 else f"{text[:59]}…"


def _line(source: str, excerpt: str) -> int:
    """The first line of a Markdown text that has the beginning of an excerpt, 0 where none has."""
    wanted = re.sub(r"^\\[(\[]|\\[)\]]$|\s|…$", "", excerpt)[:24]
    if not wanted:
        return 0
    squeezed = re.sub(r"[^\S\n]+", "", source)
    start = squeezed.find(wanted)
    if start < 0:  # it may go on in the next line
        place = re.search(r"\s*".join(map(re.escape, wanted)), squeezed)
        start = place.start() if place else -1
    return squeezed.count("\n", 0, start) + 1 if start >= 0 else 0
