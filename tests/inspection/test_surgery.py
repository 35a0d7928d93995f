"""An operated network equals, in float64, a loop over the equations in which the operation is done by hand."""

import math

import numpy as np
import pytest
import torch

from rnnlab.generation import Generation, generate
from rnnlab.inspection.held_gates import held_gates, nats_along, perplexity_along
from rnnlab.inspection.surgery import MEAN, Operation, gate_means, gates_of_model, operate, operation_called
from rnnlab.models import LanguageModel, LanguageModelConfig
from rnnlab.text import Vocab
from rnnlab.validation import InvalidInput

VOCAB, HIDDEN = 11, 6
CELLS = [
    ("rnn", "torch", {}),
    ("rnn", "scratch", {"nonlinearity": "relu"}),
    ("gru", "torch", {"num_layers": 2}),
    ("gru", "scratch", {"reset_after": False, "num_layers": 2}),
    ("lstm", "torch", {"num_layers": 2}),
    ("lstm", "scratch", {"biases": "one", "encoding": "one-hot"}),
]
GATED = [cell for cell in CELLS if cell[0] != "rnn"]


def model_of(kind, implementation, settings):
    config = LanguageModelConfig(
        model=kind, implementation=implementation, hidden_size=HIDDEN, embedding_size=4, init_scale=1.0, **settings
    )
    return LanguageModel(config, VOCAB, generator=torch.Generator().manual_seed(1)).double().eval()


def ids_of(length=40):
    return torch.randint(VOCAB, (length,), generator=torch.Generator().manual_seed(2)).tolist()


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def step(model, weights, layer, x, state, held, off):
    """One step of one layer by its equations; `held` gates by letter, and `off` units that no sum reads."""
    w_ih, w_hh, b_ih, b_hh = (weights[f"{name}_l{layer}"] for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))
    seen = np.where(np.isin(np.arange(HIDDEN), off), 0, state[0])
    parts = {
        letter: slice(k * HIDDEN, (k + 1) * HIDDEN) for k, letter in enumerate("rzn" if len(w_hh) == 18 else "ifgo")
    }

    def gate(letter):
        rows = parts[letter]
        free = sigmoid(w_ih[rows] @ x + b_ih[rows] + w_hh[rows] @ seen + b_hh[rows])
        return np.broadcast_to(held[letter], HIDDEN) if letter in held else free

    if model.config.model == "rnn":
        a = w_ih @ x + b_ih + w_hh @ seen + b_hh
        return (np.maximum(a, 0) if model.config.nonlinearity == "relu" else np.tanh(a),), {}
    if model.config.model == "gru":
        r, z, rows = gate("r"), gate("z"), parts["n"]
        if model.config.reset_after:
            n = np.tanh(w_ih[rows] @ x + b_ih[rows] + r * (w_hh[rows] @ seen + b_hh[rows]))
        else:
            n = np.tanh(w_ih[rows] @ x + b_ih[rows] + w_hh[rows] @ (r * seen) + b_hh[rows])
        return ((1 - z) * n + z * state[0],), {"r": r, "z": z}
    i, f, o, rows = gate("i"), gate("f"), gate("o"), parts["g"]
    g = np.tanh(w_ih[rows] @ x + b_ih[rows] + w_hh[rows] @ seen + b_hh[rows])
    c = f * state[1] + i * g
    return (o * np.tanh(c), c), {"i": i, "f": f, "o": o}


def read_by_hand(model, ids, held=None, off=None):
    """Return the logits (N, V), and the gates of each layer along the text; `held` and `off` by layer."""
    weights = {name: tensor.numpy() for name, tensor in model.recurrent.state_dict().items()}
    layers = range(model.config.num_layers)
    states = [[np.zeros(HIDDEN)] * (2 if model.config.model == "lstm" else 1) for _ in layers]
    logits, gates = [], [[] for _ in layers]
    for number in ids:
        x = np.eye(VOCAB)[number] if model.embedding is None else model.embedding.weight.detach().numpy()[number]
        for layer in layers:
            unread = (off or {}).get(layer, [])
            states[layer], found = step(model, weights, layer, x, states[layer], (held or {}).get(layer, {}), unread)
            gates[layer].append(found)
            x = np.where(np.isin(np.arange(HIDDEN), unread), 0, states[layer][0])
        logits.append(model.output.weight.detach().numpy() @ x + model.output.bias.detach().numpy())
    return np.array(logits), gates


def nats_by_hand(logits, ids):
    shifted = logits - logits.max(1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
    return -log_p[np.arange(len(ids) - 1), ids[1:]]


def logits_of(model, ids):
    with torch.no_grad():
        return model(torch.tensor([ids]))[0][0].numpy()


def differs(model, operated, ids):
    return np.abs(logits_of(model, ids) - logits_of(operated, ids)).max() > 1e-3


@pytest.mark.parametrize(("kind", "implementation", "settings"), GATED)
@pytest.mark.parametrize("value", [0.0, 0.5, 1.0, 0.3])
def test_holding_a_gate_equals_the_equations_with_that_gate_constant(kind, implementation, settings, value):
    model, ids = model_of(kind, implementation, settings), ids_of()
    top = model.config.num_layers - 1
    for letter in gates_of_model(model.config):
        operated = operate(model, [Operation("gate", top, letter, value=value)])
        by_hand, _ = read_by_hand(model, ids, held={top: {letter: value}})
        assert np.allclose(logits_of(operated, ids), by_hand, rtol=0, atol=1e-11)
        assert np.allclose(nats_along(operated, ids), nats_by_hand(by_hand, ids), rtol=0, atol=1e-11)
        assert differs(model, operated, ids)


@pytest.mark.parametrize(("kind", "implementation", "settings"), GATED)
def test_the_mean_is_that_of_each_unit_over_the_undamaged_text(kind, implementation, settings):
    model, ids = model_of(kind, implementation, settings), ids_of()
    _, gates = read_by_hand(model, ids)
    means = gate_means(model, ids)
    for letter in gates_of_model(model.config):
        by_hand = np.mean([found[letter] for found in gates[0]], axis=0)
        assert np.allclose(means[f"l0.{letter}"], by_hand, atol=1e-6)
        operated = operate(model, [Operation("gate", 0, letter, value=MEAN)], {f"l0.{letter}": by_hand})
        held, _ = read_by_hand(model, ids, held={0: {letter: by_hand}})
        assert np.allclose(logits_of(operated, ids), held, rtol=0, atol=1e-11)


@pytest.mark.parametrize(("kind", "implementation", "settings"), CELLS)
def test_a_unit_that_is_off_is_read_by_no_sum(kind, implementation, settings):
    model, ids = model_of(kind, implementation, settings), ids_of()
    for layer in range(model.config.num_layers):
        operated = operate(model, [Operation("unit", layer, unit=2), Operation("unit", layer, unit=5)])
        by_hand, _ = read_by_hand(model, ids, off={layer: [2, 5]})
        assert np.allclose(logits_of(operated, ids), by_hand, rtol=0, atol=1e-11)
        assert differs(model, operated, ids)


@pytest.mark.parametrize(("kind", "implementation", "settings"), CELLS)
@pytest.mark.parametrize("matrix", ["weight_ih", "weight_hh", "output"])
def test_a_zeroed_matrix_is_zero_and_its_biases_stay(kind, implementation, settings, matrix):
    model, ids = model_of(kind, implementation, settings), ids_of()
    operated = operate(model, [Operation("matrix", 0, matrix=matrix)])
    name = "output.weight" if matrix == "output" else f"recurrent.{matrix}_l0"
    changed = {key for key, tensor in operated.state_dict().items() if not tensor.equal(model.state_dict()[key])}
    assert changed == {name}
    assert not operated.state_dict()[name].any()
    assert differs(model, operated, ids)
    if matrix == "output":  # the distribution no longer depends on the text
        log_p = torch.log_softmax(model.output.bias.detach(), 0)
        assert np.allclose(nats_along(operated, ids), [-float(log_p[number]) for number in ids[1:]])


def test_operations_combine_and_leave_the_network_as_it_was():
    model, ids = model_of("lstm", "torch", {"num_layers": 2}), ids_of()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    done = [Operation("gate", 0, "f", value=0.5), Operation("gate", 1, "output", value=1), Operation("unit", 1, unit=3)]
    by_hand, _ = read_by_hand(model, ids, held={0: {"f": 0.5}, 1: {"o": 1.0}}, off={1: [3]})
    assert np.allclose(logits_of(operate(model, done), ids), by_hand, rtol=0, atol=1e-11)
    assert np.allclose(logits_of(operate(model, done[::-1]), ids), by_hand, rtol=0, atol=1e-11)
    assert all(tensor.equal(before[name]) for name, tensor in model.state_dict().items())
    assert not differs(model, operate(model, []), ids)


def test_a_tied_model_keeps_its_embedding_when_a_unit_is_switched_off():
    config = LanguageModelConfig(
        model="gru", hidden_size=HIDDEN, embedding_size=HIDDEN, tie_weights=True, init_scale=1.0
    )
    model = LanguageModel(config, VOCAB, generator=torch.Generator().manual_seed(1)).double().eval()
    operated = operate(model, [Operation("unit", unit=1)])
    assert operated.embedding.weight.equal(model.embedding.weight)
    assert not operated.output.weight[:, 1].any()
    by_hand, _ = read_by_hand(model, ids_of(), off={0: [1]})
    assert np.allclose(logits_of(operated, ids_of()), by_hand, rtol=0, atol=1e-11)


@pytest.mark.parametrize("word", ["l1.f=0.5", "l0.o=mean", "l2.unit=3", "l1.weight_hh", "output"])
def test_an_operation_is_read_from_the_word_that_it_writes(word):
    assert operation_called(word).word == word


def test_a_word_may_leave_out_layer_and_value():
    assert operation_called("forget", layer=1, hold="1") == Operation("gate", 1, "f", value=1.0)
    assert operation_called("weight_ih", layer=1) == Operation("matrix", 1, matrix="weight_ih")
    for word in ("unit", "unit=x", "l.f=1", "a b", "", 3, "l0.f="):
        with pytest.raises(InvalidInput, match="operations"):
            operation_called(word)


def test_generation_writes_with_the_operation():
    model = model_of("gru", "torch", {}).float()
    operated = operate(model, [Operation("gate", gate="update", value=1.0)])  # h stays zero for ever
    vocab = Vocab("abcdefghijk", unknown=False)
    how = Generation(prefix="a", length=30, temperature=0)
    written = [token.token for token in generate(operated, vocab, how, alternatives=0)]
    assert set(written) == {vocab.tokens[int(model.output.bias.argmax())]}
    assert written != [token.token for token in generate(model, vocab, how, alternatives=0)]


def test_the_table_has_each_gate_of_each_layer_with_the_perplexities_of_its_operations():
    model, ids = model_of("lstm", "torch", {"num_layers": 2}), ids_of()
    rows = held_gates(model, ids)
    assert [(row.layer, row.gate) for row in rows] == [(layer, gate) for layer in (0, 1) for gate in "ifo"]
    logits, gates = read_by_hand(model, ids)
    row = rows[4]
    assert math.isclose(row.perplexity["free"], math.exp(nats_by_hand(logits, ids).mean()), rel_tol=1e-9)
    assert math.isclose(row.mean, np.mean([found["f"] for found in gates[1]]), rel_tol=1e-5)
    operated = operate(model, [Operation("gate", 1, "f", value=0.5)])
    assert row.perplexity["0.5"] == perplexity_along(operated, ids) != row.perplexity["1"]
    assert list(row.perplexity) == ["free", "0", "0.5", "1", "mean"]


def test_a_network_that_leaves_the_range_of_numbers_has_an_infinite_perplexity():
    model = model_of("rnn", "scratch", {"nonlinearity": "relu"})
    with torch.no_grad():
        model.recurrent.weight_hh_l0.fill_(1e30)
        model.recurrent.bias_ih_l0.fill_(1.0)
    assert perplexity_along(model, ids_of()) == math.inf


@pytest.mark.parametrize(
    ("kind", "settings", "words", "code", "field"),
    [
        ("rnn", {}, {"kind": "gate", "gate": "forget"}, "no_gates", "gate"),
        ("gru", {}, {"kind": "gate", "gate": "f"}, "no_such_gate", "gate"),
        ("lstm", {}, {"kind": "gate", "gate": "memory"}, "not_a_choice", "gate"),
        ("lstm", {}, {"kind": "gate", "gate": "f", "value": 1.5}, "held_value", "value"),
        ("lstm", {}, {"kind": "gate", "gate": "f", "value": math.nan}, "held_value", "value"),
        ("lstm", {}, {"kind": "gate", "gate": "f", "value": "half"}, "held_value", "value"),
        ("lstm", {}, {"kind": "unit", "unit": 6}, "out_of_range", "unit"),
        ("lstm", {}, {"kind": "unit", "unit": -1}, "out_of_range", "unit"),
        ("lstm", {}, {"kind": "unit", "layer": 1, "unit": 0}, "out_of_range", "layer"),
        ("lstm", {}, {"kind": "matrix", "matrix": "bias_hh"}, "not_a_choice", "matrix"),
        ("lstm", {}, {"kind": "melt"}, "not_a_choice", "kind"),
        ("lstm", {"bidirectional": True}, {"kind": "unit", "unit": 0}, "no_states", "model"),
    ],
)
def test_an_operation_that_does_not_exist_is_refused_by_its_field(kind, settings, words, code, field):
    with pytest.raises(InvalidInput) as refused:
        operate(model_of(kind, "torch", settings), [Operation(**words)])
    assert (refused.value.code, refused.value.field) == (code, field)
