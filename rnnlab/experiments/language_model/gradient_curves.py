"""How the gradient of a prediction falls from one character to the one before it: curves by lag, of several networks.

    lens_curve(model, config, ids, epoch)      # of a network that is there
    cells_at_start(config, 1027, ids)          # RNN, GRU and LSTM with the same settings and seed, before training
    forget_biases_at_start(config, 1027, ids)  # the LSTM with a forget-gate bias of 0, 1, 2 and 3
    measured_curves()                          # RNN, GRU and LSTM of the recipe `quick`, before and after training

A value is the median over at most 64 places of the text of ‖∂ℓ_p/∂h_{p−k}‖, see `inspection.gradient_lens`. Curves that
stand beside each other are of the same places of the same text, except those that were measured in advance, by
`rnnlab.reproduce.gradient_curves`, on the whole text that those networks have learned.

Shapes: T tokens, K lags.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any

import torch

from rnnlab.experiments.language_model.config import Config
from rnnlab.inspection.gradient_lens import History, curve_by_lag, read_history
from rnnlab.limits import MAX_UNTRAINED_BYTES
from rnnlab.models import LanguageModel
from rnnlab.recurrent import cell_spec
from rnnlab.resources import resource
from rnnlab.validation import InvalidInput

CELLS = ("rnn", "gru", "lstm")  # that are compared
FORGET_BIASES = (0.0, 1.0, 2.0, 3.0)
MAX_CURVE_TOKENS = 300  # of the text, from its beginning, that a curve on the page is measured on
BYTES_OF_PARAMETER = 12  # the weight, and its copy in 64-bit numbers
MEASURED = "assets/gradient_curves.json"

Check = Callable[[], None]


@dataclass(frozen=True)
class LensCurve:
    """The gradient of a prediction by lag, of one network at one epoch."""

    model: str
    epoch: int
    h: tuple[float, ...]  # (K,) to the hidden state of the top layer, at lags 0, 1, …
    c: tuple[float, ...] = ()  # (K,) to the cell, of an LSTM
    forget_bias: float | None = None
    perplexity: float | None = None  # of the training text in that epoch, where it was measured

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data for JSON."""
        return {**asdict(self), "h": list(self.h), "c": list(self.c)}


def lens_curve(
    model: LanguageModel,
    config: Config,
    ids: torch.Tensor | Sequence[int],
    epoch: int,
    *,
    history: History | None = None,
    perplexity: float | None = None,
) -> LensCurve:
    """Measure the curve of a model on `ids` (T,), two tokens at least. Raises InvalidInput for a bidirectional one.

    history: of the same model and `ids`, if it is there.
    """
    norms = curve_by_lag(model, read_history(model, ids) if history is None else history)
    h, c = (tuple(norms[letter].tolist()) if letter in norms else () for letter in ("h", "c"))
    return LensCurve(config.model, epoch, h, c, config.forget_bias, perplexity)


def untrained_model(config: Config, vocab_size: int) -> LanguageModel:
    """Return the model with which a run of `config` begins: the same weights, from its seed."""
    return LanguageModel(config, vocab_size, generator=torch.Generator().manual_seed(config.seed)).eval()


def alike(config: Config, cell: str) -> Config:
    """Return `config` with another cell; settings that this cell does not have are left at their defaults."""
    spec, changes = cell_spec(cell), dict[str, Any](model=cell)
    if "nonlinearity" not in spec.options:
        changes["nonlinearity"] = "tanh"
    if "f" not in spec.gates:
        changes["forget_bias"] = None
    if "reset_after" not in cell_spec(config.model).options:  # it meant nothing there, and torch has one form of it
        changes["reset_after"] = True
    return replace(config, **changes)


def cells_at_start(config: Config, vocab_size: int, ids: Sequence[int], check: Check = lambda: None) -> list[LensCurve]:
    """Return the curves of CELLS before training, with the settings and the seed of `config` otherwise.

    check: called before each curve; what it raises ends the work. Raises InvalidInput if a network is too large.
    """
    return _curves_at_start([alike(config, cell) for cell in CELLS], vocab_size, ids, check)


def forget_biases_at_start(
    config: Config, vocab_size: int, ids: Sequence[int], check: Check = lambda: None
) -> list[LensCurve]:
    """Return the curves of an LSTM before training for each of FORGET_BIASES, else as `cells_at_start`."""
    lstm = alike(config, "lstm")
    return _curves_at_start([replace(lstm, forget_bias=bias) for bias in FORGET_BIASES], vocab_size, ids, check)


def _curves_at_start(configs: Sequence[Config], vocab_size: int, ids: Sequence[int], check: Check) -> list[LensCurve]:
    for config in configs:
        check_curve_size(config, vocab_size)
    found = []
    for config in configs:
        check()
        found.append(curve_at_start(config, vocab_size, ids))
    return found


def check_curve_size(config: Config, vocab_size: int) -> None:
    """Raise InvalidInput if the network of a curve before training is too large: it has its weights three times."""
    parameters = LanguageModel(config, vocab_size, device="meta").count_parameters()
    high = MAX_UNTRAINED_BYTES // BYTES_OF_PARAMETER
    if parameters > high:
        raise InvalidInput("curve_too_large", "model", value=config.model, parameters=parameters, high=high)


def curve_at_start(config: Config, vocab_size: int, ids: Sequence[int]) -> LensCurve:
    """Return the curve of the network with which a run of `config` begins, on the first MAX_CURVE_TOKENS of `ids`."""
    return _curve_at_start(config, vocab_size, tuple(map(int, ids[:MAX_CURVE_TOKENS])))


@lru_cache(maxsize=256)
def _curve_at_start(config: Config, vocab_size: int, ids: tuple[int, ...]) -> LensCurve:
    return lens_curve(untrained_model(config, vocab_size), config, ids, 0)


@lru_cache(maxsize=1)
def measured_curves() -> tuple[LensCurve, ...]:
    """Return the curves that were measured in advance; each cell's before training and after it."""
    found = json.loads(resource(MEASURED).read_text("utf-8"))
    return tuple(curve_of(plain) for plain in found["curves"])


def curve_of(plain: Mapping[str, Any]) -> LensCurve:
    """Undo `LensCurve.to_dict`."""
    return LensCurve(**{**plain, "h": tuple(plain["h"]), "c": tuple(plain["c"])})
