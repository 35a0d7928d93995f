"""One step of any cell, number by number: by hand, against the equations, and by its lines of PyTorch."""

import numpy as np
import pytest
import torch

from rnnlab.inspection import CellWeights, trace_sequence, trace_step, walk
from rnnlab.inspection.cell_lines import LINES, lines_of
from rnnlab.inspection.probe import read_probe
from rnnlab.models import LanguageModel, LanguageModelConfig
from rnnlab.recurrent import CellSpec, Equations, cell_equations, register_cell, unregister_cell

CELLS = {
    "rnn": cell_equations("rnn"),
    "relu": cell_equations("rnn", nonlinearity="relu"),
    "gru": cell_equations("gru"),
    "gru before": cell_equations("gru", reset_after=False),
    "lstm": cell_equations("lstm"),
}
ACTIVATIONS = {
    "σ": lambda a: 1 / (1 + np.exp(-a)),
    "tanh": np.tanh,
    "relu": lambda a: a * (a > 0),
    "": lambda a: a,
}
LETTERS = {"rnn": "h", "relu": "h", "gru": "rznh", "gru before": "rznh", "lstm": "ifgoch"}


def weights_for(cell, inputs=5, hidden=3, seed=0):
    rng, rows = np.random.default_rng(seed), cell.gates * hidden
    shapes = {"weight_ih": (rows, inputs), "weight_hh": (rows, hidden), "bias_ih": rows, "bias_hh": rows}
    return {name: rng.normal(size=shape) for name, shape in shapes.items()}


def by_torch(cell, weights, xs, hidden=3):
    """Return the states after each step by `recurrent.equations`, in float64."""
    tensors = {name: torch.tensor(value) for name, value in weights.items()}
    state, states = (torch.zeros(hidden, dtype=torch.double),) * cell.state_size, []
    for x in xs:
        from_x = tensors["weight_ih"] @ torch.as_tensor(x) + tensors["bias_ih"]
        state = cell.step(from_x, state, *cell.prepare(tensors["weight_hh"], tensors["bias_hh"]))
        states.append([part.numpy() for part in state])
    return states


def test_an_lstm_step_by_hand():
    """One unit, one input: i = σ(0), f = σ(ln 3), g = tanh(0.5), o = σ(0); c = 3/4 · 2 + g/2."""
    weights = {
        "weight_ih": np.array([[1.0], [0.0], [0.5], [2.0]]), "weight_hh": np.zeros((4, 1)),
        "bias_ih": np.array([-1.0, np.log(3), 0.0, -2.0]), "bias_hh": np.zeros(4),
    }  # fmt: skip
    trace = trace_step(CELLS["lstm"], weights, np.array([1.0]), (np.array([0.25]), np.array([2.0])))
    values = {letter: quantity.values[0] for letter, quantity in trace.quantities.items()}
    g = 0.46211715726
    assert values == pytest.approx(
        {"i": 0.5, "f": 0.75, "g": g, "o": 0.5, "c": 1.5 + g / 2, "h": np.tanh(1.5 + g / 2) / 2}
    )


@pytest.mark.parametrize("name", CELLS)
def test_steps_are_those_of_the_equations(name):
    cell, rng = CELLS[name], np.random.default_rng(1)
    weights, xs = weights_for(cell), list(rng.normal(size=(6, 5)))
    for trace, state in zip(trace_sequence(cell, weights, xs), by_torch(cell, weights, xs), strict=True):
        assert "".join(trace.quantities) == LETTERS[name]
        for own, expected in zip(trace.state, state, strict=True):
            np.testing.assert_allclose(own, expected, atol=1e-13)


@pytest.mark.parametrize("name", CELLS)
def test_a_whole_number_is_a_one_hot_input(name):
    cell = CELLS[name]
    weights, ids = weights_for(cell), [4, 0, 4]
    vectors = trace_sequence(cell, weights, list(np.eye(5)[ids]))
    for one, other in zip(trace_sequence(cell, weights, ids), vectors, strict=True):
        np.testing.assert_allclose(one.h_t, other.h_t, atol=1e-15)
        assert (one.x_id, other.x_id) == (ids.pop(0), None)
    with pytest.raises(IndexError):
        trace_step(cell, weights, 5)
    with pytest.raises(IndexError):
        trace_step(cell, weights, -1)


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("one_hot", [True, False])
def test_the_terms_of_every_component_are_products_that_add_up_to_it(name, one_hot):
    cell, rng = CELLS[name], np.random.default_rng(2)
    weights = weights_for(cell)
    state = [rng.normal(size=3) for _ in range(cell.state_size)]
    trace = trace_step(cell, weights, 2 if one_hot else rng.normal(size=5), state)
    for letter, quantity in trace.quantities.items():
        for i in range(3):
            terms = trace.terms(letter, i)
            for part, values in quantity.parts.items():
                assert sum(term.value for term in terms if term.part == part) == pytest.approx(values[i])
            assert sum(term.value for term in terms) == pytest.approx(quantity.sum[i])
            for term in terms:
                assert term.value == pytest.approx(np.prod([factor.value for factor in term.factors]))
                assert all(part in quantity.formula or "⊙" in part for part in quantity.parts)
        activation = {
            "σ": lambda a: 1 / (1 + np.exp(-a)),
            "tanh": np.tanh,
            "relu": lambda a: a * (a > 0),
            "": lambda a: a,
        }
        np.testing.assert_allclose(quantity.values, activation[quantity.activation](quantity.sum), atol=1e-14)
    inputs = [term for term in trace.terms(LETTERS[name][0], 1) if term.kind == "x"]
    assert len(inputs) == (1 if one_hot else 5)
    weight = inputs[0].factors[0]
    assert weight.value == weights["weight_ih"][weight.index]
    assert weight.name == f"W_i{LETTERS[name][0]}"
    with pytest.raises(KeyError):
        trace.terms("q", 0)
    with pytest.raises(IndexError):
        trace.terms("h", 3)


@pytest.mark.parametrize("name", CELLS)
def test_the_lines_of_pytorch_compute_the_same_numbers(name):
    """The lines that the page shows, run one after the other."""
    cell = CELLS[name]
    weights, rng = weights_for(cell), np.random.default_rng(3)
    state = [rng.normal(size=3) for _ in range(cell.state_size)]
    trace = trace_step(cell, weights, 1, state)
    holder = type("cell", (), {key: torch.tensor(value) for key, value in weights.items()})
    scope = {"torch": torch, "cell": holder, "x": torch.eye(5, dtype=torch.double)[1]}
    scope |= {letter: torch.tensor(part) for letter, part in zip("hc", state, strict=False)}
    for line in (*lines_of(cell).chunk_lines(), *(quantity.code for quantity in trace.quantities.values())):
        exec(line, scope)
    for letter, quantity in trace.quantities.items():
        np.testing.assert_allclose(scope[letter].numpy(), quantity.values, atol=1e-14)


def test_the_plain_cell_is_that_of_walk():
    weights = weights_for(CELLS["rnn"])
    for one, other in zip(
        trace_sequence(CELLS["rnn"], weights, [1, 0, 2]), walk(CellWeights(**weights), [1, 0, 2]), strict=True
    ):
        np.testing.assert_allclose(one.h_t, other.h_t, atol=1e-15)
        np.testing.assert_allclose(one.quantities["h"].sum, other.sum, atol=1e-15)


@pytest.mark.parametrize(("model", "encoding"), [("rnn", "one-hot"), ("gru", "one-hot"), ("lstm", "embedding")])
def test_a_cell_of_a_language_model_opens_to_the_numbers_that_the_probe_read(model, encoding):
    """To float32, from one-hot ids and from the vectors of an embedding."""
    config = LanguageModelConfig(model=model, encoding=encoding, hidden_size=6, embedding_size=4)
    network = LanguageModel(config, 7, generator=torch.Generator().manual_seed(0))
    ids = [3, 1, 6, 6, 0]
    reading = read_probe(network, ids)
    weights = {name.removesuffix("_l0"): value.numpy() for name, value in network.recurrent.state_dict().items()}
    inputs = ids if network.embedding is None else list(network.embedding.weight.detach().double().numpy()[ids])
    for t, trace in enumerate(trace_sequence(cell_equations(model), weights, inputs)):
        for letter, quantity in trace.quantities.items():
            np.testing.assert_allclose(reading.activations[f"l0.{letter}"][t], quantity.values, atol=1e-6)


def test_a_registered_cell_without_lines_has_its_states_alone():
    def step(from_x, state, weight_hh, bias_hh):
        return (torch.sin(from_x + weight_hh @ state[0] + bias_hh),)

    register_cell("wave", CellSpec(lambda: Equations(step, gates=1), ("h",), "#CC79A7"))
    try:
        cell = cell_equations("wave")
        weights = weights_for(cell)
        first, second = trace_sequence(cell, weights, [1, 2])
        total = weights["weight_ih"][:, 2] + weights["bias_ih"] + weights["weight_hh"] @ first.h_t + weights["bias_hh"]
        np.testing.assert_allclose(second.h_t, np.sin(total))
        assert (list(second.quantities), second.terms("h", 0), second.lines) == (["h"], (), None)
    finally:
        unregister_cell("wave")


def test_every_cell_of_the_equations_has_lines():
    assert set(LINES) == {cell.step for cell in CELLS.values()}
    for name, cell in CELLS.items():
        assert len(lines_of(cell).blocks) == cell.gates
        assert len(lines_of(cell).state) == cell.state_size
        assert all(line.upstream for line in lines_of(cell).lines), name
