"""No line may break between an inline formula and the punctuation beside it.

A formula's boxes are atomic for a browser, which breaks lines beside them even before a full stop.
So the formula and the punctuation go into one element, `<span class="math-clings">`.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

from livenotes.extensions.trees import TreeExtension

OPENING, CLOSING = "[（《「『“‘([]", "[，。、；：！？）》」』”’….,;:!?)\\]]"
_OPENING = re.compile(rf"{OPENING}+\Z")
_CLOSING = re.compile(rf"{CLOSING}+")


class Punctuation(TreeExtension):
    """Keeps formulas and the punctuation beside them together."""

    priority = 4.5  # after terms (6), words of other languages (5.5) and the table of contents (5)

    def run(self, root: ET.Element) -> None:
        for parent in list(root.iter()):
            for place, child in enumerate(parent):
                if child.tag == "x-math":
                    _keep_together(parent, place, child)


def _keep_together(parent: ET.Element, place: int, formula: ET.Element) -> None:
    before = parent[place - 1] if place else None
    text = (before.tail if before is not None else parent.text) or ""
    opening, closing = _OPENING.search(text), _CLOSING.match(formula.tail or "")
    if not opening and not closing:
        return
    together = ET.Element("span", {"class": "math-clings"})
    if opening:
        together.text = opening[0]
        if before is not None:
            before.tail = text[: opening.start()]
        else:
            parent.text = text[: opening.start()]
    end = closing.end() if closing else 0
    together.tail = (formula.tail or "")[end:]
    formula.tail = closing[0] if closing else None
    together.append(formula)
    parent[place] = together
