"""Puts a chapter into the lists that name all chapters: text in, text out.

Each function returns the text with the entry, or None where it finds no list to put it into. A
text that has the entry already comes back as it is.
"""

from __future__ import annotations

import json
import re

_NAV_ENTRY = re.compile(r"(?P<indent>\s*)- (?:.*:\s*|.*[\[ ])?(?P<page>[\w./-]+\.md)\b.*")
_ROW_LINK = re.compile(r"\|\s*\[[^]]*\]\((?P<page>[\w./-]+\.md)[^)]*\)\s*\|.*")
_ITEM_LINK = re.compile(r"(?P<mark>\s*(?:[-*+]|\d+\.) )\[[^]]*\]\((?P<page>[\w./-]+\.md)[^)]*\).*")


def in_navigation(text: str, name: str, after: str = "") -> str | None:
    """mkdocs.yml with the page in `nav`, after another page or the last one."""
    lines = text.split("\n")
    start = next((n for n, line in enumerate(lines) if re.match(r"nav\s*:", line)), None)
    if start is None:
        return None
    ends = (n for n, line in enumerate(lines) if n > start and re.match(r"[^\s#-]", line))
    block = range(start + 1, next(ends, len(lines)))
    found = [(n, match) for n in block if (match := _NAV_ENTRY.fullmatch(lines[n]))]
    if any(match["page"] == f"{name}.md" for _, match in found):
        return text
    place = _after(found, after)
    if place is None:
        return None
    number, match = place
    lines.insert(number + 1, f"{match['indent']}- {name}.md")
    return "\n".join(lines)


def in_route(text: str, name: str, title: str, about: str, after: str = "") -> str | None:
    """A home page with a row or item that leads to the page."""
    if re.search(rf"\]\({re.escape(name)}\.md[)#]", text):
        return text
    lines = text.split("\n")
    for pattern in (_ROW_LINK, _ITEM_LINK):
        found = [(n, m) for n, line in enumerate(lines) if (m := pattern.fullmatch(line))]
        if place := _after(found, after):
            number, match = place
            link = f"[{title}]({name}.md)"
            if pattern is _ROW_LINK:
                columns = lines[number].strip().strip("|").count("|") - 1
                lines.insert(number + 1, f"| {link} | {about} |" + "  |" * columns)
            else:
                lines.insert(number + 1, f"{match['mark']}{link}: {about}")
            return "\n".join(lines)
    return None


def in_queries(text: str, name: str, titles: dict[str, str]) -> str | None:
    """The list of search queries with one for each title, at the end of QUERIES."""
    if re.search(rf'"{re.escape(name)}(?:#[^"]*)?",?\s*\)', text):  # a row ends in its page
        return text
    start = text.find("QUERIES = [")
    end = text.find("\n]", start)
    if start < 0 or end < 0:
        return None
    rows = [
        f'    ("{code}", {json.dumps(title, ensure_ascii=False)}, "{name}"),'
        for code, title in titles.items()
    ]
    return text[:end] + "\n" + "\n".join(rows) + text[end:]


def _after(found: list[tuple[int, re.Match[str]]], name: str) -> tuple[int, re.Match[str]] | None:
    """The entry of that page, or the last."""
    named = [(n, match) for n, match in found if match["page"] == f"{name}.md"]
    return named[-1] if named else found[-1] if found else None
