"""A trained network kept by itself, and taken up again."""

import json
import random
import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from little_nets import bits, bits_of

from micrograd import MLP, CheckpointError, Value, load_model, save_model, train_network, xor

any_float = st.integers(0, 2**64 - 1).map(lambda n: struct.unpack(">d", n.to_bytes(8, "big"))[0])


def kept(net: MLP, folder: Path) -> dict[str, Any]:
    save_model(folder / "net.json", net)
    content: dict[str, Any] = json.loads((folder / "net.json").read_text(encoding="utf-8"))
    return content


def read(content: Any, folder: Path) -> MLP:
    text = content if isinstance(content, str) else json.dumps(content)
    (folder / "net.json").write_text(text, encoding="utf-8")
    return load_model(folder / "net.json")


@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid", "linear"])
@pytest.mark.parametrize("widths", [[1], [3, 1], [4, 2, 3]])
def test_network_comes_back_with_its_architecture_and_every_bit(
    activation: str, widths: list[int], tmp_path: Path
) -> None:
    net = MLP(2, widths, activation=activation)
    save_model(tmp_path / "net.json", net)
    again = load_model(tmp_path / "net.json")
    assert (repr(again), again.sz) == (repr(net), net.sz)
    assert [name for name, _ in again.named_parameters()] == [
        name for name, _ in net.named_parameters()
    ]
    assert bits_of(again) == bits_of(net)
    ours, theirs = again([0.5, -2.0]), net([0.5, -2.0])
    if isinstance(theirs, Value):
        ours, theirs = [ours], [theirs]  # type: ignore[list-item]
    assert bits(map(float, ours)) == bits(map(float, theirs))  # type: ignore[arg-type]


@given(numbers=st.lists(any_float, min_size=3, max_size=3))
def test_numbers_of_any_kind_come_back(
    tmp_path_factory: pytest.TempPathFactory, numbers: list[float]
) -> None:
    path = tmp_path_factory.mktemp("model") / "net.json"
    net = MLP(2, [1])
    for parameter, number in zip(net.parameters(), numbers, strict=True):
        parameter.data = number
    save_model(path, net)
    assert bits_of(load_model(path)) == bits(numbers)


def test_trained_network_can_be_trained_on(tmp_path: Path) -> None:
    net = MLP(2, [3, 1], rng=random.Random(1))
    train_network(net, xor(), max_iterations=5, verbose=False)
    save_model(tmp_path / "net.json", net)
    again = load_model(tmp_path / "net.json")
    for model in (net, again):
        train_network(model, xor(), max_iterations=5, verbose=False)
    assert bits_of(again) == bits_of(net)


def test_loading_draws_no_random_numbers(tmp_path: Path) -> None:
    save_model(tmp_path / "net.json", MLP(2, [3, 1]))
    state = random.getstate()
    load_model(tmp_path / "net.json")
    assert random.getstate() == state


def test_file_can_be_read_by_anyone(tmp_path: Path) -> None:
    content = kept(MLP(2, [1], init="zeros"), tmp_path)
    assert content == {
        "format": "micrograd model",
        "version": 1,
        "inputs": 2,
        "layers": [{"neurons": 1, "activation": "linear"}],
        "parameters": {
            "layers.0.neurons.0.w.0": 0.0,
            "layers.0.neurons.0.w.1": 0.0,
            "layers.0.neurons.0.b": 0.0,
        },
    }


def test_file_that_is_there_already_is_replaced(tmp_path: Path) -> None:
    kept(MLP(2, [1]), tmp_path)
    kept(net := MLP(3, [2, 1]), tmp_path)
    assert bits_of(load_model(tmp_path / "net.json")) == bits_of(net)


# What cannot be kept


@pytest.mark.parametrize("model", [MLP(2, [1]).layers[0], None, 3])
def test_what_is_no_mlp_is_refused(model: Any, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="expected an MLP, got"):
        save_model(tmp_path / "net.json", model)
    assert not list(tmp_path.iterdir())


def test_layer_of_two_activations_is_refused(tmp_path: Path) -> None:
    net = MLP(2, [3, 1])
    net.layers[0].neurons[1].activation = "relu"
    with pytest.raises(TypeError, match=r"one activation each, got relu, tanh in layers\[0\]"):
        save_model(tmp_path / "net.json", net)


def test_activation_that_could_not_be_read_again_is_refused(tmp_path: Path) -> None:
    net = MLP(2, [1])
    net.layers[0].neurons[0].activation = "swish"
    with pytest.raises(ValueError, match=r"activation of layers\[0\] to be one of .* 'swish'"):
        save_model(tmp_path / "net.json", net)


def test_parameters_that_an_mlp_has_not_are_refused(tmp_path: Path) -> None:
    net = MLP(2, [1])
    net.scale = Value(1.0)  # type: ignore[attr-defined]
    with pytest.raises(TypeError, match="the parameters of an MLP and no others"):
        save_model(tmp_path / "net.json", net)


# What cannot be read

SAMPLE: dict[str, Any] = {
    "format": "micrograd model",
    "version": 1,
    "inputs": 1,
    "layers": [{"neurons": 1, "activation": "tanh"}],
    "parameters": {"layers.0.neurons.0.w.0": 0.5, "layers.0.neurons.0.b": 1.0},
}


def test_sample_is_valid(tmp_path: Path) -> None:
    assert read(SAMPLE, tmp_path).layers[0].neurons[0].activation == "tanh"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "expected JSON"),
        ("[]", "expected a JSON object, got a list"),
        ({}, "a micrograd model of version 1, got None None"),
        (SAMPLE | {"version": 2}, "a micrograd model of version 1, got micrograd model 2"),
        (SAMPLE | {"format": "micrograd checkpoint"}, "got micrograd checkpoint 1"),
        (SAMPLE | {"version": True}, "version to be a int, got bool True"),
        (SAMPLE | {"more": 1}, "expected the model to have the fields"),
        (SAMPLE | {"inputs": 0}, "nin to be at least 1"),
        (SAMPLE | {"inputs": 2}, r"the 3 parameters of MLP\(2, \[1\]"),
        (SAMPLE | {"layers": []}, "at least one layer"),
        (SAMPLE | {"layers": [1]}, r"layers\[0\] to have the fields neurons, activation"),
        (SAMPLE | {"layers": [{"neurons": 0, "activation": "tanh"}]}, "at least 1, got 0"),
        (SAMPLE | {"layers": [{"neurons": 1, "activation": "x"}]}, "one of tanh, .* got 'x'"),
        (SAMPLE | {"parameters": {}}, "got 0 of other names"),
        (SAMPLE | {"parameters": {"a": 0.5, "b": 1.0}}, "got 2 of other names"),
        (
            SAMPLE | {"parameters": {"layers.0.neurons.0.w.0": 1, "layers.0.neurons.0.b": 1.0}},
            "w.0 to be a float, got int 1",
        ),
    ],
)
def test_file_that_is_no_model_is_refused_by_name(
    content: Any, message: str, tmp_path: Path
) -> None:
    with pytest.raises(CheckpointError, match=rf"net\.json: .*{message}"):
        read(content, tmp_path)


def test_missing_file_is_an_error_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load_model(tmp_path / "net.json")
