"""Who looks at whom in one stream: the chapter's model, trained as there."""

import random
from pathlib import Path

import matplotlib.pyplot as plt

from micrograd import Adam
from press.cells import defined_in

page = defined_in(Path(__file__).parents[1] / "attention.md", "LETTERS")
model, rng = page["Lookup"](random.Random(1)), random.Random(2)
optimizer = Adam(model.parameters(), 0.05)
for _ in range(201):
    loss = page["miss"](model, [page["stream"](rng) for _ in range(8)])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

tokens = [("b", 3), ("d", 7), ("a", 1), ("c", 5), ("d", None), ("a", None), ("b", None)]
names = [letter + ("?" if number is None else str(number)) for letter, number in tokens]
looks = [[share.data for share in shares] for _, shares in model([page["row"](*t) for t in tokens])]
told = [1, 2, 0]  # where the answers to the three questions stand
if any(max(row) != row[place] or row[place] < 0.8 for row, place in zip(looks[4:], told)):
    raise ValueError(f"expected each question to look at its answer, got {looks[4:]}")

fig, ax = plt.subplots(figsize=(4.6, 4.0))
ax.imshow(
    [row + [float("nan")] * (len(tokens) - len(row)) for row in looks],
    cmap="Blues",
    vmin=0.0,
    vmax=2.0,
)
for i, row in enumerate(looks):
    for j, share in enumerate(row):
        ax.text(j, i, f"{share:.2f}", ha="center", va="center", fontsize=9, color="black")
ax.set_xticks(range(len(names)), names)
ax.set_yticks(range(len(names)), names)
ax.set(xlabel="at whom", ylabel="who looks")
ax.tick_params(length=0)
ax.grid(False)
