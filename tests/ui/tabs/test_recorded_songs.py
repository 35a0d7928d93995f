"""Songs of epochs that a run's history no longer has come from its recording."""

import time

import pytest

from rnnlab import limits
from rnnlab.experiments.language_model import Config
from rnnlab.runs import Runner, Store, training_run
from rnnlab.ui.tabs.train.recorded_songs import recorded_row

TEXT = "la li lu la le lo\n" * 12
TINY = {"corpus": "own", "hidden_size": 4, "batch_size": 2, "num_steps": 9, "held_out": 0.0, "sample_length": 3}


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "MAX_SAMPLED_EPOCHS", 2)
    monkeypatch.setattr(limits, "MAX_WAITING_EPOCHS", 100)  # so that none is left out
    monkeypatch.setattr(limits, "MAX_RECORDING_SHARE", 1.0)
    runner = Runner(store=Store(tmp_path / "runs"))
    run = runner.start(training_run(Config(epochs=5, sample_every=2, **TINY), TEXT))
    assert run.wait(20)
    end = time.monotonic() + 20
    while run.experiment.recording.epochs != [0, 1, 2, 3, 4, 5] and time.monotonic() < end:
        time.sleep(0.01)
    yield run
    runner.close()


def test_a_dropped_song_is_found_in_the_recording(run):
    rows = {row["epoch"]: row for row in run.since(0).rows if row["kind"] == "epoch"}
    assert [epoch for epoch, row in rows.items() if row["samples"]] == [4, 5]
    found = recorded_row(run, 2)
    assert found["epoch"] == 2
    assert found["samples"]
    assert found["perplexity"] == rows[2]["perplexity"]
    assert recorded_row(run, 3) == found, "the last one before it"
    assert recorded_row(run, 0)["kind"] == "untrained"


def test_a_run_without_a_recording_has_none(run):
    run.experiment.recording.remove()
    assert recorded_row(run, 2) is None
