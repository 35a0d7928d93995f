"""Read a short text with a language model and note what it does at each character.

    reading = read_probe(model, ids)
    reading.surprisal                 # bits, by which each character was unexpected
    reading.activations["l0.h"]       # the hidden states

Shapes: T characters of the text, H hidden, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from rnnlab.inspection.vocabulary_blocks import blocks_of_rows
from rnnlab.models import LanguageModel
from rnnlab.recurrent import cell_equations, cell_spec, make_stepper
from rnnlab.recurrent.gates import gates_of

EXPECTED = 5  # characters that are noted as the likeliest
Array = NDArray[np.float32]


@dataclass(frozen=True)
class Reading:
    """What a model does at each character of a text. Place t is the step that reads character t."""

    ids: NDArray[np.int64]  # (T,)
    surprisal: Array  # (T,) bits: −log2 of the probability that the steps before gave the character; the first is NaN
    expected: NDArray[np.int64]  # (T, 5): the likeliest next characters after each step, the likeliest first
    probabilities: Array  # (T, 5): of these
    # (T, H) each, by layer and letter: "l0.h", of an LSTM "l0.c"; the gates "l0.r", "l0.z" and the candidate "l0.n", or
    # "l0.i", "l0.f", "l0.g", "l0.o". A bidirectional model has none: its states depend on what follows.
    activations: dict[str, Array]


@torch.inference_mode()
def read_probe(model: LanguageModel, ids: Sequence[int]) -> Reading:
    """Read tokens `ids` from a state of zeros; a bidirectional model reads them as a whole. At least one token."""
    numbers = np.asarray(ids, np.int64)
    if model.config.bidirectional:
        was_training = model.training
        model.eval()
        top = model.read(torch.tensor([list(ids)], device=model.output.weight.device))[0][0]
        model.train(was_training)
        activations: dict[str, Array] = {}
    else:
        hidden, activations = _activations(model, numbers)
        top = torch.from_numpy(hidden).to(model.output.weight)
    size = min(EXPECTED, model.vocab_size)
    expected, probabilities = np.empty((len(numbers), size), np.int64), np.empty((len(numbers), size), np.float32)
    surprisal = np.full(len(numbers), np.nan, np.float32)
    for part in blocks_of_rows(len(numbers), model.vocab_size):
        log_p = _log_softmax(model.output(top[part]).float().cpu().numpy())
        expected[part] = _likeliest(log_p)
        probabilities[part] = np.exp(np.take_along_axis(log_p, expected[part], 1))
        after = numbers[part.start + 1 : part.stop + 1]  # after the last token nothing is known
        surprisal[part.start + 1 : part.stop + 1] = -log_p[np.arange(len(after)), after] / np.log(2)
    return Reading(numbers, surprisal, expected, probabilities, activations)


def _activations(model: LanguageModel, ids: NDArray[np.int64]) -> tuple[Array, dict[str, Array]]:
    """Return the hidden states of the top layer (T, H), and the states and gates of every layer."""
    config, weights = model.config, _arrays(model.recurrent)
    cell = cell_equations(config.model, config.nonlinearity, config.reset_after)
    letters = ("h", "c")[: cell_spec(config.model).state_size]
    stepper = make_stepper(cell, weights, config.num_layers)
    embedding = None if model.embedding is None else _arrays(model.embedding)["weight"]
    names = [f"l{layer}.{letter}" for layer in range(config.num_layers) for letter in letters]
    found = {name: np.empty((len(ids), config.hidden_size), np.float32) for name in names}
    with np.errstate(all="ignore"):
        for t, number in enumerate(ids.tolist()):
            stepper.read(stepper.project(number if embedding is None else embedding[number]))
            for layer, state in enumerate(stepper.state):
                for letter, part in zip(letters, state, strict=True):
                    found[f"l{layer}.{letter}"][t] = part
    x: NDArray[np.int64] | Array = ids if embedding is None else embedding[ids]
    for layer in range(config.num_layers):
        hidden = found[f"l{layer}.h"]
        before = np.concatenate([np.zeros_like(hidden[:1]), hidden[:-1]])
        own = {name: weights[f"{name}_l{layer}"] for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")}
        found |= {f"l{layer}.{letter}": gate for letter, gate in gates_of(cell, x, before, own).items()}
        x = hidden
    return found[f"l{config.num_layers - 1}.h"], found


def _arrays(module: torch.nn.Module) -> dict[str, Array]:
    return {name: tensor.detach().float().cpu().numpy() for name, tensor in module.state_dict().items()}


def _log_softmax(logits: Array) -> Array:
    with np.errstate(all="ignore"):
        shifted = logits - logits.max(axis=-1, keepdims=True)
        return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def _likeliest(log_p: Array) -> NDArray[np.int64]:
    """Return the ids of the EXPECTED largest numbers of each row, the largest first."""
    number = min(EXPECTED, log_p.shape[1])
    largest = np.argpartition(-log_p, number - 1, axis=1)[:, :number]
    order = np.argsort(-np.take_along_axis(log_p, largest, 1), axis=1, kind="stable")
    return np.take_along_axis(largest, order, 1)
