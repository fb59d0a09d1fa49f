"""What the linear-regression page claims; the oracles are explicit sums, NumPy and closed forms."""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from matplotlib import pyplot as plt
from matplotlib.colors import same_color
from matplotlib.patches import Circle

DOCS = Path(__file__).resolve().parents[2] / "docs"
TRUTH = [3.0, 0.4, -0.3, 1.0]


def numbers(text):
    return [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?", text)]


def lines(outputs, cell):
    return outputs[cell].stdout.splitlines()


def double(values):
    return torch.tensor(values, dtype=torch.float64)


def loss_by_hand(module, parameters, halved=True):
    """The training loss as a sum over houses, in plain Python; three weights and a bias."""
    *weights, bias = parameters
    total = 0.0
    for house, price in zip(module.X.tolist(), module.y.tolist(), strict=True):
        prediction = sum(w * x for w, x in zip(weights, house, strict=True)) + bias
        total += (price - prediction) ** 2
    return total / len(module.y) / (2 if halved else 1)


def exact_fit(matrix, labels):
    """Least squares by NumPy's singular value decomposition."""
    return np.linalg.lstsq(np.asarray(matrix), np.asarray(labels), rcond=None)[0]


# The model


def test_a_prediction_is_the_weighted_sum_plus_the_bias(outputs, module):
    by_hand = 3.0 * 1.2 + 0.4 * 3.0 - 0.3 * 0.5 + 1.0
    first, second = lines(outputs, "one-house")
    assert float(first) == pytest.approx(by_hand)
    assert second == f"tensor({by_hand:.4f})"
    assert torch.allclose(module.x @ module.w + module.b, torch.tensor(by_hand))


def test_one_matrix_product_values_every_house(outputs):
    assert lines(outputs, "three-houses") == ["torch.Size([3, 3]) torch.Size([3])"]
    houses = [(1.2, 3, 0.5), (0.6, 1, 4), (2, 5, 1)]
    by_hand = [3 * area + 0.4 * rooms - 0.3 * age + 1 for area, rooms, age in houses]
    assert numbers(outputs["three-houses"].result) == pytest.approx(by_hand)


def test_the_model_is_affine_and_misses_linearity_by_one_bias(outputs, module):
    assert lines(outputs, "affine") == [f"tensor({module.b.item():.0f}.)"]
    assert not torch.allclose(module.together, module.apart)


@pytest.mark.parametrize("d", [1, 3, 5])
def test_the_neuron_figure_has_d_inputs_and_every_arrow_ends_at_the_one_output(module, d):
    figure, axes = plt.subplots()
    module.linear_neuron(axes, d)
    circles = [patch for patch in axes.patches if isinstance(patch, Circle)]
    *inputs, constant, output = circles
    assert len(inputs) == d
    assert {circle.center[0] for circle in [*inputs, constant]} == {0.0}
    assert output.center[0] > 1
    assert [circle.get_linestyle() for circle in circles] == ["solid"] * d + ["--", "solid"]
    arrows = [text for text in axes.texts if getattr(text, "arrow_patch", None)]
    assert len(arrows) == d + 1
    for arrow, circle in zip(arrows, [*inputs, constant], strict=True):
        assert arrow.xyann[1] == circle.center[1]
        assert math.dist(arrow.xy, output.center) < output.radius * 1.5
    drawn = [text.get_text() for text in axes.texts]
    assert [f"$w_{j}$" in drawn for j in range(1, d + 2)] == [True] * d + [False]
    assert {"1", "$b$", r"$\hat{y}$", "input", "output"} <= set(drawn)
    plt.close(figure)


def test_a_linear_layer_with_the_same_parameters_agrees_but_keeps_an_axis(outputs, module):
    assert lines(outputs, "linear-layer") == ["[(1, 3), (1,)]", "torch.Size([3, 1])", "True"]
    with torch.no_grad():
        found = module.layer(torch.tensor([[1.2, 3.0, 0.5]]))
    assert found.item() == pytest.approx(5.65)


def test_two_layers_without_activation_are_one_layer_but_not_with_one(outputs, module):
    assert lines(outputs, "stacked-layers") == ["torch.Size([1, 3]) torch.Size([1])", "True"]
    torch.manual_seed(1)
    inputs = torch.randn(50, 3)
    with torch.no_grad():
        one = inputs @ module.one_weight.T + module.one_bias
        assert torch.allclose(module.second(module.first(inputs)), one, atol=1e-5)
        assert not torch.allclose(module.second(module.first(inputs).tanh()), one, atol=1e-2)


# The loss


def test_the_derivative_of_the_halved_square_is_the_error(outputs):
    for line, guess in zip(lines(outputs, "squared-loss"), (4.0, 5.0, 7.0), strict=True):
        assert numbers(line) == [guess, (5 - guess) ** 2 / 2, guess - 5]


def test_mse_loss_has_no_half(outputs):
    pairs = [(4.0, 5.0), (3.5, 3.0), (6.0, 8.0), (2.5, 2.0)]
    halved = sum((p - t) ** 2 / 2 for p, t in pairs) / 4
    gradient = [(p - t) / 4 for p, t in pairs]
    first, second = map(numbers, lines(outputs, "half-or-not"))
    assert first == [halved, *gradient]
    assert second == [2 * value for value in first]


def test_the_loss_curves_are_the_formulas_and_their_slopes(module):
    shapes = module.loss_shapes(double([-2.0, -0.5, 1.0, 3.0]))
    assert [values.tolist() for values in shapes["squared loss"]] == [
        [2.0, 0.125, 0.5, 4.5],
        [-2.0, -0.5, 1.0, 3.0],
    ]
    assert [values.tolist() for values in shapes["absolute loss"]] == [
        [2.0, 0.5, 1.0, 3.0],
        [-1.0, -1.0, 1.0, 1.0],
    ]


def test_the_loss_figure_draws_both_losses_and_both_derivatives(module):
    formulas = [
        {"-": lambda e: e**2 / 2, "--": np.abs},
        {"-": lambda e: e, "--": np.sign},
    ]
    for axes, expected in zip(module.shapes_axes, formulas, strict=True):
        curves = [line for line in axes.lines if len(line.get_xdata()) > 2]
        assert len(curves) == 4
        for curve in curves:
            x, y = curve.get_data()
            assert 0 not in x
            assert np.allclose(y, expected[curve.get_linestyle()](x))
            assert same_color(curve.get_color(), {"-": "C0", "--": "C1"}[curve.get_linestyle()])
    (holes,) = [line for line in module.shapes_axes[1].lines if line.get_marker() == "o"]
    assert holes.get_fillstyle() == "none"
    assert sorted(zip(*map(list, holes.get_data()), strict=True)) == [(0, -1), (0, 1)]


def test_the_best_constant_is_the_mean_for_squares_and_the_median_for_absolute_values(outputs):
    data = [1, 2, 3, 4, 100]
    by_squares = min(range(101), key=lambda c: sum((c - x) ** 2 for x in data))
    by_absolutes = min(range(101), key=lambda c: sum(abs(c - x) for x in data))
    assert (by_squares, by_absolutes) == (22, 3)
    assert lines(outputs, "mean-or-median") == ["tensor(22.) tensor(22.)", "tensor(3.) tensor(3.)"]


# The data


def test_the_same_seed_gives_the_same_houses_and_another_seed_others(module):
    torch.manual_seed(0)
    X, y = module.make_houses(200)
    assert torch.equal(X, module.X)
    assert torch.equal(y, module.y)
    torch.manual_seed(2)
    assert not torch.equal(module.make_houses(200)[0], module.X)


def test_the_prices_follow_the_rule_on_the_page_up_to_the_noise(module):
    torch.manual_seed(3)
    X, y = module.make_houses(20_000)
    area, bedrooms, age = X.T
    noise = y - (3 * area + 0.4 * bedrooms - 0.3 * age + 1)
    assert noise.std().item() == pytest.approx(0.1, rel=0.02)
    assert noise.mean().abs() < 0.003
    assert 0.5 <= area.min() < area.max() <= 2
    assert 0 <= age.min() < age.max() <= 5
    assert torch.equal(bedrooms, bedrooms.round())
    assert 1 <= bedrooms.min() < bedrooms.max() <= 5


def test_shapes_are_examples_by_features_and_examples(outputs):
    assert lines(outputs, "data") == ["torch.Size([200, 3]) torch.Size([200])"]


def test_the_table_shows_the_first_six_houses(outputs, module):
    header, *rows = lines(outputs, "table")
    assert header.split() == ["area", "bedrooms", "age", "price"]
    assert len(rows) == 6
    for row, house, price in zip(rows, module.X.tolist(), module.y.tolist(), strict=False):
        assert numbers(row) == pytest.approx([*house, price], abs=0.005)


# The training loss and its gradient


def test_the_training_loss_is_the_mean_of_the_halved_squares(outputs, module):
    mean_price = sum(module.y.tolist()) / 200
    choices = [(0, 0, 0, 0), (0, 0, 0, mean_price), TRUTH]
    expected = [loss_by_hand(module, choice) for choice in choices]
    assert [float(line) for line in lines(outputs, "training-loss")] == pytest.approx(
        expected, abs=6e-5
    )
    assert expected[2] == pytest.approx(0.1**2 / 2, rel=0.2), "the floor is half the noise squared"


def test_a_column_of_ones_absorbs_the_bias(outputs, module):
    assert module.A[:, 3].tolist() == [1.0] * 200
    assert torch.equal(module.A[:, :3], module.X)
    assert lines(outputs, "ones-column") == ["torch.Size([200, 4]) [3.0, 0.4, -0.3, 1.0]", "True"]


def test_the_gradient_formula_agrees_with_differences_and_only_with_its_minus_sign(outputs, module):
    at, h = [0.5, -1.0, 2.0, 0.3], 1e-5
    differences = []
    for j in range(4):
        up, down = list(at), list(at)
        up[j] += h
        down[j] -= h
        differences.append((loss_by_hand(module, up) - loss_by_hand(module, down)) / (2 * h))
    without_minus = (module.y - module.A @ double(at)) @ module.A / 200
    assert (-without_minus).tolist() == pytest.approx(differences, rel=1e-6)
    assert without_minus.tolist() != pytest.approx(differences, rel=0.5)
    values, agrees = lines(outputs, "gradient")
    assert numbers(values) == pytest.approx(module.v.grad.tolist(), abs=6e-4)
    assert agrees == "True"


def test_dropping_the_minus_sign_walks_uphill(outputs):
    (start,), (downhill, uphill) = map(numbers, lines(outputs, "minus-sign"))
    assert downhill < start < uphill


def test_the_hessian_is_constant_and_positive_definite(outputs, module):
    assert lines(outputs, "hessian") == ["True", "True"]
    A = module.A.numpy()
    assert np.allclose(module.H.numpy(), sum(np.outer(row, row) for row in A) / 200)
    assert np.linalg.eigvalsh(module.H.numpy()).min() > 0.01


# The closed form


def test_the_closed_form_is_the_least_squares_solution(outputs, module):
    expected = exact_fit(module.A, module.y)
    assert np.allclose(module.best.numpy(), expected, atol=1e-10)
    found, truth, losses = lines(outputs, "closed-form")
    assert numbers(found) == pytest.approx(expected, abs=6e-4)
    assert numbers(truth) == TRUTH
    of_found, of_truth = numbers(losses)
    assert of_found < of_truth, "nothing lies below the minimum, the truth included"
    assert of_found == pytest.approx(loss_by_hand(module, expected), abs=6e-6)


def test_the_gradient_vanishes_at_the_closed_form(module):
    gradient = -(module.y - module.A @ module.best) @ module.A / 200
    assert gradient.abs().max() < 1e-12
    at_best = module.best.clone().requires_grad_()
    module.loss_of(at_best).backward()
    assert at_best.grad.abs().max() < 1e-12


def test_the_loss_is_its_minimum_plus_half_the_mean_square_of_the_deviation(module):
    torch.manual_seed(1)
    for _ in range(20):
        v = 3 * torch.randn(4, dtype=torch.float64)
        added = (module.A @ (v - module.best)).square().sum() / 400
        assert added > 0
        expected = loss_by_hand(module, module.best.tolist()) + added.item()
        assert loss_by_hand(module, v.tolist()) == pytest.approx(expected)


def test_inverse_and_lstsq_give_the_same_answer_with_full_column_rank(outputs):
    assert lines(outputs, "other-solvers") == ["True True"]


def test_the_normal_equations_square_the_condition_number(outputs, module):
    assert lines(outputs, "condition") == ["True"]
    values = np.linalg.svd(module.A.numpy(), compute_uv=False)
    squares = np.linalg.eigvalsh(module.A.numpy().T @ module.A.numpy())
    assert squares[-1] / squares[0] == pytest.approx((values[0] / values[-1]) ** 2)


def test_the_residual_is_perpendicular_to_every_column(outputs, module):
    assert lines(outputs, "residual") == ["True", "True"]
    for column in module.A.T.tolist():
        product = sum(r * a for r, a in zip(module.residual.tolist(), column, strict=True))
        assert abs(product) < 1e-9
    at_truth = module.A.T @ (module.y - module.A @ double(TRUTH))
    assert at_truth.abs().max() > 0.1, "true of the minimum only"


def test_the_error_falls_like_one_over_the_root_of_n(outputs, module):
    rows = [numbers(line) for line in lines(outputs, "more-data")]
    assert [n for n, _ in rows] == [10, 100, 1000, 10000]
    assert [error for _, error in rows] == sorted((error for _, error in rows), reverse=True)
    mean_error = []
    for n in (100, 2500):
        errors = []
        for seed in range(40):
            torch.manual_seed(seed)
            X, y = module.make_houses(n)
            errors.append(np.abs(exact_fit(module.with_ones(X), y) - TRUTH).max())
        mean_error.append(np.mean(errors))
    assert mean_error[0] / mean_error[1] == pytest.approx(math.sqrt(25), rel=0.3)


def test_with_one_feature_the_normal_equations_are_the_regression_line(outputs, module):
    slope, intercept = np.polyfit(module.X[:, 0].numpy(), module.y.numpy(), 1)
    line, losses = map(numbers, lines(outputs, "one-feature"))
    assert line == pytest.approx([slope, intercept], abs=6e-4)
    assert losses[0] > 20 * losses[1]


def test_the_area_takes_credit_for_what_the_left_out_features_do(module):
    area = module.X[:, 0].numpy()
    slopes = [np.polyfit(area, module.X[:, j].numpy(), 1)[0] for j in (1, 2)]
    weights = module.best.tolist()
    explained = weights[0] + weights[1] * slopes[0] + weights[2] * slopes[1]
    assert module.slope.item() == pytest.approx(explained)
    assert weights[1] * slopes[0] > 0.5, "bedrooms are most of it"
    assert module.slope.item() == pytest.approx(3.8, abs=0.05)


def test_the_fit_figure_draws_the_houses_the_line_and_the_residuals(module):
    top, bottom = module.fit_axes
    area, prices = module.X[:, 0].numpy(), module.y.numpy()
    slope, intercept = np.polyfit(area, prices, 1)
    points, line = top.lines
    assert np.array_equal(points.get_data(), [area, prices])
    x, y = line.get_data()
    assert (y[1] - y[0]) / (x[1] - x[0]) == pytest.approx(slope)
    assert list(y) == pytest.approx([slope * end + intercept for end in (area.min(), area.max())])
    fitted = module.A.numpy() @ exact_fit(module.A, module.y)
    points, diagonal = bottom.lines
    assert np.allclose(points.get_data(), [fitted, prices])
    assert np.array_equal(*diagonal.get_data())
    for axes, x, on_line in ((top, area, slope * area + intercept), (bottom, fitted, fitted)):
        (residuals,) = axes.collections
        expected = np.stack([[x, on_line], [x, prices]]).transpose(2, 0, 1)
        assert np.allclose(residuals.get_segments(), expected)
    longest = [np.abs(prices - on).max() for on in (slope * area + intercept, fitted)]
    assert longest[0] == pytest.approx(1.05, abs=0.15), "the alt text says about 1"
    assert longest[1] < 0.4


# Without full column rank


def test_a_repeated_feature_costs_full_column_rank(outputs, module):
    assert lines(outputs, "dependent-column") == ["torch.Size([200, 5]) 4", "True"]
    assert np.linalg.matrix_rank(module.D.numpy()) == 4
    assert torch.allclose(module.D[:, 4], module.X[:, 0] * 100 * 10.764 / 1000)


def test_along_one_direction_the_loss_never_changes(outputs, module):
    assert (module.D @ module.direction).abs().max() < 1e-12
    rows = [line.split("] ") for line in lines(outputs, "many-solutions")]
    assert len({loss for _, loss in rows}) == 1
    assert len({weights for weights, _ in rows}) == 3, "so the solution is not unique"


def test_solve_changes_with_the_order_of_the_rows_and_pinv_does_not(outputs):
    assert lines(outputs, "solve-is-arbitrary") == ["False", "True"]


def test_pinv_gives_the_shortest_solution_and_so_does_gelsd(outputs, module):
    extended, direction = module.extended.numpy(), module.direction.numpy()
    along = extended @ direction / (direction @ direction)
    expected = extended - along * direction  # perpendicular to the direction that changes nothing
    assert np.allclose(module.shortest.numpy(), expected)
    first, short, long, same = lines(outputs, "pinv")
    assert numbers(first)[:5] == pytest.approx(expected, abs=6e-4)
    best_loss = loss_by_hand(module, module.best.tolist())
    assert numbers(first)[5] == pytest.approx(best_loss, abs=6e-6)
    lengths = [math.sqrt(sum(v**2 for v in w)) for w in (expected, module.best.tolist())]
    assert [float(short), float(long)] == pytest.approx(lengths, abs=6e-4)
    assert lengths[0] < lengths[1]
    assert same == "True"


def test_no_cell_leaves_a_rank_deficient_problem_to_the_default_driver(module):
    source = Path(module.__file__).read_text("utf-8")
    assert re.findall(r"lstsq\(D[^)]*\)", source) == ['lstsq(D, y, driver="gelsd")']


def test_three_houses_cannot_fix_four_parameters(outputs):
    assert lines(outputs, "too-few-houses") == ["torch.Size([3, 4]) 3"]


# Deep learning in general has no closed form


def test_the_curvature_is_constant_for_a_line_and_not_for_a_network(outputs, module):
    assert lines(outputs, "no-closed-form") == ["True", "False"]
    area = module.X[:, 0].numpy()
    for p0, hidden in ((0.0, np.tanh(0 * area)), (1.0, np.tanh(area + 1))):
        h = 1e-3
        at = torch.full((4,), p0, dtype=torch.float64)
        step = double([h, 0.0, 0.0, 0.0])
        values = [module.network_loss(at + k * step).item() for k in (-1, 0, 1)]
        second = (values[0] - 2 * values[1] + values[2]) / h**2
        assert second == pytest.approx((hidden**2).mean(), abs=1e-6)


# The shape trap


def test_a_column_minus_a_vector_is_a_square_and_a_wrong_loss(outputs, module):
    shapes, wrong, right = lines(outputs, "shape-trap")
    assert shapes == "torch.Size([200, 1]) torch.Size([200]) torch.Size([200, 200])"
    fitted = (module.A @ module.best).tolist()
    prices = module.y.tolist()
    pairs = sum((p - t) ** 2 for p in fitted for t in prices) / 200**2 / 2
    assert float(wrong) == pytest.approx(pairs, abs=6e-5)
    assert float(right) == pytest.approx(loss_by_hand(module, module.best.tolist()), abs=6e-5)
    assert float(wrong) > 100 * float(right)


def test_the_square_of_differences_splits_into_two_sums(module):
    fitted, prices = (module.A @ (module.best + 0.3)).numpy(), module.y.numpy()
    pairs = ((fitted[:, None] - prices[None, :]) ** 2).mean()
    apart = ((fitted - prices.mean()) ** 2).mean() + ((prices - prices.mean()) ** 2).mean()
    assert pairs == pytest.approx(apart)


def test_the_wrong_loss_is_least_for_one_price_whatever_the_house(outputs, module):
    assert lines(outputs, "trap-learns-the-mean") == ["True", "True"]
    n = 30
    every_pair = np.repeat(module.A[:n].numpy(), n, axis=0)
    learned = exact_fit(every_pair, np.tile(module.y[:n].numpy(), n))
    assert learned == pytest.approx([0, 0, 0, module.y[:n].mean().item()], abs=1e-9)


def test_mse_loss_warns_about_the_shapes(outputs, module):
    with pytest.warns(UserWarning, match="different to the input size") as caught:
        torch.nn.functional.mse_loss(module.column, module.y)
    assert lines(outputs, "mse-loss-warns") == [str(caught[0].message).split(". ")[0]]
    assert str(module.y.shape) in outputs["mse-loss-warns"].stdout


# SGD


def test_raw_features_are_slow_at_one_rate_and_diverge_just_above_it(outputs, module):
    raw, fast = numbers(outputs["raw-features"].stdout), numbers(outputs["raw-faster"].stdout)
    assert raw[-1] > 4 * numbers(outputs["sgd"].stdout)[-1]
    assert fast == sorted(fast)
    assert fast[-1] > 1e6 * fast[0]
    steepest = 2 * np.linalg.eigvalsh(module.A.numpy().T @ module.A.numpy() / 200)[-1]
    assert 0.05 < 2 / steepest < 0.06


def test_standardized_features_make_a_rounder_bowl(outputs, module):
    assert module.Z.mean(dim=0).abs().max() < 1e-12
    assert torch.allclose(module.Z.std(dim=0), torch.ones(3, dtype=torch.float64))
    for line, features in zip(lines(outputs, "standardize"), (module.X, module.Z), strict=True):
        matrix = np.column_stack([features.numpy(), np.ones(200)])
        values = np.linalg.svd(matrix, compute_uv=False) ** 2 / 200
        smallest, largest, ratio = numbers(line)
        assert [smallest, largest] == pytest.approx([values[-1], values[0]], abs=6e-4)
        assert ratio == pytest.approx(values[0] / values[-1], abs=0.6)
    first, second = (numbers(line)[2] for line in lines(outputs, "standardize"))
    assert second < first / 20


def test_sgd_reaches_the_closed_form(outputs, module):
    expected = exact_fit(module.with_ones(module.Z), module.y)
    assert np.abs(module.trained.numpy() - expected).max() < 0.02
    found, closed, close = lines(outputs, "sgd-vs-closed-form")
    assert numbers(found) == pytest.approx(module.trained.tolist(), abs=6e-4)
    assert numbers(closed) == pytest.approx(expected, abs=6e-4)
    assert close == "True"


def test_the_loss_ends_lower_than_after_the_first_epoch_and_not_below_the_closed_form(
    outputs, module
):
    shown = numbers(outputs["sgd"].stdout)
    assert shown == pytest.approx([module.history[i] for i in (0, 4, 9, 19)], abs=6e-5)
    assert shown == sorted(shown, reverse=True)
    final = float(outputs["final-loss"].stdout)
    floor = float(outputs["closed-form-loss"].stdout)
    assert final == shown[-1]
    least = loss_by_hand(module, module.best.tolist(), halved=False)
    assert floor == pytest.approx(least, abs=6e-5)
    assert floor <= final < 1.1 * floor


def test_the_training_figure_draws_both_histories_and_the_floor(module):
    raw, standardized, floor = module.train_axes.lines
    assert module.train_axes.get_yscale() == "log"
    assert list(raw.get_data()[0]) == list(standardized.get_data()[0]) == list(range(1, 21))
    assert list(raw.get_data()[1]) == module.raw_history
    assert list(standardized.get_data()[1]) == module.history
    expected = loss_by_hand(module, exact_fit(module.A, module.y), halved=False)
    assert list(floor.get_ydata()) == pytest.approx([expected] * 2)
    assert min(module.raw_history + module.history) > expected
    styles = [line.get_linestyle() for line in module.train_axes.lines]
    assert len(set(styles)) == 3


def test_the_original_units_give_the_same_predictions(outputs, module):
    back = [*module.w_back.tolist(), module.b_back.item()]
    for house, scaled in zip(module.X[:5].tolist(), module.Z[:5].tolist(), strict=True):
        ours = sum(w * x for w, x in zip(back, [*house, 1.0], strict=True))
        theirs = sum(w * z for w, z in zip(module.trained.tolist(), [*scaled, 1.0], strict=True))
        assert ours == pytest.approx(theirs)
    found, expected = map(numbers, lines(outputs, "original-units"))
    assert found == pytest.approx(back, abs=6e-4)
    assert found == pytest.approx(expected, abs=0.05)


def test_more_epochs_come_closer_and_then_only_jitter(outputs, module):
    rows = [numbers(line) for line in lines(outputs, "keep-walking")]
    assert [epoch for epoch, _ in rows] == [40, 60, 80, 100, 120]
    distances = [distance for _, distance in rows]
    assert max(distances) < (module.trained - module.closed).abs().max() / 3
    assert distances != sorted(distances, reverse=True), "it does not settle"
    assert min(distances) > 0


def test_without_zero_grad_training_does_worse_than_quoting_the_mean_price(outputs, module):
    mean_price = module.y.mean().item()
    ignorant = loss_by_hand(module, [0, 0, 0, mean_price], halved=False)
    assert numbers(outputs["forgotten-zero-grad"].stdout)[-1] > 5 * ignorant
    assert min(module.careless_history) > 100 * module.history[-1]


def test_half_the_loss_at_twice_the_rate_takes_the_same_step(outputs, module):
    first, second = lines(outputs, "half-and-learning-rate")
    assert first == second
    columns = [*module.Z.T.tolist(), [1.0] * 200]
    prices = module.y.tolist()
    step = [0.1 * sum(a * t for a, t in zip(c, prices, strict=True)) / 200 for c in columns]
    assert numbers(first) == pytest.approx(step, abs=6e-4)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_numbers_in_the_prose_are_those_of_the_outputs(outputs, language):
    page = (DOCS / language / "linear-regression.md").read_text("utf-8")
    steepest = numbers(lines(outputs, "standardize")[0])[1]
    assert rf"$2\times{steepest:.1f}$" in page
    assert rf"$2/{2 * steepest:.1f}\approx{2 / (2 * steepest):.3f}$" in page
    slope = numbers(lines(outputs, "one-feature")[0])[0]
    assert re.search(rf"\b{slope:.1f}\b", page)


# Exercises: the module ends with the solutions' definitions


def test_the_safe_loss_equals_the_explicit_mean_and_never_broadcasts(module):
    found = module.half_mse(double([1.0, 2.0, 4.0]), double([1.0, 4.0, 1.0]))
    assert found.item() == pytest.approx((0 + 4 + 9) / 3 / 2)
    for shape in ((3, 1), (1, 3), (1,), ()):
        with pytest.raises(ValueError, match="against"):
            module.half_mse(torch.zeros(shape), torch.zeros(3))


def test_counting_an_example_twice_equals_repeating_its_row(module):
    counts = torch.randint(1, 4, (200,), generator=torch.Generator().manual_seed(0))
    rows = np.repeat(module.A.numpy(), counts.numpy(), axis=0)
    expected = exact_fit(rows, np.repeat(module.y.numpy(), counts.numpy()))
    found = module.weighted_fit(module.A, module.y, counts.double())
    assert np.allclose(found.numpy(), expected)
    assert not np.allclose(found.numpy(), module.best.numpy(), atol=1e-5)


def test_ridge_is_least_squares_with_extra_rows_and_unique_without_full_rank(module):
    strength, d = 0.3, 5
    extra = math.sqrt(strength * 200) * np.eye(d)
    expected = exact_fit(np.vstack([module.D.numpy(), extra]), np.append(module.y.numpy(), [0] * d))
    assert np.allclose(module.ridge(module.D, module.y, strength).numpy(), expected)


def test_descending_by_the_formula_follows_autograd_and_ends_at_the_closed_form(module):
    A, v = module.with_ones(module.Z), torch.zeros(4, dtype=torch.float64, requires_grad=True)
    for _ in range(7):
        loss = ((module.y - A @ v) ** 2).mean() / 2
        (gradient,) = torch.autograd.grad(loss, v)
        v = (v - 0.4 * gradient).detach().requires_grad_()
    assert torch.allclose(module.descend(A, module.y, 0.4, 7), v.detach())
    end = module.descend(A, module.y, 0.4, 1000)
    assert np.allclose(end.numpy(), exact_fit(A, module.y))


def test_every_stub_refuses_until_it_is_written(module):
    source = Path(module.__file__).read_text("utf-8")
    stubs = re.findall(
        r'tags=\["exercise"\]\n(def (\w+)\(.*?raise NotImplementedError)', source, re.S
    )
    assert [name for _, name in stubs] == ["half_mse", "weighted_fit", "ridge", "descend"]
    for code, name in stubs:
        namespace = {"Tensor": torch.Tensor}
        exec(code, namespace)
        with pytest.raises(NotImplementedError):
            namespace[name](*[None] * namespace[name].__code__.co_argcount)
