"""Neurons, layers and networks: what they compute, what they own, and what they refuse."""

import copy
import math
import random
from collections.abc import Callable
from typing import Any

import pytest

from micrograd import MLP, Layer, Module, Neuron, Value, zero_gradients
from micrograd.nn import ACTIVATIONS, INITIALISERS


def known_neuron(activation: str = "tanh", nonlin: bool = True) -> Neuron:
    neuron = Neuron(2, nonlin, activation=activation)
    neuron.w = [Value(0.5), Value(-0.25)]
    neuron.b = Value(0.125)
    return neuron


@pytest.mark.parametrize(
    ("module", "count"),
    [
        (Module(), 0),
        (Neuron(2), 3),
        (Layer(2, 3), 9),
        (Layer(3, 2), 8),
        (MLP(3, [4, 1]), 21),
        (MLP(2, [16, 16, 1]), 337),
    ],
)
def test_number_of_parameters(module: Module, count: int) -> None:
    assert len(module.parameters()) == count


def test_parameters_of_a_neuron_are_its_weights_then_its_bias() -> None:
    neuron = Neuron(3)
    assert neuron.parameters() == [*neuron.w, neuron.b]


def test_parameters_of_a_layer_come_neuron_by_neuron() -> None:
    layer = Layer(2, 2)
    first, second = layer.neurons
    assert layer.parameters() == [*first.w, first.b, *second.w, second.b]


def test_parameters_of_a_network_come_layer_by_layer() -> None:
    net = MLP(2, [3, 2])
    assert net.parameters() == net.layers[0].parameters() + net.layers[1].parameters()


def test_parameters_are_the_values_themselves() -> None:
    neuron = known_neuron(nonlin=False)
    neuron.parameters()[0].data = 2.5
    assert float(neuron([1.0, 0.0])) == 2.5 + 0.125


def test_linear_neuron_is_a_weighted_sum_and_a_bias() -> None:
    assert known_neuron(nonlin=False)([1.0, 2.0]).data == 0.5 - 0.5 + 0.125


@pytest.mark.parametrize(
    ("activation", "expected"),
    [
        ("tanh", lambda z: math.sinh(z) / math.cosh(z)),
        ("relu", lambda z: max(0.0, z)),
        ("sigmoid", lambda z: 1 / (1 + math.exp(-z))),
        ("linear", lambda z: z),
    ],
)
@pytest.mark.parametrize("x", [[3.0, 1.0], [-3.0, 1.0]])
def test_activation_is_applied_to_the_weighted_sum(
    activation: str, expected: Callable[[float], float], x: list[float]
) -> None:
    z = 0.5 * x[0] - 0.25 * x[1] + 0.125
    assert known_neuron(activation)(x).data == pytest.approx(expected(z), rel=1e-14)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_neuron_that_is_not_nonlinear_ignores_its_activation(activation: str) -> None:
    neuron = known_neuron(activation, nonlin=False)
    assert neuron([-3.0, 1.0]).data == -1.5 - 0.25 + 0.125
    assert neuron.nonlin is False


def test_tanh_is_the_default_activation() -> None:
    assert Neuron(1).activation == "tanh"


def test_gradients_of_a_linear_neuron_are_its_inputs_and_its_weights() -> None:
    neuron, x = known_neuron(nonlin=False), [Value(3.0), Value(4.0)]
    neuron(x).backward()
    assert [p.grad for p in neuron.parameters()] == [3.0, 4.0, 1.0]
    assert [x_i.grad for x_i in x] == [0.5, -0.25]


def test_layer_is_its_neurons_on_the_same_input() -> None:
    layer = Layer(2, 3)
    out = layer([0.5, -1.0])
    assert [v.data for v in out] == [neuron([0.5, -1.0]).data for neuron in layer.neurons]


@pytest.mark.parametrize("nout", [1, 2])
def test_layer_always_gives_a_list(nout: int) -> None:
    out = Layer(2, nout)([0.5, -1.0])
    assert isinstance(out, list)
    assert len(out) == nout


def test_layer_makes_one_value_of_each_number_for_all_its_neurons() -> None:
    first, second = Layer(1, 2, nonlin=False)([0.5])
    product_of_first, product_of_second = first._parents[1], second._parents[1]
    assert product_of_first._parents[1] is product_of_second._parents[1]


def test_layer_knows_its_width() -> None:
    assert Layer(2, 3).nout == 3


def test_network_with_one_output_gives_a_value() -> None:
    assert isinstance(MLP(2, [3, 1])([1.0, 2.0]), Value)


def test_network_with_several_outputs_gives_a_list() -> None:
    out = MLP(2, [3, 2])([1.0, 2.0])
    assert isinstance(out, list)
    assert len(out) == 2


def test_network_with_an_inner_layer_of_one_neuron_works() -> None:
    assert isinstance(MLP(2, [16, 1, 1])([1.0, 2.0]), Value)


def test_network_of_known_weights() -> None:
    net = MLP(2, [2, 1])
    weights = [0.5, -0.5, 0.1, 1.0, 2.0, -0.2, 3.0, -4.0, 0.3]
    for parameter, weight in zip(net.parameters(), weights, strict=True):
        parameter.data = weight
    hidden = math.tanh(0.5 * 0.3 - 0.5 * 0.7 + 0.1), math.tanh(0.3 + 2.0 * 0.7 - 0.2)
    out = net([0.3, 0.7])
    assert float(out) == pytest.approx(3.0 * hidden[0] - 4.0 * hidden[1] + 0.3)  # type: ignore[arg-type]


def test_hidden_layers_are_nonlinear_and_the_last_one_linear() -> None:
    net = MLP(2, [3, 4, 1], activation="relu")
    used = [{neuron.activation for neuron in layer.neurons} for layer in net.layers]
    assert used == [{"relu"}, {"relu"}, {"linear"}]


def test_network_keeps_all_its_widths() -> None:
    assert MLP(3, [4, 2]).sz == [3, 4, 2]


def test_network_takes_a_tuple_of_widths() -> None:
    assert MLP(3, (4, 2)).sz == [3, 4, 2]


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "linear"])
def test_gradients_reach_every_parameter(activation: str) -> None:
    net = MLP(2, [4, 3, 1], activation=activation)
    out = net([0.5, -1.0])
    assert isinstance(out, Value)
    out.backward()
    assert all(p.grad != 0.0 for p in net.parameters())


def test_gradients_reach_the_inputs_through_all_layers() -> None:
    x = [Value(0.5), Value(-1.0)]
    out = MLP(2, [4, 1])(x)
    assert isinstance(out, Value)
    out.backward()
    assert all(x_i.grad != 0.0 for x_i in x)


@pytest.mark.parametrize("module", [Neuron(2), Layer(2, 3), MLP(2, [3, 1])])
def test_zero_grad_clears_every_parameter(module: Module) -> None:
    for parameter in module.parameters():
        parameter.grad = 1.0
    module.zero_grad()
    assert {p.grad for p in module.parameters()} == {0.0}


def test_zero_gradients_clears_what_it_is_given() -> None:
    a, b = Value(1.0), Value(2.0)
    a.grad = b.grad = 3.0
    zero_gradients([a])
    assert (a.grad, b.grad) == (0.0, 3.0)


def test_permuted_inputs_and_weights_give_the_same_output() -> None:
    neuron, permuted = known_neuron(), known_neuron()
    permuted.w.reverse()
    assert permuted([2.0, 1.0]).data == pytest.approx(neuron([1.0, 2.0]).data, rel=1e-14)


def test_permuted_neurons_give_permuted_outputs() -> None:
    layer = Layer(2, 3)
    out = [v.data for v in layer([0.5, -1.0])]
    layer.neurons.reverse()
    assert [v.data for v in layer([0.5, -1.0])] == out[::-1]


def test_permuted_hidden_neurons_do_not_change_the_network() -> None:
    net = MLP(2, [3, 1])
    before = float(net([0.5, -1.0]))  # type: ignore[arg-type]
    net.layers[0].neurons.reverse()
    net.layers[1].neurons[0].w.reverse()
    assert float(net([0.5, -1.0])) == pytest.approx(before, rel=1e-13)  # type: ignore[arg-type]


@pytest.mark.parametrize("module", [Neuron(3), Layer(3, 2), MLP(3, [2, 1])])
@pytest.mark.parametrize("x", [[1.0], [1.0, 2.0, 3.0, 4.0], []])
def test_wrong_number_of_inputs_is_refused_with_both_numbers(module: Any, x: list[float]) -> None:
    with pytest.raises(ValueError, match=f"expected 3 inputs, got {len(x)}"):
        module(x)


@pytest.mark.parametrize("module", [Neuron(1), Layer(1, 2), MLP(1, [2, 1])])
@pytest.mark.parametrize("x", [1.0, Value(1.0), None])
def test_scalar_instead_of_a_list_of_inputs_is_refused(module: Any, x: Any) -> None:
    with pytest.raises(TypeError, match=f"list of 1 inputs, got {type(x).__name__}"):
        module(x)


@pytest.mark.parametrize("width", [0, -1])
@pytest.mark.parametrize(
    ("build", "name"),
    [
        (lambda n: Neuron(n), "nin"),
        (lambda n: Layer(n, 2), "nin"),
        (lambda n: Layer(2, n), "nout"),
        (lambda n: MLP(n, [2]), "nin"),
        (lambda n: MLP(2, [3, n]), r"nouts\[1\]"),
    ],
)
def test_width_below_one_is_refused(build: Callable[[Any], Module], name: str, width: int) -> None:
    with pytest.raises(ValueError, match=f"expected {name} to be at least 1, got {width}"):
        build(width)


@pytest.mark.parametrize("width", [2.0, "2", None, True])
@pytest.mark.parametrize(
    ("build", "name"),
    [
        (lambda n: Neuron(n), "nin"),
        (lambda n: Layer(2, n), "nout"),
        (lambda n: MLP(2, [3, n]), r"nouts\[1\]"),
    ],
)
def test_width_that_is_no_whole_number_is_refused(
    build: Callable[[Any], Module], name: str, width: Any
) -> None:
    with pytest.raises(TypeError, match=f"expected {name} to be a whole number, got"):
        build(width)


@pytest.mark.parametrize("nouts", [1, None, "21", {2, 1}])
def test_network_widths_that_are_no_list_are_refused(nouts: Any) -> None:
    with pytest.raises(TypeError, match="expected nouts to be a list, got"):
        MLP(2, nouts)


def test_network_without_layers_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one layer"):
        MLP(2, [])


@pytest.mark.parametrize("option", ["activation", "init"])
def test_unknown_name_is_refused_and_the_known_ones_are_listed(option: str) -> None:
    known = {"activation": "tanh, relu, sigmoid, linear", "init": "uniform, normal, xavier, he"}
    with pytest.raises(ValueError, match=f"{option} to be one of {known[option]}.* 'swish'"):
        MLP(2, [1], **{option: "swish"})  # type: ignore[arg-type]


class Extreme(random.Random):
    """Draws the upper end of a uniform range, and one standard deviation of a Gaussian."""

    def uniform(self, a: float, b: float) -> float:
        return b

    def gauss(self, mu: float = 0.0, sigma: float = 1.0) -> float:
        return mu + sigma


@pytest.mark.parametrize(
    ("init", "scale"),
    [
        ("uniform", 1.0),
        ("normal", 1 / math.sqrt(4)),
        ("xavier", math.sqrt(6 / (4 + 5))),
        ("he", math.sqrt(2 / 4)),
        ("zeros", 0.0),
    ],
)
def test_scale_of_an_initialisation_scheme(init: str, scale: float) -> None:
    layer = Layer(4, 5, init=init, rng=Extreme())
    assert {w.data for neuron in layer.neurons for w in neuron.w} == {scale}


def test_neuron_by_itself_is_a_layer_of_one_to_the_xavier_scheme() -> None:
    assert Neuron(5, init="xavier", rng=Extreme()).w[0].data == 1.0


@pytest.mark.parametrize("init", INITIALISERS)
def test_bias_starts_at_zero(init: str) -> None:
    assert {neuron.b.data for neuron in Layer(4, 5, init=init).neurons} == {0.0}


@pytest.mark.parametrize(
    ("init", "bound"), [("uniform", 1.0), ("xavier", math.sqrt(6 / (10 + 100)))]
)
def test_uniform_scheme_fills_its_range_and_stays_in_it(init: str, bound: float) -> None:
    weights = [w.data for neuron in Layer(10, 100, init=init).neurons for w in neuron.w]
    assert -bound <= min(weights) < -0.99 * bound
    assert 0.99 * bound < max(weights) <= bound
    assert abs(sum(weights)) / len(weights) < 0.05 * bound


@pytest.mark.parametrize(("init", "variance"), [("normal", 1 / 10), ("he", 2 / 10)])
def test_gaussian_scheme_has_its_variance(init: str, variance: float) -> None:
    weights = [w.data for neuron in Layer(10, 200, init=init).neurons for w in neuron.w]
    assert sum(w * w for w in weights) / len(weights) == pytest.approx(variance, rel=0.1)


@pytest.mark.parametrize("init", ["uniform", "normal", "xavier", "he"])
def test_no_initial_weight_is_zero_or_the_same_as_another(init: str) -> None:
    weights = {w.data for neuron in Layer(10, 10, init=init).neurons for w in neuron.w}
    assert len(weights) == 100
    assert 0.0 not in weights


def test_uniform_is_the_default_scheme() -> None:
    a, b = Neuron(5, rng=random.Random(1)), Neuron(5, init="uniform", rng=random.Random(1))
    assert [w.data for w in a.w] == [w.data for w in b.w]


@pytest.mark.parametrize("init", ["uniform", "normal", "xavier", "he"])
def test_random_seed_governs_the_weights(init: str) -> None:
    random.seed(5)
    first = [p.data for p in MLP(3, [4, 1], init=init).parameters()]
    second = [p.data for p in MLP(3, [4, 1], init=init).parameters()]
    random.seed(5)
    assert [p.data for p in MLP(3, [4, 1], init=init).parameters()] == first != second


def test_weights_are_drawn_one_by_one_in_order() -> None:
    random.seed(5)
    draws = [random.uniform(-1.0, 1.0) for _ in range(3 * 4 + 4)]
    random.seed(5)
    net = MLP(3, [4, 1])
    assert [w.data for layer in net.layers for n in layer.neurons for w in n.w] == draws


def test_given_generator_governs_the_weights_and_leaves_the_module_alone() -> None:
    state = random.getstate()
    first = [p.data for p in MLP(3, [4, 1], rng=random.Random(5)).parameters()]
    assert [p.data for p in MLP(3, [4, 1], rng=random.Random(5)).parameters()] == first
    assert random.getstate() == state


def test_given_generator_draws_as_the_module_does() -> None:
    random.seed(5)
    ours = [p.data for p in MLP(3, [4, 1]).parameters()]
    assert [p.data for p in MLP(3, [4, 1], rng=random.Random(5)).parameters()] == ours


def test_neurons_that_start_at_zero_stay_alike() -> None:
    net = MLP(2, [3, 1], activation="sigmoid", init="zeros")
    for _ in range(5):
        out = net([0.5, -1.0])
        assert isinstance(out, Value)
        net.zero_grad()
        (out - 1.0).backward()
        for p in net.parameters():
            p.data -= 0.1 * p.grad
    first, *others = ([p.data for p in n.parameters()] for n in net.layers[0].neurons)
    assert others == [first, first]
    assert first[0] != 0.0


def test_copy_of_a_network_is_independent() -> None:
    net = MLP(2, [3, 1])
    twin = copy.deepcopy(net)
    twin.parameters()[0].data += 1.0
    assert net.parameters()[0].data == twin.parameters()[0].data - 1.0
    assert [p.data for p in net.parameters()[1:]] == [p.data for p in twin.parameters()[1:]]


@pytest.mark.parametrize(
    ("module", "text"),
    [
        (Neuron(2), "Neuron(2, activation='tanh')"),
        (Neuron(2, nonlin=False), "Neuron(2, activation='linear')"),
        (Layer(2, 3, activation="relu"), "Layer(3 of Neuron(2, activation='relu'))"),
        (MLP(2, [3, 1]), "MLP(2, [3, 1], activation='tanh')"),
    ],
)
def test_repr_tells_the_architecture(module: Module, text: str) -> None:
    assert repr(module) == text


# Modules of one's own


class Everything(Module):
    """Holds values in every way that is looked through, and in one that is not."""

    def __init__(self) -> None:
        self.alone = Value(1.0)
        self.listed = [Value(2.0), (Value(3.0), "no value")]
        self.named = {"a": Value(4.0), 7: Value(5.0)}
        self.inner = Neuron(1, init="zeros")
        self.again = self.alone
        self.itself = self
        self.listed.append(self.listed)
        self.hidden = {Value(6.0)}
        self.size = 3


def test_parameters_are_found_in_the_order_of_the_attributes_and_named() -> None:
    assert [name for name, _ in Everything().named_parameters()] == [
        "alone", "listed.0", "listed.1.0", "named.a", "named.7", "inner.w.0", "inner.b"
    ]  # fmt: skip


def test_every_parameter_is_listed_once() -> None:
    module = Everything()
    parameters = module.parameters()
    assert len(parameters) == len(set(map(id, parameters))) == 7
    assert parameters == [value for _, value in module.named_parameters()]


def test_gradients_of_all_parameters_are_cleared() -> None:
    module = Everything()
    for parameter in module.parameters():
        parameter.grad = 1.0
    module.zero_grad()
    assert {parameter.grad for parameter in module.parameters()} == {0.0}


def test_modules_come_after_those_that_hold_them() -> None:
    net = MLP(1, [2, 1])
    kinds = [type(module).__name__ for module in net.modules()]
    assert kinds == ["MLP", "Layer", "Neuron", "Neuron", "Layer", "Neuron"]
    assert Everything().modules()[1].parameters()[0].data == 0.0


def test_module_without_anything_has_no_parameters() -> None:
    assert Module().parameters() == []


def test_names_of_a_network_are_the_ways_to_its_values() -> None:
    net = MLP(2, [2, 1])
    named = dict(net.named_parameters())
    assert named["layers.0.neurons.1.w.0"] is net.layers[0].neurons[1].w[0]
    assert list(named)[-1] == "layers.1.neurons.0.b"


def test_widths_may_be_numpy_integers_and_come_from_a_generator() -> None:
    numpy = pytest.importorskip("numpy")
    net = MLP(numpy.int64(2), (numpy.int64(width) for width in (3, 1)))  # type: ignore[arg-type]
    assert (net.sz, {type(width) for width in net.sz}) == ([2, 3, 1], {int})
