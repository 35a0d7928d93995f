"""Which epoch is kept, and when training stops early."""

import dataclasses
import math

import pytest
import torch

from rnnlab import checkpoints
from rnnlab.experiments.language_model import Config, Epoch, Finished, Step, Trainer
from rnnlab.experiments.language_model.best_epoch import epochs_without_progress

TEXT = "one fish two fish red fish blue fish " * 4
TINY = {
    "corpus": "own", "hidden_size": 6, "embedding_size": 3, "batch_size": 4, "num_steps": 5, "held_out": 0.2,
    "epochs": 12, "learning_rate": 0.15, "sample_every": None, "keep": "best", "optimizer": "adam",
}  # fmt: skip


def tiny(**changes):
    return Config(**TINY | changes)


def trained(config, checkpoint=None):
    """Return a trainer after its run, the weights after each epoch, and the last event."""
    trainer, weights, event = Trainer(config, TEXT, checkpoint=checkpoint), {}, None
    for event in trainer.events():
        if isinstance(event, Epoch):
            weights[event.epoch] = {name: t.clone() for name, t in trainer.model.state_dict().items()}
    return trainer, weights, event


def same(a, b):
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def held_out_of(trainer):
    return [row["held_out_perplexity"] for row in trainer.history]


@pytest.fixture(scope="module")
def whole():
    trainer, weights, last = trained(tiny())
    values = held_out_of(trainer)
    best = values.index(min(values)) + 1
    assert 1 < best < 12, "the text is chosen so that the best epoch is neither the first nor the last"
    return trainer, weights, last, best


def test_the_best_epoch_is_kept_and_training_goes_on_from_the_last(whole, tmp_path):
    trainer, weights, last, best = whole
    latest = trainer.checkpoint()
    assert (latest.epoch, latest.kept_epoch, last.kept_epoch) == (12, best, best)
    assert same(latest.kept_weights, weights[best])
    assert same(latest.weights, weights[12])
    checkpoints.save(latest, tmp_path / "a.safetensors")
    loaded = checkpoints.load(tmp_path / "a.safetensors")
    assert (loaded.epoch, loaded.best_epoch, loaded.history) == (12, best, latest.history)
    assert same(loaded.build_model().state_dict(), weights[best])
    assert same(loaded.weights, weights[12])
    plain, _, _ = trained(tiny(keep="last"))
    assert held_out_of(plain) == held_out_of(trainer), "what is kept does not change the training"
    assert plain.latest.best_epoch is None
    assert same(plain.latest.build_model().state_dict(), weights[12])


def test_a_file_of_weights_only_holds_those_of_the_kept_epoch(whole, tmp_path):
    trainer, weights, _, best = whole
    small, path = trainer.checkpoint().weights_only(), tmp_path / "a.safetensors"
    checkpoints.save(small, path)
    loaded = checkpoints.load(path)
    assert (loaded.epoch, loaded.kept_epoch, loaded.training, loaded.best) == (12, best, None, None)
    assert same(loaded.build_model().state_dict(), weights[best])
    assert all(name.startswith("model.") for name in loaded.tensors())


@pytest.mark.parametrize("at", [1, 3, 6, 9])
def test_a_resumed_run_keeps_the_same_epoch(whole, at, tmp_path):
    _, weights, _, best = whole
    half, _, _ = trained(tiny(epochs=at))
    checkpoints.save(half.checkpoint(), tmp_path / "a.safetensors")
    resumed, _, last = trained(tiny(), checkpoints.load(tmp_path / "a.safetensors"))
    assert (resumed.latest.kept_epoch, last.kept_epoch) == (best, best)
    assert same(resumed.latest.kept_weights, weights[best])


def test_the_best_epoch_survives_an_interruption_within_a_later_one(whole):
    _, weights, _, best = whole
    trainer = Trainer(tiny(), TEXT)
    for event in (events := trainer.events()):
        if isinstance(event, Step) and (event.epoch, event.step) == (11, 2):
            break
    events.close()
    checkpoint = trainer.checkpoint()
    assert checkpoint.partial is not None
    assert (checkpoint.epoch, checkpoint.kept_epoch) == (10, min(best, 10))
    resumed, _, _ = trained(tiny(), checkpoint)
    assert same(resumed.latest.kept_weights, weights[best])


def test_keep_may_change_when_a_run_goes_on(whole):
    best = whole[3]
    half, _, _ = trained(tiny(epochs=best + 1))
    last, _, _ = trained(tiny(epochs=best + 2, keep="last"), half.checkpoint())
    assert (last.latest.best_epoch, last.latest.best) == (None, None)
    again = Trainer(tiny(), TEXT, checkpoint=last.checkpoint())
    assert again.latest.kept_epoch == best + 2, "no earlier weights are there any more"


def test_without_held_out_text_the_last_epoch_is_kept_and_nothing_stops_early():
    trainer, weights, last = trained(tiny(held_out=0.0, patience=1, epochs=3))
    assert (trainer.latest.best_epoch, last.kept_epoch, last.stopped_early, last.epoch) == (None, 3, False, 3)
    assert same(trainer.latest.kept_weights, weights[3])


@pytest.mark.parametrize("patience", [1, 2])
def test_patience_ends_a_run_whose_held_out_perplexity_does_not_improve(whole, patience):
    values = held_out_of(whole[0])
    waited = [i + 1 - (values.index(min(values[: i + 1])) + 1) for i in range(12)]
    expected = next((i + 1 for i, epochs in enumerate(waited) if epochs >= patience), 12)
    assert expected < 12
    trainer, _, last = trained(tiny(patience=patience))
    assert isinstance(last, Finished)
    assert (last.epoch, last.stopped_early, last.reached_target) == (expected, True, False)
    assert last.kept_epoch == expected - patience
    again, _, _ = trained(tiny(patience=patience), trainer.checkpoint())
    assert again.epoch == expected, "a resumed run has as much patience"
    trainer.extend(1)
    assert trainer.config.patience is None
    assert [event.epoch for event in trainer.events() if isinstance(event, Epoch)] == [expected + 1]


def test_an_infinite_perplexity_is_no_progress():
    values = (9.0, 7.0, None, 8.0)
    assert epochs_without_progress([{"held_out_perplexity": value} for value in values]) == 2
    assert epochs_without_progress([{"held_out_perplexity": None}] * 3) == 0
    assert epochs_without_progress([]) == 0


def test_an_epoch_with_an_infinite_perplexity_does_not_replace_the_best_one(whole, monkeypatch):
    def held_out(*_):
        yield from ()
        return next(values)

    values = iter([9.0, 7.0, math.inf])
    monkeypatch.setattr("rnnlab.experiments.language_model.epoch_training.held_out", held_out)
    trainer, weights, _ = trained(tiny(epochs=3, progress_every=None))
    assert trainer.latest.kept_epoch == 2
    assert same(trainer.latest.kept_weights, weights[2])


def test_a_checkpoint_of_an_older_version_is_resumed():
    half, _, _ = trained(tiny(epochs=3, keep="last"))
    config = {k: v for k, v in half.latest.config.items() if k not in ("keep", "patience", "progress_every")}
    old = dataclasses.replace(half.latest, config=config)
    assert trained(Config.from_strings(config).extended(3, 1), old)[2].epoch == 4
