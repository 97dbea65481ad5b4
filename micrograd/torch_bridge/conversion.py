"""Weights to PyTorch and back: each module of ours and its counterpart there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from micrograd import _expect
from micrograd import gpt as scalars
from micrograd import tensors as t
from micrograd.nn import MLP
from micrograd.tensors import gpt
from micrograd.tensors.weights import fill, tables

__all__ = ["TorchGPT", "from_torch", "to_torch"]


class TorchGPT(nn.Module):
    """The GPT of tensors as a module of PyTorch: its sizes, numbers and names of parameters."""

    def __init__(self, model: gpt.GPT) -> None:
        super().__init__()
        self.context, self.heads = model.context, model.heads
        self.letters = _parameter(model.letters)
        self.places = _parameter(model.places)
        self.blocks: Any = nn.ModuleList()
        for block in model.blocks:
            there = nn.Module()
            for name, table in block.named_parameters():
                setattr(there, name, _parameter(table))
            self.blocks.append(there)
        self.head = _parameter(model.head)

    def forward(self, tokens: Any) -> Any:
        """Whole numbers ``(batch, length)`` to scores ``(batch, length, vocabulary)``."""
        f = nn.functional
        batch, length = tokens.shape
        x = _norm(self.letters[tokens] + self.places[:length])
        for block in self.blocks:
            seen = _norm(x)
            q, k, v = (
                f.linear(seen, w).view(batch, length, self.heads, -1).transpose(1, 2)
                for w in (block.wq, block.wk, block.wv)
            )
            found = f.scaled_dot_product_attention(q, k, v, is_causal=True)
            x = x + f.linear(found.transpose(1, 2).reshape(x.shape), block.wo)
            x = x + f.linear(torch.relu(f.linear(_norm(x), block.up)), block.down)
        return f.linear(x, self.head)


def _parameter(table: Any) -> nn.Parameter:
    return nn.Parameter(torch.tensor(table.data))


def _norm(x: torch.Tensor) -> torch.Tensor:
    return nn.functional.rms_norm(x, (x.shape[-1],), eps=1e-5)


Made = tuple[tuple[Any, ...], dict[str, Any]]  # what a module of PyTorch is made with


def _convolution(m: Any) -> Made:
    filters, channels, *kernel = m.weight.shape
    same = {name: getattr(m, name) for name in ("stride", "padding", "dilation")}
    return (channels, filters, tuple(kernel)), {**same, "bias": m.bias is not None}


def _pooling(m: Any) -> Made:
    return (m.kernel_size, m.stride, m.padding), {}


def _batch_norm(m: Any) -> Made:
    return (len(m.running_mean), m.eps, m.momentum), {}


def _cell(m: Any) -> Made:
    return (m.input_size, m.hidden_size), {"bias": hasattr(m, "bias_ih")}


def _over_sequences(m: Any) -> Made:
    sizes = (m.input_size, m.hidden_size, len(m.suffixes))
    return sizes, {"bias": hasattr(m, "bias_ih_l0"), "batch_first": True, "dropout": m.dropout}


def _with_bend(made: Callable[[Any], Made]) -> Callable[[Any], Made]:
    """A recurrent network without gates says what bends its state."""
    return lambda m: (made(m)[0], {**made(m)[1], "nonlinearity": m.kind})


def _attention(m: Any) -> Made:
    width = m.in_proj_weight.shape[1]
    options = {"bias": m.in_proj_bias is not None, "dropout": m.dropout, "batch_first": True}
    return (width, m.num_heads), options


def _block(m: Any) -> Made:
    hidden, width = m.linear1.weight.shape
    options = {"batch_first": True, "norm_first": True}
    return (width, m.self_attn.num_heads, hidden, m.dropout, m.activation), options


# Ours, PyTorch's, and what theirs is made with.
_KINDS: dict[type, tuple[type[nn.Module], Callable[[Any], Made]]] = {
    t.Linear: (nn.Linear, lambda m: (m.weight.shape[::-1], {"bias": m.bias is not None})),
    t.Conv2d: (nn.Conv2d, _convolution),
    t.MaxPool2d: (nn.MaxPool2d, _pooling),
    t.AvgPool2d: (nn.AvgPool2d, _pooling),
    t.BatchNorm1d: (nn.BatchNorm1d, _batch_norm),
    t.BatchNorm2d: (nn.BatchNorm2d, _batch_norm),
    t.LayerNorm: (nn.LayerNorm, lambda m: ((m.normalized_shape, m.eps), {})),
    t.RMSNorm: (nn.RMSNorm, lambda m: ((m.normalized_shape, m.eps), {})),
    t.Embedding: (nn.Embedding, lambda m: (m.weight.shape, {})),
    t.RNNCell: (nn.RNNCell, _with_bend(_cell)),
    t.LSTMCell: (nn.LSTMCell, _cell),
    t.GRUCell: (nn.GRUCell, _cell),
    t.RNN: (nn.RNN, _with_bend(_over_sequences)),
    t.LSTM: (nn.LSTM, _over_sequences),
    t.GRU: (nn.GRU, _over_sequences),
    t.MultiHeadAttention: (nn.MultiheadAttention, _attention),
    t.TransformerBlock: (nn.TransformerEncoderLayer, _block),
    t.Dropout: (nn.Dropout, lambda m: ((m.p,), {})),
    t.GELU: (nn.GELU, lambda m: ((m.approximate,), {})),
    t.Flatten: (nn.Flatten, lambda m: ((), {})),
    t.ReLU: (nn.ReLU, lambda m: ((), {})),
    t.Tanh: (nn.Tanh, lambda m: ((), {})),
    t.Sigmoid: (nn.Sigmoid, lambda m: ((), {})),
}


def to_torch(model: Any) -> nn.Module:
    """The module of PyTorch with the same numbers, buffers and names.

    Args:
        model: an ``MLP``, a layer or ``Sequential`` of tensors, or a GPT of either kind.

    Raises:
        TypeError: for a module that has no counterpart there; nothing is made then.

    >>> net = t.Sequential(t.Linear(2, 3), t.Tanh())
    >>> to_torch(net)
    Sequential(
      (0): Linear(in_features=2, out_features=3, bias=True)
      (1): Tanh()
    )
    """
    ours = on_arrays(model)
    if isinstance(ours, gpt.GPT):
        return TorchGPT(ours)
    there = _like(ours)
    state = {name: torch.tensor(table) for name, table in tables(ours).items()}
    if state:
        there = there.to(next(iter(state.values())).dtype)
    there.load_state_dict(state)
    return there.train(ours.training)


def on_arrays(model: Any) -> Any:
    """A model of values as one of tensors; any other as it is."""
    if isinstance(model, scalars.GPT):
        return gpt.from_scalars(model)
    return t.from_mlp(model) if isinstance(model, MLP) else model


def _like(ours: Any) -> nn.Module:
    if isinstance(ours, t.Sequential):
        return nn.Sequential(*map(_like, ours))
    if type(ours) not in _KINDS:
        raise TypeError(
            f"expected a module with a counterpart in PyTorch, got {_expect.show(ours)}"
        )
    theirs, made_with = _KINDS[type(ours)]
    arguments, options = made_with(ours)
    return theirs(*arguments, **options)


def from_torch(module: nn.Module, like: Any) -> Any:
    """Give ``like``, a model of ours, the numbers of a module of PyTorch; returns it.

    Raises:
        TypeError: if one of them is no module.
        ValueError: if names or shapes differ, naming the first that does; nothing is changed then.

    >>> net = from_torch(torch.nn.Linear(2, 3), t.Linear(2, 3, dtype="float32"))
    >>> net.weight.shape
    (3, 2)
    """
    if not isinstance(module, nn.Module):
        raise TypeError(f"expected a module of PyTorch, got {_expect.show(module)}")
    given = {name: table.detach().cpu().numpy() for name, table in module.state_dict().items()}
    return fill(like, given)
