"""Basic optimization: gradient descent, the learning rate, minibatches and the batch size."""

# %% setup
from itertools import combinations

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from torch import Tensor
from torch.autograd.functional import hessian
from torch.utils.data import DataLoader


# %% bowl
def bowl(w: Tensor) -> Tensor:
    """Half of (w1 squared plus 10 times w2 squared)."""
    return (w[0] ** 2 + 10 * w[1] ** 2) / 2


start = torch.tensor([8.0, 2.0], dtype=torch.float64, requires_grad=True)
bowl(start).backward()
print(bowl(start).item())
print(start.grad.tolist())

# %% one-step
w0, gradient = start.detach(), start.grad
print(f"{bowl(w0 + 0.01 * gradient):.2f}")
print(f"{bowl(w0):.2f}")
print(f"{bowl(w0 - 0.01 * gradient):.2f}")

# %% step-too-long
for rate in (0.01, 0.05, 0.1, 0.2, 0.3):
    print(rate, f"{bowl(w0 - rate * gradient):.2f}")


# %% descend
def descend(start: Tensor, rate: float, steps: int) -> Tensor:
    """Gradient descent on the bowl: positions, shape (steps + 1, 2)."""
    w = start.clone().requires_grad_()
    path = [w.detach().clone()]
    for _ in range(steps):
        (gradient,) = torch.autograd.grad(bowl(w), w)
        with torch.no_grad():
            w -= rate * gradient
        path.append(w.detach().clone())
    return torch.stack(path)


# %% gradient-descent
path = descend(w0, rate=0.15, steps=20)
for t in (0, 1, 2, 3, 10, 20):
    print(t, path[t].round(decimals=3).tolist(), f"{bowl(path[t]):.3f}")


# %% figure-gd-path tags=["fold-source"]
def draw_bowl(axes: Axes, half_height: float) -> None:
    """Contour lines of the bowl, and a cross at its minimum."""
    across = torch.linspace(-1.2, 9.2, 105, dtype=torch.float64)
    up = torch.linspace(-half_height, half_height, 81, dtype=torch.float64)
    grid = torch.meshgrid(across, up, indexing="xy")
    heights = bowl(torch.stack(grid))
    levels = [1, 4, 10, 20, 34, 52, 75]
    ink = plt.rcParams["text.color"]
    axes.contour(across.numpy(), up.numpy(), heights.numpy(), levels, colors=ink, alpha=0.3)
    axes.plot(0, 0, "x", color=ink, ms=8, mew=2)
    axes.set(aspect="equal", xlim=(-1.2, 9.2), ylim=(-half_height, half_height))
    axes.set_xticks([0, 2, 4, 6, 8])
    axes.tick_params(labelsize=12)


path_figure, path_axes = plt.subplots(figsize=(5, 3.4), layout="constrained")
draw_bowl(path_axes, 2.7)
steps = path.diff(dim=0)
path_arrows = path_axes.quiver(
    *path[:-1].T.numpy(), *steps.T.numpy(), angles="xy", scale_units="xy", scale=1, width=0.006
)
path_arrows.set(color="C0")
path_axes.plot(*path.T.numpy(), "o", color="C0", ms=3.5)
for t, side in ((0, 0.3), (1, -0.3), (2, 0.3), (3, -0.3)):
    place = (path[t, 0].item() + 0.1, path[t, 1].item() + side)
    path_axes.text(*place, rf"$\mathbf{{w}}_{t}$", ha="left", va="center", fontsize=13)
path_axes.set_xlabel("$w_1$", fontsize=13)
path_axes.set_ylabel("$w_2$", fontsize=13)
plt.show()

# %% learning-rates
for rate in (0.005, 0.15, 0.199, 0.2, 0.21):
    losses = torch.stack([bowl(w) for w in descend(w0, rate, 20)])
    print(f"{rate:5}", f"{losses[-1]:8.3f}", bool((losses.diff() < 0).all()))


# %% figure-learning-rates tags=["fold-source"]
def learning_rate_paths(steps: int = 20) -> dict[float, Tensor]:
    """For each learning rate the positions 0 to steps, all from the same start."""
    return {rate: descend(w0, rate, steps) for rate in (0.005, 0.15, 0.199, 0.21)}


rates_figure, rates_axes = plt.subplots(
    2, 2, figsize=(5, 5.2), layout="constrained", sharex=True, sharey=True
)
for n, (rate, points) in enumerate(learning_rate_paths().items()):
    axes = rates_axes.flat[n]
    draw_bowl(axes, 4.2)
    axes.plot(*points.T.numpy(), "o-", color=f"C{n}", ms=4, lw=1.5)
    axes.set_title(rf"$\eta = {rate}$", fontsize=14)
plt.show()

# %% figure-loss-curves tags=["fold-source"]
curves_figure, curves_axes = plt.subplots(figsize=(5, 4.2), layout="constrained")
for n, (rate, points) in enumerate(learning_rate_paths().items()):
    losses = [bowl(w).item() for w in points]
    curves_axes.plot(losses, ("-", "--", "-.", ":")[n], color=f"C{n}", lw=2.2)
    curves_axes.text(20.4, losses[-1], rf"$\eta = {rate}$", va="center", color=f"C{n}", fontsize=13)
curves_axes.set(yscale="log", xlim=(0, 25), xticks=[0, 5, 10, 15, 20])
curves_axes.set_xlabel("step", fontsize=12)
curves_axes.set_ylabel("loss", fontsize=12)
curves_axes.tick_params(labelsize=12)
plt.show()

# %% factors
eigenvalues = torch.tensor([1.0, 10.0], dtype=torch.float64)
steps_done = torch.arange(21)[:, None]
for rate in (0.005, 0.15, 0.2, 0.21):
    factors = 1 - rate * eigenvalues
    same = torch.allclose(descend(w0, rate, 20), factors**steps_done * w0)
    print(rate, factors.round(decimals=3).tolist(), same)


# %% figure-factors tags=["fold-source"]
def descend_curve(rate: float, steps: int = 8) -> Tensor:
    """Gradient descent on half of w squared, from 1.5: positions, shape (steps + 1,)."""
    w = torch.tensor(1.5, dtype=torch.float64)
    path = [w]
    for _ in range(steps):
        w = w - rate * w
        path.append(w)
    return torch.stack(path)


def fate(factor: float) -> str:
    """What becomes of a coordinate that each step multiplies by this factor."""
    return "converge" if abs(factor) < 1 else "oscillate" if abs(factor) == 1 else "diverge"


factor_figure, (valley_axes, position_axes) = plt.subplots(
    2, figsize=(5, 6.4), layout="constrained", height_ratios=(3, 2)
)
valley = torch.linspace(-3.4, 3.4, 69, dtype=torch.float64)
valley_axes.plot(valley.numpy(), (valley**2 / 2).numpy(), color="C7", lw=1.5)
for rate in (0.1, 0.5, 1.0, 1.5, 1.8, 2.0, 2.1):
    frame = {"gid": f"frame:{rate:g}", "visible": rate == 1.8}
    w = descend_curve(rate)
    name = rf"$\eta={rate:g}$,  $1-\eta={1 - rate:.2g}$"
    valley_axes.text(0, 6.7, name, ha="center", fontsize=13, **frame)
    valley_axes.text(0, 5.9, fate(1 - rate), ha="center", fontsize=14, **frame)
    valley_axes.plot(w.numpy(), (w**2 / 2).numpy(), "o-", color="C0", ms=5, lw=1.5, **frame)
    position_axes.plot(w.numpy(), "o-", color="C0", ms=5, lw=1.5, **frame)
for axes, x, y in ((valley_axes, 1.5, 1.125), (position_axes, 0, 1.5)):
    axes.plot(x, y, "s", color="C1", ms=8)
valley_axes.set(ylim=(-0.3, 7.3))
valley_axes.set_xlabel("$w$", fontsize=13)
valley_axes.set_ylabel("loss", fontsize=12)
position_axes.axhline(0, color="C7", lw=1)
position_axes.set(ylim=(-3.5, 3.5), xticks=range(9))
position_axes.set_xlabel("step", fontsize=12)
position_axes.set_ylabel("$w$", fontsize=13)
plt.show()

# %% hessian
H = hessian(bowl, w0)
largest = torch.linalg.eigvalsh(H)[-1]
print(H.tolist())
print(torch.linalg.eigvalsh(H).tolist())
print((2 / largest).item())

# %% at-the-limit
for rate in (0.199, 0.2, 0.201):
    last = descend(w0, rate, 100)[95:, 1]
    print(rate, last.round(decimals=2).tolist())

# %% best-rate
for rate in (0.02, 0.1, 2 / 11, 0.195):
    slowest = (1 - rate * eigenvalues).abs().max().item()
    far = torch.linalg.vector_norm(descend(w0, rate, 450), dim=1) > 0.001
    print(f"{rate:.3f} {slowest:.3f} {far.sum().item():4}")

# %% data
torch.manual_seed(0)
n = 200
x = 1 + torch.randn(n, dtype=torch.float64)
y = 4 * x + 2 + 0.5 * torch.randn(n, dtype=torch.float64)
A = torch.stack([x, torch.ones_like(x)], dim=1)
optimum = torch.linalg.lstsq(A, y).solution
print(A.shape, y.shape)
print(optimum.round(decimals=3).tolist())


# %% gradient-on
def gradient_on(p: Tensor, batch: Tensor) -> Tensor:
    """Gradient at p of half the mean squared error over this batch."""
    rows = A[batch]
    return (rows @ p - y[batch]) @ rows / len(batch)


p0 = torch.zeros(2, dtype=torch.float64)
full = gradient_on(p0, torch.arange(n))
print(full.round(decimals=3).tolist())

# %% full-batch
p = p0.clone().requires_grad_()
(((A @ p - y) ** 2).mean() / 2).backward()
print(p.grad.round(decimals=3).tolist())

# %% updates-per-epoch
examples = 1_000_000
for size in (1_000_000, 1000, 100, 1):
    print(f"{size:9,} {examples // size:9,}")

# %% sample-batch
torch.manual_seed(0)
batch = torch.randperm(n)[:10]
print(batch.tolist())
print(len(batch), gradient_on(p0, batch).round(decimals=3).tolist())

# %% all-pairs
pairs = [torch.tensor(pair) for pair in combinations(range(6), 2)]
of_pairs = torch.stack([gradient_on(p0, pair) for pair in pairs])
print(len(pairs))
print(of_pairs.mean(dim=0).round(decimals=4).tolist())
print(gradient_on(p0, torch.arange(6)).round(decimals=4).tolist())

# %% partition
torch.manual_seed(0)
parts = torch.randperm(n).split(10)
of_parts = torch.stack([gradient_on(p0, part) for part in parts])
print(len(parts), torch.allclose(of_parts.mean(dim=0), full))

# %% sorted-batches
sorted_parts = y.argsort().split(10)
of_sorted = torch.stack([gradient_on(p0, part) for part in sorted_parts])
for gradients in (of_parts, of_sorted):
    off = (gradients - full).square().sum(dim=1).mean()
    print(torch.allclose(gradients.mean(dim=0), full), f"{off:.1f}")

# %% last-batch
values = torch.arange(10.0)
loader = DataLoader(values, batch_size=4)
print([len(batch) for batch in loader])
print(torch.stack([batch.mean() for batch in loader]).mean(), values.mean())

# %% variance
torch.manual_seed(0)
singles = (A @ p0 - y)[:, None] * A
print(f"{(singles - full).square().sum(dim=1).mean():.1f}")
for size in (1, 4, 16, 64):
    draws = singles[torch.randint(n, (4000, size))].mean(dim=1)
    variance = (draws - full).square().sum(dim=1).mean()
    print(f"{size:2} {variance:6.2f} {size * variance:6.1f}")


# %% figure-batch-noise tags=["fold-source"]
def minibatch_gradients(size: int, draws: int = 4000) -> Tensor:
    """Gradients of random minibatches at the least-squares solution; shape (draws, 2)."""
    torch.manual_seed(0)
    of_one = (A @ optimum - y)[:, None] * A
    return of_one[torch.randint(n, (draws, size))].mean(dim=1)


def ring(size: int) -> Tensor:
    """Points of a circle as far from 0 as such gradients are in theory: sigma over root B."""
    turn = torch.linspace(0, 2 * torch.pi, 73, dtype=torch.float64)
    sigma = ((A @ optimum - y)[:, None] * A).square().sum(dim=1).mean().sqrt()
    return sigma / size**0.5 * torch.stack([turn.cos(), turn.sin()])


noise_figure, noise_axes = plt.subplots(figsize=(5, 4.9), layout="constrained")
noise_axes.set(aspect="equal", xlim=(-2.5, 2.5), ylim=(-2.5, 2.5))
for size in (1, 4, 16, 64):
    noise_axes.plot(*ring(size).numpy(), "--", color="C7", lw=1)
    if size < 64:
        noise_axes.text(0, ring(size)[1].max() + 0.03, f"$B={size}$", ha="center", fontsize=12)
for size in (1, 2, 4, 8, 16, 32, 64):
    frame = {"gid": f"frame:{size}", "visible": size == 4}
    gradients = minibatch_gradients(size)
    variance = gradients.square().sum(dim=1).mean()
    noise_axes.text(-2.4, 2.2, f"batch size = {size}", fontsize=13, **frame)
    noise_axes.text(-2.4, 1.8, f"variance = {variance:.3f}", fontsize=13, **frame)
    noise_axes.plot(*gradients[:60].T.numpy(), "o", color="C0", ms=4.5, alpha=0.4, **frame)
    noise_axes.plot(*ring(size).numpy(), color="C1", lw=2.5, **frame)
noise_axes.plot(0, 0, "x", color="C1", ms=9, mew=2)
plt.show()


# %% sgd
def sgd(p: Tensor, rate: float, size: int, epochs: int) -> Tensor:
    """Minibatch SGD from p: positions, shape (updates + 1, 2)."""
    path = [p]
    for _ in range(epochs):
        for batch in torch.randperm(n).split(size):
            p = p - rate * gradient_on(p, batch)
            path.append(p)
    return torch.stack(path)


torch.manual_seed(0)
points = sgd(p0, rate=0.1, size=10, epochs=5)
for update in (0, 1, 2, 20, 100):
    print(update, points[update].round(decimals=3).tolist())

# %% torch-sgd
torch.manual_seed(0)
p = p0.clone().requires_grad_()
optimizer = torch.optim.SGD([p], lr=0.1)
for _ in range(5):
    for batch in torch.randperm(n).split(10):
        loss = ((A[batch] @ p - y[batch]) ** 2).mean() / 2
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
print(torch.allclose(p.detach(), points[-1]))


# %% batch-sizes
def distance(positions: Tensor) -> Tensor:
    """How far from the least-squares solution."""
    return torch.linalg.vector_norm(positions - optimum, dim=-1)


for size in (1, 10, 50, 200):
    torch.manual_seed(0)
    points = sgd(p0, rate=0.1, size=size, epochs=5)
    print(f"{size:3} {len(points) - 1:5} {distance(points[-1]):6.3f}")


# %% figure-batch-tradeoff tags=["fold-source"]
def variances(sizes: Tensor, draws: int = 4000) -> tuple[Tensor, Tensor]:
    """Variance of the gradient for these batch sizes: measured, and one example's over B."""
    torch.manual_seed(0)
    errors = [
        singles[torch.randint(n, (draws, size))].mean(dim=1) - full for size in sizes.tolist()
    ]
    measured = torch.stack([error.square().sum(dim=1).mean() for error in errors])
    return measured, (singles - full).square().sum(dim=1).mean() / sizes


def distances(size: int, epochs: int = 5) -> tuple[Tensor, Tensor]:
    """Epochs gone by and distance to the optimum, at most 20 points an epoch."""
    torch.manual_seed(0)
    points = sgd(p0, rate=0.1, size=size, epochs=epochs)
    every = max(1, n // size // 20)
    return torch.linspace(0, epochs, len(points))[::every], distance(points[::every])


tradeoff_figure, (variance_axes, distance_axes) = plt.subplots(
    2, figsize=(5, 8), layout="constrained"
)
tradeoff_figure.get_layout_engine().set(h_pad=0.12)
sizes = torch.tensor([1, 2, 4, 8, 16, 32, 64])
measured, theory = variances(sizes)
variance_axes.plot(sizes.numpy(), theory.numpy(), "--", color="C1", lw=2)
variance_axes.plot(sizes.numpy(), measured.numpy(), "o", color="C0", ms=7)
variance_axes.text(10, theory[3].item(), r"$\sigma^2/B$", color="C1", fontsize=14)
variance_axes.set(xscale="log", yscale="log")
variance_axes.set_xticks(sizes.tolist(), [str(size) for size in sizes.tolist()])
variance_axes.set_yticks([1, 10, 100], ["1", "10", "100"])
variance_axes.minorticks_off()
variance_axes.set_xlabel("batch size", fontsize=12)
variance_axes.set_ylabel("variance", fontsize=12)
for k, size in enumerate((1, 10, 50, 200)):
    epochs, far = distances(size)
    color, line = f"C{k}", ("-", "--", "-.", ":")[k]
    distance_axes.plot(epochs.numpy(), far.numpy(), line, color=color, lw=2)
    name = f"$B={size}$"
    distance_axes.text(5.1, far[-1].item(), name, va="center", color=color, fontsize=13)
distance_axes.set(yscale="log", xlim=(0, 6.3), xticks=range(6))
distance_axes.set_yticks([0.01, 0.1, 1], ["0.01", "0.1", "1"])
distance_axes.minorticks_off()
distance_axes.set_xlabel("epoch", fontsize=12)
distance_axes.set_ylabel("distance", fontsize=12)
for axes in (variance_axes, distance_axes):
    axes.tick_params(labelsize=12)
plt.show()


# %% saved-bytes
def saved_bytes(size: int) -> int:
    """Bytes that one small layer keeps for the backward pass."""
    saved = []

    def keep(tensor: Tensor) -> Tensor:
        saved.append(tensor.nbytes)
        return tensor

    weights = torch.zeros(100, 50, requires_grad=True)
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        torch.tanh(torch.ones(size, 100) @ weights)
    return sum(saved)


for size in (1, 10, 100, 1000):
    print(f"{size:4} {saved_bytes(size):8,}")

# %% duplicates
copies = torch.full((64,), 7)
print(torch.allclose(gradient_on(p0, copies), gradient_on(p0, copies[:1])))

# %% tune-together
rates = (0.01, 0.1, 0.5, 1.0)
print("     " + "".join(f"{rate:9}" for rate in rates))
for size in (1, 10, 50, 200):
    row = f"B={size:<3}"
    for rate in rates:
        torch.manual_seed(0)
        end = distance(sgd(p0, rate, size, epochs=5)[-1])
        row += f"{end:9.3f}" if end < distance(p0) else " diverges"
    print(row)

# %% data-limit tags=["hide"]
print(f"{2 / torch.linalg.eigvalsh(A.T @ A / n)[-1]:.2f}")

# %% schedule
torch.manual_seed(0)
p = p0
for rate in (0.1, 0.1, 0.01):
    points = sgd(p, rate, size=1, epochs=5)
    p = points[-1]
    print(rate, f"{distance(points[-n:]).mean():.3f}")


# %% update-rules
def two_moves(kind: type[torch.optim.Optimizer], **options: float) -> list:
    """The first two changes of w that this optimizer makes on the bowl."""
    w = w0.clone().requires_grad_()
    optimizer = kind([w], lr=0.01, **options)
    places = [w0]
    for _ in range(2):
        optimizer.zero_grad()
        bowl(w).backward()
        optimizer.step()
        places.append(w.detach().clone())
    return torch.stack(places).diff(dim=0).round(decimals=3).tolist()


print(two_moves(torch.optim.SGD))
print(two_moves(torch.optim.SGD, momentum=0.9))
print(two_moves(torch.optim.Adam))


# %% stable-limit tags=["exercise"]
def stable_limit(A: Tensor) -> float:
    """The learning rate from which on descent no longer converges."""
    raise NotImplementedError


# %% stable-limit-solution tags=["solution"]
def stable_limit(A: Tensor) -> float:
    """The learning rate from which on descent no longer converges."""
    H = A.T @ A / len(A)
    return 2 / torch.linalg.eigvalsh(H)[-1].item()


# %% stable-limit-check tags=["check"]
rows = torch.tensor([[1, 2], [2, 1], [3, 3], [0, 1]]).double()
labels = rows @ torch.tensor([1, -1]).double()
for factor, arrives in ((0.99, True), (1.01, False)):
    w = torch.zeros(2, dtype=torch.float64)
    for _ in range(1000):
        w = w - factor * stable_limit(rows) * (rows @ w - labels) @ rows / 4
    assert bool((rows @ w - labels).abs().max() < 1e-3) is arrives


# %% steps-needed tags=["exercise"]
def steps_needed(rate: float, lambdas: Tensor, shrink: float) -> int | None:
    """Steps until every coordinate has shrunk that far; None if never."""
    raise NotImplementedError


# %% steps-needed-solution tags=["solution"]
def steps_needed(rate: float, lambdas: Tensor, shrink: float) -> int | None:
    """Steps until every coordinate has shrunk that far; None if never."""
    slowest = (1 - rate * lambdas).abs().max().item()
    if slowest >= 1:
        return None
    steps, left = 0, 1.0
    while left > shrink:
        left *= slowest
        steps += 1
    return steps


# %% steps-needed-check tags=["check"]
lambdas = torch.tensor([1.0, 10.0], dtype=torch.float64)
assert steps_needed(0.5, lambdas[:1], shrink=0.25) == 2
assert steps_needed(0.2, lambdas, shrink=0.001) is None
assert steps_needed(0.21, lambdas, shrink=0.001) is None
for rate in (0.02, 0.15, 2 / 11, 0.195):
    count = steps_needed(rate, lambdas, shrink=0.001)
    left = (descend(w0, rate, count) / w0).abs().amax(dim=1)
    assert left[count] <= 0.001 < left[count - 1]


# %% epoch-batches tags=["exercise"]
def epoch_batches(n: int, size: int) -> list[Tensor]:
    """Indices 0 to n - 1, shuffled and cut; the last batch may be smaller."""
    raise NotImplementedError


# %% epoch-batches-solution tags=["solution"]
def epoch_batches(n: int, size: int) -> list[Tensor]:
    """Indices 0 to n - 1, shuffled and cut; the last batch may be smaller."""
    return list(torch.randperm(n).split(size))


# %% epoch-batches-check tags=["check"]
torch.manual_seed(0)
first, second = epoch_batches(103, 10), epoch_batches(103, 10)
for batches in (first, second):
    assert [len(batch) for batch in batches] == [10] * 10 + [3]
    assert torch.equal(torch.cat(batches).sort().values, torch.arange(103))
assert not torch.equal(torch.cat(first), torch.cat(second))
assert not torch.equal(torch.cat(first), torch.arange(103))


# %% momentum tags=["exercise"]
def momentum_descent(rate: float, momentum: float, steps: int) -> Tensor:
    """Where these steps lead on the bowl from w0; no torch.optim."""
    raise NotImplementedError


# %% momentum-solution tags=["solution"]
def momentum_descent(rate: float, momentum: float, steps: int) -> Tensor:
    """Where these steps lead on the bowl from w0; no torch.optim."""
    w, velocity = w0, torch.zeros_like(w0)
    for _ in range(steps):
        gradient = w * torch.tensor([1.0, 10.0], dtype=w.dtype)
        velocity = momentum * velocity + gradient
        w = w - rate * velocity
    return w


# %% momentum-check tags=["check"]
for momentum in (0.0, 0.5, 0.9):
    w = w0.clone().requires_grad_()
    optimizer = torch.optim.SGD([w], lr=0.05, momentum=momentum)
    for _ in range(30):
        optimizer.zero_grad()
        bowl(w).backward()
        optimizer.step()
    torch.testing.assert_close(momentum_descent(0.05, momentum, 30), w.detach())
