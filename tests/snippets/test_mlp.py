"""What the chapter on the multilayer perceptron claims, against autograd and statistics."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch

DOUBLE = torch.float64


def shown(outputs: Mapping[str, Any], cell: str) -> list[str]:
    return outputs[cell].stdout.strip().splitlines()


def numbers(line: str) -> list[float]:
    return [float(n) for n in re.findall(r"-?\d+\.?\d*(?:e[+-]\d+)?", line)]


def heights(line: Any) -> np.ndarray:
    return np.asarray(line.get_ydata(), float)


# A hidden layer


def test_one_layer_ends_with_a_coin_toss_and_a_hidden_layer_separates(
    module: ModuleType, outputs: Mapping[str, Any]
) -> None:
    assert numbers(shown(outputs, "xor")[0])[0] == pytest.approx(math.log(2), abs=1e-4)
    places = module.hidden.tolist()
    assert places == [[0, 0], [1, 0], [1, 0], [2, 1]]
    x, y = (np.asarray(d, float) for d in module.xor_axes[1].lines[-1].get_data())
    slope = (y[1] - y[0]) / (x[1] - x[0])
    below = [h2 < y[0] + slope * (h1 - x[0]) for h1, h2 in places]
    assert below == [False, True, True, False]


def test_slopes_are_as_the_text_and_the_picture_tell(module: ModuleType) -> None:
    relu, sigmoid, tanh, gelu = (heights(line) for line in module.curves_axes[1].lines)
    assert set(relu) == {0, 1}
    assert sigmoid.max() == pytest.approx(0.25) and tanh.max() == pytest.approx(1)
    assert -0.2 < gelu.min() < 0 and 1 < gelu.max() < 1.2
    z = np.linspace(-4, 4, 81)
    np.testing.assert_allclose(heights(module.curves_axes[0].lines[1]), 1 / (1 + np.exp(-z)), 1e-5)
    erf = np.array([math.erf(v / math.sqrt(2)) for v in z])
    np.testing.assert_allclose(
        heights(module.curves_axes[0].lines[3]), z * (1 + erf) / 2, atol=1e-5
    )


def test_gradient_by_hand_is_that_of_autograd(outputs: Mapping[str, Any]) -> None:
    assert [line.split()[-1] for line in shown(outputs, "backward")] == ["True"] * 4
    assert shown(outputs, "forward")[0].endswith("True")
    assert shown(outputs, "parameter-count") == [str(64 * 64 + 64 + 64 * 10 + 10)]


# Starting


def test_units_that_start_alike_stay_alike(outputs: Mapping[str, Any]) -> None:
    found = [numbers(line)[-1] for line in shown(outputs, "all-alike")]
    assert found == [1, 1, 64]
    losses = [numbers(line.split("loss")[1])[0] for line in shown(outputs, "all-alike")]
    assert losses[:2] == [pytest.approx(math.log(10), abs=0.05)] * 2 and losses[2] < 1


def test_relu_keeps_half_of_the_mean_square(module: ModuleType) -> None:
    torch.manual_seed(1)
    h = torch.rand(256, dtype=DOUBLE)
    for scale in (0.05, math.sqrt(2 / 256), 0.3):  # averaged over the weights
        z = scale * torch.randn(20_000, 256, dtype=DOUBLE) @ h
        expected = 256 * scale**2 * float(h.square().mean())
        assert float(z.square().mean()) == pytest.approx(expected, rel=0.05)
        assert float(z.relu().square().mean()) == pytest.approx(expected / 2, rel=0.05)
    for name, scale in module.scales.items():
        predicted = (256 * scale**2 / 2) ** 10
        assert module.sizes[name][-1] == pytest.approx(predicted, rel=0.5), name
    default = torch.nn.Linear(256, 20_000).weight.std().item()
    assert default == pytest.approx(module.scales["default"], rel=0.01)


# Training


def test_one_sheet_overfits_and_seven_do_better(
    module: ModuleType, outputs: Mapping[str, Any]
) -> None:
    one, seven = np.array(module.one_sheet), np.array(module.seven_sheets)
    assert int(shown(outputs, "best-epoch")[0]) == one[:, 2].argmin() + 1 < 60
    assert one[-1, 2] > one[:, 2].min() + 0.03 and one[-1, 0] < one[one[:, 2].argmin(), 0]
    assert one[:, 2].min() > 0.5 and one[-1, 0] < 0.01
    assert seven[-1, 2] < one[:, 2].min() / 3 and 0.08 < seven[-1, 2] < 0.15
    drawn = [heights(line) for axes in module.learning_axes for line in axes.lines]
    for line, column in zip(drawn, (seven[:, 0], seven[:, 2], one[:, 0], one[:, 2]), strict=True):
        np.testing.assert_allclose(line, column)


def test_dropout_keeps_the_mean_and_is_off_in_eval(
    module: ModuleType, outputs: Mapping[str, Any]
) -> None:
    for p in (0.1, 0.5, 0.9):
        h = module.dropout(torch.ones(200_000), p)
        assert set(np.unique(h.numpy().round(4))) == {0, np.float32(round(1 / (1 - p), 4))}
        assert float(h.mean()) == pytest.approx(1, abs=0.03)
    assert [line.split()[-1] for line in shown(outputs, "modes")] == ["False", "True"]


def test_dropout_helps_with_wrong_labels_only(module: ModuleType) -> None:
    (clean, clean_dropped), (noisy, noisy_dropped) = module.found
    assert noisy_dropped.min() > noisy.max()
    assert clean_dropped.min() < clean.max()  # the ranges overlap
    assert 0.25 < module.wrong.float().mean() < 0.35
    assert (module.noisy != module.y).equal(module.wrong)


# Comparing


def test_a_hidden_layer_reads_swapped_pictures_and_templates_do_not(
    outputs: Mapping[str, Any],
) -> None:
    templates, network = (numbers(line) for line in shown(outputs, "negatives"))
    assert templates[-1] < 25 and network[-1] > 90


def test_templates_recognize_at_most_one_digit_both_ways(module: ModuleType) -> None:
    """Logits of a picture and of its negative add up to the same for every picture."""
    logits = module.softmax_regression(module.mixed, module.training, 300)
    ones = torch.ones(len(logits), 1, dtype=DOUBLE)
    V = torch.linalg.lstsq(torch.cat([module.mixed, ones], dim=1), logits).solution
    W, b = V[:64].T, V[64]
    both = [picture @ W.T + b for picture in (module.X, 1 - module.X)]
    torch.testing.assert_close(sum(both), (W.sum(dim=1) + 2 * b).expand(len(logits), 10))
    right = torch.stack([o.argmax(dim=1) == module.y for o in both]).all(dim=0)
    assert len(module.y[right].unique()) <= 1


def test_comparison_is_by_picture_and_its_intervals_contain_zero(
    module: ModuleType, outputs: Mapping[str, Any]
) -> None:
    assert not (module.opened & module.test).any()
    gains = module.gains.double().numpy()
    half = 1.96 * gains.std(ddof=1) / math.sqrt(510)
    assert numbers(shown(outputs, "gain")[0]) == pytest.approx(
        [100 * gains.mean(), 100 * half], abs=6e-3
    )
    by_sheet = module.by_sheet.numpy()
    assert (by_sheet > 0).all()
    assert abs(gains.mean()) < half
    assert by_sheet.mean() < 3.182 * by_sheet.std(ddof=1) / 2
    unfair, unfair_half = numbers(shown(outputs, "unfair-gain")[0])
    assert unfair > unfair_half
    apart = 1.96 * math.sqrt(2 * 0.92 * 0.08 / 510)
    assert half < apart / 2  # narrower than two separate accuracies would give


# Exercises


def test_answers_to_the_questions(outputs: Mapping[str, Any]) -> None:
    shares = [numbers(line)[-1] for line in shown(outputs, "no-bend")]
    assert abs(shares[0] - shares[1]) < 1.5
    halves = [numbers(line)[-1] for line in shown(outputs, "enough-pictures")]
    assert halves[0] > 1 and halves[1] == 1 and halves[2] == 0.5


@pytest.mark.parametrize(
    ("cell", "name", "wrong"),
    [
        ("permute", "permuted", lambda model, order: model),
        (
            "stopping",
            "stopping_epoch",
            lambda losses, patience: (len(losses), losses.index(min(losses)) + 1),
        ),
        ("stopping", "stopping_epoch", lambda losses, patience: (7, 4)),
    ],
)
def test_checks_catch_the_likely_mistakes(
    run_check: Callable[..., None], cell: str, name: str, wrong: Callable[..., Any]
) -> None:
    run_check(cell)
    with pytest.raises(AssertionError):
        run_check(cell, **{name: wrong})
