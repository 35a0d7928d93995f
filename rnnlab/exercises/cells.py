"""Exercises on one step of a recurrent cell. Rows of the weights: r, z, n of a GRU, and i, f, g, o of an LSTM."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
import torch.nn.functional as F  # noqa: N812 - PyTorch's own abbreviation
from torch import Tensor

from rnnlab.exercises.exercise import Arguments, Draw, Exercise
from rnnlab.recurrent import equations

WEIGHTS = {"weight_ih": "({rows}, I)", "weight_hh": "({rows}, H)", "bias_ih": "({rows},)", "bias_hh": "({rows},)"}
Biases = tuple[Tensor, Tensor]


def _shapes(rows: str, *states: str) -> dict[str, str]:
    """Return the shapes of the arguments of a step whose weights have `rows` rows."""
    named = {name: shape.format(rows=rows) for name, shape in WEIGHTS.items()}
    return {"x_t": "(B, I)", **dict.fromkeys(states, "(B, H)"), **named}


def _steps(gates: int, states: int) -> Callable[[], list[Arguments]]:
    """Return what makes the arguments of a step: one row and two units first, then several rows."""

    def cases() -> list[Arguments]:
        draw = Draw(10 + gates)
        made = []
        for batch, inputs, hidden in ((1, 2, 2), (3, 4, 5)):
            rows = gates * hidden
            before = [draw.normal(batch, hidden) for _ in range(states)]
            weights = [draw.normal(rows, size, scale=0.7) for size in (inputs, hidden)]
            made.append((draw.normal(batch, inputs), *before, *weights, draw.normal(rows), draw.normal(rows)))
        return made

    return cases


def rnn_step(
    x_t: Tensor, h_prev: Tensor, weight_ih: Tensor, weight_hh: Tensor, bias_ih: Tensor, bias_hh: Tensor
) -> Tensor:
    """Step the plain network by the library's own equations."""
    return equations.rnn_step(F.linear(x_t, weight_ih, bias_ih), (h_prev,), weight_hh, bias_hh)[0]


def gru_step(
    x_t: Tensor, h_prev: Tensor, weight_ih: Tensor, weight_hh: Tensor, bias_ih: Tensor, bias_hh: Tensor
) -> Tensor:
    """Step the GRU by the library's own equations."""
    return equations.gru_step(F.linear(x_t, weight_ih, bias_ih), (h_prev,), weight_hh, bias_hh)[0]


def lstm_step(
    x_t: Tensor, h_prev: Tensor, c_prev: Tensor, weight_ih: Tensor, weight_hh: Tensor, bias_ih: Tensor, bias_hh: Tensor
) -> tuple[Tensor, ...]:
    """Step the LSTM by the library's own equations."""
    return equations.lstm_step(F.linear(x_t, weight_ih, bias_ih), (h_prev, c_prev), weight_hh, bias_hh)


# --- typical mistakes, each the step with one thing wrong ---


def _rnn(
    squash: Callable[[Tensor], Tensor] = torch.tanh,
    *,
    transposed: bool = False,
    biases: bool = True,
    state: bool = True,
) -> Callable[..., Tensor]:
    def step(x_t: Tensor, h_prev: Tensor, weight_ih: Tensor, weight_hh: Tensor, *given: Tensor) -> Tensor:
        sums = x_t @ weight_ih.T + state * (h_prev @ (weight_hh if transposed else weight_hh.T))
        return squash(sums + given[0] + given[1] if biases else sums)

    return step


def _gru(
    *, order: str = "rzn", keeps: str = "h", before: bool = False, tanh: bool = True, reset: bool = True
) -> Callable[..., Tensor]:
    """Return the GRU's step with one thing changed.

    order: of the rows. keeps: what z weighs, the state "h" or the candidate "n". before: whether r acts before the
    product. tanh: of the candidate. reset: whether r acts at all.
    """

    def step(x_t: Tensor, h_prev: Tensor, weight_ih: Tensor, weight_hh: Tensor, *biases: Tensor) -> Tensor:
        from_x = dict(zip(order, F.linear(x_t, weight_ih, biases[0]).chunk(3, -1), strict=True))
        from_h = dict(zip(order, F.linear(h_prev, weight_hh, biases[1]).chunk(3, -1), strict=True))
        r, z = (torch.sigmoid(from_x[gate] + from_h[gate]) for gate in "rz")
        r = r if reset else torch.ones_like(r)
        w_n, b_n = weight_hh.chunk(3)[order.index("n")], biases[1].chunk(3)[order.index("n")]
        a = from_x["n"] + (F.linear(r * h_prev, w_n, b_n) if before else r * from_h["n"])
        n = torch.tanh(a) if tanh else a
        return (1 - z) * n + z * h_prev if keeps == "h" else z * n + (1 - z) * h_prev

    return step


def _lstm(changed: Mapping[str, bool] | None = None, order: str = "ifgo") -> Callable[..., tuple[Tensor, Tensor]]:
    """Return the LSTM's step with one thing changed.

    changed: {"cell_tanh": False} leaves out the tanh of c_t, {"candidate_tanh": False} that of g, {"forget": False}
    the forget gate, {"output": False} the output gate. order: of the rows.
    """
    has = dict.fromkeys(("cell_tanh", "candidate_tanh", "forget", "output"), True) | dict(changed or {})

    def step(
        x_t: Tensor, h_prev: Tensor, c_prev: Tensor, weight_ih: Tensor, weight_hh: Tensor, *biases: Tensor
    ) -> tuple[Tensor, Tensor]:
        sums = F.linear(x_t, weight_ih, biases[0]) + F.linear(h_prev, weight_hh, biases[1])
        a = dict(zip(order, sums.chunk(4, -1), strict=True))
        i, f, o = (torch.sigmoid(a[gate]) for gate in "ifo")
        g = torch.tanh(a["g"]) if has["candidate_tanh"] else a["g"]
        c_t = (f if has["forget"] else 1) * c_prev + i * g
        shown = torch.tanh(c_t) if has["cell_tanh"] else c_t
        return (o if has["output"] else 1) * shown, c_t

    return step


RNN_STEP = Exercise(
    "rnn_step",
    _shapes("H", "h_prev"),
    {"h_t": "BH"},
    rnn_step,
    _steps(gates=1, states=1),
    {
        "no_tanh": _rnn(lambda sums: sums),
        "sigmoid_for_tanh": _rnn(torch.sigmoid),
        "weight_transposed": _rnn(transposed=True),
        "no_bias": _rnn(biases=False),
        "no_state": _rnn(state=False),
    },
)
GRU_STEP = Exercise(
    "gru_step",
    _shapes("3H", "h_prev"),
    {"h_t": "BH"},
    gru_step,
    _steps(gates=3, states=1),
    {
        "r_and_z_swapped": _gru(order="zrn"),
        "update_other_way": _gru(keeps="n"),
        "reset_before": _gru(before=True),
        "no_reset": _gru(reset=False),
        "candidate_no_tanh": _gru(tanh=False),
    },
)
LSTM_STEP = Exercise(
    "lstm_step",
    _shapes("4H", "h_prev", "c_prev"),
    {"h_t": "BH", "c_t": "BH"},
    lstm_step,
    _steps(gates=4, states=2),
    {
        "cell_no_tanh": _lstm({"cell_tanh": False}),
        "candidate_no_tanh": _lstm({"candidate_tanh": False}),
        "no_forget_gate": _lstm({"forget": False}),
        "no_output_gate": _lstm({"output": False}),
        "i_and_f_swapped": _lstm(order="figo"),
        "g_and_o_swapped": _lstm(order="ifog"),
        "h_and_c_swapped": lambda *given: lstm_step(*given)[::-1],
    },
)
