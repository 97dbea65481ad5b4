"""Every failure of the three error tables: put it in, see it noticed, see how it ends.

``FAULTS`` is the table; it needs no pytest, so that the book can run it and show it. A fault's
``run`` injects it and returns what noticed it and how it ended, which must be as the row says.
"""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from micrograd import (
    MLP,
    SGD,
    GraphCycleError,
    NumericalValidator,
    RecoveryManager,
    StabilityMonitor,
    Value,
    binary_cross_entropy,
    mse_loss,
    noisy_line,
    topological_order,
    train_network,
    train_network_with_stability,
    train_step,
    validate_graph,
    xor,
)
from micrograd.stability import StabilityMetrics

Outcome = tuple[str, str]


@dataclass(frozen=True)
class Fault:
    """A row: the failure's table and name, what is done to provoke it, what sees it, the end."""

    table: str
    name: str
    injection: str
    detector: str
    outcome: str
    run: Callable[[], Outcome]


def finite(net: MLP) -> bool:
    return all(math.isfinite(parameter.data) for parameter in net.parameters())


def network(*widths: int, **options: Any) -> MLP:
    return MLP(widths[0], widths[1:], rng=random.Random(1), **options)


def guarded(net: MLP, loss_fn: Any = mse_loss, **options: Any) -> StabilityMetrics:
    settings = {"learning_rate": 0.1, "max_iterations": 60, "patience": None} | options
    return train_network_with_stability(net, xor(), None, loss_fn, False, **settings)


def story(net: MLP, metrics: StabilityMetrics) -> Outcome:
    """What noticed the first trouble, and how the run ended."""
    assert finite(net)
    kinds = [event.kind for event in metrics.events if event.severity.name != "WARNING"]
    best = min(loss for loss in metrics if math.isfinite(loss))
    if metrics.stopped_because == "unrecoverable":
        now = mse_loss([net(x) for x, _ in xor()], [y for _, y in xor()]).data
        assert now == best or not math.isfinite(now)
        return f"monitor: {kinds[0]}", "ended with the best parameters"
    assert metrics.recoveries
    assert metrics[-1] < metrics[0]
    return f"monitor: {kinds[0]}", "recovered"


def breaking(step: int, damage: Callable[[Value], Value], times: int = 1) -> Any:
    """The squared error, damaged from its ``step``-th pass forward on."""
    calls = 0

    def loss_fn(predictions: Any, targets: Any) -> Value:
        nonlocal calls
        calls += 1
        loss = mse_loss(predictions, targets)
        return damage(loss) if step <= calls < step + times else loss

    return loss_fn


# Numerical


def overflow() -> Outcome:
    net = network(2, 3, 1)
    return story(net, guarded(net, breaking(20, lambda loss: (loss * 1e5).exp())))


def underflow() -> Outcome:
    z = Value(-800.0, label="z")
    report = validate_graph(z.sigmoid().log(), [z])
    assert "underflow" in [problem.kind for problem in report]
    loss = binary_cross_entropy([z], [1.0])
    loss.backward()
    assert math.isclose(loss.data, 800.0)
    assert math.isclose(z.grad, -1.0)
    return "validate_graph: underflow", "cured by a loss from the logit"


def nan_propagation() -> Outcome:
    net = network(2, 3, 1)
    metrics = guarded(net, breaking(20, lambda loss: loss + (loss - 1e6).log(), times=2))
    assert metrics.events[0].origin.startswith("log of Value")
    assert math.isnan(metrics[19])
    return story(net, metrics)


def gradient_explosion() -> Outcome:
    net = network(2, 3, 1)
    return story(net, guarded(net, breaking(20, lambda loss: loss * 1e6)))


def gradient_explosion_clipped() -> Outcome:
    net = network(2, 3, 1)
    metrics = guarded(net, breaking(20, lambda loss: loss * 1e6), gradient_clip=1.0)
    assert metrics.clipped
    assert max(metrics.gradient_norms) < 1.0 + 1e-12
    assert not metrics.recoveries
    assert metrics[-1] < metrics[0]
    return "norm above gradient_clip", "clipped, and went on"


def loss_instability() -> Outcome:
    net = network(2, 4, 1)
    metrics = guarded(net, learning_rate=0.5, max_iterations=400)
    unprotected = train_network(
        network(2, 4, 1), xor(), None, mse_loss, False,
        learning_rate=0.5, max_iterations=metrics.iterations, patience=None,
    )  # fmt: skip
    assert metrics.best_loss < unprotected.best_loss
    return story(net, metrics)


# Graphs


def reported(kind: str, root: Value, *parameters: Value) -> None:
    report = validate_graph(root, parameters)
    assert not report
    assert kind in [problem.kind for problem in report]


def circular_dependency() -> Outcome:
    a, b = Value(1.0, label="a"), Value(2.0, label="b")
    root = a + b
    a._parents, a._derivatives = (root,), (1.0,)
    (problem,) = (p for p in validate_graph(root) if p.kind == "cycle")
    assert problem.values[0] is problem.values[-1]
    assert set(problem.values) == {a, root}
    try:
        topological_order(root)
    except GraphCycleError:
        assert (a.grad, b.grad) == (0.0, 0.0)
    assert validate_graph(Value(1.0) + b)
    return "validate_graph: cycle", "refused by backward(); built anew"


def orphaned_node() -> Outcome:
    a, lost = Value(1.0, label="a"), Value(2.0, label="lost")
    reported("unreached", a * 2.0, a, lost)
    root = (a * 2.0).tanh()
    root._parents[0]._parents, root._parents[0]._derivatives = (), ()
    reported("orphan", root)
    assert validate_graph((a * 2.0).tanh() * lost, [a, lost])
    return "validate_graph: orphan, unreached", "built anew"


def invalid_operation() -> Outcome:
    a, b = Value(2.0), Value(3.0)
    root = a * b
    root._op = "+"
    reported("operation", root)
    root._op = "tanh"
    reported("operation", root)
    root._op = ""
    reported("operation", root)
    root._op = "*"
    assert validate_graph(root)
    return "validate_graph: operation", "operation set right"


def corrupted_parents() -> Outcome:
    a, b = Value(2.0), Value(3.0)
    for parents in ((a,), (a, 3.0), (), (b, a, b), (a, Value(9.0))):
        root = a * b
        root._parents = parents  # type: ignore[assignment]
        assert not validate_graph(root)
    reported("parents", Value(1.0) + _tampered(a * b))
    root._parents = (a, b)
    assert validate_graph(root)
    return "validate_graph: parents", "parents put back"


def _tampered(value: Value) -> Value:
    value._derivatives = value._derivatives[:1]
    return value


def missing_backward() -> Outcome:
    x = Value(2.0, label="x")
    square = Value(4.0, (x,), "square")  # an operation that does not say its derivative
    reported("parents", square * 1.0, x)
    try:
        (square * 1.0).backward()
    except TypeError:
        assert x.grad == 0.0
    assert validate_graph(Value(4.0, (x,), "square", _derivatives=(4.0,)) * 1.0, [x])
    return "validate_graph: parents", "refused by backward(); derivative supplied"


# Training


def training_explosion() -> Outcome:
    net = network(2, 8, 8, 1)
    metrics = guarded(net, learning_rate=1.0, max_iterations=100)
    return story(net, metrics)


def training_explosion_beyond_help() -> Outcome:
    net = network(2, 3, 1)
    always = breaking(5, lambda loss: loss * math.inf, times=10**9)
    return story(net, guarded(net, always, max_recoveries=3))


def gradient_vanishing() -> Outcome:
    deep = network(2, *[6] * 20, 1, init="normal", activation="sigmoid")
    metrics = guarded(deep, max_iterations=10)
    assert [event.kind for event in metrics.events][:1] == ["vanishing"]
    assert not metrics.recoveries
    cured = guarded(network(2, 6, 6, 1, init="xavier"), max_iterations=10)
    assert "vanishing" not in [event.kind for event in cured.events]
    return "monitor: vanishing", "reported; cured by depth and initialisation"


def oscillation() -> Outcome:
    net = network(1, 1)
    net.parameters()[0].data = 1.0
    # The slope of |x| does not shrink: steps too long jump across the minimum for ever.
    metrics = train_network_with_stability(
        net, [([1.0], 0.0)], None, lambda p, t: abs(p[0] - 0.23), False,
        learning_rate=0.4, max_iterations=300, patience=None,
    )  # fmt: skip
    assert max(metrics[-5:]) < 0.1 * max(metrics[:5])
    return f"monitor: {metrics.recoveries[0].reason}", "recovered"


def overfitting() -> Outcome:
    """A second monitor watches the loss on held-out data; the best parameters come back."""
    few = noisy_line(4, slope=0.0, intercept=0.0, noise=1.0, seed=3)
    held_out = noisy_line(20, slope=0.0, intercept=0.0, noise=0.3, seed=40)
    net, manager, watcher = network(1, 8, 1), RecoveryManager(1), StabilityMonitor()
    for weight in net.layers[-1].parameters():
        weight.data *= 0.1  # begins flat, which is the truth here
    optimizer = SGD(net.parameters(), 0.1)

    def loss_on(data: list[tuple[list[float], float]]) -> Value:
        return mse_loss([net(x) for x, _ in data], [y for _, y in data])

    losses = []
    for iteration in range(1, 400):
        losses.append(train_step(net, [x for x, _ in few], [y for _, y in few], optimizer))
        if iteration % 5 == 0:
            watcher.update_metrics(loss_on(held_out).data, [], iteration)
            if watcher.improved:
                manager.create_checkpoint(net.parameters(), iteration)
            if watcher.should_intervene()[0]:
                break
    _, reason, _ = watcher.should_intervene()
    assert losses[-1] < losses[0]
    manager.restore_checkpoint(net.parameters())
    assert loss_on(held_out).data == watcher.best_loss
    return f"monitor on held-out data: {reason}", "stopped; best parameters restored"


def parameter_divergence() -> Outcome:
    net = network(2, 3, 1)
    metrics = guarded(
        net, breaking(20, lambda loss: loss * 1e3), validator=NumericalValidator(inf_threshold=5.0)
    )
    assert all(abs(parameter.data) <= 5.0 for parameter in net.parameters())
    assert "parameter" in metrics.events[-1].evidence
    story(net, metrics)
    return "bound on the parameters", "recovered"


def corrupted_parameter() -> Outcome:
    """What a stray write does: one parameter is ``nan`` between two steps."""
    net = network(2, 3, 1)

    def corrupt(loss: Value) -> Value:
        net.parameters()[0].data = math.nan
        return loss

    return story(net, guarded(net, breaking(20, corrupt)))


FAULTS = [
    Fault("numerical", "overflow", "the exponential of a large loss",
          "monitor: nan", "recovered", overflow),
    Fault("numerical", "underflow", "the logarithm of a sigmoid at -800",
          "validate_graph: underflow", "cured by a loss from the logit", underflow),
    Fault("numerical", "NaN propagation", "the logarithm of a negative number",
          "monitor: nan", "recovered", nan_propagation),
    Fault("numerical", "NaN propagation", "a parameter overwritten with nan",
          "monitor: nan", "recovered", corrupted_parameter),
    Fault("numerical", "gradient explosion", "one loss a million times too large",
          "monitor: explosion", "recovered", gradient_explosion),
    Fault("numerical", "gradient explosion", "the same, with gradient_clip=1",
          "norm above gradient_clip", "clipped, and went on", gradient_explosion_clipped),
    Fault("numerical", "loss instability", "a learning rate of 0.5",
          "monitor: divergence", "recovered", loss_instability),
    Fault("graph", "circular dependencies", "a leaf given its own result as a parent",
          "validate_graph: cycle", "refused by backward(); built anew", circular_dependency),
    Fault("graph", "orphaned nodes", "a parent link cut; a parameter never used",
          "validate_graph: orphan, unreached", "built anew", orphaned_node),
    Fault("graph", "invalid operation references", "a product labelled as a sum",
          "validate_graph: operation", "operation set right", invalid_operation),
    Fault("graph", "corrupted parent links", "a parent lost, exchanged, or no value",
          "validate_graph: parents", "parents put back", corrupted_parents),
    Fault("graph", "missing backward functions", "an operation without derivatives",
          "validate_graph: parents", "refused by backward(); derivative supplied",
          missing_backward),
    Fault("training", "gradient explosion", "a learning rate of 1",
          "monitor: explosion", "recovered", training_explosion),
    Fault("training", "gradient explosion", "a loss that is infinite from step 5 on",
          "monitor: nan", "ended with the best parameters", training_explosion_beyond_help),
    Fault("training", "gradient vanishing", "twenty layers of sigmoids",
          "monitor: vanishing", "reported; cured by depth and initialisation",
          gradient_vanishing),
    Fault("training", "loss oscillation", "steps longer than the valley is wide",
          "monitor: oscillation", "recovered", oscillation),
    Fault("training", "overfitting", "four noisy points for 25 parameters",
          "monitor on held-out data: divergence", "stopped; best parameters restored",
          overfitting),
    Fault("training", "parameter divergence", "a step that leaves the bounds",
          "bound on the parameters", "recovered", parameter_divergence),
]  # fmt: skip
