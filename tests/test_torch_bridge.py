"""To PyTorch and back: the same numbers, and the same losses on one process and on several."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from micrograd import MLP
from micrograd import tensors as t
from micrograd.tensors import gpt

torch: Any = pytest.importorskip("torch", reason="PyTorch is not installed")

from micrograd import torch_bridge as bridge  # noqa: E402

RNG = np.random.default_rng(0)
PICTURES, ROWS = RNG.normal(size=(3, 2, 8, 8)), RNG.normal(size=(5, 6))


def reader() -> t.Sequential:
    rng = np.random.default_rng(1)
    return t.Sequential(
        t.Conv2d(2, 4, 3, stride=(1, 2), padding=1, rng=rng),
        t.BatchNorm2d(4),
        t.ReLU(),
        t.MaxPool2d(2),
        t.AvgPool2d((2, 1)),
        t.Flatten(),
        t.LayerNorm(16),
        t.Linear(16, 8, rng=rng),
        t.GELU(),
        t.RMSNorm(8),
        t.Sequential(t.Linear(8, 3, bias=False, rng=rng), t.Sigmoid()),
        t.BatchNorm1d(3),
        t.Dropout(0.0),
        t.Tanh(),
    )


def test_a_network_of_every_layer_has_the_same_numbers() -> None:
    report = bridge.same_numbers(reader(), PICTURES)
    assert report, str(report)
    assert len(report.compared) == 14 + len(reader().parameters())
    assert str(report).endswith("all numbers agree")


@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid"])
def test_a_network_of_values_has_the_same_numbers(activation: str) -> None:
    mlp = MLP(6, [5, 2], activation=activation, rng=random.Random(0))
    assert bridge.same_numbers(mlp, ROWS)
    there = bridge.to_torch(mlp)(torch.tensor(ROWS))
    outputs: Any = mlp(ROWS[0])
    assert np.allclose([y.data for y in outputs], there[0].detach(), rtol=1e-12)


def test_the_gpt_has_the_same_numbers() -> None:
    model = gpt.GPT(27, 8, 16, layers=2, rng=np.random.default_rng(0))
    report = bridge.same_numbers(model, RNG.integers(0, 27, (4, 8)))
    assert report, str(report)


def test_the_first_layer_that_differs_is_named() -> None:
    net = reader()
    there = bridge.to_torch(net)
    with torch.no_grad():
        there[7].weight[0, 0] += 1e-6
    report = bridge.same_numbers(net, PICTURES, there)
    assert not report
    assert "first to differ: 7: Linear" in str(report)


def test_numbers_come_back_buffers_too() -> None:
    net, other = reader(), reader()
    net(PICTURES)  # moves the running means
    net[0].weight.data *= 2.0
    bridge.from_torch(bridge.to_torch(net), other)
    for (name, one), (_, two) in zip(
        [*net.named_parameters(), *net.named_buffers()],
        [*other.named_parameters(), *other.named_buffers()],
    ):
        assert np.array_equal(getattr(one, "data", one), getattr(two, "data", two)), name


def test_training_or_use_is_carried_over() -> None:
    assert not bridge.to_torch(reader().eval()).training


@pytest.mark.parametrize(
    ("compute", "error", "said"),
    [
        (lambda: bridge.to_torch(t.Sequential(t.Residual(t.Tanh()))), TypeError, "counterpart"),
        (lambda: bridge.to_torch(3), TypeError, "counterpart in PyTorch, got int 3"),
        (
            lambda: bridge.from_torch(torch.nn.Linear(2, 3), t.Linear(2, 4)),
            ValueError,
            r"weight of the shape \(4, 2\), got \(3, 2\)",
        ),
        (
            lambda: bridge.from_torch(torch.nn.Linear(2, 3, bias=False), t.Linear(2, 3)),
            ValueError,
            "it lacks bias",
        ),
        (
            lambda: bridge.from_torch(torch.nn.Linear(2, 3), t.Linear(2, 3, bias=False)),
            ValueError,
            "it has bias besides",
        ),
        (lambda: bridge.from_torch(torch.nn.Tanh(), torch.nn.Tanh()), TypeError, "model of ours"),
        (lambda: bridge.train(1, batch=3, accumulate=4), ValueError, "at least 4 names"),
    ],
)
def test_what_does_not_fit_is_refused(
    compute: Callable[[], Any], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        compute()


def test_nothing_is_changed_by_weights_that_do_not_fit() -> None:
    net = t.Sequential(t.Linear(2, 3), t.Linear(3, 1))
    before = net[0].weight.data.copy()
    with pytest.raises(ValueError, match=r"1\.weight of the shape"):
        bridge.from_torch(torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Linear(3, 2)), net)
    assert np.array_equal(net[0].weight.data, before)


# Many processes


def run(file: Path, processes: int, count: int, *options: str) -> list[float]:
    """The losses of a training on so many processes, from the file that it writes."""
    if processes == 1:
        launch = [sys.executable, "-m"]
    else:
        launch = [
            sys.executable, "-m", "torch.distributed.run", "--standalone",
            f"--nproc-per-node={processes}", "-m",
        ]  # fmt: skip
    command = [*launch, "micrograd.torch_bridge", "train", "--steps", str(count)]
    for _ in range(3):  # gloo has been seen to abort, on a machine with fewer cores than processes
        done = subprocess.run(
            [*command, "--checkpoint", str(file), *options],
            capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip
        if done.returncode == 0 or "SIGABRT" not in done.stderr:
            break
    assert done.returncode == 0, done.stderr
    assert "tokens a second" in done.stdout
    losses: list[float] = torch.load(file, weights_only=True)["losses"]
    return losses


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> list[float]:
    return run(tmp_path_factory.mktemp("one") / "kept", 1, 50)


@pytest.mark.parametrize(("processes", "options"), [(2, ()), (4, ("--accumulate", "2"))])
def test_several_processes_have_the_losses_of_one(
    processes: int, options: tuple[str, ...], one: list[float], tmp_path: Path
) -> None:
    found = run(tmp_path / "kept", processes, 50, *options)
    assert len(found) == 50
    assert np.allclose(found, one, rtol=0.0, atol=1e-9)


def test_a_run_goes_on_on_another_number_of_processes(one: list[float], tmp_path: Path) -> None:
    run(tmp_path / "kept", 2, 10)
    assert np.allclose(run(tmp_path / "kept", 1, 50), one, rtol=0.0, atol=1e-9)


def test_the_loss_falls_below_that_of_counting_letters(one: list[float]) -> None:
    assert one[0] > 3.2
    assert one[-1] < 2.81


def test_half_an_environment_of_torchrun_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(ValueError, match="expected RANK beside the others"):
        bridge.train(1)


def test_the_command_says_what_is_wrong_in_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert bridge.main(["train", "--steps", "1", "--batch", "0"]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_the_command_tells_of_its_steps(capsys: pytest.CaptureFixture[str]) -> None:
    assert bridge.main(["train", "--steps", "10", "--batch", "4"]) == 0
    first, last = capsys.readouterr().out.splitlines()
    assert first.startswith("step 10 of 10: loss ")
    assert last.endswith(" tokens a second")


def test_without_pytorch_one_line_names_the_extra() -> None:
    script = "import sys; sys.modules['torch'] = None; import micrograd.torch_bridge"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.stderr.splitlines()[-1] == (
        "ImportError: expected PyTorch to be installed: pip install 'micrograd-book[torch]'"
    )
