"""The language model: of scalars and of arrays the same numbers, and what both refuse."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from micrograd import Adam, Batches, names, steps
from micrograd.gpt import GPT, Tokenizer, generate
from micrograd.replay import Replay
from micrograd.tensors import Tensor
from micrograd.tensors import gpt as arrays_gpt
from micrograd.tensors.gpt import from_scalars, padded

ArrayGPT = arrays_gpt.GPT
TEXTS = ["anna", "ben", "nabea"]
TOKENIZER = Tokenizer(TEXTS)
ENCODED = [TOKENIZER.encode(text) for text in TEXTS]


def scalars(layers: int = 2) -> GPT:
    return GPT(len(TOKENIZER), 8, width=8, heads=2, layers=layers, rng=random.Random(1))


def gradients(model: GPT) -> dict[str, Any]:
    """The gradients of a model of values, as tables under the names of those of tensors."""
    tables: dict[str, Any] = {}
    for name, value in model.named_parameters():
        matrix, row, column = name.rsplit(".", 2)
        tables.setdefault(matrix, {})[int(row), int(column)] = value.grad
    return {
        name: np.array(
            [[table[i, j] for j in range(1 + max(table)[1])] for i in range(1 + max(table)[0])]
        )
        for name, table in tables.items()
    }


def test_loss_and_every_gradient_are_the_same_on_values_and_on_arrays() -> None:
    values = scalars()
    arrays = from_scalars(values)
    loss, other = values.loss(ENCODED), arrays.loss(*padded(ENCODED, 8))
    assert math.isclose(loss.data, other.item(), rel_tol=1e-12)
    loss.backward()
    other.backward()
    expected = gradients(values)
    assert expected.keys() == dict(arrays.named_parameters()).keys()
    for name, parameter in arrays.named_parameters():
        assert np.allclose(parameter.grad, expected[name], rtol=1e-12, atol=1e-15), name


def test_a_later_letter_cannot_change_an_earlier_prediction() -> None:
    values = scalars()
    arrays = from_scalars(values)
    one, two = [4, 1, 0, 3, 2], [4, 1, 2, 2, 0]
    for first, second in zip(values(one)[:2], values(two)[:2]):
        assert [score.data for score in first] == [score.data for score in second]
    there = arrays([one, two]).data
    assert np.allclose(there[0, :2], there[1, :2], rtol=0.0, atol=1e-15)
    assert not np.allclose(there[0, 2:], there[1, 2:])


def test_steps_with_a_cache_say_what_the_whole_says() -> None:
    values = scalars()
    arrays = from_scalars(values)
    tokens = [4, 1, 0, 3]
    cache, whole = arrays.new_cache(), arrays([tokens]).data[0]
    for token, row in zip(tokens, whole):
        assert np.allclose(arrays.step(token, cache), row, rtol=1e-12)
    other = values.new_cache()
    for token, row in zip(tokens, values(tokens)):
        assert [s.data for s in values.step(token, other)] == [s.data for s in row]


@pytest.mark.parametrize("temperature", [0.3, 1.0, 3.0])
def test_both_write_the_same_texts_from_the_same_chance(temperature: float) -> None:
    values = scalars(layers=1)
    arrays = from_scalars(values)
    for seed in range(5):
        one, two = (
            generate(model, TOKENIZER, random.Random(seed), temperature, start="be")
            for model in (values, arrays)
        )
        assert one == two
        assert one.startswith("be")
        assert len(one) <= 8


def test_padding_changes_nothing() -> None:
    arrays = from_scalars(scalars())
    short, long = padded(ENCODED, 6), padded(ENCODED, 8)
    assert math.isclose(arrays.loss(*short).item(), arrays.loss(*long).item(), rel_tol=1e-14)
    tokens = np.array([[4, 1, 0]])
    assert arrays.loss(tokens).item() == arrays.loss(tokens[:, :-1], tokens[:, 1:]).item()


def test_rows_of_attention_add_up_to_one_and_look_back_only() -> None:
    arrays = from_scalars(scalars())
    looks = arrays.attention([[4, 1, 0, 3]])
    assert [look.shape for look in looks] == [(1, 2, 4, 4)] * 2
    for look in looks:
        assert np.allclose(look.sum(axis=-1), 1.0)
        assert np.array_equal(look, np.tril(look))


def test_training_falls_below_counting_pairs() -> None:
    """On a few names, so that it takes seconds; the chapter does it with all."""
    chosen = names()[:300]
    tokenizer = Tokenizer(chosen)
    data = padded([tokenizer.encode(name) for name in chosen], 12)
    counts = np.ones((len(tokenizer), len(tokenizer)))
    np.add.at(counts, (data[0][data[1] >= 0], data[1][data[1] >= 0]), 1.0)
    shares = counts / counts.sum(axis=1, keepdims=True)
    there = data[1] >= 0
    pairs = -np.log(shares[data[0][there], data[1][there]]).mean()
    model = ArrayGPT(len(tokenizer), 12, width=32, rng=np.random.default_rng(0), dtype="float32")
    optimizer = Adam(model.parameters(), 0.01)
    from micrograd.tensors.functional import cross_entropy

    for step in steps(model, Batches(data, 32, seed=0), optimizer, cross_entropy):
        if step.iteration == 150:
            break
    assert model.loss(*data).item() < pairs


def test_a_text_is_replayed_as_vectors() -> None:
    values = scalars(layers=1)
    loss = values.loss(ENCODED[:1])
    replay = Replay(loss)
    assert math.isclose(replay.forward(), loss.data, rel_tol=1e-13)
    assert replay.groups < replay.nodes / 10


def test_weights_of_one_seed_are_the_same() -> None:
    one, two = (ArrayGPT(5, 4, width=8, rng=np.random.default_rng(3)) for _ in range(2))
    assert all(np.array_equal(a.data, b.data) for a, b in zip(one.parameters(), two.parameters()))
    assert isinstance(one.letters, Tensor)
    assert repr(one) == repr(GPT(5, 4, width=8)) == "GPT(5, 4, width=8, heads=4, layers=1)"


# The tokenizer


def test_texts_come_back_from_their_numbers() -> None:
    assert TOKENIZER.characters == "aben"
    assert [TOKENIZER.decode(TOKENIZER.encode(text)) for text in TEXTS] == TEXTS
    assert len(Tokenizer("abc")) == 4


@pytest.mark.parametrize(
    ("compute", "said"),
    [
        (lambda: TOKENIZER.encode("anton"), "characters among 'aben', got 'o'"),
        (lambda: TOKENIZER.encode(""), "at least one character, got ''"),
        (lambda: TOKENIZER.decode([7]), "tokens from 0 to 4, got 7"),
        (lambda: Tokenizer([]), "at least one character in the texts"),
        (lambda: scalars()([4] * 9), "at most 8 tokens, got one more"),
        (lambda: scalars()([5]), "a token from 0 to 4, got 5"),
        (lambda: from_scalars(scalars())([[4] * 9]), "at most 8 tokens, got 9"),
        (lambda: from_scalars(scalars())([4, 1]), r"\(batch, length\), got the shape \(2,\)"),
        (lambda: from_scalars(scalars())([[7]]), "a row from 0 to 4, got 7"),
        (lambda: GPT(5, 8, width=6, heads=4), "4 heads for 6"),
        (lambda: GPT(5, 0), "context to be at least 1, got 0"),
        (lambda: ArrayGPT(5, 8, width=6, heads=4), "4 heads for 6"),
        (lambda: padded(ENCODED, 3), "at most 3 tokens and an end"),
        (lambda: padded([], 3), "at least one text"),
        (lambda: write(temperature=0.0), "temperature to be a positive"),
        (lambda: write(temperature=-1.0), "temperature to be a positive"),
        (lambda: write(start="x"), "characters among 'aben', got 'x'"),
        (lambda: write(start="anna" * 3), "at most 7 characters to start"),
    ],
)
def test_what_does_not_fit_is_refused(compute: Callable[[], Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        compute()


def write(**options: Any) -> str:
    return generate(scalars(), TOKENIZER, random.Random(0), **options)


def test_what_is_no_text_is_refused() -> None:
    wrong: Any = [1, 2]
    with pytest.raises(TypeError, match="text 0 to be a str, got int 1"):
        Tokenizer(wrong)
    with pytest.raises(TypeError, match="a GPT of values, got GPT"):
        from_scalars(ArrayGPT(5, 4))  # type: ignore[arg-type]
