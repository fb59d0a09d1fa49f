"""What follows a heading is put into a section; the page is otherwise the same."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from livenotes.rendering.sections import split_sections


def page(body: str) -> str:
    return f'<html><body><nav><h2>Menu</h2></nav><article class="a">{body}</article></body></html>'


def sections(html: str) -> list[str]:
    return [e.get_text(" ", strip=True) for e in BeautifulSoup(html, "lxml").select(".section")]


def test_headings_stand_outside_and_all_between_them_inside() -> None:
    html = page("<h1>T</h1><p>intro</p><h2 id='a'>A</h2><p>one</p><p>two</p><h3>B</h3><ul></ul>x")
    done = split_sections(html)
    assert sections(done) == ["one two", "x"]
    outside = BeautifulSoup(done, "lxml").select("article > :not(.section)")
    assert [e.name for e in outside] == ["h1", "p", "h2", "h3"]
    assert (
        BeautifulSoup(done, "lxml").get_text(" ").split()
        == BeautifulSoup(html, "lxml").get_text(" ").split()
    )


def test_a_heading_inside_of_something_begins_no_section() -> None:
    inside = '<div class="admonition"><h3>C</h3><p>three</p></div>'
    assert sections(split_sections(page(f"<h2>A</h2>{inside}<p>four</p>"))) == ["C three four"]


@pytest.mark.parametrize(
    "body", ["<p>no heading</p>", "<h2>A</h2><div><p>open", "<h2>A</h2></div>"]
)
def test_what_cannot_be_cut_stays_whole(body: str) -> None:
    assert split_sections(page(body)) == page(body)


def test_a_longer_section_is_taken_to_be_higher() -> None:
    def lines(body: str) -> int:
        section = BeautifulSoup(split_sections(page(f"<h2>A</h2>{body}")), "lxml").select_one(
            ".section"
        )
        assert section
        return int(str(section["style"]).removeprefix("--lines:"))

    short, long = "<p>word</p>", f"<p>{'word ' * 200}</p>"
    assert lines(short) < lines(long) < lines(f"<p>{'字' * 1000}</p>")
    assert lines("<pre>1\n2\n3\n4\n5\n6</pre>") > lines(short)
