"""Python-Markdown's tree of a page -> its blocks, with lines."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from html import unescape

from markdown.util import HTML_PLACEHOLDER_RE

from livenotes.document.document import (
    Block,
    CellFence,
    CellValue,
    CodeFence,
    Formula,
    Heading,
    IndentedCode,
    Link,
    Text,
)
from livenotes.document.fences import Fence, find_fences
from livenotes.document.lines import LineFinder
from livenotes.document.texts import (
    BLOCKS,
    LONGEST,
    beginning,
    formula_needles,
    prose_needles,
    words_of,
)

UNCLOSED = "the fence is never closed"
UNREADABLE = "the options of the fence cannot be read, so it would show as plain text"

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
# Block elements that Markdown has no notation for: the author wrote them in HTML.
_ONLY_HTML = """
    address article aside center div fieldset figure footer form header main nav section
"""
_HTML = frozenset(_ONLY_HTML.split())
_TAG = re.compile(r"\s*<([a-zA-Z][\w-]*)")


@dataclass(frozen=True)
class FenceFound:
    """A fence that SuperFences has formatted."""

    language: str
    options: Mapping[str, str]
    body: str

    @property
    def key(self) -> tuple[str, str]:
        return self.language, self.options.get("cell", "")


class BlockReader:
    """Reads the tree of one page.

    `text` is the page's source; `stash` is Python-Markdown's, the HTML that stands outside of the
    tree; `fences` and `indented` are what was noted while the tree was made.
    """

    def __init__(
        self,
        text: str,
        stash: Sequence[object],
        fences: Mapping[int, FenceFound],
        indented: Mapping[ET.Element, str],
    ) -> None:
        self._stash = stash
        self._fences = fences
        self._indented = indented
        self._finder = LineFinder(text)
        written = find_fences(text.expandtabs(4).split("\n"))[1]
        self._written, self._unread = _in_source(fences, written)

    def read(self, root: ET.Element) -> tuple[Block, ...]:
        """All blocks of the page, in its order."""
        blocks = list(self._inside(root))
        faults = [
            CodeFence(fence.line, fence.language, fence.info, fence.body,
                      UNREADABLE if fence.closed else UNCLOSED)
            for fence in self._unread
        ]  # fmt: skip
        return (*blocks, *self._shown(faults, root))

    def _shown(self, faults: list[CodeFence], root: ET.Element) -> Iterator[CodeFence]:
        """Fences that SuperFences did not read and whose first line is text of the page."""
        if not faults:
            return
        code = "".join(self._indented.values())
        text = _squeezed("".join(root.itertext()))
        for fault in faults:
            if _squeezed(fault.info) in text and fault.info not in code:
                yield fault

    def _inside(self, element: ET.Element) -> Iterator[Block]:
        """The blocks of an element's content."""
        yield from self._stashed(element.text)
        for child in element:
            yield from self._block(child)
            yield from self._stashed(child.tail)

    def _block(self, element: ET.Element) -> Iterator[Block]:
        classes = element.get("class", "").split()
        if element in self._indented:
            yield self._code(self._indented[element])
        elif element.tag in _HEADINGS:
            yield self._heading(element)
            yield from self._inside(element)
        elif "arithmatex" in classes:
            yield self._formula(element)
        elif reference := element.get("data-cell-value"):
            yield CellValue(self._finder.find([f"{{cell}}{reference}"]), reference)
        elif element.tag in ("a", "img"):
            yield from self._link(element, classes)
        elif element.tag in ("code", "kbd", "samp"):
            yield from self._stashed(element.text)
        elif "admonition" in classes or element.tag == "details":
            yield from self._box(element, classes)
        elif "tabbed-set" in classes:
            yield from self._tabs(element)
        elif element.tag in ("p", "li", "tr", "dd", "dt"):
            yield from self._prose(element)
        else:
            if element.tag in _HTML and not _is_ours(classes):
                tag = f"<{element.tag}"
                yield Text(self._finder.find([tag]), "html", f"{tag}>")
            yield from self._inside(element)

    def _heading(self, element: ET.Element) -> Heading:
        level, identifier = _HEADINGS[element.tag], element.get("id", "")
        start = beginning(element)
        needles = [f"{'#' * level}{start}", f"#{identifier}" if identifier else "", start]
        return Heading(
            self._finder.find(needles, inside=True), level, identifier, words_of(element)[0]
        )

    def _formula(self, element: ET.Element) -> Formula:
        text = unescape("".join(element.itertext()).strip())
        tex, display = text[2:-2], text.startswith(r"\[")
        return Formula(self._finder.find(formula_needles(tex, display)), tex, display)

    def _link(self, element: ET.Element, classes: Sequence[str]) -> Iterator[Block]:
        image = element.tag == "img"
        target = element.get("src" if image else "href", "")
        text = element.get("alt", "") if image else beginning(element)
        if not {"footnote-ref", "footnote-backref"}.intersection(classes) and "\x02" not in target:
            needles = [f"]({target}", f"](<{target}", f"<{target}", f"{text}]", target]
            line = self._finder.find(needles, inside=bool(len(element)))
            yield Link(line, target, image, text if image else "")
        yield from self._inside(element)

    def _box(self, element: ET.Element, classes: Sequence[str]) -> Iterator[Block]:
        title = next((c for c in element if _is_title(c)), None)
        words = words_of(title)[0] if title is not None else ""
        mark = "???" if element.tag == "details" else "!!!"
        kind = " ".join([mark, *(c for c in classes if c != "admonition")])
        start = classes[0] if element.tag == "details" and classes else "".join(classes[1:2])
        needles = [f"{mark}+{start}", f"{mark}{start}", f'"{words[:LONGEST]}"']
        line = self._finder.find(needles, inside=True)
        yield Text(line, "admonition", f'{kind} "{words}"', f'{kind} "{words}"')
        for child in element:
            yield from self._inside(child) if child is title else self._block(child)
            yield from self._stashed(child.tail)

    def _tabs(self, element: ET.Element) -> Iterator[Block]:
        """Each tab's title, then its content."""
        labels = [label for child in element for label in (child, *child) if label.tag == "label"]
        contents = [child for child in element if child.get("class") == "tabbed-content"]
        if len(contents) == 1:  # the alternate style has all labels in front
            contents = list(contents[0])
        for label, content in zip(labels, contents, strict=False):
            title = words_of(label)[0]
            line = self._finder.find([f'"{title[:LONGEST]}', title[:LONGEST]], inside=True)
            yield Text(line, "tab", title, title)
            yield from self._inside(label)
            yield from self._inside(content)

    def _prose(self, element: ET.Element) -> Iterator[Block]:
        """A paragraph, list item, table row or definition, and what is in it."""
        text, unlinked = words_of(element)
        kind = {"li": "item", "tr": "table-row"}.get(element.tag, "")
        has_text = bool(text) or any(child.tag not in BLOCKS for child in element)
        if kind or has_text:
            line = self._finder.find(prose_needles(element), inside=True)
            if kind:
                yield Text(line, kind, text, unlinked)
            if has_text and kind != "table-row":
                yield Text(line, "paragraph", text, unlinked)
        yield from self._inside(element)

    def _code(self, body: str) -> IndentedCode:
        first = next(iter(body.strip("\n").split("\n")), "")
        return IndentedCode(self._finder.find([unescape(first)]), unescape(body).rstrip("\n"))

    def _stashed(self, text: str | None) -> Iterator[Block]:
        """The fences and HTML whose places are marked in a text."""
        alone = bool(text) and HTML_PLACEHOLDER_RE.fullmatch((text or "").strip()) is not None
        for match in HTML_PLACEHOLDER_RE.finditer(text or ""):
            number = int(match[1])
            if number in self._fences:
                yield self._fence(number)
            elif isinstance(html := self._stash[number], str) and not html.startswith("<!--"):
                if alone and (tag := _TAG.match(html)):
                    line = self._finder.find([f"<{tag[1]}"], inside=True)
                    yield Text(line, "html", f"<{tag[1]}>")
                yield from self._stashed(html)

    def _fence(self, number: int) -> CellFence | CodeFence:
        found, written = self._fences[number], self._written.get(number)
        if written:
            line = written.line
            self._finder.go_to(line + len(written.lines) - 1)
        else:
            line = self._finder.find([f'cell="{found.options["cell"]}"'] if found.key[1] else [])
        if "cell" in found.options:
            options = {k: "" if v == k else v for k, v in found.options.items() if k != "cell"}
            return CellFence(line, found.options["cell"], options, found.body)
        return CodeFence(line, found.language, written.info if written else "", found.body)


def _in_source(
    found: Mapping[int, FenceFound], written: Sequence[Fence]
) -> tuple[dict[int, Fence], list[Fence]]:
    """The fence in the source for each that SuperFences found, and those that it did not find."""
    numbers = sorted(found)
    keys = [found[number].key for number in numbers]
    others = [(fence.language, fence.options.get("cell", "")) for fence in written]
    matcher = SequenceMatcher(None, keys, others, autojunk=False)
    pairs: dict[int, Fence] = {}
    unread = set(range(len(written)))
    for a, b, size in matcher.get_matching_blocks():
        for n in range(size):
            pairs[numbers[a + n]] = written[b + n]
            unread.discard(b + n)
    return pairs, [written[n] for n in sorted(unread)]


def _is_ours(classes: Sequence[str]) -> bool:
    """Whether an element with these classes is made by an extension, not by the author."""
    return any(name.startswith(("tabbed-", "footnote", "toc")) for name in classes)


def _is_title(element: ET.Element) -> bool:
    return element.tag == "summary" or element.get("class") == "admonition-title"


def _squeezed(text: str) -> str:
    return re.sub(r"[\s\x02\x03>`~]", "", text)
