"""The chain rule for vectors, the computational graph, and forward and reverse accumulation."""

# %% setup
import math
from itertools import count, pairwise

import matplotlib.pyplot as plt
import sympy
import torch
from torch import Tensor
from torch.autograd import functional, gradcheck
from torch.autograd.graph import saved_tensors_hooks


# %% scalar-chain
def inner(x):
    return x * x + 1


def outer(u):
    return u**3


x = torch.tensor(1.0)
du_dx = functional.jacobian(inner, x)
dy_du = functional.jacobian(outer, inner(x))
dy_dx = functional.jacobian(lambda x: outer(inner(x)), x)
print(f"dy/du = {dy_du:g}, du/dx = {du_dx:g}, product = {dy_du * du_dx:g}")
print(f"dy/dx = {dy_dx:g}")


# %% jacobian
def jacobian(f, x: Tensor) -> Tensor:
    """df/dx in numerator layout: a row per output, a column per input."""
    return functional.jacobian(f, x).reshape(f(x).numel(), x.numel())


# %% shapes
torch.manual_seed(0)
A = torch.randn(3, 4, dtype=torch.float64)
C = torch.randn(2, 3, dtype=torch.float64)
x = torch.randn(4, dtype=torch.float64)
chains = [
    (lambda x: x.sin().sum(), lambda u: u**2),
    (lambda x: torch.tanh(A @ x), lambda u: u.sin().sum()),
    (lambda x: torch.tanh(A @ x), lambda u: torch.sin(C @ u)),
]
for g, f in chains:
    dy_du, du_dx = jacobian(f, g(x)), jacobian(g, x)
    whole = jacobian(lambda x, f=f, g=g: f(g(x)), x)
    shapes = [tuple(J.shape) for J in (dy_du, du_dx, whole)]
    print(*shapes, torch.allclose(dy_du @ du_dx, whole))

# %% order-matters
quarter_turn = torch.tensor([[0.0, -1.0], [1.0, 0.0]])
stretch = torch.tensor([[3.0, 0.0], [0.0, 1.0]])
x = torch.ones(2)
print(jacobian(lambda x: stretch @ (quarter_turn @ x), x))
print(stretch @ quarter_turn)
print(quarter_turn @ stretch)

# %% example-linear
x, w = torch.tensor([3.0, 1.0]), torch.tensor([1.0, 2.0])
y = torch.tensor(1.0)
a = torch.dot(x, w)
b = a - y
z = b**2
dz_db = jacobian(lambda b: b**2, b)
db_da = jacobian(lambda a: a - y, a)
da_dw = jacobian(lambda w: torch.dot(x, w), w)
print(f"a = {a:g}, b = {b:g}, z = {z:g}")
print(dz_db, db_da, da_dw)
dz_db @ db_da @ da_dw

# %% example-linear-grad
w.requires_grad_(True)
z = (torch.dot(x, w) - y) ** 2
z.backward()
print(w.grad)
print(2 * (torch.dot(x, w.detach()) - y) * x)

# %% example-least-squares
X = torch.tensor([[3.0, 1.0], [1.0, -1.0], [0.0, 2.0]])
w, y = torch.tensor([1.0, 2.0]), torch.tensor([1.0, 1.0, 1.0])
a = X @ w
b = a - y
dz_db = jacobian(lambda b: (b**2).sum(), b)
db_da = jacobian(lambda a: a - y, a)
da_dw = jacobian(lambda w: X @ w, w)
for name, factor in (("dz/db", dz_db), ("db/da", db_da), ("da/dw", da_dw)):
    print(name, factor.tolist())
dz_db @ db_da @ da_dw

# %% example-least-squares-grad
w.requires_grad_(True)
z = ((X @ w - y) ** 2).sum()
z.backward()
print(w.grad)
print(2 * (X @ w.detach() - y) @ X)

# %% symbolic
s = sympy.Symbol("x")
print(sympy.diff((s**2 + 1) ** 3, s))
print(sympy.diff(sympy.sin(sympy.sin(sympy.sin(s))), s))


# %% expression-swell
def nested_sines(n):
    expression = s
    for _ in range(n):
        expression = sympy.sin(expression)
    return expression


def shared_operations(expression):
    steps, [rest] = sympy.cse(expression)
    return sympy.count_ops(rest) + sum(sympy.count_ops(step) for _, step in steps)


for n in (1, 2, 4, 8, 16):
    formula = sympy.diff(nested_sines(n), s)
    print(f"{n:2}  {sympy.count_ops(formula):3}  {shared_operations(formula):3}")


# %% numerical-vs-auto
def forward_difference(f, x, h):
    return (f(x + h) - f(x)) / h


def f(x):
    return outer(inner(x))


steps = [10.0**-k for k in range(1, 11)]
numerical_errors, auto_errors = {}, {}
for dtype in (torch.float64, torch.float32):
    x = torch.tensor(0.6, dtype=dtype)
    exact = 6 * x.item() * (x.item() ** 2 + 1) ** 2
    estimates = [forward_difference(f, x, h).item() for h in steps]
    numerical_errors[dtype] = [abs(estimate - exact) for estimate in estimates]
    auto_errors[dtype] = abs(functional.jacobian(f, x).item() - exact)

for h, error64, error32 in zip(steps, *numerical_errors.values(), strict=True):
    print(f"h = {h:.0e}   {error64:.0e}   {error32:.0e}")
print("automatic   {:.0e}   {:.0e}".format(*auto_errors.values()))

# %% best-step-float64 tags=["hide"]
print(f"{min(steps, key=lambda h: numerical_errors[torch.float64][steps.index(h)]):.0e}")

# %% best-step-float32 tags=["hide"]
print(f"{min(steps, key=lambda h: numerical_errors[torch.float32][steps.index(h)]):.0e}")

# %% lost-step
x = torch.tensor(0.6)
print(x + 1e-8 == x)
print(forward_difference(f, x, 1e-8))

# %% figure-difference-error tags=["fold-source"]
error_figure, error_axes = plt.subplots(figsize=(5, 4.4), layout="constrained")
styles = {torch.float64: ("C0", "o-", "-.", 7e-6), torch.float32: ("C1", "s--", ":", 25)}
for dtype, (color, style, auto_style, height) in styles.items():
    name, auto = str(dtype).removeprefix("torch."), auto_errors[dtype]
    error_axes.loglog(steps, numerical_errors[dtype], style, color=color, lw=2)
    error_axes.text(1e-10, height, name, color=color, fontsize=12)
    error_axes.axhline(auto, color=color, ls=auto_style, lw=2)
    error_axes.text(1e-10, auto / 25, name, color=color, fontsize=12)
    label = {"color": color, "fontsize": 12, "ha": "right"}
    error_axes.text(0.15, auto / 25, "automatic differentiation", **label)
error_axes.text(0.15, 60, "numerical differentiation", fontsize=12, ha="right")
error_axes.set(xlim=(6e-11, 0.2), ylim=(1e-17, 1e3))
error_axes.set_xlabel("$h$", fontsize=13)
error_axes.set_ylabel("error", fontsize=12)
plt.show()

# %% gradcheck
torch.manual_seed(0)
inputs = torch.randn(5, dtype=torch.float64, requires_grad=True)
gradcheck(lambda x: f(x).sin(), inputs)


# %% record
def record(needed: str) -> dict[str, Tensor]:
    """z = (<x, w> - y)^2; the tensors named in `needed` require a gradient."""
    x, w = torch.tensor([3.0, 1.0]), torch.tensor([1.0, 2.0])
    y = torch.tensor(1.0)
    t = {"x": x, "w": w, "y": y}
    for name in needed:
        t[name].requires_grad_(True)
    t["a"] = torch.dot(x, w)
    t["b"] = t["a"] - y
    t["z"] = t["b"] ** 2
    return t


# %% graph-nodes
def walk(node, depth=0):
    """Every arrival at a node on the ways back, with its depth."""
    yield depth, node
    for earlier, _ in node.next_functions:
        if earlier is not None:
            yield from walk(earlier, depth + 1)


t = record("wxy")
for depth, node in walk(t["z"].grad_fn):
    print("    " * depth + type(node).__name__)


# %% figure-computational-graph tags=["fold-source"]
def named_graph(t: dict[str, Tensor]) -> tuple[dict, list]:
    """Walk back from z: a place for each node, leaves side by side, and edges (input, result)."""
    results = {tensor.grad_fn: name for name, tensor in t.items() if tensor.grad_fn is not None}
    leaves = {id(tensor): name for name, tensor in t.items() if tensor.is_leaf}
    places, edges, column = {}, [], count()

    def place(node, depth: int) -> str:
        name = results.get(node) or leaves[id(node.variable)]
        inputs = [place(before, depth + 1) for before, _ in node.next_functions if before]
        across = [places[before][0] for before in inputs] or [next(column)]
        places[name] = (sum(across) / len(across), -depth)
        edges.extend((before, name) for before in inputs)
        return name

    place(t["z"].grad_fn, 0)
    return places, edges


def draw_graph(axes, places, edges, notes, color="C0", faint=()) -> None:
    """Circles, an arrow per edge, a note beside a circle or on an edge; `faint` is dashed, pale."""
    solid, dashed = {"ls": "-", "alpha": 1}, {"ls": "--", "alpha": 0.5}
    for name, (x, y) in places.items():
        look = dashed if name in faint else solid
        axes.scatter(x, y, 1000, facecolors="none", edgecolors="C0", lw=2, **look)
        label = rf"$\mathbf{{{name}}}$" if name in "xw" else f"${name}$"
        axes.text(x, y, label, ha="center", va="center", fontsize=15, alpha=look["alpha"])
    for start, end in edges:
        arrow = {"arrowstyle": "-|>", "color": color, "lw": 1.8, "shrinkA": 18, "shrinkB": 18}
        arrow |= dashed if {start, end} & set(faint) else solid
        axes.annotate("", places[end], places[start], arrowprops=arrow)
    for where, note in notes.items():
        ends = [places[name] for name in where]
        middle = [sum(values) / len(ends) for values in zip(*ends, strict=True)]
        shift, align = ((0, -26), "center") if where in "xwy" else ((24 / len(ends), 0), "left")
        style = {"textcoords": "offset points", "ha": align, "va": "center", "fontsize": 13}
        axes.annotate(note, middle, shift, **style)
    axes.set(xlim=(-0.4, 2.6), ylim=(-3.6, 0.4))
    axes.axis("off")


formulas = {"a": r"$=\langle\mathbf{x},\mathbf{w}\rangle$", "b": "$=a-y$", "z": "$=b^2$"}
places, edges = named_graph(record("wxy"))
graph_figure, graph_axes = plt.subplots(figsize=(5, 4), layout="constrained")
draw_graph(graph_axes, places, edges, formulas)
plt.show()

# %% record-then-apply
t = record("w")
print(sum(1 for _ in walk(t["z"].grad_fn)), t["w"].grad)
t["z"].backward()
print(t["w"].grad)


# %% explicit-graph
def loss(x, w, y):
    return (torch.dot(x, w) - y) ** 2


traced = torch.fx.symbolic_trace(loss)
for node in traced.graph.nodes:
    print(f"{node.name:8} {node.op:14} {node.args}")


# %% explicit-branch
def magnitude(x):
    return x if x > 0 else -x


try:
    torch.fx.symbolic_trace(magnitude)
except torch.fx.proxy.TraceError as error:
    print(error)

for number in (3.0, -3.0):
    x = torch.tensor(number, requires_grad=True)
    magnitude(x).backward()
    print(number, x.grad.item())

# %% two-paths
x = torch.tensor(2.0, requires_grad=True)
u = x * x
v = 3 * x
y = u * v
through_u = v * 2 * x
through_v = u * 3
print(f"{through_u:g} + {through_v:g} = {through_u + through_v:g}")
y.backward()
print(x.grad.item())


# %% paths
def nodes_and_paths(output: Tensor) -> tuple[int, int]:
    """Distinct nodes behind a tensor, and how many paths lead to leaves."""
    paths = {}

    def paths_from(node) -> int:
        if node not in paths:
            ways = [paths_from(before) for before, _ in node.next_functions]
            paths[node] = sum(ways) or 1
        return paths[node]

    total = paths_from(output.grad_fn)
    return len(paths), total


for n in (1, 2, 10, 20):
    x = torch.tensor(1.0, requires_grad=True)
    h = x
    for _ in range(n):
        h = h + h
    h.backward()
    print(f"{n:2} {nodes_and_paths(h)!s:14} {int(x.grad)}")


# %% two-modes
def forward(jacobians):
    """Product from the input side, and how many multiplications it takes."""
    product, multiplications = jacobians[0], 0
    for J in jacobians[1:]:
        multiplications += J.shape[0] * J.shape[1] * product.shape[1]
        product = J @ product
    return product, multiplications


def reverse(jacobians):
    """The same product from the output side."""
    product, multiplications = jacobians[-1], 0
    for J in reversed(jacobians[:-1]):
        multiplications += product.shape[0] * J.shape[0] * J.shape[1]
        product = product @ J
    return product, multiplications


torch.manual_seed(0)
for sizes in ((1000, 100, 100, 1), (1, 100, 100, 1000), (100, 100, 100, 100)):
    shapes = [(rows, columns) for columns, rows in pairwise(sizes)]
    jacobians = [torch.randn(shape, dtype=torch.float64) for shape in shapes]
    J, from_input = forward(jacobians)
    same_J, from_output = reverse(jacobians)
    same = torch.allclose(J, same_J)
    print(f"{sizes!s:20} {from_input:12,} {from_output:12,} {same}")

# %% forward-steps
x, w = torch.tensor([3.0, 1.0]), torch.tensor([1.0, 2.0])
y = torch.tensor(1.0)
b = torch.dot(x, w) - y
for w_dot in torch.eye(2):
    a_dot = torch.dot(x, w_dot)
    b_dot = a_dot
    z_dot = 2 * b * b_dot
    print(w_dot.tolist(), a_dot.item(), b_dot.item(), z_dot.item())

# %% reverse-steps
t = record("w")
for name in "abz":
    t[name].retain_grad()
t["z"].backward()
for name in "zbaw":
    print(name, t[name].tolist(), t[name].grad.tolist())

# %% by-hand
z_bar = torch.tensor(1.0)
b_bar = z_bar * 2 * t["b"]
a_bar = b_bar * 1
w_bar = a_bar * t["x"]
print(z_bar.item(), b_bar.item(), a_bar.item(), w_bar.tolist())


# %% stored
def saved_tensors(f) -> list[Tensor]:
    """What the operations inside f() keep until backward needs it."""
    saved = []

    def keep(tensor: Tensor) -> Tensor:
        saved.append(tensor)
        return tensor

    with saved_tensors_hooks(keep, lambda tensor: tensor):
        f()
    return saved


print([kept.tolist() for kept in saved_tensors(lambda: record("w"))])
print([kept.tolist() for kept in saved_tensors(lambda: record(""))])

# %% last-factor
x, w = t["x"], t["w"].detach()
print((t["a"].grad * x).tolist(), torch.equal(t["a"].grad * x, t["w"].grad))
print((t["a"].grad * w).tolist(), torch.equal(t["a"].grad * w, t["w"].grad))


# %% figure-reverse-accumulation tags=["fold-source"]
def numbers(tensor: Tensor) -> str:
    """16 or (3, 1)."""
    parts = [f"{number:g}" for number in tensor.reshape(-1).tolist()]
    return f"({', '.join(parts)})" if tensor.ndim else parts[0]


places, edges = named_graph(record("wxy"))
needed, _ = named_graph(t)
pruned = set(places) - set(needed)
values = {name: numbers(t[name]) for name in places}
gradients = {name: numbers(t[name].grad) for name in needed}
factors = {"zb": f"$2b={numbers(2 * t['b'])}$", "ba": "$1$", "aw": rf"$\mathbf{{x}}={numbers(x)}$"}
reverse_figure, reverse_axes = plt.subplots(1, 2, figsize=(5, 4.2), layout="constrained")
draw_graph(reverse_axes[0], places, edges, values)
back = [(end, start) for start, end in edges]
draw_graph(reverse_axes[1], places, back, gradients | factors, color="C1", faint=pruned)
for axes, name in zip(reverse_axes, ("forward propagation", "backpropagation"), strict=True):
    axes.set_title(name, fontsize=13)
plt.show()

# %% pruning
t = record("w")
t["z"].backward()
print(t["w"].grad, t["x"].grad, t["y"].grad)
print([type(before).__name__ for before, _ in t["a"].grad_fn.next_functions])


# %% passes
def runs_needed(k: int) -> tuple[int, int, bool]:
    """Runs of f for k derivatives, by JVPs and by a VJP; do the two agree?"""
    runs = []
    x = torch.linspace(-1, 1, k, dtype=torch.float64)
    w = torch.ones(k, dtype=torch.float64)

    def f(w):
        runs.append("run")
        return (torch.dot(x, w) - 1) ** 2

    directions = torch.eye(k, dtype=torch.float64)
    by_forward = [functional.jvp(f, w, direction)[1] for direction in directions]
    forward_runs = len(runs)
    by_reverse = functional.vjp(f, w)[1]
    reverse_runs = len(runs) - forward_runs
    agree = torch.allclose(torch.stack(by_forward), by_reverse)
    return forward_runs, reverse_runs, agree


for k in (1, 10, 100):
    print(k, *runs_needed(k))

# %% chain-memory
ran = []


def sines(h: Tensor, n: int) -> Tensor:
    """sin applied n times."""
    for _ in range(n):
        ran.append("sin")
        h = h.sin()
    return h


x = torch.linspace(0.1, 1, 4, requires_grad=True)
for n in (5, 10, 20, 40):
    print(n, len(saved_tensors(lambda n=n: sines(x, n))))


# %% rematerialization
class Segment(torch.autograd.Function):
    """sin applied n times; keeps only its input, computes the rest again."""

    @staticmethod
    def forward(ctx, h, n):
        ctx.save_for_backward(h)
        ctx.n = n
        return sines(h, n)

    @staticmethod
    def backward(ctx, gradient):
        (start,) = ctx.saved_tensors
        h = start.detach().requires_grad_(True)
        with torch.enable_grad():
            end = sines(h, ctx.n)
        return torch.autograd.grad(end, h, gradient)[0], None


def in_segments(h: Tensor, n: int, length: int) -> Tensor:
    """sin applied n times, in segments of at most this length."""
    for done in range(0, n, length):
        h = Segment.apply(h, min(length, n - done))
    return h


# %% rematerialization-cost
for chain in (lambda: sines(x, 40), lambda: in_segments(x, 40, 6)):
    kept = len(saved_tensors(chain))
    ran.clear()
    gradient = torch.autograd.grad(chain().sum(), x)[0]
    print(kept, len(ran), [round(number, 4) for number in gradient.tolist()])


# %% figure-ad-cost tags=["fold-source"]
def ad_cost() -> tuple[dict, dict]:
    """Runs (forward, reverse) by number of inputs; saved tensors (all, fewer) by chain length."""
    runs = {k: runs_needed(k)[:2] for k in (1, 2, 5, 10, 20, 50, 100)}
    saved = {}
    for n in (4, 9, 16, 25, 36, 64, 100):
        chains = (lambda n=n: sines(x, n)), (lambda n=n: in_segments(x, n, math.isqrt(n)))
        saved[n] = tuple(len(saved_tensors(chain)) for chain in chains)
    return runs, saved


cost_figure, cost_axes = plt.subplots(2, 1, figsize=(5, 6.4), layout="constrained")
names = (
    ("forward accumulation", "reverse accumulation"),
    ("reverse accumulation", "rematerialization"),
)
looks = (("C0o-", "C1s--"), ("C1s--", "C2^-."))
for axes, counts, lines, styles in zip(cost_axes, ad_cost(), names, looks, strict=True):
    for line, style, ys in zip(lines, styles, zip(*counts.values(), strict=True), strict=True):
        axes.plot(counts.keys(), ys, style, lw=2)
        axes.text(98, ys[-1] + 4, line, ha="right", fontsize=12, color=style[:2])
    axes.set(ylim=(-4, 112))
for axes, x_name, y_name in zip(
    cost_axes, ("number of inputs", "chain length"), ("passes", "saved tensors"), strict=True
):
    axes.set_xlabel(x_name, fontsize=12)
    axes.set_ylabel(y_name, fontsize=12)
plt.show()


# %% logistic-gradient tags=["exercise"]
def logistic_gradient(x: Tensor, w: Tensor, y: Tensor) -> Tensor:
    """Gradient of log(1 + exp(-y <x, w>)) by w, from your own formula."""
    raise NotImplementedError


# %% logistic-gradient-solution tags=["solution"]
def logistic_gradient(x: Tensor, w: Tensor, y: Tensor) -> Tensor:
    """Gradient of log(1 + exp(-y <x, w>)) by w, from your own formula."""
    b = -y * torch.dot(x, w)
    dz_db = torch.exp(b) / (1 + torch.exp(b))
    db_da = -y
    return dz_db * db_da * x


# %% logistic-gradient-check tags=["check"]
torch.manual_seed(0)
for y in (torch.tensor(1.0), torch.tensor(-1.0)):
    x, w = torch.randn(4), torch.randn(4, requires_grad=True)
    torch.log(1 + torch.exp(-y * torch.dot(x, w))).backward()
    torch.testing.assert_close(logistic_gradient(x, w.detach(), y), w.grad)


# %% central-difference tags=["exercise"]
def central_difference(f, x: Tensor, h: float) -> Tensor:
    """Gradient of f at x; entry i is (f(x + h e_i) - f(x - h e_i)) / 2h."""
    raise NotImplementedError


# %% central-difference-solution tags=["solution"]
def central_difference(f, x: Tensor, h: float) -> Tensor:
    """Gradient of f at x; entry i is (f(x + h e_i) - f(x - h e_i)) / 2h."""
    steps = h * torch.eye(len(x), dtype=x.dtype)
    return torch.stack([(f(x + step) - f(x - step)) / (2 * h) for step in steps])


# %% central-difference-check tags=["check"]
def worst_error(h: float) -> Tensor:
    return (central_difference(lambda x: x.sin().sum(), x, h) - x.cos()).abs().max()


x = torch.tensor([0.5, -1.0, 2.0], dtype=torch.float64)
errors = [worst_error(h) for h in (1e-2, 1e-3)]
assert errors[0] < 1e-4
assert 90 < errors[0] / errors[1] < 110


# %% tape tags=["exercise"]
def tape_gradients(tape: list, output: str) -> dict[str, float]:
    """Derivatives of the output by everything that it depends on.

    The tape is in order of computation; each entry is
    (result, [(input, derivative of the result by that input), ...]).
    """
    raise NotImplementedError


# %% tape-solution tags=["solution"]
def tape_gradients(tape: list, output: str) -> dict[str, float]:
    """Derivatives of the output by everything that it depends on.

    The tape is in order of computation; each entry is
    (result, [(input, derivative of the result by that input), ...]).
    """
    gradients = {output: 1.0}
    for result, inputs in reversed(tape):
        if result in gradients:
            for name, derivative in inputs:
                path = gradients[result] * derivative
                gradients[name] = gradients.get(name, 0.0) + path
    return gradients


# %% tape-check tags=["check"]
example = [
    ("a", [("w", 3.0)]),
    ("b", [("a", 1.0), ("y", -1.0)]),
    ("z", [("b", 8.0)]),
]
expected = {"z": 1.0, "b": 8.0, "a": 8.0, "y": -8.0, "w": 24.0}
assert tape_gradients(example, "z") == expected
two_paths = [
    ("u", [("x", 4.0)]),
    ("v", [("x", 3.0)]),
    ("y", [("u", 6.0), ("v", 4.0)]),
]
expected = {"y": 1.0, "v": 4.0, "u": 6.0, "x": 36.0}
assert tape_gradients(two_paths, "y") == expected
assert tape_gradients(two_paths, "u") == {"u": 1.0, "x": 4.0}
doubling = [(f"h{n + 1}", [(f"h{n}", 1.0)] * 2) for n in range(40)]
assert tape_gradients(doubling, "h40")["h0"] == 2.0**40


# %% dual tags=["exercise"]
def times(p: tuple, q: tuple) -> tuple:
    """Product of two pairs (value, derivative)."""
    raise NotImplementedError


def sine(p: tuple) -> tuple:
    """sin of a pair (value, derivative)."""
    raise NotImplementedError


# %% dual-solution tags=["solution"]
def times(p: tuple, q: tuple) -> tuple:
    """Product of two pairs (value, derivative)."""
    return p[0] * q[0], p[1] * q[0] + p[0] * q[1]


def sine(p: tuple) -> tuple:
    """sin of a pair (value, derivative)."""
    return math.sin(p[0]), math.cos(p[0]) * p[1]


# %% dual-check tags=["check"]
for number in (-1.0, 0.0, 0.5, 2.0):
    x = (number, 1.0)
    value, derivative = times(sine(times(x, x)), x)
    assert math.isclose(value, math.sin(number**2) * number)
    slope = 2 * number**2 * math.cos(number**2) + math.sin(number**2)
    assert math.isclose(derivative, slope)
