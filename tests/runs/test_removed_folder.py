"""The saved runs are removed while the server runs, as when temporary folders are cleaned."""

import shutil

import pytest

from rnnlab.runs import PAUSED, Store, autosave

SOON = 60.0  # seconds: long enough for a busy machine


@pytest.fixture(autouse=True)
def often(monkeypatch):
    monkeypatch.setattr(autosave, "MISSING_EVERY", 0.01)


def test_runs_in_memory_are_saved_again(make_runner, store, new_training, until):
    runner = make_runner(max_running=1, store=store)
    training, waiting = runner.start(new_training(100_000)), runner.start(new_training(3))
    paths = [store.folder / f"{run.key}.safetensors" for run in (training, waiting)]
    assert until(lambda: all(path.exists() for path in paths))
    runner.pause(training)
    assert waiting.wait(SOON)
    runner.resume(training)
    assert until(lambda: training.experiment.epoch > 2)
    runner.pause(training)
    assert training.wait_until_still(SOON)
    assert until(lambda: store.read(training.key).place == training.experiment.place)
    shutil.rmtree(store.folder)
    assert until(paths[0].exists)
    assert paths[0].with_suffix(".txt").exists()
    assert store.folder.stat().st_mode & 0o777 == 0o700
    assert store.read(training.key).place == training.experiment.place
    runner.close(SOON)
    (found,), _ = Store(store.folder).load()
    assert (found.key, found.state) == (training.key, PAUSED)


def test_suspended_run_with_removed_files_is_lost_with_a_log_entry(make_runner, store, new_training, until, caplog):
    runner = make_runner(store=store)
    run = runner.start(new_training(2))
    assert run.wait(SOON)
    assert until(lambda: run.experiment.nbytes == 0)
    (store.folder / f"{run.key}.safetensors").unlink()
    assert until(lambda: any("event=run_lost" in message for message in caplog.messages))
    assert run.latest is None
    assert runner.supervisor.autosave.settled(run)
    another = runner.start(new_training(2))
    assert until(lambda: another.ended and runner.supervisor.autosave.settled(another))
    assert store.read(another.key).epoch == 2
    assert store.size_of(run.key) == 0 or (store.folder / f"{run.key}.txt").exists()
