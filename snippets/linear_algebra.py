"""Linear algebra: products, norms, sums along axes, one-hot and embedding."""

# %% setup
import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

# %% dot
amounts = torch.tensor([2.0, 1.0, 3.0])
prices = torch.tensor([5.0, 8.0, 4.0])
print("torch.dot:        ", torch.dot(amounts, prices))
print("multiply, then add:", (amounts * prices).sum())

# %% matrix-vector
B = torch.arange(20.0).reshape(5, 4)
a = torch.arange(4.0)
print("B:", B, sep="\n")
print("a:", a)
print("B times a:", torch.mv(B, a))

# %% two-readings
by_rows = torch.stack([torch.dot(row, a) for row in B])
by_columns = sum(a[j] * B[:, j] for j in range(4))
print("by rows:   ", by_rows)
print("by columns:", by_columns)

# %% allclose
torch.manual_seed(0)
P, q = torch.randn(50, 40), torch.randn(40)
rows = P @ q
columns = sum(q[j] * P[:, j] for j in range(40))
print("equal to the last bit:", torch.equal(rows, columns))
print("equal up to rounding: ", torch.allclose(rows, columns, atol=1e-5))


# %% matrix-matrix
A = torch.arange(12.0).reshape(4, 3)
C = torch.mm(B, A)
print("A:", A, sep="\n")
print("C:", C, sep="\n")


# %% figure-product tags=["fold-source"]
def draw_grid(
    axes: Axes,
    numbers: list[list[int]],
    left: float,
    top: float,
    fontsize: int = 12,
) -> None:
    """One square per number; rows go down from `top`."""
    for row, line in enumerate(numbers):
        for column, number in enumerate(line):
            x, y = left + column, top - row - 1
            frame = Rectangle((x, y), 1, 1, fill=False, alpha=0.4)
            frame.set_edgecolor(plt.rcParams["text.color"])
            axes.add_patch(frame)
            place = (x + 0.5, y + 0.5)
            axes.text(
                *place,
                str(number),
                ha="center",
                va="center",
                fontsize=fontsize,
            )


def mark(
    axes: Axes,
    cells: list[list[int]],
    left: float,
    top: float,
    color: str,
    line: str,
) -> None:
    """Tint and outline these (row, column) squares of a grid."""
    for row, column in cells:
        square = Rectangle((left + column, top - row - 1), 1, 1, lw=2, ls=line)
        square.set(facecolor=(color, 0.25), edgecolor=color)
        axes.add_patch(square)


product_figure, product_axes = plt.subplots(
    figsize=(5, 5.6), layout="constrained"
)
for numbers, left, top in ((B, 0.0, 5.0), (A, 4.7, 9.7), (C, 4.7, 5.0)):
    draw_grid(product_axes, numbers.int().tolist(), left, top)
mark(product_axes, [[2, j] for j in range(4)], 0.0, 5.0, "C0", "-")
mark(product_axes, [[j, 1] for j in range(4)], 4.7, 9.7, "C1", "--")
mark(product_axes, [[2, 1]], 4.7, 5.0, "C2", "-")
for x, y, name in (
    (2.0, 5.35, r"$\mathbf{B}$"),
    (4.3, 7.7, r"$\mathbf{A}$"),
    (8.3, 2.5, r"$\mathbf{C}$"),
):
    product_axes.text(x, y, name, ha="center", va="center", fontsize=14)
product_axes.set(xlim=(-0.1, 8.7), ylim=(-0.1, 9.8), aspect="equal")
product_axes.axis("off")
plt.show()

# %% one-entry
print("row 2 of B:   ", B[2])
print("column 1 of A:", A[:, 1])
print("products:", (B[2] * A[:, 1]).tolist())
print("C[2, 1]: ", C[2, 1])

# %% at-operator
print("B @ a is mv:", torch.allclose(B @ a, torch.mv(B, a)))
print("B @ A is mm:", torch.allclose(B @ A, torch.mm(B, A)))

# %% strict-shapes
try:
    torch.mm(B, a)
except RuntimeError as error:
    print("mm(B, a):", error)
try:
    A @ B
except RuntimeError as error:
    print("A @ B:", error)

# %% batch-product
batch = torch.arange(40.0).reshape(2, 5, 4)
product = batch @ A
print("shape:", product.shape)
print("product[1] is batch[1] @ A:", torch.allclose(product[1], batch[1] @ A))

# %% elementwise
print("B * a:", B * a, sep="\n")
print("row sums of B * a:", (B * a).sum(dim=1))
print("B @ a:            ", B @ a)

# %% transpose
print("(B A) transposed: ", (B @ A).T.shape)
print("equal to A.T @ B.T:", torch.allclose((B @ A).T, A.T @ B.T))

# %% integer-tensors
counts = torch.arange(4)
print("dtypes:", counts.dtype, torch.arange(4.0).dtype)
print("counts * 2.5:", counts * 2.5)
try:
    B @ counts
except RuntimeError as error:
    print("B @ counts:", error)

# %% row-and-column
x = torch.tensor([1.0, 2.0, 3.0])
row = x.reshape(1, 3)
column = x.reshape(3, 1)
print("1-D:   ", x.shape)
print("row:   ", row.shape)
print("column:", column.shape)

# %% inner-and-outer
print("row @ column:", row @ column)
print("column @ row:", column @ row, sep="\n")

# %% vector-norms
u = torch.tensor([-3.0, -4.0])
norm = torch.linalg.vector_norm
print("L1:  formula", u.abs().sum(), " library", norm(u, ord=1))
print("L2:  formula", u.square().sum().sqrt(), " library", norm(u))
print("max: formula", u.abs().max(), " library", norm(u, ord=float("inf")))


# %% figure-unit-balls tags=["fold-source"]
def unit_ball(order: float, points: int = 401) -> torch.Tensor:
    """Points of norm 1, one for each direction; shape (points, 2)."""
    angles = torch.linspace(0, 2 * torch.pi, points, dtype=torch.float64)
    directions = torch.stack([angles.cos(), angles.sin()], dim=1)
    return directions / torch.linalg.vector_norm(
        directions, ord=order, dim=1, keepdim=True
    )


norm_figure, norm_axes = plt.subplots(figsize=(5, 4.6), layout="constrained")
norm_axes.axhline(0, color=plt.rcParams["text.color"], lw=0.8, alpha=0.4)
norm_axes.axvline(0, color=plt.rcParams["text.color"], lw=0.8, alpha=0.4)
for order, line, color, name, place in (
    (1, "-", "C0", "$L_1$", 0.38),
    (2, "--", "C1", "$L_2$", 0.61),
    (float("inf"), ":", "C2", r"$L_\infty$", 0.88),
):
    ball = unit_ball(order)
    norm_axes.plot(
        ball[:, 0].numpy(),
        ball[:, 1].numpy(),
        line,
        color=color,
        lw=2.5,
        label=name,
    )
    norm_axes.text(
        place, place, name, color=color, ha="center", va="center", fontsize=14
    )
norm_axes.set(aspect="equal", xticks=[-1, 0, 1], yticks=[-1, 0, 1])
norm_axes.set_xlabel("$x_1$", fontsize=13)
norm_axes.set_ylabel("$x_2$", fontsize=13)
norm_axes.tick_params(labelsize=12)
plt.show()

# %% norm-rules
p, q = torch.tensor([3.0, 0.0]), torch.tensor([0.0, 4.0])
print("norm of -2p:     ", norm(-2 * p))
print("2 times norm of p:", 2 * norm(p))
print("norm of p + q:         ", norm(p + q))
print("norm of p + norm of q: ", norm(p) + norm(q))

# %% matrix-norms
D = torch.tensor([[3.0, 0.0], [0.0, 4.0]])
ones = torch.ones(4, 9)
print("Frobenius norm of ones:", torch.linalg.matrix_norm(ones))
print("Frobenius norm of D:   ", torch.linalg.matrix_norm(D))
spectral = torch.linalg.matrix_norm(D, ord=2)
print("spectral norm of D:    ", spectral.round(decimals=3))

# %% spectral-stretch
angles = torch.deg2rad(torch.arange(180.0))
directions = torch.stack([angles.cos(), angles.sin()])
lengths = norm(D @ directions, dim=0)
print("angle  length")
for degrees in (0, 30, 60, 90, 120, 150):
    print(f"{degrees:5}  {lengths[degrees]:.3f}")
print("longest at", lengths.argmax().item(), "degrees")

# %% norm-dtypes
single, double = torch.ones(2), torch.ones(2, dtype=torch.float64)
try:
    torch.dot(double, single)
except RuntimeError as error:
    print("double and single:", error)
try:
    norm(torch.tensor([-3, -4]))
except RuntimeError as error:
    print("integers:", error)

# %% matrix-axes
M = torch.tensor([[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]])
print("dim=0: ", M.sum(dim=0))
print("dim=1: ", M.sum(dim=1))
print("axis=1:", M.sum(axis=1))

# %% axes-by-hand
print("dim=0:", M[0, :] + M[1, :])
print("dim=1:", M[:, 0] + M[:, 1] + M[:, 2])

# %% three-axes
X = torch.arange(40).reshape(2, 5, 4)
for dim in range(3):
    print(f"sum along axis {dim}: {tuple(X.sum(dim=dim).shape)}")


# %% figure-reductions tags=["fold-source"]
def reduction_groups(shape: tuple[int, ...], axis: int) -> torch.Tensor:
    """For each element, the flat index of the sum that it goes into."""
    kept = [1 if i == axis else size for i, size in enumerate(shape)]
    numbers = torch.arange(torch.Size(kept).numel())
    return numbers.reshape(kept).expand(shape)


reduction_figure, reduction_axes = plt.subplots(
    3, figsize=(5, 6.9), layout="constrained"
)
for axis, axes in enumerate(reduction_axes):
    sums = X.sum(dim=axis)
    groups = reduction_groups((2, 5, 4), axis)
    sums_top = 2.5 + sums.shape[0] / 2
    for slab, left in enumerate((0.0, 4.4)):
        draw_grid(axes, X[slab].tolist(), left, 5, fontsize=11.5)
    draw_grid(axes, sums.tolist(), 9.7, sums_top, fontsize=11.5)
    for target, color, line in (
        (0, "C0", "-"),
        (sums.numel() - 2, "C1", "--"),
    ):
        for slab, left in enumerate((0.0, 4.4)):
            mark(
                axes,
                (groups[slab] == target).nonzero().tolist(),
                left,
                5,
                color,
                line,
            )
        mark(
            axes,
            [list(divmod(target, sums.shape[1]))],
            9.7,
            sums_top,
            color,
            line,
        )
    axes.text(
        9.05, 2.5, r"$\rightarrow$", ha="center", va="center", fontsize=16
    )
    axes.text(0, 5.25, f"axis = {axis}", fontsize=12)
    axes.text(9.7, sums_top + 0.25, str(tuple(sums.shape)), fontsize=12)
    axes.set(xlim=(-0.1, 14.8), ylim=(-0.1, 6), aspect="equal")
    axes.axis("off")
plt.show()

# %% keepdim
print("default:     ", X.sum(dim=1).shape)
print("keepdim=True:", X.sum(dim=1, keepdim=True).shape)

# %% several-axes
print("both at once:  ", X.sum(dim=(0, 1)))
print("one by one:    ", X.sum(dim=1).sum(dim=0))
print("with a list:   ", X.sum(dim=[0, 1]).shape)
print("and keepdim:   ", X.sum(dim=(0, 1), keepdim=True).shape)

# %% notes-sums
N = torch.arange(20).reshape(2, 2, 5)
total = N.sum()
print("value:", total, " shape:", total.shape)
print("axis 0:", N.sum(dim=0).shape)
print("axis 2:", N.sum(dim=2).shape)
print("axis 2, keepdim:", N.sum(dim=2, keepdim=True).shape)

# %% other-reductions
points = torch.tensor([[3.0, 4.0], [6.0, 8.0]])
print("mean:   ", points.mean(dim=1))
print("maximum:", points.amax(dim=1))
print("L2 norm:", norm(points, dim=1))

# %% cumulative-sum
points.cumsum(dim=0)

# %% normalize-rows
votes = torch.tensor([[1.0, 1.0, 2.0], [3.0, 3.0, 2.0]])
shares = votes / votes.sum(dim=1, keepdim=True)
print(shares)
print("row sums:", shares.sum(dim=1))

# %% without-keepdim
try:
    votes / votes.sum(dim=1)
except RuntimeError as error:
    print("RuntimeError:", error)

# %% square-trap
square = torch.arange(1.0, 10.0).reshape(3, 3)
wrong = square / square.sum(dim=1)
right = square / square.sum(dim=1, keepdim=True)
print("row sums without keepdim:", wrong.sum(dim=1))
print("row sums with keepdim:   ", right.sum(dim=1).round(decimals=3))

# %% one-hot
vocabulary = ["cat", "dog", "fish", "bird"]
ids = torch.tensor([vocabulary.index(word) for word in ["dog", "bird", "dog"]])
print("numbers:", ids)
print("one-hot:", F.one_hot(ids, num_classes=4), sep="\n")

# %% one-hot-cost
torch.manual_seed(0)
long_text = torch.randint(1000, (1000,))
dense = F.one_hot(long_text, num_classes=1000).to(torch.float32)
sparse = dense.to_sparse()
zeros = (dense == 0).sum() / dense.numel()
print(f"zeros:  {zeros:.1%}")
print(f"dense:  {dense.nbytes:,} bytes")
places, values = sparse.indices(), sparse.values()
print(f"sparse: {places.nbytes:,} + {values.nbytes:,} bytes")

# %% saving tags=["hide"]
print(dense.nbytes // (sparse.indices().nbytes + sparse.values().nbytes))

# %% sparse-product
weights = torch.arange(8000.0).reshape(1000, 8)
same = torch.allclose(torch.sparse.mm(sparse, weights), dense @ weights)
print("same result:", same)
print(f"multiplications, dense:  {dense.numel() * 8:,}")
print(f"multiplications, sparse: {sparse.values().numel() * 8:,}")

# %% embedding
table = torch.tensor([[0.1, 0.2], [0.9, 0.3], [0.4, 0.7], [0.5, 0.6]])
looked_up = F.embedding(ids, table)
by_product = F.one_hot(ids, num_classes=4).to(table.dtype) @ table
print(looked_up)
print("one-hot times table:", torch.equal(looked_up, by_product))
print("table[ids]:         ", torch.equal(looked_up, table[ids]))

# %% loop-or-tensor
inputs = torch.arange(8.0).reshape(2, 4)
layer = torch.arange(12.0).reshape(4, 3)
looped = torch.zeros(2, 3)
for i in range(2):
    for k in range(3):
        for j in range(4):
            looped[i, k] += inputs[i, j] * layer[j, k]
print(looped)
print("same as inputs @ layer:", torch.allclose(looped, inputs @ layer))


# %% cosine tags=["exercise"]
def cosine(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Cosine of the angle between two vectors of shape (n,)."""
    raise NotImplementedError


# %% cosine-solution tags=["solution"]
def cosine(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Cosine of the angle between two vectors of shape (n,)."""
    return x @ y / (torch.linalg.vector_norm(x) * torch.linalg.vector_norm(y))


# %% cosine-check tags=["check"]
east, north = torch.tensor([2.0, 0.0]), torch.tensor([0.0, 5.0])
halfway = torch.tensor([3.0, 3.0])
others = [7 * east, north, -east, halfway]
for other, expected in zip(others, (1.0, 0.0, -1.0, 0.5**0.5), strict=True):
    assert abs(cosine(east, other).item() - expected) < 1e-6


# %% center-channels tags=["exercise"]
def center_channels(images: torch.Tensor) -> torch.Tensor:
    """Images (n, c, h, w), each channel minus its mean over the batch."""
    raise NotImplementedError


# %% center-channels-solution tags=["solution"]
def center_channels(images: torch.Tensor) -> torch.Tensor:
    """Images (n, c, h, w), each channel minus its mean over the batch."""
    return images - images.mean(dim=(0, 2, 3), keepdim=True)


# %% center-channels-check tags=["check"]
torch.manual_seed(0)
images = torch.randint(256, (3, 3, 3, 3), dtype=torch.float64)
centered = center_channels(images)
assert centered.shape == images.shape
for channel in range(3):
    one = images[:, channel]
    assert torch.allclose(centered[:, channel], one - one.mean())


# %% predict-shapes
expressions = {
    "B @ A": lambda: B @ A,
    "A @ B": lambda: A @ B,
    "B @ a": lambda: B @ a,
    "a @ A": lambda: a @ A,
    "B * a": lambda: B * a,
    "B.T * a": lambda: B.T * a,
    "a[:, None] * a": lambda: a[:, None] * a,
    "B.sum(dim=0)": lambda: B.sum(dim=0),
    "B - B.mean(dim=1)": lambda: B - B.mean(dim=1),
    "B - B.mean(dim=1, keepdim=True)": lambda: B - B.mean(dim=1, keepdim=True),
}
for code, compute in expressions.items():
    try:
        print(f"{code:33}{tuple(compute().shape)}")
    except RuntimeError:
        print(f"{code:33}error")


# %% brackets
n = 1000
left_first, right_first = n**3 + n**2, n**2 + n**2
print(f"(P Q) x: {left_first:,} multiplications")
print(f"P (Q x): {right_first:,} multiplications")
torch.manual_seed(0)
P, Q = torch.randn(2, 30, 30, dtype=torch.float64)
x = torch.randn(30, dtype=torch.float64)
print("same result for n = 30:", torch.allclose((P @ Q) @ x, P @ (Q @ x)))

# %% brackets-factor tags=["hide"]
print(f"{left_first / right_first:.0f}")


# %% bag-of-words tags=["exercise"]
def bag_of_words(ids: torch.Tensor, table: torch.Tensor) -> torch.Tensor:
    """Sum of the embeddings of all ids, as counts @ table."""
    raise NotImplementedError


# %% bag-of-words-solution tags=["solution"]
def bag_of_words(ids: torch.Tensor, table: torch.Tensor) -> torch.Tensor:
    """Sum of the embeddings of all ids, as counts @ table."""
    counts = F.one_hot(ids, num_classes=table.shape[0]).sum(dim=0)
    return counts.to(table.dtype) @ table


# %% bag-of-words-check tags=["check"]
sentence = torch.tensor([3, 0, 3, 1])
vectors = torch.tensor([[1.0, 0.0], [0.0, 10.0], [5.0, 5.0], [100.0, 2.0]])
expected = torch.tensor([201.0, 14.0])
assert torch.allclose(bag_of_words(sentence, vectors), expected)
