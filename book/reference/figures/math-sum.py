"""Four numbers as bars, side by side and end to end."""

import matplotlib.pyplot as plt

x = [3, 1, 4, 2]
names = [f"$x_{i}$" for i in range(1, 5)]
colours = ["C0", "C1", "C2", "C4"]

figure, (apart, together) = plt.subplots(1, 2, figsize=(6.4, 3.0), width_ratios=(1, 1.4))
apart.bar(names, x, color=colours, width=0.6)
for i, x_i in enumerate(x):
    apart.text(i, x_i + 0.1, str(x_i), ha="center")
apart.set(title="four numbers", ylim=(0, 5), yticks=[])
apart.tick_params(axis="x", labelsize=12, length=0)

ends = [0]
for i, (x_i, colour) in enumerate(zip(x, colours, strict=True)):
    together.barh(0, x_i, left=ends[-1], color=colour, height=0.5)
    together.text(ends[-1] + x_i / 2, 0.32, names[i], ha="center", fontsize=12)
    ends.append(ends[-1] + x_i)
together.set(title="the total, as it grows", xticks=ends, yticks=[], ylim=(-0.6, 0.9))
for ax in (apart, together):
    ax.grid(False)
    ax.spines["left"].set_visible(False)
