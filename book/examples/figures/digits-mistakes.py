"""The test pictures that the chapter's network gets wrong."""

from pathlib import Path

import matplotlib.pyplot as plt

from micrograd import digits, load_model, split

network = load_model(Path(__file__).with_name("digits-model.json"))
wrong = []
for image, digit in split(digits(), 0.6, 0.2)[2]:
    scores = [score.data for score in network([ink / 16 for ink in image])]
    if scores.index(max(scores)) != digit:
        wrong.append((digit, scores.index(max(scores)), image))
wrong.sort()

figure, axes = plt.subplots(2, 7, figsize=(7.0, 2.9))
for ax, (digit, answer, image) in zip(axes.flat, wrong, strict=True):
    ax.imshow([image[i : i + 8] for i in range(0, 64, 8)], cmap="gray_r", vmin=0, vmax=16)
    ax.set(xticks=[], yticks=[])
    ax.set_title(f"meant {digit}")
    ax.set_xlabel(f"read {answer}", color="C1", labelpad=3)
    ax.spines[:].set(visible=True, color="0.7")
