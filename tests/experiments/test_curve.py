"""Events become rows of a curve."""

import json
import math
from dataclasses import fields

import pytest

from rnnlab.experiments.event import Event
from rnnlab.experiments.language_model import Baselines, CurveRows, Epoch, EpochDiverged, Finished, Started, Step
from rnnlab.limits import MAX_MINIBATCH_POINTS


def started(steps):
    perplexities = {item.name: None for item in fields(Started) if item.name.endswith("_perplexity")}
    known = perplexities | {"uniform_perplexity": 10.0, "unigram_perplexity": 8.0, "counted_tokens": 50}
    return Started(1, steps, 10, 50, 0, parameters=100, **known, device="cpu")


STARTED = started(4)


def test_a_short_run_keeps_every_minibatch():
    record = CurveRows(epochs=3)
    assert record(STARTED)["kind"] == "start"
    rows = [record(Step(epoch, step, 4, 5.0, 1.0)) for epoch in (1, 2) for step in (1, 2, 3, 4)]
    assert [row["x"] for row in rows] == [0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0]
    assert {row["y"] for row in rows} == {5.0}
    assert {row["kind"] for row in rows} == {"step"}


def test_minibatches_of_a_long_run_are_averaged_geometrically():
    record = CurveRows(epochs=MAX_MINIBATCH_POINTS)
    record(started(2))  # two minibatches to a point
    assert record(Step(1, 1, 2, 2.0, 1.0)) is None
    assert record(Step(1, 2, 2, 8.0, 1.0)) == {"kind": "step", "x": 1.0, "y": 4.0}


def test_number_of_points_is_bounded():
    record, points = CurveRows(epochs=10), 0
    record(started(1000))
    for epoch in range(1, 101):  # ten times as long as planned: it was extended
        points += sum(record(Step(epoch, step, 1000, 2.0, 1.0)) is not None for step in range(1, 1001))
    assert MAX_MINIBATCH_POINTS <= points <= 5 * MAX_MINIBATCH_POINTS


def test_minibatches_of_an_epoch_that_begins_anew_are_forgotten():
    record = CurveRows(epochs=MAX_MINIBATCH_POINTS)
    record(started(2))
    record(Step(1, 1, 2, 1000.0, 1.0))
    record(started(2))
    assert record(Step(1, 1, 2, 2.0, 1.0)) is None
    assert record(Step(1, 2, 2, 2.0, 1.0))["y"] == 2.0


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        (STARTED, "start"),
        (Epoch(1, 2.0, None, 3.0, 4.0, 5.0, 0.5, ("a",)), "epoch"),
        (Baselines(**{item.name: 2.0 for item in fields(Baselines)}), "baselines"),
        (EpochDiverged(2, 3, 1), "diverged"),
        (Finished(3, True, 1.5), "finished"),
    ],
)
def test_other_events_become_complete_rows(event, kind):
    assert CurveRows(3)(event) == {"kind": kind, **event.to_dict()}


def test_unknown_events_make_no_row():
    assert CurveRows(3)(Event()) is None


def test_an_infinite_perplexity_is_none_in_a_row():
    row = CurveRows(3)(Epoch(1, math.inf, math.nan, 3.0, 4.0, 5.0, 0.5, ()))
    assert row["perplexity"] is None
    assert row["held_out_perplexity"] is None
    json.dumps(row, allow_nan=False)


def test_a_run_that_is_interrupted_after_an_epoch_has_the_same_points():
    steps, epochs = 7, 3 * MAX_MINIBATCH_POINTS // 7  # groups of three: the last of each epoch is shorter
    events = [
        Step(epoch, step, steps, 1.0 + epoch * step, 1.0) for epoch in range(1, 9) for step in range(1, steps + 1)
    ]

    def points(*parts):
        record, told = CurveRows(epochs), []
        for part in parts:
            told += [record(event) for event in (started(steps), *part)]
        return [row for row in told if row is not None and row["kind"] == "step"]

    whole = points(events)
    assert [row["x"] for row in whole[:4]] == [0.4286, 0.8571, 1.0, 1.4286]
    assert points(events[: 3 * steps], events[3 * steps :]) == whole


def test_in_a_very_long_run_only_some_epochs_have_a_point():
    record = CurveRows(epochs=3 * MAX_MINIBATCH_POINTS)
    record(started(1))
    rows = [record(Step(epoch, 1, 1, float(epoch), 1.0)) for epoch in range(1, 8)]
    assert [row and (row["x"], row["y"]) for row in rows] == [None, None, (3.0, 3.0), None, None, (6.0, 6.0), None]
