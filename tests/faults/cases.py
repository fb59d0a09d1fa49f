"""The faults: what goes wrong, and what must happen. FAULTS.md at the root is written from here.

Faults of one `Build` share one site and one command, each in a module and a page of its own: so
the suite also shows that one fault never hides another. To add one, add a line here and run
`python tests/faults/listing.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

BUILD = ("mkdocs", "build")
STRICT = ("mkdocs", "build", "--strict")
CHECK = ("livenotes.cli", "check")
TWICE = ("livenotes.cli", "check", "--twice")

MODULE = "# %% first\nx = 20\nx\n\n# %% second\nprint(x + 1)\n"
PAGE = '# Title {#title}\n\n```python cell="MODULE:first"\n```\n\n```python cell="MODULE:second"\n```\n'
FIGURE = "import matplotlib.pyplot as plt\n\nplt.plot([1, 2])\nplt.show()"


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong.

    `what` is told in FAULTS.md. Exactly one of `code` (of a cell named `fault`), `module` (a whole
    file) and `page` is given; MODULE in a page stands for the module's name. `says` are words of
    the message, `line` its line in the module or page (0: the message names the file alone);
    `shows` is the exact text of the cell's output where the fault is harmless.
    """

    name: str
    what: str
    code: str = ""
    module: str | bytes | None = None
    page: str = ""
    says: tuple[str, ...] = ()
    line: int = 0
    shows: str | None = None
    tags: str = ""
    then: str = ""  # for FAULTS.md, where neither `says` nor `shows` tells enough

    @property
    def stem(self) -> str:
        return self.name.replace("-", "_")


@dataclass(frozen=True)
class Build:
    """One site with one fault or more, and one command. `fails`: exit code other than 0."""

    name: str
    title: str
    faults: tuple[Fault, ...]
    command: tuple[str, ...] = BUILD
    fails: bool = True
    options: str = "timeout = 30\n"
    files: Mapping[str, str] = field(default_factory=dict)
    needs: str = ""  # a package, without which these are skipped


def cell(name: str, what: str, code: str, line: int, *says: str) -> Fault:
    """A fault in a cell; `line` counts in the cell's code."""
    return Fault(name, what, code=code, line=line + 4, says=says)


TOO_LONG = "more than 100,000 characters"

CELLS = Build(
    "cells",
    "A cell that fails, ends its process or does what a page's code must not do",
    (
        cell("exception", "an exception in a cell", "x = 1\n1 / 0", 2, "ZeroDivisionError: division by zero", "1 / 0"),
        cell("in-helper", "an exception in a helper module", "import helper\nhelper.broken()", 2, "KeyError: 'k'", "snippets/helper.py:3"),
        cell("at-import", "an import of something that is not there", "import no_such_package", 1, "ModuleNotFoundError: No module named 'no_such_package'"),
        cell("in-thread", "an exception in a thread", "import threading\nthread = threading.Thread(target=lambda: {}['k'])\nthread.start()\nthread.join()", 2, "exception in Thread-1", "KeyError: 'k'"),
        cell("in-late-thread", "an exception in a thread that nobody waits for", "import threading, time\ndef work():\n    time.sleep(0.2)\n    raise ValueError('late')\nthreading.Thread(target=work).start()", 4, "exception in Thread-1", "ValueError: late"),
        cell("late-print", "a thread that prints when its cell has ended", "import threading, time\ndef work():\n    time.sleep(0.2)\n    print('late')\nthreading.Thread(target=work).start()", 4, "a thread prints after the cell that started it has ended"),
        cell("in-del", "an exception that Python ignores, in `__del__`", "class A:\n    def __del__(self):\n        raise ValueError('unheard')\na = A()\ndel a", 3, "exception that Python ignores: ValueError: unheard"),
        cell("in-repr", "an exception in the `__repr__` of the value to be shown", "class A:\n    def __repr__(self):\n        raise ValueError('no face')\n\nA()", 3, "ValueError: no face"),
        cell("deep-recursion", "a recursion without an end", "def f(n):\n    return f(n + 1)\n\nf(0)", 2, "RecursionError", "calls more"),
        cell("huge-exception", "an exception with a text of 50 MB", "raise ValueError('x' * 50_000_000)", 1, "ValueError: xxx", "characters more"),
        cell("late-syntax", "a syntax error that only the compiler finds", "return 1", 1, "SyntaxError: 'return' outside function"),
        cell("keyboard-interrupt", "a KeyboardInterrupt raised by the cell itself", "raise KeyboardInterrupt", 1, "KeyboardInterrupt"),
        cell("sys-exit", "`sys.exit(0)`", "import sys\nsys.exit(0)", 2, "called sys.exit(0)"),
        cell("os-exit", "`os._exit(0)`", "import os\nos._exit(0)", 2, "its process ended by itself, with exit code 0"),
        cell("segfault", "a segmentation fault", "import ctypes\nctypes.string_at(0)", 2, "its process was killed by SIGSEGV"),
        cell("abort", "an abort in C code", "import os\nos.abort()", 2, "its process was killed by SIGABRT"),
        cell("sigkill", "a process killed by SIGKILL, as the system does when memory runs out", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", 1, "its process was killed by SIGKILL", "memory runs out"),
        cell("out-of-memory", "memory that runs out (at 3 GB here)", "import resource\nresource.setrlimit(resource.RLIMIT_AS, (3 * 2**30, 3 * 2**30))\nheap = []\nwhile True:\n    heap.append(bytearray(2**28))", 5, "MemoryError"),
        cell("broken-builtins", "a cell that breaks Python's own functions", "import builtins\nbuiltins.len = None", 1, "its process ended by itself, with exit code 1", "'NoneType' object is not callable"),
        cell("fifty-megabytes", "50 MB printed", "print('x' * 50_000_000)", 1, TOO_LONG),
        cell("fifty-megabytes-raw", "50 MB written past Python, by `os.write`", "import os\nfor _ in range(50):\n    os.write(1, b'x' * 1_000_000)", 1, TOO_LONG),
        cell("half-megabyte-raw", "500 KB written past Python, by `os.write`", "import os\n_ = os.write(1, b'x' * 500_000)", 1, TOO_LONG),
        cell("endless-print", "a loop that prints for ever", "while True:\n    print('x' * 1000)", 2, TOO_LONG),
        cell("swallowed-limit", "too much output, and the cell swallows the exception", "try:\n    print('x' * 200_000)\nexcept Exception:\n    pass", 2, TOO_LONG),
        cell("huge-value", "a value whose text has 50 MB", "class A:\n    def __repr__(self):\n        return 'x' * 50_000_000\n\nA()", 1, TOO_LONG),
        cell("many-displays", "100,000 calls of `display`", "for i in range(100_000):\n    display(i)", 2, TOO_LONG),
        cell("updating-display", "a display that is updated later", "handle = display(1, display_id=True)\nhandle.update(2)", 2, "updates an earlier display"),
        cell("unholdable", "a result in a form that no notebook file can hold", "class A:\n    def _repr_mimebundle_(self, **_):\n        return {'text/plain': 'x', 'application/x': object()}\n\nA()", 1, "application/x", "no notebook can hold"),
        cell("standard-error", "text on standard error", "import sys\nprint('hmm', file=sys.stderr)", 1, "wrote to standard error: hmm"),
        cell("standard-input", "reading the keyboard", "input('name? ')", 1, "reads from the keyboard"),
        cell("swallowed-input", "reading the keyboard, and swallowing the error", "try:\n    input()\nexcept OSError:\n    pass", 2, "reads from the keyboard"),
        cell("network", "a connection to the network", "import urllib.request\nurllib.request.urlopen('http://127.0.0.1:9')", 2, "uses the network"),
        cell("swallowed-network", "the network, and swallowing the error", "import socket\ntry:\n    socket.create_connection(('127.0.0.1', 9))\nexcept OSError:\n    pass", 3, "uses the network"),
        cell("name-lookup", "a look-up of a host's name", "import socket\nsocket.gethostbyname('localhost')", 2, "uses the network"),
        cell("machine-path", "a path of this machine in the output", "import os\nprint(os.getcwd())", 1, "a path of this machine"),
        cell("address", "an address in memory in the output", "object()", 1, "an address in memory", "at 0x"),
        cell("local-version", "a version with a local suffix", "print('2.13.0+cpu')", 1, "a local version suffix: 2.13.0+cpu"),
        cell("device", "the name of a device", "print('cuda:0')", 1, "a device's name: cuda:0"),
        cell("changes-project", "a file written into the project", "open('left.txt', 'w').close()", 1, "changes snippets/left.txt", "use a temporary folder"),
        cell("removes-project", "a file of the project removed", "import os\nos.remove('helper.py')", 2, "changes snippets/helper.py"),
    ),
    files={"snippets/helper.py": "def broken():\n    d = {}\n    return d['k']\n"},
)  # fmt: skip

ENDLESS = Build(
    "endless",
    "A cell that never ends (here after 3 s, by default after 60 s)",
    (
        cell("endless-loop", "an endless loop in Python", "while True:\n    pass", 1, "did not end within 3 s"),
        cell("endless-c", "an endless loop inside a C function", "import re\nre.match('(a*)*b', 'a' * 40)", 2, "did not end within 3 s"),
        cell("endless-sleep", "waiting for ever", "import threading\nthreading.Event().wait()", 2, "did not end within 3 s"),
        cell("endless-catch", "an endless loop that catches every exception", "while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass", 3, "did not end within 3 s"),
        cell("stopped", "a process that is stopped, not ended", "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)", 1, "did not end within 3 s"),
        cell("endless-thread", "a thread that never ends", "import threading\nthreading.Thread(target=threading.Event().wait).start()", 1, "did not end within 3 s"),
        cell("endless-import", "an import that never ends", "import slow", 1, "did not end within 3 s"),
    ),
    options="timeout = 3\n",
    files={"snippets/slow.py": "while True:\n    pass\n"},
)  # fmt: skip


def module(name: str, what: str, text: str | bytes, line: int, *says: str) -> Fault:
    return Fault(name, what, module=text, line=line, says=says)


MODULES = Build(
    "modules",
    "A module that cannot be read as cells",
    (
        module("syntax-error", "a syntax error", "# %% fault\nx = (\n", 2, "SyntaxError: '(' was never closed"),
        module("mixed-tabs", "tabs and blanks mixed", "# %% fault\nif True:\n\tx = 1\n        y = 2\n", 4, "TabError|inconsistent use of tabs"),
        module("latin-1", "a file that is not UTF-8", "# %% fault\nx = 'é'\n".encode("latin-1"), 2, "is not UTF-8", "Save the file in UTF-8."),
        module("utf-16", "a file in UTF-16", "# %% fault\nx = 1\n".encode("utf-16"), 1, "is not UTF-8"),
        module("nul-byte", "a NUL byte", b"# %% fault\nx = 'a\0b'\n", 1, "null bytes"),
        module("empty", "an empty file", "", 1, "there is no module|a module without any cell"),
        module("docstring-only", "a docstring and nothing else", '"""Nothing."""\n# %% fault\n', 2, "an empty cell"),
        module("no-marker", "code without a cell marker", "x = 1\n# %% fault\ny = 2\n", 1, "code before the first cell marker"),
        module("nameless", "a cell without a name", "# %% fault\nx = 1\n# %%\ny = 2\n", 3, "a cell without a name"),
        module("same-name", "a name given twice", "# %% fault\nx = 1\n# %% fault\ny = 2\n", 3, "cell name 'fault' stands already in line 1"),
        module("camel-case", "a name in the wrong style", "# %% fault\nx = 1\n# %% MyCell\ny = 2\n", 3, "cell name 'MyCell' is not kebab-case"),
        module("unknown-tag", "an unknown tag", '# %% fault tags=["hiden"]\nx = 1\n', 1, "unknown tag 'hiden'"),
        module("marker-inside", "a marker inside a statement", "# %% fault\nx = [\n1,\n# %% other\n2]\n", 4, "inside the statement that starts in line 2"),
        module("magic", "a comment that a notebook would run", "# %% fault\n# !rm -rf x\nx = 1\n", 2, "turns into a command in a notebook"),
        module("too-deep", "an expression nested 100,000 deep", "# %% fault\nx = " + "-" * 100_000 + "1\n", 1, "too deeply"),
    ),
)  # fmt: skip


def page(name: str, what: str, text: str, line: int, *says: str) -> Fault:
    return Fault(name, what, page=text, line=line, says=says)


def _with(text: str) -> str:
    return f"{PAGE}\n{text}\n"


PAGES = Build(
    "pages",
    "A page that breaks the rules of a page (under `--strict`)",
    (
        page("unknown-module", "a module that is not there", PAGE.replace("MODULE:second", "unknown_modul:second"), 6, "module 'unknown_modul'", "unknown_module:second|Did you mean 'unknown_module'"),
        page("unknown-cell", "a cell that is not there", PAGE.replace("MODULE:second", "MODULE:secnd"), 6, "no cell 'secnd'", 'cell="unknown_cell:second"'),
        page("no-cell", "a reference without a cell", PAGE.replace("MODULE:second", "MODULE"), 6, "'no_cell'"),
        page("out-of-order", "cells in another order than the module's", '# T {#t}\n\n```python cell="MODULE:second"\n```\n\n```python cell="MODULE:first"\n```\n', 6, "out of order", "Move it above line 3"),
        page("shown-twice", "a cell shown twice", _with('```python cell="MODULE:first"\n```'), 9, "shown already in line 3"),
        page("not-shown", "a cell that the page leaves out", '# T {#t}\n\n```python cell="MODULE:first"\n```\n', 3, "a cell that the page does not show"),
        page("two-modules", "cells of two modules on one page", _with('```python cell="shown_twice:first"\n```'), 9, "a second module on the page"),
        page("fence-with-body", "code typed into a cell's fence", PAGE.replace("\n```\n\n", "\nx = 1\n```\n\n", 1), 3, "a cell's fence has a body|a cell fence must be empty"),
        page("typed-python", "Python typed into a page", _with("```python\nprint(1)\n```"), 9, "Python typed into a page"),
        page("indented-python", "an indented block of code", _with("    print(1)"), 9, "no code is typed here"),
        page("unknown-option", "an unknown option of a fence", PAGE.replace(':second"', ':second" captoin="x"'), 6, "unknown option 'captoin'", "Did you mean caption?"),
        page("unknown-show", "an unknown value of `show`", PAGE.replace(':second"', ':second" show="outptu"'), 6, 'show="outptu"'),
        page("unclosed-fence", "a fence that is not closed", _with("```text\nfor ever"), 9, "clos"),
        page("value-of-many-lines", "a value in a sentence that is not one line", _with("It is `{cell} two_lines:first`."), 9, "not one line of text"),
        page("no-heading-id", "a heading without an id", _with("## Further"), 9, "a heading without an explicit id"),
        page("broken-formula", "a formula that KaTeX refuses", _with("See $\\broken{x}$."), 9, "broken formula", "Undefined control sequence"),
        page("open-formula", "a formula that is not closed", _with("$$\n\\frac{1}{2\n$$"), 9, "broken formula"),
    ),
    command=STRICT,
    files={"snippets/two_lines.py": "# %% first\nprint('one\\ntwo')\n"},
)  # fmt: skip

FIGURES = Build(
    "figures",
    "A page whose figures are not right (under `--strict`)",
    (
        Fault("no-alt", "a figure without a text for those who cannot see it", code=FIGURE, says=("its figure has no alt text", 'alt="'), line=0),
        Fault("two-figures", "two figures in one cell", code=FIGURE + "\nplt.plot([2, 1])\nplt.show()", says=("makes 2 figures",), line=0),
        Fault("open-figure", "a figure left open at a cell's end, shown there as in Jupyter", code="import matplotlib.pyplot as plt\n\n_ = plt.plot([1, 2])", says=("its figure has no alt text",), line=0),
    ),
    command=STRICT,
    needs="matplotlib",
)  # fmt: skip


def harmless(name: str, what: str, code: str, shows: str, then: str = "") -> Fault:
    return Fault(name, what, code=code, shows=shows, then=then)


OUTPUT = Build(
    "output",
    "Output that is not plain text: shown as what it is",
    (
        harmless("no-newline", "no newline at the end", "print('end', end='')", "end"),
        harmless("first-newline", "a newline at the beginning", "print('\\nx')", "\nx\n"),
        harmless("invalid-utf-8", "bytes that are not UTF-8, by `os.write`", "import os\n_ = os.write(1, b'a\\xff\\xfeb')", "a��b"),
        harmless("nul", "NUL and other control characters", "print('a\\0b\\x07c\\x1bd')", "a�b�c�d\n"),
        harmless("surrogate", "half of a surrogate pair", "class A:\n    def __repr__(self):\n        return 'a\\ud800b'\n\nA()", "a?b"),
        harmless("ansi", "ANSI colours", "print('\\x1b[1;31mred\\x1b[0m')", "red\n"),
        harmless("script", "`<script>`", "print('<script>alert(1)</script>')", "<script>alert(1)</script>\n"),
        harmless("end-tag", "`</div></pre>` and entities", "print('</pre></div></body> &amp; &lt;')", "</pre></div></body> &amp; &lt;\n"),
        harmless("attribute", "quotes and an event handler", "print('\" onmouseover=\"alert(1)')", '" onmouseover="alert(1)\n'),
        harmless("dollars", "dollars and TeX", "print('$x^2$ \\\\(y\\\\) $$z$$')", "$x^2$ \\(y\\) $$z$$\n"),
        harmless("template", "a template's brackets", "print('{{ config }} {% raw %} {# x #}')", "{{ config }} {% raw %} {# x #}\n"),
        harmless("markdown", "Markdown", "print('# no heading\\n**b** `c` [l](x) ![i](x)\\n\\n    indented\\n```')", "# no heading\n**b** `c` [l](x) ![i](x)\n\n    indented\n```\n"),
        harmless("html-value", "a value that offers HTML", "class A:\n    def _repr_html_(self):\n        return '<script>alert(1)</script>'\n    def __repr__(self):\n        return '<A>'\n\nA()", "<A>"),
        harmless("emoji", "characters beyond the first plane", "print('🐍 𝒙 深度学习')", "🐍 𝒙 深度学习\n"),
        harmless("carriage-return", "a progress bar's carriage return and CRLF", "print('a\\r\\nb')", "a\nb\n"),
        harmless("line-separator", "exotic line separators in the source", "text = 'a\u2028b\x0cc'\ndef f():\n    return 1\n\nimport inspect\nprint(inspect.getsource(f))", "def f():\n    return 1\n\n"),
        harmless("module-crlf", "a module with CRLF line ends", "", "21\n"),
        harmless("module-bom", "a module with a byte-order mark", "", "21\n"),
        harmless("module-tabs", "a module indented by tabs", "", "21\n"),
        harmless("module-no-newline", "a module without a newline at its end", "", "21\n"),
        harmless("own-exit", "a cell that replaces `sys.stdout` for a while", "import contextlib, io\nwith contextlib.redirect_stdout(io.StringIO()):\n    print('caught')\nprint('seen')", "seen\n"),
    ),
    command=STRICT,
    fails=False,
    files={
        "snippets/module_crlf.py": "# %% before\r\nx = 20\r\n\r\n# %% fault\r\nprint(x + 1)\r\n",
        "snippets/module_bom.py": "\ufeff# %% before\nx = 20\n\n# %% fault\nprint(x + 1)\n",
        "snippets/module_tabs.py": "# %% before\nif True:\n\tx = 20\n\n# %% fault\nprint(x + 1)\n",
        "snippets/module_no_newline.py": "# %% before\nx = 20\n\n# %% fault\nprint(x + 1)",
    },
)  # fmt: skip

LOOK = """
import builtins, os, random, sys, threading
import matplotlib as mpl
import matplotlib.pyplot as plt
print(print is builtins.print and type(print).__name__, os.path.basename(os.getcwd()))
print("LEFT" in os.environ, "left" in sys.path, hasattr(builtins, "left"), "left" in sys.modules)
print(mpl.rcParams["lines.linewidth"], plt.get_fignums(), threading.active_count())
print(sys.getrecursionlimit(), sys.flags.hash_randomization)
""".strip()
UNTOUCHED = "builtin_function_or_method snippets\nFalse False False False\n1.5 [] 1\n"

NEIGHBOURS = Build(
    "neighbours",
    "A module that changes its process: the next one notices nothing",
    (
        harmless("a-folder", "another working directory", "import os\nos.chdir('/')", ""),
        harmless("a-path", "another `sys.path`, `sys.modules`", "import sys, types\nsys.path.insert(0, 'left')\nsys.modules['left'] = types.ModuleType('left')\nsys.setrecursionlimit(5000)", ""),
        harmless("a-environment", "another environment", "import os\nos.environ['LEFT'] = '1'", ""),
        harmless("a-print", "another `print`", "import builtins\nold = builtins.print\nbuiltins.left = 1\nbuiltins.print = lambda *a: old('patched', *a)\nprint(1)", "patched 1\n"),
        harmless("a-settings", "other settings of matplotlib", "import matplotlib as mpl\nmpl.rcParams['lines.linewidth'] = 9", ""),
        harmless("a-seed", "a seeded generator", "import random\nrandom.seed(1)", ""),
        harmless("a-thread", "a daemon thread left behind", "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()", "", "ended with the module"),
        harmless("a-child", "a child process left behind", "import subprocess, sys\nchild = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])", "", "ended with the module"),
        harmless("a-daemon", "a child process in a session of its own left behind", "import subprocess, sys\nchild = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'], start_new_session=True)", "", "ended with the module"),
        harmless("a-fork", "a forked process left behind", "import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        time.sleep(600)\n    os._exit(0)", "", "ended with the module"),
        harmless("z-look", "what a module after all of these sees: nothing of them", LOOK, UNTOUCHED + "3000 0\n"),
    ),
    command=STRICT,
    fails=False,
    options="timeout = 30\nworkers = 1\n",
    needs="matplotlib",
)  # fmt: skip

WARNED = Build(
    "warned",
    "A warning raised by the code (under `--strict`; without it, the warning is printed)",
    (
        cell("future-warning", "a FutureWarning", "import warnings\nwarnings.warn('soon gone', FutureWarning)", 2, "FutureWarning: soon gone"),
        cell("deprecation", "a DeprecationWarning of the cell's own code", "import warnings\nwarnings.warn('old', DeprecationWarning)", 2, "DeprecationWarning: old"),
        cell("in-a-thread", "a warning in a thread", "import threading, warnings\nthread = threading.Thread(target=lambda: warnings.warn('far', UserWarning))\nthread.start()\nthread.join()", 2, "UserWarning: far"),
        cell("compiler", "a warning of the compiler", "x = 1\nx is 1", 2, "SyntaxWarning"),
    ),
    command=STRICT,
)  # fmt: skip

DIFFERENT = Build(
    "different",
    "Output that differs from run to run: found by `livenotes check --twice`",
    (
        Fault("set-order", "the order of a set", code="print({'ab', 'cd', 'ef', 'gh', 'ij', 'kl'})", says=("shows something else in a second run, in line 1",), line=5),
        Fault("unseeded", "random numbers without a seed", code="import random\nrandom.random()", says=("shows something else",), line=6),
        Fault("unseeded-numpy", "NumPy's random numbers without a seed", code="import numpy as np\nprint(np.random.rand(), np.random.default_rng().random())", says=("shows something else",), line=6),
        Fault("system-random", "random numbers of the system", code="import secrets\nsecrets.token_hex()", says=("shows something else",), line=6),
        Fault("clock", "the time", code="import time\ntime.time()", says=("shows something else",), line=6),
        Fault("date", "the date", code="import datetime\nprint(1)\nprint(datetime.date.today())", says=("shows something else", "in line 2"), line=7),
        Fault("identity", "a number that is an address", code="print(id(object()))", says=("shows something else",), line=5),
        Fault("sometimes", "a cell that fails now and then (here: by the time zone)", code="import time\nassert time.tzname[0] == 'UTC'", says=("fails in a second run: AssertionError",), line=6),
    ),
    command=TWICE,
    needs="numpy",
)  # fmt: skip

TORCH = Build(
    "torch",
    "The same for PyTorch",
    (
        Fault("unseeded-torch", "PyTorch's random numbers without a seed", code="import torch\ntorch.rand(2)", says=("shows something else in a second run",), line=6),
        Fault("a-dtype", "another default dtype, which the next module must not see", code="import torch\ntorch.set_default_dtype(torch.float64)\ntorch.manual_seed(0)\ntorch.ones(1)", shows=""),
        Fault("z-dtype", "what the next module sees", code="import torch\nassert torch.ones(1).dtype is torch.float32\ntorch.manual_seed(1)\ntorch.rand(1) < 2", shows=""),
    ),
    command=TWICE,
    options="timeout = 60\nworkers = 1\n",
    needs="torch",
)  # fmt: skip

BUILDS = (
    CELLS, ENDLESS, MODULES, PAGES, FIGURES, OUTPUT, NEIGHBOURS, WARNED, DIFFERENT, TORCH,
)  # fmt: skip
