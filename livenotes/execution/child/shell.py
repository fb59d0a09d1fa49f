"""IPython's own shell, as a notebook's kernel drives it: compiles cells, shows values and displays.

What it shows goes to a `Recorder`. Magics are off: cells are Python.
"""

from __future__ import annotations
import __future__

import os
import tempfile
from collections.abc import Callable
from typing import Any

from IPython.core.autocall import ExitAutocall
from IPython.core.compilerop import CachingCompiler
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from livenotes.execution.child.display import figure_svg
from livenotes.execution.child.recorder import Recorder

_FUTURE = [getattr(__future__, name).compiler_flag for name in __future__.all_feature_names]


class Compiler(CachingCompiler):
    """Compiles cells under the path of their module, with their lines in it.

    Assertions stay, whatever flags Python was started with: they prove things on pages.
    """

    path = "<cell>"
    first_line = 1  # of the cell
    line = 0  # of the statement that was compiled last

    def cache(self, transformed_code: str, number: int = 0, raw_code: str | None = None) -> str:
        """Returns the file name of the code; the module's lines are in `linecache` already."""
        return self.path

    def ast_parse(self, source: str, filename: str = "<unknown>", symbol: str = "exec") -> Any:
        return super().ast_parse("\n" * (self.first_line - 1) + source, filename, symbol)

    def __call__(self, source: Any, filename: str, symbol: str, **_: Any) -> Any:
        if body := getattr(source, "body", None):
            self.line = body[0].lineno
        code = compile(source, filename, symbol, self.flags, dont_inherit=True, optimize=0)
        for flag in _FUTURE:  # `from __future__ import` holds for later cells too
            self.flags |= code.co_flags & flag
        return code


class Hook(DisplayHook):
    """Passes the value of a cell to the receiver."""

    shell: Any

    def __call__(self, result: Any = None) -> None:
        if isinstance(result, ExitAutocall):  # `exit` without brackets, which a kernel calls
            result()
        else:
            super().__call__(result)  # type: ignore[no-untyped-call]

    def write_output_prompt(self) -> None:
        """Writes nothing: pages number no outputs."""

    def write_format_data(self, format_dict: dict[str, Any], md_dict: Any = None) -> None:
        self.shell.receiver.add("execute_result", format_dict, md_dict)

    def finish_displayhook(self) -> None:
        self._is_active = False


class Publisher(DisplayPublisher):
    """Passes what display() and matplotlib show to the receiver."""

    def publish(
        self,
        data: Any,
        metadata: Any = None,
        source: Any = None,
        *,
        transient: Any = None,
        update: Any = False,
        **rest: Any,
    ) -> None:
        display_id = str((transient or {}).get("display_id") or "")
        if update:
            self.shell.receiver.update(data, metadata, display_id)
        else:
            self.shell.receiver.add("display_data", data, metadata, display_id)

    def clear_output(self, wait: bool = False) -> None:
        self.shell.receiver.clear(wait)


class Shell(InteractiveShell):
    """IPython without a terminal, a history file or a user's configuration."""

    compile: Compiler
    receiver: Recorder
    refuse: Callable[[str], None]
    after_statement: Callable[[int], None]

    async def run_code(self, code_obj: Any, result: Any = None, *, async_: bool = False) -> bool:
        """Runs one statement of a cell; returns whether it failed."""
        line = self.compile.line
        run: Any = super().run_code
        failed: bool = await run(code_obj, result, async_=async_)
        self.after_statement(line)
        return failed

    def ask_exit(self) -> None:
        """Refuses `exit` and `quit`."""
        self.refuse("calls exit(), which ends a reader's kernel")


def start_shell() -> Shell:
    """Starts the shell of this process, or returns it if it was started."""
    config = Config()
    config.HistoryManager.enabled = False
    config.InlineBackend.figure_formats = set()  # its own formatters would replace `figure_svg`
    folder = os.environ.get("IPYTHONDIR") or tempfile.mkdtemp(prefix="livenotes-")
    shell: Shell = Shell.instance(
        config=config,
        ipython_dir=folder,
        compiler_class=Compiler,
        displayhook_class=Hook,
        display_pub_class=Publisher,
    )
    formatter: Any = shell.display_formatter
    # For the base class: when it is imported, the inline backend clears what Figure itself has.
    formatter.formatters["image/svg+xml"].for_type_by_name(
        "matplotlib.figure", "FigureBase", figure_svg
    )
    return shell
