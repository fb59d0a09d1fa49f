"""What the chain-rule page claims, against closed forms, explicit sums and other ways to count."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from types import ModuleType
from typing import Any

import pytest
import sympy
import torch
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from torch import Tensor
from torch.autograd import gradcheck


def lines(outputs: Mapping[str, Any], cell: str) -> list[list[str]]:
    return [line.split() for line in outputs[cell].stdout.splitlines()]


def central(f: Callable[[Tensor], Tensor], x: Tensor, h: float = 1e-6) -> Tensor:
    """Jacobian by central differences: an oracle that knows no rule of differentiation."""
    columns = [
        (f(x + h * e) - f(x - h * e)).reshape(-1) / (2 * h)
        for e in torch.eye(x.numel(), dtype=x.dtype)
    ]
    return torch.stack(columns, dim=1)


# The rule


def test_rates_multiply_along_a_chain(module: ModuleType, outputs: Mapping[str, Any]) -> None:
    for number in (-1.5, 0.0, 0.3, 2.0):
        x = torch.tensor(number, dtype=torch.float64)
        product = module.jacobian(module.outer, module.inner(x)) @ module.jacobian(module.inner, x)
        assert product.item() == pytest.approx(6 * number * (number**2 + 1) ** 2)
    assert outputs["scalar-chain"].stdout.splitlines() == [
        "dy/du = 12, du/dx = 2, product = 24",
        "dy/dx = 24",
    ]


def test_one_approximation_inside_another_errs_by_the_square_of_the_step(
    module: ModuleType, outputs: Mapping[str, Any]
) -> None:
    errors = [float(row[-1]) for row in lines(outputs, "linear-map")[1:]]
    assert [a / b for a, b in pairwise(errors)] == pytest.approx([100, 100], rel=0.3)
    x = torch.linspace(-1, 1, 4, dtype=torch.float64)
    g, f = module.chains[2]
    product = module.jacobian(f, g(x)) @ module.jacobian(g, x)
    d = torch.tensor([1.0, -2.0, 0.5, 1.0], dtype=torch.float64)
    step = 1e-6 * d
    torch.testing.assert_close((f(g(x + step)) - f(g(x))) / 1e-6, product @ d, rtol=1e-4, atol=1e-5)


def test_neighbouring_shapes_fit_and_the_product_is_the_derivative(
    module: ModuleType, outputs: Mapping[str, Any]
) -> None:
    n, k, m = 4, 3, 2
    shown = outputs["shapes"].stdout.splitlines()
    assert shown[1:] == [
        f"{(1, 1)}  {(1, n)}  {(1, n)}  True",
        f"{(1, k)}  {(k, n)}  {(1, n)}  True",
        f"{(m, k)}  {(k, n)}  {(m, n)}  True",
    ]
    x = torch.linspace(-1, 1, n, dtype=torch.float64)
    for g, f in module.chains:
        product = module.jacobian(f, g(x)) @ module.jacobian(g, x)
        torch.testing.assert_close(product, central(lambda x, f=f, g=g: f(g(x)), x))


def test_element_of_the_product_is_a_sum_over_paths(module: ModuleType) -> None:
    g, f = module.chains[2]
    x = torch.linspace(-1, 1, 4, dtype=torch.float64)
    outer, inner = central(f, g(x)), central(g, x)
    whole = module.jacobian(lambda x: f(g(x)), x)
    for i in range(2):
        for j in range(4):
            paths = sum(outer[i, k].item() * inner[k, j].item() for k in range(3))
            assert whole[i, j].item() == pytest.approx(paths, abs=1e-8)


def test_outer_factor_stands_on_the_left(module: ModuleType, outputs: Mapping[str, Any]) -> None:
    turn, stretch = module.quarter_turn.double(), module.stretch.double()
    whole = central(lambda x: stretch @ (turn @ x), torch.tensor([0.3, -2.0]).double())
    torch.testing.assert_close(whole, torch.tensor([[0.0, -3.0], [1.0, 0.0]]).double())
    shown = [line.split(":")[1].strip() for line in outputs["order-matters"].stdout.splitlines()]
    assert shown == ["[[0.0, -3.0], [1.0, 0.0]]"] * 2 + [str((turn @ stretch).tolist())]
    assert shown[1] != shown[2]


# The worked examples


def test_calls_of_the_primer_do_what_its_table_says(outputs: Mapping[str, Any]) -> None:
    assert outputs["autograd-calls"].stdout.splitlines() == [
        "w.grad:     tensor([18., 36.])",  # z = 9 |w|^2
        "b.grad:     tensor([ 6., 12.])",
        "w.detach(): tensor([1., 2.])",
    ]


def test_example_linear_has_the_three_factors(outputs: Mapping[str, Any]) -> None:
    assert outputs["example-linear"].stdout.splitlines() == [
        "a = 5, b = 4, z = 16",
        "dz/db:   [[8.0]]",
        "db/da:   [[1.0]]",
        "da/dw:   [[3.0, 1.0]]",
        "product: [[24.0, 8.0]]",
    ]
    grads = [line.split(":")[1] for line in outputs["example-linear-grad"].stdout.splitlines()]
    assert [grad.strip() for grad in grads] == ["tensor([24.,  8.])"] * 2


def test_example_linear_formula_is_the_gradient_everywhere(module: ModuleType) -> None:
    torch.manual_seed(0)
    for n in (1, 2, 5):
        x, w, y = torch.randn(n), torch.randn(n), torch.randn(())
        b = torch.dot(x, w) - y
        factors = [
            module.jacobian(lambda b: b**2, b),
            module.jacobian(lambda a, y=y: a - y, b + y),
            module.jacobian(lambda w, x=x: torch.dot(x, w), w),
        ]
        formulas = [2 * b.reshape(1, 1), torch.ones(1, 1), x.reshape(1, n)]
        torch.testing.assert_close(factors, formulas)
        w.requires_grad_(True)
        ((torch.dot(x, w) - y) ** 2).backward()
        assert w.grad is not None and w.grad.shape == w.shape
        torch.testing.assert_close((factors[0] @ factors[1] @ factors[2]).reshape(n), w.grad)


def test_example_least_squares_has_the_three_factors(module: ModuleType) -> None:
    X, w, y = module.X, torch.tensor([1.0, 2.0]), torch.ones(3)
    b = X @ w - y
    torch.testing.assert_close(module.dz_db, 2 * b.reshape(1, 3))
    torch.testing.assert_close(module.db_da, torch.eye(3))
    torch.testing.assert_close(module.da_dw, X)
    torch.testing.assert_close(
        central(lambda w: ((X.double() @ w - 1) ** 2).sum(), w.double()),
        (2 * b @ X).double().reshape(1, 2),
    )


def test_gradient_of_many_examples_is_the_sum_of_the_single_ones(
    module: ModuleType, outputs: Mapping[str, Any]
) -> None:
    w = torch.tensor([1.0, 2.0])
    total = sum(2 * (torch.dot(row, w) - 1) * row for row in module.X)
    assert torch.is_tensor(total) and total.tolist() == [20.0, 24.0]
    shown = outputs["example-least-squares"].stdout.splitlines()
    assert shown[-2:] == ["product: [[20.0, 24.0]]", "w.grad:  [20.0, 24.0]"]
    assert module.dz_db[0, 0] == 8  # example 1 is the first row


def test_gradient_of_a_weight_matrix_is_delta_times_input(
    module: ModuleType, outputs: Mapping[str, Any]
) -> None:
    x, y = torch.tensor([1.0, 2.0]).double(), torch.tensor([1.0, -1.0]).double()
    W1, W2 = module.W1.double(), module.W2.double()

    def loss(W1: Tensor, W2: Tensor) -> Tensor:
        return ((W2 @ torch.tanh(W1 @ x) - y) ** 2).sum() / 2

    numerical = {
        "W1": central(lambda W: loss(W.reshape(3, 2), W2), W1.reshape(-1)).reshape(3, 2),
        "W2": central(lambda W: loss(W1, W.reshape(2, 3)), W2.reshape(-1)).reshape(2, 3),
    }
    for name, found in module.by_formula.items():
        torch.testing.assert_close(found.double(), numerical[name], rtol=1e-5, atol=1e-6)
    assert outputs["example-network"].stdout.splitlines() == [
        "d loss / d W2: shape (2, 3), equals .grad: True",
        "d loss / d W1: shape (3, 2), equals .grad: True",
        "d loss / d W1, by the formula:",
    ]


# Three ways


def test_symbolic_formula_agrees_with_autograd(outputs: Mapping[str, Any]) -> None:
    s = sympy.Symbol("x")
    functions = (lambda x: (x**2 + 1) ** 3, lambda x: x.sin().sin().sin())
    shown = [line.split(" is ")[1] for line in outputs["symbolic"].stdout.splitlines()]
    for text, f in zip(shown, functions, strict=True):
        for number in (-0.7, 0.2, 1.3):
            x = torch.tensor(number, dtype=torch.float64, requires_grad=True)
            (slope,) = torch.autograd.grad(f(x), x)
            assert float(sympy.sympify(text).subs(s, number)) == pytest.approx(slope.item())


def test_formula_swells_with_the_square_but_shared_steps_in_proportion(
    outputs: Mapping[str, Any],
) -> None:
    for n, written_out, shared in (map(int, row) for row in lines(outputs, "expression-swell")[1:]):
        assert written_out == n * (n + 1) // 2 + n - 1  # cos of k sines for k < n, and products
        assert shared == 3 * n - 2  # n - 1 sines, n cosines, n - 1 products


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_numerical_error_falls_then_rises(module: ModuleType, dtype: torch.dtype) -> None:
    errors = module.numerical_errors[dtype]
    best = errors.index(min(errors))
    assert 0 < best < len(errors) - 1
    assert max(errors[best + 1 :]) > 5 * errors[best]
    assert module.auto_errors[dtype] < errors[best] / 100


def test_truncation_error_is_proportional_to_the_step(module: ModuleType) -> None:
    x = 0.6
    second = 6 * (x**2 + 1) ** 2 + 24 * x**2 * (x**2 + 1)
    for h, error in list(zip(module.steps, module.numerical_errors[torch.float64], strict=True))[
        2:6
    ]:
        assert error == pytest.approx(h * second / 2, rel=0.01)


def test_automatic_differentiation_errs_by_rounding_only(module: ModuleType) -> None:
    slope = 6 * 0.6 * (0.6**2 + 1) ** 2
    for dtype, error in module.auto_errors.items():
        assert error <= 4 * torch.finfo(dtype).eps * slope


def test_best_steps_quoted_in_prose(module: ModuleType, outputs: Mapping[str, Any]) -> None:
    for dtype in (torch.float64, torch.float32):
        errors = module.numerical_errors[dtype]
        cell = "best-step-" + str(dtype).removeprefix("torch.")
        quoted = outputs[cell].stdout.strip()
        assert float(quoted) == pytest.approx(module.steps[errors.index(min(errors))])


def test_too_small_a_step_loses_everything_in_float32(
    module: ModuleType, outputs: Mapping[str, Any]
) -> None:
    x = torch.tensor(0.6)
    slope = 6 * x.item() * (x.item() ** 2 + 1) ** 2
    assert torch.equal(x + 1e-8, x)
    assert module.numerical_errors[torch.float32][-1] == pytest.approx(slope)
    assert outputs["lost-step"].stdout == "x + h equals x: True\ndifference quotient: 0.0\n"


def test_error_figure_shows_the_errors(module: ModuleType) -> None:
    curves = [line for line in module.error_axes.lines if len(line.get_xdata()) > 2]
    rules = [line for line in module.error_axes.lines if len(line.get_xdata()) == 2]
    for curve, errors in zip(curves, module.numerical_errors.values(), strict=True):
        assert list(curve.get_xdata()) == module.steps and list(curve.get_ydata()) == errors
    assert [rule.get_ydata()[0] for rule in rules] == list(module.auto_errors.values())
    looks = {(line.get_linestyle(), line.get_marker()) for line in curves + rules}
    assert len(looks) == 4  # told apart without colour
    low, high = module.error_axes.get_ylim()
    shown = [y for line in curves + rules for y in line.get_ydata()]
    assert low < min(shown) and max(shown) < high


class WrongDot(torch.autograd.Function):
    """A dot product with the slide's slip: the gradient of w is w."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, w: Tensor) -> Tensor:
        ctx.save_for_backward(w)
        return torch.dot(x, w)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Any:
        (w,) = ctx.saved_tensors
        return None, gradients[0] * w


def test_gradcheck_passes_the_right_and_catches_the_wrong(outputs: Mapping[str, Any]) -> None:
    assert outputs["gradcheck"].stdout == "gradcheck passes: True\n"
    x = torch.tensor([3.0, 1.0], dtype=torch.float64)
    w = torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True)
    assert gradcheck(lambda w: torch.dot(x, w), w)
    with pytest.raises(RuntimeError, match="Jacobian mismatch"):
        gradcheck(lambda w: WrongDot.apply(x, w), w)


# The graph


def test_walk_meets_the_operations_from_the_last_to_the_first(
    module: ModuleType, outputs: Mapping[str, Any]
) -> None:
    assert outputs["graph-nodes"].stdout.splitlines() == [
        "PowBackward0",
        "    SubBackward0",
        "        DotBackward0",
        "            AccumulateGrad",
        "            AccumulateGrad",
        "        AccumulateGrad",
    ]
    t = module.record("wxy")
    leaves = [n.variable for _, n in module.walk(t["z"].grad_fn) if hasattr(n, "variable")]
    assert [next(k for k in t if t[k] is leaf) for leaf in leaves] == ["x", "w", "y"]


def test_following_the_edges_never_leads_back(module: ModuleType) -> None:
    _, edges = module.named_graph(module.record("wxy"))
    order = ["x", "w", "a", "y", "b", "z"]
    assert all(order.index(start) < order.index(end) for start, end in edges)


def circles(axes: Axes) -> dict[tuple[float, float], Any]:
    return {tuple(c.get_offsets()[0].tolist()): c for c in axes.collections}


def arrows(axes: Axes) -> Iterator[tuple[Any, tuple[float, float], tuple[float, float]]]:
    for text in axes.texts:
        patch = getattr(text, "arrow_patch", None)
        if patch is not None:
            yield patch, tuple(text.xyann), tuple(text.xy)


def test_figure_draws_the_graph_that_was_walked(module: ModuleType) -> None:
    expected = {("x", "a"), ("w", "a"), ("a", "b"), ("y", "b"), ("b", "z")}
    places, edges = module.named_graph(module.record("wxy"))
    assert set(edges) == expected and len(edges) == 5
    assert set(circles(module.graph_axes)) == set(places.values()) and len(places) == 6
    drawn = {(start, end) for _, start, end in arrows(module.graph_axes)}
    assert drawn == {(places[start], places[end]) for start, end in expected}
    labels = {t.get_position(): t.get_text() for t in module.graph_axes.texts if t.get_text()}
    for name, place in places.items():
        assert labels[place] in (f"${name}$", rf"$\mathbf{{{name}}}$")


def test_graph_is_there_before_any_derivative(outputs: Mapping[str, Any]) -> None:
    assert outputs["record-then-apply"].stdout.splitlines() == [
        "nodes: 4   w.grad: None",
        "after backward, w.grad: tensor([24.,  8.])",
    ]


def test_explicit_graph_has_no_values_and_refuses_a_branch(
    module: ModuleType, outputs: Mapping[str, Any]
) -> None:
    names = [row[0] for row in lines(outputs, "explicit-graph")[1:]]
    assert names == ["x", "w", "y", "dot", "sub", "pow_1", "output"]
    with pytest.raises(torch.fx.proxy.TraceError):
        torch.fx.symbolic_trace(module.magnitude)
    assert outputs["explicit-branch"].stdout.splitlines() == [
        "torch.fx: symbolically traced variables cannot be used as inputs to control flow",
        "PyTorch:  at 3 the derivative is 1",
        "PyTorch:  at -3 the derivative is -1",
    ]


def test_traced_graph_computes_the_same_as_the_code(module: ModuleType) -> None:
    t = module.record("")
    assert module.traced(t["x"], t["w"], t["y"]) == t["z"] == 16


def test_paths_add_up(outputs: Mapping[str, Any]) -> None:
    shown = outputs["two-paths"].stdout
    assert shown == "through u 24, through v 12, sum 36\nx.grad = 36\n"
    assert 9 * 2.0**2 == 36  # y = 3 x^3


def test_paths_double_with_each_step_and_nodes_do_not(
    module: ModuleType, outputs: Mapping[str, Any]
) -> None:
    for n in (1, 2, 5, 8):
        x = torch.tensor(1.0, requires_grad=True)
        h = x
        for _ in range(n):
            h = h + h
        visited = [node for _, node in module.walk(h.grad_fn)]
        leaves = sum(hasattr(node, "variable") for node in visited)
        assert module.nodes_and_paths(h) == (len(set(visited)), leaves) == (n + 1, 2**n)
    assert lines(outputs, "paths")[-1] == ["20", "21", "1048576", "1048576"]


# Two modes


class Counted:
    """A number that counts the multiplications of all numbers of its kind."""

    products = 0

    def __init__(self, value: float) -> None:
        self.value = value

    def __mul__(self, other: Counted) -> Counted:
        Counted.products += 1
        return Counted(self.value * other.value)

    def __add__(self, other: Counted) -> Counted:
        return Counted(self.value + other.value)


def multiply(p: list[list[Counted]], q: list[list[Counted]]) -> list[list[Counted]]:
    columns = list(zip(*q, strict=True))
    zero = Counted(0)
    return [
        [sum((a * b for a, b in zip(row, column, strict=True)), zero) for column in columns]
        for row in p
    ]


@pytest.mark.parametrize("sizes", [(6, 3, 2, 1), (1, 3, 2, 6), (3, 3, 3, 3), (4, 1, 5)])
def test_multiplications_are_counted_right(module: ModuleType, sizes: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    jacobians = [torch.randn(m, n, dtype=torch.float64) for n, m in pairwise(sizes)]
    numbers = [[[Counted(v) for v in row] for row in J.tolist()] for J in jacobians]

    Counted.products, product = 0, numbers[0]
    for J in numbers[1:]:
        product = multiply(J, product)
    assert module.forward(jacobians)[1] == Counted.products

    Counted.products, product = 0, numbers[-1]
    for J in reversed(numbers[:-1]):
        product = multiply(product, J)
    assert module.reverse(jacobians)[1] == Counted.products

    expected = torch.tensor([[v.value for v in row] for row in product], dtype=torch.float64)
    torch.testing.assert_close(module.forward(jacobians)[0], expected)
    torch.testing.assert_close(module.reverse(jacobians)[0], expected)


def test_smaller_end_is_the_cheaper_start(outputs: Mapping[str, Any]) -> None:
    counts = [tuple(row[-3:]) for row in lines(outputs, "two-modes")[1:]]
    assert counts == [
        ("10,100,000", "110,000", "True"),
        ("110,000", "10,100,000", "True"),
        ("2,000,000", "2,000,000", "True"),
    ]
    assert 100 * 100 * 1000 + 1 * 100 * 1000 == 10_100_000
    assert 1 * 100 * 100 + 1 * 100 * 1000 == 110_000


def test_jvp_and_vjp_step_by_step_are_products_with_the_jacobian(
    module: ModuleType, outputs: Mapping[str, Any]
) -> None:
    W1, W2 = module.W1.double(), module.W2.double()
    J = central(lambda x: W2 @ torch.tanh(W1 @ x), torch.tensor([1.0, 2.0]).double())
    right, left = J @ torch.ones(2).double(), torch.tensor([2.0, 1.0]).double() @ J
    found = [
        [float(number) for number in re.findall(r"-?\d+\.\d+", line)]
        for line in outputs["jvp-and-vjp"].stdout.splitlines()
    ]
    expected = [right.tolist()] * 3 + [left.tolist()] * 3
    assert found == [pytest.approx(product, abs=1e-4) for product in expected]
    assert not torch.allclose(right, left)


def test_forward_accumulation_gives_one_partial_derivative_a_pass(
    outputs: Mapping[str, Any],
) -> None:
    passes = [row[-1] for row in lines(outputs, "forward-steps")[1:]]
    assert [float(rate) for rate in passes] == [24.0, 8.0]


def test_reverse_accumulation_follows_the_formulas(
    module: ModuleType, outputs: Mapping[str, Any]
) -> None:
    t = module.record("w")
    for name in "abz":
        t[name].retain_grad()
    t["z"].backward()
    assert t["b"].grad == 2 * t["b"]
    assert t["a"].grad == t["b"].grad
    torch.testing.assert_close(t["w"].grad, t["a"].grad * t["x"])
    assert [" ".join(row) for row in lines(outputs, "reverse-steps")] == [
        "node value gradient by formula",
        "z 16.0 1.0 1.0",
        "b 4.0 8.0 8.0",
        "a 5.0 8.0 8.0",
        "w [1.0, 2.0] [24.0, 8.0] [24.0, 8.0]",
    ]


def test_slide_took_the_factor_of_the_wrong_variable(
    module: ModuleType, outputs: Mapping[str, Any]
) -> None:
    t = module.record("xw")
    t["z"].backward()
    a_grad = 2 * t["b"].item()
    assert not torch.allclose(a_grad * t["w"], t["w"].grad)
    assert torch.equal(a_grad * t["x"], t["w"].grad)
    assert torch.equal(a_grad * t["w"], t["x"].grad)
    assert outputs["last-factor"].stdout.splitlines() == [
        "with x: [24.0, 8.0], equals w.grad: True",
        "with w: [8.0, 16.0], equals w.grad: False",
    ]


def test_only_what_backward_needs_is_stored(module: ModuleType, outputs: Mapping[str, Any]) -> None:
    t = module.record("w")
    assert torch.equal(t["a"].grad_fn._saved_self, t["x"])
    assert t["a"].grad_fn._saved_tensor is None  # w would serve the gradient of x
    assert t["z"].grad_fn._saved_self == t["b"]
    kept = [line.split("kept: ")[1] for line in outputs["stored"].stdout.splitlines()]
    assert kept == ["[[3.0, 1.0], 4.0]", "[]"]


def test_paths_that_nobody_needs_are_not_in_the_graph(
    module: ModuleType, outputs: Mapping[str, Any]
) -> None:
    t = module.record("w")
    t["z"].backward()
    assert t["x"].grad is None and t["y"].grad is None
    (to_x, _), (to_w, _) = t["a"].grad_fn.next_functions
    assert to_x is None and to_w.variable is t["w"]
    assert outputs["pruning"].stdout.endswith("back to: ['NoneType', 'AccumulateGrad']\n")


def test_figure_pales_and_dashes_what_has_no_gradient(module: ModuleType) -> None:
    t = module.record("wxy")
    places, edges = module.named_graph(t)
    values, back = module.reverse_axes
    trained = {"w"}
    kept = {n for n in places if not t[n].is_leaf} | trained
    assert module.pruned == set(places) - kept == {"x", "y"}
    for name, place in places.items():
        solid, circle = circles(values)[place], circles(back)[place]
        assert solid.get_alpha() == 1 and solid.get_linestyle()[0][1] is None
        assert (circle.get_alpha() < 1) == (name in {"x", "y"})
        assert (circle.get_linestyle()[0][1] is not None) == (name in {"x", "y"})
    drawn = {(start, end): patch for patch, start, end in arrows(back)}
    assert set(drawn) == {(places[end], places[start]) for start, end in edges}
    for (_, end), patch in drawn.items():
        faint = end in (places["x"], places["y"])
        assert (patch.get_alpha() < 1) == (patch.get_linestyle() == "--") == faint
    up, down = (to_hex(next(arrows(axes))[0].get_edgecolor()) for axes in (values, back))
    assert up != down


def test_figure_shows_the_numbers_of_both_ways(module: ModuleType) -> None:
    values, back = ([t.get_text() for t in axes.texts] for axes in module.reverse_axes)
    assert {"(3, 1)", "(1, 2)", "5", "1", "4", "16"} <= set(values)
    assert {"1", "8", "(24, 8)", "$2b=8$", "$1$", r"$\mathbf{x}=(3, 1)$"} <= set(back)
    assert back.count("8") == 2
    titles = [axes.get_title() for axes in module.reverse_axes]
    assert titles == ["forward propagation", "backpropagation"]


# The deep network


@pytest.mark.parametrize("depth", [1, 2, 5])
def test_backpropagation_by_hand_agrees_with_differences_at_any_depth(
    module: ModuleType, depth: int
) -> None:
    torch.manual_seed(depth)
    layers = [torch.randn(3, 3, dtype=torch.float64) for _ in range(depth)]
    x, y = torch.randn(2, 3, dtype=torch.float64)

    def loss(flat: Tensor) -> Tensor:
        h = x
        for W in flat.reshape(depth, 3, 3):
            h = (2 * (W @ h)).sigmoid() * 2 - 1  # tanh
        return ((h - y) ** 2).sum() / 2

    found = module.backpropagate(layers, module.forward_states(layers, x), y)
    numerical = central(loss, torch.stack(layers).reshape(-1)).reshape(depth, 3, 3)
    torch.testing.assert_close(torch.stack(found), numerical, rtol=1e-5, atol=1e-7)


def test_a_hundred_layers_agree_with_autograd_and_gradients_shrink_toward_the_input(
    module: ModuleType, outputs: Mapping[str, Any]
) -> None:
    assert len(module.by_hand) == len(module.layers) == 100
    for found, W in zip(module.by_hand, module.layers, strict=True):
        assert (found - W.grad).norm() < 1e-12 * W.grad.norm()
    rows = outputs["deep-network-grad"].stdout.splitlines()
    assert rows[0] == "all layers agree to 12 digits: True"
    sizes = [float(row.split()[-1]) for row in rows[1:]]
    assert sizes[0] < sizes[1] / 10 and sizes[0] < sizes[2] / 10
    assert outputs["parameter-count"].stdout == f"{100 * 8 * 8:,}\n"


# Cost


@pytest.mark.parametrize("k", [1, 3, 17])
def test_forward_runs_once_per_input_and_reverse_once(module: ModuleType, k: int) -> None:
    assert module.runs_needed(k) == (k, 1, True)


def test_jvps_one_by_one_make_the_gradient(outputs: Mapping[str, Any]) -> None:
    shown = lines(outputs, "passes")[1:]
    assert shown == [[str(k), str(k), "1", "True"] for k in (1, 10, 100)]
    x = torch.linspace(-1, 1, 5, dtype=torch.float64)
    w = torch.ones(5, dtype=torch.float64)

    def f(w: Tensor) -> Tensor:
        return (torch.dot(x, w) - 1) ** 2

    jvps = [torch.autograd.functional.jvp(f, w, e.double())[1] for e in torch.eye(5)]
    torch.testing.assert_close(torch.stack(jvps), 2 * (torch.dot(x, w) - 1) * x)


def test_reverse_accumulation_stores_a_tensor_per_layer(
    module: ModuleType, outputs: Mapping[str, Any]
) -> None:
    assert lines(outputs, "chain-memory")[1:] == [[str(n), str(n)] for n in (5, 10, 20, 40)]
    x = torch.linspace(0.1, 1, 4, requires_grad=True)
    inputs = [module.sines(x, k) for k in range(7)]
    saved = module.saved_tensors(lambda: module.sines(x, 7))
    for kept, value in zip(saved, inputs, strict=True):
        assert torch.equal(kept, value)


def test_rematerialization_stores_less_computes_twice_and_agrees(
    outputs: Mapping[str, Any],
) -> None:
    plain, segments = lines(outputs, "rematerialization-cost")[1:]
    assert plain[:3] == ["plain", "40", "40"]
    assert segments[:3] == ["segments", str(math.ceil(40 / 6)), "80"]
    assert plain[3:] == segments[3:] != []


@pytest.mark.parametrize("n", [16, 36, 64])
def test_rematerialization_needs_twice_the_square_root_at_its_worst(
    module: ModuleType, n: int
) -> None:
    """Keep an input for each segment; run one segment again from its input at a time."""
    s = math.isqrt(n)
    x = torch.linspace(0.1, 1, 4)
    kept = [x]
    for _ in range(n // s - 1):
        kept.append(module.sines(kept[-1], s))
    gradient, most = torch.ones(4), 0
    while kept:
        start = kept[-1].requires_grad_(True)
        inside = module.saved_tensors(module.sines, start, s)
        most = max(most, len(kept) + len(inside))
        (gradient,) = torch.autograd.grad(module.sines(start, s), start, gradient)
        kept.pop()
    assert most == n // s + s == 2 * s
    point = x.detach().requires_grad_(True)
    (plain,) = torch.autograd.grad(module.in_segments(point, n, s).sum(), point)
    torch.testing.assert_close(gradient, plain)


def test_cost_figure_plots_the_counts(module: ModuleType) -> None:
    passes, memory = module.cost_axes
    forward, reverse = ([*map(int, line.get_ydata())] for line in passes.lines)
    inputs = [*map(int, passes.lines[0].get_xdata())]
    assert forward == inputs and reverse == [1] * len(inputs)
    plain, segments = ([*map(int, line.get_ydata())] for line in memory.lines)
    lengths = [*map(int, memory.lines[0].get_xdata())]
    assert plain == lengths
    assert segments == [math.ceil(n / math.isqrt(n)) for n in lengths]
    for axes in (passes, memory):
        assert len({(line.get_linestyle(), line.get_marker()) for line in axes.lines}) == 2


# Exercises


def test_logistic_gradient_is_the_sigmoid_formula(module: ModuleType) -> None:
    torch.manual_seed(1)
    x, w = torch.randn(2, 3, dtype=torch.float64)
    for y in (1.0, -1.0):
        expected = -y * x / (1 + math.exp(y * torch.dot(x, w).item()))
        torch.testing.assert_close(module.logistic_gradient(x, w, torch.tensor(y)), expected)


def test_logistic_gradient_survives_where_the_exponential_overflows(module: ModuleType) -> None:
    x = 10 * torch.ones(4)
    assert torch.isinf(torch.exp(torch.tensor(400.0)))
    torch.testing.assert_close(module.logistic_gradient(x, x, torch.tensor(-1.0)), x)
    torch.testing.assert_close(module.logistic_gradient(x, x, torch.tensor(1.0)), 0 * x)


def test_gradient_of_a_layer_over_a_batch_is_the_sum_of_outer_products(
    module: ModuleType, outputs: Mapping[str, Any]
) -> None:
    total = sum(torch.outer(d, x) for d, x in zip(module.Delta, module.batch, strict=True))
    torch.testing.assert_close(module.W.grad, total)
    assert outputs["layer-batch"].stdout.splitlines() == [
        "Delta^T X has the shape (2, 3)",
        "equals W.grad: True",
    ]


def test_thirty_layers_multiply_the_length_thirty_times(outputs: Mapping[str, Any]) -> None:
    for factor, size in lines(outputs, "thirty-layers")[1:]:
        assert float(size) == pytest.approx(float(factor) ** 30, rel=0.05)


def test_pairs_agree_with_autograd(module: ModuleType) -> None:
    x = torch.tensor(1.3, dtype=torch.float64, requires_grad=True)
    (x.sin() * (x * x).sin()).backward()
    pair = (1.3, 1.0)
    product = module.times(module.sine(pair), module.sine(module.times(pair, pair)))
    assert x.grad is not None and product[1] == pytest.approx(x.grad.item())
