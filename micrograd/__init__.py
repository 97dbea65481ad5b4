"""micrograd: a scalar automatic differentiation engine, neural networks on it, and their training.

The package is the code of a book, and the book's listings are these files.
"""

from micrograd.baselines import FirstStep, constant_baseline, downhill
from micrograd.batches import Batches
from micrograd.causes import Cause
from micrograd.checkpoints import Checkpoint, CheckpointError, RecoveryManager
from micrograd.clipping import clip_gradient_norm, clip_gradient_values, gradient_norm
from micrograd.datasets import Standardise, digits, moons, names, noisy_line, separable, split, xor
from micrograd.debugging import create_minimal_test_case, debug_training_step
from micrograd.diagnosis import Diagnosis, diagnose_training_failure
from micrograd.diagnostics import (
    analyze_activations,
    analyze_gradients,
    analyze_parameters,
    detect_dead_neurons,
    track_parameter_updates,
)
from micrograd.drawing import draw_network, to_dot, to_svg
from micrograd.engine import (
    AnomalyError,
    GraphCycleError,
    Value,
    detect_anomaly,
    record,
    topological_order,
)
from micrograd.functions import maximum, softmax
from micrograd.gradcheck import gradient_check, numerical_gradient
from micrograd.graphs import validate_graph, visualize_graph
from micrograd.loop import evaluate, steps, train_step, validated
from micrograd.losses import binary_cross_entropy, cross_entropy, hinge_loss, mse_loss
from micrograd.models import load_model, save_model
from micrograd.monitor import NumericalValidator, StabilityLevel, StabilityMonitor
from micrograd.nn import MLP, Layer, Module, Neuron, zero_gradients
from micrograd.optim import (
    SGD,
    AdaGrad,
    Adam,
    AdamW,
    Momentum,
    Optimizer,
    RMSprop,
    gradient_descent_step,
)
from micrograd.plots import (
    plot_activations,
    plot_confusion,
    plot_decision_boundary,
    plot_gradient_norms,
    plot_losses,
    plot_update_ratios,
)
from micrograd.progress import told
from micrograd.runs import RunFile
from micrograd.schedules import (
    LearningRateScheduler,
    constant,
    cosine_decay,
    exponential_decay,
    step_decay,
    warmup,
)
from micrograd.shown import draw_losses
from micrograd.stability import (
    StabilityMetrics,
    guarded,
    saved,
    train_network_with_stability,
)
from micrograd.summaries import analyze_data
from micrograd.training import TrainingConfig, TrainingMetrics, train_network

__all__ = [
    "MLP",
    "SGD",
    "AdaGrad",
    "Adam",
    "AdamW",
    "AnomalyError",
    "Batches",
    "Cause",
    "Checkpoint",
    "CheckpointError",
    "Diagnosis",
    "FirstStep",
    "GraphCycleError",
    "Layer",
    "LearningRateScheduler",
    "Module",
    "Momentum",
    "Neuron",
    "NumericalValidator",
    "Optimizer",
    "RMSprop",
    "RecoveryManager",
    "RunFile",
    "StabilityLevel",
    "StabilityMetrics",
    "StabilityMonitor",
    "Standardise",
    "TrainingConfig",
    "TrainingMetrics",
    "Value",
    "analyze_activations",
    "analyze_data",
    "analyze_gradients",
    "analyze_parameters",
    "binary_cross_entropy",
    "clip_gradient_norm",
    "clip_gradient_values",
    "constant",
    "constant_baseline",
    "cosine_decay",
    "create_minimal_test_case",
    "cross_entropy",
    "debug_training_step",
    "detect_anomaly",
    "detect_dead_neurons",
    "diagnose_training_failure",
    "digits",
    "downhill",
    "draw_losses",
    "draw_network",
    "evaluate",
    "exponential_decay",
    "gradient_check",
    "gradient_descent_step",
    "gradient_norm",
    "guarded",
    "hinge_loss",
    "load_model",
    "maximum",
    "moons",
    "mse_loss",
    "names",
    "noisy_line",
    "numerical_gradient",
    "plot_activations",
    "plot_confusion",
    "plot_decision_boundary",
    "plot_gradient_norms",
    "plot_losses",
    "plot_update_ratios",
    "record",
    "save_model",
    "saved",
    "separable",
    "softmax",
    "split",
    "step_decay",
    "steps",
    "to_dot",
    "to_svg",
    "told",
    "topological_order",
    "track_parameter_updates",
    "train_network",
    "train_network_with_stability",
    "train_step",
    "validate_graph",
    "validated",
    "visualize_graph",
    "warmup",
    "xor",
    "zero_gradients",
]
