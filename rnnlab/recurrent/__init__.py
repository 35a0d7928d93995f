"""Recurrent networks written from their equations, beside PyTorch's own.

Read `equations` first: one step of each network, ten lines apiece. `projection` has what can be worked out before the
first step, `cells` makes a module of a step, `unrolling` repeats it over time and `layers` stacks that, `bptt` writes
the gradients out, `registry` offers each model in both implementations under one contract.
`single` has the steps once more, for a single sequence in NumPy.

    layer = GRU(input_size=10, hidden_size=20, batch_first=True)   # the arguments of torch.nn.GRU, in its order
    output, state = layer(x)                                       # x (B, T, I); output (B, T, H), state (1, B, H)
    output, state = layer(more, detach_state(state))
    output, state = make_layer("gru", "scratch", 1027, 256)(ids, one_hot=True)   # batch first; ids (B, T)
"""

from rnnlab.recurrent.autograd_fallback import differentiable_again, is_autocast, is_transformed
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
from rnnlab.recurrent.errors import InvalidTensor, InvalidType
from rnnlab.recurrent.initialization import blank_embedding, dropout, init_uniform, materialize
from rnnlab.recurrent.input_projection import is_ids, project
from rnnlab.recurrent.layers import GRU, LSTM, RNN, Layer
from rnnlab.recurrent.numpy_cells import NumpyStep, numpy_step
from rnnlab.recurrent.registry import IMPLEMENTATIONS, MODELS, TorchStack, detach_state, make_layer, zero_state
from rnnlab.recurrent.state_dict_markers import with_markers, without_markers
from rnnlab.recurrent.unrolling import run_layer

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
    "InvalidTensor",
    "InvalidType",
    "LSTMCell",
    "Layer",
    "NumpyStep",
    "RNNCell",
    "State",
    "TorchStack",
    "blank_embedding",
    "detach_state",
    "differentiable_again",
    "dropout",
    "gru_reset_before_step",
    "gru_step",
    "init_uniform",
    "is_autocast",
    "is_ids",
    "is_transformed",
    "lstm_step",
    "make_layer",
    "materialize",
    "numpy_step",
    "project",
    "rnn_relu_step",
    "rnn_step",
    "run_layer",
    "with_markers",
    "without_markers",
    "zero_state",
]
