"""Tensors: arrays that remember how they were computed, with all their operations in one class.

What each has is told in :mod:`micrograd.tensors.recording`; this file only puts the parts together.
"""

from __future__ import annotations

from micrograd.tensors.arithmetic import Arithmetic
from micrograd.tensors.elementwise import Elementwise
from micrograd.tensors.recording import Recorded
from micrograd.tensors.shaping import Shaping

__all__ = ["Tensor", "TensorValue"]


class Tensor(Arithmetic, Elementwise, Shaping, Recorded):
    """An array of real numbers that is a node of a computational graph.

    Tensors are differentiated. Numbers, lists and NumPy arrays that meet one in an operation are
    constants: they take part in it, and get no gradient.

    Args:
        data: the numbers, which are copied: a number, a list of lists of one width, or an array.
        dtype: ``"float64"`` or ``"float32"``; by default that of an array of one of these, and
            ``float64`` for everything else.
        label: a name, used in figures and reports only.

    Attributes:
        data: the numbers, an ``ndarray``.
        grad: derivative of what ``backward()`` was last called on with respect to each of them:
            an array of the same shape, or the float ``0.0``, the zero of every shape, as long as
            none has come. Leaves accumulate it. Interior tensors pass theirs on and let it go,
            unless told to ``retain_grad()``.

    Raises:
        TypeError: for numbers that are not real, or a dtype of another kind.
        ValueError: for rows of different lengths.

    >>> w = Tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> (w @ [1.0, 10.0]).sum().backward()
    >>> w.grad
    array([[ 1., 10.],
           [ 1., 10.]])
    """

    __slots__ = ()


TensorValue = Tensor
Recorded.kind = Tensor  # what operations result in
