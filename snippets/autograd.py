"""Autograd: how PyTorch records a computation and walks back through it to find gradients."""

# %% setup
import matplotlib.pyplot as plt
import torch
from torch import Tensor

# %% first-gradient
x = torch.arange(4.0, requires_grad=True)
print("before:", x.grad)
y = 2 * torch.dot(x, x)
print("y:     ", y)
y.backward()
print("after: ", x.grad)
torch.allclose(x.grad, 4 * x)

# %% leaf
x = torch.arange(4.0, requires_grad=True)
print(x.is_leaf, x.grad)
x

# %% requires-grad
v = torch.arange(4.0)
print(v.requires_grad)
v.requires_grad_(True)

# %% integers-refused
try:
    torch.arange(4, requires_grad=True)
except RuntimeError as error:
    print(error)

# %% loss
y = 2 * torch.dot(x, x)
print(y.is_leaf)
y

# %% backward
y.backward()
x.grad

# %% backward-twice
try:
    y.backward()
except RuntimeError as error:
    print(str(error).split(" (")[0])

# %% retain-grad
a = torch.tensor(3.0, requires_grad=True)
b = a * a
b.retain_grad()
c = 5 * b
c.backward()
print(a.is_leaf, a.grad)
print(b.is_leaf, b.grad)

# %% accumulate-and-zero
x = torch.arange(4.0, requires_grad=True)
for _ in range(2):
    y = 2 * torch.dot(x, x)
    y.backward()
    print(x.grad)

x.grad.zero_()
y = x.sum()
y.backward()
x.grad

# %% zero-or-none
layer = torch.nn.Linear(3, 1)
layer(torch.ones(3)).backward()
gradient = layer.weight.grad
print(gradient)
gradient.zero_()
print(layer.weight.grad, layer.weight.grad is gradient)
layer.zero_grad()
print(layer.weight.grad)

# %% in-place-leaf
w = torch.ones(3, requires_grad=True)
try:
    w.mul_(2)
except RuntimeError as error:
    print(error)

# %% in-place-saved
h = w.exp()
h.add_(1)
try:
    h.sum().backward()
except RuntimeError as error:
    print(str(error).split(":")[0])

# %% scalar-only
x = torch.arange(4.0, requires_grad=True)
z = x * x
try:
    z.backward()
except RuntimeError as error:
    print(error)

# %% sum-backward
z.sum().backward()
print(x.grad)

x.grad = None
z = x * x
z.backward(gradient=torch.ones_like(z))
print(x.grad)

# %% vector-jacobian
z = x * x
rows = [torch.autograd.grad(z_i, x, retain_graph=True)[0] for z_i in z]
jacobian = torch.stack(rows)
print(jacobian)
torch.ones(4) @ jacobian

# %% per-example
X = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
w = torch.tensor([1.0, -1.0], requires_grad=True)
losses = (X @ w) ** 2
print(losses.detach())
for row in X:
    print(torch.autograd.grad((row @ w) ** 2, w)[0])

losses.sum().backward()
w.grad

# %% detach
x = torch.arange(4.0, requires_grad=True)
y = x * x
u = y.detach()
z = u * x
print(z)
z.sum().backward()
print(x.grad)
print(x.grad == u)

# %% without-detach
x.grad = None
y = x * x
z = y * x
z.sum().backward()
print(x.grad)
torch.allclose(x.grad, 3 * x**2)

# %% detach-shares-memory
y = x * x
u = y.detach()
print(u.requires_grad, u.data_ptr() == y.data_ptr())
u[0] = 100
print(y.tolist())

# %% freeze
fixed = torch.tensor(2.0, requires_grad=True)
free = torch.tensor(3.0, requires_grad=True)
fixed.requires_grad_(False)
(fixed * free).backward()
print(fixed.grad, free.grad)

# %% zero-dimensional
torch.manual_seed(0)
a = torch.randn(size=(), requires_grad=True)
print(a.ndim, a.shape)


# %% control-flow
def f(a: Tensor) -> Tensor:
    b = a * 2
    while torch.linalg.vector_norm(b) < 1000:
        b = b * 2
    return b if b.sum() > 0 else 100 * b


for number in (1.0, 600.0, -1.0, -600.0):
    a = torch.tensor(number, requires_grad=True)
    d = f(a)
    d.backward()
    same = torch.isclose(a.grad, d / a)
    print(f"{number:6}  {d:9.1f}  {a.grad:8.1f}  {same}")


# %% graph-per-input
def multiplications(d: Tensor) -> int:
    """How many multiplications the graph behind d recorded."""
    count, node = 0, d.grad_fn
    while node.name() == "MulBackward0":
        count, node = count + 1, node.next_functions[0][0]
    return count


for number in (1.0, 600.0, -1.0, -600.0):
    print(number, multiplications(f(torch.tensor(number, requires_grad=True))))

# %% control-flow-vector
a = torch.tensor([1.0, -2.0, 3.0], requires_grad=True)
d = f(a)
d.sum().backward()
print(a.grad)
print(torch.allclose(a.grad, d / a))


# %% control-flow-each
def f_each(a: Tensor) -> Tensor:
    """f applied to each element by itself."""
    b = a * 2
    while (small := b.abs() < 1000).any():
        b = torch.where(small, b * 2, b)
    return torch.where(b > 0, b, 100 * b)


a = torch.tensor([1.0, 600.0, -1.0, -600.0], requires_grad=True)
f_each(a).sum().backward()
a.grad.tolist()


# %% figure-control-flow tags=["fold-source"]
def sample(first: float, last: float, points: int = 1101) -> tuple[Tensor, Tensor, Tensor]:
    """Inputs a from first to last, f(a), and the gradient that autograd finds at each of them."""
    a = torch.linspace(first, last, points, requires_grad=True)
    values = f_each(a)
    values.sum().backward()
    return a.detach(), values.detach(), a.grad


flow_figure, flow_axes = plt.subplots(2, 2, figsize=(5, 4.8), sharex="col", layout="constrained")
for (upper, lower), sign in zip(flow_axes.T, (-1, 1), strict=True):
    inputs, values, slopes = sample(100.0 * sign, 1100.0 * sign)
    for number, slope in enumerate(slopes.unique().tolist()):
        on = slopes == slope
        color, nearest = f"C{number}", inputs[on][0].item()
        upper.plot([0, nearest], [0, slope * nearest], ":", color=color, alpha=0.6)
        upper.plot(inputs[on], values[on], color=color, lw=2.5)
        lower.plot(inputs[on], slopes[on], color=color, lw=2.5)
        middle = (inputs[on].mean().item(), 1.1 * slope)
        lower.text(*middle, f"{slope:g}", ha="center", va="bottom", color=color, fontsize=13)
    scale = 1000 if sign > 0 else -100000
    upper.set_yticks([0, scale, 2 * scale])
    lower.set_yscale("log", base=2)
    lower.set_ylim(slopes.min().item() / 2, slopes.max().item() * 2)
    lower.set(xticks=[0, 500 * sign, 1000 * sign], yticks=[])
    lower.set_xlabel("$a$", fontsize=14)
flow_axes[0, 0].set_ylabel("$f(a)$", fontsize=14)
flow_axes[1, 0].set_ylabel("gradient", fontsize=13)
plt.show()

# %% float-equality
seeded = [torch.Generator().manual_seed(seed) for seed in range(2000)]
draws = [torch.randn(size=(), generator=generator) for generator in seeded]
a = torch.stack(draws).requires_grad_(True)
d = f_each(a)
d.sum().backward()
unequal = a.grad != d / a
far = ~torch.isclose(a.grad, d / a)
for sign, part in (("a > 0", a > 0), ("a < 0", a < 0)):
    counts = part.sum(), unequal[part].sum(), far[part].sum()
    print("{}: {} draws, == fails {}, isclose fails {}".format(sign, *counts))

# %% unequal-share tags=["hide"]
print(f"{100 * unequal.sum().item() / (a < 0).sum().item():.0f}%")

# %% one-unequal
example = unequal.nonzero()[0]
print(a.grad[example].item())
print((d / a)[example].item())

# %% update-step
w = torch.tensor([1.0, 2.0], requires_grad=True)
loss = (w**2).sum()
loss.backward()
try:
    w -= 0.1 * w.grad
except RuntimeError as error:
    print(error)

with torch.no_grad():
    w -= 0.1 * w.grad
w

# %% rebinding
v = torch.tensor([1.0, 2.0], requires_grad=True)
(v**2).sum().backward()
with torch.no_grad():
    v = v - 0.1 * v.grad
v.requires_grad

# %% training-loop
w = torch.tensor([1.0, 2.0], requires_grad=True)
for step in range(4):
    loss = (w**2).sum()
    w.grad = None
    loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
    print(step, round(loss.item(), 4))

# %% several-losses
w = torch.tensor([1.0, 2.0], requires_grad=True)
h = w**2
h.sum().backward(retain_graph=True)
print(w.grad)
(h**2).sum().backward()
print(w.grad)

w.grad = None
h = w**2
(h.sum() + (h**2).sum()).backward()
w.grad

# %% shared-graph
h = w**2
h.sum().backward()
try:
    (h**2).sum().backward()
except RuntimeError as error:
    print(str(error).split(" (")[0])

# %% micro-batches
torch.manual_seed(0)
X, t = torch.randn(8, 3), torch.randn(8)
w = torch.zeros(3, requires_grad=True)


def mean_loss(rows: Tensor) -> Tensor:
    return ((X[rows] @ w - t[rows]) ** 2).mean()


mean_loss(torch.arange(8)).backward()
full_gradient, w.grad = w.grad, None
for rows in torch.arange(8).split(2):
    (mean_loss(rows) / 4).backward()
print(full_gradient)
print(w.grad)
torch.allclose(w.grad, full_gradient)

# %% forgotten-division
w.grad = None
for rows in torch.arange(8).split(2):
    mean_loss(rows).backward()
(w.grad / full_gradient).round(decimals=3)


# %% micro-batch-memory
def kept_numbers(rows: Tensor) -> int:
    """How many numbers forward keeps until backward needs them."""
    sizes = []

    def keep(tensor: Tensor) -> Tensor:
        sizes.append(tensor.numel())
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda kept: kept):
        mean_loss(rows)
    return sum(sizes)


print(kept_numbers(torch.arange(8)), kept_numbers(torch.arange(2)))


# %% figure-accumulation tags=["fold-source"]
def accumulated() -> Tensor:
    """The sum of the gradients of the first 0, 1, ..., 4 micro-batches; shape (5, 3)."""
    parts = [torch.autograd.grad(mean_loss(rows) / 4, w)[0] for rows in torch.arange(8).split(2)]
    return torch.stack([torch.zeros(3), *parts]).cumsum(dim=0)


sum_figure, sum_axes = plt.subplots(figsize=(5, 3.6), layout="constrained")
styles = (("C0", "-o"), ("C1", "--s"), ("C2", ":^"))
for i, (sums, (color, style)) in enumerate(zip(accumulated().T, styles, strict=True)):
    sum_axes.plot(range(5), sums, style, color=color, lw=2)
    sum_axes.plot([0, 4], [full_gradient[i].item()] * 2, color=color, lw=1, alpha=0.6)
    sum_axes.text(4.15, sums[-1].item(), f"$w_{i + 1}$", va="center", color=color, fontsize=14)
sum_axes.set(xticks=range(5), xlim=(-0.2, 4.6))
sum_axes.set_xlabel("$k$", fontsize=13)
sum_axes.set_ylabel("gradient", fontsize=12)
sum_axes.tick_params(labelsize=12)
plt.show()

# %% graph
q = torch.tensor(3.0, requires_grad=True)
p = q * q
pq = p * q
r = p + pq


def visits(node, depth: int = 0):
    """Every arrival at a node on the ways back, with its distance."""
    yield depth, node
    for previous, _ in node.next_functions:
        if previous:
            yield from visits(previous, depth + 1)


walk = list(visits(r.grad_fn))
for depth, node in walk:
    print("    " * depth + type(node).__name__)

# %% graph-counts
print(len(walk), len({node for _, node in walk}))
r.backward()
print(q.grad, 2 * q.item() + 3 * q.item() ** 2)


# %% figure-graph tags=["fold-source"]
def sent_back(output: Tensor) -> list[tuple]:
    """Run backward; the edges (node, next node, gradient sent along it) in the order of use."""
    edges: list[tuple] = []

    def watch(node) -> None:
        def note(sent, received) -> None:
            for (following, _), gradient in zip(node.next_functions, sent, strict=True):
                edges.append((node, following, gradient.item()))

        node.register_hook(note)

    for node in {node for _, node in visits(output.grad_fn)}:
        watch(node)
    output.backward()
    return edges


q = torch.tensor(3.0, requires_grad=True)
p = q * q
pq = p * q
r = p + pq
names = {r.grad_fn: "$r$", pq.grad_fn: "$pq$", p.grad_fn: "$p$"}
place = {node: depth for depth, node in sorted(visits(r.grad_fn), key=lambda visit: visit[0])}
graph_edges = sent_back(r)

graph_figure, graph_axes = plt.subplots(figsize=(5, 2.6), layout="constrained")
style = {"ha": "center", "va": "center", "fontsize": 13}
sides = [-0.6, 0.6, -0.3, 0.3]
for node, following, gradient in graph_edges:
    left, right = place[node], place[following]
    alone = sum(edge[:2] == (node, following) for edge in graph_edges) == 1
    bend = 0.0 if alone and right - left == 1 else sides.pop(0)
    arrow = {"arrowstyle": "-|>", "connectionstyle": f"arc3,rad={bend}", "color": "C1", "lw": 1.5}
    arrow |= {"shrinkA": 17, "shrinkB": 17}
    graph_axes.annotate("", (right, 0), (left, 0), arrowprops=arrow)
    height = -bend * (right - left) / 2 + (0.12 if bend <= 0 else -0.12)
    middle = (left + right) / 2
    graph_axes.text(middle, height, f"{gradient:g}", color="C1", **style)
for node, x in place.items():
    graph_axes.scatter(x, 0, 900, facecolors="none", edgecolors="C0", lw=2)
    graph_axes.text(x, 0, names.get(node, "$q$"), **style)
    terms = [sent for _, following, sent in graph_edges if following == node] or [1.0]
    graph_axes.text(x, -0.98, f"{sum(terms):g}", **style)
graph_axes.text(-0.6, -0.98, "gradient", **style)
graph_axes.set(xlim=(-1, 3.3), ylim=(-1.1, 0.85), aspect="equal")
graph_axes.axis("off")
plt.show()

# %% unrolled-rnn
torch.manual_seed(0)
inputs, W_x = torch.randn(3, 2), torch.randn(4, 2)
W_h = torch.randn(4, 4, requires_grad=True)


def last_state(step_weights: list[Tensor]) -> Tensor:
    """Read the inputs one by one; step t uses step_weights[t]."""
    h = torch.ones(4)
    for x_t, W in zip(inputs, step_weights, strict=True):
        h = torch.tanh(W_x @ x_t + W @ h)
    return h


h = last_state([W_h, W_h, W_h])
nodes = {node for _, node in visits(h.grad_fn)}
for name in ("TanhBackward0", "AccumulateGrad"):
    print(name, sum(type(node).__name__ == name for node in nodes))

# %% shared-weights
h.sum().backward()
copies = [W_h.detach().clone().requires_grad_(True) for _ in range(3)]
last_state(copies).sum().backward()
per_step = torch.stack([copy.grad for copy in copies])
print(per_step.abs().amax(dim=(1, 2)).round(decimals=4))
torch.allclose(W_h.grad, per_step.sum(dim=0))

# %% other-ways
x = torch.arange(4.0, requires_grad=True)
y = 2 * torch.dot(x, x)
print(x.grad)
print(torch.autograd.grad(y, x))
print(torch.func.grad(lambda v: 2 * torch.dot(v, v))(torch.arange(4.0)))
print(x.grad)


# %% gradient-of tags=["exercise"]
def gradient_of(function, x: Tensor) -> Tensor:
    """Gradient of a scalar-valued function at x; leaves x as it was."""
    raise NotImplementedError


# %% gradient-of-solution tags=["solution"]
def gradient_of(function, x: Tensor) -> Tensor:
    """Gradient of a scalar-valued function at x; leaves x as it was."""
    point = x.detach().clone().requires_grad_(True)
    return torch.autograd.grad(function(point), point)[0]


# %% gradient-of-check tags=["check"]
angles = torch.tensor([0.0, 1.0, 2.0])
for _ in range(2):
    slopes = gradient_of(lambda v: v.sin().sum(), angles)
    torch.testing.assert_close(slopes, angles.cos())
    assert angles.grad is None
    assert not angles.requires_grad
    assert not slopes.requires_grad


# %% rounded tags=["exercise"]
def rounded(x: Tensor) -> Tensor:
    """x.round() on the way forward, x itself on the way back."""
    raise NotImplementedError


# %% rounded-solution tags=["solution"]
def rounded(x: Tensor) -> Tensor:
    """x.round() on the way forward, x itself on the way back."""
    return x + (x.round() - x).detach()


# %% rounded-check tags=["check"]
weights = torch.tensor([0.3, 1.75, -2.6], requires_grad=True)
outputs = rounded(weights)
torch.testing.assert_close(outputs, torch.tensor([0.0, 2.0, -3.0]))
(outputs * torch.tensor([1.0, 10.0, 100.0])).sum().backward()
assert torch.equal(weights.grad, torch.tensor([1.0, 10.0, 100.0]))


# %% in-pieces tags=["exercise"]
def gradient_in_pieces(w: Tensor, X: Tensor, t: Tensor, size: int) -> Tensor:
    """Gradient of ((X @ w - t) ** 2).mean() from `size` rows at a time."""
    raise NotImplementedError


# %% in-pieces-solution tags=["solution"]
def gradient_in_pieces(w: Tensor, X: Tensor, t: Tensor, size: int) -> Tensor:
    """Gradient of ((X @ w - t) ** 2).mean() from `size` rows at a time."""
    w = w.detach().clone().requires_grad_(True)
    for X_part, t_part in zip(X.split(size), t.split(size), strict=True):
        loss = ((X_part @ w - t_part) ** 2).sum() / len(t)
        loss.backward()
    return w.grad


# %% in-pieces-check tags=["check"]
torch.manual_seed(0)
rows, targets, point = torch.randn(10, 3), torch.randn(10), torch.randn(3)
expected = 2 / 10 * rows.T @ (rows @ point - targets)
for size in (1, 3, 4, 10):
    found = gradient_in_pieces(point, rows, targets, size)
    torch.testing.assert_close(found, expected)


# %% count-paths tags=["exercise"]
def count_paths(node) -> int:
    """How many different paths lead from this node back to leaves."""
    raise NotImplementedError


# %% count-paths-solution tags=["solution"]
def count_paths(node) -> int:
    """How many different paths lead from this node back to leaves."""
    known = {}

    def count(node) -> int:
        if node not in known:
            previous = [step for step, _ in node.next_functions if step]
            known[node] = sum(map(count, previous)) if previous else 1
        return known[node]

    return count(node)


# %% count-paths-check tags=["check"]
base = torch.tensor(3.0, requires_grad=True)
square = base * base
assert count_paths((square + square * base).grad_fn) == 5
doubled = base
for _ in range(60):
    doubled = doubled + doubled
assert count_paths(doubled.grad_fn) == 2**60
