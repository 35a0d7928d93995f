"""Processes killed with SIGKILL, again and again: only the epoch in progress is lost."""

import itertools
import json
import os
import runpy
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rnnlab import checkpoints
from rnnlab.devices import tune_thread
from rnnlab.experiments.language_model import CurveRows, Trainer

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="SIGKILL and fork are of POSIX")

HERE = Path(__file__).parent
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(HERE.parents[1])}
TIMINGS = {"seconds", "tokens_per_second"}
EVER = 240  # seconds: only a failure takes so long

killing = runpy.run_path(str(HERE / "killing.py"))


def timeless(rows):
    return [{name: value for name, value in row.items() if name not in TIMINGS} for row in rows]


@pytest.fixture(scope="module")
def uninterrupted():
    """The rows of a run that nothing has interrupted, up to the end of an epoch."""
    config = killing["config"]()
    record, events, rows = CurveRows(config.epochs), Trainer(config, killing["TEXT"]).events(), []

    def until(epoch):
        tune_thread()
        known = itertools.chain(list(rows), (rows.append(row) or row for row in map(record, events) if row))
        told = []
        for row in known:
            told.append(row)
            if row["kind"] == "epoch" and row["epoch"] == epoch:
                break
        return told

    yield until
    events.close()


def kill_again_and_again(kind, folder, rounds):
    command = [sys.executable, str(HERE / "killing.py"), kind, str(folder), str(rounds), "1"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=EVER, env=ENVIRONMENT, check=False)
    reports = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(reports) == rounds + 1, done.stderr
    assert [report["killed"] for report in reports] == [True] * rounds + [False], done.stderr
    return reports


def test_a_run_goes_on_after_thirty_kills_as_if_there_had_been_none(tmp_path, uninterrupted):
    reports = kill_again_and_again("runs", tmp_path, 30)
    assert {report["how"] for report in reports} == {
        "at any moment", "half written", "before the rename", "after the rename"
    }  # fmt: skip
    found = [report["found"] for report in reports]
    first = next(number for number, epoch in enumerate(found) if epoch is not None)
    assert first < 10, "what has been saved once is found for ever"
    assert found[first:] == sorted(found[first:])
    assert found[-1] > 20
    for report in reports:
        assert report["skipped"] == []
        assert set(report["files"]) <= {".safetensors", ".txt"}
    for report in reports[first:]:
        assert report["id"] == reports[-1]["id"]
        assert report["stood"] == ["paused", "restarted"]
        rows = timeless(report["rows"])
        assert rows[:1] in ([], timeless(uninterrupted(1)[:1]))  # the start row, if the process got that far
        assert rows[1:] == (timeless(uninterrupted(report["found"])[1:]) if report["found"] else [])
    end = reports[-1]["end"]
    last = max(row["epoch"] for row in end if row["kind"] == "epoch")
    assert last >= found[-1] + killing["MORE"]
    # The last process has begun anew once, and was closed in the middle of an epoch.
    seen = [row for row in end if row["kind"] != "start" and row.get("x", 0) <= last]
    assert timeless(seen) == timeless(uninterrupted(last)[1:])
    assert [path.suffix for path in sorted((tmp_path / "store").iterdir())] == [".safetensors", ".txt"]


def test_a_run_goes_on_within_an_epoch_after_eight_kills_as_if_there_had_been_none(tmp_path):
    reports = kill_again_and_again("within", tmp_path, 8)
    found = [report["found"] for report in reports if report["found"] is not None]
    assert found == sorted(found), "what has been saved once is found for ever"
    assert found[-1] > [0, 0], "an epoch that is longer than a process lives comes to its end"
    assert any(steps for _, steps in found)
    config = killing["config"]()
    record, rows = CurveRows(config.epochs), []
    last = max(row["epoch"] for row in reports[-1]["end"] if row["kind"] == "epoch")
    for event in (events := Trainer(config, killing["LONG"]).events()):
        if (row := record(event)) is not None:
            rows.append(row)
        if len(rows) > 1 and rows[-1].get("epoch") == last:
            break
    events.close()
    end = reports[-1]["end"]
    again = max(number for number, row in enumerate(end) if row["kind"] == "start")
    first = end[again]["first_epoch"]
    seen = [row for row in end[:again] if row.get("x", row.get("epoch", first)) <= first - 1]
    seen += [row for row in end[again + 1 :] if row.get("x", 0) <= last]
    assert timeless(seen) == timeless(rows[1:])


def test_the_command_goes_on_after_ten_kills_as_if_there_had_been_none(tmp_path, uninterrupted):
    reports = kill_again_and_again("train", tmp_path, 10)
    found = [report["found"] for report in reports]
    assert found[-1] is not None
    known = [epoch for epoch in found if epoch is not None]
    assert known == sorted(known)
    end = reports[-1]["end"]
    assert len(end) == found[-1] + killing["MORE"]
    whole = [row for row in uninterrupted(len(end)) if row["kind"] == "epoch"]
    assert timeless({"kind": "epoch", **row} for row in end) == timeless(whole)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.safetensors", "song.txt"], "nothing half written"


def test_the_real_program_is_killed_and_resumed(tmp_path, uninterrupted):
    song, saved = tmp_path / "song.txt", tmp_path / "a.safetensors"
    song.write_text(killing["TEXT"], "utf-8")
    begin = ["--corpus", song, *killing["flags"](5000), "--save", saved]
    with started("train", *begin) as process:
        until = time.monotonic() + EVER
        while not (saved.exists() and checkpoints.load(saved).epoch):
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.1)
        process.send_signal(signal.SIGKILL)
    found = checkpoints.load(saved).epoch
    with started("train", "--resume", saved, "--epochs", found + 2, "--save", saved) as process:
        assert process.wait(EVER) == 0
    end = checkpoints.load(saved).history
    whole = [row for row in uninterrupted(found + 2) if row["kind"] == "epoch"]
    assert timeless({"kind": "epoch", **row} for row in end) == timeless(whole)
    assert {path.suffix for path in tmp_path.iterdir()} <= {".safetensors", ".txt", ".tmp"}


def started(*arguments):
    command = [sys.executable, "-m", "rnnlab", *map(str, arguments)]
    return subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.DEVNULL)
