"""Reads YAML; finds keys that it gives twice: readers take the last one, and say nothing."""

from __future__ import annotations

from collections.abc import Iterator

import yaml

# The safe loader in C is ten times as fast; not every PyYAML has it.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def repeated_keys(root: yaml.Node | None) -> Iterator[tuple[str, int, int]]:
    """Yields each key that its mapping has already: the key, its line, and that of the first."""
    nodes = [root]  # grows: what is named by an anchor is looked at once, however deep it is
    seen: set[int] = set()
    for node in nodes:
        if id(node) in seen or not isinstance(node, yaml.CollectionNode):
            continue
        seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            nodes += node.value
            continue
        first: dict[tuple[str, str], int] = {}
        for key, value in node.value:
            nodes.append(value)
            if isinstance(key, yaml.ScalarNode) and key.value != "<<":
                name, line = (key.tag, key.value), key.start_mark.line + 1
                if name in first:
                    yield key.value, line, first[name]
                first.setdefault(name, line)
