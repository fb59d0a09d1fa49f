"""Converts a page without MkDocs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from markdown import Markdown

from livenotes.core.problems import LivenotesError, Problem
from livenotes.document.conversion import Conversion
from livenotes.document.document import Document, Source
from livenotes.document.harvest import NOTED
from livenotes.document.source import without_front_matter

HARVEST = "livenotes.document.harvest:Harvest"


def convert(
    source: Source,
    extensions: Sequence[str],
    configs: Mapping[str, Mapping[str, Any]],
    conversion: Conversion | None = None,
) -> Document:
    """Returns the document of a page, made with these Markdown extensions and their options.

    `conversion` is the one that the extensions share, if they do. Raises LivenotesError.
    """
    shared = conversion or Conversion()
    shared.begin(source.language or "en", source)
    md = Markdown(
        extensions=[*dict.fromkeys((*extensions, HARVEST))],
        extension_configs={**configs, HARVEST: {"conversion": shared}},
    )
    try:
        md.convert(without_front_matter(source.text))
    except RecursionError:
        raise nests_too_deeply(source.path) from None
    document = shared.end()
    assert document
    return document


def including(
    extensions: Sequence[str], configs: Mapping[str, Mapping[str, Any]]
) -> Callable[[str], str]:
    """Returns a function from a page's text to the text with what these extensions include."""
    md = Markdown(extensions=[*extensions], extension_configs={**configs})
    first = md.preprocessors[: md.preprocessors.get_index_for_name(NOTED)]

    def whole(text: str) -> str:
        lines = text.split("\n")
        for step in first:
            lines = step.run(lines)
        return "\n".join(lines)

    return whole


def nests_too_deeply(path: str) -> LivenotesError:
    """The error for a page that Python-Markdown cannot convert: Python runs out of stack."""
    message = "nests lists, quotes or boxes too deeply"
    return LivenotesError(Problem(path, 0, message, hint="Use fewer levels."))
