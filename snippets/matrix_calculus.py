"""Derivatives of scalars, vectors and matrices: slopes, shapes, rules."""

# %% setup
import math

import matplotlib.pyplot as plt
import torch
from torch.autograd import gradcheck
from torch.autograd.functional import hessian, jacobian, jvp, vjp
from torch.nn.functional import cross_entropy


# %% secant-slopes
def square(x):
    return x**2


def secant_slope(f, x0, h):
    return (f(x0 + h) - f(x0)) / h


for h in (1.0, 0.5, 0.25, 0.01, 0.001):
    print(f"h = {h:<5}  slope = {secant_slope(square, 1.0, h):.3f}")

# %% derivative
jacobian(square, torch.tensor(1.0))

# %% figure-tangent-line tags=["fold-source"]
x = torch.linspace(-0.9, 2.3, 65)
secant_steps = (-1.0, -0.5, -0.25, -0.1, 0.1, 0.25, 0.5, 1.0)
tangent_figure, tangent_axes = plt.subplots(
    figsize=(5, 4.4), layout="constrained"
)
tangent_axes.plot(x, square(x), "C0", linewidth=2.5)
tangent_axes.plot(
    x, 1 + 2 * (x - 1), "C2", linewidth=2.5, label="tangent line"
)
tangent_axes.plot([], [], "C1--", linewidth=2, label="secant")
for h in secant_steps:
    frame = {"gid": f"frame:{h:g}", "visible": h == 0.25}
    slope = secant_slope(square, 1.0, h)
    tangent_axes.text(-0.85, 4.8, f"$h = {h:g}$", size=13, **frame)
    tangent_axes.text(-0.85, 4.2, f"slope = {slope:.3g}", size=13, **frame)
    for wider in secant_steps:  # on the same side, those that came before
        if wider * h > 0 and abs(wider) >= abs(h):
            style = "C1--" if wider == h else "C1:"
            line = 1 + secant_slope(square, 1.0, wider) * (x[[0, -1]] - 1)
            tangent_axes.plot(x[[0, -1]], line, style, linewidth=2, **frame)
    tangent_axes.plot(
        [1, 1 + h, 1 + h], [1, 1, square(1 + h)], "C3", linewidth=1.5, **frame
    )
    tangent_axes.plot(1 + h, square(1 + h), "C1s", markersize=8, **frame)
tangent_axes.plot(1, 1, "C2o", markersize=9)
tangent_axes.legend(loc="lower right", frameon=False)
tangent_axes.text(-0.55, 0.65, "$x^2$")
tangent_axes.set(
    xlabel="$x$", ylabel="$y$", xlim=(-0.9, 2.3), ylim=(-1.6, 5.4)
)
plt.show()

# %% scalar-rules
scalar_rules = {
    "a": (torch.ones_like, torch.zeros_like),
    "x^3": (lambda x: x**3, lambda x: 3 * x**2),
    "exp x": (torch.exp, torch.exp),
    "ln x": (torch.log, lambda x: 1 / x),
    "sin x": (torch.sin, torch.cos),
    "x^3 + sin x": (lambda x: x**3 + x.sin(), lambda x: 3 * x**2 + x.cos()),
    "x sin x": (lambda x: x * x.sin(), lambda x: x.sin() + x * x.cos()),
    "sin(x^2)": (lambda x: torch.sin(x**2), lambda x: torch.cos(x**2) * 2 * x),
}
points = torch.linspace(0.5, 3.0, 6, dtype=torch.float64)
for name, (f, formula) in scalar_rules.items():
    derivatives = torch.stack([jacobian(f, x) for x in points])
    agrees = torch.allclose(derivatives, formula(points))
    print(f"{name:12} formula agrees: {agrees}")


# %% supporting-lines
def supports(f, g):
    x = torch.linspace(-2, 2, 401, dtype=torch.float64)
    return bool((f(x) >= g * x).all())


for g in (-1.1, -1.0, 0.0, 0.5, 1.0, 1.1):
    of_abs, of_relu = supports(torch.abs, g), supports(torch.relu, g)
    print(f"g = {g:4}  |x|: {of_abs!s:5}  max(x, 0): {of_relu}")


# %% figure-subderivatives tags=["fold-source"]
x = torch.linspace(-2, 2, 81)
kink_figure, kink_axes = plt.subplots(
    2, 1, figsize=(5, 6), layout="constrained", sharex=True
)
kinked = {"$|x|$": torch.abs, "max(x, 0)": torch.relu}
for ax, (title, f) in zip(kink_axes, kinked.items(), strict=True):
    for g in (-0.5, 0.0, 0.5, 1.2):
        style = "C2--" if supports(f, g) else "C3:"
        ax.plot(x, g * x, style, linewidth=1.8)
        ax.text(2.1, 2 * g, f"$g = {g:g}$", va="center")
    ax.plot(x, f(x), "C0", linewidth=2.5)
    ax.plot(0, 0, "C0o")
    ax.set_title(title)
    ax.set(xlim=(-2, 3), ylim=(-1.4, 2.7), xticks=range(-2, 3))
kink_axes[1].set_xlabel("$x$")
plt.show()

# %% kinks
functions = {
    "abs(x)": torch.abs,
    "relu(x)": torch.relu,
    "maximum(x, 0)": lambda x: torch.maximum(x, torch.zeros_like(x)),
    "vector_norm(x)": torch.linalg.vector_norm,
    "sqrt(x)": torch.sqrt,
}
for name, f in functions.items():
    derivative = jacobian(f, torch.tensor(0.0)).item()
    print(f"{name:15} derivative at 0: {derivative}")

# %% composed-kinks
composed = {
    "relu(x) - relu(-x)": lambda x: torch.relu(x) - torch.relu(-x),
    "sqrt(x * x)": lambda x: torch.sqrt(x * x),
    "-abs(x)": lambda x: -x.abs(),
}
for name, f in composed.items():
    at_zero, at_one = (jacobian(f, torch.tensor(x)) + 0.0 for x in (0.0, 1.0))
    print(f"{name:19} derivative at 0: {at_zero:g}, at 1: {at_one:g}")


# %% gradient
def bowl(x):
    return x[0] ** 2 + 2 * x[1] ** 2


jacobian(bowl, torch.tensor([1.0, 1.0]))


# %% directional-derivatives
def directional_derivatives(f, x, degrees, h=1e-5):
    angles = torch.deg2rad(degrees)
    directions = torch.stack([angles.cos(), angles.sin()])
    ahead, behind = x[:, None] + h * directions, x[:, None] - h * directions
    return (f(ahead) - f(behind)) / (2 * h)


# %% steepest-ascent
x = torch.tensor([1.0, 1.0], dtype=torch.float64)
degrees = torch.linspace(0, 359.9, 3600, dtype=torch.float64)
rates = directional_derivatives(bowl, x, degrees)
gradient = jacobian(bowl, x)
angle = torch.rad2deg(torch.atan2(gradient[1], gradient[0]))
length = torch.linalg.vector_norm(gradient)
best = degrees[rates.argmax()]
print(f"gradient:        {angle:.1f} degrees, length {length:.3f}")
print(f"steepest ascent: {best:.1f} degrees, rate {rates.max():.3f}")

# %% figure-gradient-contours tags=["fold-source"]
gradient_figure, (contour_axes, rate_axes) = plt.subplots(
    2, 1, figsize=(5, 6.4), layout="constrained", height_ratios=(3, 2)
)
side = torch.linspace(-1.2, 2.4, 121)
grid = torch.stack(torch.meshgrid(side, side, indexing="xy"))
ink = plt.rcParams["text.color"]
contour_axes.contour(
    *grid, bowl(grid), levels=[0.5, 1.5, 3, 5.5, 8], colors=ink, alpha=0.35
)
contour_axes.plot([0, 2], [1.5, 0.5], "C2--", linewidth=2)
for sign, colour in ((1, "C1"), (-1, "C3")):
    tip = x + sign * gradient / 4
    contour_axes.annotate(
        "",
        tip,
        x,
        arrowprops={
            "arrowstyle": "->",
            "color": colour,
            "lw": 2.5,
            "shrinkA": 0,
        },
    )
contour_axes.plot(1, 1, "C0o", markersize=8)
contour_axes.text(1.55, 1.95, "gradient")
contour_axes.text(-0.08, 1.47, "tangent line", ha="right", va="center")
contour_axes.set(
    xlabel="$x_1$",
    ylabel="$x_2$",
    aspect="equal",
    xlim=(-1.2, 2.4),
    ylim=(-0.6, 2.2),
)
rate_axes.plot(degrees, rates, "C0", linewidth=2)
rate_axes.axhline(0, color=ink, alpha=0.35)
turn = float(angle)
rate_axes.plot(turn, rates.max(), "C1^", markersize=10)
rate_axes.plot([turn + 90, turn + 270], [0, 0], "C2o", markersize=9)
rate_axes.plot(turn + 180, rates.min(), "C3v", markersize=10)
rate_axes.set(
    xlabel=r"$\theta$",
    ylabel="directional derivative",
    xticks=range(0, 361, 45),
)
plt.show()


# %% orthogonal-to-contour
def contour(t):
    return torch.stack([3**0.5 * t.cos(), 1.5**0.5 * t.sin()])


def rate_along(t):
    return jacobian(bowl, contour(t)) @ jacobian(contour, t)


angles = torch.linspace(0, 6, 50, dtype=torch.float64)
heights = torch.stack([bowl(contour(t)) for t in angles])
products = torch.stack([rate_along(t) for t in angles])
print("height 3 all along:", bool(((heights - 3).abs() < 1e-12).all()))
print("right angles all along:", bool((products.abs() < 1e-12).all()))

# %% up-and-down
for i in (rates.argmax(), rates.argmin()):
    print(f"rate {rates[i]:6.3f} at {degrees[i]:.1f} degrees")


# %% derivative-shapes
def some_derivative(y_shape, x_shape):
    ones = torch.ones(x_shape)
    return jacobian(lambda x: x.sin().sum().expand(y_shape), ones)


def rows_and_columns(y_shape, x_shape):
    block = some_derivative(y_shape, x_shape)
    return tuple(block.reshape(math.prod(y_shape), math.prod(x_shape)).shape)


for y_shape in ((), (2,)):
    for x_shape in ((), (3,)):
        shape = rows_and_columns(y_shape, x_shape)
        print(f"y {y_shape!s:5} x {x_shape!s:5} derivative {shape}")

# %% figure-derivative-shapes tags=["fold-source"]
labels = {
    ((), ()): r"$\partial y/\partial x$",
    ((), (3,)): r"$\partial y/\partial\mathbf{x}$",
    ((2,), ()): r"$\partial\mathbf{y}/\partial x$",
    ((2,), (3,)): r"$\partial\mathbf{y}/\partial\mathbf{x}$",
}
shapes_figure, shapes_axes = plt.subplots(
    2, 2, figsize=(5, 3.2), layout="constrained"
)
for ax, ((y_shape, x_shape), label) in zip(
    shapes_axes.flat, labels.items(), strict=True
):
    rows, columns = rows_and_columns(y_shape, x_shape)
    for i in range(rows):
        for j in range(columns):
            ax.add_patch(
                plt.Rectangle((j, i), 0.92, 0.92, facecolor="C0", alpha=0.6)
            )
    centre = (columns - 0.08) / 2
    ax.set_title(label, fontsize=14)
    ax.text(
        centre,
        rows + 0.15,
        f"({rows}, {columns})",
        ha="center",
        va="top",
        fontsize=12,
    )
    ax.set(xlim=(centre - 2, centre + 2), ylim=(2.7, -0.1), aspect="equal")
    ax.axis("off")
plt.show()

# %% layouts
A = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
x = torch.ones(3)
numerator = jacobian(lambda x: A @ x, x)
denominator = torch.stack([jacobian(row.dot, x) for row in A], dim=1)
print("numerator layout:  ", tuple(numerator.shape))
print("denominator layout:", tuple(denominator.shape))
print("transposes:", torch.allclose(numerator, denominator.T))

# %% functions-of-x
torch.manual_seed(0)
x = torch.randn(3, dtype=torch.float64)
C, D = torch.randn(2, 4, 3, dtype=torch.float64)


def u(x):
    return torch.sin(x).sum()


def v(x):
    return torch.exp(x[0] * x[1] + x[2])


def u_vec(x):
    return torch.tanh(C @ x)


def v_vec(x):
    return torch.sin(D @ x)


# %% scalar-by-vector-rules
du, dv = jacobian(u, x), jacobian(v, x)
du_vec, dv_vec = jacobian(u_vec, x), jacobian(v_vec, x)
gradient_rules = {
    "a": (lambda x: x.new_ones(()), x.new_zeros(3)),
    "a u": (lambda x: 5 * u(x), 5 * du),
    "sum x": (torch.sum, x.new_ones(3)),
    "|x|^2": (lambda x: (x**2).sum(), 2 * x),
    "u + v": (lambda x: u(x) + v(x), du + dv),
    "u v": (lambda x: u(x) * v(x), du * v(x) + dv * u(x)),
    "<u, v>": (
        lambda x: u_vec(x) @ v_vec(x),
        u_vec(x) @ dv_vec + v_vec(x) @ du_vec,
    ),
}
for name, (f, formula) in gradient_rules.items():
    print(f"{name:8} formula agrees:", torch.allclose(jacobian(f, x), formula))


# %% jacobian
def three_of_two(x):
    return torch.stack([x[0] * x[1], x[0] + x[1], x[0] ** 2])


jacobian(three_of_two, torch.tensor([2.0, 3.0]))


# %% linear-approximation
def warp(x):
    return torch.stack([x[0] + x[1] ** 2 / 2, x[1] + x[0].sin()])


x, d = torch.tensor([[1.0, 0.5], [0.6, 0.8]], dtype=torch.float64)
J = jacobian(warp, x)
for h in (1.0, 0.1, 0.01, 0.001):
    missed = warp(x + h * d) - (warp(x) + J @ (h * d))
    error = torch.linalg.vector_norm(missed)
    print(f"step {h:<5}  error / step = {error / h:.4f}")

# %% figure-linear-approximation tags=["fold-source"]
fine = torch.cat(
    [torch.linspace(-1, 1, 9, dtype=torch.float64), torch.tensor([torch.nan])]
)
lines = torch.stack(
    [fine.repeat(5), torch.linspace(-1, 1, 5).repeat_interleave(10)]
)
near_figure, near_axes = plt.subplots(figsize=(5, 4.8), layout="constrained")
for h in (0.1, 0.2, 0.3, 0.5, 0.7, 1.0):
    frame = {"gid": f"frame:{h:g}", "visible": h == 0.5}
    for d in (lines, lines.flip(0)):  # across, then up; gaps of nan
        true = (warp(x[:, None] + h * d) - warp(x)[:, None]) / h
        near_axes.plot(*true.tolist(), "C0", linewidth=2.2, **frame)
        near_axes.plot(*(J @ d).tolist(), "C1--", linewidth=1.5, **frame)
    near_axes.text(0, 2.2, f"h = {h:g}", ha="center", fontsize=13, **frame)
near_axes.set(
    xlim=(-2.2, 2.2), ylim=(-2.1, 2.1), aspect="equal", xticks=[], yticks=[]
)
plt.show()

# %% products
vec = torch.tensor([1.0, -2.0], dtype=torch.float64)
print("jvp is J v:  ", torch.allclose(jvp(warp, x, vec)[1], J @ vec))
print("vjp is v^T J:", torch.allclose(vjp(warp, x, vec)[1], vec @ J))

# %% vector-by-vector-rules
torch.manual_seed(0)
x = torch.randn(3, dtype=torch.float64)  # as for u and v
A, B, M = (torch.randn(s, dtype=x.dtype) for s in ((2, 3), (3, 2), (2, 4)))
jacobian_rules = {
    "a": (lambda x: x.new_ones(2), x.new_zeros(2, 3)),
    "x": (lambda x: x, torch.eye(3, dtype=x.dtype)),
    "A x": (lambda x: A @ x, A),
    "x^T B": (lambda x: x @ B, B.T),
    "a u": (lambda x: 5 * u_vec(x), 5 * du_vec),
    "M u": (lambda x: M @ u_vec(x), M @ du_vec),
    "u + v": (lambda x: u_vec(x) + v_vec(x), du_vec + dv_vec),
    "tanh x": (torch.tanh, torch.diag(1 - x.tanh() ** 2)),
}
for name, (f, formula) in jacobian_rules.items():
    derivative = jacobian(f, x)
    same = torch.allclose(derivative, formula)
    print(f"{name:6} shape {tuple(derivative.shape)}  formula agrees: {same}")

# %% broadcast-backward
X, bias = torch.ones(4, 3), torch.zeros(3, requires_grad=True)
upstream = torch.arange(12.0).reshape(4, 3)
(X + bias).backward(upstream)
print("bias.grad:              ", bias.grad.tolist())
print("upstream summed, axis 0:", upstream.sum(dim=0).tolist())

# %% matrix-shapes
for y_shape in ((), (2,), (2, 5)):
    for x_shape in ((), (3,), (3, 4)):
        derivative = some_derivative(y_shape, x_shape)
        swapped = derivative.mT if len(x_shape) == 2 else derivative
        pytorch, course = tuple(derivative.shape), tuple(swapped.shape)
        print(f"y {y_shape!s:7} x {x_shape!s:7}", end=" ")
        print(f"PyTorch {pytorch!s:13} course {course}")

# %% matrix-entries
torch.manual_seed(0)
W, X = torch.randn(2, 3), torch.randn(3, 4)
by_hand_entries = torch.zeros(2, 4, 3, 4)
for i in range(2):
    for j in range(4):
        by_hand_entries[i, j, :, j] = W[i]
by_torch = jacobian(lambda X: W @ X, X)
agree = torch.allclose(by_torch, by_hand_entries)
print("filled by hand and by PyTorch agree:", agree)


# %% chords
def parabola(w):
    return (w - 1) ** 2


def quartic(w):
    return w**4 - 3 * w**2 + w


for f in (parabola, quartic):
    chord = (f(-1.0) + f(1.0)) / 2
    print(f"{f.__name__:8}  middle {f(0.0):4}  chord {chord:4}")


# %% descend
def descend(f, start, learning_rate=0.05, num_steps=100):
    path = [start]
    for _ in range(num_steps):
        path.append(path[-1] - learning_rate * jacobian(f, path[-1]))
    return torch.stack(path)


starts = torch.tensor([2.0, -2.0], dtype=torch.float64)
paths = {}
for f in (parabola, quartic):
    paths[f] = torch.stack([descend(f, start) for start in starts], dim=1)
for f, path in paths.items():
    for start, end in zip(starts, path[-1], strict=True):
        value = f"value {f(end):6.3f}"
        print(f"{f.__name__:8}  {start:4.1f} to {end:6.3f}, {value}")

# %% right-minimum tags=["hide"]
print(f"{paths[quartic][-1, 0]:.3f}")

# %% left-minimum tags=["hide"]
print(f"{paths[quartic][-1, 1]:.3f}")

# %% figure-two-descents tags=["fold-source"]
descent_figure, descent_axes = plt.subplots(
    1, 2, figsize=(5, 3.6), layout="constrained"
)
w = torch.linspace(-2.1, 2.1, 141)
for ax, (f, path) in zip(descent_axes, paths.items(), strict=True):
    ax.plot(w, f(w), "C0", linewidth=1.5)
    for i, style in enumerate(("C1o", "C2s")):
        ax.plot(
            path[:25, i],
            f(path[:25, i]),
            style + "-",
            markersize=5,
            linewidth=0.8,
        )
        ax.plot(path[-1, i], f(path[-1, i]), style[:2] + "*", markersize=15)
    ax.set_xlabel("$w$")
descent_axes[0].set_title("convex function")
descent_axes[1].set_title("non-convex")
descent_axes[1].text(1.25, -2.3, "local minimum", ha="center")
descent_axes[1].text(-0.9, -4.9, "global minimum", ha="center")
descent_axes[1].set_ylim(-5.5, 6.6)
plt.show()


# %% saddle
def saddle(w):
    return w[0] ** 2 - w[1] ** 2


eigenvalues = torch.linalg.eigvalsh(hessian(saddle, torch.zeros(2)))
print("Hessian eigenvalues:", eigenvalues.tolist())
for w2 in (0.0, 1e-6):
    start = torch.tensor([1.0, w2], dtype=torch.float64)
    end = descend(saddle, start, num_steps=180)[-1]
    print(f"from (1, {w2:g}) to ({end[0]:.3f}, {end[1]:.3f})")

# %% same-minimum
torch.manual_seed(0)
X = torch.randn(20, 3, dtype=torch.float64)
y = torch.randn(20, dtype=torch.float64)


def least_squares(w):
    return ((X @ w - y) ** 2).mean() / 2


many_starts = 10 * torch.randn(5, 3, dtype=torch.float64)
many_ends = [descend(least_squares, w, 0.5)[-1] for w in many_starts]
many_ends = torch.stack(many_ends)
solution = torch.linalg.lstsq(X, y[:, None]).solution[:, 0]
away, left = ((w - solution).abs().max() for w in (many_starts, many_ends))
print(f"at the start up to {away:.1f} away")
print("at the end less than 1e-9 away:", bool(left < 1e-9))


# %% convex-losses
def softmax_regression(w):
    return cross_entropy(X @ w.reshape(3, 4), torch.arange(20) % 4)


for f, size in ((least_squares, 3), (softmax_regression, 12)):
    places = 3 * torch.randn(5, size, dtype=torch.float64)
    smallest = min(torch.linalg.eigvalsh(hessian(f, w)).min() for w in places)
    convex = bool(smallest > -1e-12)
    print(f"{f.__name__:18}  no negative eigenvalue: {convex}")

# %% network-is-not-convex
inputs = torch.linspace(-1, 1, 50, dtype=torch.float64)
targets = torch.tanh(2 * inputs)


def network_loss(w):
    return ((w[1] * torch.tanh(w[0] * inputs) - targets) ** 2).mean()


best = torch.tensor([2.0, 1.0], dtype=torch.float64)
for w in (best, -best, (best + -best) / 2):
    print(f"w = {w.tolist()}, loss {network_loss(w):.3f}")

# %% promise-broken
failures = {
    "|w|, rate 0.3": (torch.abs, 0.3),
    "e^w, rate 0.3": (torch.exp, 0.3),
    "(w - 1)^2, rate 1.1": (parabola, 1.1),
}
for name, (f, rate) in failures.items():
    path = descend(f, torch.tensor(2.0, dtype=torch.float64), rate)
    print(f"{name:19}  step 99: {path[99]:.3g}, step 100: {path[100]:.3g}")

# %% check-by-hand
V = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], dtype=torch.float64)
x = torch.tensor([1.0, -1.0, 2.0], dtype=torch.float64, requires_grad=True)


def squared_length(x):
    return ((V @ x) ** 2).sum()


by_hand, by_autograd = 2 * (V @ x) @ V, jacobian(squared_length, x)
print("by hand and autograd agree:", torch.allclose(by_hand, by_autograd))
print("autograd and differences agree:", gradcheck(squared_length, x))


# %% quadratic-form tags=["exercise"]
def quadratic_form_derivative(
    A: torch.Tensor, x: torch.Tensor
) -> torch.Tensor:
    """Derivative, shape (n,), of x @ A @ x by x; A has shape (n, n)."""
    raise NotImplementedError


# %% quadratic-form-solution tags=["solution"]
def quadratic_form_derivative(
    A: torch.Tensor, x: torch.Tensor
) -> torch.Tensor:
    """Derivative, shape (n,), of x @ A @ x by x; A has shape (n, n)."""
    return x @ (A + A.T)


# %% quadratic-form-check tags=["check"]
torch.manual_seed(0)
Q = torch.randn(4, 4, dtype=torch.float64)
x = torch.randn(4, dtype=torch.float64)
expected = jacobian(lambda x: x @ Q @ x, x)
assert torch.allclose(quadratic_form_derivative(Q, x), expected)


# %% softmax-jacobian tags=["exercise"]
def softmax_jacobian(x: torch.Tensor) -> torch.Tensor:
    """Jacobian, shape (n, n), of softmax at x (n,): no autograd."""
    raise NotImplementedError


# %% softmax-jacobian-solution tags=["solution"]
def softmax_jacobian(x: torch.Tensor) -> torch.Tensor:
    """Jacobian, shape (n, n), of softmax at x (n,): no autograd."""
    s = torch.softmax(x, dim=0)
    return torch.diag(s) - torch.outer(s, s)


# %% softmax-jacobian-check tags=["check"]
x = torch.tensor([1.0, 2.0, 0.5, -1.0], dtype=torch.float64)
expected = jacobian(lambda x: torch.softmax(x, dim=0), x)
assert torch.allclose(softmax_jacobian(x), expected)

# %% softmax-null-space
x = torch.tensor([1.0, 2.0, 0.5, -1.0], dtype=torch.float64)
J = jacobian(lambda x: torch.softmax(x, dim=0), x)
print("J 1 =", (J @ torch.ones(4, dtype=torch.float64)).numpy().round(9) + 0.0)
print("1^T J =", J.sum(dim=0).numpy().round(9) + 0.0)
print("rank", torch.linalg.matrix_rank(J).item(), "of 4")
