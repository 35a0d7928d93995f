"""Dropout between layers: the masks recomputed, and the module as its layers one by one."""

import numpy as np
import pytest
import torch
from torch import nn

from rnnlab.inspection import LayersConfig, inspect_dropout
from rnnlab.inspection.layers import build_layer, draw_input

TWIN = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("implementation", ["scratch", "torch"])
@pytest.mark.parametrize("model", sorted(TWIN))
def test_training_is_the_layers_one_by_one_with_the_masks(model, implementation, bidirectional):
    """Recomputed in float64 with single layers of torch.nn made here, from the masks that are shown."""
    config = LayersConfig(
        model=model, implementation=implementation, input_size=3, hidden_size=4, num_layers=3,
        bidirectional=bidirectional, dropout=0.4, num_steps=4,
    )  # fmt: skip
    seen = inspect_dropout(config, torch.float64)
    weights = build_layer(config, dtype=torch.float64).state_dict()
    x, state = draw_input(config, torch.float64)
    directions = config.num_directions
    for k in range(3):
        single = TWIN[model](x.shape[-1], 4, bidirectional=bidirectional, dtype=torch.float64)
        single.load_state_dict({name: weights[name.replace("_l0", f"_l{k}")] for name in single.state_dict()})
        own = [part[k * directions : (k + 1) * directions] for part in (state if model == "lstm" else (state,))]
        with torch.no_grad():
            x, _ = single(x, tuple(own) if model == "lstm" else own[0])
        if k < 2:
            np.testing.assert_allclose(seen.between[k], x.numpy(), atol=1e-12)
            assert set(np.unique(seen.masks[k])) == {0.0, 1 / 0.6}
            x = x * torch.from_numpy(seen.masks[k])
            np.testing.assert_allclose(seen.above[k], x.numpy(), atol=1e-12)
    np.testing.assert_allclose(seen.output, x.numpy(), atol=1e-12)
    assert seen.difference < 1e-12
    assert seen.zeroed == pytest.approx(np.mean([mask == 0 for mask in seen.masks]))
    assert np.abs(seen.output - seen.evaluated).max() > 1e-3


def test_both_implementations_draw_the_same_masks():
    scratch, torch_nn = (
        inspect_dropout(LayersConfig(implementation=name, dropout=0.5)) for name in ("scratch", "torch")
    )
    np.testing.assert_array_equal(scratch.masks, torch_nn.masks)


@pytest.mark.parametrize("changes", [{"dropout": 0.0}, {"dropout": 0.5, "num_layers": 1}])
def test_without_dropout_training_is_evaluation(changes):
    seen = inspect_dropout(LayersConfig(**changes))
    np.testing.assert_array_equal(seen.output, seen.evaluated)
    assert seen.zeroed == 0


def test_all_dropped_leaves_nothing():
    seen = inspect_dropout(LayersConfig(dropout=1.0))
    assert not seen.above[0].any()
    assert seen.zeroed == 1
