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
from micrograd.torch_bridge.__main__ import main  # noqa: E402

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


@pytest.mark.parametrize(
    "layer",
    [
        t.RNN(6, 4, num_layers=2, nonlinearity="relu"),
        t.RNN(6, 4, bias=False),
        t.LSTM(6, 4, num_layers=2),
        t.GRU(6, 4),
        t.MultiHeadAttention(6, 2),
        t.MultiHeadAttention(6, 3, bias=False),
        t.TransformerBlock(6, 2, activation="gelu"),
        t.TransformerBlock(6, 2, 7),
    ],
    ids=repr,
)
def test_layers_over_sequences_have_the_same_numbers(layer: Any) -> None:
    report = bridge.same_numbers(layer, RNG.normal(size=(3, 5, 6)))
    assert report, str(report)
    assert len(report.compared) == 1 + len(layer.parameters())


@pytest.mark.parametrize(
    "cell", [t.RNNCell(6, 4), t.RNNCell(6, 4, nonlinearity="relu"), t.LSTMCell(6, 4),
             t.GRUCell(6, 4, bias=False)], ids=repr,
)  # fmt: skip
def test_cells_have_the_same_numbers(cell: Any) -> None:
    report = bridge.same_numbers(cell, ROWS)
    assert report, str(report)


def test_asking_changes_neither_model_and_can_be_repeated() -> None:
    net = reader()
    there = bridge.to_torch(net)
    before = {name: buffer.copy() for name, buffer in net.named_buffers()}
    for _ in range(2):
        assert bridge.same_numbers(net, PICTURES, there)
    assert all(np.array_equal(before[name], buffer) for name, buffer in net.named_buffers())
    assert not any(np.any(parameter.grad) for parameter in net.parameters())
    assert all(parameter.grad is None for parameter in there.parameters())


def test_a_gpt_of_values_has_the_same_numbers() -> None:
    from micrograd.gpt import GPT

    model = GPT(5, 8, width=4, heads=2, rng=random.Random(0))
    assert bridge.same_numbers(model, [[4, 1, 0], [4, 2, 2]])


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
            "got no bias",
        ),
        (
            lambda: bridge.from_torch(torch.nn.Linear(2, 3), t.Linear(2, 3, bias=False)),
            ValueError,
            "got bias besides",
        ),
        (
            lambda: bridge.from_torch(torch.nn.Tanh(), torch.nn.Tanh()),
            TypeError,
            "of tensors, got Tanh",
        ),
        (lambda: bridge.from_torch({}, t.Tanh()), TypeError, "module of PyTorch, got dict"),
        (lambda: bridge.train(1, batch=3, accumulate=4), ValueError, "batch to be at least 4"),
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


# Weights in a file


def test_pytorch_reads_our_weights_without_this_package(tmp_path: Path) -> None:
    net = reader()
    t.save_weights(tmp_path / "net.safetensors", net)
    script = (
        "import sys; from safetensors.torch import load_file; "
        f"w = load_file({str(tmp_path / 'net.safetensors')!r}); "
        "print('micrograd' in sys.modules, w['0.weight'].shape, float(w['7.bias'].sum()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    total = float(torch.tensor(net[7].bias.data).sum())
    assert done.stdout.split("\n")[0] == f"False torch.Size([4, 2, 3, 3]) {total}"


def test_we_read_weights_of_pytorch(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    there = bridge.to_torch(reader())
    save_file(there.state_dict(), tmp_path / "net.safetensors")
    ours = t.load_weights(tmp_path / "net.safetensors", reader())
    assert bridge.same_numbers(ours, PICTURES, there)


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
    assert "tokens a second" in done.stdout or "done before" in done.stdout
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


def test_a_run_that_is_done_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = tmp_path / "kept"
    losses = bridge.train(2, batch=4, checkpoint=kept)
    capsys.readouterr()
    assert bridge.train(2, batch=4, checkpoint=kept) == losses
    assert capsys.readouterr().out == f"all 2 steps were done before: {kept}\n"


@pytest.mark.parametrize("content", [b"", b"no checkpoint", None])
def test_a_checkpoint_of_something_else_is_refused(content: bytes | None, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    if content is None:
        bridge.train(1, batch=4, width=8, checkpoint=kept)
    else:
        kept.write_bytes(content)
    with pytest.raises(ValueError, match="kept: expected a checkpoint of this model"):
        bridge.train(2, batch=4, checkpoint=kept)


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"RANK": "0", "WORLD_SIZE": "two", "LOCAL_RANK": "0"}, "number in WORLD_SIZE.*got 'two'"),
        ({"RANK": "2", "WORLD_SIZE": "2", "LOCAL_RANK": "0"}, "RANK below the WORLD_SIZE of 2"),
    ],
)
def test_an_environment_that_cannot_be_is_refused(
    environment: dict[str, str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ValueError, match=said):
        bridge.Process.this()


def test_half_an_environment_of_torchrun_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(ValueError, match="whole number in RANK, as torchrun sets it, got none"):
        bridge.train(1)


def test_the_command_says_what_is_wrong_in_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--steps", "1", "--batch", "0"]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_the_command_tells_of_its_steps(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--steps", "10", "--batch", "4"]) == 0
    *lines, last = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == [f"step {n} of 10" for n in (2, 4, 6, 8, 10)]
    assert last.endswith(" tokens a second")


def test_without_pytorch_one_line_names_the_extra() -> None:
    script = "import sys; sys.modules['torch'] = None; import micrograd.torch_bridge"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.stderr.splitlines()[-1] == (
        "ImportError: expected PyTorch to be installed: pip install 'micrograd-book[torch]'"
    )
