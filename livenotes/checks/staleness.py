"""Translations that have fallen behind: sections that changed in one language only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from livenotes.checks.history import Line, blame, newest_first, rewordings
from livenotes.core.problems import Problem
from livenotes.document.document import Document, Source


def outdated(
    zh_path: str, en_path: str, root: Path, convert: Callable[[Source], Document]
) -> list[Problem]:
    """Sections changed in one language by a later commit, of another day, than in the other.

    `convert` makes a page's document, whose headings begin its sections.

    Committed history counts, one blame for each file; lines that were only deleted leave no trace
    there, and commits that `.git-blame-ignore-revs` lists do not count. Without git, outside a
    repository or in a shallow clone nothing is known: no problems.
    """
    order = newest_first((zh_path, en_path), root)
    pages = [(path, blame(path, root)) for path in (zh_path, en_path)]
    ignored = rewordings(root)
    if not order or not all(lines for _, lines in pages):
        return []
    (zh, en) = (
        (path, _last_changes(path, lines, order, ignored, convert)) for path, lines in pages
    )
    problems = []
    for section in zh[1].keys() & en[1].keys():
        newer, older = sorted((zh, en), key=lambda side: order[side[1][section][1].commit])
        (new_line, change), (old_line, old) = newer[1][section], older[1][section]
        if order[change.commit] < order[old.commit] and change.date != old.date:
            name = f"section '#{section}'" if section else "the part above the first heading"
            changed = f"{newer[0]}:{new_line} was changed on {change.date} ({change.commit[:9]})"
            message = f"{name} may have fallen behind: {changed}, this on {old.date}"
            problems.append(Problem(older[0], old_line, message))
    return sorted(problems)


def pairs(pages: Iterable[Document], languages: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Paths of each page of the first language and of its translation into another."""
    first, *others = languages
    by_place = {(page.language, page.name): page.path for page in pages}
    for (language, name), path in by_place.items():
        for code in others if language == first else ():
            if twin := by_place.get((code, name)):
                yield path, twin


def _last_changes(
    path: str,
    lines: Sequence[Line],
    order: dict[str, int],
    ignored: frozenset[str],
    convert: Callable[[Source], Document],
) -> dict[str, tuple[int, Line]]:
    """Line and last changed line of each section, by heading id."""
    page = convert(Source(path, "\n".join(line.text for line in lines)))
    starts = [("", 1), *((heading.id, heading.line) for heading in page.headings)]
    ends = [line for _, line in starts[1:]] + [len(lines) + 1]
    changes = {}
    for (section, start), end in zip(starts, ends, strict=True):
        written = [line for line in lines[start - 1 : end - 1] if line.text.strip()]
        inside = [line for line in written if line.commit not in ignored]
        if inside and (section or start == 1) and section not in changes:
            changes[section] = (start, min(inside, key=lambda line: order[line.commit]))
    return changes
