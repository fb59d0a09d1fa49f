"""What a build does while it waits for the first outputs, instead of after them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from contextlib import suppress
from functools import partial

from jinja2 import Environment, TemplateError
from jinja2.meta import find_referenced_templates

from livenotes.document.document import Document
from livenotes.rendering.katex import Formula
from livenotes.site.build import Build
from livenotes.site.publishing import Publishing


def prepare(documents: Collection[Document], build: Build, publishing: Publishing) -> None:
    """Cuts fonts and highlights sources, until a module has ended.

    Raises LivenotesError if KaTeX cannot be installed or started.
    """
    if build.runs.waiting():
        typeset(documents, build)
        publishing.begin()
    for fence in (fence for document in documents for fence in document.cell_fences):
        if not build.runs.waiting():
            return
        with suppress(Exception):  # the page tells what is wrong with a fence
            cell = build.runs.module(fence.module).cell(fence.cell)
            build.highlight(cell.source, fence.options, f"{fence.module}-{fence.cell}")


def typeset(documents: Iterable[Document], build: Build) -> None:
    """Has the formulas of pages that are new typeset, in one request. Raises LivenotesError."""
    new: list[Document] = []
    for document in documents:
        build.remember(("formulas", document.path), document, partial(new.append, document))
    formulas = (formula for document in new for formula in document.formulas)
    build.katex.render([Formula(each.tex, each.display) for each in formulas])


def compile_templates(env: Environment, build: Build) -> None:
    """Compiles the template of pages and all that it includes or extends by name, if there is time
    for it; else pages compile what they need. A server keeps what it has compiled."""
    if build.serving:
        return
    seen: set[str] = set()
    todo = ["main.html"]
    while todo and build.runs.waiting():
        seen.add(name := todo.pop())
        with suppress(TemplateError):  # named for a plugin that is not there
            env.get_template(name)
            source = env.loader.get_source(env, name)[0] if env.loader else ""
            named = find_referenced_templates(env.parse(source))
            todo += [each for each in named if each and each not in seen]
