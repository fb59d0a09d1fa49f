"""Finds markup that a browser would run or fetch.

Needed for what pages do not escape: pictures and, for cells with the tag `html`, HTML.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

_SHAPES = (
    "a circle clipPath defs desc ellipse g image line linearGradient marker mask metadata path "
    "pattern polygon polyline radialGradient rect stop style svg symbol text textPath title tspan "
    "use"
)
_DRAWN = {f"{{http://www.w3.org/2000/svg}}{name}" for name in _SHAPES.split()}
_DESCRIBED = re.compile(r"\{http://(?:www\.w3\.org/1999/02/22-rdf|creativecommons\.org|purl\.org)")
_ACTIVE = re.compile(
    "script|i?frame|object|embed|applet|base|link|meta|form|input|button|textarea|select"
    "|audio|video|source|svg|math|template|noscript"
)
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")
_ID = re.compile(r"""(?<=\sid=)(["'])([\w-]+)\1""")
_NAME = re.compile(r"""(?<=[#"'])(?<!class=["'])[\w-]+""")
_FETCHES = re.compile(r"url\(\s*['\"]?(?!#|data:image/|['\"]?#)|@import", re.IGNORECASE)


def with_own_ids(html: str, prefix: str) -> str:
    """Returns HTML whose ids are numbered: those of libraries are random, or equal in two tables.

    Names in quotes or after a # that are such an id, in style sheets too, follow.
    """
    ids = dict.fromkeys(match[2] for match in _ID.finditer(html))
    names = {name: f"{prefix}-{number}" for number, name in enumerate(ids, 1)}
    return _NAME.sub(lambda match: names.get(match[0], match[0]), html) if names else html


def unsafe(mime: str, value: object) -> str:
    """Returns why an output's format must not be rendered, in a few words, or ''."""
    text = str(value)
    if mime == "application/javascript":
        return "which is a script"
    if mime == "image/svg+xml":
        return unsafe_svg(text)
    if mime in ("text/html", "text/markdown"):
        return unsafe_html(text)
    if mime.startswith("image/") and not _BASE64.fullmatch(text):
        return "which is not base64"
    return ""


def unsafe_svg(text: str) -> str:
    """Returns why this is no safe SVG picture, in a few words, or ''."""
    try:
        root = ET.fromstring(text)
    except (ET.ParseError, ValueError) as error:
        return f"which is not well-formed XML: {error}"
    if root.tag != "{http://www.w3.org/2000/svg}svg":
        return f"whose root is <{_name(root.tag)}>, not <svg> in SVG's namespace"
    for element in root.iter():
        if element.tag not in _DRAWN and not _DESCRIBED.match(str(element.tag)):
            return f"with <{_name(element.tag)}> in it"
        if element.tag == "{http://www.w3.org/2000/svg}style" and _FETCHES.search(
            element.text or ""
        ):
            return "whose style fetches something"
        for name, value in element.attrib.items():
            if found := _unsafe_attribute(_name(name), value):
                return found
    return ""


def unsafe_html(text: str) -> str:
    """Returns why this is no safe HTML, in a few words, or ''."""
    finder = _UnsafeFinder(convert_charrefs=True)
    finder.feed(text)
    finder.close()
    return finder.found


class _UnsafeFinder(HTMLParser):
    found = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if _ACTIVE.fullmatch(tag):
            self.found = self.found or f"with <{tag}> in it"
        for name, value in attrs:
            self.found = self.found or _unsafe_attribute(name, value or "")


def _unsafe_attribute(name: str, value: str) -> str:
    """Finds event handlers, and addresses outside this picture or page."""
    if name.lower().startswith("on") or name.lower() == "srcdoc":
        return f'with {name}="…" in it'
    if name.lower() in ("href", "src", "srcset", "action", "formaction", "background", "data"):
        place = re.sub(r"[\s\x00-\x1f]", "", value).lower()
        if not place.startswith(("#", "data:image/png", "data:image/jpeg")):
            return f'with {name}="{value[:60]}" in it'
    if _FETCHES.search(value):
        return f'with {name}="{value[:60]}" in it'
    return ""


def _name(tag: object) -> str:
    return str(tag).rpartition("}")[2]
