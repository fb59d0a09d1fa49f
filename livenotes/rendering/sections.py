"""What follows a heading goes into an element of its own, which a browser may leave alone until it
is nearly in view: `content-visibility: auto`. A page with hundreds of formulas is there at once.

Headings stay outside, so that asking where they are (the theme's table of contents does) makes the
browser lay out nothing else. Knows no MkDocs; works on the finished page, before its formulas.
"""

from __future__ import annotations

import re

_ARTICLE = re.compile(r"(<article\b[^>]*>)(.*?)(</article>)", re.DOTALL)
# Whatever may hold a heading: one that is inside of something else begins no section.
_TAG = re.compile(
    r"<(?P<closing>/?)(?P<name>div|section|details|blockquote|figure|[uod]l|table|h[2-4])\b[^>]*>"
)
_PRE = re.compile(r"<pre\b.*?</pre>", re.DOTALL)
_SVG = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
_ANY_TAG = re.compile(r"<[^>]*>")
_WIDE = re.compile(r"[\u2e80-\uffef]")
_LINE = 90  # Latin letters in a line of text, at most
_BLOCK = re.compile(r"<(?:p|li|tr|div class=\"cell\"|div class=\"admonition)\b")


def split_sections(html: str) -> str:
    """The page with `<div class="section" style="--lines:…">` around what follows each heading."""
    return _ARTICLE.sub(lambda m: m[1] + _split(m[2]) + m[3], html, count=1)


def _split(article: str) -> str:
    ends, starts, depth = [], [], 0  # of the headings
    for tag in _TAG.finditer(article):
        heading = tag["name"][0] == "h"
        if tag["closing"]:
            depth -= 1
            if heading and depth == 0:
                ends.append(tag.end())
        else:
            if heading and depth == 0:
                starts.append(tag.start())
            depth += 1
    if depth or len(starts) != len(ends) or not starts:
        return article  # raw HTML that is not closed: better whole than cut in the wrong place
    parts = [article[: starts[0]]]
    for start, end, following in zip(starts, ends, [*starts[1:], len(article)], strict=True):
        parts.append(article[start:end])
        if body := article[end:following].strip():
            parts.append(f'\n<div class="section" style="--lines:{_lines(body)}">{body}</div>\n')
    return "".join(parts)


def _lines(body: str) -> int:
    """About how many lines of text a section is high; scroll bars need no more than that."""
    lines: int = sum(pre.count("\n") + 2 for pre in _PRE.findall(body)) + 14 * body.count("<svg")
    rest = _PRE.sub("", _SVG.sub("", body))
    lines += len(_BLOCK.findall(rest))
    text = _ANY_TAG.sub("", rest)
    return lines + (len(text) + len(_WIDE.findall(text))) // _LINE
