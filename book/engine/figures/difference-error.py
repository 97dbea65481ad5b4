"""The error of finite differences for x**3 at 2, against the step."""

import matplotlib.pyplot as plt


def cube(x):
    return x * x * x


steps = [10.0 ** (-16 + i / 10) for i in range(161)]
forward = [abs((cube(2.0 + h) - cube(2.0)) / h - 12.0) for h in steps]
central = [abs((cube(2.0 + h) - cube(2.0 - h)) / (2.0 * h) - 12.0) for h in steps]

figure, ax = plt.subplots(figsize=(6.4, 3.8))
ax.loglog(steps, forward, color="C1", linewidth=1.3, label="forward difference")
ax.loglog(steps, central, color="C0", linewidth=1.3, label="central difference")

for colour, text, place, estimate in (
    ("C2", r"rounding $\varepsilon |f| / h$", (2e-12, 5e-3), lambda h: 2.0**-53 * 8.0 / h),
    ("C1", "truncation $6 h$", (2e-5, 2e-3), lambda h: 6.0 * h),
    ("C0", "truncation $h^2$", (2e-3, 1e-7), lambda h: h**2),
):
    shown = [h for h in steps if 1e-13 < estimate(h) < 30.0]
    ax.loglog(shown, [estimate(h) for h in shown], "--", color=colour, linewidth=1.0)
    ax.annotate(text, place, color=colour, ha="right" if colour == "C1" else "left")
ax.set(xlabel="step $h$", ylabel="absolute error", ylim=(1e-13, 1e2))
ax.legend(loc="upper center")
