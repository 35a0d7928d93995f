"""One lane of a race: a training of the language model that is driven one minibatch at a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from functools import cached_property
from typing import cast

import torch
from torch import Tensor

from rnnlab.checkpoints import Checkpoint
from rnnlab.experiments import language_model
from rnnlab.experiments.divergence import EpochDiverged
from rnnlab.experiments.event import Event
from rnnlab.experiments.language_model import Evaluating, LearnedText, Trainer, Untrained
from rnnlab.experiments.language_model.data import Prepared
from rnnlab.experiments.race.config import Lane
from rnnlab.experiments.race.events import Epoch, Line, Retired, Step
from rnnlab.experiments.race.race_state import LaneState
from rnnlab.text import random_batches, sequential_batches


class SharedText:
    """The text of all lanes, which is prepared once: every setting that decides on it is the same in each."""

    def __init__(self, prepared: Prepared) -> None:
        self.prepared = prepared

    @cached_property
    def learned(self) -> LearnedText:
        """The training text, in which samples are looked up."""
        return LearnedText(self.prepared.corpus)

    @property
    def nbytes(self) -> int:
        """Estimate the memory of the numbered text, in bytes."""
        return 8 * len(self.prepared.corpus.train_ids)


class LaneTrainer(Trainer):
    """A training whose minibatches depend on the seed alone, so that they are the same in every lane.

    A Trainer draws them from the generator that has drawn its initial weights; where nothing is drawn (sequential
    minibatches without an offset) the two train alike, number by number.
    """

    def __init__(
        self, config: language_model.Config, shared: SharedText, *, device: str, checkpoint: Checkpoint | None = None
    ) -> None:
        """See Trainer. Raises InvalidInput."""
        self._shared = shared
        super().__init__(config, device=device, checkpoint=checkpoint)

    def _prepare(self, *_: object) -> Prepared:
        return self._shared.prepared

    @property
    def learned(self) -> LearnedText:
        """The training text, in which samples are looked up; one for all lanes."""
        return self._shared.learned

    def _build(self, device: torch.device) -> None:
        super()._build(device)
        self._minibatches = torch.Generator().manual_seed(self.config.seed)

    @property
    def minibatches(self) -> Tensor:
        """The state of the generator that draws the minibatches."""
        return self._minibatches.get_state()

    @minibatches.setter
    def minibatches(self, state: Tensor) -> None:
        self._minibatches.set_state(state)

    def _batches(self) -> Iterator[tuple[Tensor, Tensor]]:
        c, ids = self.config, self.corpus.train_ids.to(self.device)
        draw = random_batches if c.sampling == "random" else sequential_batches
        return draw(ids, c.batch_size, c.num_steps, generator=self._minibatches, random_offset=c.random_offset)


class RunningLane:
    """A lane while it runs: its trainer, its clock, and what it has done so far."""

    def __init__(self, lane: Lane, text: SharedText, device: str, state: LaneState | None = None) -> None:
        """Make the model, or go on from where a lane stood. Raises InvalidInput."""
        self.name = lane.name
        self.trainer = LaneTrainer(
            lane.config, text, device=device, checkpoint=None if state is None else state.checkpoint
        )
        if not lane.config.sample_prefixes:
            self.trainer.prefixes = self.trainer.prefixes[:1]  # there is room for one line
        # An accelerator computes beside the processor; each minibatch waits for it, so the time that passes is its.
        on_cpu = self.trainer.device.type == "cpu"
        self.clock: Callable[[], float] = time.thread_time if on_cpu else time.perf_counter
        self.clock_name = "processor" if on_cpu else "elapsed"
        self.seconds = 0.0
        self.characters = 0  # read in all epochs
        self.last: Epoch | None = None
        self.end = ""  # of a lane that has ended: "finish", "epochs", "stalled" or "retired"
        self._whole_epochs = 0  # characters read in them
        if state is not None:
            self._restore(state)
        self._events = cast(Generator[Event, None, None], self.trainer.events())

    @property
    def state(self) -> LaneState:
        """Return where the lane stands after its last whole epoch; to be read between two epochs."""
        trainer = self.trainer
        return LaneState(trainer.latest, trainer.minibatches, self.seconds, self.characters, self.last, self.end)

    def _restore(self, state: LaneState) -> None:
        self.trainer.minibatches = state.minibatches
        self.seconds, self.characters = state.seconds, state.characters
        self.last, self.end, self._whole_epochs = state.last, state.end, state.characters

    def start(self) -> language_model.Started:
        """Begin, and return the constants of this training."""
        return cast(language_model.Started, next(self._events))

    def turn(self) -> Iterator[Event]:
        """Yield the events up to the next Step, Epoch or Retired, or until the lane has ended.

        Only the time in which a minibatch is trained counts, not that of held-out text and samples.
        """
        while not self.end:
            began = self.clock()
            event = next(self._events)
            spent = self.clock() - began
            match event:
                case language_model.Step():
                    self.seconds += spent
                    self.characters = self._whole_epochs + self.trainer.so_far.tokens
                    yield self._step(event)
                    return
                case language_model.Epoch():
                    self._whole_epochs = self.characters
                    self.last = self._epoch(event)
                    yield self.last
                    return
                case Untrained(samples=(sample, *_)):
                    yield Line(self.name, 0, sample)
                case Evaluating():
                    yield event
                case EpochDiverged():
                    self.end = "retired"
                    known = None if self.last is None else self.last.perplexity
                    yield Retired(self.name, event.epoch, event.step, known, self.seconds)
                case language_model.Finished():
                    self.end = "finish" if event.reached_target else "stalled" if event.stopped_early else "epochs"

    def _step(self, event: language_model.Step) -> Step:
        return Step(
            lane=self.name,
            epoch=event.epoch,
            step=event.step,
            steps=event.steps,
            perplexity=event.perplexity,
            seconds=self.seconds,
            characters=self.characters,
        )

    def _epoch(self, event: language_model.Epoch) -> Epoch:
        return Epoch(
            lane=self.name,
            epoch=event.epoch,
            perplexity=event.perplexity,
            held_out_perplexity=event.held_out_perplexity,
            seconds=self.seconds,
            characters=self.characters,
            sample=next(iter(event.samples), ""),
        )

    def close(self) -> None:
        """End the training within its minibatch."""
        self._events.close()


def same_weights(lanes: list[RunningLane]) -> bool:
    """Return whether all lanes have the same weights, number by number."""
    first, *others = (lane.trainer.model.state_dict() for lane in lanes)
    return all(
        other.keys() == first.keys()
        and all(first[name].shape == other[name].shape and torch.equal(first[name], other[name]) for name in first)
        for other in others
    )
