"""Mends what Material for MkDocs 9 leaves wrong in a page's HTML; knows its HTML, and no MkDocs.

Whatever is not found stays as it is: another version of the theme may have mended it itself.
"""

from __future__ import annotations

import re

from livenotes.core.words import words

_DIALOG = '<div class="md-search" data-md-component="search" role="dialog"'
# A check box completes nothing.
_TOGGLE = re.compile(r'(<input class="md-toggle[^>]*?) autocomplete="off"')
_XML = 'type="radio" />'  # pymdownx's, of tabs
# The table of contents as part of the navigation, on a page that the navigation does not hold.
_NO_TOGGLE = re.compile(r'<label class="md-nav__title" for="__toc">(.*?)</label>', re.DOTALL)


def mend_theme(html: str, language: str) -> str:
    """The page with a name for its search dialog, and no labels, attributes, spaces for nothing."""
    start, end = html.find("<article "), html.rfind("</article>")
    if end < 0:
        return html
    head = _TOGGLE.sub(r"\1", _packed(html[:start]))
    head = head.replace(_DIALOG, f'{_DIALOG} aria-label="{words(language).search}"')
    if 'id="__toc"' not in head:
        head = _NO_TOGGLE.sub(r'<div class="md-nav__title">\1</div>', head)
    text = html[start:end].replace(_XML, _XML.replace(" /", ""))
    return "".join((head, text, _packed(html[end:])))


def _packed(html: str) -> str:
    """What stands around the text without its indentation, a quarter of it; no <pre> is in it."""
    return "\n".join(line for line in map(str.strip, html.split("\n")) if line)
