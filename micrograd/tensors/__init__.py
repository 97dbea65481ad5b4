"""The engine's idea on NumPy's arrays: tensors, and networks of them.

It needs NumPy: ``pip install 'micrograd-book[tensors]'``.

>>> from micrograd.tensors import Tensor
>>> x = Tensor([[1.0, 2.0], [3.0, 4.0]])
>>> (x * x).sum().backward()
>>> x.grad
array([[2., 4.],
       [6., 8.]])
"""

from micrograd import _expect

_expect.installed("numpy", "NumPy", "tensors")

from micrograd.tensors import functional  # noqa: E402
from micrograd.tensors._arrays import unbroadcast  # noqa: E402
from micrograd.tensors.elementwise import maximum, where  # noqa: E402
from micrograd.tensors.recording import checkpoint, no_grad, record  # noqa: E402
from micrograd.tensors.shaping import concatenate, stack  # noqa: E402
from micrograd.tensors.tensor import Tensor, TensorValue  # noqa: E402

__all__ = [
    "Tensor",
    "TensorValue",
    "checkpoint",
    "concatenate",
    "functional",
    "maximum",
    "no_grad",
    "record",
    "stack",
    "unbroadcast",
    "where",
]
