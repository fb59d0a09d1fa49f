"""What the chapter on matrices and space claims, against closed forms, NumPy and its pictures."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import slides
import torch

DOUBLE = torch.float64
ROOT13 = math.sqrt(13)


def shown(outputs: Mapping[str, Any], cell: str) -> list[str]:
    return str(outputs[cell].stdout).strip().splitlines()


def numbers(line: str) -> list[float]:
    return [float(n) for n in re.findall(r"-?\d+\.?\d*(?:e[+-]\d+)?", line)]


def points(line: Any) -> np.ndarray:
    return np.asarray(line.get_xydata(), float)


def tips(axes: Any, gid: object = None) -> list[np.ndarray]:
    """Where the arrows from the origin end, one for each."""
    arrows = [p for p in axes.patches if hasattr(p, "_x")]
    chosen = [p for p in arrows if gid is None or p.get_gid() == f"frame:{gid}"]
    return [np.array([p._dx, p._dy]) for p in chosen]


# Motion


def test_columns_are_where_the_axes_land(module: ModuleType, outputs: Mapping[str, Any]) -> None:
    found = [numbers(line) for line in shown(outputs, "move-points")]
    for x1, x2, *image in found:
        assert image == [2 * x1 - x2, x1 + x2]
    assert found[0][2:] == module.A[:, 0].tolist() and found[1][2:] == module.A[:, 1].tolist()
    assert module.R.tolist() == [[0, -1], [1, 0]]
    assert all(line.endswith("True") for line in shown(outputs, "linearity"))


@pytest.mark.parametrize("t", [0, 0.2, 0.4, 0.6, 0.8, 1])
def test_grid_figure_moves_from_the_identity_to_the_matrix(module: ModuleType, t: float) -> None:
    moved = (1 - t) * np.eye(2) + t * np.array([[2.0, -1], [1, 1]])
    for got, expected in zip(tips(module.grid_axes, f"{t:g}"), moved.T, strict=True):
        np.testing.assert_allclose(got, expected, atol=1e-6)
    thin = [points(line) for line in module.grid_axes.lines if not line.get_gid()]
    for before, line in zip(thin, slides.lines(module.grid_axes, f"{t:g}"), strict=True):
        np.testing.assert_allclose(points(line), before @ moved.T, atol=1e-5)
    square = next(p for p in slides.patches(module.grid_axes, f"{t:g}") if not hasattr(p, "_x"))
    x, y = np.asarray(square.get_xy(), float)[:4].T
    area = abs(x @ np.roll(y, 1) - y @ np.roll(x, 1)) / 2  # shoelace
    assert slides.texts(module.grid_axes, f"{t:g}") == [f"determinant = {area:.2f}"]
    assert slides.values(module.grid_figure, seen=True) == ["1"]


def test_a_product_acts_from_right_to_left(module: ModuleType) -> None:
    x = torch.tensor([1.0, 2.0])
    turned = torch.tensor([-2.0, 1.0])
    torch.testing.assert_close(module.D @ module.R @ x, turned * torch.tensor([2.0, 1.0]))
    stretched = torch.tensor([2.0, 2.0])
    torch.testing.assert_close(module.R @ module.D @ x, torch.tensor([-2.0, 2.0]))
    assert (module.R @ stretched).tolist() == [-2.0, 2.0]


def test_letters_end_differently(module: ModuleType) -> None:
    def stem_and_arm(axes: Any) -> tuple[float, float]:
        drawn = points(axes.lines[-1])
        return tuple(float(np.hypot(*(drawn[i] - drawn[i + 1]))) for i in (0, 1))  # type: ignore[return-value]

    first, second = module.composition_axes
    assert stem_and_arm(first[0]) == stem_and_arm(second[0]) == pytest.approx((1.6, 1))
    assert stem_and_arm(first[2]) == pytest.approx((3.2, 1))  # long stem, short arms
    assert stem_and_arm(second[2]) == pytest.approx((1.6, 2))  # the other way round
    for row in module.composition_axes:  # lying on its side
        assert points(row[2].lines[-1])[:2, 1] == pytest.approx([0, 0], abs=1e-6)


def test_two_linear_layers_are_one(outputs: Mapping[str, Any]) -> None:
    assert shown(outputs, "two-layers") == ["shape of the one matrix: (2, 3)", "same output: True"]


# What is lost, and what can be undone


def test_rank_and_null_space_sum_to_the_columns(
    module: ModuleType, outputs: Mapping[str, Any]
) -> None:
    for line, M in zip(shown(outputs, "rank"), (module.A, module.B, module.wide), strict=True):
        rank = np.linalg.matrix_rank(M.numpy())
        assert numbers(line) == [M.shape[1], rank, M.shape[1] - rank]
    third, fourth = module.wide[:, 2], module.wide[:, 3]
    assert torch.equal(third, module.wide[:, 0] + module.wide[:, 1])
    assert torch.equal(fourth, 2 * module.wide[:, 0] - module.wide[:, 1])
    assert {line.split("to ")[1] for line in shown(outputs, "null-space")[1:]} == {"[2.0, 1.0]"}


def test_each_line_along_the_null_space_becomes_a_point(module: ModuleType) -> None:
    before, after = module.rank_axes
    images = []
    for line, image in zip(before.lines, after.lines[:-1], strict=True):
        steps = np.diff(points(line), axis=0)
        np.testing.assert_allclose(steps[:, 0], -2 * steps[:, 1], atol=1e-6)
        assert np.ptp(points(image), axis=0) == pytest.approx([0, 0], abs=1e-6)
        assert line.get_marker() == image.get_marker() and len(points(line)) == 4
        images.append(points(image)[0])
    np.testing.assert_allclose(images, [[-2, -1], [0, 0], [2, 1]], atol=1e-6)


def test_inverse_undoes_and_solving_is_more_exact(
    module: ModuleType, outputs: Mapping[str, Any]
) -> None:
    np.testing.assert_allclose(module.inverse, np.array([[1, 1], [-1, 2]]) / 3, atol=1e-6)
    assert "singular" in shown(outputs, "inverse")[-1]
    assert [numbers(line)[-2:] for line in shown(outputs, "solve")] == [[20, 20], [20, 20]]
    for seed in range(5):  # no luck of one seed
        b = module.hilbert @ torch.randn(8, generator=torch.manual_seed(seed), dtype=DOUBLE)
        solved = torch.linalg.solve(module.hilbert, b)
        inverted = torch.linalg.inv(module.hilbert) @ b
        off = [float((module.hilbert @ x - b).norm()) for x in (solved, inverted)]
        assert off[1] > 1000 * off[0]


def test_orthogonal_matrices_keep_lengths_and_angles(
    module: ModuleType, outputs: Mapping[str, Any]
) -> None:
    turned, flipped = shown(outputs, "orthogonal")
    for line, det in ((turned, "+1"), (flipped, "-1")):
        assert f"True  |Qx| = 5.000  Qx·Qy = 11.000  det = {det}" in line
    letters = [points(axes.lines[-1]) for axes in module.orthogonal_axes]
    for letter in letters[1:]:
        here, there = (np.hypot(*np.diff(drawn, axis=0).T) for drawn in (letter, letters[0]))
        np.testing.assert_allclose(here, there, atol=1e-6)
    stem = letters[1][1]
    assert math.degrees(math.atan2(stem[0], stem[1])) == pytest.approx(30)  # clockwise


# Directions


def test_eigenvectors_stay_on_their_line(module: ModuleType, outputs: Mapping[str, Any]) -> None:
    assert shown(outputs, "eigenvectors") == [
        "eigenvector [1. 0.]  C v = 1 v: True",
        "eigenvector [0.707 0.707]  C v = 2 v: True",
        "eigenvalues of the quarter turn: [1j, -1j]",
    ]
    for line in shown(outputs, "powers")[1:]:
        k, *moved = numbers(line)
        parts = 1.1**k / 2, 0.5**k / 2
        assert moved == pytest.approx([sum(parts), parts[0] - parts[1]], abs=6e-4)


def test_symmetric_matrices_have_an_orthonormal_basis_of_eigenvectors(
    module: ModuleType, outputs: Mapping[str, Any]
) -> None:
    assert shown(outputs, "spectral-theorem") == [
        "eigenvalues: [1. 3.]",
        "Q^T Q = I: True",
        "Q diag(values) Q^T = S: True",
    ]
    M = torch.randn(7, 7, generator=torch.manual_seed(0), dtype=DOUBLE)
    values, vectors = np.linalg.eig((M + M.T).numpy())
    assert np.isrealobj(values)
    np.testing.assert_allclose(vectors.T @ vectors, np.eye(7), atol=1e-9)


@pytest.mark.parametrize("degrees", range(0, 181, 15))
def test_arrows_line_up_at_the_eigenvectors_only(module: ModuleType, degrees: int) -> None:
    image, x = tips(module.eigen_axes, degrees)
    np.testing.assert_allclose(
        x, [math.cos(math.radians(degrees)), math.sin(math.radians(degrees))], atol=1e-6
    )
    np.testing.assert_allclose(image, np.array([[2, 1], [1, 2]]) @ x, atol=1e-5)
    between = math.degrees(math.acos(min(1.0, x @ image / np.hypot(*image))))
    theta, says = slides.texts(module.eigen_axes, degrees)
    assert theta == f"θ = {degrees}°"
    if degrees in (45, 135):
        assert says == "eigenvector" and between < 0.1
        assert np.hypot(*image) == pytest.approx(3 if degrees == 45 else 1)
    else:
        assert says == f"φ = {between:.0f}°" and between > 5
    assert slides.values(module.eigen_figure, seen=True) == ["15"]
    assert degrees != 15 or says == "φ = 19°"  # as the alt text has it


def test_quadratic_forms_swing_between_the_eigenvalues(
    module: ModuleType, outputs: Mapping[str, Any]
) -> None:
    drawn = module.forms_axes.lines[:3]
    for line, drawing, (name, M) in zip(
        shown(outputs, "quadratic-forms"), drawn, module.forms.items(), strict=True
    ):
        low, high = np.linalg.eigvalsh(M.numpy())
        assert line.startswith(name)
        assert numbers(line)[:4] == pytest.approx([low, high, low, high], abs=1e-5)
        theta, height = np.radians(points(drawing)).T[0], points(drawing)[:, 1]
        x = np.stack([np.cos(theta), np.sin(theta)])
        np.testing.assert_allclose(height, np.einsum("it,ij,jt->t", x, M.numpy(), x), atol=1e-5)
    assert [line.get_linestyle() for line in drawn] == ["-", "--", ":"]
    touches = np.isclose(points(drawn[1])[:, 1], 0, atol=1e-5)
    assert touches.sum() == 2


def test_gram_matrix_is_definite_exactly_with_independent_columns(
    outputs: Mapping[str, Any],
) -> None:
    independent, twice = shown(outputs, "gram-matrix")
    assert independent.endswith("True") and twice.endswith("False")


# Singular values and condition


def test_singular_values_are_the_half_axes_and_sum_up_the_rest(
    module: ModuleType, outputs: Mapping[str, Any]
) -> None:
    half_axes = [(ROOT13 + 1) / 2, (ROOT13 - 1) / 2]  # by hand, of [[2, -1], [1, 1]]
    np.testing.assert_allclose(module.sigma, half_axes, atol=1e-6)
    for line in shown(outputs, "what-they-tell"):
        value, from_sigma = numbers(line)[-2:]
        assert value == from_sigma
    circle, ellipse = module.ellipse_axes
    radii = np.hypot(*points(ellipse.lines[0]).T)
    assert (radii.min(), radii.max()) == pytest.approx(half_axes[::-1], abs=2e-3)
    for v, image, length in zip(tips(circle), tips(ellipse), half_axes, strict=True):
        assert np.hypot(*v) == pytest.approx(1) and np.hypot(*image) == pytest.approx(length)
        np.testing.assert_allclose(image, module.A.numpy() @ v, atol=1e-5)
    for one, other in (tips(circle), tips(ellipse)):
        assert one @ other == pytest.approx(0, abs=1e-5)


def test_rank_of_nearly_dependent_columns_depends_on_the_precision(
    outputs: Mapping[str, Any],
) -> None:
    assert shown(outputs, "numerical-rank") == [
        "smallest singular value: 2e-07",
        "torch.float64 rank 2",
        "torch.float32 rank 1",
    ]


def test_condition_number_bounds_the_relative_error_and_is_reached(
    module: ModuleType, outputs: Mapping[str, Any]
) -> None:
    found = [numbers(line)[-1] for line in shown(outputs, "condition-number")]
    expected = [1, (ROOT13 + 1) / (ROOT13 - 1), 3, 9, np.linalg.cond(module.hilbert.numpy())]
    assert found == pytest.approx(expected, rel=5e-3)
    assert shown(outputs, "amplification") == ["b is off by 1%, x by 9%"]
    assert float(module.factors.max()) <= 9
    assert float(module.factors.median()) < 2 and float((module.factors > 8).double().mean()) < 0.05


def test_condition_figure_shifts_both_right_hand_sides_by_a_tenth(module: ModuleType) -> None:
    moves = []
    for axes, M in zip(module.condition_axes, (module.rotation(-30.0), module.K), strict=True):
        crossings = [points(line)[0] for line in axes.lines if len(points(line)) == 1]
        change = M.double().numpy() @ (crossings[1] - crossings[0])
        target = M.double().numpy() @ crossings[0]
        assert np.hypot(*change) == pytest.approx(0.1 * np.hypot(*target))
        np.testing.assert_allclose(crossings[0], [1, 1], atol=1e-6)
        moves.append(np.hypot(*(crossings[1] - crossings[0])) / math.sqrt(2))
        solid = [points(line) for line in axes.lines if line.get_linestyle() == "-"]
        slopes = [float((p[1] - p[0])[1] / (p[1] - p[0])[0]) for p in solid]
        angle = abs(math.degrees(math.atan(slopes[0]) - math.atan(slopes[1])))
        assert angle == pytest.approx(90, abs=0.1) if M is not module.K else angle < 15
    assert moves == pytest.approx([0.1, 0.9])


def test_ill_conditioned_equations_lose_digits(outputs: Mapping[str, Any]) -> None:
    digits = [numbers(line)[-1] for line in shown(outputs, "digits")]
    assert digits == sorted(digits, reverse=True)
    assert (digits[0], digits[-1]) == (6, 2)


# Exercises


def test_answers_to_the_questions(module: ModuleType, outputs: Mapping[str, Any]) -> None:
    assert shown(outputs, "always-symmetric") == [
        "M + M^T is symmetric: True",
        "M^T M is symmetric: True",
        "rank of flat^T flat: 2 of 3",
    ]
    assert shown(outputs, "small-determinant") == [
        "determinant: 0.0",
        "condition number: 1",
        "inverse found: True",
    ]
    exact = np.linalg.slogdet(0.1 * np.eye(50))
    assert exact.logabsdet / math.log(10) == pytest.approx(-50)


def test_solutions_agree_with_numpy(module: ModuleType) -> None:
    torch.manual_seed(4)
    M = torch.randn(6, 6, dtype=DOUBLE)
    S = M.T @ M
    largest = module.largest_eigenvalue(lambda x: S @ x, 6, steps=2000)
    assert float(largest) == pytest.approx(float(np.linalg.eigvalsh(S.numpy())[-1]))
    U, sigma, Vt = np.linalg.svd(M.numpy())
    np.testing.assert_allclose(module.low_rank(M, 2), (U[:, :2] * sigma[:2]) @ Vt[:2])
    for _ in range(200):  # no other matrix of rank 2 comes closer
        other = torch.randn(6, 2, dtype=DOUBLE) @ torch.randn(2, 6, dtype=DOUBLE)
        near = module.low_rank(M, 2) + 0.05 * other
        near = module.low_rank(near, 2)
        assert torch.linalg.matrix_norm(M - near, ord=2) >= sigma[2] - 1e-9


@pytest.mark.parametrize(
    ("cell", "name", "wrong"),
    [
        (
            "largest-eigenvalue",
            "largest_eigenvalue",
            lambda multiply, n: multiply(torch.ones(n, dtype=DOUBLE)).max(),
        ),
        (
            "largest-eigenvalue",
            "largest_eigenvalue",
            lambda multiply, n: torch.linalg.vector_norm(multiply(torch.eye(n, dtype=DOUBLE)[0])),
        ),
        ("low-rank", "low_rank", lambda M, k: M),
        (
            "low-rank",
            "low_rank",
            lambda M, k: torch.linalg.svd(M).U[:, -k:] @ torch.linalg.svd(M).Vh[-k:],
        ),
    ],
)
def test_checks_catch_the_likely_mistakes(
    run_check: Callable[..., None], cell: str, name: str, wrong: Callable[..., Any]
) -> None:
    run_check(cell)
    with pytest.raises(AssertionError):
        run_check(cell, **{name: wrong})
