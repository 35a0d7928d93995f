"""Recurrent networks written from their equations, beside PyTorch's own.

Read `equations` first: one step of each network, ten lines apiece. `projection` has what can be worked out before the
first step, `cells` makes a module of a step, `layers` repeats it over time, `bptt` writes the gradients out, `registry`
offers each model in both implementations under one contract.
`single` has the steps once more, for a single sequence in NumPy.

    layer = make_layer("gru", "scratch", input_size=1027, hidden_size=256)
    output, state = layer(ids)          # ids (B, T) stand for one-hot vectors; output (B, T, H), state (1, B, H)
    output, state = layer(more, detach_state(state))
"""

from rnnlab.recurrent.cells import Cell, GRUCell, LSTMCell, RNNCell, State
from rnnlab.recurrent.equations import (
    Equations,
    Hidden,
    gru_reset_before_step,
    gru_step,
    lstm_step,
    rnn_relu_step,
    rnn_step,
)
from rnnlab.recurrent.layers import GRU, LSTM, RNN, Layer, run_layer
from rnnlab.recurrent.parameters import blank_embedding, dropout, init_uniform, materialize
from rnnlab.recurrent.projection import is_ids, project
from rnnlab.recurrent.registry import IMPLEMENTATIONS, MODELS, TorchStack, detach_state, make_layer, zero_state
from rnnlab.recurrent.single import Stepper, single_step

__all__ = [
    "GRU",
    "IMPLEMENTATIONS",
    "LSTM",
    "MODELS",
    "RNN",
    "Cell",
    "Equations",
    "GRUCell",
    "Hidden",
    "LSTMCell",
    "Layer",
    "RNNCell",
    "State",
    "Stepper",
    "TorchStack",
    "blank_embedding",
    "detach_state",
    "dropout",
    "gru_reset_before_step",
    "gru_step",
    "init_uniform",
    "is_ids",
    "lstm_step",
    "make_layer",
    "materialize",
    "project",
    "rnn_relu_step",
    "rnn_step",
    "run_layer",
    "single_step",
    "zero_state",
]
