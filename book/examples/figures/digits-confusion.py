"""What the 359 test pictures are taken for by the chapter's network."""

from pathlib import Path

import matplotlib.pyplot as plt

from micrograd import digits, load_model, plot_confusion, split

network = load_model(Path(__file__).with_name("digits-model.json"))
test = split(digits(), 0.6, 0.2)[2]


def answer(image: list[float]) -> int:
    scores = [score.data for score in network([ink / 16 for ink in image])]
    return scores.index(max(scores))


figure, ax = plt.subplots(figsize=(4.6, 4.4))
plot_confusion([digit for _, digit in test], [answer(image) for image, _ in test], ax)
ax.grid(False)
