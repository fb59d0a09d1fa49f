"""Reduces KaTeX's fonts to the characters that the site's formulas show.

KaTeX's style sheet says which of its fonts a class uses. A page's fonts then weigh a fifth.
"""

import html as escapes
import io
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import partial
from importlib.metadata import version
from pathlib import Path

from livenotes.core.store import Store

_FACE = re.compile(r"@font-face\{([^}]*)\}")
_FILE = re.compile(r"url\(fonts/([\w-]+\.woff2)\)")
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_PIECE = re.compile(r"<span(?P<attributes>[^>]*)>|</span>|<[^>]*>|(?P<text>[^<]+)")
_CLASSES = re.compile(r'class="([^"]*)"')
_MAIN = "KaTeX_Main"
# What a class of KaTeX may set: names of fonts, and these.
_BOLD, _ITALIC = "font-weight:700", "font-style:italic"
_SETS = re.compile(rf'font-family:"?(?P<family>KaTeX_\w+)|{_BOLD}|{_ITALIC}')


def characters(css: str, formulas: Iterable[str]) -> dict[str, str]:
    """Returns the characters that each font file may have to draw, sorted.

    Combines all classes around a character, whichever rule would win: better too many characters
    than one too few.
    """
    styles, faces = _styles(css), _faces(css)
    used: dict[str, set[str]] = defaultdict(set)
    for formula in formulas:
        for style, text in _texts(formula, styles):
            for family in (style | {_MAIN}) - {_BOLD, _ITALIC}:
                for bold in {False, _BOLD in style}:
                    for italic in {False, _ITALIC in style}:
                        if file := faces.get((family, bold, italic)):
                            used[file].update(text)
    return {file: "".join(sorted(used[file])) for file in faces.values()}


def cut(fonts: Path, needed: Mapping[str, str], store: Store) -> None:
    """Replaces each font in the folder by one that has only the needed characters."""
    for name, text in needed.items():
        (fonts / name).write_bytes(smaller((fonts / name).read_bytes(), text, store))


def smaller(font: bytes, text: str, store: Store) -> bytes:
    """Returns a font that has only these characters."""
    made_by = [version(package) for package in ("fonttools", "brotli")]
    return store.get_or_make(partial(_subset, font, text), "font", font, text, made_by)


def _subset(font: bytes, text: str) -> bytes:
    from fontTools import subset  # imported here: it takes a quarter of a second

    options = subset.Options(flavor="woff2", hinting=False, notdef_outline=True)
    face = subset.load_font(io.BytesIO(font), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(text=text)
    subsetter.subset(face)
    done = io.BytesIO()
    subset.save_font(face, done, options)
    return done.getvalue()


def _faces(css: str) -> dict[tuple[str, bool, bool], str]:
    faces = {}
    for declared in _FACE.findall(css):
        file = _FILE.search(declared)
        family = re.search(r'font-family:"?(\w+)', declared)
        if file and family:
            faces[family[1], _BOLD in declared, _ITALIC in declared] = file[1]
    return faces


def _styles(css: str) -> dict[str, set[str]]:
    """Returns what each class may set."""
    styles: dict[str, set[str]] = defaultdict(set)
    for selector, declared in _RULE.findall(_FACE.sub("", css)):
        style = {found["family"] or found[0] for found in _SETS.finditer(declared)}
        for name in set(re.findall(r"\.([\w-]+)", selector)) - {"katex"}:
            styles[name] |= style
    return styles


def _texts(formula: str, styles: Mapping[str, set[str]]) -> Iterable[tuple[set[str], str]]:
    """Yields the texts of a formula's visible part, each with what the classes around it set."""
    visible = formula[max(0, formula.find('<span class="katex-html"')) :]
    around: list[set[str]] = [set()]
    for piece in _PIECE.finditer(visible):
        if piece["attributes"] is not None:
            own = around[-1]
            found = _CLASSES.search(piece["attributes"])
            for name in found[1].split() if found else ():
                own = own | styles.get(name, set())
            around.append(own)
        elif piece[0] == "</span>":
            del around[max(1, len(around) - 1) :]
        elif piece["text"]:
            yield around[-1], escapes.unescape(piece["text"])
