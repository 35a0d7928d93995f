"""The events of the adding problem. Seconds are those of the processor, in that network's own minibatches."""

from __future__ import annotations

from dataclasses import dataclass

from rnnlab.experiments import event
from rnnlab.experiments.event import Event


@dataclass(frozen=True)
class Started(event.Started):
    """The run's constants. `parameters` are those of the largest network."""

    models: tuple[str, ...]
    lengths: tuple[int, ...]  # numbers in a row, of one training after the other
    max_steps: int
    target_error: float  # the finish line
    constant_error: float  # of always answering 1


@dataclass(frozen=True)
class LengthBegan(Event, kind="length"):
    """New networks begin with rows of another length: those that have reached the finish line at the lengths before."""

    length: int
    models: tuple[str, ...]


@dataclass(frozen=True)
class Step(Event):
    """One minibatch of one network."""

    model: str
    length: int
    step: int  # from 1
    loss: float  # mean squared error, before the update
    seconds: float  # of the network so far, at this length


@dataclass(frozen=True)
class Measured(Event):
    """The error on the rows that no minibatch has, the same rows for every network; at first before any minibatch."""

    model: str
    length: int
    step: int  # minibatches so far
    error: float  # mean squared error
    seconds: float


@dataclass(frozen=True)
class Outcome(Event):
    """How a network has ended at a length."""

    model: str
    length: int
    end: str  # "finish" (over the line), "steps" (it gave up) or "diverged" (a number was no longer finite)
    step: int  # minibatches until then
    steps_to_target: int | None  # minibatches to the finish line; None if it was not reached
    error: float  # the last one on the rows of the test
    seconds: float


@dataclass(frozen=True)
class Asked(Event):
    """A row of numbers, two of them marked, and what each network answers."""

    numbers: tuple[float, ...]
    places: tuple[int, ...]  # of the two marks, from 1
    truth: float  # the sum of the two
    models: tuple[str, ...]
    answers: tuple[float, ...]  # of each network


@dataclass(frozen=True)
class Finished(Event):
    """The run is over."""

    outcomes: tuple[Outcome, ...]  # of all networks at all lengths, in the order in which they ended
    models: tuple[str, ...]
    longest: tuple[int | None, ...]  # of each network: the longest row at which it reached the finish line
