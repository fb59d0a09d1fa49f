"""Converted page + outcomes + language -> HTML with sources and outputs.

In a converted page a cell is an empty element that carries the options of its fence,

    <div data-cell="autograd:leaf" data-show="both" data-alt="…"></div>

and a value is `<span class="cell-value" data-cell-value="autograd:loss">…</span>`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import escape, unescape

from livenotes.core.percent import Cell, Module
from livenotes.core.problems import LivenotesError, Problem, shortened
from livenotes.core.words import words
from livenotes.execution.outputs import Failure
from livenotes.execution.runs import Runs
from livenotes.rendering.cell import SHOW, Given, Words, cell_texts, cell_value, render_cell

CELL = re.compile(r'<div data-cell="(?P<cell>[^"]*)"(?P<options>[^>]*)></div>')
_VALUE = re.compile(
    r'<span\b(?P<attributes>(?=[^>]*\sdata-cell-value="(?P<value>[^"]*)")[^>]*)>[^<]*</span>'
)
_SECTION = re.compile(r'<div class="section" style="--lines:(?P<lines>\d+)">')
_PLACEHOLDER = re.compile(
    f"(?P<comment><!--.*?-->)|{CELL.pattern}|{_VALUE.pattern}|{_SECTION.pattern}", re.DOTALL
)
_PRE = re.compile(r"<pre\b.*?</pre>", re.DOTALL)
_FIGURE_LINES = 14
_OPTION = re.compile(r'\sdata-([^\s="]+)="([^"]*)"')
_VALUE_TEXT = re.compile(r"\{cell\} ([^\s<&{}]+)")
NOT_ONE_LINE = "this cell's output is not one line of text"
_FORM = '```python cell="module:name"'
_BODY, _OTHER = "body", "other-"  # the fence is not empty; what the other language says


@dataclass(frozen=True)
class Presentation:
    """All that the HTML of a page's cells depends on, beside the page.

    `terms` are the words of figures in the page's language; `source_url` is where the project's
    files can be looked at, or ''; `other` is the second language of a page in two languages;
    `where` gives the path and line of the page that name a cell.
    """

    runs: Runs
    highlight: Callable[[str, Mapping[str, str], str], str]
    language: str = "en"
    terms: Mapping[str, str] = field(default_factory=dict)
    source_url: str = ""
    other: str = ""
    where: Callable[[str], tuple[str, int]] = lambda reference: ("page", 0)


@dataclass(frozen=True)
class Filled:
    """A page's HTML, and what is wrong with the references in it."""

    html: str
    problems: tuple[Problem, ...]


def cell_placeholder(reference: str, options: Mapping[str, str], body: str = "") -> str:
    """The element that stands for a cell in a converted page."""
    given = {"show": "both", **options} | ({_BODY: ""} if body.strip() else {})
    data = "".join(f' data-{escape(name)}="{escape(text)}"' for name, text in given.items())
    return f'<div data-cell="{escape(reference)}"{data}></div>'


def in_two_languages(first: str, second: str) -> str:
    """The placeholder of a cell that two pages show, with the words of both."""
    options = dict(_OPTION.findall(second))
    words = {name: options[name] for name in ("alt", "caption") if name in options}
    data = "".join(f' data-{_OTHER}{name}="{text}"' for name, text in words.items())
    return first.removesuffix("></div>") + data + "></div>"


def value_text(reference: str) -> str:
    """The text that stands for a value in a converted page."""
    return f"{{cell}} {reference}"


def section_style(lines: int) -> str:
    """The style of a section that is about so many lines high; scroll bars need to know."""
    return f"--lines:{lines}"


def fill(html: str, how: Presentation, foot: str = "") -> Filled:
    """Fills all cells and values of a page. Waits for the outcomes of their modules.

    A module that failed is reported by whoever runs it; its error stands in the cell's place.
    `foot` goes to the end of the last section.
    """
    problems: list[Problem] = []
    parts: list[str] = []
    said: set[str] = set()
    section, lines = -1, 0  # where the style of the section at hand goes
    place = 0

    def end_section() -> None:
        if section >= 0:
            parts[section] = f'<div class="section" style="{section_style(lines)}">'

    for match in _PLACEHOLDER.finditer(html):
        if match["comment"]:  # nobody sees a cell in there
            continue
        parts.append(html[place : match.start()])
        place = match.end()
        if match["lines"]:
            end_section()
            section, lines = len(parts), int(match["lines"])
            parts.append("")
            continue
        filled, found = _filled(match, how, said)
        problems += found
        lines += _lines(filled) if match["cell"] is not None else 0
        parts.append(filled)
    end_section()
    rest = html[place:]
    inside = rest.removesuffix("</div>") if section >= 0 else rest
    return Filled("".join([*parts, inside, foot, rest[len(inside) :]]), tuple(problems))


def _filled(
    match: re.Match[str], how: Presentation, said: set[str]
) -> tuple[str, tuple[Problem, ...]]:
    """HTML of a cell or value, and what is wrong with it. What the page has said already, of a
    module that cannot be read, it says shortly."""
    try:
        return (_value if match["cell"] is None else _cell)(match, how), ()
    except LivenotesError as error:
        text, message = escape(str(error)), error.problems[0].message
        known = message in said
        said.add(message)
        if match["cell"] is not None and known:
            module = how.runs.project.module_path(unescape(match["cell"]).partition(":")[0])
            note = escape(words(how.language).not_run.format(module))
            return f'<div class="cell-note">{note}</div>', error.problems
        if match["cell"] is not None:
            return f'<pre class="cell-error">{text}</pre>', error.problems
        attributes = match["attributes"].replace("cell-value", "cell-error", 1)
        return f"<span{attributes}>{text}</span>", error.problems


def _lines(cell: str) -> int:
    """About how many lines of text a cell is high."""
    pres: int = sum(pre.count("\n") + 2 for pre in _PRE.findall(cell))
    return 1 + pres + _FIGURE_LINES * cell.count("<svg")


def fill_text(text: str, runs: Runs) -> str:
    """Text without markup, such as a title, with the values that it names."""
    return _VALUE_TEXT.sub(lambda match: escape(quoted_value(runs, match[1]), quote=False), text)


def quoted_value(runs: Runs, reference: str) -> str:
    """The text of a cell for a sentence; '?' where there is none, which the page reports."""
    name, _, cell = reference.partition(":")
    try:
        runs.module(name)
        outcome = runs.outcome(name)
    except LivenotesError:
        return "?"
    return cell_value(outcome.cells.get(cell, ())) or "?"


def texts_of(html: str, how: Presentation) -> list[tuple[str, str]]:
    """The texts of a cell, as `cell_texts` gives them; none where something is wrong with it.

    Other HTML is given back as it is.
    """
    match = CELL.fullmatch(html)
    if match is None:
        return [("html", html)]
    options = _options(match)
    try:
        module, cell = _find(unescape(match["cell"]), how)
    except LivenotesError:
        return []
    return list(
        cell_texts(cell, _given(module, cell, how), options["show"], _words(options, how)[0])
    )


def _options(match: re.Match[str]) -> dict[str, str]:
    return {name: unescape(text) for name, text in _OPTION.findall(match["options"])}


def _cell(match: re.Match[str], how: Presentation) -> str:
    """HTML of a cell. Raises LivenotesError."""
    reference = unescape(match["cell"])
    options = _options(match)
    module, cell = _find(reference, how)
    if (show := options["show"]) not in SHOW:
        raise _wrong(reference, how, f'show="{show}" is not one of {", ".join(SHOW)}')
    if _BODY in options:
        raise _wrong(reference, how, "a cell fence must be empty; its code is the module's")
    try:
        source = how.highlight(cell.source, options, f"{module.name}-{cell.name}")
    except Exception as error:
        raise _wrong(reference, how, f"{type(error).__name__}: {error}") from error
    return render_cell(
        module,
        cell,
        _given(module, cell, how),
        source,
        show=show,
        words=_words(options, how),
        slider=options.get("slider", ""),
        terms=how.terms,
        source_url=how.source_url,
    )


def _words(options: Mapping[str, str], how: Presentation) -> list[Words]:
    """What the fence says, in each language of the page."""
    words = [Words(how.language, options.get("alt", ""), options.get("caption", ""))]
    if how.other:
        alt, caption = (
            options.get(f"{_OTHER}{name}", options.get(name, "")) for name in ("alt", "caption")
        )
        words.append(Words(how.other, alt, caption))
    return words


def _value(match: re.Match[str], how: Presentation) -> str:
    """HTML of a value. Raises LivenotesError."""
    reference = unescape(match["value"])
    module, cell = _find(reference, how)
    outcome = how.runs.outcome(module.name)
    text = cell_value(outcome.cells.get(cell.name, ()))
    if isinstance(outcome, Failure):
        text = text or "?"
    if text is None:
        raise _wrong(value_text(reference), how, NOT_ONE_LINE)
    return f"<span{match['attributes']}>{escape(text, quote=False)}</span>"


def _find(reference: str, how: Presentation) -> tuple[Module, Cell]:
    """The module and cell of a reference. Raises LivenotesError, with a suggestion."""
    name, colon, cell_name = reference.partition(":")
    if not colon:
        raise _wrong(reference, how, f"'{reference}' is not of the form module:name", _FORM)
    try:
        module = how.runs.module(name)
    except LivenotesError as error:
        first = error.problems[0]
        where = f"{first.path}:{first.line}: " if first.line else ""
        message = f"module '{name}': {where}{first.message}"
        raise _wrong(reference, how, message, first.hint) from None
    names = [cell.name for cell in module.cells]
    if cell_name not in names:
        close = difflib.get_close_matches(cell_name, names, 1)
        hint = (
            f'Did you mean cell="{name}:{close[0]}"?' if close
            else shortened(f"Its cells: {', '.join(names)}")
        )  # fmt: skip
        raise _wrong(reference, how, f"{module.path} has no cell '{cell_name}'", hint)
    return module, module.cell(cell_name)


def _wrong(reference: str, how: Presentation, message: str, hint: str = "") -> LivenotesError:
    path, line = how.where(reference)
    return LivenotesError(Problem(path, line, message, hint=hint))


def _given(module: Module, cell: Cell, how: Presentation) -> Given:
    """What a cell gave. In a run that failed, an error stands once, at the cell that made it."""
    outcome = how.runs.outcome(module.name)
    if not isinstance(outcome, Failure):
        return Given(outcome.cells[cell.name])
    errors = [p for p in outcome.problems if _shown_at(p, module) == cell.name]
    if errors:
        text = "\n".join(map(str, errors))
        return Given(outcome.cells.get(cell.name, ()), error=text, failed=True)
    if cell.name in outcome.cells:
        return Given(outcome.cells[cell.name], failed=True)
    first = outcome.problems[0]
    where = f"{first.path}:{first.line}" if first.line else first.path
    return Given(note=words(how.language).not_run.format(where), failed=True)


def _shown_at(problem: Problem, module: Module) -> str:
    """The cell that shows a problem: its own, or the next if that one is hidden."""
    names = [cell.name for cell in module.cells]
    at = names.index(problem.cell) if problem.cell in names else 0
    return next((cell.name for cell in module.cells[at:] if not cell.hidden), problem.cell)
