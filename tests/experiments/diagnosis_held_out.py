"""The settings that rules are quoted on, and not tuned on: moons, a target, a wave, bicycles."""

import math
from dataclasses import replace

from experiments.diagnosis_held_out_data import (
    absurd_guess,
    all_times,
    bicycles,
    bicycles_as_measured,
    bullseye,
    dice,
    exam,
    gap_in_targets,
    hidden_times,
    meant_by_squashed,
    missing_rain,
    mixed_up,
    negative_second_layer,
    of_counts,
    of_squashed,
    one_row_late,
    raised_wave,
    root_mean_square,
    salaries,
    shut,
    slip_of_a_comma,
    summed,
    two_moons,
    wave,
)
from experiments.diagnosis_setting import BCE, HINGE, MSE, Loss, Setting, rebind, uphill
from micrograd import Value, hinge_loss, mse_loss

__all__ = ["SETTINGS"]

MOONS = Setting(
    "healthy hinge", "moons", two_moons(-1.0, 1.0), (6, 1), loss=HINGE, rate=0.4, iterations=80
)
MOONS_BCE = Setting(
    "healthy classification", "moons", two_moons(0.0, 1.0), (5, 1), loss=BCE, rate=1.0
)
BULLSEYE = Setting(
    "healthy classification", "bullseye", bullseye, (6, 1), loss=BCE, rate=1.0, iterations=90
)
EXAM = Setting("healthy classification", "exam", exam, (3, 1), loss=BCE, rate=1.0, iterations=50)
WAVE = Setting("healthy regression", "wave", wave, (6, 1), rate=0.15, iterations=70)
BICYCLES = Setting(
    "healthy mini-batches",
    "bicycles, five at a time",
    bicycles,
    (4, 1),
    "relu",
    "he",
    rate=0.05,
    iterations=90,
    batch=5,
)
ROOT = Loss(root_mean_square, root_mean_square, MSE.best_constant)
TALL = Setting(
    "healthy regression",
    "bicycles, two hidden layers",
    lambda rng: bicycles(rng, 16),
    (4, 4, 1),
    init="xavier",
    rate=0.15,
)

HEALTHY = [
    MOONS,
    MOONS_BCE,
    BULLSEYE,
    EXAM,
    WAVE,
    BICYCLES,
    TALL,
    replace(WAVE, name="wave, root of the mean square", loss=ROOT, rate=0.15, decay=0.98),
    replace(
        MOONS, cause="healthy mini-batches", name="moons, three at a time", batch=3, iterations=160
    ),
    replace(WAVE, cause="healthy recovered", name="absurd first guess", start=absurd_guess),
    replace(
        EXAM, cause="healthy recovered", name="sure and wrong", start=all_times(-6.0), rate=2.0
    ),
    replace(TALL, cause="healthy still falling", name="bicycles", nouts=(5, 1), iterations=30),
    replace(EXAM, cause="healthy still falling", name="exam, stopped early", iterations=22),
]

RATES = [
    replace(WAVE, cause="learning rate too low", name="raised wave", data=raised_wave, rate=0.0015),
    replace(BULLSEYE, cause="learning rate too low", name="bullseye", rate=0.01, iterations=60),
    replace(TALL, cause="learning rate too low", name="decays too soon", rate=0.05, decay=0.6),
    replace(WAVE, cause="learning rate too high", name="wave, just too high", rate=1.2),
    replace(BICYCLES, cause="learning rate too high", name="batches, 40 times", rate=2.0),
    replace(MOONS, cause="learning rate too high", name="hinge, 100 times", rate=40.0),
]

WEIGHTS = [
    replace(BULLSEYE, cause="all ReLUs dead", name="bullseye, shut", activation="relu", start=shut),
    replace(
        BICYCLES,
        cause="all ReLUs dead",
        name="second layer below 0",
        nouts=(4, 4, 1),
        start=negative_second_layer,
    ),
    replace(
        MOONS, cause="all ReLUs dead", name="moons, batches", activation="relu", start=shut, batch=6
    ),
    replace(
        BULLSEYE,
        cause="weights all zero",
        name="bullseye, all alike",
        init="zeros",
        activation="sigmoid",
    ),
    replace(
        BICYCLES, cause="weights all zero", name="batches, tanh", activation="tanh", init="zeros"
    ),
    replace(
        BULLSEYE,
        cause="weights too large",
        name="bullseye, hidden times 40",
        nouts=(3, 3, 1),
        rate=0.3,
        start=hidden_times(40.0),
    ),
    replace(
        TALL,
        cause="weights too large",
        name="squashed, times 50",
        data=lambda rng: [(x, y / 3.0 - 1.0) for x, y in bicycles(rng)],
        output=Value.tanh,
        start=all_times(50.0),
    ),
    replace(
        BULLSEYE,
        cause="plateau at the start",
        name="bullseye, times 0.01",
        start=all_times(0.01),
        iterations=60,
    ),
    replace(
        WAVE,
        cause="plateau at the start",
        name="wave, three small layers",
        nouts=(3, 3, 3, 1),
        start=all_times(0.03),
    ),
    replace(
        WAVE,
        cause="vanishing gradients",
        name="wave, seven sigmoid layers",
        nouts=(2, 2, 2, 2, 2, 2, 2, 1),
        activation="sigmoid",
        init="xavier",
        rate=0.3,
    ),
    replace(
        BULLSEYE,
        cause="vanishing gradients",
        name="bullseye, five sigmoid layers",
        nouts=(3, 3, 3, 3, 3, 1),
        activation="sigmoid",
        iterations=40,
    ),
    replace(
        BICYCLES,
        cause="exploding gradients",
        name="batches, times 6",
        nouts=(6, 6, 6, 1),
        start=all_times(6.0),
        iterations=40,
    ),
    replace(
        MOONS,
        cause="exploding gradients",
        name="hinge, linear layers",
        nouts=(3, 3, 3, 3, 3, 1),
        activation="linear",
        start=all_times(3.0),
        iterations=30,
    ),
]

DATA = [
    replace(
        EXAM,
        cause="inputs not scaled, tanh",
        name="years and dollars",
        data=salaries,
        nouts=(4, 1),
        rate=0.3,
    ),
    replace(
        WAVE,
        cause="inputs not scaled, tanh",
        name="bicycles as measured",
        data=bicycles_as_measured,
        nouts=(3, 1),
    ),
    replace(
        BICYCLES,
        cause="inputs not scaled, relu",
        name="bicycles as measured",
        data=bicycles_as_measured,
        rate=1e-5,
    ),
    replace(
        EXAM,
        cause="inputs not scaled, relu",
        name="years and dollars",
        data=salaries,
        activation="relu",
        nouts=(4, 1),
        rate=0.1,
    ),
    replace(WAVE, cause="targets shifted", name="mixed up", data=lambda r: mixed_up(wave(r), r)),
    replace(
        BICYCLES,
        cause="targets shifted",
        name="one row late, batches",
        data=lambda r: one_row_late(bicycles(r, 31)),
    ),
    replace(
        WAVE,
        cause="one label times 100",
        name="wave",
        data=lambda r: slip_of_a_comma(wave(r), r),
        rate=0.05,
    ),
    replace(
        BICYCLES,
        cause="one label times 100",
        name="bicycles, batches",
        data=lambda r: slip_of_a_comma(bicycles(r), r),
        activation="tanh",
    ),
    replace(TALL, cause="targets are noise", name="dice", data=dice, nouts=(3, 1), iterations=50),
    replace(
        MOONS,
        cause="targets are noise",
        name="moons, drawn lots",
        data=lambda r: mixed_up(two_moons(-1.0, 1.0)(r), r),
        nouts=(3, 1),
        batch=6,
        rate=0.1,
        iterations=80,
    ),
    replace(
        WAVE,
        cause="nan in the data",
        name="target, wave",
        data=lambda r: gap_in_targets(wave(r), r),
    ),
    replace(
        BICYCLES,
        cause="nan in the data",
        name="input, batches",
        data=lambda r: missing_rain(bicycles(r), r),
        iterations=50,
    ),
    replace(BULLSEYE, cause="network too small", name="bullseye, one neuron", nouts=(1, 1)),
    replace(
        WAVE,
        cause="network too small",
        name="faster wave, a line",
        data=lambda r: [([x[0]], math.sin(6.0 * x[0])) for x, _ in wave(r)],
        nouts=(1,),
    ),
    replace(
        BICYCLES,
        cause="output cannot reach the targets",
        name="bicycles, sigmoid",
        output=Value.sigmoid,
    ),
    replace(
        WAVE,
        cause="output cannot reach the targets",
        name="raised wave, tanh",
        data=lambda r: raised_wave(r, 5.0),
        output=Value.tanh,
    ),
]

LOOP = [
    replace(
        WAVE, cause="gradients not zeroed", name="raised wave", data=raised_wave, zero_grad=False
    ),
    replace(
        BICYCLES,
        cause="gradients not zeroed",
        name="bicycles, batches, tanh",
        activation="tanh",
        zero_grad=False,
    ),
    replace(MOONS, cause="step uphill", name="moons, hinge", update=uphill),
    replace(BICYCLES, cause="step uphill", name="bicycles, batches", update=uphill, iterations=50),
    replace(
        MOONS,
        cause="loss negated",
        name="moons, hinge",
        loss=replace(HINGE, written=lambda p, t: -hinge_loss(p, t)),
    ),
    replace(
        BICYCLES,
        cause="loss negated",
        name="bicycles, batches",
        loss=replace(MSE, written=lambda p, t: -mse_loss(p, t)),
        activation="tanh",
        rate=0.01,
    ),
    replace(
        TALL,
        cause="sum for mean",
        name="bicycles, tanh",
        loss=replace(MSE, written=summed(mse_loss)),
    ),
    replace(
        WAVE,
        cause="sum for mean",
        name="wave",
        loss=replace(MSE, written=summed(mse_loss)),
    ),
    replace(
        BULLSEYE,
        cause="log of zero",
        name="squashed by tanh",
        loss=replace(BCE, written=of_squashed, meant=meant_by_squashed),
        start=all_times(15.0),
    ),
    replace(
        TALL,
        cause="log of zero",
        name="counts below 0",
        loss=replace(MSE, written=of_counts),
        rate=0.05,
    ),
    replace(MOONS, cause="graph cut", name="moons, prediction", cut=-1, iterations=50),
    replace(BULLSEYE, cause="graph cut", name="bullseye, second layer", nouts=(4, 2, 1), cut=1),
    replace(BICYCLES, cause="parameters never updated", name="batches", update=rebind),
    replace(EXAM, cause="parameters never updated", name="exam", update=rebind),
]

SETTINGS = (*HEALTHY, *RATES, *WEIGHTS, *DATA, *LOOP)
