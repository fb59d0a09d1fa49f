"""What the introduction claims; the oracles are closed forms, enumerations and plain arithmetic."""

from __future__ import annotations

import io
import itertools
import math
import re
from pathlib import Path

import pytest
import torch
from matplotlib.colors import to_rgba
from matplotlib.patches import Ellipse, Rectangle

from livenotes.core.glossary import figure_terms, load_glossary
from livenotes.core.percent import read_module
from livenotes.rendering.figures import page_figure, words

GLOSSARY = Path(__file__).parents[2] / "docs" / "glossary.yml"


# A rule found in data, and why layers are stacked


def test_the_rule_between_celsius_and_fahrenheit_is_found_in_four_pairs(outputs):
    assert outputs["rule-from-data"].stdout == f"{9 / 5} {32.0}\n"
    assert outputs["new-input"].stdout == f"{100 * 9 / 5 + 32}\n"


def test_no_affine_function_gets_nearer_to_exclusive_or_than_one_half(outputs):
    found = [float(n) for n in re.findall(r"\d\.\d+", outputs["one-layer"].stdout)]
    assert found == [0.5] * 4
    best = min(
        sum((a * x + b * y + c - (x != y)) ** 2 for x in (0, 1) for y in (0, 1))
        for a, b, c in itertools.product([n / 10 for n in range(-10, 11)], repeat=3)
    )
    assert best == sum((0.5 - (x != y)) ** 2 for x in (0, 1) for y in (0, 1)) == 1


def test_two_layers_compute_exclusive_or(module, outputs):
    assert outputs["two-layers"].stdout == "tensor([0., 1., 1., 0.])\n"
    for x, y in itertools.product((0.0, 1.0), repeat=2):
        by_formula = max(0, x + y) - 2 * max(0, x + y - 1)
        assert by_formula == (x != y)
        assert module.network(torch.tensor([x, y])).item() == by_formula


# The AI map


def test_every_interval_of_the_map_lies_within_its_axis(module):
    for area in module.ai_map_areas():
        for (low, high), axis in zip(area[1:], (module.METHODS, module.PROBLEMS), strict=True):
            assert 0 <= low < high <= len(axis)


def test_map_places_the_three_fields_as_the_page_says(module):
    nlp, cv, deep = module.ai_map_areas()
    assert module.covered(nlp.methods, module.METHODS) == list(module.METHODS)
    assert module.covered(nlp.problems, module.PROBLEMS) == ["perception"]
    assert module.covered(cv.methods, module.METHODS) == list(module.METHODS[1:])
    assert module.covered(cv.problems, module.PROBLEMS) == ["perception", "reasoning"]
    assert module.covered(deep.methods, module.METHODS) == ["machine learning"]
    assert module.covered(deep.problems, module.PROBLEMS) == list(module.PROBLEMS)


def test_a_border_alone_covers_nothing(module):
    assert module.covered((1.0, 2.0), ("a", "b", "c")) == ["b"]
    assert module.covered((0.9, 2.1), ("a", "b", "c")) == ["a", "b", "c"]


def test_drawn_boxes_are_the_table(module):
    boxes = [patch for patch in module.map_axes.patches if isinstance(patch, Rectangle)]
    drawn = [
        (*p.get_xy(), p.get_xy()[0] + p.get_width(), p.get_xy()[1] + p.get_height()) for p in boxes
    ]
    table = [
        (area.methods[0], area.problems[0], area.methods[1], area.problems[1])
        for area in module.ai_map_areas()
    ]
    assert len(drawn) == len(table) == 3
    for box, row in zip(drawn, table, strict=True):
        assert box == pytest.approx(row)
    assert len({p.get_linestyle() for p in boxes}) == 3
    assert module.map_axes.get_xlim() == (0, len(module.METHODS))
    assert module.map_axes.get_ylim() == (0, len(module.PROBLEMS))


def test_each_name_stands_in_its_own_box_alone(module):
    areas = module.ai_map_areas()
    place = {text.get_text(): text.get_position() for text in module.map_axes.texts}

    def inside(area, point):
        return all(low < x < high for x, (low, high) in zip(point, area[1:], strict=True))

    for area in areas:
        assert [a.name for a in areas if inside(a, place[area.name])] == [area.name]


def test_ellipse_marks_where_deep_learning_meets_vision_and_language(module):
    (ellipse,) = (patch for patch in module.map_axes.patches if isinstance(patch, Ellipse))
    nlp, cv, deep = module.ai_map_areas()
    x, y = ellipse.center
    for area in (cv, deep):
        assert area.methods[0] < x < area.methods[1]
        assert area.problems[0] < y < area.problems[1]
    half_width, half_height = ellipse.width / 2, ellipse.height / 2
    assert max(cv.methods[0], deep.methods[0]) < x - half_width
    assert x + half_width < min(cv.methods[1], deep.methods[1])
    assert y - half_height < nlp.problems[1]
    assert y + half_height > 1  # into reasoning


def test_axes_of_the_map_name_their_categories_in_order(module):
    ticks = {tick.get_text(): tick.get_position()[0] for tick in module.map_axes.get_xticklabels()}
    assert ticks == {"symbolic AI": 0.5, "probabilistic model": 1.5, "machine learning": 2.5}
    rows = {text.get_text(): text.get_position()[1] for text in module.map_axes.texts}
    for k, name in enumerate(("perception", "reasoning", "knowledge", "planning")):
        assert k < rows[name] < k + 1


@pytest.mark.parametrize("figure", ["figure-ai-map", "figure-fusion"])
def test_figures_are_all_chinese_on_chinese_pages(outputs, figure):
    (svg,) = outputs[figure].figures
    named = {word.lower() for word in words(svg)}
    terms = figure_terms(load_glossary(GLOSSARY, "docs/glossary.yml"), "zh")
    assert named
    assert named <= terms.keys()
    shown = re.findall(r">([^<>]+)</", page_figure(svg, "p", "", terms))
    assert {terms[word] for word in named} <= set(shown)
    assert not [text for text in shown if re.search("[A-Za-z]{3}", text)]


@pytest.mark.parametrize("figure", ["map_figure", "fusion_figure"])
def test_figures_are_drawn_without_a_warning_of_missing_glyphs(module, figure):
    file = io.BytesIO()
    getattr(module, figure).savefig(file, format="png")  # warnings are errors here
    assert file.tell()


def test_deep_learning_meets_language_at_perception_and_vision_up_to_reasoning(outputs):
    assert outputs["overlap"].stdout.splitlines() == [
        "NLP ['machine learning'] ['perception']",
        "CV ['machine learning'] ['perception', 'reasoning']",
    ]


# Applications and roles


def test_best_ad_has_neither_the_highest_click_rate_nor_the_highest_bid(module, outputs):
    rates, bids = module.click_rates.tolist(), module.bids.tolist()
    income = [rate * bid for rate, bid in zip(rates, bids, strict=True)]
    best = max(range(3), key=income.__getitem__)
    assert best == 2
    assert rates[best] < max(rates)
    assert bids[best] < max(bids)
    ranked = sorted(range(3), key=lambda ad: -income[ad])
    assert outputs["ad-ranking"].stdout.splitlines()[1] == f"tensor({ranked})"


# Works, and is explainable


def test_contributions_and_bias_make_up_the_price(outputs):
    price, parts, slopes = outputs["linear-explained"].stdout.splitlines()
    explicit = [0.5 * 90, 12 * 3, -3 * 10]
    assert [float(n) for n in parts.strip("[]").split(",")] == explicit
    assert float(price) == sum(explicit) + 20
    assert slopes == "[0.5, 12.0, -3.0]"


def test_gradient_of_a_linear_model_is_its_weights_for_every_input(module):
    torch.manual_seed(0)
    for house in torch.randn(10, 3):
        house.requires_grad_()
        (gradient,) = torch.autograd.grad(module.weights @ house + module.bias, house)
        assert torch.equal(gradient, torch.tensor([0.5, 12.0, -3.0]))


def test_every_parameter_of_the_network_can_be_seen_and_counted(outputs):
    assert outputs["network-explained"].stdout.splitlines()[0] == str(2 * 2 + 2 + 2)


def test_in_the_network_one_feature_pushes_up_in_one_place_and_down_in_another(module, outputs):
    for line in outputs["network-explained"].stdout.splitlines()[1:]:
        place, shown = ([float(n) for n in part.split(", ")] for part in line[1:-1].split("] ["))
        for k, slope in enumerate(shown):
            low, high = (list(place) for _ in range(2))
            low[k], high[k] = place[k] - 0.01, place[k] + 0.01
            ends = [max(0, sum(p)) - 2 * max(0, sum(p) - 1) for p in (low, high)]
            assert slope == pytest.approx((ends[1] - ends[0]) / 0.02)
    assert outputs["network-explained"].stdout.splitlines()[1:] == [
        "[0.2, 0.3] [1.0, 1.0]",
        "[0.8, 0.7] [-1.0, -1.0]",
    ]


def test_printed_pictures_have_one_wrong_outline_and_no_wrong_background(outputs):
    labels, clues = (
        [float(n) for n in re.findall(r"-?1\.0", line)]
        for line in outputs["pictures"].stdout.splitlines()
    )
    outline, background = clues[:6], clues[6:]
    assert [k for k in range(6) if outline[k] != labels[k]] == [4]
    assert background == labels


def test_the_model_listens_to_the_background_alone(module, outputs):
    outline, background = module.learned.tolist()
    assert background > outline > 0
    predicted = (module.pictures @ module.learned).sign()
    assert torch.equal(predicted, module.pictures[:, 1])
    right = (module.pictures[:, 1] == module.labels).sum().item()
    assert outputs["shortcut"].stdout.splitlines()[0] == f"{right / 2000:.0%}" == "95%"


def test_a_model_that_works_is_no_better_than_chance_once_the_background_tells_nothing(outputs):
    learned, outline = (
        float(line.strip("%")) / 100 for line in outputs["shortcut-elsewhere"].stdout.splitlines()
    )
    deviation = math.sqrt(0.25 / 2000)
    assert abs(learned - 0.5) < 3 * deviation
    assert abs(outline - 0.8) < 3 * deviation


# Questions


def test_layers_of_the_framework_compute_the_written_formula(module, outputs):
    assert outputs["same-formula"].stdout == "True\n"
    for x, y in torch.rand(20, 2).tolist():
        by_formula = max(0, x + y) - 2 * max(0, x + y - 1)
        found = module.framework(torch.tensor([[x, y]])).item()
        assert found == pytest.approx(by_formula, abs=1e-6)


def test_two_systems_with_one_mean_differ_in_the_worst_case(outputs):
    first, second = (
        [float(n) for n in line.split()] for line in outputs["mean-and-worst"].stdout.splitlines()
    )
    assert first == [pytest.approx(0.9 * 0.010 + 0.1 * 0.010), 0.010]
    assert second == [pytest.approx(0.9 * 0.005 + 0.1 * 0.055), 0.055]
    assert first[0] == second[0]


def test_majority_of_three_lowers_the_error_but_not_to_zero(module, outputs):
    p = 0.1
    assert outputs["majority"].stdout == f"{3 * p**2 * (1 - p) + p**3:.3f}\n"
    assert 0 < module.error < p


def test_fused_error_is_the_sum_over_all_votes(module):
    p = 0.1
    for models in (1, 3, 5):
        independent = sum(
            math.prod(p if mistaken else 1 - p for mistaken in votes)
            for votes in itertools.product((True, False), repeat=models)
            if sum(votes) > models / 2
        )
        for shared in (0.0, 0.3, 1.0):
            expected = shared * p + (1 - shared) * independent
            assert module.fused_error(models, shared) == pytest.approx(expected)


def test_the_less_independent_the_less_fusion_helps(outputs):
    p = 0.1
    lines = [line.split() for line in outputs["shared-cause"].stdout.splitlines()]
    for c, error in ((float(c), float(error)) for c, error in lines):
        assert error == pytest.approx(c * p + (1 - c) * (3 * p**2 * (1 - p) + p**3), abs=1e-4)
    errors = [float(error) for _, error in lines]
    assert errors == sorted(errors)
    assert errors[-1] == p


def test_simulated_models_that_share_a_cause_err_as_often_as_the_formula_says(module):
    generator = torch.Generator().manual_seed(0)
    mistaken = torch.rand(200_000, 3, generator=generator) < 0.1
    together = torch.rand(200_000, 1, generator=generator) < 0.2
    mistaken = torch.where(together, mistaken[:, :1], mistaken)
    rate = (mistaken.sum(dim=1) >= 2).double().mean().item()
    assert rate == pytest.approx(module.fused_error(3, 0.2), abs=0.002)


def test_fusion_curves_fall_to_their_floor_and_never_below(module):
    shares = [float(text.get_text().strip("$").split("=")[1]) for text in module.fusion_axes.texts]
    assert shares == [1, 0.5, 0.2, 0]
    for share, line in zip(shares, module.fusion_axes.lines, strict=True):
        x, y = line.get_data()
        assert list(x) == [1, 3, 5, 7, 9, 11]
        assert y[0] == pytest.approx(0.1)
        assert all(later <= earlier + 1e-12 for earlier, later in itertools.pairwise(y))
        assert all(value >= share * 0.1 - 1e-12 for value in y)
        assert y[-1] == pytest.approx(share * 0.1, abs=1e-3)


def test_fusion_curves_are_told_apart_without_colour(module):
    lines, texts = module.fusion_axes.lines, module.fusion_axes.texts
    assert len({(line.get_linestyle(), line.get_marker()) for line in lines}) == 4
    for line, text in zip(lines, texts, strict=True):
        assert to_rgba(line.get_color()) == to_rgba(text.get_color())
        assert text.get_position()[1] == line.get_ydata()[-1]


# Exercises: the stubs are empty, and each check catches the likely mistake


def run(module, names, **given):
    """Run these cells, and only these, with these names given."""
    cells = {c.name: c.source for c in read_module(Path(module.__file__), module.__file__).cells}
    exec("\n".join(cells[name] for name in names), given)


@pytest.mark.parametrize("name", ["contributions", "soft-vote", "worst-group"])
def test_stub_fails_the_check_and_the_solution_passes_it(module, name):
    with pytest.raises(NotImplementedError):
        run(module, ["setup", name, f"{name}-check"])
    run(module, ["setup", f"{name}-solution", f"{name}-check"])


MISTAKES = {
    "contributions": ("contributions", lambda weights, example, usual: weights * example),
    "contributions with the sign": ("contributions", lambda w, x, usual: w * (usual - x)),
    "soft-vote": ("soft_vote", lambda p: p.argmax(dim=2).mode(dim=0).values),
    "soft-vote over the models": ("soft_vote", lambda p: p.mean(dim=1).argmax(dim=1)),
    "worst-group": ("worst_group_error", lambda mistaken, group: mistaken.double().mean().item()),
    "worst-group of all mistakes": (
        "worst_group_error",
        lambda mistaken, group: max(
            (mistaken & (group == g)).sum().item() / mistaken.sum().item() for g in group.unique()
        ),
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_check_catches_a_likely_mistake(module, mistake):
    name, wrong = MISTAKES[mistake]
    with pytest.raises(AssertionError):
        run(module, ["setup", f"{mistake.split()[0]}-check"], **{name: wrong})
