"""What deep learning is: a rule found in data, the AI map, works versus explainable, fusion."""

# %% setup
from itertools import product
from math import comb
from typing import NamedTuple

import matplotlib.pyplot as plt
import torch
from matplotlib.patches import Ellipse, Rectangle
from torch import nn

# %% rule-from-data
celsius = torch.tensor([0.0, 10.0, 25.0, 40.0]).double()
fahrenheit = torch.tensor([32.0, 50.0, 77.0, 104.0]).double()
table = torch.stack([celsius, torch.ones_like(celsius)], dim=1)
found = torch.linalg.lstsq(table, fahrenheit[:, None]).solution
w, b = found.flatten().tolist()
print(round(w, 3), round(b, 3))

# %% new-input
print(round(w * 100 + b, 3))

# %% one-layer
corners = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
either = torch.tensor([0.0, 1.0, 1.0, 0.0])
with_ones = torch.cat([corners, torch.ones(4, 1)], dim=1)
best = torch.linalg.lstsq(with_ones, either[:, None]).solution
print((with_ones @ best).flatten().round(decimals=3))

# %% two-layers
W1 = torch.tensor([[1.0, 1.0], [1.0, 1.0]])
b1 = torch.tensor([0.0, -1.0])
w2 = torch.tensor([1.0, -2.0])


def network(x: torch.Tensor) -> torch.Tensor:
    hidden = (x @ W1.T + b1).relu()
    return hidden @ w2


print(network(corners))

# %% ai-map
METHODS = ("symbolic AI", "probabilistic model", "machine learning")
PROBLEMS = ("perception", "reasoning", "knowledge", "planning")


class Area(NamedTuple):
    """A field on the map: where it begins and ends on each axis."""

    name: str
    methods: tuple[float, float]
    problems: tuple[float, float]


def ai_map_areas() -> list[Area]:
    """The categories of an axis begin at 0, 1, 2 and so on."""
    return [
        Area("NLP", (0.1, 2.8), (0.1, 0.6)),
        Area("CV", (1.1, 2.7), (0.2, 1.8)),
        Area("deep learning", (2.1, 2.95), (0.05, 3.9)),
    ]


# %% figure-ai-map tags=["fold-source"]
ink = plt.rcParams["text.color"]
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
    map_axes.text(*place, area.name, color=color, ha="center", va="center", fontsize=13)
focus = Ellipse((2.4, 0.95), 0.54, 1.8, fill=False, lw=2, ls=":", edgecolor="C2")
map_axes.add_patch(focus)
map_axes.text(2.4, 1.3, "focus", color="C2", ha="center", va="center", fontsize=13)
map_axes.set(xlim=(0, 3), ylim=(0, 4), yticks=[])
map_axes.set_xticks([0.5, 1.5, 2.5], METHODS, fontsize=11.5)
map_axes.set_xlabel("method", fontsize=13, loc="right")
map_axes.set_title("kind of problem", fontsize=13, loc="left")
map_axes.tick_params(length=0)
plt.show()


# %% overlap
def covered(interval: tuple[float, float], categories: tuple[str, ...]) -> list[str]:
    """Categories that share more than a border with this interval."""
    low, high = interval
    return [name for k, name in enumerate(categories) if low < k + 1 and k < high]


def shared(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    return max(one[0], other[0]), min(one[1], other[1])


language, vision, deep = ai_map_areas()
for field in (language, vision):
    methods = covered(shared(field.methods, deep.methods), METHODS)
    problems = covered(shared(field.problems, deep.problems), PROBLEMS)
    print(field.name, methods, problems)

# %% ad-ranking
click_rates = torch.tensor([0.10, 0.02, 0.05])
bids = torch.tensor([1.0, 4.0, 3.0])
worth = click_rates * bids
print(worth)
print(worth.argsort(descending=True))

# %% linear-explained
weights = torch.tensor([0.5, 12.0, -3.0])
bias = 20.0
house = torch.tensor([90.0, 3.0, 10.0], requires_grad=True)
price = weights @ house + bias
price.backward()
print(price.item())
print((weights * house).tolist())
print(house.grad.tolist())

# %% network-explained
print(W1.numel() + b1.numel() + w2.numel())
for place in ([0.2, 0.3], [0.8, 0.7]):
    x = torch.tensor(place, requires_grad=True)
    network(x).backward()
    print(place, x.grad.tolist())

# %% pictures
torch.manual_seed(0)
labels = torch.randint(2, (2000,)).double() * 2 - 1


def clue(reliability: float) -> torch.Tensor:
    """What a picture shows: its label, or sometimes the opposite."""
    right = torch.rand(len(labels)) < reliability
    return torch.where(right, labels, -labels)


pictures = torch.stack([clue(0.80), clue(0.95)], dim=1)
print(labels[:6].tolist())
print(pictures[:6].T.tolist())


# %% shortcut
def accuracy(pictures: torch.Tensor, weights: torch.Tensor) -> str:
    right = (pictures @ weights).sign() == labels
    return f"{right.double().mean().item():.0%}"


learned = torch.linalg.lstsq(pictures, labels[:, None]).solution.flatten()
print(accuracy(pictures, learned))
print([round(weight, 1) for weight in learned.tolist()])

# %% shortcut-elsewhere
elsewhere = torch.stack([clue(0.80), clue(0.50)], dim=1)
shape_only = torch.tensor([1.0, 0.0], dtype=torch.float64)
print(accuracy(elsewhere, learned))
print(accuracy(elsewhere, shape_only))

# %% same-formula
framework = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 1, bias=False))
with torch.no_grad():
    framework[0].weight.copy_(W1)
    framework[0].bias.copy_(b1)
    framework[2].weight.copy_(w2[None, :])
torch.manual_seed(0)
points = torch.rand(1000, 2)
print(torch.allclose(framework(points).flatten(), network(points)))

# %% mean-and-worst
share = torch.tensor([0.9, 0.1])
steady = torch.tensor([0.010, 0.010])
uneven = torch.tensor([0.005, 0.055])
for rates in (steady, uneven):
    print(f"{(share @ rates).item():.3f} {rates.max().item():.3f}")

# %% majority
wrong, error = 0.1, 0.0
for votes in product((True, False), repeat=3):
    probability = 1.0
    for mistaken in votes:
        probability *= wrong if mistaken else 1 - wrong
    if sum(votes) >= 2:
        error += probability
print(round(error, 3))


# %% shared-cause
def fused_error(models: int, c: float, p: float = 0.1) -> float:
    """Error of a majority vote; with probability c all are right or wrong together."""
    independent = 0.0
    for k in range(models // 2 + 1, models + 1):
        independent += comb(models, k) * p**k * (1 - p) ** (models - k)
    return c * p + (1 - c) * independent


for c in (0.0, 0.2, 1.0):
    print(c, round(fused_error(3, c), 4))

# %% figure-fusion tags=["fold-source"]
fusion_figure, fusion_axes = plt.subplots(figsize=(5, 3.8), layout="constrained")
counts = [1, 3, 5, 7, 9, 11]
for c, color, line, marker in (
    (1.0, "C3", "-.", "s"),
    (0.5, "C4", ":", "D"),
    (0.2, "C1", "--", "^"),
    (0.0, "C0", "-", "o"),
):
    curve = [fused_error(models, c) for models in counts]
    fusion_axes.plot(counts, curve, line, marker=marker, color=color, lw=2)
    fusion_axes.text(11.3, curve[-1], f"$c={c:g}$", color=color, va="center", fontsize=12)
fusion_axes.set(xlim=(0.5, 13.6), ylim=(-0.004, 0.107), xticks=counts)
fusion_axes.set_xlabel("number of models", fontsize=12)
fusion_axes.set_ylabel("error", fontsize=12)
fusion_axes.tick_params(labelsize=12)
plt.show()


# %% contributions tags=["exercise"]
def contributions(
    weights: torch.Tensor, example: torch.Tensor, usual: torch.Tensor
) -> torch.Tensor:
    """How much each feature (n,) moves a linear prediction from the usual example to this one."""
    raise NotImplementedError


# %% contributions-solution tags=["solution"]
def contributions(
    weights: torch.Tensor, example: torch.Tensor, usual: torch.Tensor
) -> torch.Tensor:
    """How much each feature (n,) moves a linear prediction from the usual example to this one."""
    return weights * (example - usual)


# %% contributions-check tags=["check"]
weights = torch.tensor([0.5, 12.0, -3.0])
usual = torch.tensor([100.0, 2.0, 10.0])
this = torch.tensor([90.0, 3.0, 10.0])
parts = contributions(weights, this, usual)
torch.testing.assert_close(parts, torch.tensor([-5.0, 12.0, 0.0]))
torch.testing.assert_close(parts.sum(), weights @ this - weights @ usual)


# %% soft-vote tags=["exercise"]
def soft_vote(probabilities: torch.Tensor) -> torch.Tensor:
    """Class (n,) with the highest mean probability; given models x examples x classes."""
    raise NotImplementedError


# %% soft-vote-solution tags=["solution"]
def soft_vote(probabilities: torch.Tensor) -> torch.Tensor:
    """Class (n,) with the highest mean probability; given models x examples x classes."""
    return probabilities.mean(dim=0).argmax(dim=1)


# %% soft-vote-check tags=["check"]
hesitant = [[0.55, 0.45, 0.0], [0.1, 0.2, 0.7]]
certain = [[0.05, 0.95, 0.0], [0.0, 0.3, 0.7]]
opinions = torch.tensor([hesitant, hesitant, certain])
assert soft_vote(opinions).tolist() == [1, 2]
assert soft_vote(opinions[:2]).tolist() == [0, 2]


# %% worst-group tags=["exercise"]
def worst_group_error(mistaken: torch.Tensor, group: torch.Tensor) -> float:
    """The largest share of mistakes in any group; both (n,), mistaken is boolean."""
    raise NotImplementedError


# %% worst-group-solution tags=["solution"]
def worst_group_error(mistaken: torch.Tensor, group: torch.Tensor) -> float:
    """The largest share of mistakes in any group; both (n,), mistaken is boolean."""
    return max(mistaken[group == name].double().mean().item() for name in group.unique())


# %% worst-group-check tags=["check"]
night = torch.tensor([0, 0, 0, 0, 0, 0, 0, 0, 1, 1])
few = torch.tensor([False] * 9 + [True])
many = torch.tensor([True] * 2 + [False] * 8)
assert worst_group_error(few, night) == 0.5
assert worst_group_error(many, night) == 0.25
assert worst_group_error(~few, night) == 1.0
