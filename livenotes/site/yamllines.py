"""Where a key of mkdocs.yml is written: MkDocs' loader keeps no lines."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import yaml

from livenotes.core.yamlkeys import LOADER, repeated_keys


def locate(file: Path, *keys: str) -> tuple[str, int]:
    """Returns the file, relative to the first one's folder, and the line where a key is written.

    `keys` lead to it from the top; a list counts as the mapping that its entries make together.
    Looks into the files named by `INHERIT` as well. Where the last keys are written nowhere,
    the line is that of the key above; 0 where there is none.
    """
    return _best(file, keys)[1]


def find(file: Path, *keys: str) -> tuple[str, int] | None:
    """Returns the same; None where a key is written nowhere."""
    depth, place = _best(file, keys)
    return place if depth == len(keys) else None


def find_value(file: Path, key: str, value: str) -> tuple[str, int] | None:
    """Returns where a text is written below a key of the top, or None."""
    for current, root in _files(file):
        pair = _get(root, key)
        for node in _scalars(pair[1]) if pair else ():
            if node.value == value:
                return _shown(current, file), node.start_mark.line + 1
    return None


def repeated(file: Path) -> Iterator[tuple[str, int, str, int]]:
    """Yields file and line of each key that its mapping has already, it, and the first's line."""
    for current, root in _files(file):
        for key, line, above in repeated_keys(root):
            yield _shown(current, file), line, key, above


def _best(file: Path, keys: tuple[str, ...]) -> tuple[int, tuple[str, int]]:
    best = 0, (_shown(file, file), 0)
    for current, root in _files(file):
        depth, line = _follow(root, keys)
        if depth > best[0]:
            best = depth, (_shown(current, file), line)
    return best


def _files(file: Path) -> Iterator[tuple[Path, yaml.Node | None]]:
    """The file and those that it inherits from, read."""
    current: Path | None = file
    while current:
        root = _compose(current)
        yield current, root
        parent = _get(root, "INHERIT")
        current = current.parent / str(parent[1].value) if parent else None


def _shown(file: Path, first: Path) -> str:
    return Path(os.path.relpath(file, first.parent)).as_posix()


def _scalars(node: yaml.Node) -> Iterator[yaml.ScalarNode]:
    if isinstance(node, yaml.ScalarNode):
        yield node
    elif isinstance(node, yaml.SequenceNode):
        for each in node.value:
            yield from _scalars(each)
    elif isinstance(node, yaml.MappingNode):
        for _, each in node.value:
            yield from _scalars(each)


def _compose(file: Path) -> yaml.Node | None:
    try:
        return _composed(file.read_bytes())
    except (OSError, yaml.YAMLError):
        return None


@lru_cache(maxsize=4)  # a build looks for many keys
def _composed(text: bytes) -> yaml.Node | None:
    return yaml.compose(text, LOADER)


def _follow(node: yaml.Node | None, keys: tuple[str, ...]) -> tuple[int, int]:
    """How many of the keys are written, and the line of the last of them."""
    line = 0
    for depth, key in enumerate(keys):
        found = _get(node, key)
        if found is None:
            return depth, line
        line, node = found[0].start_mark.line + 1, found[1]
    return len(keys), line


def _get(node: yaml.Node | None, key: str) -> tuple[yaml.Node, yaml.Node] | None:
    """The node of a key and that of its value; in a list also an entry that is the key alone."""
    if isinstance(node, yaml.MappingNode):
        return next((pair for pair in node.value if pair[0].value == key), None)
    for item in node.value if isinstance(node, yaml.SequenceNode) else ():
        if isinstance(item, yaml.ScalarNode) and item.value == key:
            return item, item
        if isinstance(item, yaml.MappingNode) and (found := _get(item, key)):
            return found
    return None
