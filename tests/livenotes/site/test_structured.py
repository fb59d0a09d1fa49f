"""JSON-LD: schema.org's words, in the page's language, and safe inside HTML."""

from __future__ import annotations

import json

from livenotes.site.structured import About, chapter, course, site, to_script

ABOUT = About(
    "Norms", "How long a vector is.", "https://example.org/en/norms/", "https://x.y/z.png"
)
WHOLE = About("Notes", "All of it.", "https://example.org/en/")
BASED_ON = [{"@type": "Book", "name": {"zh": "书", "en": "Book"}, "author": ["A", "B"]}]


def test_a_chapter_belongs_to_its_course_and_names_what_it_follows() -> None:
    data = chapter(ABOUT, "zh", "Author", BASED_ON, WHOLE)
    assert data["@type"] == "LearningResource"
    assert data["inLanguage"] == "zh-CN"
    assert data["isPartOf"]["url"] == WHOLE.url
    assert data["isBasedOn"] == [{"@type": "Book", "name": "书", "author": ["A", "B"]}]
    assert data["author"]["name"] == "Author"


def test_a_course_lists_its_chapters() -> None:
    data = course(WHOLE, "en", "Author", "beginner", BASED_ON, [ABOUT])
    assert (data["@type"], data["educationalLevel"]) == ("Course", "beginner")
    assert data["isBasedOn"][0]["name"] == "Book"
    assert [part["url"] for part in data["hasPart"]] == [ABOUT.url]


def test_a_site_without_an_address_names_none() -> None:
    data = site(About("Notes", "All.", ""), ["zh", "en"])
    assert "url" not in json.loads(to_script(data))


def test_nothing_in_it_ends_the_script_or_begins_a_comment() -> None:
    hostile = About("</script><script>alert(1)</script>", "<!-- &amp; \u2028", "")
    text = to_script(site(hostile, ["en"]))
    assert "<" not in text and ">" not in text and "\u2028" not in text
    assert json.loads(text)["name"] == hostile.name
    assert json.loads(text)["description"] == hostile.description
