"""`livenotes new`: everything that a chapter needs, each with what must be filled in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from livenotes.authoring import lists
from livenotes.authoring.chapter import Chapter, refuse_shadowing
from livenotes.core.files import read_text, write_atomically
from livenotes.core.words import words

MODULE = '''"""{title}: TODO, in one line."""

# %% setup
import math

# %% first-cell
math.sqrt(2)
'''
PAGE = """---
description: "{own.todo_description}"
draft: true
---

# {title} {{#{name}}}

{own.todo_text}

```python cell="{module}:setup"
```

## {own.todo_heading} {{#first}}

```python cell="{module}:first-cell"
```
"""
TEST = '''"""What the chapter on {topic} claims. TODO: compare it with formulas."""

from __future__ import annotations


def test_the_first_cell_shows_the_square_root_of_two(outputs):
    assert outputs["first-cell"].result == repr(2**0.5)
'''
QUERIES = "tests/browser/queries.py"


def new_chapter(
    chapter: Chapter, titles: Mapping[str, str], config: Path, after: str = ""
) -> Iterator[str]:
    """Writes module, pages, test and entries of the lists; yields a line for each.

    `titles` are by language; a language without one gets no page yet. Nothing that is there is
    overwritten. Raises LivenotesError.
    """
    refuse_shadowing(chapter)
    title = titles.get("en") or chapter.title()
    yield _written(chapter, chapter.module_file, MODULE.format(title=title))
    for language, own_title in titles.items():
        text = PAGE.format(
            own=words(language), title=own_title, name=chapter.name, module=chapter.module
        )
        yield _written(chapter, chapter.page_file(language), text)
    if chapter.test_file.parent.is_dir():
        yield _written(chapter, chapter.test_file, TEST.format(topic=chapter.title().lower()))
    yield from list_chapter(chapter, titles, config, after)


def list_chapter(
    chapter: Chapter, titles: Mapping[str, str], config: Path, after: str = ""
) -> Iterator[str]:
    """Puts the chapter into the navigation, the home pages' routes and the search queries."""
    name = chapter.name
    text = _read(chapter, config)
    if "\nnav:" in f"\n{text}":
        with_it = lists.in_navigation(text, name, after)
        yield _changed(chapter, config, text, with_it, f"add {name}.md to nav")
    for language in chapter.project.options.languages:
        home = chapter.page_file(language, "index")
        if home.is_file():
            text, own_title = _read(chapter, home), titles.get(language, chapter.title())
            with_it = lists.in_route(text, name, own_title, words(language).todo_about, after)
            yield _changed(chapter, home, text, with_it, f"add a link to {name}.md")
    queries = chapter.project.root / QUERIES
    if queries.is_file():
        text = _read(chapter, queries)
        with_it = lists.in_queries(text, name, dict(titles))
        yield _changed(chapter, queries, text, with_it, f'add ("en", "…", "{name}")')


def _written(chapter: Chapter, file: Path, text: str) -> str:
    path = chapter.project.relative(file)
    if file.exists():
        return f"kept  {path}: it was there"
    write_atomically(file, text.encode())
    return f"wrote {path}"


def _changed(chapter: Chapter, file: Path, old: str, new: str | None, by_hand: str) -> str:
    path = chapter.project.relative(file)
    if new is None:
        return f"left  {path}: no list of pages found; {by_hand} by hand"
    if new == old:
        return f"kept  {path}: it names {chapter.name} already"
    write_atomically(file, new.encode())
    pairs = zip(old.split("\n"), new.split("\n"), strict=False)
    line = next((n for n, (a, b) in enumerate(pairs, 1) if a != b), new.count("\n"))
    return f"added {path}:{line}: {new.split(chr(10))[line - 1].strip()}"


def _read(chapter: Chapter, file: Path) -> str:
    return read_text(file, chapter.project.relative(file))
