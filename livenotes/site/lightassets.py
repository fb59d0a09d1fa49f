"""Our style sheets and scripts as readers get them: without comments and indents, which are a
quarter of their weight."""

from __future__ import annotations

import re
from pathlib import Path

_COMMENT = {
    ".css": re.compile(r"/\*.*?\*/\s*", re.DOTALL),
    # Alone on its line, or behind code; no string of ours holds " // ".
    ".js": re.compile(r"^\s*//.*\n|^\s*/\*\*(?s:.*?)\*/\n| +// .*$", re.MULTILINE),
}
_INDENT = re.compile(r"^[ \t]+", re.MULTILINE)


def lighten(site: Path, theme: Path) -> None:
    """Takes the comments out of the theme's files in a built site; an author's own are left."""
    for source in (theme / "assets").iterdir():
        published = site / "assets" / source.name
        if source.suffix in _COMMENT and published.is_file():
            text = source.read_text("utf-8")
            if published.read_text("utf-8") == text:
                published.write_text(without_comments(text, source.suffix), "utf-8")


def without_comments(text: str, suffix: str) -> str:
    """Returns a style sheet or script without its comments and indents."""
    return _INDENT.sub("", _COMMENT[suffix].sub("", text))
