"""What a build does while it waits for the first outputs, instead of after them."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from jinja2 import Environment, TemplateError
from jinja2.meta import find_referenced_templates

from livenotes.document.document import Document
from livenotes.site.build import Build


def prepare_pages(env: Environment, documents: Iterable[Document], build: Build) -> None:
    """Compiles the templates of pages and highlights their sources, until outputs are there."""
    if build.runs.waiting():
        _compile(env, "main.html")
    for fence in (fence for document in documents for fence in document.cell_fences):
        if not build.runs.waiting():
            return
        with suppress(Exception):  # the page tells what is wrong with a fence
            cell = build.runs.module(fence.module).cell(fence.cell)
            build.highlight(cell.source, fence.options, f"{fence.module}-{fence.cell}")


def _compile(env: Environment, name: str) -> None:
    """Compiles a template and all that it includes or extends by name."""
    seen: set[str] = set()
    todo = [name]
    while todo:
        seen.add(name := todo.pop())
        with suppress(TemplateError):  # named for a plugin that is not there
            env.get_template(name)
            source = env.loader.get_source(env, name)[0] if env.loader else ""
            named = find_referenced_templates(env.parse(source))
            todo += [each for each in named if each and each not in seen]
