"""Declare what a run needs of its experiment: `Experiment`, and the abilities that some have.

The protocols can be checked with `isinstance`. Python 3.11 evaluates a protocol's properties for that, so a value that
is expensive to make is a method here (`HasCheckpoint.checkpoint`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from rnnlab.checkpoints import Checkpoint
from rnnlab.experiments.event import Event
from rnnlab.runs.history import Row
from rnnlab.runs.resume_point import Place, ReadResumePoint
from rnnlab.validation import Config

MIN_PROGRESS_SECONDS = 3.0  # shorter epochs follow each other fast enough


class Experiment(Protocol):
    """An experiment that can run in the background: an object that yields events."""

    def events(self) -> Iterator[Event]: ...


@runtime_checkable
class Configured(Protocol):
    """An experiment with a configuration."""

    @property
    def config(self) -> Config: ...


@runtime_checkable
class HasEpoch(Protocol):
    """An experiment that counts its whole epochs."""

    @property
    def epoch(self) -> int: ...


@runtime_checkable
class HasProgress(Protocol):
    """An experiment whose epochs may be long."""

    @property
    def progress(self) -> Mapping[str, Any] | None:
        """Return how far the epoch in progress is; None between epochs."""


def progress_of(experiment: object) -> Mapping[str, Any] | None:
    """Return how far an experiment's epoch is, if it has lasted for MIN_PROGRESS_SECONDS and is not over."""
    progress = experiment.progress if isinstance(experiment, HasProgress) else None
    return progress if progress is not None and progress["seconds"] >= MIN_PROGRESS_SECONDS else None


@runtime_checkable
class HasMemoryEstimate(Protocol):
    """An experiment that estimates how many bytes of memory it takes."""

    @property
    def nbytes(self) -> int: ...


@runtime_checkable
class HasCheckpoint(Protocol):
    """An experiment whose trained model can be used while it trains and afterwards."""

    def checkpoint(self) -> Checkpoint | None:
        """Return the last whole epoch; None if it was lost with its file."""


@runtime_checkable
class Extendable(Protocol):
    """An experiment that can train for longer than planned."""

    def extend(self, epochs: int, from_here: bool) -> None:
        """Add `epochs` to the planned number of epochs, or with `from_here` to the number trained so far."""


@runtime_checkable
class Adjustable(Protocol):
    """An experiment whose learning rate can be changed while it trains."""

    def change(self, learning_rate: float) -> tuple[int, int]:
        """Use another learning rate from the next minibatch on; return that minibatch's epoch and step."""


@runtime_checkable
class HasPartialEpoch(Protocol):
    """An experiment that can note its place within an epoch, to go on from there later."""

    def take_partial(self) -> None:
        """Note the place; only between two events."""


@runtime_checkable
class Suspendable(Protocol):
    """An experiment that can free its memory and be resumed later from where it stands."""

    def suspend(self, read: ReadResumePoint | None = None, place: Place | None = None) -> None:
        """Free everything but the resume point.

        read: returns the resume point, which is then freed, too.
        place: do nothing if the experiment stands elsewhere.
        """


@runtime_checkable
class Storable(Protocol):
    """An experiment beside the trainings that survives the process (`stored_lessons`)."""

    kind: str

    @property
    def stamp(self) -> object:
        """Return what differs when there is something new to save."""

    def to_store(self, read_rows: Callable[[], Sequence[Row]], ended: bool) -> tuple[Mapping[str, bytes], list[Row]]:
        """Return what it goes on from, by the names of files, and the rows up to there. Raises InvalidInput.

        Once `ended` it goes on from nothing, and all rows are stored.
        """

    def own_text(self) -> str | None:
        """Return the visitor's own text, which never changes; None if it has none, or none in memory.

        It is stored once, beside the other files, until the experiment has ended.
        """


@runtime_checkable
class Releasable(Protocol):
    """An experiment that, once ended, can free what only training needs."""

    def release(self) -> None:
        """Keep no more than what was learned."""
