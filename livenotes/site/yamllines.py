"""Where a key of mkdocs.yml is written: MkDocs' loader keeps no lines."""

from __future__ import annotations

import os
import re
from pathlib import Path

import yaml

# The same loader in C, where PyYAML was built with it: ten times as fast.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def locate(file: Path, *keys: str) -> tuple[str, int]:
    """Returns the file, relative to the first one's folder, and the line where a key is written.

    `keys` lead to it from the top; a list counts as the mapping that its entries make together.
    Looks into the files named by `INHERIT` as well. Where the last keys are written nowhere,
    the line is that of the key above; 0 where there is none.
    """
    best, current, folder = (0, file, 0), file, file.parent
    while True:
        root = _compose(current)
        depth, line = _follow(root, keys)
        if depth > best[0]:
            best = depth, current, line
        parent = _get(root, "INHERIT")
        if depth == len(keys) or parent is None:
            break
        current = current.parent / str(parent[1].value)
    return Path(os.path.relpath(best[1], folder)).as_posix(), best[2]


def line_of(file: Path, text: str) -> int:
    """The first line that holds this word, 0 where there is none."""
    word = re.compile(rf"(?<![\w./-]){re.escape(text)}(?![\w./-])")
    lines = file.read_text("utf-8", "replace").split("\n")
    return next((n for n, line in enumerate(lines, 1) if word.search(line)), 0)


def _compose(file: Path) -> yaml.Node | None:
    try:
        with file.open("rb") as stream:
            return yaml.compose(stream, _Loader)
    except (OSError, yaml.YAMLError):
        return None


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
