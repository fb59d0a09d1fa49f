"""What Markdown leaves as it was written, so that readers see marks instead of what was meant."""

from __future__ import annotations

import re
from collections.abc import Iterator

from livenotes.core.percent import Module
from livenotes.core.problems import Problem
from livenotes.document.document import CellFence, CodeFence, Document, Heading, Link, Text

_ADD = "Add {} to markdown_extensions in mkdocs.yml"
_PRICE = r"\$\s?\d[\d,.]*(?:\s?(?:k|K|m|M|B|bn))?(?![\w^\\{+*/=]*[A-Za-z^\\{+*/=])"
# Marks in the words of a page, which hold neither code nor formulas, and what to do about them.
_LEFT = tuple(
    (re.compile(rf"(?<!\\)(?:{pattern})", re.MULTILINE), remedy)
    for pattern, remedy in {
        r"==[^\s=][^=\n]*==": _ADD.format("pymdownx.mark"),
        r"~~\S[^~\n]*~~": _ADD.format("pymdownx.tilde"),
        r"\+\+[a-z]+(?:\+[a-z0-9]+)*\+\+": _ADD.format("pymdownx.keys"),
        r"(?<![\w:]):[a-z]+(?:[-_][a-z0-9]+)*:(?![\w:])": _ADD.format("pymdownx.emoji"),
        r"(?<=[\w)])~[^\s~]{1,9}~(?!~)": _ADD.format("pymdownx.tilde"),
        r"(?<=[\w)])\^[^\s^]{1,9}\^(?!\^)|\^\^\S[^^\n]*\^\^": _ADD.format("pymdownx.caret"),
        r"^\*\[[^\]\n]+\]: ": _ADD.format("abbr"),
        r"\[\[[^\W\d][\w /#|-]*\]\]": "Write a link: [text](page.md).",
        r"^\[[ xX]\](?= )": _ADD.format("pymdownx.tasklist"),
        r"^--8<--": _ADD.format("pymdownx.snippets"),
        r"\[\^[^\]\s]+\]": _ADD.format("footnotes") + "; the note itself is `[^name]: text`.",
        r"\{:?\s*[.#][\w-]+[^{}\n]*\}": _ADD.format("attr_list") + "; a blank stands before it.",
        r"^!!! ?[\w-]": 'Write `!!! note "title"`, and have admonition in markdown_extensions.',
        r"^\?\?\?\+? ?[\w-]": 'Write `??? note "title"`, and have pymdownx.details.',
        r'^===[+!]* ?"': 'Write `=== "title"`, and have pymdownx.tabbed.',
        r"^:[ ]{1,3}\S": _ADD.format("def_list") + "; the word stands in the line above.",
        r"^\s*\|?(?:\s*:?-{3,}:?\s*\|)+(?:\s*:?-{3,}:?)?\s*$": "A table needs tables in "
        "markdown_extensions, a blank line above, and as many cells in its first line as in this.",
        r"!?\[[^\[\]]*\]\([^()\s]": "Close the address: [text](page.md).",
        r"(?<!\w)\*\*|\*\*(?!\w)": "Close **bold** text, with no blank inside; write stars as \\*.",
        r"\$\s?\$": "In a sentence write single dollars, $x$; $$ stands on a line of its own, with "
        "blank lines around.",
        rf"(?!{_PRICE})\$": "Close the formula, with no blank inside; write a dollar sign as \\$.",
    }.items()
)
_CODE_SPAN = re.compile(r"(`+).+?(?<!`)\1(?!`)")
_CUT = re.compile(r"(?<![\\$])\$(?![\s$])(?:\\.|[^\\$|])*\|(?:\\.|[^\\$])*(?<!\s)\$")
_INLINE = re.compile(
    r"\\.|\$\$.*?\$\$|\$(?![\s$])(?P<tex>(?:\\.|[^\\$])+?)(?<!\s)\$(?P<digit>(?=\d))?", re.DOTALL
)
_PRICES = re.compile(r"\d[\d.,]*,? [^\\]*\b[a-z]{2,} [^\\]*", re.DOTALL)  # 3 and 5
_OPENS = re.compile(r" *(?:[-*+]|\d+\.|!!!|\?\?\?\+?|===[+!]*)\s")
_ANNOTATION = re.compile(r"#\s*\(\d+\)!\s*$")
_RAISES = re.compile(r"^\s*raise NotImplementedError\b", re.MULTILINE)
_TAGS = ("exercise", "solution", "check")


def check_slips(page: Document) -> list[Problem]:
    """What a page's author wrote and its readers do not get."""
    return list(_slips(page, page.source.text.expandtabs(4).split("\n")))


def _slips(page: Document, lines: list[str]) -> Iterator[Problem]:
    for block in page.blocks:
        match block:
            case Text(kind="paragraph" | "table-row") | Heading():
                yield from _marks(page, block)
                yield from _prices(page, block, lines)
            case Link(image=True, text=""):
                hint = "Say what it shows: ![a curve that falls](curve.png)"
                yield Problem(page.path, block.line, "an image without alt text", hint=hint)
        if isinstance(block, Text) and block.kind == "table-row":
            yield from _cut_formulas(page, block.line, lines[block.line - 1])
    yield from _outside(page, lines)


def _marks(page: Document, block: Text | Heading) -> Iterator[Problem]:
    told: set[int] = set()  # where, by the first pattern that fits
    for pattern, remedy in _LEFT:
        places = (each for each in pattern.finditer(block.text) if each.start() not in told)
        if found := next(places, None):
            told.update(range(*found.span()))
            end = block.text.find("\n", found.end())
            said = block.text[found.start() : end if end >= 0 else None].strip()[:40]
            line = block.line + block.text.count("\n", 0, found.start())
            yield Problem(page.path, line, f"readers see this as it stands: {said}", hint=remedy)


def _prices(page: Document, block: Text | Heading, lines: list[str]) -> Iterator[Problem]:
    """Formulas that begin at the sign of one price and end at that of another."""
    own = lines[block.line - 1 : block.line + block.text.count("\n")] if block.line else []
    text = _CODE_SPAN.sub("", "\n".join(own))
    for found in _INLINE.finditer(text):
        tex = found["tex"] or ""
        if tex[:1].isdigit() and (found["digit"] is not None or _PRICES.fullmatch(tex)):
            message = f"this is typeset as a formula: {found[0]}"
            hint = "Write the dollar sign of a price as \\$, and a blank behind a formula."
            line = block.line + text.count("\n", 0, found.start())
            yield Problem(page.path, line, message, hint=hint)


def _cut_formulas(page: Document, line: int, row: str) -> Iterator[Problem]:
    """Formulas in a row of a table that end at a `|`."""
    for found in _CUT.finditer(_CODE_SPAN.sub("", row)):
        message = f"the table takes the | in {found[0]} for the end of a cell"
        right = re.sub(r"(?<!\\)\|", r"\\vert ", found[0])
        hint = f"Write {right}, or \\mid between two things; a dollar sign as \\$."
        yield Problem(page.path, line, message, hint=hint)


def _outside(page: Document, lines: list[str]) -> Iterator[Problem]:
    """Lines indented so little that they stand outside of the list or box above them."""
    blocks = [block for block in page.blocks if isinstance(block, Text | CellFence | CodeFence)]
    for number in sorted({block.line for block in blocks}):
        indent = len(lines[number - 1]) - len(lines[number - 1].lstrip(" "))
        above = (line for line in reversed(lines[: number - 1]) if line.strip())
        outer = (line for line in above if len(line) - len(line.lstrip(" ")) < indent)
        if indent % 4 and _OPENS.match(next(outer, "")):
            message = f"{indent} blanks of indent: this stands outside of the list or box above"
            hint = "Markdown wants four blanks for each level."
            yield Problem(page.path, number, message, hint=hint)


def check_annotations(module: Module) -> Iterator[Problem]:
    """Material's annotations, which work in code that is typed into a page."""
    for number, line in enumerate(module.text.split("\n"), 1):
        if found := _ANNOTATION.search(line):
            message = f"readers see this as it stands: {found[0]}"
            hint = "Cells have no annotations: write a comment, or a sentence below the cell."
            yield Problem(module.path, number, message, module.cell_at(number), hint)


def check_exercises(module: Module) -> Iterator[Problem]:
    """Exercises are three cells, NAME, NAME-solution and NAME-check, each with its tag; a stub
    raises NotImplementedError."""
    cells = {cell.name: cell for cell in module.cells}
    for name, cell in cells.items():
        parts = (cell, cells.get(f"{name}-solution"), cells.get(f"{name}-check"))
        tagged = [tag in part.tags for tag, part in zip(_TAGS, parts, strict=True) if part]
        if not any(tagged):
            continue
        for tag, part in zip(_TAGS, parts, strict=True):
            if part is None:
                message, hint = f"an exercise without a {tag}", f"Add a cell {name}-{tag}."
                yield Problem(module.path, cell.first_line, message, name, hint)
            elif tag not in part.tags:
                message, hint = f"this cell lacks the tag '{tag}'", f'Write tags=["{tag}"].'
                yield Problem(module.path, part.first_line, message, part.name, hint)
        if tagged[0] and not _RAISES.search(cell.source):
            hint = "Its function must end in: raise NotImplementedError"
            message = "an exercise whose stub does not raise"
            yield Problem(module.path, cell.first_line, message, name, hint)
