"""What the optimization page claims; the oracles are closed forms, explicit sums and autograd."""

from __future__ import annotations

import itertools
import math
import re

import numpy as np
import pytest
import slides
import torch
from matplotlib.colors import to_rgba

RATES = (0.005, 0.15, 0.199, 0.21)


def bowl_at(w1, w2):
    return (w1**2 + 10 * w2**2) / 2


def position(rate, t):
    """Where gradient descent stands on the bowl after t steps, without taking any."""
    return ((1 - rate) ** t * 8, (1 - 10 * rate) ** t * 2)


def loss(rate, t):
    return bowl_at(*position(rate, t))


def numbers(text):
    return [float(found) for found in re.findall(r"-?\d+(?:\.\d+)?", text)]


def said(outputs, cell):
    """What follows the first colon of each line, by what stands before it."""
    lines = (line.split(":", 1) for line in outputs[cell].stdout.splitlines() if ":" in line)
    return {name: value.strip() for name, value in lines}


def table(outputs, cell):
    """The numbers of each row below the header."""
    return [numbers(line) for line in outputs[cell].stdout.splitlines()[1:]]


def examples(module):
    """(x, y) of every example, as plain numbers."""
    return list(zip(module.x.tolist(), module.y.tolist(), strict=True))


def explicit_gradient(module, p, indices):
    """Mean over these examples of error times input, added up one by one."""
    w, b = p
    data = examples(module)
    errors = [(w * data[i][0] + b - data[i][1], data[i][0]) for i in indices]
    return [
        sum(error * x for error, x in errors) / len(errors),
        sum(error for error, _ in errors) / len(errors),
    ]


def explicit_fit(module):
    """Slope and intercept of least squares by the textbook formula."""
    data = examples(module)
    x_mean = sum(x for x, _ in data) / len(data)
    y_mean = sum(y for _, y in data) / len(data)
    slope = sum((x - x_mean) * (y - y_mean) for x, y in data) / sum(
        (x - x_mean) ** 2 for x, _ in data
    )
    return [slope, y_mean - slope * x_mean]


def explicit_sgd(module, rate, size, epochs, seed=0):
    """Where (w, b) ends, by scalar updates over the same shuffles."""
    data = examples(module)
    torch.manual_seed(seed)
    w = b = 0.0
    for _ in range(epochs):
        order = torch.randperm(200).tolist()
        for first in range(0, 200, size):
            batch = [data[i] for i in order[first : first + size]]
            errors = [(w * x + b - y, x) for x, y in batch]
            w -= rate * sum(error * x for error, x in errors) / len(batch)
            b -= rate * sum(error for error, _ in errors) / len(batch)
    return w, b


def distance_to_fit(module, p):
    return math.dist(p, explicit_fit(module))


# Gradient descent


def test_gradient_of_the_bowl_is_w1_and_ten_w2(module, outputs):
    assert said(outputs, "bowl") == {"loss": f"{bowl_at(8, 2)}", "gradient": f"[{8.0}, {10 * 2.0}]"}
    for w1, w2 in ((1.0, -3.0), (-0.5, 0.25)):
        w = torch.tensor([w1, w2], dtype=torch.float64, requires_grad=True)
        module.bowl(w).backward()
        assert w.grad.tolist() == [w1, 10 * w2]


def test_a_small_step_against_the_gradient_lowers_the_loss_and_one_along_it_raises_it(outputs):
    values = dict(table(outputs, "one-step"))
    for rate, value in values.items():
        assert value == pytest.approx(bowl_at(8 * (1 - rate), 2 * (1 - 10 * rate)), abs=0.005)
    assert values[0.01] < values[0] == 52 < values[-0.01]
    assert min(values, key=values.get) == 0.1
    assert values[0.3] > 52 > values[0.2] > values[0.1], "too long a step raises it"


@pytest.mark.parametrize("rate", [*RATES, 0.2, 2 / 11])
def test_every_position_is_the_start_times_a_power_of_the_factors(module, rate):
    path = module.descend(module.w0, rate, 20)
    assert path.shape == (21, 2)
    for t in range(21):
        assert path[t].tolist() == pytest.approx(position(rate, t), rel=1e-12)


def test_descend_leaves_the_start_alone(module):
    module.descend(module.w0, 0.1, 3)
    assert module.w0.tolist() == [8, 2]


def test_w2_changes_sign_and_halves_while_w1_keeps_85_percent(module, outputs):
    ratios = module.path[1:] / module.path[:-1]
    assert ratios[:, 0].tolist() == pytest.approx([0.85] * 20)
    assert ratios[:, 1].tolist() == pytest.approx([-0.5] * 20)
    for line in outputs["gradient-descent"].stdout.splitlines():
        t, value, w1, w2 = numbers(line.replace("w [", "["))
        assert (w1, w2) == pytest.approx(position(0.15, t), abs=0.0006)
        assert value == pytest.approx(loss(0.15, t), abs=0.0006)


def test_every_drawn_arrow_is_minus_rate_times_the_gradient_where_it_starts(module):
    arrows = module.path_arrows
    starts, tips = arrows.get_offsets(), list(zip(arrows.U, arrows.V, strict=True))
    assert len(starts) == len(tips) == 20
    for t, ((w1, w2), arrow) in enumerate(zip(starts, tips, strict=True)):
        assert (w1, w2) == pytest.approx(position(0.15, t))
        assert arrow == pytest.approx((-0.15 * w1, -0.15 * 10 * w2))
    assert (arrows.angles, arrows.scale_units, arrows.scale) == ("xy", "xy", 1)


def test_drawn_points_are_the_path_and_the_cross_is_the_minimum(module):
    cross, points = module.path_axes.get_lines()
    assert cross.get_xydata().tolist() == [[0, 0]]
    assert points.get_xydata().tolist() == module.path.tolist()
    labels = {text.get_text(): text.get_position() for text in module.path_axes.texts}
    assert list(labels) == [rf"$\mathbf{{w}}_{t}$" for t in range(4)]
    for t, place in enumerate(labels.values()):
        assert math.dist(place, position(0.15, t)) < 0.4


def test_arrows_are_at_right_angles_to_the_contours_and_miss_the_minimum(module):
    assert module.path_axes.get_aspect() == 1
    for w1, w2 in (position(0.15, t) for t in range(5)):
        along_contour, arrow = (-10 * w2, w1), (-w1, -10 * w2)
        assert along_contour[0] * arrow[0] + along_contour[1] * arrow[1] == pytest.approx(0)
        to_minimum = (-w1, -w2)
        cosine = (arrow[0] * to_minimum[0] + arrow[1] * to_minimum[1]) / (
            math.hypot(*arrow) * math.hypot(*to_minimum)
        )
        assert cosine < 0.99


def test_steps_get_shorter_although_the_learning_rate_stays_the_same(module):
    lengths = torch.linalg.vector_norm(module.path.diff(dim=0), dim=1).tolist()
    assert all(after < before for before, after in itertools.pairwise(lengths))


# The learning rate


def test_losses_after_20_steps_are_those_of_the_closed_form(outputs):
    rows = [line.split() for line in outputs["learning-rates"].stdout.splitlines()[1:]]
    expected = {0.005: 28.76, 0.15: 0.048, 0.199: 13.38, 0.2: 20.00, 0.21: 905.2}
    assert [float(rate) for rate, _, _ in rows] == list(expected)
    for rate, value, always_fell in rows:
        assert float(value) == pytest.approx(loss(float(rate), 20), abs=0.0006)
        assert float(value) == pytest.approx(expected[float(rate)], rel=0.006)
        falls = [loss(float(rate), t + 1) < loss(float(rate), t) for t in range(20)]
        assert always_fell == str(all(falls))
    assert loss(0.005, 20) > 52 / 2


def test_too_large_falls_at_first_and_rises_later():
    assert loss(0.21, 1) < loss(0.21, 0)
    assert loss(0.21, 20) > 17 * loss(0.21, 0)


def test_learning_rate_panels_draw_the_paths_of_their_titles(module):
    for axes, rate in zip(module.rates_axes.flat, RATES, strict=True):
        assert axes.get_title() == rf"$\eta = {rate}$"
        cross, path = axes.get_lines()
        assert cross.get_xydata().tolist() == [[0, 0]]
        for t, drawn in enumerate(path.get_xydata().tolist()):
            assert drawn == pytest.approx(position(rate, t))
        assert len(path.get_xydata()) == 21
    low, high = module.rates_axes[1, 1].get_ylim()
    assert [low < position(rate, 20)[1] < high for rate in RATES] == [True, True, True, False]


def test_loss_curves_are_the_losses_of_their_labels(module):
    axes = module.curves_axes
    assert axes.get_yscale() == "log"
    labels = {text.get_text(): text for text in axes.texts}
    styles = set()
    for line, rate in zip(axes.get_lines(), RATES, strict=True):
        assert list(line.get_xdata()) == list(range(21))
        assert list(line.get_ydata()) == pytest.approx([loss(rate, t) for t in range(21)])
        label = labels[rf"$\eta = {rate}$"]
        assert label.get_position()[1] == pytest.approx(loss(rate, 20))
        assert label.get_color() == line.get_color()
        styles.add(line.get_linestyle())
    assert len(styles) == 4


def test_factors_explain_every_position(outputs):
    for line in outputs["factors"].stdout.splitlines():
        rate, slow, steep = numbers(line)
        assert (slow, steep) == pytest.approx((1 - rate, 1 - 10 * rate), abs=0.0006)
        assert line.endswith("True")


@pytest.mark.parametrize(
    ("rate", "fate"),
    [
        (0.1, "converge"),
        (0.5, "converge"),
        (1, "converge"),
        (1.5, "converge"),
        (1.8, "converge"),
        (2, "oscillate"),
        (2.1, "diverge"),
    ],
)
def test_on_half_of_w_squared_each_step_multiplies_by_one_minus_the_rate(module, rate, fate):
    path = [(1 - rate) ** k * 1.5 for k in range(9)]
    assert module.descend_curve(rate).tolist() == pytest.approx(path, abs=1e-12)
    end = abs((1 - rate) ** 400)
    assert fate == ("converge" if end < 1e-9 else "diverge" if end > 1e9 else "oscillate")
    (on_curve,) = slides.lines(module.valley_axes, rate)
    (by_step,) = slides.lines(module.position_axes, rate)
    assert on_curve.get_xdata() == pytest.approx(path)
    assert on_curve.get_ydata() == pytest.approx([w * w / 2 for w in path])
    assert by_step.get_ydata() == pytest.approx(path)
    formula, said = slides.texts(module.valley_axes, rate)
    assert said == fate
    assert numbers(formula.replace("1-", "")) == [rate, pytest.approx(1 - rate)]


def test_the_factor_figure_has_a_frame_for_every_row_of_the_table_and_cuts_no_path(module):
    rates = [float(value) for value in slides.values(module.factor_figure)]
    factors = [1 - rate for rate in rates]
    rows = (
        lambda f: 0 < f < 1,
        lambda f: f == 0,
        lambda f: -1 < f < 0,
        lambda f: f == -1,
        lambda f: f < -1,
    )
    assert all(any(map(row, factors)) for row in rows)
    assert rates == sorted(rates)
    assert slides.values(module.factor_figure, seen=True) == ["1.8"]
    for axes in (module.valley_axes, module.position_axes):
        (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
        for x, y in (point for line in axes.get_lines()[1:] for point in line.get_xydata()):
            assert left <= x <= right and low <= y <= high


def test_the_limit_is_two_over_the_largest_eigenvalue_of_the_hessian(outputs):
    hessian, eigenvalues, limit = said(outputs, "hessian").values()
    assert hessian == "[[1.0, 0.0], [0.0, 10.0]]"
    assert eigenvalues == "[1.0, 10.0]"
    assert float(limit) == 2 / 10


@pytest.mark.parametrize(("share", "arrives"), [(0.99, True), (1.01, False)])
def test_a_bowl_turned_to_any_angle_has_the_same_limit(share, arrives):
    turn = torch.tensor([[0.6, -0.8], [0.8, 0.6]], dtype=torch.float64)
    hessian = turn @ torch.diag(torch.tensor([1.0, 10.0], dtype=torch.float64)) @ turn.T
    assert torch.linalg.eigvalsh(hessian).tolist() == pytest.approx([1, 10])
    w = torch.tensor([8.0, 2.0], dtype=torch.float64)
    for _ in range(2000):
        w = w - share * 0.2 * hessian @ w
    assert bool(torch.linalg.vector_norm(w) < 1e-6) is arrives


def test_the_best_constant_rate_is_two_over_the_sum_of_both_eigenvalues(outputs):
    def slower(rate):
        return max(abs(1 - rate), abs(1 - 10 * rate))

    assert slower(2 / 11) == pytest.approx(9 / 11)
    others = [k / 1000 for k in range(1, 300)]
    assert slower(2 / 11) < min(map(slower, others))
    rows = table(outputs, "best-rate")
    for shown, factor, steps in rows:
        rate = 2 / 11 if shown == 0.182 else shown
        assert factor == pytest.approx(slower(rate), abs=0.0006)
        assert math.hypot(*position(rate, steps)) <= 0.001
        assert math.hypot(*position(rate, steps - 1)) > 0.001
    assert min(rows, key=lambda row: row[2])[0] == 0.182


# Minibatches


def test_data_is_seeded_and_the_target_is_the_least_squares_solution(module, outputs):
    shapes, solution = outputs["data"].stdout.splitlines()
    assert numbers(shapes) == [200, 2, 200]
    assert numbers(solution) == pytest.approx(explicit_fit(module), abs=0.0006)
    noise = torch.tensor([y - 4 * x - 2 for x, y in examples(module)])
    assert noise.std().item() == pytest.approx(0.5, abs=0.1)
    assert module.A.tolist() == [[x, 1] for x in module.x.tolist()]


@pytest.mark.parametrize("indices", [[0], [3, 1, 4], list(range(200))])
def test_the_gradient_of_a_batch_is_the_mean_of_error_times_input(module, indices):
    point = [0.7, -1.2]
    gradient = module.gradient_on(torch.tensor(point, dtype=torch.float64), torch.tensor(indices))
    assert gradient.tolist() == pytest.approx(explicit_gradient(module, point, indices))


def test_with_all_examples_the_minibatch_gradient_is_the_full_gradient(module, outputs):
    whole = explicit_gradient(module, [0, 0], range(200))
    assert numbers(outputs["gradient-on"].stdout) == pytest.approx(whole, abs=0.0006)
    assert numbers(outputs["full-batch"].stdout) == numbers(outputs["gradient-on"].stdout)


def test_minibatch_sgd_with_all_examples_is_gradient_descent(module):
    w = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    for point in module.sgd(module.p0, rate=0.1, size=200, epochs=7):
        assert torch.allclose(point, w.detach())
        (gradient,) = torch.autograd.grad(((module.A @ w - module.y) ** 2).mean() / 2, w)
        w = (w - 0.1 * gradient).detach().requires_grad_()


def test_a_batch_of_size_b_has_b_different_indices(module, outputs):
    indices, summary = outputs["sample-batch"].stdout.splitlines()
    drawn = [int(n) for n in numbers(indices)]
    gradient = numbers(summary)
    assert len(drawn) == len(set(drawn)) == 10
    assert set(drawn) <= set(range(200))
    assert gradient == pytest.approx(explicit_gradient(module, [0, 0], drawn), abs=0.0006)
    whole = explicit_gradient(module, [0, 0], range(200))
    product = sum(a * b for a, b in zip(gradient, whole, strict=True))
    assert product / math.hypot(*gradient) / math.hypot(*whole) > 0.8


@pytest.mark.parametrize("size", range(1, 7))
def test_over_all_possible_batches_gradient_and_loss_are_right_on_average(module, size):
    batches = list(itertools.combinations(range(6), size))
    appearances = [sum(i in batch for batch in batches) for i in range(6)]
    assert len(set(appearances)) == 1
    gradients = [explicit_gradient(module, [0, 0], batch) for batch in batches]
    average = [sum(values) / len(batches) for values in zip(*gradients, strict=True)]
    assert average == pytest.approx(explicit_gradient(module, [0, 0], range(6)))
    squares = [y * y / 2 for _, y in examples(module)[:6]]
    losses = [sum(squares[i] for i in batch) / size for batch in batches]
    assert sum(losses) / len(losses) == pytest.approx(sum(squares) / 6)


def test_the_15_pairs_on_the_page_average_to_the_gradient_of_the_six(module, outputs):
    (count, *average), six = map(numbers, outputs["all-pairs"].stdout.splitlines())
    assert count == math.comb(6, 2)
    assert average == six
    expected = explicit_gradient(module, [0, 0], range(6))
    assert six == pytest.approx(expected, abs=0.00006)
    assert (module.of_pairs - module.of_pairs.mean(dim=0)).abs().amax(dim=1).min() > 0


def test_equal_parts_of_a_shuffled_epoch_average_to_the_full_gradient(module, outputs):
    assert outputs["sorted-batches"].stdout.splitlines()[1].split()[:2] == ["shuffled", "True"]
    assert len(module.shuffles) == 100
    parts = module.shuffles[0]
    assert sorted(torch.cat(parts).tolist()) == list(range(200))
    of_parts = [explicit_gradient(module, [0, 0], part.tolist()) for part in parts]
    average = [sum(values) / 20 for values in zip(*of_parts, strict=True)]
    assert average == pytest.approx(explicit_gradient(module, [0, 0], range(200)))


def test_sorted_batches_are_right_on_average_and_each_far_off(module, outputs):
    whole = explicit_gradient(module, [0, 0], range(200))
    order = sorted(range(200), key=lambda i: examples(module)[i][1])
    parts = [order[first : first + 10] for first in range(0, 200, 10)]
    off = [math.dist(explicit_gradient(module, [0, 0], part), whole) ** 2 for part in parts]
    _, shuffled, by_label = outputs["sorted-batches"].stdout.splitlines()
    assert by_label.split()[:2] == ["sorted", "True"]
    assert numbers(by_label) == pytest.approx([sum(off) / 20], abs=0.06)
    singles = [math.dist(explicit_gradient(module, [0, 0], [i]), whole) ** 2 for i in range(200)]
    expected = sum(singles) / 200 / 10 * (200 - 10) / (200 - 1)  # drawn without repetition
    assert numbers(shuffled) == pytest.approx([expected], rel=0.1)
    assert numbers(by_label)[0] > 4 * numbers(shuffled)[0]


def test_a_loader_keeps_the_order_and_its_short_last_batch_counts_for_too_much(outputs):
    shown, of_means, true = outputs["last-batch"].stdout.splitlines()
    batches = [range(4), range(4, 8), range(8, 10)]
    assert numbers(shown) == [*range(10)], "not shuffled"
    assert shown.count("[") == 3
    means = [sum(batch) / len(batch) for batch in batches]
    assert [*numbers(of_means), *numbers(true)] == pytest.approx([sum(means) / 3, 4.5], abs=6e-5)
    assert sum(mean * len(b) for mean, b in zip(means, batches, strict=True)) / 10 == 4.5


def test_variance_times_batch_size_is_the_variance_of_one_example(module, outputs):
    whole = explicit_gradient(module, [0, 0], range(200))
    one = sum(math.dist(explicit_gradient(module, [0, 0], [i]), whole) ** 2 for i in range(200))
    first, _, *rows = (numbers(line) for line in outputs["variance"].stdout.splitlines())
    assert first == pytest.approx([one / 200], abs=0.06)
    assert [size for size, _, _ in rows] == [1, 4, 16, 64]
    for size, variance, product in rows:
        assert product == pytest.approx(one / 200, rel=0.05)
        assert variance * size == pytest.approx(product, rel=0.005)


SIZES = (1, 2, 4, 8, 16, 32, 64)


def spread_at_the_fit(module):
    """Root of the mean squared length of one example's gradient at the least-squares solution."""
    fit = explicit_fit(module)
    singles = [explicit_gradient(module, fit, [i]) for i in range(200)]
    return math.sqrt(sum(w * w + b * b for w, b in singles) / 200)


@pytest.mark.parametrize("size", SIZES)
def test_the_noise_of_a_gradient_falls_as_one_over_the_root_of_the_batch_size(module, size):
    gradients = module.minibatch_gradients(size)
    torch.manual_seed(0)
    batch = torch.randint(200, (4000, size))[7].tolist()
    expected = explicit_gradient(module, explicit_fit(module), batch)
    assert gradients[7].tolist() == pytest.approx(expected, abs=1e-9)
    deviation = gradients.square().sum(dim=1).mean().sqrt().item()
    assert deviation == pytest.approx(spread_at_the_fit(module) / math.sqrt(size), rel=0.04)
    assert gradients.mean(dim=0).tolist() == pytest.approx([0, 0], abs=5 * deviation / 4000**0.5)


def test_noise_figure_draws_dots_variance_and_ring_of_each_batch_size(module):
    axes = module.noise_axes
    assert slides.values(module.noise_figure) == [str(size) for size in SIZES]
    assert slides.values(module.noise_figure, seen=True) == ["4"]
    for size in SIZES:
        dots, ring = (line.get_xydata() for line in slides.lines(axes, size))
        gradients = module.minibatch_gradients(size)
        assert dots.tolist() == gradients[:24].tolist()
        assert abs(dots).max() < axes.get_xlim()[1] == axes.get_ylim()[1]  # all can be seen
        assert [math.hypot(*point) for point in ring] == pytest.approx(
            [spread_at_the_fit(module) / math.sqrt(size)] * len(ring)
        )
        name, variance = slides.texts(axes, size)
        assert name == f"batch size = {size}"
        assert variance == f"variance = {gradients.square().sum().item() / 4000:.3f}"
    dashed = [line for line in axes.get_lines() if line.get_linestyle() == "--"]
    radii = [math.hypot(*line.get_xydata()[0]) for line in dashed]
    assert radii == pytest.approx([spread_at_the_fit(module) / k for k in (1, 2, 4, 8)])
    assert axes.get_lines()[-1].get_xydata().tolist() == [[0, 0]]


def test_the_full_gradient_is_zero_at_the_least_squares_solution(module):
    whole = explicit_gradient(module, explicit_fit(module), range(200))
    assert whole == pytest.approx([0, 0], abs=1e-12)


def test_sgd_takes_one_step_per_batch_against_its_gradient(module, outputs):
    rows = {
        int(update): (w, b) for update, w, b in map(numbers, outputs["sgd"].stdout.splitlines())
    }
    assert rows[0] == (0, 0)
    assert rows[100] == pytest.approx(explicit_sgd(module, 0.1, 10, 5), abs=0.0006)
    assert rows[20] == pytest.approx(explicit_sgd(module, 0.1, 10, 1), abs=0.0006)
    assert distance_to_fit(module, rows[20]) < distance_to_fit(module, rows[0]) / 20


def test_torch_optim_sgd_makes_the_same_updates(module, outputs):
    torch.manual_seed(0)
    data = torch.utils.data.TensorDataset(module.A, module.y)
    loader = torch.utils.data.DataLoader(data, batch_size=10, shuffle=True)
    w = b = 0.0
    for _ in range(5):
        seen = []
        for rows, labels in loader:
            seen += labels.tolist()
            pairs = list(zip(rows[:, 0].tolist(), labels.tolist(), strict=True))
            errors = [(w * x + b - y, x) for x, y in pairs]
            w -= 0.1 * sum(error * x for error, x in errors) / 10
            b -= 0.1 * sum(error for error, _ in errors) / 10
        assert sorted(seen) == sorted(module.y.tolist()) and seen != module.y.tolist()
    by_hand, by_torch = map(numbers, said(outputs, "torch-sgd").values())
    assert by_torch == pytest.approx([w, b], abs=0.0006)
    assert by_hand == pytest.approx(explicit_sgd(module, 0.1, 10, 5), abs=0.0006)
    assert max(distance_to_fit(module, p) for p in (by_hand, by_torch)) < 0.1


def test_without_zero_grad_the_result_differs(module):
    torch.manual_seed(0)
    p = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([p], lr=0.1)
    for batch in torch.randperm(200).split(10):
        (((module.A[batch] @ p - module.y[batch]) ** 2).mean() / 2).backward()
        optimizer.step()
    assert math.dist(p.tolist(), explicit_sgd(module, 0.1, 10, 1)) > 0.1


# The batch size


def test_equal_epochs_mean_fewer_updates_for_larger_batches(module, outputs):
    rows = table(outputs, "batch-sizes")
    assert [(size, updates) for size, updates, _ in rows] == [
        (1, 1000), (10, 100), (50, 20), (200, 5)
    ]  # fmt: skip
    for size, _, far in rows:
        end = explicit_sgd(module, 0.1, int(size), 5)
        assert far == pytest.approx(distance_to_fit(module, end), abs=0.0006)
    distances = {size: far for size, _, far in rows}
    assert min(distances, key=distances.get) == 10


def test_the_middle_batch_size_is_best_for_other_seeds_too(module):
    def mean_distance(size):
        ends = []
        for seed in range(1, 9):
            torch.manual_seed(seed)
            end = module.sgd(module.p0, rate=0.1, size=size, epochs=5)[-1]
            ends.append(distance_to_fit(module, end.tolist()))
        return sum(ends) / len(ends)

    means = {size: mean_distance(size) for size in (1, 10, 50, 200)}
    assert min(means, key=means.get) == 10
    assert max(means, key=means.get) == 200


def test_the_tradeoff_figure_draws_the_distances_of_the_table(module, outputs):
    rows = table(outputs, "batch-sizes")
    labels = {text.get_text(): text for text in module.distance_axes.texts}
    start = math.hypot(*explicit_fit(module))
    lines = module.distance_axes.get_lines()
    for line, (size, updates, far) in zip(lines, rows, strict=True):
        assert line.get_xdata()[0] == 0
        assert line.get_xdata()[-1] == 5
        assert len(line.get_xdata()) == 1 + min(updates, 50)
        assert line.get_ydata()[0] == pytest.approx(start)
        assert line.get_ydata()[-1] == pytest.approx(far, abs=0.0006)
        label = labels[f"$B={size:.0f}$"]
        assert label.get_position()[1] == pytest.approx(far, abs=0.0006)
        assert label.get_color() == line.get_color()
    assert len({line.get_linestyle() for line in lines}) == 4


def test_memory_for_the_backward_pass_is_proportional_to_the_batch_size(module, outputs):
    for line in outputs["saved-bytes"].stdout.splitlines()[1:]:
        size, saved = (int(n.replace(",", "")) for n in line.split())
        inputs, results = size * 100 * 4, size * 50 * 4
        assert saved == inputs + results == module.saved_bytes(size)


# Hyperparameters


def runs(outputs):
    """{(B, "median" or "worst"): {rate: distance, None where it diverges}}"""
    header, *lines = outputs["tune-together"].stdout.splitlines()
    found = {}
    for line in lines:
        name, kind, *cells = line.split()
        row = [None if cell == "diverges" else float(cell) for cell in cells]
        found[int(name.removeprefix("B=")), kind] = dict(zip(numbers(header), row, strict=True))
    return found


def test_the_best_learning_rate_grows_with_the_batch_until_the_limit(outputs):
    rows = {size: row for (size, kind), row in runs(outputs).items() if kind == "median"}
    best = {
        size: min((far, rate) for rate, far in row.items() if far is not None)[1]
        for size, row in rows.items()
    }
    assert best == {1: 0.01, 10: 0.1, 50: 0.5, 200: 0.5}
    assert all(row[1.0] is None for row in rows.values())


@pytest.mark.parametrize(("size", "rate"), [(10, 0.5), (50, 0.1), (200, 0.75)])
def test_many_runs_at_once_are_many_single_runs(module, outputs, size, rate):
    torch.manual_seed(0)
    orders = [[torch.randperm(200) for _ in range(20)] for _ in range(5)]
    ends = []
    for seed in range(20):
        p = torch.zeros(2, dtype=torch.float64)
        for epoch in orders:
            for batch in epoch[seed].split(size):
                p = p - rate * module.gradient_on(p, batch)
        ends.append(distance_to_fit(module, p.tolist()))
    ends.sort()
    shown = runs(outputs)
    assert shown[size, "worst"][rate] == pytest.approx(ends[-1], abs=6e-4)
    assert shown[size, "median"][rate] == pytest.approx(ends[9], abs=6e-4)


def test_the_limit_is_that_of_the_full_batch_and_one_example_can_be_far_steeper(module, outputs):
    rows = runs(outputs)
    limit = float(outputs["data-limit"].stdout)
    assert 0.75 < limit < 1
    assert rows[1, "median"][0.75] is None, "below the limit, and diverges"
    assert rows[1, "worst"][0.5] > 3 > 1 > rows[1, "median"][0.5]
    assert all(rows[size, "worst"][0.75] is not None for size in (10, 50, 200))
    (mean, of_all), (steepest, of_one) = (
        numbers(text) for text in said(outputs, "curvatures").values()
    )
    assert of_all == limit == pytest.approx(2 / mean, abs=0.006)
    assert steepest == pytest.approx(max(x * x + 1 for x, _ in examples(module)), abs=0.006)
    assert of_one == pytest.approx(2 / steepest, abs=0.006)
    assert steepest > 6 * mean


def test_rate_1_is_beyond_the_limit_of_this_data(module, outputs):
    a = sum(x * x for x, _ in examples(module)) / 200
    m = sum(x for x, _ in examples(module)) / 200
    largest = (a + 1) / 2 + math.sqrt(((a - 1) / 2) ** 2 + m * m)
    assert float(outputs["data-limit"].stdout) == pytest.approx(2 / largest, abs=0.006)
    assert 0.5 < 2 / largest < 1


def test_a_smaller_rate_settles_closer_and_waiting_longer_does_not(module, outputs):
    stages = [numbers(line) for line in outputs["schedule"].stdout.splitlines()]
    assert [rate for rate, _ in stages] == [0.1, 0.1, 0.01]
    runs = [[far for _, far in stages]]
    for seed in (1, 2):
        torch.manual_seed(seed)
        p, means = module.p0, []
        for rate in (0.1, 0.1, 0.01):
            points = module.sgd(p, rate, size=1, epochs=5)
            p = points[-1]
            means.append(module.distance(points[-200:]).mean().item())
        runs.append(means)
    for first, second, third in runs:
        assert second > first / 2
        assert third < second / 2


def test_same_gradient_three_update_rules(outputs):
    sgd, momentum, adam = (numbers(line) for line in outputs["update-rules"].stdout.splitlines())
    first = [-0.01 * 8, -0.01 * 20]
    after = [8 + first[0], 2 + first[1]]
    second = [-0.01 * after[0], -0.01 * 10 * after[1]]
    assert sgd == pytest.approx(first + second, abs=0.0006)
    rolled = [0.9 * before + now for before, now in zip(first, second, strict=True)]
    assert momentum == pytest.approx(first + rolled, abs=0.0006)
    assert adam == [-0.01] * 4


KAPPAS = (10, 100, 1000)


def turned(kappa, degrees=0.0):
    """The Hessian of a bowl with this condition number, and the start, turned about 0."""
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    turn = np.array([[c, -s], [s, c]])
    return turn @ np.diag([1.0, kappa]) @ turn.T, turn @ [8.0, 2.0]


def steps_to_reach(update, w, at_most):
    """Steps of w = update(w, t) until |w| < 0.001."""
    for t in range(at_most):
        if math.hypot(*w) < 0.001:
            return t
        w = update(w, t + 1)
    return None


def momentum_rule(H, rate, mu):
    velocity = np.zeros(2)

    def update(w, t):
        nonlocal velocity
        velocity = mu * velocity + H @ w
        return w - rate * velocity

    return update


def adam_rule(H, rate):
    m, v = np.zeros(2), np.zeros(2)

    def update(w, t):
        nonlocal m, v
        g = H @ w
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        return w - rate * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)

    return update


@pytest.mark.parametrize("kappa", KAPPAS)
def test_momentum_needs_root_kappa_steps_where_descent_needs_kappa(outputs, kappa):
    shown = {int(k): (plain, rolling) for k, plain, rolling in table(outputs, "momentum-steps")}
    root = math.sqrt(kappa)
    best = (4 / (1 + root) ** 2, ((root - 1) / (root + 1)) ** 2)
    for degrees in (0, 53.13):  # turning the bowl makes no difference to them
        H, start = turned(kappa, degrees)
        rules = (momentum_rule(H, 2 / (1 + kappa), 0.0), momentum_rule(H, *best))
        assert shown[kappa] == tuple(steps_to_reach(rule, start, 5000) for rule in rules)
    assert shown[1000][0] / shown[10][0] == pytest.approx(100, rel=0.1)
    assert 10 < shown[1000][1] / shown[10][1] < 15, "a dozen"


@pytest.mark.parametrize("kappa", KAPPAS)
def test_the_best_momentum_shrinks_every_direction_by_the_root_of_mu(kappa):
    root = math.sqrt(kappa)
    rate, mu = 4 / (1 + root) ** 2, ((root - 1) / (root + 1)) ** 2
    for curvature in np.linspace(1, kappa, 7):
        roots = np.roots([1, -(1 + mu - rate * curvature), mu])
        assert abs(roots) == pytest.approx([(root - 1) / (root + 1)] * 2, abs=1e-6)


def test_adam_ignores_the_shape_of_an_aligned_bowl_and_not_of_a_turned_one(module, outputs):
    assert said(outputs, "adam") == {"agrees with torch.optim.Adam": "True"}
    shown = {int(k): counts for k, *counts in table(outputs, "adam-steps")}
    rates = [0.01 * 2**k for k in range(11)]
    assert math.degrees(math.atan2(0.8, 0.6)) == pytest.approx(53.13, abs=0.001)
    for kappa in KAPPAS:
        for degrees, count in zip(
            (0, math.degrees(math.atan2(0.8, 0.6))), shown[kappa], strict=True
        ):
            H, start = turned(kappa, degrees)
            tried = (steps_to_reach(adam_rule(H, rate), start, 600) for rate in rates)
            assert count == min(steps for steps in tried if steps)
    assert shown[10][0] == shown[100][0] == shown[1000][0]
    H, w = turned(10)
    update, near = adam_rule(H, 1.28), []
    for t in range(1, 3001):
        w = update(w, t)
        near.append(math.hypot(*w) < 0.001)
    assert any(near[:200]) and not all(near[2000:]), "it does not come to rest by itself"
    momentum = table(outputs, "momentum-steps")[2][2]
    assert shown[1000][1] > 3 * shown[1000][0] and shown[1000][1] > momentum


def test_weight_decay_leads_sgd_to_ridge_regression(module, outputs):
    sgd, ridge = map(numbers, said(outputs, "weight-decay").values())
    A = module.A.numpy()
    rows = np.vstack([A, math.sqrt(0.1 * 200) * np.eye(2)])
    expected = np.linalg.lstsq(rows, np.append(module.y.numpy(), [0, 0]), rcond=None)[0]
    assert sgd == ridge == pytest.approx(expected, abs=6e-5)


def test_adamw_is_adam_with_weight_decay_applied_separately(outputs):
    steps = [numbers(line.split("step")[1]) for line in outputs["adamw"].stdout.splitlines()]
    assert steps[0] == steps[1] == steps[2] == [-0.01, -0.01]
    assert steps[3] == pytest.approx([-0.01 - 0.01 * 0.5 * 8, -0.01 - 0.01 * 0.5 * 2])


def test_muon_makes_the_singular_values_of_a_step_alike(outputs):
    before, after = (numbers(line)[-1] for line in outputs["muon"].stdout.splitlines())
    assert before > 15 and after == 1
    for seed in range(8):
        torch.manual_seed(seed)
        W = torch.zeros(4, 4, requires_grad=True)
        W.grad = torch.randn(4, 4) @ torch.diag(torch.tensor([1.0, 0.3, 0.1, 0.03]))
        gradient = torch.linalg.svdvals(W.grad)
        torch.optim.Muon([W], lr=1.0, weight_decay=0.0).step()
        step = torch.linalg.svdvals(W.detach())
        assert gradient[0] / gradient[-1] > 15
        assert step[0] / step[-1] < 2.5
    with pytest.raises(ValueError, match="2D"):
        torch.optim.Muon([torch.zeros(3, requires_grad=True)])


def test_a_loss_times_1000_is_a_step_times_1000_for_sgd_and_the_same_for_adam(outputs):
    lines = outputs["predictions"].stdout.splitlines()
    sgd, adam = lines[:2], lines[2:]
    assert numbers(sgd[1])[-2:] == pytest.approx([1000 * move for move in numbers(sgd[0])[-2:]])
    assert numbers(adam[1])[-2:] == numbers(adam[0])[-2:]
    counts = []
    for kappa in (100, 400):
        H, start = turned(kappa)
        root = math.sqrt(kappa)
        best = momentum_rule(H, 4 / (1 + root) ** 2, ((root - 1) / (root + 1)) ** 2)
        plain = momentum_rule(H, 2 / (1 + kappa), 0.0)
        counts.append([steps_to_reach(rule, start, 3000) for rule in (plain, best)])
    ratios = [after / before for before, after in zip(*counts, strict=True)]
    assert ratios == pytest.approx([4, 2], rel=0.15)


def test_clipping_shortens_the_gradient_and_keeps_its_direction(outputs):
    length, *clipped = numbers(outputs["clipping"].stdout)
    assert length == math.hypot(300, 400)
    assert clipped == pytest.approx([0.6, 0.8])


# Figures speak glossary terms and symbols only, in colours of the theme


def test_lines_of_figures_use_theme_colours(module):
    theme = {to_rgba(f"C{k}") for k in range(8)}
    names = ("curves", "distance", "noise", "valley", "position")
    for axes in (getattr(module, f"{name}_axes") for name in names):
        assert {to_rgba(line.get_color()) for line in axes.get_lines()} <= theme


# Exercises: the stubs are empty, and each check catches the likely mistake


NEEDS = {
    "adamw-step": ["setup", "bowl", "one-step"],
}


@pytest.mark.parametrize("name", NEEDS)
def test_stub_fails_the_check_and_the_solution_passes_it(run, name):
    with pytest.raises(NotImplementedError):
        run([*NEEDS[name], name, f"{name}-check"])
    run([*NEEDS[name], f"{name}-solution", f"{name}-check"])


def adamw(couple=False, correct=True):
    """AdamW that adds the decay to the gradient, or forgets that m and v start at zero."""

    def step(w, g, m, v, t):
        g = g + 0.1 * w if couple else g
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        by = (1 - 0.9**t, 1 - 0.999**t) if correct else (1, 1)
        decay = 0 if couple else 0.001 * w
        return w - 0.01 * (m / by[0]) / ((v / by[1]).sqrt() + 1e-8) - decay, m, v

    return step


MISTAKES = {
    "adamw-step is Adam": adamw(couple=True),
    "adamw-step uncorrected": adamw(correct=False),
}
FUNCTIONS = {
    "adamw-step": "adamw",
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_check_catches_a_likely_mistake(run, mistake):
    name = mistake.split()[0]
    before = run(NEEDS[name])
    with pytest.raises(AssertionError):
        run([f"{name}-check"], **(before | {FUNCTIONS[name]: MISTAKES[mistake]}))
