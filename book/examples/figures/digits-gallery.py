"""Forty unseen digits and what the chapter's network takes them for."""

from pathlib import Path

import matplotlib.pyplot as plt

from micrograd import digits, load_model, split

network = load_model(Path(__file__).with_name("digits-model.json"))
test = split(digits(), 0.6, 0.2)[2]

figure, axes = plt.subplots(4, 10, figsize=(7.0, 3.7))
for ax, (image, digit) in zip(axes.flat, test):
    scores = [score.data for score in network([ink / 16 for ink in image])]
    answer = scores.index(max(scores))
    right = answer == digit
    ax.imshow([image[i : i + 8] for i in range(0, 64, 8)], cmap="gray_r", vmin=0, vmax=16)
    ax.set(xticks=[], yticks=[])
    ax.set_xlabel(str(answer), color="black" if right else "C1", labelpad=2)
    if not right:
        ax.xaxis.label.set_fontweight("semibold")
    ax.spines[:].set(visible=True, color="0.7" if right else "C1", linewidth=0.7 if right else 2.5)
