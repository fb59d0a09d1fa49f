"""Softmax regression on handwritten digits: loss, gradient, accuracy."""

# %% setup
import math

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path
from sklearn.datasets import load_digits
from torch import Tensor, nn

# %% digits
digits = load_digits()
X = torch.tensor(digits.data / 16)  # ink from 0 to 1, in float64
y = torch.tensor(digits.target)
print("X:", tuple(X.shape), "of a picture:", tuple(digits.images[0].shape))
print("least and most ink:", X.min().item(), X.max().item())
print("pictures of each digit:", torch.bincount(y).tolist())


# %% figure-digits tags=["fold-source"]
def draw_squares(
    axes: Axes,
    picture: Tensor,
    place: tuple[float, float],
    color: str,
    **how: object,
) -> None:
    """64 numbers as 8 rows of squares, larger for larger numbers."""
    side = picture.clamp(min=0, max=1).sqrt().reshape(8, 8) * 0.96
    row, column = torch.nonzero(side > 0.1, as_tuple=True)
    half, x, y = side[row, column] / 2, column + place[0], row + place[1]
    left, right, low, high = x - half, x + half, y - half, y + half
    corners = [
        (left, low),
        (right, low),
        (right, high),
        (left, high),
        (left, low),
    ]
    vertices = torch.stack(
        [torch.stack(corner, dim=1) for corner in corners], dim=1
    )
    codes = [
        Path.MOVETO,
        Path.LINETO,
        Path.LINETO,
        Path.LINETO,
        Path.CLOSEPOLY,
    ] * len(half)
    squares = Path(vertices.reshape(-1, 2).numpy(), codes)
    axes.add_patch(PathPatch(squares, facecolor=color, edgecolor=color, **how))


def frame_for(axes: Axes, place: tuple[float, float], title: str = "") -> None:
    """A thin frame around one picture, and its name above."""
    x, y = place
    frame = Rectangle(
        (x - 0.7, y - 0.7), 8.4, 8.4, fill=False, edgecolor="C7", alpha=0.5
    )
    axes.add_patch(frame)
    axes.text(x + 3.5, y - 1.2, title, ha="center", va="bottom")


def places(
    columns: int, rows: int, height: float = 12
) -> list[tuple[float, float]]:
    return [
        (10 * i % (10 * columns), height * (i // columns))
        for i in range(columns * rows)
    ]


def set_limits(
    axes: Axes, columns: int, rows: int, height: float = 12
) -> None:
    axes.set(xlim=(-1, 10 * columns - 1), aspect="equal")
    axes.set_ylim(height * (rows - 1) + 8.2, 9 - height)
    axes.set_axis_off()


digits_figure, digits_axes = plt.subplots(
    figsize=(5, 2.2), layout="constrained"
)
shown = [*range(20), *range(130, 150)]
for i, place in zip(shown, places(10, 4, height=10), strict=True):
    frame_for(digits_axes, place)
    draw_squares(digits_axes, X[i], place, "C0" if i < 130 else "C1", lw=0)
set_limits(digits_axes, 10, 4, height=10)
plt.show()

# %% sheets
# cut where the list begins anew; sheet 7 lacks the first 0
sizes = torch.tensor([130, 126, *[130] * 5, 123, 128, 130, 128, 130, 122, 130])
sheet = torch.repeat_interleave(torch.arange(14), sizes)
for k in (0, 1, 7, 12):
    print(f"sheet {k:2}: ", *y[sheet == k][:50].tolist(), sep="")

# %% same-hand
distances = torch.cdist(X, X).fill_diagonal_(torch.inf)
same_hand = (sheet == sheet[distances.argmin(dim=1)]).float().mean().item()
at_random = ((torch.bincount(sheet) / len(y)) ** 2).sum().item()
print(f"most similar picture on the same sheet: {same_hand:.0%}", end=", ")
print(f"by chance {at_random:.0%}")

# %% same-hand-share tags=["hide"]
print(f"{same_hand:.0%}")

# %% chance-share tags=["hide"]
print(f"{at_random:.0%}")

# %% split
training, sealed = sheet < 7, sheet >= 10
validation = ~(training | sealed)
print("training:", training.sum().item(), end="  ")
print("validation:", validation.sum().item(), end="  ")
print("test, sealed:", sealed.sum().item())

# %% one-hot
Y = nn.functional.one_hot(y, num_classes=10).to(X.dtype)
print("label:", y[3].item(), " one-hot:", Y[3].int().tolist())


# %% softmax
def softmax_naive(o: Tensor) -> Tensor:
    """Positive numbers that sum to 1 along the last axis."""
    powers = o.exp()
    return powers / powers.sum(dim=-1, keepdim=True)


o = torch.tensor([2.0, 1.0, -1.0])
print("probabilities:", softmax_naive(o).numpy().round(3))
print("all logits + 50:", softmax_naive(o + 50).numpy().round(3))

# %% overflow
print("all logits + 100:", softmax_naive(o + 100))


# %% stable-softmax
def softmax(o: Tensor) -> Tensor:
    return softmax_naive(o - o.max(dim=-1, keepdim=True).values)


print("all logits + 100:", softmax(o + 100).numpy().round(3))

# %% log-of-zero
far = torch.tensor([0.0, 200.0])
print("log of softmax:", softmax(far).log().tolist())


# %% log-sum-exp
def log_sum_exp(o: Tensor) -> Tensor:
    largest = o.max(dim=-1, keepdim=True).values
    return (o - largest).exp().sum(dim=-1).log() + largest.squeeze(-1)


print("logit minus log-sum-exp:", (far - log_sum_exp(far)).tolist())
print("as torch has it:", torch.log_softmax(far, dim=-1).tolist())

# %% likelihood
n_training = int(training.sum())
likelihood = 0.1**n_training
print("product of the probabilities:", likelihood)
print(f"minus the mean of the logarithms: {-math.log(0.1):.3f}")


# %% cross-entropy-loss
def cross_entropy(o: Tensor, y: Tensor) -> Tensor:
    """Mean of minus the log probabilities of labels y, for logits o."""
    return (log_sum_exp(o) - o.gather(1, y[:, None]).squeeze(1)).mean()


torch.manual_seed(0)
o = 5 * torch.randn(6, 10, dtype=torch.float64)
theirs = nn.functional.cross_entropy(o, y[:6])
print("same as torch:", torch.allclose(cross_entropy(o, y[:6]), theirs))


# %% gradient
def gradient(
    W: Tensor, b: Tensor, X: Tensor, Y: Tensor
) -> tuple[Tensor, Tensor]:
    """Of the mean cross-entropy of X W^T + b, for one-hot labels Y."""
    error = (softmax(X @ W.T + b) - Y) / len(X)
    return error.T @ X, error.sum(dim=0)


# %% gradient-check
torch.manual_seed(0)
W = torch.randn(10, 64, dtype=torch.float64, requires_grad=True)
b = torch.randn(10, dtype=torch.float64, requires_grad=True)
few = slice(50)
cross_entropy(X[few] @ W.T + b, y[few]).backward()
with torch.no_grad():
    by_hand = gradient(W, b, X[few], Y[few])
    up, down = W.clone(), W.clone()
    up[3, 20] += 1e-6
    down[3, 20] -= 1e-6
    rise = [cross_entropy(X[few] @ V.T + b, y[few]) for V in (up, down)]
    difference = (rise[0] - rise[1]) / 2e-6
same = [torch.allclose(by_hand[i], p.grad) for i, p in enumerate((W, b))]
print("as autograd:", *same)
near = torch.allclose(by_hand[0][3, 20], difference, rtol=1e-6)
print("as a difference quotient:", near)

# %% rate-limit
A = torch.cat([X, torch.ones(len(X), 1, dtype=X.dtype)], dim=1)[training]
steepest = torch.linalg.eigvalsh(A.T @ A / len(A))[-1].item() / 2
print(f"curvature at most {steepest:.2f}", end=", ")
print(f"learning rate safe below {2 / steepest:.2f}")

# %% safe-rate tags=["hide"]
print(f"{2 / steepest:.2f}")


# %% train
def train(
    X: Tensor, y: Tensor, steps=100, rate=0.3, momentum=0.9
) -> tuple[Tensor, Tensor]:
    """Weights (10, 64) and bias, by gradient descent with momentum."""
    Y = nn.functional.one_hot(y, num_classes=10).to(X.dtype)
    W, b = torch.zeros(10, 64, dtype=X.dtype), torch.zeros(10, dtype=X.dtype)
    W_speed, b_speed = torch.zeros_like(W), torch.zeros_like(b)
    for _ in range(steps):
        W_gradient, b_gradient = gradient(W, b, X, Y)
        W_speed = momentum * W_speed + W_gradient
        b_speed = momentum * b_speed + b_gradient
        W, b = W - rate * W_speed, b - rate * b_speed
    return W, b


W, b = train(X[training], y[training])
for name, part in {"training": training, "validation": validation}.items():
    print(f"{name:10}  loss {cross_entropy(X[part] @ W.T + b, y[part]):.3f}")

# %% library
model = nn.Linear(64, 10, dtype=X.dtype)
nn.init.zeros_(model.weight)
nn.init.zeros_(model.bias)
loss_function = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.3, momentum=0.9)
for _ in range(100):
    loss = loss_function(model(X[training]), y[training])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
same = torch.allclose(model.weight, W) and torch.allclose(model.bias, b)
print("same weights and bias:", same)

# %% double-softmax
perfect = 1e3 * Y[:5]
print(f"logits: {loss_function(perfect, y[:5]):.3f}")
print(f"softmax of the logits: {loss_function(softmax(perfect), y[:5]):.3f}")

# %% floor tags=["hide"]
print(f"{loss_function(softmax(perfect), y[:5]):.3f}")


# %% accuracy
def wilson(right: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """An interval for a share, from `right` of n; 95% for z = 1.96."""
    share, shrink = right / n, 1 + z * z / n
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    middle = share + z * z / (2 * n)
    return (middle - half) / shrink, (middle + half) / shrink


predicted = (X @ W.T + b).argmax(dim=1)
for name, part in {"training": training, "validation": validation}.items():
    right, n = int((predicted == y)[part].sum()), int(part.sum())
    low, high = wilson(right, n)
    print(f"{name:10}  {right} of {n}  {right / n:.1%}", end="")
    interval = f"  95% interval {low:.1%} to {high:.1%}"
    print(interval if part is validation else "")

# %% validation-low tags=["hide"]
print(f"{low:.1%}")

# %% validation-high tags=["hide"]
print(f"{high:.1%}")

# %% confusion
counts = torch.zeros(10, 10, dtype=torch.int64)
for label, guess in zip(y[validation], predicted[validation], strict=True):
    counts[label, guess] += 1
wrong = (counts.sum() - counts.trace()).item()
print("wrong:", wrong, "of", counts.sum().item())

# %% wrong-count tags=["hide"]
print(wrong)

# %% figure-confusion tags=["fold-source"]
confusion_figure, confusion_axes = plt.subplots(
    figsize=(5, 5), layout="constrained"
)
for label in range(10):
    for guess in range(10):
        if count := counts[label, guess].item():
            corner, color = (
                (guess - 0.47, label - 0.47),
                "C0" if label == guess else "C1",
            )
            square = Rectangle(
                corner, 0.94, 0.94, facecolor=color, alpha=0.35, lw=0
            )
            confusion_axes.add_patch(square)
            confusion_axes.text(
                guess, label, f"{count}", ha="center", va="center"
            )
confusion_axes.set(
    xlim=(-0.6, 9.6),
    ylim=(9.6, -0.6),
    aspect="equal",
    title="confusion matrix",
)
confusion_axes.set(
    xticks=range(10), yticks=range(10), xlabel="prediction", ylabel="label"
)
plt.show()

# %% figure-mistakes tags=["fold-source"]
mistakes = torch.nonzero(validation & (predicted != y)).squeeze(1)
mistakes_figure, mistakes_axes = plt.subplots(
    figsize=(5, 3.8), layout="constrained"
)
for i, place in zip(mistakes, places(5, 3), strict=True):
    frame_for(mistakes_axes, place, f"{y[i]} → {predicted[i]}")
    draw_squares(mistakes_axes, X[i], place, "C1", lw=0)
set_limits(mistakes_axes, 5, 3)
plt.show()

# %% figure-weights tags=["fold-source"]
weights_figure, weights_axes = plt.subplots(
    figsize=(5, 2.8), layout="constrained"
)
for digit, (picture, place) in enumerate(
    zip(W / W.abs().max(), places(5, 2), strict=True)
):
    frame_for(weights_axes, place, f"{digit}")
    draw_squares(weights_axes, picture, place, "C0", lw=0)
    draw_squares(weights_axes, -picture, place, "C1", fill=False, lw=1.2)
set_limits(weights_axes, 5, 2)
plt.show()


# %% new-hands
X_open, y_open, sheet_open = X[sheet < 10], y[sheet < 10], sheet[sheet < 10]


def held_out(group: Tensor) -> Tensor:
    """The accuracy on each group of a model trained on the others."""
    shares = []
    for k in range(10):
        W, b = train(X_open[group != k], y_open[group != k])
        guess = (X_open[group == k] @ W.T + b).argmax(dim=1)
        shares.append((guess == y_open[group == k]).float().mean())
    return torch.stack(shares)


torch.manual_seed(0)
new_hands = held_out(sheet_open)
mixed = held_out(torch.randperm(len(y_open)) % 10)
for name, shares in {"new hands": new_hands, "mixed at random": mixed}.items():
    # 2.262: t distribution, 9 degrees of freedom
    half = 2.262 * shares.std().item() / math.sqrt(10)
    print(f"{name:15}  mean {shares.mean():.1%} ± {half:.1%}", end="")
    print(f"  from {shares.min():.1%} to {shares.max():.1%}")

# %% new-mean tags=["hide"]
print(f"{new_hands.mean():.1%}")

# %% mixed-mean tags=["hide"]
print(f"{mixed.mean():.1%}")

# %% independent-spread tags=["hide"]
wrong_share = 1 - new_hands.mean()
print(
    f"{100 * (new_hands.mean() * wrong_share / (len(y_open) / 10)).sqrt():.1f}"
)

# %% sheet-spread tags=["hide"]
print(f"{100 * new_hands.std():.1f}")

# %% figure-hands tags=["fold-source"]
hands_figure, hands_axes = plt.subplots(figsize=(5, 3.2), layout="constrained")
hands_axes.plot(range(10), new_hands.tolist(), "C0o", ms=9, label="sheet")
hands_axes.axhline(new_hands.mean().item(), color="C0", lw=1.5)
hands_axes.plot(
    range(10),
    mixed.tolist(),
    "C1s",
    ms=7,
    mfc="none",
    mew=1.8,
    label="random split",
)
hands_axes.axhline(mixed.mean().item(), color="C1", lw=1.5, ls="--")
hands_axes.legend(
    loc="upper center", bbox_to_anchor=(0.5, 1.22), ncols=2, frameon=False
)
hands_axes.set(xticks=range(10), ylim=(0.82, 1.0), ylabel="accuracy")
plt.show()


# %% smoothed tags=["exercise"]
def smoothed_cross_entropy(o: Tensor, y: Tensor, epsilon: float) -> Tensor:
    """Mean cross-entropy for labels mixed with epsilon of equal shares."""
    raise NotImplementedError


# %% smoothed-solution tags=["solution"]
def smoothed_cross_entropy(o: Tensor, y: Tensor, epsilon: float) -> Tensor:
    """Mean cross-entropy for labels mixed with epsilon of equal shares."""
    classes = o.shape[1]
    one_hot = nn.functional.one_hot(y, classes).to(o.dtype)
    targets = (1 - epsilon) * one_hot + epsilon / classes
    return (log_sum_exp(o) - (targets * o).sum(dim=1)).mean()


# %% smoothed-check tags=["check"]
torch.manual_seed(0)
some = 300 * torch.randn(8, 10, dtype=torch.float64)
labels = torch.randint(10, (8,))
for epsilon in (0.0, 0.1, 0.5):
    theirs = nn.functional.cross_entropy(some, labels, label_smoothing=epsilon)
    ours = smoothed_cross_entropy(some, labels, epsilon)
    assert torch.allclose(ours, theirs)


# %% logistic tags=["exercise"]
def logistic_loss(z: Tensor, y: Tensor) -> Tensor:
    """Mean cross-entropy for classes 0 and 1, whose logits are 0 and z."""
    raise NotImplementedError


# %% logistic-solution tags=["solution"]
def logistic_loss(z: Tensor, y: Tensor) -> Tensor:
    """Mean cross-entropy for classes 0 and 1, whose logits are 0 and z."""
    log_sum = z.clamp(min=0) + torch.log1p(torch.exp(-z.abs()))
    return (log_sum - y * z).mean()


# %% logistic-check tags=["check"]
z = torch.tensor([-800.0, -2.0, 0.0, 3.0, 800.0])
labels = torch.tensor([1, 0, 1, 0, 1])
two_logits = torch.stack([torch.zeros(5), z], dim=1)
theirs = nn.functional.cross_entropy(two_logits, labels)
assert torch.allclose(logistic_loss(z, labels), theirs)

# %% first-loss
zero = torch.zeros(len(X), 10)
print(f"all parameters zero: loss {cross_entropy(zero, y):.4f}")
torch.manual_seed(0)
random = torch.randn(64, 10, dtype=X.dtype)
print(f"random weights, std 1: loss {cross_entropy(X @ random, y):.1f}")

# %% doubled
for factor in (0.5, 1, 2, 4, 8):
    o = factor * (X[validation] @ W.T + b)
    share = (o.argmax(dim=1) == y[validation]).float().mean()
    loss = cross_entropy(o, y[validation])
    print(f"times {factor:3}: accuracy {share:.1%}  loss {loss:.3f}")
