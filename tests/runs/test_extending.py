"""Extending a run by more epochs, at any moment."""

import threading
import time

import pytest
import torch

from rnnlab.runs import FINISHED, PAUSED, RUNNING, STOPPED, Run

SOON = 60.0  # seconds: long enough for a busy machine


def test_extension_after_the_end(runner, new_run, until, numbers):
    run = runner.start(new_run(3))
    assert run.wait(SOON)
    runner.go_on(run, 2)
    assert until(lambda: numbers(run) == [1, 2, 3, 4, 5])
    assert run.wait(SOON)
    assert run.state == FINISHED


def test_extension_after_a_stop_or_a_failure(runner, new_run, until, numbers):
    run = runner.start(new_run(10**6, pause=0.001))
    assert until(lambda: len(numbers(run)) > 2)
    runner.stop(run)
    assert run.wait(SOON)
    told = len(numbers(run))
    runner.go_on(run, 1)
    assert until(lambda: len(numbers(run)) > told)
    runner.stop(run)
    assert run.wait(SOON)
    assert numbers(run) == list(range(1, len(numbers(run)) + 1))


def test_extension_while_running_or_paused(runner, gate, new_run, numbers):
    run = runner.start(new_run(3, gate=gate))
    runner.pause(run)
    runner.go_on(run, 2)
    assert run.state != PAUSED
    gate.set()
    assert run.wait(SOON)
    assert numbers(run) == [1, 2, 3, 4, 5]


def test_extension_overrides_an_earlier_stop(runner, gate, new_run, until, numbers):
    run = runner.start(new_run(3, gate=gate))
    assert until(lambda: run.state == RUNNING)
    runner.stop(run)
    assert run.state == STOPPED
    runner.go_on(run, 2)  # before its thread has noticed the stop
    runner.go_on(run, 3)
    assert run.state == RUNNING
    gate.set()
    assert run.wait(SOON)
    assert numbers(run) == [1, 2, 3, 4, 5], "two more than the none that it had counted, and then three more"


@pytest.mark.parametrize("tells", [False, True])
def test_extension_is_not_lost_when_the_experiment_is_about_to_end(runner, tells, numbers, undecided):
    experiment = undecided(2, tells)
    run = Run(experiment, lambda event: {"kind": "tick" if event.number else FINISHED, "number": event.number})
    runner.start(run)
    assert experiment.decided.wait(SOON)
    runner.go_on(run, 2)
    experiment.may_end.set()
    assert run.wait(SOON)
    assert run.state == FINISHED
    assert [number for number in numbers(run) if number] == [1, 2, 3, 4]


@pytest.mark.parametrize("tells", [False, True])
def test_stop_after_an_extension_stops(runner, tells, numbers, undecided):
    experiment = undecided(2, tells)
    run = Run(experiment, lambda event: {"kind": "tick" if event.number else FINISHED, "number": event.number})
    runner.start(run)
    assert experiment.decided.wait(SOON)
    runner.go_on(run, 2)
    runner.stop(run)
    experiment.may_end.set()
    assert run.wait(SOON)
    assert [number for number in numbers(run) if number] == [1, 2]


def test_extension_at_any_moment_is_not_lost(runner, new_run, until, numbers):
    for delay in [0.0, 1e-5, 3e-5, 1e-4, 3e-4, 1e-3] * 15:
        run = runner.start(new_run(1))
        time.sleep(delay)
        runner.go_on(run, 1)
        assert until(lambda run=run: run.ended and numbers(run) == [1, 2]), numbers(run)


def test_two_extensions_at_once_start_one_thread(runner, new_run, until, numbers):
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


def test_stop_pause_resume_and_go_on_in_any_order_never_hang(runner, new_run, numbers):
    run = runner.start(new_run(50, pause=0.0005))
    deeds = [runner.stop, runner.pause, runner.resume, lambda run: runner.go_on(run, 1)]

    def meddle(seed):
        for n in torch.randint(4, (60,), generator=torch.Generator().manual_seed(seed)).tolist():
            deeds[n](run)

    threads = [threading.Thread(target=meddle, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SOON)
    runner.resume(run)
    runner.stop(run)
    assert run.wait(SOON)
    assert numbers(run) == list(range(1, len(numbers(run)) + 1))
    after = runner.start(new_run(2))
    assert after.wait(SOON)


def test_extension_in_a_pause_continues_at_the_same_event(runner, new_run, until):
    run = runner.start(new_run(10**6, pause=0.001))
    assert until(lambda: run.experiment.count)
    runner.pause(run)
    assert run.wait_until_still(SOON)
    stood = run.experiment.count
    runner.go_on(run, 2)
    assert until(lambda: run.experiment.count > stood)
    assert run.experiment.epochs == 10**6 + 2
    assert run.experiment.closed == 0
