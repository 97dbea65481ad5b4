"""Loss on all examples against the number of examples seen, for three batch sizes."""

import random

import matplotlib.pyplot as plt

from micrograd import MLP, SGD, mse_loss, noisy_line, train_step

data = noisy_line(64)
inputs, targets = [x for x, _ in data], [t for _, t in data]
most = 1280

fig, ax = plt.subplots(figsize=(6.4, 3.4))
for size, colour, line in ((64, "C0", "-"), (8, "C2", "--"), (1, "C1", ":")):
    random.seed(1)
    rng = random.Random(0)
    network = MLP(1, [1])
    optimizer = SGD(network.parameters(), learning_rate=0.05)
    seen, losses = [0], [mse_loss([network(x) for x in inputs], targets).data]
    for k in range(size, most + 1, size):
        batch = rng.sample(data, size)
        train_step(network, [x for x, _ in batch], [t for _, t in batch], optimizer)
        if k % 16 == 0:
            seen.append(k)
            losses.append(mse_loss([network(x) for x in inputs], targets).data)
    name = "full batch of 64" if size == 64 else f"batches of {size}"
    ax.plot(seen, losses, line, color=colour, label=name)
ax.set(xlabel="examples seen", ylabel="loss on all 64 points", yscale="log")
ax.legend()
