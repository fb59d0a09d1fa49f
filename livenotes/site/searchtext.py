"""What of a page can be searched, section by section, read from the tree of its document.

The text keeps the elements that Material's index knows: paragraphs, lists and code.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser
from typing import TypeAlias

from livenotes.document.html import RAW

Texts: TypeAlias = Callable[[str], Iterable[tuple[str, str]]]

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_KEPT = frozenset({"p", "code", "pre", "li", "ol", "ul", "sub", "sup"})
_LEFT_OUT = frozenset({"object", "script", "style", "svg", "x-term-tip"})
_ROWS = {"tr": "p"}  # the index knows no tables: rows become paragraphs
_CELLS = frozenset({"td", "th"})
_VOID = frozenset({"area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "wbr"})


@dataclass
class Section:
    """What of a section can be searched: its heading's id, '' for the first, and HTML."""

    id: str = ""
    title: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)


def sections(root: ET.Element, texts: Texts, value: Callable[[str], str]) -> list[Section]:
    """What of a page can be searched, section by section.

    `texts` gives the texts of HTML that is not in the tree, as `cell_texts` does; `value` gives the
    text of a value.
    Formulas in a sentence become "…", formulas of their own, pictures and tips are left out.
    """
    reader = _SectionReader(texts, value)
    reader.read(root)
    return reader.sections


class _SectionReader:
    """Walks through a page's tree; HTML of the author, and of highlighted code, is parsed."""

    def __init__(self, texts: Texts, value: Callable[[str], str]) -> None:
        self.sections: list[Section] = []
        self._texts = texts
        self._value = value
        self._current: Section | None = None
        self._in_title = False
        self._pre = 0
        self._html = _HtmlReader(self)

    def read(self, element: ET.Element) -> None:
        """Reads what an element holds."""
        self.data(element.text)
        for child in element:
            self._element(child)
            self.data(child.tail)

    def _element(self, element: ET.Element) -> None:
        tag, classes = str(element.tag), element.get("class", "").split()
        if tag in _LEFT_OUT or "headerlink" in classes:
            return
        if "arithmatex" in classes:
            self.data("…" if tag == "x-math" else "")
        elif reference := element.get("data-cell-value"):
            self.data(self._value(reference))
        elif tag == RAW:
            self._raw(element.text or "")
        else:
            before = self._current
            self.start(tag, element.get("id", ""))
            self.read(element)
            self.end(tag)
            if tag not in _HEADINGS and before is not None:
                self._current = before  # a heading inside of something ends with it

    def start(self, tag: str, identifier: str) -> None:
        if tag in _HEADINGS and identifier:
            if tag != "h1" and not self.sections:
                self._begin("")
            self._begin(identifier if self.sections else "")
            self._in_title = True
        self._pre += tag == "pre"
        if (kept := _ROWS.get(tag, tag)) in _KEPT:
            self._target().append(f"<{kept}>")

    def end(self, tag: str) -> None:
        if tag in _HEADINGS:
            self._in_title = False
        self._pre -= tag == "pre"
        if tag in _CELLS:
            self.data(" ")
        if (kept := _ROWS.get(tag, tag)) in _KEPT:
            _close(self._target(), kept)

    def data(self, text: str | None) -> None:
        if not text or self._html.left_out or (text.isspace() and not self.sections):
            return
        if not self._pre:
            text = " " if text.isspace() else text.replace("\n", " ")
        target = self._target()
        if text.isspace() and not self._in_title and not self._pre:
            if target and target[-1].isspace():
                return
            target.append(text)
        else:
            target.append(escape(text, quote=False))

    def _raw(self, html: str) -> None:
        for kind, text in self._texts(html):
            if kind == "html":
                self._html.feed(text)
            elif kind == "line":
                self.data(text)
            else:
                inside = ["pre", "code"] if kind == "code" else ["pre"]
                for tag in inside:
                    self.start(tag, "")
                self.data(text)
                for tag in reversed(inside):
                    self.end(tag)

    def _begin(self, identifier: str) -> Section:
        self._current = Section(identifier)
        self.sections.append(self._current)
        return self._current

    def _target(self) -> list[str]:
        section = self._current or self._begin("")
        return section.title if self._in_title else section.text


class _HtmlReader(HTMLParser):
    """Reads HTML that is not in the page's tree."""

    def __init__(self, reader: _SectionReader) -> None:
        super().__init__()
        self._reader = reader
        self.left_out = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.left_out += tag in _LEFT_OUT
        if not self.left_out and tag not in _VOID:
            self._reader.start(tag, dict(attrs).get("id") or "")

    def handle_endtag(self, tag: str) -> None:
        if not self.left_out and tag not in _VOID:
            self._reader.end(tag)
        self.left_out = max(0, self.left_out - (tag in _LEFT_OUT))

    def handle_data(self, data: str) -> None:
        self._reader.data(data)


def _close(target: list[str], tag: str) -> None:
    """Ends an element; one that holds nothing but blanks is taken away."""
    start = len(target) - 1
    while start >= 0 and target[start].isspace():
        start -= 1
    if start >= 0 and target[start] == f"<{tag}>":
        del target[start:]
    else:
        target.append(f"</{tag}>")
