"""RNN, GRU and LSTM: layers that mirror `torch.nn.RNN`, `GRU` and `LSTM`, arguments in the same order.

Each chooses its equations; everything else is in `layer.Layer`. A GRU takes `reset_after` in addition.
"""

from __future__ import annotations

from typing import Any, Unpack

from rnnlab.recurrent.equations import gru_equations, lstm_equations, rnn_equations
from rnnlab.recurrent.layer import Layer, LayerWords
from rnnlab.recurrent.state_dict_markers import MarksReset


class RNN(Layer):
    """Run `equations.rnn_step` with tanh or relu: plain recurrent layers.

    `rest` are, in torch.nn's order, bias, batch_first, dropout, bidirectional, proj_size, device, dtype: see `Layer`.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        *rest: Any,
        **words: Unpack[LayerWords],
    ) -> None:
        super().__init__(rnn_equations(nonlinearity), input_size, hidden_size, num_layers, *rest, **words)
        self.nonlinearity, self.mode = nonlinearity, f"RNN_{nonlinearity.upper()}"

    def extra_repr(self) -> str:
        return f"{super().extra_repr()}, nonlinearity={self.nonlinearity}"


class GRU(MarksReset, Layer):
    """Run `equations.gru_step`, or `gru_reset_before_step` with `reset_after` False.

    `rest` as in `RNN`. The `state_dict` marks the form that resets before: see `state_dict_markers`.
    """

    mode = "GRU"

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        *rest: Any,
        reset_after: bool = True,
        **words: Unpack[LayerWords],
    ) -> None:
        super().__init__(gru_equations(reset_after), input_size, hidden_size, num_layers, *rest, **words)
        self.reset_after = reset_after

    def extra_repr(self) -> str:
        return f"{super().extra_repr()}, reset_after={self.reset_after}"


class LSTM(Layer):
    """Run `equations.lstm_step`, with the pair (h, c) as the state. `rest` as in `RNN`."""

    mode = "LSTM"

    def __init__(
        self, input_size: int, hidden_size: int, num_layers: int = 1, *rest: Any, **words: Unpack[LayerWords]
    ) -> None:
        super().__init__(lstm_equations(), input_size, hidden_size, num_layers, *rest, **words)
