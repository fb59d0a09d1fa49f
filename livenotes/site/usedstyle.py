"""A style sheet without what no page of ours can meet: rules, and custom properties.

Knows CSS through tinycss2, and of the pages only the names of their classes. What it does not
understand stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set
from typing import Any

import tinycss2

# The theme's classes do not count: its script makes some.
_CLASS = re.compile(r"\.(?!md-)(-?[_a-zA-Z][\w-]*)")
# Here an element need not have the classes, or these are none.
_ALTERNATIVES = re.compile(r":(?:not|is|where|has)\([^()]*\)|\[[^\]]*\]")
_VARIABLE = re.compile(r"var\(\s*(--[\w-]+)")
_NESTING = ("media", "supports", "layer", "container")


def used_style(css: str, classes: Set[str], others: str = "") -> str:
    """The style sheet as far as elements with these classes, or none, can meet it.

    `others` is further text, of styles and pages, that may use its custom properties.
    """
    rules = "".join(_rules(_parsed(css), classes))
    sheet = _parsed(rules)
    used = _variables(sheet, set(_VARIABLE.findall(others)))
    return "".join(_with_variables(sheet, used))


def _parsed(css: str) -> list[Any]:
    return list(tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True))


def _rules(nodes: Iterable[Any], classes: Set[str]) -> Iterator[str]:
    for node in nodes:
        if node.type == "qualified-rule":
            if selectors := [s for s in _selectors(node) if _can_be(s, classes)]:
                yield f"{','.join(selectors)}{{{tinycss2.serialize(node.content).strip()}}}\n"
        elif node.type == "at-rule" and node.lower_at_keyword in _NESTING and node.content:
            inside = tinycss2.parse_rule_list(node.content, True, True)
            if rules := "".join(_rules(inside, classes)):
                yield f"@{node.at_keyword}{tinycss2.serialize(node.prelude)}{{{rules}}}\n"
        elif node.type != "error":
            yield f"{node.serialize()}\n"


def _selectors(rule: Any) -> Iterator[str]:
    """The parts of a rule's selector, cut at the commas between them."""
    part: list[Any] = []
    for token in (*rule.prelude, None):
        if token is None or token == ",":
            yield tinycss2.serialize(part).strip()
            part = []
        else:
            part.append(token)


def _can_be(selector: str, classes: Set[str]) -> bool:
    """Whether all classes that an element must have for it are there at all."""
    return classes >= set(_CLASS.findall(_ALTERNATIVES.sub("", selector)))


def _variables(sheet: Iterable[Any], used: set[str]) -> set[str]:
    """The custom properties that something uses, directly or through others."""
    needs: dict[str, set[str]] = {}
    for name, value in _declarations(sheet):
        named = set(_VARIABLE.findall(value))
        if name.startswith("--"):
            needs.setdefault(name, set()).update(named)
        else:
            used |= named
    todo = list(used)
    while todo:
        new = needs.get(todo.pop(), set()) - used
        used |= new
        todo += new
    return used


def _declarations(sheet: Iterable[Any]) -> Iterator[tuple[str, str]]:
    for node in sheet:
        if node.type == "qualified-rule":
            for item in tinycss2.parse_blocks_contents(node.content):
                if item.type == "declaration":
                    yield item.name, tinycss2.serialize(item.value)
        elif node.type == "at-rule" and node.content:
            yield "", tinycss2.serialize(node.content)


def _with_variables(sheet: Iterable[Any], used: Set[str]) -> Iterator[str]:
    """The rules without custom properties that nothing uses; a rule of nothing else goes."""
    for node in sheet:
        if node.type != "qualified-rule":
            yield f"{node.serialize()}\n"
            continue
        kept = [
            item.serialize().strip()
            for item in tinycss2.parse_blocks_contents(node.content, True, True)
            if item.type != "declaration" or not item.name.startswith("--") or item.name in used
        ]
        if kept:
            yield f"{tinycss2.serialize(node.prelude).strip()}{{{';'.join(kept)}}}\n"
