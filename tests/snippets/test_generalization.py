"""What the page on generalization claims: closed forms against simulation and explicit fits."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import slides
import torch

DOUBLE = torch.float64


def shown(outputs: Mapping[str, Any], cell: str) -> list[str]:
    return outputs[cell].stdout.strip().splitlines()


def numbers(line: str) -> list[float]:
    found = re.findall(r"-?\d[\d,]*\.?\d*(?:e[+-]\d+)?", line)
    return [float(n.replace(",", "")) for n in found]


def table(outputs: Mapping[str, Any], cell: str) -> list[list[float]]:
    return [numbers(line) for line in shown(outputs, cell)[1:]]


def powers_fit(x: Any, y: Any, degree: int) -> np.ndarray:
    """Least squares by NumPy, in another basis."""
    return np.polynomial.chebyshev.chebfit(x, y, degree)


# Fits


def test_three_sets_share_no_example(module: ModuleType) -> None:
    together = torch.cat([module.x_train, module.x_val, module.x_test])
    assert len(together) == len(together.unique()) == 100


def test_features_are_legendre_polynomials_of_mean_square_one(module: ModuleType) -> None:
    A = module.features(module.x_train, 15).numpy()
    expected = np.polynomial.legendre.legvander(module.x_train.numpy(), 15)
    np.testing.assert_allclose(A, expected * np.sqrt(2 * np.arange(16) + 1), atol=1e-10)
    fine = (torch.arange(20_000, dtype=DOUBLE) + 0.5) / 10_000 - 1
    gram = module.features(fine, 15).T @ module.features(fine, 15) / 20_000
    np.testing.assert_allclose(gram, np.eye(16), atol=1e-3)


@pytest.mark.parametrize("degree", [0, 3, 5, 12])
def test_errors_are_those_of_another_basis(module: ModuleType, degree: int) -> None:
    found = powers_fit(module.x_train.numpy(), module.y_train.numpy(), degree)
    for x, y, errors in (
        (module.x_train, module.y_train, module.training),
        (module.x_val, module.y_val, module.validation),
    ):
        off = np.polynomial.chebyshev.chebval(x.numpy(), found) - y.numpy()
        assert errors[degree] == pytest.approx(np.square(off).mean(), rel=1e-6)


def test_training_error_always_falls_and_validation_error_falls_then_rises(
    module: ModuleType,
) -> None:
    training, validation = np.array(module.training), np.array(module.validation)
    assert np.all(np.diff(training) < 0)
    assert validation.argmin() == 5
    for degree in range(4):  # both large, and close
        assert training[degree] > 0.18 and validation[degree] < 1.3 * training[degree]
    for degree in range(8, 16):
        assert validation[degree] > 2.5 * training[degree] and training[degree] < 0.05


@pytest.mark.parametrize("degree", [0, 1, 2, 3, 4, 5, 7, 10, 12, 14, 15])
def test_fits_figure_draws_its_degree(module: ModuleType, degree: int) -> None:
    (curve,) = slides.lines(module.fits_axes, degree)
    x, y = np.asarray(curve.get_xydata()).T
    found = powers_fit(module.x_train.numpy(), module.y_train.numpy(), degree)
    np.testing.assert_allclose(y, np.polynomial.chebyshev.chebval(x, found), rtol=1e-5, atol=1e-6)
    marks = [mark.get_xydata()[0] for mark in slides.lines(module.errors_axes, degree)]
    expected = [(degree, module.training[degree]), (degree, module.validation[degree])]
    np.testing.assert_allclose(marks, expected)
    says = f"{module.training[degree]:.3f} → {module.validation[degree]:.3f}"
    assert slides.texts(module.errors_axes, degree) == [says]
    assert slides.values(module.fits_figure, seen=True) == ["5"]
    if degree == 15:  # leaves the picture near both ends
        low, high = module.fits_axes.get_ylim()
        assert all(not low < end < high for end in (y[0], y[-1]))


# What to expect


def test_expected_error_is_what_new_examples_give(outputs: Mapping[str, Any]) -> None:
    for _, _, expected, measured in table(outputs, "expected-error"):
        assert measured == pytest.approx(expected, rel=0.05, abs=0.011)
    degree, validation, expected, _ = table(outputs, "expected-error")[-1]
    assert degree == 15 and expected > 10 * validation


def test_bias_and_variance_agree_with_a_simulation(
    module: ModuleType, outputs: Mapping[str, Any]
) -> None:
    assert all(line.endswith("True") for line in shown(outputs, "simulated"))
    x, sigma = module.x_train.numpy(), module.noise
    new = (np.arange(400) + 0.5) / 200 - 1
    rng = np.random.default_rng(5)
    labels = np.sin(4 * x + 1)[:, None] + sigma * rng.standard_normal((20, 5_000))
    for degree, bias, variance, total in table(outputs, "bias-variance"):
        assert total == pytest.approx(bias + variance + sigma**2, abs=2e-3)
        if degree > 10:
            continue
        fits = np.polynomial.legendre.legfit(x, labels, int(degree))
        predictions = np.polynomial.legendre.legval(new, fits)  # (labels, new)
        off = predictions.mean(axis=0) - np.sin(4 * new + 1)
        assert np.square(off).mean() == pytest.approx(bias, abs=3e-3)
        assert predictions.var(axis=0).mean() == pytest.approx(variance, rel=0.05, abs=1e-3)
    best = min(table(outputs, "bias-variance"), key=lambda row: row[3])
    assert best[0] == 5


def test_error_peaks_at_as_many_parameters_as_data_and_descends_again(
    module: ModuleType, outputs: Mapping[str, Any]
) -> None:
    errors = {int(row[0]): row[1] for row in table(outputs, "beyond")}
    assert max(errors, key=errors.__getitem__) == 20 and errors[20] > 1e6
    assert errors[6] < errors[300] < 0.2 < errors[25]
    P = module.smallest(module.x_train, 99)
    A = module.features(module.x_train, 99) / (torch.arange(100, dtype=DOUBLE) + 1)
    w = torch.linalg.lstsq(A, module.y_train[:, None], driver="gelsd").solution[:, 0]
    assert torch.allclose(A @ w, module.y_train)  # through all the points
    at_new = module.features(module.evenly, 99) / (torch.arange(100, dtype=DOUBLE) + 1)
    torch.testing.assert_close(P @ module.y_train, at_new @ w)
    null = torch.linalg.svd(A).Vh[20:]  # anything added keeps the fit and makes w longer
    assert float((null @ w).abs().max()) < 1e-10
    drawn = module.descent_axes.lines[0].get_xydata()
    low = drawn[drawn[:, 0] <= 10]
    assert low[low[:, 1].argmin(), 0] == 6 and drawn[drawn[:, 1].argmax(), 0] in (20, 21)


def test_training_error_is_too_good_by_parameters_over_examples(
    module: ModuleType, outputs: Mapping[str, Any]
) -> None:
    for n, training, expected, below, above in table(outputs, "more-data"):
        assert training == pytest.approx(0.09 * (1 - 10 / n), abs=1e-4)
        assert (below, above) == pytest.approx((0.09 - 0.9 / n, 0.09 + 0.9 / n), abs=6e-5)
        assert n < 80 or expected == pytest.approx(above, abs=3e-4)
    rng = np.random.default_rng(0)
    x = (2 * np.arange(40) + 1) / 40 - 1
    labels = np.sin(4 * x + 1)[:, None] + 0.3 * rng.standard_normal((40, 4000))
    fits = np.polynomial.legendre.legfit(x, labels, 9)
    off = np.polynomial.legendre.legval(x, fits).T - labels
    assert np.square(off).mean() == pytest.approx(0.09 * 30 / 40, rel=0.02)
    gaps = np.array([new - seen for seen, new in module.pairs])
    assert gaps[-1] * 640 == pytest.approx(gaps[-4] * 240, rel=0.05)  # in proportion to 1/n


# Weight decay


def test_ridge_solves_its_own_gradient_and_shrinks(
    module: ModuleType, outputs: Mapping[str, Any]
) -> None:
    assert shown(outputs, "gradient-is-zero") == ["gradient zero: True"]
    assert shown(outputs, "weight-decay") == ["weight decay arrives at ridge regression: True"]
    rows = table(outputs, "ridge")
    assert [row[1] for row in rows] == sorted(row[1] for row in rows)
    assert [row[3] for row in rows] == sorted((row[3] for row in rows), reverse=True)
    several = module.ridge(module.A_train, module.y_train, module.grid)
    for w, strength in zip(several, module.grid, strict=True):  # rows added to the data
        extra = torch.diag(module.penalized) * math.sqrt(20 * strength)
        A = torch.cat([module.A_train, extra])
        y = torch.cat([module.y_train, torch.zeros(16, dtype=DOUBLE)])
        torch.testing.assert_close(w, torch.linalg.lstsq(A, y[:, None]).solution[:, 0])


def test_ridge_leaves_the_bias_alone(module: ModuleType) -> None:
    before = module.ridge(module.A_train, module.y_train, 0.1)
    after = module.ridge(module.A_train, module.y_train + 1000, 0.1)
    torch.testing.assert_close(after[1:], before[1:], atol=1e-8, rtol=0)


def test_effective_parameters_are_the_trace(module: ModuleType, outputs: Mapping[str, Any]) -> None:
    for line in shown(outputs, "shrinkage")[1:]:
        strength, _, effective = numbers(line)
        H = module.A_train @ torch.stack(
            [module.ridge(module.A_train, e, strength) for e in torch.eye(20, dtype=DOUBLE)], dim=1
        )
        assert line.endswith("True") and effective == pytest.approx(H.trace().item(), abs=0.06)


@pytest.mark.parametrize(
    "value", ["0.000001", "0.00001", "0.0001", "0.001", "0.01", "0.1", "1", "10", "100"]
)
def test_ridge_figure_draws_its_strength(module: ModuleType, value: str) -> None:
    (curve,) = slides.lines(module.ridge_axes, value)
    w = module.ridge(module.A_train, module.y_train, float(value))
    expected = module.features(module.line, 15) @ w
    np.testing.assert_allclose(curve.get_ydata(), expected, rtol=1e-6, atol=1e-8)
    seen, new = (float(mark.get_ydata()[0]) for mark in slides.lines(module.strength_axes, value))
    assert slides.texts(module.strength_axes, value) == [f"{seen:.3f} → {new:.3f}"]
    assert slides.values(module.ridge_figure, seen=True) == ["0.1"]
    if value == "100":  # a flat line
        assert np.ptp(curve.get_ydata()) < 0.1


# Choosing


def test_a_penalty_buys_variance_with_bias(module: ModuleType, outputs: Mapping[str, Any]) -> None:
    """Against ridge fits to thousands of new draws of the labels."""
    rows = [numbers(line) for line in shown(outputs, "ridge-parts")[1:]]
    biases, variances, totals = ([row[i] for row in rows] for i in (1, 2, 3))
    assert biases == sorted(biases) and variances == sorted(variances, reverse=True)
    assert min(totals) not in (totals[0], totals[-1])
    labels = module.measure(module.x_train.expand(4000, 20), torch.Generator().manual_seed(1))
    for strength, bias, variance, _ in rows[2:5]:
        weights = torch.stack([module.ridge(module.A_train, y, strength) for y in labels])
        predictions = weights @ module.features(module.evenly, 15).T
        off = (predictions.mean(dim=0) - module.rule(module.evenly)).square().mean().item()
        assert off == pytest.approx(bias, rel=0.05, abs=1e-3)
        assert predictions.var(dim=0).mean().item() == pytest.approx(variance, rel=0.05)


def test_the_winner_was_lucky(outputs: Mapping[str, Any]) -> None:
    on_val, truth, best = (numbers(line) for line in shown(outputs, "winners"))
    assert on_val[1] + on_val[2] < best[1] - best[2]  # means and margins
    assert best[1] + best[2] < truth[1] - truth[2]
    assert truth[1] > 2 * truth[0]


def test_cross_validation_leaves_each_example_out_once(module: ModuleType) -> None:
    A, y, strength = module.A_both, module.y_both, torch.tensor([0.1], dtype=DOUBLE)
    squares = []
    for fold in range(5):
        out = [i for i in range(40) if i % 5 == fold]
        rest = [i for i in range(40) if i % 5 != fold]
        w = module.ridge(A[rest], y[rest], 0.1)
        squares += [float((A[i] @ w - y[i]) ** 2) for i in out]
    assert len(squares) == 40
    assert float(module.cross_validate(A, y, strength)) == pytest.approx(np.mean(squares))


def test_fitting_again_and_folds_help(outputs: Mapping[str, Any]) -> None:
    rows = [numbers(line)[-2:] for line in shown(outputs, "three-ways")[1:]]
    medians, tails = zip(*rows, strict=True)
    assert list(medians) == sorted(medians, reverse=True)
    assert list(tails) == sorted(tails, reverse=True) and tails[-1] < 0.7 * tails[1]


# Testing


def test_interval_of_the_test_error(module: ModuleType, outputs: Mapping[str, Any]) -> None:
    off = module.A_test @ module.final - module.y_test
    squares = off.square().numpy()
    half = 1.96 * squares.std(ddof=1) / math.sqrt(60)
    (line,) = shown(outputs, "test-once")
    assert numbers(line) == pytest.approx([squares.mean(), half], abs=6e-4)
    (truth,) = numbers(shown(outputs, "truth")[0])
    assert abs(truth - squares.mean()) < half


def test_choosing_with_the_test_set_makes_it_too_good(outputs: Mapping[str, Any]) -> None:
    fixed, chosen = (numbers(line)[-1] for line in shown(outputs, "opened-often"))
    assert 2.5 < fixed < 8 and chosen > 2 * fixed
    assert numbers(shown(outputs, "elsewhere")[0])[-1] > 1000


# Exercises


def test_answers_to_the_questions(module: ModuleType, outputs: Mapping[str, Any]) -> None:
    stiff, supple = (numbers(line)[-3:] for line in shown(outputs, "diagnosis")[1:])
    assert stiff[1] > 0.95 * stiff[0] and stiff[2] < 0.25 * stiff[0]
    assert max(supple[1:]) < 0.25 * supple[0]
    pages = [Path(f"docs/{code}/generalization.md").read_text("utf-8") for code in ("en", "zh")]
    for degree in (1, 12):  # the numbers that the question gives
        for errors in (module.training, module.validation):
            assert all(re.search(rf"\b{errors[degree]:.2g}", page) for page in pages)
    leaked, honest = (numbers(line) for line in shown(outputs, "leak"))
    assert leaked[0] - leaked[1] > 80 and abs(honest[0] - 50) < 2 * honest[1]


def test_solutions_in_general(module: ModuleType) -> None:
    A = torch.randn(12, 4, generator=torch.manual_seed(0), dtype=DOUBLE)
    y = torch.randn(12, generator=torch.manual_seed(1), dtype=DOUBLE)
    for i, found in enumerate(module.leave_one_out(A, y).tolist()):
        rest = np.delete(np.arange(12), i)
        w = np.linalg.lstsq(A.numpy()[rest], y.numpy()[rest], rcond=None)[0]
        assert found == pytest.approx(float(y[i] - A[i].numpy() @ w))
    for n in range(1, 50):
        parts = module.split(n, (0.5, 0.3, 0.2), torch.Generator().manual_seed(n))
        assert sorted(torch.cat(parts).tolist()) == list(range(n))


def loses_the_rest(n: int, shares: tuple[float, ...], generator: Any) -> list[torch.Tensor]:
    order, start, parts = torch.randperm(n, generator=generator), 0, []
    for share in shares:
        parts.append(order[start : start + int(n * share)])
        start += int(n * share)
    return parts


@pytest.mark.parametrize(
    ("cell", "name", "wrong"),
    [
        ("split", "split", loses_the_rest),
        ("leave-one-out", "leave_one_out", lambda A, y: y - A @ torch.linalg.pinv(A) @ y),
    ],
)
def test_checks_catch_the_likely_mistakes(
    run_check: Callable[..., None], cell: str, name: str, wrong: Callable[..., Any]
) -> None:
    run_check(cell)
    with pytest.raises(AssertionError):
        run_check(cell, **{name: wrong})
