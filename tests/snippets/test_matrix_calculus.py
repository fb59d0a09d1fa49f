"""What the chapter on matrix calculus claims, against closed forms, differences and jacrev."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from itertools import pairwise
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import slides
import torch
from torch import Tensor

DOUBLE = torch.float64
SHAPES = [(), (2,), (2, 5)], [(), (3,), (3, 4)]


def differences(f: Callable[[Tensor], Tensor], x: Tensor, h: float = 1e-6) -> Tensor:
    """All partial derivatives by central differences: shape of y, then shape of x."""
    steps = (h * torch.eye(x.numel(), dtype=x.dtype)).reshape((x.numel(), *x.shape))
    columns = [(f(x + step) - f(x - step)) / (2 * h) for step in steps]
    return torch.stack(columns, dim=-1).reshape((*columns[0].shape, *x.shape))


def lines(text: str) -> list[str]:
    return text.strip().splitlines()


def line_through(artist: Any) -> tuple[float, float]:
    """Slope of a drawn straight line, and its height at 0."""
    (x0, *_, x1), (y0, *_, y1) = (np.asarray(data, float) for data in artist.get_data())
    slope = (y1 - y0) / (x1 - x0)
    return slope, y0 - slope * x0


# Scalars


def test_secants_approach_the_tangent(outputs: Mapping[str, Any]) -> None:
    found = [
        tuple(map(float, re.findall(r"[\d.]+", line)))
        for line in lines(outputs["secant-slopes"].stdout)
    ]
    assert [h for h, _ in found] == [1, 0.5, 0.25, 0.01, 0.001]
    for h, slope in found:
        assert slope == pytest.approx(2 + h, abs=1e-3)  # ((1 + h)^2 - 1) / h
    assert outputs["derivative"].result == "tensor(2.)"


@pytest.mark.parametrize("h", [-1, -0.5, -0.25, -0.1, 0.1, 0.25, 0.5, 1])
def test_tangent_figure_draws_the_secant_of_h_and_the_wider_ones_on_its_side(
    module: ModuleType, h: float
) -> None:
    axes = module.tangent_axes
    *straight, corner, mark = slides.lines(axes, f"{h:g}")
    through = [line_through(line) for line in straight]
    for slope, height in through:
        assert slope + height == pytest.approx(1, abs=1e-5)  # through (1, 1)
    wider = [k for k in (-1, -0.5, -0.25, -0.1, 0.1, 0.25, 0.5, 1) if k / h >= 1]
    assert [slope for slope, _ in through] == pytest.approx([2 + k for k in wider], abs=1e-5)
    (own,) = [line for line in straight if line.get_linestyle() == "--"]
    assert line_through(own)[0] == pytest.approx(2 + h, abs=1e-5)  # ((1 + h)^2 - 1) / h
    top = (1 + h) ** 2
    assert corner.get_xydata() == pytest.approx(np.array([[1, 1], [1 + h, 1], [1 + h, top]]))
    assert mark.get_xydata() == pytest.approx(np.array([[1 + h, top]]))
    assert slides.texts(axes, f"{h:g}") == [f"$h = {h:g}$", f"slope = {2 + h:g}"]


def test_secants_of_the_figure_close_in_on_the_tangent_from_both_sides(module: ModuleType) -> None:
    steps = [float(value) for value in slides.values(module.tangent_figure)]
    assert steps == sorted(steps)
    assert 0 not in steps
    assert min(steps) == -max(steps)
    assert slides.values(module.tangent_figure, seen=True) == ["0.25"]
    curve, tangent, *_ = module.tangent_axes.lines
    x, y = (np.asarray(data, float) for data in curve.get_data())
    np.testing.assert_allclose(y, x**2, atol=1e-6)
    assert tangent.get_label() == "tangent line"
    assert line_through(tangent) == pytest.approx((2, -1), abs=1e-6)
    for sign in (-1, 1):
        off = [abs(line_through(_own(module, h))[0] - 2) for h in steps if h * sign > 0]
        assert sorted(off) == off[::sign]


def _own(module: ModuleType, h: float) -> Any:
    found = slides.lines(module.tangent_axes, f"{h:g}")
    return next(line for line in found if line.get_linestyle() == "--")


def test_scalar_rules_hold(module: ModuleType, outputs: Mapping[str, Any]) -> None:
    points = torch.tensor([0.7, 1.3, 2.6], dtype=DOUBLE)
    assert len(module.scalar_rules) == 8
    for name, (f, formula) in module.scalar_rules.items():
        measured = torch.stack([differences(f, x) for x in points])
        torch.testing.assert_close(formula(points), measured, atol=1e-7, rtol=1e-7, msg=name)
    shown = lines(outputs["scalar-rules"].stdout)
    assert len(shown) == 8 and all(line.endswith("True") for line in shown)


@pytest.mark.parametrize(("f", "low", "high"), [(torch.abs, -1, 1), (torch.relu, 0, 1)])
def test_subderivatives_at_the_kink_are_an_interval(
    module: ModuleType, f: Callable[[Tensor], Tensor], low: float, high: float
) -> None:
    for g in np.linspace(-1.5, 1.5, 31).round(2).tolist():
        assert module.supports(f, g) == (low <= g <= high), g


def test_supporting_lines_are_shown_as_said(outputs: Mapping[str, Any]) -> None:
    for line in lines(outputs["supporting-lines"].stdout):
        g, of_abs, of_relu = re.findall(r"-?\d+\.\d+|True|False", line)
        assert of_abs == str(-1 <= float(g) <= 1)
        assert of_relu == str(0 <= float(g) <= 1)


def test_dashed_lines_support_and_dotted_lines_do_not(module: ModuleType) -> None:
    for ax, f in zip(module.kink_axes, (np.abs, lambda x: np.maximum(x, 0)), strict=True):
        *straight, graph, _ = ax.lines
        x, y = (np.asarray(data, float) for data in graph.get_data())
        np.testing.assert_allclose(y, f(x), atol=1e-6)
        styles = set()
        for line in straight:
            g, height = line_through(line)
            assert height == pytest.approx(0, abs=1e-6)
            below = bool((g * x <= f(x) + 1e-6).all())
            assert line.get_linestyle() == ("--" if below else ":")
            styles.add(line.get_linestyle())
        assert styles == {"--", ":"}
        assert [t.get_text() for t in ax.texts] == [
            "$g = -0.5$",
            "$g = 0$",
            "$g = 0.5$",
            "$g = 1.2$",
        ]


def test_pytorch_returns_a_subderivative_of_one_operation_but_not_of_several(
    module: ModuleType, outputs: Mapping[str, Any]
) -> None:
    shown = lines(outputs["kinks"].stdout + outputs["composed-kinks"].stdout)
    found = dict(line.split(", at 1")[0].split("derivative at 0: ") for line in shown)
    values = {name.strip(): float(value) for name, value in found.items()}
    assert values["abs(x)"] == values["relu(x)"] == values["vector_norm(x)"] == 0
    assert values["maximum(x, 0)"] == 0.5
    assert math.isinf(values["sqrt(x)"]) and math.isnan(values["sqrt(x * x)"])
    x = torch.linspace(-2, 2, 9)
    identity = module.composed["relu(x) - relu(-x)"]
    assert torch.equal(identity(x), x)  # whose only subderivative is 1
    assert values["relu(x) - relu(-x)"] == values["-abs(x)"] == 0
    below = [bool((-x.abs() >= g * x).all()) for g in np.linspace(-2, 2, 41)]
    assert not any(below)  # -|x| has no subderivative at 0


# Gradients


def test_gradient_of_the_bowl(module: ModuleType, outputs: Mapping[str, Any]) -> None:
    assert outputs["gradient"].result == "tensor([2., 4.])"
    x = torch.tensor([-0.3, 1.7], dtype=DOUBLE)
    closed_form = torch.tensor([2 * x[0], 4 * x[1]], dtype=DOUBLE)
    torch.testing.assert_close(module.jacobian(module.bowl, x), closed_form)


def test_gradient_points_to_the_steepest_ascent(module: ModuleType) -> None:
    degrees, rates = module.degrees, module.rates
    assert len(degrees) == 3600
    best = float(degrees[rates.argmax()])
    assert abs(best - math.degrees(math.atan2(4, 2))) < 0.1
    assert float(rates.max()) == pytest.approx(math.sqrt(20), abs=1e-5)
    phi = torch.deg2rad(degrees - math.degrees(math.atan2(4, 2)))
    torch.testing.assert_close(rates, math.sqrt(20) * phi.cos(), atol=1e-8, rtol=0)


def test_the_value_changes_just_as_fast_the_opposite_way(
    module: ModuleType, outputs: Mapping[str, Any]
) -> None:
    """The notes' “changes most” would fit both directions."""
    rates, degrees = module.rates, module.degrees
    assert float(rates.min()) == pytest.approx(-float(rates.max()))
    assert float(degrees[rates.argmin()] - degrees[rates.argmax()]) == pytest.approx(180)
    assert outputs["up-and-down"].stdout == (
        "rate  4.472 at 63.4 degrees\nrate -4.472 at 243.4 degrees\n"
    )


def test_gradient_is_orthogonal_to_the_contour(
    module: ModuleType, outputs: Mapping[str, Any]
) -> None:
    for t in torch.linspace(0, 2 * math.pi, 17, dtype=DOUBLE):
        x1, x2 = math.sqrt(3) * math.cos(t), math.sqrt(1.5) * math.sin(t)
        ahead = -math.sqrt(3) * math.sin(t), math.sqrt(1.5) * math.cos(t)
        assert x1**2 + 2 * x2**2 == pytest.approx(3)
        assert 2 * x1 * ahead[0] + 4 * x2 * ahead[1] == pytest.approx(0, abs=1e-12)
        assert float(module.rate_along(t)) == pytest.approx(0, abs=1e-12)
    assert all(line.endswith("True") for line in lines(outputs["orthogonal-to-contour"].stdout))


def test_contour_figure_shows_the_right_angle(module: ModuleType) -> None:
    axes = module.contour_axes
    assert axes.get_aspect() == 1  # or a right angle would not look like one
    arrows = [t for t in axes.texts if hasattr(t, "arrow_patch")]
    vectors = [np.asarray(a.xy, float) - np.asarray(a.xyann, float) for a in arrows]
    uphill, downhill = vectors
    assert uphill @ np.array([4, -2]) == pytest.approx(0) and uphill[0] > 0
    np.testing.assert_allclose(downhill, -uphill)
    dashed = next(line for line in axes.lines if line.get_linestyle() == "--")
    slope, height = line_through(dashed)
    assert slope * 2 == pytest.approx(-1)  # at right angles to a slope of 4 / 2
    assert slope + height == pytest.approx(1)


def test_rate_figure_marks_maximum_zeros_and_minimum(module: ModuleType) -> None:
    curve, _, top, zeros, bottom = module.rate_axes.lines
    degrees, rates = (np.asarray(data, float) for data in curve.get_data())
    gradient = math.degrees(math.atan2(4, 2))
    np.testing.assert_allclose(
        rates, math.sqrt(20) * np.cos(np.radians(degrees - gradient)), atol=1e-6
    )
    assert float(top.get_xdata()[0]) == pytest.approx(gradient)
    assert float(top.get_ydata()[0]) == pytest.approx(math.sqrt(20), abs=1e-5)
    assert list(zeros.get_xdata()) == pytest.approx([gradient + 90, gradient + 270])
    assert list(zeros.get_ydata()) == [0, 0]
    assert float(bottom.get_xdata()[0]) == pytest.approx(gradient + 180)
    assert float(bottom.get_ydata()[0]) == pytest.approx(-math.sqrt(20), abs=1e-5)


# Shapes


@pytest.mark.parametrize(("m", "n"), [(2, 3), (4, 1), (1, 5)])
def test_rows_follow_y_and_columns_follow_x(module: ModuleType, m: int, n: int) -> None:
    assert module.rows_and_columns((), ()) == (1, 1)
    assert module.rows_and_columns((), (n,)) == (1, n)
    assert module.rows_and_columns((m,), ()) == (m, 1)
    assert module.rows_and_columns((m,), (n,)) == (m, n)


def test_shapes_figure_draws_as_many_squares_as_there_are_numbers(module: ModuleType) -> None:
    drawn = []
    for ax in module.shapes_axes.flat:
        corners = [patch.get_xy() for patch in ax.patches]
        rows, columns = len({y for _, y in corners}), len({x for x, _ in corners})
        assert len(corners) == rows * columns
        assert ax.texts[0].get_text() == f"({rows}, {columns})"
        drawn.append((rows, columns))
    assert drawn == [(1, 1), (1, 3), (2, 1), (2, 3)]


def test_layouts_are_transposes_and_not_the_same(
    module: ModuleType, outputs: Mapping[str, Any]
) -> None:
    A = torch.tensor([[1.0, 2, 3], [4, 5, 6]])  # y = A x: numerator layout is A by hand
    assert torch.equal(module.numerator, A)
    assert torch.equal(module.denominator, A.T)
    assert module.numerator.shape != module.denominator.shape
    assert lines(outputs["layouts"].stdout)[-1] == "transposes: True"


@pytest.mark.parametrize("y_shape", SHAPES[0])
@pytest.mark.parametrize("x_shape", SHAPES[1])
def test_pytorch_appends_the_shape_of_x_to_that_of_y(
    module: ModuleType, y_shape: tuple[int, ...], x_shape: tuple[int, ...]
) -> None:
    derivative = module.some_derivative(y_shape, x_shape)
    assert derivative.shape == y_shape + x_shape
    by_hand = torch.full(y_shape + x_shape, math.cos(1))  # of sin(x).sum() at ones
    torch.testing.assert_close(derivative, by_hand)


def test_jacrev_returns_the_shapes_that_jacobian_returns() -> None:
    def f(x: Tensor) -> Tensor:
        return x.sin().sum().expand(2, 5)

    x = torch.ones(3, 4)
    expected = torch.autograd.functional.jacobian(f, x)
    torch.testing.assert_close(torch.func.jacrev(f)(x), expected)


def test_the_course_turns_the_axes_of_x_round(outputs: Mapping[str, Any]) -> None:
    shown = lines(outputs["matrix-shapes"].stdout)
    found = [re.findall(r"\(.*?\)", line) for line in shown]
    expected = [[y, x, y + x, y + x[::-1]] for y in SHAPES[0] for x in SHAPES[1]]
    assert found == [[str(shape) for shape in row] for row in expected]


def test_derivative_of_a_matrix_product(module: ModuleType, outputs: Mapping[str, Any]) -> None:
    expected = torch.einsum("ip,jq->ijpq", module.W, torch.eye(4))
    assert torch.equal(module.by_hand_entries, expected)
    assert outputs["matrix-entries"].stdout.endswith("agree: True\n")
    assert expected.numel() == 96 and int((expected == 0).sum()) == 72


# Rules


@pytest.fixture
def point() -> Tensor:
    """Where the module evaluates its rules."""
    torch.manual_seed(0)
    return torch.randn(3, dtype=DOUBLE)


@pytest.mark.parametrize("rules", ["gradient_rules", "jacobian_rules"])
def test_vector_rules_hold(module: ModuleType, point: Tensor, rules: str) -> None:
    table = getattr(module, rules)
    assert len(table) == (7 if rules == "gradient_rules" else 8)
    for name, (f, formula) in table.items():
        measured = differences(f, point)
        torch.testing.assert_close(formula, measured, atol=1e-7, rtol=1e-6, msg=name)


@pytest.mark.parametrize(
    ("cell", "count"), [("scalar-by-vector-rules", 7), ("vector-by-vector-rules", 8)]
)
def test_vector_rules_are_shown_to_hold(outputs: Mapping[str, Any], cell: str, count: int) -> None:
    shown = lines(outputs[cell].stdout)
    assert len(shown) == count and all(line.endswith("True") for line in shown)


def test_a_forgotten_transpose_would_show(module: ModuleType) -> None:
    assert module.A.shape == (2, 3) and module.B.shape == (3, 2)
    derivative = module.jacobian_rules["x^T B"][1]
    assert derivative.shape == (2, 3) != module.B.shape


def test_rows_of_the_jacobian_are_gradients(outputs: Mapping[str, Any]) -> None:
    x1, x2 = 2.0, 3.0
    expected = torch.tensor([[x2, x1], [1, 1], [2 * x1, 0]])
    assert outputs["jacobian"].result == repr(expected)


def warp_by_hand(x: np.ndarray) -> np.ndarray:
    return np.stack([x[0] + x[1] ** 2 / 2, x[1] + np.sin(x[0])])


def test_the_jacobian_moves_small_steps(module: ModuleType, outputs: Mapping[str, Any]) -> None:
    x, J = np.array([1.0, 0.5]), np.array([[1, 0.5], [math.cos(1), 1]])
    d = np.array([0.6, 0.8])
    found = []
    for line in lines(outputs["linear-approximation"].stdout):
        h, error = map(float, re.findall(r"\d+\.\d+", line))
        missed = warp_by_hand(x + h * d) - warp_by_hand(x) - J @ (h * d)
        assert error == pytest.approx(np.hypot(*missed) / h, abs=6e-5)
        found.append(np.hypot(*missed))
    for longer, shorter in pairwise(found):
        assert 90 < longer / shorter < 110  # a hundredth, for a tenth of the step
    assert all(line.endswith("True") for line in lines(outputs["products"].stdout))


@pytest.mark.parametrize("h", [0.1, 0.2, 0.3, 0.5, 0.7, 1])
def test_figure_shows_function_and_jacobian_close_in(module: ModuleType, h: float) -> None:
    x, J = np.array([[1.0], [0.5]]), np.array([[1, 0.5], [math.cos(1), 1]])
    drawn = slides.lines(module.near_axes, f"{h:g}")
    solid = [line for line in drawn if line.get_linestyle() == "-"]
    dashed = [line for line in drawn if line.get_linestyle() == "--"]
    apart = []
    for curve, straight in zip(solid, dashed, strict=True):
        d = np.linalg.solve(J, np.asarray(straight.get_xydata(), float).T)
        assert np.nanmax(np.abs(d)) == pytest.approx(1)
        true = (warp_by_hand(x + h * d) - warp_by_hand(x)) / h
        np.testing.assert_allclose(np.asarray(curve.get_xydata(), float).T, true, atol=1e-9)
        apart.append(np.nanmax(np.abs(true - J @ d)))
    assert max(apart) < 0.9 * h
    values = slides.values(module.near_figure)
    assert values == ["0.1", "0.2", "0.3", "0.5", "0.7", "1"]
    assert slides.values(module.near_figure, seen=True) == ["0.5"]


def test_gradient_of_a_broadcast_operand_is_summed(outputs: Mapping[str, Any]) -> None:
    columns = np.arange(12).reshape(4, 3).sum(axis=0).tolist()
    for line in lines(outputs["broadcast-backward"].stdout):
        assert [float(n) for n in re.findall(r"\d+\.\d+", line)] == columns


# Convexity


def test_one_chord_shows_that_the_quartic_is_not_convex(outputs: Mapping[str, Any]) -> None:
    found = [re.findall(r"-?\d+\.\d+", line) for line in lines(outputs["chords"].stdout)]
    (low, chord), (high, lower_chord) = [map(float, pair) for pair in found]
    assert (low, chord) == (1, 2) and (high, lower_chord) == (0, -2)


def test_two_descents_meet_only_on_the_convex_function(
    module: ModuleType, outputs: Mapping[str, Any]
) -> None:
    flat = np.sort(np.roots([4, 0, -6, 1]))  # where the quartic's derivative is 0
    ends = {f.__name__: path[-1].tolist() for f, path in module.paths.items()}
    assert ends["parabola"] == pytest.approx([1, 1], abs=1e-4)
    assert ends["quartic"] == pytest.approx([flat[2], flat[0]], abs=1e-9)
    everywhere = module.quartic(np.linspace(-3, 3, 60001))
    assert everywhere.min() == pytest.approx(module.quartic(flat[0]), abs=1e-6)
    assert module.quartic(flat[2]) > module.quartic(flat[0]) + 2
    assert outputs["right-minimum"].stdout == f"{flat[2]:.3f}\n"
    assert outputs["left-minimum"].stdout == f"{flat[0]:.3f}\n"


def test_descent_steps_along_the_negative_gradient(module: ModuleType) -> None:
    for w in (2.0, -2.0):
        path = module.descend(module.quartic, torch.tensor(w, dtype=DOUBLE), num_steps=10)
        for here, there in zip(path[:-1].tolist(), path[1:].tolist(), strict=True):
            assert there == pytest.approx(here - 0.05 * (4 * here**3 - 6 * here + 1))


def test_descent_figure_shows_the_paths(module: ModuleType) -> None:
    for ax, (f, path) in zip(module.descent_axes, module.paths.items(), strict=True):
        graph, *rest = ax.lines
        x, y = (np.asarray(data, float) for data in graph.get_data())
        np.testing.assert_allclose(y, f(x), atol=1e-4)
        for i in range(2):
            steps, star = rest[2 * i : 2 * i + 2]
            np.testing.assert_allclose(steps.get_xdata(), path[:25, i])
            np.testing.assert_allclose(steps.get_ydata(), f(path[:25, i]))
            assert star.get_marker() == "*"
            assert float(star.get_xdata()[0]) == float(path[-1, i])


def test_saddle_holds_descent_only_on_the_ridge(
    module: ModuleType, outputs: Mapping[str, Any]
) -> None:
    on_ridge, beside = (
        module.descend(module.saddle, torch.tensor([1.0, w2], dtype=DOUBLE), num_steps=180)[-1]
        for w2 in (0.0, 1e-6)
    )
    assert on_ridge.tolist() == pytest.approx([0.9**180, 0])
    assert beside.tolist() == pytest.approx([0.9**180, 1e-6 * 1.1**180])
    assert lines(outputs["saddle"].stdout)[0] == "Hessian eigenvalues: [-2.0, 2.0]"


def test_five_starts_reach_the_one_least_squares_solution(
    module: ModuleType, outputs: Mapping[str, Any]
) -> None:
    X, y = module.X, module.y
    normal_equations = torch.linalg.solve(X.T @ X, X.T @ y)
    assert module.many_starts.shape == (5, 3)
    assert float((module.many_starts - normal_equations).norm(dim=1).min()) > 1
    torch.testing.assert_close(module.many_ends, normal_equations.expand(5, 3), atol=1e-9, rtol=0)
    assert lines(outputs["same-minimum"].stdout)[-1] == "at the end less than 1e-9 away: True"


def test_descent_needs_smoothness_a_minimum_and_a_small_rate(outputs: Mapping[str, Any]) -> None:
    found = [
        tuple(map(float, re.findall(r"(?:99|100): ([-+.\de]+)", line)))
        for line in lines(outputs["promise-broken"].stdout)
    ]
    kinked, endless, wild = found
    assert kinked == pytest.approx((-0.1, 0.2))  # on both sides of the minimum, for ever
    w = 2.0
    for _ in range(100):
        w -= 0.3 * math.exp(w)
    assert endless[1] == pytest.approx(w, abs=5e-3) and endless[1] < endless[0]
    assert wild == pytest.approx((1 - 1.2**99, 1 + 1.2**100), rel=5e-3)


def test_machine_learning_has_convex_problems(
    module: ModuleType, outputs: Mapping[str, Any]
) -> None:
    """The notes' “machine learning does not deal with convex problems” is refuted twice."""
    X, n = module.X, len(module.X)
    w = torch.zeros(3, dtype=DOUBLE)
    of_squares = module.hessian(module.least_squares, w)
    torch.testing.assert_close(of_squares, X.T @ X / n)
    assert torch.linalg.eigvalsh(of_squares).min() > 0

    torch.manual_seed(1)
    for scale in (0.1, 1.0, 10.0):
        w = scale * torch.randn(12, dtype=DOUBLE)
        p = torch.softmax(X @ w.reshape(3, 4), dim=1)
        by_hand = sum(
            torch.kron(torch.outer(x, x), torch.diag(q) - torch.outer(q, q))
            for x, q in zip(X, p, strict=True)
        )
        of_softmax = module.hessian(module.softmax_regression, w)
        torch.testing.assert_close(of_softmax, by_hand / n)
        assert torch.linalg.eigvalsh(of_softmax).min() > -1e-12
    shown = lines(outputs["convex-losses"].stdout)
    assert len(shown) == 2 and all(line.endswith("True") for line in shown)


def test_training_a_small_network_is_not_convex(
    module: ModuleType, outputs: Mapping[str, Any]
) -> None:
    w = torch.tensor([0.7, -1.4], dtype=DOUBLE)
    assert float(module.network_loss(w)) == pytest.approx(float(module.network_loss(-w)))
    end, other_end, middle = (
        float(line.rsplit(maxsplit=1)[1]) for line in lines(outputs["network-is-not-convex"].stdout)
    )
    assert end == other_end == 0 < middle
    x = np.linspace(-1, 1, 50)
    assert middle == pytest.approx((np.tanh(2 * x) ** 2).mean(), abs=1e-3)


# Questions


def test_a_derivative_found_by_hand_is_checked_twice(
    module: ModuleType, outputs: Mapping[str, Any]
) -> None:
    x = torch.tensor([1.0, -1.0, 2.0], dtype=DOUBLE)
    torch.testing.assert_close(2 * (module.V @ x) @ module.V, differences(module.squared_length, x))
    shown = lines(outputs["check-by-hand"].stdout)
    assert len(shown) == 2 and all(line.endswith("True") for line in shown)


# Exercises


def test_solutions_agree_with_plain_sums(module: ModuleType) -> None:
    torch.manual_seed(2)
    A, x = torch.randn(5, 5, dtype=DOUBLE), torch.randn(5, dtype=DOUBLE)
    by_sums = [sum((A[i, j] + A[j, i]) * x[j] for j in range(5)) for i in range(5)]
    torch.testing.assert_close(module.quadratic_form_derivative(A, x), torch.stack(by_sums))
    s = torch.exp(x) / torch.exp(x).sum()
    entries = [[s[i] * (float(i == j) - s[j]) for j in range(5)] for i in range(5)]
    expected = torch.stack([torch.stack(row) for row in entries])
    torch.testing.assert_close(module.softmax_jacobian(x), expected)


def test_softmax_does_not_see_a_common_constant(outputs: Mapping[str, Any]) -> None:
    x = torch.tensor([1.0, 2.0, 0.5, -1.0], dtype=DOUBLE)
    torch.testing.assert_close(torch.softmax(x + 7, 0), torch.softmax(x, 0))
    assert lines(outputs["softmax-null-space"].stdout) == [
        "J 1 = [0. 0. 0. 0.]",
        "1^T J = [0. 0. 0. 0.]",
        "rank 3 of 4",
    ]


@pytest.mark.parametrize(
    ("cell", "name", "wrong"),
    [
        ("quadratic-form", "quadratic_form_derivative", lambda A, x: 2 * A @ x),
        ("softmax-jacobian", "softmax_jacobian", lambda x: torch.diag(torch.softmax(x, 0))),
    ],
)
def test_checks_catch_the_likely_mistakes(
    run_check: Callable[..., None], cell: str, name: str, wrong: Callable[..., Any]
) -> None:
    run_check(cell)
    with pytest.raises(AssertionError):
        run_check(cell, **{name: wrong})
