"""Finds keys that YAML gives twice: its readers take the last one, and say nothing."""

from __future__ import annotations

from collections.abc import Iterator

import yaml


def repeated_keys(root: yaml.Node | None) -> Iterator[tuple[str, int, int]]:
    """Yields each key that its mapping has already: the key, its line, and that of the first."""
    if isinstance(root, yaml.SequenceNode):
        for item in root.value:
            yield from repeated_keys(item)
    first: dict[tuple[str, str], int] = {}
    for key, value in root.value if isinstance(root, yaml.MappingNode) else ():
        if isinstance(key, yaml.ScalarNode) and key.value != "<<":
            name, line = (key.tag, key.value), key.start_mark.line + 1
            if name in first:
                yield key.value, line, first[name]
            first.setdefault(name, line)
        yield from repeated_keys(value)
