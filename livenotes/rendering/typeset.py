"""Puts KaTeX's HTML and MathML in place of the formulas of a page.

The Markdown extension arithmatex leaves placeholders in a page; `substitute` fills them.
"""

from __future__ import annotations

import html as html_escapes
import re
from collections.abc import Callable

from livenotes.rendering.katex import BrokenFormula, Formula, Katex

# What arithmatex (generic, inline_tag x-math, block_tag div) writes. Its TeX is escaped, so it
# holds no "<"; neither code nor a formula already rendered can look like this.
PLACEHOLDER = re.compile(
    r"<(?P<tag>x-math|div)(?P<attributes>(?=[^>]*\sclass=\"(?:[^\"]*\s)?arithmatex[\s\"])[^>]*)>"
    r"\s*\\(?P<open>[(\[])(?P<tex>[^<]*)\\[)\]]\s*</(?P=tag)>"
)
# KaTeX's boxes between which a line may break. A style sheet could count them itself, by `:has()`,
# but then a browser looks for it again with each of the ten thousand elements that it reads.
BASE, MANY_BASES = '<span class="base">', 5
_NUMBER = '<span class="eqn-num"></span>'
_COUNTED = re.compile(
    rf'{_NUMBER}|<div class="pair">|<(?!span)[a-z][^<>]*?\slang="(?P<language>[^"]*)"'
)
INLINE = re.compile(r"\\(?P<open>\()(?P<tex>.+?)\\\)", re.DOTALL)


def substitute(html: str, katex: Katex) -> tuple[str, list[BrokenFormula]]:
    """A page with KaTeX's HTML in place of each placeholder's TeX, and the broken formulas.

    A broken formula stays readable, as `<code class="math-error" title="message">TeX</code>`.
    """

    def element(match: re.Match[str], rendered: str) -> str:
        attributes = match["attributes"]
        if match["open"] == "(" and rendered.count(BASE) >= MANY_BASES:
            attributes = attributes.replace('class="', 'class="math-long ', 1)
        return f"<{match['tag']}{attributes}>{rendered}</{match['tag']}>"

    return _replace(PLACEHOLDER, html, katex, element)


def numbered(html: str) -> str:
    """A page whose numbered equations count through it: a counter of CSS would begin anew in each
    section that a browser lays out by itself.

    Where two languages stand beside each other, both count from the same number.
    """
    if _NUMBER not in html:
        return html
    number = first = 0
    language: str | None = None  # of a pair's part

    def token(match: re.Match[str]) -> str:
        nonlocal number, first, language
        if match[0] == _NUMBER:
            number += 1
            return _NUMBER.replace("><", f">({number})<")
        if match["language"] is None:
            first, language = number, ""
        elif language is not None:
            number = first if language not in ("", match["language"]) else number
            language = match["language"]
        return match[0]

    return _COUNTED.sub(token, html)


def _formula(match: re.Match[str]) -> Formula:
    return Formula(html_escapes.unescape(match["tex"]), match["open"] == "[")


def substitute_text(text: str, katex: Katex) -> tuple[str, list[BrokenFormula]]:
    r"""Escaped text (a title in the table of contents) with KaTeX's HTML for each `\(…\)`."""
    return _replace(INLINE, text, katex, lambda _, rendered: rendered)


def _replace(
    pattern: re.Pattern[str],
    html: str,
    katex: Katex,
    element: Callable[[re.Match[str], str], str],
) -> tuple[str, list[BrokenFormula]]:
    """Every match replaced by `element(match, its formula's HTML)`; one request for all of them."""
    results = katex.render([_formula(match) for match in pattern.finditer(html)])
    upcoming = iter(results)

    def rendered(match: re.Match[str]) -> str:
        result = next(upcoming)
        return element(match, result if isinstance(result, str) else _visible(result))

    done = pattern.sub(rendered, html)
    return done, [result for result in results if isinstance(result, BrokenFormula)]


def _visible(broken: BrokenFormula) -> str:
    title, tex = html_escapes.escape(broken.message), html_escapes.escape(broken.formula.tex)
    return f'<code class="math-error" title="{title}">{tex}</code>'
