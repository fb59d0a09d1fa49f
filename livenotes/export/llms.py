"""Writes llms.txt: a list of the site's pages for language models, in the format of llmstxt.org."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """A link: name, address, and what the file is about."""

    name: str
    url: str
    about: str = ""


def llms_txt(title: str, summary: str, sections: Mapping[str, Iterable[Entry]]) -> str:
    """Returns the text of the file: title, summary, and for each section a list of links."""
    parts = [f"# {title}"] + [f"> {_line(summary)}"] * bool(summary)
    for name, entries in sections.items():
        links = [_link(entry) for entry in entries]
        parts += [f"## {name}", "\n".join(links)] if links else []
    return "\n\n".join(parts) + "\n"


def _link(entry: Entry) -> str:
    name = entry.name.replace("[", r"\[").replace("]", r"\]")
    return f"- [{_line(name)}]({entry.url})" + (f": {_line(entry.about)}" if entry.about else "")


def _line(text: str) -> str:
    return " ".join(text.split())
