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
from torch import nn

from livenotes.core.glossary import figure_terms, load_glossary
from livenotes.core.percent import read_module
from livenotes.rendering.figures import page_figure, words

GLOSSARY = Path(__file__).parents[2] / "docs" / "glossary.yml"


# A rule found in data, and why layers are stacked


def test_the_rule_between_celsius_and_fahrenheit_is_found_in_four_pairs(outputs):
    assert outputs["rule-from-data"].stdout == f"w: {9 / 5:.3f}, b: {32:.3f}, loss: {0:.3f}\n"
    assert f": {100 * 9 / 5 + 32:.3f} " in outputs["new-input"].stdout


def test_loss_is_the_mean_squared_difference_and_least_squares_makes_it_smallest(module, outputs):
    pairs = [(0, 32), (10, 50), (25, 77), (40, 104)]

    def by_formula(w, b):
        return sum((w * x + b - y) ** 2 for x, y in pairs) / len(pairs)

    assert outputs["loss"].stdout == f"double it and add 30: {by_formula(2, 30)}\n"
    for w, b in itertools.product((1.7, 1.8, 2.0), (30.0, 32.0, 33.0)):
        assert module.loss(w, b) == pytest.approx(by_formula(w, b), abs=1e-9)
        assert by_formula(w, b) >= by_formula(module.w, module.b) - 1e-9


def test_no_affine_function_gets_nearer_to_exclusive_or_than_one_half(outputs):
    truth, found, error = (
        [float(n) for n in re.findall(r"\d\.\d+", line)]
        for line in outputs["one-layer"].stdout.splitlines()
    )
    assert truth == [float(x != y) for x, y in itertools.product((0, 1), repeat=2)]
    assert found == [0.5] * 4
    assert error == [0.25]
    best = min(
        sum((a * x + b * y + c - (x != y)) ** 2 for x in (0, 1) for y in (0, 1))
        for a, b, c in itertools.product([n / 10 for n in range(-10, 11)], repeat=3)
    )
    assert best == sum((0.5 - (x != y)) ** 2 for x in (0, 1) for y in (0, 1)) == 1


def test_two_layers_without_a_bend_are_one_affine_map_whatever_their_numbers(module, outputs):
    assert outputs["no-bend"].stdout == "two layers, no bend: [2.0, 1.0, 1.0, 0.0]\n"
    generator = torch.Generator().manual_seed(0)
    for _ in range(20):
        stack = nn.Sequential(nn.Linear(2, 5), nn.Linear(5, 3), nn.Linear(3, 1))
        for parameter in stack.parameters():
            parameter.data = torch.randn(parameter.shape, generator=generator)
        # On a plane opposite corners of the square have equal sums; exclusive or has 0 and 2.
        a, b, c, d = stack(module.corners).flatten().tolist()
        assert a + d == pytest.approx(b + c, abs=1e-4)


def test_a_bend_lets_gradient_descent_learn_what_no_plane_can(module, outputs):
    assert outputs["learned"].stdout == "Identity: loss 0.250\nReLU: loss 0.000\n"
    source = read_module(Path(module.__file__), "").cell("learned").source
    for seed in (1, 2):
        names = {name: getattr(module, name) for name in ("torch", "nn", "corners", "either")}
        exec(source.replace("seed(0)", f"seed({seed})"), names)
        assert names["error"] < 0.05  # the last one, with the bend


def test_an_absolute_value_needs_one_unit_only(outputs):
    assert outputs["one-unit"].stdout.endswith(": [0.0, 1.0, 1.0, 0.0]\n")
    for x, y in itertools.product((0, 1), repeat=2):
        assert -abs(x + y - 1) + 1 == (x != y)


def test_the_picture_shows_what_its_text_says(module):
    plane, tent, dots = module.bend_axes.lines
    assert (plane.get_linestyle(), tent.get_linestyle()) == ("--", "-")
    assert dots.get_xydata().tolist() == [[0, 0], [1, 1], [1, 1], [2, 0]]
    assert plane.get_ydata() == pytest.approx([0.5] * 41, abs=1e-5)
    for x, y in tent.get_xydata():
        assert y == pytest.approx(min(x, 2 - x), abs=1e-5)


def test_two_layers_compute_exclusive_or(module, outputs):
    assert outputs["two-layers"].stdout.endswith(": [0.0, 1.0, 1.0, 0.0]\n")
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


def test_ellipse_lies_where_deep_learning_meets_vision_and_its_lower_end_in_language(module):
    (ellipse,) = (patch for patch in module.map_axes.patches if isinstance(patch, Ellipse))
    nlp, cv, deep = module.ai_map_areas()
    x, y = ellipse.center
    half_width, half_height = ellipse.width / 2, ellipse.height / 2
    ends = ((x - half_width, x + half_width), (y - half_height, y + half_height))
    for area in (cv, deep):
        for (low, high), (start, stop) in zip(area[1:], ends, strict=True):
            assert low < start < stop < high
    assert nlp.methods[0] < ends[0][0] < ends[0][1] < nlp.methods[1]
    assert nlp.problems[0] < ends[1][0] < nlp.problems[1] < y
    assert ellipse.get_linestyle() in (":", "dotted")


def test_axes_of_the_map_name_their_categories_in_order(module):
    ticks = {tick.get_text(): tick.get_position()[0] for tick in module.map_axes.get_xticklabels()}
    assert ticks == {"symbolic AI": 0.5, "probabilistic model": 1.5, "machine learning": 2.5}
    rows = {text.get_text(): text.get_position()[1] for text in module.map_axes.texts}
    for k, name in enumerate(("perception", "reasoning", "knowledge", "planning")):
        assert k < rows[name] < k + 1


@pytest.mark.parametrize("figure", ["figure-ai-map", "figure-bend", "figure-fusion"])
def test_figures_are_all_chinese_on_chinese_pages(outputs, figure):
    (svg,) = outputs[figure].figures
    named = {word.lower() for word in words(svg)}
    terms = figure_terms(load_glossary(GLOSSARY, "docs/glossary.yml"), "zh")
    assert named
    assert named <= terms.keys()
    shown = re.findall(r">([^<>]+)</", page_figure(svg, "p", "", terms))
    assert {terms[word] for word in named} <= set(shown)
    assert not [text for text in shown if re.search("[A-Za-z]{3}", text)]


@pytest.mark.parametrize("figure", ["map_figure", "bend_figure", "fusion_figure"])
def test_figures_are_drawn_without_a_warning_of_missing_glyphs(module, figure):
    file = io.BytesIO()
    getattr(module, figure).savefig(file, format="png")  # warnings are errors here
    assert file.tell()


def test_deep_learning_meets_language_at_perception_and_vision_up_to_reasoning(outputs):
    assert outputs["overlap"].stdout.splitlines() == [
        "NLP: methods ['machine learning'], problems ['perception']",
        "CV: methods ['machine learning'], problems ['perception', 'reasoning']",
    ]


# Working versus explainable


def percent(text):
    return [float(n) / 100 for n in re.findall(r"(\d+)%", text)]


def test_a_linear_model_with_more_features_than_examples_fits_coin_tosses(module, outputs):
    assert percent(outputs["by-heart"].stdout) == [1, pytest.approx(0.5, abs=0.04)]
    assert len(module.seen) < module.seen.shape[1]
    for seed in range(5):
        torch.manual_seed(seed)
        seen, tosses = module.noise(40)
        weights = torch.linalg.pinv(seen) @ tosses
        assert module.accuracy(seen, tosses, weights) == "100%"
        deviation = math.sqrt(0.25 / 2000)
        (fresh,) = percent(module.accuracy(*module.noise(2000), weights))
        assert abs(fresh - 0.5) < 4 * deviation + 0.005


def test_the_best_of_many_guessers_only_looks_better(outputs):
    for line in outputs["best-of-hundred"].stdout.splitlines():
        mean, best = percent(line)
        assert abs(mean - 0.5) <= 0.02
        # The chance that none of 100 fair coins reaches 58 of 100 is below one in 100.
        tail = sum(math.comb(100, k) for k in range(58, 101)) / 2**100
        assert (1 - tail) ** 100 < 0.01
        assert best >= 0.58


def test_contributions_and_bias_make_up_the_price(outputs):
    price, parts, slopes = (
        line.split(": ")[1] for line in outputs["linear-explained"].stdout.splitlines()
    )
    explicit = [0.5 * 90, 12 * 3, -3 * 10]
    assert [float(n) for n in parts.strip("[]").split(",")] == explicit
    assert float(price) == sum(explicit) + 20
    assert slopes == "[0.5, 12.0, -3.0]"


def test_gradient_of_a_linear_model_is_its_weights_for_every_input(module):
    torch.manual_seed(0)
    for house in torch.randn(10, 3):
        house.requires_grad_()
        (gradient,) = torch.autograd.grad(module.weights @ house + module.bias, house)
        torch.testing.assert_close(gradient, torch.tensor([0.5, 12.0, -3.0]))


def test_every_parameter_of_the_network_can_be_seen_and_counted(outputs):
    assert outputs["network-explained"].stdout.splitlines()[0] == f"parameters: {2 * 2 + 2 + 2}"


def test_in_the_network_one_feature_pushes_up_in_one_place_and_down_in_another(module, outputs):
    for line in outputs["network-explained"].stdout.splitlines()[1:]:
        numbers = [float(n) for n in re.findall(r"-?\d\.\d", line)]
        place, shown = numbers[:2], numbers[2:]
        for k, slope in enumerate(shown):
            low, high = (list(place) for _ in range(2))
            low[k], high[k] = place[k] - 0.01, place[k] + 0.01
            ends = [max(0, sum(p)) - 2 * max(0, sum(p) - 1) for p in (low, high)]
            assert slope == pytest.approx((ends[1] - ends[0]) / 0.02)
    assert outputs["network-explained"].stdout.splitlines()[1:] == [
        "at [0.2, 0.3] gradient [1.0, 1.0]",
        "at [0.8, 0.7] gradient [-1.0, -1.0]",
    ]


def test_of_the_printed_pictures_one_outline_and_one_background_are_wrong(outputs):
    _, *rows = outputs["pictures"].stdout.splitlines()
    labels, outline, background = zip(*[map(int, row.split()) for row in rows], strict=True)
    assert [k for k in range(6) if outline[k] != labels[k]] == [2]  # the third
    assert [k for k in range(6) if background[k] != labels[k]] == [4]  # the fifth


def test_clues_are_right_as_often_as_the_page_says(module):
    torch.manual_seed(1)
    clues, labels = module.pictures(100_000, background=0.95)
    right = (clues == labels[:, None]).double().mean(dim=0).tolist()
    assert right == pytest.approx([0.80, 0.95], abs=0.005)


def test_the_model_listens_to_the_background_alone(module, outputs):
    outline, background = module.learned.tolist()
    assert background > outline > 0
    predicted = (module.clues @ module.learned).sign()
    assert torch.equal(predicted, module.clues[:, 1])
    right = (module.clues[:, 1] == module.labels).sum().item()
    assert outputs["shortcut"].stdout.startswith(f"training data: {right / 2000:.0%}\n")


def test_a_model_that_works_on_new_data_is_no_better_than_chance_elsewhere(module, outputs):
    shown = percent(outputs["shortcut"].stdout) + percent(outputs["shortcut-elsewhere"].stdout)
    runs = [shown]
    for seed in range(1, 4):
        torch.manual_seed(seed)
        clues, labels = module.pictures(2000, 0.95)
        learned = torch.linalg.pinv(clues) @ labels
        new, other = module.pictures(2000, 0.95), module.pictures(2000, 0.5)
        tests = ((clues, labels), new, other)
        found = [percent(module.accuracy(*test, learned))[0] for test in tests]
        runs.append([*found, percent(module.accuracy(*other, torch.tensor([1.0, 0]).double()))[0]])
    for run in runs:  # four deviations, and rounding
        for rate, chance in zip(run, (0.95, 0.95, 0.5, 0.8), strict=True):
            assert abs(rate - chance) < 4 * math.sqrt(chance * (1 - chance) / 2000) + 0.005


# Questions


def test_layers_of_the_framework_compute_the_written_formula(module, outputs):
    assert outputs["same-formula"].stdout == "same outputs: True\n"
    for x, y in torch.rand(20, 2).tolist():
        by_formula = max(0, x + y) - 2 * max(0, x + y - 1)
        found = module.framework(torch.tensor([[x, y]])).item()
        assert found == pytest.approx(by_formula, abs=1e-6)


def test_two_systems_with_one_mean_differ_in_the_worst_case(outputs):
    first, second = (
        [float(n) for n in re.findall(r"\d\.\d+", line)]
        for line in outputs["mean-and-worst"].stdout.splitlines()
    )
    assert first == [pytest.approx(0.9 * 0.010 + 0.1 * 0.010), 0.010]
    assert second == [pytest.approx(0.9 * 0.005 + 0.1 * 0.055), 0.055]
    assert first[0] == second[0]


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
    lines = [re.findall(r"\d\.\d+", line) for line in outputs["shared-cause"].stdout.splitlines()]
    for c, error in ((float(c), float(error)) for c, error in lines):
        assert error == pytest.approx(c * p + (1 - c) * (3 * p**2 * (1 - p) + p**3), abs=1e-4)
    errors = [float(error) for _, error in lines]
    assert errors == sorted(errors)
    assert 0 < errors[0] < p / 3  # independent: much lower, but not zero
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


@pytest.mark.parametrize("name", ["contributions", "worst-group"])
def test_stub_fails_the_check_and_the_solution_passes_it(run, name):
    with pytest.raises(NotImplementedError):
        run(["setup", name, f"{name}-check"])
    run(["setup", f"{name}-solution", f"{name}-check"])


MISTAKES = {
    "contributions": ("contributions", lambda weights, example, usual: weights * example),
    "contributions with the sign": ("contributions", lambda w, x, usual: w * (usual - x)),
    "worst-group": ("worst_group_error", lambda mistaken, group: mistaken.double().mean().item()),
    "worst-group of all mistakes": (
        "worst_group_error",
        lambda mistaken, group: max(
            (mistaken & (group == g)).sum().item() / mistaken.sum().item() for g in group.unique()
        ),
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_check_catches_a_likely_mistake(run, mistake):
    name, wrong = MISTAKES[mistake]
    with pytest.raises(AssertionError):
        run(["setup", f"{mistake.split()[0]}-check"], **{name: wrong})
