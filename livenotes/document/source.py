"""The Markdown file of a page: its front matter checked, the modules that it names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import yaml

from livenotes.core.problems import Problem
from livenotes.core.yamlkeys import repeated_keys

_FENCED = r"""\bcell\s*=\s*["']?([A-Za-z_]\w*):"""
_QUOTED = r"`\{cell\}\s+([A-Za-z_]\w*):"
_HINT = "Front matter is YAML between two lines of ---, such as\ntitle: 自动求导"


def named_modules(text: str) -> list[str]:
    """Names that may be those of modules whose cells a page shows, in order.

    A look at the raw text: modules can start to run before the page is converted.
    """
    found = re.finditer(f"{_FENCED}|{_QUOTED}", text)
    return list(dict.fromkeys(match[1] or match[2] for match in found))


def fenced_modules(text: str) -> list[str]:
    """Those of them that fences name."""
    return list(dict.fromkeys(re.findall(_FENCED, text)))


def without_front_matter(text: str) -> str:
    """The Markdown of a page, as MkDocs hands it to Python-Markdown."""
    return "\n".join(text.split("\n")[_front_matter_lines(text.split("\n")) :]).lstrip("\n")


def front_matter(text: str) -> dict[str, object]:
    """What a page's front matter says; nothing where it has none or a broken one."""
    lines = text.split("\n")
    try:
        matter = yaml.safe_load("\n".join(lines[1 : max(_front_matter_lines(lines) - 1, 1)]))
    except (yaml.YAMLError, ValueError, RecursionError):  # `check_front_matter` tells
        return {}
    return matter if isinstance(matter, dict) else {}


def line_of_key(text: str, key: str) -> int:
    """The line of the front matter that begins with this key, or 1."""
    lines = text.split("\n")[: _front_matter_lines(text.split("\n"))]
    return next((n for n, line in enumerate(lines, 1) if line.startswith(f"{key}:")), 1)


def check_front_matter(path: str, text: str) -> list[Problem]:
    """What is wrong with a page's front matter: MkDocs shows one that is broken as text."""
    lines = text.split("\n")
    if lines[0].rstrip(" \t") != "---":
        return []
    count = _front_matter_lines(lines)
    if not count:
        return [Problem(path, 1, "the front matter never ends", hint=_HINT)]
    message, line = "", 1
    try:
        written = "\n".join(lines[1 : count - 1]) + "\n"
        matter = yaml.safe_load(written)
        if matter is not None and not isinstance(matter, dict):
            message, line = "the front matter is not a list of `key: value`", 2
        elif matter:
            again = (
                Problem(path, line + 1, f"'{key}' stands already in line {above + 1}")
                for key, line, above in repeated_keys(yaml.compose(written))
            )
            return [*again, *_wrong_values(path, text, matter)]
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        said = getattr(error, "problem", None) or str(error).split("\n")[0]
        message, line = f"the front matter is not YAML: {said}", mark.line + 2 if mark else 1
    except (ValueError, RecursionError) as error:  # a date such as 2026-13-01; a thousand brackets
        message = f"the front matter is not YAML: {error}"
    return [Problem(path, line, message, hint=_HINT)] if message else []


def _wrong_values(path: str, text: str, matter: Mapping[str, object]) -> Iterator[Problem]:
    if not isinstance(draft := matter.get("draft", False), bool):
        message = f"draft must be true or false, not {draft!r}"
        yield Problem(path, line_of_key(text, "draft"), message)
    for key in ("title", "description"):
        if isinstance(value := matter.get(key), list | dict):
            message = f"{key} must be a text, not {value!r}"
            yield Problem(path, line_of_key(text, key), message, hint="Put it between quotes.")


def _front_matter_lines(lines: list[str]) -> int:
    """How many lines the front matter takes, 0 where there is none or it never ends."""
    if lines[0].rstrip(" \t") != "---":
        return 0
    ends = (n for n, line in enumerate(lines) if n and line.rstrip(" \t") in ("---", "..."))
    return next(ends, -1) + 1
