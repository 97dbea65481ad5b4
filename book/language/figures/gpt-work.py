"""Products in a forward pass of the chapter's GPT, by part, against the length of the text."""

import matplotlib.pyplot as plt

WIDTH, VOCABULARY = 8, 27
lengths = range(1, 13)
parts = {
    "thinking": [n * 2 * 4 * WIDTH * WIDTH for n in lengths],
    "queries, keys, values, mixing": [n * 4 * WIDTH * WIDTH for n in lengths],
    "scores of the next letter": [n * VOCABULARY * WIDTH for n in lengths],
    "looking back": [sum(2 * WIDTH * (i + 1) for i in range(n)) for n in lengths],
}
fig, ax = plt.subplots(figsize=(7.0, 3.0))
below = [0.0] * len(lengths)
for name, counts in parts.items():
    ax.bar(lengths, counts, bottom=below, label=name, alpha=0.7)
    below = [a + b for a, b in zip(below, counts)]
ax.set(xlabel="tokens", ylabel="products", xticks=list(lengths))
ax.legend(fontsize=9)
