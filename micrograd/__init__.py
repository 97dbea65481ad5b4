"""micrograd: a scalar automatic differentiation engine, neural networks on it, and their training.

The package is the code of a book, and the book's listings are these files.
"""

from micrograd.datasets import moons, noisy_line, separable, xor
from micrograd.drawing import (
    plot_decision_boundary,
    plot_losses,
    to_dot,
    to_svg,
)
from micrograd.engine import (
    AnomalyError,
    GraphCycleError,
    Value,
    detect_anomaly,
    topological_order,
)
from micrograd.gradcheck import gradient_check, numerical_gradient
from micrograd.nn import MLP, Layer, Module, Neuron, zero_gradients
from micrograd.training import (
    SGD,
    TrainingConfig,
    TrainingMetrics,
    binary_cross_entropy,
    cross_entropy,
    gradient_descent_step,
    hinge_loss,
    mse_loss,
    train_network,
    train_step,
)

__all__ = [
    "MLP",
    "SGD",
    "AnomalyError",
    "GraphCycleError",
    "Layer",
    "Module",
    "Neuron",
    "TrainingConfig",
    "TrainingMetrics",
    "Value",
    "binary_cross_entropy",
    "cross_entropy",
    "detect_anomaly",
    "gradient_check",
    "gradient_descent_step",
    "hinge_loss",
    "moons",
    "mse_loss",
    "noisy_line",
    "numerical_gradient",
    "plot_decision_boundary",
    "plot_losses",
    "separable",
    "to_dot",
    "to_svg",
    "topological_order",
    "train_network",
    "train_step",
    "xor",
    "zero_gradients",
]
