"""Build your own autograd: an array engine in NumPy, and a network."""

# %% setup
import sys
from collections.abc import Callable, Sequence

import matplotlib.pyplot as plt
import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray


# %% value
class Value:
    """An array, and how it was computed."""

    __array_ufunc__ = None  # so that array * Value is left to Value

    def __init__(self, data: ArrayLike, inputs: Sequence[tuple] = ()) -> None:
        self.data = np.asarray(data, dtype=np.float64)
        self.inputs = inputs  # pairs: an input, the VJP that leads back to it
        self.grad = np.zeros_like(self.data)


def lift(x) -> Value:
    """Leave a Value as it is; make one of anything else."""
    return x if isinstance(x, Value) else Value(x)


# %% add-multiply
def add(a, b) -> Value:
    a, b = lift(a), lift(b)
    return Value(a.data + b.data, [(a, lambda g: g), (b, lambda g: g)])


def multiply(a, b) -> Value:
    a, b = lift(a), lift(b)
    vjps = [(a, lambda g: g * b.data), (b, lambda g: g * a.data)]
    return Value(a.data * b.data, vjps)


# %% recorded
x = Value(2.0)
u = multiply(x, x)
v = multiply(3.0, x)
y = multiply(u, v)
print("y =", y.data)
print("y was computed from u and v:", [a for a, _ in y.inputs] == [u, v])
print("its VJPs, applied to 1:", [float(vjp(1.0)) for _, vjp in y.inputs])


# %% push
def push(value: Value, gradient: NDArray | float) -> int:
    """Add the gradient and send it on, along every path; count the calls."""
    value.grad = value.grad + gradient
    return 1 + sum(push(a, vjp(gradient)) for a, vjp in value.inputs)


calls = push(y, 1.0)
print("dy/dx =", x.grad, " after", calls, "calls")

# %% too-many-paths
for steps in (4, 8, 14):
    h = Value(1.0)
    for _ in range(steps):
        h = add(h, h)
    calls = push(h, 1.0)
    print(f"h + h, {steps:2} times:  values {steps + 1:2}  calls {calls:,}")


# %% ordered
def ordered(result: Value) -> list[Value]:
    """All it was computed from, inputs first, the result last."""
    order, seen, stack = [], set(), [(result, False)]
    while stack:
        value, inputs_done = stack.pop()
        if inputs_done:
            order.append(value)
        elif value not in seen:
            seen.add(value)
            stack.append((value, True))
            stack += [(a, False) for a, _ in value.inputs]
    return order


# %% order-of-example
names = {x: "x", u: "u", v: "v", y: "y"}
order = ordered(y)
print("order:", [names.get(value, "3") for value in order])
place = {value: i for i, value in enumerate(order)}
first = all(place[a] < place[v] for v in order for a, _ in v.inputs)
print("inputs first:", first)

# %% broadcast-by-hand
rows = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
g = np.array([[1.0, 10.0, 100.0], [2.0, 20.0, 200.0]])  # arrives at the sum
b = torch.zeros(3, dtype=torch.float64, requires_grad=True)
(torch.tensor(rows) + b).backward(torch.tensor(g))
print("torch:", b.grad.tolist())
print("summed over axis 0:", g.sum(axis=0).tolist())


# %% fit
def fit(g: NDArray, shape: tuple[int, ...]) -> NDArray:
    """Sum a gradient over the axes along which this shape was repeated."""
    g = g.sum(axis=tuple(range(g.ndim - len(shape))))
    repeated = tuple(i for i, n in enumerate(shape) if n == 1 < g.shape[i])
    return g.sum(axis=repeated, keepdims=True)


for shape in ((3,), (2, 1), (1, 3), ()):
    print(f"{shape!s:6} gets", fit(g, shape).tolist())


# %% backward
def backward(result: Value) -> None:
    """Give everything that the result was computed from its gradient."""
    order = ordered(result)
    for value in order:
        value.grad = np.zeros_like(value.data)
    result.grad = np.ones_like(result.data)
    for value in reversed(order):
        for a, vjp in value.inputs:
            a.grad = a.grad + fit(vjp(value.grad), a.data.shape)


# %% backward-numbers
backward(y)
for value, name in names.items():
    print(f"d y / d {name} = {value.grad:g}")

# %% figure-backward tags=["fold-source"]
three = v.inputs[0][0]
places = {
    x: (0.0, 0.9),
    three: (0.0, -0.8),
    u: (2.0, 1.2),
    v: (2.0, -0.5),
    y: (4.0, 0.35),
}
backward_figure, backward_axes = plt.subplots(
    figsize=(5, 3.4), layout="constrained"
)
for value, (left, low) in places.items():
    backward_axes.plot(left, low, "o", ms=34, color="C7", mfc="none", mew=1.5)
    backward_axes.text(
        left, low, f"${names.get(value, '3')}$", ha="center", va="center"
    )


def edge(sender: Value, i: int) -> tuple[NDArray, NDArray]:
    """Where the arrow to input number i starts, and how far it goes."""
    bend = (
        (0, 0.13 * (1, -1)[i]) if sender is u else (0, 0)
    )  # two arrows from u to x
    start, end = np.array([places[sender], places[sender.inputs[i][0]]]) + bend
    gap = 0.38 * (end - start) / np.hypot(*(end - start))
    return start + gap, end - start - 2 * gap


arrived = dict.fromkeys(order, 0.0) | {y: 1.0}
senders = [value for value in reversed(order) if value.inputs]
sent_by = [(sender, i) for sender in senders for i in (0, 1)]
for step, (sender, i) in enumerate([(y, None), *sent_by]):
    frame = {"gid": f"frame:{step}", "visible": step == 6}
    if i is not None:
        a, vjp = sender.inputs[i]
        sent = float(vjp(arrived[sender]))
        arrived[a] += sent
        start, way = edge(sender, i)
        how = {
            "color": "C1",
            "width": 0.03,
            "head_width": 0.14,
            "length_includes_head": True,
        }
        backward_axes.arrow(*start, *way, zorder=3, **how, **frame)
        middle = start + way / 2 + (0, (0.22, -0.24)[i])
        backward_axes.text(
            *middle, f"{sent:g}", color="C1", ha="center", va="center", **frame
        )
    for value in filter(arrived.get, places):
        above, got = np.add(places[value], (0, 0.5)), f"{arrived[value]:g}"
        style = {
            "color": "C0",
            "weight": "bold",
            "ha": "center",
            "va": "center",
        }
        backward_axes.text(*above, got, **style, **frame)
    told = [
        f"{names.get(a, 3)}.grad = {arrived[a]:g}"
        for a in places
        if arrived[a]
    ]
    backward_axes.text(2, -1.7, ", ".join(told), ha="center", **frame)
for sender in senders:
    for i in (0, 1):
        start, way = edge(sender, i)
        backward_axes.plot(
            *np.transpose([start, start + way]), color="C7", lw=1, zorder=1
        )
backward_axes.set(xlim=(-0.6, 4.6), ylim=(-1.9, 1.95))
backward_axes.axis("off")
plt.show()

# %% deep
start = h = Value(1.0)
for _ in range(5000):
    h = add(h, 0.0)
backward(h)
print("values:", len(ordered(h)), " gradient at the start:", start.grad)
print("deeper than the recursion limit:", sys.getrecursionlimit() < 5000)


# %% elementwise
def elementwise(f: Callable, slope: Callable) -> Callable:
    """An operation from f and its slope, which may use x and y = f(x)."""

    def operation(a) -> Value:
        a = lift(a)
        y = f(a.data)
        return Value(y, [(a, lambda g: g * slope(a.data, y))])

    return operation


exp = elementwise(np.exp, lambda x, y: y)
log = elementwise(np.log, lambda x, y: 1 / x)
tanh = elementwise(np.tanh, lambda x, y: 1 - y**2)
relu = elementwise(lambda x: np.maximum(x, 0), lambda x, y: x > 0)


def power(a: Value, p: float) -> Value:
    return elementwise(lambda x: x**p, lambda x, y: p * x ** (p - 1))(a)


# %% total
def total(a: Value, axis: int | None = None) -> Value:
    """The sum of all elements, or along one axis."""
    ones = np.ones_like(a.data)
    kept = a.data.sum(axis=axis, keepdims=True).shape
    y = a.data.sum(axis=axis)
    return Value(y, [(a, lambda g: g.reshape(kept) * ones)])


# %% matmul
def matmul(a, b) -> Value:
    a, b = lift(a), lift(b)
    if a.data.ndim != 2 or b.data.ndim != 2:
        raise ValueError("matmul takes two matrices")
    vjps = [(a, lambda g: g @ b.data.T), (b, lambda g: a.data.T @ g)]
    return Value(a.data @ b.data, vjps)


# %% operators
Value.__add__ = Value.__radd__ = add
Value.__mul__ = Value.__rmul__ = multiply
Value.__neg__ = lambda a: a * -1
Value.__sub__ = lambda a, b: a + -lift(b)
Value.__rsub__ = lambda a, b: -a + b
Value.__pow__ = power
Value.__truediv__ = lambda a, b: a * lift(b) ** -1
Value.__rtruediv__ = lambda a, b: a**-1 * b
Value.__matmul__ = matmul
Value.__rmatmul__ = lambda a, b: matmul(b, a)


# %% differences
def differences(
    f: Callable, arrays: Sequence[NDArray], h: float = 1e-6
) -> list:
    """Gradients of the number f(*arrays), moving one element at a time."""
    gradients = [np.zeros_like(array) for array in arrays]
    for array, gradient in zip(arrays, gradients, strict=True):
        for i in np.ndindex(array.shape):
            kept = array[i].copy()
            array[i] = kept + h
            above = f(*arrays)
            array[i] = kept - h
            gradient[i] = (above - f(*arrays)) / (2 * h)
            array[i] = kept
    return gradients


# %% cases
# Operation: ours, torch's, shapes of the inputs.
cases = {
    "a + b": (lambda a, b: a + b, lambda a, b: a + b, [(2, 3), (3,)]),
    "a - b": (lambda a, b: a - b, lambda a, b: a - b, [(3,), (2, 1)]),
    "a * b": (lambda a, b: a * b, lambda a, b: a * b, [(2, 1, 3), (4, 1)]),
    "a / b": (lambda a, b: a / b, lambda a, b: a / b, [(), (2, 3)]),
    "1 - 2 / a": (lambda a: 1 - 2 / a, lambda a: 1 - 2 / a, [(3,)]),
    "a ** 3": (lambda a: a**3, lambda a: a**3, [(2, 3)]),
    "exp": (exp, torch.exp, [(2, 3)]),
    "log(a * a)": (lambda a: log(a * a), lambda a: (a * a).log(), [(2, 3)]),
    "tanh": (tanh, torch.tanh, [(2, 3)]),
    "relu": (relu, torch.relu, [(2, 3)]),
    "sum": (total, torch.sum, [(2, 3)]),
    "sum, axis 0": (lambda a: total(a, 0), lambda a: a.sum(0), [(2, 3)]),
    "sum, axis 1": (lambda a: total(a, 1), lambda a: a.sum(1), [(2, 3)]),
    "a @ b": (lambda a, b: a @ b, lambda a, b: a @ b, [(2, 3), (3, 4)]),
}


# %% all-agree
def compare(ours: Callable, theirs: Callable, arrays: list[NDArray]) -> tuple:
    """How far our gradients are from torch's and from differences."""
    values = [Value(array) for array in arrays]
    tensors = [torch.tensor(array, requires_grad=True) for array in arrays]
    weights = rng.standard_normal(ours(*values).data.shape)
    backward(total(ours(*values) * weights))
    (theirs(*tensors) * torch.tensor(weights)).sum().backward()
    found = [value.grad for value in values]
    theirs_found = [t.grad.numpy() for t in tensors]

    def number(*arrays: NDArray) -> float:
        return (ours(*map(Value, arrays)).data * weights).sum()

    slopes = differences(number, arrays)
    return largest(found, theirs_found), largest(found, slopes)


def largest(some: list[NDArray], others: list[NDArray]) -> float:
    """The largest difference of any two elements."""
    pairs = zip(some, others, strict=True)
    return max(float(np.abs(a - b).max()) for a, b in pairs)


rng = np.random.default_rng(0)
print("operation    torch to 1e-12  differences to 1e-7")
for name, (ours, theirs, shapes) in cases.items():
    signed = [rng.uniform(0.5, 2, n) * rng.choice([-1, 1], n) for n in shapes]
    arrays = [np.array(a) for a in signed]
    torch_off, off = compare(ours, theirs, arrays)
    print(f"{name:12} {torch_off < 1e-12!s:15} {off < 1e-7}")


# %% spirals
def spirals(n: int, rng: np.random.Generator) -> tuple[NDArray, NDArray]:
    """Points near two spiral arms, (n, 2), and their arms, -1 or 1, (n, 1)."""
    arm = np.where(np.arange(n) % 2, 1.0, -1.0)
    radius = np.sqrt(rng.uniform(0.03, 1, n))
    angle = 2 * np.pi * radius + np.pi * (arm > 0)
    points = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return points + 0.05 * rng.standard_normal((n, 2)), arm[:, None]


rng = np.random.default_rng(0)
X, arms = spirals(200, rng)
X_held_out, arms_held_out = spirals(1000, rng)
print("to train on:", X.shape, arms.shape, " held out:", X_held_out.shape)


# %% network
def network(parameters: Sequence[Value], X: NDArray) -> Value:
    """Scores, shape (n, 1): above 0 says arm 1, below 0 says arm -1."""
    W1, b1, W2, b2 = parameters
    return tanh(X @ W1 + b1) @ W2 + b2


def new_parameters(seed: int, hidden: int = 32) -> list[Value]:
    rng = np.random.default_rng(seed)
    W1, b1 = 2 * rng.standard_normal((2, hidden)), rng.standard_normal(hidden)
    W2, b2 = rng.standard_normal((hidden, 1)) / np.sqrt(hidden), np.zeros(1)
    return [Value(array) for array in (W1, b1, W2, b2)]


# %% loss
def loss_of(scores: Value, arms: NDArray) -> Value:
    """Mean of log(1 + exp(-arm * score))."""
    return total(log(1 + exp(-arms * scores))) / len(arms)


parameters = new_parameters(seed=0)
loss = loss_of(network(parameters, X), arms)
backward(loss)
print(f"loss: {loss.data:.3f}  values in the graph: {len(ordered(loss))}")
print("shapes of the gradients:", [p.grad.shape for p in parameters])

# %% network-agrees
tensors = [torch.tensor(p.data, requires_grad=True) for p in parameters]
W1, b1, W2, b2 = tensors
scores = torch.tanh(torch.tensor(X) @ W1 + b1) @ W2 + b2
torch.nn.functional.softplus(-torch.tensor(arms) * scores).mean().backward()
off = largest([p.grad for p in parameters], [t.grad.numpy() for t in tensors])
print("all gradients within 1e-12 of torch's:", off < 1e-12)


# %% train
def train(
    parameters: list[Value], epochs: int, rate: float = 1.0
) -> tuple[list, dict]:
    """Gradient descent on all examples: losses, arrays after each epoch."""
    losses, history = [], {}
    for epoch in range(epochs + 1):
        history[epoch] = [p.data for p in parameters]
        loss = loss_of(network(parameters, X), arms)
        losses.append(float(loss.data))
        if epoch == epochs:
            break
        backward(loss)
        for p in parameters:
            p.data = p.data - rate * p.grad
    return losses, history


losses, history = train(parameters, epochs=1000)
for epoch in (0, 10, 30, 100, 300, 1000):
    print(f"epoch {epoch:4}  loss {losses[epoch]:.3f}")


# %% held-out
def right(
    parameters: Sequence[Value | NDArray], X: NDArray, arms: NDArray
) -> float:
    """Share of the points whose arm the network tells."""
    scores = network(list(map(lift, parameters)), X).data
    return float((scores * arms > 0).mean())


def interval(share: float, n: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson's 95% interval for a probability, from its share in n trials."""
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    half = half / (1 + z**2 / n)
    return middle - half, middle + half


print("epoch  training  held-out  95% interval")
for epoch in (0, 30, 100, 1000):
    seen = right(history[epoch], X, arms)
    new = right(history[epoch], X_held_out, arms_held_out)
    low, high = interval(new, len(X_held_out))
    print(f"{epoch:5} {seen:9.1%} {new:9.1%}  {low:.1%} to {high:.1%}")

# %% held-out-share tags=["hide"]
print(f"{new:.1%}")

# %% other-starts
shares = []
for seed in range(1, 4):
    _, others = train(new_parameters(seed), epochs=300)
    shares.append(right(others[300], X_held_out, arms_held_out))
first = right(history[300], X_held_out, arms_held_out)
print(f"after 300 epochs: {first:.1%}")
print(f"three other starts: {min(shares):.1%} to {max(shares):.1%}")

# %% straight-line
W, b = Value(np.zeros((2, 1))), Value(np.zeros(1))
for _ in range(300):
    backward(loss_of(X @ W + b, arms))
    for p in (W, b):
        p.data = p.data - p.grad
share = float(((X_held_out @ W.data + b.data) * arms_held_out > 0).mean())
low, high = interval(share, len(X_held_out))
print(f"one layer, held-out: {share:.1%}", end=", ")
print(f"95% interval {low:.1%} to {high:.1%}")

# %% figure-boundary tags=["fold-source"]
across = np.linspace(-1.25, 1.25, 51)
corners = np.stack(np.meshgrid(across, across), axis=-1).reshape(-1, 2)
boundary_figure, (plane_axes, loss_axes) = plt.subplots(
    2, figsize=(5, 6.6), layout="constrained", height_ratios=(3, 1)
)
for arm, mark, color in ((-1, "o", "C0"), (1, "x", "C1")):
    chosen = X[arms[:, 0] == arm]
    plane_axes.plot(*chosen.T, mark, color=color, ms=4, zorder=3)
loss_axes.plot(range(1, 1001), losses[1:], color="C7", lw=1.5)
for epoch in (1, 10, 30, 100, 300, 1000):
    frame = {"gid": f"frame:{epoch}", "visible": epoch == 1000}
    heights = network(list(map(lift, history[epoch])), corners).data.reshape(
        51, 51
    )
    sides = plane_axes.contourf(
        across, across, heights, [-1e9, 0, 1e9], colors=["C0", "C1"], alpha=0.2
    )
    line = plane_axes.contour(
        across, across, heights, [0], colors="C2", linewidths=2
    )
    for drawn in (sides, line):
        drawn.set(**frame)
    loss_axes.plot(epoch, losses[epoch], "o", color="C1", ms=8, **frame)
    loss_axes.text(
        1.2, 0.04, f"loss = {losses[epoch]:.3f}", fontsize=13, **frame
    )
plane_axes.set(aspect="equal", xlabel="$x_1$", ylabel="$x_2$")
plane_axes.set(xticks=[-1, 0, 1], yticks=[-1, 0, 1])
loss_axes.set(
    xscale="log",
    yscale="log",
    xlabel="epoch",
    ylabel="loss",
    yticks=[0.01, 0.1, 1],
)
plt.show()

# %% same-in-torch
tensors = [torch.tensor(array, requires_grad=True) for array in history[0]]
inputs, targets = torch.tensor(X), torch.tensor(arms)
W1, b1, W2, b2 = tensors
for _ in range(200):
    scores = torch.tanh(inputs @ W1 + b1) @ W2 + b2
    loss = torch.nn.functional.softplus(-targets * scores).mean()
    gradients = torch.autograd.grad(loss, tensors)
    with torch.no_grad():
        for t, g in zip(tensors, gradients, strict=True):
            t -= g
off = largest(history[200], [t.detach().numpy() for t in tensors])
print("after 200 epochs, parameters within 1e-9 of torch's:", off < 1e-9)

# %% changed-too-soon
a, b = Value(2.0), Value(5.0)
product = a * b
b.data = np.array(100.0)  # before the backward pass
backward(product)
print("d(ab)/da should be 5, and is", a.grad)


# %% log-sum-exp tags=["exercise"]
def log_sum_exp(a: Value) -> Value:
    """log of the sum of exp along the last axis: (n, k) becomes (n,)."""
    raise NotImplementedError


# %% log-sum-exp-solution tags=["solution"]
def log_sum_exp(a: Value) -> Value:
    """log of the sum of exp along the last axis: (n, k) becomes (n,)."""
    largest = a.data.max(axis=1, keepdims=True)
    powers = np.exp(a.data - largest)
    sums = powers.sum(axis=1, keepdims=True)
    softmax = powers / sums  # the derivative
    result = (largest + np.log(sums))[:, 0]
    return Value(result, [(a, lambda g: g[:, None] * softmax)])


# %% log-sum-exp-check tags=["check"]
rng = np.random.default_rng(0)
a, weights = Value(3 * rng.standard_normal((4, 5))), rng.standard_normal(4)
backward(total(log_sum_exp(a) * weights))
found = log_sum_exp(a).data, a.grad
backward(total(log(total(exp(a), 1)) * weights))
assert np.allclose(found[0], log(total(exp(a), 1)).data), "the value is off"
assert np.allclose(found[1], a.grad), "the gradient is off"
large = Value([[1000.0, 1001.0], [-1000.0, -1000.0]])
with np.errstate(all="raise"):  # an overflow is an error
    backward(log_sum_exp(large))
true = [1001.313262, -999.306853]
assert np.allclose(log_sum_exp(large).data, true), "it overflows"
assert np.allclose(large.grad.sum(axis=1), 1), "each row's gradient sums to 1"


# %% pick-rows tags=["exercise"]
def pick_rows(a: Value, index: NDArray) -> Value:
    """The rows of a matrix at these indices, any of them several times."""
    raise NotImplementedError


# %% pick-rows-solution tags=["solution"]
def pick_rows(a: Value, index: NDArray) -> Value:
    """The rows of a matrix at these indices, any of them several times."""

    def vjp(g: NDArray) -> NDArray:
        result = np.zeros_like(a.data)
        np.add.at(result, index, g)  # not result[index] += g
        return result

    return Value(a.data[index], [(a, vjp)])


# %% pick-rows-check tags=["check"]
a, index = Value(np.arange(12.0).reshape(4, 3)), np.array([2, 0, 2, 2])
weights = np.array([[1.0], [2.0], [3.0], [4.0]])
picked = pick_rows(a, index)
assert np.array_equal(picked.data, a.data[[2, 0, 2, 2]]), "the wrong rows"
backward(total(picked * weights))
assert not a.grad[[1, 3]].any(), "rows not picked get nothing"
assert np.array_equal(a.grad[0], [2.0, 2.0, 2.0]), "row 0 was picked once"
assert np.array_equal(a.grad[2], [8.0, 8.0, 8.0]), "row 2: 1 + 3 + 4"


# %% not-cleared
def backward_uncleared(result: Value) -> None:
    """`backward` without the lines that clear the gradients."""
    result.grad = np.ones_like(result.data)
    for value in reversed(ordered(result)):
        for a, vjp in value.inputs:
            a.grad = a.grad + fit(vjp(value.grad), a.data.shape)


a = Value(1.0)
c = 5 * (3 * a)
for k in (1, 2):
    backward_uncleared(c)
    print(f"pass {k}: a.grad = {a.grad:g}")

# %% creation-order
made: list[Value] = []
plain_init = Value.__init__


def init_and_keep(self: Value, *args) -> None:
    plain_init(self, *args)
    made.append(self)


Value.__init__ = init_and_keep
loss = loss_of(network(new_parameters(0), X), arms)
Value.__init__ = plain_init
number = {value: i for i, value in enumerate(made)}
pairs = [(number[a], number[value]) for value in made for a, _ in value.inputs]
older = all(a < b for a, b in pairs)
print("values made:", len(made), " inputs always older:", older)
