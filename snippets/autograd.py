"""Autograd: how PyTorch records a computation and finds gradients from it."""

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
print("equals 4x:", torch.allclose(x.grad, 4 * x))

# %% leaf
x = torch.arange(4.0, requires_grad=True)
print("leaf:", x.is_leaf, "  grad:", x.grad)
x

# %% requires-grad
v = torch.arange(4.0)
print("requires_grad before:", v.requires_grad)
v.requires_grad_(True)

# %% integers-refused
try:
    torch.arange(4, requires_grad=True)
except RuntimeError as error:
    print(error)

# %% loss
y = 2 * torch.dot(x, x)
print("leaf:", y.is_leaf)
y

# %% backward
y.backward()
x.grad

# %% backward-twice
try:
    y.backward()
except RuntimeError as error:
    print("y, the second time:", str(error).split(" (")[0])

total = v.sum()
for _ in range(2):
    total.backward()
print("v.sum(), twice:", v.grad)

# %% retain-grad
a = torch.tensor(3.0, requires_grad=True)
b = a * a
b.retain_grad()
c = 5 * b
c.backward()
print("a: leaf", a.is_leaf, "  grad", a.grad)
print("b: leaf", b.is_leaf, " grad", b.grad)

# %% accumulate-and-zero
x = torch.arange(4.0, requires_grad=True)
for n in (1, 2):
    y = 2 * torch.dot(x, x)
    y.backward()
    print(f"after backward number {n}: {x.grad}")

x.grad.zero_()
y = x.sum()
y.backward()
print("zeroed, then x.sum():   ", x.grad)

# %% zero-or-none
layer = torch.nn.Linear(3, 1)
layer(torch.ones(3)).backward()
gradient = layer.weight.grad
print("after backward:   ", gradient)
gradient.zero_()
print("after zero_():    ", layer.weight.grad)
layer.zero_grad()
print("after zero_grad():", layer.weight.grad)

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
print("of the sum:       ", x.grad)

x.grad = None
z = x * x
z.backward(gradient=torch.ones_like(z))
print("with gradient = 1:", x.grad)

# %% vector-jacobian
z = x * x
rows = [torch.autograd.grad(z_i, x, retain_graph=True)[0] for z_i in z]
jacobian = torch.stack(rows)
print("Jacobian:", *jacobian.tolist(), sep="\n")
print("1^T J:", torch.ones(4) @ jacobian)

# %% per-example
X = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
w = torch.tensor([1.0, -1.0], requires_grad=True)
for row in X:
    print("of one example: ", torch.autograd.grad((row @ w) ** 2, w)[0])

losses = (X @ w) ** 2
losses.sum().backward()
print("of all together:", w.grad)


# %% per-example-func
def loss_of_one(w: Tensor, row: Tensor) -> Tensor:
    return (row @ w) ** 2


each = torch.func.vmap(torch.func.grad(loss_of_one), in_dims=(None, 0))
print("a row for each example:")
each(w.detach(), X)

# %% detach
x = torch.arange(4.0, requires_grad=True)
y = x * x
u = y.detach()
z = u * x
print("z:", z)
z.sum().backward()
print("x.grad:", x.grad, " equals u:", torch.allclose(x.grad, u))

# %% without-detach
x.grad = None
y = x * x
z = y * x
z.sum().backward()
print("x.grad:", x.grad, " equals 3x^2:", torch.allclose(x.grad, 3 * x**2))

# %% detach-shares-memory
y = x * x
u = y.detach()
print("u requires a gradient:", u.requires_grad)
u[0] = 100
print("y after u[0] = 100:   ", y.tolist())

# %% gradient-gets-back
x = torch.arange(4.0, requires_grad=True)
results = {
    "x[1:3]": x[1:3],
    "x.view(2, 2)": x.view(2, 2),
    "x[x > 1.5]": x[x > 1.5],
    "x.clone()": x.clone(),
    "torch.cat([x, x])": torch.cat([x, x]),
    "x.round()": x.round(),
    "x.detach()": x.detach(),
    "torch.tensor(x.tolist())": torch.tensor(x.tolist()),
    "x.argmax()": x.argmax(),
}
print("result                    memory  gradient of its sum")
for name, result in results.items():
    shared = (
        result.untyped_storage().data_ptr() == x.untyped_storage().data_ptr()
    )
    gradient = "cut off"
    if result.requires_grad:
        gradient = torch.autograd.grad(result.sum(), x)[0].tolist()
    print(f"{name:24}  {'shared' if shared else 'own':6}  {gradient}")

# %% freeze
fixed = torch.tensor(2.0, requires_grad=True)
free = torch.tensor(3.0, requires_grad=True)
fixed.requires_grad_(False)
(fixed * free).backward()
print("fixed.grad:", fixed.grad, "  free.grad:", free.grad)

# %% zero-dimensional
torch.manual_seed(0)
a = torch.randn(size=(), requires_grad=True)
print("number of axes:", a.ndim, "  shape:", a.shape)


# %% control-flow
def f(a: Tensor) -> Tensor:
    b = a * 2
    while torch.linalg.vector_norm(b) < 1000:
        b = b * 2
    return b if b.sum() > 0 else 100 * b


print("     a       f(a)  gradient  equals f(a)/a")
for number in (1.0, 600.0, -1.0, -600.0):
    a = torch.tensor(number, requires_grad=True)
    d = f(a)
    d.backward()
    same = torch.isclose(a.grad, d / a)
    print(f"{number:6g}  {d:9g}  {a.grad:8g}  {same}")


# %% graph-per-input
def multiplications(d: Tensor) -> int:
    """How many multiplications the graph behind d recorded."""
    count, node = 0, d.grad_fn
    while node.name() == "MulBackward0":
        count, node = count + 1, node.next_functions[0][0]
    return count


print("     a  multiplications")
for number in (1.0, 600.0, -1.0, -600.0):
    count = multiplications(f(torch.tensor(number, requires_grad=True)))
    print(f"{number:6g}  {count}")


# %% control-flow-each
def f_each(a: Tensor) -> Tensor:
    """f applied to each element by itself."""
    b = a * 2
    while (small := b.abs() < 1000).any():
        b = torch.where(small, b * 2, b)
    return torch.where(b > 0, b, 100 * b)


a = torch.tensor([1.0, 600.0, -1.0, -600.0], requires_grad=True)
f_each(a).sum().backward()
print("gradients:", a.grad.tolist())


# %% figure-control-flow tags=["fold-source"]
def sample(
    first: float, last: float, points: int = 1101
) -> tuple[Tensor, Tensor, Tensor]:
    """Inputs a from first to last, f(a), and the gradient at each of them."""
    a = torch.linspace(first, last, points, requires_grad=True)
    values = f_each(a)
    values.sum().backward()
    return a.detach(), values.detach(), a.grad


flow_figure, flow_axes = plt.subplots(
    2, 2, figsize=(5, 4.8), sharex="col", layout="constrained"
)
for (upper, lower), sign in zip(flow_axes.T, (-1, 1), strict=True):
    inputs, values, slopes = sample(100.0 * sign, 1100.0 * sign)
    for number, slope in enumerate(slopes.unique().tolist()):
        on = slopes == slope
        color, nearest = f"C{number}", inputs[on][0].item()
        upper.plot(
            [0, nearest], [0, slope * nearest], ":", color=color, alpha=0.6
        )
        upper.plot(inputs[on], values[on], color=color, lw=2.5)
        lower.plot(inputs[on], slopes[on], color=color, lw=2.5)
        middle = (inputs[on].mean().item(), 1.1 * slope)
        lower.text(
            *middle,
            f"{slope:g}",
            ha="center",
            va="bottom",
            color=color,
            fontsize=13,
        )
    scale = 1000 if sign > 0 else -100000
    upper.set_yticks([0, scale, 2 * scale])
    lower.set_yscale("log", base=2)
    lower.set_ylim(slopes.min().item() / 2, slopes.max().item() * 2)
    lower.set(xticks=[0, 500 * sign, 1000 * sign], yticks=[])
    lower.set_xlabel("$a$", fontsize=14)
flow_axes[0, 0].set_ylabel("$f(a)$", fontsize=14)
flow_axes[1, 0].set_ylabel("gradient", fontsize=13)
plt.show()

# %% jump
print("      a      f(a)  gradient")
for number in (499.999, 500.0):
    a = torch.tensor(number, dtype=torch.float64, requires_grad=True)
    d = f(a)
    d.backward()
    print(f"{number:7g}  {d:8.3f}  {a.grad:8g}")


# %% threshold
def gated(x: Tensor, t: Tensor) -> Tensor:
    return 3 * x if x > t else x


x = torch.tensor(2.0, requires_grad=True)
t = torch.tensor(1.9, requires_grad=True)
gated(x, t).backward()
print(f"t = 1.9: value {gated(x, t):g}, x.grad {x.grad:g}, t.grad {t.grad}")
print(f"t = 2.1: value {gated(x, t + 0.2):g}")

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
print("gradient:", a.grad[example].item())
print("d / a:   ", (d / a)[example].item())

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
print("v requires a gradient:", v.requires_grad)

# %% training-loop
w = torch.tensor([1.0, 2.0], requires_grad=True)
for step in range(4):
    loss = (w**2).sum()
    w.grad = None
    loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
    print(f"step {step}: loss {loss:.4f}")

# %% inference-mode
w, dropout = torch.ones(4, requires_grad=True), torch.nn.Dropout(0.5)


def report(name: str) -> None:
    h = 2 * dropout(w)
    print(f"{name:24}  {h.requires_grad!s:8}  {bool((h != 2 * w).any())}")


print("inside                    recorded  dropout at work")
report("nothing")
with torch.no_grad():
    report("no_grad()")
with torch.inference_mode():
    report("inference_mode()")
    prediction = 2 * w
dropout.eval()
report("eval()")
with torch.inference_mode():
    report("inference_mode(), eval()")

# %% inference-tensor
try:
    (w * prediction).sum().backward()
except RuntimeError as error:
    print(str(error).split(".")[0])

# %% several-losses
w = torch.tensor([1.0, 2.0], requires_grad=True)
h = w**2
h.sum().backward(retain_graph=True)
print("after the first loss: ", w.grad)
(h**2).sum().backward()
print("after the second loss:", w.grad)

w.grad = None
h = w**2
(h.sum() + (h**2).sum()).backward()
print("of the sum, at once:  ", w.grad)

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
print("whole batch:    ", full_gradient)
print("4 micro-batches:", w.grad)
print("close:", torch.allclose(w.grad, full_gradient))

# %% forgotten-division
w.grad = None
for rows in torch.arange(8).split(2):
    mean_loss(rows).backward()
print("times too large:", (w.grad / full_gradient).round(decimals=3))


# %% scaled-loss
def trained(rule: type, factor: float, lr: float = 0.05) -> Tensor:
    """The weights after 10 steps, with the loss multiplied by this factor."""
    v = torch.zeros(3, requires_grad=True)
    optimizer = rule([v], lr=lr)
    for _ in range(10):
        optimizer.zero_grad()
        (factor * ((X @ v - t) ** 2).mean()).backward()
        optimizer.step()
    return v.detach()


SGD, Adam = torch.optim.SGD, torch.optim.Adam
for name, v in (
    ("SGD,  loss x 1", trained(SGD, 1)),
    ("SGD,  loss x 4", trained(SGD, 4)),
    ("SGD,  lr x 4  ", trained(SGD, 1, lr=0.2)),
    ("Adam, loss x 1", trained(Adam, 1)),
    ("Adam, loss x 4", trained(Adam, 4)),
):
    print(name, [round(number, 3) for number in v.tolist()])


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


print("numbers kept for the whole batch:", kept_numbers(torch.arange(8)))
print("numbers kept for a micro-batch:  ", kept_numbers(torch.arange(2)))


# %% batch-norm
def change_by_cutting(*middle: torch.nn.Module) -> float:
    """Relative change of the first layer's gradient by 4 micro-batches."""
    torch.manual_seed(0)
    first, last = torch.nn.Linear(3, 4), torch.nn.Linear(4, 1)
    model = torch.nn.Sequential(first, *middle, last)
    gradients = []
    for size in (8, 2):
        model.zero_grad()
        for rows in torch.arange(8).split(size):
            loss = ((model(X[rows])[:, 0] - t[rows]) ** 2).mean()
            (loss * size / 8).backward()
        gradients.append(model[0].weight.grad)
    whole, cut = gradients
    size = torch.linalg.vector_norm
    return (size(cut - whole) / size(whole)).item()


print(f"without BatchNorm: {change_by_cutting():.3f}")
print(f"with BatchNorm:    {change_by_cutting(torch.nn.BatchNorm1d(4)):.3f}")


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
nodes = {node for _, node in walk}
print("arrivals:", len(walk), "  different nodes:", len(nodes))
r.backward()
print("q.grad:", q.grad.item(), "  formula:", 2 * q.item() + 3 * q.item() ** 2)


# %% figure-graph tags=["fold-source"]
def sent_back(output: Tensor) -> list[tuple]:
    """Run backward; edges (node, next node, gradient sent) in order of use."""
    edges: list[tuple] = []

    def watch(node) -> None:
        def note(sent, received) -> None:
            for (following, _), gradient in zip(
                node.next_functions, sent, strict=True
            ):
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
place = {
    node: depth
    for depth, node in sorted(visits(r.grad_fn), key=lambda visit: visit[0])
}
graph_edges = sent_back(r)

graph_figure, graph_axes = plt.subplots(figsize=(5, 2.6), layout="constrained")
style = {"ha": "center", "va": "center", "fontsize": 13}
sides = [-0.6, 0.6, -0.3, 0.3]
for node, following, gradient in graph_edges:
    left, right = place[node], place[following]
    alone = sum(edge[:2] == (node, following) for edge in graph_edges) == 1
    bend = 0.0 if alone and right - left == 1 else sides.pop(0)
    arrow = {
        "arrowstyle": "-|>",
        "connectionstyle": f"arc3,rad={bend}",
        "color": "C1",
        "lw": 1.5,
    }
    arrow |= {"shrinkA": 17, "shrinkB": 17}
    graph_axes.annotate("", (right, 0), (left, 0), arrowprops=arrow)
    height = -bend * (right - left) / 2 + (0.12 if bend <= 0 else -0.12)
    middle = (left + right) / 2
    graph_axes.text(middle, height, f"{gradient:g}", color="C1", **style)
for node, x in place.items():
    graph_axes.scatter(x, 0, 900, facecolors="none", edgecolors="C0", lw=2)
    graph_axes.text(x, 0, names.get(node, "$q$"), **style)
    terms = [
        sent for _, following, sent in graph_edges if following == node
    ] or [1.0]
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
    print(f"{name}:", sum(type(node).__name__ == name for node in nodes))

# %% shared-weights
h.sum().backward()
copies = [W_h.detach().clone().requires_grad_(True) for _ in range(3)]
last_state(copies).sum().backward()
per_step = torch.stack([copy.grad for copy in copies])
entries = per_step.abs().amax(dim=(1, 2)).round(decimals=4)
print("largest entry, by step:", entries)
print("sum equals W_h.grad:", torch.allclose(W_h.grad, per_step.sum(dim=0)))

# %% higher-derivatives
x = torch.tensor(2.0, requires_grad=True)
derivative = x**4
for order in (1, 2, 3, 4):
    (derivative,) = torch.autograd.grad(derivative, x, create_graph=True)
    print(f"derivative {order} of x^4 at 2: {derivative:g}")

# %% without-create-graph
(first,) = torch.autograd.grad(x**4, x)
try:
    torch.autograd.grad(first, x)
except RuntimeError as error:
    print(error)

# %% other-ways
x = torch.arange(4.0, requires_grad=True)
y = 2 * torch.dot(x, x)
print("autograd.grad:", torch.autograd.grad(y, x)[0])
gradient_of_dot = torch.func.grad(lambda v: 2 * torch.dot(v, v))
print("func.grad:    ", gradient_of_dot(torch.arange(4.0)))
print("x.grad:       ", x.grad)


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


# %% hessian-times tags=["exercise"]
def hessian_times(function, x: Tensor, v: Tensor) -> Tensor:
    """The Hessian of a scalar-valued f at x, times v, without the matrix."""
    raise NotImplementedError


# %% hessian-times-solution tags=["solution"]
def hessian_times(function, x: Tensor, v: Tensor) -> Tensor:
    """The Hessian of a scalar-valued f at x, times v, without the matrix."""
    point = x.detach().clone().requires_grad_(True)
    y = function(point)
    (gradient,) = torch.autograd.grad(y, point, create_graph=True)
    return torch.autograd.grad(gradient @ v, point)[0]


# %% hessian-times-check tags=["check"]
torch.manual_seed(0)
S, point, direction = torch.randn(3, 3), torch.randn(3), torch.randn(3)
found = hessian_times(lambda x: x @ S @ x, point, direction)
torch.testing.assert_close(found, (S + S.T) @ direction)
found = hessian_times(lambda x: (x**4).sum(), point, direction)
torch.testing.assert_close(found, 12 * point**2 * direction)


# %% growing-total
def nodes_behind(tensor: Tensor) -> int:
    """How many different nodes the graph behind a tensor has."""
    if tensor.grad_fn is None:
        return 0
    return len({node for _, node in visits(tensor.grad_fn)})


w = torch.ones(3, requires_grad=True)
total, number = 0.0, 0.0
for step in range(1, 4):
    loss = ((w * step) ** 2).sum()
    total = total + loss
    number = number + loss.item()
    nodes = nodes_behind(total)
    print(f"step {step}: graph behind total: {nodes} nodes, number {number:g}")
