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
from micrograd.tensors._arrays import broadcast_backward, unbroadcast  # noqa: E402
from micrograd.tensors.attention import MultiHeadAttention, TransformerBlock  # noqa: E402
from micrograd.tensors.conversion import from_mlp, to_mlp  # noqa: E402
from micrograd.tensors.elementwise import maximum, where  # noqa: E402
from micrograd.tensors.layers import (  # noqa: E402
    GELU,
    Dropout,
    Embedding,
    Flatten,
    Linear,
    ReLU,
    Residual,
    Sequential,
    Sigmoid,
    Tanh,
    TensorModule,
)
from micrograd.tensors.norms import (  # noqa: E402
    BatchNorm,
    BatchNorm1d,
    BatchNorm2d,
    LayerNorm,
    RMSNorm,
)
from micrograd.tensors.pictures import (  # noqa: E402
    AvgPool2d,
    Conv2d,
    ConvolutionalLayer,
    MaxPool2d,
)
from micrograd.tensors.recording import checkpoint, no_grad, record  # noqa: E402
from micrograd.tensors.recurrent import (  # noqa: E402
    GRU,
    LSTM,
    RNN,
    GRUCell,
    LSTMCell,
    RNNCell,
)
from micrograd.tensors.shaping import concatenate, stack  # noqa: E402
from micrograd.tensors.tensor import Tensor, TensorValue  # noqa: E402
from micrograd.tensors.weights import load_weights, save_weights  # noqa: E402

__all__ = [
    "GELU",
    "GRU",
    "LSTM",
    "RNN",
    "AvgPool2d",
    "BatchNorm",
    "BatchNorm1d",
    "BatchNorm2d",
    "Conv2d",
    "ConvolutionalLayer",
    "Dropout",
    "Embedding",
    "Flatten",
    "GRUCell",
    "LSTMCell",
    "LayerNorm",
    "Linear",
    "MaxPool2d",
    "MultiHeadAttention",
    "RMSNorm",
    "RNNCell",
    "ReLU",
    "Residual",
    "Sequential",
    "Sigmoid",
    "Tanh",
    "Tensor",
    "TensorModule",
    "TensorValue",
    "TransformerBlock",
    "broadcast_backward",
    "checkpoint",
    "concatenate",
    "from_mlp",
    "functional",
    "load_weights",
    "maximum",
    "no_grad",
    "record",
    "save_weights",
    "stack",
    "to_mlp",
    "unbroadcast",
    "where",
]
