"""The chapter's network learns: the loss, and its answers over the plane at four moments."""

from pathlib import Path

import matplotlib.pyplot as plt
from matplotlib.colors import to_rgba

from press.cells import defined_in

page = defined_in(Path(__file__).parent / "../a-network-learns.md", "points")
network = page["new_network"](1)
knobs = page["knobs_of"](network)
moments = (0, 30, 100, 300)
ticks = [-0.4 + 1.8 * i / 45 for i in range(46)]
losses, maps = [], {}
for step in range(301):
    loss = page["loss_of"](network)
    losses.append(loss.data)
    if step in moments:
        maps[step] = [[page["answer"](network, (x, y)).data for x in ticks] for y in ticks]
    for knob in knobs:
        knob.grad = 0.0
    loss.backward()
    for knob in knobs:
        knob.data -= 0.05 * knob.grad

names = [f"step {step}" for step in moments]
_, axes = plt.subplot_mosaic([["loss"] * 4, names], figsize=(7.0, 4.6), height_ratios=(5, 4))
axes["loss"].plot(losses)
at_moments = [losses[step] for step in moments]
edge = {"markeredgecolor": "black"}
axes["loss"].plot(moments, at_moments, "o", color="C1", clip_on=False, **edge)
axes["loss"].set(xlabel="step", ylabel="loss", xlim=(-4, 304), ylim=(0, 2.6))
shades = (("C0", 0.4), ("C0", 0.18), ("C1", 0.18), ("C1", 0.4))
colours = [to_rgba(*shade) for shade in shades]
for step, name in zip(moments, names, strict=True):
    ax = axes[name]
    ax.contourf(ticks, ticks, maps[step], levels=[-9, 0.25, 0.5, 0.75, 9], colors=colours)
    for (x, y), target in page["points"]:
        ax.plot(x, y, "s" if target else "o", color=f"C{target}", markersize=7, **edge)
    ax.set(title=name, aspect="equal", xticks=[0, 1], yticks=[0, 1], xlabel="x1")
    ax.grid(False)
axes["step 0"].set_ylabel("x2")
