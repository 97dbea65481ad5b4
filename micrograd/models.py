"""A trained network kept by itself: its architecture and its numbers, as JSON one can read.

The chapter "Handwritten digits" keeps one and takes it up again.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from micrograd import _expect, _files
from micrograd.checkpoints import CheckpointError
from micrograd.nn import ACTIVATIONS, MLP

__all__ = ["load_model", "save_model"]

_FORMAT, _VERSION = "micrograd model", 1


def save_model(path: str | os.PathLike[str], model: MLP) -> None:
    """Write an ``MLP`` to a file, every number exact; the file is the old or the new one, whole.

    Args:
        path: of the file; one that is there already is replaced.
        model: the network.

    Raises:
        TypeError: if it is no ``MLP``, or has parameters or activations that one has not. (The
            numbers of any module are kept by a ``Checkpoint``.)
        ValueError: for an activation that has no name.
        OSError: if the file cannot be written; it is as it was then.

    >>> import tempfile
    >>> net = MLP(2, [3, 1])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_model(f"{folder}/net.json", net)
    ...     again = load_model(f"{folder}/net.json")
    >>> again, again([1.0, 2.0]).data == net([1.0, 2.0]).data
    (MLP(2, [3, 1], activation='tanh'), True)
    """
    if not isinstance(model, MLP):
        raise TypeError(f"expected an MLP, got {_expect.show(model)}")
    layers = []
    for i, layer in enumerate(model.layers):
        activations = {neuron.activation for neuron in layer.neurons}
        if len(activations) > 1:
            raise TypeError(
                f"expected layers of one activation each, got {', '.join(sorted(activations))} "
                f"in layers[{i}]"
            )
        name = f"the activation of layers[{i}]"
        activation = _expect.choice(name, activations.pop(), ACTIVATIONS)
        layers.append({"neurons": layer.nout, "activation": activation})
    numbers = {name: float(parameter.data) for name, parameter in model.named_parameters()}
    inputs = len(model.layers[0].neurons[0].w)
    twin = _build(inputs, layers)
    if list(numbers) != [name for name, _ in twin.named_parameters()]:
        raise TypeError("expected the parameters of an MLP and no others, got a model with more")
    header = {"format": _FORMAT, "version": _VERSION}
    content = {**header, "inputs": inputs, "layers": layers, "parameters": numbers}
    _files.write(path, _files.to_json(content))


def load_model(path: str | os.PathLike[str]) -> MLP:
    """The network that :func:`save_model` wrote.

    Raises:
        CheckpointError: if the file is no whole and valid model, saying what was expected.
        OSError: if there is no such file, or it may not be read.
    """
    content = Path(path).read_bytes()
    try:
        return _model_of(_files.from_json(content))
    except (TypeError, ValueError) as error:
        raise CheckpointError(f"{os.fspath(path)}: {error}") from None


def _model_of(content: dict[str, Any]) -> MLP:
    kinds = {"format": str, "version": int, "inputs": int, "layers": list, "parameters": dict}
    if (content.get("format"), content.get("version")) != (_FORMAT, _VERSION):
        found = f"{content.get('format')} {content.get('version')}"
        raise ValueError(f"expected a {_FORMAT} of version {_VERSION}, got {found}")
    _expect.fields("the model", content, **kinds)
    for i, layer in enumerate(content["layers"]):
        _expect.fields(f"layers[{i}]", layer, neurons=int, activation=str)
        _expect.choice(f"the activation of layers[{i}]", layer["activation"], ACTIVATIONS)
    model = _build(content["inputs"], content["layers"])
    numbers = _expect.fields(
        "the parameters", content["parameters"], **dict.fromkeys(content["parameters"], float)
    )
    named = model.named_parameters()
    if [name for name, _ in named] != list(numbers):
        raise ValueError(
            f"expected the {len(named)} parameters of {model!r}, got {len(numbers)} of other names"
        )
    for name, parameter in named:
        parameter.data = numbers[name]
    return model


def _build(inputs: int, layers: list[dict[str, Any]]) -> MLP:
    """An ``MLP`` of that shape, all zero."""
    model = MLP(inputs, [layer["neurons"] for layer in layers], init="zeros")
    for layer, described in zip(model.layers, layers):
        for neuron in layer.neurons:
            neuron.activation = described["activation"]
    return model
