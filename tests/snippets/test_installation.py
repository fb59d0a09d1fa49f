"""What the installation page claims; devices that this machine lacks are simulated."""

from __future__ import annotations

import ast
import re
import sys
from importlib.metadata import metadata, requires, version
from itertools import product
from pathlib import Path

import pytest
import torch
from packaging.specifiers import SpecifierSet
from packaging.version import Version
from torch import nn

from livenotes.core.percent import read_module

SNIPPETS = Path(__file__).parents[2] / "snippets"


# Versions


def test_printed_version_is_the_installed_one_without_suffix(outputs):
    first, python = outputs["versions"].stdout.splitlines()
    assert first == f"PyTorch: {version('torch').split('+')[0]}"
    assert "+" not in first
    assert python.endswith(": True")


def test_the_command_on_the_pages_installs_the_version_that_made_them(module):
    command = f"pip install torch=={version('torch').split('+')[0]} "
    for language in ("zh", "en"):
        page = SNIPPETS.parent / "docs" / language / "installation.md"
        assert command in page.read_text("utf-8")


def test_this_version_of_pytorch_asks_for_python_3_10():
    assert metadata("torch")["Requires-Python"] == ">=3.10"


def test_the_pinned_command_for_the_cpu_comes_first_and_the_general_one_keeps_its_build():
    # `==2.13.0` is met by 2.13.0+cpu too, so the second command keeps what the first installed.
    release = version("torch").split("+")[0]
    assert all(SpecifierSet(f"=={release}").contains(release + kind) for kind in ("", "+cpu"))
    for language in ("zh", "en"):
        page = (SNIPPETS.parent / "docs" / language / "installation.md").read_text("utf-8")
        commands = re.findall(r"(?m)^ *python -m pip install (.*)$", page)
        assert commands[0] == f"torch=={release} --index-url ADDRESS"
        assert all(f"torch=={release}" in command for command in commands)
        assert not re.search(r"(https?://\S*)?/(simple|whl)/", page)  # mirrors come and go


def test_matplotlib_brings_packaging_along():
    assert any(need.startswith("packaging") for need in requires("matplotlib"))


def test_snippets_import_what_the_command_installs_and_no_d2l():
    imported = set()
    for file in SNIPPETS.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add((node.module or "").split(".")[0])
    # sympy comes with torch, which depends on it; packaging with matplotlib
    installed = {"torch", "numpy", "matplotlib", "sklearn", "sympy", "packaging"}
    assert imported - sys.stdlib_module_names <= installed
    assert "torch" in imported


def test_versions_as_text_are_in_the_wrong_order_and_as_numbers_in_the_right_one(outputs):
    lines = outputs["version-order"].stdout.splitlines()
    assert [line.split(": ")[1] for line in lines] == ["False", "True", "True", "True"]
    assert sorted(["2.13.0", "2.9.1"]) == ["2.13.0", "2.9.1"]
    # The numbers that are compared are those of the texts above them.
    source = read_module(SNIPPETS / "installation.py", "").cell("version-order").source
    assert all(str(tuple(map(int, text.split(".")))) in source for text in ("2.9.1", "2.13.0"))


def test_torch_compares_its_version_by_numbers():
    assert torch.torch_version.TorchVersion("2.13.0+cpu") > "2.9.1"
    assert torch.torch_version.TorchVersion("2.9.1") < "2.13.0"


def test_versions_are_padded_and_release_candidates_come_before_the_release():
    assert Version("2.9") == Version("2.9.0")
    assert Version("2.13.0rc1") < Version("2.13.0")
    assert torch.torch_version.TorchVersion("2.9.0") == "2.9"


def test_the_solution_agrees_with_packaging_on_all_short_versions(run):
    cells = run(["setup", "at-least-solution"])
    texts = [
        ".".join(map(str, numbers))
        for length in (1, 2, 3)
        for numbers in product((0, 2, 10), repeat=length)
    ]
    for one, other in product(texts, repeat=2):
        assert cells["at_least"](one, other) == (Version(one) >= Version(other)), (one, other)
        assert cells["at_least"](one + "+cpu", other) == (Version(one + "+cpu") >= Version(other))


# A first tensor


def test_first_product_is_rows_times_rows(module):
    rows = [[0, 1, 2], [3, 4, 5]]
    expected = [[sum(a * b for a, b in zip(r, s, strict=True)) for s in rows] for r in rows]
    assert module.x.tolist() == rows
    assert (module.x @ module.x.T).tolist() == expected == [[5, 14], [14, 50]]


# Choosing a device


def test_a_tensor_lives_on_the_cpu_unless_told_otherwise(module, outputs):
    assert outputs["default-device"].result == "device(type='cpu')"
    assert torch.tensor([1.0]).device == torch.device("cpu")


@pytest.mark.parametrize(
    ("cuda", "mps", "chosen"),
    [(True, True, "cuda"), (True, False, "cuda"), (False, True, "mps"), (False, False, "cpu")],
)
def test_cuda_is_chosen_before_mps_and_mps_before_cpu(
    module, outputs, monkeypatch, cuda, mps, chosen
):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    assert module.choose_device() == torch.device(chosen)
    assert f"{cuda!s:5} {mps!s:5} {chosen}" in outputs["device-order"].stdout.splitlines()


def test_single_precision_can_be_moved_to_the_chosen_device(module):
    device = module.choose_device()
    assert isinstance(device, torch.device)
    assert torch.ones(3).to(device).device.type == device.type
    assert module.single.dtype == torch.float32
    assert module.single.device.type == device.type


def test_the_page_does_not_say_what_machine_it_was_built_on(outputs):
    told = [
        name
        for name, cell in outputs.items()
        if any(word in f"{cell.stdout}{cell.result}" for word in ("cuda", "mps", "xpu"))
    ]
    assert told == ["device-order", "mps-device"]  # the same on every machine


def test_model_and_data_meet_on_one_device_and_results_come_back(module, outputs):
    assert outputs["move"].stdout.splitlines() == [
        "shape: torch.Size([2, 1])",
        "on the batch's device: True",
        "shape in NumPy: (2, 1)",
    ]
    assert module.model.weight.device == module.batch.device == module.scores.device


def test_a_tensor_with_gradients_is_detached_before_numpy_gets_it(module):
    with pytest.raises(RuntimeError, match="detach"):
        module.scores.cpu().numpy()


@pytest.mark.parametrize("found", [None, torch.device("cpu")])
def test_accelerator_falls_back_to_the_cpu(run, monkeypatch, capsys, found):
    monkeypatch.setattr(torch.accelerator, "current_accelerator", lambda check_available: found)
    assert run(["setup", "accelerator"])["device"] == torch.device("cpu")
    assert capsys.readouterr().out == "sum, computed there: 3.0\n"


# Moving


def test_tensors_on_two_devices_do_not_mix(module, outputs):
    with pytest.raises(RuntimeError):
        torch.ones(3) + torch.ones(3, device="meta")
    shown, error = outputs["one-device"].stdout.splitlines()
    assert shown == "tensor(..., device='meta', size=(3,))"
    assert "device meta" in error
    assert "device cpu" in error


def test_to_gives_a_moved_tensor_and_leaves_the_original(module, outputs):
    assert outputs["to-returns"].stdout == "original: cpu\nmoved: meta\n"
    assert module.here.device.type == "cpu"
    assert module.moved.device.type == "meta"


def test_to_the_same_device_is_no_copy():
    tensor = torch.ones(3)
    assert tensor.to("cpu") is tensor


def test_to_moves_a_model_in_place(outputs):
    assert outputs["to-moves"].stdout == "weights: meta\n"
    layer = nn.Linear(3, 1)
    assert layer.to("meta") is layer
    assert {parameter.device.type for parameter in layer.parameters()} == {"meta"}


def test_a_tensor_whose_moved_copy_nobody_keeps_stays_behind(module, outputs):
    error, mended = outputs["lost-return"].stdout.splitlines()
    assert "meta" in error and "cpu" in error
    assert mended.endswith("torch.Size([2, 1])")
    assert module.examples.device.type == "cpu"
    assert module.layer.weight.device.type == "meta"


# Mac


def test_pytorch_knows_the_gpu_of_a_mac(outputs):
    assert outputs["mps-device"].result == "device(type='mps')"
    assert isinstance(torch.backends.mps.is_available(), bool)
    if sys.platform != "darwin":
        assert not torch.backends.mps.is_available()


def test_double_precision_is_converted_before_it_is_moved(module, outputs):
    """On a device that refuses float64, as MPS does."""

    class Refusing(torch.Tensor):
        def to(self, target):
            if isinstance(target, torch.device):
                assert self.dtype != torch.float64, "MPS has no float64"
            return super().to(target)

    (source,) = (
        c.source
        for c in read_module(Path(module.__file__), module.__file__).cells
        if c.name == "single-precision"
    )
    made = source.replace("dtype=torch.float64)", "dtype=torch.float64).as_subclass(Refusing)")
    assert made != source
    exec(made, {"torch": torch, "choose_device": module.choose_device, "Refusing": Refusing})
    with pytest.raises(AssertionError, match="no float64"):
        torch.ones(3).double().as_subclass(Refusing).to(torch.device("cpu"))
    assert outputs["single-precision"].stdout == "before: torch.float64\nafter: torch.float32\n"


# Exercises: the stubs are empty, and each check catches the likely mistake


@pytest.mark.parametrize("name", ["at-least", "move-all"])
def test_stub_fails_the_check_and_the_solution_passes_it(run, name):
    with pytest.raises(NotImplementedError):
        run(["setup", name, f"{name}-check"])
    run(["setup", f"{name}-solution", f"{name}-check"])


def shallow(data, device):
    return {k: v.to(device) if hasattr(v, "to") else v for k, v in data.items()}


def in_place(data, device):
    data["pair"] = [t.to(device) for t in data["pair"]]
    data["mask"] = data["mask"].to(device)
    return data


MISTAKES = {
    "at-least": lambda version, minimum: version >= minimum,
    "at-least without padding": lambda version, minimum: (
        [int(n) for n in version.partition("+")[0].split(".")]
        >= [int(n) for n in minimum.split(".")]
    ),
    "at-least as a fraction": lambda version, minimum: (
        float(version[:4].rstrip(".")) >= float(minimum[:4].rstrip("."))
    ),
    "move-all": shallow,
    "move-all in place": in_place,
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_check_catches_a_likely_mistake(run, mistake):
    name = mistake.split()[0]
    with pytest.raises(AssertionError):
        run(["setup", f"{name}-check"], **{name.replace("-", "_"): MISTAKES[mistake]})
