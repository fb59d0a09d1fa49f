"""Basic optimization: learning rate, minibatches, momentum, Adam, Muon."""

# %% setup
from itertools import combinations

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from torch import Tensor
from torch.autograd.functional import hessian
from torch.utils.data import DataLoader, TensorDataset


# %% bowl
def bowl(w: Tensor) -> Tensor:
    """Half of (w1 squared plus 10 times w2 squared)."""
    return (w[0] ** 2 + 10 * w[1] ** 2) / 2


start = torch.tensor([8.0, 2.0], dtype=torch.float64, requires_grad=True)
bowl(start).backward()
print("loss:", bowl(start).item())
print("gradient:", start.grad.tolist())

# %% one-step
w0, gradient = start.detach(), start.grad
print("   rate   loss")
for rate in (-0.01, 0.0, 0.01, 0.05, 0.1, 0.2, 0.3):
    print(f"{rate:7} {bowl(w0 - rate * gradient):6.2f}")


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
    w = path[t].round(decimals=3).tolist()
    print(f"step {t:2}  loss {bowl(path[t]):6.3f}  w {w}")


# %% figure-gd-path tags=["fold-source"]
def draw_bowl(axes: Axes, half_height: float) -> None:
    """Contour lines of the bowl, and a cross at its minimum."""
    across = torch.linspace(-1.2, 9.2, 105, dtype=torch.float64)
    up = torch.linspace(-half_height, half_height, 81, dtype=torch.float64)
    grid = torch.meshgrid(across, up, indexing="xy")
    heights = bowl(torch.stack(grid))
    levels = [1, 4, 10, 20, 34, 52, 75]
    ink = plt.rcParams["text.color"]
    axes.contour(
        across.numpy(),
        up.numpy(),
        heights.numpy(),
        levels,
        colors=ink,
        alpha=0.3,
    )
    axes.plot(0, 0, "x", color=ink, ms=8, mew=2)
    axes.set(
        aspect="equal", xlim=(-1.2, 9.2), ylim=(-half_height, half_height)
    )
    axes.set_xticks([0, 2, 4, 6, 8])
    axes.tick_params(labelsize=12)


path_figure, path_axes = plt.subplots(figsize=(5, 3.4), layout="constrained")
draw_bowl(path_axes, 2.7)
steps = path.diff(dim=0)
path_arrows = path_axes.quiver(
    *path[:-1].T.numpy(),
    *steps.T.numpy(),
    angles="xy",
    scale_units="xy",
    scale=1,
    width=0.006,
)
path_arrows.set(color="C0")
path_axes.plot(*path.T.numpy(), "o", color="C0", ms=3.5)
for t, side in ((0, 0.3), (1, -0.3), (2, 0.3), (3, -0.3)):
    place = (path[t, 0].item() + 0.1, path[t, 1].item() + side)
    path_axes.text(
        *place, rf"$\mathbf{{w}}_{t}$", ha="left", va="center", fontsize=13
    )
path_axes.set_xlabel("$w_1$", fontsize=13)
path_axes.set_ylabel("$w_2$", fontsize=13)
plt.show()

# %% learning-rates
print(" rate     loss  falls at every step")
for rate in (0.005, 0.15, 0.199, 0.2, 0.21):
    losses = torch.stack([bowl(w) for w in descend(w0, rate, 20)])
    print(f"{rate:5} {losses[-1]:8.3f}  {bool((losses.diff() < 0).all())}")


# %% figure-learning-rates tags=["fold-source"]
def learning_rate_paths(steps: int = 20) -> dict[float, Tensor]:
    """For each learning rate, the positions 0 to steps from this start."""
    return {
        rate: descend(w0, rate, steps) for rate in (0.005, 0.15, 0.199, 0.21)
    }


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
curves_figure, curves_axes = plt.subplots(
    figsize=(5, 4.2), layout="constrained"
)
for n, (rate, points) in enumerate(learning_rate_paths().items()):
    losses = [bowl(w).item() for w in points]
    curves_axes.plot(losses, ("-", "--", "-.", ":")[n], color=f"C{n}", lw=2.2)
    curves_axes.text(
        20.4,
        losses[-1],
        rf"$\eta = {rate}$",
        va="center",
        color=f"C{n}",
        fontsize=13,
    )
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
    rounded = factors.round(decimals=3).tolist()
    print(f"rate {rate}  factors {rounded}  agrees: {same}")


# %% figure-factors tags=["fold-source"]
def descend_curve(rate: float, steps: int = 8) -> Tensor:
    """Positions of gradient descent on half of w squared, from 1.5."""
    w = torch.tensor(1.5, dtype=torch.float64)
    path = [w]
    for _ in range(steps):
        w = w - rate * w
        path.append(w)
    return torch.stack(path)


def fate(factor: float) -> str:
    """What becomes of a coordinate that each step multiplies by this."""
    return (
        "converge"
        if abs(factor) < 1
        else "oscillate"
        if abs(factor) == 1
        else "diverge"
    )


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
    valley_axes.plot(
        w.numpy(), (w**2 / 2).numpy(), "o-", color="C0", ms=5, lw=1.5, **frame
    )
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
print("Hessian:", H.tolist())
print("eigenvalues:", torch.linalg.eigvalsh(H).tolist())
print("limit:", (2 / largest).item())

# %% best-rate
print(" rate  slowest factor  steps")
for rate in (0.05, 0.1, 2 / 11, 0.195):
    slowest = (1 - rate * eigenvalues).abs().max().item()
    far = torch.linalg.vector_norm(descend(w0, rate, 185), dim=1) > 0.001
    print(f"{rate:.3f} {slowest:15.3f} {far.sum().item():6}")

# %% clipping
w = torch.zeros(2, requires_grad=True)
w.grad = torch.tensor([300.0, 400.0])
norm = torch.nn.utils.clip_grad_norm_([w], max_norm=1.0)
print("length before:", norm.item(), "gradient after:", w.grad)

# %% data
torch.manual_seed(0)
n = 200
x = 1 + torch.randn(n, dtype=torch.float64)
y = 4 * x + 2 + 0.5 * torch.randn(n, dtype=torch.float64)
A = torch.stack([x, torch.ones_like(x)], dim=1)
optimum = torch.linalg.lstsq(A, y).solution
print("A:", A.shape, "y:", y.shape)
print("least squares:", optimum.round(decimals=3).tolist())


# %% gradient-on
def gradient_on(p: Tensor, batch: Tensor) -> Tensor:
    """Gradient at p of half the mean squared error over this batch."""
    rows = A[batch]
    return (rows @ p - y[batch]) @ rows / len(batch)


p0 = torch.zeros(2, dtype=torch.float64)
full = gradient_on(p0, torch.arange(n))
print("all examples:", full.round(decimals=3).tolist())

# %% full-batch
p = p0.clone().requires_grad_()
(((A @ p - y) ** 2).mean() / 2).backward()
print("autograd:", p.grad.round(decimals=3).tolist())

# %% sample-batch
torch.manual_seed(0)
batch = torch.randperm(n)[:10]
print("batch:", batch.tolist())
print("its gradient:", gradient_on(p0, batch).round(decimals=3).tolist())

# %% all-pairs
pairs = [torch.tensor(pair) for pair in combinations(range(6), 2)]
of_pairs = torch.stack([gradient_on(p0, pair) for pair in pairs])
of_six = gradient_on(p0, torch.arange(6))
mean = of_pairs.mean(dim=0).round(decimals=4).tolist()
print(f"mean of {len(pairs)} pairs:", mean)
print("all six examples:", of_six.round(decimals=4).tolist())

# %% sorted-batches
torch.manual_seed(0)
shuffles = [torch.randperm(n).split(10) for _ in range(100)]
print("batches   mean is the full gradient  mean squared distance from it")
orders = {"shuffled": shuffles, "sorted": [y.argsort().split(10)]}
for name, many in orders.items():
    gradients = [gradient_on(p0, b) for parts in many for b in parts]
    gradients = torch.stack(gradients)
    means = gradients.reshape(len(many), 20, 2).mean(dim=1)
    right = torch.allclose(means, full.expand_as(means))
    off = (gradients - full).square().sum(dim=1).mean()
    print(f"{name:8} {right!s:>26} {off:30.1f}")

# %% last-batch
values = torch.arange(10.0)
loader = DataLoader(values, batch_size=4)
print("batches:", *(batch.tolist() for batch in loader))
means = torch.stack([batch.mean() for batch in loader])
print("mean of their means:", means.mean())
print("true mean:          ", values.mean())

# %% variance
torch.manual_seed(0)
singles = (A @ p0 - y)[:, None] * A
print(f"one example: {(singles - full).square().sum(dim=1).mean():.1f}")
print(" B  variance  B x variance")
for size in (1, 4, 16, 64):
    draws = singles[torch.randint(n, (4000, size))].mean(dim=1)
    variance = (draws - full).square().sum(dim=1).mean()
    print(f"{size:2} {variance:9.2f} {size * variance:13.1f}")


# %% figure-batch-noise tags=["fold-source"]
def minibatch_gradients(size: int, draws: int = 4000) -> Tensor:
    """Minibatch gradients at the least-squares solution, shape (draws, 2)."""
    torch.manual_seed(0)
    of_one = (A @ optimum - y)[:, None] * A
    return of_one[torch.randint(n, (draws, size))].mean(dim=1)


def ring(size: int) -> Tensor:
    """A circle as far from 0 as they are in theory: sigma over root B."""
    turn = torch.linspace(0, 2 * torch.pi, 49, dtype=torch.float64)
    sigma = ((A @ optimum - y)[:, None] * A).square().sum(dim=1).mean().sqrt()
    return sigma / size**0.5 * torch.stack([turn.cos(), turn.sin()])


noise_figure, noise_axes = plt.subplots(figsize=(5, 4.9), layout="constrained")
noise_axes.set(aspect="equal", xlim=(-2.5, 2.5), ylim=(-2.5, 2.5))
for size in (1, 4, 16, 64):
    noise_axes.plot(*ring(size).numpy(), "--", color="C7", lw=1)
    if size < 64:
        noise_axes.text(
            0,
            ring(size)[1].max() + 0.03,
            f"$B={size}$",
            ha="center",
            fontsize=12,
        )
for size in (1, 2, 4, 8, 16, 32, 64):
    frame = {"gid": f"frame:{size}", "visible": size == 4}
    gradients = minibatch_gradients(size)
    variance = gradients.square().sum(dim=1).mean()
    noise_axes.text(-2.4, 2.2, f"batch size = {size}", fontsize=13, **frame)
    noise_axes.text(
        -2.4, 1.8, f"variance = {variance:.3f}", fontsize=13, **frame
    )
    noise_axes.plot(
        *gradients[:24].T.numpy(), "o", color="C0", ms=4.5, alpha=0.4, **frame
    )
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
    rounded = points[update].round(decimals=3).tolist()
    print(f"update {update:3}  w, b:", rounded)

# %% torch-sgd
torch.manual_seed(0)
loader = DataLoader(TensorDataset(A, y), batch_size=10, shuffle=True)
p = p0.clone().requires_grad_()
optimizer = torch.optim.SGD([p], lr=0.1)
for _ in range(5):
    for rows, labels in loader:
        loss = ((rows @ p - labels) ** 2).mean() / 2
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
print("by hand:", points[-1].round(decimals=3).tolist())
print("PyTorch:", p.detach().round(decimals=3).tolist())


# %% batch-sizes
def distance(positions: Tensor) -> Tensor:
    """How far from the least-squares solution."""
    return torch.linalg.vector_norm(positions - optimum, dim=-1)


print("batch size  updates  distance")
for size in (1, 10, 50, 200):
    torch.manual_seed(0)
    points = sgd(p0, rate=0.1, size=size, epochs=5)
    print(f"{size:10} {len(points) - 1:8} {distance(points[-1]):9.3f}")


# %% figure-batch-tradeoff tags=["fold-source"]
def distances(size: int, epochs: int = 5) -> tuple[Tensor, Tensor]:
    """Epochs and distances to the optimum, at most 10 points an epoch."""
    torch.manual_seed(0)
    points = sgd(p0, rate=0.1, size=size, epochs=epochs)
    every = max(1, n // size // 10)
    when = torch.linspace(0, epochs, len(points))[::every]
    return when, distance(points[::every])


tradeoff_figure, distance_axes = plt.subplots(
    figsize=(5, 4), layout="constrained"
)
for k, size in enumerate((1, 10, 50, 200)):
    epochs, far = distances(size)
    color, line = f"C{k}", ("-", "--", "-.", ":")[k]
    distance_axes.plot(epochs.numpy(), far.numpy(), line, color=color, lw=2)
    name = f"$B={size}$"
    distance_axes.text(
        5.1, far[-1].item(), name, va="center", color=color, fontsize=13
    )
distance_axes.set(yscale="log", xlim=(0, 6.3), xticks=range(6))
distance_axes.set_yticks([0.01, 0.1, 1], ["0.01", "0.1", "1"])
distance_axes.minorticks_off()
distance_axes.set_xlabel("epoch", fontsize=12)
distance_axes.set_ylabel("distance", fontsize=12)
distance_axes.tick_params(labelsize=12)
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


print("batch size    bytes")
for size in (1, 10, 100, 1000):
    print(f"{size:10} {saved_bytes(size):8,}")


# %% many-runs
def many_runs(rates: Tensor, size: int) -> Tensor:
    """Distances after 5 epochs of SGD from p0, shape (rates, 20 shuffles)."""
    torch.manual_seed(0)
    p = p0.expand(len(rates), 20, 2)
    for _ in range(5):
        orders = torch.stack([torch.randperm(n) for _ in range(20)])
        for batch in orders.split(size, dim=1):
            errors = A[batch] @ p[..., None] - y[batch][..., None]
            p = p - rates[:, None, None] * (errors * A[batch]).mean(dim=-2)
    return distance(p)


# %% tune-together
rates = torch.tensor([0.01, 0.1, 0.5, 0.75, 1.0], dtype=torch.float64)
print("learning rate" + "".join(f"{rate:9.2f}" for rate in rates))
for size in (1, 10, 50, 200):
    far = many_runs(rates, size)
    rows = {"median": far.median(dim=1).values, "worst": far.amax(dim=1)}
    for name, row in rows.items():
        cells = (f"{d:9.3f}" if d < distance(p0) else " diverges" for d in row)
        print(f"B={size:<4} {name:6}" + "".join(cells))

# %% curvatures
of_all = torch.linalg.eigvalsh(A.T @ A / n)[-1]
of_one = A.square().sum(dim=1).max()
curvatures = {"all 200 examples": of_all, "steepest example": of_one}
for name, curvature in curvatures.items():
    print(f"{name}: curvature {curvature:5.2f}, limit {2 / curvature:.2f}")

# %% data-limit tags=["hide"]
print(f"{2 / torch.linalg.eigvalsh(A.T @ A / n)[-1]:.2f}")

# %% schedule
torch.manual_seed(0)
p = p0
for rate in (0.1, 0.1, 0.01):
    points = sgd(p, rate, size=1, epochs=5)
    p = points[-1]
    far = distance(points[-n:]).mean()
    print(f"rate {rate}  mean distance in the last epoch: {far:.3f}")


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


print("SGD:     ", *two_moves(torch.optim.SGD))
print("momentum:", *two_moves(torch.optim.SGD, momentum=0.9))
print("Adam:    ", *two_moves(torch.optim.Adam))


# %% momentum
def roll(H: Tensor, w: Tensor, rate: float, mu: float, steps: int) -> Tensor:
    """Positions on half of w @ H @ w; mu = 0 is gradient descent."""
    velocity, path = torch.zeros_like(w), [w]
    for _ in range(steps):
        velocity = mu * velocity + H @ w
        w = w - rate * velocity
        path.append(w)
    return torch.stack(path)


def steps_to_reach(path: Tensor) -> Tensor:
    """The first step that comes within 0.001 of the minimum at 0."""
    return (torch.linalg.vector_norm(path, dim=-1) < 0.001).int().argmax(dim=0)


# %% momentum-steps
print("condition number  gradient descent  momentum")
for kappa in (10.0, 100.0, 1000.0):
    bowl_H = torch.diag(torch.tensor([1, kappa], dtype=torch.float64))
    root = kappa**0.5
    plain = roll(bowl_H, w0, 2 / (1 + kappa), 0.0, int(5 * kappa))
    mu = ((root - 1) / (root + 1)) ** 2
    rolling = roll(bowl_H, w0, 4 / (1 + root) ** 2, mu, 300)
    counts = [steps_to_reach(path) for path in (plain, rolling)]
    print(f"{kappa:16.0f} {counts[0]:17} {counts[1]:9}")


# %% adam
def adam_path(
    H: Tensor, w: Tensor, rate: Tensor | float, steps: int
) -> Tensor:
    """Adam on half of w @ H @ w, with PyTorch's default settings."""
    m, v, path = torch.zeros_like(w), torch.zeros_like(w), [w]
    for t in range(1, steps + 1):
        g = w @ H
        m = 0.9 * m + 0.1 * g
        v = 0.999 * v + 0.001 * g**2
        size = (v / (1 - 0.999**t)).sqrt() + 1e-8
        w = w - rate * (m / (1 - 0.9**t)) / size
        path.append(w)
    return torch.stack(path)


w = w0.clone().requires_grad_()
optimizer = torch.optim.Adam([w], lr=0.05)
for _ in range(100):
    optimizer.zero_grad()
    bowl(w).backward()
    optimizer.step()
same = torch.allclose(adam_path(H, w0, 0.05, 100)[-1], w)
print("agrees with torch.optim.Adam:", same)

# %% adam-steps
turn = torch.tensor([[0.6, -0.8], [0.8, 0.6]], dtype=torch.float64)
candidates = 0.01 * 2 ** torch.arange(11, dtype=torch.float64)[:, None]
print("condition number  aligned  turned")
for kappa in (10.0, 100.0, 1000.0):
    fewest = []
    for Q in (torch.eye(2, dtype=torch.float64), turn):
        bowl_H = Q @ torch.diag(torch.tensor([1, kappa]).double()) @ Q.T
        paths = adam_path(bowl_H, (Q @ w0).expand(11, 2), candidates, 600)
        reached = steps_to_reach(paths)
        fewest.append(reached[reached > 0].min().item())
    print(f"{kappa:16.0f} {fewest[0]:8} {fewest[1]:7}")

# %% weight-decay
p = p0.clone().requires_grad_()
optimizer = torch.optim.SGD([p], lr=0.5, weight_decay=0.1)
for _ in range(100):
    optimizer.zero_grad()
    (((A @ p - y) ** 2).mean() / 2).backward()
    optimizer.step()
penalty = 0.1 * torch.eye(2, dtype=torch.float64)
ridge = torch.linalg.solve(A.T @ A / n + penalty, A.T @ y / n)
print("SGD with weight decay 0.1:", p.detach().round(decimals=4).tolist())
print("ridge, strength 0.1:      ", ridge.round(decimals=4).tolist())

# %% adamw
for kind in (torch.optim.Adam, torch.optim.AdamW):
    for decay in (0.0, 0.5):
        w = w0.clone().requires_grad_()
        optimizer = kind([w], lr=0.01, weight_decay=decay)
        bowl(w).backward()
        optimizer.step()
        change = (w - w0).detach().round(decimals=4).tolist()
        print(f"{kind.__name__:5} weight decay {decay}: first step", change)

# %% muon
torch.manual_seed(4)
W = torch.zeros(4, 4, requires_grad=True)
W.grad = torch.randn(4, 4) @ torch.diag(torch.tensor([1.0, 0.3, 0.1, 0.03]))
before = torch.linalg.svdvals(W.grad)
torch.optim.Muon([W], lr=1.0, weight_decay=0.0).step()
after = torch.linalg.svdvals(W.detach())
for name, values in {"gradient": before, "step": after}.items():
    ratio = values[0] / values[-1]
    print(f"{name + ':':9} largest / smallest singular value {ratio:.0f}")


# %% predictions
def first_step(kind: type[torch.optim.Optimizer], scale: float) -> list:
    """How the first step changes w when the loss is multiplied by this."""
    w = w0.clone().requires_grad_()
    (scale * bowl(w)).backward()
    kind([w], lr=0.01).step()
    return (w - w0).detach().round(decimals=4).tolist()


for kind in (torch.optim.SGD, torch.optim.Adam):
    for scale in (1, 1000):
        print(f"{kind.__name__:4} loss x {scale:4}: {first_step(kind, scale)}")


# %% adamw-step tags=["exercise"]
def adamw(w: Tensor, g: Tensor, m: Tensor, v: Tensor, t: int) -> list[Tensor]:
    """New w, m and v: AdamW at step t with rate 0.01 and weight decay 0.1."""
    raise NotImplementedError


# %% adamw-step-solution tags=["solution"]
def adamw(w: Tensor, g: Tensor, m: Tensor, v: Tensor, t: int) -> list[Tensor]:
    """New w, m and v: AdamW at step t with rate 0.01 and weight decay 0.1."""
    m = 0.9 * m + 0.1 * g
    v = 0.999 * v + 0.001 * g**2
    step = (m / (1 - 0.9**t)) / ((v / (1 - 0.999**t)).sqrt() + 1e-8)
    return [w - 0.01 * step - 0.01 * 0.1 * w, m, v]


# %% adamw-step-check tags=["check"]
theirs = w0.clone().requires_grad_()
optimizer = torch.optim.AdamW([theirs], lr=0.01, weight_decay=0.1)
ours, m, v = w0, torch.zeros_like(w0), torch.zeros_like(w0)
for t in range(1, 31):
    optimizer.zero_grad()
    bowl(theirs).backward()
    optimizer.step()
    slope = ours * torch.tensor([1, 10])
    ours, m, v = adamw(ours, slope, m, v, t)
torch.testing.assert_close(ours, theirs.detach())
