"""Matrices as motions of space: rank, eigenvalues, singular values."""

# %% setup
import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from torch import Tensor

# %% move-points
A = torch.tensor([[2.0, -1.0], [1.0, 1.0]])
for point in ([1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [-1.0, 2.0]):
    print(point, "moves to", (A @ torch.tensor(point)).tolist())


# %% figure-grid tags=["fold-source"]
def grid_lines(reach: int = 3) -> tuple[Tensor, Tensor]:
    """Lines of a grid, each (2, points), vertical ones first; gaps of nan."""
    steps = torch.arange(-reach, reach + 1.0).repeat_interleave(3)
    ends = torch.tensor([-reach, reach, torch.nan]).repeat(2 * reach + 1)
    return torch.stack([steps, ends]), torch.stack([ends, steps])


def arrow(axes: Axes, tip: Tensor, color: str, **how: object) -> None:
    """An arrow from the origin."""
    axes.arrow(
        0,
        0,
        *tip.tolist(),
        color=color,
        width=0.05,
        length_includes_head=True,
        **how,
    )


unit_square = torch.tensor([[0.0, 1.0, 1.0, 0.0], [0.0, 0.0, 1.0, 1.0]])
grid_figure, grid_axes = plt.subplots(figsize=(5, 5), layout="constrained")
for lines in grid_lines():
    grid_axes.plot(*lines.tolist(), color="C7", lw=0.8, alpha=0.5)
for t in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0):
    frame = {"gid": f"frame:{t:g}", "visible": t == 1}
    moved = (1 - t) * torch.eye(2) + t * A
    for lines in grid_lines():
        grid_axes.plot(*(moved @ lines).tolist(), color="C0", lw=1.2, **frame)
    grid_axes.fill(
        *(moved @ unit_square).tolist(), color="C3", alpha=0.3, **frame
    )
    arrow(grid_axes, moved[:, 0], "C1", zorder=3, **frame)
    arrow(grid_axes, moved[:, 1], "C2", zorder=3, **frame)
    area = torch.linalg.det(moved).item()
    grid_axes.text(
        0, 4.2, f"determinant = {area:.2f}", ha="center", fontsize=13, **frame
    )
grid_axes.set(
    xlim=(-4, 4), ylim=(-4, 4), aspect="equal", xlabel="$x_1$", ylabel="$x_2$"
)
plt.show()

# %% linearity
torch.manual_seed(0)
x, y = torch.randn(2, 2)
print("a sum moves to the sum:", torch.allclose(A @ (x + y), A @ x + A @ y))
same = torch.allclose(A @ (3 * x), 3 * (A @ x))
print("a multiple moves to the multiple:", same)


# %% from-columns
first_axis, second_axis = torch.tensor([0.0, 1.0]), torch.tensor([-1.0, 0.0])
R = torch.stack([first_axis, second_axis], dim=1)
print(R)
print("[2.0, 1.0] turns to", (R @ torch.tensor([2.0, 1.0])).tolist())

# %% order
D = torch.diag(torch.tensor([2.0, 1.0]))
print("first turn, then stretch:", (D @ R).tolist())
print("first stretch, then turn:", (R @ D).tolist())

# %% figure-composition tags=["fold-source"]
letter = torch.tensor(
    [[0.0, 0, 1, torch.nan, 0, 0.7], [0.0, 1.6, 1.6, torch.nan, 0.9, 0.9]]
)


def draw_letter(
    axes: Axes, shape: Tensor, title: str, color: str = "C0"
) -> None:
    """A letter F, seen from the origin, between two thin axes."""
    axes.axhline(0, color="C7", lw=0.8)
    axes.axvline(0, color="C7", lw=0.8)
    axes.plot(*shape.tolist(), color=color, lw=4)
    axes.set_title(title)
    axes.set(
        xlim=(-3.6, 2.4),
        ylim=(-0.6, 2.4),
        aspect="equal",
        xticks=[],
        yticks=[],
    )


composition_figure, composition_axes = plt.subplots(
    2, 3, figsize=(5, 2.4), layout="constrained"
)
for row, (first, second, names) in zip(
    composition_axes,
    (
        (R, D, (r"\mathbf{R}", r"\mathbf{D}")),
        (D, R, (r"\mathbf{D}", r"\mathbf{R}")),
    ),
    strict=True,
):
    draw_letter(row[0], letter, r"$\mathbf{x}$")
    draw_letter(row[1], first @ letter, rf"$\rightarrow{names[0]}$")
    draw_letter(
        row[2], second @ first @ letter, rf"$\rightarrow{names[1]}$", "C1"
    )
plt.show()

# %% two-layers
torch.manual_seed(0)
W1, W2, x = torch.randn(4, 3), torch.randn(2, 4), torch.randn(3)
one_matrix, two_layers = W2 @ W1, W2 @ (W1 @ x)
print("shape of the one matrix:", tuple(one_matrix.shape))
print("same output:", torch.allclose(one_matrix @ x, two_layers, atol=1e-6))

# %% null-space
B = torch.tensor([[1.0, 2.0], [0.5, 1.0]])
x, n = torch.tensor([0.0, 1.0]), torch.tensor([2.0, -1.0])
print("B n =", (B @ n).tolist())
for c in (0.0, 1.0, -1.5):
    print(x.add(c * n).tolist(), "moves to", (B @ (x + c * n)).tolist())

# %% figure-rank tags=["fold-source"]
rank_figure, rank_axes = plt.subplots(
    1, 2, figsize=(5, 2.8), layout="constrained", sharey=True
)
along = torch.tensor([-1.5, -0.5, 0.5, 1.5])
for k, style in ((-2.0, "C0o"), (0.0, "C2s"), (2.0, "C1^")):
    starts = torch.tensor([[0.0], [k / 2]]) + n[:, None] * along
    rank_axes[0].plot(*starts.tolist(), style + ":", ms=6, lw=1.5)
    rank_axes[1].plot(*(B @ starts).tolist(), style, ms=9)
rank_axes[1].plot([-3.4, 3.4], [-1.7, 1.7], "C7", lw=1, zorder=0)
rank_axes[0].set_title(r"$\mathbf{x}$")
rank_axes[1].set_title(r"$\mathbf{B}\mathbf{x}$")
for axes in rank_axes:
    axes.set(
        xlim=(-3.6, 3.6), ylim=(-2.8, 2.8), aspect="equal", xticks=[-2, 0, 2]
    )
plt.show()

# %% rank
wide = torch.tensor(
    [[1.0, 0.0, 1.0, 2.0], [0.0, 1.0, 1.0, -1.0], [1.0, 1.0, 2.0, 1.0]]
)
for name, M in {"A": A, "B": B, "wide": wide}.items():
    columns, rank = M.shape[1], torch.linalg.matrix_rank(M).item()
    print(f"{name:4}  columns {columns}  rank {rank}", end="  ")
    print(f"null space {columns - rank}")

# %% inverse
inverse = torch.linalg.inv(A)
print(inverse)
print("inverse @ A = I:", torch.allclose(inverse @ A, torch.eye(2), atol=1e-6))
try:
    torch.linalg.inv(B)
except RuntimeError as error:
    print("B:", error)

# %% solve
i = torch.arange(8, dtype=torch.float64)
hilbert = 1 / (i[:, None] + i + 1)
torch.manual_seed(0)
b = hilbert @ torch.randn(8, 20, dtype=torch.float64)  # 20 columns, 20 times b
off = [
    torch.linalg.vector_norm(hilbert @ x - b, dim=0)
    for x in (torch.linalg.solve(hilbert, b), torch.linalg.inv(hilbert) @ b)
]
print("inv is further off:", (off[1] > off[0]).sum().item(), "of 20 times")
far = (off[1] > 1000 * off[0]).sum().item()
print("1000 times further:", far, "of 20 times")


# %% orthogonal
def rotation(degrees: float) -> Tensor:
    angle = torch.deg2rad(torch.tensor(degrees))
    c, s = angle.cos(), angle.sin()
    return torch.stack([torch.stack([c, s]), torch.stack([-s, c])], dim=1)


flip = torch.diag(torch.tensor([-1.0, 1.0]))
x, y = torch.tensor([3.0, 4.0]), torch.tensor([1.0, 2.0])
for name, Q in {"rotation": rotation(-30.0), "reflection": flip}.items():
    same = torch.allclose(Q.T @ Q, torch.eye(2))
    print(f"{name:10}  Q^T Q = I: {same}", end="  ")
    print(f"|Qx| = {torch.linalg.vector_norm(Q @ x):.3f}", end="  ")
    print(f"Qx·Qy = {(Q @ x) @ (Q @ y):.3f}  det = {torch.linalg.det(Q):+.0f}")

# %% figure-orthogonal tags=["fold-source"]
orthogonal_figure, orthogonal_axes = plt.subplots(
    1, 3, figsize=(5, 2), layout="constrained"
)
for axes, Q, title in zip(
    orthogonal_axes,
    (torch.eye(2), rotation(-30.0), flip),
    ("identity matrix", "rotation", "reflection"),
    strict=True,
):
    draw_letter(axes, Q @ letter, title)
    axes.set(xlim=(-1.3, 2.1))
plt.show()

# %% eigenvectors
C = torch.tensor([[1.0, 1.0], [0.0, 2.0]])
values, vectors = torch.linalg.eig(C)
for value, v in zip(values.real, vectors.real.T, strict=True):
    stays = torch.allclose(C @ v, value * v)
    print(f"eigenvector {v.numpy().round(3)}  C v = {value:.0f} v: {stays}")
print("eigenvalues of the quarter turn:", torch.linalg.eigvals(R).tolist())

# %% powers
G = torch.tensor([[0.8, 0.3], [0.3, 0.8]])
print("eigenvalues:", torch.linalg.eigvalsh(G).numpy().round(3))
for k in (0, 1, 2, 5, 20):
    moved = torch.linalg.matrix_power(G, k) @ torch.tensor([1.0, 0.0])
    print(f"after {k:2} times:", moved.numpy().round(3))

# %% spectral-theorem
S = torch.tensor([[2.0, 1.0], [1.0, 2.0]])
values, Q = torch.linalg.eigh(S)
print("eigenvalues:", values.numpy().round(3))
print("Q^T Q = I:", torch.allclose(Q.T @ Q, torch.eye(2), atol=1e-6))
put_together = Q @ torch.diag(values) @ Q.T
print("Q diag(values) Q^T = S:", torch.allclose(put_together, S, atol=1e-6))

# %% figure-eigenvectors tags=["fold-source"]
turns = torch.deg2rad(torch.linspace(0, 360, 91))
circle = torch.stack([turns.cos(), turns.sin()])
eigen_figure, eigen_axes = plt.subplots(figsize=(5, 5), layout="constrained")
for sign in (1, -1):
    eigen_axes.plot([-2.3, 2.3], [-2.3 * sign, 2.3 * sign], "C7:", lw=1.5)
eigen_axes.plot(*circle.tolist(), color="C0", lw=1)
eigen_axes.plot(*(S @ circle).tolist(), color="C1", lw=1)
for degrees in range(0, 181, 15):
    frame = {"gid": f"frame:{degrees}", "visible": degrees == 15}
    x = rotation(degrees)[:, 0]
    cosine = torch.dot(x, S @ x) / torch.linalg.vector_norm(S @ x)
    between = torch.rad2deg(torch.arccos(cosine.clamp(max=1))).item()
    says = "eigenvector" if degrees in (45, 135) else f"φ = {between:.0f}°"
    arrow(eigen_axes, S @ x, "C1", **frame)
    arrow(eigen_axes, x, "C0", zorder=3, **frame)
    eigen_axes.text(-2.8, 2.9, f"θ = {degrees}°", fontsize=13, **frame)
    eigen_axes.text(-2.8, 2.45, says, fontsize=13, **frame)
eigen_axes.set(
    xlim=(-3, 3),
    ylim=(-3.2, 3.2),
    aspect="equal",
    xlabel="$x_1$",
    ylabel="$x_2$",
)
plt.show()

# %% quadratic-forms
forms = {
    "positive definite": torch.tensor([[2.0, 1.0], [1.0, 2.0]]),
    "positive semidefinite": torch.tensor([[1.0, 1.0], [1.0, 1.0]]),
    "indefinite": torch.tensor([[1.0, 2.0], [2.0, 1.0]]),
}
degrees = torch.arange(0, 361.0, 5)
angles = torch.deg2rad(degrees)
around = torch.stack([angles.cos(), angles.sin()])
curves = {k: (around * (M @ around)).sum(dim=0) for k, M in forms.items()}
for name, curve in curves.items():
    low, high = torch.linalg.eigvalsh(forms[name]).tolist()
    print(f"{name:21}  eigenvalues {round(low):2}, {round(high)}", end="  ")
    print(f"x^T M x from {curve.min():5.2f} to {curve.max():.2f}")

# %% figure-quadratic-forms tags=["fold-source"]
forms_figure, forms_axes = plt.subplots(figsize=(5, 3.4), layout="constrained")
for (name, curve), style in zip(
    curves.items(), ("C0-", "C2--", "C3:"), strict=True
):
    forms_axes.plot(
        degrees.tolist(), curve.tolist(), style, lw=2.5, label=name
    )
forms_axes.axhline(0, color="C7", lw=1)
forms_axes.legend(loc="upper center", bbox_to_anchor=(0.5, 1.4), frameon=False)
forms_axes.set(
    xlabel=r"$\theta$", ylabel="quadratic form", xticks=range(0, 361, 45)
)
plt.show()

# %% gram-matrix
torch.manual_seed(0)
X = torch.randn(6, 3, dtype=torch.float64)
repeated = X[:, [0, 1, 1]]
for name, M in {"independent columns": X, "a column twice": repeated}.items():
    smallest = torch.linalg.eigvalsh(M.T @ M)[0].item()
    print(f"{name}: smallest eigenvalue above 1e-9:", smallest > 1e-9)

# %% singular-values
U, sigma, Vt = torch.linalg.svd(A)
print("singular values:", sigma.numpy().round(3))
put_together = U @ torch.diag(sigma) @ Vt
print("U diag(sigma) V^T = A:", torch.allclose(put_together, A, atol=1e-6))

# %% figure-ellipse tags=["fold-source"]
upward = U.sum(
    dim=0
).sign()  # the sign of each pair is free: choose it alike everywhere
before, after = Vt.T * upward, U * sigma * upward
ellipse_figure, ellipse_axes = plt.subplots(
    1, 2, figsize=(5, 2.9), layout="constrained"
)
for axes, shape, tips, names, title in (
    (
        ellipse_axes[0],
        circle,
        before,
        (r"\mathbf{v}_1", r"\mathbf{v}_2"),
        r"$\mathbf{x}$",
    ),
    (
        ellipse_axes[1],
        A @ circle,
        after,
        (r"\sigma_1\mathbf{u}_1", r"\sigma_2\mathbf{u}_2"),
        r"$\mathbf{A}\mathbf{x}$",
    ),
):
    axes.plot(*shape.tolist(), color="C0", lw=2)
    for tip, name, color in zip(tips.T, names, ("C1", "C2"), strict=True):
        arrow(axes, tip, color, zorder=3)
        place = tip * (1 + 0.8 / torch.linalg.vector_norm(tip))
        axes.text(
            *place.tolist(), f"${name}$", ha="center", va="center", fontsize=12
        )
    axes.set_title(title)
    axes.set(
        xlim=(-3.2, 3.2), ylim=(-2.2, 2.4), aspect="equal", xticks=[-2, 0, 2]
    )
plt.show()

# %% what-they-tell
matrix_norm = torch.linalg.matrix_norm
eigenvalues = torch.linalg.eigvalsh(A.T @ A)
for name, value, from_sigma in (
    ("spectral norm", matrix_norm(A, ord=2), sigma.max()),
    ("Frobenius norm", matrix_norm(A), sigma.square().sum().sqrt()),
    ("|determinant|", torch.linalg.det(A).abs(), sigma.prod()),
    ("eigenvalue of A^T A", eigenvalues.max(), sigma.max() ** 2),
):
    print(f"{name:19}  {value:.3f}  from the singular values {from_sigma:.3f}")

# %% numerical-rank
nearly = torch.tensor([[1.0, 2.0], [2.0, 4.0 + 1e-6]], dtype=torch.float64)
print(f"smallest singular value: {torch.linalg.svdvals(nearly)[1]:.0e}")
for dtype in (torch.float64, torch.float32):
    print(dtype, "rank", torch.linalg.matrix_rank(nearly.to(dtype)).item())

# %% condition-number
K = torch.tensor([[1.0, 0.8], [0.8, 1.0]], dtype=torch.float64)
matrices = {"rotation": rotation(-30.0), "A": A, "S": S, "K": K}
matrices["hilbert"] = hilbert
for name, M in matrices.items():
    print(f"{name:8}  condition number {torch.linalg.cond(M).item():.3g}")

# %% amplification
length = torch.linalg.vector_norm
u1, u2 = torch.linalg.svd(K).U.T
x = torch.linalg.solve(K, u1)
change = torch.linalg.solve(K, u1 + 0.01 * u2) - x
print(f"b is off by 1%, x by {length(change) / length(x):.0%}")

# %% worst-of-many
torch.manual_seed(0)
b, errors = torch.randn(2, 2, 1000, dtype=torch.float64)
x, change = torch.linalg.solve(K, b), torch.linalg.solve(K, errors)
off_before = length(errors, dim=0) / length(b, dim=0)
factors = length(change, dim=0) / length(x, dim=0) / off_before
print("median factor:", round(factors.median().item(), 1))
print("all at most 9:", bool((factors <= 9).all()), end="  ")
print("above 8:", (factors > 8).sum().item())

# %% figure-condition tags=["fold-source"]
condition_figure, condition_axes = plt.subplots(
    1, 2, figsize=(5, 2.9), layout="constrained"
)
line = torch.tensor([-1.0, 3.0], dtype=torch.float64)
for axes, M in zip(condition_axes, (rotation(-30.0).double(), K), strict=True):
    target = M @ torch.ones(2, dtype=torch.float64)
    weakest = torch.linalg.svd(M).U[:, 1]
    shifted = target + 0.1 * length(target) * weakest
    for b, style, mark in ((target, "C0-", "C0o"), (shifted, "C1--", "C1s")):
        for row, height in zip(M, b, strict=True):
            axes.plot(line, (height - row[0] * line) / row[1], style, lw=1.5)
        axes.plot(*torch.linalg.solve(M, b).tolist(), mark, ms=8, zorder=3)
    axes.set(
        xlim=(-0.5, 2.5), ylim=(-0.5, 2.5), aspect="equal", xlabel="$x_1$"
    )
condition_axes[0].set_ylabel("$x_2$")
plt.show()


# %% digits
def matrix_of_condition(power: int, n: int = 50) -> Tensor:
    """Singular values from 1 to 10^-power, in random directions."""
    U = torch.linalg.qr(torch.randn(n, n, dtype=torch.float64)).Q
    V = torch.linalg.qr(torch.randn(n, n, dtype=torch.float64)).Q
    return U * torch.logspace(0, -power, n, dtype=torch.float64) @ V.T


torch.manual_seed(0)
exact = torch.ones(50, dtype=torch.float64)
for power in (0, 2, 4, 6):
    many = [matrix_of_condition(power) for _ in range(20)]
    found = [torch.linalg.solve(M.float(), (M @ exact).float()) for M in many]
    errors = torch.stack([length(x - exact) / length(exact) for x in found])
    digits = -errors.median().log10().ceil()
    print(f"condition number 10^{power}: {digits:.0f} correct digits")


# %% largest-eigenvalue tags=["exercise"]
def largest_eigenvalue(multiply, n: int, steps: int = 200) -> Tensor:
    """Of a positive definite matrix (n, n), known as x -> multiply(x)."""
    raise NotImplementedError


# %% largest-eigenvalue-solution tags=["solution"]
def largest_eigenvalue(multiply, n: int, steps: int = 200) -> Tensor:
    """Of a positive definite matrix (n, n), known as x -> multiply(x)."""
    x = torch.randn(n, dtype=torch.float64)
    for _ in range(steps):
        x = multiply(x)
        x = x / torch.linalg.vector_norm(x)
    return torch.dot(x, multiply(x))


# %% largest-eigenvalue-check tags=["check"]
torch.manual_seed(0)
factor = torch.randn(12, 5, dtype=torch.float64)
found = largest_eigenvalue(lambda x: factor.T @ (factor @ x), 5)
assert torch.allclose(found, torch.linalg.eigvalsh(factor.T @ factor)[-1])


# %% low-rank tags=["exercise"]
def low_rank(M: Tensor, k: int) -> Tensor:
    """M with all but its k largest singular values set to zero."""
    raise NotImplementedError


# %% low-rank-solution tags=["solution"]
def low_rank(M: Tensor, k: int) -> Tensor:
    """M with all but its k largest singular values set to zero."""
    U, sigma, Vt = torch.linalg.svd(M, full_matrices=False)
    return U[:, :k] * sigma[:k] @ Vt[:k]


# %% low-rank-check tags=["check"]
torch.manual_seed(0)
picture = torch.randn(8, 6, dtype=torch.float64)
for k in (1, 3, 5):
    near = low_rank(picture, k)
    assert torch.linalg.matrix_rank(near) == k
    missed = torch.linalg.matrix_norm(picture - near, ord=2)
    assert torch.allclose(missed, torch.linalg.svdvals(picture)[k])

# %% always-symmetric
torch.manual_seed(0)
M = torch.randn(4, 4)
print("M + M^T is symmetric:", torch.equal(M + M.T, (M + M.T).T))
print("M^T M is symmetric:", torch.allclose(M.T @ M, (M.T @ M).T))
flat = torch.randn(2, 3, dtype=torch.float64)
rank = torch.linalg.matrix_rank(flat.T @ flat).item()
print("rank of flat^T flat:", rank, "of 3")

# %% small-determinant
shrink = 0.1 * torch.eye(50)
print("determinant:", torch.linalg.det(shrink).item())
print(f"condition number: {torch.linalg.cond(shrink).item():g}")
grow = torch.linalg.inv(shrink)
print("inverse found:", torch.allclose(grow, 10 * torch.eye(50)))
