"""What one example costs against its margin, by four losses."""

import matplotlib.pyplot as plt

from micrograd import Value, binary_cross_entropy, hinge_loss, mse_loss

margins = [i / 50 for i in range(-150, 201)]
curves = {
    "wrong decisions": [float(margin <= 0.0) for margin in margins],
    "squared error": [mse_loss([Value(margin)], [1.0]).data for margin in margins],
    "hinge": [hinge_loss([Value(margin)], [1]).data for margin in margins],
    "binary cross-entropy": [binary_cross_entropy([Value(m)], [1.0]).data for m in margins],
}

fig, ax = plt.subplots(figsize=(6.4, 3.4))
for (name, losses), colour, line in zip(
    curves.items(), ("C3", "C0", "C1", "C2"), (":", "--", "-", "-.")
):
    ax.plot(margins, losses, line, color=colour, label=name)
ax.set(xlabel="margin: label times score", ylabel="loss of one example", ylim=(-0.15, 5))
ax.legend()
