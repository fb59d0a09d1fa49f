"""Mends what mkdocs-jupyter makes of a notebook; knows its HTML (nbconvert's), and no MkDocs.

Left as it comes, a page holds over half a megabyte of style, scripts of which one loads from
another host, formulas as text, figures without their descriptions, and headings without ids.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from itertools import zip_longest

from livenotes.document.document import Heading
from livenotes.extensions.punctuation import CLOSING, OPENING

_DROPPED = re.compile(
    r"<(script|style)\b.*?</\1>\s*"
    r"|<!--.*?-->\s*"
    # The button that copies needs the script; the text that it copies would be there twice.
    r'|<div class="zeroclipboard-container">.*?</clipboard-copy>\s*</div>\s*'
    r'|<div class="clipboard-copy-txt"[^>]*>.*?</div>\s*'
    r'|<div class="celltoolbar">.*?</span>\s*</span>\s*</div>\s*</div>\s*'
    r'|<p>\s*<a id="[^"]*"></a>\s*</p>\s*',
    re.DOTALL,
)
# Empty boxes beside each cell, stops for the Tab key at each, and what only scripts look at.
_PADDING = re.compile(
    r'<div class="jp-Collapser[^>]*>\s*</div>\s*'
    r'|<div class="jp-InputPrompt jp-InputArea-prompt">\s*</div>\s*'
    r'|(?<=")\s(?:tabindex="0"|data-type="inline"|data-mime-type="[^"]*")(?=[ >])'
)
# The first of a cell's boxes in boxes, of which no style needs more than one.
_TEXT = re.compile(
    r'<div class="jp-Cell jp-MarkdownCell[^>]*>\s*<div class="jp-Cell-inputWrapper">\s*'
    r'<div class="jp-InputArea [^>]*>\s*<div class="jp-RenderedHTMLCommon [^>]*>\s*'
)
_CODE = re.compile(
    r'(?:<div class="jp-Cell jp-CodeCell[^>]*>\s*){2}<div class="jp-Cell-inputWrapper">\s*'
    r'<div class="jp-InputArea [^>]*>\s*<div class="jp-InputPrompt [^>]*>([^<]*)</div>\s*'
    r"(?:<div[^>]*>\s*){3}<pre>(.*?)</pre>(?:\s*</div>){5}\s*",
    re.DOTALL,
)
_CODE_CELL = '<div class="jp-Cell jp-CodeCell">'
# Only these are coloured, in elements as short as can be; eight tokens in ten are others.
_TOKEN = re.compile(r'<span class="(\w+)">([^<]*)</span>')
_BLANK = re.compile(r'<span class="w">(\s+)</span>')
_COLOURED = {"k": "b", "ow": "b", "s": "u", "c": "i"}
_PARTS = re.compile(r"</([bui])><\1>")
_FIGURE = re.compile(r'<img\b[^>]*\bsrc="data:image/svg\+xml;base64,([^"]*)"[^>]*>')
_CELLS = re.compile(r'(?=<div class="jp-Cell jp-(?:Markdown|Code)Cell)')
_MARKDOWN = '<div class="jp-Cell jp-MarkdownCell'
_HEADING = re.compile(r"<h([1-6])\b[^>]*>(.*?)</h\1>", re.DOTALL)
_ANCHOR = re.compile(r'<a class="anchor-link"[^>]*>.*?</a>', re.DOTALL)
_TAG = re.compile(r"(<(/?)(\w+)[^>]*>)")
_BLOCK = re.compile(r"<p>\s*\$\$((?:\\[^<]|[^\\$<])+)\$\$\s*</p>")
_FORMULA = re.compile(
    r"(?<!\\)\$\$(?P<display>(?:\\.|[^\\$])+)\$\$|(?<![\\$])\$(?P<inline>(?:\\.|[^\\$])+)\$",
    re.DOTALL,
)
# As livenotes.extensions.punctuation has it on pages.
_BESIDE = re.compile(rf"(?P<before>{OPENING}*)<x-math\b[^<]*</x-math>(?P<after>{CLOSING}*)")


def mend(html: str, headings: Sequence[Heading]) -> str:
    """A notebook's HTML fit for the site; its style is ours, theme/assets/notebook.css.

    `headings` are those of the chapter, which has the same: their ids are used. Formulas become
    what livenotes.rendering.katex looks for.
    """
    html = _BLANK.sub(r"\1", _PADDING.sub("", _DROPPED.sub("", html)))
    cells = [
        _formulas(cell) if cell.startswith(_MARKDOWN) else _FIGURE.sub(_inline_figure, cell)
        for cell in _CELLS.split(_CODE.sub(_code, html))
    ]
    count = sum(len(_HEADING.findall(cell)) for cell in cells if cell.startswith(_MARKDOWN))
    ids = [heading.id for heading in headings] if count == len(headings) else []
    return "".join(_flat(cell) for cell in _with_ids(cells, ids))


def _with_ids(cells: list[str], ids: list[str]) -> list[str]:
    upcoming = iter(ids)

    def heading(match: re.Match[str]) -> str:
        level, text = match[1], _ANCHOR.sub("", match[2])
        identifier = next(upcoming, "")
        if not identifier:
            return f"<h{level}>{text}</h{level}>"
        link = f'<a class="headerlink" href="#{identifier}">¶</a>'
        return f'<h{level} id="{identifier}">{text}{link}</h{level}>'

    return [_HEADING.sub(heading, c) if c.startswith(_MARKDOWN) else c for c in cells]


def _flat(cell: str) -> str:
    """A cell in one box; of those around it the ends are all alike."""
    if cell.startswith(_CODE_CELL):
        return "".join(cell.rsplit("</div>", 1))
    cell, flat = _TEXT.subn('<div class="jp-Cell">', cell)
    return "".join(cell.rsplit("</div>", 3)) if flat else cell


def _code(match: re.Match[str]) -> str:
    """The beginning of a cell, with code in few colours: it is most of a view's HTML."""

    def token(match: re.Match[str]) -> str:
        kind, text = match.groups()
        tag = _COLOURED.get(kind) or _COLOURED.get(kind[0])
        return f"<{tag}>{text}</{tag}>" if tag and text.strip() else text

    code = _TOKEN.sub(token, match[2].replace("<span></span>", ""))
    return (
        f'{_CODE_CELL}<div class="jp-InputArea"><div class="jp-InputPrompt">{match[1]}</div>'
        f"<pre>{_PARTS.sub('', code)}</pre></div>"
    )


def _inline_figure(match: re.Match[str]) -> str:
    """A figure in the page itself: its texts can be read, and its description is heard."""
    return base64.b64decode(match[1]).decode("utf-8", "replace")


def _formulas(cell: str) -> str:
    r"""The cell with `\(…\)` and `\[…\]` in elements, where Jupyter would have MathJax look."""
    cell = _BLOCK.sub(lambda m: rf'<div class="arithmatex">\[{m[1]}\]</div>', cell)
    pieces = _TAG.split(cell)
    code = 0
    done = []
    for text, tag, closing, name in zip_longest(*[iter(pieces)] * 4, fillvalue=""):
        done.append(text if code else _FORMULA.sub(_formula, text))
        done.append(tag)
        if name in ("code", "pre"):
            code += -1 if closing else 1
        elif 'class="arithmatex"' in tag:
            code += 1
        elif code and closing and name == "div":
            code -= 1
    return _BESIDE.sub(_kept_together, "".join(done))


def _kept_together(match: re.Match[str]) -> str:
    """A formula and the punctuation beside it, where there is any, in one element."""
    alone = match["before"] + match["after"] == ""
    return match[0] if alone else f'<span class="math-clings">{match[0]}</span>'


def _formula(match: re.Match[str]) -> str:
    if match["display"]:
        return rf'<x-math class="arithmatex">\[{match["display"]}\]</x-math>'
    return rf'<x-math class="arithmatex">\({match["inline"]}\)</x-math>'
