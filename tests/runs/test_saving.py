"""What is saved and when, and which runs are evicted when the store is full."""

import shutil

import pytest

from rnnlab import limits
from rnnlab.runs import FINISHED, PAUSED, QUEUED, STOPPED, Store, autosave

resource = pytest.importorskip("resource", reason="limits of a process are of POSIX")

SOON = 60.0  # seconds: long enough for a busy machine


def test_an_ended_run_keeps_nothing_in_memory_that_is_on_the_disk(make_runner, store, new_training, until, curve):
    runner = make_runner(store=store)
    run = runner.start(new_training(3))
    busy = run.experiment.nbytes
    assert busy
    assert run.wait(SOON)
    assert until(lambda: run.experiment.nbytes == 0)
    assert run.latest.epoch == 3
    runner.go_on(run, 2)
    assert until(lambda: run.ended and run.experiment.nbytes == 0)
    assert len(curve(run)) == 5
    assert store.read(run.key).epoch == 5
    runner.forget(run)
    assert list(store.folder.iterdir()) == []
    assert run.latest is None


def test_command_saves_every_few_seconds_and_at_the_end(make_runner, store, new_training, until, monkeypatch):
    saved, save = [], store.save

    def noted(run):
        save(run)
        saved.append((run.experiment.epoch, run.state))

    monkeypatch.setattr(store, "save", noted)
    runner = make_runner(store=store, save_every=10_000.0)
    run = runner.start(new_training(100_000))
    assert until(lambda: run.experiment.epoch > 5)
    assert len(saved) == 1
    runner.pause(run)
    assert run.wait_until_still(SOON)
    assert until(lambda: saved[-1] == (run.experiment.epoch, PAUSED))
    runner.change(run, learning_rate=0.25)
    assert until(lambda: store.read(run.key).checkpoint.config["learning_rate"] == "0.25")
    runner.resume(run)
    runner.stop(run)
    assert until(lambda: saved[-1][1] == STOPPED)


def test_a_run_within_a_long_epoch_is_saved_and_the_next_process_goes_on_there(
    make_runner, store, new_training, until, monkeypatch
):
    monkeypatch.setattr(autosave, "PARTIAL_EVERY", 0.0)
    runner = make_runner(store=store, save_every=0.0)
    run = runner.start(new_training(100, hidden_size=256))  # it takes seconds, each point is one minibatch
    place = run.experiment.place
    assert until(lambda: runner.supervisor.check() or store.read(run.key).place[1])
    runner.close(SOON)
    point = store.read(run.key)
    assert point.place > place
    (found,), _ = Store(store.folder).load()
    assert (found.experiment.place, found.state) == (point.place, PAUSED)
    points = [row["x"] for row in found.since(0).rows if row["kind"] == "step"]
    assert len(points) == point.place[0] * run.last("start")["steps"] + point.place[1]


def test_running_runs_are_saved_before_close_stops_them(make_runner, store, new_training, until, curve):
    runner = make_runner(max_running=1, store=store, save_every=10_000.0)
    runs = [runner.start(new_training(100_000)) for _ in range(2)]
    assert until(lambda: runs[0].experiment.epoch > 3)
    runner.close(SOON)
    assert [store.read(run.key).epoch for run in runs] == [len(curve(run)) for run in runs]


def test_requests_during_close_have_no_effect(make_runner, store, new_training, until, monkeypatch):
    runner = make_runner(store=store)
    run = runner.start(new_training(100_000))
    assert until(lambda: run.experiment.epoch)
    close = runner.supervisor.close

    def close_late(timeout):
        runner.resume(run)
        runner.go_on(run, 1)
        close(timeout)

    monkeypatch.setattr(runner.supervisor, "close", close_late)
    runner.close(SOON)
    (found,), _ = Store(store.folder).load()
    assert (found.state, found.config.epochs) == (PAUSED, 100_000)


def test_run_not_saved_in_time_is_not_saved_as_stopped(make_runner, store, new_training, until, monkeypatch, gate):
    runner = make_runner(max_running=1, store=store, save_every=10_000.0)
    runs = [runner.start(new_training(100_000)) for _ in range(2)]
    assert until(lambda: all(map(runner.supervisor.autosave.has_saved, runs)))
    save, waited = store.save, []

    def slow(run):
        save(run)
        waited.append(gate.wait(SOON))

    monkeypatch.setattr(store, "save", slow)
    epoch = runs[0].experiment.epoch
    assert until(lambda: runs[0].experiment.epoch > epoch)
    runner.close(0.3)
    gate.set()
    assert until(lambda: runner.supervisor._thread is None and not runner.supervisor._checking.locked())
    assert [run.state for run in runs] == [STOPPED] * 2
    assert waited == [True]
    found, _ = Store(store.folder).load()
    assert [run.state for run in found] == [PAUSED] * 2


def test_error_in_checking_viewers_does_not_stop_saving(make_runner, store, new_training, until, monkeypatch):
    runner = make_runner(store=store)
    monkeypatch.setattr(runner.supervisor, "_check_viewers", lambda run: {}["a mistake"])
    run = runner.start(new_training(2))
    assert until(lambda: run.ended and run.experiment.nbytes == 0)


def no_folder(store):
    shutil.rmtree(store.folder, ignore_errors=True)
    store.folder.write_text("a file where the folder should be")


def full_disk(_):
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))  # no file may grow beyond that


@pytest.mark.parametrize("trouble", [no_folder, full_disk])
def test_failed_save_is_reported_once_and_training_continues(
    make_runner, store, new_training, until, monkeypatch, trouble
):
    monkeypatch.setattr(autosave, "RETRY_AFTER", 0.02)
    runner = make_runner(store=store, save_every=0.0)
    run = runner.start(new_training(100_000))
    assert until(lambda: runner.supervisor.autosave.has_saved(run) and store.read(run.key).epoch)
    try:
        trouble(store)
        assert until(lambda: run.last("not_saved"))
        assert run.not_saved == run.last("not_saved")["reason"]
        assert run.not_saved in ("File exists", "Not a directory", "File too large")
        at = run.experiment.epoch
        assert until(lambda: run.experiment.epoch > at + 2)
        assert [row["kind"] for row in run.since(0).rows].count("not_saved") == 1, "it is said once"
        if trouble is full_disk:
            assert store.read(run.key).epoch <= at, "what was saved before is whole"
            assert {path.suffix for path in store.folder.iterdir()} <= {".safetensors", ".txt", ".tmp"}
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    if trouble is no_folder:
        store.folder.unlink()
    assert until(lambda: run.last("saved"))
    assert run.not_saved == ""
    runner.stop(run)
    assert until(lambda: run.ended and run.experiment.nbytes == 0)
    assert store.read(run.key).epoch == run.experiment.epoch


def test_a_run_that_ended_unsaved_stays_usable(make_runner, store, new_training, until, monkeypatch):
    monkeypatch.setattr(autosave, "RETRY_AFTER", 0.02)
    no_folder(store)
    runner = make_runner()
    runner.supervisor.autosave.store = store
    run = runner.start(new_training(2))
    assert run.wait(SOON)
    assert until(lambda: run.not_saved)
    assert run.state == FINISHED
    assert run.latest.epoch == 2
    store.folder.unlink()
    assert until(lambda: run.experiment.nbytes == 0)


def test_error_in_saving_one_run_does_not_stop_saving_the_others(make_runner, store, new_training, until, monkeypatch):
    runner = make_runner(store=store)
    bad, good = new_training(2), new_training(2)
    save = store.save
    monkeypatch.setattr(store, "save", lambda run: save(run) if run is good else {}["a mistake"])
    for run in (bad, good):
        runner.start(run)
    assert until(lambda: good.ended and good.experiment.nbytes == 0)
    assert until(lambda: bad.not_saved == "KeyError")


def test_a_full_store_forgets_the_oldest_that_ended(make_runner, tmp_path, new_training, until):
    store = Store(tmp_path / "store", max_bytes=60_000)
    runner = make_runner(max_running=1, store=store)
    runs = []
    for _ in range(12):
        runs.append(runner.start(new_training(1)))
        assert until(lambda run=runs[-1]: run.ended and run.experiment.nbytes == 0)
    assert until(lambda: store.surplus == 0)
    kept = [run.id in runner.ids() for run in runs]
    assert kept == sorted(kept)
    assert 1 < sum(kept) < 12
    assert sum(path.stat().st_size for path in store.folder.iterdir()) <= 60_000
    assert not any(run.not_saved for run in runs)


def test_full_store_evicts_waiting_runs_of_the_largest_owner(
    make_runner, store, new_training, new_run, until, gate, monkeypatch
):
    monkeypatch.setattr(limits, "MIB", 1)  # owners are compared by bytes
    runner = make_runner(max_running=1, store=store)
    runner.start(new_run(1, gate=gate))
    other, *hoard = (new_training(1, hidden_size=32) for _ in range(5))
    other.drive()
    runner.start(other)  # it has ended, and is the oldest
    for run in hoard:
        run.owner = "one with many"
        run.drive()
        run.extend(1)
        runner.start(run)
    assert until(lambda: all(map(runner.supervisor.autosave.has_saved, (other, *hoard))))
    each = store.size_of(hoard[0].key)
    assert each > 10_000, "they have learned something"
    store.max_bytes = 3.5 * each / 0.9
    assert until(lambda: store.surplus == 0)
    kept = {run.key for run in runner.runs()}
    assert [run.key in kept for run in hoard] == [False, False, True, True]
    assert [run.state for run in hoard] == [STOPPED, STOPPED, QUEUED, QUEUED]
    assert other.key in kept


def test_save_without_room_evicts_and_is_repeated_at_once(make_runner, store, new_training, until):
    runner = make_runner(store=store)
    old = runner.start(new_training(1, hidden_size=32))
    assert until(lambda: old.ended and old.experiment.nbytes == 0)
    store.max_bytes = 1.5 * store.size_of(old.key)  # less than nine tenths are used, but a second file does not fit
    assert store.surplus == 0
    new = runner.start(new_training(1, hidden_size=32))
    assert until(lambda: new.ended and new.experiment.nbytes == 0)
    assert new.last("not_saved") is None
    assert [run.key for run in runner.runs()] == [new.key]


def test_a_store_full_of_paused_runs_ends_the_oldest(make_runner, tmp_path, new_training, until):
    store = Store(tmp_path / "store", max_bytes=100_000)
    runner = make_runner(max_running=1, store=store)
    runs = []
    for _ in range(16):
        run = runner.start(new_training(10_000))
        assert until(lambda run=run: run.experiment.epoch)
        runner.pause(run)
        assert until(lambda run=run: run.state == PAUSED and runner.supervisor.autosave.has_saved(run))
        runs.append(run)
    assert until(lambda: store.surplus == 0)
    assert runs[0].state == STOPPED
    assert runs[-1].state == PAUSED
    assert not any(run.not_saved for run in runs)
