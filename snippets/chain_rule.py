"""The chain rule, the computational graph, forward and reverse modes."""

# %% setup
import math
from itertools import count, pairwise

import matplotlib.pyplot as plt
import sympy
import torch
from torch import Tensor
from torch.autograd import functional, gradcheck
from torch.autograd.graph import saved_tensors_hooks
from torch.linalg import vector_norm
from torch.utils.checkpoint import checkpoint


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


# %% linear-map
torch.manual_seed(0)
A = torch.randn(3, 4, dtype=torch.float64)
C = torch.randn(2, 3, dtype=torch.float64)
x, d = torch.randn(2, 4, dtype=torch.float64)


def g(x):
    return torch.tanh(A @ x)


def f(u):
    return torch.sin(C @ u)


J_g, J_f = jacobian(g, x), jacobian(f, g(x))
print("step    change of y   error")
for size in (1e-1, 1e-2, 1e-3):
    change = f(g(x + size * d)) - f(g(x))
    error = change - J_f @ (J_g @ (size * d))
    sizes = f"{vector_norm(change):.0e}        {vector_norm(error):.0e}"
    print(f"{size:g} d".ljust(9), sizes)


# %% shapes
def compose(f, g):
    return lambda x: f(g(x))


chains = [
    (lambda x: x.sin().sum(), lambda u: u**2),
    (g, lambda u: u.sin().sum()),
    (g, f),
]
print("outer   inner   whole   product equals whole")
for inside, outside in chains:
    dy_du, du_dx = jacobian(outside, inside(x)), jacobian(inside, x)
    whole = jacobian(compose(outside, inside), x)
    shapes = [str(tuple(J.shape)) for J in (dy_du, du_dx, whole)]
    print("  ".join(shapes), "", torch.allclose(dy_du @ du_dx, whole))

# %% order-matters
quarter_turn = torch.tensor([[0.0, -1.0], [1.0, 0.0]])
stretch = torch.tensor([[3.0, 0.0], [0.0, 1.0]])
whole = jacobian(lambda x: stretch @ (quarter_turn @ x), torch.ones(2))
print("derivative of the whole:", whole.tolist())
print("outer @ inner:          ", (stretch @ quarter_turn).tolist())
print("inner @ outer:          ", (quarter_turn @ stretch).tolist())

# %% autograd-calls
w = torch.tensor([1.0, 2.0]).requires_grad_(True)
b = 3 * w
b.retain_grad()
z = (b**2).sum()
z.backward()
print("w.grad:    ", w.grad)
print("b.grad:    ", b.grad)
print("w.detach():", w.detach())

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
for name, factor in (("dz/db", dz_db), ("db/da", db_da), ("da/dw", da_dw)):
    print(f"{name}:  ", factor.tolist())
print("product:", (dz_db @ db_da @ da_dw).tolist())

# %% example-linear-grad
w.requires_grad_(True)
z = (torch.dot(x, w) - y) ** 2
z.backward()
print("w.grad: ", w.grad)
print("formula:", 2 * (torch.dot(x, w.detach()) - y) * x)

# %% example-least-squares
X = torch.tensor([[3.0, 1.0], [1.0, -1.0], [0.0, 2.0]])
w = torch.tensor([1.0, 2.0], requires_grad=True)
y = torch.tensor([1.0, 1.0, 1.0])
b = X @ w.detach() - y
dz_db = jacobian(lambda b: (b**2).sum(), b)
db_da = jacobian(lambda a: a - y, b + y)
da_dw = jacobian(lambda w: X @ w, w.detach())
for name, factor in (("dz/db", dz_db), ("db/da", db_da), ("da/dw", da_dw)):
    print(f"{name}:  ", factor.tolist())
print("product:", (dz_db @ db_da @ da_dw).tolist())
((X @ w - y) ** 2).sum().backward()
print("w.grad: ", w.grad.tolist())

# %% example-network
x, y = torch.tensor([1.0, 2.0]), torch.tensor([1.0, -1.0])
W1 = torch.tensor([[0.5, 0.0], [-0.5, 0.5], [0.0, -0.25]], requires_grad=True)
W2 = torch.tensor([[1.0, 2.0, 0.0], [0.0, 1.0, 1.0]], requires_grad=True)
h = torch.tanh(W1 @ x)
o = W2 @ h
loss = ((o - y) ** 2).sum() / 2
loss.backward()

with torch.no_grad():
    delta2 = o - y
    delta1 = (W2.T @ delta2) * (1 - h**2)
    by_formula = {"W2": torch.outer(delta2, h), "W1": torch.outer(delta1, x)}
for name, W in (("W2", W2), ("W1", W1)):
    found = by_formula[name]
    print(f"d loss / d {name}: shape {tuple(found.shape)},", end=" ")
    print("equals .grad:", torch.allclose(found, W.grad))
print("d loss / d W1, by the formula:")
by_formula["W1"]

# %% symbolic
s = sympy.Symbol("x")
for expression in ((s**2 + 1) ** 3, sympy.sin(sympy.sin(sympy.sin(s)))):
    print("derivative of", expression, "is", sympy.diff(expression, s))


# %% expression-swell
def nested_sines(n):
    expression = s
    for _ in range(n):
        expression = sympy.sin(expression)
    return expression


def shared_operations(expression):
    steps, [rest] = sympy.cse(expression)
    return sum(map(sympy.count_ops, [rest, *(step for _, step in steps)]))


print("layers  operations  when shared")
for n in (1, 2, 4, 8, 16):
    formula = sympy.diff(nested_sines(n), s)
    whole, shared = sympy.count_ops(formula), shared_operations(formula)
    print(f"{n:4}  {whole:9}  {shared:9}")


# %% numerical-vs-auto
def forward_difference(f, x, h):
    return (f(x + h) - f(x)) / h


def polynomial(x):
    return outer(inner(x))


steps = [10.0**-k for k in range(1, 11)]
numerical_errors, auto_errors = {}, {}
for dtype in (torch.float64, torch.float32):
    x = torch.tensor(0.6, dtype=dtype)
    exact = 6 * x.item() * (x.item() ** 2 + 1) ** 2
    estimates = [forward_difference(polynomial, x, h).item() for h in steps]
    numerical_errors[dtype] = [abs(estimate - exact) for estimate in estimates]
    auto_errors[dtype] = abs(functional.jacobian(polynomial, x).item() - exact)

print("h           float64   float32")
columns = numerical_errors.values()
for size, error64, error32 in zip(steps, *columns, strict=True):
    print(f"{size:.0e}       {error64:.0e}     {error32:.0e}")
print("automatic   {:.0e}     {:.0e}".format(*auto_errors.values()))

# %% best-step-float64 tags=["hide"]
print(f"{steps[torch.tensor(numerical_errors[torch.float64]).argmin()]:.0e}")

# %% best-step-float32 tags=["hide"]
print(f"{steps[torch.tensor(numerical_errors[torch.float32]).argmin()]:.0e}")

# %% lost-step
x = torch.tensor(0.6)
print("x + h equals x:", torch.equal(x + 1e-8, x))
print("difference quotient:", forward_difference(polynomial, x, 1e-8).item())

# %% figure-difference-error tags=["fold-source"]
error_figure, error_axes = plt.subplots(figsize=(5, 4.4), layout="constrained")
styles = {
    torch.float64: ("C0", "o-", "-.", 7e-6),
    torch.float32: ("C1", "s--", ":", 25),
}
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
print("gradcheck passes:", gradcheck(lambda x: polynomial(x).sin(), inputs))


# %% record
def record(needed: str) -> dict[str, Tensor]:
    """z = (<x, w> - y)^2; those named in `needed` require a gradient."""
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
    """Walk back from z: a place for each node, and edges (input, result)."""
    results = {
        tensor.grad_fn: name
        for name, tensor in t.items()
        if tensor.grad_fn is not None
    }
    leaves = {id(tensor): name for name, tensor in t.items() if tensor.is_leaf}
    places, edges, column = {}, [], count()

    def place(node, depth: int) -> str:
        name = results.get(node) or leaves[id(node.variable)]
        inputs = [
            place(before, depth + 1)
            for before, _ in node.next_functions
            if before
        ]
        across = [places[before][0] for before in inputs] or [next(column)]
        places[name] = (sum(across) / len(across), -depth)
        edges.extend((before, name) for before in inputs)
        return name

    place(t["z"].grad_fn, 0)
    return places, edges


def draw_graph(axes, places, edges, notes, color="C0", faint=()) -> None:
    """Circles, arrows, notes beside them; `faint` is dashed and pale."""
    solid, dashed = {"ls": "-", "alpha": 1}, {"ls": "--", "alpha": 0.5}
    for name, (x, y) in places.items():
        look = dashed if name in faint else solid
        axes.scatter(
            x, y, 1000, facecolors="none", edgecolors="C0", lw=2, **look
        )
        label = rf"$\mathbf{{{name}}}$" if name in "xw" else f"${name}$"
        axes.text(
            x,
            y,
            label,
            ha="center",
            va="center",
            fontsize=15,
            alpha=look["alpha"],
        )
    for start, end in edges:
        arrow = {
            "arrowstyle": "-|>",
            "color": color,
            "lw": 1.8,
            "shrinkA": 18,
            "shrinkB": 18,
        }
        arrow |= dashed if {start, end} & set(faint) else solid
        axes.annotate("", places[end], places[start], arrowprops=arrow)
    for where, note in notes.items():
        ends = [places[name] for name in where]
        middle = [
            sum(values) / len(ends) for values in zip(*ends, strict=True)
        ]
        shift, align = (
            ((0, -26), "center")
            if where in "xwy"
            else ((24 / len(ends), 0), "left")
        )
        style = {
            "textcoords": "offset points",
            "ha": align,
            "va": "center",
            "fontsize": 13,
        }
        axes.annotate(note, middle, shift, **style)
    axes.set(xlim=(-0.4, 2.6), ylim=(-3.6, 0.4))
    axes.axis("off")


formulas = {
    "a": r"$=\langle\mathbf{x},\mathbf{w}\rangle$",
    "b": "$=a-y$",
    "z": "$=b^2$",
}
places, edges = named_graph(record("wxy"))
graph_figure, graph_axes = plt.subplots(figsize=(5, 4), layout="constrained")
draw_graph(graph_axes, places, edges, formulas)
plt.show()

# %% record-then-apply
t = record("w")
print("nodes:", sum(1 for _ in walk(t["z"].grad_fn)), "  w.grad:", t["w"].grad)
t["z"].backward()
print("after backward, w.grad:", t["w"].grad)


# %% explicit-graph
def squared_loss(x, w, y):
    return (torch.dot(x, w) - y) ** 2


traced = torch.fx.symbolic_trace(squared_loss)
print("node     kind           inputs")
for node in traced.graph.nodes:
    print(f"{node.name:8} {node.op:14} {node.args}")


# %% explicit-branch
def magnitude(x):
    return x if x > 0 else -x


try:
    torch.fx.symbolic_trace(magnitude)
except torch.fx.proxy.TraceError as error:
    print("torch.fx:", error)

for number in (3.0, -3.0):
    x = torch.tensor(number, requires_grad=True)
    magnitude(x).backward()
    print(f"PyTorch:  at {number:g} the derivative is {x.grad:g}")

# %% two-paths
x = torch.tensor(2.0, requires_grad=True)
u = x * x
v = 3 * x
y = u * v
through_u = v * 2 * x
through_v = u * 3
both = through_u + through_v
print(f"through u {through_u:g}, through v {through_v:g}, sum {both:g}")
y.backward()
print(f"x.grad = {x.grad:g}")


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


print(" n  nodes    paths   x.grad")
for n in (1, 2, 10, 20):
    x = torch.tensor(1.0, requires_grad=True)
    h = x
    for _ in range(n):
        h = h + h
    h.backward()
    nodes, ways = nodes_and_paths(h)
    print(f"{n:2}  {nodes:5}  {ways:7}  {int(x.grad):7}")


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
print("layer sizes               forward      reverse  same product")
for sizes in ((1000, 100, 100, 1), (1, 100, 100, 1000), (100, 100, 100, 100)):
    shapes = [(rows, columns) for columns, rows in pairwise(sizes)]
    jacobians = [torch.randn(shape, dtype=torch.float64) for shape in shapes]
    J, from_input = forward(jacobians)
    same_J, from_output = reverse(jacobians)
    same = torch.allclose(J, same_J)
    print(f"{sizes!s:20} {from_input:12,} {from_output:12,}  {same}")

# %% jvp-and-vjp
x, W1, W2 = torch.tensor([1.0, 2.0]), W1.detach(), W2.detach()


def network(x):
    return W2 @ torch.tanh(W1 @ x)


J, slopes = jacobian(network, x), 1 - torch.tanh(W1 @ x) ** 2
v = torch.tensor([1.0, 1.0])
print("J v,     with the matrix:", J @ v)
print("J v,     step by step:   ", W2 @ (slopes * (W1 @ v)))
print("J v,     functional.jvp: ", functional.jvp(network, x, v)[1])
v = torch.tensor([2.0, 1.0])
print("v^T J,   with the matrix:", v @ J)
print("v^T J,   step by step:   ", ((v @ W2) * slopes) @ W1)
print("v^T J,   functional.vjp: ", functional.vjp(network, x, v)[1])

# %% forward-steps
x, w = torch.tensor([3.0, 1.0]), torch.tensor([1.0, 2.0])
y = torch.tensor(1.0)
b = torch.dot(x, w) - y
print("direction   a_dot  b_dot  z_dot")
for w_dot in torch.eye(2):
    a_dot = torch.dot(x, w_dot)
    b_dot = a_dot
    z_dot = 2 * b * b_dot
    print(f"{w_dot.tolist()}  {a_dot:5g}  {b_dot:5g}  {z_dot:5g}")

# %% reverse-steps
t = record("w")
for name in "abz":
    t[name].retain_grad()
t["z"].backward()

bars = {"z": torch.tensor(1.0)}
bars["b"] = bars["z"] * 2 * t["b"].detach()
bars["a"] = bars["b"] * 1
bars["w"] = bars["a"] * t["x"]
print("node  value       gradient     by formula")
for name, bar in bars.items():
    value, gradient = t[name].tolist(), t[name].grad.tolist()
    print(f"{name:4}  {value!s:10}  {gradient!s:11}  {bar.tolist()}")


# %% stored
def saved_tensors(f, *inputs) -> list[Tensor]:
    """What the operations inside f(*inputs) keep until backward needs it."""
    saved = []

    def keep(tensor: Tensor) -> Tensor:
        saved.append(tensor)
        return tensor

    with saved_tensors_hooks(keep, lambda tensor: tensor):
        f(*inputs)
    return saved


for needed in ("w", ""):
    kept = [tensor.tolist() for tensor in saved_tensors(record, needed)]
    print("leaves that need a gradient:", needed or "none", "  kept:", kept)

# %% last-factor
x, w = t["x"], t["w"].detach()
for name, factor in (("x", x), ("w", w)):
    product = t["a"].grad * factor
    equal = torch.allclose(product, t["w"].grad)
    print(f"with {name}: {product.tolist()}, equals w.grad: {equal}")


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
factors = {
    "zb": f"$2b={numbers(2 * t['b'])}$",
    "ba": "$1$",
    "aw": rf"$\mathbf{{x}}={numbers(x)}$",
}
reverse_figure, reverse_axes = plt.subplots(
    1, 2, figsize=(5, 4.2), layout="constrained"
)
draw_graph(reverse_axes[0], places, edges, values)
back = [(end, start) for start, end in edges]
draw_graph(
    reverse_axes[1],
    places,
    back,
    gradients | factors,
    color="C1",
    faint=pruned,
)
for axes, name in zip(
    reverse_axes, ("forward propagation", "backpropagation"), strict=True
):
    axes.set_title(name, fontsize=13)
plt.show()

# %% pruning
t = record("w")
t["z"].backward()
w_grad, x_grad, y_grad = (t[name].grad for name in "wxy")
print("w.grad:", w_grad, "  x.grad:", x_grad, "  y.grad:", y_grad)
ways = [type(before).__name__ for before, _ in t["a"].grad_fn.next_functions]
print("the dot product passes back to:", ways)

# %% deep-network
torch.manual_seed(0)
depth, width = 100, 8
shape = (width, width)
layers = [torch.randn(shape, dtype=torch.float64) for _ in range(depth)]
layers = [W / width**0.5 for W in layers]
x, y = torch.randn(2, width, dtype=torch.float64)


def forward_states(layers: list[Tensor], x: Tensor) -> list[Tensor]:
    """h_0 = x, h_1, ..., h_L."""
    states = [x]
    for W in layers:
        states.append(torch.tanh(W @ states[-1]))
    return states


def backpropagate(
    layers: list[Tensor], states: list[Tensor], y: Tensor
) -> list[Tensor]:
    """dL/dW_1, ..., dL/dW_L for L = |h_L - y|^2 / 2, each shaped as its W."""
    from_above, gradients = states[-1] - y, []
    inputs = states[-2::-1]
    for W, h, below in zip(layers[::-1], states[:0:-1], inputs, strict=True):
        delta = from_above * (1 - h**2)
        gradients.append(torch.outer(delta, below))
        from_above = W.T @ delta
    return gradients[::-1]


# %% deep-network-grad
by_hand = backpropagate(layers, forward_states(layers, x), y)
for W in layers:
    W.requires_grad_(True)
loss = ((forward_states(layers, x)[-1] - y) ** 2).sum() / 2
loss.backward()
pairs = zip(by_hand, [W.grad for W in layers], strict=True)
worst = max(vector_norm(g - grad) / vector_norm(grad) for g, grad in pairs)
print("all layers agree to 12 digits:", worst.item() < 1e-12)
for layer in (1, 50, 100):
    size = vector_norm(by_hand[layer - 1])
    print(f"layer {layer:3}: size of the gradient {size:.0e}")


# %% parameter-count tags=["hide"]
print(f"{sum(W.numel() for W in layers):,}")


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
    by_forward = [functional.jvp(f, w, v)[1] for v in directions]
    forward_runs = len(runs)
    by_reverse = functional.vjp(f, w)[1]
    reverse_runs = len(runs) - forward_runs
    agree = torch.allclose(torch.stack(by_forward), by_reverse)
    return forward_runs, reverse_runs, agree


print("inputs  forward  reverse  same gradient")
for k in (1, 10, 100):
    print("{:6}  {:7}  {:7}  {}".format(k, *runs_needed(k)))

# %% chain-memory
ran = []


def sines(h: Tensor, n: int) -> Tensor:
    """sin applied n times."""
    for _ in range(n):
        ran.append("sin")
        h = h.sin()
    return h


x = torch.linspace(0.1, 1, 4, requires_grad=True)
print("layers  saved tensors")
for n in (5, 10, 20, 40):
    print(f"{n:6}  {len(saved_tensors(sines, x, n)):13}")


# %% rematerialization
def in_segments(h: Tensor, n: int, length: int) -> Tensor:
    """sin, n times; each segment of this length keeps only its input."""
    for done in range(0, n, length):
        h = checkpoint(sines, h, min(length, n - done), use_reentrant=False)
    return h


# %% rematerialization-cost
print("way       saved  sines  gradient")
for name, chain in (("plain", sines), ("segments", in_segments)):
    inputs = (x, 40) if chain is sines else (x, 40, 6)
    kept = len(saved_tensors(chain, *inputs))
    ran.clear()
    gradient = torch.autograd.grad(chain(*inputs).sum(), x)[0]
    print(f"{name:8}  {kept:5}  {len(ran):5}  {gradient.numpy().round(4)}")


# %% figure-ad-cost tags=["fold-source"]
def ad_cost() -> tuple[dict, dict]:
    """Runs (forward, reverse) by inputs; saved tensors by chain length."""
    runs = {k: runs_needed(k)[:2] for k in (1, 2, 5, 10, 20, 50, 100)}
    saved = {}
    for n in (4, 9, 16, 25, 36, 64, 100):
        plain = saved_tensors(sines, x, n)
        fewer = saved_tensors(in_segments, x, n, math.isqrt(n))
        saved[n] = len(plain), len(fewer)
    return runs, saved


cost_figure, cost_axes = plt.subplots(
    2, 1, figsize=(5, 6.4), layout="constrained"
)
names = (
    ("forward accumulation", "reverse accumulation"),
    ("reverse accumulation", "rematerialization"),
)
looks = (("C0o-", "C1s--"), ("C1s--", "C2^-."))
for axes, counts, lines, styles in zip(
    cost_axes, ad_cost(), names, looks, strict=True
):
    for line, style, ys in zip(
        lines, styles, zip(*counts.values(), strict=True), strict=True
    ):
        axes.plot(counts.keys(), ys, style, lw=2)
        axes.text(
            98, ys[-1] + 4, line, ha="right", fontsize=12, color=style[:2]
        )
    axes.set(ylim=(-4, 112))
for axes, x_name, y_name in zip(
    cost_axes,
    ("number of inputs", "chain length"),
    ("passes", "saved tensors"),
    strict=True,
):
    axes.set_xlabel(x_name, fontsize=12)
    axes.set_ylabel(y_name, fontsize=12)
plt.show()


# %% logistic-gradient tags=["exercise"]
def logistic_gradient(x: Tensor, w: Tensor, y: Tensor) -> Tensor:
    """Gradient of log(1 + exp(-y <x, w>)) with respect to w, by formula."""
    raise NotImplementedError


# %% logistic-gradient-solution tags=["solution"]
def logistic_gradient(x: Tensor, w: Tensor, y: Tensor) -> Tensor:
    """Gradient of log(1 + exp(-y <x, w>)) with respect to w, by formula."""
    b = -y * torch.dot(x, w)
    dz_db = torch.sigmoid(b)  # e^b / (1 + e^b), without computing e^b
    db_da = -y
    return dz_db * db_da * x


# %% logistic-gradient-check tags=["check"]
torch.manual_seed(0)
moderate, large = torch.randn(2, 4), 10 * torch.ones(2, 4)  # e^400 overflows
for x, w in (moderate, large):
    for y in (torch.tensor(1.0), torch.tensor(-1.0)):
        point = w.clone().requires_grad_(True)
        torch.nn.functional.softplus(-y * torch.dot(x, point)).backward()
        torch.testing.assert_close(logistic_gradient(x, w, y), point.grad)


# %% layer-batch
torch.manual_seed(0)
batch, targets = torch.randn(5, 3), torch.randn(5, 2)
W = torch.randn(2, 3, requires_grad=True)
out = batch @ W.T
(((out - targets) ** 2).sum() / 2).backward()
Delta = (out - targets).detach()
print("Delta^T X has the shape", tuple((Delta.T @ batch).shape))
print("equals W.grad:", torch.allclose(Delta.T @ batch, W.grad))

# %% thirty-layers
torch.manual_seed(0)
turns = torch.linalg.qr(torch.randn(30, 8, 8, dtype=torch.float64)).Q
v = torch.nn.functional.normalize(torch.randn(8, dtype=torch.float64), dim=0)
print("factor  size at the input")
for factor in (0.5, 1.0, 2.0):
    sent = v
    for turn in turns:
        sent = sent @ (factor * turn)
    print(f"{factor:6}  {vector_norm(sent):.1e}")


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
