r"""The built site as it would be if formulas were left to the browser, as Material documents it.

A page keeps all but its typeset formulas: in their place stands what arithmatex wrote, `\(…\)` or
`\[…\]`, and the page loads KaTeX and its auto-render, with KaTeX's whole style sheet and fonts.
They come from the site itself, not from another host as in the documentation: a connection less.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from pathlib import Path

_BEGIN = re.compile(r'<span class="katex(?P<display>-display)?">')
_SPAN = re.compile(r"<(?P<end>/?)span\b")
# What KaTeX keeps for copying; escaped, as text in HTML must be.
_TEX = re.compile(r'<annotation encoding="application/x-tex">(.*?)</annotation>', re.DOTALL)
_BUNDLE = re.compile(
    r'<script defer src="(?P<assets>[^"]*assets/)javascripts/bundle\.[^"]*"></script>'
)
_SCRIPTS = ("client.js", "katex.min.js", "auto-render.min.js")  # the documentation's order

# The documentation's lines.
_CLIENT = r"""document$.subscribe(({ body }) => {
  renderMathInElement(body, {
    delimiters: [
      { left: "$$", right: "$$", display: true },
      { left: "$", right: "$", display: false },
      { left: "\\(", right: "\\)", display: false },
      { left: "\\[", right: "\\]", display: true },
    ],
  });
});
"""


def write_client_side(site: Path, katex: Path, pages: Iterable[str], folder: Path) -> None:
    """Copy the site's files into a new folder, these pages with their formulas left to the browser.

    `katex` is the package of npm. ValueError: a page has no formula or no script of Material's.
    """
    shutil.copytree(site, folder)
    dist, assets = katex / "dist", folder / "assets/katex"
    shutil.copyfile(dist / "katex.min.css", assets / "katex.css")
    shutil.copytree(dist / "fonts", assets / "fonts", dirs_exist_ok=True)
    for script in (dist / "katex.min.js", dist / "contrib/auto-render.min.js"):
        shutil.copy(script, assets)
    (assets / "client.js").write_text(_CLIENT, "utf-8")
    for page in pages:
        file = folder / page / "index.html"
        file.write_text(client_side(file.read_text("utf-8"), page), "utf-8")


def client_side(html: str, page: str = "the page") -> str:
    """A page as it is published -> the same with the formulas' TeX and KaTeX's scripts."""
    changed = untypeset(html)
    bundle = _BUNDLE.search(changed)
    if changed == html or not bundle:
        raise ValueError(
            f"{page} has {'no script of Material' if changed != html else 'no formula'}"
        )
    scripts = "".join(
        f'<script defer src="{bundle["assets"]}katex/{script}"></script>' for script in _SCRIPTS
    )
    return changed[: bundle.end()] + scripts + changed[bundle.end() :]


def untypeset(html: str) -> str:
    """What `typeset.substitute` was given: TeX in delimiters for each typeset formula."""
    parts, after = [], 0
    while begin := _BEGIN.search(html, after):
        end = _end(html, begin.start())
        tex = _TEX.search(html, begin.end(), end)
        if not tex:
            raise ValueError(f"a formula without its TeX: {html[begin.start() : end][:80]}")
        left, right = (r"\[", r"\]") if begin["display"] else (r"\(", r"\)")
        parts += [html[after : begin.start()], left, tex[1], right]
        after = end
    return "".join([*parts, html[after:]])


def _end(html: str, begin: int) -> int:
    """Where the span that begins here ends."""
    depth = 0
    for span in _SPAN.finditer(html, begin):
        depth += -1 if span["end"] else 1
        if not depth:
            return html.index(">", span.end()) + 1
    raise ValueError(f"a formula that does not end: {html[begin : begin + 80]}")
