"""A race that survives the server: paused, it goes on as if nothing had happened; ended, its result stays."""

import json
import time
import zipfile

import pytest

from rnnlab.experiments.race import Config
from rnnlab.runs import FAILED, FINISHED, PAUSED, STOPPED, Run, Runner, Store
from rnnlab.runs.states import key_of
from rnnlab.ui.tabs import stored_lessons
from rnnlab.ui.tabs.lesson import lesson_of, picture_of_run
from rnnlab.ui.tabs.race.payload import VIEW

TINY = {
    "hidden_size": 8, "embedding_size": 4, "max_tokens": 700, "batch_size": 8, "num_steps": 10, "epochs": 4,
    "learning_rate": 0.06, "sample_length": 4, "target_perplexity": 40.0, "sampling": "random",
    "lanes": "rnn, lstm, gru learning_rate=1e7 optimizer=sgd",
}  # fmt: skip
TIMES = ("seconds", "tokens_per_second")


def server(folder, **options):
    return Runner(max_running=1, store=Store(folder / "runs", lessons=stored_lessons()), save_every=0.05, **options)


def new_race(text=None, **changes):
    return Run(VIEW.lesson_on(Config(**TINY | changes), text), VIEW.new_record(), pool=VIEW.pool)


def without_times(value):
    """Rows without what a clock has measured."""
    if isinstance(value, dict):
        return {name: without_times(item) for name, item in value.items() if name not in TIMES}
    return [without_times(item) for item in value] if isinstance(value, list | tuple) else value


@pytest.fixture(scope="module")
def undisturbed():
    run = new_race()
    run.drive()
    assert run.state == FINISHED
    return run.since(0).rows


def until(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def interrupted(folder, epoch, **changes):
    """Return the id of a race that a server has left within the epoch after `epoch`."""
    runner = server(folder)
    run = new_race(**changes)
    note, steps = run.note, [0]

    def pausing(row):
        note(row)
        steps[0] += row["kind"] == "step" and row["epoch"] == epoch + 1
        if steps[0] == 4:
            runner.pause(run)

    run.note = pausing
    runner.start(run)
    assert run.wait_until_still(20) or run.state == PAUSED
    until(lambda: run.state == PAUSED and not run.driven)
    seconds = {row["lane"]: row["seconds"] for row in run.since(0).rows if row["kind"] == "epoch"}
    runner.close()
    return run.id, seconds


@pytest.mark.parametrize("epoch", [0, 1, 2, 3])
def test_a_race_goes_on_in_the_next_server_with_the_same_rows(tmp_path, undisturbed, epoch):
    run_id, seconds = interrupted(tmp_path, epoch)
    runner = server(tmp_path)
    try:
        run = lesson_of(VIEW, runner, run_id)
        assert (run.state, run.why) == (PAUSED, "restarted")
        kept = run.since(0).rows
        assert {row.get("epoch", 0) for row in kept} == set(range(epoch + 1)) if epoch else kept == ()
        assert picture_of_run(run, run.since(0), "en")["rows"] == kept
        runner.resume(run)
        assert run.wait(30)
        rows = run.since(0).rows
        assert run.state == FINISHED
        assert without_times(rows) == without_times(undisturbed)
        assert rows[: len(kept)] == kept
        assert all(
            row["seconds"] > seconds[row["lane"]]
            for row in rows
            if row["kind"] == "epoch" and row["epoch"] > epoch and epoch
        )
    finally:
        runner.close()


@pytest.mark.parametrize("how", [FINISHED, STOPPED])
def test_an_ended_race_keeps_its_curve_and_its_result(tmp_path, how):
    runner, run = (
        server(tmp_path),
        new_race(**({"epochs": 2} if how == FINISHED else {"epochs": 3000, "target_perplexity": None})),
    )
    runner.start(run)
    until(lambda: run.over or (how == STOPPED and run.last("epoch")))
    if how == STOPPED:
        runner.stop(run)
    assert run.wait(20)
    autosave = runner.supervisor.autosave
    until(lambda: autosave.settled(run))
    (path,) = (tmp_path / "runs").glob("*.zip")
    written = path.stat().st_mtime_ns
    run.release()
    assert autosave.settled(run), "what an ended race releases is nothing to save"
    rows = run.since(0).rows
    runner.close()
    assert path.stat().st_mtime_ns == written
    with zipfile.ZipFile(tmp_path / "runs" / f"{run.key}.zip") as archive:
        assert sorted(archive.namelist()) == ["race.json", "run.json"], "no weights of a race that goes no further"
    later = server(tmp_path)
    try:
        found = lesson_of(VIEW, later, run.id)
        assert (found.state, found.since(0).rows) == (how, rows)
        later.forget(found)
        assert not list((tmp_path / "runs").iterdir())
    finally:
        later.close()


def test_a_damaged_file_is_skipped_and_a_damaged_lane_ends_the_race_with_a_message(tmp_path):
    run_id, _ = interrupted(tmp_path, 1)
    (path,) = (tmp_path / "runs").glob("*.zip")
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    about = json.loads(files["run.json"])
    for bad in (
        {"run.json": b"[]"},
        {"run.json": json.dumps({**about, "kind": "hello"}).encode()},
        {"run.json": json.dumps({**about, "rows": [3]}).encode()},
        {"race.json": b'{"lanes": "rnn"}'},
        {"race.json": b"\xff"},
    ):
        write(path, files | bad)
        store = Store(tmp_path / "runs", lessons=stored_lessons())
        runs, skipped = store.load()
        assert (runs, [name for name, _ in skipped]) == ([], [path.name]), bad
    path.write_bytes(b"PK")
    assert Store(tmp_path / "runs", lessons=stored_lessons()).load()[0] == []
    for bad in ({"lane-1.safetensors": b"nothing"}, {"state.json": b"{}"}):
        write(path, files | bad)
        runner = server(tmp_path)
        try:
            run = lesson_of(VIEW, runner, run_id)
            runner.resume(run)
            assert run.wait(20)
            assert picture_of_run(run, run.since(0), "en")["problem"]
        finally:
            runner.close()


TEXT = "".join(chr(0x4E00 + number * number % 89) for number in range(700))
OWN = {"text": TEXT, "corpus": "poems", "max_tokens": None}


def test_a_race_on_ones_own_text_goes_on_in_the_next_server(tmp_path):
    whole = new_race(**OWN)
    whole.drive()
    run_id, _ = interrupted(tmp_path, 1, **OWN)
    key = key_of(run_id)
    text = tmp_path / "runs" / f"{key}.txt"
    assert text.read_text(encoding="utf-8") == TEXT
    assert text.stat().st_mode & 0o077 == 0
    assert TEXT[:40].encode() not in text.with_suffix(".zip").read_bytes(), "it is written once, not at every save"
    runner = server(tmp_path)
    try:
        run = lesson_of(VIEW, runner, run_id)
        assert run.experiment.nbytes == 0, "until it goes on, the text lies on the disk alone"
        assert runner.supervisor.autosave.store.size_of(key) > len(TEXT.encode())
        runner.resume(run)
        assert run.wait(30)
        assert without_times(run.since(0).rows) == without_times(whole.since(0).rows)
        until(lambda: runner.supervisor.autosave.settled(run))
        assert not text.exists(), "an ended race goes no further, and needs no text"
        assert picture_of_run(run, run.since(0), "en")["settings"]["race-corpus"] == "own"
    finally:
        runner.close()
    later = server(tmp_path)
    try:
        found = lesson_of(VIEW, later, run_id)
        assert (found.state, len(found.since(0).rows)) == (FINISHED, len(whole.since(0).rows))
    finally:
        later.close()


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe\x00", TEXT.encode() + b"!"])
def test_a_race_whose_text_is_lost_or_another_says_so(tmp_path, content):
    run_id, _ = interrupted(tmp_path, 1, **OWN)
    (text,) = (tmp_path / "runs").glob("*.txt")
    text.unlink() if content is None else text.write_bytes(content)
    runner = server(tmp_path)
    try:
        run = lesson_of(VIEW, runner, run_id)
        assert [row["kind"] for row in run.since(0).rows].count("epoch") >= 2, "its curve is still there"
        runner.resume(run)
        assert run.wait(20)
        assert run.state == FAILED
        assert (
            "the text that this run has learned is not beside it" in picture_of_run(run, run.since(0), "en")["problem"]
        )
    finally:
        runner.close()


@pytest.mark.parametrize("files", [{"text.sha256": b""}, {"text.sha256": "ö".encode()}, {"text.sha256": None}])
def test_a_race_on_ones_own_text_without_its_digest_is_skipped(tmp_path, files):
    interrupted(tmp_path, 1, **OWN)
    (path,) = (tmp_path / "runs").glob("*.zip")
    with zipfile.ZipFile(path) as archive:
        known = {name: archive.read(name) for name in archive.namelist()} | files
    write(path, {name: content for name, content in known.items() if content is not None})
    runs, skipped = Store(tmp_path / "runs", lessons=stored_lessons()).load()
    assert (runs, [name for name, _ in skipped]) == ([], [path.name])


def test_a_text_without_its_race_is_removed(tmp_path):
    interrupted(tmp_path, 1, **OWN)
    (path,), (text,) = (tmp_path / "runs").glob("*.zip"), (tmp_path / "runs").glob("*.txt")
    Store(tmp_path / "runs", lessons=stored_lessons()).load()
    assert text.exists()
    path.unlink()
    Store(tmp_path / "runs", lessons=stored_lessons()).load()
    assert not text.exists()


def write(path, files):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
