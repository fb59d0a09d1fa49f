"""Figures of several frames: a page shows one and moves through all, a notebook shows that one."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from textwrap import dedent

import pytest
from bs4 import BeautifulSoup
from documents import document
from markdown import Markdown

from livenotes.checks.sliders import check_sliders
from livenotes.core.project import Project
from livenotes.execution.outputs import Outputs, figures
from livenotes.rendering.figures import notebook_figure, page_figure, words
from livenotes.rendering.frames import Frame, frames
from livenotes.rendering.sliders import slider

MODULE = """
# %% plot
import matplotlib.pyplot as plt

figure, axes = plt.subplots(layout="constrained")
axes.plot([0, 1], [0, 1], "o", color="C7")
for rate in (-0.5, 0.1, 2.0):
    frame = {"gid": f"frame:{rate:g}", "visible": rate == 0.1}
    axes.plot([0, rate], [0, 1], "s--", color="C1", alpha=0.4, **frame)
    axes.add_patch(plt.Rectangle((0, 0), rate, 1, facecolor=("C2", 0.25), **frame))
    axes.text(0, 0, f"loss = {rate}", **frame)
    axes.text(0, 1, "diverge" if rate > 1 else "converge", **frame)
plt.show()

# %% still
print([text.get_visible() for text in axes.texts], {text.get_gid() for text in axes.texts})
plt.plot([1, 2])
plt.show()
"""
TERMS = {"learning rate": "学习率", "loss": "损失", "diverge": "发散", "converge": "收敛"}
FOUND = (
    Frame("-0.5", "converge", False),
    Frame("0.1", "converge", True),
    Frame("2", "diverge", False),
)
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def outputs(run_cells: Callable[..., Outputs]) -> Outputs:
    return run_cells(MODULE)


@pytest.fixture
def svg(outputs: Outputs) -> str:
    (figure,) = figures(outputs.cells["plot"])
    return figure


def parts(drawing: str) -> dict[str | None, list[ET.Element]]:
    """Groups of each frame, by its number."""
    found: dict[str | None, list[ET.Element]] = {}
    for group in ET.fromstring(drawing).iter(f"{SVG}g"):
        if "data-frame" in group.attrib:
            found.setdefault(group.get("data-frame"), []).append(group)
    return found


def test_every_frame_is_in_the_picture_and_the_first_alone_is_seen(svg: str) -> None:
    found = parts(page_figure(svg, "p", "", {}))
    assert {number: len(groups) for number, groups in found.items()} == {"0": 4, "1": 4, "2": 4}
    for number, groups in found.items():
        seen = number == "1"
        assert {group.get("display") for group in groups} == {None if seen else "none"}
        assert {"data-first" in group.attrib for group in groups} == {seen}
    axes = [g for g in ET.fromstring(svg).iter(f"{SVG}g") if g.get("id", "").startswith("xtick")]
    assert axes  # what belongs to no frame is always seen


def test_hidden_frames_keep_their_colours_and_their_transparency(svg: str) -> None:
    styles = []
    for groups in parts(page_figure(svg, "p", "", {})).values():
        drawn = [e for group in groups for e in group.iter() if e.tag != f"{SVG}defs"]
        styles.append({e.get("style", "") for e in drawn if e.tag != f"{SVG}path"})
        styles[-1] |= {path.get("style", "") for group in groups for path in group.iterfind("./*")}
    assert styles[0] == styles[1] == styles[2]
    assert any("--fig-2" in style and "0.4" in style for style in styles[0])
    assert any("--fig-3" in style and "0.25" in style for style in styles[0])


def test_a_frame_says_its_last_text(svg: str) -> None:
    assert frames(svg) == FOUND


def test_words_of_hidden_frames_are_asked_of_the_glossary_too(svg: str) -> None:
    assert set(words(svg)) == {"loss", "converge", "diverge"}


def test_drawing_leaves_the_figure_as_the_cell_made_it(outputs: Outputs) -> None:
    (text, *_) = outputs.cells["still"]
    assert text["text"].startswith(f"{[False, False, True, True, False, False]}")
    assert "hidden" not in text["text"]


def test_a_notebook_has_the_first_frame_and_all_that_this_refers_to(svg: str) -> None:
    drawing = notebook_figure(svg, "p", "", {})
    said = [e.text for e in ET.fromstring(drawing).iter(f"{SVG}text")]
    assert "loss = 0.1" in said and "converge" in said
    assert "loss = -0.5" not in said and "diverge" not in said
    used = re.findall(r'(?:url\(#|href="#)([^)"]+)', drawing)
    assert used
    assert set(used) <= set(re.findall(r'\bid="([^"]+)"', drawing))


def test_the_slider_has_a_name_and_says_value_and_outcome_in_the_pages_language() -> None:
    page = BeautifulSoup(slider(FOUND, "learning rate", "fig-a", TERMS), "html5lib")
    control = page.select_one("input[type=range]")
    assert page.select_one(f"label[for={control['id']}]").get_text() == "学习率"
    assert (control["max"], control["value"], control["aria-valuetext"]) == ("2", "1", "0.1")
    assert page.select_one(f"output[for={control['id']}]").get_text() == "0.1: 收敛"
    options = page.select(f"datalist#{control['list']} > option")
    assert [(o["value"], o["label"], o.get_text()) for o in options] == [
        ("0", "-0.5", "−0.5: 收敛"),
        ("1", "0.1", "0.1: 收敛"),
        ("2", "2", "2: 发散"),
    ]


def test_without_a_script_there_is_no_dead_slider() -> None:
    page = BeautifulSoup(slider(FOUND, "h", "fig-a", {}), "html5lib")
    assert page.select_one(".cell-slider").has_attr("hidden")
    assert slider((), "h", "fig-a", {}) == ""


def test_values_are_escaped() -> None:
    html = slider((Frame('a"<b>', "", True), Frame("c", "", False)), "<i>", "p", {})
    page = BeautifulSoup(html, "html5lib")
    assert not page.select("b, i")
    assert page.select_one("output").get_text() == 'a"<b>'


def test_a_fence_puts_the_slider_below_the_output(make_project: Callable[..., Project]) -> None:
    project = make_project({"snippets/m.py": MODULE})
    markdown = Markdown(
        extensions=["livenotes.cells"],
        extension_configs={"livenotes.cells": {"root": str(project.root)}},
    )
    text = """
        ```python cell="m:plot" alt="a" slider="learning rate" caption="c"
        ```
        ```python cell="m:still" alt="a" slider="learning rate"
        ```
        """
    moved, still = BeautifulSoup(markdown.convert(dedent(text)), "html5lib").select(".cell")
    kinds = [child.get("class") for child in moved.find_all("div", recursive=False)]
    assert kinds[-3:] == [["cell-output"], ["cell-slider"], ["cell-caption"]]
    assert [child.name for child in moved.select_one(".cell-output").children] == ["svg"]
    assert not still.select(".cell-slider")


@pytest.mark.parametrize(
    ("options", "found", "message", "hint"),
    [
        ('slider="learning rate"', (), "no figure of several frames", 'gid="frame:VALUE"'),
        ('slider="learning rate"', FOUND[1:2], "no figure of several frames", "visible=False"),
        ('slider="h" show="source"', FOUND, "no figure of several frames", "remove slider"),
        ("", FOUND, "no slider moves the frames of its figure: -0.5, 0.1, 2", 'slider="'),
        ('slider="h"', FOUND[::2], "shows 0 frames at first", "visible=False"),
        ('slider="h"', (*FOUND, Frame("3", "", True)), "2 frames at first: 0.1, 3", "all frames"),
        ('slider=" "', FOUND, "no name", 'slider="learning rate"'),
        ('slider="pace"', FOUND, 'slider="pace" is not a term', "Add the term"),
    ],
)
def test_a_wrong_slider_is_told_with_its_line_and_the_right_form(
    options: str, found: tuple[Frame, ...], message: str, hint: str
) -> None:
    page = document(f'Text.\n\n```python cell="m:plot" {options}\n```\n', "docs/en/m.md")
    (problem,) = check_sliders(page, {"m:plot": found}, {"learning rate"})
    assert (problem.path, problem.line, problem.cell) == ("docs/en/m.md", 3, "m:plot")
    assert message in problem.message
    assert hint in problem.hint


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ('slider="Learning rate"', FOUND),
        ('slider="h"', FOUND),
        ("", ()),
        ('show="source"', FOUND),
    ],
)
def test_a_right_slider_is_fine(options: str, found: tuple[Frame, ...]) -> None:
    page = document(f'```python cell="m:plot" {options}\n```\n', "docs/en/m.md")
    assert check_sliders(page, {"m:plot": found}, {"learning rate"}) == []
    assert check_sliders(page, {}, {"learning rate"}) == []  # a cell that did not run
