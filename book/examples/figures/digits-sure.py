"""An easy and a hard picture, and the shares that the chapter's network gives to the digits."""

from pathlib import Path

import matplotlib.pyplot as plt

from micrograd import digits, load_model, softmax, split

network = load_model(Path(__file__).with_name("digits-model.json"))
test = split(digits(), 0.6, 0.2)[2]

figure, axes = plt.subplots(1, 4, figsize=(7.0, 2.6), width_ratios=(2, 3, 2, 3))
for (left, right), number in zip((axes[:2], axes[2:]), (95, 356)):
    image, digit = test[number]
    left.imshow([image[i : i + 8] for i in range(0, 64, 8)], cmap="gray_r", vmin=0, vmax=16)
    left.set(xticks=[], yticks=[], title=f"meant {digit}")
    left.spines[:].set(visible=True, color="0.7")
    shares = [share.data for share in softmax(network([ink / 16 for ink in image]))]
    right.barh(range(10), shares, color=["C0" if k == digit else "C1" for k in range(10)])
    right.set(yticks=range(10), xlim=(0, 1), xlabel="share")
    right.invert_yaxis()
    right.grid(axis="y", visible=False)
