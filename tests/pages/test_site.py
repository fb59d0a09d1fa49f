"""What is published is what the code does, or nothing is published: one test per promise."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup, Tag

from .conftest import MKDOCS_YML, MODULE, PAGE, Site

MakeSite = Callable[..., Site]


def parsed(html: str) -> BeautifulSoup:
    """The page as a browser reads it."""
    return BeautifulSoup(html, "html5lib")


def cells(html: str) -> dict[str, Tag]:
    return {str(e["data-cell"]): e for e in parsed(html).select("div.cell")}


def outputs(cell: Tag) -> list[tuple[str, str]]:
    return [(str(e["data-kind"]), e.get_text()) for e in cell.select(".cell-output")]


def test_cells_are_elements_with_the_agreed_attributes(make_site: MakeSite) -> None:
    site = make_site()
    code, said = site.build("--strict")
    assert code == 0, said
    for language in ("zh", "en"):
        found = cells(site.html(f"{language}/page"))
        assert list(found) == ["m:first", "m:second"]
        assert found["m:first"].get("data-source") == "snippets/m.py#L2-L3"
        assert found["m:first"].get("data-show") == "both"
        assert found["m:first"].select(".cell-source")[0].get_text().strip() == "x = 20\nx"
        assert outputs(found["m:first"]) == [("result", "20")]
        assert outputs(found["m:second"]) == [("stdout", "21\n")]


def test_a_changed_character_changes_both_pages(make_site: MakeSite) -> None:
    site = make_site()
    site.build()
    site.write({"snippets/m.py": MODULE.replace("20", "30")})
    assert site.build()[0] == 0
    for language in ("zh", "en"):
        found = cells(site.html(f"{language}/page"))
        assert outputs(found["m:second"]) == [("stdout", "31\n")]


def test_a_module_runs_once_for_two_languages_and_not_again(make_site: MakeSite) -> None:
    site = make_site()
    _, first = site.build()
    assert first.count("ran snippets/m.py") == 1
    _, second = site.build()
    assert "ran snippets/m.py" not in second


@pytest.mark.parametrize("options", [[], ["--strict"]])
def test_a_failing_cell_fails_the_build_and_leaves_the_site(
    options: list[str], make_site: MakeSite
) -> None:
    site = make_site()
    site.build()
    before = site.tree()
    page = '# Other {#other}\n\n```python cell="n:fine"\n```\n'
    site.write(
        {
            "snippets/m.py": MODULE.replace("print(x + 1)", "print(x / 0)"),
            "snippets/n.py": "# %% fine\nundefined_name\n",
            "docs/zh/other.md": page,
            "docs/en/other.md": page,
        }
    )
    code, said = site.build(*options)
    assert code != 0
    assert "snippets/m.py:6: cell 'second': ZeroDivisionError: division by zero" in said
    assert "docs/en/page.md:6, docs/zh/page.md:6" in said
    assert "snippets/n.py:2: cell 'fine': NameError" in said
    assert "docs/en/other.md:3, docs/zh/other.md:3" in said
    assert "Traceback" not in said
    assert site.tree() == before
    assert sorted(p.name for p in site.root.iterdir() if "site" in p.name) == ["site"]


def test_a_warning_fails_strict_builds_cached_or_not(make_site: MakeSite) -> None:
    warned = MODULE.replace("print", "import warnings\nwarnings.warn('old', FutureWarning)\nprint")
    site = make_site({"snippets/m.py": warned})
    for _ in range(2):
        code, said = site.build("--strict")
        assert code != 0
        assert "snippets/m.py:7: cell 'second': FutureWarning: old" in said
        assert not (site.root / "site").exists()
    assert "ran snippets/m.py" not in said
    assert site.build()[0] == 0


def test_formulas_are_html_without_any_script(make_site: MakeSite) -> None:
    page = f"{PAGE}\n## Where $x^2$ {{#where}}\n\nInline $a_1$ and\n\n$$\n\\sum_i x_i\n$$\n"
    site = make_site({"docs/en/page.md": page, "docs/zh/page.md": page})
    code, said = site.build("--strict")
    assert code == 0, said
    html = site.html("en/page")
    assert html.count("<math") >= 3
    assert "\\(" not in html
    tree = parsed(html)
    assert tree.select("nav.md-nav--secondary .katex"), "the table of contents shows raw TeX"
    index = (site.root / "site/en/search/search_index.json").read_text("utf-8")
    assert "katex" not in index
    assert (site.root / "site/assets/katex/katex.css").is_file()


def test_fences_work_in_lists_admonitions_and_tabs(make_site: MakeSite) -> None:
    page = """
    # Title {#title}

    - item

        ```python cell="m:first" show="output"
        ```

    !!! note

        === "tab"

            ```python cell="m:second" title="t" show="source"
            ```
    """
    site = make_site({"docs/en/page.md": page, "docs/zh/page.md": page})
    code, said = site.build("--strict")
    assert code == 0, said
    found = cells(site.html("en/page"))
    assert outputs(found["m:first"]) == [("result", "20")]
    assert not found["m:first"].select(".cell-source")
    assert outputs(found["m:second"]) == []
    assert found["m:second"].select(".filename")[0].get_text() == "t"


def test_a_broken_link_leaves_the_site_under_strict(make_site: MakeSite) -> None:
    site = make_site()
    site.build()
    before = site.tree()
    for language in ("zh", "en"):
        site.write({f"docs/{language}/page.md": f"{PAGE}\n[gone](gone.md)\n"})
    assert site.build("--strict")[0] != 0
    assert site.tree() == before


def test_executed_json_tells_what_was_published(make_site: MakeSite) -> None:
    site = make_site()
    site.build()
    told = json.loads((site.root / "site/executed.json").read_text("utf-8"))
    module = told["modules"]["m"]
    assert module["source"] == "snippets/m.py"
    assert [cell["name"] for cell in module["cells"]] == ["first", "second"]
    assert module["cells"][0]["lines"] == [2, 3]
    assert module["cells"][1]["outputs"] == [
        {"output_type": "stream", "name": "stdout", "text": "21\n"}
    ]
    assert module["distributions"] == {}, "its cells import nothing"


def test_two_builds_are_the_same_to_the_byte(make_site: MakeSite) -> None:
    figure = "\n# %% figure\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()\n"
    page = f'{PAGE}\n$x^2$\n\n```python cell="m:figure" alt="A line"\n```\n'
    site = make_site(
        {"snippets/m.py": MODULE + figure, "docs/zh/page.md": page, "docs/en/page.md": page}
    )
    assert site.build("--strict")[0] == 0
    first = site.tree()
    shutil.rmtree(site.root / ".cache/livenotes/outputs")
    assert site.build("--strict")[0] == 0
    second = site.tree()
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []


def test_an_interrupted_swap_is_repaired(make_site: MakeSite) -> None:
    site = make_site()
    site.build()
    before = site.tree()
    (site.root / "site").rename(site.root / ".site.retired-999999999")
    (site.root / ".site.building-999999999").mkdir()
    site.write({"snippets/m.py": "# %% first\n1 / 0\n\n# %% second\n1\n"})
    assert site.build()[0] != 0
    assert site.tree() == before
    assert sorted(p.name for p in site.root.iterdir() if "site" in p.name) == ["site"]


def test_check_reports_what_the_build_reports(make_site: MakeSite) -> None:
    site = make_site({"docs/en/page.md": PAGE.replace("{#title}", "")})
    code, said = site.run("livenotes.cli", "check")
    assert code == 1
    assert "docs/en/page.md:1: " in said
    site.write({"docs/en/page.md": PAGE})
    code, said = site.run("livenotes.cli", "check")
    assert code == 0, said


@pytest.mark.parametrize(
    ("link", "message"),
    [
        ("[x](gone.md)", "a link leads to gone.md, which is no file"),
        ("![x](gone.png)", "a link leads to gone.png, which is no file"),
        ("[x]\n\n[x]: ../gone/page.md", "a link leads to ../gone/page.md, which is no file"),
        ("[x](#gone)", "a link leads to #gone, but docs/en/page.md has no id 'gone'"),
        ("[x](../zh/page.md#gone)", "a link leads to ../zh/page.md#gone, but docs/zh/page.md has"),
    ],
)
def test_a_link_that_leads_nowhere_is_told_once_with_its_line(
    link: str, message: str, make_site: MakeSite
) -> None:
    site = make_site({f"docs/{code}/page.md": f"{PAGE}\nSee\n{link}\n" for code in ("zh", "en")})
    code, said = site.build("--strict")
    assert code != 0
    (line,) = [
        line for line in said.splitlines() if "gone" in line and "docs/zh/page.md:" not in line
    ]
    assert f"docs/en/page.md:10: {message}" in line


def test_what_mkdocs_alone_knows_of_links_is_said_as_ever(make_site: MakeSite) -> None:
    """The page of a plugin, which has no file in the project, and an absolute link."""
    site = make_site({
        "mkdocs.yml": MKDOCS_YML.replace("nav: {", "links: {absolute_links: warn}\n  nav: {")
        + "hooks: [hook.py]\n",
        "hook.py": """
            from mkdocs.structure.files import File

            def on_files(files, config):
                made = "# Made {#made}\\n\\n[x](no.md)\\n"
                files.append(File.generated(config, "en/made.md", content=made))
        """,
        "docs/en/page.md": f"{PAGE}\n[x](/gone.md)\n",
    })  # fmt: skip
    said = site.build()[1]
    assert "'en/made.md' contains a link 'no.md'" in said
    assert "contains an absolute link '/gone.md'" in said


def test_check_lists_the_files_once(make_site: MakeSite, caplog: pytest.LogCaptureFixture) -> None:
    """MkDocs says each time that it lists them that one stands in the way of another."""
    site = make_site({f"docs/en/{name}.md": "# Index {#index}\n" for name in ("index", "README")})
    site.run("livenotes.cli", "check")
    assert caplog.text.count("Excluding 'en/README.md'") == 1


def test_run_prints_nbformat_outputs(make_site: MakeSite) -> None:
    site = make_site()
    code, said = site.run("livenotes.cli", "run", "m", "--json")
    assert code == 0, said
    told = json.loads(said[said.index("{") :])
    assert told["cells"][0]["outputs"][0]["data"] == {"text/plain": "20"}
    assert told["cells"][0]["outputs"][0]["output_type"] == "execute_result"


def test_why_tells_before_and_after_an_edit(make_site: MakeSite) -> None:
    site = make_site()
    assert "it has not run yet" in site.run("livenotes.cli", "why", "m")[1]
    site.build()
    assert "will not run again" in site.run("livenotes.cli", "why", "m")[1]
    site.write({"snippets/m.py": MODULE + "\n"})
    assert "snippets/m.py changed" in site.run("livenotes.cli", "why", "m")[1]


def test_check_sees_the_files_of_the_build(make_site: MakeSite) -> None:
    """Pages behind a link, and neither an editor's lock file nor what is never built."""
    site = make_site({
        "docs/zh/page.md": PAGE + "\n## By hand\n",
        "docs/en/.ipynb_checkpoints/page-checkpoint.md": "## Never built\n",
    })  # fmt: skip
    (site.root / "docs/zh").rename(site.root / "chinese")
    (site.root / "docs/zh").symlink_to("../chinese")
    (site.root / "docs/en/.#page.md").symlink_to("me@host.1234:567")
    code, said = site.run("livenotes.cli", "check")
    assert code == 1
    assert "docs/zh/page.md:9: a heading without an explicit id" in said
    assert "checkpoint" not in said and ".#page" not in said
