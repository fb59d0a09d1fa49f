"""Highlights the sources of cells as SuperFences highlights any other Python fence of the site."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, partial
from typing import Any

from markdown import Markdown

from livenotes.core.store import Store

_EXTENSIONS = ("pymdownx.highlight", "pymdownx.superfences")
_OPTIONS = ("title", "hl_lines", "linenums")
MADE_BY = ("pygments", "pymdown-extensions", "markdown")  # distributions that decide the HTML


class Highlighter:
    """Source code -> HTML, with the options of a fence.

    `md` is a Markdown with SuperFences; `cache` keeps the HTML from one build to the next.
    """

    def __init__(self, md: Markdown, cache: Store | None = None) -> None:
        self._md = md
        self._cache = cache

    @cached_property
    def _superfences(self) -> Any:
        superfences: Any = self._md.preprocessors["fenced_code_block"]
        superfences.get_hl_settings()
        return superfences

    def __call__(self, source: str, options: Mapping[str, str], name: str) -> str:
        """The highlighted source; `name` makes the ids of its lines unique on the page."""
        given = {key: value for key, value in options.items() if key in _OPTIONS}
        made_from = (source, name if self._prefixes else "", sorted(given.items()), self.settings)
        make = partial(self._highlight, source, given, name)
        return self._cache.get_or_make(make, *made_from) if self._cache else make()

    @cached_property
    def settings(self) -> str:
        """What the HTML depends on, beside the source and the options of its fence."""
        ours: Mapping[str, Any] = self._superfences.highlight_ext.get_pymdownx_highlight_settings()
        return repr(sorted(ours.items()))

    @cached_property
    def _prefixes(self) -> list[str]:
        """How the ids of lines begin; none where lines have no ids."""
        found = [self._superfences.line_spans, self._superfences.line_anchors]
        if self._superfences.anchor_linenums:
            found.append("__codelineno")
        return list(filter(None, found))

    def _highlight(self, source: str, options: Mapping[str, str], name: str) -> str:
        superfences = self._superfences
        superfences.line_count = source.count("\n") + 1
        given = {"options": dict(options), "classes": [], "id_value": "", "attrs": {}}
        html: str = superfences.highlight(
            src=source, class_name="highlight", language="python", md=self._md, **given
        )
        number = superfences.highlight_ext.pygments_code_block
        for prefix in self._prefixes:
            # SuperFences counts the blocks of a page; here each cell has a name of its own.
            html = html.replace(f"{prefix}-{number}-", f"{prefix}-{name}-")
        return html


def highlighter(configs: Mapping[str, Any], cache: Store) -> Highlighter:
    """A highlighter for a site with these options of Markdown extensions."""
    ours = {name: configs[name] for name in _EXTENSIONS if configs.get(name)}
    return Highlighter(Markdown(extensions=[*_EXTENSIONS], extension_configs=ours), cache)
