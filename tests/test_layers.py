"""Layers of tensors: shapes, gradients, training and use, and what they refuse."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from micrograd import MLP, SGD, Momentum, gradient_check
from micrograd import tensors as t

RNG = np.random.default_rng(5)
ROWS, PICTURES = RNG.normal(size=(4, 6)), RNG.normal(size=(3, 2, 5, 4))
SEQUENCES = RNG.normal(size=(2, 5, 6))


def rng() -> np.random.Generator:
    return np.random.default_rng(7)


LAYERS: dict[str, tuple[Callable[[], Any], Any, tuple[int, ...]]] = {
    "Linear": (lambda: t.Linear(6, 3, rng=rng()), ROWS, (4, 3)),
    "Linear without bias": (lambda: t.Linear(6, 3, bias=False, rng=rng()), ROWS, (4, 3)),
    "Conv2d": (
        lambda: t.Conv2d(2, 3, (3, 2), stride=(1, 2), padding=1, dilation=(2, 1), rng=rng()),
        PICTURES,
        (3, 3, 3, 3),
    ),
    "MaxPool2d": (lambda: t.MaxPool2d(2, stride=1), PICTURES, (3, 2, 4, 3)),
    "AvgPool2d": (lambda: t.AvgPool2d((5, 4)), PICTURES, (3, 2, 1, 1)),
    "BatchNorm1d": (lambda: t.BatchNorm1d(6), ROWS, (4, 6)),
    "BatchNorm2d": (lambda: t.BatchNorm2d(2), PICTURES, (3, 2, 5, 4)),
    "BatchNorm2d in use": (lambda: t.BatchNorm2d(2).eval(), PICTURES, (3, 2, 5, 4)),
    "LayerNorm": (lambda: t.LayerNorm((5, 4)), PICTURES, (3, 2, 5, 4)),
    "RMSNorm": (lambda: t.RMSNorm(6), ROWS, (4, 6)),
    "Embedding": (lambda: t.Embedding(9, 4, rng=rng()), [[1, 8], [1, 0]], (2, 2, 4)),
    "Flatten": (t.Flatten, PICTURES, (3, 40)),
    "activations": (
        lambda: t.Sequential(t.Tanh(), t.Sigmoid(), t.GELU(), t.GELU("tanh"), t.ReLU()),
        ROWS,
        (4, 6),
    ),
    "Residual": (lambda: t.Residual(t.Linear(6, 6, rng=rng())), ROWS, (4, 6)),
    "RNNCell": (lambda: t.RNNCell(6, 3, nonlinearity="relu", rng=rng()), ROWS, (4, 3)),
    "GRUCell": (lambda: t.GRUCell(6, 3, rng=rng()), ROWS, (4, 3)),
    "RNN": (lambda: First(t.RNN(6, 3, num_layers=2, rng=rng())), SEQUENCES, (2, 5, 3)),
    "LSTM": (lambda: First(t.LSTM(6, 3, num_layers=2, rng=rng())), SEQUENCES, (2, 5, 3)),
    "GRU": (lambda: First(t.GRU(6, 3, bias=False, rng=rng())), SEQUENCES, (2, 5, 3)),
    "MultiHeadAttention": (lambda: t.MultiHeadAttention(6, 2, rng=rng()), SEQUENCES, (2, 5, 6)),
    "attention to others": (
        lambda: Across(t.MultiHeadAttention(6, 3, bias=False, rng=rng())),
        SEQUENCES,
        (2, 5, 6),
    ),
    "TransformerBlock": (
        lambda: t.TransformerBlock(6, 2, 8, activation="gelu", rng=rng()),
        SEQUENCES,
        (2, 5, 6),
    ),
}


class First(t.TensorModule):
    """The outputs of a recurrent network, without its state."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def __call__(self, x: Any) -> t.Tensor:
        outputs: t.Tensor = self.inner(x)[0]
        return outputs


class Across(First):
    """Attention to the same places backwards."""

    def __call__(self, x: Any) -> t.Tensor:
        batch = x if isinstance(x, t.Tensor) else t.Tensor(x)
        found: t.Tensor = self.inner(batch, batch[:, ::-1], batch * 2.0)
        return found


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_gives_its_shape_from_arrays_and_tensors(name: str) -> None:
    make, x, shape = LAYERS[name]
    layer = make()
    assert layer(x).shape == shape
    assert layer.takes_batches
    assert repr(layer)
    if name != "Embedding":
        assert layer(t.Tensor(x)).shape == shape


@pytest.mark.parametrize("name", LAYERS)
def test_gradients_agree_with_finite_differences_along_random_directions(name: str) -> None:
    make, x, shape = LAYERS[name]
    layer = make()
    batch = x if name == "Embedding" else t.Tensor(x)
    leaves = layer.parameters() + ([] if name == "Embedding" else [batch])
    weights = np.random.default_rng(8).normal(size=shape)
    assert gradient_check(lambda: (layer(batch) * weights).sum(), leaves, directions=4)


def test_parameters_have_the_names_of_pytorch() -> None:
    def names(module: Any) -> list[str]:
        return [name for name, _ in module.named_parameters()]

    assert names(t.Sequential(t.Linear(2, 3), t.Tanh(), t.Linear(3, 1, bias=False))) == [
        "0.weight",
        "0.bias",
        "2.weight",
    ]
    assert names(t.LSTM(2, 3, num_layers=2))[4:] == [
        "weight_ih_l1",
        "weight_hh_l1",
        "bias_ih_l1",
        "bias_hh_l1",
    ]
    assert names(t.MultiHeadAttention(4, 2)) == [
        "in_proj_weight",
        "in_proj_bias",
        "out_proj.weight",
        "out_proj.bias",
    ]
    assert [name for name, _ in t.Sequential(t.BatchNorm1d(2)).named_buffers()] == [
        "0.running_mean",
        "0.running_var",
        "0.num_batches_tracked",
    ]
    assert t.ConvolutionalLayer is t.Conv2d
    assert t.BatchNorm is t.BatchNorm1d


def test_same_generator_same_weights() -> None:
    one, two = (t.TransformerBlock(4, 2, rng=rng()) for _ in range(2))
    for a, b in zip(one.parameters(), two.parameters()):
        assert np.array_equal(a.data, b.data)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_network_of_one_dtype_stays_in_it(dtype: str) -> None:
    net = t.Sequential(
        t.Conv2d(2, 3, 2, dtype=dtype),
        t.BatchNorm2d(3, dtype=dtype),
        t.Flatten(),
        t.LayerNorm(36, dtype=dtype),
        t.Dropout(0.1, rng=rng()),
        t.Linear(36, 2, dtype=dtype),
    )
    result = net(PICTURES.astype(dtype))
    assert result.dtype == dtype
    result.sum().backward()
    assert {p.grad.dtype for p in net.parameters()} == {np.dtype(dtype)}


def test_train_and_eval_reach_every_part() -> None:
    net = t.Sequential(t.Residual(t.Sequential(t.Dropout(0.5, rng=rng()))), t.BatchNorm1d(6))
    assert net.training
    assert net.eval() is net
    assert not any(module.training for module in net.modules())
    assert np.allclose(net(ROWS).data, 2.0 * ROWS / np.sqrt(1.0 + 1e-5))
    net.train()
    assert all(module.training for module in net.modules())
    assert not np.allclose(net(ROWS).data, net(ROWS).data)


def test_batch_norm_in_use_goes_by_what_it_has_seen() -> None:
    norm = t.BatchNorm1d(6)
    for _ in range(200):
        norm(3.0 + 2.0 * RNG.normal(size=(50, 6)))
    assert norm.num_batches_tracked == 200
    assert np.allclose(norm.running_mean, 3.0, atol=0.2)
    assert np.allclose(norm.running_var, 4.0, atol=0.5)
    one = norm.eval()(ROWS[:1]).data
    assert np.array_equal(norm(ROWS).data[:1], one)  # whatever stands beside it
    assert norm.num_batches_tracked == 200


@pytest.mark.parametrize("kind", [t.RNN, t.LSTM, t.GRU])
def test_a_sequence_in_two_parts_is_the_sequence(kind: Any) -> None:
    net = kind(6, 3, num_layers=2, rng=rng())
    whole, last = net(SEQUENCES)
    first, state = net(SEQUENCES[:, :2])
    second, end = net(SEQUENCES[:, 2:], state)
    assert np.allclose(whole.data, np.concatenate([first.data, second.data], axis=1))
    states = (last, end) if kind is not t.LSTM else (t.stack(last), t.stack(end))
    assert np.allclose(states[0].data, states[1].data)


@pytest.mark.parametrize(
    ("cell", "net"), [(t.RNNCell, t.RNN), (t.LSTMCell, t.LSTM), (t.GRUCell, t.GRU)]
)
def test_a_network_is_its_cell_at_every_place(cell: Any, net: Any) -> None:
    one, many = cell(6, 3, rng=rng()), net(6, 3, rng=rng())
    state: Any = None
    for i in range(5):
        state = one(SEQUENCES[:, i], state)
    last = many(SEQUENCES)[1]
    parts = zip(state, last) if cell is t.LSTMCell else [(state, last)]
    assert all(np.allclose(a.data, b.data[0]) for a, b in parts)


def test_dropout_between_layers_rests_in_use() -> None:
    net = t.LSTM(6, 3, num_layers=2, dropout=0.5, rng=rng())
    assert not np.allclose(net(SEQUENCES)[0].data, net(SEQUENCES)[0].data)
    net.eval()
    assert np.allclose(net(SEQUENCES)[0].data, net(SEQUENCES)[0].data)


def test_a_causal_block_does_not_look_ahead() -> None:
    block = t.TransformerBlock(6, 2, rng=rng())
    later = SEQUENCES.copy()
    later[:, 3:] += 1.0
    there, then = (block(x, is_causal=True).data for x in (SEQUENCES, later))
    assert np.allclose(there[:, :3], then[:, :3])
    assert not np.allclose(there[:, 3:], then[:, 3:])
    weights = block.self_attn.weights(SEQUENCES, is_causal=True)
    assert weights.shape == (2, 2, 5, 5)
    assert np.allclose(weights.sum(axis=-1), 1.0)


@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid", "linear"])
def test_a_network_of_numbers_and_of_tensors_have_the_same_numbers(activation: str) -> None:
    mlp: Any = MLP(6, [5, 4, 2], activation=activation)
    net = t.from_mlp(mlp)
    again = t.to_mlp(net)
    assert [p.data for p in again.parameters()] == [p.data for p in mlp.parameters()]
    assert repr(again) == repr(mlp)
    answers = net(ROWS)
    for row, answer in zip(ROWS, answers.data):
        assert np.allclose([y.data for y in mlp(row)], answer, rtol=1e-14)
    answers.sum().backward()
    total: Any = sum(sum(mlp(row)) for row in ROWS)
    total.backward()
    scalar = [p.grad for p in mlp.parameters()]
    rows = zip(net.parameters()[::2], net.parameters()[1::2])
    arrays = [g for w, b in rows for row, last in zip(w.grad, b.grad) for g in (*row, last)]
    assert np.allclose(scalar, arrays, rtol=1e-12)


def test_conversion_of_what_is_no_mlp_is_refused() -> None:
    mlp = MLP(2, [2, 1])
    mlp.layers[0].neurons[0].activation = "relu"
    with pytest.raises(ValueError, match="one activation in layer 0, got relu, tanh"):
        t.from_mlp(mlp)
    wrong: Any = t.Sequential(t.Linear(2, 2))
    with pytest.raises(TypeError, match="expected an MLP, got Sequential"):
        t.from_mlp(wrong)
    wrong = mlp
    with pytest.raises(TypeError, match="expected a Sequential, got MLP"):
        t.to_mlp(wrong)
    for layers in ([t.Flatten()], [t.Tanh()], [t.Linear(2, 2), t.Tanh(), t.ReLU()]):
        with pytest.raises(ValueError, match="linear layers, each with at most one activation"):
            t.to_mlp(t.Sequential(*layers))
    with pytest.raises(ValueError, match="at least one linear layer"):
        t.to_mlp(t.Sequential())
    assert t.to_mlp(t.Sequential(t.Linear(2, 1, bias=False))).parameters()[-1].data == 0.0


@pytest.mark.parametrize("optimizer", [SGD, Momentum])
def test_a_small_network_learns_xor(optimizer: Any) -> None:
    x, y = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([[0.0], [1.0], [1.0], [0.0]])
    net = t.Sequential(t.Linear(2, 8, rng=rng()), t.Tanh(), t.Linear(8, 1, rng=rng()))
    stepper = optimizer(net.parameters(), 0.3)
    for _ in range(500):
        stepper.zero_grad()
        loss = t.functional.mse_loss(net(x), y)
        loss.backward()
        stepper.step()
    assert loss.item() < 0.01


@pytest.mark.parametrize(
    ("compute", "said"),
    [
        (lambda: t.Linear(0, 1), "in_features to be at least 1, got 0"),
        (lambda: t.Linear(6, 2)(PICTURES), r"got \(3, 2, 5, 4\) and \(2, 6\)"),
        (lambda: t.BatchNorm1d(6)(ROWS[:1]), "more than 1 value per channel when training"),
        (lambda: t.BatchNorm1d(5)(ROWS), r"5 channels, got the shape \(4, 6\)"),
        (lambda: t.BatchNorm2d(2)(ROWS), r"a batch of 4 axes, got the shape \(4, 6\)"),
        (lambda: t.Dropout(1.5), "below 1, got 1.5"),
        (lambda: t.Embedding(3, 2)([3]), "a row from 0 to 2, got 3"),
        (lambda: t.Residual(t.Linear(6, 3))(ROWS), r"the shape it got, \(4, 6\), got \(4, 3\)"),
        (lambda: t.RNN(6, 3)(ROWS), r"sequences \(batch, length, 6\), got \(4, 6\)"),
        (lambda: t.RNN(6, 3)(SEQUENCES[:, :0]), r"got \(2, 0, 6\)"),
        (lambda: t.RNN(5, 3)(SEQUENCES), r"got \(2, 5, 6\) and \(3, 5\)"),
        (lambda: t.GRUCell(6, 3)(ROWS, ROWS), r"1 states of the shape \(4, 3\), got \(4, 6\)"),
        (lambda: t.LSTM(6, 3)(SEQUENCES, [ROWS]), r"2 states of the shape \(1, 2, 3\), got"),
        (lambda: t.RNN(6, 3, nonlinearity="sine"), "one of tanh, relu"),
        (lambda: t.MultiHeadAttention(6, 4), "4 heads for 6"),
        (lambda: t.MultiHeadAttention(6, 2)(ROWS), r"queries \(batch, length, 6\), got \(4, 6\)"),
        (lambda: t.TransformerBlock(6, 2, activation="sine"), "one of relu, gelu"),
    ],
)
def test_what_does_not_fit_is_refused(compute: Callable[[], Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        compute()


def test_a_layer_that_is_none_is_refused_and_a_bare_module_says_so() -> None:
    wrong: Any = 3
    with pytest.raises(TypeError, match="layer 1 to be a module, got int 3"):
        t.Sequential(t.Tanh(), wrong)
    with pytest.raises(NotImplementedError):
        t.TensorModule()(ROWS)


def test_a_sequential_is_a_list_of_its_layers() -> None:
    layers = [t.Linear(2, 2), t.Tanh()]
    net = t.Sequential(*layers)
    assert (len(net), list(net), net[-1]) == (2, layers, layers[1])
