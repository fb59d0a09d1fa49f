"""The options in mkdocs.yml: every mistake is told with its file and line, and what to write."""

from __future__ import annotations

from pathlib import Path

import pytest
from mkdocs.structure.files import get_files
from sites import write

from livenotes.core.problems import LivenotesError
from livenotes.site.configuration import load, open_project, page_path, project_of

CONFIG = """
site_name: Notes
plugins:
  - search
  - livenotes:
      {}
"""


def refusal(root: Path, options: str = "", **files: str) -> str:
    """The message for a site with these options."""
    write(root, {"mkdocs.yml": CONFIG.format(options), "docs/index.md": "# T {#t}\n", **files})
    with pytest.raises(LivenotesError) as error:
        open_project(root)
    return str(error.value)


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("tiemout: 3", "unknown option 'tiemout'\n    Did you mean 'timeout'?"),
        ("colour: red", "unknown option 'colour'\n    Known options: based_on, cache,"),
        ("timeout: -1", "option 'timeout' must be a number of seconds, more than 0, not -1"),
        ("timeout: .inf", "option 'timeout' must be a number of seconds, more than 0, not inf"),
        ("max_output: 1.5", "option 'max_output' must be a number of characters"),
        ("workers: true", "option 'workers' must be a whole number, 0 or more, not True"),
        ("snippets: ../x", "option 'snippets' must be a folder inside the project, not '../x'"),
        ("cache: /tmp", "option 'cache' must be a folder inside the project, not '/tmp'"),
        ("preload: [a-b]", "option 'preload' must be a list of names such as 'torch.optim'"),
        ("notebooks: 'no'", "option 'notebooks' must be true or false, not 'no'"),
        ("languages: [zh]", "option 'languages' must be codes and names, such as {en: English}"),
        ("languages: {no: Norsk}", "option 'languages' must be codes and names"),  # YAML's false
        ("languages: {a/b: X}", "option 'languages' must be codes and names"),
        ("based_on: [x]", "option 'based_on' must be a list of schema.org objects, not ['x']"),
    ],
)
def test_a_wrong_option_is_told_with_its_line(tmp_path: Path, option: str, message: str) -> None:
    assert f"mkdocs.yml:5: {message}" in refusal(tmp_path, option)


def test_all_wrong_options_are_told_at_once(tmp_path: Path) -> None:
    said = refusal(tmp_path, "timeout: 0\n      workers: -1\n      tiemout: 1")
    assert [line.split(": ")[0] for line in said.split("\n") if "option '" in line] == [
        "mkdocs.yml:5", "mkdocs.yml:6", "mkdocs.yml:7",
    ]  # fmt: skip


def test_a_text_in_a_language_that_the_site_lacks_is_told(tmp_path: Path) -> None:
    said = refusal(tmp_path, "languages: {de: Deutsch}\n      site_name: {fr: Notes}")
    assert "mkdocs.yml:6: option 'site_name' has an unknown language 'fr'" in said


def test_an_inherited_option_is_told_where_it_stands(tmp_path: Path) -> None:
    base = "site_name: N\nplugins:\n  livenotes:\n    tiemout: 3\n"
    write(tmp_path, {"mkdocs.yml": "INHERIT: common/base.yml\n", "common/base.yml": base,
                     "docs/index.md": "# T\n"})  # fmt: skip
    with pytest.raises(LivenotesError, match=r"common/base\.yml:4: unknown option 'tiemout'"):
        open_project(tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("site_name: N\nplugins: [search]\n", "mkdocs.yml:2: the plugin livenotes is not listed"),
        ("site_name: N\n", "the plugin livenotes is not listed"),
        ("site_name: N\nINHERIT: mkdocs.yml\n", "mkdocs.yml: maximum recursion depth exceeded"),
        ("site_name: [\n", "mkdocs.yml: MkDocs encountered an error parsing"),
        ("site_name: N\nplugins: [livenotes]\ntheme: nothing\n", "mkdocs.yml:3: theme: "),
    ],
)
def test_what_mkdocs_refuses_is_told(tmp_path: Path, text: str, message: str) -> None:
    write(tmp_path, {"mkdocs.yml": text, "docs/index.md": "# T\n"})
    with pytest.raises(LivenotesError) as error:
        open_project(tmp_path)
    assert message in str(error.value)


def test_pages_are_those_that_a_build_publishes(tmp_path: Path) -> None:
    config = "site_name: N\ndocs_dir: texts\nplugins: [livenotes]\nexclude_docs: old/\n"
    pages = {f"texts/{name}.md": "# T\n" for name in ("index", "a", "old/b", ".c")}
    write(tmp_path / "real", {"mkdocs.yml": config, **pages})
    (tmp_path / "link").symlink_to(tmp_path / "real")
    loaded = load(tmp_path / "link" / "mkdocs.yml")
    project = project_of(loaded)
    assert [page_path(loaded, f) for f in get_files(loaded).documentation_pages()] == [
        "texts/index.md",
        "texts/a.md",
    ]
    assert project.docs == (tmp_path / "real/texts").resolve()


def test_other_plugins_are_not_loaded(tmp_path: Path) -> None:
    write(tmp_path, {"mkdocs.yml": "site_name: N\nplugins: [not-installed, livenotes]\n",
                     "docs/index.md": "# T\n"})  # fmt: skip
    assert open_project(tmp_path).options.languages == ("en",)


def test_a_site_has_the_languages_that_it_names_or_its_themes(tmp_path: Path) -> None:
    write(tmp_path, {"mkdocs.yml": CONFIG.format("languages: {fr: Français, de: Deutsch}"),
                     "docs/index.md": "# T\n"})  # fmt: skip
    project = open_project(tmp_path)
    assert project.options.languages == ("fr", "de")
    assert project.language_and_name("de/part/page.md") == ("de", "part/page")
    assert project.language_and_name("index.md") == ("", "index")
    theme = "theme: {name: material, language: de}\n"
    write(tmp_path, {"mkdocs.yml": CONFIG.format("workers: 1") + theme})
    assert open_project(tmp_path).language_and_name("part/page.md") == ("de", "part/page")
