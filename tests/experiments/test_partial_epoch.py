"""Within an epoch: interim evaluations, and runs that go on from any minibatch as if they had never stopped."""

import itertools
import math
import subprocess
import sys
from dataclasses import replace

import pytest
import torch

from rnnlab import checkpoints
from rnnlab.experiments.language_model import (
    Config,
    CurveRows,
    Diverged,
    Epoch,
    Evaluating,
    Finished,
    Progress,
    Started,
    Step,
    Trainer,
    run,
)

TEXT = "one fish two fish red fish blue fish " * 4  # 148 characters
TINY = {
    "corpus": "own", "hidden_size": 6, "embedding_size": 3, "batch_size": 4, "num_steps": 5, "held_out": 0.1,
    "epochs": 2, "sample_prefixes": ("fi",), "sample_length": 2, "learning_rate": 0.02, "progress_every": 40,
}  # fmt: skip
TIMINGS = {"seconds", "tokens_per_second"}
RECIPES = {
    "sequential": {},
    "random": {"sampling": "random"},
    "random-offset": {"sampling": "random", "random_offset": True},
    "sequential-offset": {"random_offset": True, "model": "lstm"},
    "dropout": {"dropout": 0.4, "num_layers": 2, "implementation": "torch"},
    "carried-across-epochs": {"state": "carried-across-epochs", "model": "lstm", "dropout": 0.2},
    "schedule": {"schedule": "cosine", "optimizer": "adamw", "embedding_dropout": 0.2},
    "reset": {"state": "reset", "optimizer": "sgd", "learning_rate": 1.0},
}
each_recipe = pytest.mark.parametrize("recipe", RECIPES)


def tiny(**changes):
    return Config(**TINY | changes)


def timeless(events):
    """Return the events as plain dicts, without measured times and without those that only mark a moment."""
    return [
        (type(e).__name__, {k: v for k, v in e.to_dict().items() if k not in TIMINGS})
        for e in events
        if not isinstance(e, Evaluating | Started)
    ]


def weights_equal(a, b):
    return all(torch.equal(weight, b.model.state_dict()[name]) for name, weight in a.model.state_dict().items())


@each_recipe
def test_a_run_goes_on_from_every_event_of_an_epoch_as_if_it_had_never_stopped(recipe, tmp_path):
    config, path = tiny(**RECIPES[recipe]), tmp_path / "a.safetensors"
    whole, begun = Trainer(config, TEXT), None
    for event in (events := whole.events()):
        if isinstance(event, Epoch):
            begun = whole.latest
            break
    seen = [None, *events]  # the second epoch, after an event at the beginning
    expected = timeless(seen[1:])
    places = [n for n, event in enumerate(seen) if isinstance(event, Step | Progress)]
    places += [number + 1 for number in places if isinstance(seen[number + 1], Evaluating)]
    for at in places:
        trainer = Trainer(config, TEXT, checkpoint=begun)
        for _ in itertools.islice((events := trainer.events()), at + 1):
            pass
        events.close()
        checkpoints.save(trainer.checkpoint(), path)
        loaded = checkpoints.load(path)
        assert loaded.epoch == 1
        assert len(loaded.partial) == sum(isinstance(event, Step) for event in seen[: at + 1])
        resumed = Trainer(config, TEXT, checkpoint=loaded)
        assert timeless(resumed.events()) == expected
        assert weights_equal(whole, resumed)
    assert timeless(trainer.events()) == expected, "and in the same process"


def closed_at(config, epoch, step):
    """Return a trainer whose events were closed after that minibatch."""
    trainer = Trainer(config, TEXT)
    events = trainer.events()
    for event in events:
        if isinstance(event, Step) and (event.epoch, event.step) == (epoch, step):
            break
    events.close()
    return trainer


def test_the_minibatches_that_are_done_are_not_trained_again():
    trainer, trained = closed_at(tiny(), 1, 4), []
    resumed = Trainer(tiny(), TEXT, checkpoint=trainer.checkpoint())
    learn = resumed.learn
    resumed.learn = lambda *arguments: trained.append(arguments) or learn(*arguments)
    steps = sum(isinstance(event, Step) for event in resumed.events())
    assert len(trained) == steps - 4


def test_a_run_may_stop_again_before_it_has_caught_up():
    config = tiny(dropout=0.3)
    expected = timeless(Trainer(config, TEXT).events())
    trainer = closed_at(config, 1, 4)
    for event in (events := trainer.events()):
        if isinstance(event, Step) and event.step == 2:
            break
    events.close()
    assert len(trainer.partial) == 4
    assert timeless(Trainer(config, TEXT, checkpoint=trainer.checkpoint()).events()) == expected


def test_a_requested_partial_is_taken_after_the_next_event_and_never_changed():
    trainer = Trainer(tiny(state="carried-across-epochs"), TEXT)
    events, kept = trainer.events(), []
    for event in events:
        if isinstance(event, Step):
            trainer.request_partial()
        if (partial := trainer.partial) is not None and (not kept or partial is not kept[-1][0]):
            kept.append((partial, {name: t.clone() for name, t in partial.tensors().items()}))
    assert {len(partial) for partial, _ in kept} == set(range(1, trainer.steps + 1))
    assert trainer.partial is None, "the epochs are whole"
    for partial, copies in kept:
        assert all(torch.equal(partial.tensors()[name], copy) for name, copy in copies.items())


def test_nothing_is_copied_unless_it_is_asked_for(monkeypatch):
    monkeypatch.setattr("rnnlab.experiments.language_model.trainer.partial_snapshot", None)
    assert isinstance(list(Trainer(tiny(), TEXT).events())[-1], Finished)


def test_a_curve_has_the_same_points_after_an_interruption_within_an_epoch(monkeypatch):
    monkeypatch.setattr("rnnlab.limits.MAX_MINIBATCH_POINTS", 5)  # three minibatches to a point
    config = tiny()

    def points(*parts):
        record, rows = CurveRows(config.epochs), []
        for event in itertools.chain(*parts):
            row = record(event)
            if row is not None and row["kind"] == "start":
                rows = [row for row in rows if row["x"] <= event.first_epoch - 1]
            elif row is not None and row["kind"] == "step":
                rows.append(row)
        return rows

    trainer = Trainer(config, TEXT)
    begun = list(itertools.islice((events := trainer.events()), 6))
    events.close()
    assert points(begun, trainer.events()) == points(Trainer(config, TEXT).events())


def test_a_run_that_diverges_within_a_resumed_epoch_goes_back_to_the_last_whole_one():
    trainer = closed_at(tiny(epochs=3, sample_every=None), 2, 3)
    resumed = Trainer(trainer.config, TEXT, checkpoint=trainer.checkpoint())
    for event in (events := resumed.events()):
        if isinstance(event, Step) and event.step == 4:
            resumed.model.output.weight.data[0, 0] = math.nan
            break
    last = list(events)[-1]
    assert isinstance(last, Diverged)
    assert (last.epoch, last.step, last.kept_epoch) == (2, 5, 1)
    assert resumed.partial is None
    assert all(torch.equal(weight, resumed.latest.weights[name]) for name, weight in resumed.model.state_dict().items())


def test_weights_that_are_not_finite_are_not_kept():
    trainer = Trainer(tiny(progress_every=None), TEXT)
    for event in (events := trainer.events()):
        if isinstance(event, Step) and event.step == 2:
            trainer.take_partial()
            trainer.model.output.weight.data[0, 0] = math.inf
            break
    events.close()
    assert len(trainer.partial) == 2
    assert all(weight.isfinite().all() for weight in trainer.partial.weights.values())


def test_an_epoch_of_too_many_minibatches_is_not_resumed_within(monkeypatch):
    monkeypatch.setattr("rnnlab.limits.MAX_PARTIAL_STEPS", 3)
    assert len(closed_at(tiny(), 1, 3).partial) == 3
    assert closed_at(tiny(), 1, 4).partial is None


def test_another_learning_rate_holds_for_the_rest_of_a_resumed_epoch():
    config = tiny(sample_every=None, progress_every=None)
    trainer = closed_at(config, 1, 3)
    slower = replace(config, learning_rate=0.0)
    resumed = Trainer(slower, TEXT, checkpoint=trainer.checkpoint())
    list(resumed.events())
    for name, weight in resumed.model.state_dict().items():
        assert torch.equal(weight, trainer.partial.weights[name])


# interim evaluations


def test_a_long_epoch_is_evaluated_in_between_and_the_numbers_stay_the_same():
    events = list(run(tiny(), TEXT))
    plain = list(run(tiny(progress_every=None), TEXT))
    steps = events[0].steps
    found = [event for event in events if isinstance(event, Progress)]
    assert not any(isinstance(event, Progress) for event in plain)
    # 20 characters to a minibatch: after every second one, but not after the last
    assert [(event.epoch, event.step) for event in found] == [(e, s) for e in (1, 2) for s in range(2, steps, 2)]
    assert all(event.steps == steps and len(event.samples) == 1 for event in found)
    assert all(event.held_out_perplexity > 1 for event in found)
    nlls = [math.log(event.perplexity) for event in events if isinstance(event, Step)]
    assert found[0].perplexity == pytest.approx(math.exp(sum(nlls[:2]) / 2))
    assert timeless(e for e in events if not isinstance(e, Progress)) == timeless(plain)
    assert timeless(events) == timeless(run(tiny(), TEXT))


def test_interim_evaluations_are_bounded_and_read_a_part_of_the_held_out_text(monkeypatch):
    monkeypatch.setattr("rnnlab.limits.MAX_INTERIM_EVALUATIONS", 2)
    monkeypatch.setattr("rnnlab.limits.MAX_INTERIM_TOKENS", 5)
    events = list(run(tiny(progress_every=1, epochs=1, sample_every=None), TEXT))
    found = [event for event in events if isinstance(event, Progress)]
    assert 1 <= len(found) <= 2
    assert all(event.samples == () for event in found)
    other = list(run(tiny(progress_every=1, epochs=1, sample_every=None), TEXT[:-9] + TEXT[:-10:-1]))
    assert [e.held_out_perplexity for e in other if isinstance(e, Progress)] == [e.held_out_perplexity for e in found]


def test_a_short_epoch_has_no_interim_evaluation():
    assert not any(isinstance(event, Progress) for event in run(tiny(progress_every=100_000), TEXT))
    assert Config().progress_every == 100_000


def test_without_held_out_text_an_interim_evaluation_has_no_number_for_it():
    events = list(run(tiny(held_out=0.0, sample_every=None), TEXT))
    assert {event.held_out_perplexity for event in events if isinstance(event, Progress)} == {None}


def test_an_error_of_the_device_leaves_the_last_partial_and_another_error_is_raised(monkeypatch, caplog):
    def failing(*_):
        raise errors.pop()

    errors = [RuntimeError("a bug"), torch.OutOfMemoryError("CUDA out of memory")]  # the last one first
    trainer = Trainer(tiny(), TEXT)
    events = trainer.events()
    for event in events:
        if isinstance(event, Step):
            break
    trainer.take_partial()
    kept = trainer.partial
    next(events)
    monkeypatch.setattr("rnnlab.experiments.language_model.trainer.partial_snapshot", failing)
    trainer.take_partial()
    assert trainer.partial is kept
    assert "partial_not_taken" in caplog.text
    with pytest.raises(RuntimeError, match="a bug"):
        trainer.take_partial()
    monkeypatch.undo()
    events.close()


def test_a_program_that_ends_within_an_epoch_says_nothing():
    program = (
        "from rnnlab.experiments.language_model import Config, Step, Trainer\n"
        "events = Trainer(Config(epochs=1, hidden_size=4, sample_every=None)).events()\n"
        "next(event for event in events if isinstance(event, Step))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stderr == ""
