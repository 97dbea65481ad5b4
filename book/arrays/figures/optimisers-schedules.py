"""The five schedules of the package, as factors on the rate, over a run of 100 steps."""

import matplotlib.pyplot as plt

from micrograd import constant, cosine_decay, exponential_decay, step_decay, warmup

shown = (
    ("constant()", constant(), "-", "C5"),
    ("step_decay(25, 0.5)", step_decay(25, 0.5), "-", "C0"),
    ("exponential_decay(25, 0.5)", exponential_decay(25, 0.5), "--", "C0"),
    ("cosine_decay(100)", cosine_decay(100), "-", "C2"),
    ("warmup(10, cosine_decay(90))", warmup(10, cosine_decay(90)), ":", "C1"),
)
fig, ax = plt.subplots(figsize=(7.0, 3.0))
for name, schedule, line, colour in shown:
    factors = [schedule(step) for step in range(100)]
    where = "steps-post" if name.startswith("step") else "default"
    ax.plot(factors, line, color=colour, lw=1.8, label=name, drawstyle=where)
ax.set(xlabel="steps taken so far", ylabel="factor on the rate", ylim=(-0.03, 1.08))
fig.legend(loc="outside right upper", fontsize=9)
