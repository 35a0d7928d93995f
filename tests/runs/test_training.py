"""The main experiment in the background: memory, pausing, changing, extending."""

import gc
import json
import logging
import threading
import weakref

import pytest
from safetensors import safe_open

from rnnlab.experiments.language_model import Config, CurveRows, Trainer
from rnnlab.experiments.language_model.train_step import TrainingStep
from rnnlab.models import LanguageModel
from rnnlab.runs import DIVERGED, FAILED, FINISHED, PAUSED, STOPPED, Run, Training
from rnnlab.validation import InvalidInput

SOON = 60.0  # seconds: long enough for a busy machine


def steps(run):
    return [row for row in run.since(0).rows if row["kind"] == "step"]


def suspended(run):
    return run.experiment.is_suspended


@pytest.fixture
def whole(make_runner, new_training):
    """A run of six epochs without interruption."""
    run = make_runner().start(new_training(6))
    assert run.wait(SOON)
    return run


def test_training_runs_to_its_end_and_can_be_extended(runner, new_training, curve, until):
    run = runner.start(new_training(2))
    assert run.wait(SOON)
    kinds = [row["kind"] for row in run.since(0).rows]
    assert kinds[0] == "start"
    assert kinds[-1] == "finished"
    runner.go_on(run, 3)
    assert until(lambda: run.experiment.epoch == 5)
    assert run.wait(SOON)
    assert len(curve(run)) == 5
    assert run.config.epochs == 5


def test_invalid_extension_leaves_the_run_unchanged(runner, new_training):
    run = runner.start(new_training(1))
    assert run.wait(SOON)
    with pytest.raises(InvalidInput, match="epochs"):
        runner.go_on(run, -5)
    assert run.state == FINISHED


@pytest.mark.parametrize("at", [1, 9, 18, 40])  # minibatches: in the first, at the end of an epoch, and later
def test_pausing_does_not_change_the_curve(make_runner, new_training, curve, whole, until, at):
    runner, run = make_runner(), new_training(6)
    rows, record = [], run.stream.record

    def pause_at(event):
        rows.append(event)
        if len(rows) == at:
            run.pause()
        return record(event)

    run.stream.record = pause_at
    runner.start(run)
    assert run.wait_until_still(SOON)
    assert until(lambda: run.state == PAUSED)
    assert len(rows) == at
    runner.resume(run)
    assert run.wait(SOON)
    assert curve(run) == curve(whole)
    assert steps(run) == steps(whole)


def state_of(store, run):
    """Return the state in the run's file, None if it has none yet."""
    if not (store.folder / f"{run.key}.safetensors").exists():
        return None
    with safe_open(store.folder / f"{run.key}.safetensors", "np") as file:
        return json.loads(file.metadata()["run"])["state"]


@pytest.fixture
def held_up(monkeypatch, gate, new_training):
    """An event that is set when the second epoch's second minibatch begins; it lasts until the gate opens."""
    begun, train, trained = threading.Event(), TrainingStep.__call__, []
    first = new_training(1)
    first.drive()
    steps_of_an_epoch = first.experiment._trainer.steps

    def held(*arguments):
        trained.append(arguments)
        if len(trained) == steps_of_an_epoch + 2:
            begun.set()
            assert gate.wait(SOON)
        return train(*arguments)

    monkeypatch.setattr(TrainingStep, "__call__", held)
    return begun


def test_stop_takes_effect_during_a_long_minibatch(make_runner, store, new_training, curve, until, held_up, gate):
    runner = make_runner(max_running=1, store=store)
    run = runner.start(new_training(40))
    assert held_up.wait(SOON)
    runner.stop(run)
    assert run.since(0).state == STOPPED
    assert run.latest.epoch == 1, "what it has learned is there to be used"
    assert until(lambda: state_of(store, run) == STOPPED), "the next process knows, too"
    following = runner.start(new_training(1))
    assert runner.follow(following).position == 1, "its place is free when the minibatch is done"
    assert run.driven
    gate.set()
    assert following.wait(SOON)
    assert until(
        lambda: run.over and runner.supervisor.autosave.settled(run) and runner.supervisor.autosave.settled(following)
    )
    assert (run.state, len(curve(run))) == (STOPPED, 1)
    assert state_of(store, run) == STOPPED


@pytest.mark.parametrize("at_once", [False, True])
def test_more_epochs_after_a_stop_count_from_there_whether_its_minibatch_is_done_or_not(
    runner, new_training, curve, whole, held_up, gate, at_once
):
    run = runner.start(new_training(40))
    assert held_up.wait(SOON)
    runner.stop(run)
    if not at_once:
        gate.set()
        assert run.wait(SOON)
    runner.go_on(run, 5)
    assert run.config.epochs == 1 + 5
    gate.set()
    assert run.wait(SOON)
    assert (run.state, curve(run)) == (FINISHED, curve(whole))


def test_ended_run_is_suspended_and_extends_with_the_same_curve(make_runner, new_training, curve, whole, until):
    runner = make_runner()
    run = runner.start(new_training(4))
    assert until(lambda: not suspended(run))
    assert run.wait(SOON)
    assert until(lambda: suspended(run))
    assert run.latest.epoch == run.experiment.epoch == 4
    assert run.latest.build_model()
    assert run.experiment.prefixes == ("la",)
    runner.go_on(run, 2)
    assert until(lambda: run.ended and suspended(run))
    assert curve(run) == curve(whole)
    assert run.latest.config == {**whole.latest.config, "epochs": "6"}


@pytest.mark.parametrize("way", ["suspended", "stopped"])
def test_a_run_that_is_interrupted_within_an_epoch_goes_on_there(make_runner, new_training, curve, whole, until, way):
    runner, run, trained = make_runner(), new_training(6), []
    record = run.stream.record

    def pause_at(event):
        if getattr(event, "step", 0) == 5 and event.epoch == 3 and not trained:
            trained.append(event)
            run.pause() if way == "suspended" else run.stop()
        return record(event)

    run.stream.record = pause_at
    runner.start(run)
    assert run.wait_until_still(SOON)
    assert until(lambda: run.state in (PAUSED, STOPPED))
    if way == "suspended":
        run.suspend()
    assert until(lambda: suspended(run))
    assert run.experiment.place == (2, 5)
    assert run.latest.partial.nlls.shape == (5,)
    runner.resume(run) if way == "suspended" else runner.go_on(run, 4)
    assert run.wait(SOON)
    assert curve(run) == curve(whole)
    again = [row for row in steps(run) if row["x"] <= 6][-len(steps(whole)) :]
    assert again[-1] == steps(whole)[-1]


def test_waiting_run_holds_no_model_and_has_the_usual_curve(
    make_runner, new_training, curve, whole, new_run, gate, monkeypatch
):
    built, build = [], LanguageModel.__init__
    monkeypatch.setattr(LanguageModel, "__init__", lambda *args, **words: built.append(words) or build(*args, **words))
    runner = make_runner(max_running=1)
    busy, waiting = runner.start(new_run(1, gate=gate)), runner.start(new_training(6))
    assert suspended(waiting)
    assert waiting.experiment.nbytes < whole.nbytes / 10
    assert {words["device"] for words in built} == {"meta"}, "its parameters were counted, and no weights made"
    assert waiting.latest.epoch == 0
    assert waiting.latest.build_model()
    assert suspended(waiting)
    runner.change(waiting, learning_rate=waiting.config.learning_rate)
    gate.set()
    assert busy.wait(SOON)
    assert waiting.wait(SOON)
    assert curve(waiting) == curve(whole)


def test_training_that_cannot_begin_is_refused_before_it_is_queued(new_training):
    for changes in ({"hidden_size": 4096, "num_layers": 8, "implementation": "torch"}, {"batch_size": 4096}):
        with pytest.raises(InvalidInput):
            new_training(6, **changes)


def test_extended_run_repeats_its_stopped_epoch(make_runner, new_training, curve, whole, until):
    runner = make_runner()
    run = runner.start(new_training(100_000))
    assert until(lambda: len(curve(run)) >= 2)
    runner.stop(run)
    assert until(lambda: run.ended and suspended(run))
    assert run.state == STOPPED
    assert run.latest.epoch == len(curve(run))
    if run.latest.epoch < 6:
        runner.go_on(run, 6 - run.latest.epoch)
        assert run.wait(SOON)
        assert curve(run) == curve(whole)


def test_changed_learning_rate_applies_from_the_next_minibatch_on(make_runner, new_training, curve, whole, until):
    runner, run = make_runner(), new_training(6)
    record = run.stream.record

    def change_at(event):
        if getattr(event, "step", 0) == 3 and event.epoch == 4:
            runner.change(run, learning_rate=1e-4)
        return record(event)

    run.stream.record = change_at
    runner.start(run)
    assert run.wait(SOON)
    assert run.last("changed") == {"kind": "changed", "epoch": 4, "step": 4, "learning_rate": 1e-4, "before": 0.015}
    at = run.since(0).rows.index(run.last("changed"))
    assert run.since(0).rows[:at] == tuple(
        row | {name: mine[name] for name in ("seconds", "tokens_per_second") if name in row}
        for row, mine in zip(whole.since(0).rows[:at], run.since(0).rows, strict=False)
    )
    assert curve(run)[:3] == curve(whole)[:3]
    assert curve(run)[3:] != curve(whole)[3:]
    assert run.latest.config["learning_rate"] == "0.0001"


def test_learning_rate_changed_in_a_pause_is_in_the_checkpoint_at_once(runner, new_training, until):
    run = runner.start(new_training(100_000))
    assert until(lambda: run.experiment.epoch >= 1)
    runner.pause(run)
    assert run.wait_until_still(SOON)
    runner.change(run, learning_rate=0.003)
    assert run.state == PAUSED
    assert run.latest.config["learning_rate"] == "0.003"
    assert run.last("changed")["epoch"] == run.latest.epoch + 1
    runner.resume(run)
    epoch = run.experiment.epoch
    assert until(lambda: run.experiment.epoch > epoch)
    assert run.config.learning_rate == 0.003
    again = Training(run.config, "la li lu la le lo " * 8)
    assert again.config.learning_rate == 0.003


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1.0, 1e308, True, "5", None])
def test_changed_learning_rate_is_validated(runner, new_training, value, until):
    run = runner.start(new_training(100_000))
    assert until(lambda: run.since(0).rows)
    before = run.config
    with pytest.raises(InvalidInput, match="learning_rate"):
        runner.change(run, learning_rate=value)
    assert run.config == before
    assert run.last("changed") is None
    runner.stop(run)
    assert until(lambda: suspended(run))
    with pytest.raises(InvalidInput, match="learning_rate"):
        runner.change(run, learning_rate=value)
    assert run.config.learning_rate == before.learning_rate


def test_a_run_that_diverged_goes_on_with_a_lower_rate(runner, new_training, until, curve):
    run = runner.start(new_training(50, learning_rate=1e6, optimizer="sgd", grad_clip=None))
    assert run.wait(SOON)
    assert run.state == DIVERGED
    told = run.last("diverged")
    assert told["epoch"] == told["kept_epoch"] + 1
    assert told["step"] >= 1
    assert run.latest.epoch == told["kept_epoch"]
    assert all(weight.isfinite().all() for weight in run.latest.weights.values())
    assert run.latest.build_model()
    assert until(lambda: suspended(run))
    runner.change(run, learning_rate=0.1)
    runner.go_on(run, 3)
    assert run.wait(SOON)
    assert run.state == FINISHED
    assert len(curve(run)) == told["kept_epoch"] + 3
    assert run.latest.config["learning_rate"] == "0.1"


def test_lost_resume_point_fails_the_run_with_a_reason(runner, new_training, until):
    run = runner.start(new_training(2))
    assert until(lambda: run.ended and suspended(run))

    def lost():
        raise InvalidInput("checkpoint_file", "checkpoint", value="gone")

    run.release(lost)
    assert run.latest is None
    runner.go_on(run, 1)
    assert until(lambda: run.ended)
    assert run.state == FAILED
    assert run.error.code == "checkpoint_file"


@pytest.mark.parametrize("begun", [False, True])
def test_two_extensions_add_up(new_training, begun):
    run = new_training(2)
    if begun:
        run.drive()
        assert run.state == FINISHED
        assert not suspended(run)
    run.extend(3)
    run.extend(4)
    assert run.config.epochs == 2 + 3 + 4
    run.drive()
    assert run.experiment.epoch == 9


def test_failed_run_keeps_only_its_last_whole_epoch(new_training, caplog, monkeypatch):
    caplog.set_level(logging.CRITICAL, "rnnlab.runs")  # collected log records would hold the frames
    run, trainers = new_training(3), []

    def broken(*_):
        trainers.append(weakref.ref(run.experiment._trainer))
        try:
            raise ValueError("the cause")
        except ValueError as error:
            raise ZeroDivisionError("nothing to divide by") from error

    monkeypatch.setattr(TrainingStep, "__call__", broken)
    run.drive()
    assert isinstance(run.error, ZeroDivisionError)
    run.release()
    gc.collect()
    (trainer,) = trainers
    assert trainer() is None
    assert run.latest.epoch == 0


def test_a_bare_trainer_can_run_as_well(runner):
    config = Config(corpus="own", hidden_size=4, batch_size=2, num_steps=4, held_out=0.0, epochs=2)
    run = runner.start(Run(Trainer(config, "la li lu la le lo " * 8), CurveRows(2)))
    assert run.wait(SOON)
    assert run.latest.epoch == 2
    assert run.config == config
