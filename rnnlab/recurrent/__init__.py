"""Recurrent networks written from their equations, beside PyTorch's own.

Read `equations` first: one step of each network, ten lines apiece. Then: `input_projection` (the input's share of a
step, computed before the first one), `cells` (a step as a module), `unrolling` (the loop over time), `layer` (stacked
and in both directions; RNN, GRU and LSTM are in `layers`), `bptt` (gradients written by hand), `registry` (the cells,
one `CellSpec` each), `make_layer` (a layer of any cell, ours or PyTorch's), and `numpy_cells` with `stepper` (a single
sequence, for generation).

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
from rnnlab.recurrent.initialization import blank_embedding, dropout, init_uniform, materialize, set_gate_bias
from rnnlab.recurrent.input_projection import is_ids, project
from rnnlab.recurrent.layer import BIASES, GRADIENTS, Layer
from rnnlab.recurrent.layers import GRU, LSTM, RNN
from rnnlab.recurrent.make_layer import RecurrentLayer, detach_state, make_layer, zero_state
from rnnlab.recurrent.registry import (
    IMPLEMENTATIONS,
    MODELS,
    CellNames,
    CellSpec,
    cell_equations,
    cell_spec,
    check_cell,
    register_cell,
    unregister_cell,
)
from rnnlab.recurrent.state_dict_markers import with_markers, without_markers
from rnnlab.recurrent.stepper import Stepper, make_stepper
from rnnlab.recurrent.torch_stack import TorchStack
from rnnlab.recurrent.unrolling import run_layer

__all__ = [
    "BIASES",
    "GRADIENTS",
    "GRU",
    "IMPLEMENTATIONS",
    "LSTM",
    "MODELS",
    "RNN",
    "Cell",
    "CellNames",
    "CellSpec",
    "Equations",
    "GRUCell",
    "Hidden",
    "InvalidTensor",
    "InvalidType",
    "LSTMCell",
    "Layer",
    "RNNCell",
    "RecurrentLayer",
    "State",
    "Stepper",
    "TorchStack",
    "blank_embedding",
    "cell_equations",
    "cell_spec",
    "check_cell",
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
    "make_stepper",
    "materialize",
    "project",
    "register_cell",
    "rnn_relu_step",
    "rnn_step",
    "run_layer",
    "set_gate_bias",
    "unregister_cell",
    "with_markers",
    "without_markers",
    "zero_state",
]
