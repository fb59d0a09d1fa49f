"""A hook for plain MkDocs: pages show the navigation of their own language, as livenotes' do.

Without it, each page of the others would carry twice as many links.
"""

from __future__ import annotations

from typing import Any

from mkdocs.structure.nav import Navigation, Section
from mkdocs.structure.pages import Page

navigations: dict[str, Navigation] = {}


def on_nav(nav: Navigation, **_: Any) -> Navigation:
    for item in nav.items:
        if isinstance(item, Section):
            for child in item.children:
                child.parent = None
            pages = [p for p in nav.pages if p.file.src_uri.startswith(f"{item.title}/")]
            navigations[item.title] = Navigation(item.children, pages)
    return nav


def on_page_context(context: Any, page: Page, nav: Navigation, **_: Any) -> None:
    context["nav"] = navigations.get(page.file.src_uri.partition("/")[0], nav)
