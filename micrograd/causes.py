"""What each cause of a failed training does to its losses and gradients, one rule for each.

A rule says in words what the cause does, and in one condition how that is seen. They are asked
in the order of urgency: what would spoil the evidence of those after it comes first. The chapter
"Debugging guide" tells the story.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from enum import Enum
from statistics import median

from micrograd.run_record import RunRecord

__all__ = ["Cause", "findings"]


class Cause(Enum):
    """What may be wrong with a training run, in words; the first three are no faults.

    Attributes:
        advice: what to do about it.
    """

    advice: str

    def __new__(cls, words: str, advice: str) -> Cause:
        """A cause whose value is its name in words."""
        cause = object.__new__(cls)
        cause._value_ = words
        cause.advice = advice
        return cause

    HEALTHY = "healthy", "nothing to do; now look at data that it was not trained on"
    LEARNING = "learning", "train on; whether it is good enough, only the problem can say"
    UNKNOWN = "no verdict", "give the baseline (see constant_baseline) and more iterations"
    NEGATIVE = "negative loss", "check the sign of the loss"
    NAN = "not a number", "look for nan in the data; run one step under detect_anomaly()"
    NOT_UPDATED = "parameters never updated", "does the update change the data of this network?"
    UPHILL = "step uphill", "subtract the gradient, do not add it"
    INPUTS = "inputs not scaled", "bring every input near 1 (see Standardise)"
    CUT = "graph cut", "does the graph of the loss reach every layer? see validate_graph"
    DEAD = "dead neurons", "see detect_dead_neurons; other starting weights, or another activation"
    ZERO_WEIGHTS = "weights all zero", "start from random weights (see analyze_parameters)"
    TARGETS_FAR = "targets far off", "look for an outlier (see analyze_data), or scale them"
    ACCUMULATING = "gradients not zeroed", "call zero_grad() before each backward()"
    DIVERGED = "diverged", "lower the learning rate by 10; is the loss a sum that should be a mean?"
    TOO_FAST = "learning rate too high", "lower the learning rate by 10"
    TOO_SLOW = "learning rate too low", "raise the learning rate by 10"
    LARGE_WEIGHTS = "weights too large", "start from smaller weights (see init)"
    VANISHING = "vanishing gradients", "another initialisation or activation, or fewer layers"
    WRONG_GRADIENTS = "wrong gradients", "check the gradients (see gradient_check)"
    OUT_OF_REACH = "output cannot reach the targets", "can the last operation give such numbers?"
    TOO_SMALL = "network too small", "add a hidden layer or neurons; then check the data"
    UNRELATED = (
        "targets unrelated to the inputs",
        "print ten rows: is each target that of its inputs?",
    )
    CONSTANT = "no better than a constant", "give the gradient norms; see analyze_data"
    STAGNATED = "stagnated", "look at the data and debug one step; more neurons, or a slower decay"


FEWEST = 8  # iterations that show a trend
LEARNED = 0.2  # of the baseline: a run at or below it has learnt its examples
SOMETHING = 0.5  # of the baseline: a run above it has not learnt much
SAME = 1e-3  # of the baseline: so near, a loss is that of a constant
BEATEN = 0.999  # of the baseline: a loss below it comes from no constant
BEATEN_BY_BATCHES = 0.97  # the same for a constant that moves from batch to batch
ABOVE = 1.05  # times the baseline: a loss above it is worse than a constant's
WIDE = 5.0  # spread of an input: weights of 1 make sums of 5, where tanh is flat and relu steep
APART = 20.0  # times the spread of another input, or of 1
FAR = 25.0  # baseline: targets that spread over 5, where a network begins within 1
OUTLYING = 50.0  # times the usual loss of a batch: one of its labels is not like the others
GREW = 2.0  # times the starting loss
LASTING = 0.7  # of the first gradient: descent that gets anywhere lets its gradient fade
LEAPT = 4.0  # times the starting loss, on the way: no step of a right length does that
ROUGH = 0.1  # of the loss: what it moves from pass to pass, where it swings
SWINGS = 3.0  # times the net change of the loss: up and down, not down
WHOLE = 0.96  # of the gradient, after one step: the step could be ten times as long
STEADY = 0.05  # of all progress, between the last two quarters: the run has not come to rest
STRAIGHT = 0.2  # the same where the loss falls all along; 0.25 would be a straight line
WILD = 4.0  # times the baseline, at the start
HUGE = 20.0  # times the baseline, at the start
VANISHED = 0.03  # gradients of the first layer, beside the largest
FAINT = 0.1  # the same, where the loss is exactly that of a constant: nothing got through
TINY = 1e-3  # of the loss: the gradient of a network that nothing moves
ROUNDING = 1e-9  # of the loss


def findings(run: RunRecord) -> Iterator[tuple[Cause, str]]:
    """Everything that fits, with its evidence, the most urgent first; the last always does."""
    if run.losses and run.stopped is None and _learnt(run):
        yield Cause.HEALTHY, run.went
        return
    rules = [(c, rule) for c, rule in _RULES if run.losses or rule in _NEEDS_NO_LOSS]
    found = [(cause, evidence) for cause, rule in rules if (evidence := rule(run))]
    yield from found or [_no_fault(run)]


def _learnt(run: RunRecord) -> bool:
    """A loss far below what any constant reaches cannot be had without learning."""
    return run.end <= LEARNED * run.constant and min(run.losses) >= 0.0


def _no_fault(run: RunRecord) -> tuple[Cause, str]:
    """What is left if no rule has found anything."""
    if len(run.losses) < FEWEST:
        return Cause.UNKNOWN, f"{run.went}; {len(run.losses)} iterations are too few to tell more"
    if run.end < SOMETHING * run.constant:
        return Cause.LEARNING, run.went
    if math.isnan(run.constant) and run.end <= LEARNED * run.start:
        return Cause.LEARNING, f"{run.went}; beside a baseline one could say how well"
    return Cause.UNKNOWN, run.went


def _negative(run: RunRecord) -> str:
    """No mean of squares or absolute values is negative, nor is a cross entropy."""
    lowest = min((loss for loss in run.every_loss if loss < 0.0), default=0.0)
    if lowest == 0.0 or (run.baseline is not None and run.baseline < 0.0):
        return ""
    return f"a loss of {lowest:.3g}; no mean square, cross entropy or hinge loss is below 0"


def _not_updated(run: RunRecord) -> str:
    """The loss would fall if anything moved, but after the program's step it is the same."""
    if run.own_step and run.first_step:
        stays, falls = run.own_step[0] == run.own_step[1], run.first_step[1] < run.first_step[0]
        return "the program's own step leaves the loss as it is" if stays and falls else ""
    still = len(run.losses) > 2 and run.epoch == 1 and len(set(run.losses)) == 1
    if still and (not run.norms or run.lengths[0] > 0.0):
        return f"the loss was {run.start:.3g} all the time"
    return ""


def _uphill(run: RunRecord) -> str:
    """A tiny step against the gradient lowers the loss, and the program's own raises it."""
    if run.own_step and run.first_step and run.first_step[1] < run.first_step[0]:
        before, after = run.own_step
        if after - before > ROUNDING * abs(before):
            return f"a tiny part of the program's own step raises the loss by {after - before:.2g}"
    return ""


def _nan_inputs(run: RunRecord) -> str:
    """One number that is not finite makes all that is computed from it like itself."""
    finite = all(map(math.isfinite, run.scales))
    return "" if finite else "the inputs hold numbers that are not finite"


def _inputs(run: RunRecord) -> str:
    """A sum of large inputs drives a neuron to where it is flat, or makes its gradient huge."""
    spreads = [s for s in run.scales if s > 0.0]
    low, high = min(spreads, default=1.0), max(spreads, default=1.0)
    if high > APART * low:
        return f"one input spreads over {high:.3g}, another over {low:.3g}"
    return f"the inputs spread over {high:.3g}" if high > WIDE or high * APART < 1.0 else ""


def _nan(run: RunRecord) -> str:
    """The first number that is not finite came out of ordinary ones."""
    if run.stopped is None:
        return ""
    loss = run.every_loss[run.stopped]
    what = "gradient" if math.isfinite(loss) else f"loss ({loss})"
    return f"the {what} of iteration {run.stopped + 1} was not finite"


def _frozen(run: RunRecord) -> str:
    """Zeros, dead neurons and cuts pass nothing on; what enormous weights saturate is not meant."""
    silent = run.silent()
    if not silent or run.start > HUGE * run.constant:
        return ""
    which = "no layer" if len(silent) == len(run.shares) else f"layers {silent} never"
    return f"{which} had a gradient; {run.went}"


def _cut(run: RunRecord) -> str:
    """A layer behind a cut has no gradient at all, while those before the loss go on learning."""
    if len(run.silent()) < len(run.shares):
        beaten = BEATEN if run.epoch == 1 else BEATEN_BY_BATCHES
        return _frozen(run) if run.end < beaten * run.constant else ""
    return _frozen(run) if not _at_constant(run, run.start) else ""


def _dead(run: RunRecord) -> str:
    """Behind dead neurons only the last bias moves, if that: the answer is a constant."""
    outputs_live = len(run.silent()) < len(run.shares)
    return _frozen(run) if outputs_live or not _at_constant(run, run.start) else ""


def _at_constant(run: RunRecord, loss: float) -> bool:
    return abs(loss / run.constant - 1.0) < SAME


def _targets_far(run: RunRecord) -> str:
    """One label that is wrong by far outweighs all others, in the baseline or in its batch."""
    first = sorted(run.losses[: run.epoch])
    if len(first) > 2 and first[-1] > OUTLYING * median(first):
        return f"one batch has a loss of {first[-1]:.3g}, the usual one of {median(first):.3g}"
    return f"even the best constant has a loss of {run.constant:.3g}" if run.constant > FAR else ""


def _restless(run: RunRecord) -> str:
    """Up and down without end, where descent would let its gradient fade."""
    swings = run.detour > SWINGS and run.swing > ROUGH and run.slope_kept > LASTING
    return f"{run.went}, up and down, and the gradient did not fade" if swings else ""


def _accumulating(run: RunRecord) -> str:
    """The first step is right; with each one more is added, so the run swings and never rests."""
    fell = len(run.losses) >= FEWEST and run.losses[1] < run.losses[0]
    return _restless(run) if fell else ""


def _diverged(run: RunRecord) -> str:
    """Each step overshoots further than the one before."""
    peak = max(run.passes)
    if run.stopped is not None:
        grew = peak > GREW * run.start and len(run.passes) > 1
        end = f"was {run.every_loss[run.stopped]} in iteration {run.stopped + 1}"
        return f"the loss went from {run.start:.3g} to {peak:.3g}, and {end}" if grew else ""
    return run.went if run.end > GREW * run.start else ""


def _too_fast(run: RunRecord) -> str:
    """The step jumps from wall to wall, or so far that neurons never come back."""
    died = set(run.silent(len(run.norms) // 2)) - set(run.silent())
    peak = max(run.passes)
    if peak > LEAPT * run.start:
        return f"{run.went}, by way of {peak:.3g}"
    if died and len(died) < len(run.shares):
        return f"{run.went}, and layers {sorted(died)} died on the way"
    return _restless(run)


def _too_slow(run: RunRecord) -> str:
    """So short is a step that the gradient hardly changes, and the loss goes on falling."""
    if len(run.passes) < FEWEST or not run.progress_late > STEADY or run.detour > SWINGS:
        return ""
    if run.epoch == 1 and run.norms:
        short = len(run.lengths) > 1 and run.lengths[1] > WHOLE * run.lengths[0]
    else:
        short = run.progress_late > STRAIGHT
    if short or run.end > ABOVE * run.constant:
        return f"{run.went} in {len(run.losses)} iterations, as steadily at the end as before"
    return ""


def _saturated(run: RunRecord) -> str:
    """Large weights answer wildly or so surely that nothing moves them.

    If all answers were wrong by the same `a`, a mean square of `a**2` would have a gradient of
    at least `2 * a` at the last bias. A large loss with less is no matter of a wrong bias.
    """
    if not run.by_layer or not run.norms or not run.start > WILD * run.constant:
        return ""
    last, root = run.norms[0][-1], math.sqrt(max(run.losses[0], 0.0))
    flat = _out_of_reach(run)  # where the output ends, the gradient is small as well, if not so
    if last < (VANISHED if flat else 1.0) * root:
        return f"a loss of {run.losses[0]:.3g} had a gradient of only {last:.1g} at the last layer"
    return ""


def _large_weights(run: RunRecord) -> str:
    """Large weights answer wildly; what has got over them is no failure."""
    if run.start > HUGE * run.constant and run.end > SOMETHING * run.constant:
        return f"the loss began at {run.start:.3g}, the best constant has {run.constant:.3g}"
    return ""


def _vanishing(run: RunRecord) -> str:
    """Each layer passes back only a part, so that the first ones hardly move."""
    small = FAINT if _at_constant(run, run.end) else VANISHED
    if len(run.shares) > 1 and run.shares[0] < small:
        return f"the first layer's gradient was {run.shares[0]:.1g} of the largest; {run.went}"
    if run.norms and run.slopes[0] < TINY * run.start:
        return f"a loss of {run.start:.3g} had a gradient of only {run.slopes[0]:.1g}"
    return ""


def _wrong_gradients(run: RunRecord) -> str:
    """A tiny step against a right gradient lowers the loss."""
    if run.first_step and run.first_step[1] - run.first_step[0] > ROUNDING * abs(run.first_step[0]):
        return "even a tiny step against the gradient raises the loss"
    return ""


def _out_of_reach(run: RunRecord) -> str:
    """The run came to rest above a loss that a single bias would reach, if it could."""
    rests = run.progress_late < STEADY and not run.slope_kept > LASTING
    return f"{run.went}, and stayed there" if run.end > ABOVE * run.constant and rests else ""


def _too_small(run: RunRecord) -> str:
    """A network without hidden layers learns straight lines and nothing else."""
    alone = run.by_layer and len(run.shares) == 1
    return f"{run.went}, with one layer" if alone and run.end > SOMETHING * run.constant else ""


def _unrelated(run: RunRecord) -> str:
    """Gradients flow and fade, and still the loss is that of a constant: nothing to be learnt."""
    known = run.by_layer and run.norms
    return run.went if known and run.end > SOMETHING * run.constant else ""


def _constant(run: RunRecord) -> str:
    """What is known does not tell why, only that it did not learn."""
    return run.went if not run.by_layer and run.end > SOMETHING * run.constant else ""


def _stagnated(run: RunRecord) -> str:
    """No baseline: the loss has stopped falling long before it had fallen far."""
    if not math.isnan(run.constant):
        return ""
    stays = len(run.passes) >= FEWEST and run.progress_late < STEADY
    return f"{run.went} and stayed there" if stays and run.end > LEARNED * run.start else ""


Rule = Callable[[RunRecord], str]
_RULES: tuple[tuple[Cause, Rule], ...] = (
    (Cause.NEGATIVE, _negative),
    (Cause.NOT_UPDATED, _not_updated),
    (Cause.UPHILL, _uphill),
    (Cause.NAN, _nan_inputs),
    (Cause.INPUTS, _inputs),
    (Cause.CUT, _cut),
    (Cause.DEAD, _dead),
    (Cause.ZERO_WEIGHTS, _frozen),
    (Cause.CUT, _frozen),
    (Cause.TARGETS_FAR, _targets_far),
    (Cause.ACCUMULATING, _accumulating),
    (Cause.LARGE_WEIGHTS, _saturated),
    (Cause.WRONG_GRADIENTS, _wrong_gradients),
    (Cause.DIVERGED, _diverged),
    (Cause.NAN, _nan),
    (Cause.TOO_SLOW, _too_slow),
    (Cause.LARGE_WEIGHTS, _large_weights),
    (Cause.TOO_FAST, _too_fast),
    (Cause.VANISHING, _vanishing),
    (Cause.OUT_OF_REACH, _out_of_reach),
    (Cause.TOO_SMALL, _too_small),
    (Cause.UNRELATED, _unrelated),
    (Cause.TOO_SMALL, _unrelated),
    (Cause.CONSTANT, _constant),
    (Cause.STAGNATED, _stagnated),
)
_NEEDS_NO_LOSS = (_negative, _not_updated, _uphill, _nan_inputs, _inputs, _nan)
