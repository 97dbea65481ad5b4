"""The optimisers take the same way as PyTorch's in float64, to the last few bits of 200 steps.

Where PyTorch is not installed, the numbers that it gave are compared with: they are in
``data/optimisers.json``, and ``freeze_optimisers.py`` made them.
"""

import json
from typing import Any

import pytest
from freeze_optimisers import CASES, FROZEN, KEPT, START, STEPS, pytorch, trajectory

from micrograd import Value, optim

CLOSE = 1e-14  # relative: some 45 units in the last place of a float; 1.1e-15 was measured


def ours(rule: str, options: dict[str, Any]) -> list[list[float]]:
    parameters = [Value(x) for x in START]
    optimizer = getattr(optim, rule)(parameters, **options)

    def set_gradients(slopes: list[float]) -> None:
        for parameter, slope in zip(parameters, slopes, strict=True):
            parameter.grad = slope

    return trajectory(lambda: [p.data for p in parameters], set_gradients, optimizer.step)


@pytest.mark.parametrize("name", CASES)
def test_optimiser_agrees_with_the_numbers_that_pytorch_gave(name: str) -> None:
    frozen = json.loads(FROZEN.read_text(encoding="utf-8"))
    assert tuple(frozen["after"]) == KEPT
    path = ours(*CASES[name][:2])
    for step, expected in zip(KEPT, frozen[name], strict=True):
        assert path[step - 1] == pytest.approx(expected, rel=CLOSE, abs=CLOSE), step


@pytest.mark.parametrize("name", CASES)
def test_optimiser_agrees_with_pytorch_at_every_step(name: str) -> None:
    pytest.importorskip("torch", reason="PyTorch is not installed")
    rule, options, their_rule, their_options = CASES[name]
    path, theirs = ours(rule, options), pytorch(their_rule, their_options)
    assert len(path) == STEPS
    for step, (numbers, expected) in enumerate(zip(path, theirs, strict=True), start=1):
        assert numbers == pytest.approx(expected, rel=CLOSE, abs=CLOSE), step


def test_every_rule_is_compared() -> None:
    rules = {
        name
        for name, rule in vars(optim).items()
        if isinstance(rule, type) and issubclass(rule, optim.Optimizer) and name != "Optimizer"
    }
    assert {rule for rule, *_ in CASES.values()} == rules


def test_the_ways_differ_from_rule_to_rule() -> None:
    ends = {tuple(ours(rule, options)[-1]) for rule, options, *_ in CASES.values()}
    assert len(ends) == len(CASES)
