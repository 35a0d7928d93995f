"""Step a model through a text, one token after the other, for the logits of the next one."""

from __future__ import annotations

from copy import copy
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from rnnlab.models import LanguageModel
from rnnlab.recurrent import cell_equations, make_stepper

BIDIRECTIONAL_CONTEXT = 256  # tokens that a bidirectional model reads again for each new one


class Decoder(Protocol):
    """A language model that has read some text."""

    def read(self, ids: list[int]) -> NDArray[np.float32]:
        """Return the logits (V,) for the token after `ids`, which follow those read before."""
        ...


class ForkingDecoder(Decoder, Protocol):
    """A decoder of which several texts can go on from the same place."""

    def fork(self) -> ForkingDecoder:
        """Return a decoder that has read the same text; neither changes when the other reads on."""
        ...


def decoder_of(model: LanguageModel) -> ForkingDecoder:
    """Return a decoder that carries the state, or for a bidirectional model one that reads anew."""
    return RereadingDecoder(model) if model.config.bidirectional else StatefulDecoder(model)


class StatefulDecoder:
    """Carry the state from token to token, with a stepper from `recurrent.stepper`.

    The input's share of a token is cached, for songs repeat their tokens. The model's mode, dropout and device
    have no effect and do not change. `tests/test_generation.py` holds the logits equal to the model's.
    """

    def __init__(self, model: LanguageModel) -> None:
        config = model.config
        cell = cell_equations(config.model, config.nonlinearity, config.reset_after)
        self._stepper = make_stepper(cell, _arrays(model.recurrent), config.num_layers)
        output = _arrays(model.output)
        self._weight, self._bias = output["weight"], output["bias"]
        self._embedding = None if model.embedding is None else _arrays(model.embedding)["weight"]
        self._projected: dict[int, NDArray[np.float32]] = {}

    def fork(self) -> StatefulDecoder:
        """Return a decoder that has read the same text; what is cached of the tokens is shared."""
        other = copy(self)
        other._stepper = self._stepper.fork()
        return other

    @np.errstate(all="ignore")  # the weights of a diverged model overflow
    def read(self, ids: list[int]) -> NDArray[np.float32]:
        """Return the logits (V,) for the token after `ids`, at least one, which follow those read before."""
        for number in ids:
            from_x = self._projected.get(number)
            if from_x is None:
                x = number if self._embedding is None else self._embedding[number]
                from_x = self._projected[number] = self._stepper.project(x)
            h = self._stepper.read(from_x)
        logits: NDArray[np.float32] = self._weight.dot(h)
        logits += self._bias
        return logits

    def take_state(self, other: StatefulDecoder) -> None:
        """Go on from the state of a decoder whose network has the same layers."""
        self._stepper.state = list(other._stepper.state)


class SwitchedDecoder:
    """Read with one network, and from the last token of the first reading on with another one of the same shape.

    Both read in one direction. The other network goes on from the state of the first, so its first step computes from
    a state that it has not made itself: a song that is written so is the first network's up to there.
    """

    def __init__(self, before: LanguageModel, after: LanguageModel) -> None:
        self._before, self._after = StatefulDecoder(before), StatefulDecoder(after)
        self._has_read = False

    def read(self, ids: list[int]) -> NDArray[np.float32]:
        """Return the logits (V,) for the token after `ids`, at least one, which follow those read before."""
        if not self._has_read:
            self._has_read = True
            if ids[:-1]:
                self._before.read(ids[:-1])
            self._after.take_state(self._before)
            ids = ids[-1:]
        return self._after.read(ids)


def _arrays(module: torch.nn.Module) -> dict[str, NDArray[np.float32]]:
    """Return the weights of `module` as arrays: views of them where they are on the CPU."""
    return {name: tensor.detach().float().cpu().numpy() for name, tensor in module.state_dict().items()}


class RereadingDecoder:
    """Read the last tokens again for each new one: a bidirectional model has no state to carry on."""

    def __init__(self, model: LanguageModel) -> None:
        self.model = model
        self.ids: list[int] = []

    def fork(self) -> RereadingDecoder:
        """Return a decoder that has read the same text."""
        return copy(self)  # reading makes a new list

    @torch.inference_mode()
    def read(self, ids: list[int]) -> NDArray[np.float32]:
        """Return the logits (V,) for the token after `ids`, which follow those read before."""
        self.ids = (self.ids + ids)[-BIDIRECTIONAL_CONTEXT:]
        was_training = self.model.training
        self.model.eval()
        try:
            logits, _ = self.model(torch.tensor([self.ids], device=self.model.output.weight.device))
        finally:
            self.model.train(was_training)
        return logits[0, -1].float().cpu().numpy()
