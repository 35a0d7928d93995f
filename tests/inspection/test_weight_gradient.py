"""The gradient of a weight as a sum over the steps: against autograd, finite differences, and by hand."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812

from rnnlab.inspection import backward, trace_word
from rnnlab.inspection.weight_gradient import WEIGHTS
from rnnlab.recurrent import cell_equations

CELLS = {
    "rnn": cell_equations("rnn"),
    "relu": cell_equations("rnn", nonlinearity="relu"),
    "gru": cell_equations("gru"),
    "gru before": cell_equations("gru", reset_after=False),
    "lstm": cell_equations("lstm"),
}
IDS, TARGETS = [1, 0, 2, 2, 3], [3, 1, 2, 3, 2]


def weights_for(cell, linear, vocab=4, seed=0):
    rng, hidden = np.random.default_rng(seed), 3 if linear else vocab
    rows = cell.gates * hidden
    shapes = {"weight_ih": (rows, vocab), "weight_hh": (rows, hidden), "bias_ih": (rows,), "bias_hh": (rows,)}
    shapes |= {"weight_out": (vocab if linear else 0, hidden), "bias_out": (vocab if linear else 0,)}
    return {name: rng.normal(size=shape) for name, shape in shapes.items()}


def losses_by_torch(cell, tensors):
    """Return the loss of each step, by `recurrent.equations` in float64."""
    hidden = tensors["weight_hh"].shape[1]
    state, losses = (torch.zeros(hidden, dtype=torch.double),) * cell.state_size, []
    for number, target in zip(IDS, TARGETS, strict=True):
        from_x = tensors["weight_ih"][:, number] + tensors["bias_ih"]
        state = cell.step(from_x, state, *cell.prepare(tensors["weight_hh"], tensors["bias_hh"]))
        h = state[0]
        logits = tensors["weight_out"] @ h + tensors["bias_out"] if len(tensors["weight_out"]) else h
        losses.append(F.cross_entropy(logits[None], torch.tensor([target])))
    return losses


def loss_of(cell, weights, scale):
    trace = trace_word(cell, weights, IDS)
    return -scale * sum(np.log(p[y]) for p, y in zip(trace.probabilities, TARGETS, strict=True))


@pytest.mark.parametrize("linear", [False, True])
@pytest.mark.parametrize("name", CELLS)
def test_gradients_are_those_of_autograd(name, linear):
    cell = CELLS[name]
    weights = weights_for(cell, linear)
    tensors = {key: torch.tensor(value, requires_grad=True) for key, value in weights.items()}
    (sum(losses_by_torch(cell, tensors)) / 5).backward()
    found = backward(trace_word(cell, weights, IDS), TARGETS, scale=1 / 5)
    for key in WEIGHTS:
        expected = np.zeros_like(weights[key]) if tensors[key].grad is None else tensors[key].grad.numpy()
        np.testing.assert_allclose(found.gradient(key), expected, atol=1e-13)
        for index in np.ndindex(weights[key].shape):
            terms = found.terms(key, index)
            assert [term.step for term in terms] == [1, 2, 3, 4, 5]
            assert sum(term.value for term in terms) == pytest.approx(expected[index], abs=1e-13)


@pytest.mark.parametrize("name", [name for name in CELLS if name != "relu"])  # which has a corner at 0
def test_gradients_are_those_of_finite_differences(name):
    cell, step = CELLS[name], 1e-6
    weights = weights_for(cell, linear=True)
    found = backward(trace_word(cell, weights, IDS), TARGETS)
    for key in WEIGHTS:
        for index in [(0,) * weights[key].ndim, tuple(size - 1 for size in weights[key].shape)]:
            sides = []
            for sign in (1, -1):
                moved = weights | {key: weights[key].copy()}
                moved[key][index] += sign * step
                sides.append(loss_of(cell, moved, 1))
            assert found.gradient(key)[index] == pytest.approx((sides[0] - sides[1]) / (2 * step), abs=1e-7)


@pytest.mark.parametrize("name", CELLS)
def test_own_and_later_are_the_shares_of_the_losses(name):
    """At step 2 "own" is what autograd gives of the second loss alone, and "later" of the third to fifth."""
    cell = CELLS[name]
    weights = weights_for(cell, linear=True)
    found = backward(trace_word(cell, weights, IDS), TARGETS).steps[1].quantities["h"]
    tensors = {key: torch.tensor(value) for key, value in weights.items()}
    step, states = cell.step, []

    def kept(*arguments):
        state = step(*arguments)
        state = (state[0].requires_grad_(), *state[1:])
        states.append(state[0])
        return state

    losses = losses_by_torch(type(cell)(kept, cell.gates, cell.prepare, cell.state_size), tensors)
    own, later = (torch.autograd.grad(loss, states[1], retain_graph=True)[0] for loss in (losses[1], sum(losses[2:])))
    np.testing.assert_allclose(found.own, own.numpy(), atol=1e-13)
    np.testing.assert_allclose(found.later, later.numpy(), atol=1e-13)


def test_a_plain_cell_of_one_unit_by_hand():
    """Two classes, two steps, W_hh = 2, h_1 = 0.5: the term of step 2 is δ_2 · h_1, that of step 1 is 0 for h_0 = 0."""
    weights = {
        "weight_ih": np.array([[np.arctanh(0.5), -1.0]]), "weight_hh": np.array([[2.0]]), "bias_ih": np.zeros(1),
        "bias_hh": np.zeros(1), "weight_out": np.array([[1.0], [0.0]]), "bias_out": np.zeros(2),
    }  # fmt: skip
    found = backward(trace_word(CELLS["rnn"], weights, [0, 1]), [0, 1])
    first, second = found.terms("weight_hh", (0, 0))
    # h_2 = tanh(-1 + 2 · 0.5) = 0, so both logits are 0, p = (½, ½), p - y = (½, -½), and ∂ℓ_2/∂h_2 = 1 · ½
    assert (second.own, second.later, second.slope, second.by) == pytest.approx((0.5, 0, 1, 0.5))
    assert second.value == pytest.approx(0.25)
    # back to h_1: W_hh δ_2 = 2 · ½ = 1; its own loss has p = (e^0.5, 1) / (e^0.5 + 1), y = (1, 0): -0.37754
    assert (first.own, first.later, first.slope, first.by) == pytest.approx((-0.377541, 1, 0.75, 0), abs=1e-6)
    (bias,) = {round(term.value, 6) for term in found.terms("bias_hh", (0,)) if term.step == 1}
    assert bias == pytest.approx((-0.377541 + 1) * 0.75, abs=1e-6)


def test_the_reset_gate_scales_the_term_of_a_gru():
    weights = weights_for(CELLS["gru"], linear=True)
    trace = trace_word(CELLS["gru"], weights, IDS)
    term = backward(trace, TARGETS).terms("weight_hh", (2 * 3 + 1, 2))[3]
    assert term.times == trace.steps[3].quantities["r"].values[1]
    assert term.by == trace.steps[2].h_t[2]
    assert term.value == pytest.approx((term.own + term.later) * term.slope * term.times * term.by)
    before = trace_word(CELLS["gru before"], weights, IDS)
    other = backward(before, TARGETS).terms("weight_hh", (2 * 3 + 1, 2))[3]
    assert (other.times, other.by) == (1, pytest.approx(before.steps[3].vectors["r_t ⊙ h_{t-1}"][2]))


def test_unknown_weights_and_places_are_errors():
    found = backward(trace_word(CELLS["rnn"], weights_for(CELLS["rnn"], linear=False), IDS), TARGETS)
    with pytest.raises(KeyError):
        found.terms("weight_xy", (0, 0))
    for name, index in (("weight_hh", (4, 0)), ("weight_hh", (0,)), ("bias_ih", (-1,)), ("weight_out", (0, 0))):
        with pytest.raises(IndexError):
            found.terms(name, index)
