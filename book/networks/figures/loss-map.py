"""The three shares that a trained network gives over the plane, and its decision."""

import random

import matplotlib.pyplot as plt
from matplotlib.colors import to_rgba

from micrograd import MLP, cross_entropy, softmax

rng = random.Random(0)
centres = [(-1.0, -0.6), (1.0, -0.6), (0.0, 1.2)]
points = [
    ([x + rng.gauss(0, 0.5), y + rng.gauss(0, 0.5)], k)
    for _ in range(20)
    for k, (x, y) in enumerate(centres)
]
network = MLP(2, [4, 3], rng=random.Random(0))
for _ in range(101):
    network.zero_grad()
    cross_entropy([network(x) for x, _ in points], [k for _, k in points]).backward()
    for parameter in network.parameters():
        parameter.data -= 0.5 * parameter.grad

xs = [-2.6 + 5.2 * i / 90 for i in range(91)]
ys = [-2.1 + 4.8 * i / 84 for i in range(85)]
shares = [[[s.data for s in softmax(network([x, y]))] for x in xs] for y in ys]
colours = [to_rgba(f"C{k}")[:3] for k in range(3)]


def mixed(row, strength=0.45):
    """The colours of the classes, each as strong as its share; transparent between them."""
    return (*(sum(s * c[i] for s, c in zip(row, colours)) for i in range(3)), strength)


_, axes = plt.subplots(1, 2, figsize=(7.0, 3.5), sharey=True)
extent = (xs[0], xs[-1], ys[0], ys[-1])
for ax, title in zip(axes, ("shares", "decision")):
    if title == "shares":
        picture = [[mixed(row) for row in line] for line in shares]
    else:
        picture = [[(*colours[row.index(max(row))], 0.35) for row in line] for line in shares]
    ax.imshow(picture, origin="lower", extent=extent, interpolation="nearest")
    for k, marker in enumerate("os^"):
        px, py = zip(*(x for x, target in points if target == k))
        style = {"s": 24, "c": f"C{k}", "edgecolors": "black", "linewidths": 0.5}
        ax.scatter(px, py, marker=marker, **style)
    ax.set(title=title, xlabel="$x_1$", xlim=(xs[0], xs[-1]), ylim=(ys[0], ys[-1]))
    ax.grid(False)
axes[0].set(ylabel="$x_2$")
