"""A filter laid on one window of a picture, and the map of all its answers."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import Rectangle

from micrograd import digits
from micrograd.tensors import Tensor, functional

image = np.array(digits()[13][0]).reshape(8, 8) / 16.0
edge = np.array([[-1.0, 0.0, 1.0]] * 3)
answers = functional.conv2d(Tensor(image[None, None]), edge[None, None]).data[0, 0]
row, column = 2, 1

fig, axes = plt.subplots(1, 3, figsize=(7.0, 2.7), width_ratios=(8, 3, 6))
largest = np.abs(answers).max()
axes[0].imshow(image, cmap="gray_r", vmin=0.0, vmax=1.0)
axes[0].add_patch(
    Rectangle((column - 0.5, row - 0.5), 3, 3, fill=False, edgecolor="C1", linewidth=2.5)
)
axes[1].imshow(edge, cmap="PuOr_r", vmin=-1.5, vmax=1.5)
for (i, j), weight in np.ndenumerate(edge):
    axes[1].text(j, i, f"{weight:g}", ha="center", va="center", fontsize=11, color="black")
axes[2].imshow(answers, cmap="PuOr_r", vmin=-largest, vmax=largest)
axes[2].add_patch(
    Rectangle((column - 0.5, row - 0.5), 1, 1, fill=False, edgecolor="C1", linewidth=2.5)
)
axes[2].text(
    column, row, f"{answers[row, column]:.1f}", ha="center", va="center", fontsize=9, color="black"
)
for ax, title in zip(axes, ("picture, 8 by 8", "filter, 3 by 3", "its answers, 6 by 6")):
    ax.set(xticks=[], yticks=[])
    ax.set_title(title, fontsize=10)
    ax.spines[:].set(visible=True, color="0.7")
