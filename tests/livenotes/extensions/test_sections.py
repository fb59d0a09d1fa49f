"""What follows a heading is put into a section; the page is otherwise the same."""

from __future__ import annotations

from bs4 import BeautifulSoup, Tag
from markdown import Markdown

EXTENSIONS = ["admonition", "attr_list", "livenotes.extensions.sections:Sections"]


def render(text: str) -> BeautifulSoup:
    return BeautifulSoup(Markdown(extensions=EXTENSIONS).convert(text), "lxml")


def sections(page: BeautifulSoup) -> list[Tag]:
    return list(page.select("div.section"))


def test_headings_stand_outside_and_all_between_them_inside() -> None:
    page = render("# T\n\nintro\n\n## A\n\none\n\ntwo\n\n### B\n\n- x\n\n#### C\n\n##### D\n\ny")
    assert [e.get_text(" ", strip=True) for e in sections(page)] == ["one two", "x", "D y"]
    outside = page.select("body > :not(.section)")
    assert [e.name for e in outside] == ["h1", "p", "h2", "h3", "h4"]


def test_a_heading_inside_of_something_begins_no_section() -> None:
    page = render("## A\n\n!!! note\n    ### C\n\n    three\n\nfour")
    assert [e.get_text(" ", strip=True) for e in sections(page)] == ["Note C three four"]


def test_a_page_without_headings_has_no_section() -> None:
    assert sections(render("no heading\n\n!!! note\n    ## A")) == []


def test_a_longer_section_is_taken_to_be_higher() -> None:
    def lines(body: str) -> int:
        (section,) = sections(render(f"## A\n\n{body}"))
        return int(str(section["style"]).removeprefix("--lines:"))

    assert lines("word") < lines("word " * 200) < lines("字" * 1000)
    assert lines("- a\n- b\n- c") > lines("a")
