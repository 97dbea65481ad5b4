"""Squared and absolute error of one prediction, and their slopes from the backward pass."""

import matplotlib.pyplot as plt

from micrograd import Value

errors = [i / 50 for i in range(-150, 151)]
kinds = {"squared": lambda e: e**2, "absolute": abs}

fig, (left, right) = plt.subplots(1, 2, figsize=(6.8, 2.9))
for (name, loss_fn), line in zip(kinds.items(), ("-", "--")):
    losses, slopes = [], []
    for error in errors:
        e = Value(error)
        loss = loss_fn(e)
        loss.backward()
        losses.append(loss.data)
        slopes.append(e.grad)
    left.plot(errors, losses, line, label=name)
    right.plot(errors, slopes, line, label=name)
left.set(xlabel="error of the prediction", ylabel="loss", ylim=(-0.2, 5))
right.set(xlabel="error of the prediction", ylabel="slope of the loss", ylim=(-4, 4))
left.legend(loc="upper center")
