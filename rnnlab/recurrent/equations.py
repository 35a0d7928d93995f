"""One step of each recurrent network, as the textbooks write it. Start reading here.

Shapes: B batch, I input, H hidden, G = gates · H (an RNN has one gate's worth of rows, a GRU three, an LSTM four).

A step takes the input's share of the sums, ``from_x`` = x_t W_ihᵀ + b_ih (B, G), which `input_projection.project`
computes for all time steps at once, and the state before the step, a tuple: (h_prev,) or, for the LSTM,
(h_prev, c_prev), each (B, H). It adds the state's share, ``from_h`` = h_prev W_hhᵀ + b_hh, and returns the state after
the step, the same tuple. Every step also takes vectors, without B. Cells take one step; layers take T of them.

These steps are the reference. With `gradient="autograd"` training runs them as they stand; by default it runs their
gradients written by hand in `bptt`, and generation runs them in NumPy, in `numpy_cells`: the same numbers, as
`tests/recurrent/test_bptt.py` and `tests/recurrent/test_numpy_cells.py` check.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812 - PyTorch's own abbreviation
from torch import Tensor

from rnnlab.validation import Choice, Switch

Hidden = tuple[Tensor, ...]  # the state: (h,) or (h, c)
Weights = tuple[Tensor | None, ...]  # the arguments of a step after the state; None where there is no bias


def rnn_step(
    from_x: Tensor,
    state: Hidden,
    weight_hh: Tensor,
    bias_hh: Tensor | None,
    activation: Callable[[Tensor], Tensor] = torch.tanh,
) -> Hidden:
    """Step the plain network: the activation of a weighted sum of the input and the state.

        h_t = tanh(x_t W_ihᵀ + b_ih + h_prev W_hhᵀ + b_hh)

    Training: `bptt.rnn`. Generation: `numpy_cells.rnn_step`.
    Elman 1990, "Finding structure in time"; Dive into Deep Learning (9.4.5).
    """
    (h_prev,) = state
    from_h = F.linear(h_prev, weight_hh, bias_hh)
    h_t = activation(from_x + from_h)
    return (h_t,)


def rnn_relu_step(from_x: Tensor, state: Hidden, weight_hh: Tensor, bias_hh: Tensor | None) -> Hidden:
    """Step the plain network with max(0, ·) for tanh: h_t = relu(x_t W_ihᵀ + b_ih + h_prev W_hhᵀ + b_hh)."""
    return rnn_step(from_x, state, weight_hh, bias_hh, activation=torch.relu)


def gru_step(from_x: Tensor, state: Hidden, weight_hh: Tensor, bias_hh: Tensor | None) -> Hidden:
    """Step the GRU of `torch.nn` and cuDNN: the reset gate r acts *after* the product with W_hn.

        r = σ(x_t W_irᵀ + b_ir + h_prev W_hrᵀ + b_hr)            reset: how much of h_prev the candidate sees
        z = σ(x_t W_izᵀ + b_iz + h_prev W_hzᵀ + b_hz)            update: how much of h_prev to keep
        n = tanh(x_t W_inᵀ + b_in + r ⊙ (h_prev W_hnᵀ + b_hn))   the candidate
        h_t = (1 - z) ⊙ n + z ⊙ h_prev

    Rows of the weights: r, z, n. Cho et al. 2014, arXiv:1406.1078v1; the formula in the documentation of torch.nn.GRU.
    Training: `bptt.gru`. Generation: `numpy_cells.gru_step`.
    """
    (h_prev,) = state
    x_r, x_z, x_n = from_x.chunk(3, dim=-1)
    h_r, h_z, h_n = F.linear(h_prev, weight_hh, bias_hh).chunk(3, dim=-1)
    r = torch.sigmoid(x_r + h_r)
    z = torch.sigmoid(x_z + h_z)
    n = torch.tanh(x_n + r * h_n)
    h_t = (1 - z) * n + z * h_prev
    return (h_t,)


def gru_reset_before_step(
    from_x: Tensor,
    state: Hidden,
    weight_rz: Tensor,
    weight_n: Tensor,
    bias_rz: Tensor | None,
    bias_n: Tensor | None,
) -> Hidden:
    """Step the GRU of the books and tutorials: the reset gate r acts *before* the product with W_hn.

        n = tanh(x_t W_inᵀ + b_in + (r ⊙ h_prev) W_hnᵀ + b_hn)

    and all else as in `gru_step`. It takes two products, one after the other, hence `split_rz_n`.
    Cho et al. 2014, arXiv:1406.1078v3 (5)-(8); Dive into Deep Learning (10.2.1)-(10.2.3).
    Training: `bptt.gru`. Generation: `numpy_cells.gru_reset_before_step`.
    """
    (h_prev,) = state
    x_r, x_z, x_n = from_x.chunk(3, dim=-1)
    h_r, h_z = F.linear(h_prev, weight_rz, bias_rz).chunk(2, dim=-1)
    r = torch.sigmoid(x_r + h_r)
    z = torch.sigmoid(x_z + h_z)
    n = torch.tanh(x_n + F.linear(r * h_prev, weight_n, bias_n))
    h_t = (1 - z) * n + z * h_prev
    return (h_t,)


def lstm_step(from_x: Tensor, state: Hidden, weight_hh: Tensor, bias_hh: Tensor | None) -> Hidden:
    """Step the LSTM: its cell c is only scaled and added to, so gradients reach further back.

        i = σ(x_t W_iiᵀ + b_ii + h_prev W_hiᵀ + b_hi)       input: how much of g to write
        f = σ(x_t W_ifᵀ + b_if + h_prev W_hfᵀ + b_hf)       forget: how much of the cell to keep
        g = tanh(x_t W_igᵀ + b_ig + h_prev W_hgᵀ + b_hg)    the candidate
        o = σ(x_t W_ioᵀ + b_io + h_prev W_hoᵀ + b_ho)       output: how much of the cell to show
        c_t = f ⊙ c_prev + i ⊙ g
        h_t = o ⊙ tanh(c_t)

    Rows of the weights: i, f, g, o. Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000;
    Dive into Deep Learning (10.1.1)-(10.1.4). Training: `bptt.lstm`. Generation: `numpy_cells.lstm_step`.
    """
    h_prev, c_prev = state
    i, f, g, o = (from_x + F.linear(h_prev, weight_hh, bias_hh)).chunk(4, dim=-1)
    i, f, g, o = torch.sigmoid(i), torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o)
    c_t = f * c_prev + i * g
    h_t = o * torch.tanh(c_t)
    return h_t, c_t


def whole(weight_hh: Tensor, bias_hh: Tensor | None) -> Weights:
    """Return W_hh and b_hh as they are: one product serves every gate."""
    return weight_hh, bias_hh


def split_rz_n(weight_hh: Tensor, bias_hh: Tensor | None) -> Weights:
    """Split W_hh (3H, H) into W_hr with W_hz (2H, H) and W_hn (H, H), the bias likewise."""
    hidden_size = weight_hh.shape[1]
    sizes = (2 * hidden_size, hidden_size)
    return (*weight_hh.split(sizes), *((None, None) if bias_hh is None else bias_hh.split(sizes)))


@dataclass(frozen=True)
class Equations:
    """One recurrent network's step with what cells and layers must know of it."""

    step: Callable[..., Hidden]  # one of the functions above: step(from_x, state, *prepare(weight_hh, bias_hh))
    gates: int  # each weight has gates · H rows
    prepare: Callable[[Tensor, Tensor | None], Weights] = whole  # called once, before the loop over time
    state_size: int = 1  # tensors in the state: h, or h and c
    one_bias: bool = False  # b_hh is added wherever b_ih is: the two can be added beforehand

    def unroll(
        self, projected: Tensor, state: Hidden, weight_hh: Tensor, bias_hh: Tensor | None
    ) -> tuple[Tensor, Hidden]:
        """Step through `projected` (T, ..., G); return h at every step (T, ..., H) and the last state."""
        weights = self.prepare(weight_hh, bias_hh)
        outputs = []
        for from_x in projected.unbind(0):
            state = self.step(from_x, state, *weights)
            outputs.append(state[0])
        return torch.stack(outputs), state


def rnn_equations(nonlinearity: str = "tanh") -> Equations:
    """Return the plain network's equations, with tanh or relu."""
    Choice(("tanh", "relu")).check("nonlinearity", nonlinearity)
    return Equations(rnn_step if nonlinearity == "tanh" else rnn_relu_step, gates=1, one_bias=True)


def gru_equations(reset_after: bool = True) -> Equations:
    """Return the GRU's equations, in the form that resets after the product or before it."""
    if Switch().check("reset_after", reset_after):
        return Equations(gru_step, gates=3)
    return Equations(gru_reset_before_step, gates=3, prepare=split_rz_n, one_bias=True)


def lstm_equations() -> Equations:
    """Return the LSTM's equations."""
    return Equations(lstm_step, gates=4, state_size=2, one_bias=True)
