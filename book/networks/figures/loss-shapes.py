"""Three losses of one example, each against what it is computed from."""

import matplotlib.pyplot as plt

from micrograd import Value, binary_cross_entropy, hinge_loss, mse_loss

numbers = [i / 40 for i in range(-160, 161)]
panels = (
    ("squared error", "prediction $-$ target", lambda v: mse_loss([v], [0.0])),
    ("hinge", "score, if the answer is yes", lambda v: hinge_loss([v], [1])),
    ("cross-entropy", "score, if the answer is yes", lambda v: binary_cross_entropy([v], [1.0])),
)
_, axes = plt.subplots(1, 3, figsize=(7.0, 2.6), sharey=True)
for ax, colour, (title, label, loss) in zip(axes, ("C0", "C1", "C2"), panels):
    ax.plot(numbers, [loss(Value(x)).data for x in numbers], color=colour, linewidth=2.2)
    ax.set(title=title, xlabel=label, ylim=(-0.2, 5.2), xticks=range(-4, 5, 2))
axes[0].set(ylabel="loss")
