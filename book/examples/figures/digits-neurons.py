"""The weights of the first layer's neurons, each as a picture."""

from pathlib import Path

import matplotlib.pyplot as plt
from matplotlib.colors import LinearSegmentedColormap

from micrograd import load_model

network = load_model(Path(__file__).with_name("digits-model.json"))
neurons = [[w.data for w in neuron.w] for neuron in network.layers[0].neurons]
largest = max(abs(w) for weights in neurons for w in weights)
colours = LinearSegmentedColormap.from_list("sides", ["#0A6CC9", "#FFFFFF", "#C23E00"])

figure, axes = plt.subplots(2, 6, figsize=(7.0, 2.7))
for ax, weights in zip(axes.flat, neurons):
    rows = [weights[i : i + 8] for i in range(0, 64, 8)]
    shown = ax.imshow(rows, cmap=colours, vmin=-largest, vmax=largest)
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set(visible=True, color="0.7")
figure.colorbar(shown, ax=axes, label="weight", shrink=0.9)
