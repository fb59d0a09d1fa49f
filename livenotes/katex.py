"""TeX to HTML at build time with KaTeX: reading a page needs no JavaScript, a bad formula is found.

The Markdown extension arithmatex leaves placeholders in a page; `substitute` puts KaTeX's HTML and
MathML into them. Formulas once rendered are remembered, so a warm build does not even start Node.
"""

from __future__ import annotations

import hashlib
import html as html_escapes
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from types import TracebackType

from livenotes.errors import LivenotesError, Problem
from livenotes.htmlcache import HtmlCache
from livenotes.node.install import LOCK_FILE, install
from livenotes.node.process import RENDER_JS, NodeEnded, NodeProcess, NodeSlow


@dataclass(frozen=True)
class Formula:
    """TeX without its delimiters; `display` is a formula on lines of its own."""

    tex: str
    display: bool


@dataclass(frozen=True)
class BrokenFormula:
    """A formula that KaTeX refuses; `message` is one line with the position, as KaTeX says it."""

    formula: Formula
    message: str


class Katex:
    """KaTeX in one Node process that is started when first needed. Thread safe; a context manager.

    `timeout` bounds one request, in seconds. After `close` it may be used again.
    """

    def __init__(self, cache_dir: Path, timeout: float = 20.0) -> None:
        self._cache_dir = cache_dir
        self._timeout = timeout
        made_by = hashlib.sha256(LOCK_FILE.read_bytes() + RENDER_JS.read_bytes()).hexdigest()
        self._cache = HtmlCache(cache_dir / "formulas.json", made_by)
        self._node: NodeProcess | None = None
        self._lock = threading.RLock()
        self.shown: set[str] = set()  # every formula's HTML that was asked for

    def __enter__(self) -> Katex:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """The process id of Node, None while it is not needed."""
        return self._node.pid if self._node else None

    def render(self, formulas: Sequence[Formula]) -> list[str | BrokenFormula]:
        """HTML, or what is wrong, for each formula, in order. LivenotesError: there is no KaTeX."""
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
        """End the process and save the formula cache."""
        with self._lock:
            self._stop()
            self._cache.save()

    def assets(self) -> Iterator[tuple[str, bytes | Path]]:
        """The style sheet and its fonts: path in the site, and content or file."""
        with self._lock:
            dist = install(self._cache_dir) / "dist"
        css = (dist / "katex.min.css").read_text(encoding="utf-8")
        # Every browser that can show the site reads woff2; the other sources would be dead links.
        css = re.sub(r',\s*url\([^)]*\.(?:woff|ttf)\)\s*format\("\w+"\)', "", css)
        yield "assets/katex/katex.css", css.encode()
        for font in sorted((dist / "fonts").glob("*.woff2")):
            yield f"assets/katex/fonts/{font.name}", font

    def _ask(self, formulas: list[Formula]) -> list[str | BrokenFormula]:
        """One request; if it hangs or Node dies twice, one per formula to find the culprit."""
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
                try:  # it may have been killed
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
            path="livenotes/node/render.js",
            line=0,
            message=f"KaTeX does not start: {error}",
            hint=f"delete {katex.parents[1]} to have it installed again; unset NODE_OPTIONS",
        )
    )


# What arithmatex (generic, inline_tag x-math, block_tag div) writes. Its TeX is escaped, so it
# holds no "<"; neither code nor a formula already rendered can look like this.
PLACEHOLDER = re.compile(
    r"<(?P<tag>x-math|div)(?P<attributes>(?=[^>]*\sclass=\"(?:[^\"]*\s)?arithmatex[\s\"])[^>]*)>"
    r"\s*\\(?P<open>[(\[])(?P<tex>[^<]*)\\[)\]]\s*</(?P=tag)>"
)
EXCLUDED = re.compile(r"\sdata-search-exclude(?:=(?:\"[^\"]*\"|'[^']*'))?(?=\s|$)")
# KaTeX's boxes between which a line may break. A style sheet could count them itself, by `:has()`,
# but then a browser looks for it again with each of the ten thousand elements that it reads.
BASE, MANY_BASES = '<span class="base">', 5
INLINE = re.compile(r"\\\((?P<tex>.+?)\\\)", re.DOTALL)


def substitute(html: str, katex: Katex) -> tuple[str, list[BrokenFormula]]:
    """A page with KaTeX's HTML in place of each placeholder's TeX, and the broken formulas.

    A broken formula stays readable, as `<code class="math-error" title="message">TeX</code>`.
    """

    def element(match: re.Match[str], rendered: str) -> str:
        attributes = EXCLUDED.sub("", match["attributes"])
        if match["open"] == "(" and rendered.count(BASE) >= MANY_BASES:
            attributes = attributes.replace('class="', 'class="math-long ', 1)
        return f"<{match['tag']}{attributes}>{rendered}</{match['tag']}>"

    return _replace(PLACEHOLDER, _keep_punctuation(html), katex, _formula, element)


def prepare_formulas(html: str, katex: Katex) -> None:
    """Have the formulas of a page rendered now, so that `substitute` need not wait for them."""
    katex.render([_formula(match) for match in PLACEHOLDER.finditer(html)])


def _formula(match: re.Match[str]) -> Formula:
    return Formula(html_escapes.unescape(match["tex"]), match["open"] == "[")


INLINE_ELEMENT = re.compile(r"<x-math\b[^<]*</x-math>")
OPENING, CLOSING = "（《「『“‘", re.compile("[，。、；：！？）》」』”’…]*")


def _keep_punctuation(html: str) -> str:
    """No line may break between an inline formula and the Chinese punctuation that clings to it.

    A formula's boxes are atomic for the browser, which breaks beside them even before a full stop.
    """
    parts, after = [], 0
    for match in INLINE_ELEMENT.finditer(html):
        begin, end = match.span()
        while begin > after and html[begin - 1] in OPENING:
            begin -= 1
        if closing := CLOSING.match(html, end):
            end = closing.end()
        if (begin, end) != match.span():
            parts += [html[after:begin], f'<span class="math-clings">{html[begin:end]}</span>']
            after = end
    return "".join([*parts, html[after:]])


def substitute_text(text: str, katex: Katex) -> tuple[str, list[BrokenFormula]]:
    r"""Escaped text (a title in the table of contents) with KaTeX's HTML for each `\(…\)`."""

    def formula(match: re.Match[str]) -> Formula:
        return Formula(html_escapes.unescape(match["tex"]), display=False)

    return _replace(INLINE, text, katex, formula, lambda _, rendered: rendered)


def _replace(
    pattern: re.Pattern[str],
    html: str,
    katex: Katex,
    formula: Callable[[re.Match[str]], Formula],
    element: Callable[[re.Match[str], str], str],
) -> tuple[str, list[BrokenFormula]]:
    """Every match replaced by `element(match, its formula's HTML)`; one request for all of them."""
    results = katex.render([formula(match) for match in pattern.finditer(html)])
    upcoming = iter(results)

    def rendered(match: re.Match[str]) -> str:
        result = next(upcoming)
        return element(match, result if isinstance(result, str) else _visible(result))

    done = pattern.sub(rendered, html)
    return done, [result for result in results if isinstance(result, BrokenFormula)]


def _visible(broken: BrokenFormula) -> str:
    title, tex = html_escapes.escape(broken.message), html_escapes.escape(broken.formula.tex)
    return f'<code class="math-error" title="{title}">{tex}</code>'


def exclude_from_search(html: str) -> str:
    """Every placeholder marked for Material's search index to skip."""

    def mark(match: re.Match[str]) -> str:
        if EXCLUDED.search(match["attributes"]):
            return match[0]
        end = match.end("attributes") - match.start()
        return f"{match[0][:end]} data-search-exclude{match[0][end:]}"

    return PLACEHOLDER.sub(mark, html)


def leftovers(html: str) -> list[str]:
    r"""Short excerpts from each `$$`, `\(` or `\[` that arithmatex did not see."""
    if not any(mark in PLACEHOLDER.sub("", html) for mark in ("$$", r"\(", r"\[")):
        return []  # nearly every page: no need to read it tag by tag
    finder = _Leftovers()
    finder.feed(html)
    finder.close()
    return finder.found


class _Leftovers(HTMLParser):
    SILENT = frozenset({"code", "pre", "script", "style", "textarea"})
    DELIMITED = re.compile(r"\$\$(?:.*?\$\$)?|\\\((?:.*?\\\))?|\\\[(?:.*?\\\])?", re.DOTALL)

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside = ""  # the element whose text does not count
        self._depth = 0  # elements of the same name open in it

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        classes = (dict(attrs).get("class") or "").split()
        if self._inside:
            self._depth += tag == self._inside
        elif tag in self.SILENT or "arithmatex" in classes or "katex" in classes:
            self._inside, self._depth = tag, 1

    def handle_endtag(self, tag: str) -> None:
        if tag == self._inside:
            self._depth -= 1
            if not self._depth:
                self._inside = ""

    def handle_data(self, data: str) -> None:
        if not self._inside:
            for match in self.DELIMITED.finditer(data):
                excerpt = " ".join(data[match.start() : match.start() + 200].split())
                self.found.append(excerpt if len(excerpt) <= 60 else f"{excerpt[:59]}…")
