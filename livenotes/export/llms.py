"""llms.txt: what a site holds, for language models, in the form of llmstxt.org."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """A file to read: its name, its address and what it is about."""

    name: str
    url: str
    about: str = ""


def llms_txt(title: str, summary: str, sections: Mapping[str, Iterable[Entry]]) -> str:
    """The file: a title, a summary in a quote, and a list of links below each section's name."""
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
