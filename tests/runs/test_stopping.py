"""Stopping within the longest parts of a training: no further part is begun."""

import threading

import pytest

from rnnlab.experiments.language_model import Config, Evaluating, Step
from rnnlab.runs import STOPPED, training_run

SOON = 60.0  # seconds: long enough for a busy machine
SMALL = {
    "corpus": "own", "epochs": 3, "hidden_size": 4, "embedding_size": 2, "batch_size": 2, "num_steps": 4,
    "held_out": 0.0, "sample_every": None,
}  # fmt: skip


@pytest.fixture
def stopped_at(runner):
    """`stopped_at(kind, number, **settings)`: a run that another thread stops at its event of that number and kind.

    The events from there on are in `run.after`.
    """

    def stopped(kind, number, **settings):
        run = training_run(Config(**SMALL | settings), "la li lu la le lo " * 500)
        record, seen, run.after = run.stream.record, [], []

        def note(event):
            seen.append(event)
            if sum(isinstance(item, kind) for item in seen) >= number:
                run.after.append(event)
            if len(run.after) == 1:
                visitor = threading.Thread(target=runner.stop, args=(run,))
                visitor.start()
                visitor.join(SOON)
            return record(event)

        run.stream.record = note
        runner.start(run)
        assert run.wait(SOON)
        assert run.state == STOPPED
        assert run.last("epoch") is None
        return run

    return stopped


def test_stop_within_an_epoch_begins_no_other_minibatch(stopped_at):
    run = stopped_at(Step, 100)
    (last,) = run.after
    assert (last.epoch, last.step) == (1, 100)
    assert last.steps > 1000, "the epoch was far from its end"


def test_stop_while_evaluating_begins_no_other_part(stopped_at):
    run = stopped_at(Evaluating, 2, held_out=0.5)
    assert run.after == [Evaluating(1)]


def test_stop_while_sampling_begins_no_other_character(stopped_at):
    run = stopped_at(Evaluating, 2, sample_every=1, sample_length=500, batch_size=64, num_steps=100)
    assert run.after == [Evaluating(1)]
