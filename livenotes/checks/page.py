"""Document + Modules -> Problems: everything on a page that breaks the rules of a page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from itertools import takewhile

from livenotes.core.percent import Cell, Module
from livenotes.core.problems import Problem
from livenotes.document.blocks import UNCLOSED, UNREADABLE
from livenotes.document.document import (
    CellFence,
    CellValue,
    CodeFence,
    Document,
    Formula,
    Heading,
    IndentedCode,
    Link,
    Reference,
)
from livenotes.document.source import check_front_matter, front_matter, line_of_key

LANGUAGES = ("bash", "console", "toml", "yaml", "json", "markdown", "text")
SHOW = ("both", "source", "output")
OPTIONS = ("show", "alt", "caption", "slider", "title", "hl_lines", "linenums")

_PYTHON = re.compile(r"\{?\.?(pyi?\d?|i?python[\d.]*|pycon\d?|ipy|python-repl)\b", re.IGNORECASE)
_FORMULA = re.compile(r"(?<!\\)\$[^\s$\d][^$]*\$|\\\(")
_SOUND = re.compile(r"""[\w.#+-]+(?: +[\w-]+=(?:"[^"]*"|'[^']*'))*""")
_CELL = re.compile(r"""cell\s*=\s*["']?([^\s"']+)""")
_MOVE = 'Move the code into a cell of a module in snippets/ and write\n```python cell="{}"\n```'

_Modules = Mapping[str, Module | None]


def check_page(page: Document, modules: _Modules) -> list[Problem]:
    """Every breach of the page's rules, in the order of lines.

    A module that is None exists but cannot be read, which is reported elsewhere: what depends on
    it is left out.
    """
    problems: list[Problem] = []
    problems += check_front_matter(page.path, page.source.text)
    problems += _headings(page)
    unreadable = [fence for fence in page.code_fences if fence.fault == UNREADABLE]
    for block in page.blocks:
        match block:
            case CellFence():
                problems += _fence(page, block, modules)
            case Reference():
                problems += _reference(page, block, modules, "`{cell} module:name`")
            case CodeFence() if not _is_torn(block, unreadable):
                problems += _typed(page, block)
            case IndentedCode():
                message = "four blanks of indent make a code block of this; no code is typed here"
                hint = "Prose: take the indent away. Code: " + _MOVE.format(_example(page))
                problems.append(Problem(page.path, block.line, message, hint=hint))
    problems += _sequence(page, modules, whole=not unreadable)
    return sorted(problems, key=lambda problem: problem.line)


def check_figures(page: Document, figures: Mapping[str, int]) -> list[Problem]:
    """What is wrong with alt texts.

    `figures` gives the number of figures, 0 too, of every cell that ran, by reference; a cell
    that is not in it is not judged.
    """
    problems = []
    for fence in page.cell_fences:
        shown = fence.options.get("show", "both") != "source"
        count, alt = figures.get(fence.reference), "alt" in fence.options
        message = hint = ""
        if count is None:
            continue
        if shown and count > 1:
            message = f"makes {count} figures; a cell on a page makes one"
            hint = "Give each figure a cell of its own, or draw them as panels of one figure."
        elif shown and count and not fence.options.get("alt", "").strip():
            message = "its figure has no alt text"
            hint = f'```python cell="{fence.reference}" alt="what the figure shows, in a sentence"'
        elif alt and not count:
            message, hint = "alt text for a cell that makes no figure", "Remove alt."
        elif alt and not shown:
            message = 'alt text for a figure that show="source" keeps off the page'
            hint = "Remove alt, or show the output."
        if message:
            problems.append(Problem(page.path, fence.line, message, fence.reference, hint))
    return problems


def check_descriptions(pages: Iterable[Document]) -> Iterator[Problem]:
    """Pages that say nothing of themselves, or what another page says: no faults, but notices.

    Search engines and shared links show a page's description.
    """
    first: dict[str, Document] = {}
    silent: list[Document] = []
    for page in pages:
        text = page.source.text
        said = " ".join(str(front_matter(text).get("description") or "").split())
        if not said:
            silent.append(page)
        elif other := first.get(said):
            message = f"its description is that of {other.path}"
            yield Problem(page.path, line_of_key(text, "description"), message)
        first.setdefault(said, page)
    if silent:
        message = "a page without a description"
        message += f" (and {len(silent) - 1} more of the kind)" * (len(silent) > 1)
        hint = "Write in its front matter, for search engines:\ndescription: What readers learn"
        yield Problem(silent[0].path, 1, message, hint=hint)


def _headings(page: Document) -> Iterator[Problem]:
    first: dict[str, int] = {}
    titles = [heading for heading in page.headings if heading.level == 1]
    for heading in page.headings:
        if not heading.id:
            form = f"{'#' * heading.level} {heading.text} {{#an-id}}"
            hint = f"{form}\nwith a blank before the bracket and the same id in both languages."
            yield Problem(page.path, heading.line, "a heading without an explicit id", hint=hint)
        elif heading.id in first:
            message = f"id '{heading.id}' stands already in line {first[heading.id]}"
            yield Problem(page.path, heading.line, message, hint=_other_id(heading))
        first.setdefault(heading.id, heading.line)
    for title in titles:
        after = page.blocks[page.blocks.index(title) + 1 :]
        inside = takewhile(lambda block: isinstance(block, Formula | Link | CellValue), after)
        if any(isinstance(block, Formula) and not block.display for block in inside):
            hint = "Titles go into menus and the browser's title bar: write the formula in words."
            yield Problem(page.path, title.line, "math in the page's title", hint=hint)


def _other_id(heading: Heading) -> str:
    return f"{'#' * heading.level} {heading.text} {{#{heading.id}-2}}    or a more telling id"


def _fence(page: Document, fence: CellFence, modules: _Modules) -> Iterator[Problem]:
    faults = list(_reference(page, fence, modules, '```python cell="module:name"'))
    yield from faults
    cell = _cell(fence, modules)
    where, form = (page.path, fence.line), f'```python cell="{fence.reference}"'
    if cell and cell.hidden:
        hint = f"Quote its value in a sentence: `{{cell}} {fence.reference}`, or remove its tag."
        yield Problem(*where, "a hidden cell cannot be shown", fence.reference, hint)
    if fence.body.strip():
        hint = f"Its code comes from the module. Leave it empty:\n{form}\n```"
        yield Problem(*where, "a cell's fence has a body", fence.reference, hint)
    show = fence.options.get("show", "both")
    if show not in SHOW:
        hint = f'{form} show="{_nearest(show, SHOW) or "both"}"    ({", ".join(SHOW)})'
        yield Problem(*where, f'unknown value show="{show}"', fence.reference, hint)
    if _FORMULA.search(fence.options.get("alt", "")):
        hint = "Screen readers read it as it stands: write it in words."
        yield Problem(*where, "a formula in an alt text", fence.reference, hint)
    for option in fence.options:
        if option not in OPTIONS:
            near = _nearest(option, OPTIONS)
            hint = (f"Did you mean {near}? " if near else "") + f"Known are {', '.join(OPTIONS)}."
            yield Problem(*where, f"unknown option '{option}'", fence.reference, hint)


def _reference(page: Document, block: Reference, modules: _Modules, form: str) -> Iterator[Problem]:
    """Whether a fence or value names a cell that exists."""
    where = (page.path, block.line)
    if not block.module or not block.cell or ":" in block.cell:
        hint = form.replace("module:name", _example(page))
        yield Problem(*where, f"'{block.reference}' does not name a cell", hint=hint)
    elif block.module not in modules:
        near = _nearest(block.module, modules) or _nearest(block.module.replace("-", "_"), modules)
        right = f"{near}:{block.cell}" if near else ""
        hint = form.replace("module:name", right) if near else _known("Modules", modules)
        yield Problem(*where, f"there is no module '{block.module}'", block.reference, hint)
    elif (module := modules[block.module]) and not _cell(block, modules):
        names = [cell.name for cell in module.cells]
        near = _nearest(block.cell, names)
        right = f"{block.module}:{near}"
        hint = form.replace("module:name", right) if near else _known("Its cells", names)
        message = f"there is no cell '{block.cell}' in {module.path}"
        yield Problem(*where, message, block.reference, hint)


def _typed(page: Document, fence: CodeFence) -> Iterator[Problem]:
    """A fence with a body of its own."""
    where = (page.path, fence.line)
    meant = _CELL.search(fence.info)
    reference, is_python = meant[1] if meant else _example(page), fence.language == "python"
    if fence.fault == UNCLOSED:
        hint = "Close it by a line of the same backticks, at the same indent."
        yield Problem(*where, fence.fault, hint=hint)
    elif fence.fault and ((meant and is_python) or not _PYTHON.match(fence.language)):
        hint = 'Options are key="value", in quotes, with blanks between:\n'
        hint += f'```python cell="{reference}" show="output"'
        yield Problem(*where, fence.fault, hint=hint)
    elif _PYTHON.match(fence.language) or _PYTHON.match(fence.info):
        hint = _MOVE.format(reference)
        yield Problem(*where, "Python typed into a page; code lives in modules", hint=hint)
    elif not fence.language:
        hint = f"```text, or another of {', '.join(LANGUAGES)}."
        yield Problem(*where, "a fence without a language", hint=hint)
    elif fence.language not in LANGUAGES:
        hint = f"Typed into a page may be {', '.join(LANGUAGES)}; Python lives in modules."
        yield Problem(*where, f"a fence in the language '{fence.language}'", hint=hint)


def _is_torn(fence: CodeFence, unreadable: Sequence[CodeFence]) -> bool:
    """Tells whether a fence looks wrong only since SuperFences could not read one above it, and
    took the end of that one for a beginning."""
    below = bool(unreadable) and fence is not unreadable[0]
    return below and (not fence.info or bool(fence.fault and _SOUND.fullmatch(fence.info)))


def _sequence(page: Document, modules: _Modules, whole: bool) -> Iterator[Problem]:
    """One module a page; each of its visible cells once, in the module's order. Which cells are
    missing is asked only of a page of which the `whole` could be read."""
    fences = [fence for fence in page.cell_fences if fence.module in modules]
    if not fences:
        return
    name, seen = fences[0].module, dict[str, int]()
    others: set[str] = set()
    for fence in fences:
        if fence.module != name and fence.module not in others:
            others.add(fence.module)
            message = f"a second module on the page, after '{name}' in line {fences[0].line}"
            hint = "A page shows cells of one module; values `{cell} …` may name any."
            yield Problem(page.path, fence.line, message, fence.reference, hint)
    module = modules[name]
    if module is None:
        return
    order = {cell.name: place for place, cell in enumerate(module.cells)}
    furthest: CellFence | None = None
    for fence in fences:
        if fence.module != name or fence.cell not in order:
            continue
        if fence.cell in seen:
            message = f"the cell is shown already in line {seen[fence.cell]}"
            yield Problem(page.path, fence.line, message, fence.reference, "Show each cell once.")
        elif furthest and order[fence.cell] < order[furthest.cell]:
            message = f"out of order: in {module.path} it comes before '{furthest.cell}'"
            hint = f"Move it above line {furthest.line}, or move the cell in the module."
            yield Problem(page.path, fence.line, message, fence.reference, hint)
        else:
            furthest = fence
        seen.setdefault(fence.cell, fence.line)
    last = [fence for fence in fences if fence.module == name][-1].line
    for cell in module.cells:
        if whole and cell.name not in seen and not cell.hidden:
            message = f"a cell that the page does not show ({module.path}:{cell.first_line})"
            form = f'```python cell="{name}:{cell.name}"\n```'
            hint = f'{form}\nor tags=["hide"] in the module if only its value is quoted.'
            yield Problem(page.path, last, message, f"{name}:{cell.name}", hint)


def _cell(block: Reference, modules: _Modules) -> Cell | None:
    module = modules.get(block.module)
    try:
        return module.cell(block.cell) if module else None
    except KeyError:
        return None


def _nearest(name: str, names: Iterable[str]) -> str:
    return next(iter(get_close_matches(name, list(names), 1)), "")


def _known(what: str, names: Iterable[str]) -> str:
    return f"{what}: {', '.join(sorted(names)) or 'none'}."


def _example(page: Document) -> str:
    """A reference as it might stand on this page."""
    return f"{page.module or page.name.rpartition('/')[2].replace('-', '_')}:name"
