"""Runs survive the process; damaged files are skipped."""

import hashlib
import json
import os
import pickle
import stat
import threading
from dataclasses import replace

import pytest

from rnnlab import checkpoints
from rnnlab.experiments.language_model import Config
from rnnlab.runs import DIVERGED, FINISHED, PAUSED, RESTARTED, STOPPED, Run, Runner, Store, Training, training_run
from rnnlab.validation import InvalidInput

SOON = 60.0  # seconds: long enough for a busy machine


@pytest.fixture
def kept(store, make_runner, new_training, until):
    """The id and the key of a run that was stored after some epochs."""
    runner = make_runner(store=store)
    run = runner.start(new_training(100_000))
    assert until(lambda: run.experiment.epoch >= 3)
    runner.close(SOON)
    return run.id, run.key


def about(path):
    found = path.lstat()
    return found.st_ino, found.st_mode, found.st_size, found.st_mtime_ns


def file_of(store, key, kind="safetensors"):
    return store.folder / f"{key}.{kind}"


def header_of(path):
    with path.open("rb") as file:
        return checkpoints.files.read_header(file, checkpoints.FORMAT, "").metadata


def write_about(store, key, **changes):
    """Rewrite the run's file with changes in its header."""
    path = file_of(store, key)
    also = json.loads(header_of(path)["run"])
    path.write_bytes(checkpoints.to_bytes(checkpoints.load(path), {"run": json.dumps(also | changes)}))


# loading


def test_a_run_is_found_again_by_its_id_and_goes_on(make_runner, store, kept, curve, new_training, until):
    run_id, key = kept
    runner = make_runner(store=Store(store.folder))
    assert runner.skipped == ()
    assert runner.ids() == (), "the id is a secret that only the visitor's browser has"
    assert runner.census() == {"running": 0, "waiting": 0, "paused": 1, "ended": 0, "kept": 1}
    assert runner.get(key) is None
    run = runner.get(run_id)
    assert (run.id, run.state, run.why) == (run_id, PAUSED, RESTARTED)
    assert isinstance(run.experiment, Training)
    assert run.experiment.nbytes == 0, "nothing is read before it is wanted"
    epoch = run.experiment.epoch
    assert len(curve(run)) == epoch == run.latest.epoch >= 3
    whole = make_runner().start(new_training(epoch + 3))
    assert whole.wait(SOON)
    runner.change(run, learning_rate=run.config.learning_rate)  # while it is suspended
    runner.resume(run)
    assert until(lambda: run.experiment.epoch >= epoch + 3)
    runner.stop(run)
    assert run.wait(SOON)
    assert curve(run)[: epoch + 3] == curve(whole)


def test_more_epochs_are_more_than_planned_for_a_run_that_had_not_ended(make_runner, store, new_training, until):
    runner = make_runner(max_running=1, store=store)
    runs = [runner.start(new_training(5000)) for _ in range(2)]
    assert until(lambda: runs[0].experiment.epoch)
    runner.go_on(runs[1], 1)
    assert runs[1].config.epochs == 5001, "it waits"
    runner.close(SOON)
    runner = make_runner(max_running=1, store=Store(store.folder))
    for run in runs:
        runner.go_on(runner.get(run.id), 10)
    assert [runner.get(run.id).config.epochs for run in runs] == [5010, 5011]


def test_id_is_not_written_to_disk(store, kept):
    run_id, key = kept
    assert key == hashlib.sha256(run_id.encode()).hexdigest()
    for path in store.folder.iterdir():
        assert run_id not in path.name
        assert run_id.encode() not in path.read_bytes()


def test_stored_files_are_readable_by_their_owner_only(store, kept, tmp_path):
    before = os.umask(0)
    try:
        for folder in (store.folder, tmp_path / "other"):
            Store(folder).load()
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    finally:
        os.umask(before)
    assert {stat.S_IMODE(path.stat().st_mode) for path in store.folder.iterdir()} == {0o600}
    store.folder.chmod(0o755)
    store.load()
    assert stat.S_IMODE(store.folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("settings", [{}, {"learning_rate": 1e6, "optimizer": "sgd", "grad_clip": None}])
def test_ended_run_is_loaded_in_its_final_state(make_runner, store, new_training, until, settings, curve):
    runner = make_runner(store=store)
    run = runner.start(new_training(50 if settings else 4, **settings))
    assert until(lambda: run.ended and run.experiment.nbytes == 0)
    runner.close(SOON)
    again = make_runner(store=Store(store.folder)).get(run.id)
    assert again.state == run.state == (DIVERGED if settings else FINISHED)
    assert again.why == ""
    assert again.since(0).rows == run.since(0).rows
    assert again.latest.epoch == len(curve(again))


def test_stopped_run_is_loaded_as_stopped(make_runner, store, kept, until):
    runner = make_runner(store=Store(store.folder))
    runner.stop(runner.get(kept[0]))
    runner.close(SOON)
    assert make_runner(store=Store(store.folder)).get(kept[0]).state == STOPPED


def test_a_shipped_text_is_not_copied(make_runner, store, until):
    runner = make_runner(store=store)
    run = runner.start(training_run(Config(corpus="lyrics-en", max_tokens=1200, hidden_size=4, epochs=1)))
    assert until(lambda: run.ended and run.experiment.nbytes == 0)
    assert [path.suffix for path in store.folder.iterdir()] == [".safetensors"]
    runner.close(SOON)
    runner = make_runner(store=Store(store.folder))
    again = runner.get(run.id)
    assert again.experiment.prefixes == run.experiment.prefixes == ("I will", "The night")
    runner.go_on(again, 1)
    assert again.wait(SOON)
    assert again.state == FINISHED


def test_changed_learning_rate_survives_the_process(make_runner, store, kept, until):
    runner = make_runner(store=Store(store.folder))
    run = runner.get(kept[0])
    before = run.config.learning_rate
    runner.change(run, learning_rate=0.125)
    runner.close(SOON)
    again = make_runner(store=Store(store.folder)).get(kept[0])
    assert again.config.learning_rate == 0.125
    place = again.experiment.place
    assert again.last("changed") == {
        "kind": "changed", "epoch": place[0] + 1, "step": place[1] + 1, "learning_rate": 0.125,
        "before": before,
    }  # fmt: skip


def test_unknown_id_returns_no_run(make_runner, store, kept):
    runner = make_runner(store=Store(store.folder))
    assert all(runner.get(name) is None for name in ("x", kept[0] + " ", kept[0][:-1], "../" + kept[1]))


def test_run_whose_state_changes_while_it_is_saved_can_be_loaded(store, new_training, monkeypatch):
    run = new_training(2)
    monkeypatch.setattr(Run, "ended", True)  # as a moment earlier
    store.save(run)
    monkeypatch.undo()
    (found,), skipped = store.load()
    assert (found.key, found.state, skipped) == (run.key, PAUSED, [])


def test_pipe_in_place_of_a_text_does_not_block_the_start(store, kept):
    text = file_of(store, kept[1], "txt")
    text.unlink()
    os.mkfifo(text)
    skipped = []
    thread = threading.Thread(target=lambda: skipped.extend(Store(store.folder).load()[1]), daemon=True)
    thread.start()
    thread.join(SOON / 10)
    assert not thread.is_alive()
    assert {error.code for _, error in skipped} == {"stored_text", "stored_run"}


# before the first epoch


@pytest.fixture
def beginning(store, make_runner, new_training, gate, new_run, until):
    """The id and the key of a run of a large model that was stored while it waited."""
    runner = make_runner(max_running=1, store=store)
    runner.start(new_run(1, gate=gate))
    run = runner.start(new_training(6, hidden_size=64))
    runner.change(run, learning_rate=0.0625)
    assert until(lambda: runner.supervisor.autosave.settled(run))
    runner.close(0.5)
    assert until(lambda: runner.supervisor._thread is None)
    return run.id, run.key


def test_run_before_its_first_epoch_is_stored_without_tensors_and_loaded(
    make_runner, store, beginning, new_training, curve
):
    run_id, key = beginning
    assert file_of(store, key).stat().st_size < 3000
    runner = make_runner(store=Store(store.folder))
    run = runner.get(run_id)
    assert (run.state, run.why, run.experiment.epoch, run.experiment.nbytes) == (PAUSED, RESTARTED, 0, 0)
    assert (run.config.hidden_size, run.config.learning_rate) == (64, 0.0625)
    assert run.last("changed")["learning_rate"] == 0.0625
    assert run.latest.epoch == 0
    assert run.latest.build_model()
    runner.resume(run)
    whole = make_runner().start(new_training(6, hidden_size=64, learning_rate=0.0625))
    assert run.wait(SOON)
    assert whole.wait(SOON)
    assert curve(run) == curve(whole)
    assert runner.supervisor.autosave.has_saved(run)
    runner.close(SOON)
    assert store.read(key).epoch == 6


def test_run_stopped_in_its_first_epoch_is_loaded_with_its_minibatches(make_runner, store, new_training, until):
    runner = make_runner(store=store)
    run = new_training(6)
    record = run.stream.record

    def stop_at_third(event):
        if getattr(event, "step", 0) == 3:
            run.stop()
        return record(event)

    run.stream.record = stop_at_third
    runner.start(run)
    assert until(lambda: run.ended and run.experiment.nbytes == 0)
    runner.close(SOON)
    again = make_runner(store=Store(store.folder)).get(run.id)
    assert again.state == STOPPED
    assert [row["kind"] for row in again.since(0).rows] == ["start", "step", "step", "step"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"config": None}, "stored_run"), ({"config": {"epochs": 7}}, "stored_run"),
        ({"config": {"corpus": "lyrics-en", "epochs": "-1"}}, "out_of_range"), ({"text_digest": 7}, "stored_text"),
        ({"rows": [1]}, "stored_run"), ({"state": "suspended"}, "stored_run"),
    ],
)  # fmt: skip
def test_run_without_epochs_and_with_an_invalid_header_is_skipped(store, beginning, changes, code):
    path = file_of(store, beginning[1])
    about = json.loads(header_of(path)["run"])
    path.write_bytes(checkpoints.files.without_tensors(checkpoints.FORMAT, {"run": json.dumps(about | changes)}))
    runs, skipped = Store(store.folder).load()
    assert (runs, [error.code for _, error in skipped]) == ([], [code])


def test_refused_file_determines_the_surplus(tmp_path, new_training):
    run = new_training(6)
    run.drive()
    large, small = new_training(1, hidden_size=16), Store(tmp_path / "small", max_bytes=10)
    large.drive()
    with pytest.raises(OSError, match="full"):
        small.save(run)
    assert small.surplus == 0, "nobody need give way to what will never fit"
    store = Store(tmp_path / "store")
    store.save(run)
    size = store.size_of(run.key)
    store.max_bytes = 2 * size
    with pytest.raises(OSError, match="full"):
        store.save(large)
    assert 0 < store.surplus <= size + 1
    store.forget(run.key)
    store.max_bytes = 10 * size
    store.save(large)
    assert store.surplus == 0


# invalid files


def pickled(path):
    path.write_bytes(pickle.dumps({"a": 1}))


def shortened(path):
    path.write_bytes(path.read_bytes()[:-7])


def scrambled(path):
    data = bytearray(path.read_bytes())
    data[9 : len(data) : 11] = b"\x7f" * len(data[9 : len(data) : 11])
    path.write_bytes(data)


def a_folder(path):
    path.unlink()
    path.mkdir()


def a_link(path):
    path.rename(path.with_name("elsewhere"))
    path.symlink_to(path.with_name("elsewhere"))


def an_upload(path):
    path.write_bytes(checkpoints.to_bytes(checkpoints.load(path)))


def weights_only(path):
    path.write_bytes(b"\x00" * 8)


GARBAGE = {
    "empty": (lambda path: path.write_bytes(b""), "checkpoint_not_one"),
    "text": (lambda path: path.write_text("la li lu"), "checkpoint_not_one"),
    "zeros": (weights_only, "checkpoint_not_one"),
    "a pickle": (pickled, "checkpoint_pickle"),
    "cut short": (shortened, "checkpoint_damaged"),
    "scrambled": (scrambled, "checkpoint_not_one"),
    "a folder": (a_folder, "stored_run"),
    "a link": (a_link, "stored_run"),
    "a checkpoint that is no run": (an_upload, "stored_run"),
    "the text gone": (lambda path: path.with_suffix(".txt").unlink(), "stored_text"),
    "another text": (lambda path: path.with_suffix(".txt").write_text("la la la"), "stored_text"),
    "a text that is none": (lambda path: path.with_suffix(".txt").write_bytes(b"\xff\xfe"), "stored_text"),
}


@pytest.mark.parametrize("garbage", GARBAGE)
def test_invalid_files_are_skipped_and_named_and_stay(make_runner, store, kept, new_training, until, garbage, caplog):
    beside = make_runner(store=Store(store.folder))
    good = beside.start(new_training(1))
    assert until(lambda: good.ended and good.experiment.nbytes == 0)
    beside.close(SOON)
    damage, code = GARBAGE[garbage]
    path = file_of(store, kept[1])
    damage(path)
    before = about(path)
    runner = make_runner(store=Store(store.folder))
    assert runner.get(kept[0]) is None
    assert runner.get(good.id).latest.epoch == 1
    skipped = dict(runner.skipped)
    assert skipped[path.name].code == code
    assert kept[1][:8] in str(skipped[path.name]), "the message names the file"
    assert about(path) == before
    assert f"event=store_skipped file={path.name} reason={code}" in caplog.text
    assert len(skipped) == (2 if garbage == "a link" else 1)


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "suspended"}, {"state": 7}, {"state": ["finished"]}, {"rows": None}, {"rows": [1]}, {"rows": [[]]},
        {"rows": [{"kind": "step", "x": "<script>", "y": 1}]},
    ],
)  # fmt: skip
def test_file_with_an_invalid_header_is_skipped(store, kept, changes):
    write_about(store, kept[1], **changes)
    runs, skipped = Store(store.folder).load()
    assert runs == []
    assert [error.code for _, error in skipped] == ["stored_run"]


def test_file_whose_header_is_not_json_is_skipped(store, kept):
    path = file_of(store, kept[1])
    for text in ("", "[", "[]", "7", "[" * 10_000):
        path.write_bytes(checkpoints.to_bytes(checkpoints.load(path), {"run": text}))
        assert [error.code for _, error in Store(store.folder).load()[1]] == ["stored_run"]


def test_stored_number_beyond_a_float_is_skipped(store, kept):
    path = file_of(store, kept[1])
    checkpoint = checkpoints.load(path)
    also = {"run": header_of(path)["run"]}
    huge = ({**checkpoint.history[0], "seconds": 10**400}, *checkpoint.history[1:])
    path.write_bytes(checkpoints.to_bytes(replace(checkpoint, history=huge), also))
    runs, skipped = Store(store.folder).load()
    assert (runs, [error.code for _, error in skipped]) == ([], ["checkpoint_header"])
    path.write_bytes(checkpoints.to_bytes(checkpoint, also))
    write_about(store, kept[1], rows=[{"kind": "step", "x": 10**400, "y": 1}])
    assert [error.code for _, error in Store(store.folder).load()[1]] == ["stored_run"]


def test_blank_text_of_a_stored_run_is_refused(store, kept):
    text, path = (file_of(store, kept[1], kind) for kind in ("txt", "safetensors"))
    text.write_bytes(b" \n")
    also = {"run": header_of(path)["run"]}
    blank = replace(checkpoints.load(path), text_digest=hashlib.sha256(b" \n").hexdigest())
    path.write_bytes(checkpoints.to_bytes(blank, also))
    runs, skipped = Store(store.folder).load()
    assert (runs, [error.code for _, error in skipped]) == ([], ["stored_text"])


@pytest.mark.parametrize("trouble", [ZeroDivisionError, IndexError, AttributeError, MemoryError, RecursionError])
def test_unforeseen_error_of_one_file_does_not_lose_the_others(
    make_runner, store, kept, new_training, until, monkeypatch, caplog, trouble
):
    beside = make_runner(store=Store(store.folder))
    good = beside.start(new_training(1))
    assert until(lambda: good.ended and good.experiment.nbytes == 0)
    beside.close(SOON)
    load = checkpoints.load

    def fail(path, field):
        if path.stem == kept[1]:
            raise trouble
        return load(path, field)

    monkeypatch.setattr(checkpoints, "load", fail)
    runner = make_runner(store=Store(store.folder))
    assert (runner.get(good.id).key, runner.get(kept[0])) == (good.key, None)
    assert [(name, error.code) for name, error in runner.skipped] == [(f"{kept[1]}.safetensors", "stored_run")]
    assert f"event=store_file_trouble file={kept[1]}.safetensors error={trouble.__name__}" in caplog.text


def test_file_with_an_invalid_config_is_skipped(store, kept):
    path = file_of(store, kept[1])
    data = path.read_bytes().replace(b'\\"epochs\\": \\"100000\\"', b'\\"epochs\\": \\"-00001\\"')
    assert data != path.read_bytes()
    path.write_bytes(data)
    runs, skipped = Store(store.folder).load()
    assert (runs, skipped[0][1].code) == ([], "out_of_range")


def test_temporary_files_of_killed_saves_are_removed_and_other_files_stay(store, kept):
    (store.folder / ".0123456789abcdef.tmp").write_bytes(b"half")
    orphan = file_of(store, "0" * 64, "txt")
    orphan.write_text("the process was killed before the first checkpoint")
    stranger = store.folder / "notes to\nmyself.md"
    stranger.write_text("mine")
    runs, skipped = Store(store.folder).load()
    assert len(runs) == 1
    assert [name for name, _ in skipped] == [stranger.name]
    assert "\n" not in str(skipped[0][1])
    assert stranger.exists()
    assert not orphan.exists()
    assert not list(store.folder.glob(".*"))


def test_a_folder_with_the_name_of_a_temporary_file_is_skipped_and_named(store, kept):
    (store.folder / ".0123456789abcdef.tmp").mkdir()
    runs, skipped = Store(store.folder).load()
    assert [run.key for run in runs] == [kept[1]]
    assert [name for name, _ in skipped] == [".0123456789abcdef.tmp"]


def test_store_folder_that_cannot_be_made_raises_at_once(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(OSError, match="file"):
        Runner(store=Store(tmp_path / "file"))


def test_run_whose_file_is_damaged_while_suspended_fails_with_a_reason(make_runner, store, kept):
    runner = make_runner(store=Store(store.folder))
    run = runner.get(kept[0])
    file_of(store, kept[1]).write_bytes(b"damaged after the start")
    assert run.latest is None
    runner.resume(run)
    assert run.wait(SOON)
    assert isinstance(run.error, InvalidInput)
    assert run.since(0).rows, "the curve so far stays"
