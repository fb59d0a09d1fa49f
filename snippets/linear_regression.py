"""Linear regression: the squared loss, its closed form, and SGD."""

# %% setup
import warnings

import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F
from matplotlib.axes import Axes
from matplotlib.patches import Circle
from torch import Tensor, nn
from torch.autograd.functional import hessian
from torch.optim import SGD
from torch.utils.data import DataLoader, TensorDataset

# %% one-house
x = torch.tensor([1.2, 3.0, 0.5])
w = torch.tensor([3.0, 0.4, -0.3])
b = torch.tensor(1.0)
print("term by term:", round(3.0 * 1.2 + 0.4 * 3.0 - 0.3 * 0.5 + 1.0, 4))
print("dot product: ", x @ w + b)

# %% three-houses
X = torch.tensor([[1.2, 3.0, 0.5], [0.6, 1.0, 4.0], [2.0, 5.0, 1.0]])
print("X:", X.shape, "predictions:", (X @ w + b).shape)
X @ w + b

# %% affine
u, v = X[0], X[1]
together = (u + v) @ w + b
apart = (u @ w + b) + (v @ w + b)
print("apart minus together:", apart - together)


# %% figure-neuron tags=["fold-source"]
def neuron_edges(d: int) -> list[tuple[str, str]]:
    """Where each arrow starts, and its parameter; the last is the bias."""
    return [(f"$x_{j}$", f"$w_{j}$") for j in range(1, d + 1)] + [("1", "$b$")]


def linear_neuron(axes: Axes, d: int) -> None:
    """Draw d inputs and the constant 1, each with an arrow to the output."""
    edges = neuron_edges(d)
    places = [(0.0, float(d - i)) for i in range(d + 1)] + [(4.0, d / 2)]
    for place, name in zip(
        places, [*(start for start, _ in edges), r"$\hat{y}$"], strict=True
    ):
        axes.add_patch(Circle(place, 0.32, fill=False, color="C0", lw=2))
        axes.text(*place, name, ha="center", va="center", fontsize=14)
    axes.patches[d].set_linestyle("--")
    for (_, height), (_, parameter) in zip(places[:-1], edges, strict=True):
        tip = (height - d / 2) * 0.09 + d / 2
        arrow = {
            "arrowstyle": "->",
            "color": "C1",
            "lw": 1.8,
            "shrinkA": 0,
            "shrinkB": 0,
        }
        axes.annotate(
            "", xy=(3.64, tip), xytext=(0.4, height), arrowprops=arrow
        )
        middle = height + 0.42 * (tip - height) + 0.16
        axes.text(
            1.75, middle, parameter, ha="center", va="bottom", fontsize=13
        )
    axes.text(0, d + 0.6, "input", ha="center", fontsize=12)
    axes.text(4, d + 0.6, "output", ha="center", fontsize=12)
    axes.set(xlim=(-0.6, 4.6), ylim=(-0.5, d + 1), aspect="equal")
    axes.axis("off")


neuron_figure, neuron_axes = plt.subplots(
    figsize=(5, 4.2), layout="constrained"
)
linear_neuron(neuron_axes, 3)
plt.show()

# %% linear-layer
layer = nn.Linear(3, 1)
print("weight, bias:", [tuple(p.shape) for p in layer.parameters()])
with torch.no_grad():
    layer.weight.copy_(w)
    layer.bias.copy_(b)
    print("output:", layer(X).shape)
    print("same as X @ w + b:", torch.allclose(layer(X).squeeze(1), X @ w + b))

# %% stacked-layers
torch.manual_seed(0)
first, second = nn.Linear(3, 4), nn.Linear(4, 1)
with torch.no_grad():
    one_weight = second.weight @ first.weight
    one_bias = second.weight @ first.bias + second.bias
    same = torch.allclose(second(first(X)), F.linear(X, one_weight, one_bias))
print("one weight:", one_weight.shape, "one bias:", one_bias.shape)
print("same outputs:", same)

# %% squared-loss
true_price = torch.tensor(5.0)
print("prediction  loss  derivative")
for guess in (4.0, 5.0, 7.0):
    prediction = torch.tensor(guess, requires_grad=True)
    loss = (prediction - true_price) ** 2 / 2
    loss.backward()
    print(f"{guess:10} {loss.item():5} {prediction.grad.item():11}")

# %% half-or-not
targets = torch.tensor([5.0, 3.0, 8.0, 2.0])
guesses = torch.tensor([4.0, 3.5, 6.0, 2.5], requires_grad=True)
half_mean = ((guesses - targets) ** 2 / 2).mean()
losses = {"with 1/2": half_mean, "mse_loss": F.mse_loss(guesses, targets)}
for name, loss in losses.items():
    (slopes,) = torch.autograd.grad(loss, guesses)
    print(name, "loss:", loss.item(), "gradient:", slopes)


# %% figure-loss-shapes tags=["fold-source"]
def loss_shapes(errors: Tensor) -> dict[str, tuple[Tensor, Tensor]]:
    """Each loss at these errors, with its derivative there by autograd."""
    curves = {}
    for name in ("squared loss", "absolute loss"):
        e = errors.clone().requires_grad_()
        losses = e**2 / 2 if name == "squared loss" else e.abs()
        curves[name] = (
            losses.detach(),
            torch.autograd.grad(losses.sum(), e)[0],
        )
    return curves


errors = torch.linspace(
    -3, 3, 602, dtype=torch.float64
)  # an even number: 0 is left out
shapes_figure, shapes_axes = plt.subplots(
    2, figsize=(5, 6.2), layout="constrained", sharex=True
)
for curve, style, color in zip(
    loss_shapes(errors).values(), ("-", "--"), ("C0", "C1"), strict=True
):
    for axes, values in zip(shapes_axes, curve, strict=True):
        for half in (slice(0, 301), slice(301, 602)):
            axes.plot(
                errors[half].numpy(),
                values[half].numpy(),
                style,
                color=color,
                lw=2.2,
            )
shapes_axes[1].plot([0, 0], [-1, 1], "o", color="C1", fillstyle="none", ms=6)
shapes_axes[0].text(-1.9, 3.4, "squared loss", color="C0", fontsize=12)
shapes_axes[0].text(-3.0, 0.6, "absolute loss", color="C1", fontsize=12)
shapes_axes[1].text(0.5, 2.2, "squared loss", color="C0", fontsize=12)
shapes_axes[1].text(-2.9, -0.75, "absolute loss", color="C1", fontsize=12)
shapes_axes[0].set_title("loss function", fontsize=12)
shapes_axes[1].set_title("derivative", fontsize=12)
shapes_axes[1].set_xlabel(r"$\hat{y}-y$", fontsize=13)
for axes in shapes_axes:
    axes.axhline(0, color=plt.rcParams["text.color"], lw=0.8, alpha=0.4)
    axes.tick_params(labelsize=12)
plt.show()

# %% likelihood
scale = 2.0
gaussian = torch.distributions.Normal(0.0, scale)
laplace = torch.distributions.Laplace(0.0, scale)
print("error  Gaussian  squared  Laplace  absolute")
zero = torch.tensor(0.0)
for e in torch.tensor([0.0, 2.0, 6.0, 20.0]):
    ga, la = (d.log_prob(zero) - d.log_prob(e) for d in (gaussian, laplace))
    squared, absolute = (e / scale) ** 2 / 2, e / scale
    print(f"{e:5.0f} {ga:9.1f} {squared:8.1f} {la:8.1f} {absolute:9.1f}")

# %% mean-or-median
prices = torch.tensor([1.0, 2.0, 3.0, 4.0, 100.0])
candidates = torch.arange(101.0)
differences = prices - candidates[:, None]
squared = (differences**2 / 2).mean(dim=1)
absolute = differences.abs().mean(dim=1)
print("squared: ", candidates[squared.argmin()], "mean:  ", prices.mean())
print("absolute:", candidates[absolute.argmin()], " median:", prices.median())

# %% data
true_w = torch.tensor([3.0, 0.4, -0.3], dtype=torch.float64)
true_b = 1.0


def make_houses(n: int) -> tuple[Tensor, Tensor]:
    """Invented houses: area, bedrooms, age, shape (n, 3); prices (n,)."""
    area = 0.5 + 1.5 * torch.rand(n, dtype=torch.float64)
    bedrooms = (2 * area + 1.5 * torch.rand(n, dtype=torch.float64)).floor()
    age = 5 * torch.rand(n, dtype=torch.float64)
    X = torch.stack([area, bedrooms, age], dim=1)
    noise = 0.1 * torch.randn(n, dtype=torch.float64)
    return X, X @ true_w + true_b + noise


torch.manual_seed(0)
X, y = make_houses(200)
print("X:", X.shape, "y:", y.shape)

# %% table
print("area  bedrooms   age   price")
for (area, bedrooms, age), price in zip(X[:6], y[:6], strict=True):
    print(f"{area:4.2f}  {bedrooms:8.0f}  {age:4.2f}  {price:6.2f}")


# %% training-loss
def training_loss(w: Tensor, b: Tensor | float) -> Tensor:
    """Half the mean squared error over the 200 houses."""
    return ((y - (X @ w + b)) ** 2).mean() / 2


nothing = torch.zeros(3, dtype=torch.float64)
print(f"all zero:         {training_loss(nothing, 0.0):8.4f}")
print(f"mean price only:  {training_loss(nothing, y.mean()):8.4f}")
print(f"true parameters:  {training_loss(true_w, true_b):8.4f}")


# %% ones-column
def with_ones(X: Tensor) -> Tensor:
    """X and a last column of ones."""
    return torch.cat([X, X.new_ones(len(X), 1)], dim=1)


A = with_ones(X)
true_v = torch.cat([true_w, torch.tensor([true_b])])
print("A:", A.shape, "v:", true_v.tolist())
print("A v = X w + b:", torch.allclose(A @ true_v, X @ true_w + true_b))


# %% gradient
def loss_of(v: Tensor) -> Tensor:
    """The training loss, bias included in v."""
    return ((y - A @ v) ** 2).mean() / 2


v = torch.zeros(4, dtype=torch.float64, requires_grad=True)
loss_of(v).backward()
formula = -(y - A @ v) @ A / 200
print("autograd:", v.grad.round(decimals=3).tolist())
print("same as the formula:", torch.allclose(formula, v.grad))

# %% minus-sign
start = torch.zeros(4, dtype=torch.float64)
dropped = (y - A @ start) @ A / 200
print(f"at the start:        {loss_of(start):.3f}")
print(f"with the minus sign: {loss_of(start - 0.01 * v.grad):.3f}")
print(f"without it:          {loss_of(start - 0.01 * dropped):.3f}")

# %% hessian
H = hessian(loss_of, start)
print("Hessian is A^T A / n:", torch.allclose(H, A.T @ A / 200))
print("eigenvalues:", torch.linalg.eigvalsh(H).round(decimals=3).tolist())

# %% closed-form
best = torch.linalg.solve(A.T @ A, A.T @ y)
print("found:", best.round(decimals=3).tolist(), f"loss: {loss_of(best):.5f}")
print("true: ", true_v.tolist(), f"          loss: {loss_of(true_v):.5f}")

# %% other-solvers
by_inverse = torch.linalg.inv(A.T @ A) @ A.T @ y
by_lstsq = torch.linalg.lstsq(A, y).solution
print("inv agrees:  ", torch.allclose(by_inverse, best))
print("lstsq agrees:", torch.allclose(by_lstsq, best))

# %% condition
print(f"condition number of A:     {torch.linalg.cond(A):6.1f}")
print(f"condition number of A^T A: {torch.linalg.cond(A.T @ A):6.1f}")

# %% residual
residual = y - A @ best
dots = (A.T @ residual).abs()
print("residual . column below 1e-9:", (dots < 1e-9).tolist())

# %% held-out
torch.manual_seed(1)
X_new, y_new = make_houses(1000)
print("loss      200 houses  1000 new houses")
for name, weights in (("found", best), ("true", true_v)):
    held_out = ((y_new - with_ones(X_new) @ weights) ** 2).mean() / 2
    print(f"{name:6} {loss_of(weights):13.5f} {held_out:16.5f}")
house = torch.tensor([1.2, 3.0, 0.5], dtype=torch.float64)
print(f"the house of the opening: {house @ best[:3] + best[3]:.2f}")

# %% more-data
print("    n  error in v  training loss  held-out loss")
for n in (6, 10, 100, 1000, 10000):
    rows = []
    for seed in range(2, 42):
        torch.manual_seed(seed)
        features, labels = make_houses(n)
        inputs = with_ones(features)
        v_n = torch.linalg.lstsq(inputs, labels, driver="gelsd").solution
        inside = ((labels - inputs @ v_n) ** 2).mean() / 2
        outside = ((y_new - with_ones(X_new) @ v_n) ** 2).mean() / 2
        rows.append(torch.stack([(v_n - true_v).abs().max(), inside, outside]))
    error, inside, outside = torch.stack(rows).mean(dim=0)
    print(f"{n:5} {error:11.4f} {inside:14.5f} {outside:14.5f}")

# %% one-feature
area = X[:, 0]
offset = area - area.mean()
slope = (offset * (y - y.mean())).sum() / (offset**2).sum()
intercept = y.mean() - slope * area.mean()
print(f"slope: {slope:.3f} intercept: {intercept:.3f}")
area_loss = ((y - (slope * area + intercept)) ** 2).mean() / 2
print(f"loss, area only: {area_loss:.4f} all features: {loss_of(best):.4f}")


# %% figure-data-and-fit tags=["fold-source"]
def line_and_residuals(
    x: Tensor, slope: Tensor, intercept: Tensor
) -> tuple[Tensor, Tensor]:
    """The fitted line's two ends, rows (x, y), and its value at each x."""
    ends = torch.stack([x.min(), x.max()])
    return torch.stack(
        [ends, slope * ends + intercept], dim=1
    ), slope * x + intercept


fit_figure, fit_axes = plt.subplots(2, figsize=(5, 8), layout="constrained")
ends, on_line = line_and_residuals(area, slope, intercept)
fit_axes[0].vlines(
    area.numpy(), on_line.numpy(), y.numpy(), color="C0", lw=0.8, alpha=0.5
)
fit_axes[0].plot(area.numpy(), y.numpy(), "o", color="C0", ms=3.5)
fit_axes[0].plot(ends[:, 0].numpy(), ends[:, 1].numpy(), color="C1", lw=2.5)
fit_axes[0].set_xlabel("area", fontsize=12)
fit_axes[0].set_ylabel("house price", fontsize=12)
fitted = A @ best
span = [y.min().item(), y.max().item()]
fit_axes[1].vlines(
    fitted.numpy(), fitted.numpy(), y.numpy(), color="C0", lw=0.8, alpha=0.5
)
fit_axes[1].plot(fitted.numpy(), y.numpy(), "o", color="C0", ms=3.5)
fit_axes[1].plot(span, span, color="C1", lw=2, ls="--")
fit_axes[1].set_xlabel("prediction", fontsize=12)
fit_axes[1].set_ylabel("true value", fontsize=12)
for axes in fit_axes:
    axes.tick_params(labelsize=12)
plt.show()

# %% dependent-column
square_feet = 1.0764 * X[:, :1]
D = torch.cat([A, square_feet], dim=1)
print("D:", D.shape, "rank:", torch.linalg.matrix_rank(D).item())
print("condition number above 1e12:", bool(torch.linalg.cond(D) > 1e12))

# %% many-solutions
direction = torch.tensor([1.0764, 0.0, 0.0, 0.0, -1.0], dtype=torch.float64)
extended = torch.cat([best, torch.zeros(1, dtype=torch.float64)])
for t in (0.0, 1.0, -20.0):
    weights = extended + t * direction
    loss = ((y - D @ weights) ** 2).mean() / 2
    print(f"loss: {loss:.5f}", "weights:", weights.round(decimals=2).tolist())

# %% solve-is-arbitrary
torch.manual_seed(0)
orders = [torch.randperm(200) for _ in range(10)]
by_solve = [torch.linalg.solve(D[o].T @ D[o], D[o].T @ y[o]) for o in orders]
by_pinv = [torch.linalg.pinv(D[o]) @ y[o] for o in orders]
for name, answers in (("solve", by_solve), ("pinv", by_pinv)):
    agree = all(torch.allclose(a, answers[0], rtol=1e-3) for a in answers)
    print(name, "gives one answer for all ten orders:", agree)

# %% pinv
shortest = torch.linalg.pinv(D) @ y
shortest_loss = ((y - D @ shortest) ** 2).mean() / 2
rounded = shortest.round(decimals=3).tolist()
print(f"loss: {shortest_loss:.5f} weights:", rounded)
for name, weights in (("pinv", shortest), ("four columns", extended)):
    print(f"length, {name}: {torch.linalg.vector_norm(weights):.3f}")
by_gelsd = torch.linalg.lstsq(D, y, driver="gelsd").solution
print("gelsd agrees with pinv:", torch.allclose(by_gelsd, shortest))


# %% no-closed-form
def line_loss(p: Tensor) -> Tensor:
    return ((y - (p[0] * area + p[1])) ** 2).mean() / 2


def network_loss(p: Tensor) -> Tensor:
    hidden = torch.tanh(p[1] * area + p[2])
    return ((y - (p[0] * hidden + p[3])) ** 2).mean() / 2


losses = {"line": (line_loss, 2), "tanh network": (network_loss, 4)}
for name, (f, size) in losses.items():
    here = hessian(f, torch.zeros(size, dtype=torch.float64))
    there = hessian(f, torch.ones(size, dtype=torch.float64))
    same = torch.allclose(here, there)
    print(name, "has the same Hessian at both places:", same)

# %% shape-trap
column = (A @ best).reshape(200, 1)
print("predictions:", column.shape, "labels:", y.shape)
print("difference:", (column - y).shape)
print(f"loss, shapes mixed:  {((y - column) ** 2).mean() / 2:.4f}")
print(f"loss, axis squeezed: {((y - column.squeeze(1)) ** 2).mean() / 2:.4f}")

# %% trap-learns-the-mean
trap = nn.Linear(3, 1, dtype=torch.float64)
with torch.no_grad():
    trap.weight.zero_()
    trap.bias.fill_(y.mean())
((y - trap(X)) ** 2).mean().backward()
for name, parameter in trap.named_parameters():
    steepest = parameter.grad.abs().max().item()
    print(name, "gradient below 1e-12:", steepest < 1e-12)

# %% mse-loss-warns
with warnings.catch_warnings():
    warnings.simplefilter("error")
    try:
        F.mse_loss(column, y)
    except UserWarning as warning:
        print(str(warning).split(". ")[0])


# %% one-epoch
def loader_of(inputs: Tensor) -> DataLoader:
    """Batches of 20 houses with these features, shuffled in every epoch."""
    return DataLoader(TensorDataset(inputs, y), batch_size=20, shuffle=True)


measure = nn.MSELoss()


def one_epoch(
    model: nn.Linear,
    optimizer: SGD,
    loader: DataLoader,
    clear: bool = True,
) -> float:
    """All houses once; the mean squared error afterwards."""
    for inputs, prices in loader:
        if clear:
            optimizer.zero_grad()
        measure(model(inputs).squeeze(1), prices).backward()
        optimizer.step()
    with torch.no_grad():
        inputs, prices = loader.dataset.tensors
        return measure(model(inputs).squeeze(1), prices).item()


# %% raw-features
torch.manual_seed(0)
raw_model = nn.Linear(3, 1, dtype=torch.float64)
optimizer = SGD(raw_model.parameters(), lr=0.05)
raw_history = []
for _ in range(20):
    raw_history.append(one_epoch(raw_model, optimizer, loader_of(X)))
for epoch in (1, 5, 10, 20):
    print("epoch", epoch, f"mean squared error: {raw_history[epoch - 1]:.4f}")

# %% raw-faster
torch.manual_seed(0)
hasty = nn.Linear(3, 1, dtype=torch.float64)
optimizer = SGD(hasty.parameters(), lr=0.06)
for epoch in range(1, 6):
    error = one_epoch(hasty, optimizer, loader_of(X))
    print("epoch", epoch, f"mean squared error: {error:.0e}")

# %% standardize
mean, std = X.mean(dim=0), X.std(dim=0)
Z = (X - mean) / std
print("features      smallest  largest  condition number")
for name, matrix in (("original", A), ("standardized", with_ones(Z))):
    smallest, *_, largest = torch.linalg.eigvalsh(matrix.T @ matrix / 200)
    condition = largest / smallest
    print(f"{name:12} {smallest:9.3f} {largest:8.3f} {condition:17.0f}")

# %% sgd
torch.manual_seed(0)
model = nn.Linear(3, 1, dtype=torch.float64)
optimizer = SGD(model.parameters(), lr=0.05)
history = [one_epoch(model, optimizer, loader_of(Z)) for _ in range(20)]
for epoch in (1, 5, 10, 20):
    print("epoch", epoch, f"mean squared error: {history[epoch - 1]:.4f}")

# %% final-loss tags=["hide"]
print(f"{history[-1]:.4f}")

# %% closed-form-loss tags=["hide"]
print(f"{2 * loss_of(best):.4f}")

# %% figure-training tags=["fold-source"]
train_figure, train_axes = plt.subplots(figsize=(5, 4), layout="constrained")
epochs = range(1, 21)
train_axes.plot(epochs, raw_history, "s--", color="C1", ms=5, lw=1.8)
train_axes.plot(epochs, history, "o-", color="C0", ms=5, lw=1.8)
train_axes.axhline(2 * loss_of(best).item(), color="C2", ls=":", lw=2)
train_axes.text(
    8, raw_history[7] * 2.2, r"$\mathbf{X}$", color="C1", fontsize=14
)
train_axes.text(6, history[5] * 1.5, r"$\mathbf{Z}$", color="C0", fontsize=14)
train_axes.text(1, 0.006, "analytic solution", color="C2", fontsize=12)
train_axes.set(yscale="log", xticks=[1, 5, 10, 15, 20], ylim=(0.005, 10))
train_axes.set_xlabel("epoch", fontsize=12)
train_axes.set_ylabel("mean squared error", fontsize=12)
train_axes.tick_params(labelsize=12)
plt.show()

# %% sgd-vs-closed-form
closed = torch.linalg.lstsq(with_ones(Z), y).solution
trained = torch.cat([model.weight.detach().flatten(), model.bias.detach()])
print("SGD:        ", trained.round(decimals=3).tolist())
print("closed form:", closed.round(decimals=3).tolist())
print("all within 0.02:", bool((trained - closed).abs().max() < 0.02))

# %% original-units
w_back = trained[:3] / std
b_back = trained[3] - w_back @ mean
v_back = torch.cat([w_back, b_back[None]])
print("SGD:        ", v_back.round(decimals=3).tolist())
print("closed form:", best.round(decimals=3).tolist())

# %% new-data
large = X_new[:, 0] > 1.8
B = X_new[large]
with torch.no_grad():
    kept = model((B - mean) / std).mean()
    own = model((B - B.mean(dim=0)) / B.std(dim=0)).mean()
print(f"mean price of the large houses:     {y_new[large].mean():.2f}")
print(f"predicted, mean and std kept:       {kept:.2f}")
print(f"predicted, their own mean and std:  {own:.2f}")

# %% keep-walking
for epoch in range(20, 81):
    if epoch > 20:
        one_epoch(model, optimizer, loader_of(Z))
    if epoch % 10 == 0:
        now = torch.cat([model.weight.detach().flatten(), model.bias.detach()])
        gap = (now - closed).abs().max()
        print("epoch", epoch, f"largest difference: {gap:.4f}")


# %% forgotten-zero-grad
def twenty_epochs(clear: bool, momentum: int) -> list[float]:
    """Mean squared error after each epoch, gradients cleared or not."""
    torch.manual_seed(0)
    model = nn.Linear(3, 1, dtype=torch.float64)
    optimizer = SGD(model.parameters(), lr=0.05, momentum=momentum)
    batches = [loader_of(Z) for _ in range(20)]
    return [one_epoch(model, optimizer, loader, clear) for loader in batches]


careless_history = twenty_epochs(clear=False, momentum=0)
for epoch in (1, 5, 10, 20):
    error = careless_history[epoch - 1]
    print("epoch", epoch, f"mean squared error: {error:.2f}")
rolling = torch.tensor(twenty_epochs(clear=True, momentum=1))
same = torch.allclose(rolling, torch.tensor(careless_history))
print("same as momentum 1:", same)

# %% half-and-learning-rate
for name, factor, rate in (
    ("without 1/2, rate 0.05:", 1.0, 0.05),
    ("with 1/2, rate 0.1:", 0.5, 0.1),
):
    p = torch.zeros(4, dtype=torch.float64, requires_grad=True)
    (factor * F.mse_loss(with_ones(Z) @ p, y)).backward()
    stepped = (p - rate * p.grad).detach()
    print(f"{name:23}", stepped.round(decimals=3).tolist())

# %% rescaled
for name, scale_x, scale_y in (
    ("as before", 1.0, 1.0),
    ("prices x 2", 1.0, 2.0),
    ("area x 100", 100.0, 1.0),
):
    inputs = A * torch.tensor([scale_x, 1.0, 1.0, 1.0], dtype=torch.float64)
    v_new = torch.linalg.lstsq(inputs, scale_y * y).solution
    left = ((scale_y * y - inputs @ v_new) ** 2).mean() / 2
    print(f"{name:11} loss: {left:.5f} v:", v_new.round(decimals=4).tolist())


# %% half-mse tags=["exercise"]
def half_mse(prediction: Tensor, target: Tensor) -> Tensor:
    """Half the mean squared error; ValueError where the shapes differ."""
    raise NotImplementedError


# %% half-mse-solution tags=["solution"]
def half_mse(prediction: Tensor, target: Tensor) -> Tensor:
    """Half the mean squared error; ValueError where the shapes differ."""
    if prediction.shape != target.shape:
        raise ValueError(f"{prediction.shape} against {target.shape}")
    return ((prediction - target) ** 2).mean() / 2


# %% half-mse-check tags=["check"]
small = half_mse(torch.tensor([4.0, 5.0]), torch.tensor([5.0, 2.0]))
torch.testing.assert_close(small, torch.tensor(2.5))
for shape in ((2, 1), (1, 2), (1,)):
    try:
        half_mse(torch.zeros(shape), torch.zeros(2))
    except ValueError:
        continue
    raise AssertionError(f"{shape} against (2,) was accepted")


# %% weighted-fit tags=["exercise"]
def weighted_fit(A: Tensor, y: Tensor, counts: Tensor) -> Tensor:
    """Least squares where row i of A, and y[i], occur counts[i] times."""
    raise NotImplementedError


# %% weighted-fit-solution tags=["solution"]
def weighted_fit(A: Tensor, y: Tensor, counts: Tensor) -> Tensor:
    """Least squares where row i of A, and y[i], occur counts[i] times."""
    weighted = counts[:, None] * A
    return torch.linalg.solve(weighted.T @ A, weighted.T @ y)


# %% weighted-fit-check tags=["check"]
rows = torch.tensor([[1.0, 1.0], [2.0, 1.0], [3.0, 1.0], [4.0, 1.0]])
values, times = torch.tensor([1.0, 3.0, 2.0, 5.0]), torch.tensor([1, 5, 2, 3])
many_rows = rows.repeat_interleave(times, dim=0)
many_values = values.repeat_interleave(times)
repeated = torch.linalg.lstsq(many_rows, many_values).solution
weighted = weighted_fit(rows, values, times.float())
torch.testing.assert_close(weighted, repeated, rtol=1e-4, atol=1e-4)


# %% ridge tags=["exercise"]
def ridge(A: Tensor, y: Tensor, strength: float) -> Tensor:
    """Ridge regression; the weight of the last column is not penalized."""
    raise NotImplementedError


# %% ridge-solution tags=["solution"]
def ridge(A: Tensor, y: Tensor, strength: float) -> Tensor:
    """Ridge regression; the weight of the last column is not penalized."""
    n, columns = A.shape
    penalty = strength * torch.eye(columns, dtype=A.dtype)
    penalty[-1, -1] = 0
    return torch.linalg.solve(A.T @ A / n + penalty, A.T @ y / n)


# %% ridge-check tags=["check"]
twins = torch.tensor([[1, 1, 1], [2, 2, 1], [3, 3, 1]], dtype=torch.float64)
heights = torch.tensor([2.0, 4.0, 7.0], dtype=torch.float64)
solution = ridge(twins, heights, 0.1).requires_grad_()
assert solution.shape == (3,)
penalized = ((heights - twins @ solution) ** 2).mean() / 2
penalized = penalized + 0.1 / 2 * solution[:2] @ solution[:2]
(slope_there,) = torch.autograd.grad(penalized, solution)
torch.testing.assert_close(slope_there, torch.zeros_like(slope_there))
raised = ridge(twins, heights + 100, 0.1) - solution.detach()
torch.testing.assert_close(raised, torch.tensor([0, 0, 100]).double())
