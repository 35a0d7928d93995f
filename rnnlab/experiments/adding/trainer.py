"""Train networks on the adding problem side by side, a minibatch each in turn, and ask them."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator

import numpy as np
import torch
from torch import Tensor

from rnnlab.experiments.adding.config import Config
from rnnlab.experiments.adding.events import Asked, Finished, LengthBegan, Outcome, Started
from rnnlab.experiments.adding.network import AddingNetwork
from rnnlab.experiments.adding.problem import CONSTANT_ERROR, Question, draw_question, draw_rows
from rnnlab.experiments.divergence import NotFinite
from rnnlab.experiments.event import Event

TEST_ROWS = 500
TEST_EVERY = 20  # minibatches between two tests
MINIBATCHES, TEST = 1, 2  # different random numbers for the two
BYTES_OF_PARAMETER = 16  # the number, its gradient, and Adam's two moments


class Trainer:
    """A run that can begin; its networks stay here afterwards, to be asked.

    All networks advance in one thread, a minibatch each in turn, and read the same minibatches: those depend on seed
    and length alone. So a network alone gives the same numbers as beside others.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        self.networks: dict[str, AddingNetwork] = {}  # of each model the newest
        self.length = config.lengths[0]  # of the rows that are trained now, or were at last
        self._outcomes: list[Outcome] = []
        self._lock = threading.Lock()  # no network is asked while its weights change

    @property
    def nbytes(self) -> int:
        """Estimate the memory of the networks, in bytes."""
        return BYTES_OF_PARAMETER * sum(network.model.count_parameters() for network in self.networks.values())

    def events(self) -> Generator[Event, None, None]:
        """Run from the beginning: Started first, Finished last."""
        c, names = self.config, self.config.model_names()
        self._make(names, c.lengths[0])
        parameters = max(network.model.count_parameters() for network in self.networks.values())
        yield Started(names, c.lengths, c.max_steps, c.target_error, CONSTANT_ERROR, parameters=parameters)
        running = names
        for length in c.lengths:
            self._make(running, length)
            yield LengthBegan(length, running)
            yield from self._train(running, length)
            running = tuple(name for name in running if self._outcome(name, length).end == "finish")
            if not running:
                break
        yield self.ask(draw_question(self.length, c.seed, c.asked_numbers(), c.asked_places()))
        yield Finished(tuple(self._outcomes), names, tuple(self._longest(name) for name in names))

    def ask(self, question: Question) -> Asked:
        """Return what each network answers to `question`, whose row may be of any length."""
        inputs = question.inputs()
        with self._lock, torch.no_grad():
            answers = {name: network.predict(inputs).item() for name, network in self.networks.items()}
        return Asked(question.numbers, question.places, question.truth, tuple(answers), tuple(answers.values()))

    def _make(self, names: tuple[str, ...], length: int) -> None:
        """Make new networks, in place of those of the same names."""
        with self._lock:
            self.networks |= {name: AddingNetwork(self.config, name, length) for name in names}
            self.length = length

    def _train(self, names: tuple[str, ...], length: int) -> Iterator[Event]:
        """Give each network its turn until all have ended."""
        c = self.config
        minibatches = np.random.default_rng((c.seed, length, MINIBATCHES))
        tested_on = draw_rows(np.random.default_rng((length, TEST)), TEST_ROWS, length)
        running = [self.networks[name] for name in names]
        for network in running:
            yield network.test(*tested_on)
        while running:
            rows = draw_rows(minibatches, c.batch_size, length)
            for network in tuple(running):
                ended = yield from self._turn(network, rows, tested_on)
                if ended:
                    running.remove(network)

    def _turn(
        self, network: AddingNetwork, rows: tuple[Tensor, Tensor], tested_on: tuple[Tensor, Tensor]
    ) -> Generator[Event, None, bool]:
        """Train a network on one minibatch, test it now and then; return whether it has ended."""
        c = self.config
        try:
            with self._lock:
                step = network.learn(*rows)
            yield step
            is_last = network.step == c.max_steps
            if network.step % TEST_EVERY and not is_last:
                return False
            yield network.test(*tested_on)
        except NotFinite:
            end = "diverged"
        else:
            if network.error > c.target_error and not is_last:
                return False
            end = "finish" if network.error <= c.target_error else "steps"
        steps = network.step if end == "finish" else None
        outcome = Outcome(network.name, network.length, end, network.step, steps, network.error, network.seconds)
        self._outcomes.append(outcome)
        yield outcome
        return True

    def _outcome(self, name: str, length: int) -> Outcome:
        return next(item for item in self._outcomes if (item.model, item.length) == (name, length))

    def _longest(self, name: str) -> int | None:
        """Return the longest row at which a network reached the finish line; None: at none."""
        return max(
            (item.length for item in self._outcomes if item.model == name and item.end == "finish"), default=None
        )
