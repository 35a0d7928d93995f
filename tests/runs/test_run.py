"""One run: its history, its states, and how it is stopped, paused and watched."""

import threading
import time

import pytest

from rnnlab import limits
from rnnlab.runs import DIVERGED, ENDED, FAILED, FINISHED, PAUSED, RUNNING, STOPPED, Run, Runner
from rnnlab.runs.history import History, json_nbytes

SOON = 60.0  # seconds: long enough for a busy machine


def test_run_counts_to_its_end(runner, new_run, numbers):
    run = runner.start(new_run(3))
    assert run.wait(SOON)
    assert run.state == FINISHED
    assert numbers(run) == [1, 2, 3]
    assert run.experiment.closed == 1
    assert runner.get(run.id) is run


def test_an_id_cannot_be_guessed(new_run):
    ids = {new_run().id for _ in range(200)}
    assert len(ids) == 200
    assert all(len(run_id) >= 20 for run_id in ids)
    assert len({run_id[:4] for run_id in ids}) > 190


def test_a_stop_takes_effect_at_once_and_its_place_is_free_at_the_next_event(runner, new_run, gate, numbers, until):
    run = runner.start(new_run(10**9, gate=gate))
    assert until(lambda: run.state == RUNNING)
    runner.stop(run)
    assert run.state == run.since(0).state == STOPPED, "be the minibatch ever so long"
    assert run.ended
    assert run.driven
    assert not run.over
    assert not run.wait(0)
    assert not run.since(0).over, "whoever follows it still waits for its last row"
    gate.set()
    assert run.wait(SOON)
    assert run.state == STOPPED
    assert run.since(0).over
    assert len(numbers(run)) <= 1
    assert run.experiment.closed == len(numbers(run))


def test_paused_run_stops_computing_and_resumes_at_the_same_event(runner, new_run, until, numbers):
    run = runner.start(new_run(10**9, pause=0.002))
    told = 0
    for _ in range(3):
        assert until(lambda told=told: len(numbers(run)) > told + 3)
        runner.pause(run)
        assert run.state == PAUSED
        assert run.wait_until_still(SOON)
        told = len(numbers(run))
        time.sleep(0.05)
        assert len(numbers(run)) == told
        runner.resume(run)
    assert until(lambda: len(numbers(run)) > told)
    assert numbers(run) == list(range(1, len(numbers(run)) + 1))
    assert run.experiment.closed == 0, "the generator is kept, not begun anew"


def test_paused_run_resumes_in_another_thread(runner, new_run, until):
    run = runner.start(new_run(10**9, pause=0.001))
    assert until(lambda: run.experiment.count > 2)
    runner.pause(run)
    assert run.wait_until_still(SOON)
    stood = run.experiment.count
    runner.resume(run)
    assert until(lambda: run.experiment.count > stood + 2)
    first, *_, last = run.experiment.threads
    assert first is not last


def test_pause_withdrawn_before_the_next_event_has_no_effect(runner, new_run, gate, numbers):
    run = runner.start(new_run(2, gate=gate))
    runner.pause(run)
    assert run.state == PAUSED
    runner.resume(run)
    gate.set()
    assert run.wait(SOON)
    assert numbers(run) == [1, 2]


@pytest.mark.parametrize("still", [False, True])
def test_a_paused_run_can_be_stopped(runner, new_run, until, still):
    run = runner.start(new_run(10**9, pause=0.002))
    assert until(lambda: run.experiment.count)
    runner.pause(run)
    if still:
        assert run.wait_until_still(SOON)
    runner.stop(run)
    assert run.wait(SOON)
    assert run.state == STOPPED
    assert run.experiment.closed == 1


def test_pausing_an_ended_run_changes_nothing(runner, new_run, until, numbers):
    run = runner.start(new_run(1))
    assert run.wait(SOON)
    runner.pause(run)
    runner.resume(run)
    assert run.state == FINISHED
    runner.go_on(run, 2)
    assert until(lambda: numbers(run) == [1, 2, 3])


def test_readers_never_lose_or_repeat_a_row(runner, new_run):
    run = runner.start(new_run(500))
    told = [[] for _ in range(4)]

    def read(rows):
        cursor = 0
        while True:
            snapshot = run.since(cursor)
            rows += [row["number"] for row in snapshot.rows]
            assert snapshot.cursor == len(rows)
            cursor = snapshot.cursor
            if snapshot.state in ENDED:
                return
            time.sleep(0.0003)

    readers = [threading.Thread(target=read, args=(rows,), daemon=True) for rows in told]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join(SOON)
    assert all(rows == list(range(1, 501)) for rows in told)


def test_invalid_cursor_returns_all_rows(runner, new_run):
    run = runner.start(new_run(3))
    assert run.wait(SOON)
    for cursor in (-1, 4, 10**9):
        snapshot = run.since(cursor)
        assert (len(snapshot.rows), snapshot.cursor) == (3, 3)
    assert run.since(3).rows == ()


def test_rows_can_be_written_as_json_and_some_events_leave_none(runner, numbers, counting):
    def odd(event):
        return None if event.number == 2 else {"kind": "tick", "number": event.number, "y": float("inf"), "z": (1, 2)}

    run = runner.start(Run(counting(3), odd, rows=({"kind": "before", "number": 0},)))
    assert run.wait(SOON)
    assert run.since(1).rows == tuple({"kind": "tick", "number": n, "y": None, "z": [1, 2]} for n in (1, 3))
    assert numbers(run) == [0, 1, 3]


@pytest.mark.parametrize("where", ["events", "record"])
def test_failure_of_an_experiment_reaches_the_viewers_and_frees_the_place(where, new_run, counting):
    runner = Runner(max_running=1)

    def fail(*_):
        raise ZeroDivisionError("nothing to divide by")

    run = new_run(2)
    if where == "events":
        run.experiment.events = fail
    else:
        run = Run(counting(2), fail)
    runner.start(run)
    assert run.wait(SOON)
    assert run.state == FAILED
    assert isinstance(run.error, ZeroDivisionError)
    after = runner.start(new_run(1))
    assert after.wait(SOON)
    assert after.state == FINISHED


@pytest.mark.parametrize("ends", ["by itself", "by a row", "by a stop"])
def test_run_ends_even_if_its_experiment_cannot_be_closed(make_runner, new_run, until, ends):
    class Clinging:
        def events(self):
            try:
                yield 1
                while ends == "by a stop":
                    time.sleep(0.001)
                    yield 1
            finally:
                raise ZeroDivisionError("in the very end")

    runner = make_runner(max_running=1)
    run = runner.start(Run(Clinging(), lambda _: {"kind": FINISHED if ends == "by a row" else "tick"}))
    if ends == "by a stop":
        assert until(lambda: run.since(0).rows)
        runner.stop(run)
    assert run.wait(SOON)
    assert run.state == {"by itself": FAILED, "by a row": FINISHED, "by a stop": STOPPED}[ends]
    assert runner.start(new_run(1)).wait(SOON)


def test_any_iterator_is_an_experiment(runner):
    class Plain:
        def events(self):
            return iter([1, 2, 3])

    run = runner.start(Run(Plain(), lambda event: {"kind": "diverged" if event == 2 else "tick"}))
    assert run.wait(SOON)
    assert (run.state, len(run.since(0).rows)) == (DIVERGED, 2)


@pytest.mark.parametrize("state", [DIVERGED, FINISHED])
def test_finished_or_diverged_row_ends_the_run(runner, state, counting):
    run = runner.start(Run(counting(10), lambda event: {"kind": state if event.number == 4 else "tick"}))
    assert run.wait(SOON)
    assert run.state == state
    assert len(run.since(0).rows) == 4
    assert run.experiment.closed == 1


def test_appending_to_the_history_waits_for_the_lock(runner, new_run, gate, until, numbers):
    run = runner.start(new_run(1, gate=gate))
    assert until(lambda: run.driven)  # its thread has had the lock
    with run._changed:  # as `note` and `change` do
        gate.set()
        assert until(lambda: run.experiment.count)
        time.sleep(0.05)
        assert numbers(run) == []
    assert run.wait(SOON)
    assert numbers(run) == [1]


def test_run_history_keeps_only_the_newest_samples():
    log = History({"kind": "epoch", "epoch": n, "samples": ["la" * 50]} for n in range(limits.MAX_SAMPLED_EPOCHS + 3))
    rows, cursor = log.since(0)
    assert cursor == limits.MAX_SAMPLED_EPOCHS + 3
    assert [row["epoch"] for row in rows if not row["samples"]] == [0, 1, 2]
    assert log.nbytes == sum(map(json_nbytes, rows))
    assert log.last("epoch")["epoch"] == limits.MAX_SAMPLED_EPOCHS + 2
    assert log.last("none") is None
