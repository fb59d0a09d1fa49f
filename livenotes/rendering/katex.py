"""Renders TeX to HTML at build time with KaTeX.

So reading a page needs no JavaScript, and a broken formula fails the build. Rendered formulas are
cached: if all are known, Node is not started.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from livenotes.core.problems import LivenotesError, Problem
from livenotes.core.store import Store
from livenotes.rendering.node.install import LOCK_FILE, install
from livenotes.rendering.node.process import RENDER_JS, NodeEnded, NodeProcess, NodeSlow


@dataclass(frozen=True)
class Formula:
    """TeX without its delimiters. `display`: on lines of its own."""

    tex: str
    display: bool


@dataclass(frozen=True)
class BrokenFormula:
    """A formula that KaTeX rejects. `message` is KaTeX's own, one line, with the position."""

    formula: Formula
    message: str


class Katex:
    """KaTeX in a Node process, which is started when first needed. Thread safe.

    `timeout` limits one request, in seconds. After `close` it can be used again.
    """

    def __init__(self, cache_dir: Path, timeout: float = 20.0) -> None:
        self._cache_dir = cache_dir
        self._timeout = timeout
        made_by = hashlib.sha256(LOCK_FILE.read_bytes() + RENDER_JS.read_bytes()).hexdigest()
        self._cache = Store(cache_dir, f"formulas {made_by}")
        self._node: NodeProcess | None = None
        self._lock = threading.RLock()
        self.shown: set[str] = set()  # the HTML of every formula that was asked for

    @property
    def pid(self) -> int | None:
        """Returns the process id of Node, or None while it does not run."""
        return self._node.pid if self._node else None

    def render(self, formulas: Sequence[Formula]) -> list[str | BrokenFormula]:
        """Returns HTML, or what is wrong, for each formula, in order.

        Raises LivenotesError if KaTeX cannot be installed or started.
        """
        with self._lock:
            known = {formula: self._cache.get(formula.tex, formula.display) for formula in formulas}
            new = [formula for formula, html in known.items() if html is None]
            results: dict[Formula, str | BrokenFormula] = {
                formula: html for formula, html in known.items() if html is not None
            }
            if new:
                for formula, result in zip(new, self._ask(new), strict=True):
                    results[formula] = result
                    if isinstance(result, str):
                        self._cache.put(result, formula.tex, formula.display)
            self.shown.update(html for html in results.values() if isinstance(html, str))
            return [results[formula] for formula in formulas]

    def close(self) -> None:
        """Ends the process and saves the cache."""
        with self._lock:
            self._stop()
            self._cache.save()

    def assets(self) -> Iterator[tuple[str, bytes | Path]]:
        """Yields the style sheet and its fonts: path in the site, and content or file."""
        yield "assets/katex/katex.css", self.style_sheet().encode()
        for font in self.fonts():
            yield f"assets/katex/fonts/{font.name}", font

    def style_sheet(self) -> str:
        css = (self._installed() / "katex.min.css").read_text(encoding="utf-8")
        # Only woff2 is published, which every browser reads that can show the site.
        return re.sub(r',\s*url\([^)]*\.(?:woff|ttf)\)\s*format\("\w+"\)', "", css)

    def fonts(self) -> list[Path]:
        return sorted((self._installed() / "fonts").glob("*.woff2"))

    def _installed(self) -> Path:
        with self._lock:
            return install(self._cache_dir) / "dist"

    def _ask(self, formulas: list[Formula]) -> list[str | BrokenFormula]:
        """Sends one request. If it hangs, or Node dies twice, sends one for each formula, to find
        the one at fault."""
        wrong = ""
        for _ in range(2):
            node = self._started()
            try:
                return _results(node, formulas, self._timeout)
            except NodeSlow as slow:
                self._stop()
                wrong = str(slow)
                break
            except NodeEnded as ended:
                self._stop()
                wrong = str(ended)
            except BaseException:
                self._stop()
                raise
        if len(formulas) == 1:
            return [BrokenFormula(formulas[0], wrong)]
        return [self._ask([formula])[0] for formula in formulas]

    def _started(self) -> NodeProcess:
        if self._node is None:
            katex = install(self._cache_dir)
            try:
                self._node = NodeProcess(katex)
            except (NodeEnded, NodeSlow):
                try:  # once more: it may have been killed
                    self._node = NodeProcess(katex)
                except (NodeEnded, NodeSlow) as error:
                    raise _cannot_start(error, katex) from None
        return self._node

    def _stop(self) -> None:
        if self._node is not None:
            self._node.stop()
            self._node = None


def _results(
    node: NodeProcess, formulas: list[Formula], seconds: float
) -> list[str | BrokenFormula]:
    request = {"formulas": [{"tex": each.tex, "display": each.display} for each in formulas]}
    answer = node.ask(request, seconds)
    return [
        result["html"] if "html" in result else BrokenFormula(formula, result["error"])
        for formula, result in zip(formulas, answer["results"], strict=True)
    ]


def _cannot_start(error: Exception, katex: Path) -> LivenotesError:
    return LivenotesError(
        Problem(
            path="livenotes/rendering/node/render.js",
            line=0,
            message=f"KaTeX does not start: {error}",
            hint=f"delete {katex.parents[1]} to have it installed again; unset NODE_OPTIONS",
        )
    )
