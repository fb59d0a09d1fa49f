"""What the page on building autograd claims: the engine against torch, its network, its figures."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import slides
import torch

from livenotes.core.percent import read_module

ENGINE = ("value", "add-multiply", "ordered", "fit", "backward", "elementwise", "total", "matmul")


def shown(outputs: Mapping[str, Any], cell: str) -> list[str]:
    return outputs[cell].stdout.strip().splitlines()


def numbers(line: str) -> list[float]:
    return [float(n.replace(",", "")) for n in re.findall(r"-?\d[\d,]*\.?\d*", line)]


def cells_of(module: ModuleType) -> Any:
    return read_module(Path(str(module.__file__)), "snippets/tiny_autograd.py")


def test_engine_has_fewer_than_a_hundred_lines(module: ModuleType) -> None:
    cells = cells_of(module)
    source = "\n".join(cells.cell(name).source for name in (*ENGINE, "operators"))
    assert len(source.splitlines()) < 100
    names = {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
    assert "torch" not in names


# The backward pass


def test_the_example_has_the_gradient_of_its_closed_form(
    module: ModuleType, outputs: Mapping[str, Any]
) -> None:
    assert shown(outputs, "recorded")[0] == "y = 24.0"  # 3 x^3 at 2
    assert shown(outputs, "push") == ["dy/dx = 36.0  after 7 calls"]  # 9 x^2
    found = dict(line.split(" = ") for line in shown(outputs, "backward-numbers"))
    assert {k[-1]: float(v) for k, v in found.items()} == {"x": 36, "u": 6, "v": 4, "y": 1}


def test_calls_double_with_every_step_but_values_do_not(outputs: Mapping[str, Any]) -> None:
    for line in shown(outputs, "too-many-paths"):
        steps, values, calls = numbers(line)
        assert (values, calls) == (steps + 1, 2 ** (steps + 1) - 1)


def test_order_puts_inputs_first_in_any_graph(module: ModuleType) -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        values = [module.Value(1.0) for _ in range(3)]
        for _ in range(40):
            values.append(module.add(*(values[i] for i in rng.integers(0, len(values), 2))))
        order = module.ordered(values[-1])
        assert len(order) == len(set(order)) and order[-1] is values[-1]
        place = {value: i for i, value in enumerate(order)}
        for value in order:
            assert all(place[a] < place[value] for a, _ in value.inputs)


def test_a_deep_chain_needs_no_recursion(outputs: Mapping[str, Any]) -> None:
    line, deeper = shown(outputs, "deep")
    values, gradient = numbers(line)
    assert values > 2 * 1000 and gradient == 1
    assert deeper == "deeper than the recursion limit: True"


@pytest.mark.parametrize("shape", [(4, 2, 3), (2, 3), (3,), (1, 3), (2, 1), (1, 1, 1), ()])
def test_fit_is_the_transpose_of_broadcasting(module: ModuleType, shape: tuple[int, ...]) -> None:
    g = np.random.default_rng(0).standard_normal((4, 2, 3))
    leaf = torch.zeros(shape, dtype=torch.float64, requires_grad=True)
    leaf.expand(4, 2, 3).backward(torch.tensor(g))
    fitted = module.fit(g, shape)
    assert fitted.shape == shape
    np.testing.assert_allclose(fitted, leaf.grad, atol=1e-12)


def test_every_operation_agrees_with_torch_and_with_differences(
    outputs: Mapping[str, Any], module: ModuleType
) -> None:
    lines = shown(outputs, "all-agree")[1:]
    assert len(lines) == len(module.cases) == 14
    assert all(line.split()[-2:] == ["True", "True"] for line in lines)


def test_a_composition_that_uses_everything_agrees_with_torch(module: ModuleType) -> None:
    rng = np.random.default_rng(1)
    arrays = [rng.standard_normal(shape) for shape in ((5, 3), (3, 4), (4,), (5, 1))]

    def formula(a: Any, b: Any, c: Any, d: Any, f: Any) -> Any:
        h = f.tanh(a @ b + c) / (1 + d * d) - f.relu(c - 2 * d)
        return (f.log(1 + f.exp(h)) * h**2).sum() if f is torch else (f, h)

    values = [module.Value(array) for array in arrays]
    _, h = formula(*values, module)
    module.backward(module.total(module.log(1 + module.exp(h)) * h**2))
    tensors = [torch.tensor(array, requires_grad=True) for array in arrays]
    formula(*tensors, torch).backward()
    for value, tensor in zip(values, tensors, strict=True):
        np.testing.assert_allclose(value.grad, tensor.grad, rtol=1e-10, atol=1e-12)


def test_matmul_refuses_vectors(module: ModuleType) -> None:
    with pytest.raises(ValueError, match="two matrices"):
        module.matmul(np.ones(3), np.ones((3, 2)))


@pytest.mark.parametrize(
    ("step", "grads"),
    [
        (0, {"y": 1}),
        (1, {"u": 6, "y": 1}),
        (2, {"u": 6, "v": 4, "y": 1}),
        (3, {"x": 12, "u": 6, "v": 4, "y": 1}),
        (4, {"x": 24, "u": 6, "v": 4, "y": 1}),
        (5, {"x": 24, "3": 8, "u": 6, "v": 4, "y": 1}),
        (6, {"x": 36, "3": 8, "u": 6, "v": 4, "y": 1}),
    ],
)
def test_backward_figure_sends_one_value_at_a_time(
    module: ModuleType, step: int, grads: dict[str, int]
) -> None:
    told = slides.texts(module.backward_axes, step)
    assert told[-1] == ", ".join(f"{name}.grad = {value}" for name, value in grads.items())
    arrows = [p for p in slides.patches(module.backward_axes, step) if hasattr(p, "_x")]
    assert len(arrows) == (0 if step == 0 else 1)
    assert slides.values(module.backward_figure, seen=True) == ["6"]
    sent = ["", "6", "4", "12", "12", "8", "12"][step]
    assert step == 0 or told[0] == sent


# The network


def test_gradients_of_the_network_agree_and_so_does_training(outputs: Mapping[str, Any]) -> None:
    assert shown(outputs, "network-agrees")[0].endswith("True")
    assert shown(outputs, "same-in-torch")[0].endswith("True")
    assert shown(outputs, "loss")[1].endswith("[(2, 32), (32,), (32, 1), (1,)]")


def test_loss_is_the_negative_log_likelihood(module: ModuleType) -> None:
    scores = module.network([module.Value(a) for a in module.history[30]], module.X)
    p = 1 / (1 + np.exp(-module.arms * scores.data))
    assert module.loss_of(scores, module.arms).data == pytest.approx(-np.log(p).mean())
    assert np.abs(scores.data).max() < 100  # far from where exp overflows


def test_held_out_accuracy_has_wilsons_interval(
    module: ModuleType, outputs: Mapping[str, Any]
) -> None:
    lines = [numbers(line) for line in shown(outputs, "held-out")[1:]]
    for epoch, _, share, low, high in lines:
        weights = module.history[int(epoch)]
        W1, b1, W2, b2 = weights
        scores = np.tanh(module.X_held_out @ W1 + b1) @ W2 + b2
        seen = float((scores * module.arms_held_out > 0).mean())
        assert share == pytest.approx(100 * seen, abs=0.05)
        for p in (low / 100, high / 100):  # Wilson: where the share is 1.96 errors away
            assert abs(p - seen) == pytest.approx(1.96 * np.sqrt(p * (1 - p) / 1000), abs=6e-4)
    assert lines[0][2] < 50 and lines[-1][3] > 98
    low, high = module.interval(1.0, 1000)
    assert high == pytest.approx(1) and 1 - low > 0.003  # its width is not zero


def test_other_starts_do_as_well_and_one_layer_does_not(outputs: Mapping[str, Any]) -> None:
    one, others = shown(outputs, "other-starts")
    assert min(numbers(others)) > 98 and numbers(one)[-1] > 98
    assert numbers(shown(outputs, "straight-line")[0])[-1] < 80


@pytest.mark.parametrize("epoch", [1, 10, 30, 100, 300, 1000])
def test_boundary_figure_tells_the_loss_of_its_epoch(module: ModuleType, epoch: int) -> None:
    assert slides.texts(module.loss_axes, epoch) == [f"loss = {module.losses[epoch]:.3f}"]
    (mark,) = slides.lines(module.loss_axes, epoch)
    assert mark.get_xydata()[0] == pytest.approx([epoch, module.losses[epoch]])
    assert len(slides.artists(module.plane_axes, epoch)) == 2  # regions, and their boundary
    assert slides.values(module.boundary_figure, seen=True) == ["1000"]


def test_boundary_ends_with_all_points_on_their_side(module: ModuleType) -> None:
    assert module.right(module.history[1000], module.X, module.arms) == 1
    assert np.all(np.diff(module.losses[1:]) < 0) and f"{module.losses[1000]:.3f}" == "0.010"
    assert module.right(module.history[30], module.X, module.arms) < 0.95
    assert module.right(module.history[300], module.X, module.arms) >= 0.99


# Questions and exercises


def test_answers_to_the_questions(outputs: Mapping[str, Any], module: ModuleType) -> None:
    assert [numbers(line)[-1] for line in shown(outputs, "not-cleared")] == [15, 45]
    leaf = torch.tensor(1.0, requires_grad=True)
    for _ in range(2):
        (5 * (3 * leaf)).backward()
    assert leaf.grad == 30
    assert shown(outputs, "creation-order")[0].endswith("True")
    assert shown(outputs, "changed-too-soon") == ["d(ab)/da should be 5, and is 100.0"]


def test_solutions_agree_with_torch(module: ModuleType) -> None:
    rng = np.random.default_rng(3)
    array, weights = rng.standard_normal((6, 4)), rng.standard_normal(6)
    a, t = module.Value(array), torch.tensor(array, requires_grad=True)
    module.backward(module.total(module.log_sum_exp(a) * weights))
    (t.logsumexp(dim=1) * torch.tensor(weights)).sum().backward()
    np.testing.assert_allclose(a.grad, t.grad, atol=1e-12)
    index, t = np.array([5, 0, 5]), torch.tensor(array, requires_grad=True)
    module.backward(module.total(module.pick_rows(a, index) ** 2))
    t[index].square().sum().backward()
    np.testing.assert_allclose(a.grad, t.grad, atol=1e-12)


def naive(module: ModuleType) -> Callable[..., Any]:
    return lambda a: module.log(module.total(module.exp(a), 1))


def once(module: ModuleType) -> Callable[..., Any]:
    def wrong(a: Any, index: Any) -> Any:
        def vjp(g: Any) -> Any:
            result = np.zeros_like(a.data)
            result[index] += g
            return result

        return module.Value(a.data[index], [(a, vjp)])

    return wrong


def slope_missing(module: ModuleType) -> Callable[..., Any]:
    def wrong(a: Any) -> Any:
        m = a.data.max(axis=1, keepdims=True)
        result = (m + np.log(np.exp(a.data - m).sum(axis=1, keepdims=True)))[:, 0]
        return module.Value(result, [(a, lambda g: g[:, None] * np.exp(a.data - m))])

    return wrong


@pytest.mark.parametrize(
    ("cell", "name", "wrong", "error"),
    [
        ("log-sum-exp", "log_sum_exp", naive, FloatingPointError),
        ("log-sum-exp", "log_sum_exp", slope_missing, AssertionError),
        ("pick-rows", "pick_rows", once, AssertionError),
    ],
)
def test_checks_catch_the_likely_mistakes(
    module: ModuleType,
    run_check: Callable[..., None],
    cell: str,
    name: str,
    wrong: Callable[[ModuleType], Any],
    error: type[Exception],
) -> None:
    run_check(cell)
    with pytest.raises(error):
        run_check(cell, **{name: wrong(module)})
