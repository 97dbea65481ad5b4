"""The activation functions and their slopes, as the engine records them."""

import matplotlib.pyplot as plt

from micrograd import Value

xs = [i / 40 for i in range(-200, 201)]
functions = [("tanh", Value.tanh), ("sigmoid", Value.sigmoid), ("relu", Value.relu)]

fig, axes = plt.subplots(1, 3, figsize=(7.0, 2.5), sharex=True)
for ax, (name, function) in zip(axes, functions, strict=True):
    results = [function(Value(x)) for x in xs]
    slopes = [result._derivatives[0] for result in results]
    ax.plot(xs, [result.data for result in results], label="result")
    if name == "relu":  # the slope jumps; two pieces, so that no line joins them
        ax.plot([x for x in xs if x <= 0], [0.0 for x in xs if x <= 0], "C1--", label="slope")
        ax.plot([x for x in xs if x > 0], slopes[201:], "C1--")
    else:
        ax.plot(xs, slopes, "C1--", label="slope")
    ax.set(title=name, xlabel="$x$")
axes[0].set(ylabel="result, slope", ylim=(-1.1, 1.1))
axes[1].set(ylim=(-0.05, 1.1))
axes[2].set(ylim=(-0.15, 3.3))
axes[0].legend()
