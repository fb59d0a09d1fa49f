"""Trees of pages are written as Python-Markdown writes them, with the HTML outside of them."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from documents import document

from livenotes.document.html import RAW, inner_html, raw_element, to_html
from livenotes.site.configuration import find_config, load
from livenotes.site.documents import Converter

AWKWARD = {
    "code in text": 'q\n```python cell="m:a"\n```\nmore <b>b</b> &amp; x<y \\* <a@b.org>\n',
    "attributes": '![a "b" & c](p.png){ .x title="t" }\n\n<div markdown="1">\n\n- x\n\n</div>\n',
    "comments": "<!-- c -->\n\n<div>\n<p>raw</p>\n</div>\n\n***\na  \nb\n",
    "fence in HTML": "<div>\n```yaml\na: 1\n```\n</div>\n\n- a\n\n    ```yaml\n    b: 2\n    ```\n",
}


@pytest.mark.parametrize("name", AWKWARD)
def test_a_tree_is_written_as_python_markdown_writes_it(name: str) -> None:
    page = document(AWKWARD[name])
    assert inner_html(page.root).strip() == page.html


def test_the_pages_of_the_site_are_written_as_python_markdown_writes_them() -> None:
    pages = Converter(load(find_config(Path(__file__)))).all()
    assert len(pages) > 20
    for page in pages:
        assert inner_html(page.root).strip() == page.html, page.path


def test_html_from_outside_of_the_tree_stands_in_elements() -> None:
    root = document('text\n\n```python cell="m:a"\n```\n').root
    assert [element.tag for element in root] == ["p", RAW]
    assert root[1].text == '<div data-cell="m:a" data-show="both"></div>'


def test_text_and_attributes_are_escaped() -> None:
    element = ET.Element("p", {"title": '"<&>'})
    element.text = "a < b & c &lt;"
    element.append(raw_element("<br>"))
    assert to_html(element) == ('<p title="&quot;&lt;&amp;&gt;">a &lt; b &amp; c &lt;<br></p>')
