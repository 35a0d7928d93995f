"""One step, number by number: golden values by hand, and agreement with both implementations."""

import numpy as np
import pytest
import torch
from torch import nn

from rnnlab.experiments.hello import make_module, preset, read_word, run
from rnnlab.inspection import CellWeights, step, walk
from rnnlab.recurrent import IMPLEMENTATIONS

# Two inputs, two hidden components, numbers that one can multiply in the head.
BY_HAND = CellWeights(
    weight_ih=np.array([[1.0, -2.0], [0.5, 4.0]]),
    weight_hh=np.array([[2.0, 0.0], [-1.0, 1.0]]),
    bias_ih=np.array([0.25, -0.5]),
    bias_hh=np.array([0.75, 0.5]),
)


def test_a_step_by_hand():
    trace = step(BY_HAND, np.array([0.0, 1.0]), np.array([0.5, -0.25]))
    assert trace.from_x.tolist() == [-2.0, 4.0]  # the second column of W_ih
    assert trace.from_h.tolist() == [1.0, -0.75]  # 2·0.5 + 0·(-0.25); -1·0.5 + 1·(-0.25)
    assert trace.sum.tolist() == [0.0, 3.25]  # -2 + 0.25 + 1 + 0.75; 4 - 0.5 - 0.75 + 0.5
    assert trace.h_t.tolist() == pytest.approx([0.0, 0.9970], abs=1e-4)  # tanh
    # e^0 : e^0.9970 = 1 : 2.7102, so the shares are 0.2695 and 0.7305
    assert trace.probabilities.tolist() == pytest.approx([0.2695, 0.7305], abs=1e-4)
    assert trace.predicted == 1


def test_the_terms_of_a_component_add_up_to_it():
    trace = step(BY_HAND, np.array([0.0, 1.0]), np.array([0.5, -0.25]))
    terms = trace.terms(1)
    assert terms["from_x"].tolist() == [0.0, 4.0]
    assert terms["from_h"].tolist() == [-0.5, -0.25]
    assert (terms["bias_ih"], terms["bias_hh"]) == (-0.5, 0.5)
    for component in range(2):
        assert sum(np.sum(term) for term in trace.terms(component).values()) == pytest.approx(trace.sum[component])


def test_walk_starts_from_zero_and_passes_the_state_on():
    first, second = walk(BY_HAND, [0, 1])
    assert first.h_prev.tolist() == [0.0, 0.0]
    assert first.x_t.tolist() == [1.0, 0.0]
    assert second.h_prev is first.h_t
    assert walk(BY_HAND, []) == ()


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
@pytest.mark.parametrize("module", ["RNNCell", "RNN"])
def test_traces_recompute_to_the_modules_own_h_t(module, implementation):
    """To 1e-6, with the initial weights and with trained ones, in torch's own float32."""
    config = preset(module).config(implementation=implementation)
    ids = config.ids(config.source)
    network = make_module(config)
    x = torch.eye(4)[list(ids)]
    trained = list(run(config))[-1].weights
    for weights in (CellWeights.of(network), trained):
        suffix = "_l0" if module == "RNN" else ""
        network.load_state_dict({f"{name}{suffix}": torch.tensor(value) for name, value in vars(weights).items()})
        states = read_word(network, x).detach().numpy()
        for trace, h_t in zip(walk(weights, ids), states, strict=True):
            np.testing.assert_allclose(trace.h_t, h_t, atol=1e-6, rtol=0)
            own = np.tanh(weights.weight_ih @ trace.x_t + weights.bias_ih + trace.from_h + weights.bias_hh)
            np.testing.assert_allclose(own, trace.h_t, atol=1e-12)
            np.testing.assert_allclose(
                trace.probabilities, torch.softmax(torch.tensor(h_t), 0).numpy(), atol=1e-6, rtol=0
            )
            assert trace.predicted == h_t.argmax()


@pytest.mark.parametrize("kind", [nn.RNNCell, nn.RNN])
def test_weights_are_copies_in_double_precision(kind):
    module = kind(3, 2)
    weights = CellWeights.of(module)
    shapes = [value.shape for value in vars(weights).values()]
    assert shapes == [(2, 3), (2, 2), (2,), (2,)]
    assert all(value.dtype == np.float64 for value in vars(weights).values())
    before = weights.weight_ih.copy()
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.zero_()
    np.testing.assert_array_equal(weights.weight_ih, before)
