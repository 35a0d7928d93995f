"""Feeding a model one character after the other, for what it believes comes next."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from rnnlab.models import LanguageModel
from rnnlab.recurrent import cell_equations, make_stepper

BIDIRECTIONAL_CONTEXT = 256  # characters that a model which reads both ways re-reads for each new one


class Decoder(Protocol):
    def read(self, ids: list[int]) -> NDArray[np.float32]:
        """Logits (V,) for the character after `ids`, which follow those that were read before."""
        ...


def decoder_of(model: LanguageModel) -> Decoder:
    return BothWays(model) if model.config.bidirectional else Forwards(model)


class Forwards:
    """Carries the state on, a vector for each layer; see `recurrent.single` for why it is NumPy that does so.

    A character's share of the first sums is kept once it has been worked out, for songs repeat themselves. The model
    is only looked at: its mode, its dropout and its device do not matter.
    """

    def __init__(self, model: LanguageModel) -> None:
        config = model.config
        cell = cell_equations(config.model, config.nonlinearity, config.reset_after)
        self._stepper = make_stepper(cell, _arrays(model.recurrent), config.num_layers)
        output = _arrays(model.output)
        self._weight, self._bias = output["weight"], output["bias"]
        self._embedding = None if model.embedding is None else _arrays(model.embedding)["weight"]
        self._projected: dict[int, NDArray[np.float32]] = {}

    @np.errstate(all="ignore")  # a model that exploded
    def read(self, ids: list[int]) -> NDArray[np.float32]:
        for number in ids:
            from_x = self._projected.get(number)
            if from_x is None:
                x = number if self._embedding is None else self._embedding[number]
                from_x = self._projected[number] = self._stepper.project(x)
            h = self._stepper.read(from_x)
        logits = self._weight.dot(h)
        logits += self._bias
        return logits


def _arrays(module: torch.nn.Module) -> dict[str, NDArray[np.float32]]:
    """The weights of `module` as arrays: views of them where they lie on the CPU."""
    return {name: tensor.detach().float().cpu().numpy() for name, tensor in module.state_dict().items()}


class BothWays:
    """A model that reads from both ends has no state to carry: it re-reads what has been sung so far."""

    def __init__(self, model: LanguageModel) -> None:
        self.model, self.ids = model, []

    @torch.inference_mode()
    def read(self, ids: list[int]) -> NDArray[np.float32]:
        self.ids = (self.ids + ids)[-BIDIRECTIONAL_CONTEXT:]
        was_training = self.model.training
        self.model.eval()
        try:
            logits, _ = self.model(torch.tensor([self.ids], device=self.model.output.weight.device))
        finally:
            self.model.train(was_training)
        return logits[0, -1].float().cpu().numpy()
