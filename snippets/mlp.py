"""The multilayer perceptron: how it is started and trained, what it gains."""

# %% setup
import copy
import math

import matplotlib.pyplot as plt
import torch
from sklearn.datasets import load_digits
from torch import Tensor, nn

# %% xor
corners = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
exactly_one = torch.tensor([0, 1, 1, 0])
torch.manual_seed(0)
one_layer = nn.Linear(2, 2)
optimizer = torch.optim.SGD(one_layer.parameters(), lr=1.0)
for _ in range(300):
    loss = nn.functional.cross_entropy(one_layer(corners), exactly_one)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(f"loss {loss.item():.4f}  log 2 = {math.log(2):.4f}")
probability = one_layer(corners).softmax(dim=1)[:, 1].detach()
print("probability of a 1:", probability.numpy().round(3))

# %% hidden-space
W1, b1 = torch.tensor([[1.0, 1.0], [1.0, 1.0]]), torch.tensor([0.0, -1.0])
hidden = torch.relu(corners @ W1.T + b1)
for corner, h in zip(corners, hidden, strict=True):
    print(corner.int().tolist(), "goes to", h.int().tolist())

# %% figure-xor tags=["fold-source"]
xor_figure, xor_axes = plt.subplots(
    1, 2, figsize=(5, 2.6), layout="constrained"
)
for axes, places, name in zip(xor_axes, (corners, hidden), "xh", strict=True):
    for answer, mark in ((0, "C0o"), (1, "C1s")):
        axes.plot(*places[exactly_one == answer].T.tolist(), mark, ms=12)
    axes.set(
        xlabel=f"${name}_1$",
        ylabel=f"${name}_2$",
        xticks=[0, 1, 2],
        yticks=[0, 1],
    )
    axes.set(xlim=(-0.4, 2.4), ylim=(-0.4, 1.4), aspect="equal")
xor_axes[1].plot([-0.3, 2.3], [-0.4, 0.9], "C2--", lw=2)
plt.show()

# %% activations
activations = {
    "ReLU": torch.relu,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "GELU": nn.functional.gelu,
}
for name, function in activations.items():
    z = torch.tensor([-6.0, -1.0, 1.0, 6.0], requires_grad=True)
    function(z).sum().backward()
    values = function(z).detach().numpy().round(3) + 0  # shows -0 as 0
    slopes = z.grad.numpy().round(3) + 0
    print(f"{name:7}  values {values}  slopes {slopes}")

# %% figure-activations tags=["fold-source"]
curves_figure, curves_axes = plt.subplots(
    2, figsize=(5, 5.6), layout="constrained"
)
z = torch.linspace(-4, 4, 81, requires_grad=True)
for (name, function), style in zip(
    activations.items(), ("C0-", "C1--", "C2-.", "C3:"), strict=True
):
    (slope,) = torch.autograd.grad(function(z).sum(), z)
    heights = function(z).detach()
    curves_axes[0].plot(
        z.detach().tolist(), heights.tolist(), style, lw=2, label=name
    )
    curves_axes[1].plot(z.detach().tolist(), slope.tolist(), style, lw=2)
curves_axes[0].set(title="activation function", ylim=(-1.3, 3))
curves_axes[1].set(title="derivative", ylim=(-0.3, 1.3), xlabel="$z$")
curves_figure.legend(
    loc="outside upper center", ncols=2, frameon=False, columnspacing=3.5
)
plt.show()

# %% data
digits = load_digits()
X = torch.tensor(digits.data / 16)  # in float64
y = torch.tensor(digits.target)
sizes = torch.tensor([130, 126, *[130] * 5, 123, 128, 130, 128, 130, 122, 130])
sheet = torch.repeat_interleave(torch.arange(14), sizes)
training, test = sheet < 7, sheet >= 10
validation = ~(training | test)
counts = [int(part.sum()) for part in (training, validation, test)]
print("pictures for training, validation, test:", *counts)


# %% network
class MLP(nn.Module):
    def __init__(self, width: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.first = nn.Linear(64, width, dtype=torch.float64)
        self.dropout = nn.Dropout(dropout)
        self.second = nn.Linear(width, 10, dtype=torch.float64)

    def forward(self, X: Tensor) -> Tensor:
        return self.second(self.dropout(torch.relu(self.first(X))))


torch.manual_seed(0)
model = MLP(64)
for name, parameter in model.named_parameters():
    print(f"{name:13}  {tuple(parameter.shape)}")
print("parameters:", sum(p.numel() for p in model.parameters()))

# %% parameter-count tags=["hide"]
print(sum(p.numel() for p in model.parameters()))

# %% forward
W1, b1, W2, b2 = (parameter.detach() for parameter in model.parameters())
by_formula = torch.relu(X @ W1.T + b1) @ W2.T + b2
print("logits:", tuple(model(X).shape), " as the formula:", end=" ")
print(torch.allclose(model(X), by_formula))

# %% backward
few, labels = X[:50], y[:50]
nn.functional.cross_entropy(model(few), labels).backward()
with torch.no_grad():
    W1, b1, W2, b2 = model.parameters()
    H = torch.relu(few @ W1.T + b1)
    P = torch.softmax(H @ W2.T + b2, dim=1)
    D2 = (P - nn.functional.one_hot(labels, 10)) / len(few)
    D1 = (D2 @ W2) * (H > 0)
    by_hand = (D1.T @ few, D1.sum(dim=0), D2.T @ H, D2.sum(dim=0))
named = model.named_parameters()
for (name, parameter), found in zip(named, by_hand, strict=True):
    print(f"{name:13}", torch.allclose(found, parameter.grad))


# %% all-alike
def train_fully(model: nn.Module, steps: int = 30) -> float:
    """Full-batch gradient descent with momentum; the last training loss."""
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    for _ in range(steps):
        loss = nn.functional.cross_entropy(model(X[training]), y[training])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return loss.item()


torch.manual_seed(0)
for name, start in {"all 0": 0.0, "all 0.05": 0.05, "random": None}.items():
    model = MLP(64)
    if start is not None:
        for parameter in model.parameters():
            nn.init.constant_(parameter, start)
    loss = train_fully(model)
    rounded = model.first.weight.detach().round(decimals=6)
    different = len(rounded.unique(dim=0))
    print(f"{name:8}  loss {loss:.2f}  different hidden units: {different}")

# %% scales
scales = {
    "small": math.sqrt(1 / 2) * math.sqrt(2 / 256),
    "right": math.sqrt(2 / 256),
    "large": math.sqrt(2) * math.sqrt(2 / 256),
    "default": 1 / math.sqrt(3 * 256),
}
sizes = {}
for name, scale in scales.items():
    torch.manual_seed(0)
    h = torch.randn(500, 256)
    sizes[name] = [h.square().mean().sqrt().item()]
    for _ in range(20):
        h = torch.relu(h @ (scale * torch.randn(256, 256)).T)
        sizes[name].append(h.square().mean().sqrt().item())
    predicted = (256 * scale**2 / 2) ** 10
    print(f"{name:8} after 20 layers {sizes[name][-1]:9.2g}", end="  ")
    print(f"by the formula {predicted:9.2g}")

# %% figure-scales tags=["fold-source"]
scales_figure, scales_axes = plt.subplots(
    figsize=(5, 3.4), layout="constrained"
)
ends = {
    "large": "$4/n$",
    "right": "$2/n$",
    "small": "$1/n$",
    "default": "$1/(3n)$",
}
for (name, end), style in zip(
    ends.items(), ("C1--", "C0-", "C2-.", "C3:"), strict=True
):
    scales_axes.plot(range(21), sizes[name], style, lw=2)
    scales_axes.text(20.4, sizes[name][-1], end, va="center")
scales_axes.set(
    yscale="log", xlim=(0, 24.5), xticks=range(0, 21, 5), xlabel="layer"
)
scales_axes.set_ylabel("root mean square")
plt.show()


# %% train
def loss_and_accuracy(model: nn.Module, part: Tensor) -> tuple[float, float]:
    model.eval()
    with torch.no_grad():
        logits = model(X[part])
    right = logits.argmax(dim=1) == y[part]
    loss = nn.functional.cross_entropy(logits, y[part])
    return loss.item(), right.float().mean().item()


def train(model: nn.Module, part: Tensor, epochs: int) -> list[tuple]:
    """Minibatch SGD; per epoch, loss and accuracy on `part` and validation."""
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    numbers, history = torch.nonzero(part).squeeze(1), []
    for _ in range(epochs):
        model.train()
        for batch in numbers[torch.randperm(len(numbers))].split(65):
            loss = nn.functional.cross_entropy(model(X[batch]), y[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        seen = loss_and_accuracy(model, part)
        held_out = loss_and_accuracy(model, validation)
        history.append((*seen, *held_out))
    return history


# %% learning
torch.manual_seed(0)
seven_sheets = train(MLP(64), training, epochs=20)
print("epoch  training loss  accuracy  validation loss  accuracy")
for epoch in (1, 5, 10, 20):
    loss, share, held_loss, held_share = seven_sheets[epoch - 1]
    print(f"{epoch:5} {loss:14.3f} {share:9.1%}", end=" ")
    print(f"{held_loss:16.3f} {held_share:9.1%}")

# %% one-sheet
torch.manual_seed(0)
one_sheet = train(MLP(64), sheet == 0, epochs=80)
best = min(range(80), key=lambda epoch: one_sheet[epoch][2])
print("epoch  training loss  accuracy  validation loss  accuracy")
for epoch in (best, 79):
    loss, share, held_loss, held_share = one_sheet[epoch]
    print(f"{epoch + 1:5} {loss:14.3f} {share:9.1%}", end=" ")
    print(f"{held_loss:16.3f} {held_share:9.1%}")

# %% best-epoch tags=["hide"]
print(best + 1)

# %% figure-learning tags=["fold-source"]
learning_figure, learning_axes = plt.subplots(
    2, figsize=(5, 5.6), layout="constrained"
)
for axes, history in zip(
    learning_axes, (seven_sheets, one_sheet), strict=True
):
    epochs, losses = (
        range(1, len(history) + 1),
        list(zip(*history, strict=True)),
    )
    axes.plot(epochs, losses[0], "C0-", lw=2, label="training loss")
    axes.plot(epochs, losses[2], "C1--", lw=2, label="validation loss")
    axes.set(yscale="log", ylim=(1e-3, 3), xlabel="epoch")
how = {"loc": "outside upper center", "ncols": 2, "frameon": False}
learning_figure.legend(*axes.get_legend_handles_labels(), **how)
plt.show()


# %% dropout
def dropout(h: Tensor, p: float) -> Tensor:
    """Each number is 0 with probability p, else 1 / (1 - p) times as large."""
    return h * (torch.rand_like(h) >= p) / (1 - p)


torch.manual_seed(0)
h = torch.tensor([1.0, 2.0, 3.0, 4.0])
print("once:", dropout(h, 0.5).tolist())
mean = dropout(h.repeat(100_000, 1), 0.5).mean(dim=0)
print("mean of 100000:", mean.numpy().round(2))

# %% modes
torch.manual_seed(0)
model = MLP(64, dropout=0.5)
for mode in (True, False):
    model.train(mode)
    same = torch.equal(model(X[:5]), model(X[:5]))
    name = "train mode: " if mode else "eval mode:  "
    print(f"{name}same answer twice: {same}")


# %% train-many
def train_many(
    X: Tensor, part: Tensor, labels: Tensor, drop: Tensor, epochs: int = 20
) -> Tensor:
    """Logits of several networks, each with its labels and dropout rate."""
    many, numbers = len(drop), torch.nonzero(part).squeeze(1)
    W1 = torch.randn(many, 64, 64, dtype=X.dtype) * math.sqrt(2 / 64)
    W2 = torch.randn(many, 64, 10, dtype=X.dtype) * math.sqrt(2 / 64)
    b1, b2 = (torch.zeros(many, 1, n, dtype=X.dtype) for n in (64, 10))
    kept = 1 - drop[:, None, None]
    parameters = [p.requires_grad_() for p in (W1, b1, W2, b2)]
    optimizer = torch.optim.SGD(parameters, lr=0.1, momentum=0.9)
    for _ in range(epochs):
        orders = [numbers[torch.randperm(len(numbers))] for _ in range(many)]
        for batch in torch.stack(orders).split(65, dim=1):
            H = torch.relu(X[batch] @ W1 + b1)
            H = H * (torch.rand(H.shape) < kept) / kept
            logits = (H @ W2 + b2).flatten(0, 1)
            targets = labels.gather(1, batch).flatten()
            mean = nn.functional.cross_entropy(logits, targets)
            loss = many * mean  # the sum of their losses
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        return torch.relu(X @ W1 + b1) @ W2 + b2


# %% does-it-help
torch.manual_seed(0)
wrong = torch.rand(len(y)) < 0.3
noisy = torch.where(wrong, (y + torch.randint(1, 10, y.shape)) % 10, y)
labels = torch.stack([y] * 6 + [noisy] * 6)
drop = torch.tensor(([0.0] * 3 + [0.5] * 3) * 2)
logits = train_many(X, sheet < 4, labels, drop, epochs=30)
right = (logits.argmax(dim=2) == y)[:, validation].float()
found = right.mean(dim=1).reshape(2, 2, 3)
for name, kinds in zip(("clean labels", "30% wrong"), found, strict=True):
    for rate, shares in zip((0.0, 0.5), kinds, strict=True):
        print(f"{name:12}  dropout {rate}  {shares.mean():.1%} right", end="")
        print(f"  from {shares.min():.1%} to {shares.max():.1%}")


# %% rival
def softmax_regression(X: Tensor, part: Tensor, steps: int) -> Tensor:
    """Full batch with momentum, as before; the logits of all pictures."""
    A = torch.cat([X, torch.ones_like(X[:, :1])], dim=1)
    Y = nn.functional.one_hot(y, 10)[part]
    inputs, V, speed = A[part], *torch.zeros(2, 65, 10, dtype=X.dtype)
    for _ in range(steps):
        P = torch.softmax(inputs @ V, dim=1)
        speed = 0.9 * speed + inputs.T @ (P - Y) / len(Y)
        V = V - 0.4 * speed
    return A @ V


for steps in (50, 150, 300):
    right = (softmax_regression(X, training, steps).argmax(dim=1) == y).float()
    print(f"{steps:3} steps: training {right[training].mean():.1%}", end="  ")
    print(f"validation {right[validation].mean():.1%}")

# %% negatives
torch.manual_seed(0)
swapped = torch.rand(len(y), 1) < 0.5
mixed = torch.where(swapped, 1 - X, X)
for name, logits in {
    "softmax regression": softmax_regression(mixed, training, 300),
    "network": train_many(mixed, training, y[None], torch.zeros(1))[0],
}.items():
    right = (logits.argmax(dim=1) == y).float()
    print(f"{name:18}  training {right[training].mean():.1%}", end="  ")
    print(f"validation {right[validation].mean():.1%}")

# %% test-once
opened = sheet < 10  # training and validation together
torch.manual_seed(0)
networks = train_many(X, opened, y.repeat(4, 1), torch.zeros(4))
linear = softmax_regression(X, opened, 300)
of_linear = (linear.argmax(dim=1) == y)[test].float()
of_networks = (networks.argmax(dim=2) == y)[:, test].float()
print(f"softmax regression: {of_linear.mean():.1%}")
shares = of_networks.mean(dim=1)
print("four networks:", ", ".join(f"{share:.1%}" for share in shares))


# %% paired
def mean_with_interval(numbers: Tensor, t: float = 1.96) -> str:
    """As text, the mean in percentage points ± half of its 95% interval."""
    half = t * numbers.std().item() / math.sqrt(len(numbers))
    return f"{100 * numbers.mean():.2f} ± {100 * half:.2f} percentage points"


gains = of_networks.mean(dim=0) - of_linear  # the networks averaged
each = [gains[sheet[test] == k].mean() for k in range(10, 14)]
by_sheet = torch.stack(each)
print("of each sheet:", (100 * by_sheet).numpy().round(1))
print("510 independent pictures:", mean_with_interval(gains))
print("4 independent sheets:", mean_with_interval(by_sheet, t=3.182))

# %% gain tags=["hide"]
print(mean_with_interval(gains))

# %% unfair-gain tags=["hide"]
early = (softmax_regression(X, opened, 75).argmax(dim=1) == y)[test].float()
print(mean_with_interval(of_networks.mean(dim=0) - early))


# %% permute tags=["exercise"]
def permuted(model: MLP, order: Tensor) -> MLP:
    """A network that computes the same, its hidden units in this order."""
    raise NotImplementedError


# %% permute-solution tags=["solution"]
def permuted(model: MLP, order: Tensor) -> MLP:
    """A network that computes the same, its hidden units in this order."""
    other = copy.deepcopy(model)
    with torch.no_grad():
        other.first.weight.copy_(model.first.weight[order])
        other.first.bias.copy_(model.first.bias[order])
        other.second.weight.copy_(model.second.weight[:, order])
    return other


# %% permute-check tags=["check"]
torch.manual_seed(0)
model, order = MLP(64), torch.randperm(64)
other = permuted(model, order)
assert torch.equal(other.first.weight, model.first.weight[order])
assert torch.allclose(other(X), model(X))


# %% stopping tags=["exercise"]
def stopping_epoch(losses: list[float], patience: int) -> tuple[int, int]:
    """Epochs, from 1: where training stops, and whose parameters are kept."""
    raise NotImplementedError


# %% stopping-solution tags=["solution"]
def stopping_epoch(losses: list[float], patience: int) -> tuple[int, int]:
    """Epochs, from 1: where training stops, and whose parameters are kept."""
    best = 1
    for epoch, loss in enumerate(losses, start=1):
        if loss < losses[best - 1]:
            best = epoch
        elif epoch - best >= patience:
            return epoch, best
    return len(losses), best


# %% stopping-check tags=["check"]
losses = [0.9, 0.5, 0.6, 0.4, 0.45, 0.43, 0.41, 0.3]
assert stopping_epoch(losses, patience=3) == (7, 4)
assert stopping_epoch(losses, patience=5) == (8, 8)
assert stopping_epoch([0.5, 0.5, 0.5], patience=2) == (3, 1)


# %% no-bend
class NoBend(MLP):
    def forward(self, X: Tensor) -> Tensor:
        return self.second(self.first(X))


torch.manual_seed(0)
without = train(NoBend(64), training, epochs=10)[-1]
for name, numbers in {"no bend": without, "ReLU": seven_sheets[9]}.items():
    print(f"{name:7}  training loss {numbers[0]:.3f}", end="  ")
    print(f"validation accuracy {numbers[3]:.1%}")

# %% enough-pictures
disagree, gain = 0.05, 0.01
for n in (510, 2000, 8000):
    half = 1.96 * math.sqrt((disagree - gain**2) / n)
    print(f"n = {n}: {100 * gain:.1f} ± {100 * half:.1f} percentage points")
