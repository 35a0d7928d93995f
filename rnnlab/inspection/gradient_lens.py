"""Measure how far back the gradient of one prediction reaches: ‖∂ℓ_p/∂h_{p−k}‖, lag by lag.

    history = read_history(model, ids)                  # every state, read once
    norms = gradient_norms(model, history, [40])        # the prediction of ids[40]
    norms["l0.h"][0]                                    # (K,): at lag 0, 1, 2, …

ℓ_p is the negative log-likelihood, in nats, of the token at place p, from 1, after the p tokens before it. h_r is the
state after r tokens: from h_p the token is predicted (lag 0), and h_{p−k} is the state k tokens before. The gradient to
a state counts all ways from it to the loss: from an LSTM's cell c also that through the h of the same step, from a
lower layer also those through the layers above. Gradients of the loss to the *weights* would hide how it vanishes,
because the weights are the same at every step.

The states are those that the model has, in its own precision; from there the walk back computes in 64-bit numbers, so
that neither a probability close to 1 nor a product of a hundred small factors is rounded away; norms below 1e-154 are
0, because their squares are. The walk stops after MAX_LAGS steps, which changes nothing in the lags before. A
bidirectional model has no lens: it reads what it is to predict.

Shapes: T tokens, P places, K lags, H hidden, G = gates · H, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rnnlab.inspection.probe import Reading
from rnnlab.inspection.vocabulary_blocks import blocks_of_rows
from rnnlab.models import LanguageModel
from rnnlab.recurrent import cell_equations, project
from rnnlab.recurrent.equations import Equations, Hidden, Weights
from rnnlab.validation import Integer, InvalidInput

MAX_LAGS = 100  # steps that a gradient is followed back
MAX_PLACES, MIN_PLACES = 64, 8  # of which a curve by lag is the median
MAX_PLACE_WEIGHTS = 2**26  # places times recurrent weights: a network of 1024 units is measured at fewer places
CURVE_LAGS = 51  # of a curve: lags 0 to 50
MAX_TOKENS = 20_000  # of the text of a curve: some seconds
LETTERS = ("h", "c")  # of the parts of a state

Norms = dict[str, NDArray[np.float64]]  # "l0.h", of an LSTM "l0.c" as well


@dataclass(frozen=True)
class History:
    """A text, or a part of one, and every state while a model reads it."""

    ids: Tensor  # (T,)
    layers: tuple[Hidden, ...]  # of each layer h, or h and c, each (T + 1, H): row r is the state after r of the tokens
    projected: tuple[Tensor, ...]  # of each layer x_t W_ihᵀ + b_ih (T, G), what its step t took


def read_history(model: LanguageModel, ids: Tensor | Sequence[int]) -> History:
    """Read `ids` (T,) from a state of zeros, in the model's precision. Raises InvalidInput if it is bidirectional."""
    check_lens(model)
    ids, cell, layers = torch.as_tensor(ids, dtype=torch.long), _equations(model), list[Hidden]()
    projected: list[Tensor] = []
    with torch.no_grad():
        for layer in range(model.config.num_layers):
            projected.append(_project(model, layer, layers[-1][0][1:] if layers else ids))
            zeros = projected[-1].new_zeros(1, model.config.hidden_size)
            weights = _weights_of_state(model, cell, layer, projected[-1].dtype)
            layers.append(_unrolled(cell, projected[-1], (zeros,) * cell.state_size, weights))
    return History(ids, tuple(layers), tuple(projected))


def noted_history(model: LanguageModel, reading: Reading, first: int = 0, stop: int | None = None) -> History:
    """Return the history of the tokens `first` … `stop` − 1 of a reading, whose states are taken as they are.

    The places of that history count from `first`. Raises InvalidInput if the model is bidirectional.
    """
    check_lens(model)
    part, size = slice(first, stop), _equations(model).state_size
    ids, layers = torch.from_numpy(reading.ids[part]), list[Hidden]()
    projected: list[Tensor] = []
    with torch.no_grad():
        for layer in range(model.config.num_layers):
            projected.append(_project(model, layer, layers[-1][0][1:] if layers else ids))
            noted = [reading.activations[f"l{layer}.{letter}"] for letter in LETTERS[:size]]
            before = [part[first - 1 : first] if first else np.zeros_like(part[:1]) for part in noted]
            states = (
                torch.from_numpy(np.concatenate(pair)) for pair in zip(before, (x[part] for x in noted), strict=True)
            )
            layers.append(tuple(state.to(projected[-1].dtype) for state in states))
    return History(ids, tuple(layers), tuple(projected))


def _project(model: LanguageModel, layer: int, x: Tensor) -> Tensor:
    """Return x_t W_ihᵀ + b_ih (T, G) of a layer's inputs: tokens (T,) of the first one, else h (T, H)."""
    embedding = None if layer or model.embedding is None else model.embedding.weight.detach().cpu()
    weight_ih, bias_ih = _weights_of_input(model, layer, model.output.weight.dtype)
    return project(x, weight_ih, bias_ih, embedding)


def _unrolled(cell: Equations, projected: Tensor, state: Hidden, weights: Weights) -> Hidden:
    """Return `state`, each part (1, H), and the states after each step: (T + 1, H)."""
    states = [state]
    for from_x in projected.split(1):
        states.append(cell.step(from_x, states[-1], *weights))
    return tuple(torch.cat(parts) for parts in zip(*states, strict=True))


def check_lens(model: LanguageModel) -> None:
    """Raise InvalidInput for a model whose predictions depend on what follows."""
    if model.config.bidirectional:
        raise InvalidInput("no_states", "model")


def gradient_norms(
    model: LanguageModel, history: History, places: Sequence[int], lags: int = MAX_LAGS, layer: int | None = None
) -> Norms:
    """Return the norms (P, K) by layer and letter: at lags 0 … K−1, NaN before the first token.

    places: of the predicted tokens, 1 … T−1. Raises InvalidInput.
    layer: the lowest one that is measured, the top one by default.
    """
    last = len(history.ids) - 1
    rows = torch.tensor([Integer(1, last).require("place", place) for place in places], dtype=torch.long)
    Integer(1, MAX_LAGS).check("lags", lags)
    top = model.config.num_layers - 1
    lowest = top if layer is None else Integer(0, top).require("layer", layer)
    incoming = [_from_loss(model, history, rows)]
    norms: Norms = {}
    for number in range(top, lowest - 1, -1):
        measured, to_inputs = _walk(model, history, number, rows, incoming, lags)
        norms |= {f"l{number}.{letter}": values for letter, values in measured.items()}
        if number > lowest:
            weight_ih, _ = _weights_of_input(model, number, torch.float64)
            incoming = [gradient @ weight_ih for gradient in to_inputs]
    return norms


def places_of_curve(tokens: int, lags: int = CURVE_LAGS, most: int = MAX_PLACES) -> tuple[list[int], int]:
    """Return the places over which a curve by lag is the median, `most` of them, and its lags.

    A text of few tokens has fewer of both.
    Each of the places has all of the lags before it, and they are spread evenly over the rest of the text.

    >>> places_of_curve(1000)[0][:3], places_of_curve(1000)[1]
    ([51, 66, 81], 51)
    >>> places_of_curve(6)
    ([3, 4, 5], 3)
    """
    lags = max(1, min(lags, tokens // 2))
    places = np.linspace(lags, tokens - 1, min(most, tokens - lags)).astype(int)
    return places.tolist(), lags


def curve_by_lag(model: LanguageModel, history: History, lags: int = CURVE_LAGS) -> Norms:
    """Return the median norm over `places_of_curve` at each lag (K,), by the top layer's letters "h" and "c".

    Raises InvalidInput for a text of fewer than two tokens.
    """
    Integer(2, MAX_TOKENS).check("tokens", len(history.ids))
    weights = _weight(model, "weight_hh", 0, torch.float64).numel()
    most = max(MIN_PLACES, min(MAX_PLACES, MAX_PLACE_WEIGHTS // weights))
    places, lags = places_of_curve(len(history.ids), lags, most)
    norms = gradient_norms(model, history, places, lags)
    return {name.partition(".")[2]: np.median(values, axis=0) for name, values in norms.items()}


def _from_loss(model: LanguageModel, history: History, rows: Tensor) -> Tensor:
    """Return ∂ℓ/∂h (P, H) of the top layer at lag 0: (softmax(logits) − one-hot of the token) W_out."""
    weight, bias = (part.detach().cpu().double() for part in (model.output.weight, model.output.bias))
    hidden, targets = history.layers[-1][0][rows].double(), history.ids[rows]
    found = torch.empty_like(hidden)
    for part in blocks_of_rows(len(rows), model.vocab_size):
        error = (hidden[part] @ weight.T + bias).softmax(-1)
        error[torch.arange(len(error)), targets[part]] -= 1
        found[part] = error @ weight
    return found


def _walk(
    model: LanguageModel, history: History, number: int, rows: Tensor, incoming: list[Tensor], lags: int
) -> tuple[Norms, list[Tensor]]:
    """Walk back through one layer from `rows`, the states at lag 0; return the norms, and the gradients to from_x.

    incoming: the gradients that come from the layer above, (P, H) at each lag; of the top layer at lag 0 alone.
    At each lag the step that made the state is taken once more, from the state before it, and differentiated.
    """
    cell, parts = _equations(model), history.layers[number]
    weights = _weights_of_state(model, cell, number, torch.float64)
    size = len(parts)
    gradients = tuple(part.new_zeros(len(rows), part.shape[1], dtype=torch.float64) for part in parts)
    norms = {letter: np.full((len(rows), lags), np.nan) for letter in LETTERS[:size]}
    to_inputs: list[Tensor] = []
    for lag in range(min(lags, int(rows.max()))):
        now = (rows - lag).clamp(min=1)  # before the first token nothing was read: those norms stay NaN
        if lag < len(incoming):
            gradients = (gradients[0] + incoming[lag], *gradients[1:])
        before = tuple(part[now - 1].double().requires_grad_() for part in parts)
        from_x = history.projected[number][now - 1].double().requires_grad_()
        with torch.enable_grad():
            after = cell.step(from_x, before, *weights)
        found = torch.autograd.grad(after, (*after[1:], *before, from_x), gradients, materialize_grads=True)
        is_there = (rows > lag).numpy()
        for letter, gradient in zip(norms, (gradients[0], *found), strict=False):
            norms[letter][is_there, lag] = gradient.norm(dim=-1).numpy()[is_there]
        gradients = tuple(gradient * torch.from_numpy(is_there)[:, None] for gradient in found[size - 1 : -1])
        to_inputs.append(found[-1] * torch.from_numpy(is_there)[:, None])
    return norms, to_inputs


def _equations(model: LanguageModel) -> Equations:
    config = model.config
    return cell_equations(config.model, config.nonlinearity, config.reset_after)


def _weights_of_input(model: LanguageModel, layer: int, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """Return a layer's weight_ih (G, I) and bias_ih (G,) on the CPU, whatever module holds them."""
    return _weight(model, "weight_ih", layer, dtype), _weight(model, "bias_ih", layer, dtype)


def _weights_of_state(model: LanguageModel, cell: Equations, layer: int, dtype: torch.dtype) -> Weights:
    """Return the arguments of a layer's step after the state, on the CPU."""
    return cell.prepare(_weight(model, "weight_hh", layer, dtype), _weight(model, "bias_hh", layer, dtype))


def _weight(model: LanguageModel, name: str, layer: int, dtype: torch.dtype) -> Tensor:
    weight: Tensor = getattr(model.recurrent, f"{name}_l{layer}")
    return weight.detach().cpu().to(dtype)
