"""Runs in the background, with experiments that only count."""

import threading
import time
from dataclasses import dataclass

import pytest
import torch

from rnnlab.experiments.event import Event
from rnnlab.experiments.language_model import Config, CurveRecorder, Trainer
from rnnlab.runs import DIVERGED, ENDED, FAILED, FINISHED, PAUSED, QUEUED, RUNNING, STOPPED, Run, Runner
from rnnlab.runs import run as run_module
from rnnlab.runs import runner as runner_module
from rnnlab.validation import InvalidInput

SOON = 5.0  # seconds: long enough for a busy machine, and a failure is not waited for twice


@dataclass(frozen=True)
class Tick(Event):
    number: int


class Counting:
    """Counts to `epochs`, and on when extended; waits `pause` seconds at each number, or for `gate` to open."""

    def __init__(self, epochs=3, pause=0.0, gate=None):
        self.epochs, self.pause, self.gate, self.count = epochs, pause, gate, 0
        self.closed = 0

    def events(self):
        try:
            while self.count < self.epochs:
                if self.gate is not None:
                    assert self.gate.wait(SOON)
                time.sleep(self.pause)
                self.count += 1
                yield Tick(self.count)
        finally:
            self.closed += 1

    def extend(self, epochs):
        self.epochs = (self.epochs if self.count < self.epochs else self.count) + epochs


def record(event):
    return {"kind": "tick", "number": event.number}


def new_run(*args, **words):
    return Run(Counting(*args, **words), record)


def numbers(run):
    return [row["number"] for row in run.since(0).rows]


def until(condition):
    """Wait for `condition()` to come true; whether it has."""
    end = time.monotonic() + SOON
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.002)
    return True


@pytest.fixture
def runner():
    threads = torch.get_num_threads()
    runner = Runner(max_running=2)
    yield runner
    runner.close()
    torch.set_num_threads(threads)


@pytest.fixture
def gate():
    gate = threading.Event()
    yield gate
    gate.set()  # nobody is left waiting


def test_a_run_goes_its_way(runner):
    run = runner.start(new_run(3))
    assert run.wait(SOON)
    assert run.state == FINISHED
    assert numbers(run) == [1, 2, 3]
    assert run.experiment.closed == 1
    assert runner.get(run.id) is run


def test_an_id_cannot_be_guessed():
    ids = {new_run().id for _ in range(200)}
    assert len(ids) == 200
    assert all(len(run_id) >= 20 for run_id in ids)
    assert len({run_id[:4] for run_id in ids}) > 190


@pytest.mark.parametrize("run_id", [None, "", "none", "0"])
def test_an_unknown_id_is_nothing(runner, run_id):
    assert runner.get(run_id) is None


def test_stop_within_a_second(runner):
    run = runner.start(new_run(10**9, pause=0.01))
    assert until(lambda: run.since(0).rows)
    began = time.monotonic()
    run.stop()
    assert run.wait(SOON)
    assert time.monotonic() - began < 1.0
    assert run.state == STOPPED
    assert run.experiment.closed == 1
    told = len(numbers(run))
    time.sleep(0.05)
    assert len(numbers(run)) == told


def test_a_queued_run_stops_at_once_and_leaves_the_queue(runner, gate):
    busy = [runner.start(new_run(1, gate=gate)) for _ in range(2)]
    waiting = [runner.start(new_run(1)) for _ in range(3)]
    waiting[0].stop()
    assert waiting[0].state == STOPPED
    assert [runner.follow(run).position for run in waiting] == [0, 1, 2]
    gate.set()
    assert all(run.wait(SOON) for run in busy + waiting)
    assert numbers(waiting[0]) == []
    assert [run.state for run in waiting] == [STOPPED, FINISHED, FINISHED]


def test_pause_and_resume(runner):
    run = runner.start(new_run(10**9, pause=0.002))
    assert until(lambda: len(numbers(run)) > 3)
    run.pause()
    assert run.state == PAUSED
    time.sleep(0.05)
    told = len(numbers(run))
    time.sleep(0.1)
    assert len(numbers(run)) == told
    run.resume()
    assert run.state == RUNNING
    assert until(lambda: len(numbers(run)) > told)
    assert numbers(run) == list(range(1, len(numbers(run)) + 1))


def test_a_paused_run_can_be_stopped(runner):
    run = runner.start(new_run(10**9, pause=0.002))
    run.pause()
    assert until(lambda: run.state == PAUSED)
    run.stop()
    assert run.wait(1.0)
    assert run.state == STOPPED


def test_pausing_what_has_ended_changes_nothing(runner):
    run = runner.start(new_run(1))
    assert run.wait(SOON)
    run.pause()
    assert run.state == FINISHED
    runner.go_on(run, 2)
    assert until(lambda: numbers(run) == [1, 2, 3])


def test_no_more_run_at_once_than_allowed_and_the_others_wait_in_order(runner, gate):
    all_runs = [runner.start(new_run(1, gate=gate)) for _ in range(5)]
    assert until(lambda: [run.state for run in all_runs] == [RUNNING] * 2 + [QUEUED] * 3)
    time.sleep(0.05)
    assert [run.state for run in all_runs] == [RUNNING] * 2 + [QUEUED] * 3
    assert [runner.follow(run).position for run in all_runs] == [0, 0, 1, 2, 3]
    gate.set()
    assert all(run.wait(SOON) for run in all_runs)
    assert [runner.follow(run).position for run in all_runs] == [0] * 5


def test_the_queue_is_first_come_first_served(gate):
    runner, order = Runner(max_running=1), []
    first = runner.start(new_run(1, gate=gate))
    others = [Run(Counting(1), lambda event, n=n: order.append(n)) for n in range(6)]
    for run in others:
        runner.start(run)
    gate.set()
    assert all(run.wait(SOON) for run in [first, *others])
    assert order == list(range(6))


def test_the_queue_has_an_end(runner, gate, monkeypatch):
    monkeypatch.setattr(runner_module, "MAX_WAITING", 2)
    for _ in range(4):
        runner.start(new_run(1, gate=gate))
    one_too_many = new_run(1)
    with pytest.raises(InvalidInput, match="2 runs are waiting"):
        runner.start(one_too_many)
    assert runner.get(one_too_many.id) is None
    assert one_too_many.ended


def test_reading_along_never_loses_or_doubles_a_row(runner):
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


def test_a_cursor_of_nonsense_starts_from_nothing(runner):
    run = runner.start(new_run(3))
    assert run.wait(SOON)
    for cursor in (-1, 4, 10**9):
        snapshot = run.since(cursor)
        assert (len(snapshot.rows), snapshot.cursor) == (3, 3)
    assert run.since(3).rows == ()


def test_rows_can_be_written_as_json_and_some_events_leave_none(runner):
    def odd(event):
        return None if event.number == 2 else {"kind": "tick", "number": event.number, "y": float("inf"), "z": (1, 2)}

    run = runner.start(Run(Counting(3), odd, log=({"kind": "before", "number": 0},)))
    assert run.wait(SOON)
    assert run.since(1).rows == tuple({"kind": "tick", "number": n, "y": None, "z": [1, 2]} for n in (1, 3))
    assert numbers(run) == [0, 1, 3]


@pytest.mark.parametrize("where", ["events", "record"])
def test_a_failure_is_carried_to_the_viewers_and_frees_the_place(where):
    runner = Runner(max_running=1)

    def fail(*_):
        raise ZeroDivisionError("nothing to divide by")

    run = new_run(2)
    if where == "events":
        run.experiment.events = fail
    else:
        run = Run(Counting(2), fail)
    runner.start(run)
    assert run.wait(SOON)
    assert run.state == FAILED
    assert isinstance(run.error, ZeroDivisionError)
    after = runner.start(new_run(1))
    assert after.wait(SOON)
    assert after.state == FINISHED


@pytest.mark.parametrize("state", [DIVERGED, FINISHED])
def test_a_row_that_says_the_end_is_the_end(runner, state):
    run = runner.start(Run(Counting(10), lambda event: {"kind": state if event.number == 4 else "tick"}))
    assert run.wait(SOON)
    assert run.state == state
    assert len(run.since(0).rows) == 4
    assert run.experiment.closed == 1


# going on


def test_going_on_after_the_end(runner):
    run = runner.start(new_run(3))
    assert run.wait(SOON)
    runner.go_on(run, 2)
    assert until(lambda: numbers(run) == [1, 2, 3, 4, 5])
    assert run.wait(SOON)
    assert run.state == FINISHED


def test_going_on_after_a_stop_or_a_failure(runner):
    run = runner.start(new_run(10**6, pause=0.001))
    assert until(lambda: len(numbers(run)) > 2)
    run.stop()
    assert run.wait(SOON)
    told = len(numbers(run))
    runner.go_on(run, 1)
    assert until(lambda: len(numbers(run)) > told)
    run.stop()
    assert run.wait(SOON)
    assert numbers(run) == list(range(1, len(numbers(run)) + 1))


def test_going_on_while_it_runs_or_is_paused(runner, gate):
    run = runner.start(new_run(3, gate=gate))
    run.pause()
    runner.go_on(run, 2)
    assert run.state != PAUSED
    gate.set()
    assert run.wait(SOON)
    assert numbers(run) == [1, 2, 3, 4, 5]


def test_going_on_wins_over_an_earlier_stop(runner, gate):
    run = runner.start(new_run(3, gate=gate))
    assert until(lambda: run.state == RUNNING)
    run.stop()
    runner.go_on(run, 2)  # before the run has seen that it should stop
    gate.set()
    assert run.wait(SOON)
    assert numbers(run) == [1, 2, 3, 4, 5]


class Undecided(Counting):
    """When it has decided to end, it waits before it does so."""

    def __init__(self, epochs, tells):
        super().__init__(epochs)
        self.tells = tells  # whether its last event says that it is the last
        self.decided, self.may_end = threading.Event(), threading.Event()

    def events(self):
        yield from super().events()
        self.decided.set()
        assert self.may_end.wait(SOON)
        if self.tells:
            yield Tick(0)


@pytest.mark.parametrize("tells", [False, True])
def test_going_on_is_not_lost_when_the_experiment_has_decided_to_end(runner, tells):
    experiment = Undecided(2, tells)
    run = Run(experiment, lambda event: {"kind": "tick" if event.number else FINISHED, "number": event.number})
    runner.start(run)
    assert experiment.decided.wait(SOON)
    runner.go_on(run, 2)
    experiment.may_end.set()
    assert run.wait(SOON)
    assert run.state == FINISHED
    assert [number for number in numbers(run) if number] == [1, 2, 3, 4]


@pytest.mark.parametrize("tells", [False, True])
def test_a_stop_after_going_on_is_a_stop(runner, tells):
    experiment = Undecided(2, tells)
    run = Run(experiment, lambda event: {"kind": "tick" if event.number else FINISHED, "number": event.number})
    runner.start(run)
    assert experiment.decided.wait(SOON)
    runner.go_on(run, 2)
    run.stop()
    experiment.may_end.set()
    assert run.wait(SOON)
    assert [number for number in numbers(run) if number] == [1, 2]


def test_going_on_is_never_lost_whenever_it_comes(runner):
    for delay in [0.0, 1e-5, 3e-5, 1e-4, 3e-4, 1e-3] * 15:
        run = runner.start(new_run(1))
        time.sleep(delay)
        runner.go_on(run, 1)
        assert until(lambda run=run: run.ended and numbers(run) == [1, 2]), numbers(run)


def test_going_on_twice_at_once_drives_it_once(runner):
    for _ in range(20):
        run = runner.start(new_run(1))
        assert run.wait(SOON)
        both = [threading.Thread(target=runner.go_on, args=(run, 1)) for _ in range(2)]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
        assert until(lambda run=run: run.ended and len(numbers(run)) == 3)
        assert numbers(run) == [1, 2, 3]


def test_a_stopped_place_in_the_queue_is_not_kept(runner, gate):
    busy = [runner.start(new_run(1, gate=gate)) for _ in range(2)]
    first, second = (runner.start(new_run(1)) for _ in range(2))
    first.stop()
    runner.go_on(first, 1)
    assert [runner.follow(run).position for run in (second, first)] == [1, 2]
    gate.set()
    assert all(run.wait(SOON) for run in [*busy, first, second])
    assert numbers(first) == [1, 2]


def test_what_cannot_be_extended_stays_as_it_is(runner):
    run = runner.start(Run(Trainer(Config(epochs=1, **TINY), TEXT), CurveRecorder(1)))
    assert run.wait(30)
    with pytest.raises(InvalidInput, match="epochs"):
        runner.go_on(run, -5)
    assert run.state == FINISHED


def test_stop_pause_resume_and_go_on_in_any_order_never_hang(runner):
    run = runner.start(new_run(50, pause=0.0005))
    deeds = [run.stop, run.pause, run.resume, lambda: runner.go_on(run, 1)]

    def meddle(seed):
        for n in torch.randint(4, (60,), generator=torch.Generator().manual_seed(seed)).tolist():
            deeds[n]()

    threads = [threading.Thread(target=meddle, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SOON)
    run.resume()
    run.stop()
    assert run.wait(SOON)
    assert numbers(run) == list(range(1, len(numbers(run)) + 1))
    after = runner.start(new_run(2))
    assert after.wait(SOON)


# being forgotten


def test_a_run_that_nobody_looks_at_stops(runner, monkeypatch):
    monkeypatch.setattr(run_module, "UNSEEN_GRACE", 0.1)
    run = runner.start(new_run(10**9, pause=0.005))
    assert run.wait(SOON)
    assert run.state == STOPPED


def test_a_paused_run_that_nobody_looks_at_stops(runner, monkeypatch):
    monkeypatch.setattr(run_module, "UNSEEN_GRACE", 0.1)
    run = runner.start(new_run(10**9, pause=0.005))
    run.pause()
    assert run.wait(SOON)
    assert run.state == STOPPED


def test_a_run_goes_on_while_somebody_looks(runner, monkeypatch):
    monkeypatch.setattr(run_module, "UNSEEN_GRACE", 0.1)
    run = new_run(10**9, pause=0.005)
    with run.viewer(), run.viewer():
        runner.start(run)
        time.sleep(0.4)
        assert run.state == RUNNING
    time.sleep(0.02)
    assert run.state == RUNNING  # a page that is being reloaded
    assert run.wait(SOON)


def test_the_oldest_runs_that_ended_are_forgotten(runner, gate, monkeypatch):
    monkeypatch.setattr(runner_module, "KEPT_RUNS", 3)
    long = runner.start(new_run(1, gate=gate))
    ended = []
    for _ in range(6):
        ended.append(runner.start(new_run(1)))
        assert ended[-1].wait(SOON)
    last = runner.start(new_run(1))
    assert last.wait(SOON)
    assert [runner.get(run.id) is not None for run in ended] == [False, False, False, True, True, True]
    assert runner.get(long.id) is long  # it is older, but has not ended


def test_close_stops_everything():
    runner = Runner(max_running=1)
    started = [runner.start(new_run(10**9, pause=0.005)) for _ in range(4)]
    began = time.monotonic()
    runner.close()
    assert time.monotonic() - began < 2.0
    assert {run.state for run in started} == {STOPPED}
    late = runner.start(new_run(1))
    assert late.state == STOPPED


# with a real experiment

TEXT = "la li lu la le lo " * 8
TINY = {
    "corpus": "own", "hidden_size": 4, "embedding_size": 2, "batch_size": 2, "num_steps": 4, "held_out": 0.0,
    "sample_prefixes": (),
}  # fmt: skip


def test_a_trainer_in_the_background(runner):
    run = runner.start(Run(Trainer(Config(epochs=2, **TINY), TEXT), CurveRecorder(2)))
    assert run.wait(30)
    kinds = [row["kind"] for row in run.since(0).rows]
    assert kinds[0] == "start"
    assert kinds[-1] == "finished"
    assert kinds.count("epoch") == 2
    runner.go_on(run, 3)
    assert until(lambda: run.experiment.epoch == 5)
    assert run.wait(30)
    assert [row["epoch"] for row in run.since(0).rows if row["kind"] == "epoch"] == [1, 2, 3, 4, 5]


def test_a_trainer_that_diverges(runner):
    config = Config(epochs=50, learning_rate=1e6, optimizer="sgd", grad_clip=None, **TINY)
    run = runner.start(Run(Trainer(config, TEXT), CurveRecorder(50)))
    assert run.wait(30)
    assert run.state == DIVERGED
    assert run.since(0).rows[-1]["kind"] == "diverged"
    assert run.experiment.latest.build_model()


def test_each_run_computes_with_the_runners_threads_and_flushes_denormals():
    runner, used, before = Runner(threads=2), [], torch.get_num_threads()

    def look(event):
        used.append((torch.get_num_threads(), float(torch.tensor(1e-40) * 1.0)))

    try:
        assert runner.start(Run(Counting(1), look)).wait(SOON)
        assert Runner().start(Run(Counting(1), look)).wait(SOON)
        assert used == [(2, 0.0), (1, 0.0)]
    finally:
        torch.set_num_threads(before)
