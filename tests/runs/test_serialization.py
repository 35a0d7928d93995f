"""The rows that are stored beside a checkpoint, and the checks on reading them."""

import copy
import json

import pytest

from rnnlab.runs import DIVERGED, FINISHED
from rnnlab.runs.serialization import from_stored, to_stored
from rnnlab.validation import InvalidInput

SOON = 60.0


def untrained():
    return {"kind": "untrained", "epoch": 0, "samples": ["la"], "missing": ["x"]}


def step(x):
    return {"kind": "step", "x": x, "y": 2.0}


def start(first_epoch):
    return {"kind": "start", "first_epoch": first_epoch}


def epoch(number):
    return {"kind": "epoch", "epoch": number}


def changed(number, at):
    return {"kind": "changed", "epoch": number, "step": at, "learning_rate": 0.5}


@pytest.mark.parametrize(
    ("rows", "until", "kept"),
    [
        ([], 0, []),
        ([start(1), step(0.5), step(1.0), epoch(1), step(1.5)], 1, [start(1), step(0.5), step(1.0), 1]),
        ([start(1), step(0.5)], 0, [start(1)]),
        # an epoch that was stopped in the middle and repeated
        ([start(1), step(1.0), epoch(1), step(1.5), start(2), step(1.5), step(2.0), epoch(2)], 2,
         [start(1), step(1.0), 1, step(1.5), step(2.0), 2]),
        # samples of the untrained model, drawn anew with the first epoch
        ([start(1), untrained(), step(0.5), start(1), untrained(), step(0.5)], 0, [start(1), untrained()]),
        # the checkpoint is newer than the rows, or older
        ([start(1), step(1.0)], 1, [start(1), step(1.0)]),
        ([start(1), step(1.0), epoch(1), step(2.0), epoch(2)], 1, [start(1), step(1.0), 1]),
        # a learning rate that was changed in a repeated epoch applies from its beginning
        ([epoch(1), changed(2, 7)], 1, [1, changed(2, 1)]),
        ([changed(1, 7), epoch(1)], 1, [changed(1, 7), 1]),
        # n-grams that a run counted again after it was interrupted
        ([start(1), {"kind": "baselines"}, epoch(1), start(2), {"kind": "baselines"}, epoch(2)], 2,
         [start(1), {"kind": "baselines"}, 1, 2]),
        # rows that are not stored
        ([{"kind": "not_saved", "reason": "full"}, epoch(1), {"kind": "saved"}], 1, [1]),
        ([epoch(1), {"kind": "finished", "epoch": 1}], 1, [1, {"kind": "finished", "epoch": 1}]),
    ],
)  # fmt: skip
def test_stored_rows_of_a_history(rows, until, kept):
    assert to_stored(rows, (until, 0)) == kept


def test_the_rows_of_an_epoch_in_progress_end_where_its_checkpoint_does():
    begun = {**start(1), "steps": 3}
    rows = [begun, step(1.0), epoch(1), changed(2, 2), step(1.3333), step(1.6667), changed(2, 3), step(2.0)]
    assert to_stored(rows, (1, 2)) == [begun, step(1.0), 1, changed(2, 2), step(1.3333), step(1.6667), changed(2, 3)]
    kept = [begun, step(1.0), 1, changed(2, 2), step(1.3333), changed(2, 2)]
    assert to_stored(rows, (1, 1)) == kept, "a rate that was changed later applies from the next minibatch on"


def test_ended_run_keeps_the_minibatches_after_its_last_epoch():
    rows = [epoch(1), step(1.5), changed(2, 7), {"kind": "diverged", "epoch": 2, "step": 9, "kept_epoch": 1}]
    assert to_stored(rows, (1, 0), ended=True) == [1, *rows[1:]]


@pytest.fixture(scope="module")
def whole():
    """Rows and history as a real run makes them, through JSON."""
    from rnnlab.experiments.language_model import Config, CurveRows, Trainer

    config = Config(corpus="own", hidden_size=4, batch_size=2, num_steps=4, held_out=0.0, epochs=3, sample_length=2)
    trainer, record = Trainer(config, "la li lu la le lo " * 8), CurveRows(3)
    rows = [row for row in map(record, trainer.events()) if row is not None]
    rows.insert(5, changed(1, 5))
    return json.loads(json.dumps(rows)), json.loads(json.dumps(trainer.latest.history))


def test_rows_round_trip_through_the_store(whole):
    rows, history = whole
    assert from_stored(json.loads(json.dumps(to_stored(rows, (3, 0)))), history, "file") == rows
    short = [row for row in to_stored(rows, (3, 0)) if row != 3]
    assert from_stored(short, history, "file")[-1] == {"kind": "epoch", **history[2]}, "the log had not heard of it"
    assert from_stored(to_stored(rows, (2, 0)), history[:2], "file")[-1]["epoch"] == 2
    assert from_stored([], (), "file") == []


BROKEN = {
    "no list": lambda rows, _: {"rows": rows},
    "a text": lambda rows, _: rows.insert(1, "row"),
    "true for an epoch": lambda rows, _: rows.__setitem__(rows.index(1), True),
    "an epoch twice": lambda rows, _: rows.insert(rows.index(1), 1),
    "an epoch missing": lambda rows, _: rows.remove(1),
    "an epoch too many": lambda rows, _: rows.append(4),
    "another order": lambda rows, _: rows.reverse(),
    "an unknown kind": lambda rows, _: rows[2].update(kind="spell"),
    "a list for a kind": lambda rows, _: rows[2].update(kind=[]),
    "no kind": lambda rows, _: rows[2].pop("kind"),
    "a field missing": lambda rows, _: rows[2].pop("x"),
    "a field too many": lambda rows, _: rows[2].update(z=1),
    "text for a number": lambda rows, _: rows[2].update(x="1"),
    "nothing for a number": lambda rows, _: rows[2].update(x=None),
    "a list for a number": lambda rows, _: rows[2].update(y=[1]),
    "infinity": lambda rows, _: rows[2].update(y=float("inf")),
    "not a number": lambda rows, _: rows[2].update(y=float("nan")),
    "an immense number": lambda rows, _: rows[2].update(y=10**400),
    "no samples of the untrained model": lambda rows, _: rows[1].update(samples=None),
    "a number among them": lambda rows, _: rows[1].update(samples=[1]),
    "a number for missing characters": lambda rows, _: rows[1].update(missing=1),
    "a novel for a device": lambda rows, _: rows[0].update(device="x" * 1000),
    "a number for a device": lambda rows, _: rows[0].update(device=1),
    "an epoch of the history out of order": lambda _, history: history.reverse(),
    "an epoch of the history without samples": lambda _, history: history[0].update(samples=None),
    "an epoch of the history without a field": lambda _, history: history[0].pop("grad_norm"),
    "an epoch of the history with text": lambda _, history: history[0].update(grad_norm="x"),
    "an epoch of the history too few": lambda _, history: history.pop(),
}  # fmt: skip


@pytest.mark.parametrize("trouble", BROKEN)
def test_invalid_stored_rows_are_refused(whole, trouble):
    rows, history = copy.deepcopy(to_stored(whole[0], (3, 0))), copy.deepcopy(whole[1])
    other = BROKEN[trouble](rows, history)
    with pytest.raises(InvalidInput) as refused:
        from_stored(other if trouble == "no list" else rows, history, "0a1b.safetensors")
    assert (refused.value.code, refused.value.field) == ("stored_run", "0a1b.safetensors")


@pytest.mark.parametrize("state", [DIVERGED, FINISHED])
def test_every_final_row_can_be_stored(state, whole):
    ends = {DIVERGED: {"epoch": 4, "step": 1, "kept_epoch": 3}, FINISHED: whole[0][-1]}
    row = {"kind": state, **ends[state]}
    assert from_stored([1, 2, 3, row], whole[1], "file")[-1] == row
