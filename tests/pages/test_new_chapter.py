"""`livenotes new` and `livenotes fences`: from nothing to a published chapter, nothing lost."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from .conftest import Site, with_options

MakeSite = Callable[..., Site]
FILES = {
    "mkdocs.yml": with_options("") + "nav:\n  - index.md\n  - page.md\n",
    "docs/zh/index.md": "# 首页 {#home}\n\n| 页 | 讲 |\n|---|---|\n| [甲](page.md) | 甲 |\n",
    "docs/en/index.md": "# Home {#home}\n\n| Page | On |\n|---|---|\n| [One](page.md) | one |\n",
    "tests/snippets/conftest.py": "",
    "tests/browser/queries.py": 'QUERIES = [\n    ("en", "one", "page"),\n]\n',
}
NEW = ("livenotes.cli", "new", "big-numbers", "--zh", "大数", "--en", "Big numbers")


def test_a_chapter_from_nothing_to_published(make_site: MakeSite) -> None:
    site = make_site(FILES)
    before = site.tree() | {n: (site.root / n).read_bytes() for n in FILES}
    code, said = site.run(*NEW)
    assert code == 0, said
    settings = (site.root / "mkdocs.yml").read_text("utf-8").splitlines()
    line = settings.index("  - big-numbers.md") + 1
    for written in (
        "wrote snippets/big_numbers.py", "wrote docs/zh/big-numbers.md",
        "wrote docs/en/big-numbers.md", "wrote tests/snippets/test_big_numbers.py",
        f"added mkdocs.yml:{line}: - big-numbers.md",
        "added docs/zh/index.md:6: | [大数](big-numbers",
        'added tests/browser/queries.py:3: ("zh", "大数", "big-numbers")',
    ):  # fmt: skip
        assert written in said
    # As it is, it is a draft without any fault, and readers do not see it.
    code, said = site.run("livenotes.cli", "check")
    assert code == 0 and [line for line in said.splitlines() if line.startswith("draft:")] == [
        "draft: docs/en/big-numbers.md:3: a draft",
        "draft: docs/zh/big-numbers.md:3: a draft",
    ], said
    code, said = site.build("--strict")
    assert code == 0, said
    published = b"".join(site.tree().values()).decode("utf-8", "ignore")
    for word in ("TODO: what", "待写", "big-numbers", "Big numbers", "大数"):
        assert word not in published

    # Cells are added, the command writes their fences, the drafts are finished.
    module = site.root / "snippets/big_numbers.py"
    more = '\n# %% more\n2**64\n\n# %% quoted tags=["hide"]\n1\n'
    module.write_text(module.read_text("utf-8") + more, "utf-8")
    code, said = site.run("livenotes.cli", "fences", "big-numbers")
    assert code == 0 and "docs/zh/big-numbers.md:18: big_numbers:more" in said, said
    for language in ("zh", "en"):
        page = site.root / f"docs/{language}/big-numbers.md"
        page.write_text(page.read_text("utf-8").replace("draft: true\n", ""), "utf-8")
    # What the author has not written yet is told, the home pages' lines too.
    code, said = site.run("livenotes.cli", "check")
    places = ("big-numbers.md:2", "big-numbers.md:7", "big-numbers.md:12", "index.md:6")
    lines = [f"docs/{code}/{place}: nobody" for code in ("en", "zh") for place in places]
    told = [line.partition(" has")[0] for line in said.splitlines() if "nobody has" in line]
    assert code == 1 and sorted(told) == sorted(lines), said
    for language in ("zh", "en"):
        for name in ("big-numbers", "index"):
            page = site.root / f"docs/{language}/{name}.md"
            written = re.sub("TODO|待写", "Done", page.read_text("utf-8"))
            page.write_text(written, "utf-8")
    code, said = site.run("livenotes.cli", "check")
    assert code == 0 and "draft" not in said, said
    assert site.build("--strict")[0] == 0
    assert "18446744073709551616" in site.html("zh/big-numbers")
    assert set(before) <= {*FILES, *site.tree()}


def test_it_is_safe_to_run_again_and_overwrites_nothing(make_site: MakeSite) -> None:
    site = make_site({**FILES, "snippets/big_numbers.py": "# %% mine\n1\n"})
    chinese = NEW[:5]
    assert "kept  snippets/big_numbers.py: it was there" in site.run(*chinese)[1]
    assert not (site.root / "docs/en/big-numbers.md").exists()  # Chinese first
    assert site.run("livenotes.cli", "check")[0] == 0
    site.run(*NEW)
    names = [*FILES, "docs/zh/big-numbers.md", "docs/en/big-numbers.md", "snippets/big_numbers.py"]
    first = {name: (site.root / name).read_text("utf-8") for name in names}
    assert first["snippets/big_numbers.py"] == "# %% mine\n1\n"
    code, said = site.run(*NEW)
    assert code == 0
    assert {line[:5] for line in said.splitlines()[:-1]} == {"kept "}, said
    assert {name: (site.root / name).read_text("utf-8") for name in names} == first


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["Big", "--en", "Big"], "Big: cannot be the name of a chapter"),
        (["../x/..", "--en", "Up"], "cannot be the name of a chapter"),
        (["random", "--en", "Chance"], "`import random` would find it"),
        (["matplotlib", "--en", "Plots"], "`import matplotlib` would find it"),
        (["fine"], 'a title is missing: --zh "…" and --en "…"'),
        (["fine", "--fr", "Bien"], "unrecognized arguments: --fr Bien"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_written(
    words: list[str], said: str, make_site: MakeSite
) -> None:
    site = make_site(FILES)
    before = sorted(site.root.rglob("*"))
    code, output = site.run("livenotes.cli", "new", *words)
    assert code in (1, 2) and said in output
    assert sorted(site.root.rglob("*")) == before
