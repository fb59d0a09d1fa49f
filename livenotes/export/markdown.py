"""Page + Outputs -> clean Markdown for programs that read: prose, formulas as TeX, code, outputs.

The prose is that of the notebooks; every cell that the page shows stands in it, solutions too.
Knows no MkDocs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from livenotes.core.glossary import Term
from livenotes.core.percent import Cell
from livenotes.core.words import Wording, words
from livenotes.document.document import CellFence, Document
from livenotes.document.prose import Surroundings, plain, read_prose
from livenotes.execution.outputs import Output, plain_text
from livenotes.rendering.cell import printable

_TERMS = re.compile(r"^\{terms\}[ \t]*$", re.MULTILINE)
_TITLE = re.compile(r"(?:<a id=\"[^\"]*\"></a>\n)?(# .*)\n*")
_TICKS = re.compile(r"^ *(`{3,})", re.MULTILINE)


@dataclass(frozen=True)
class Sources:
    """What the page's text does not say.

    Its cells with their outputs, by reference (`autograd:leaf`); the glossary, and the names of its
    languages by code; how values and links read (as in Surroundings).
    """

    cells: Mapping[str, tuple[Cell, Sequence[Output]]]
    terms: Sequence[Term]
    languages: Mapping[str, str]
    value: Callable[[str], str]
    link: Callable[[str], str | None]


def page_markdown(page: Document, language: str, facts: Sequence[str], sources: Sources) -> str:
    """The whole page; `facts` are lines that go below its title."""
    own = words(language)
    table = _glossary(sources.terms, language, sources.languages)
    text = _TERMS.sub(lambda _: table, page.markdown)
    around = Surroundings(
        sources.value, sources.link, lambda fence: fence.reference in sources.cells
    )
    pieces: list[str] = []
    for piece in read_prose(text, around):
        if isinstance(piece, CellFence):
            cell, outputs = sources.cells[piece.reference]
            pieces += _cell(cell, outputs, piece.options, own)
        else:
            pieces.append(piece)
    title = _TITLE.match(pieces[0]) if pieces else None
    if title:
        pieces[0] = pieces[0][title.end() :]
    head = [title[1] if title else "", *facts]
    return "\n\n".join(part for part in (*head, *pieces) if part) + "\n"


def _cell(
    cell: Cell, outputs: Sequence[Output], options: Mapping[str, str], own: Wording
) -> Iterator[str]:
    """The cell as a fence, and what it gave: text as a fence, a figure as its description."""
    if "solution" in cell.tags:
        yield own.solution_below
    yield _fence("python", cell.source)
    if text := "".join(_texts(outputs)):
        yield own.output
        yield _fence("text", text)
    if any("image/svg+xml" in output.get("data", {}) for output in outputs):
        yield f"*{own.figure.format(plain(options.get('alt', '')))}*"
    if caption := options.get("caption"):
        yield f"*{plain(caption)}*"


def _texts(outputs: Sequence[Output]) -> Iterator[str]:
    """Printed text and values, each ending its line; neighbours of printed text stay together."""
    shown = [output for output in outputs if "image/svg+xml" not in output.get("data", {})]
    for kind, group in groupby(shown, lambda output: output["output_type"] == "stream"):
        for output in [list(group)] if kind else [[each] for each in group]:
            text = "".join(map(plain_text, output))
            yield printable(text) if not text or text.endswith("\n") else f"{printable(text)}\n"


def _fence(language: str, text: str) -> str:
    """A fence that nothing in the text can close."""
    ticks = "`" * max(3, *(len(run) + 1 for run in [*_TICKS.findall(text), ""]))
    return f"{ticks}{language}\n{text.rstrip(chr(10))}\n{ticks}"


def _glossary(terms: Sequence[Term], language: str, languages: Mapping[str, str]) -> str:
    """The table of all terms, a heading above each group."""
    parts = []
    for group, members in groupby(terms, lambda term: term.group(language)):
        columns = [*languages.values(), words(language).meaning]
        rows = [f"| {' | '.join(columns)} |", f"|{' --- |' * len(columns)}"]
        for term in members:
            names = [words(code).comma.join(term.names(code)) for code in languages]
            cells = (*names, term.meaning(language))
            rows.append("| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |")
        parts += [f"### {group}"] * bool(group) + ["\n".join(rows)]
    return "\n\n".join(parts)
