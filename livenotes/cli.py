"""The command line: livenotes new | fences | import | run | why | check | pdf | clean."""

from __future__ import annotations

import argparse
import json
import platform
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from livenotes import __version__
from livenotes.commands import checking, say, writing
from livenotes.core.percent import Module
from livenotes.core.problems import LivenotesError
from livenotes.execution.outputs import Failure, Output, Outputs, plain_text, published
from livenotes.execution.runs import Runs
from livenotes.export.downloads import link_downloads
from livenotes.export.pdf.printing import make_books
from livenotes.rendering.cell import printable
from livenotes.site.configuration import Configuration, find_config, load, project_of


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 all right, 1 problems found, 2 wrong use."""
    parser = _parser()
    options, rest = parser.parse_known_args(arguments)
    options.rest = rest
    if rest and options.command is not writing.new:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    try:
        config = load(find_config(Path.cwd()))
        code: int = options.command(config, options)
        return code
    except LivenotesError as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        say("stopped")
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("livenotes", description=__doc__)
    parser.add_argument("--version", action="version", version=f"livenotes {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    writing.add_to(commands)
    run = commands.add_parser("run", help="run a module in a fresh process and show its outputs")
    run.add_argument("module", help="autograd, or snippets/autograd.py")
    run.add_argument("--json", action="store_true", help="print nbformat 4 outputs for each cell")
    run.set_defaults(command=_run)
    why = commands.add_parser("why", help="say why modules will run again, or that they will not")
    why.add_argument("module", nargs="?", help="one module; all where it is left out")
    why.set_defaults(command=_why)
    check = commands.add_parser("check", help="report everything wrong with modules and pages")
    check.add_argument(
        "--twice", action="store_true",
        help="run each module once more, with other random seeds, and compare the outputs",
    )  # fmt: skip
    check.set_defaults(command=checking.check)
    pdf = commands.add_parser("pdf", help="print the built site as one book per language")
    pdf.add_argument("language", nargs="?", default="", help="such as en; all where it is left out")
    pdf.add_argument("--site", type=Path, default=Path("site"), help="the built site (site)")
    pdf.add_argument("--output", type=Path, default=Path("pdf"), help="folder for them (pdf)")
    pdf.add_argument("--link", action="store_true", help="link them from the site's home pages")
    pdf.add_argument("--offline", type=Path, help="link this offline copy as well, as a zip")
    pdf.set_defaults(command=_pdf)
    clean = commands.add_parser("clean", help="remove the cache")
    clean.set_defaults(command=_clean)
    return parser


def _run(config: Configuration, options: argparse.Namespace) -> int:
    book = Runs(project_of(config), say)
    name = _module_name(options.module)
    module = book.module(name)
    book.execute([name], fresh=True)
    outcome = book.outcome(name)
    failed = isinstance(outcome, Failure)
    if options.json and isinstance(outcome, Outputs):
        _print_json(module, outcome)
    elif not options.json:
        for cell in module.cells:
            print(
                f"# %% {cell.name}" if cell.name in outcome.cells else f"# %% {cell.name}: not run"
            )
            for output in outcome.cells.get(cell.name, ()):
                print(_as_text(output))
    for problem in outcome.problems if isinstance(outcome, Failure) else outcome.warnings:
        say(str(problem))
    return int(failed)


def _why(config: Configuration, options: argparse.Namespace) -> int:
    book = Runs(project_of(config))
    names = [_module_name(options.module)] if options.module else book.project.module_names()
    for name in names:
        print(f"{name} {book.why(name)}")
    return 0


def _pdf(config: Configuration, options: argparse.Namespace) -> int:
    books = make_books(options.site, options.output, options.language)
    if options.link or options.offline:
        codes = project_of(config).options.languages
        homes = {code: code if len(codes) > 1 else "" for code in codes}
        linked = {file.stem: file for file in books if file.stem in homes}
        books += link_downloads(options.site, homes, linked, options.offline)
    for file in books:
        print(file)
    return 0


def _clean(config: Configuration, options: argparse.Namespace) -> int:
    project = project_of(config)
    shutil.rmtree(project.cache, ignore_errors=True)
    print(f"removed {project.relative(project.cache)}")
    return 0


def _module_name(given: str) -> str:
    """A module's name from its name, its page's name or its path."""
    return Path(given).name.removesuffix(".py").replace("-", "_")


def _print_json(module: Module, outputs: Outputs) -> None:
    content = {
        "python": platform.python_version(),
        "livenotes": __version__,
        "module": module.name,
        **published(module, outputs),
    }
    print(json.dumps(content, ensure_ascii=False, indent=1))


def _as_text(output: Output) -> str:
    text = printable(plain_text(output))
    if output["output_type"] == "stream":
        return text.rstrip("\n")
    return "[figure]" if "image/svg+xml" in output.get("data", {}) else text


if __name__ == "__main__":
    sys.exit(main())
