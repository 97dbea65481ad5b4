"""The decision boundary of the chapter's network at four moments of its training."""

import random

import matplotlib.pyplot as plt

from micrograd import MLP, SGD, hinge_loss, moons, plot_decision_boundary, train_step

data = moons(100, labels=(-1.0, 1.0))
net = MLP(2, [16, 16, 1], activation="relu", init="he", rng=random.Random(1))
optimizer = SGD(net.parameters(), 0.5)
rng = random.Random(0)
fig, axes = plt.subplots(2, 2, figsize=(6.4, 4.8), sharex=True, sharey=True)
panels = dict(zip((1, 3, 8, 20), axes.flat))
for epoch in range(1, 21):
    optimizer.learning_rate = 0.5 * (21 - epoch) / 20
    order = rng.sample(data, len(data))
    for start in range(0, 100, 10):
        batch = order[start : start + 10]
        train_step(net, [x for x, _ in batch], [y for _, y in batch], optimizer, hinge_loss)
    if epoch in panels:
        right = sum((net(x).data > 0.0) == (y > 0.0) for x, y in data)
        plot_decision_boundary(net, data, panels[epoch], resolution=30)
        panels[epoch].set(title=f"epoch {epoch}: {right} of 100 right")
        panels[epoch].label_outer()
