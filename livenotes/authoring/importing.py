"""`livenotes import`: a notebook, or a percent script, becomes a module and a page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

from livenotes.authoring.chapter import Chapter, refuse_shadowing
from livenotes.authoring.codecells import CodeCell, name_for, python_of, tags_of
from livenotes.authoring.prose import Prose
from livenotes.core.files import write_atomically
from livenotes.core.problems import LivenotesError, Problem
from livenotes.core.words import words
from livenotes.execution.outputs import Output

_RAISES = "raises-exception"
_IMAGES = ("image/png", "image/svg+xml", "image/jpeg")


@dataclass
class Imported:
    """What a notebook gives: `page` is its text without front matter, `left` what is left to do."""

    title: str
    cells: list[CodeCell] = field(default_factory=list)
    page: str = ""
    assets: dict[str, bytes] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)

    def module(self) -> str:
        """The text of the module."""
        return f'"""{self.title}."""\n\n' + "\n".join(cell.text() for cell in self.cells)


def read_notebook(file: Path) -> list[Any]:
    """Returns the cells of a notebook or percent script. Raises LivenotesError."""
    import jupytext  # takes a while; nothing else needs it

    hint = "Give an .ipynb file, or a .py file with cells that begin with # %%."
    if file.suffix not in (".ipynb", ".py"):
        raise LivenotesError(Problem(str(file), 0, "is no notebook", hint=hint))
    try:
        return list(jupytext.read(file).cells)
    except OSError as error:
        raise LivenotesError(Problem(str(file), 0, f"cannot be read: {error.strerror}")) from None
    except Exception as error:  # nbformat and Jupytext raise many kinds for a broken file
        said = str(error).split("\n")[0][:200]
        raise LivenotesError(Problem(str(file), 0, f"is no notebook: {said}", hint=hint)) from None


def convert_notebook(cells: Iterable[Any], chapter: Chapter, folder: Path, depth: str) -> Imported:
    """Returns module and page of a notebook. `depth` leads from the page to the pages' folder.

    Raises LivenotesError where no cell holds Python.
    """
    prose = Prose(folder, chapter.name, chapter.title(), f"{depth}assets/{chapter.name}")
    found = Imported(chapter.title())
    parts: list[str] = []
    for number, cell in enumerate(cells, 1):
        if cell.cell_type != "code":
            if cell.source.strip():
                parts.append(prose.page(cell.source, cell.get("attachments", {}), number))
            continue
        source, out = python_of(cell.source)
        prose.left += [f"cell {number}: no Python, taken out: {_brief(line)}" for line in out]
        if not source.strip():
            continue
        taken = [each.name for each in found.cells]
        name = name_for(source, prose.take_heading(), taken, prose.section)
        tags, show = tags_of(cell.metadata.get("tags", []))
        raised = [each["ename"] for each in _saved(cell) if each["output_type"] == "error"]
        if raised and _RAISES not in tags:
            tags += (_RAISES,)
            told = f"shows {raised[0]}, and is tagged {_RAISES}; if that is not meant, mend it"
            prose.left.append(f"cell {number}: {told}")
        code = CodeCell(name, source, tags, show, _saved(cell), number)
        found.cells.append(code)
        if "hide" not in tags:
            parts.append(_fence(chapter.module, code))
    if not found.cells:
        hint = "A chapter shows the cells of a module."
        raise LivenotesError(Problem(chapter.name, 0, "no cell with Python", hint=hint))
    _import_display(found.cells)
    title = f"# {prose.title} {{#{chapter.name}}}\n"
    text = "\n\n".join(parts) + "\n"
    found.page = title + "\n" + text.replace(title, "", 1).lstrip("\n")
    found.title, found.assets, found.left = prose.title, prose.assets, prose.left
    return found


def _brief(source: str) -> str:
    first, _, rest = source.partition("\n")
    return f"{first} … ({source.count(chr(10)) + 1} lines)" if rest else first


def _import_display(cells: list[CodeCell]) -> None:
    """Has the module import what IPython gives to every cell, so that Python imports it too."""
    text = "\n".join(cell.source for cell in cells)
    if "display(" in text and not re.search(r"\b(import|def|class) display\b", text):
        line = "from IPython.display import display\n"
        cells[0] = replace(cells[0], source=line + cells[0].source)


def _saved(cell: Any) -> Sequence[Output]:
    return [dict(output) for output in cell.get("outputs", [])]


def _fence(module: str, cell: CodeCell) -> str:
    drawn = any(mime in output.get("data", {}) for output in cell.saved for mime in _IMAGES)
    options = f' show="{cell.show}"' * bool(cell.show) + ' alt="TODO"' * drawn
    return f'```python cell="{module}:{cell.name}"{options}\n```'


def write_imported(imported: Imported, chapter: Chapter, language: str) -> Iterator[str]:
    """Writes module, pictures and pages, those of other languages as drafts with the same text.

    Yields a line for each. Raises LivenotesError, and writes nothing, where one is there already.
    """
    project = chapter.project
    refuse_shadowing(chapter)
    files = {chapter.module_file: imported.module().encode()}
    for code in project.options.languages:
        title, own = imported.page, words(code)
        alt = title.replace(' alt="TODO"', f' alt="{own.todo_alt}"')
        matter = f'---\ndescription: "{own.todo_description}"\ndraft: true\n---\n\n'
        files[chapter.page_file(code)] = (matter + alt).encode()
    for name, data in imported.assets.items():
        files[project.docs / "assets" / chapter.name / name] = data
    if there := [project.relative(file) for file in files if file.exists()]:
        hint = "Nothing was written. Choose another name, or move what is there."
        raise LivenotesError(*(Problem(path, 0, "is there already", hint=hint) for path in there))
    for file, content in files.items():
        write_atomically(file, content)
        is_other = file.suffix == ".md" and file != chapter.page_file(language)
        note = ": a draft, to be translated" if is_other else ""
        yield f"wrote {project.relative(file)}{note}"


def differences(
    saved: Iterable[CodeCell], now_given: Mapping[str, Sequence[Output]], path: str
) -> Iterator[str]:
    """Where the outputs that the notebook was saved with differ from those that cells give now."""
    for cell in saved:
        before, now = essence(cell.saved), essence(now_given[cell.name])
        if before != now:
            old, new = _first_difference(before, now)
            yield f"{path}: cell '{cell.name}': the notebook (cell {cell.number}) has {old}, " \
                  f"the module gives {new}"  # fmt: skip


def essence(outputs: Iterable[Output]) -> list[str]:
    """What readers see of outputs, line by line: printed text, values, how many figures."""
    text, drawn = "", 0
    for output in outputs:
        data = output.get("data", {})
        if output["output_type"] == "stream":
            text += output["text"] if output.get("name") == "stdout" else ""
        elif output["output_type"] == "error":
            text += f"{output['ename']}: {output['evalue']}\n"
        elif any(mime in data for mime in _IMAGES):
            drawn += 1
        else:
            text += f"{data.get('text/plain', '')}\n"
    return [*(line.rstrip() for line in text.splitlines()), *["a figure"] * drawn]


def _first_difference(before: Sequence[str], now: Sequence[str]) -> tuple[str, str]:
    pairs = zip_longest(before, now, fillvalue="")
    old, new = next(pair for pair in pairs if pair[0] != pair[1])
    return repr(old[:80]) if old else "nothing", repr(new[:80]) if new else "nothing"
