"""What PyTorch's optimisers do on a small problem, kept for machines that have no PyTorch.

Run it where PyTorch is installed, from the root of the repository:

    python tests/freeze_optimisers.py

It writes ``tests/data/optimisers.json``, which ``test_optim_pytorch.py`` compares ours with.
"""

import json
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

FROZEN = Path(__file__).parent / "data" / "optimisers.json"
START = (1.0, -2.0, 0.5)
STEPS = 200
KEPT = (1, 2, 3, 10, 50, 100, 200)  # the steps after which the parameters are kept

# Our rule and its options, PyTorch's and its options; both take the learning rate second.
CASES: dict[str, tuple[str, dict[str, Any], str, dict[str, Any]]] = {
    "SGD": ("SGD", {"learning_rate": 0.05}, "SGD", {"lr": 0.05}),
    "Momentum": (
        "Momentum", {"learning_rate": 0.02}, "SGD", {"lr": 0.02, "momentum": 0.9},
    ),
    "Nesterov": (
        "Momentum", {"learning_rate": 0.02, "momentum": 0.8, "nesterov": True},
        "SGD", {"lr": 0.02, "momentum": 0.8, "nesterov": True},
    ),
    "AdaGrad": ("AdaGrad", {"learning_rate": 0.3}, "Adagrad", {"lr": 0.3}),
    "RMSprop": ("RMSprop", {"learning_rate": 0.01}, "RMSprop", {"lr": 0.01}),
    "RMSprop with options": (
        "RMSprop", {"learning_rate": 0.01, "beta": 0.9, "eps": 1e-3},
        "RMSprop", {"lr": 0.01, "alpha": 0.9, "eps": 1e-3},
    ),
    "Adam": ("Adam", {"learning_rate": 0.1}, "Adam", {"lr": 0.1}),
    "Adam by default": ("Adam", {}, "Adam", {}),
    "Adam with options": (
        "Adam", {"learning_rate": 0.05, "beta1": 0.8, "beta2": 0.95, "eps": 1e-4},
        "Adam", {"lr": 0.05, "betas": (0.8, 0.95), "eps": 1e-4},
    ),
    "AdamW": ("AdamW", {"learning_rate": 0.1}, "AdamW", {"lr": 0.1}),
    "AdamW with options": (
        "AdamW", {"learning_rate": 0.05, "beta1": 0.8, "beta2": 0.95, "decay": 0.2},
        "AdamW", {"lr": 0.05, "betas": (0.8, 0.95), "weight_decay": 0.2},
    ),
}  # fmt: skip


def gradients(p: list[float]) -> list[float]:
    """Those of ``2 (a - 3)**2 + a b + (b + 1)**2 / 4 + (c - 2)**4 / 40``, of unlike sizes."""
    a, b, c = p
    return [4.0 * (a - 3.0) + b, a + 0.5 * (b + 1.0), 0.1 * (c - 2.0) ** 3]


def trajectory(
    numbers: Callable[[], list[float]],
    set_gradients: Callable[[list[float]], None],
    step: Callable[[], None],
) -> list[list[float]]:
    """The parameters after each of 200 steps."""
    path = []
    for _ in range(STEPS):
        set_gradients(gradients(numbers()))
        step()
        path.append(numbers())
    return path


def pytorch(rule: str, options: dict[str, Any]) -> list[list[float]]:
    """The way that an optimiser of PyTorch takes."""
    torch = import_module("torch")
    parameters = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in START]
    optimizer = getattr(torch.optim, rule)(parameters, **options)

    def set_gradients(slopes: list[float]) -> None:
        for parameter, slope in zip(parameters, slopes):
            parameter.grad = torch.tensor(slope, dtype=torch.float64)

    return trajectory(lambda: [p.item() for p in parameters], set_gradients, optimizer.step)


def freeze() -> None:
    """Write the file."""
    torch = import_module("torch")
    content: dict[str, Any] = {"torch": torch.__version__.partition("+")[0], "after": list(KEPT)}
    for name, (_, _, rule, options) in CASES.items():
        path = pytorch(rule, options)
        content[name] = [path[step - 1] for step in KEPT]
    lines = ",\n".join(
        f"{json.dumps(name)}: {json.dumps(entry)}" for name, entry in content.items()
    )
    FROZEN.write_text("{\n" + lines + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    freeze()
