"""Many runs: places, queue, census, the server's log, closing."""

import logging
import os
import re
import sys
import threading
import time

import pytest
import torch

from rnnlab import limits
from rnnlab.runs import FINISHED, LESSON, PAUSED, QUEUED, RUNNING, STOPPED, TRAINING, Run, Runner, scheduler
from rnnlab.validation import InvalidInput

SOON = 60.0  # seconds: long enough for a busy machine


@pytest.mark.parametrize("run_id", [None, "", "none", "0", 7, "\ud800"])
def test_unknown_id_returns_none(runner, run_id):
    assert runner.get(run_id) is None


def test_a_queued_run_stops_at_once_and_leaves_the_queue(runner, gate, new_run, numbers):
    busy = [runner.start(new_run(1, gate=gate)) for _ in range(2)]
    waiting = [runner.start(new_run(1)) for _ in range(3)]
    runner.stop(waiting[0])
    assert waiting[0].state == STOPPED
    assert [runner.follow(run).position for run in waiting] == [0, 1, 2]
    gate.set()
    assert all(run.wait(SOON) for run in busy + waiting)
    assert numbers(waiting[0]) == []
    assert [run.state for run in waiting] == [STOPPED, FINISHED, FINISHED]


@pytest.mark.skipif(sys.platform != "linux", reason="a thread has no priority of its own elsewhere")
@pytest.mark.parametrize(("pool", "behind"), [(TRAINING, 10), (LESSON, 0)])
def test_training_threads_have_lower_priority_and_lesson_threads_do_not(runner, counting, pool, behind):
    def priority(_):
        return {"kind": "nice", "value": os.getpriority(os.PRIO_PROCESS, threading.get_native_id())}

    own = priority(None)["value"]
    run = runner.start(Run(counting(1), priority, pool=pool))
    assert run.wait(SOON)
    assert run.last("nice")["value"] == min(19, own + behind)
    assert priority(None)["value"] == own, "another thread is as it was"


def test_no_more_run_at_once_than_allowed_and_the_others_wait_in_order(runner, gate, new_run, until):
    all_runs = [runner.start(new_run(1, gate=gate)) for _ in range(5)]
    assert until(lambda: [run.state for run in all_runs] == [RUNNING] * 2 + [QUEUED] * 3)
    time.sleep(0.05)
    assert [run.state for run in all_runs] == [RUNNING] * 2 + [QUEUED] * 3
    assert [runner.follow(run).position for run in all_runs] == [0, 0, 1, 2, 3]
    gate.set()
    assert all(run.wait(SOON) for run in all_runs)
    assert [runner.follow(run).position for run in all_runs] == [0] * 5


def test_the_queue_is_first_come_first_served(gate, new_run, counting):
    runner, order = Runner(max_running=1), []
    first = runner.start(new_run(1, gate=gate))
    others = [Run(counting(1), lambda event, n=n: order.append(n)) for n in range(6)]
    for run in others:
        runner.start(run)
    gate.set()
    assert all(run.wait(SOON) for run in [first, *others])
    assert order == list(range(6))


def test_full_queue_refuses_a_run(runner, gate, monkeypatch, new_run):
    monkeypatch.setattr(limits, "MAX_WAITING_RUNS", 2)
    for _ in range(4):
        runner.start(new_run(1, gate=gate))
    one_too_many = new_run(1)
    with pytest.raises(InvalidInput, match="2 runs are waiting"):
        runner.start(one_too_many)
    assert runner.get(one_too_many.id) is None
    assert one_too_many.ended


def test_owners_take_turns_and_runs_report_their_position(make_runner, gate, counting, record, until):
    """A visitor behind a class that fills the queue waits for one training, not for all of theirs."""
    runner, order = make_runner(max_running=1), []

    def start(owner, pool=TRAINING):
        told = order if pool == TRAINING else []
        return runner.start(Run(counting(1, gate=gate), lambda event: told.append(owner), pool=pool, owner=owner))

    greedy = [start("a") for _ in range(4)]
    modest = [start("b"), start("c"), start("b")]
    lesson = start("a", LESSON)  # lessons have places of their own
    assert until(lambda: lesson.state == RUNNING)
    assert [runner.follow(run).position for run in greedy] == [0, 3, 5, 6]
    assert [runner.follow(run).position for run in modest] == [1, 2, 4]
    gate.set()
    assert all(run.wait(SOON) for run in (*greedy, *modest, lesson))
    assert order == ["a", "b", "c", "a", "b", "a", "a"]


def test_owner_and_address_have_queue_limits(make_runner, gate, counting, record):
    runner = make_runner(max_running=1)

    def start(owner):
        return runner.start(Run(counting(1, gate=gate), record, owner=owner))

    runs = [start("a") for _ in range(1 + limits.MAX_WAITING_RUNS_PER_OWNER)]
    with pytest.raises(InvalidInput, match="10 runs of yours are waiting"):
        start("a")
    start("b")
    runner.pause(runs[-1])
    start("a")
    with pytest.raises(InvalidInput, match="of yours"):
        runner.resume(runs[-1])
    assert runs[-1].state == PAUSED


def test_address_has_a_larger_queue_limit_and_its_own_message(make_runner, gate, counting, record):
    runner, owner = make_runner(max_running=1), scheduler.ADDRESS + "hash"
    for _ in range(1 + limits.MAX_WAITING_RUNS_PER_ADDRESS):
        runner.start(Run(counting(1, gate=gate), record, owner=owner))
    with pytest.raises(InvalidInput, match="40 runs of your address, yours and of others"):
        runner.start(Run(counting(1), record, owner=owner))


def test_runs_are_made_a_few_at_once_and_none_without_room_in_the_queue(make_runner, gate, counting, record, until):
    runner = make_runner(max_running=1)
    for _ in range(1 + limits.MAX_WAITING_RUNS_PER_OWNER):
        runner.start(Run(counting(1, gate=gate), record, owner="a"))
    with pytest.raises(InvalidInput, match="10 runs of yours are waiting"):
        runner.make("a", lambda: pytest.fail("it was made"))
    made, busy, most = [], [], []

    def make():
        busy.append(1)
        most.append(len(busy))
        assert gate.wait(SOON)
        busy.pop()
        return Run(counting(1), record, owner="b")

    asked = limits.MAX_WAITING_RUNS_PER_OWNER
    threads = [threading.Thread(target=lambda: made.append(runner.make("b", make))) for _ in range(asked)]
    for thread in threads:
        thread.start()
    assert until(lambda: len(busy) == limits.MAX_PREPARED_RUNS and len(runner._owners_preparing) == asked)
    with pytest.raises(InvalidInput, match="10 runs of yours are waiting"):
        runner.make("b", lambda: pytest.fail("it was made"))
    gate.set()
    for thread in threads:
        thread.join(SOON)
    assert len(made) == asked
    assert runner._owners_preparing == []
    assert max(most) == limits.MAX_PREPARED_RUNS


@pytest.mark.parametrize(("epoch", "at_once"), [(0, limits.MAX_PREPARED_RUNS), (1, 4)])
def test_untrained_model_is_made_for_a_few_callers_at_once(make_runner, gate, until, epoch, at_once):
    class Experiment:
        def __init__(self):
            self.epoch, self.busy, self.most = epoch, 0, 0

        def checkpoint(self):
            self.busy += 1
            self.most = max(self.most, self.busy)
            assert gate.wait(SOON)
            self.busy -= 1
            return "a checkpoint"

    runner, experiment, found = make_runner(), Experiment(), []
    run = Run(experiment, None)
    threads = [threading.Thread(target=lambda: found.append(runner.latest(run))) for _ in range(4)]
    for thread in threads:
        thread.start()
    assert until(lambda: experiment.busy == at_once)
    gate.set()
    for thread in threads:
        thread.join(SOON)
    assert found == ["a checkpoint"] * 4
    assert experiment.most == at_once


def test_run_whose_making_failed_takes_no_place(make_runner, counting, record):
    runner = make_runner()
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            runner.make("a", lambda: 1 / 0)
    assert runner.start(runner.make("a", lambda: Run(counting(1), record))).wait(SOON)


def test_owner_is_in_no_log(make_runner, counting, record, caplog):
    caplog.set_level(logging.DEBUG)
    runner = make_runner()
    assert runner.start(Run(counting(1), record, owner="a secret")).wait(SOON)
    runner.close(SOON)  # the line is written after the run has ended
    assert "event=run_ended" in caplog.text
    assert "secret" not in caplog.text


def test_run_stopped_in_the_queue_loses_its_position(runner, gate, new_run, numbers):
    busy = [runner.start(new_run(1, gate=gate)) for _ in range(2)]
    first, second = (runner.start(new_run(1)) for _ in range(2))
    first.stop()
    runner.go_on(first, 1)
    assert [runner.follow(run).position for run in (second, first)] == [1, 2]
    gate.set()
    assert all(run.wait(SOON) for run in [*busy, first, second])
    assert numbers(first) == [1], "as many as were asked for, from where it stood"


def test_close_stops_everything(new_run):
    runner = Runner(max_running=1)
    started = [runner.start(new_run(10**9, pause=0.005)) for _ in range(4)]
    runner.pause(started[2])
    runner.close(SOON)
    assert {run.state for run in started} == {STOPPED}
    late = runner.start(new_run(1))
    assert late.state == STOPPED


def test_close_waits_no_longer_than_its_timeout(new_run, gate, until):
    runner = Runner(max_running=1)
    stuck = runner.start(new_run(1, gate=gate))
    runner.close(timeout=0.05)  # it would wait for the gate, which the test opens later
    assert not stuck.over
    gate.set()
    assert stuck.wait(SOON)


def test_each_run_computes_with_the_runners_threads_and_flushes_denormals(counting):
    runner, used, before = Runner(threads=2), [], torch.get_num_threads()

    def look(event):
        used.append((torch.get_num_threads(), float(torch.tensor(1e-40) * 1.0)))

    try:
        assert runner.start(Run(counting(1), look)).wait(SOON)
        assert Runner().start(Run(counting(1), look)).wait(SOON)
        assert used == [(2, 0.0), (1, 0.0)]
    finally:
        torch.set_num_threads(before)


def test_paused_run_frees_its_place_and_resumes_at_the_end_of_the_queue(make_runner, new_run, gate, until):
    runner = make_runner(max_running=1)
    first = runner.start(new_run(10**9, pause=0.001))
    second, third = (runner.start(new_run(1, gate=gate)) for _ in range(2))
    assert until(lambda: first.experiment.count)
    runner.pause(first)
    assert until(lambda: second.state == RUNNING)
    runner.resume(first)
    assert [runner.follow(run).position for run in (first, second, third)] == [2, 0, 1]
    assert first.state == QUEUED
    stood = first.experiment.count
    gate.set()
    assert second.wait(SOON)
    assert third.wait(SOON)
    assert until(lambda: first.experiment.count > stood)


def test_a_waiting_run_can_be_paused_and_leaves_the_queue(make_runner, new_run, gate):
    runner = make_runner(max_running=1)
    busy, waiting, behind = (runner.start(new_run(1, gate=gate)) for _ in range(3))
    runner.pause(waiting)
    assert waiting.state == PAUSED
    assert [runner.follow(run).position for run in (waiting, behind)] == [0, 1]
    gate.set()
    assert busy.wait(SOON)
    assert behind.wait(SOON)
    assert waiting.experiment.count == 0
    runner.resume(waiting)
    assert waiting.wait(SOON)
    assert waiting.state == FINISHED


def test_a_paused_run_stays_paused_when_the_queue_is_full(make_runner, new_run, gate, monkeypatch, until):
    monkeypatch.setattr(limits, "MAX_WAITING_RUNS", 1)
    runner = make_runner(max_running=1)
    paused = runner.start(new_run(10**9, pause=0.001))
    runner.pause(paused)
    assert paused.wait_until_still(SOON)
    runner.start(new_run(1, gate=gate))
    assert until(lambda: runner.census()["running"] == 1)
    runner.start(new_run(1, gate=gate))
    with pytest.raises(InvalidInput, match="1 runs are waiting"):
        runner.resume(paused)
    with pytest.raises(InvalidInput, match="1 runs are waiting"):
        runner.go_on(paused, 1)
    assert paused.state == PAUSED
    assert runner.census() == {"running": 1, "waiting": 1, "paused": 1, "ended": 0, "kept": 3}


def test_running_or_waiting_run_can_be_extended_when_the_queue_is_full(make_runner, new_run, gate, monkeypatch, until):
    monkeypatch.setattr(limits, "MAX_WAITING_RUNS", 1)
    runner = make_runner(max_running=1)
    busy, waiting = (runner.start(new_run(1, gate=gate)) for _ in range(2))
    assert until(lambda: busy.state == RUNNING)
    runner.pause(busy)  # its thread has not noticed that yet
    for run in (busy, waiting):
        runner.go_on(run, 1)
    assert runner.follow(waiting).position == 1
    gate.set()
    assert busy.wait(SOON)
    assert waiting.wait(SOON)
    assert (busy.experiment.count, waiting.experiment.count) == (2, 2)


def test_forgotten_run_stays_forgotten(make_runner, new_run, gate, until):
    runner = make_runner(max_running=1)
    busy, waiting = (runner.start(new_run(2, gate=gate)) for _ in range(2))
    assert until(lambda: busy.state == RUNNING)
    for run in (busy, waiting):
        runner.forget(run, only_if_over=True)
        assert runner.get(run.id) is run
        runner.forget(run)
        runner.go_on(run, 10**6)  # before the first of them has noticed the stop
        runner.resume(run)
    gate.set()
    assert busy.wait(SOON)
    assert [run.state for run in (busy, waiting)] == [STOPPED] * 2
    assert runner.census()["kept"] == 0


def test_failed_thread_start_keeps_no_place(make_runner, new_run, monkeypatch):
    def refused(thread):
        raise RuntimeError("can't start new thread")

    runner = make_runner(max_running=1)
    monkeypatch.setattr(threading.Thread, "start", refused)
    first = runner.start(new_run(1))
    assert (first.state, runner.follow(first).position) == (QUEUED, 1)
    monkeypatch.undo()
    second = runner.start(new_run(1))
    assert first.wait(SOON)
    assert second.wait(SOON)
    assert runner.supervisor._thread is not None, "the supervisor tries again, too"


def test_the_census_counts_every_run_once(make_runner, new_run, gate, until):
    runner = make_runner(max_running=1)
    ended = runner.start(new_run(1))
    assert ended.wait(SOON)
    runs = [runner.start(new_run(1, gate=gate)) for _ in range(4)]
    runner.pause(runs[-1])
    assert until(lambda: runs[0].state == RUNNING)
    assert runner.census() == {"running": 1, "waiting": 2, "paused": 1, "ended": 1, "kept": 5}
    for run in [ended, *runs]:
        runner.forget(run)
    gate.set()
    assert until(lambda: runs[0].ended)
    assert runner.census() == dict.fromkeys(("running", "waiting", "paused", "ended", "kept"), 0)
    assert runner.ids() == ()


def test_server_log_has_events_but_neither_ids_nor_texts(make_runner, new_training, caplog, monkeypatch, until):
    monkeypatch.setattr(limits, "MAX_WAITING_RUNS", 0)
    caplog.set_level(logging.INFO, "rnnlab.runs")
    runner = make_runner(max_running=1)
    refused, run = new_training(2), new_training(100_000)
    with pytest.raises(InvalidInput):
        runner.start(refused)
    monkeypatch.undo()
    caplog.set_level(logging.INFO, "rnnlab.runs")
    runner.start(run)
    assert until(lambda: run.since(0).rows)
    runner.pause(run)
    runner.change(run, learning_rate=0.5)
    runner.resume(run)
    runner.stop(run)
    assert run.wait(SOON)
    assert until(lambda: f"run_ended run={run.name}" in caplog.text)
    lines = [record.getMessage() for record in caplog.records]
    lines = [line for line in lines if refused.name in line or run.name in line]  # a run of another test may end now
    told = [re.match(r"event=(\w+) run=[0-9a-f]{6}\b", line)[1] for line in lines]
    assert told == ["run_refused", "run_started", "run_paused", "run_changed", "run_resumed", "run_ended"]
    assert run.id not in caplog.text
    assert "la li" not in caplog.text
    assert "model=gru" in lines[1]
