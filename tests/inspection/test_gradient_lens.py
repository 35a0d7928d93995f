"""The gradient lens against autograd over the whole text, against finite differences, and by its own properties."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812

from rnnlab.inspection.gradient_lens import (
    MAX_LAGS,
    curve_by_lag,
    gradient_norms,
    noted_history,
    places_of_curve,
    read_history,
)
from rnnlab.inspection.probe import read_probe
from rnnlab.models import LanguageModel, LanguageModelConfig
from rnnlab.recurrent import CellSpec, cell_equations, register_cell, unregister_cell
from rnnlab.recurrent.equations import Equations
from rnnlab.validation import InvalidInput

VOCAB, LENGTH = 7, 24


def model_of(kind="gru", **settings):
    config = LanguageModelConfig(model=kind, embedding_size=4, **({"hidden_size": 5, "init_scale": 0.7} | settings))
    return LanguageModel(config, VOCAB, generator=torch.Generator().manual_seed(1)).double()


def text_of(length=LENGTH, seed=2):
    return torch.randint(VOCAB, (length,), generator=torch.Generator().manual_seed(seed))


def by_autograd(model, ids, place):
    """Return the norms by layer and letter, from the record of every operation up to `place`, at lags 0, 1, …"""
    config = model.config
    cell = cell_equations(config.model, config.nonlinearity, config.reset_after)
    x = model.encode(ids[None, :place])[0].detach()
    nodes = {}
    for layer in range(config.num_layers):
        names = ("weight_ih", "bias_ih", "weight_hh", "bias_hh")
        weight_ih, bias_ih, *rest = (getattr(model.recurrent, f"{name}_l{layer}").detach() for name in names)
        state = (torch.zeros(config.hidden_size, dtype=torch.float64, requires_grad=True),) * cell.state_size
        states = []
        for x_t in x:
            state = cell.step(F.linear(x_t, weight_ih, bias_ih), state, *cell.prepare(*rest))
            states.append(state)
        for letter, part in zip("hc", zip(*states, strict=True), strict=False):
            nodes[f"l{layer}.{letter}"] = part
        x = [each[0] for each in states]
    loss = F.cross_entropy(model.output(x[-1]), ids[place])
    flat = [node for part in nodes.values() for node in part]
    found = torch.autograd.grad(loss, flat)
    norms = torch.stack([gradient.norm() for gradient in found]).view(len(nodes), place).flip(1)
    return dict(zip(nodes, norms.numpy(), strict=True))


KINDS = [
    ("rnn", {}),
    ("rnn", {"nonlinearity": "relu", "num_layers": 2}),
    ("gru", {}),
    ("gru", {"implementation": "scratch", "reset_after": False, "num_layers": 2}),
    ("gru", {"encoding": "one-hot", "num_layers": 2}),
    ("lstm", {}),
    ("lstm", {"implementation": "scratch", "biases": "one", "num_layers": 3, "encoding": "one-hot"}),
]


@pytest.mark.parametrize(("kind", "settings"), KINDS)
def test_norms_of_every_layer_equal_autograd_over_the_whole_text(kind, settings):
    model, ids = model_of(kind, **settings), text_of()
    history = read_history(model, ids)
    places = [1, 2, 9, LENGTH - 1]
    norms = gradient_norms(model, history, places, layer=0)
    for row, place in enumerate(places):
        expected = by_autograd(model, ids, place)
        assert set(norms) == set(expected)
        for name, values in expected.items():
            np.testing.assert_allclose(norms[name][row, :place], values, rtol=1e-10)
            assert np.isnan(norms[name][row, place:]).all()


@pytest.mark.parametrize(("kind", "letter"), [("rnn", "h"), ("gru", "h"), ("lstm", "h"), ("lstm", "c")])
def test_a_norm_equals_finite_differences_of_the_loss(kind, letter):
    model, ids, place, lag, step = model_of(kind), text_of(), 15, 4, 1e-6
    history = read_history(model, ids)
    row = place - lag  # the state after so many tokens
    cell = cell_equations(kind)
    weight_hh, bias_hh = (getattr(model.recurrent, f"{name}_l0").detach() for name in ("weight_hh", "bias_hh"))

    def loss(change):
        state = tuple(part[row] for part in history.layers[0])
        if letter == "h":
            state = (state[0] + change, *state[1:])
        else:  # h follows from c in the same step: h = o ⊙ tanh(c)
            o = state[0] / torch.tanh(state[1])
            state = (o * torch.tanh(state[1] + change), state[1] + change)
        for t in range(row, place):
            state = cell.step(history.projected[0][t], state, weight_hh, bias_hh)
        return F.cross_entropy(model.output(state[0]), ids[place])

    with torch.no_grad():
        steps = step * torch.eye(5, dtype=torch.float64)
        gradient = torch.stack([(loss(change) - loss(-change)) / (2 * step) for change in steps])
    found = gradient_norms(model, history, [place])[f"l0.{letter}"][0, lag]
    assert found == pytest.approx(float(gradient.norm()), rel=1e-6)


def test_tokens_after_the_place_change_nothing():
    model, ids = model_of("lstm", num_layers=2), text_of()
    other = torch.cat([ids[:11], (ids[11:] + 1) % VOCAB])
    first, second = (gradient_norms(model, read_history(model, text), [10], layer=0) for text in (ids, other))
    for name, values in first.items():
        np.testing.assert_array_equal(values, second[name])


def test_fewer_lags_change_no_norm_and_there_is_a_longest_one():
    model, ids = model_of(), text_of(130)
    history = read_history(model, ids)
    whole = gradient_norms(model, history, [129, 40])["l0.h"]
    assert whole.shape == (2, MAX_LAGS)
    np.testing.assert_array_equal(whole[:, :7], gradient_norms(model, history, [129, 40], lags=7)["l0.h"])
    with pytest.raises(InvalidInput, match="lags"):
        gradient_norms(model, history, [129], lags=MAX_LAGS + 1)


def test_scratch_and_torch_layers_with_the_same_weights_have_the_same_norms():
    ids, norms = text_of(), []
    for implementation in ("scratch", "torch"):
        model = model_of("lstm", implementation=implementation)
        norms.append(gradient_norms(model, read_history(model, ids), [20]))
    for name, values in norms[0].items():
        np.testing.assert_allclose(values, norms[1][name], rtol=1e-12)


def test_a_model_in_single_precision_is_measured_to_a_few_millionths():
    ids = text_of(60)
    exact = model_of("lstm", hidden_size=16)
    single = model_of("lstm", hidden_size=16).float()
    found, expected = (gradient_norms(model, read_history(model, ids), [59]) for model in (single, exact))
    for name, values in expected.items():
        np.testing.assert_allclose(found[name][0, :50], values[0, :50], rtol=1e-4)
        assert (found[name][0, :59] > 0).all()


@pytest.mark.parametrize("kind", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("first", [0, 7])
def test_the_states_that_a_reading_has_noted_give_the_same_norms(kind, first):
    model, ids = model_of(kind, num_layers=2).float(), text_of()
    own, noted = read_history(model, ids), noted_history(model, read_probe(model, ids.tolist()), first, 22)
    for layer, other in zip(own.layers, noted.layers, strict=True):
        for part, rest in zip(layer, other, strict=True):
            np.testing.assert_allclose(part[first:23], rest, atol=1e-6)
    expected, found = (
        gradient_norms(model, history, [place], 9, 0) for history, place in ((own, 20), (noted, 20 - first))
    )
    for name, values in expected.items():
        np.testing.assert_allclose(values, found[name], rtol=1e-4)


def test_a_vanishing_gradient_stays_a_number_above_zero():
    model = model_of("rnn", init_scale=0.05).float()
    norms = gradient_norms(model, read_history(model, text_of(100)), [99])["l0.h"][0]
    assert 0 < norms[90] < 1e-90


def test_a_registered_cell_has_a_lens():
    def step(from_x, state, weight_hh, bias_hh):
        return (torch.sin(from_x + F.linear(state[0], weight_hh, bias_hh)),)

    register_cell("sine_cell", CellSpec(lambda: Equations(step, gates=1), ("h",), "#123456"))
    try:
        model, ids = model_of("sine_cell", implementation="scratch"), text_of()
        norms = gradient_norms(model, read_history(model, ids), [12])["l0.h"][0, :12]
        np.testing.assert_allclose(norms, by_autograd(model, ids, 12)["l0.h"], rtol=1e-10)
    finally:
        unregister_cell("sine_cell")


def test_a_curve_is_the_median_over_its_places():
    model, ids = model_of("lstm"), text_of(30)
    history = read_history(model, ids)
    curve = curve_by_lag(model, history, lags=6)
    places, lags = places_of_curve(30, 6)
    assert lags == 6
    assert len(places) == 24
    assert (min(places), max(places)) == (6, 29)
    for letter, values in curve.items():
        single = [gradient_norms(model, history, [place], lags=6)[f"l0.{letter}"][0] for place in places]
        np.testing.assert_allclose(values, np.median(single, axis=0), rtol=1e-12)


def test_a_text_of_two_tokens_has_a_curve_of_one_lag_and_a_shorter_one_none():
    model = model_of()
    assert curve_by_lag(model, read_history(model, text_of(2)))["h"].shape == (1,)
    with pytest.raises(InvalidInput, match="tokens"):
        curve_by_lag(model, read_history(model, text_of(1)))


@pytest.mark.parametrize("place", [0, LENGTH, -1, 2.5, None])
def test_a_place_outside_the_text_is_refused(place):
    model = model_of()
    with pytest.raises(InvalidInput, match="place"):
        gradient_norms(model, read_history(model, text_of()), [place])


def test_a_bidirectional_model_is_refused():
    with pytest.raises(InvalidInput) as error:
        read_history(model_of(bidirectional=True), text_of())
    assert error.value.code == "no_states"
