"""Each recipe that fails on purpose fails as its text says, on a short text with few units."""

import math

import pytest
import torch

from rnnlab import limits
from rnnlab.experiments.breaks import BREAKS
from rnnlab.experiments.language_model import Config, EpochDiverged, Trainer, break_text_facts, preset
from rnnlab.experiments.language_model.cuda_graph import CapturedStep, make_step
from rnnlab.experiments.language_model.presets import BREAKING
from rnnlab.experiments.language_model.started import started
from rnnlab.experiments.language_model.train_step import TrainingStep
from rnnlab.experiments.language_model.undetached import UndetachedStep
from rnnlab.validation import InvalidInput

SMALL = {"max_tokens": 3000, "hidden_size": 64, "embedding_size": 32, "sample_every": None, "held_out": 0.1}


def run(name, repaired=(), **changes):
    """Train a recipe, small, with `repaired` settings in place of its own; return history and last event."""
    trainer = Trainer(preset(name).config(**{**SMALL, **changes, **dict(repaired)}), device="cpu")
    last = None
    for event in trainer.events():
        last = event
    return trainer.history, last


def test_each_of_them_says_why_and_each_reason_has_a_recipe():
    assert {recipe.breaks for recipe in BREAKING.values()} == set(BREAKS)
    assert break_text_facts(preset("break-detach").config()) == {"minibatches": 80, "steps": 2000}


def test_ten_times_the_rate_is_worse_than_guessing():
    whole, uniform = {"hidden_size": 192, "embedding_size": 64, "max_tokens": 5000, "num_steps": 10, "epochs": 2}, 747
    history, _ = run("break-rate", **whole)
    repaired, _ = run("break-rate", {"learning_rate": 0.015}, **whole)
    assert min(row["perplexity"] for row in history) > 2 * uniform
    assert repaired[-1]["perplexity"] < 0.3 * uniform


def test_without_clipping_sgd_throws_the_weights_away():
    history, last = run("break-clip", epochs=3, hidden_size=192)
    repaired, _ = run("break-clip", {"grad_clip": 1.0}, epochs=3, hidden_size=192)
    lost = isinstance(last, EpochDiverged) or max(row["perplexity"] for row in history) > 1e5
    assert lost
    assert all(row["perplexity"] < 1e5 for row in repaired)
    assert repaired[-1]["perplexity"] < repaired[0]["perplexity"]


def test_relu_without_clipping_diverges_and_either_remedy_trains():
    changes = {"epochs": 3, "hidden_size": 192, "max_tokens": 10_000, "embedding_size": 128}
    _, last = run("break-relu", **changes)
    assert isinstance(last, EpochDiverged)
    for remedy in ({"grad_clip": 1.0}, {"nonlinearity": "tanh"}):
        history, last = run("break-relu", remedy, **changes)
        assert not isinstance(last, EpochDiverged)
        assert history[-1]["perplexity"] < 300


def test_a_state_that_is_never_carried_stays_far_above_the_floor():
    changes = {"epochs": 3, "max_tokens": 8000, "hidden_size": 24, "batch_size": 16}
    history, _ = run("break-state", **changes)
    repaired, _ = run("break-state", {"state": "carried"}, **changes)
    floor = 2 ** (22 / 25)
    assert history[-1]["perplexity"] > 1.1 * floor
    assert repaired[-1]["perplexity"] - floor < 0.7 * (history[-1]["perplexity"] - floor)
    assert repaired[-1]["held_out_perplexity"] < history[-1]["held_out_perplexity"]


def test_of_a_shuffled_text_only_the_unigram_is_learned():
    trainer = Trainer(preset("break-shuffle").config(**SMALL | {"epochs": 14}), device="cpu")
    unigram = started(trainer).unigram_perplexity
    for _ in trainer.events():
        pass
    assert min(row["perplexity"] for row in trainer.history) > 0.9 * unigram
    assert trainer.history[-1]["perplexity"] < 1.6 * unigram
    repaired, _ = run("break-shuffle", {"shuffle_text": False}, epochs=14)
    assert repaired[-1]["perplexity"] < 0.3 * unigram


def test_the_output_alone_learns_and_slower_while_all_other_weights_stay():
    trainer = Trainer(preset("break-output").config(**SMALL | {"epochs": 5}), device="cpu")
    before = {name: tensor.clone() for name, tensor in trainer.model.state_dict().items()}
    for _ in trainer.events():
        pass
    moved = {name for name, tensor in trainer.model.state_dict().items() if not tensor.equal(before[name])}
    assert moved == {"output.weight", "output.bias"}
    everything, _ = run("break-output", {"trained": "all"}, epochs=5)
    assert everything[-1]["perplexity"] < trainer.history[-1]["perplexity"] < 0.7 * trainer.history[0]["perplexity"]


def test_a_run_of_the_output_alone_is_saved_and_goes_on_as_if_it_had_never_stopped(tmp_path):
    from rnnlab import checkpoints

    config = preset("break-output").config(**SMALL | {"epochs": 2, "optimizer": "adam"})
    trainer = Trainer(config, device="cpu")
    for _ in trainer.events():
        if trainer.epoch == 1:
            break
    checkpoints.save(trainer.latest, tmp_path / "half.safetensors")
    resumed = Trainer(config, device="cpu", checkpoint=checkpoints.load(tmp_path / "half.safetensors"))
    for unbroken in (trainer, resumed):
        for _ in unbroken.events():
            pass
    assert resumed.history[-1]["perplexity"] == trainer.history[-1]["perplexity"]


def undetached(**changes):
    settings = {"epochs": 1, "batch_size": 3, "num_steps": 4, "max_tokens": 120, "hidden_size": 5, "held_out": 0.0}
    return Trainer(preset("break-detach").config(**SMALL | settings | changes), device="cpu")


def test_a_gradient_that_is_not_detached_runs_through_the_whole_epoch_so_far():
    """Compare with autograd over all minibatches at once, with weights that do not change (rate 0), in float64."""
    trainer = undetached(learning_rate=0.0, optimizer="sgd", grad_clip=None)
    trainer.model.double()
    batches = list(trainer._batches())[:3]
    state = None
    for x, y in batches:
        _, norm, _, state = trainer.learn(x, y, state, math.inf)
    whole = torch.cat([x for x, _ in batches], dim=1)
    logits, _ = trainer.model(whole)
    loss = torch.nn.functional.cross_entropy(logits[:, -4:].flatten(0, 1), batches[-1][1].flatten())
    gradients = torch.autograd.grad(loss, list(trainer.model.parameters()))
    assert norm == pytest.approx(float(torch.stack([g.norm() for g in gradients]).norm()), rel=1e-9)


def test_it_ends_at_its_limit_with_a_clear_sentence_and_counts_anew_in_each_epoch(monkeypatch):
    monkeypatch.setattr(limits, "MAX_UNDETACHED_STEPS", 23)  # five minibatches of four steps
    with pytest.raises(InvalidInput, match=r"^detach: .* all 5 minibatches of the epoch so far, 20 steps"):
        list(undetached().events())
    short = undetached(max_tokens=60, epochs=3)  # four minibatches an epoch
    assert len([event for event in short.events() if hasattr(event, "held_out_perplexity")]) >= 3


def test_it_goes_on_within_an_epoch_with_the_same_curve():
    whole, broken = undetached(), undetached()
    list(whole.events())
    for number, _ in enumerate(broken.events()):
        if number == 4:
            broken.request_partial()
        if broken.partial is not None:
            break
    resumed = Trainer(broken.config, device="cpu", checkpoint=broken.checkpoint())
    list(resumed.events())
    assert resumed.history[-1]["perplexity"] == whole.history[-1]["perplexity"]


@pytest.mark.parametrize("changes", [{"state": "reset"}, {"sampling": "random"}, {"state": "carried-across-epochs"}])
def test_there_is_nothing_to_detach_where_no_state_is_carried_through_an_epoch(changes):
    with pytest.raises(InvalidInput, match=r"^detach: "):
        Config(detach=False, **changes)


def test_settings_that_no_graph_can_hold_are_trained_by_the_plain_steps(monkeypatch):
    """Pretend that the model is on a GPU: only the choice of the step is looked at."""
    trainer = Trainer(Config(**SMALL | {"implementation": "scratch", "max_tokens": 1000}), device="cpu")
    monkeypatch.setattr(torch.Tensor, "is_cuda", property(lambda self: True))
    kinds = [
        type(make_step(trainer.model, trainer.optimizer, **how))
        for how in ({}, {"detach": False}, {"trained": "output"})
    ]
    assert kinds == [CapturedStep, UndetachedStep, TrainingStep]
