"""A packed batch against every sequence alone, recomputed here with torch.nn in float64."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from rnnlab.inspection import PackedConfig, inspect_packed
from rnnlab.inspection.layers import build_layer, draw_input, parts
from rnnlab.validation import InvalidInput

TWIN = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}


@st.composite
def configs(draw):
    steps, rows = draw(st.integers(1, 6)), draw(st.integers(1, 4))
    lengths = draw(st.lists(st.integers(1, steps), min_size=rows, max_size=rows))
    return PackedConfig(
        model=draw(st.sampled_from(sorted(TWIN))), input_size=draw(st.integers(1, 4)),
        hidden_size=draw(st.integers(1, 4)), num_layers=draw(st.integers(1, 2)), bidirectional=draw(st.booleans()),
        batch_first=draw(st.booleans()), batch_size=rows, num_steps=steps, lengths=" ".join(map(str, lengths)),
    )  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(configs())
def test_each_sequence_ends_as_if_it_had_run_alone(config):
    seen = inspect_packed(config, torch.float64)
    module = TWIN[config.model](
        config.input_size, config.hidden_size, config.num_layers, bidirectional=config.bidirectional,
        dtype=torch.float64,
    )  # fmt: skip
    module.load_state_dict(build_layer(config, dtype=torch.float64).state_dict())
    x, state = draw_input(config, torch.float64)
    x = x.transpose(0, 1) if config.batch_first else x
    packed = pack_padded_sequence(x, seen.lengths, enforce_sorted=False)
    np.testing.assert_array_equal(seen.data, packed.data.numpy())
    assert seen.batch_sizes == tuple(packed.batch_sizes.tolist())
    assert sorted(seen.order) == list(range(config.batch_size))
    for (row, step), numbers in zip(seen.places, seen.data, strict=True):
        np.testing.assert_array_equal(numbers, x[step, row].numpy())
        np.testing.assert_array_equal(numbers, seen.padded[step, row])
    for row, length in enumerate(seen.lengths):
        own = tuple(part[:, row : row + 1].contiguous() for part in parts(state))
        output, end = module(x[:length, row : row + 1].contiguous(), own if len(own) == 2 else own[0])
        assert not seen.padded[length:, row].any()
        for run in seen.runs:
            np.testing.assert_allclose(run.output[:length, row], output[:, 0].detach().numpy(), atol=1e-12)
            np.testing.assert_allclose(run.alone[:length, row], output[:, 0].detach().numpy(), atol=1e-12)
            assert not run.output[length:, row].any()
            for name, part in zip(run.ends, parts(end), strict=True):
                np.testing.assert_allclose(run.ends[name][:, row], part[:, 0].detach().numpy(), atol=1e-12)
    assert max(run.difference for run in seen.runs) < 1e-12
    assert seen.difference < 1e-12


def test_without_packing_short_sequences_end_elsewhere():
    assert inspect_packed(PackedConfig(lengths="5 2 3")).unpacked_difference > 0.01
    assert inspect_packed(PackedConfig(lengths="5 5 5")).unpacked_difference < 1e-6


@pytest.mark.parametrize(
    ("lengths", "code"),
    [
        ("5 2", "lengths"),
        ("5 2 x", "lengths"),
        ("5 2 -1", "lengths"),
        ("5 2 0", "out_of_range"),
        ("9 1 1", "out_of_range"),
    ],
)
def test_lengths_that_do_not_fit_are_refused(lengths, code):
    with pytest.raises(InvalidInput) as refused:
        PackedConfig(lengths=lengths)
    assert (refused.value.code, refused.value.field) == (code, "lengths")


def test_lengths_may_be_written_with_commas():
    assert PackedConfig(lengths=" 5, 2，3 ").steps() == (5, 2, 3)
    assert PackedConfig(batch_size=64, num_steps=1).steps() == (1,) * 64
