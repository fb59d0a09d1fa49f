"""What deep learning is: data, a bend between layers, the AI map."""

# %% setup
from math import comb
from typing import NamedTuple

import matplotlib.pyplot as plt
import torch
from matplotlib.patches import Ellipse, Rectangle
from torch import Tensor, nn

# %% loss
celsius = torch.tensor([0.0, 10.0, 25.0, 40.0], dtype=torch.float64)
fahrenheit = torch.tensor([32.0, 50.0, 77.0, 104.0], dtype=torch.float64)


def loss(w: float, b: float) -> float:
    """Mean squared error of the rule on the four pairs."""
    return (w * celsius + b - fahrenheit).square().mean().item()


print("double it and add 30:", loss(2, 30))

# %% rule-from-data
table = torch.stack([celsius, torch.ones_like(celsius)], dim=1)
found = torch.linalg.lstsq(table, fahrenheit[:, None]).solution
w, b = found.flatten().tolist()
print(f"w: {w:.3f}, b: {b:.3f}, loss: {loss(w, b):.3f}")

# %% new-input
print(f"100 degrees Celsius: {w * 100 + b:.3f} degrees Fahrenheit")

# %% one-layer
corners = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
either = torch.tensor([0.0, 1.0, 1.0, 0.0])
with_ones = torch.cat([corners, torch.ones(4, 1)], dim=1)
best = torch.linalg.lstsq(with_ones, either[:, None]).solution.flatten()
print("true values:", either.tolist())
predictions = with_ones @ best
print("predictions:", predictions.round(decimals=3).tolist())
print(f"loss: {(predictions - either).square().mean().item():.3f}")

# %% no-bend
W1 = torch.tensor([[1.0, 1.0], [1.0, 1.0]])
b1 = torch.tensor([0.0, -1.0])
w2 = torch.tensor([1.0, -2.0])
hidden = corners @ W1.T + b1
print("two layers, no bend:", (hidden @ w2).tolist())


# %% two-layers
def network(x: Tensor) -> Tensor:
    hidden = (x @ W1.T + b1).relu()
    return hidden @ w2


print("two layers, a bend between them:", network(corners).tolist())

# %% figure-bend tags=["fold-source"]
bend_figure, bend_axes = plt.subplots(figsize=(5, 3), layout="constrained")
total = torch.linspace(0, 2, 41)
halves = torch.stack([total / 2, total / 2], dim=1)
plane = torch.cat([halves, torch.ones(41, 1)], dim=1) @ best
plane = plane.round(decimals=4)  # the last bits differ from run to run
bend_axes.plot(total, plane, "--", color="C1", lw=2)
bend_axes.plot(total, network(halves), "-", color="C0", lw=2)
bend_axes.plot(corners.sum(dim=1), either, "o", color="C3", ms=9)
bend_axes.text(1, 0.55, "linear model", color="C1", ha="center", fontsize=12)
bend_axes.text(1.32, 0.8, "neural network", color="C0", fontsize=12)
bend_axes.set(
    xlim=(-0.1, 2.1), ylim=(-0.12, 1.12), xticks=[0, 1, 2], yticks=[0, 0.5, 1]
)
bend_axes.set_xlabel("$x_1+x_2$", fontsize=12)
bend_axes.set_ylabel("output", fontsize=12)
bend_axes.tick_params(labelsize=12)
plt.show()

# %% learned
for bend in (nn.Identity(), nn.ReLU()):
    torch.manual_seed(0)
    learner = nn.Sequential(nn.Linear(2, 8), bend, nn.Linear(8, 1))
    optimizer = torch.optim.SGD(learner.parameters(), lr=0.3)
    for _ in range(300):
        error = (learner(corners).flatten() - either).square().mean()
        optimizer.zero_grad()
        error.backward()
        optimizer.step()
    print(f"{type(bend).__name__}: loss {error.item():.3f}")

# %% ai-map
METHODS = ("symbolic AI", "probabilistic model", "machine learning")
PROBLEMS = ("perception", "reasoning", "knowledge", "planning")


Interval = tuple[float, float]


class Area(NamedTuple):
    """A field on the map: where it begins and ends on each axis."""

    name: str
    methods: Interval
    problems: Interval


def ai_map_areas() -> list[Area]:
    """The categories of an axis begin at 0, 1, 2 and so on."""
    return [
        Area("NLP", (0.1, 2.8), (0.1, 0.6)),
        Area("CV", (1.1, 2.7), (0.2, 1.8)),
        Area("deep learning", (2.1, 2.95), (0.05, 3.9)),
    ]


# %% figure-ai-map tags=["fold-source"]
ink = plt.rcParams["text.color"]
middle = {"ha": "center", "va": "center", "fontsize": 13}
map_figure, map_axes = plt.subplots(figsize=(5, 5.3), layout="constrained")
for row, problem in enumerate(PROBLEMS):
    map_axes.text(0.05, row + 0.93, problem, ha="left", va="top", fontsize=13)
    map_axes.axhline(row, color=ink, lw=0.8, alpha=0.3)
for column in range(1, len(METHODS)):
    map_axes.axvline(column, color=ink, lw=0.8, alpha=0.3)
for area, color, line, place in zip(
    ai_map_areas(),
    ("C0", "C1", "C3"),
    ("-", "--", "-."),
    ((0.6, 0.35), (1.6, 1.5), (2.525, 2.5)),
    strict=True,
):
    (left, right), (bottom, top) = area.methods, area.problems
    box = Rectangle((left, bottom), right - left, top - bottom, lw=2, ls=line)
    box.set(facecolor=(color, 0.15), edgecolor=color)
    map_axes.add_patch(box)
    map_axes.text(*place, area.name, color=color, **middle)
focus = Ellipse((2.4, 1.0), 0.54, 1.56, fill=False, lw=2, ls=":", ec="C2")
map_axes.add_patch(focus)
map_axes.text(2.4, 1.3, "focus", color="C2", **middle)
map_axes.set(xlim=(0, 3), ylim=(0, 4), yticks=[])
map_axes.set_xticks([0.5, 1.5, 2.5], METHODS, fontsize=11.5)
map_axes.set_xlabel("method", fontsize=13, loc="right")
map_axes.set_title("kind of problem", fontsize=13, loc="left")
map_axes.tick_params(length=0)
plt.show()


# %% overlap
def covered(interval: Interval, names: tuple[str, ...]) -> list[str]:
    """Categories that share more than a border with this interval."""
    low, high = interval
    return [name for k, name in enumerate(names) if low < k + 1 and k < high]


def shared(one: Interval, other: Interval) -> Interval:
    return max(one[0], other[0]), min(one[1], other[1])


language, vision, deep = ai_map_areas()
for field in (language, vision):
    methods = covered(shared(field.methods, deep.methods), METHODS)
    problems = covered(shared(field.problems, deep.problems), PROBLEMS)
    print(f"{field.name}: methods {methods}, problems {problems}")


# %% by-heart
def noise(n: int) -> tuple[Tensor, Tensor]:
    """Examples with 60 random features; their labels are coin tosses."""
    labels = torch.randint(2, (n,)).double() * 2 - 1
    return torch.randn(n, 60, dtype=torch.float64), labels


def accuracy(inputs: Tensor, labels: Tensor, weights: Tensor) -> str:
    right = (inputs @ weights).sign() == labels
    return f"{right.double().mean().item():.0%}"


torch.manual_seed(0)
seen, tosses = noise(40)
by_heart = torch.linalg.lstsq(seen, tosses[:, None]).solution.flatten()
print("training data:", accuracy(seen, tosses, by_heart))
print("new data:", accuracy(*noise(2000), by_heart))

# %% linear-explained
weights = torch.tensor([0.5, 12.0, -3.0])
bias = 20.0
house = torch.tensor([90.0, 3.0, 10.0], requires_grad=True)
price = weights @ house + bias
price.backward()
print("price:", price.item())
print("contributions:", (weights * house).tolist())
print("gradient:", house.grad.tolist())

# %% network-explained
print("parameters:", W1.numel() + b1.numel() + w2.numel())
for place in ([0.2, 0.3], [0.8, 0.7]):
    x = torch.tensor(place, requires_grad=True)
    network(x).backward()
    print("at", place, "gradient", x.grad.tolist())


# %% pictures
def pictures(n: int, background: float) -> tuple[Tensor, Tensor]:
    """Two clues a picture, outline and background; and its label."""
    labels = torch.randint(2, (n,)).double() * 2 - 1
    right = torch.rand(n, 2) < torch.tensor([0.80, background])
    return torch.where(right, labels[:, None], -labels[:, None]), labels


torch.manual_seed(0)
clues, labels = pictures(2000, background=0.95)
print("label  outline  background")
for label, (outline, background) in zip(labels[:6], clues[:6], strict=True):
    print(f"{label:+5.0f}  {outline:+7.0f}  {background:+10.0f}")

# %% shortcut
learned = torch.linalg.lstsq(clues, labels[:, None]).solution.flatten()
print("training data:", accuracy(clues, labels, learned))
print("new data:", accuracy(*pictures(2000, background=0.95), learned))
print(f"weights: outline {learned[0]:.1f}, background {learned[1]:.1f}")

# %% shortcut-elsewhere
elsewhere, truth = pictures(2000, background=0.50)
outline_alone = torch.tensor([1.0, 0.0], dtype=torch.float64)
print("learned model:", accuracy(elsewhere, truth, learned))
print("outline alone:", accuracy(elsewhere, truth, outline_alone))

# %% same-formula
output = nn.Linear(2, 1, bias=False)
framework = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), output)
with torch.no_grad():
    framework[0].weight.copy_(W1)
    framework[0].bias.copy_(b1)
    output.weight.copy_(w2[None, :])
torch.manual_seed(0)
points = torch.rand(1000, 2)
same = torch.allclose(framework(points).flatten(), network(points))
print("same outputs:", same)

# %% mean-and-worst
share = torch.tensor([0.9, 0.1])
steady = torch.tensor([0.010, 0.010])
uneven = torch.tensor([0.005, 0.055])
for name, rates in (("steady", steady), ("uneven", uneven)):
    print(f"{name}: mean {share @ rates:.3f}, worst {rates.max():.3f}")


# %% shared-cause
def fused_error(models: int, c: float, p: float = 0.1) -> float:
    """Error of a vote; with probability c, all err or none."""
    independent = 0.0
    for k in range(models // 2 + 1, models + 1):
        independent += comb(models, k) * p**k * (1 - p) ** (models - k)
    return c * p + (1 - c) * independent


for c in (0.0, 0.2, 1.0):
    print(f"c = {c}: error {fused_error(3, c):.4f}")

# %% figure-fusion tags=["fold-source"]
fusion_figure, fusion_axes = plt.subplots(
    figsize=(5, 3.8), layout="constrained"
)
counts = [1, 3, 5, 7, 9, 11]
for c, color, line, marker in (
    (1.0, "C3", "-.", "s"),
    (0.5, "C4", ":", "D"),
    (0.2, "C1", "--", "^"),
    (0.0, "C0", "-", "o"),
):
    curve = [fused_error(models, c) for models in counts]
    fusion_axes.plot(counts, curve, line, marker=marker, color=color, lw=2)
    fusion_axes.text(
        11.3, curve[-1], f"$c={c:g}$", color=color, va="center", fontsize=12
    )
fusion_axes.set(xlim=(0.5, 13.6), ylim=(-0.004, 0.107), xticks=counts)
fusion_axes.set_xlabel("number of models", fontsize=12)
fusion_axes.set_ylabel("error", fontsize=12)
fusion_axes.tick_params(labelsize=12)
plt.show()


# %% one-unit
folded = 1 - (corners.sum(dim=1) - 1).abs()
print("one unit with an absolute value:", folded.tolist())

# %% best-of-hundred
for seed in range(3):
    torch.manual_seed(seed)
    answers, guesses = torch.randint(2, (100,)), torch.randint(2, (100, 100))
    right = (guesses == answers).double().mean(dim=1)
    print(f"seed {seed}: mean {right.mean():.0%}, best {right.max():.0%}")


# %% contributions tags=["exercise"]
def contributions(weights: Tensor, example: Tensor, usual: Tensor) -> Tensor:
    """How much each feature moves the prediction; all have shape (n,)."""
    raise NotImplementedError


# %% contributions-solution tags=["solution"]
def contributions(weights: Tensor, example: Tensor, usual: Tensor) -> Tensor:
    """How much each feature moves the prediction; all have shape (n,)."""
    return weights * (example - usual)


# %% contributions-check tags=["check"]
weights = torch.tensor([0.5, 12.0, -3.0])
usual = torch.tensor([100.0, 2.0, 10.0])
this = torch.tensor([90.0, 3.0, 10.0])
parts = contributions(weights, this, usual)
torch.testing.assert_close(parts, torch.tensor([-5.0, 12.0, 0.0]))
torch.testing.assert_close(parts.sum(), weights @ this - weights @ usual)


# %% worst-group tags=["exercise"]
def worst_group_error(mistaken: Tensor, group: Tensor) -> float:
    """The largest share of mistakes in any group; mistaken is boolean."""
    raise NotImplementedError


# %% worst-group-solution tags=["solution"]
def worst_group_error(mistaken: Tensor, group: Tensor) -> float:
    """The largest share of mistakes in any group; mistaken is boolean."""
    rates = [mistaken[group == k].double().mean() for k in group.unique()]
    return max(rates).item()


# %% worst-group-check tags=["check"]
night = torch.tensor([0, 0, 0, 0, 0, 0, 0, 0, 1, 1])
few = torch.tensor([False] * 9 + [True])
many = torch.tensor([True] * 2 + [False] * 8)
assert worst_group_error(few, night) == 0.5
assert worst_group_error(many, night) == 0.25
assert worst_group_error(~few, night) == 1.0
