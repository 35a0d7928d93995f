"""The recordings of trainings beside the saved runs: after a restart, with more epochs, and when there is no room."""

import errno

import pytest

from rnnlab import limits
from rnnlab.experiments.language_model.recording.files import Folder
from rnnlab.runs import Store
from rnnlab.runs.training import training_of
from rnnlab.ui.tabs.train.payload import news

SOON = 60.0


@pytest.fixture
def finished(make_runner, store, new_training, monkeypatch):
    monkeypatch.setattr(limits, "MAX_WAITING_EPOCHS", 100)  # so that none is left out
    monkeypatch.setattr(limits, "MAX_RECORDING_SHARE", 1.0)
    runner = make_runner(store=store)
    run = runner.start(new_training(4))
    assert run.wait(SOON)
    return runner, run


def test_every_run_is_recorded_and_goes_on_with_more_epochs(finished, until):
    runner, run = finished
    recording = training_of(run).recording
    assert until(lambda: recording.epochs == [0, 1, 2, 3, 4])
    runner.go_on(run, 2)
    assert run.wait(SOON)
    assert until(lambda: training_of(run).recording.epochs == [0, 1, 2, 3, 4, 5, 6])
    runner.forget(run)
    assert not recording.files.path.exists()


def test_another_process_finds_the_recording_and_removes_those_of_no_run(finished, make_runner, store, until):
    runner, run = finished
    assert until(lambda: training_of(run).recording.epochs == [0, 1, 2, 3, 4])
    runner.close()
    stray, other = store.recordings.folder / ("0" * 64), store.recordings.folder / "2024"
    stray.mkdir()
    other.mkdir()
    (again,) = make_runner(store=Store(store.folder)).runs()
    assert again.key == run.key
    assert training_of(again).recording.epochs == [0, 1, 2, 3, 4]
    assert not stray.exists()
    assert other.exists(), "it is none of ours"


def test_recordings_go_first_and_the_run_says_so(finished, until):
    runner, run = finished
    store = runner.supervisor.autosave.store
    assert until(lambda: training_of(run).recording.epochs == [0, 1, 2, 3, 4])
    assert until(lambda: runner.supervisor.autosave.settled(run))
    store.max_bytes = 2 * store.size_of(run.key)
    assert store.recordings.nbytes > store.room_beside
    runner.supervisor.check()
    assert store.recordings.nbytes == 0
    assert run in runner.runs()
    assert run.last("recording_dropped") == {"kind": "recording_dropped"}
    assert run.latest.epoch == 4
    store.max_bytes = limits.MAX_STORED_RUNS_BYTES
    runner.go_on(run, 2)
    assert run.wait(SOON)
    assert until(lambda: training_of(run).recording.epochs == [5, 6]), "from here on"


def test_a_disk_that_takes_no_more_of_a_recording_is_told_on_the_page_and_in_the_next_process(
    make_runner, store, new_training, until, monkeypatch
):
    run = new_training(3)
    runner = make_runner(store=store)

    def full(self, name, content):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Folder, "write", full)
    runner.start(run)
    assert run.wait(SOON)
    row = {"kind": "recording_ended", "reason": "No space left on device"}
    assert until(lambda: run.last("recording_ended") == row)
    assert run.latest.epoch == 3
    assert until(lambda: runner.supervisor.autosave.settled(run))
    assert news(run, run.since(0), "en")["recording_ended"] == "No space left on device"
    runner.close()
    (again,) = make_runner(store=Store(store.folder)).runs()
    assert again.last("recording_ended") == row


def test_without_a_store_nothing_is_recorded(make_runner, new_training):
    run = make_runner().start(new_training(2))
    assert run.wait(SOON)
    assert training_of(run).recording is None
