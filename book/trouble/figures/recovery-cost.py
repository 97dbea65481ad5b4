"""How many more function calls a guarded step makes than a plain one."""

import random
import sys

import matplotlib.pyplot as plt

from micrograd import MLP, moons, mse_loss, train_network, train_network_with_stability

EXAMPLES = (1, 2, 4, 8, 16)


def calls_in_a_step(train, widths, data):
    """Calls from one computation of the loss to the next, once the monitor's window is full."""
    calls, computed = 0, 0

    def count(frame, event, argument):
        nonlocal calls
        calls += event in ("call", "c_call")

    def loss_fn(predictions, targets):
        nonlocal computed
        computed += 1
        sys.setprofile(count if computed == 21 else None)
        return mse_loss(predictions, targets)

    train(
        MLP(2, widths, rng=random.Random(0)),
        data,
        loss_fn=loss_fn,
        learning_rate=0.0,
        max_iterations=22,
        patience=None,
        loss_threshold=-1.0,
        verbose=False,
    )
    return calls


fig, ax = plt.subplots(figsize=(6.0, 3.0))
for colour, widths, parameters in (("C0", [4, 1], 17), ("C1", [8, 8, 1], 105)):
    ratios = []
    for examples in EXAMPLES:
        data = moons(16)[:examples]
        plain = calls_in_a_step(train_network, widths, data)
        guarded = calls_in_a_step(train_network_with_stability, widths, data)
        ratios.append(guarded / plain)
    ax.plot(EXAMPLES, ratios, f"{colour}o-", label=f"{parameters} parameters")
ax.axhline(1.0, color="C2", linewidth=0.8)
ax.set_xscale("log", base=2)
ax.set_xticks(EXAMPLES, [str(examples) for examples in EXAMPLES])
ax.set(ylim=(0.95, 1.5), xlabel="examples in a step", ylabel="calls, guarded / plain")
ax.legend()
