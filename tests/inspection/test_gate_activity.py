"""The gates along a text, and the step of one unit at a place, agree with the equations in float64."""

import numpy as np
import pytest
import torch

from rnnlab.inspection.gate_activity import _rows_of_unit, gate_activity, trace_at, unit_at
from rnnlab.inspection.probe import read_probe
from rnnlab.models import LanguageModel, LanguageModelConfig
from rnnlab.validation import InvalidInput

VOCAB, HIDDEN = 11, 6
IDS = torch.randint(VOCAB, (30,), generator=torch.Generator().manual_seed(2)).tolist()


def model_of(kind, **settings):
    config = LanguageModelConfig(model=kind, hidden_size=HIDDEN, embedding_size=4, init_scale=2.0, **settings)
    return LanguageModel(config, VOCAB, generator=torch.Generator().manual_seed(1)).eval()


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def lstm_by_hand(model, ids):
    """Return for each token the gates i, f, o and the states c and h of the first layer, in float64."""
    w_ih, w_hh, b_ih, b_hh = (
        getattr(model.recurrent, f"{name}_l0").detach().double().numpy()
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    )
    h = c = np.zeros(HIDDEN)
    found = []
    for number in ids:
        a = w_ih @ model.embedding.weight[number].detach().double().numpy() + b_ih + w_hh @ h + b_hh
        i, f, g, o = (a[k * HIDDEN : (k + 1) * HIDDEN] for k in range(4))
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        found.append({"i": sigmoid(i), "f": sigmoid(f), "g": np.tanh(g), "o": sigmoid(o), "c": c, "h": h})
    return found


def test_means_and_shares_are_those_of_the_equations():
    model = model_of("lstm", num_layers=2)
    by_hand = lstm_by_hand(model, IDS)
    found = gate_activity(model.config, read_probe(model, IDS).activations)
    assert [activity.key for activity in found] == ["l0.i", "l0.f", "l0.o", "l1.i", "l1.f", "l1.o"]
    for activity in found[:3]:
        values = np.array([step[activity.gate] for step in by_hand])  # (T, H)
        assert np.allclose(activity.along, values.mean(1), atol=1e-6)
        assert np.array_equal(activity.low, (values < 0.1).mean(0))
        assert np.array_equal(activity.high, (values > 0.9).mean(0))
        assert activity.mean == pytest.approx(values.mean(), abs=1e-6)
    assert found[0].low.any()
    assert found[0].high.any()


def test_the_step_at_a_place_has_the_numbers_of_the_equations():
    model = model_of("lstm")
    by_hand, reading = lstm_by_hand(model, IDS), read_probe(model, IDS)
    for place in (0, 1, 17, 29):
        lines = unit_at(model, reading, place, unit=4, most=3)
        assert [line.letter for line in lines] == ["i", "f", "g", "o", "c", "h"]
        for line in lines:
            assert line.value == pytest.approx(by_hand[place][line.letter][4], abs=1e-5)
            assert sum(value for _, value in line.parts) == pytest.approx(line.sum)
            assert len(line.terms) <= 3
            assert sum(term.value for term in line.terms) + line.others[1] == pytest.approx(line.sum)
            sizes = [abs(term.value) for term in line.terms]
            assert sizes == sorted(sizes, reverse=True)
        assert lines[0].others[0] == 4 + 6 + 2 - 3  # W_ii x, W_hi h and two biases, but the three largest


@pytest.mark.parametrize(
    ("kind", "settings", "letters"),
    [
        ("rnn", {}, "h"),
        ("gru", {"encoding": "one-hot", "num_layers": 2}, "rznh"),
        ("gru", {"reset_after": False, "implementation": "scratch"}, "rznh"),
    ],
)
def test_every_cell_and_layer_opens(kind, settings, letters):
    model = model_of(kind, **settings)
    reading = read_probe(model, IDS)
    for layer in range(model.config.num_layers):
        trace = trace_at(model, reading, 7, layer)
        assert "".join(trace.quantities) == letters
        for letter in letters:
            assert np.allclose(trace.quantities[letter].values, reading.activations[f"l{layer}.{letter}"][7], atol=1e-5)
    assert (gate_activity(model.config, reading.activations) == []) == (kind == "rnn")


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("rnn", {}),
        ("lstm", {"num_layers": 2}),
        ("gru", {"encoding": "one-hot"}),
        ("gru", {"reset_after": False, "implementation": "scratch"}),
    ],
)
def test_one_unit_has_the_numbers_of_the_whole_step(kind, settings):
    model = model_of(kind, **settings)
    reading = read_probe(model, IDS)
    for layer in range(model.config.num_layers):
        trace = trace_at(model, reading, 7, layer)
        for unit in (0, 5):
            for line in unit_at(model, reading, 7, layer, unit, most=100):
                assert line.value == trace.quantities[line.letter].values[unit]
                assert {term.factors: term.value for term in line.terms} == {
                    term.factors: term.value for term in trace.terms(line.letter, unit)
                }


def test_of_the_weights_one_unit_takes_its_own_rows():
    taken = {
        name: [int(row) for row in _rows_of_unit(model_of(kind, **settings).config, 2)]
        for name, kind, settings in (
            ("lstm", "lstm", {}),
            ("before", "gru", {"reset_after": False, "implementation": "scratch"}),
        )
    }
    assert taken == {"lstm": [2, 8, 14, 20], "before": [0, 1, 2, 3, 4, 5, 8, 14]}


def test_what_there_is_not_is_refused_by_its_field():
    model = model_of("gru")
    reading = read_probe(model, IDS)
    for words, field in (((30, 0, 0), "place"), ((0, 1, 0), "layer"), ((0, 0, 6), "unit"), ((-1, 0, 0), "place")):
        with pytest.raises(InvalidInput, match=field):
            unit_at(model, reading, *words)
    both = model_of("gru", bidirectional=True)
    with pytest.raises(InvalidInput) as refused:
        gate_activity(both.config, read_probe(both, IDS).activations)
    assert refused.value.code == "no_states"


def test_of_a_one_hot_input_the_column_of_its_token_is_taken_alone():
    model = model_of("gru", encoding="one-hot")
    reading = read_probe(model, IDS)
    trace, weight = trace_at(model, reading, 7), model.recurrent.weight_ih_l0.detach().double().numpy()
    assert trace.weights["weight_ih"].strides[1] == 0, "a view, of which one column is in memory"
    (term,) = (term for term in trace.terms("z", 2) if term.kind == "x")
    assert term.factors[0].index == (2, IDS[7])
    assert term.value == weight[HIDDEN + 2, IDS[7]]
