"""Six examples of each digit, as they were written."""

import matplotlib.pyplot as plt

from micrograd import digits, split

train = split(digits(), 0.6, 0.2)[0]

figure, axes = plt.subplots(6, 10, figsize=(7.0, 4.3))
for digit, column in enumerate(axes.T):
    for ax, image in zip(column, (image for image, meant in train if meant == digit)):
        ax.imshow([image[i : i + 8] for i in range(0, 64, 8)], cmap="gray_r", vmin=0, vmax=16)
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set(visible=True, color="0.7")
    column[0].set_title(str(digit))
