"""Cell + Outputs -> HTML. The names of the elements are a contract: tests and styles rely on it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from html import escape

from livenotes import __version__
from livenotes.core.percent import Cell, Module
from livenotes.core.words import words
from livenotes.execution.outputs import (
    Output,
    Outputs,
    formulas_of,
    is_name_of_object,
    plain_text,
    result,
    shown_format,
    stdout,
)
from livenotes.rendering.figures import page_figure
from livenotes.rendering.frames import frames
from livenotes.rendering.sliders import slider as slider_of

SHOW = ("both", "source", "output")
_KINDS = {"stream": "stdout", "error": "error"}  # other outputs are results
_TEX = {
    "display": '<div class="arithmatex">\\[{}\\]</div>',
    "inline": '<x-math class="arithmatex">\\({}\\)</x-math>',
    "text": "{}",
}
_FORMULA = re.compile(r"(?<!\\)\$(?!\s)((?:\\.|[^$\\])+?)(?<!\s)\$(?!\d)")  # of a caption
_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class Given:
    """What a cell gave: its outputs, and, where its module's run failed, the error that it made or
    a note that it did not run."""

    outputs: Sequence[Output] = ()
    error: str = ""
    note: str = ""
    failed: bool = False  # the run, here or in a later cell


@dataclass(frozen=True)
class Words:
    """What a cell's fence says in one language: a figure's description, and a caption."""

    language: str = "en"
    alt: str = ""
    caption: str = ""


def render_cell(
    module: Module,
    cell: Cell,
    given: Given,
    source: str,
    *,
    show: str = "both",
    words: Sequence[Words] = (Words(),),
    slider: str = "",
    terms: Mapping[str, str] | None = None,
    source_url: str = "",
) -> str:
    """Returns a cell as a page shows it.

    `source` is its source in HTML; `words` has one entry for each language of the page, the first
    of which decides all else; `slider` names what a figure's frames differ in; `terms` are the
    words of figures in that language; `source_url` is where the project's files stand, or ''.
    """
    parts = []
    if show in ("both", "source"):
        link = _source_link(module, cell, source_url, words[0].language) if source_url else ""
        parts.append(_source(cell, source + link, words))
    if show in ("both", "output"):
        alt = " / ".join(dict.fromkeys(each.alt for each in words))
        parts += _outputs(module, cell, given.outputs, alt, slider, terms or {})
    if given.error:
        parts.append(f'<pre class="cell-error">{escape(given.error)}</pre>')
    if given.note:
        parts.append(f'<div class="cell-note">{escape(given.note)}</div>')
    if words[0].caption:
        text = in_all({each.language: escape(each.caption) for each in words})
        caption = _FORMULA.sub(lambda match: _TEX["inline"].format(match[1]), text)
        parts.append(f'<div class="cell-caption">{caption}</div>')
    place = f"{module.path}#L{cell.first_line}-L{cell.last_line}"
    more = ' data-run="failed"' if given.failed else ""
    more += " data-check" * ("check" in cell.tags)  # the style sheet gives it a label
    return (
        f'<div class="cell" data-cell="{module.name}:{cell.name}" '
        f'data-source="{escape(place)}" data-show="{show}"{more}>' + "".join(parts) + "</div>"
    )


def in_all(lines: Mapping[str, str]) -> str:
    """A line of HTML in each language of the page, once where they do not differ."""
    if len(set(lines.values())) == 1:
        return next(iter(lines.values()))
    return " ".join(f'<span lang="{code}">{line}</span>' for code, line in lines.items())


def _source_link(module: Module, cell: Cell, url: str, language: str) -> str:
    """The way to a cell's lines in the repository; not a stop for the Tab key, see cells.js.

    It has no text: the style sheet shows its lines, search and selections leave them out.
    """
    first, last = cell.first_line, cell.last_line
    lines = f"L{first}" if first == last else f"L{first}–{last}"
    name = words(language).source_lines.format(module.path, first, last)
    return (
        f'<a class="cell-link" href="{escape(f"{url}{module.path}{_anchor(url, first, last)}")}" '
        f'data-lines="{lines}" aria-label="{escape(name)}" tabindex="-1"></a>'
    )


def _anchor(url: str, first: int, last: int) -> str:
    """How a host calls lines of a file."""
    if "/-/blob/" in url:  # GitLab
        return f"#L{first}-{last}"
    return f"#lines-{first}:{last}" if "bitbucket.org/" in url else f"#L{first}-L{last}"


def _source(cell: Cell, highlighted: str, texts: Sequence[Words]) -> str:
    source = f'<div class="cell-source">{highlighted}</div>'
    folded = "fold-source" in cell.tags
    if not folded and "solution" not in cell.tags:
        return source
    own = {text.language: words(text.language) for text in texts}
    label = in_all({c: escape(w.code if folded else w.solution) for c, w in own.items()})
    return f'<details class="cell-fold"><summary>{label}</summary>{source}</details>'


def _outputs(
    module: Module,
    cell: Cell,
    outputs: Iterable[Output],
    alt: str,
    slider: str,
    terms: Mapping[str, str],
) -> Iterator[str]:
    for number, output in enumerate(outputs):
        data, mime = output.get("data", {}), shown_format(output, cell.tags)
        if mime == "image/svg+xml":
            prefix = f"fig-{module.name}-{cell.name}-{number}".replace("_", "-")
            svg = str(data["image/svg+xml"])
            yield _output("figure", page_figure(svg, prefix, alt, terms))
            if slider:
                yield slider_of(frames(svg), slider, prefix, terms)
        elif mime == "text/html":
            yield _output("html", str(data[mime]))
        elif mime == "text/latex":
            parts = (_TEX[kind].format(escape(t, quote=False)) for kind, t in formulas_of(output))
            yield _output("latex", "".join(parts))
        elif mime.startswith("image/"):
            picture = f"data:{mime};base64,{''.join(str(data[mime]).split())}"
            yield _output("figure", f'<img src="{picture}" alt="{escape(alt)}">')
        elif mime or not data:
            kind = _KINDS.get(output["output_type"], "result")
            yield _output(kind, _preformatted(plain_text(output)))


def cell_texts(cell: Cell, given: Given, show: str, said: Words) -> Iterator[tuple[str, str]]:
    """The texts of a cell as a page shows it, without pictures: kind and text.

    Kinds are "line" (the label of folded source, a caption), "code", "output" and "html".
    """
    own = words(said.language)
    if show in ("both", "source"):
        if "fold-source" in cell.tags or "solution" in cell.tags:
            yield "line", own.code if "fold-source" in cell.tags else own.solution
        yield "code", f"{cell.source}\n"
    if given.error:
        yield "output", given.error
    for output in given.outputs if show in ("both", "output") else ():
        mime = shown_format(output, cell.tags)
        if mime == "text/html":
            yield "html", str(output["data"][mime])
        elif not mime.startswith("image/"):
            yield "output", printable(plain_text(output))
    if said.caption:
        yield "line", said.caption


def _output(kind: str, inner: str) -> str:
    return f'<div class="cell-output" data-kind="{kind}">{inner}</div>'


def _preformatted(text: str) -> str:
    """Text as it is, escaped. HTML drops a newline right after <pre>, so one more goes there."""
    extra = "\n" if text.startswith("\n") else ""
    return f"<pre>{extra}{escape(printable(text), quote=False)}</pre>"


def printable(text: str) -> str:
    """Text without colour codes and characters that HTML has no place for."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", _ANSI.sub("", text.replace("\r\n", "\n")))


def cell_value(outputs: Iterable[Output]) -> str | None:
    """The one-line text of a cell for a sentence, or None where it is not one line."""
    outputs = list(outputs)
    text = result(outputs)
    if text is None:
        text = stdout(outputs)
    elif text[:1] in ("'", '"'):  # the repr of a string: show the string
        with suppress(ValueError, SyntaxError):
            text = str(ast.literal_eval(text))
    text = printable(text.strip())
    return text if text and "\n" not in text and not is_name_of_object(text) else None


def versions(outputs: Outputs, python: str, named: Mapping[str, str]) -> dict[str, str]:
    """What made the outputs, by name: Python, and those of the distributions in `named` (names for
    readers) that they were made with."""
    found = outputs.named_versions()
    return {"Python": python} | {named[d]: found[d] for d in named if d in found}


def notebook_line(language: str, notebook: Mapping[str, str]) -> str:
    """The line below a chapter's title that leads to its notebook; '' where there is none.

    `notebook` is that of `provenance`. No paragraph: those are counted to keep a reader's place.
    """
    own = words(language)
    labels = {"download": own.get_download, "view": own.get_view, "colab": own.get_colab}
    return f'<div class="ln-get">{own.get}{_links(notebook, labels)}</div>' if notebook else ""


def provenance(
    source: str,
    versions: dict[str, str],
    language: str,
    source_url: str = "",
    notebook: Mapping[str, str] | None = None,
) -> str:
    """The last line of a chapter: the module and versions that made its outputs, and where it can
    be had as a notebook.

    `notebook` may hold the addresses "download", "view" and "colab".
    """
    made = versions | {"livenotes": __version__}
    name = f"<code>{escape(source)}</code>"
    module = f'<a href="{escape(source_url)}">{name}</a>' if source_url else name
    own = words(language)
    text = own.provenance.format(
        module=module, versions=own.comma.join(f"{k} {v}" for k, v in made.items())
    )
    labels = {"download": own.download, "view": own.view, "colab": own.colab}
    if notebook:
        links = _links(notebook, labels, ' class="notebook-link"')
        text += f' <span class="notebook-links">{links}</span>'
    return f'<p class="provenance">{text}</p>'


def _links(notebook: Mapping[str, str], labels: Mapping[str, str], attributes: str = "") -> str:
    return " · ".join(
        f'<a{attributes} href="{escape(url)}"{" download" * (kind == "download")}>'
        f"{labels[kind]}</a>"
        for kind, url in notebook.items()
    )
