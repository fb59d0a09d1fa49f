"""What the tensors page says, checked against oracles of its own."""

from __future__ import annotations

import ast
import copy
import math
import re
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import slides
import torch
from matplotlib.colors import to_rgba
from matplotlib.patches import Rectangle

DOCS = Path(__file__).resolve().parents[2] / "docs"
GRID = [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12], [13, 14, 15, 16]]

Outputs = Mapping[str, Any]


def lines(outputs: Outputs, cell: str) -> list[str]:
    return outputs[cell].stdout.splitlines()


def labelled(outputs: Outputs, cell: str) -> dict[str, str]:
    """What stands after each label in the printed text."""
    pairs = (line.split(":", 1) for line in lines(outputs, cell) if ":" in line)
    return {label.strip(): value.strip() for label, value in pairs}


# Rank and shape


def test_a_scalar_is_0d_a_vector_1d_a_matrix_2d(module: ModuleType, outputs: Outputs) -> None:
    ranks = {name: x.ndim for name, x in module.examples.items()}
    assert list(ranks.values()) == [0, 1, 2, 3, 4, 5]
    assert (ranks["scalar"], ranks["vector"], ranks["matrix"]) == (0, 1, 2)
    *rows, error = lines(outputs, "scalar-is-0-d")[1:]
    assert [(row.split()[0], row.split()[-1]) for row in rows] == [(n, "3.5") for n in "012"]
    assert "invalid index of a 0-dim tensor" in error
    assert torch.randn(size=()).ndim == 0, "the notes' own size=() makes a 0-D tensor"


def test_the_number_of_elements_is_the_product_of_the_shape(outputs: Outputs) -> None:
    rows = lines(outputs, "ranks")[1:]
    assert len(rows) == 6
    for row in rows:
        match = re.match(r"[a-z ]+(\d+) +(\d+) +\(([\d, ]*)\)$", row)
        assert match
        shape = [int(n) for n in match[3].replace(",", " ").split()]
        assert len(shape) == int(match[1])
        assert math.prod(shape) == int(match[2])


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_table_of_ranks_shows_the_shapes_of_the_cell(module: ModuleType, language: str) -> None:
    page = (DOCS / language / "tensors.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d) \| .* \| `(\(.*?\))` \| (.*) \|$", page, re.MULTILINE)
    shapes = [str(tuple(x.shape)) for x in module.examples.values()]
    assert [(int(rank), shape) for rank, shape, _ in rows] == list(enumerate(shapes))
    assert all(axes.count("×") == int(rank) - 1 for rank, _, axes in rows if int(rank) > 1)


def test_a_three_dimensional_vector_is_a_one_dimensional_tensor(outputs: Outputs) -> None:
    assert labelled(outputs, "dimension-two-senses") == {"axes": "1", "elements": "3"}


def test_convolutions_want_channels_before_height_and_width(outputs: Outputs) -> None:
    # A 3x3 kernel without padding takes 2 off height and width, and off time in Conv3d.
    first, last = labelled(outputs, "channel-order").values()
    assert first == "torch.Size([2, 8, 14, 18])"
    assert "expected input[2, 16, 20, 3] to have 3 channels" in last
    assert outputs["video-order"].result == "torch.Size([2, 4, 6, 14, 18])"
    with pytest.raises(RuntimeError, match="to have 3 channels"):
        torch.nn.Conv3d(3, 4, 3)(torch.zeros(2, 8, 3, 16, 20))


def test_permute_keeps_pixels_together_and_reshape_scrambles(
    module: ModuleType, outputs: Outputs
) -> None:
    photo, image = module.photo, module.image
    assert image.shape == (3, 2, 4)
    for c, h, w in product(range(3), range(2), range(4)):
        assert image[c, h, w] == photo[h, w, c]
    assert not torch.equal(photo.reshape(3, 2, 4), image)
    _, pixel, same = labelled(outputs, "permute").values()
    assert (pixel, same) == ("tensor([3, 4, 5]) tensor([3, 4, 5])", "False")


# Creation


def test_the_way_numbers_are_written_decides_the_data_type(outputs: Outputs) -> None:
    assert [line.split()[-1] for line in lines(outputs, "default-dtypes")] == [
        "torch.float32",
        "torch.int64",
        "torch.float32",
        "torch.int64",
        "torch.float32",
        "torch.bool",
    ]


def test_like_takes_over_shape_and_data_type_unless_told_otherwise(outputs: Outputs) -> None:
    numbers = re.findall(r"[\d.]+", outputs["create-like"].stdout)
    assert numbers == ["0"] * 4 + ["1."] * 4, "integers like the template, floats where asked for"
    template = torch.ones(2, 3, 5, dtype=torch.float64)
    like = torch.zeros_like(template)
    assert (like.shape, like.dtype, like.sum()) == (template.shape, template.dtype, 0)


def test_arange_leaves_out_the_end_and_linspace_includes_it(outputs: Outputs) -> None:
    assert "tensor([0, 2, 4, 6, 8])" in outputs["create-sequence"].stdout
    assert "tensor([0.0000, 0.2500, 0.5000, 0.7500, 1.0000])" in outputs["create-sequence"].stdout


def test_random_numbers_have_the_promised_mean_and_deviation(
    module: ModuleType, outputs: Outputs
) -> None:
    standard_error = 1 / math.sqrt(10_000)
    for x, mean, deviation in ((module.normal, 0, 1), (module.uniform, 0.5, 1 / math.sqrt(12))):
        assert abs(x.mean() - mean) < 4 * deviation * standard_error
        assert abs(x.std() - deviation) < 4 * deviation * standard_error
    assert module.uniform.min() >= 0 and module.uniform.max() < 1
    uniform = labelled(outputs, "create-random")["uniform"]
    assert uniform == f"mean {1 / 2:.2f}, standard deviation {1 / math.sqrt(12):.2f}"


def test_the_same_seed_gives_the_same_numbers(module: ModuleType) -> None:
    torch.manual_seed(0)
    assert torch.equal(torch.randn(100, 100), module.normal)


def test_integer_tensors_have_no_mean(outputs: Outputs) -> None:
    error, mean = labelled(outputs, "integer-mean").values()
    assert "either a floating point or complex dtype" in error
    assert mean == f"tensor({(1 + 2 + 4) / 3:.4f})"


# Lists


def test_plus_joins_lists_and_adds_tensors(outputs: Outputs) -> None:
    shown = ["[1, 2, 3, 4]", "tensor([4, 6])", "[1, 2, 1, 2]", "tensor([2, 4])"]
    assert [*labelled(outputs, "list-versus-tensor").values()] == shown


def test_a_tensor_has_one_data_type_and_no_ragged_rows(outputs: Outputs) -> None:
    assert torch.tensor([1, True, 2.5]).dtype == torch.float32
    first, second = lines(outputs, "one-dtype")
    assert first == "tensor([1.0000, 1.0000, 2.5000])"
    assert second == "ValueError: expected sequence of length 2 at dim 1 (got 1)"


# Indexing


def rows_and_columns(rows: range, columns: range) -> list[list[int]]:
    """The block of GRID, counted by hand: no tensor is indexed."""
    return [[GRID[i][j] for j in columns] for i in rows]


PANELS = {
    "[1, 2]": (range(1, 2), range(2, 3)),
    "[1, :]": (range(1, 2), range(4)),
    "[:, 1]": (range(4), range(1, 2)),
    "[1:3, 1:]": (range(1, 3), range(1, 4)),
    "[::3, ::2]": (range(0, 4, 3), range(0, 4, 2)),
}


def test_slices_pick_what_the_page_says(outputs: Outputs) -> None:
    assert [line[9:] for line in lines(outputs, "index-element-row-column")] == [
        "tensor(7)",
        "tensor([5, 6, 7, 8])",
        "tensor([ 2,  6, 10, 14])",
    ]
    for cell, panel in (("grid", ""), ("index-block", "[1:3, 1:]"), ("index-step", "[::3, ::2]")):
        expected = rows_and_columns(*PANELS[panel]) if panel else GRID
        numbers = re.findall(r"\d+", outputs[cell].result)
        assert [int(n) for n in numbers] == [n for row in expected for n in row]
    assert rows_and_columns(*PANELS["[::3, ::2]"]) == [[1, 3], [13, 15]]


def test_the_figure_marks_exactly_the_cells_that_each_slice_picks(module: ModuleType) -> None:
    assert list(module.slicing_panels) == list(PANELS)
    masks = module.slicing_masks()
    for ax, (title, chosen) in zip(module.slicing_axes.values(), PANELS.items(), strict=True):
        assert ax.get_title() == title
        expected = set(product(*chosen))
        assert {tuple(cell) for cell in masks[title].nonzero().tolist()} == expected
        filled = {
            (round(patch.get_y() + 0.5), round(patch.get_x() + 0.5))
            for patch in ax.patches
            if patch.get_facecolor()[3] > 0
        }
        assert filled == expected
        numbers = {(round(t.get_position()[1]), round(t.get_position()[0])): t for t in ax.texts}
        assert {cell: int(t.get_text()) for cell, t in numbers.items()} == {
            (i, j): GRID[i][j] for i, j in product(range(4), repeat=2)
        }
        bold = {cell for cell, text in numbers.items() if text.get_weight() == "bold"}
        assert bold == expected, "the choice can be told without colour"


def test_an_integer_drops_its_axis_and_a_slice_keeps_it(outputs: Outputs) -> None:
    integer, slice_, last_row, last_column, _ = lines(outputs, "keep-or-drop-axis")
    assert integer.endswith(" torch.Size([4])")
    assert slice_.endswith(" torch.Size([1, 4])")
    assert last_row.endswith(" tensor([13, 14, 15, 16])")
    assert last_column.endswith(" tensor([ 4,  8, 12, 16])")


def test_three_dots_stand_for_all_axes_not_mentioned(outputs: Outputs) -> None:
    x = torch.arange(2 * 3 * 4 * 5).reshape(2, 3, 4, 5)
    assert torch.equal(x[1, ..., -1], x[1, :, :, -1]), "in the middle"
    assert torch.equal(x[1, ...], x[1, :, :, :]), "at the end"
    assert torch.equal(x[..., -1], x[:, :, :, -1]), "at the front"
    assert lines(outputs, "keep-or-drop-axis")[-1] == "batch[0, ..., -1]: torch.Size([3, 32])"


def test_numpy_allows_a_negative_step_and_torch_does_not(outputs: Outputs) -> None:
    assert np.arange(4)[::-1].tolist() == [3, 2, 1, 0]
    error, flipped = labelled(outputs, "negative-step").values()
    assert (error, flipped) == ("step must be greater than zero", "tensor([3, 2, 1, 0])")


def test_two_index_lists_are_paired(outputs: Outputs) -> None:
    _, *rows, pairs, chosen = lines(outputs, "index-list-mask")
    assert len(rows) == 2
    assert pairs.endswith(f" tensor([ {GRID[0][0]}, {GRID[3][2]}])")
    assert chosen.endswith(" tensor([13, 14, 15, 16])")


def test_where_keeps_the_shape_and_a_mask_flattens(module: ModuleType, outputs: Outputs) -> None:
    expected = [n if n > 12 else 0 for row in GRID for n in row]
    assert [int(n) for n in re.findall(r"\d+", outputs["where"].result)] == expected
    assert torch.where(module.A > 12, module.A, 0).shape == (4, 4)
    assert module.A[module.A > 12].ndim == 1
    both = torch.where(module.A > 12, module.A, -module.A)
    assert both.flatten().tolist() == [n if n > 12 else -n for row in GRID for n in row]


def test_indexing_on_the_left_writes(module: ModuleType) -> None:
    expected = [[0] * 4 for _ in range(3)]
    expected[1][2] = 7
    expected[0] = [1] * 4
    for i, j in product((0, 2), (0, 3)):
        expected[i][j] = 5
    assert module.B.tolist() == expected


# Elementwise, joining, broadcasting


def test_operations_on_equal_shapes_go_element_by_element(outputs: Outputs) -> None:
    x, y = [1.0, 2.0, 4.0], [3.0, 2.0, 1.0]
    rows = [(a + b, a * b, a**b, a > b) for a, b in zip(x, y, strict=True)]
    expected = [str(torch.tensor(column)) for column in zip(*rows, strict=True)]
    assert [*labelled(outputs, "elementwise").values()] == expected


def test_cat_lengthens_an_axis_and_stack_adds_one(outputs: Outputs) -> None:
    assert labelled(outputs, "cat-stack") == {
        "cat, dim=0": "torch.Size([4, 3])",
        "cat, dim=1": "torch.Size([2, 6])",
        "stack, dim=0": "torch.Size([2, 2, 3])",
    }


def broadcast_by_hand(*shapes: tuple[int, ...]) -> list[int]:
    """The page's two rules, in plain Python."""
    length = max(map(len, shapes))
    result = []
    for sizes in zip(*((1,) * (length - len(s)) + s for s in shapes), strict=True):
        larger = {size for size in sizes if size != 1}
        if len(larger) > 1:
            raise ValueError
        result.append(larger.pop() if larger else 1)
    return result


def test_the_two_rules_give_torchs_shapes(outputs: Outputs) -> None:
    pairs = [((2, 1), (3,)), ((8, 3, 32, 48), (3, 1, 1)), ((5, 1, 4), (6, 1))]
    assert lines(outputs, "broadcast-shapes") == [
        f"{pair[0]} {pair[1]} -> {tuple(broadcast_by_hand(*pair))}" for pair in pairs
    ]
    for a, b in product(product((1, 2, 3), repeat=2), repeat=2):
        try:
            expected = broadcast_by_hand(a, b)
        except ValueError:
            with pytest.raises(RuntimeError):
                torch.zeros(a) + torch.zeros(b)
        else:
            assert list((torch.zeros(a) + torch.zeros(b)).shape) == expected


def test_a_broadcast_sum_pairs_every_row_with_every_column(outputs: Outputs) -> None:
    expected = [a + b for a in (10, 20) for b in (1, 2, 3)]
    assert [int(n) for n in re.findall(r"\d+", outputs["broadcast"].result)] == expected


PAIRS = [
    ((2, 3), (2, 3)),
    ((2, 3), ()),
    ((2, 3), (3,)),
    ((2, 3), (2, 1)),
    ((2, 1), (3,)),
    ((2, 3), (2,)),
]


@pytest.mark.parametrize("pair", PAIRS)
def test_the_figure_draws_stretched_cells_dashed(
    module: ModuleType, pair: tuple[tuple[int, ...], tuple[int, ...]]
) -> None:
    """Each cell of a and b is where the rules put it, without broadcasting anything."""
    value = f"{pair[0]} + {pair[1]}"
    tables = []
    try:
        shape: Any = tuple(torch.broadcast_shapes(*pair))
        assert list(shape) == broadcast_by_hand(*pair)
    except RuntimeError:
        shape = None
        with pytest.raises(ValueError):
            broadcast_by_hand(*pair)
    for ax, own, factor in zip(module.broadcast_axes, pair, (10, 1), strict=False):
        rows, columns = (1, 1, *own)[-2:]
        whole = shape or (rows, columns)
        solid = {
            (round(patch.get_y() + 0.45), round(patch.get_x() + 0.45))
            for patch in slides.patches(ax, value)
            if patch.get_linestyle() in ("-", "solid")
        }
        assert solid == set(product(range(rows), range(columns)))
        assert len(slides.patches(ax, value)) == math.prod(whole)
        # A stretched axis has length 1, so its own index is 0 all along.
        tables.append(
            [
                factor * (1 + i % rows * columns + j % columns)
                for i, j in product(*map(range, whole))
            ]
        )
        *drawn, name = slides.texts(ax, value)
        assert [int(n) for n in drawn] == tables[-1]
        assert name == str(own)
    *drawn, name = slides.texts(module.broadcast_axes[2], value)
    sums = [a + b for a, b in zip(*tables, strict=True)] if shape else []
    assert [int(n) for n in drawn] == sums
    assert name == (str(shape) if shape else "RuntimeError")


def test_the_figure_goes_from_equal_shapes_to_those_that_do_not_fit(module: ModuleType) -> None:
    assert slides.values(module.broadcast_figure) == [f"{a} + {b}" for a, b in PAIRS]
    assert slides.values(module.broadcast_figure, seen=True) == ["(2, 1) + (3,)"]
    assert [ax.texts[0].get_text() for ax in module.broadcast_axes] == ["", "+", "="]


def test_shapes_that_do_not_fit_raise_until_an_axis_is_added(outputs: Outputs) -> None:
    assert "must match the size of tensor b (3)" in outputs["broadcast-error"].stdout
    expected = [
        score + 10 * i for i, pair in enumerate([(1, 2), (3, 4), (5, 6)], 1) for score in pair
    ]
    assert [int(n) for n in re.findall(r"\d+", outputs["broadcast-error"].result)] == expected


def test_a_column_minus_a_vector_is_a_square_and_a_wrong_loss(outputs: Outputs) -> None:
    wrong = sum((p - t) ** 2 for p in range(4) for t in range(4)) / 16
    assert lines(outputs, "broadcast-trap") == [
        f"wrong: torch.Size([4, 4])  mean squared error: tensor({wrong:.4f})",
        "right: torch.Size([4])  mean squared error: tensor(0.)",
    ]
    assert wrong > 0


# Strides, view, reshape


def test_reshape_keeps_the_order_and_infers_one_size(outputs: Outputs) -> None:
    *table, _, _, _ = lines(outputs, "reshape")
    assert [int(n) for n in re.findall(r"\d+", " ".join(table))] == list(range(12))
    assert labelled(outputs, "reshape") == {
        "reshape(2, -1)": "torch.Size([2, 6])",
        "reshape(-1, 2, 3)": "torch.Size([2, 2, 3])",
        "RuntimeError": "shape '[5, -1]' is invalid for input of size 12",
    }


def test_axes_of_length_one_come_and_go(outputs: Outputs) -> None:
    shapes = [line.split(" torch")[1] for line in lines(outputs, "unit-axes")]
    assert shapes == [".Size([3, 1])", ".Size([1, 3])", ".Size([3])"]


def test_reshaping_is_not_transposing(outputs: Outputs) -> None:
    numbers = [int(n) for n in re.findall(r"\d{2}", outputs["reshape-is-not-transpose"].stdout)]
    assert numbers[:6] == numbers[12:] == [10, 11, 12, 13, 14, 15]
    assert numbers[6:12] == [10, 13, 11, 14, 12, 15]


def test_a_transpose_swaps_strides_and_moves_nothing(outputs: Outputs) -> None:
    plain, swapped, row, column = lines(outputs, "strides")
    assert plain.endswith(" (3, 1)") and swapped.endswith(" (1, 3)")
    assert row.count("tensor(13)") == column.count("tensor(13)") == 2
    M = torch.arange(10, 16).reshape(2, 3)
    assert M.T.data_ptr() == M.data_ptr()


def test_the_offset_formula_finds_every_element_in_memory(module: ModuleType) -> None:
    for x in module.strided_tensors().values():
        storage = torch.tensor(x.untyped_storage().tolist(), dtype=torch.uint8).view(torch.int64)
        positions = module.offsets(x)
        for i, j in product(*map(range, x.shape)):
            assert storage[positions[i, j]] == x[i, j]


def test_the_stride_figure_shows_values_positions_and_strides(module: ModuleType) -> None:
    strip, plain, transposed = module.strides_axes.values()
    order = {
        strip: [[10, 11, 12, 13, 14, 15]],
        plain: [[10, 11, 12], [13, 14, 15]],
        transposed: [[10, 13], [11, 14], [12, 15]],
    }
    for ax, rows in order.items():
        cells = [value for row in rows for value in row]
        drawn = [int(t.get_text()) for t in ax.texts if t.get_text().isdigit()]
        assert drawn[::2] == cells
        assert drawn[1::2] == [value - 10 for value in cells]
        corners = {patch.get_xy() for patch in ax.patches if isinstance(patch, Rectangle)}
        assert corners == {
            (j - 0.5, i - 0.5) for i, row in enumerate(rows) for j in range(len(row))
        }
    for ax, expected in (
        (plain, ["+1", "+3", "stride = (3, 1)"]),
        (transposed, ["+3", "+1", "stride = (1, 3)"]),
    ):
        drawn_words = [t.get_text() for t in ax.texts if not re.fullmatch(r"\d*", t.get_text())]
        assert drawn_words == expected
    assert (plain.get_title(), transposed.get_title()) == ("$M$", "transpose")


def test_expand_has_stride_zero_and_repeat_has_memory_of_its_own(outputs: Outputs) -> None:
    size = torch.tensor(0).element_size()
    assert labelled(outputs, "expand") == {
        "same numbers": "True",
        "expand": f"stride (1, 0), {2 * size} bytes",
        "repeat": f"stride (3, 1), {2 * 3 * size} bytes",
        "expand, after a write": "tensor([99, 99, 99])",
        "repeat, after a write": "tensor([99, 10, 10])",
    }
    column = torch.zeros(2, 1)
    stretched, _ = torch.broadcast_tensors(column, torch.zeros(3))
    assert (stretched.stride(), stretched.data_ptr()) == ((1, 0), column.data_ptr())


def test_stretching_is_free_but_the_result_is_not(outputs: Outputs) -> None:
    operands, result = 4 * (1000 + 1000), 4 * 1000 * 1000
    assert labelled(outputs, "broadcast-memory") == {
        "column and row": f"{operands:,} bytes",
        "column + row": f"{result:,} bytes",
    }


def test_a_view_writes_through(outputs: Outputs) -> None:
    numbers = re.findall(r"\d+", outputs["view-writes-through"].result)
    assert numbers == ["99", "11", "12", "13", "14", "15"]


def test_view_raises_where_reshape_copies(outputs: Outputs) -> None:
    assert "view size is not compatible" in labelled(outputs, "view-raises")["RuntimeError"]
    M = torch.arange(10, 16).reshape(2, 3)
    assert M.view(6).data_ptr() == M.reshape(6).data_ptr() == M.data_ptr()
    with pytest.raises(RuntimeError, match="view size is not compatible"):
        M.T.view(6)
    assert M.T.reshape(6).data_ptr() != M.data_ptr()
    assert labelled(outputs, "reshape-shares-or-copies") == {
        "M.reshape(6)": "tensor([99, 11, 12, 13, 14, 15])",
        "M.T.reshape(6)": "tensor([10, 13, 11, 14, 12, 15])",
    }


def test_two_axes_merge_when_the_strides_multiply() -> None:
    for shape in product((2, 3), repeat=3):
        for order in ((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)):
            x = torch.zeros(shape).permute(order)
            fits = x.stride(0) == x.shape[1] * x.stride(1)
            try:
                x.view(-1, x.shape[2])
            except RuntimeError:
                assert not fits
            else:
                assert fits


def test_contiguous_is_enough_for_view_but_not_necessary(outputs: Outputs) -> None:
    answers = labelled(outputs, "contiguous")
    assert [*answers.values()] == ["True", "False", "False"]
    tensors = [line for line in lines(outputs, "contiguous") if ":" not in line]
    assert tensors == ["tensor([10, 13, 11, 14, 12, 15])", "tensor([[0, 2],", "        [4, 6]])"]


# Memory


def test_a_name_and_a_slice_follow_but_a_clone_does_not(outputs: Outputs) -> None:
    assert labelled(outputs, "name-is-not-copy") == {
        "alias": "tensor([7., 0., 0.])",
        "part": "tensor([7., 0.])",
        "snapshot": "tensor([0., 0., 0.])",
    }


def is_written_through(code: str) -> bool:
    """Write into the result: does x change?"""
    x = torch.arange(6.0).reshape(2, 3)
    names = {"x": x, "copy": copy, "torch": torch, "array": x.numpy(), "numbers": x.tolist()}
    y = eval(code, names)
    if isinstance(y, torch.Tensor | np.ndarray):
        y[(0,) * y.ndim] = 99
    elif isinstance(y, list):
        y[0][0] = 99
    return 99 in x


def test_the_memory_table_is_what_writing_shows(module: ModuleType, outputs: Outputs) -> None:
    rows = [line.rsplit(maxsplit=1) for line in lines(outputs, "memory")]
    assert [code for code, _ in rows] == list(module.operations)
    for code, verdict in rows:
        assert (verdict == "shares") is is_written_through(code), code
    verdicts = [verdict for _, verdict in rows]
    assert verdicts == sorted(verdicts, reverse=True), "what shares stands first"


def test_each_line_of_the_memory_table_is_named_after_its_code(module: ModuleType) -> None:
    source = Path(module.__file__ or "").read_text(encoding="utf-8")
    table = next(
        node.value
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "operations"
    )
    assert isinstance(table, ast.Dict)
    for key, operation in zip(table.keys, table.values, strict=True):
        assert isinstance(key, ast.Constant) and isinstance(operation, ast.Lambda)
        assert ast.unparse(ast.parse(key.value)) == ast.unparse(operation.body)


@pytest.mark.parametrize(
    ("language", "shared", "copied"), [("zh", "共用", "复制"), ("en", "shared", "copied")]
)
def test_the_table_of_conversions_says_what_writing_shows(
    language: str, shared: str, copied: str
) -> None:
    page = (DOCS / language / "tensors.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| [^|`]+ \| `([^`]+)` \| ([^|]+) \|$", page, re.MULTILINE)
    assert len(rows) == 10
    for code, memory in rows:
        assert (shared in memory, copied in memory) == (
            is_written_through(code),
            not is_written_through(code),
        ), code


def test_what_there_is_nothing_to_do_for_is_returned_as_it_is() -> None:
    x = torch.zeros(2, 3)
    assert x.contiguous() is x
    assert x.to(torch.float32) is x
    shorthands = (x.double(), x.float(), x.long())
    assert [y.dtype for y in shorthands] == [torch.float64, torch.float32, torch.int64]


def test_a_slice_starts_elsewhere_in_the_same_storage(outputs: Outputs) -> None:
    assert labelled(outputs, "storage") == {"same first element": "False", "same storage": "True"}


def test_from_numpy_shares_and_tensor_copies(outputs: Outputs) -> None:
    assert labelled(outputs, "numpy-bridge") == {
        "from_numpy": "tensor([7., 0., 0.], dtype=torch.float64)",
        "tensor": "tensor([0., 0., 0.], dtype=torch.float64)",
    }


def test_a_view_keeps_the_whole_memory_alive(outputs: Outputs) -> None:
    kept, copied = 4 * 1000 * 1000, 4 * 2 * 2
    shown = ["4", f"{kept:,}", f"{copied}"]
    assert [*labelled(outputs, "small-view-big-memory").values()] == shown
    assert outputs["kept-alive-factor"].stdout.strip() == f"{kept // copied:,}"


# In place


def test_x_equals_x_plus_1_makes_a_new_tensor_and_plus_equals_does_not(outputs: Outputs) -> None:
    assert lines(outputs, "rebind-or-in-place") == [
        "x = x + 1 | same tensor: False | original: tensor([1., 1., 1.])",
        "x += 1    | same tensor: True | original: tensor([2., 2., 2.])",
    ]


def test_underscore_methods_keep_the_memory(outputs: Outputs) -> None:
    shown = "same tensor: True | original: tensor([15., 15., 15.])"
    assert lines(outputs, "underscore") == [shown]
    x = torch.ones(3)
    address = x.data_ptr()
    for change in (lambda: x.add_(1), lambda: x.mul_(10), x.zero_, lambda: x.copy_(torch.ones(3))):
        assert change() is x
        assert x.data_ptr() == address


def test_a_function_that_works_in_place_changes_its_callers_tensor(
    module: ModuleType, outputs: Outputs
) -> None:
    shown = labelled(outputs, "caller-sees-it")
    assert shown["result"] == shown["data"] == "tensor([-2., -1.,  3.])"
    data = torch.tensor([1.0, 2.0, 6.0])
    assert module.centered(data) is data


def test_in_place_arithmetic_keeps_data_type_and_shape(outputs: Outputs) -> None:
    text = outputs["in-place-limits"].stdout
    assert "can't be cast to the desired output type Long" in text
    assert "output with shape [1, 3] doesn't match the broadcast shape [2, 3]" in text
    right = torch.zeros(2, 3)
    right += torch.ones(1, 3)
    assert torch.equal(right, torch.ones(2, 3)), "the right-hand side may be stretched"


# Exercises: the module ends with the solutions' definitions


@pytest.mark.parametrize("n", [1, 2, 5, 8])
def test_the_checkerboard_alternates(module: ModuleType, n: int) -> None:
    expected = [[(i + j) % 2 for j in range(n)] for i in range(n)]
    assert module.checkerboard(n).tolist() == expected


def test_blocks_come_in_reading_order_and_plain_reshape_fails(
    module: ModuleType, outputs: Outputs
) -> None:
    x = torch.arange(24).reshape(4, 6)
    expected = [
        [[int(x[i + a, j + b]) for b in (0, 1)] for a in (0, 1)]
        for i in range(0, 4, 2)
        for j in range(0, 6, 2)
    ]
    assert module.blocks(x).tolist() == expected
    assert x.reshape(-1, 2, 2).shape == module.blocks(x).shape
    assert x.reshape(-1, 2, 2).tolist() != expected
    first = [int(n) for n in re.findall(r"\d+", outputs["blocks-by-reshape"].result)]
    assert first == GRID[0], "its first block is row 0"


def test_snapshots_do_not_follow_later_changes(module: ModuleType, outputs: Outputs) -> None:
    x = torch.tensor([1.0, 5.0])
    assert [s.tolist() for s in module.snapshots(x, 4)] == [[2**k, 5 * 2**k] for k in range(1, 5)]
    assert x.tolist() == [16, 80]
    last = f"tensor([{2**3:2}., {3 * 2**3}.])"
    assert outputs["aliases"].result == f"[{', '.join([last] * 3)}]", "without clone: the latest"


def test_writing_through_an_index_changes_x_and_renaming_does_not(outputs: Outputs) -> None:
    x, b = [0, 0, 0], [0, 0]
    for k in (0, 1):
        x[k] += 1  # a += 1, through the view
        b[k] += 1  # b += 1, in the copy
        x[k] += 1  # x[[0, 1]] += 1
    numbers = {
        name: re.findall(r"\d+", v) for name, v in labelled(outputs, "predict-answer").items()
    }
    shown = {name: [int(n) for n in found] for name, found in numbers.items()}
    assert shown == {"x": x, "b": b, "c": [10 * n for n in x]}


def test_squared_distances_equal_the_explicit_sums(module: ModuleType) -> None:
    torch.manual_seed(1)
    points, centers = torch.randn(5, 3, dtype=torch.float64), torch.randn(4, 3, dtype=torch.float64)
    expected = [
        [sum((p - c) ** 2 for p, c in zip(a, b, strict=True)) for b in centers.tolist()]
        for a in points.tolist()
    ]
    assert torch.allclose(
        module.squared_distances(points, centers), torch.tensor(expected, dtype=torch.float64)
    )


def test_every_stub_refuses_until_it_is_written(module: ModuleType) -> None:
    source = Path(module.__file__ or "").read_text(encoding="utf-8")
    stubs = re.findall(
        r'tags=\["exercise"\]\n(def (\w+)\(.*?raise NotImplementedError)', source, re.S
    )
    assert len(stubs) == 4
    for code, name in stubs:
        namespace: dict[str, Any] = {"Tensor": torch.Tensor}
        exec(code, namespace)
        with pytest.raises(NotImplementedError):
            namespace[name](*[None] * namespace[name].__code__.co_argcount)


def test_figures_use_only_theme_colours(module: ModuleType) -> None:
    theme = {to_rgba(f"C{n}")[:3] for n in range(8)}
    figures = (module.slicing_figure, module.broadcast_figure, module.strides_figure)
    for patch in (patch for figure in figures for ax in figure.axes for patch in ax.patches):
        assert patch.get_edgecolor()[:3] in theme
        if patch.get_facecolor()[3]:
            assert patch.get_facecolor()[:3] in theme
