"""Generalization: held-out data, fits, weight decay, choosing, one test."""

# %% setup
import math

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from torch import Tensor

double = {"dtype": torch.float64}

# %% three-sets
noise = 0.3


def rule(x: Tensor) -> Tensor:
    return torch.sin(4 * x + 1)


def measure(x: Tensor, generator: torch.Generator) -> Tensor:
    blur = torch.randn(x.shape, generator=generator, **double)
    return rule(x) + noise * blur


generator = torch.Generator().manual_seed(9)
x_train = (2 * torch.arange(20, **double) + 1) / 20 - 1  # evenly spaced
# The others at random, as new data come.
x_val = 2 * torch.rand(20, generator=generator, **double) - 1
x_test = 2 * torch.rand(60, generator=generator, **double) - 1
y_train, y_val, y_test = (
    measure(x, generator) for x in (x_train, x_val, x_test)
)
print(
    "training", len(y_train), " validation", len(y_val), " test", len(y_test)
)


# %% features
def features(x: Tensor, degree: int) -> Tensor:
    """Legendre polynomials 0 to degree, of mean square 1, along a new axis."""
    columns = [torch.ones_like(x), x]
    for k in range(1, degree):
        product = (2 * k + 1) * x * columns[k]
        columns.append((product - k * columns[k - 1]) / (k + 1))
    scale = (2 * torch.arange(degree + 1, **double) + 1).sqrt()
    return torch.stack(columns[: degree + 1], dim=-1) * scale


# %% powers
powers = x_train[:, None] ** torch.arange(16, **double)
legendre = features(x_train, 15)
print(f"condition number, powers:   {torch.linalg.cond(powers):,.0f}")
print(f"condition number, Legendre: {torch.linalg.cond(legendre):,.0f}")


# %% fit
def fit(x: Tensor, y: Tensor, degree: int) -> Tensor:
    """The weights of least squares."""
    return torch.linalg.lstsq(features(x, degree), y[:, None]).solution[:, 0]


def error(weights: Tensor, x: Tensor, y: Tensor) -> float:
    """Mean squared error."""
    predictions = features(x, len(weights) - 1) @ weights
    return (predictions - y).square().mean().item()


# %% degrees
fits = {degree: fit(x_train, y_train, degree) for degree in range(16)}
training = [error(w, x_train, y_train) for w in fits.values()]
validation = [error(w, x_val, y_val) for w in fits.values()]
print("degree  training  validation")
for degree in range(16):
    print(f"{degree:6} {training[degree]:9.3f} {validation[degree]:11.3f}")

# %% figure-fits tags=["fold-source"]
line = torch.linspace(-1, 1, 121, **double)


def draw_data(axes: Axes) -> None:
    """Training and validation data, and the rule as a thin line."""
    axes.plot(line, rule(line), ":", color="C7", lw=1.5)
    axes.plot(x_train, y_train, "o", color="C0", ms=6, label="training error")
    axes.plot(
        x_val, y_val, "x", color="C1", ms=7, mew=2, label="validation error"
    )
    axes.set(xlim=(-1.05, 1.05), ylim=(-2.4, 2.4), xlabel="$x$", ylabel="$y$")


fits_figure, (fits_axes, errors_axes) = plt.subplots(
    2, figsize=(5, 6.4), layout="constrained", height_ratios=(3, 2)
)
draw_data(fits_axes)
errors_axes.plot(training, "o-", color="C0", ms=4, label="training error")
errors_axes.plot(validation, "x--", color="C1", ms=6, label="validation error")
for degree in (0, 1, 2, 3, 4, 5, 7, 10, 12, 14, 15):
    frame = {"gid": f"frame:{degree}", "visible": degree == 5}
    curve = features(line, degree) @ fits[degree]
    fits_axes.plot(line, curve, color="C2", lw=2.5, **frame)
    for errors, color in ((training, "C0"), (validation, "C1")):
        errors_axes.plot(
            degree,
            errors[degree],
            "s",
            ms=11,
            mfc="none",
            color=color,
            **frame,
        )
    both = f"{training[degree]:.3f} → {validation[degree]:.3f}"
    errors_axes.text(7.5, 25, both, ha="center", fontsize=13, **frame)
errors_axes.set(yscale="log", xlabel="degree", ylabel="error", ylim=(0.01, 60))
errors_axes.minorticks_off()
errors_axes.set_xticks(range(0, 16, 3))
errors_axes.legend(loc="upper left", bbox_to_anchor=(0, 0.86), frameon=False)
plt.show()


# %% expected-error
evenly = (torch.arange(400, **double) + 0.5) / 200 - 1


def expected_error(weights: Tensor) -> Tensor:
    """Of new examples: noise plus mean squared distance from the rule."""
    predictions = weights @ features(evenly, weights.shape[-1] - 1).T
    return noise**2 + (predictions - rule(evenly)).square().mean(dim=-1)


x_new = 2 * torch.rand(200_000, generator=generator, **double) - 1
y_new = measure(x_new, generator)
print("degree  validation  expected  on 200,000 new examples")
for degree in (3, 5, 12, 15):
    expected = expected_error(fits[degree]).item()
    new = error(fits[degree], x_new, y_new)
    print(f"{degree:6} {validation[degree]:11.3f} {expected:9.2f} {new:9.2f}")


# %% bias-variance
def parts(x: Tensor, P: Tensor) -> tuple[float, float]:
    """Squared bias and variance, if P @ y predicts from labels y at x."""
    bias = P @ rule(x) - rule(evenly)
    variance = noise**2 * P.square().sum(dim=1)
    return bias.square().mean().item(), variance.mean().item()


def predictor(x: Tensor, degree: int) -> Tensor:
    """The matrix P of least squares."""
    return features(evenly, degree) @ torch.linalg.pinv(features(x, degree))


print("degree  squared bias  variance  with the noise")
for degree in (0, 1, 2, 3, 4, 5, 7, 10, 12, 15):
    bias, variance = parts(x_train, predictor(x_train, degree))
    total = bias + variance + noise**2
    print(f"{degree:6} {bias:13.3f} {variance:9.3f} {total:15.3f}")

# %% simulated
again = measure(x_train.expand(5000, 20), generator)  # new labels, 5000 times
for degree in (3, 5, 10):
    weights = again @ torch.linalg.pinv(features(x_train, degree)).T
    found = expected_error(weights)
    formula = sum(parts(x_train, predictor(x_train, degree))) + noise**2
    off = (found.mean() - formula).abs() / (found.std() / math.sqrt(5000))
    near = (off < 3).item()
    print(f"degree {degree:2}: off by less than 3 standard errors: {near}")


# %% beyond
def smallest(x: Tensor, degree: int) -> Tensor:
    """As `predictor`, with higher polynomials scaled down by 1/(k + 1)."""
    scale = 1 / (torch.arange(degree + 1, **double) + 1)
    A = features(x, degree) * scale
    return (features(evenly, degree) * scale) @ torch.linalg.pinv(A)


print("parameters  expected error")
for degree in (5, 10, 15, 19, 24, 49, 99, 299):
    total = sum(parts(x_train, smallest(x_train, degree))) + noise**2
    print(f"{degree + 1:10} {total:15,.2f}")

# %% figure-double-descent tags=["fold-source"]
counts = [*range(1, 32), 36, 45, 60, 100, 170, 300]
found = [parts(x_train, smallest(x_train, count - 1)) for count in counts]
descent_figure, descent_axes = plt.subplots(
    figsize=(5, 3.6), layout="constrained"
)
for heights, style, name in (
    ([sum(pair) + noise**2 for pair in found], "C0-", "expected error"),
    ([variance for _, variance in found], "C1--", "variance"),
    ([bias for bias, _ in found], "C2-.", "squared bias"),
):
    descent_axes.plot(counts, heights, style, lw=2, label=name)
descent_axes.axvline(20, color="C7", lw=1, ls=":")
descent_axes.set(xscale="log", yscale="log", ylim=(1e-4, 1e7))
descent_axes.set(xlabel="number of parameters", ylabel="error")
descent_axes.set_xticks(
    [1, 3, 10, 20, 100, 300], ["1", "3", "10", "20", "100", "300"]
)
descent_axes.minorticks_off()
descent_axes.legend(loc="upper left", frameon=False)
plt.show()


# %% more-data
def expected_pair(n: int, degree: int = 9) -> tuple[float, float]:
    """Training error and error on new examples to expect from n examples."""
    x = (2 * torch.arange(n, **double) + 1) / n - 1
    A = features(x, degree)
    H = A @ torch.linalg.pinv(A)  # predictions on the training data are H @ y
    bias = (H @ rule(x) - rule(x)).square().mean().item()
    seen = bias + noise**2 * (n - H.trace().item()) / n
    return seen, sum(parts(x, predictor(x, degree))) + noise**2


print("       n  training  expected  σ²(1 - p/n)  σ²(1 + p/n)")
for n in (12, 20, 40, 80, 160, 640):
    seen, new = expected_pair(n)
    below, above = noise**2 * (1 - 10 / n), noise**2 * (1 + 10 / n)
    print(f"{n:8} {seen:9.4f} {new:9.4f} {below:12.4f} {above:12.4f}")

# %% figure-more-data tags=["fold-source"]
more_figure, more_axes = plt.subplots(figsize=(5, 3.4), layout="constrained")
sizes = [12, 14, 16, 20, 28, 40, 60, 80, 120, 160, 240, 320, 480, 640]
pairs = [expected_pair(n) for n in sizes]
more_axes.plot(
    sizes, [seen for seen, _ in pairs], "C0o-", ms=4, label="training error"
)
more_axes.plot(
    sizes, [new for _, new in pairs], "C1x--", ms=6, label="expected error"
)
more_axes.axhline(noise**2, color="C7", ls=":", label="noise")
more_axes.set(
    xscale="log", xlabel="number of examples", ylabel="error", ylim=(0, 0.4)
)
ticks = [10, 20, 40, 80, 160, 320, 640]
more_axes.set_xticks(ticks, [str(tick) for tick in ticks])
more_axes.minorticks_off()
more_axes.legend(frameon=False)
plt.show()

# %% ridge
A_train, A_val, A_test = (features(x, 15) for x in (x_train, x_val, x_test))
penalized = torch.ones(16, **double)
penalized[0] = 0  # the bias is not


def ridge(A: Tensor, y: Tensor, strength: float | Tensor) -> Tensor:
    """Weights of ridge regression; for several strengths, one row each."""
    lam = torch.as_tensor(strength, **double)[..., None, None]
    gram, target = A.T @ A / len(y), A.T @ y / len(y)
    w = torch.linalg.solve(gram + lam * torch.diag(penalized), target[:, None])
    return w[..., 0]


def mse(A: Tensor, w: Tensor, y: Tensor) -> Tensor:
    """Mean squared error; for several rows of weights, one each."""
    return (w @ A.T - y).square().mean(dim=-1)


print("λ       training  validation  length of the weights")
for strength in (1e-6, 1e-4, 1e-2, 1e-1, 1e0, 1e1, 1e2):
    w = ridge(A_train, y_train, strength)
    seen, new = mse(A_train, w, y_train), mse(A_val, w, y_val)
    length = torch.linalg.vector_norm(w[1:])
    print(f"{strength:<7.0e} {seen:8.3f} {new:11.3f} {length:22.2f}")

# %% gradient-is-zero
w = ridge(A_train, y_train, 0.1).requires_grad_()
squares = (A_train @ w - y_train).square().mean()
penalty = w[1:].square().sum()
(squares / 2 + 0.1 * penalty / 2).backward()
largest = w.grad.abs().max().item()
print("gradient zero:", largest < 1e-12)

# %% figure-ridge tags=["fold-source"]
strengths = torch.logspace(-6, 2, 33, **double)
each = ridge(A_train, y_train, strengths)
ridge_figure, (ridge_axes, strength_axes) = plt.subplots(
    2, figsize=(5, 6.4), layout="constrained", height_ratios=(3, 2)
)
draw_data(ridge_axes)
for A, y, style, name in (
    (A_train, y_train, "C0-", "training error"),
    (A_val, y_val, "C1--", "validation error"),
):
    strength_axes.plot(strengths, mse(A, each, y), style, lw=2, label=name)
for power in range(-6, 3):
    value = f"{10.0**power:f}".rstrip("0").rstrip(".")
    frame = {"gid": f"frame:{value}", "visible": power == -1}
    w = each[4 * (power + 6)]
    seen, new = mse(A_train, w, y_train), mse(A_val, w, y_val)
    ridge_axes.plot(line, features(line, 15) @ w, color="C2", lw=2.5, **frame)
    for height, color in ((seen, "C0"), (new, "C1")):
        style = {"ms": 11, "mfc": "none", "color": color}
        strength_axes.plot(10.0**power, height, "s", **style, **frame)
    strength_axes.text(
        1e-2, 25, f"{seen:.3f} → {new:.3f}", ha="center", fontsize=13, **frame
    )
strength_axes.set(xscale="log", yscale="log", ylim=(0.01, 60))
strength_axes.set(xlabel=r"$\lambda$", ylabel="error")
strength_axes.minorticks_off()
strength_axes.legend(
    loc="upper right", bbox_to_anchor=(1, 0.86), frameon=False
)
plt.show()

# %% shrinkage
centered = A_train[:, 1:] - A_train[:, 1:].mean(dim=0)
U, s, _ = torch.linalg.svd(centered, full_matrices=False)
print("λ       smallest factor  effective parameters  same predictions")
for strength in (1e-6, 1e-4, 1e-2, 1e-1, 1e0, 1e1):
    factors = s**2 / (s**2 + len(y_train) * strength)
    shrunk = y_train.mean() + U @ (factors * (U.T @ y_train))
    same = torch.allclose(shrunk, A_train @ ridge(A_train, y_train, strength))
    effective = 1 + factors.sum()
    print(f"{strength:<7.0e} {factors[-1]:15.4f} {effective:21.1f}  {same}")

# %% ridge-parts
gram = A_train.T @ A_train / len(y_train)
print("λ       squared bias  variance  with the noise")
for strength in (1e-6, 1e-4, 1e-2, 1e-1, 1e0, 1e1):
    damped = gram + strength * torch.diag(penalized)
    to_weights = torch.linalg.solve(damped, A_train.T / len(y_train))
    bias, variance = parts(x_train, features(evenly, 15) @ to_weights)
    total = bias + variance + noise**2
    print(f"{strength:<7.0e} {bias:12.3f} {variance:9.3f} {total:15.3f}")

# %% weight-decay
bias = torch.zeros(1, **double, requires_grad=True)
w = torch.zeros(15, **double, requires_grad=True)
groups = [
    {"params": [w], "weight_decay": 0.1},
    {"params": [bias], "weight_decay": 0.0},
]
optimizer = torch.optim.SGD(groups, lr=0.2)
for _ in range(400):
    optimizer.zero_grad()
    ((A_train[:, 1:] @ w + bias - y_train).square().mean() / 2).backward()
    optimizer.step()
found = torch.cat([bias, w]).detach()
same = torch.allclose(found, ridge(A_train, y_train, 0.1), atol=1e-4)
print("weight decay arrives at ridge regression:", same)

# %% choose
grid = torch.logspace(-4, 1, 11, **double)
scores = mse(A_val, ridge(A_train, y_train, grid), y_val)
best = scores.argmin()
print("λ        validation error")
for strength, score in zip(grid, scores, strict=True):
    print(f"{strength:.1e} {score:17.3f}")
print(f"smallest at λ = {grid[best]:.1e}")

# %% worlds
worlds = 1000
y_worlds = measure(x_train.expand(worlds, 20), generator)
# Of shape (worlds, 11, 16).
weights = torch.stack([ridge(A_train, y, grid) for y in y_worlds])
expected = expected_error(weights)


def held_out(n: int) -> Tensor:
    """Squared errors on n new examples per world, shape (worlds, 11, n)."""
    x = 2 * torch.rand(worlds, n, generator=generator, **double) - 1
    predictions = weights @ features(x, 15).mT
    return (predictions - measure(x, generator)[:, None]).square()


# %% winners
on_val = held_out(20).mean(dim=2)
winner = on_val.argmin(dim=1, keepdim=True)
for name, values in (
    ("winner, validation error", on_val.gather(1, winner)),
    ("winner, expected error", expected.gather(1, winner)),
    ("best λ, expected error", expected.min(dim=1).values),
):
    margin = 1.96 * values.std() / math.sqrt(worlds)
    print(f"{name:24}  median {values.median():.3f}", end="  ")
    print(f"mean {values.mean():.3f} ± {margin:.3f}")


# %% cross-validation
def cross_validate(
    A: Tensor, y: Tensor, strengths: Tensor, k: int = 5
) -> Tensor:
    """For each strength, the mean squared error on the folds left out."""
    errors = torch.zeros(len(strengths), len(y), **double)
    for fold in range(k):
        out = torch.arange(len(y)) % k == fold
        w = ridge(A[~out], y[~out], strengths)
        errors[:, out] = (w @ A[out].T - y[out]).square()
    return errors.mean(dim=1)


A_both, y_both = torch.cat([A_train, A_val]), torch.cat([y_train, y_val])
by_folds = cross_validate(A_both, y_both, grid)
chosen = by_folds.argmin()
print(f"smallest at λ = {grid[chosen]:.1e}, error {by_folds[chosen]:.3f}")

# %% three-ways
names = ("one split", "then all 40", "five folds")
finals: dict[str, list[Tensor]] = {name: [] for name in names}
for y_20, w in zip(y_worlds[:200], weights, strict=False):
    x = 2 * torch.rand(20, generator=generator, **double) - 1
    A = torch.cat([A_train, features(x, 15)])
    y = torch.cat([y_20, measure(x, generator)])
    one = mse(A[20:], w, y[20:]).argmin()
    many = cross_validate(A, y, grid).argmin()
    finals["one split"].append(w[one])
    finals["then all 40"].append(ridge(A, y, grid[one]))
    finals["five folds"].append(ridge(A, y, grid[many]))
print("             median  90% below")
for name, found in finals.items():
    values = expected_error(torch.stack(found))
    print(f"{name:11} {values.median():7.3f} {values.quantile(0.9):10.3f}")

# %% test-once
final = ridge(A_both, y_both, grid[chosen])
errors = (A_test @ final - y_test).square()
margin = 1.96 * errors.std() / math.sqrt(len(errors))
print(f"test error {errors.mean():.3f} ± {margin:.3f}")

# %% truth
print(f"expected error {expected_error(final).item():.3f}")

# %% opened-often
on_test = held_out(60)
fixed = torch.full((worlds,), chosen.item())
best_on_test = on_test.mean(dim=2).argmin(dim=1)
takings = {"fixed beforehand": fixed, "chosen by test": best_on_test}
for name, taken in takings.items():
    errors = on_test[torch.arange(worlds), taken]
    truth = expected[torch.arange(worlds), taken]
    margin = 1.96 * errors.std(dim=1) / math.sqrt(60)
    too_good = (errors.mean(dim=1) + margin < truth).double().mean()
    print(f"{name:16}  worse than the interval says: {too_good:.1%}")

# %% elsewhere
x_far = 1 + 0.2 * torch.rand(200, generator=generator, **double)
far = (features(x_far, 15) @ final - measure(x_far, generator)).square()
print(f"error for x between 1 and 1.2: {far.mean():,.0f}")


# %% split tags=["exercise"]
def split(
    n: int, shares: tuple[float, ...], generator: torch.Generator
) -> list[Tensor]:
    """The numbers 0 to n - 1 in random order, cut into these shares."""
    raise NotImplementedError


# %% split-solution tags=["solution"]
def split(
    n: int, shares: tuple[float, ...], generator: torch.Generator
) -> list[Tensor]:
    """The numbers 0 to n - 1 in random order, cut into these shares."""
    ends = [round(n * sum(shares[: i + 1])) for i in range(len(shares))]
    sizes = [end - start for start, end in zip([0, *ends], ends, strict=False)]
    return list(torch.randperm(n, generator=generator).split(sizes))


# %% split-check tags=["check"]
for n in (10, 101, 1797):
    parts_of_n = split(n, (0.6, 0.2, 0.2), torch.Generator().manual_seed(0))
    together = torch.cat(parts_of_n)
    assert len(parts_of_n) == 3, "one part for each share"
    in_order = together.sort().values
    assert torch.equal(in_order, torch.arange(n)), "each number exactly once"
    for part, share in zip(parts_of_n, (0.6, 0.2, 0.2), strict=True):
        assert abs(len(part) - share * n) <= 1, "a part has the wrong size"
    assert not torch.equal(together, torch.arange(n)), "in random order"


# %% leave-one-out tags=["exercise"]
def leave_one_out(A: Tensor, y: Tensor) -> Tensor:
    """For each example, the error of the fit to all the others."""
    raise NotImplementedError


# %% leave-one-out-solution tags=["solution"]
def leave_one_out(A: Tensor, y: Tensor) -> Tensor:
    """For each example, the error of the fit to all the others."""
    H = A @ torch.linalg.pinv(A)
    return (y - H @ y) / (1 - H.diagonal())


# %% leave-one-out-check tags=["check"]
A, y = features(x_train, 5), y_train
found = leave_one_out(A, y)
assert found.shape == y.shape, "one error for each example"
for i in range(20):
    others = torch.arange(20) != i
    w = torch.linalg.lstsq(A[others], y[others, None]).solution[:, 0]
    assert torch.isclose(found[i], y[i] - A[i] @ w), f"example {i}"

# %% diagnosis
print("         as it is  80 examples  degree 5")
for degree in (1, 12):
    as_it_is = sum(parts(x_train, predictor(x_train, degree))) + noise**2
    more = expected_pair(80, degree)[1]
    other = sum(parts(x_train, predictor(x_train, 5))) + noise**2
    print(f"degree {degree:2} {as_it_is:8.3f} {more:12.3f} {other:9.3f}")

# %% leak
generator = torch.Generator().manual_seed(0)
names = {"chosen on all": 60, "chosen on training data": 40}
accuracy: dict[str, list[float]] = {name: [] for name in names}
for _ in range(100):
    X = torch.randn(60, 1000, generator=generator, **double)
    coin = 2 * torch.randint(2, (60,), generator=generator).double() - 1
    for name, rows in names.items():
        kept = (X[:rows].T @ coin[:rows]).abs().topk(10).indices
        w = torch.linalg.lstsq(X[:40, kept], coin[:40, None]).solution[:, 0]
        right = X[40:, kept] @ w * coin[40:] > 0
        accuracy[name].append(right.double().mean().item())
for name, found in accuracy.items():
    values = torch.tensor(found)
    print(f"{name:23} {values.mean():.1%} ± {1.96 * values.std() / 10:.1%}")
