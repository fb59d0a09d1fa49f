"""mkdocs serve: a page shows what is wrong with its code, the server goes on, a save heals it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from .conftest import MODULE, PAGE, Site

MakeSite = Callable[..., Site]
PAGES = ("zh/page/", "en/page/")
BROKEN = MODULE.replace("print(x + 1)", "print(x / 0)")


class Server:
    """A running `mkdocs serve`."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, log: str) -> None:
        self.process = process
        self.port = port
        self.log = log

    def get(self, page: str) -> str:
        url = f"http://127.0.0.1:{self.port}/notes/{page}"
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return str(answer.read().decode())
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return ""

    def shows(self, text: str, pages: tuple[str, ...] = PAGES, seconds: float = 60) -> None:
        """Wait until all pages show this text."""
        end = time.monotonic() + seconds
        while not all(text in self.get(page) for page in pages):
            said = Path(self.log).read_text("utf-8")
            assert self.process.poll() is None, f"the server ended:\n{said}"
            assert time.monotonic() < end, f"no page shows {text!r}:\n{said}"
            time.sleep(0.1)


@contextmanager
def serving(site: Site, *options: str, program: str = "mkdocs") -> Iterator[Server]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = str(site.root / "serve.log")
    with open(log, "wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", program, "serve", "-a", f"127.0.0.1:{port}", *options],
            cwd=site.root, stdout=output, stderr=subprocess.STDOUT,
            env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        )  # fmt: skip
        try:
            yield Server(process, port, log)
        finally:
            process.terminate()
            process.wait(20)


def save(site: Site, text: str) -> None:
    site.write({"snippets/m.py": text})


@pytest.mark.parametrize("options", [[], ["--strict"]])
def test_edit_break_and_heal_a_cell(options: list[str], make_site: MakeSite) -> None:
    site = make_site()
    with serving(site, *options) as server:
        server.shows("<pre>21\n</pre>")
        save(site, MODULE.replace("20", "30"))
        server.shows("<pre>31\n</pre>")
        save(site, BROKEN)
        server.shows("snippets/m.py:6: cell &#x27;second&#x27;: ZeroDivisionError")
        assert "<pre>31\n</pre>" not in server.get("en/page/")
        save(site, MODULE.replace("print", "print(("))
        server.shows("SyntaxError")
        save(site, MODULE)
        server.shows("<pre>21\n</pre>")


def test_what_is_saved_during_the_first_build_is_served(make_site: MakeSite) -> None:
    """It runs all modules, and MkDocs does not look at files before it is done."""
    site = make_site({"snippets/m.py": f"# %% slow\nimport time\n\ntime.sleep(3)\n{MODULE}"})
    with serving(site) as server:
        while "will run" not in Path(server.log).read_text("utf-8"):
            time.sleep(0.1)
        time.sleep(1)
        site.write({"snippets/m.py": MODULE.replace("20", "30")})
        server.shows("<pre>31\n</pre>")


def test_a_server_started_on_a_broken_module_heals(make_site: MakeSite) -> None:
    site = make_site({"snippets/m.py": BROKEN})
    with serving(site, "--strict") as server:
        server.shows("ZeroDivisionError")
        save(site, MODULE)
        server.shows("<pre>21\n</pre>")


def test_an_unknown_cell_and_a_broken_formula_show_and_heal(make_site: MakeSite) -> None:
    site = make_site({"docs/en/page.md": PAGE.replace("m:second", "m:secnd")})
    with serving(site, "--strict") as server:
        server.shows("docs/en/page.md:6", ("en/page/",))
        site.write({"docs/en/page.md": PAGE + "\n$\\broken$\n"})
        server.shows("math-error", ("en/page/",))
        # What `check` says stands at the page's top, with lines.
        assert "docs/en/page.md:9: broken formula" in server.get("en/page/")
        beside = server.get("zh-en/page/")
        assert "docs/en/page.md:9: broken formula" in beside.partition("ln-problems")[2]
        site.write({f"docs/{code}/page.md": PAGE + "\n$\\alpha$\n" for code in ("zh", "en")})
        server.shows("<math")
        assert "math-error" not in server.get("en/page/")
        assert not any("ln-problems" in server.get(page) for page in (*PAGES, "zh-en/page/"))


def test_a_helper_and_a_data_file_are_watched(make_site: MakeSite) -> None:
    module = "# %% first\nimport helper\n\n# %% second\nprint(helper.x, open('d.txt').read())\n"
    site = make_site({
        "snippets/m.py": module, "snippets/helper.py": "x = 1\n", "snippets/d.txt": "one",
    })  # fmt: skip
    with serving(site) as server:
        server.shows("<pre>1 one\n</pre>")
        site.write({"snippets/helper.py": "x = 2\n"})
        server.shows("<pre>2 one\n</pre>")
        site.write({"snippets/d.txt": "two"})
        server.shows("<pre>2 two\n</pre>")
