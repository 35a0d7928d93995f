"""Runs without viewers are paused, ended and forgotten, and memory is bounded."""

import threading

import pytest

from rnnlab import limits
from rnnlab.runs import LESSON, PAUSED, RUNNING, STOPPED, UNSEEN, Run, autosave

SOON = 60.0  # seconds: long enough for a busy machine


@pytest.fixture
def lonely(make_runner, clock):
    """A runner whose clock the test moves."""
    return make_runner(max_running=2, clock=clock)


@pytest.fixture
def new_thread_each_time():
    """A function that lists the supervisor threads started since the test began."""
    before = set(threading.enumerate())
    return lambda: [t for t in threading.enumerate() if t.name == "run-supervisor" and t not in before]


def endless(new_run):
    return new_run(10**9, pause=0.001)


# viewers


def test_run_without_viewers_is_paused_and_resumes_with_the_next_viewer(lonely, clock, new_run, until):
    run = lonely.start(endless(new_run))
    assert until(lambda: run.experiment.count)
    clock.now += 60
    lonely.supervisor.check()
    assert run.state == RUNNING
    clock.now += 1
    lonely.supervisor.check()
    assert (run.state, run.why) == (PAUSED, UNSEEN)
    assert run.wait_until_still(SOON)
    stood = run.experiment.count
    clock.now += 1000
    lonely.supervisor.check()
    assert run.state == PAUSED
    with run.viewers.watch():
        assert until(lambda: run.experiment.count > stood)
        assert run.why == ""


def test_getting_a_run_counts_as_a_visit(lonely, clock, new_run, until):
    run = lonely.start(endless(new_run))
    clock.now += 61
    lonely.supervisor.check()
    assert run.why == UNSEEN
    assert run.wait_until_still(SOON)
    clock.now += 1
    assert lonely.get(run.id) is run
    assert until(lambda: run.state == RUNNING)


def test_pause_of_a_visitor_lasts_until_the_visitor_resumes(lonely, clock, new_run):
    run = lonely.start(endless(new_run))
    lonely.pause(run)
    clock.now += 61
    lonely.supervisor.check()
    with run.viewers.watch():
        lonely.supervisor.check()
    assert (run.state, run.why) == (PAUSED, "")


def test_visitor_can_turn_an_unseen_pause_into_their_own(lonely, clock, new_run):
    run = lonely.start(endless(new_run))
    clock.now += 61
    lonely.supervisor.check()
    assert run.why == UNSEEN
    lonely.pause(run)
    with run.viewers.watch():
        lonely.supervisor.check()
    assert (run.state, run.why) == (PAUSED, "")


def test_waiting_run_without_viewers_leaves_the_queue(lonely, clock, new_run, gate):
    busy = [lonely.start(new_run(1, gate=gate)) for _ in range(2)]
    waiting, seen = (lonely.start(new_run(1, gate=gate)) for _ in range(2))
    with busy[0].viewers.watch(), busy[1].viewers.watch(), seen.viewers.watch():
        clock.now += 61
        lonely.supervisor.check()
        assert waiting.why == UNSEEN
        assert [lonely.follow(run).position for run in (waiting, seen)] == [0, 1]


def test_run_with_a_viewer_is_never_paused(lonely, clock, new_run):
    run = endless(new_run)
    with run.viewers.watch():
        with run.viewers.watch():
            lonely.start(run)
        clock.now += 10_000
        lonely.supervisor.check()
        assert run.state == RUNNING
    clock.now += 59  # a page that is being reloaded
    lonely.supervisor.check()
    assert run.state == RUNNING


@pytest.mark.parametrize("paused_by_visitor", [False, True])
def test_run_without_viewers_ends_after_an_hour_and_is_forgotten_after_another(
    lonely, clock, new_run, until, paused_by_visitor
):
    run = lonely.start(endless(new_run))
    if paused_by_visitor:
        lonely.pause(run)
    clock.now += 61
    lonely.supervisor.check()
    clock.now += 3600
    lonely.supervisor.check()
    assert run.wait(SOON)
    assert run.state == STOPPED
    lonely.supervisor.check()
    assert lonely.census()["kept"] == 1
    clock.now += 3601
    lonely.supervisor.check()
    assert lonely.census()["kept"] == 0
    assert lonely.get(run.id) is None


def test_grace_period_works_with_a_real_clock(make_runner, new_run, until):
    paused = make_runner(unseen_grace=0.05).start(endless(new_run))
    assert until(lambda: paused.why == UNSEEN)
    runner = make_runner(kept_for=0.05)
    runner.start(endless(new_run))
    assert until(lambda: runner.census()["kept"] == 0)


def test_supervisor_thread_ends_without_runs(make_runner, new_run, until, new_thread_each_time):
    runner = make_runner()
    assert new_thread_each_time() == []
    run = runner.start(new_run(1))
    assert len(new_thread_each_time()) == 1
    assert run.wait(SOON)
    runner.forget(run)
    assert until(lambda: new_thread_each_time() == [])
    again = runner.start(endless(new_run))
    assert len(new_thread_each_time()) == 1
    runner.close(SOON)
    assert again.state == STOPPED
    assert until(lambda: new_thread_each_time() == [])


# eviction


def test_the_oldest_runs_that_ended_are_forgotten(runner, gate, monkeypatch, new_run, until):
    monkeypatch.setattr(limits, "MAX_ENDED_RUNS", 3)
    long = runner.start(new_run(1, gate=gate))
    ended = []
    for _ in range(6):
        ended.append(runner.start(new_run(1)))
        assert ended[-1].wait(SOON)
    assert until(lambda: runner.census()["ended"] == 3)
    assert [run.id in runner.ids() for run in ended] == [False] * 3 + [True] * 3
    assert runner.get(long.id) is long  # it is older, but has not ended


def test_the_oldest_paused_runs_end(runner, monkeypatch, new_run, until):
    monkeypatch.setattr(limits, "MAX_PAUSED_RUNS", 2)
    runs = [runner.start(endless(new_run)) for _ in range(4)]
    for run in runs:
        runner.pause(run)
    assert until(lambda: [run.state for run in runs] == [STOPPED] * 2 + [PAUSED] * 2)


def test_runs_are_evicted_when_together_they_take_too_much_memory(runner, monkeypatch, new_training, until):
    runs = [runner.start(new_training(2)) for _ in range(4)]
    assert all(run.wait(SOON) for run in runs)
    runner.supervisor.check()
    assert runner.census()["ended"] == 4
    each = runs[0].nbytes
    assert each > 4 * 3 * 100  # weights and moments of some hundred numbers at least
    monkeypatch.setattr(limits, "MAX_IDLE_RUNS_BYTES", 2.5 * each)
    runner.supervisor.check()
    assert [run.id in runner.ids() for run in runs] == [False, False, True, True]
    paused = runner.start(new_training(100_000))
    assert until(lambda: paused.since(0).rows)
    runner.pause(paused)
    assert paused.wait_until_still(SOON)
    monkeypatch.setattr(limits, "MAX_IDLE_RUNS_BYTES", 0)
    runner.supervisor.check()
    assert paused.state == STOPPED
    assert runner.census()["kept"] <= 1


def test_running_run_evicts_nobody_and_paused_runs_end_first(runner, monkeypatch, new_training, until):
    ended, paused = runner.start(new_training(2)), runner.start(new_training(100_000))
    assert ended.wait(SOON)
    assert until(lambda: paused.since(0).rows)
    runner.pause(paused)
    assert paused.wait_until_still(SOON)
    busy = runner.start(new_training(100_000, hidden_size=64))
    assert until(lambda: busy.since(0).rows)
    runner.supervisor.check()
    assert busy.nbytes > 2 * (ended.nbytes + paused.nbytes)
    monkeypatch.setattr(limits, "MAX_IDLE_RUNS_BYTES", ended.nbytes + paused.nbytes)
    runner.supervisor.check()
    assert (ended.id in runner.ids(), paused.state) == (True, PAUSED)
    monkeypatch.setattr(limits, "MAX_IDLE_RUNS_BYTES", 1.1 * ended.nbytes)
    runner.supervisor.check()
    assert (ended.id in runner.ids(), paused.state) == (True, STOPPED)


def test_lessons_evict_no_trainings(runner, monkeypatch, new_run, counting, record, until):
    monkeypatch.setattr(limits, "MAX_ENDED_RUNS", 1)
    training = runner.start(new_run(1))
    assert training.wait(SOON)
    for _ in range(3):
        lesson = runner.start(Run(counting(1), record, pool=LESSON))
        assert lesson.wait(SOON)
    assert until(lambda: runner.ids() == (training.id, lesson.id))


def test_owner_with_the_most_runs_loses_runs_first(runner, monkeypatch, counting, record, until):
    monkeypatch.setattr(limits, "MAX_ENDED_RUNS", 4)

    def start(owner):
        run = runner.start(Run(counting(1), record, owner=owner))
        assert run.wait(SOON)
        return run

    first = start("one with one run")
    many = [start("one with many") for _ in range(6)]
    assert until(lambda: runner.census()["kept"] == 4)
    assert [run.id in runner.ids() for run in (first, *many)] == [True] + [False] * 3 + [True] * 3
    monkeypatch.setattr(limits, "MAX_PAUSED_RUNS", 2)
    paused = [Run(counting(10**9, pause=0.001), record, owner=owner) for owner in "abb"]
    for run in paused:
        runner.start(run)
        runner.pause(run)
    assert until(lambda: [run.state for run in paused] == [PAUSED, STOPPED, PAUSED])


def test_limits_leave_room_for_the_models_of_two_hundred_visitors():
    """The default number of visitors, with a few runs each."""
    assert limits.MAX_ENDED_RUNS >= 5 * 200
    assert limits.MAX_PAUSED_RUNS >= 2 * 200


# suspension


@pytest.mark.parametrize("kept_by", ["the disk", "memory"])
def test_long_paused_run_is_suspended_and_its_curve_is_unchanged(
    make_runner, store, clock, new_training, until, curve, kept_by
):
    runner = make_runner(store=store if kept_by == "the disk" else None, clock=clock, save_every=0.0)
    run = runner.start(new_training(100_000, hidden_size=32))
    assert until(lambda: run.experiment.epoch >= 3)
    runner.pause(run)
    assert run.wait_until_still(SOON)
    runner.supervisor.check()
    trains = run.experiment.nbytes
    clock.now += autosave.SUSPEND_AFTER + 1
    runner.supervisor.check()
    assert run.state == PAUSED
    assert run.experiment.nbytes == 0 if kept_by == "the disk" else 0 < run.experiment.nbytes < trains
    assert run.experiment.is_suspended
    epoch = run.experiment.epoch
    assert run.latest.epoch == epoch >= 3
    runner.supervisor.check()  # it is suspended already
    whole = make_runner().start(new_training(epoch + 3, hidden_size=32))
    assert whole.wait(SOON)
    with run.viewers.watch():
        runner.resume(run)
        assert until(lambda: run.experiment.epoch >= epoch + 3)
    runner.stop(run)
    assert run.wait(SOON)
    assert curve(run)[: epoch + 3] == curve(whole)


def test_lesson_is_not_suspended_after_a_long_pause(lonely, clock, new_run, until):
    run = lonely.start(endless(new_run))
    assert until(lambda: run.experiment.count)
    lonely.pause(run)
    assert run.wait_until_still(SOON)
    stood = run.experiment.count
    clock.now += autosave.SUSPEND_AFTER + 1
    lonely.supervisor.check()
    assert run.experiment.closed == 0
    lonely.resume(run)
    assert until(lambda: run.experiment.count > stood)
