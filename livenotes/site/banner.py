"""What is wrong with a page stands at its top in `mkdocs serve`, until it is mended."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from html import escape
from pathlib import Path

from livenotes.core.problems import Problem

_TOP = '<article class="md-content__inner md-typeset">'


def show(problems: Iterable[Problem], pages: Iterable[tuple[Collection[str], Path]]) -> None:
    """Puts the problems of each page into its written HTML.

    `pages` are the files, each with the paths, as messages show them, of what it is made from. A
    page is concerned by problems of its own, of a cell that it shows, and of its translation where
    they name it.
    """
    told = [(str(problem), problem) for problem in problems]
    for paths, file in pages:
        if found := [text for text, problem in told if _concerns(problem, text, paths)]:
            html = file.read_text("utf-8")
            file.write_text(html.replace(_TOP, f"{_TOP}{_banner(found)}", 1), "utf-8")


def _concerns(problem: Problem, text: str, paths: Collection[str]) -> bool:
    return any(problem.path == path or f"{path}:" in text for path in paths)


def _banner(found: list[str]) -> str:
    items = "".join(f"<li><pre>{escape(text)}</pre></li>" for text in found)
    count = f"{len(found)} problem{'s' * (len(found) > 1)}"
    return (
        '<aside class="ln-problems admonition failure" lang="en" aria-label="livenotes check">'
        f'<p class="admonition-title">livenotes check: {count}</p><ul>{items}</ul></aside>'
    )
