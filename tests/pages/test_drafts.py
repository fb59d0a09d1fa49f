"""Chinese first: an unfinished page is served and checked, and does not hold up a build."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from sites import build_site

from livenotes.document.document import Source
from livenotes.document.drafts import find_drafts

from .conftest import PAGE, Site, with_options

MakeSite = Callable[..., Site]
NEW = """
# 新的一章 {#new}

```python cell="new:only"
```
"""
NEW_EN = NEW.replace("新的一章", "A new chapter")
# Both homes list the chapter before it is written in both languages, as the route does.
FILES = {
    "docs/zh/index.md": "# 首页 {#home}\n\n先读[甲](page.md)，再读[新的](new.md#new)。\n",
    "docs/en/index.md": "# Home {#home}\n\nRead [one](page.md), then [the new](new.md#new).\n",
    "docs/zh/new.md": NEW,
    "snippets/new.py": "# %% only\nprint('news')\n",
}
NAV = "nav: [index.md, page.md, {新 | New: [new.md]}]\n"


def text(html: str, selector: str) -> list[str]:
    return [found.get_text() for found in BeautifulSoup(html, "html.parser").select(selector)]


@pytest.fixture
def chinese_only(make_site: MakeSite) -> Site:
    return make_site({**FILES, "mkdocs.yml": with_options("") + NAV})


def test_a_strict_build_leaves_a_page_out_that_is_not_translated(chinese_only: Site) -> None:
    number, said = chinese_only.build("--strict")
    assert number == 0, said
    assert "docs/zh/new.md: not translated yet: docs/en/new.md" in said
    assert "WARNING" not in said
    built = chinese_only.tree()
    assert not [name for name in built if "new" in name]
    assert "new" not in json.loads(built["executed.json"])["modules"]
    for code, note in (("zh", "新的（尚未发布）"), ("en", "the new (not published yet)")):
        html = chinese_only.html(code)
        assert text(html, ".ln-unpublished") == [note]
        assert not BeautifulSoup(html, "html.parser").select("a[href*=new]")
        assert note in built[f"{code}/index.md"].decode()
        assert "News" not in text(html, ".md-nav__title") and "新" not in html.split("</nav>")[0]


def test_check_lists_drafts_apart(chinese_only: Site) -> None:
    chinese_only.write({"snippets/new.py": "# %% only\nprint(1 / 0)\n"})
    code, said = chinese_only.run("livenotes.cli", "check")
    assert code == 0, said
    lines = [line for line in said.splitlines() if re.match(r"\S+:", line)]
    assert [line.partition(": ")[0] for line in lines] == ["notice", "draft", "draft"]
    assert "draft: docs/zh/new.md: not translated yet: docs/en/new.md" in said
    assert "draft: snippets/new.py:2: cell 'only': ZeroDivisionError" in said
    assert "0 problems; 1 drafts" in said
    assert chinese_only.build("--strict")[0] == 0  # what only drafts show is not run


def test_a_published_page_beside_a_draft_is_checked_as_ever(chinese_only: Site) -> None:
    chinese_only.write({"docs/zh/page.md": PAGE.replace("{#title}", "{#other}")})
    code, said = chinese_only.run("livenotes.cli", "check")
    assert code == 1
    assert "docs/zh/page.md:1: heading # {#other} here" in said
    assert chinese_only.build("--strict")[0] == 1


def test_an_untranslated_page_can_be_published_with_a_notice(make_site: MakeSite) -> None:
    options = with_options("untranslated: publish")
    site = make_site({**FILES, "mkdocs.yml": options + NAV})
    code, said = site.build("--strict")
    assert code == 0, said
    html = site.html("zh/new")
    assert text(html, ".ln-draft") == ["这一页还没有译文。"]
    assert "news" in html
    (link,) = BeautifulSoup(html, "html.parser").select(".ln-language")
    assert link.get_text() == "English (to come)" and link["href"] == "../../en/"
    assert text(site.html("zh"), ".ln-unpublished") == []
    assert text(site.html("en"), ".ln-unpublished") == ["the new (not published yet)"]
    code, said = site.run("livenotes.cli", "check")
    assert code == 0, said
    assert "draft: docs/zh/new.md: not translated yet: docs/en/new.md" in said


def test_a_page_marked_as_draft_is_left_out_and_its_twin_with_it(make_site: MakeSite) -> None:
    draft = "---\ntitle: New\ndraft: true\n---\n" + NEW_EN.lstrip()
    site = make_site({**FILES, "docs/en/new.md": draft})
    code, said = site.build("--strict")
    assert code == 0, said
    assert "docs/en/new.md:3: a draft" in said
    assert "docs/zh/new.md: not translated yet: docs/en/new.md" in said
    assert not [name for name in site.tree() if "new/" in name]
    site.write({"docs/en/new.md": NEW_EN})  # translated: nothing is left to undo
    code, said = site.build("--strict")
    assert code == 0, said
    assert "a draft" not in said and "not translated" not in said and "news" in site.html("en/new")
    assert text(site.html("zh"), ".ln-unpublished") == []
    assert text(site.html("zh/new"), ".ln-language") == ["English", "双语对照"]


def test_drafts_are_served_with_a_notice(chinese_only: Site) -> None:
    marked = "---\ndraft: true\n---\n"
    chinese_only.write({"docs/zh/page.md": marked + PAGE, "docs/en/page.md": marked + PAGE})
    assert build_site(chinese_only.root, "serve") == []
    html = chinese_only.html("zh/new")
    assert text(html, ".ln-draft") == ["还没有译文：正式构建时不发布这一页。"]
    assert "news" in html
    assert text(html, ".ln-language") == ["English (to come)"]
    assert text(chinese_only.html("zh"), ".ln-unpublished") == []
    assert text(chinese_only.html("en/page"), ".ln-draft") == [
        "A draft: a build leaves this page out."
    ]
    assert len(text(chinese_only.html("zh-en/page"), ".ln-draft")) == 2


def test_a_site_of_one_language_has_drafts_too(make_site: MakeSite) -> None:
    options = with_options("").replace("{zh: 中文, en: English}", "{en: English}")
    site = make_site({"mkdocs.yml": options + "nav: [index.md, new.md]\n",
                      "docs/new.md": "---\ndraft: true\n---\n" + NEW_EN.lstrip(),
                      **{k: v for k, v in FILES.items() if k.startswith("snippets")}})  # fmt: skip
    for name in ("zh", "en"):
        (site.root / f"docs/{name}/page.md").unlink()
    site.write({"docs/index.md": "# Start {#start}\n\n[New](new.md)\n\n```python cell=\"m:first\"\n"
                "```\n\n```python cell=\"m:second\"\n```\n"})  # fmt: skip
    code, said = site.build("--strict")
    assert code == 0, said
    assert not (site.root / "site/new").exists()
    assert text(site.html("."), ".ln-unpublished") == ["New (not published yet)"]


def test_draft_must_be_true_or_false(make_site: MakeSite) -> None:
    site = make_site({"docs/en/page.md": "---\ndraft: soon\n---\n" + PAGE})
    code, said = site.run("livenotes.cli", "check")
    assert code == 1
    assert "docs/en/page.md:2: draft must be true or false, not 'soon'" in said


@pytest.mark.parametrize("option", ["untranslated: maybe", "stale: true"])
def test_a_mistyped_option_is_told(option: str, make_site: MakeSite) -> None:
    site = make_site({"mkdocs.yml": with_options(option)})
    code, said = site.build()
    assert code == 1 and f"option '{option.partition(':')[0]}' must be " in said


def test_a_language_that_has_no_page_yet_demands_no_translations() -> None:
    page = Source("docs/zh/a.md", "# A", ("zh", "a"))
    assert not find_drafts([page], ("zh", "en"), publish=False).pages
    other = Source("docs/en/b.md", "# B", ("en", "b"))
    found = find_drafts([page, other], ("zh", "en"), publish=False)
    assert found.left_out == {"zh/a.md", "en/b.md"}
    assert found.absent == {"en/a.md", "zh/b.md"}


def commit(root: Path, day: int) -> None:
    when = f"2026-01-{day:02}T12:00:00"
    for command in (["add", "-A", "docs"], ["commit", "-qm", f"Day {day}", "--date", when]):
        subprocess.run(
            ["git", "-c", "user.name=A", "-c", "user.email=a@example.org", *command],
            cwd=root, check=True, env={"GIT_COMMITTER_DATE": when, "PATH": "/usr/bin:/bin"},
        )  # fmt: skip


@pytest.mark.parametrize("stale", ["show", "hide"])
def test_a_page_says_that_its_twin_has_changed_since(stale: str, make_site: MakeSite) -> None:
    site = make_site({"mkdocs.yml": with_options(f"stale: {stale}")})
    subprocess.run(["git", "init", "-q"], cwd=site.root, check=True)
    commit(site.root, 1)
    site.write({"docs/zh/page.md": PAGE.replace("# Title", "# 标题")})
    commit(site.root, 2)
    code, said = site.build("--strict")
    assert code == 0, said
    told = [text(site.html(f"{code}/page"), ".ln-lagging") for code in ("en", "zh")]
    behind = "This page lacks a later change of its version in another language."
    ahead = "本页后来有改动，另一种语言版还没有跟上。"
    assert told == ([[behind], [ahead]] if stale == "show" else [[], []])
