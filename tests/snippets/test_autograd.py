"""What the autograd page claims; the oracles are closed forms, differences and hand-made sums."""

from __future__ import annotations

import math
import re
from graphlib import TopologicalSorter
from itertools import pairwise

import numpy as np
import pytest
import torch

FIXED = (1.0, 600.0, -1.0, -600.0)
LEAF = "tensor([0., 1., 2., 3.], requires_grad=True)"


def slope(a):
    """The gradient of f at a, from its definition alone."""
    doublings = max(1, math.ceil(math.log2(1000 / abs(a))))
    return 2**doublings if a > 0 else 100 * 2**doublings


def leaf(*values, **options):
    return torch.tensor(values, requires_grad=True, **options)


def edges_of(node):
    """Each node of a graph with the nodes that its edges lead to."""
    edges, open_nodes = {}, [node]
    while open_nodes:
        node = open_nodes.pop()
        if node not in edges:
            edges[node] = [following for following, _ in node.next_functions if following]
            open_nodes += edges[node]
    return edges


def lines_of(axes, style):
    """The (x, y) data of the lines drawn in this style."""
    drawn = [line for line in axes.lines if line.get_linestyle() == style]
    return [tuple(map(list, line.get_data())) for line in drawn]


# The first gradient, step by step


def test_gradient_is_none_before_backward_and_4x_after(outputs):
    before, value, after, equal = outputs["first-gradient"].stdout.splitlines()
    assert before.split()[-1] == "None"
    assert "tensor(28." in value
    assert after.endswith("tensor([ 0.,  4.,  8., 12.])")
    assert equal == "equals 4x: True"


def test_gradient_of_twice_the_squared_length_agrees_with_differences():
    torch.manual_seed(1)
    x = torch.randn(5, dtype=torch.float64, requires_grad=True)
    (2 * torch.dot(x, x)).backward()
    h, point = 1e-6, x.detach()
    for i, step in enumerate(h * torch.eye(5, dtype=torch.float64)):
        up, down = point + step, point - step
        difference = (2 * (up @ up) - 2 * (down @ down)) / (2 * h)
        assert x.grad[i].item() == pytest.approx(difference.item(), abs=1e-6)


def test_grad_has_the_shape_of_its_tensor():
    for shape in ((4,), (1, 4), (4, 1), (2, 3, 4)):
        x = torch.ones(shape, requires_grad=True)
        x.sum().backward()
        assert x.grad.shape == shape


def test_requires_grad_can_be_set_at_birth_or_later(outputs):
    assert outputs["leaf"].stdout == "leaf: True   grad: None\n"
    assert outputs["requires-grad"].stdout == "requires_grad before: False\n"
    assert outputs["leaf"].result == outputs["requires-grad"].result == LEAF


def test_only_floating_and_complex_tensors_can_require_a_gradient(outputs):
    assert "floating point and complex" in outputs["integers-refused"].stdout
    for dtype in (torch.int64, torch.uint8, torch.bool):
        with pytest.raises(RuntimeError):
            torch.zeros(3, dtype=dtype).requires_grad_(True)
    for dtype in (torch.float16, torch.float64, torch.complex64):
        assert torch.zeros(3, dtype=dtype).requires_grad_(True).requires_grad


def test_result_is_no_leaf_and_remembers_its_last_operation(outputs):
    assert outputs["loss"].stdout == "leaf: False\n"
    assert outputs["loss"].result == "tensor(28., grad_fn=<MulBackward0>)"
    assert outputs["backward"].result == "tensor([ 0.,  4.,  8., 12.])"


def test_backward_frees_the_graph_unless_told_to_keep_it(outputs):
    refused, allowed = outputs["backward-twice"].stdout.splitlines()
    assert "backward through the graph a second time" in refused
    assert allowed == "v.sum(), twice: tensor([2., 2., 2., 2.])"  # its graph has stored nothing
    x = leaf(1.0, 2.0)
    y = torch.dot(x, x)
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad.tolist() == [4, 8]


def test_intermediate_gradient_is_kept_only_on_request(outputs):
    a_line, b_line = outputs["retain-grad"].stdout.splitlines()
    assert a_line == f"a: leaf True   grad tensor({5 * 2 * 3}.)"
    assert b_line == "b: leaf False  grad tensor(5.)"
    a = torch.tensor(3.0, requires_grad=True)
    b = a * a
    (5 * b).backward()
    with pytest.warns(UserWarning, match="not a leaf"):
        assert b.grad is None


# Accumulation and in-place operations


def test_backward_adds_to_grad_until_it_is_zeroed(outputs):
    once, twice, zeroed = outputs["accumulate-and-zero"].stdout.splitlines()
    assert once.endswith(": tensor([ 0.,  4.,  8., 12.])")
    assert twice.endswith(": tensor([ 0.,  8., 16., 24.])")
    assert zeroed.endswith("tensor([1., 1., 1., 1.])")


def test_zeroing_works_in_place_while_zero_grad_leaves_none(outputs):
    first, zeroed, cleared = outputs["zero-or-none"].stdout.splitlines()
    assert first.endswith(" tensor([[1., 1., 1.]])")
    assert zeroed.endswith(" tensor([[0., 0., 0.]])")
    assert cleared == "after zero_grad(): None"
    x = leaf(1.0)
    x.sum().backward()
    kept = x.grad
    assert x.grad.zero_() is kept  # in place: the same memory


def test_zero_grad_of_an_optimizer_leaves_none_by_default():
    w = leaf(1.0, 2.0)
    optimizer = torch.optim.SGD([w], lr=0.1)
    w.sum().backward()
    optimizer.zero_grad(set_to_none=False)
    assert w.grad.tolist() == [0, 0]
    optimizer.zero_grad()
    assert w.grad is None


def test_in_place_change_of_a_leaf_or_of_a_stored_value_is_refused(outputs):
    assert "leaf Variable that requires grad" in outputs["in-place-leaf"].stdout
    assert outputs["in-place-saved"].stdout.endswith("modified by an inplace operation\n")


def test_in_place_change_of_a_value_that_was_not_stored_is_harmless():
    w = leaf(1.0, 2.0)
    h = 3 * w  # the product with a constant stores nothing of h
    h.add_(1)
    h.sum().backward()
    assert w.grad.tolist() == [3, 3]


# Vectors


def test_only_a_scalar_goes_backward_without_an_argument(outputs):
    message = "grad can be implicitly created only for scalar outputs\n"
    assert outputs["scalar-only"].stdout == message


def test_backward_of_the_sum_is_backward_with_ones(outputs):
    expected = "tensor([0., 2., 4., 6.])"
    shown = outputs["sum-backward"].stdout.splitlines()
    assert [line.split(":")[1].strip() for line in shown] == [expected] * 2
    assert outputs["vector-jacobian"].stdout.endswith(f"1^T J: {expected}\n")


def test_row_by_row_jacobian_of_squares_is_diagonal(module):
    assert module.jacobian.tolist() == torch.diag(2 * torch.arange(4.0)).tolist()


def test_backward_computes_a_vector_jacobian_product_for_any_vector():
    torch.manual_seed(2)
    A, v = torch.randn(3, 5, dtype=torch.float64), torch.randn(3, dtype=torch.float64)
    x = torch.randn(5, dtype=torch.float64, requires_grad=True)
    (A @ x).tanh().backward(gradient=v)
    jacobian = (1 - (A @ x.detach()).tanh() ** 2)[:, None] * A
    torch.testing.assert_close(x.grad, v @ jacobian)


def test_jacobian_takes_one_backward_run_for_each_row_and_a_scalar_takes_one():
    runs = []
    x = torch.arange(4.0, requires_grad=True)
    z = x * x
    z.register_hook(lambda gradient: runs.append(gradient))
    for z_i in z:
        torch.autograd.grad(z_i, x, retain_graph=True)
    assert len(runs) == 4
    z.sum().backward()
    assert len(runs) == 5


def test_gradient_of_summed_losses_is_the_sum_over_examples(module, outputs):
    w = torch.tensor([1.0, -1.0])
    each = [2 * (row @ w) * row for row in torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])]
    *single, together = outputs["per-example"].stdout.splitlines()
    assert [line.split(": ")[1].strip() for line in single] == list(map(str, each))
    assert together == "of all together: tensor([-18., -24.])"
    assert sum(each).tolist() == [-18, -24]


def test_vmap_of_grad_gives_the_gradients_of_the_examples(module, outputs):
    found = torch.func.vmap(torch.func.grad(module.loss_of_one), in_dims=(None, 0))
    torch.manual_seed(0)
    w, rows = torch.randn(4), torch.randn(6, 4)
    torch.testing.assert_close(found(w, rows), 2 * (rows @ w)[:, None] * rows)
    numbers = re.findall(r"-?\d+", outputs["per-example-func"].result)
    assert list(map(int, numbers)) == [-2, -4, -6, -8, -10, -12]


# Detach


def test_detached_value_counts_as_a_constant(outputs):
    z, gradient = outputs["detach"].stdout.splitlines()
    assert z.startswith("z: tensor([ 0.,  1.,  8., 27.]")
    assert gradient == "x.grad: tensor([0., 1., 4., 9.])  equals u: True"


def test_without_detach_the_gradient_is_that_of_the_cube(outputs):
    shown = outputs["without-detach"].stdout
    assert shown == "x.grad: tensor([ 0.,  3., 12., 27.])  equals 3x^2: True\n"


def test_detach_shares_memory_and_clone_after_it_does_not(outputs):
    flag, written = outputs["detach-shares-memory"].stdout.splitlines()
    assert flag == "u requires a gradient: False"
    assert written.endswith("[100.0, 1.0, 4.0, 9.0]")
    y = leaf(1.0, 2.0) * 3
    copy = y.detach().clone()
    copy[0] = 100
    assert y.tolist() == [3, 6]


def test_frozen_parameter_gets_no_gradient(outputs):
    assert outputs["freeze"].stdout == "fixed.grad: None   free.grad: tensor(2.)\n"


def test_sharing_memory_and_passing_gradients_back_are_two_things(outputs):
    rows = re.findall(r"(?m)^(\S.*?)  +(shared|own) +(.*)$", outputs["gradient-gets-back"].stdout)
    x = torch.arange(4.0, requires_grad=True)
    assert len(rows) == 9
    for code, memory, gradient in rows:
        result = eval(code, {"torch": torch, "x": x})
        if memory == "shared":  # what is written to x shows in the result
            before = result.detach().clone()
            with torch.no_grad():
                x += 1
            assert not torch.equal(result.detach(), before)
            with torch.no_grad():
                x -= 1
        if gradient == "cut off":
            assert not result.requires_grad
        else:
            moved = [
                eval(code, {"torch": torch, "x": x.detach() + 0.25 * e}).sum() - result.sum()
                for e in torch.eye(4)
            ]
            assert [4 * m.item() for m in moved] == list(map(float, gradient[1:-1].split(",")))
    kinds = {(memory, gradient == "cut off") for _, memory, gradient in rows}
    assert len(kinds) == 4  # every combination


# Control flow


def test_empty_size_makes_a_zero_dimensional_tensor(outputs):
    assert outputs["zero-dimensional"].stdout == "number of axes: 0   shape: torch.Size([])\n"


def test_gradient_through_control_flow_is_the_product_of_the_steps_taken(outputs):
    rows = [line.split() for line in outputs["control-flow"].stdout.splitlines()[1:]]
    assert [float(row[2]) for row in rows] == [1024, 2, 102400, 200] == list(map(slope, FIXED))
    for number, row in zip(FIXED, rows, strict=True):
        assert (float(row[0]), float(row[1])) == (number, number * slope(number))
        assert row[3] == "True"


def test_gradient_of_f_agrees_with_its_definition_and_with_differences(module):
    torch.manual_seed(3)
    for a in (1500 * torch.randn(50, dtype=torch.float64)).tolist():
        x = torch.tensor(a, dtype=torch.float64, requires_grad=True)
        module.f(x).backward()
        assert x.grad.item() == slope(a)
        h = 1e-9 * abs(a)
        up, down = module.f(x.detach() + h), module.f(x.detach() - h)
        assert ((up - down) / (2 * h)).item() == pytest.approx(slope(a), rel=1e-5)


def test_graph_is_rebuilt_from_the_branches_taken(outputs):
    rows = outputs["graph-per-input"].stdout.splitlines()[1:]
    counted = [int(row.split()[1]) for row in rows]
    doublings = [int(math.log2(slope(a) / (100 if a < 0 else 1))) for a in FIXED]
    assert doublings == [10, 1, 10, 1]
    assert counted == [n + (a < 0) for n, a in zip(doublings, FIXED, strict=True)]


def test_loop_never_ends_for_zero(module, monkeypatch):
    turns = []

    def norm(b):
        turns.append(b.item())
        if len(turns) == 3000:  # any other float32 number takes fewer than 160 doublings
            raise InterruptedError
        return b.abs()

    monkeypatch.setattr(torch.linalg, "vector_norm", norm)
    with pytest.raises(InterruptedError):
        module.f(torch.zeros(()))
    assert set(turns) == {0.0}
    turns.clear()
    module.f(torch.tensor(2.0**-149))
    assert len(turns) < 165


def test_whole_vector_takes_one_branch_together(module):
    a = leaf(1.0, -2.0, 3.0)
    d = module.f(a)
    d.sum().backward()
    assert len(set(a.grad.tolist())) == 1
    torch.testing.assert_close(d, a.grad * a)


def test_elementwise_version_takes_the_branches_of_each_element(module, outputs):
    expected = [float(slope(a)) for a in FIXED]
    assert outputs["control-flow-each"].stdout == f"gradients: {expected}\n"
    torch.manual_seed(4)
    numbers = 800 * torch.randn(200)
    a = numbers.clone().requires_grad_(True)
    values = module.f_each(a)
    values.sum().backward()
    assert values.tolist() == [module.f(number).item() for number in numbers]
    assert a.grad.tolist() == [slope(number) for number in numbers.tolist()]


@pytest.mark.parametrize("column", [0, 1])
def test_figure_of_f_shows_every_branch_as_part_of_a_line_through_the_origin(module, column):
    upper, lower = module.flow_axes[:, column]
    slopes = [2, 4, 8, 16] if column else [200, 400, 800, 1600]
    branches, steps = lines_of(upper, "-"), lines_of(lower, "-")
    assert len(branches) == len(steps) == len(slopes)
    inputs = [a for branch, _ in branches for a in branch]
    assert len(inputs) == 1101
    assert {math.copysign(1, a) for a in inputs} == {1 if column else -1}
    for (a, values), (same, gradients), k in zip(branches, steps, slopes, strict=True):
        assert [slope(x) for x in a] == gradients == [k] * len(a)
        assert values == pytest.approx([k * x for x in a], rel=1e-6)
        assert same == a
    for (across, up), (a, _), k in zip(lines_of(upper, ":"), branches, slopes, strict=True):
        assert (across[0], up[0]) == (0, 0)
        assert min(map(abs, a)) == pytest.approx(abs(across[1]))
        assert up[1] == pytest.approx(k * across[1])
    labels = {text.get_text(): text.get_color() for text in lower.texts}
    colors = [line.get_color() for line in lower.lines]
    assert labels == {str(k): color for k, color in zip(slopes, colors, strict=True)}


def test_f_jumps_and_autograd_sees_only_the_branch_taken(module, outputs):
    rows = [line.split() for line in outputs["jump"].stdout.splitlines()[1:]]
    assert [list(map(float, row)) for row in rows] == [[499.999, 1999.996, 4], [500, 1000, 2]]
    left, right = torch.tensor([499.999, 500.0], dtype=torch.float64)
    secant = (module.f(right) - module.f(left)) / (right - left)
    assert secant < -900_000  # while both gradients are positive


def test_condition_contributes_nothing_to_the_gradient(module, outputs):
    first, second = outputs["threshold"].stdout.splitlines()
    assert first == "t = 1.9: value 6, x.grad 3, t.grad None"
    assert second == "t = 2.1: value 2"
    t = torch.tensor(1.9, requires_grad=True)
    assert not module.gated(torch.tensor(2.0), t).requires_grad


def test_exact_equality_fails_for_some_negative_inputs_and_isclose_never(outputs):
    draws = []
    for seed in range(2000):
        torch.manual_seed(seed)
        draws.append(torch.randn(size=()).item())
    a = np.array(draws, dtype=np.float32)
    gradient = np.array([slope(number) for number in draws], dtype=np.float32)
    hundred = np.where(a > 0, 1, 100).astype(np.float32)
    quotient = (a * (gradient / hundred)) * hundred / a  # each step rounds to float32
    assert quotient.dtype == np.float32
    unequal = quotient != gradient
    far = ~np.isclose(quotient, gradient, rtol=1e-5)
    assert unequal[a > 0].sum() == 0
    assert unequal[a < 0].sum() > 50
    assert far.sum() == 0
    assert outputs["float-equality"].stdout == "".join(
        f"{sign}: {part.sum()} draws, == fails {unequal[part].sum()}, isclose fails 0\n"
        for sign, part in (("a > 0", a > 0), ("a < 0", a < 0))
    )
    share = round(100 * unequal.sum() / (a < 0).sum())
    assert outputs["unequal-share"].stdout == f"{share}%\n" == "12%\n"


def test_unequal_example_has_an_exact_gradient_and_an_inexact_quotient(outputs):
    shown = outputs["one-unequal"].stdout.splitlines()
    gradient, quotient = (float(line.split(":")[1]) for line in shown)
    assert math.log2(gradient / 100).is_integer()
    assert quotient != gradient
    assert quotient == pytest.approx(gradient, rel=1e-6)


# Updates


def test_update_in_place_is_refused_outside_no_grad_and_keeps_requires_grad_inside(outputs):
    assert "leaf Variable that requires grad" in outputs["update-step"].stdout
    assert outputs["update-step"].result == "tensor([0.8000, 1.6000], requires_grad=True)"


def test_rebinding_inside_no_grad_silently_leaves_the_graph(module, outputs):
    assert outputs["rebinding"].stdout == "v requires a gradient: False\n"
    with pytest.raises(RuntimeError, match="does not require grad"):
        (module.v**2).sum().backward()


def test_training_loop_shrinks_the_loss_by_the_square_of_its_factor(outputs):
    lines = outputs["training-loop"].stdout.splitlines()
    assert lines == [f"step {step}: loss {5 * 0.8 ** (2 * step):.4f}" for step in range(4)]


def test_neither_no_grad_nor_inference_mode_is_eval(outputs):
    rows = [line.rsplit(maxsplit=2) for line in outputs["inference-mode"].stdout.splitlines()[1:]]
    assert {name: (recorded, dropout) for name, recorded, dropout in rows} == {
        "nothing": ("True", "True"),
        "no_grad()": ("False", "True"),
        "inference_mode()": ("False", "True"),
        "eval()": ("True", "False"),
        "inference_mode(), eval()": ("False", "False"),
    }


def test_inference_tensor_never_takes_part_in_differentiation_again(outputs):
    assert "cannot be saved for backward" in outputs["inference-tensor"].stdout
    with torch.inference_mode():
        prediction = torch.ones(2)
    w = leaf(1.0, 2.0)
    (w * prediction.clone()).sum().backward()  # a clone may
    assert w.grad.tolist() == [1, 1]


# Several losses and micro-batches


def test_losses_going_backward_one_by_one_give_the_gradient_of_their_sum(outputs):
    w = torch.tensor([1.0, 2.0])
    first, both = 2 * w, 2 * w + 4 * w**3
    shown = [line.split(": ")[1].strip() for line in outputs["several-losses"].stdout.splitlines()]
    assert shown == [str(first), str(both), str(both)]


def test_shared_graph_is_gone_after_the_first_loss(outputs):
    assert "backward through the graph a second time" in outputs["shared-graph"].stdout


def mean_loss_gradient(module, rows):
    """The gradient of the mean squared error over these rows at w = 0, by its formula."""
    X, t = module.X[rows].double(), module.t[rows].double()
    return -2 / len(t) * t @ X


def test_micro_batches_add_up_to_the_gradient_of_the_whole_batch(module, outputs):
    whole = mean_loss_gradient(module, range(8))
    torch.testing.assert_close(module.full_gradient.double(), whole, rtol=1e-5, atol=1e-6)
    parts = [mean_loss_gradient(module, [i, i + 1]) / 4 for i in range(0, 8, 2)]
    torch.testing.assert_close(sum(parts), whole)
    printed = [
        [float(number) for number in re.findall(r"-?\d+\.\d+", line)]
        for line in outputs["micro-batches"].stdout.splitlines()[:2]
    ]
    assert printed == [pytest.approx(whole.tolist(), abs=1e-4)] * 2
    assert outputs["micro-batches"].stdout.endswith("close: True\n")


def test_forgetting_to_divide_gives_four_times_the_gradient(outputs):
    shown = outputs["forgotten-division"].stdout
    assert shown == "times too large: tensor([4., 4., 4.])\n"


def test_four_times_the_loss_is_four_times_the_rate_for_sgd_and_nothing_for_adam(module, outputs):
    X, t, w = module.X.double(), module.t.double(), torch.zeros(3, dtype=torch.float64)
    for _ in range(10):
        w = w - 0.2 * 2 / 8 * X.T @ (X @ w - t)
    torch.testing.assert_close(module.trained(module.SGD, 4).double(), w, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(module.trained(module.SGD, 4), module.trained(module.SGD, 1, 0.2))
    assert not torch.allclose(module.trained(module.SGD, 1), module.trained(module.SGD, 4))
    torch.testing.assert_close(module.trained(module.Adam, 1), module.trained(module.Adam, 4))
    rows = [line.split("[")[1] for line in outputs["scaled-loss"].stdout.splitlines()]
    assert rows[1] == rows[2] != rows[0] and rows[3] == rows[4]


def test_batch_norm_breaks_the_equivalence(module, outputs):
    without, with_norm = (
        float(line.split()[-1]) for line in outputs["batch-norm"].stdout.splitlines()
    )
    assert without == 0 and with_norm > 0.1
    assert module.change_by_cutting() < 1e-5
    assert module.change_by_cutting(torch.nn.LayerNorm(4)) < 1e-5  # each example by itself


def test_micro_batch_of_a_quarter_stores_a_quarter_of_the_numbers(module, outputs):
    whole, part = (
        int(line.split(":")[1]) for line in outputs["micro-batch-memory"].stdout.splitlines()
    )
    assert 0 < part == whole / 4


# The graph


def test_graph_has_fewer_nodes_than_ways_to_reach_them_so_it_is_no_tree(outputs):
    arrivals = outputs["graph"].stdout.split()
    assert len(arrivals) == 9
    assert arrivals.count("AccumulateGrad") == 5
    q = torch.tensor(3.0, requires_grad=True)
    p = q * q
    nodes = edges_of((p + p * q).grad_fn)
    assert len(nodes) == 4
    assert sum(map(len, nodes.values())) == 6 > len(nodes) - 1  # a tree has one edge less
    assert outputs["graph-counts"].stdout.splitlines() == [
        "arrivals: 9   different nodes: 4",
        "q.grad: 33.0   formula: 33.0",
    ]


def test_graph_gradient_agrees_with_differences():
    def r(q):
        return q**2 + q**3

    assert (r(3 + 1e-5) - r(3 - 1e-5)) / 2e-5 == pytest.approx(33)


def test_graphs_of_the_page_have_no_cycles(module):
    for last in (module.r, module.h):
        edges = edges_of(last.grad_fn)
        order = list(TopologicalSorter(edges).static_order())  # raises CycleError on a cycle
        assert len(order) == len(edges)


def test_graph_figure_shows_the_nodes_and_the_gradients_sent_between_them(module):
    names = {node: name.strip("$") for node, name in module.names.items()}
    (last,) = set(module.place) - set(names)
    assert last.variable is module.q
    names[last] = "q"
    assert set(module.place) == set(edges_of(module.r.grad_fn))
    sent = sorted((names[a], names[b], gradient) for a, b, gradient in module.graph_edges)
    q = 3.0
    p, grad_p = q**2, 1 + q
    assert sent == sorted(
        [
            ("r", "p", 1.0),
            ("r", "pq", 1.0),
            ("pq", "p", q),
            ("pq", "q", p),
            ("p", "q", grad_p * q),
            ("p", "q", grad_p * q),
        ]
    )
    assert module.q.grad.item() == 33


def test_graph_figure_draws_every_edge_and_every_sum(module):
    axes = module.graph_axes
    arrows = [text for text in axes.texts if getattr(text, "arrow_patch", None)]
    drawn = sorted((arrow.xyann[0], arrow.xy[0]) for arrow in arrows)
    place = module.place
    assert drawn == sorted((place[a], place[b]) for a, b, _ in module.graph_edges)
    assert all(start < end for start, end in drawn)
    circles = sorted(x for points in axes.collections for x, _ in points.get_offsets())
    assert circles == sorted(place.values()) == [0, 1, 2, 3]
    numbers = [text.get_text() for text in axes.texts if text.get_color() == "C1"]
    assert sorted(filter(None, numbers)) == sorted(["1", "1", "3", "9", "12", "12"])
    column = {}
    for text in axes.texts:
        if text.get_color() != "C1" and text.get_text() not in ("", "gradient"):
            column.setdefault(text.get_position()[0], set()).add(text.get_text())
    totals = {"$r$": 1, "$pq$": 1, "$p$": 1 + 3, "$q$": 9 + 12 + 12}
    assert [column[x] for x in range(4)] == [{name, str(sum_)} for name, sum_ in totals.items()]
    bends = [arrow.arrowprops["connectionstyle"] for arrow in arrows]
    straight = [
        place[b] - place[a]
        for (a, b, _), bend in zip(module.graph_edges, bends, strict=True)
        if bend.endswith("=0.0")
    ]
    assert straight == [1, 1]


def test_unrolled_rnn_has_a_node_for_each_step_and_one_shared_weight(module, outputs):
    assert outputs["unrolled-rnn"].stdout == "TanhBackward0: 3\nAccumulateGrad: 1\n"
    leaves = [node for node in edges_of(module.h.grad_fn) if hasattr(node, "variable")]
    assert [node.variable is module.W_h for node in leaves] == [True]


def test_gradient_of_a_shared_weight_is_the_sum_over_steps(module, outputs):
    W_x, W_h = module.W_x.double(), module.W_h.detach().double()
    states = [torch.ones(4, dtype=torch.float64)]
    for x_t in module.inputs.double():
        states.append(torch.tanh(W_x @ x_t + W_h @ states[-1]))
    sent, per_step = torch.ones(4, dtype=torch.float64), []
    for before, after in reversed(list(pairwise(states))):
        sent = sent * (1 - after**2)
        per_step.insert(0, torch.outer(sent, before))
        sent = W_h.T @ sent
    per_step = torch.stack(per_step)
    torch.testing.assert_close(module.per_step.double(), per_step, rtol=1e-4, atol=1e-6)
    torch.testing.assert_close(module.W_h.grad.double(), per_step.sum(0), rtol=1e-4, atol=1e-6)
    largest = [
        float(number) for number in re.findall(r"\d+\.\d+", outputs["shared-weights"].stdout)
    ]
    assert largest == pytest.approx(per_step.abs().amax(dim=(1, 2)).tolist(), abs=1e-4)
    assert min(largest) > 0.01
    assert outputs["shared-weights"].stdout.endswith("equals W_h.grad: True\n")


def test_create_graph_gives_derivatives_of_derivatives(outputs):
    shown = outputs["higher-derivatives"].stdout.splitlines()
    values = [int(line.split(": ")[1]) for line in shown]
    assert values == [4 * 2**3, 12 * 2**2, 24 * 2, 24]
    assert "does not require grad" in outputs["without-create-graph"].stdout


# Questions


def test_gradients_can_be_had_without_backward_and_without_grad(outputs):
    shown = [line.split(":")[1].strip() for line in outputs["other-ways"].stdout.splitlines()]
    assert shown == ["tensor([ 0.,  4.,  8., 12.])"] * 2 + ["None"]


# Exercises: the stubs are empty, and each check catches the likely mistake


@pytest.mark.parametrize("name", ["gradient-of", "rounded", "in-pieces", "hessian-times"])
def test_stub_fails_the_check_and_the_solution_passes_it(run, name):
    with pytest.raises(NotImplementedError):
        run(["setup", name, f"{name}-check"])
    run(["setup", f"{name}-solution", f"{name}-check"])


def gradient_left_behind(function, x):
    x.requires_grad_(True)
    function(x).backward()
    return x.grad


def divided_by_the_number_of_pieces(w, X, t, size):
    w = w.clone().requires_grad_(True)
    for rows in torch.arange(len(t)).split(size):
        (((X[rows] @ w - t[rows]) ** 2).mean() / math.ceil(len(t) / size)).backward()
    return w.grad


def gradient_times(function, x, v):
    return torch.func.grad(function)(x) * v


MISTAKES = {
    "gradient-of": ("gradient_of", gradient_left_behind),
    "rounded, gradient lost": ("rounded", torch.round),
    "rounded, detached too much": ("rounded", lambda x: x.round().detach() + 0 * x),
    "rounded, not rounded": ("rounded", lambda x: x + 0),
    "in-pieces": ("gradient_in_pieces", divided_by_the_number_of_pieces),
    "hessian-times": ("hessian_times", gradient_times),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_check_catches_a_likely_mistake(run, mistake):
    function, wrong = MISTAKES[mistake]
    with pytest.raises(AssertionError):
        run(["setup", f"{mistake.split(',')[0]}-check"], **{function: wrong})


def test_hessian_times_a_vector_agrees_with_the_whole_hessian(module):
    torch.manual_seed(5)
    x, v = torch.randn(2, 4, dtype=torch.float64)

    def function(x):
        return (x.sin() * x.roll(1)).sum()

    hessian = torch.autograd.functional.hessian(function, x)
    torch.testing.assert_close(module.hessian_times(function, x, v), hessian @ v)


def test_running_total_of_loss_tensors_keeps_every_graph(outputs):
    rows = re.findall(r"(\d+) nodes, number (\d+)", outputs["growing-total"].stdout)
    nodes, numbers = (list(map(int, column)) for column in zip(*rows, strict=True))
    assert nodes[2] - nodes[1] == nodes[1] - nodes[0] > 0
    assert numbers == [3, 3 + 12, 3 + 12 + 27]
