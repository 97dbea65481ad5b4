"""The same networks in PyTorch: weights there and back, proof of the same numbers, many processes.

The only part of the package that needs PyTorch: ``pip install 'micrograd-book[torch]'``. Training
is left to it:

    python -m micrograd.torch_bridge train --steps 50
    torchrun --nproc-per-node=2 -m micrograd.torch_bridge train --steps 50

The second line trains on the same batches, on two processes; ``--nnodes`` is for more machines. The
chapters "The same numbers in PyTorch" and "Many processes" tell the story.
"""

from micrograd import _expect

_expect.installed("torch", "PyTorch", "torch")

from micrograd.torch_bridge.agreement import SameNumbers, same_numbers  # noqa: E402
from micrograd.torch_bridge.conversion import TorchGPT, from_torch, to_torch  # noqa: E402
from micrograd.torch_bridge.processes import Process, learn, train  # noqa: E402

__all__ = [
    "Process",
    "SameNumbers",
    "TorchGPT",
    "from_torch",
    "learn",
    "same_numbers",
    "to_torch",
    "train",
]
