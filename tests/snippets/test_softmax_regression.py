"""What the chapter on softmax regression claims, against torch, closed forms and its pictures."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from difflib import SequenceMatcher
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from matplotlib.patches import PathPatch
from torch import nn

DOUBLE = torch.float64


def shown(outputs: Mapping[str, Any], cell: str) -> list[str]:
    return outputs[cell].stdout.strip().splitlines()


def numbers(line: str) -> list[float]:
    return [float(n) for n in re.findall(r"-?\d+\.?\d*", line)]


# The data


def test_labels_repeat_one_list_and_sheets_have_a_hand_of_their_own(
    module: ModuleType, outputs: Mapping[str, Any]
) -> None:
    lists = [line.split()[-1] for line in shown(outputs, "sheets")]
    assert len(lists) == 4 and len(set(lists)) == 3  # two that agree, and two with slips
    first = module.y[module.sheet == 0].tolist()
    for k in range(14):  # with small slips only
        labels = module.y[module.sheet == k].tolist()
        assert SequenceMatcher(None, first, labels, autojunk=False).ratio() > 0.9, k
    assert len(module.sizes) == 14 and module.sheet.max() == 13
    same, chance = numbers(shown(outputs, "same-hand")[0])
    assert same > 5 * chance


def test_no_sheet_is_in_two_parts(module: ModuleType, outputs: Mapping[str, Any]) -> None:
    writers = int(re.findall(r"different (\d+)\s+to the test set", module.digits.DESCR)[0])
    assert len(module.sizes) == writers + 1
    parts = module.training, module.validation, module.sheet >= 10
    sheets = [set(module.sheet[part].tolist()) for part in parts]
    assert not sheets[0] & sheets[1] and not (sheets[0] | sheets[1]) & sheets[2]
    assert numbers(shown(outputs, "split")[0]) == [int(part.sum()) for part in parts]


def test_squares_show_the_pictures(module: ModuleType) -> None:
    drawn = [p for p in module.digits_axes.patches if isinstance(p, PathPatch)]
    assert len(drawn) == 40 and len({p.get_facecolor() for p in drawn}) == 2
    assert [int(module.y[i]) for i in module.shown] == list(range(10)) * 4
    first = drawn[0].get_path().vertices.reshape(-1, 5, 2)
    area = (first[:, 1, 0] - first[:, 0, 0]) ** 2 / 0.96**2
    ink = module.X[0][module.X[0].sqrt() * 0.96 > 0.1]
    np.testing.assert_allclose(area, ink, atol=1e-6)


# Softmax and the loss


def test_softmax_overflows_unless_the_largest_is_subtracted(
    module: ModuleType, outputs: Mapping[str, Any]
) -> None:
    assert shown(outputs, "overflow") == ["all logits + 100: tensor([nan, nan, nan])"]
    torch.manual_seed(1)
    for scale in (1, 100, 10_000):
        o = scale * torch.randn(5, 10)
        torch.testing.assert_close(module.softmax(o), torch.softmax(o, dim=-1))
        torch.testing.assert_close(module.log_sum_exp(o), torch.logsumexp(o, dim=-1))
    assert shown(outputs, "log-of-zero") == ["log of softmax: [-inf, 0.0]"]
    assert shown(outputs, "log-sum-exp")[0].endswith("[-200.0, 0.0]")


def test_cross_entropy_is_minus_the_mean_log_likelihood(module: ModuleType) -> None:
    o, y = torch.randn(7, 4, dtype=DOUBLE), torch.tensor([0, 1, 2, 3, 0, 1, 2])
    product = math.prod(float(torch.softmax(row, 0)[k]) for row, k in zip(o, y, strict=True))
    assert float(module.cross_entropy(o, y)) == pytest.approx(-math.log(product) / 7)


def test_gradient_and_curvature_are_those_of_autograd(
    module: ModuleType, outputs: Mapping[str, Any]
) -> None:
    assert all("False" not in line for line in shown(outputs, "gradient-check"))
    X, y = torch.randn(6, 3, dtype=DOUBLE), torch.tensor([0, 1, 2, 3, 1, 2])
    A = torch.cat([X, torch.ones(6, 1, dtype=DOUBLE)], dim=1)
    bound = torch.linalg.eigvalsh(A.T @ A / 6)[-1] / 2
    for seed in range(5):
        V = 3 * torch.randn(4, 4, dtype=DOUBLE, generator=torch.manual_seed(seed))
        hessian = torch.autograd.functional.hessian(
            lambda v: nn.functional.cross_entropy(A @ v, y), V
        )
        eigenvalues = torch.linalg.eigvalsh(hessian.reshape(16, 16))
        assert eigenvalues[0] > -1e-12 and eigenvalues[-1] <= bound


# Training and judging


def test_gradient_descent_below_the_safe_rate_never_raises_the_loss(module: ModuleType) -> None:
    X, y = module.X[module.training], module.y[module.training]
    losses = [
        float(nn.functional.cross_entropy(X @ W.T + b, y))
        for W, b in (module.train(X, y, steps, 0.34, momentum=0) for steps in range(0, 40, 3))
    ]
    assert losses == sorted(losses, reverse=True)


def test_library_gives_the_same_weights(outputs: Mapping[str, Any]) -> None:
    assert shown(outputs, "library") == ["same weights and bias: True"]
    floor = math.log(1 + 9 / math.e)
    assert numbers(shown(outputs, "double-softmax")[1])[0] == pytest.approx(floor, abs=6e-4)


def test_wilson_interval_covers_as_often_as_it_says(module: ModuleType) -> None:
    rng = np.random.default_rng(0)
    right = rng.binomial(381, 0.95, 4000)
    covered = [low <= 0.95 <= high for low, high in (module.wilson(int(r), 381) for r in right)]
    assert 0.93 <= np.mean(covered) <= 0.97


def test_confusion_matrix_counts_every_validation_picture(
    module: ModuleType, outputs: Mapping[str, Any]
) -> None:
    y, guess = module.y[module.validation], module.predicted[module.validation]
    expected = np.zeros((10, 10), int)
    np.add.at(expected, (y.numpy(), guess.numpy()), 1)
    np.testing.assert_array_equal(module.counts, expected)
    diagonal, off = np.diag(expected), expected - np.diag(np.diag(expected))
    assert (diagonal.min(), diagonal.max()) == (34, 39)
    assert off.max() == off[5, 9] == 4 and off[3, 7] == off[0, 5] == 2
    titles = [t.get_text() for t in module.mistakes_axes.texts]
    assert len(titles) == off.sum() == int(shown(outputs, "wrong-count")[0]) == 15
    assert titles[:4] == ["5 → 9"] * 4


def test_weights_are_templates_as_the_alt_text_tells(module: ModuleType) -> None:
    W = module.W.reshape(10, 8, 8)
    assert (W[0, 3:5, 3:5] < 0).all()  # ink in the middle speaks against a 0
    assert (W[1, 2:4, 3] > 1).all()
    assert W[4, 4:6, 1:3].mean() > 0
    assert float(module.W.sum(dim=0).abs().max()) < 1e-9  # only differences count


def test_new_hands_are_harder_than_a_random_split(
    module: ModuleType, outputs: Mapping[str, Any]
) -> None:
    for line in shown(outputs, "new-hands"):
        assert len(numbers(line)) == 4
    assert module.new_hands.mean() < module.mixed.mean() - 0.03
    assert module.new_hands.std() > module.mixed.std()
    mean = float(module.new_hands.mean())
    assert mean < float(shown(outputs, "validation-low")[0].rstrip("%")) / 100
    size = sum(module.sheet < 10) / 10
    independent = float(shown(outputs, "independent-spread")[0])
    assert independent == pytest.approx(100 * math.sqrt(mean * (1 - mean) / size), abs=0.05)
    assert round(float(size)) == 129
    assert float(shown(outputs, "sheet-spread")[0]) > 1.5 * independent
    mixed = module.held_out(torch.randperm(1287, generator=torch.manual_seed(5)) % 10)
    assert mixed.mean() > module.new_hands.mean() + 0.02  # no luck of one shuffle
    low, high = (float(shown(outputs, f"validation-{end}")[0][:-1]) for end in ("low", "high"))
    half = numbers(shown(outputs, "new-hands")[0])[1]
    assert 2 * half > high - low  # wider, although it rests on more pictures


# Exercises


def test_answers_to_the_questions(outputs: Mapping[str, Any]) -> None:
    assert numbers(shown(outputs, "first-loss")[0])[-1] == pytest.approx(math.log(10), abs=1e-4)
    found = [line.split() for line in shown(outputs, "doubled")]
    assert len({line[3] for line in found}) == 1
    losses = [float(line[-1]) for line in found]
    assert min(losses) not in (losses[0], losses[-1])


@pytest.mark.parametrize(
    ("cell", "name", "wrong"),
    [
        (
            "smoothed",
            "smoothed_cross_entropy",
            lambda o, y, e: (
                -(torch.softmax(o, 1).log() * nn.functional.one_hot(y, 10)).sum(1).mean()
            ),
        ),
        (
            "smoothed",
            "smoothed_cross_entropy",
            lambda o, y, e: (1 - e) * nn.functional.cross_entropy(o, y),
        ),
        ("logistic", "logistic_loss", lambda z, y: (torch.log(1 + torch.exp(z)) - y * z).mean()),
        ("logistic", "logistic_loss", lambda z, y: -(y * torch.sigmoid(z).log()).mean()),
    ],
)
def test_checks_catch_the_likely_mistakes(
    run_check: Callable[..., None], cell: str, name: str, wrong: Callable[..., Any]
) -> None:
    run_check(cell)
    with pytest.raises(AssertionError):
        run_check(cell, **{name: wrong})
