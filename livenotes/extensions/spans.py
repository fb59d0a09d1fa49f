"""Words in the other language are marked with it, so that a screen reader says them right.

A plain Python-Markdown extension (no MkDocs). On Chinese pages a term in another language stands in
Chinese brackets, 梯度（gradient）; on others whatever is written in Chinese characters is Chinese:

    梯度（<span lang="en">gradient</span>）
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from itertools import filterfalse
from typing import Any

from markdown import Markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

from livenotes.core.words import is_han
from livenotes.extensions.trees import is_formula, language_of, languages_of, split_texts

_PRIORITY = 5.5  # after the marking of terms (6), before the table of contents (5)
_SILENT = frozenset({"code", "kbd", "math", "pre", "samp", "script", "style", "svg", "x-math"})
# A phrase between the brackets, or between one and a comma: no formulas, names of files or numbers.
_IN_BRACKETS = re.compile(
    r"(?<=[（，、；])(?=[^（）]*）)[A-Za-z][A-Za-z'’ -]*[a-z]{2}(?=[），、；])"
)
_HAN = r"[\u3400-\u9fff]"
_HAN_WORDS = re.compile(rf"{_HAN}(?:[\u3001-\u303f\uff00-\uffef“”‘’·]*{_HAN})*")


class Foreign(Extension):
    """Options: `language` of the page, or a `conversion` that has it."""

    def __init__(self, **kwargs: Any) -> None:
        self.config = {
            "language": ["en", "language of the page"],
            "languages": [{}, "names of the site's languages, by code"],
            "conversion": ["", "a Conversion, whose language counts"],
        }
        super().__init__(**kwargs)

    def extendMarkdown(self, md: Markdown) -> None:
        processor = _ForeignProcessor(md)
        processor.extension = self
        md.treeprocessors.register(processor, "livenotes-foreign", _PRIORITY)


class _ForeignProcessor(Treeprocessor):
    extension: Foreign

    def run(self, root: ET.Element) -> None:
        language = language_of(self.extension)
        others = [code for code in languages_of(self.extension) if code != language]
        if is_han(language):
            if latin := next(filterfalse(is_han, others), None):
                _mark(root, _IN_BRACKETS, latin)
        elif han := next(filter(is_han, others), None):
            _mark(root, _HAN_WORDS, han)


def _mark(element: ET.Element, pattern: re.Pattern[str], language: str) -> None:
    silent = element.tag in _SILENT or element.get("lang") is not None
    if not silent and not is_formula(element):
        split_texts(
            element,
            lambda text, after: _split(text, after, pattern, language),
            lambda child: _mark(child, pattern, language),
        )


def _split(
    text: str | None, after: list[ET.Element], pattern: re.Pattern[str], language: str
) -> str | None:
    """The text up to the first foreign words; these, each with what follows, go to `after`."""
    if not text or (isinstance(text, AtomicString) and "\x02" in text):
        return text
    found = list(pattern.finditer(text))
    if not found:
        return text
    ends = [match.start() for match in found[1:]] + [len(text)]
    for match, end in zip(found, ends, strict=True):
        words = ET.Element("span", {"lang": language})
        words.text = AtomicString(match[0])
        words.tail = type(text)(text[match.end() : end])
        after.append(words)
    return type(text)(text[: found[0].start()])


def makeExtension(**kwargs: Any) -> Foreign:
    """Python-Markdown's way to load an extension by its module's name."""
    return Foreign(**kwargs)
