"""Installing PyTorch: the version, a first tensor, choosing a device."""

# %% setup
import sys
from itertools import zip_longest

import torch
from torch import nn

# %% versions
print("PyTorch:", torch.__version__.partition("+")[0])
print("Python is recent enough:", sys.version_info >= (3, 10))

# %% version-order
from packaging.version import Version

print("as text, 2.9.1 < 2.13.0:", "2.9.1" < "2.13.0")
print("as numbers:", (2, 9, 1) < (2, 13, 0))
print("as versions:", Version("2.9.1") < Version("2.13.0"))
print("as torch does it:", torch.__version__ >= "2.9.1")

# %% first-tensor
x = torch.arange(6.0).reshape(2, 3)
print(x)
print(x @ x.T)

# %% default-device
x.device


# %% device
def device_name(cuda: bool, mps: bool) -> str:
    """The best of what there is."""
    if cuda:
        return "cuda"
    return "mps" if mps else "cpu"


def choose_device() -> torch.device:
    cuda, mps = torch.cuda.is_available(), torch.backends.mps.is_available()
    return torch.device(device_name(cuda, mps))


# %% device-order
print("CUDA  MPS   chosen")
for cuda in (True, False):
    for mps in (True, False):
        print(f"{cuda!s:5} {mps!s:5} {device_name(cuda, mps)}")

# %% move
device = choose_device()
model = nn.Linear(3, 1).to(device)
batch = x.to(device)
scores = model(batch)
print("shape:", scores.shape)
print("on the batch's device:", scores.device == batch.device)
print("shape in NumPy:", scores.detach().cpu().numpy().shape)

# %% accelerator
found = torch.accelerator.current_accelerator(check_available=True)
device = found or torch.device("cpu")
print("sum, computed there:", torch.ones(3, device=device).sum().item())

# %% one-device
here = torch.ones(3)
elsewhere = torch.ones(3, device="meta")
print(elsewhere)
try:
    here + elsewhere
except RuntimeError as error:
    print(error)

# %% to-returns
here.to("meta")
print("original:", here.device)
moved = here.to("meta")
print("moved:", moved.device)

# %% to-moves
layer = nn.Linear(3, 1)
layer.to("meta")
print("weights:", layer.weight.device)

# %% mps-device
torch.device("mps")

# %% single-precision
double = torch.ones(3, dtype=torch.float64)
single = double.to(torch.float32).to(choose_device())
print("before:", double.dtype)
print("after:", single.dtype)

# %% lost-return
layer, examples = nn.Linear(3, 1), torch.ones(2, 3)
examples.to("meta")
layer.to("meta")
try:
    layer(examples)
except RuntimeError as error:
    print(error)
print("after examples = examples.to(...):", layer(examples.to("meta")).shape)


# %% at-least tags=["exercise"]
def at_least(version: str, minimum: str) -> bool:
    """Whether a version such as "2.13.0+cpu" is as new as "2.9"."""
    raise NotImplementedError


# %% at-least-solution tags=["solution"]
def at_least(version: str, minimum: str) -> bool:
    """Whether a version such as "2.13.0+cpu" is as new as "2.9"."""
    have = version.partition("+")[0].split(".")
    need = minimum.split(".")
    for ours, theirs in zip_longest(have, need, fillvalue="0"):
        if int(ours) != int(theirs):
            return int(ours) > int(theirs)
    return True


# %% at-least-check tags=["check"]
assert at_least("2.13.0", "2.13.0")
assert at_least("2.13.0+cpu", "2.9")
assert not at_least("2.9.1", "2.13.0")
assert not at_least("1.12.0+cu113", "2.0")
assert at_least("2.9", "2.9.0")
assert not at_least("2.9", "2.9.1")


# %% move-all tags=["exercise"]
def move_all(data: object, device: torch.device) -> object:
    """The same dicts and lists, with every tensor moved to the device."""
    raise NotImplementedError


# %% move-all-solution tags=["solution"]
def move_all(data: object, device: torch.device) -> object:
    """The same dicts and lists, with every tensor moved to the device."""
    if isinstance(data, torch.Tensor):
        return data.to(device)
    if isinstance(data, dict):
        return {key: move_all(value, device) for key, value in data.items()}
    if isinstance(data, list):
        return [move_all(value, device) for value in data]
    return data


# %% move-all-check tags=["check"]
meta = torch.device("meta")
pair = [torch.ones(4, 2), torch.zeros(4)]
mask = torch.ones(4, dtype=torch.bool)
example = {"pair": pair, "name": "cat", "mask": mask}
result = move_all(example, meta)
assert [t.device for t in (*result["pair"], result["mask"])] == [meta] * 3
assert result["pair"][0].shape == (4, 2)
assert result["name"] == "cat"
assert example["mask"].device.type == "cpu"
