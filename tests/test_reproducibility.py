"""The same seeds give the same bits, in whichever process."""

import os
import subprocess
import sys
from pathlib import Path

import micrograd

ROOT = Path(micrograd.__file__).parents[1]

TRAINING = """
import random
from micrograd import MLP, binary_cross_entropy, moons, train_network

random.seed(1)
net = MLP(2, [8, 1], activation="relu", init="he")
metrics = train_network(
    net, moons(30), loss_fn=binary_cross_entropy, verbose=False,
    learning_rate=0.5, batch_size=10, max_iterations=12,
)
for number in [*metrics, *(p.data for p in net.parameters()), *(p.grad for p in net.parameters())]:
    print(number.hex())
"""


def trained(hash_seed: str) -> list[str]:
    finished = subprocess.run(
        [sys.executable, "-c", TRAINING],
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
    )
    return finished.stdout.split()


def test_training_does_not_depend_on_the_process_or_its_hash_seed() -> None:
    first = trained("0")
    assert len(first) == 12 + 2 * 33
    assert trained("12345") == first
