"""What the optimization page claims; the oracles are closed forms, explicit sums and autograd."""

from __future__ import annotations

import itertools
import math
import re
from pathlib import Path

import pytest
import slides
import torch
from matplotlib.colors import to_rgba

from livenotes.core.percent import read_module

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
    assert outputs["bowl"].stdout == f"{bowl_at(8, 2)}\n[{8.0}, {10 * 2.0}]\n"
    for w1, w2 in ((1.0, -3.0), (-0.5, 0.25)):
        w = torch.tensor([w1, w2], dtype=torch.float64, requires_grad=True)
        module.bowl(w).backward()
        assert w.grad.tolist() == [w1, 10 * w2]


def test_a_small_step_against_the_gradient_lowers_the_loss_and_one_along_it_raises_it(outputs):
    uphill, here, downhill = numbers(outputs["one-step"].stdout)
    assert downhill < here < uphill
    assert here == 52
    assert uphill == pytest.approx(bowl_at(8 * 1.01, 2 * 1.1), abs=0.005)
    assert downhill == pytest.approx(bowl_at(8 * 0.99, 2 * 0.9), abs=0.005)


def test_a_step_that_is_too_long_raises_the_loss(outputs):
    rows = [numbers(line) for line in outputs["step-too-long"].stdout.splitlines()]
    for rate, value in rows:
        assert value == pytest.approx(loss(rate, 1), abs=0.005)
    values = dict(rows)
    assert min(values, key=values.get) == 0.1
    assert values[0.3] > 52 > values[0.2] > values[0.1]


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
        t, w1, w2, value = numbers(line)
        assert (w1, w2) == pytest.approx(position(0.15, t), abs=0.0006)
        assert value == pytest.approx(loss(0.15, t), abs=0.0006)


def test_the_loss_falls_at_every_step_with_rate_0_15():
    losses = [loss(0.15, t) for t in range(21)]
    assert all(after < before for before, after in itertools.pairwise(losses))


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
    rows = [line.split() for line in outputs["learning-rates"].stdout.splitlines()]
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
    hessian, eigenvalues, limit = outputs["hessian"].stdout.splitlines()
    assert hessian == "[[1.0, 0.0], [0.0, 10.0]]"
    assert eigenvalues == "[1.0, 10.0]"
    assert float(limit) == 2 / 10


def test_at_the_limit_w2_jumps_for_ever_inside_it_shrinks_outside_it_grows(outputs):
    inside, on, outside = (
        numbers(line)[1:] for line in outputs["at-the-limit"].stdout.splitlines()
    )
    assert on == [-2, 2, -2, 2, -2, 2]
    assert inside == pytest.approx([(1 - 1.99) ** t * 2 for t in range(95, 101)], abs=0.006)
    assert outside == pytest.approx([(1 - 2.01) ** t * 2 for t in range(95, 101)], abs=0.006)
    assert abs(inside[-1]) < abs(inside[0]) < 2 < abs(outside[0]) < abs(outside[-1])


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
    rows = [numbers(line) for line in outputs["best-rate"].stdout.splitlines()]
    for shown, factor, steps in rows:
        rate = 2 / 11 if shown == 0.182 else shown
        assert factor == pytest.approx(slower(rate), abs=0.0006)
        assert math.hypot(*position(rate, steps)) <= 0.001
        assert math.hypot(*position(rate, steps - 1)) > 0.001
    assert min(rows, key=lambda row: row[2])[0] == 0.182


def test_standardized_features_make_a_rounder_bowl(module):
    def roundness(feature):
        matrix = torch.stack([feature, torch.ones_like(feature)], dim=1)
        smallest, largest = torch.linalg.eigvalsh(matrix.T @ matrix)
        return (largest / smallest).item()

    assert roundness((module.x - module.x.mean()) / module.x.std()) < roundness(module.x) / 3


# Minibatches


def test_data_is_seeded_and_the_target_is_the_least_squares_solution(module, outputs):
    shapes, solution = outputs["data"].stdout.splitlines()
    assert shapes == "torch.Size([200, 2]) torch.Size([200])"
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
    assert outputs["full-batch"].stdout == outputs["gradient-on"].stdout


def test_minibatch_sgd_with_all_examples_is_gradient_descent(module):
    w = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    for point in module.sgd(module.p0, rate=0.1, size=200, epochs=7):
        assert torch.allclose(point, w.detach())
        (gradient,) = torch.autograd.grad(((module.A @ w - module.y) ** 2).mean() / 2, w)
        w = (w - 0.1 * gradient).detach().requires_grad_()


def test_updates_in_an_epoch_are_examples_over_batch_size(outputs):
    for line in outputs["updates-per-epoch"].stdout.splitlines():
        size, updates = (int(n.replace(",", "")) for n in line.split())
        assert size * updates == 1_000_000
    assert "100    10,000" in outputs["updates-per-epoch"].stdout


def test_a_batch_of_size_b_has_b_different_indices(module, outputs):
    indices, summary = outputs["sample-batch"].stdout.splitlines()
    drawn = [int(n) for n in numbers(indices)]
    count, *gradient = numbers(summary)
    assert len(drawn) == len(set(drawn)) == count == 10
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
    count, average, six = outputs["all-pairs"].stdout.splitlines()
    assert int(count) == math.comb(6, 2)
    assert average == six
    expected = explicit_gradient(module, [0, 0], range(6))
    assert numbers(six) == pytest.approx(expected, abs=0.00006)
    assert (module.of_pairs - module.of_pairs.mean(dim=0)).abs().amax(dim=1).min() > 0


def test_equal_parts_of_a_shuffled_epoch_average_to_the_full_gradient(module, outputs):
    assert outputs["partition"].stdout == "20 True\n"
    assert sorted(torch.cat(module.parts).tolist()) == list(range(200))
    parts = [explicit_gradient(module, [0, 0], part.tolist()) for part in module.parts]
    average = [sum(values) / 20 for values in zip(*parts, strict=True)]
    assert average == pytest.approx(explicit_gradient(module, [0, 0], range(200)))


def test_sorted_batches_are_right_on_average_and_each_far_off(module, outputs):
    whole = explicit_gradient(module, [0, 0], range(200))
    order = sorted(range(200), key=lambda i: examples(module)[i][1])
    cuts = {
        "shuffled": [part.tolist() for part in module.parts],
        "sorted": [order[first : first + 10] for first in range(0, 200, 10)],
    }
    for line, parts in zip(
        outputs["sorted-batches"].stdout.splitlines(), cuts.values(), strict=True
    ):
        off = [math.dist(explicit_gradient(module, [0, 0], part), whole) ** 2 for part in parts]
        assert line.startswith("True ")
        assert numbers(line)[0] == pytest.approx(sum(off) / 20, abs=0.06)
    shuffled, by_label = numbers(outputs["sorted-batches"].stdout)
    assert by_label > 4 * shuffled


def test_a_short_last_batch_counts_for_too_much_unless_weighted(outputs):
    sizes, means = outputs["last-batch"].stdout.splitlines()
    assert numbers(sizes) == [4, 4, 2]
    batches = [range(4), range(4, 8), range(8, 10)]
    of_batches = [sum(batch) / len(batch) for batch in batches]
    assert numbers(means) == pytest.approx([sum(of_batches) / 3, 4.5], abs=0.00006)
    assert sum(mean * len(b) for mean, b in zip(of_batches, batches, strict=True)) / 10 == 4.5


def test_drop_last_leaves_out_the_short_batch():
    loader = torch.utils.data.DataLoader(torch.arange(10.0), batch_size=4, drop_last=True)
    assert [len(batch) for batch in loader] == [4, 4]


def test_variance_times_batch_size_is_the_variance_of_one_example(module, outputs):
    whole = explicit_gradient(module, [0, 0], range(200))
    one = sum(math.dist(explicit_gradient(module, [0, 0], [i]), whole) ** 2 for i in range(200))
    first, *rows = (numbers(line) for line in outputs["variance"].stdout.splitlines())
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
        assert dots.tolist() == gradients[:60].tolist()
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


def test_torch_optim_sgd_makes_the_same_updates(outputs):
    assert outputs["torch-sgd"].stdout == "True\n"


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
    rows = [numbers(line) for line in outputs["batch-sizes"].stdout.splitlines()]
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


def test_upper_tradeoff_panel_draws_measured_variances_on_the_line_of_theory(module):
    line, dots = module.variance_axes.get_lines()
    sizes = [1, 2, 4, 8, 16, 32, 64]
    assert list(line.get_xdata()) == list(dots.get_xdata()) == sizes
    one = line.get_ydata()[0]
    assert list(line.get_ydata()) == pytest.approx([one / size for size in sizes])
    assert one == pytest.approx((module.singles - module.full).square().sum(dim=1).mean().item())
    assert list(dots.get_ydata()) == pytest.approx(list(line.get_ydata()), rel=0.08)
    assert module.variance_axes.get_xscale() == module.variance_axes.get_yscale() == "log"


def test_lower_tradeoff_panel_draws_the_distances_of_the_table(module, outputs):
    rows = [numbers(line) for line in outputs["batch-sizes"].stdout.splitlines()]
    labels = {text.get_text(): text for text in module.distance_axes.texts}
    start = math.hypot(*explicit_fit(module))
    lines = module.distance_axes.get_lines()
    for line, (size, updates, far) in zip(lines, rows, strict=True):
        assert line.get_xdata()[0] == 0
        assert line.get_xdata()[-1] == 5
        assert len(line.get_xdata()) == 1 + min(updates, 100)
        assert line.get_ydata()[0] == pytest.approx(start)
        assert line.get_ydata()[-1] == pytest.approx(far, abs=0.0006)
        label = labels[f"$B={size:.0f}$"]
        assert label.get_position()[1] == pytest.approx(far, abs=0.0006)
        assert label.get_color() == line.get_color()
    assert len({line.get_linestyle() for line in lines}) == 4


def test_memory_for_the_backward_pass_is_proportional_to_the_batch_size(module, outputs):
    for line in outputs["saved-bytes"].stdout.splitlines():
        size, saved = (int(n.replace(",", "")) for n in line.split())
        inputs, results = size * 100 * 4, size * 50 * 4
        assert saved == inputs + results == module.saved_bytes(size)


def test_64_identical_examples_give_the_gradient_of_one(module, outputs):
    assert outputs["duplicates"].stdout == "True\n"
    assert module.copies.tolist() == [7] * 64
    one = explicit_gradient(module, [0, 0], [7])
    assert explicit_gradient(module, [0, 0], [7] * 64) == pytest.approx(one)


def test_twice_the_batch_leaves_0_7_of_the_error():
    assert math.sqrt(1 / 2) == pytest.approx(0.7, abs=0.01)


# Hyperparameters


def test_the_best_learning_rate_grows_with_the_batch_until_the_limit(module, outputs):
    header, *lines = outputs["tune-together"].stdout.splitlines()
    rates = numbers(header)
    assert rates == [0.01, 0.1, 0.5, 1.0]
    start = math.hypot(*explicit_fit(module))
    best = {}
    for line in lines:
        name, *cells = line.split()
        size = int(name.removeprefix("B="))
        for rate, cell in zip(rates, cells, strict=True):
            if cell != "diverges":
                end = explicit_sgd(module, rate, size, 5)
                assert float(cell) == pytest.approx(distance_to_fit(module, end), abs=0.0006)
                assert float(cell) < start
        assert cells[-1] == "diverges"
        assert "diverges" not in cells[:-1]
        best[size] = min(zip(map(float, cells[:-1]), rates, strict=False))[1]
    assert best == {1: 0.01, 10: 0.1, 50: 0.5, 200: 0.5}


def test_rate_1_is_beyond_the_limit_of_this_data(module, outputs):
    a = sum(x * x for x, _ in examples(module)) / 200
    m = sum(x for x, _ in examples(module)) / 200
    largest = (a + 1) / 2 + math.sqrt(((a - 1) / 2) ** 2 + m * m)
    assert float(outputs["data-limit"].stdout) == pytest.approx(2 / largest, abs=0.006)
    assert 0.5 < 2 / largest < 1


def test_a_smaller_rate_settles_closer_and_waiting_longer_does_not(outputs):
    stages = [numbers(line) for line in outputs["schedule"].stdout.splitlines()]
    assert [rate for rate, _ in stages] == [0.1, 0.1, 0.01]
    first, second, third = (far for _, far in stages)
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


def test_adamw_is_adam_with_weight_decay_applied_separately(module):
    w = module.w0.clone().requires_grad_()
    optimizer = torch.optim.AdamW([w], lr=0.01, weight_decay=0.1)
    module.bowl(w).backward()
    optimizer.step()
    assert w.tolist() == pytest.approx([8 * (1 - 0.001) - 0.01, 2 * (1 - 0.001) - 0.01])


# Figures speak glossary terms and symbols only, in colours of the theme


def test_lines_of_figures_use_theme_colours(module):
    theme = {to_rgba(f"C{k}") for k in range(8)}
    names = ("curves", "variance", "distance", "noise", "valley", "position")
    for axes in (getattr(module, f"{name}_axes") for name in names):
        assert {to_rgba(line.get_color()) for line in axes.get_lines()} <= theme


# Exercises: the stubs are empty, and each check catches the likely mistake


NEEDS = {
    "stable-limit": ["setup"],
    "steps-needed": ["setup", "bowl", "one-step", "descend"],
    "epoch-batches": ["setup"],
    "momentum": ["setup", "bowl", "one-step"],
}


def run(module, names, **given):
    """Run these cells, and only these, with these names given; the namespace."""
    cells = {c.name: c.source for c in read_module(Path(module.__file__), module.__file__).cells}
    exec("\n".join(cells[name] for name in names), given)
    return given


@pytest.mark.parametrize("name", NEEDS)
def test_stub_fails_the_check_and_the_solution_passes_it(module, name):
    with pytest.raises(NotImplementedError):
        run(module, [*NEEDS[name], name, f"{name}-check"])
    run(module, [*NEEDS[name], f"{name}-solution", f"{name}-check"])


def plain_momentum(average):
    """Momentum that damps the gradient, or none at all."""

    def momentum_descent(rate, momentum, steps):
        w = torch.tensor([8.0, 2.0], dtype=torch.float64)
        velocity = torch.zeros_like(w)
        for _ in range(steps):
            gradient = w * torch.tensor([1.0, 10.0], dtype=torch.float64)
            velocity = momentum * velocity + (1 - momentum) * gradient if average else gradient
            w = w - rate * velocity
        return w

    return momentum_descent


MISTAKES = {
    "stable-limit without n": lambda A: 2 / torch.linalg.eigvalsh(A.T @ A)[-1].item(),
    "stable-limit half": lambda A: len(A) / torch.linalg.eigvalsh(A.T @ A)[-1].item(),
    "stable-limit smallest": lambda A: 2 * len(A) / torch.linalg.eigvalsh(A.T @ A)[0].item(),
    "steps-needed fastest": lambda rate, lambdas, shrink: math.ceil(
        math.log(shrink) / math.log((1 - rate * lambdas).abs().min().item())
    ),
    "steps-needed no limit": lambda rate, lambdas, shrink: math.ceil(
        math.log(shrink) / math.log((1 - rate * lambdas[0]).abs().item())
    ),
    "epoch-batches unshuffled": lambda n, size: list(torch.arange(n).split(size)),
    "epoch-batches repeats": lambda n, size: list(torch.randint(n, (n,)).split(size)),
    "epoch-batches drops the last": lambda n, size: list(torch.randperm(n).split(size))[:-1],
    "momentum none": plain_momentum(average=False),
    "momentum averaged": plain_momentum(average=True),
}
FUNCTIONS = {
    "stable-limit": "stable_limit",
    "steps-needed": "steps_needed",
    "epoch-batches": "epoch_batches",
    "momentum": "momentum_descent",
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_check_catches_a_likely_mistake(module, mistake):
    name = mistake.split()[0]
    before = run(module, NEEDS[name])
    with pytest.raises(AssertionError):
        run(module, [f"{name}-check"], **(before | {FUNCTIONS[name]: MISTAKES[mistake]}))
