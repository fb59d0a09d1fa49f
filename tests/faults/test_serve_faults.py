"""`mkdocs serve` under attack: it goes on, and never shows an output that belongs to other code."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from pages.conftest import FILES, MODULE, PAGE, Site, with_options
from pages.test_serve import PAGES, Server, serving

from .conftest import all_gone, processes

pytestmark = pytest.mark.slow  # many saves and waits

Make = Callable[..., Site]


@pytest.fixture
def make_site(tmp_path: Path) -> Make:
    def make(options: str = "timeout: 20") -> Site:
        site = Site(tmp_path)
        site.write({**FILES, "mkdocs.yml": with_options(options)})
        return site

    return make


def until(condition: Callable[[], bool], server: Server, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        said = Path(server.log).read_text("utf-8")
        assert server.process.poll() is None, f"the server ended:\n{said}"
        assert time.monotonic() < end, said
        time.sleep(0.05)


def code_and_outputs(html: str) -> Iterator[tuple[int, list[str]]]:
    """The number in the code of cell `first`, and all outputs beside it."""
    page = BeautifulSoup(html, "html5lib")
    source = page.select_one('div.cell[data-cell="m:first"] .cell-source')
    match = re.search(r"x = (\d+)", source.get_text()) if source else None
    if match:
        yield int(match[1]), [e.get_text() for e in page.select(".cell-output")]


def test_a_module_that_goes_and_comes_back(make_site: Make) -> None:
    """Deleted, renamed, replaced by a folder: the pages say so, and heal."""
    site = make_site()
    module = site.root / "snippets/m.py"
    with serving(site) as server:
        server.shows("<pre>21\n</pre>")

        module.unlink()
        server.shows("there is no module")
        assert all("<pre>21\n</pre>" not in server.get(page) for page in PAGES)
        site.write({"snippets/m.py": MODULE.replace("20", "30")})
        server.shows("<pre>31\n</pre>")

        module.rename(module.with_name("mm.py"))
        server.shows("Did you mean")
        for language in ("zh", "en"):
            site.write({f"docs/{language}/page.md": PAGE.replace("m:", "mm:")})
        server.shows('data-cell="mm:first"')
        module.with_name("mm.py").rename(module)
        for language in ("zh", "en"):
            site.write({f"docs/{language}/page.md": PAGE})
        server.shows('data-cell="m:first"')

        module.unlink()
        module.mkdir()
        server.shows("there is no module")
        module.rmdir()
        time.sleep(2)  # MkDocs looks twice a second, and takes one inode for one file
        site.write({"snippets/m.py": MODULE.replace("20", "40")})
        server.shows("<pre>41\n</pre>")


def test_a_page_that_appears_and_goes(make_site: Make) -> None:
    site = make_site()
    text = '# New {#new}\n\n```python cell="n:only"\n```\n'
    with serving(site, "--strict") as server:
        server.shows("<pre>21\n</pre>")
        site.write({"snippets/n.py": "# %% only\nprint('from n')\n"})
        site.write({"docs/zh/new.md": text, "docs/en/new.md": text})
        server.shows("from n", ("zh/new/", "en/new/"))
        for language in ("zh", "en"):
            (site.root / f"docs/{language}/new.md").unlink()
        until(lambda: "from n" not in server.get("en/new/"), server)
        server.shows("<pre>21\n</pre>")

        (site.root / "docs/en/page.md").write_bytes("# é {#e}\n".encode("latin-1"))
        until(lambda: "docs/en/page.md:1: is not UTF-8" in Path(server.log).read_text(), server)
        site.write({"docs/en/page.md": PAGE})
        server.shows("<pre>21\n</pre>")


def test_an_endless_cell_shows_and_heals(make_site: Make) -> None:
    site = make_site("timeout: 2")
    with serving(site) as server:
        server.shows("<pre>21\n</pre>")
        site.write({"snippets/m.py": MODULE.replace("x = 20", "x = 20\nwhile True: pass")})
        server.shows("did not end within 2 s")
        site.write({"snippets/m.py": MODULE})
        server.shows("<pre>21\n</pre>")
    all_gone(site.root)


def test_twenty_quick_saves_never_show_an_output_of_other_code(make_site: Make) -> None:
    site = make_site()
    with serving(site) as server:
        server.shows("<pre>21\n</pre>")
        for value in range(50, 70):
            broken = value % 5 == 0  # some of them do not even parse
            text = MODULE.replace("20", str(value))
            site.write({"snippets/m.py": text + ("(\n" if broken else "")})
            time.sleep(0.02 * (value % 4))
            agrees(server.get(PAGES[value % 2]))
        server.shows("<pre>70\n</pre>")
        for page in PAGES:
            agrees(server.get(page))


def agrees(html: str) -> None:
    for number, outputs in code_and_outputs(html):
        assert outputs in ([], [f"{number}", f"{number + 1}\n"]), html


def rss(pid: int) -> int:
    """Kilobytes that a process holds."""
    status = Path(f"/proc/{pid}/status").read_text()
    match = re.search(r"VmRSS:\s+(\d+)", status)
    return int(match[1]) if match else 0


def rebuild(site: Site, server: Server, value: int) -> None:
    bad = MODULE.replace("print(x + 1)", f"print({value} / 0)")
    good = MODULE.replace("20", str(1000 + value))
    site.write({"snippets/m.py": bad if value % 10 == 0 else good})
    formula = f"\nSee $x_{{{value}}}$.\n"
    for language in ("zh", "en"):
        site.write({f"docs/{language}/page.md": PAGE + formula})
    server.shows("ZeroDivisionError" if value % 10 == 0 else f"<pre>{1001 + value}\n</pre>")
    server.shows(f"x_{{{value}}}")


def memory(site: Site, warm: int, count: int) -> tuple[int, int]:
    """Kilobytes of all processes of a server after rebuild `warm`, and after rebuild `count`."""
    with serving(site) as server:
        server.shows("<pre>21\n</pre>")
        for value in range(1, warm + 1):
            rebuild(site, server, value)
        before = sum(map(rss, processes(str(site.root))))
        for value in range(warm + 1, count + 1):
            rebuild(site, server, value)
        after = sum(map(rss, processes(str(site.root))))
        left = list((site.root / ".cache/livenotes/runs").iterdir())
        assert left == []
    return before, after


@pytest.mark.soak
def test_memory_is_stable_over_two_hundred_rebuilds(make_site: Make) -> None:
    before, after = memory(make_site(), warm=20, count=200)
    print(f"from {before / 1024:.0f} to {after / 1024:.0f} MB: {after / before - 1:+.1%}")
    assert after < 1.10 * before


def test_a_server_leaves_no_process(make_site: Make) -> None:
    site = make_site()
    with serving(site) as server:
        server.shows("<pre>21\n</pre>")
        server.process.kill()
    all_gone(site.root)
