"""Tensors: shape, creation, indexing, broadcasting, strides, shared memory."""

# %% setup
import copy

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import Tensor

# %% ranks
examples = {
    "scalar": torch.tensor(3.5),
    "vector": torch.tensor([1.0, 2.0, 3.0]),
    "matrix": torch.zeros(5, 3),
    "image": torch.zeros(3, 32, 48),
    "image batch": torch.zeros(8, 3, 32, 48),
    "video batch": torch.zeros(2, 3, 16, 32, 48),
}
print(f"{'':13}{'ndim':6}{'elements':10}shape")
for name, x in examples.items():
    print(f"{name:13}{x.ndim:<6}{x.numel():<10}{tuple(x.shape)}")

# %% scalar-is-0-d
print(f"{'ndim':6}{'shape':8}item()")
for x in (torch.tensor(3.5), torch.tensor([3.5]), torch.tensor([[3.5]])):
    print(f"{x.ndim:<6}{tuple(x.shape)!s:8}{x.item()}")
try:
    torch.tensor(3.5)[0]
except IndexError as error:
    print("IndexError:", error)

# %% dimension-two-senses
v = torch.tensor([1.0, 2.0, 3.0])
print("axes:", v.ndim)
print("elements:", len(v))

# %% channel-order
torch.manual_seed(0)
conv = torch.nn.Conv2d(in_channels=3, out_channels=8, kernel_size=3)
print("channels first:", conv(torch.zeros(2, 3, 16, 20)).shape)
try:
    conv(torch.zeros(2, 16, 20, 3))
except RuntimeError as error:
    print("channels last:", error)

# %% video-order
torch.manual_seed(0)
conv3d = torch.nn.Conv3d(in_channels=3, out_channels=4, kernel_size=3)
conv3d(torch.zeros(2, 3, 8, 16, 20)).shape

# %% permute
photo = torch.arange(24).reshape(2, 4, 3)
image = photo.permute(2, 0, 1)
print("shapes:", photo.shape, image.shape)
print("one pixel:", photo[0, 1], image[:, 0, 1])
print("reshape does the same:", torch.equal(photo.reshape(3, 2, 4), image))

# %% create-filled
print(torch.zeros(2, 3))
print(torch.ones(2))
print(torch.full((2, 2), 7))

# %% create-like
template = torch.tensor([[1, 2], [3, 4]])
print(torch.zeros_like(template))
print(torch.ones_like(template, dtype=torch.float32))


# %% create-sequence
print(torch.tensor([[1, 2], [3, 4]]))
print(torch.arange(0, 10, 2))
print(torch.linspace(0, 1, 5))

# %% create-random
torch.manual_seed(0)
normal = torch.randn(100, 100)
uniform = torch.rand(100, 100)
print(normal[:2, :3].round(decimals=2))
for name, x in {"normal": normal, "uniform": uniform}.items():
    print(
        f"{name + ':':8} mean {x.mean():.2f}, standard deviation {x.std():.2f}"
    )

# %% default-dtypes
written = {
    "zeros(2)": torch.zeros(2),
    "arange(2)": torch.arange(2),
    "arange(2.0)": torch.arange(2.0),
    "tensor([1, 2])": torch.tensor([1, 2]),
    "tensor([1, 2.5])": torch.tensor([1, 2.5]),
    "tensor([True, False])": torch.tensor([True, False]),
}
for code, x in written.items():
    print(f"{code:23}{x.dtype}")

# %% integer-mean
counts = torch.tensor([1, 2, 4])
try:
    counts.mean()
except RuntimeError as error:
    print("RuntimeError:", error)
print("mean as float32:", counts.to(torch.float32).mean())

# %% list-versus-tensor
a, b = [1, 2], [3, 4]
print("lists,   a + b:", a + b)
print("tensors, a + b:", torch.tensor(a) + torch.tensor(b))
print("list,    a * 2:", a * 2)
print("tensor,  a * 2:", torch.tensor(a) * 2)

# %% one-dtype
print(torch.tensor([1, True, 2.5]))
try:
    torch.tensor([[1, 2], [3]])
except ValueError as error:
    print("ValueError:", error)

# %% grid
A = torch.arange(1, 17).reshape(4, 4)
A

# %% index-element-row-column
print("A[1, 2]:", A[1, 2])
print("A[1, :]:", A[1, :])
print("A[:, 1]:", A[:, 1])

# %% index-block
A[1:3, 1:]

# %% index-step
A[::3, ::2]

# %% figure-slicing tags=["fold-source"]
slicing_panels = {
    "[1, 2]": np.s_[1, 2],
    "[1, :]": np.s_[1, :],
    "[:, 1]": np.s_[:, 1],
    "[1:3, 1:]": np.s_[1:3, 1:],
    "[::3, ::2]": np.s_[::3, ::2],
}


def slicing_masks():
    masks = {}
    for title, index in slicing_panels.items():
        masks[title] = torch.zeros(4, 4, dtype=torch.bool)
        masks[title][index] = True
    return masks


slicing_figure, slicing_axes = plt.subplot_mosaic(
    "aabbcc;.ddee.", figsize=(5, 4.4), layout="constrained"
)
for ax, (title, mask) in zip(
    slicing_axes.values(), slicing_masks().items(), strict=True
):
    numbers = torch.arange(1, 17).reshape(4, 4)
    for i, j in np.ndindex(4, 4):
        chosen = mask[i, j].item()
        ax.add_patch(
            plt.Rectangle(
                (j - 0.5, i - 0.5),
                1,
                1,
                zorder=2 if chosen else 1,
                linewidth=2 if chosen else 0.5,
                facecolor=("C0", 0.25 if chosen else 0),
                edgecolor="C0" if chosen else "C7",
            )
        )
        weight = "bold" if chosen else "normal"
        ax.text(
            j,
            i,
            numbers[i, j].item(),
            ha="center",
            va="center",
            weight=weight,
            size=12,
        )
    ax.set(
        xlim=(-0.6, 3.6),
        ylim=(3.6, -0.6),
        xticks=range(4),
        yticks=range(4),
        aspect="equal",
    )
    ax.set_title(title, size=14)
    ax.xaxis.tick_top()
    ax.tick_params(length=0, labelsize=12)
    ax.spines[:].set_visible(False)
plt.show()

# %% keep-or-drop-axis
print("A[1]:  ", A[1].shape)
print("A[1:2]:", A[1:2].shape)
print("A[-1]:     ", A[-1])
print("A[..., -1]:", A[..., -1])
batch = torch.zeros(8, 3, 32, 48)
print("batch[0, ..., -1]:", batch[0, ..., -1].shape)

# %% negative-step
try:
    torch.arange(4)[::-1]
except ValueError as error:
    print("ValueError:", error)
print("flip:", torch.arange(4).flip(0))

# %% index-list-mask
print("A[[0, 3]]:", A[[0, 3]], sep="\n")
print("A[[0, 3], [0, 2]]:", A[[0, 3], [0, 2]])
print("A[A > 12]:", A[A > 12])

# %% where
torch.where(A > 12, A, 0)


# %% index-write
B = torch.zeros(3, 4, dtype=torch.int64)
B[1, 2] = 7
B[0, :] = 1
B[::2, ::3] = 5
B

# %% elementwise
x = torch.tensor([1.0, 2.0, 4.0])
y = torch.tensor([3.0, 2.0, 1.0])
print("x + y: ", x + y)
print("x * y: ", x * y)
print("x ** y:", x**y)
print("x > y: ", x > y)

# %% cat-stack
P, Q = torch.zeros(2, 3), torch.ones(2, 3)
print("cat, dim=0:  ", torch.cat((P, Q)).shape)
print("cat, dim=1:  ", torch.cat((P, Q), dim=1).shape)
print("stack, dim=0:", torch.stack((P, Q)).shape)

# %% broadcast
a = torch.tensor([[10], [20]])
b = torch.tensor([1, 2, 3])
print("shapes:", a.shape, b.shape)
a + b


# %% figure-broadcast tags=["fold-source"]
def broadcast_grids(a_shape, b_shape):
    """Grids of a, b, c, and the shape of each; no c on an error."""
    tensors = [
        torch.arange(1, torch.zeros(s).numel() + 1).reshape(s)
        for s in (a_shape, b_shape)
    ]
    a, b = 10 * tensors[0], tensors[1]
    own = [torch.atleast_2d(x).shape for x in (a, b)]
    try:
        c = torch.atleast_2d(a + b)
    except RuntimeError:
        return [
            (torch.atleast_2d(x), shape)
            for x, shape in zip((a, b), own, strict=True)
        ]
    return [
        *zip(torch.broadcast_tensors(a, b), own, strict=True),
        (c, c.shape),
    ]


def draw_grid(ax, grid, own, **frame):
    for i, j in np.ndindex(*grid.shape):
        real = i < own[0] and j < own[1]
        ax.add_patch(
            plt.Rectangle(
                (j - 0.45, i - 0.45),
                0.9,
                0.9,
                linestyle="-" if real else "--",
                linewidth=1.8 if real else 1,
                edgecolor="C0" if real else "C7",
                facecolor=("C0", 0.25 if real else 0),
                **frame,
            )
        )
        ax.text(
            j, i, grid[i, j].item(), ha="center", va="center", size=13, **frame
        )


broadcast_pairs = [
    ((2, 3), (2, 3)),
    ((2, 3), ()),
    ((2, 3), (3,)),
    ((2, 3), (2, 1)),
    ((2, 1), (3,)),
    ((2, 3), (2,)),
]
broadcast_figure, broadcast_axes = plt.subplots(
    1, 3, figsize=(5, 1.9), layout="constrained", sharey=True
)
for ax, sign, name in zip(broadcast_axes, ["", "+", "="], "abc", strict=True):
    ax.text(-0.95, 0.5, sign, ha="center", va="center", size=16)
    ax.set(xlim=(-1.15, 2.55), ylim=(2.2, -0.55), aspect="equal")
    ax.set_title(f"${name}$", size=14)
    ax.set_axis_off()
for pair in broadcast_pairs:
    frame = {
        "gid": f"frame:{pair[0]} + {pair[1]}",
        "visible": pair == ((2, 1), (3,)),
    }
    grids = broadcast_grids(*pair)
    shapes = [*pair, tuple(grids[2][1]) if len(grids) > 2 else "RuntimeError"]
    for ax, grid in zip(broadcast_axes, grids, strict=False):
        draw_grid(ax, *grid, **frame)
    for ax, shape in zip(broadcast_axes, shapes, strict=True):
        ax.text(1, 1.95, shape, ha="center", va="center", size=12, **frame)
plt.show()

# %% broadcast-shapes
for pair in [((2, 1), (3,)), ((8, 3, 32, 48), (3, 1, 1)), ((5, 1, 4), (6, 1))]:
    print(*pair, "->", tuple(torch.broadcast_shapes(*pair)))

# %% broadcast-error
scores = torch.tensor([[1, 2], [3, 4], [5, 6]])
bonus = torch.tensor([10, 20, 30])
try:
    scores + bonus
except RuntimeError as error:
    print("RuntimeError:", error)
scores + bonus[:, None]

# %% broadcast-trap
prediction = torch.arange(4.0).reshape(4, 1)
target = torch.arange(4.0)
wrong = prediction - target
right = prediction.squeeze(1) - target
print("wrong:", wrong.shape, " mean squared error:", (wrong**2).mean())
print("right:", right.shape, " mean squared error:", (right**2).mean())

# %% reshape
x = torch.arange(12)
print(x.reshape(3, 4))
print("reshape(2, -1):   ", x.reshape(2, -1).shape)
print("reshape(-1, 2, 3):", x.reshape(-1, 2, 3).shape)
try:
    x.reshape(5, -1)
except RuntimeError as error:
    print("RuntimeError:", error)

# %% unit-axes
x = torch.arange(3)
print("x[:, None]:    ", x[:, None].shape)
print("x.unsqueeze(0):", x.unsqueeze(0).shape)
print("(1, 3, 1), squeezed:", torch.zeros(1, 3, 1).squeeze().shape)

# %% reshape-is-not-transpose
M = torch.arange(10, 16).reshape(2, 3)
print("M:", M, sep="\n")
print("M.T:", M.T, sep="\n")
print("M.reshape(3, 2):", M.reshape(3, 2), sep="\n")

# %% strides
M = torch.arange(10, 16).reshape(2, 3)
memory = M.flatten()
print("strides of M:  ", M.stride())
print("strides of M.T:", M.T.stride())
print("M[1, 0]:  ", M[1, 0], " in memory:", memory[1 * 3 + 0 * 1])
print("M.T[0, 1]:", M.T[0, 1], " in memory:", memory[0 * 1 + 1 * 3])


# %% figure-strides tags=["fold-source"]
def offsets(x):
    i, j = torch.meshgrid(*map(torch.arange, x.shape), indexing="ij")
    return i * x.stride(0) + j * x.stride(1)


def strided_tensors():
    M = torch.arange(10, 16).reshape(2, 3)
    return {"strip": M.view(1, 6), "$M$": M, "transpose": M.T}


strides_figure, strides_axes = plt.subplot_mosaic(
    "ss;mt", figsize=(5, 4.6), layout="constrained", height_ratios=[1, 3.2]
)
for ax, (name, x) in zip(
    strides_axes.values(), strided_tensors().items(), strict=True
):
    rows, columns = x.shape
    for i, j in np.ndindex(rows, columns):
        ax.add_patch(
            plt.Rectangle((j - 0.5, i - 0.5), 1, 1, fill=False, edgecolor="C7")
        )
        ax.text(j, i - 0.12, x[i, j].item(), ha="center", va="center", size=14)
        position = offsets(x)[i, j].item()
        ax.text(
            j,
            i + 0.27,
            position,
            ha="center",
            va="center",
            size=12,
            color="C0",
        )
    ax.set(
        xlim=(-1.2, columns - 0.4), ylim=(rows - 0.4, -1.15), aspect="equal"
    )
    if name == "strip":
        ax.set(xlim=(-0.6, columns - 0.4), ylim=(rows - 0.4, -0.6))
    else:
        arrow = {"arrowstyle": "->", "color": "C1", "linewidth": 1.8}
        ax.annotate("", (1, -0.65), (0, -0.65), arrowprops=arrow)
        ax.annotate("", (-0.65, 1), (-0.65, 0), arrowprops=arrow)
        ax.text(
            0.5, -0.92, f"+{x.stride(1)}", ha="center", va="center", size=12
        )
        ax.text(
            -0.95, 0.5, f"+{x.stride(0)}", ha="center", va="center", size=12
        )
        ax.text(
            (columns - 1) / 2,
            rows - 0.1,
            f"stride = {x.stride()}",
            ha="center",
            size=12,
        )
        ax.set_title(name, size=14)
    ax.set_axis_off()
plt.show()

# %% expand
narrow = torch.tensor([[10], [20]])
expanded, repeated = narrow.expand(2, 3), narrow.repeat(1, 3)
print("same numbers:", torch.equal(expanded, repeated))
for name, x in {"expand": expanded, "repeat": repeated}.items():
    print(f"{name}: stride {x.stride()}, {x.untyped_storage().nbytes()} bytes")
expanded[0, 0], repeated[0, 0] = 99, 99
print("expand, after a write:", expanded[0])
print("repeat, after a write:", repeated[0])

# %% broadcast-memory
column, row = torch.zeros(1000, 1), torch.zeros(1000)
print(f"column and row: {column.nbytes + row.nbytes:,} bytes")
print(f"column + row:   {(column + row).nbytes:,} bytes")


# %% view-writes-through
M = torch.arange(10, 16).reshape(2, 3)
M.view(3, 2)[0, 0] = 99
M

# %% view-raises
M = torch.arange(10, 16).reshape(2, 3)
print("M.view(6):", M.view(6))
try:
    M.T.view(6)
except RuntimeError as error:
    print("RuntimeError:", error)

# %% reshape-shares-or-copies
M = torch.arange(10, 16).reshape(2, 3)
shared, copied = M.reshape(6), M.T.reshape(6)
M[0, 0] = 99
print("M.reshape(6):  ", shared)
print("M.T.reshape(6):", copied)

# %% contiguous
M = torch.arange(10, 16).reshape(2, 3)
print("M contiguous:  ", M.is_contiguous())
print("M.T contiguous:", M.T.is_contiguous())
print(M.T.contiguous().view(6))
every_other = torch.arange(8)[::2]
print("slice contiguous:", every_other.is_contiguous())
print(every_other.view(2, 2))

# %% name-is-not-copy
x = torch.zeros(3)
alias, part, snapshot = x, x[:2], x.clone()
x[0] = 7
print("alias:   ", alias)
print("part:    ", part)
print("snapshot:", snapshot)


# %% storage
def storage(x):
    return torch.as_tensor(x).untyped_storage().data_ptr()


x = torch.arange(6.0)
print("same first element:", x[2:].data_ptr() == x.data_ptr())
print("same storage:      ", storage(x[2:]) == storage(x))

# %% memory tags=["fold-source"]
x = torch.arange(6.0).reshape(2, 3)
array = x.numpy()
operations = {
    "x": lambda: x,
    "x[0]": lambda: x[0],
    "x[:, ::2]": lambda: x[:, ::2],
    "x.view(3, 2)": lambda: x.view(3, 2),
    "x.reshape(3, 2)": lambda: x.reshape(3, 2),
    "x.T": lambda: x.T,
    "x.expand(4, 2, 3)": lambda: x.expand(4, 2, 3),
    "x.contiguous()": lambda: x.contiguous(),
    "x.to(torch.float32)": lambda: x.to(torch.float32),
    "x.numpy()": lambda: x.numpy(),
    "torch.from_numpy(array)": lambda: torch.from_numpy(array),
    "copy.copy(x)": lambda: copy.copy(x),
    "x.T.reshape(6)": lambda: x.T.reshape(6),
    "x.T.contiguous()": lambda: x.T.contiguous(),
    "x.to(torch.float64)": lambda: x.to(torch.float64),
    "x.repeat(4, 1, 1)": lambda: x.repeat(4, 1, 1),
    "x[[0, 1]]": lambda: x[[0, 1]],
    "x[x > 2]": lambda: x[x > 2],
    "x + 1": lambda: x + 1,
    "x.clone()": lambda: x.clone(),
    "copy.deepcopy(x)": lambda: copy.deepcopy(x),
    "torch.tensor(array)": lambda: torch.tensor(array),
}
for code, operation in operations.items():
    verdict = "shares" if storage(operation()) == storage(x) else "copies"
    print(f"{code:25}{verdict}")

# %% numpy-bridge
array = np.zeros(3)
shared = torch.from_numpy(array)
copied = torch.tensor(array)
array[0] = 7
print("from_numpy:", shared)
print("tensor:    ", copied)

# %% small-view-big-memory
big = torch.zeros(1000, 1000)
corner = big[:2, :2]
print("elements in the view:", corner.numel())
print(f"bytes it keeps alive: {corner.untyped_storage().nbytes():,}")
print(f"bytes after clone:    {corner.clone().untyped_storage().nbytes():,}")

# %% kept-alive-factor tags=["hide"]
print(f"{big.nbytes // corner.nbytes:,}")

# %% rebind-or-in-place
x = torch.ones(3)
original = x
x = x + 1
print("x = x + 1 | same tensor:", x is original, "| original:", original)

x = torch.ones(3)
original = x
x += 1
print("x += 1    | same tensor:", x is original, "| original:", original)

# %% underscore
x = torch.ones(3)
original = x
x.add_(1)
x.mul_(10)
x[:] = x - 5
print("same tensor:", x is original, "| original:", original)


# %% caller-sees-it
def centered(x):
    x -= x.mean()
    return x


data = torch.tensor([1.0, 2.0, 6.0])
print("result:", centered(data))
print("data:  ", data)

# %% in-place-limits
try:
    whole = torch.arange(3)
    whole += 0.5
except RuntimeError as error:
    print("data type:", error)
try:
    row = torch.ones(1, 3)
    row += torch.ones(2, 3)
except RuntimeError as error:
    print("shape:", error)


# %% checkerboard tags=["exercise"]
def checkerboard(n: int) -> Tensor:
    raise NotImplementedError


# %% checkerboard-solution tags=["solution"]
def checkerboard(n: int) -> Tensor:
    board = torch.zeros(n, n, dtype=torch.int64)
    board[::2, 1::2] = 1
    board[1::2, ::2] = 1
    return board


# %% checkerboard-check tags=["check"]
assert checkerboard(3).tolist() == [[0, 1, 0], [1, 0, 1], [0, 1, 0]]
assert checkerboard(4).dtype == torch.int64
assert checkerboard(8).sum() == 32
assert checkerboard(1).tolist() == [[0]]


# %% blocks tags=["exercise"]
def blocks(x: Tensor) -> Tensor:
    raise NotImplementedError


# %% blocks-solution tags=["solution"]
def blocks(x: Tensor) -> Tensor:
    rows, columns = x.shape[0] // 2, x.shape[1] // 2
    return x.reshape(rows, 2, columns, 2).permute(0, 2, 1, 3).reshape(-1, 2, 2)


# %% blocks-check tags=["check"]
G = torch.arange(1, 17).reshape(4, 4)
assert blocks(G).shape == (4, 2, 2)
assert blocks(G)[0].tolist() == [[1, 2], [5, 6]]
assert blocks(G)[1].tolist() == [[3, 4], [7, 8]]
assert blocks(G)[3].tolist() == [[11, 12], [15, 16]]
assert blocks(torch.zeros(6, 4)).shape == (6, 2, 2)

# %% blocks-by-reshape
torch.arange(1, 17).reshape(4, 4).reshape(-1, 2, 2)[0]


# %% snapshots tags=["exercise"]
def snapshots(x: Tensor, steps: int) -> list[Tensor]:
    raise NotImplementedError


# %% snapshots-solution tags=["solution"]
def snapshots(x: Tensor, steps: int) -> list[Tensor]:
    states = []
    for _ in range(steps):
        x *= 2
        states.append(x.clone())
    return states


# %% snapshots-check tags=["check"]
start = torch.tensor([1.0, 3.0])
states = snapshots(start, 3)
assert [state.tolist() for state in states] == [[2, 6], [4, 12], [8, 24]]
assert start.tolist() == [8, 24]
start.zero_()
assert states[-1].tolist() == [8, 24]

# %% aliases
x, aliases = torch.tensor([1.0, 3.0]), []
for _ in range(3):
    x *= 2
    aliases.append(x)
aliases


# %% squared-distances tags=["exercise"]
def squared_distances(points: Tensor, centers: Tensor) -> Tensor:
    raise NotImplementedError


# %% squared-distances-solution tags=["solution"]
def squared_distances(points: Tensor, centers: Tensor) -> Tensor:
    differences = points[:, None, :] - centers[None, :, :]
    return (differences**2).sum(dim=-1)


# %% squared-distances-check tags=["check"]
points = torch.tensor([[0.0, 0.0], [3.0, 4.0], [1.0, 1.0]])
centers = torch.tensor([[0.0, 0.0], [3.0, 0.0]])
distances = squared_distances(points, centers)
assert distances.tolist() == [[0, 9], [25, 16], [2, 5]]
many = squared_distances(torch.zeros(7, 5), torch.ones(4, 5))
assert many.tolist() == [[5] * 4] * 7

# %% predict
x = torch.zeros(3)
a, b = x[:2], x[[0, 1]]
a += 1
b += 1
x[[0, 1]] += 1
c = x.view(3)
c = c * 10

# %% predict-answer
print("x:", x)
print("b:", b)
print("c:", c)
