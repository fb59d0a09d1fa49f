"""Turns the SVG of a run into SVG for a page: colours by CSS variables, texts in its language.

Replaces the colours that `execution/child/matplotlibrc` draws with.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from html import escape, unescape
from itertools import count

from livenotes.rendering.frames import number_frames, remove_hidden
from livenotes.rendering.svgpaths import rounded, shorter

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"
_PX_PER_PT = 4 / 3
_COLOURS = {
    "#010203": "currentColor",
    "#000000": "currentColor",
    "#ffffff": "var(--fig-paper)",
    "#0a0b00": "var(--fig-paper)",
    **{f"#0a0b{n:02x}": f"var(--fig-{n})" for n in range(1, 9)},
}
_COLOUR = re.compile("|".join(_COLOURS), re.IGNORECASE)
# The colours of the light style sheet, for notebooks, which have no style sheet of ours.
ON_WHITE = {
    "#010203": "#1d2129",
    "#0a0b00": "#ffffff",
    "#0a0b01": "#1677e0",
    "#0a0b02": "#a8420a",
    "#0a0b03": "#0b5a49",
    "#0a0b04": "#cf55a6",
    "#0a0b05": "#a87f16",
    "#0a0b06": "#46267a",
    "#0a0b07": "#d02a3c",
    "#0a0b08": "#68707c",
}
_LENGTHS = ("x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "width", "height", "points")
_TRANSLATE = re.compile(r"translate\([^)]*\)")
_GLYPH = "scale(0.015625)"  # of a formula: its outline is drawn in 200ths of its size
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_FONTS = "DejaVu Sans, Verdana, Noto Sans CJK SC, PingFang SC, Microsoft YaHei, sans-serif"
_LINE = re.compile(r"(<text\b[^>]*>)([^<]+)</text>")
_TERM = re.compile(r"(?P<term>[^=:]+?)(?P<rest>\s*[=:]\s.*|)", re.DOTALL)
_LETTER = r"[^\W\d_]"
# Words between numbers, signs and formulas: no part of a call or of a dotted name.
_PHRASE = re.compile(
    rf"(?<![\w.∂∇√/]){_LETTER}(?:{_LETTER}|['-])*(?: {_LETTER}(?:{_LETTER}|['-])*)*"
    r"(?![\w(\[/]|\.\w)"
)
# Needs no translation: one or two letters (symbols), names in code.
_CODE = re.compile(r"[A-Za-zͰ-Ͽ]{1,2}|[A-Z]\w*[A-Z0-9]\w*")
# Texts with formulas are drawn as paths, below their TeX in a comment.
_COMMENT = re.compile(r"<!-- (.*?) -->", re.DOTALL)
_TEX = re.compile(r"(?<!\\)\$.*?(?<!\\)\$", re.DOTALL)
_LONG = re.compile(rf"{_LETTER}{{3}}")
_WORDS_IN_TEX = re.compile(r"\\(?:text|mathrm)\s*\{([^{}]*)\}")

ET.register_namespace("", _SVG)
ET.register_namespace("xlink", _XLINK)


def page_figure(svg: str, prefix: str, alt: str, terms: Mapping[str, str]) -> str:
    """Returns an SVG document as an inline element of a page.

    `prefix` keeps its ids apart from those of other figures; `terms` maps English words, in lower
    case, to the page's language. The same picture gives the same bytes.
    """
    return _labelled(_page_figure(svg, prefix), alt, terms)


def notebook_figure(svg: str, prefix: str, alt: str, terms: Mapping[str, str]) -> str:
    """Returns the same picture as a document of its own, on a white background."""
    return _labelled(_notebook_figure(svg, prefix), alt, terms)


# Cached: all languages show the same drawings, and a server at every save.
@lru_cache(maxsize=256)
def _page_figure(svg: str, prefix: str) -> str:
    return _text(_figure(svg, prefix, _COLOURS))


@lru_cache(maxsize=256)
def _notebook_figure(svg: str, prefix: str) -> str:
    root = _figure(svg, prefix, ON_WHITE, still=True)
    root.set("font-family", _FONTS)
    paper = {"width": "100%", "height": "100%", "fill": ON_WHITE["#0a0b00"]}
    root.insert(0, ET.Element(f"{{{_SVG}}}rect", paper))
    return _text(root)


def _figure(svg: str, prefix: str, colours: Mapping[str, str], still: bool = False) -> ET.Element:
    """Returns the drawing without a label, with the texts of its code."""
    root = ET.fromstring(svg)
    _remove(root, "metadata", "style", "title")
    if still:
        remove_hidden(root)
    else:
        number_frames(root)
    width = float((root.get("width") or "0").removesuffix("pt") or 0) * _PX_PER_PT
    root.attrib = {
        "viewBox": root.get("viewBox", ""),
        "width": f"{width:.0f}",
        "role": "img",
        "aria-label": "",
        "stroke-linejoin": "round",
        "stroke-linecap": "butt",
    }
    ids = _used_ids(root, prefix)
    for element in root.iter():
        _rewrite(element, ids, colours)
    return root


def _labelled(drawing: str, alt: str, terms: Mapping[str, str]) -> str:
    """Adds the label `alt`, and translates the texts."""

    def translated(match: re.Match[str]) -> str:
        return f"{match[1]}{escape(translate(unescape(match[2]), terms), quote=False)}</text>"

    described = ET.tostring(ET.Element("x", {"aria-label": alt}), encoding="unicode")
    label = described.removeprefix("<x ").removesuffix(" />")
    return _LINE.sub(translated, drawing.replace('aria-label=""', label, 1))


def _text(root: ET.Element) -> str:
    return re.sub(r">\s+<", "><", ET.tostring(root, encoding="unicode"))


@lru_cache(maxsize=4096)  # a server asks for all figures at every save
def words(svg: str) -> tuple[str, ...]:
    """Returns the texts of a figure whose words must be glossary terms."""
    return (*_words(ET.fromstring(svg)), *(w for _, ws in _drawn(svg) for w in ws))


def _words(root: ET.Element) -> Iterator[str]:
    for element in root.iter(f"{{{_SVG}}}text"):
        match = _TERM.fullmatch((element.text or "").strip())
        if match and unknown(match["term"], ()):
            yield match["term"]


@lru_cache(maxsize=4096)
def mixed(svg: str) -> tuple[str, ...]:
    """Returns the texts that have words beside a formula: no page can translate them."""
    return tuple(text for text, _ in _drawn(svg) if _LONG.search(_TEX.sub("", text)))


def _drawn(svg: str) -> Iterator[tuple[str, list[str]]]:
    """Yields texts with formulas, each with the words in its formulas."""
    for text in map(unescape, _COMMENT.findall(svg)):
        if _TEX.search(text):
            yield text, [word for word in _WORDS_IN_TEX.findall(text) if _LONG.search(word)]


def translate(text: str, terms: Mapping[str, str]) -> str:
    """Translates a figure's text, or what stands before ` = …` or `: …`: a term, or the terms in it
    (`class 0`)."""
    match = _TERM.fullmatch(text.strip())
    if not match:
        return text
    whole = terms.get(match["term"].lower())
    term = whole or _PHRASE.sub(lambda m: terms.get(m[0].lower(), m[0]), match["term"])
    return f"{term}{match['rest']}"


def unknown(text: str, known: Collection[str]) -> list[str]:
    """Returns the words of a text that are no terms; `known` are terms in lower case.

    What is the same in every language is none: a number, a symbol, a name in code.
    """
    if text.lower() in known:
        return []
    phrases = [phrase for phrase in _PHRASE.findall(text) if not _CODE.fullmatch(phrase)]
    return [phrase for phrase in phrases if phrase.lower() not in known]


def _remove(root: ET.Element, *names: str) -> None:
    tags = {f"{{{_SVG}}}{name}" for name in names}
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in tags:
                parent.remove(child)


def _used_ids(root: ET.Element, prefix: str) -> dict[str, str]:
    """Returns new names for the ids that something refers to. The other ids are not needed."""
    used = [
        found
        for element in root.iter()
        for name, value in element.attrib.items()
        if "#" in value
        for found in (
            [value[1:]] if name.endswith("href") else re.findall(r"url\(#([^)]+)\)", value)
        )
    ]
    numbers = count(1)
    return {name: f"{prefix}-{next(numbers)}" for name in dict.fromkeys(used)}


def _rewrite(element: ET.Element, ids: Mapping[str, str], colours: Mapping[str, str]) -> None:
    if element.get("transform") == _GLYPH:
        outline = _NUMBER.sub(lambda m: str(round(float(m[0]) / 32)), element.get("d", ""))
        element.attrib.update({"transform": "scale(0.5)", "d": outline})
    for name, value in list(element.attrib.items()):
        if name == "id":
            if value in ids:
                element.set(name, ids[value])
            else:
                del element.attrib[name]
        elif name == f"{{{_XLINK}}}href" and value.startswith("#"):
            del element.attrib[name]
            element.set("href", f"#{ids[value[1:]]}")
        elif name in ("style", "clip-path", "fill", "stroke", "mask", "filter"):
            value = re.sub(r"url\(#([^)]+)\)", lambda m: f"url(#{ids[m[1]]})", value)
            value = re.sub(r"font-family:[^;]*;?\s*", "", value)
            element.set(name, _COLOUR.sub(lambda m: colours.get(m[0].lower(), m[0]), value))
        elif name == "transform":
            value = re.sub(r"rotate\(-?0(?:\.0*)?(?: [^)]*)?\)\s*", "", value).strip()
            value = _TRANSLATE.sub(lambda match: rounded(match[0]), value)
            if value:
                element.set(name, value)
            else:
                del element.attrib[name]
        elif name == "d":
            element.set(name, shorter(value))
        elif name in _LENGTHS:
            element.set(name, rounded(value))
