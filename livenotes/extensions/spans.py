"""Words in the other language are marked with it, so that a screen reader says them right.

A plain Python-Markdown extension (no MkDocs). On Chinese pages a term in another language stands in
Chinese brackets, 梯度（gradient）; on others whatever is written in Chinese characters is Chinese:

    梯度（<span lang="en">gradient</span>）
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from itertools import filterfalse

from markdown.util import AtomicString

from livenotes.core.words import is_han
from livenotes.extensions.trees import TreeExtension, is_formula, mark_texts

_SILENT = frozenset({"code", "kbd", "math", "pre", "samp", "script", "style", "svg", "x-math"})
# A phrase between the brackets, or between one and a comma: no formulas, names of files or numbers.
_IN_BRACKETS = re.compile(
    r"(?<=[（，、；])(?=[^（）]*）)[A-Za-z][A-Za-z'’ -]*[a-z]{2}(?=[），、；])"
)
_HAN = r"[\u3400-\u9fff]"
_HAN_WORDS = re.compile(rf"{_HAN}(?:[\u3001-\u303f\uff00-\uffef“”‘’·]*{_HAN})*")


class Foreign(TreeExtension):
    """Marks words in another language."""

    priority = 5.5  # after the marking of terms (6), before the table of contents (5)

    def run(self, root: ET.Element) -> None:
        language = self.conversion.language
        others = [code for code in self.conversion.languages if code != language]
        if is_han(language):
            if latin := next(filterfalse(is_han, others), None):
                _mark(root, _IN_BRACKETS, latin)
        elif han := next(filter(is_han, others), None):
            _mark(root, _HAN_WORDS, han)


def _mark(element: ET.Element, pattern: re.Pattern[str], language: str) -> None:
    silent = element.tag in _SILENT or element.get("lang") is not None
    if not silent and not is_formula(element):
        mark_texts(
            element,
            lambda text: _spans(text, pattern, language),
            lambda child: _mark(child, pattern, language),
        )


def _spans(
    text: str, pattern: re.Pattern[str], language: str
) -> Iterator[tuple[int, int, ET.Element]]:
    if isinstance(text, AtomicString) and "\x02" in text:
        return
    for match in pattern.finditer(text):
        span = ET.Element("span", {"lang": language})
        span.text = AtomicString(match[0])
        yield match.start(), match.end(), span
