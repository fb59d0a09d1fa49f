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


def said(outputs, cell):
    """What follows the first colon of each line, by what stands before it."""
    return {k: v.strip() for k, v in (line.split(":", 1) for line in lines(outputs, cell))}


def by_epoch(outputs, cell):
    """{epoch: number}"""
    return {
        int(e): n
        for e, n in (numbers(line)[:2] for line in lines(outputs, cell) if "epoch" in line)
    }


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
    first, second = said(outputs, "one-house").values()
    assert float(first) == pytest.approx(by_hand)
    assert second == f"tensor({by_hand:.4f})"
    assert torch.allclose(module.x @ module.w + module.b, torch.tensor(by_hand))


def test_one_matrix_product_values_every_house(outputs):
    assert numbers(outputs["three-houses"].stdout) == [3, 3, 3]
    houses = [(1.2, 3, 0.5), (0.6, 1, 4), (2, 5, 1)]
    by_hand = [3 * area + 0.4 * rooms - 0.3 * age + 1 for area, rooms, age in houses]
    assert numbers(outputs["three-houses"].result) == pytest.approx(by_hand)


def test_the_model_is_affine_and_misses_linearity_by_one_bias(outputs, module):
    assert said(outputs, "affine") == {"apart minus together": f"tensor({module.b.item():.0f}.)"}
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
    shapes, output, same = said(outputs, "linear-layer").values()
    assert (shapes, output, same) == ("[(1, 3), (1,)]", "torch.Size([3, 1])", "True")
    with torch.no_grad():
        found = module.layer(torch.tensor([[1.2, 3.0, 0.5]]))
    assert found.item() == pytest.approx(5.65)


def test_two_layers_without_activation_are_one_layer_but_not_with_one(outputs, module):
    assert numbers(lines(outputs, "stacked-layers")[0]) == [1, 3, 1]
    assert said(outputs, "stacked-layers")["same outputs"] == "True"
    torch.manual_seed(1)
    inputs = torch.randn(50, 3)
    with torch.no_grad():
        one = inputs @ module.one_weight.T + module.one_bias
        assert torch.allclose(module.second(module.first(inputs)), one, atol=1e-5)
        assert not torch.allclose(module.second(module.first(inputs).tanh()), one, atol=1e-2)


# The loss


def test_the_derivative_of_the_halved_square_is_the_error(outputs):
    for line, guess in zip(lines(outputs, "squared-loss")[1:], (4.0, 5.0, 7.0), strict=True):
        assert numbers(line) == [guess, (5 - guess) ** 2 / 2, guess - 5]


def test_mse_loss_has_no_half(outputs):
    pairs = [(4.0, 5.0), (3.5, 3.0), (6.0, 8.0), (2.5, 2.0)]
    halved = sum((p - t) ** 2 / 2 for p, t in pairs) / 4
    gradient = [(p - t) / 4 for p, t in pairs]
    first, second = (numbers(line.split(":", 1)[1]) for line in lines(outputs, "half-or-not"))
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


def test_gaussian_noise_gives_the_squared_loss_and_laplace_noise_the_absolute_one(outputs):
    for line in lines(outputs, "likelihood")[1:]:
        error, gaussian, squared, laplace, absolute = numbers(line)
        density = [math.exp(-(e**2) / 8) / (2 * math.sqrt(2 * math.pi)) for e in (0, error)]
        assert gaussian == squared == pytest.approx(math.log(density[0] / density[1]), abs=0.06)
        density = [math.exp(-abs(e) / 2) / 4 for e in (0, error)]
        assert laplace == absolute == pytest.approx(math.log(density[0] / density[1]), abs=0.06)
    assert numbers(lines(outputs, "likelihood")[-1])[::3] == [20, 10], "ten sigma: e^-10 ..."
    assert gaussian == 50, "... against e^-50"


@pytest.mark.parametrize("noise", ["gaussian", "laplace"])
def test_the_likelihood_is_largest_where_the_loss_is_least(module, noise):
    data = np.array([1.0, 2.0, 3.0, 4.0, 9.0])
    constants = np.linspace(0, 10, 1001)
    scale = 3.0
    gap = np.abs(data - constants[:, None]) / scale
    density = np.exp(-(gap**2) / 2 if noise == "gaussian" else -gap)
    best = constants[density.prod(axis=1).argmax()]
    assert best == pytest.approx(data.mean() if noise == "gaussian" else np.median(data), abs=0.006)


def test_the_best_constant_is_the_mean_for_squares_and_the_median_for_absolute_values(outputs):
    data = [1, 2, 3, 4, 100]
    by_squares = min(range(101), key=lambda c: sum((c - x) ** 2 for x in data))
    by_absolutes = min(range(101), key=lambda c: sum(abs(c - x) for x in data))
    assert (by_squares, by_absolutes) == (22, 3)
    assert [numbers(line) for line in lines(outputs, "mean-or-median")] == [[22, 22], [3, 3]]


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
    assert numbers(outputs["data"].stdout) == [200, 3, 200]


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
    shown = [float(value) for value in said(outputs, "training-loss").values()]
    assert shown == pytest.approx(expected, abs=6e-5)
    assert expected[2] == pytest.approx(0.1**2 / 2, rel=0.2), "the floor is half the noise squared"


def test_a_column_of_ones_absorbs_the_bias(outputs, module):
    assert module.A[:, 3].tolist() == [1.0] * 200
    assert torch.equal(module.A[:, :3], module.X)
    shapes, same = lines(outputs, "ones-column")
    assert numbers(shapes) == [200, 4, *TRUTH]
    assert same.endswith(": True")


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
    assert agrees.endswith(": True")


def test_dropping_the_minus_sign_walks_uphill(outputs):
    start, downhill, uphill = map(float, said(outputs, "minus-sign").values())
    assert downhill < start < uphill


def test_the_hessian_is_constant_and_positive_definite(outputs, module):
    same, eigenvalues = said(outputs, "hessian").values()
    assert same == "True"
    assert min(numbers(eigenvalues)) > 0
    A = module.A.numpy()
    assert np.allclose(module.H.numpy(), sum(np.outer(row, row) for row in A) / 200)
    assert np.linalg.eigvalsh(module.H.numpy()).min() > 0.01


# The closed form


def test_the_closed_form_is_the_least_squares_solution(outputs, module):
    expected = exact_fit(module.A, module.y)
    assert np.allclose(module.best.numpy(), expected, atol=1e-10)
    (*found, of_found), (*truth, of_truth) = map(numbers, lines(outputs, "closed-form"))
    assert found == pytest.approx(expected, abs=6e-4)
    assert truth == TRUTH
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
    assert said(outputs, "other-solvers") == {"inv agrees": "True", "lstsq agrees": "True"}


def test_the_normal_equations_square_the_condition_number(outputs, module):
    values = np.linalg.svd(module.A.numpy(), compute_uv=False)
    kappa = values[0] / values[-1]
    shown = [float(value) for value in said(outputs, "condition").values()]
    assert shown == pytest.approx([kappa, kappa**2], abs=0.06)


def test_the_residual_is_perpendicular_to_every_column(outputs, module):
    assert outputs["residual"].stdout.count("True") == 4
    for column in module.A.T.tolist():
        product = sum(r * a for r, a in zip(module.residual.tolist(), column, strict=True))
        assert abs(product) < 1e-9
    at_truth = module.A.T @ (module.y - module.A @ double(TRUTH))
    assert at_truth.abs().max() > 0.1, "true of the minimum only"


def test_held_out_houses_cost_more_than_those_of_the_fit(outputs, module):
    (inside, outside), true_losses, (price,) = map(numbers, lines(outputs, "held-out")[1:])
    fit = exact_fit(module.A, module.y)
    inputs = np.column_stack([module.X_new.numpy(), np.ones(1000)])
    for v, shown in ((fit, (inside, outside)), (TRUTH, true_losses)):
        left = module.y_new.numpy() - inputs @ v
        assert shown[0] == pytest.approx(loss_by_hand(module, v), abs=6e-6)
        assert shown[1] == pytest.approx((left**2).mean() / 2, abs=6e-6)
    gain, cost = true_losses[0] - inside, outside - true_losses[1]
    assert gain > 0 and cost == pytest.approx(gain, rel=0.2), "fit beats and loses to the truth"
    luck = true_losses[1] - true_losses[0]
    assert luck > (outside - inside) / 2, "most of the gap is luck"
    assert price == pytest.approx(fit @ [1.2, 3, 0.5, 1], abs=0.006)
    assert abs(price - 5.65) < 0.05


def test_fewer_houses_overfit_more_and_the_error_falls_like_one_over_the_root_of_n(outputs):
    rows = [numbers(line) for line in lines(outputs, "more-data")[1:]]
    assert [n for n, *_ in rows] == [6, 10, 100, 1000, 10000]
    for n, error, inside, outside in rows:
        assert inside == pytest.approx(0.005 * (1 - 4 / n), rel=0.2), "four parameters, n houses"
        if n >= 100:
            assert error * math.sqrt(n) == pytest.approx(0.46, rel=0.2)
            assert outside == pytest.approx(0.005, rel=0.1)
    assert rows[0][2] < 0.005 / 2 and rows[0][3] > 4 * 0.005
    gaps = [outside - inside for _, _, inside, outside in rows]
    assert gaps == sorted(gaps, reverse=True)


def test_with_one_feature_the_normal_equations_are_the_regression_line(outputs, module):
    slope, intercept = np.polyfit(module.X[:, 0].numpy(), module.y.numpy(), 1)
    line, losses = map(numbers, lines(outputs, "one-feature"))
    assert len(losses) == 2
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
    shape, condition = lines(outputs, "dependent-column")
    assert numbers(shape) == [200, 5, 4]
    assert condition.endswith(": True")
    assert np.linalg.matrix_rank(module.D.numpy()) == 4
    assert torch.allclose(module.D[:, 4], module.X[:, 0] * 100 * 10.764 / 1000)


def test_along_one_direction_the_loss_never_changes(outputs, module):
    assert (module.D @ module.direction).abs().max() < 1e-12
    rows = [line.split(" weights: ") for line in lines(outputs, "many-solutions")]
    assert len({loss for loss, _ in rows}) == 1
    assert len({weights for _, weights in rows}) == 3, "so the solution is not unique"


def test_solve_changes_with_the_order_of_the_rows_and_pinv_does_not(outputs):
    assert [line.split()[-1] for line in lines(outputs, "solve-is-arbitrary")] == ["False", "True"]


def test_pinv_gives_the_shortest_solution_and_so_does_gelsd(outputs, module):
    extended, direction = module.extended.numpy(), module.direction.numpy()
    along = extended @ direction / (direction @ direction)
    expected = extended - along * direction  # perpendicular to the direction that changes nothing
    assert np.allclose(module.shortest.numpy(), expected)
    first, short, long, same = lines(outputs, "pinv")
    assert numbers(first)[1:] == pytest.approx(expected, abs=6e-4)
    best_loss = loss_by_hand(module, module.best.tolist())
    assert numbers(first)[0] == pytest.approx(best_loss, abs=6e-6)
    lengths = [math.sqrt(sum(v**2 for v in w)) for w in (expected, module.best.tolist())]
    assert [*numbers(short), *numbers(long)] == pytest.approx(lengths, abs=6e-4)
    assert lengths[0] < lengths[1]
    assert same.endswith(": True")


def test_no_cell_leaves_a_rank_deficient_problem_to_the_default_driver(module):
    source = Path(module.__file__).read_text("utf-8")
    assert re.findall(r"lstsq\(D[^)]*\)", source) == ['lstsq(D, y, driver="gelsd")']


def test_three_houses_cannot_fix_four_parameters(module):
    assert np.linalg.matrix_rank(module.A[:3].numpy()) == 3


# Deep learning in general has no closed form


def test_the_curvature_is_constant_for_a_line_and_not_for_a_network(outputs, module):
    assert [line.split()[-1] for line in lines(outputs, "no-closed-form")] == ["True", "False"]
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
    shapes, difference, wrong, right = lines(outputs, "shape-trap")
    assert numbers(shapes) + numbers(difference) == [200, 1, 200, 200, 200]
    wrong, right = wrong.split(":")[1], right.split(":")[1]
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
    assert outputs["trap-learns-the-mean"].stdout.count(": True") == 2
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
    raw, fast = (list(by_epoch(outputs, c).values()) for c in ("raw-features", "raw-faster"))
    assert raw[-1] > 4 * by_epoch(outputs, "sgd")[20]
    assert fast == sorted(fast)
    assert fast[-1] > 1e5 * fast[0]
    steepest = 2 * np.linalg.eigvalsh(module.A.numpy().T @ module.A.numpy() / 200)[-1]
    assert 0.05 < 2 / steepest < 0.06


def test_standardized_features_make_a_rounder_bowl(outputs, module):
    assert module.Z.mean(dim=0).abs().max() < 1e-12
    assert torch.allclose(module.Z.std(dim=0), torch.ones(3, dtype=torch.float64))
    rows = lines(outputs, "standardize")[1:]
    for line, features in zip(rows, (module.X, module.Z), strict=True):
        matrix = np.column_stack([features.numpy(), np.ones(200)])
        values = np.linalg.svd(matrix, compute_uv=False) ** 2 / 200
        smallest, largest, ratio = numbers(line)
        assert [smallest, largest] == pytest.approx([values[-1], values[0]], abs=6e-4)
        assert ratio == pytest.approx(values[0] / values[-1], abs=0.6)
    first, second = (numbers(line)[2] for line in rows)
    assert second < first / 20


def test_sgd_reaches_the_closed_form(outputs, module):
    expected = exact_fit(module.with_ones(module.Z), module.y)
    assert np.abs(module.trained.numpy() - expected).max() < 0.02
    found, closed, close = lines(outputs, "sgd-vs-closed-form")
    assert numbers(found) == pytest.approx(module.trained.tolist(), abs=6e-4)
    assert numbers(closed) == pytest.approx(expected, abs=6e-4)
    assert close == "all within 0.02: True"


def test_the_loss_ends_lower_than_after_the_first_epoch_and_not_below_the_closed_form(
    outputs, module
):
    shown = list(by_epoch(outputs, "sgd").values())
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
    raw, standardized = module.raw_history, module.history
    assert [raw[0], raw[-1]] == pytest.approx([0.3, 0.05], rel=0.2), "the alt text, and below"
    assert raw != sorted(raw, reverse=True)
    assert [standardized[0], standardized[4]] == pytest.approx([2.6, 0.016], rel=0.05)
    assert standardized[-1] == pytest.approx(expected, rel=0.02)


def test_the_original_units_give_the_same_predictions(outputs, module):
    back = [*module.w_back.tolist(), module.b_back.item()]
    for house, scaled in zip(module.X[:5].tolist(), module.Z[:5].tolist(), strict=True):
        ours = sum(w * x for w, x in zip(back, [*house, 1.0], strict=True))
        theirs = sum(w * z for w, z in zip(module.trained.tolist(), [*scaled, 1.0], strict=True))
        assert ours == pytest.approx(theirs)
    found, expected = map(numbers, lines(outputs, "original-units"))
    assert found == pytest.approx(back, abs=6e-4)
    assert found == pytest.approx(expected, abs=0.05)


def test_new_houses_need_the_mean_and_std_of_the_training_data(outputs, module):
    true, kept, own = map(float, said(outputs, "new-data").values())
    big = module.X_new[:, 0] > 1.8
    weights, bias = module.w_back, module.b_back.item()
    assert true == pytest.approx(module.y_new[big].mean().item(), abs=0.006)
    by_hand = (module.X_new[big] @ weights).mean().item() + bias
    assert kept == pytest.approx(by_hand, abs=0.006)
    assert abs(kept - true) < 0.05
    assert own == pytest.approx(module.y.mean().item(), abs=0.05), "the mean price"


def test_more_epochs_come_closer_and_then_only_jitter(outputs, module):
    distances = by_epoch(outputs, "keep-walking")
    assert list(distances) == [20, 30, 40, 50, 60, 70, 80]
    assert distances[20] > 3 * distances[30] > 6 * distances[40], "at first it comes closer"
    later = [distances[epoch] for epoch in (40, 50, 60, 70, 80)]
    assert min(later) > 0.001 and max(later) < 0.005, "then it does not settle"


def test_without_zero_grad_training_does_worse_than_quoting_the_mean_price(outputs, module):
    mean_price = module.y.mean().item()
    ignorant = loss_by_hand(module, [0, 0, 0, mean_price], halved=False)
    assert by_epoch(outputs, "forgotten-zero-grad")[20] > max(10, 3 * ignorant)
    assert min(module.careless_history) > 100 * module.history[-1]


def test_forgetting_to_clear_is_momentum_one(outputs):
    assert lines(outputs, "forgotten-zero-grad")[-1] == "same as momentum 1: True"


def test_half_the_loss_at_twice_the_rate_takes_the_same_step(outputs, module):
    first, second = said(outputs, "half-and-learning-rate").values()
    assert first == second
    columns = [*module.Z.T.tolist(), [1.0] * 200]
    prices = module.y.tolist()
    step = [0.1 * sum(a * t for a, t in zip(c, prices, strict=True)) / 200 for c in columns]
    assert numbers(first) == pytest.approx(step, abs=6e-4)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_numbers_in_the_prose_are_those_of_the_outputs(outputs, language):
    page = (DOCS / language / "linear-regression.md").read_text("utf-8")
    steepest = numbers(lines(outputs, "standardize")[1])[1]
    assert rf"$2\times{steepest:.1f}$" in page
    assert rf"$2/{2 * steepest:.1f}\approx{2 / (2 * steepest):.3f}$" in page
    slope = numbers(lines(outputs, "one-feature")[0])[0]
    assert re.search(rf"\b{slope:.1f}\b", page)


def test_doubled_prices_double_the_parameters_and_a_rescaled_feature_its_weight_only(outputs):
    same, doubled, rescaled = (
        numbers(line.split("loss:")[1]) for line in lines(outputs, "rescaled")
    )
    assert doubled == pytest.approx([4 * same[0], *(2 * v for v in same[1:])], abs=2e-4)
    assert rescaled == pytest.approx([same[0], same[1] / 100, *same[2:]], abs=1e-4)


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


def test_ridge_is_least_squares_with_extra_rows_and_leaves_the_bias_alone(module):
    strength = 0.3
    matrix = module.D[:, [0, 1, 2, 4, 3]]  # the area twice, the ones last
    extra = math.sqrt(strength * 200) * np.eye(5)[:4]
    found = []
    for raised in (0, 100):
        labels = np.append(module.y.numpy() + raised, [0] * 4)
        expected = exact_fit(np.vstack([matrix.numpy(), extra]), labels)
        found.append(module.ridge(matrix, module.y + raised, strength).numpy())
        assert np.allclose(found[-1], expected)
    assert np.allclose(found[1] - found[0], [0, 0, 0, 0, 100])


def test_every_stub_refuses_until_it_is_written(module):
    source = Path(module.__file__).read_text("utf-8")
    stubs = re.findall(
        r'tags=\["exercise"\]\n(def (\w+)\(.*?raise NotImplementedError)', source, re.S
    )
    assert [name for _, name in stubs] == ["half_mse", "weighted_fit", "ridge"]
    for code, name in stubs:
        namespace = {"Tensor": torch.Tensor}
        exec(code, namespace)
        with pytest.raises(NotImplementedError):
            namespace[name](*[None] * namespace[name].__code__.co_argcount)
