"""Run the lanes of a race in turn, a minibatch each."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence

from rnnlab.checkpoints import optimizer_state
from rnnlab.experiments.event import Event
from rnnlab.experiments.language_model.data import graph_tokens, prepare
from rnnlab.experiments.race.config import Config, Lane, is_parity, marks_of
from rnnlab.experiments.race.events import Difference, Epoch, Finished, LaneFacts, Result, Split, Started, Step
from rnnlab.experiments.race.lane import RunningLane, SharedText, same_weights
from rnnlab.experiments.race.race_state import RaceState
from rnnlab.models.memory_estimate import check_bytes, count_parameters, training_bytes
from rnnlab.validation import InvalidInput

DIGITS = 4  # of perplexities that are compared: rounding decides nothing
ORDER = ("finish", "epochs", "stalled", "retired")  # of the ends of lanes, the best first


class Race:
    """A race that can begin: its settings are checked, and its lanes are made when `events` is called.

    All lanes advance in one thread, a minibatch each in turn, so another load on the machine delays them alike.
    """

    def __init__(
        self,
        config: Config,
        text: str | None = None,
        *,
        device: str = "auto",
        read_state: Callable[[], RaceState] | None = None,
        read_text: Callable[[], str] | None = None,
    ) -> None:
        """Check the text, and the memory that all lanes take together. Raises InvalidInput.

        text: needed when `config.corpus` is not a shipped one.
        device: "auto", "cpu" or "cuda".
        read_state: returns where an earlier race stood, to go on from there; it may raise InvalidInput.
        read_text: returns a text of one's own when the race begins, in place of `text`; it may raise InvalidInput.
            The text and the memory are then checked by `events`.
        """
        self.config, self._text, self._device = config, text, device
        self.lanes = config.lane_configs()
        self._read_text, self._bytes_running = read_text, 0
        if read_text is None:
            self._prepare()
        self._running: list[RunningLane] = []
        self._read_state = read_state
        self.state: RaceState | None = None  # after the last epoch

    @property
    def nbytes(self) -> int:
        """Estimate the memory of the lanes between two minibatches, in bytes."""
        return 2 * len(self._text or "") + (self._bytes_running if self._running else 0)

    @property
    def text(self) -> str | None:
        """Return the text of one's own; None of a shipped one, and of one that has not been read."""
        return self._text

    def _prepare(self) -> SharedText:
        """Cut and number the text of all lanes. Raises InvalidInput, also if they take too much memory."""
        if self._text is None and self._read_text is not None:
            self._text = self._read_text()
        shared = SharedText(prepare(self.lanes[0].config, self._text))
        vocab_size = len(shared.prepared.corpus.vocab)
        check_race_memory(self.lanes, vocab_size)
        self._bytes_running = shared.nbytes + sum(lane_bytes(lane, vocab_size, tokens=0) for lane in self.lanes)
        return shared

    def release(self) -> None:
        """Drop the models and the text of a race that has ended."""
        self._running, self.state, self._read_state, self._text = [], None, None, None

    def events(self) -> Generator[Event, None, None]:
        """Run the race from its beginning: Started first, Finished last. One that goes on has no Started.

        Raises InvalidInput, if what it goes on from is damaged or lost.
        """
        state = self.state = None if self._read_state is None else self._read_state()
        known = [None] * len(self.lanes) if state is None else state.lanes
        if len(known) != len(self.lanes):
            raise InvalidInput("stored_run", "race")
        shared = self._prepare()
        self._running = lanes = [
            RunningLane(lane, shared, self._device, own) for lane, own in zip(self.lanes, known, strict=True)
        ]
        try:
            started = self._started(lanes)
            if state is None:
                yield started
            yield from self._run(lanes, {} if state is None else state.splits)
        finally:
            for lane in lanes:
                lane.close()

    def _started(self, lanes: list[RunningLane]) -> Started:
        shared, *_ = [lane.start() for lane in lanes]
        c = self.config
        facts = tuple(
            LaneFacts(lane.name, lane.trainer.config.model, lane.trainer.model.count_parameters()) for lane in lanes
        )
        return Started(
            parameters=max(lane.parameters for lane in facts),
            lanes=facts,
            steps=shared.steps,
            epochs=c.epochs,
            train_tokens=shared.train_tokens,
            held_out_tokens=shared.held_out_tokens,
            vocab_size=shared.vocab_size,
            uniform_perplexity=shared.uniform_perplexity,
            unigram_perplexity=shared.unigram_perplexity,
            ngram5_perplexity=shared.ngram5_perplexity,
            marks=marks_of(c, shared.uniform_perplexity),
            target_perplexity=c.target_perplexity,
            is_parity=is_parity(self.lanes),
            same_weights=same_weights(lanes),
            clock=lanes[0].clock_name,
            device=shared.device,
            entropy_perplexity=shared.entropy_perplexity,
        )

    def _run(self, lanes: list[RunningLane], passed: Mapping[float, Mapping[str, int]]) -> Iterator[Event]:
        """Give each lane its turn until all have ended. `passed`: the marks that the lanes had passed before."""
        parity = is_parity(self.lanes)
        splits = Splits(marks_of(self.config, math.inf), passed)
        while running := [lane for lane in lanes if not lane.end]:
            steps: list[Step] = []
            for lane in running:
                for event in lane.turn():
                    yield event
                    if isinstance(event, Step):
                        steps.append(event)
                    if isinstance(event, Epoch):
                        yield from splits.passed(event)
            if not steps and not any(lane.trainer.within_epoch for lane in running):
                self._keep(lanes, splits)
            if parity and len(steps) == 2:
                yield difference_of(*steps)
        yield Finished(results_of(lanes))

    def _keep(self, lanes: list[RunningLane], splits: Splits) -> None:
        """Note where the race stands: all lanes that run have just ended an epoch."""
        epoch = max(lane.trainer.epoch for lane in lanes)
        self.state = RaceState(epoch, tuple(lane.state for lane in lanes), splits.epochs)


class Splits:
    """The marks that the lanes have passed so far."""

    def __init__(self, marks: Sequence[float], passed: Mapping[float, Mapping[str, int]] | None = None) -> None:
        self.marks = marks
        known = passed or {}
        self._epochs = {mark: dict(known.get(mark, {})) for mark in marks}  # of each lane that has passed

    @property
    def epochs(self) -> dict[float, dict[str, int]]:
        """Return a copy of the epochs at which each lane has passed each mark."""
        return {mark: dict(epochs) for mark, epochs in self._epochs.items()}

    def passed(self, event: Epoch) -> Iterator[Split]:
        """Yield the marks that a lane has passed in this epoch."""
        for mark, epochs in self._epochs.items():
            if event.lane in epochs or not event.perplexity <= mark:
                continue
            place = 1 + sum(epoch < event.epoch for epoch in epochs.values())
            epochs[event.lane] = event.epoch
            yield Split(event.lane, mark, place, event.epoch, event.perplexity, event.seconds, event.characters)


def difference_of(one: Step, other: Step) -> Difference:
    """Return how far two minibatches of the same place are apart."""
    return Difference(
        lane=other.lane,
        epoch=other.epoch,
        step=other.step,
        steps=other.steps,
        perplexity=other.perplexity,
        seconds=max(one.seconds, other.seconds),
        characters=other.characters,
        difference=other.perplexity / one.perplexity - 1,
    )


def results_of(lanes: Sequence[RunningLane]) -> tuple[Result, ...]:
    """Return the results, the winner's first.

    Lanes that are over the line in the same epoch share a place, and others whose perplexities have the same DIGITS.
    """

    def rank(lane: RunningLane) -> tuple[float, ...]:
        over = lane.end == "finish"
        perplexity = math.inf if lane.last is None else float(f"{lane.last.perplexity:.{DIGITS}g}")
        return ORDER.index("finish" if over else "retired" if lane.end == "retired" else "epochs"), (
            float(lane.trainer.epoch) if over else perplexity
        )

    ranks = [rank(lane) for lane in lanes]
    results = [
        Result(
            lane=lane.name,
            place=1 + sum(other < own for other in ranks),
            end=lane.end,
            epoch=0 if lane.last is None else lane.last.epoch,
            perplexity=None if lane.last is None else lane.last.perplexity,
            held_out_perplexity=None if lane.last is None else lane.last.held_out_perplexity,
            seconds=lane.seconds,
            characters=lane.characters,
        )
        for lane, own in zip(lanes, ranks, strict=True)
    ]
    return tuple(sorted(results, key=lambda result: (result.place, result.seconds)))


def lane_bytes(lane: Lane, vocab_size: int, tokens: int | None = None) -> int:
    """Return the bytes that a lane takes while a minibatch is trained, or of `tokens` characters."""
    c = lane.config
    moments = len(set(optimizer_state(c.optimizer, c.momentum)) - {"step"})
    return training_bytes(c, vocab_size, graph_tokens(c) if tokens is None else tokens, moments)


def check_race_memory(lanes: Sequence[Lane], vocab_size: int) -> None:
    """Raise InvalidInput if all lanes together would take more than `max_run_bytes`."""
    needed = sum(lane_bytes(lane, vocab_size) for lane in lanes)
    check_bytes("lanes", needed, sum(count_parameters(lane.config, vocab_size) for lane in lanes))
