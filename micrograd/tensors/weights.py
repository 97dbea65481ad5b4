"""The numbers of a model in a file that any library can read: safetensors.

Beside the numbers stand their names and shapes, and no code, so that nothing runs when such a file
is read. PyTorch reads it without this package: ``safetensors.torch.load_file(path)`` gives what
``load_state_dict`` takes. The chapter "The same numbers in PyTorch" tells the story.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from micrograd import _expect, _files
from micrograd.nn import Module
from micrograd.tensors.tensor import Tensor

__all__ = ["fill", "load_weights", "save_weights", "tables"]

M = TypeVar("M", bound=Module)


def tables(model: Module) -> dict[str, Any]:
    """The arrays of a model's parameters and buffers, by name.

    Raises:
        TypeError: if it is no module, or its parameters are no tensors.

    >>> from micrograd.tensors import Linear
    >>> {name: table.shape for name, table in tables(Linear(2, 3)).items()}
    {'weight': (3, 2), 'bias': (3,)}
    """
    if not isinstance(model, Module):
        raise TypeError(f"expected a module of tensors, got {_expect.show(model)}")
    found = {}
    for name, parameter in model.named_parameters():
        if not isinstance(parameter, Tensor):
            raise TypeError(f"expected parameters that are tensors, got a number at {name}")
        found[name] = parameter.data
    return found | {name: np.asarray(buffer) for name, buffer in model.named_buffers()}


def fill(model: M, given: Mapping[str, Any]) -> M:
    """Put arrays into a model's parameters and buffers, all or none; returns the model.

    Raises:
        TypeError: if it is no module of tensors.
        ValueError: if names or shapes differ, naming the first that does; nothing is changed then.

    >>> from micrograd.tensors import Linear
    >>> fill(Linear(1, 1), {"weight": np.array([[2.0]]), "bias": np.array([1.0])})([[3.0]]).data
    array([[7.]])
    """
    wanted = tables(model)
    missing, more = sorted(wanted.keys() - given.keys()), sorted(given.keys() - wanted.keys())
    if missing or more:
        what = f"no {missing[0]}" if missing else f"{more[0]} besides"
        raise ValueError(f"expected the parameters of {model!r}, got {what}")
    for name, table in wanted.items():
        if table.shape != given[name].shape:
            raise ValueError(f"expected {name} of the shape {table.shape}, got {given[name].shape}")
    for name, parameter in model.named_parameters():
        parameter.data = np.array(given[name], parameter.data.dtype)
    for name, buffer in model.named_buffers():
        buffer[...] = given[name]
    return model


def save_weights(path: str | os.PathLike[str], model: Module) -> None:
    """Write a model's numbers; the file is the old or the new one, whole.

    Args:
        path: of the file, ``.safetensors`` by custom; one that is there already is replaced.
        model: a module of tensors.

    Raises:
        TypeError: if it is no module of tensors.
        OSError: if the file cannot be written; it is as it was then.

    >>> import tempfile
    >>> from micrograd.tensors import Linear
    >>> one, other = Linear(2, 3), Linear(2, 3)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_weights(f"{folder}/net.safetensors", one)
    ...     _ = load_weights(f"{folder}/net.safetensors", other)
    >>> bool((one.weight.data == other.weight.data).all())
    True
    """
    arrays = {name: np.array(table, order="C") for name, table in tables(model).items()}
    _files.write(path, _files.safetensors().save(arrays))


def load_weights(path: str | os.PathLike[str], model: M) -> M:
    """Give a model the numbers in a file; returns the model.

    Args:
        path: of a file that :func:`save_weights` wrote, or PyTorch.
        model: one with parameters of the same names and shapes.

    Raises:
        TypeError: if it is no module of tensors.
        ValueError: if the file is none of safetensors, or has other names or shapes; nothing is
            changed then.
        OSError: if there is no such file.
    """
    tables(model)  # what it is not is said first
    try:
        given = _files.safetensors().load(Path(path).read_bytes())
    except OSError:
        raise
    except Exception as error:  # the library has an error of its own, and lets others through
        raise ValueError(f"{os.fspath(path)}: expected a file of safetensors: {error}") from None
    try:
        return fill(model, given)
    except ValueError as error:
        raise ValueError(f"{os.fspath(path)}: {error}") from None
