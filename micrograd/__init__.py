"""micrograd: a scalar automatic differentiation engine, neural networks on it, and their training.

The package is the code of a book, and the book's listings are these files. The names below are
those of its modules; a module is imported when a name of it is first asked for.
"""

from importlib import import_module

TYPE_CHECKING = False  # as type checkers know it; the module typing is slow to import

if TYPE_CHECKING:
    from micrograd.datasets import moons, noisy_line, separable, xor
    from micrograd.debugging import create_minimal_test_case, debug_training_step
    from micrograd.diagnosis import diagnose_training_failure
    from micrograd.diagnostics import (
        analyze_activations,
        analyze_gradients,
        analyze_parameters,
        detect_dead_neurons,
        track_parameter_updates,
    )
    from micrograd.drawing import (
        plot_activations,
        plot_decision_boundary,
        plot_gradient_norms,
        plot_losses,
        plot_update_ratios,
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
    from micrograd.graphs import validate_graph, visualize_graph
    from micrograd.nn import MLP, Layer, Module, Neuron, zero_gradients
    from micrograd.stability import (
        Checkpoint,
        CheckpointError,
        NumericalValidator,
        RecoveryManager,
        StabilityLevel,
        StabilityMetrics,
        StabilityMonitor,
        clip_gradient_norm,
        clip_gradient_values,
        train_network_with_stability,
    )
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
    "Checkpoint",
    "CheckpointError",
    "GraphCycleError",
    "Layer",
    "Module",
    "Neuron",
    "NumericalValidator",
    "RecoveryManager",
    "StabilityLevel",
    "StabilityMetrics",
    "StabilityMonitor",
    "TrainingConfig",
    "TrainingMetrics",
    "Value",
    "analyze_activations",
    "analyze_gradients",
    "analyze_parameters",
    "binary_cross_entropy",
    "clip_gradient_norm",
    "clip_gradient_values",
    "create_minimal_test_case",
    "cross_entropy",
    "debug_training_step",
    "detect_anomaly",
    "detect_dead_neurons",
    "diagnose_training_failure",
    "gradient_check",
    "gradient_descent_step",
    "hinge_loss",
    "moons",
    "mse_loss",
    "noisy_line",
    "numerical_gradient",
    "plot_activations",
    "plot_decision_boundary",
    "plot_gradient_norms",
    "plot_losses",
    "plot_update_ratios",
    "separable",
    "to_dot",
    "to_svg",
    "topological_order",
    "track_parameter_updates",
    "train_network",
    "train_network_with_stability",
    "train_step",
    "validate_graph",
    "visualize_graph",
    "xor",
    "zero_gradients",
]

# In the order in which they are searched: the light ones first.
_MODULES = ["engine", "nn", "datasets", "training"]
_MODULES += ["gradcheck", "graphs", "stability", "diagnostics", "debugging", "diagnosis", "drawing"]

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """A module of the package, or one of the modules' public names."""
        if name in _MODULES:
            return import_module(f"micrograd.{name}")
        if name in __all__:
            for module in map(import_module, (f"micrograd.{module}" for module in _MODULES)):
                if name in module.__all__:
                    globals()[name] = getattr(module, name)
                    return globals()[name]
        raise AttributeError(f"module 'micrograd' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_MODULES})
