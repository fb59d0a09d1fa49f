"""A run's SVG becomes part of a page: theme's colours, page's words, ids of its own."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from livenotes.core.project import Project
from livenotes.execution.outputs import Outputs, figures
from livenotes.execution.runs import Runs
from livenotes.rendering.figures import (
    mixed,
    notebook_figure,
    page_figure,
    translate,
    unknown,
    words,
)

FORMULAS = (
    r"$\bar x$", r"$\nabla f$", r"$\mathbb{E}$", r"$\vec v + \dot q$", r"$\mathscr{L}$",
    r"$\overline{ab}$", r"$\left(\frac{a}{b}\right)$", r"$\sin x$", r"loss $L$",
    r"$\text{steps} < \mathrm{ReLU}(x)$",
)  # fmt: skip
PLOT = r"""
# %% plot
import matplotlib.pyplot as plt

figure, axes = plt.subplots(layout="constrained")
axes.plot([1, 3, 2], label="learning rate")
axes.scatter([1, 2], [2, 2], color="C1")
axes.set_xlabel("loss = 0.5")
axes.set_ylabel("Gradient")
axes.set_title(r"$x^2 \mathcal{L}(\mathcal{N})$")
axes.text(1, 1, "mystery")
for number, formula in enumerate(FORMULAS):
    axes.text(1, number, formula)
axes.legend()
plt.show()
""".replace("FORMULAS", repr(FORMULAS))
SVG = "{http://www.w3.org/2000/svg}"
TERMS = {"learning rate": "学习率", "loss": "损失", "gradient": "梯度"}


@pytest.fixture(scope="module")
def svg(tmp_path_factory: pytest.TempPathFactory) -> str:
    root = tmp_path_factory.mktemp("plot")
    (root / "mkdocs.yml").touch()
    (root / "snippets").mkdir()
    (root / "snippets/m.py").write_text(PLOT.lstrip(), "utf-8")
    outcome = Runs(Project(root)).outcome("m")
    assert isinstance(outcome, Outputs)
    (figure,) = figures(outcome.cells["plot"])
    return figure


def test_every_colour_follows_the_theme(svg: str) -> None:
    page = page_figure(svg, "fig-a", "alt", {})
    assert not re.search(r"#[0-9a-fA-F]{6}", page)
    assert "currentColor" in page
    assert "var(--fig-1)" in page
    assert "var(--fig-2)" in page


def test_the_figure_has_its_alt_text_and_no_fixed_size(svg: str) -> None:
    root = ET.fromstring(page_figure(svg, "fig-a", 'a <line> & "more"', {}))
    assert root.get("role") == "img"
    assert root.get("aria-label") == 'a <line> & "more"'
    assert root.get("height") is None


def test_two_figures_share_no_id(svg: str) -> None:
    one, two = page_figure(svg, "fig-a", "", {}), page_figure(svg, "fig-b", "", {})
    ids = [set(re.findall(r'\bid="([^"]+)"', page)) for page in (one, two)]
    assert ids[0]
    assert not ids[0] & ids[1]


def test_every_reference_leads_to_an_id(svg: str) -> None:
    page = page_figure(svg, "fig-a", "", {})
    used = set(re.findall(r'(?:url\(#|href="#)([^)"]+)', page))
    assert used == set(re.findall(r'\bid="([^"]+)"', page)) != set()


def test_nothing_applies_outside_of_the_figure(svg: str) -> None:
    page = page_figure(svg, "fig-a", "", {})
    assert "<style" not in page
    assert "<?xml" not in page
    assert "font-family" not in page
    assert "<metadata" not in page


def test_words_are_in_the_pages_language_and_stay_text(svg: str) -> None:
    page = page_figure(svg, "fig-a", "", TERMS)
    for text in (">学习率<", ">损失 = 0.5<", ">梯度<", ">mystery<"):
        assert text in page
    assert "learning rate" not in page


def test_places_are_given_to_a_hundredth_of_a_point(svg: str) -> None:
    page = page_figure(svg, "fig-a", "", {})
    long = re.findall(r'\s(?:d|x|y)="[^"]*?(\d+\.\d{3,})', page)
    assert long == []
    assert re.search(r' x="\d+\.\d', page)


def test_the_same_figure_gives_the_same_bytes(svg: str) -> None:
    assert page_figure(svg, "fig-a", "", TERMS) == page_figure(svg, "fig-a", "", TERMS)


def test_only_words_are_asked_of_the_glossary(svg: str) -> None:
    assert sorted(words(svg)) == [
        "Gradient", "ReLU", "learning rate", "loss", "mystery", "steps",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Learning Rate", "学习率"),
        ("loss = 0.5", "损失 = 0.5"),
        ("loss: w1", "损失: w1"),
        ("gradient descent", "gradient descent"),
        ("loss 0.1", "损失 0.1"),
        ("2 losses, learning rate 0.1", "2 losses, 学习率 0.1"),
        ("epoch 10: loss", "epoch 10: loss"),
        ("gradient(x)", "gradient(x)"),
        ("net.loss_1", "net.loss_1"),
        ("0.5", "0.5"),
        ("a = b = c", "a = b = c"),
    ],
)
def test_terms_are_translated_whole_or_not_at_all(text: str, expected: str) -> None:
    assert translate(text, TERMS) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("class 0", ["class"]),
        ("epoch 10, loss 0.3", ["epoch"]),
        ("2 layers (hidden)", ["layers", "hidden"]),
        ("top-5 accuracy", ["top", "accuracy"]),
        ("错误 0", ["错误"]),
        ("learning rate 0.1", []),
        ("MNIST 2", []),
        ("x_1", []),
        ("relu(x)", []),
        ("net.weight", []),
        ("∂loss/∂w", []),
        ("10.5 %", []),
        ("L 2", []),
        ("θ = φ", []),
    ],
)
def test_words_beside_numbers_are_asked_of_the_glossary_too(text: str, expected: list[str]) -> None:
    assert unknown(text, set(TERMS)) == expected


def test_a_term_with_a_number_in_it_is_known_as_a_whole() -> None:
    assert unknown("Top-5 accuracy", {"top-5 accuracy"}) == []
    assert translate("top-5 accuracy", {"top-5 accuracy": "前五"}) == "前五"


def test_formulas_look_the_same_whatever_fonts_a_browser_has(svg: str) -> None:
    """Their signs are paths: a letter, an accent, a private character of a font that few have."""
    for figure in (page_figure(svg, "fig-a", "", {}), notebook_figure(svg, "fig-a", "", {})):
        root = ET.fromstring(figure)
        texts = "".join(element.text or "" for element in root.iter(f"{SVG}text"))
        assert not re.search("[\ue000-\uf8ff\u0300-\u036f∇ℒ𝔼()]|sin|ReLU", texts)
        assert not list(root.iter(f"{SVG}tspan"))
        assert len(list(root.iter(f"{SVG}use"))) > 40  # signs
        assert "<!--" not in figure


def test_words_in_formulas_are_asked_of_the_glossary_and_beside_them_are_told(svg: str) -> None:
    assert {"steps", "ReLU"} < set(words(svg))
    assert mixed(svg) == ("loss $L$",)
