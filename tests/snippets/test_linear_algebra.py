"""What the linear-algebra page claims; the oracles are explicit sums and closed forms."""

from __future__ import annotations

import itertools
import math
import re
import warnings
from pathlib import Path

import pytest
import torch
from matplotlib.colors import to_rgba

REDUCED_SHAPES = {0: (5, 4), 1: (2, 4), 2: (2, 5)}


def marked_numbers(axes, color):
    """(x, number) for each tinted square of that colour, read off the drawn text."""
    texts = {tuple(text.get_position()): text.get_text() for text in axes.texts}
    squares = [p for p in axes.patches if p.get_fill() and p.get_edgecolor() == to_rgba(color)]
    centers = [(p.get_x() + 0.5, p.get_y() + 0.5) for p in squares]
    return sorted((x, int(texts[x, y])) for x, y in centers)


def drawn_grid(axes, left, columns):
    """The numbers of a drawn grid, row by row, from its texts."""
    cells = [
        (-text.get_position()[1], text.get_position()[0], int(text.get_text()))
        for text in axes.texts
        if text.get_text().isdigit() and left < text.get_position()[0] < left + columns
    ]
    return [number for _, _, number in sorted(cells)]


def labelled(outputs, cell):
    """What stands after each label in the printed text."""
    pairs = (line.split(":", 1) for line in outputs[cell].stdout.splitlines() if ":" in line)
    return {label.strip(): value.strip() for label, value in pairs}


# Products


def test_dot_product_multiplies_then_adds(outputs):
    total = 2 * 5 + 1 * 8 + 3 * 4
    assert [*labelled(outputs, "dot").values()] == [f"tensor({total}.)"] * 2


def test_every_entry_of_a_matrix_vector_product_is_an_explicit_sum(module):
    expected = [sum((4 * i + j) * j for j in range(4)) for i in range(5)]
    assert expected == [14, 38, 62, 86, 110]
    assert torch.mv(module.B, module.a).tolist() == expected
    assert module.by_rows.tolist() == module.by_columns.tolist() == expected


def test_every_entry_of_a_matrix_product_is_an_explicit_sum(module):
    expected = [
        [sum((4 * i + j) * (3 * j + k) for j in range(4)) for k in range(3)] for i in range(5)
    ]
    assert expected[0] == [42, 48, 54]
    assert expected[-1] == [330, 400, 470]
    assert module.C.tolist() == expected


def test_inner_lengths_meet_and_outer_lengths_remain(module):
    assert torch.mv(module.B, module.a).shape == (5,)
    assert torch.mm(module.B, module.A).shape == (5, 3)


def test_product_figure_shows_the_matrices_and_one_row_meeting_one_column(module):
    axes = module.product_axes
    row = [number for _, number in marked_numbers(axes, "C0")]
    column = sorted(number for _, number in marked_numbers(axes, "C1"))
    ((_, entry),) = marked_numbers(axes, "C2")
    assert (row, column, entry) == ([8, 9, 10, 11], [1, 4, 7, 10], 224)
    assert entry == sum(b * a for b, a in zip(row, column, strict=True))
    assert drawn_grid(axes, 0, 4) == list(range(20))
    above_then_below = list(range(12)) + module.C.flatten().int().tolist()
    assert drawn_grid(axes, 4.7, 3) == above_then_below


def test_product_figure_marks_a_cell_in_line_with_its_row_and_column(module):
    squares = {
        color: {
            (round(p.get_x(), 6), round(p.get_y(), 6))
            for p in module.product_axes.patches
            if p.get_fill() and p.get_edgecolor() == to_rgba(color)
        }
        for color in ("C0", "C1", "C2")
    }
    ((x, y),) = squares["C2"]
    assert {row_y for _, row_y in squares["C0"]} == {y}
    assert {column_x for column_x, _ in squares["C1"]} == {x}


def test_one_entry_is_the_sum_of_the_printed_terms(outputs):
    *_, terms, entry = labelled(outputs, "one-entry").values()
    assert entry == "tensor(224.)"
    assert sum(float(term) for term in terms.strip("[]").split(",")) == 224


def test_random_results_agree_up_to_rounding_and_hardly_ever_to_the_last_bit(outputs):
    assert [*labelled(outputs, "allclose").values()] == ["False", "True"]
    equal = 0
    for seed in range(30):
        torch.manual_seed(seed)
        P, q = torch.randn(50, 40), torch.randn(40)
        rows, columns = P @ q, sum(q[j] * P[:, j] for j in range(40))
        equal += torch.equal(rows, columns)
        assert torch.allclose(rows, columns, atol=1e-5)
        exact = P.double() @ q.double()
        assert not torch.equal(rows.double(), exact), "both are rounded"
    assert equal < 3


def test_allclose_allows_what_its_formula_says():
    y = torch.tensor(1000.0, dtype=torch.float64)
    for tolerance in ({}, {"atol": 0.5}, {"rtol": 0.25}):
        allowed = tolerance.get("atol", 1e-8) + tolerance.get("rtol", 1e-5) * 1000
        assert torch.allclose(y + 0.99 * allowed, y, **tolerance)
        assert not torch.allclose(y + 1.01 * allowed, y, **tolerance)


def test_default_tolerance_is_too_strict_where_float32_sums_nearly_cancel():
    x = torch.tensor([1.0, 0.001, -1.0])
    left, right = (x[0] + x[1]) + x[2], (x[0] + x[2]) + x[1]
    assert not torch.allclose(left, right)
    assert torch.allclose(left, right, atol=1e-6)


def test_at_agrees_with_mv_and_mm(outputs):
    assert [*labelled(outputs, "at-operator").values()] == ["True", "True"]


def test_mm_refuses_a_vector_and_wrong_order_is_refused(module, outputs):
    with pytest.raises(RuntimeError):
        torch.mm(module.B, module.a)
    with pytest.raises(RuntimeError):
        torch.mv(module.B, module.A)
    assert len(outputs["strict-shapes"].stdout.splitlines()) == 2
    assert "4x3 and 5x4" in outputs["strict-shapes"].stdout


def test_square_matrices_usually_do_not_commute():
    swap, scale = torch.tensor([[0.0, 1.0], [1.0, 0.0]]), torch.tensor([[1.0, 0.0], [0.0, 2.0]])
    assert not torch.equal(swap @ scale, scale @ swap)


def test_at_multiplies_a_batch_matrix_by_matrix(module):
    assert module.product.shape == (2, 5, 3)
    for n in range(2):
        torch.testing.assert_close(module.product[n], torch.mm(module.batch[n], module.A))


def test_elementwise_product_keeps_the_shape_and_summing_it_gives_the_matrix_product(
    module, outputs
):
    product = module.B * module.a
    assert product.shape == (5, 4)
    for i, j in itertools.product(range(5), range(4)):
        assert product[i, j] == (4 * i + j) * j
    summed, multiplied = outputs["elementwise"].stdout.splitlines()[-2:]
    sums = [sum((4 * i + j) * j for j in range(4)) for i in range(5)]
    assert [float(n) for n in re.findall(r"\d+\.", summed)] == sums
    assert summed.split("tensor")[1] == multiplied.split("tensor")[1]


def test_transpose_of_a_product_reverses_the_order(module, outputs):
    assert [*labelled(outputs, "transpose").values()] == ["torch.Size([3, 5])", "True"]
    torch.manual_seed(0)
    P, Q = torch.randn(5, 4, dtype=torch.float64), torch.randn(4, 3, dtype=torch.float64)
    torch.testing.assert_close((P @ Q).T, Q.T @ P.T)
    with pytest.raises(RuntimeError):
        module.B.T @ module.A.T


def test_integers_multiply_but_matrix_products_do_not_mix_them_with_floats(module, outputs):
    integers = torch.arange(20).reshape(5, 4)
    counts, floats = torch.arange(4), torch.arange(4.0)
    assert (integers @ counts).tolist() == [14, 38, 62, 86, 110]
    assert (counts * floats).dtype == torch.float32, "elementwise they do mix"
    for refused in (
        integers.mean,
        lambda: torch.linalg.vector_norm(counts),
        lambda: module.B @ counts,
        lambda: torch.mv(module.B, counts),
        lambda: torch.dot(counts, floats),
    ):
        with pytest.raises(RuntimeError):
            refused()
    dtypes, promoted, mixed = labelled(outputs, "integer-tensors").values()
    assert dtypes == "torch.int64 torch.float32"
    assert promoted == f"tensor([{', '.join(f'{2.5 * n:.4f}' for n in range(4))}])"
    assert "same dtype" in mixed


# Rows and columns


def test_row_times_column_is_a_number_and_column_times_row_is_a_table(module, outputs):
    row, column = module.row, module.column
    shapes = labelled(outputs, "row-and-column")
    assert shapes["row"] == f"torch.Size({[*row.shape]})" == "torch.Size([1, 3])"
    assert shapes["column"] == f"torch.Size({[*column.shape]})" == "torch.Size([3, 1])"
    assert (row @ column).tolist() == [[1 + 4 + 9]]
    assert (column @ row).tolist() == [[i * j for j in (1, 2, 3)] for i in (1, 2, 3)]


def test_vector_plus_column_is_a_table_of_all_pairs():
    vector = torch.tensor([1.0, 2.0, 3.0])
    table = vector + vector.reshape(3, 1)
    assert table.tolist() == [[i + j for i in (1, 2, 3)] for j in (1, 2, 3)]


def test_transposing_a_vector_does_nothing_and_is_deprecated():
    vector = torch.arange(3.0)
    torch.set_warn_always(True)
    try:
        with pytest.warns(UserWarning, match="deprecated"):
            transposed = vector.T
    finally:
        torch.set_warn_always(False)
    assert transposed.shape == (3,)
    assert vector.reshape(-1, 1).shape == vector[:, None].shape == (3, 1)
    assert torch.ones(2, 5, 4).mT.shape == (2, 4, 5)


# Norms


def test_norms_equal_their_formulas(outputs):
    street, straight, largest = 3 + 4, math.hypot(3, 4), max(3, 4)
    assert [*labelled(outputs, "vector-norms").values()] == [
        f"formula tensor({n:.0f}.)  library tensor({n:.0f}.)" for n in (street, straight, largest)
    ]


def test_norms_of_random_vectors_keep_the_three_rules():
    torch.manual_seed(0)
    x, y = torch.randn(2, 500, 3, dtype=torch.float64)
    for order in (1, 2, math.inf):
        length = [torch.linalg.vector_norm(v, ord=order, dim=1) for v in (x, y, x + y, -2.5 * x)]
        assert (length[0] > 0).all()
        assert (length[2] <= length[0] + length[1] + 1e-12).all()
        torch.testing.assert_close(length[3], 2.5 * length[0])
        assert torch.linalg.vector_norm(torch.zeros(3), ord=order) == 0


def test_maximum_norm_is_at_most_l2_which_is_at_most_l1():
    torch.manual_seed(1)
    x = torch.randn(500, 4, dtype=torch.float64)
    largest, squares, total = x.abs().amax(dim=1), x.square().sum(dim=1), x.abs().sum(dim=1)
    assert (largest <= squares.sqrt()).all()
    assert (squares.sqrt() <= total).all()


def test_norm_rules_cell_shows_scaling_and_the_triangle(outputs):
    numbers = [float(n[7:-1]) for n in labelled(outputs, "norm-rules").values()]
    assert numbers == [2 * 3, 2 * 3, math.hypot(3, 4), 3 + 4]


def test_drawn_points_have_norm_one(module):
    diamond, circle, square = module.norm_axes.lines[-3:]
    measures = (
        lambda x, y: abs(x) + abs(y),
        lambda x, y: (x**2 + y**2) ** 0.5,
        lambda x, y: torch.maximum(abs(x), abs(y)),
    )
    for line, measure in zip((diamond, circle, square), measures, strict=True):
        x, y = (torch.as_tensor(data) for data in line.get_data())
        torch.testing.assert_close(measure(x, y), torch.ones_like(x))
        assert x.min() == pytest.approx(-1)
        assert y.max() == pytest.approx(1)
    assert len({line.get_linestyle() for line in (diamond, circle, square)}) == 3
    assert module.norm_axes.get_aspect() == 1


def test_drawn_curves_are_nested_and_touch_on_the_axes_only(module):
    radii = [
        torch.linalg.vector_norm(torch.tensor(line.get_xydata()), dim=1)
        for line in module.norm_axes.lines[-3:]
    ]
    on_axes = torch.arange(401) % 100 == 0
    for inner, outer in itertools.pairwise(radii):
        torch.testing.assert_close(inner[on_axes], outer[on_axes])
        assert (inner[~on_axes] < outer[~on_axes]).all()


def test_unit_curves_are_labelled_where_they_run(module):
    labels = {text.get_text(): text.get_position()[0] for text in module.norm_axes.texts}
    assert list(labels) == ["$L_1$", "$L_2$", r"$L_\infty$"]
    on_diagonal = (0.5, math.sqrt(0.5), 1.0)
    for place, radius in zip(labels.values(), on_diagonal, strict=True):
        assert 0.05 < radius - place < 0.15


def test_frobenius_and_spectral_norm_are_different_numbers(module, outputs):
    frobenius_of_ones = math.sqrt(4 * 9)
    frobenius, spectral = math.sqrt(3**2 + 4**2), max(3, 4)
    expected = [f"tensor({n:.0f}.)" for n in (frobenius_of_ones, frobenius, spectral)]
    assert [*labelled(outputs, "matrix-norms").values()] == expected


def test_spectral_norm_is_the_largest_stretch_and_the_largest_singular_value(module, outputs):
    _, *rows, longest = outputs["spectral-stretch"].stdout.splitlines()
    for row in rows:
        degrees, length = map(float, row.split())
        x, y = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
        assert length == round(math.hypot(3 * x, 4 * y), 3)
    assert longest == "longest at 90 degrees"
    torch.manual_seed(0)
    M = torch.randn(4, 3, dtype=torch.float64)
    largest = torch.linalg.svdvals(M)[0]
    torch.testing.assert_close(torch.linalg.matrix_norm(M, ord=2), largest)
    x = torch.nn.functional.normalize(torch.randn(3, 2000, dtype=torch.float64), dim=0)
    lengths = (M @ x).square().sum(dim=0).sqrt()
    assert 0.99 * largest < lengths.max() <= largest


def test_the_greatest_stretch_need_not_lie_along_an_axis():
    leaning = torch.tensor([[1.0, 1.0], [0.0, 1.0]], dtype=torch.float64)
    along_axes = leaning.square().sum(dim=0).sqrt()
    assert (torch.linalg.matrix_norm(leaning, ord=2) > along_axes + 0.1).all()


def test_python_float_is_double_precision_and_does_not_mix(outputs):
    assert torch.tensor([-3, -4], dtype=float).dtype == torch.float64
    mixed, integer = outputs["norm-dtypes"].stdout.splitlines()
    assert "same dtype" in mixed
    assert "floating point or complex" in integer


def test_torch_norm_is_deprecated_without_a_warning():
    assert "deprecated" in torch.norm.__doc__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert torch.norm(torch.tensor([-3.0, -4.0])) == 5


def test_the_module_itself_uses_no_deprecated_norm(module):
    source = Path(module.__file__).read_text(encoding="utf-8")
    assert not re.findall(r"\.norm\(|dtype=float\b", source)


# Sums along axes


def test_axis_0_gives_column_sums_and_axis_1_row_sums(module, outputs):
    assert module.M.tolist() == [[0, 1, 2], [3, 4, 5]]
    column_sums, row_sums = [0 + 3, 1 + 4, 2 + 5], [0 + 1 + 2, 3 + 4 + 5]
    assert module.M.sum(dim=0).tolist() == column_sums
    assert module.M.sum(dim=1).tolist() == row_sums
    library, by_hand = labelled(outputs, "matrix-axes"), labelled(outputs, "axes-by-hand")
    assert by_hand == {name: library[name] for name in ("dim=0", "dim=1")}
    assert library["axis=1"] == library["dim=1"], "axis is another name for dim"


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_the_axis_that_is_summed_disappears(module, outputs, axis):
    sums = module.X.sum(dim=axis)
    assert tuple(sums.shape) == REDUCED_SHAPES[axis]
    assert labelled(outputs, "three-axes")[f"sum along axis {axis}"] == str(REDUCED_SHAPES[axis])
    for index in itertools.product(*map(range, sums.shape)):
        explicit = 0
        for n in range(module.X.shape[axis]):
            i, j, k = (*index[:axis], n, *index[axis:])
            explicit += 20 * i + 4 * j + k
        assert sums[index] == explicit


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_adding_up_each_group_gives_the_sum_along_that_axis(module, axis):
    groups = module.reduction_groups((2, 5, 4), axis)
    added = torch.zeros(math.prod(REDUCED_SHAPES[axis]), dtype=torch.int64)
    added.index_add_(0, groups.flatten(), module.X.flatten())
    assert torch.equal(added.reshape(REDUCED_SHAPES[axis]), module.X.sum(dim=axis))


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_reduction_figure_frames_exactly_what_is_added_up(module, axis):
    axes = module.reduction_axes[axis]
    for color, first in (("C0", True), ("C1", False)):
        marks = marked_numbers(axes, color)
        parts = [number for x, number in marks if x < 9]
        (total,) = (number for x, number in marks if x > 9)
        assert len(set(parts)) == (2, 5, 4)[axis]
        assert sum(parts) == total
        step = (20, 4, 1)[axis]
        assert sorted(parts) == [min(parts) + step * n for n in range(len(parts))]
        assert (min(parts) == 0) is first


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_reduction_figure_shows_the_tensor_its_sums_and_their_shape(module, axis):
    axes = module.reduction_axes[axis]
    rows, columns = REDUCED_SHAPES[axis]
    assert drawn_grid(axes, 0, 4) == list(range(20))
    assert drawn_grid(axes, 4.4, 4) == list(range(20, 40))
    assert drawn_grid(axes, 9.7, 5) == module.X.sum(dim=axis).flatten().tolist()
    words = {text.get_text() for text in axes.texts}
    assert {f"axis = {axis}", f"({rows}, {columns})"} <= words


def test_2_5_4_summed_along_axis_1_is_2_4_unless_keepdim(outputs):
    without, kept = labelled(outputs, "keepdim").values()
    assert without == "torch.Size([2, 4])"
    assert kept == "torch.Size([2, 1, 4])"


def test_summing_two_axes_equals_summing_one_after_the_other(module, outputs):
    explicit = [sum(20 * i + 4 * j + k for i in range(2) for j in range(5)) for k in range(4)]
    assert explicit == [180, 190, 200, 210]
    once, twice, *shapes = labelled(outputs, "several-axes").values()
    assert once == twice == f"tensor({explicit})"
    assert shapes == ["torch.Size([4])", "torch.Size([1, 1, 4])"]
    assert module.X.sum(dim=0).sum(dim=0).tolist() == explicit
    tenths = torch.tensor([0.1, 0.2, 0.3], dtype=torch.float64)
    forward, backward = sum(tenths), sum(tenths.flip(0))
    assert forward != backward and torch.allclose(forward, backward), "floats: up to rounding"


def test_print_of_a_total_shows_the_value_not_the_shape(module, outputs):
    assert labelled(outputs, "notes-sums") == {
        "value": f"tensor({sum(range(20))})  shape: torch.Size([])",
        "axis 0": "torch.Size([2, 5])",
        "axis 2": "torch.Size([2, 2])",
        "axis 2, keepdim": "torch.Size([2, 2, 1])",
    }
    assert module.total.ndim == 0


def test_means_maxima_and_norms_reduce_by_the_same_rule(outputs):
    mean, largest, norm = labelled(outputs, "other-reductions").values()
    assert mean == "tensor([3.5000, 7.0000])"
    assert largest == "tensor([4., 8.])"
    assert norm == f"tensor([ {math.hypot(3, 4):.0f}., {math.hypot(6, 8):.0f}.])"


def test_cumulative_sum_keeps_the_shape(outputs, module):
    assert module.points.cumsum(dim=0).tolist() == [[3, 4], [3 + 6, 4 + 8]]
    assert [float(n) for n in re.findall(r"\d+\.", outputs["cumulative-sum"].result)] == [
        3,
        4,
        9,
        12,
    ]


def test_shares_of_each_row_add_up_to_one_with_keepdim(module):
    assert module.shares.tolist() == [[1 / 4, 1 / 4, 2 / 4], [3 / 8, 3 / 8, 2 / 8]]
    assert module.shares.sum(dim=1).tolist() == [1, 1]


def test_without_keepdim_a_2_by_3_matrix_raises(module, outputs):
    with pytest.raises(RuntimeError):
        module.votes / module.votes.sum(dim=1)
    assert "size of tensor a (3) must match" in outputs["without-keepdim"].stdout


def test_without_keepdim_a_square_matrix_is_silently_wrong(module, outputs):
    row_sums = [6, 15, 24]
    explicit = [
        sum((3 * i + j + 1) / row_sums[j] for j in range(3)) for i in range(3)
    ]  # column j over the sum of row j
    assert module.wrong.sum(dim=1).tolist() == pytest.approx(explicit)
    assert explicit == pytest.approx([0.425, 1.25, 2.075])
    assert module.right.sum(dim=1).tolist() == pytest.approx([1, 1, 1])
    assert labelled(outputs, "square-trap")["row sums with keepdim"] == "tensor([1., 1., 1.])"


# One-hot, sparse, embedding


def test_each_one_hot_row_has_a_single_one_at_its_number(outputs):
    numbers, _, *rows = outputs["one-hot"].stdout.splitlines()
    assert numbers == "numbers: tensor([1, 3, 1])"
    digits = [[int(d) for d in re.findall(r"\d", row)] for row in rows]
    assert [(sum(row), row.index(1)) for row in digits] == [(1, 1), (1, 3), (1, 1)]


def test_one_hot_rows_all_have_the_same_distance():
    rows = torch.nn.functional.one_hot(torch.arange(5)).double()
    pairs = itertools.combinations(rows, 2)
    squared = {(a - b).square().sum().item() for a, b in pairs}
    assert squared == {2.0}


def test_a_row_for_n_classes_has_n_minus_1_zeros(module):
    assert (module.dense == 0).sum(dim=1).tolist() == [999] * 1000


def test_sparse_storage_saves_what_the_page_says(module, outputs):
    assert labelled(outputs, "one-hot-cost") == {
        "zeros": f"{999 / 1000:.1%}",
        "dense": f"{1000 * 1000 * 4:,} bytes",
        "sparse": f"{1000 * 2 * 8:,} + {1000 * 4:,} bytes",
    }
    assert outputs["saving"].stdout == f"{4_000_000 // 20_000}\n"


@pytest.mark.parametrize(("nonzeros", "sparse_is_smaller"), [(19, True), (20, False), (21, False)])
def test_sparse_storage_stops_paying_at_a_fifth(nonzeros, sparse_is_smaller):
    dense = (torch.arange(100) < nonzeros).float().reshape(10, 10)
    sparse = dense.to_sparse()
    assert (sparse.indices().nbytes + sparse.values().nbytes < dense.nbytes) is sparse_is_smaller


def test_sparse_product_is_the_same_with_a_thousandth_of_the_multiplications(module, outputs):
    picked = [[8 * i + j for j in range(8)] for i in module.long_text.tolist()]
    assert torch.sparse.mm(module.sparse, module.weights).tolist() == picked
    counts = [f"{1000 * 1000 * 8:,}", f"{1000 * 8:,}"]
    assert [*labelled(outputs, "sparse-product").values()] == ["True", *counts]


def test_embedding_equals_one_hot_times_table_exactly(module, outputs):
    assert [*labelled(outputs, "embedding").values()] == ["True", "True"]
    for seed in range(20):
        torch.manual_seed(seed)
        table, ids = torch.randn(50, 8), torch.randint(50, (30,))
        by_product = torch.nn.functional.one_hot(ids, 50).float() @ table
        assert torch.equal(by_product, table[ids]), "exact for decimals of any kind"
    rows = [module.table[i].tolist() for i in (1, 3, 1)]
    assert torch.nn.functional.embedding(module.ids, module.table).tolist() == rows


def test_nn_embedding_is_such_a_table_and_is_trained(module):
    embedding = torch.nn.Embedding.from_pretrained(module.table, freeze=False)
    embedding(module.ids).sum().backward()
    assert embedding.weight.grad.tolist() == [[0, 0], [2, 2], [0, 0], [1, 1]]


def test_one_operation_equals_three_nested_loops(module, outputs):
    explicit = [
        [sum((4 * i + j) * (3 * j + k) for j in range(4)) for k in range(3)] for i in range(2)
    ]
    assert module.looped.tolist() == explicit
    assert labelled(outputs, "loop-or-tensor") == {"same as inputs @ layer": "True"}


# Exercises


def product_shape(left, right):
    """The shape of left @ right, or None, by the page's rule: a 1-D tensor is a row or a column."""
    rows, inner = (1, *left)[-2:]
    height, columns = right if len(right) == 2 else (*right, 1)
    if inner != height:
        return None
    return (rows,) * (len(left) == 2) + (columns,) * (len(right) == 2)


def elementwise_shape(left, right):
    """The shape after broadcasting, or None."""
    length = max(len(left), len(right))
    pairs = zip(*((1,) * (length - len(s)) + s for s in (left, right)), strict=True)
    sizes = [max(pair) if min(pair) in (1, max(pair)) else None for pair in pairs]
    return None if None in sizes else tuple(sizes)


def test_predicted_shapes_follow_from_the_rules(outputs):
    A, B, a = (4, 3), (5, 4), (4,)
    expected = {
        "B @ A": product_shape(B, A),
        "A @ B": product_shape(A, B),
        "B @ a": product_shape(B, a),
        "a @ A": product_shape(a, A),
        "B * a": elementwise_shape(B, a),
        "B.T * a": elementwise_shape(B[::-1], a),
        "a[:, None] * a": elementwise_shape((4, 1), a),
        "B.sum(dim=0)": (4,),
        "B - B.mean(dim=1)": elementwise_shape(B, (5,)),
        "B - B.mean(dim=1, keepdim=True)": elementwise_shape(B, (5, 1)),
    }
    lines = outputs["predict-shapes"].stdout.splitlines()
    shown = {line[:33].strip(): line[33:] for line in lines}
    assert shown == {code: str(shape or "error") for code, shape in expected.items()}


def test_each_expression_of_the_shape_exercise_is_the_code_that_ran(module):
    source = Path(module.__file__).read_text(encoding="utf-8")
    for code in module.expressions:
        assert f'"{code}": lambda: {code},' in source


def multiplications(rows, inner, columns):
    """Counted one by one, as the loops of a matrix product make them."""
    return sum(1 for _ in itertools.product(range(rows), range(columns), range(inner)))


def test_multiplying_from_the_side_of_the_vector_is_cheaper(module, outputs):
    for n in (2, 3, 10):
        left = multiplications(n, n, n) + multiplications(n, n, 1)
        right = 2 * multiplications(n, n, 1)
        assert (left, right) == (n**3 + n**2, 2 * n**2)
    left, right, same = labelled(outputs, "brackets").values()
    assert left == f"{1000**3 + 1000**2:,} multiplications"
    assert right == f"{2 * 1000**2:,} multiplications"
    assert same == "True"
    factor = (1000**3 + 1000**2) / (2 * 1000**2)
    assert outputs["brackets-factor"].stdout.strip() == f"{factor:.0f}"


# The stubs are empty, and each check catches the likely mistake


@pytest.mark.parametrize("name", ["cosine", "center-channels", "bag-of-words"])
def test_stub_fails_the_check_and_the_solution_passes_it(run, name):
    with pytest.raises(NotImplementedError):
        run(["setup", name, f"{name}-check"])
    run(["setup", f"{name}-solution", f"{name}-check"])


MISTAKES = {
    "cosine": lambda x, y: x @ y,
    "center-channels": lambda images: images - images.mean(dim=(2, 3), keepdim=True),
    "center-channels without keepdim": lambda images: images - images.mean(dim=(0, 2, 3)),
    "bag-of-words": lambda ids, table: table[ids.unique()].sum(dim=0),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_check_catches_a_likely_mistake(run, mistake):
    name = mistake.split()[0]
    with pytest.raises(AssertionError):
        run(["setup", f"{name}-check"], **{name.replace("-", "_"): MISTAKES[mistake]})
