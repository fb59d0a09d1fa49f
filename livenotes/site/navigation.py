"""The navigation of one language, made from the one that the author wrote for all."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Any

from mkdocs.structure.files import Files
from mkdocs.structure.nav import Link, Navigation, Section
from mkdocs.structure.pages import Page


def localized(item: Any, code: str, codes: Sequence[str]) -> Any:
    """Returns an entry of `nav` as it reads in one language: folder added, titles chosen."""
    if isinstance(item, str):
        return item if "://" in item or item.startswith("/") else f"{code}/{item}"
    if isinstance(item, Mapping):
        return {_title(t, code, codes): localized(v, code, codes) for t, v in item.items()}
    return [localized(each, code, codes) for each in item]


def without(items: Iterable[Any], gone: Container[str]) -> list[Any]:
    """Returns entries of `nav` but for these pages, and for sections that have no others."""
    kept: list[Any] = []
    for item in items:
        if isinstance(item, Mapping):
            parts = {
                title: without(value, gone) if isinstance(value, list) else value
                for title, value in item.items()
            }
            if parts := {
                title: part for title, part in parts.items()
                if part != [] and not (isinstance(part, str) and part in gone)
            }:  # fmt: skip
                kept.append(parts)
        elif item not in gone:
            kept.append(item)
    return kept


def _title(title: Any, code: str, codes: Sequence[str]) -> str:
    titles = [part.strip() for part in str(title).split("|")]
    if len(titles) != len(codes):
        return str(title)
    return titles[codes.index(code)] if code in codes else " · ".join(titles)


def navigation_of(section: Section, files: Files) -> Navigation:
    """Returns the navigation of one language, from the section that MkDocs made of it.

    Its pages get their own previous and next page.
    """
    items = list(_without_broken_links(section.children))
    for item in items:
        item.parent = None
    pages = list(_pages_of(items))
    for before, page, after in zip([None, *pages], pages, [*pages[1:], None], strict=False):
        page.previous_page, page.next_page = before, after
    navigation = Navigation(items, pages)
    home = files.get_file_from_path(f"{section.title}/index.md")
    navigation.homepage = home.page if home else next(iter(pages), None)
    return navigation


def _without_broken_links(items: Sequence[Any]) -> Iterator[Any]:
    """Entries that lead somewhere: MkDocs has reported the pages that do not exist."""
    for item in items:
        if isinstance(item, Section):
            item.children = list(_without_broken_links(item.children))
            if item.children:
                yield item
        elif not isinstance(item, Link) or "://" in item.url or item.url.startswith("/"):
            yield item


def _pages_of(items: Sequence[Any]) -> Iterator[Page]:
    for item in items:
        if isinstance(item, Page):
            yield item
        elif isinstance(item, Section):
            yield from _pages_of(item.children)
