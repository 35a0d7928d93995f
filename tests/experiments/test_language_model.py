"""The main experiment: the events' contract, the numbers against a plain loop, stopping, resuming, diverging."""

import dataclasses
import math
import time

import numpy as np
import pytest
import torch

from rnnlab import checkpoints
from rnnlab.experiments.event import Event, plain
from rnnlab.experiments.language_model import (
    Config,
    Diverged,
    Epoch,
    Evaluating,
    Finished,
    Started,
    Step,
    Trainer,
    Untrained,
    run,
)
from rnnlab.experiments.language_model.data import prepare
from rnnlab.experiments.language_model.evaluation import held_out_rows
from rnnlab.experiments.language_model.text_evaluation import evaluate
from rnnlab.models import LanguageModel
from rnnlab.text import Vocab
from rnnlab.validation import InvalidInput

TEXT = "one fish two fish red fish blue fish " * 4  # 148 characters
TINY = {
    "corpus": "own", "hidden_size": 6, "embedding_size": 3, "batch_size": 4, "num_steps": 5, "held_out": 0.0,
    "epochs": 3, "sample_prefixes": ("fi", "x!"), "sample_length": 4,
}  # fmt: skip
TIMINGS = {"seconds", "tokens_per_second"}


def tiny(**changes):
    return Config(**TINY | changes)


def timeless(events):
    """Return the events as plain dicts, without measured times."""
    return [(type(e).__name__, {k: v for k, v in e.to_dict().items() if k not in TIMINGS}) for e in events]


def epochs(events):
    return [event for event in events if isinstance(event, Epoch)]


def is_plain(value):
    if isinstance(value, tuple):
        return all(map(is_plain, value))
    return value is None or type(value) in (int, float, str, bool) or isinstance(value, np.ndarray)


# events


def test_a_test_part_is_never_trained_on_and_evaluated_once_at_the_end():
    settings = {"held_out": 0.2, "sample_every": None, "batch_size": 2}
    trainer = Trainer(tiny(test=0.3, **settings), TEXT)
    events = list(trainer.events())
    test = "".join(trainer.vocab.decode(trainer.corpus.test_ids.tolist()))
    assert TEXT.endswith(test)
    assert len(test) == 44
    rows = held_out_rows(len(test), trainer.config)
    expected = evaluate(trainer.latest, test, rows=rows).perplexity
    assert events[-1].test_perplexity == pytest.approx(expected, rel=1e-5)
    # the same training as with another end of the text
    others = list(Trainer(tiny(test=0.3, **settings), TEXT[:-44] + test[::-1]).events())
    assert timeless(events[:-1]) == timeless(others[:-1])
    assert events[-1].test_perplexity != others[-1].test_perplexity


def test_separate_held_out_and_test_texts():
    config = tiny(held_out=0.2, test=0.2, sample_every=None, batch_size=2)
    parts = {"held_out_text": "red fish, two fish", "test_text": "blue fish one fish"}
    trainer = Trainer(config, TEXT, **parts)
    events = list(trainer.events())
    assert (events[0].train_tokens, events[0].held_out_tokens) == (148, 17)
    assert epochs(events)[-1].held_out_perplexity == pytest.approx(
        evaluate(trainer.latest, "red fish two fish").perplexity
    )
    assert events[-1].test_perplexity == pytest.approx(evaluate(trainer.latest, "blue fish one fish").perplexity)
    for other in ({}, parts | {"test_text": "blue fish"}, {"held_out_text": parts["held_out_text"]}):
        with pytest.raises(InvalidInput, match="another text"):
            Trainer(config, TEXT, **other, checkpoint=trainer.latest)
    assert Trainer(config, TEXT, **parts, checkpoint=trainer.latest).epoch == 3


def test_without_a_test_part_there_is_no_test_perplexity():
    assert list(run(tiny(), TEXT))[-1].test_perplexity is None


def test_events_of_a_run():
    events = list(run(tiny(), TEXT))
    started = events[0]
    assert isinstance(started, Started)
    # 148 characters in 4 rows of 37: 36 inputs, 7 minibatches of 5 steps
    assert (started.first_epoch, started.steps, started.train_tokens, started.held_out_tokens) == (1, 7, 148, 0)
    assert started.vocab_size == started.uniform_perplexity == len(set(TEXT))
    assert 1 < started.ngram5_perplexity < started.unigram_perplexity < started.uniform_perplexity
    kinds = [type(event) for event in events[1:]]
    sampled = 2 * 4  # characters
    untrained = [Evaluating] * sampled + [Untrained]
    assert kinds == untrained + ([Step] * 7 + [Evaluating] * sampled + [Epoch]) * 3 + [Finished]
    steps = [(e.epoch, e.step, e.steps) for e in events if isinstance(e, Step)]
    assert steps == [(epoch, step, 7) for epoch in (1, 2, 3) for step in range(1, 8)]
    assert [e.epoch for e in epochs(events)] == [1, 2, 3]
    assert events[-1].reached_target is False
    assert events[-1].epoch == 3
    assert events[-1].seconds == pytest.approx(sum(e.seconds for e in epochs(events)))


def test_events_are_frozen_plain_data():
    for event in run(tiny(held_out=0.3), TEXT):
        assert isinstance(event, Event)
        for item in dataclasses.fields(event):
            assert is_plain(getattr(event, item.name)), (event, item.name)
        with pytest.raises(dataclasses.FrozenInstanceError):
            event.epoch = 0


def test_an_events_dict_is_what_json_can_write():
    assert plain(math.inf) is None
    assert plain((1.0, math.nan, "a", [math.inf])) == [1.0, None, "a", [None]]
    assert plain(np.array([1.0, np.nan])) == [1.0, None]
    assert plain({"a": np.float32(0.5), "b": np.int64(3)}) == {"a": 0.5, "b": 3}


def test_an_epochs_numbers_are_those_of_its_steps():
    events = list(run(tiny(grad_clip=0.5), TEXT))
    for epoch in epochs(events):
        steps = [e for e in events if isinstance(e, Step) and e.epoch == epoch.epoch]
        assert epoch.perplexity == pytest.approx(math.exp(np.mean([math.log(s.perplexity) for s in steps])))
        assert epoch.grad_norm == pytest.approx(np.mean([s.grad_norm for s in steps]))
        assert epoch.clipped == np.mean([s.grad_norm > 0.5 for s in steps])
        assert epoch.tokens_per_second == pytest.approx(7 * 4 * 5 / epoch.seconds)
    assert {epoch.clipped for epoch in epochs(events)} != {0.0}


def test_clipping_by_value_bounds_each_number_of_the_gradient():
    config = tiny(clip_by="value", grad_clip=0.01, optimizer="sgd", learning_rate=1.0, epochs=1, sample_every=None)
    trainer, clipped = Trainer(config, TEXT), []
    for event in trainer.events():
        if isinstance(event, Step):
            gradients = [parameter.grad for parameter in trainer.model.parameters()]
            largest = max(gradient.abs().max().item() for gradient in gradients)
            assert largest <= 0.01 * 1.0001
            assert event.grad_norm > torch.cat([gradient.flatten() for gradient in gradients]).norm().item()
            clipped.append(largest == pytest.approx(0.01))
        elif isinstance(event, Epoch):
            assert event.clipped == np.mean(clipped)
    assert clipped[0]
    loose = {"optimizer": "sgd", "learning_rate": 1.0, "epochs": 1, "sample_every": None}
    (never,) = epochs(run(tiny(clip_by="value", grad_clip=None, **loose), TEXT))
    (also_never,) = epochs(run(tiny(clip_by="norm", grad_clip=None, **loose), TEXT))
    assert (never.perplexity, never.grad_norm, never.clipped) == (also_never.perplexity, also_never.grad_norm, 0.0)
    (seldom,) = epochs(run(tiny(clip_by="value", grad_clip=0.16, **loose), TEXT))
    assert 0 < seldom.clipped < 1


def plain_loop(config, text, number_of_epochs):
    """The tutorials' training of an RNN with SGD and clipping, written out once more without the library's loop."""
    tokens = text.replace("\n", " ")
    vocab = Vocab(tokens, unknown=False)
    ids = torch.tensor(vocab.encode(tokens))
    generator = torch.Generator().manual_seed(config.seed)
    model = LanguageModel(config, len(vocab), generator=generator)
    weights = {name: p.detach().clone().requires_grad_() for name, p in model.state_dict(keep_vars=True).items()}
    B, T, H, V = config.batch_size, config.num_steps, config.hidden_size, len(vocab)  # noqa: N806
    rows = ids[: len(ids) // B * B].view(B, -1)
    results = []
    for _ in range(number_of_epochs):
        h, total, count, norms = torch.zeros(B, H), 0.0, 0, []
        for t in range(0, (rows.shape[1] - 1) // T * T, T):
            h, nll = h.detach(), 0.0
            for k in range(t, t + T):
                x = torch.nn.functional.one_hot(rows[:, k], V).float()
                h = torch.tanh(
                    x @ weights["recurrent.weight_ih_l0"].T + weights["recurrent.bias_ih_l0"]
                    + h @ weights["recurrent.weight_hh_l0"].T + weights["recurrent.bias_hh_l0"]
                )  # fmt: skip
                log_p = torch.log_softmax(h @ weights["output.weight"].T + weights["output.bias"], dim=1)
                nll = nll - log_p[torch.arange(B), rows[:, k + 1]].sum()
            gradients = torch.autograd.grad(nll / (B * T), list(weights.values()))
            norm = math.sqrt(sum(float((g**2).sum()) for g in gradients))
            scale = config.grad_clip / norm if norm > config.grad_clip else 1.0
            with torch.no_grad():
                for weight, gradient in zip(weights.values(), gradients, strict=True):
                    weight -= config.learning_rate * scale * gradient
            total, count, norms = total + float(nll.detach()), count + B * T, [*norms, norm]
        results.append((math.exp(total / count), np.mean(norms), np.mean(np.array(norms) > config.grad_clip)))
    return results, weights


@pytest.mark.parametrize("implementation", ["scratch", "torch"])
def test_the_numbers_are_those_of_a_plain_loop(implementation):
    config = tiny(
        model="rnn", implementation=implementation, encoding="one-hot", initialization="normal", optimizer="sgd",
        learning_rate=10.0, grad_clip=0.05, epochs=2,
    )  # fmt: skip
    trainer = Trainer(config, TEXT)
    found = [(e.perplexity, e.grad_norm, e.clipped) for e in epochs(trainer.events())]
    expected, weights = plain_loop(config, TEXT, 2)
    for ours, theirs in zip(found, expected, strict=True):
        assert ours == pytest.approx(theirs, rel=1e-3)
    assert expected[0][0] > expected[1][0]
    for name, weight in weights.items():
        torch.testing.assert_close(trainer.model.state_dict()[name], weight.detach(), rtol=1e-2, atol=1e-4)


def test_held_out_perplexity_by_hand():
    trainer = Trainer(tiny(held_out=0.4, num_steps=3, batch_size=2, sample_every=None, dropout=0.5), TEXT)
    (first, *_) = epochs(trainer.events())
    assert first.held_out_perplexity is not None
    ids = trainer.corpus.held_out_ids
    rows = max(1, min(2, len(ids) // 24))
    length = (len(ids) - 1) // rows
    assert rows == 2
    x, y = ids[: rows * length].view(rows, length), ids[1 : rows * length + 1].view(rows, length)
    trainer.model.eval()
    with torch.no_grad():
        log_p = torch.log_softmax(trainer.model(x)[0].double(), dim=-1)
    mean = -log_p.gather(-1, y[..., None]).mean()
    assert trainer.held_out_perplexity() == pytest.approx(math.exp(mean), rel=1e-5)
    last = trainer.history[-1]["held_out_perplexity"]
    assert trainer.held_out_perplexity() == pytest.approx(last, rel=1e-9)


def test_measure_keeps_the_model_in_its_mode():
    trainer = Trainer(tiny(held_out=0.4, batch_size=2), TEXT)
    trainer.model.train()
    trainer.held_out_perplexity()
    assert trainer.model.training


def test_an_evaluation_can_be_stopped_after_each_part_and_each_character():
    config = tiny(epochs=2, held_out=0.4, batch_size=2, num_steps=3, sample_length=30)
    events = list(run(config, TEXT))
    trained = events[next(k for k, event in enumerate(events) if isinstance(event, Step)) :]
    places = [event.epoch for event in trained if isinstance(event, Evaluating)]
    parts = math.ceil((59 - 1) // 2 / 3)  # 59 of 148 characters, in 2 rows
    assert places == [1] * (parts + 2 * 30) + [2] * (parts + 2 * 30)


def test_closing_and_resuming_changes_no_number():
    """Between two parts the thread may train another model, or change the gradient mode."""
    config, told = tiny(epochs=2, held_out=0.4, batch_size=2, num_steps=3), []
    for event in run(config, TEXT):
        assert torch.is_grad_enabled()
        torch.rand(3)
        told += epochs([event])
    expected = Trainer(config, TEXT)
    for epoch in told:
        trained = next(event for event in expected.events() if isinstance(event, Epoch))
        assert expected.epoch == epoch.epoch
        assert (trained.perplexity, trained.samples) == (epoch.perplexity, epoch.samples)
        assert expected.held_out_perplexity() == epoch.held_out_perplexity


def test_stopped_evaluation_leaves_the_model_unchanged():
    trainer = Trainer(tiny(held_out=0.4, batch_size=2, num_steps=3), TEXT)
    events = trainer.events()
    assert next(event for event in events if isinstance(event, Evaluating)) == Evaluating(1)
    events.close()
    assert trainer.model.training
    assert trainer.epoch == 0
    assert epochs(trainer.events())


def test_held_out_perplexity_is_none_without_held_out_text():
    assert Trainer(tiny(), TEXT).held_out_perplexity() is None


def test_a_perplexity_beyond_a_float_is_infinite_and_written_as_none():
    trainer = Trainer(tiny(held_out=0.3, epochs=1, batch_size=2), TEXT)
    trainer.model.output.bias.data[0] = 1e6
    assert trainer.held_out_perplexity() == math.inf
    event = Epoch(1, 2.0, math.inf, 1.0, 1.0, 1.0, 0.0, ())
    assert event.to_dict()["held_out_perplexity"] is None


# determinism and isolation


@pytest.mark.parametrize(
    "changes",
    [{}, {"sampling": "random", "random_offset": True, "dropout": 0.3}, {"implementation": "scratch", "model": "lstm"}],
)
def test_same_seed_gives_the_same_curve(changes):
    first, second = (timeless(run(tiny(**changes), TEXT)) for _ in range(2))
    assert first == second
    other = timeless(run(tiny(**changes, seed=2), TEXT))
    assert other != first


def test_global_random_numbers_are_neither_read_nor_changed():
    config = tiny(sampling="random", random_offset=True, dropout=0.4, num_layers=2, held_out=0.2, batch_size=2)
    torch.manual_seed(1)
    before = torch.get_rng_state()
    first = timeless(run(config, TEXT))
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(2)
    assert timeless(run(config, TEXT)) == first


def test_nothing_is_printed(capfd):
    list(run(tiny(), TEXT))
    assert capfd.readouterr() == ("", "")


def test_interleaved_runs_are_independent():
    alone = timeless(run(tiny(dropout=0.5), TEXT))
    both = list(zip(run(tiny(dropout=0.5), TEXT), run(tiny(dropout=0.5), TEXT), strict=True))
    assert timeless(a for a, _ in both) == timeless(b for _, b in both) == alone


def test_a_random_offset_never_counts_a_step_beyond_the_last():
    for sampling in ("random", "sequential"):
        events = run(tiny(sampling=sampling, random_offset=True, epochs=12, sample_every=None), TEXT)
        assert all(1 <= e.step <= e.steps for e in events if isinstance(e, Step))


def test_closing_stops_within_one_minibatch():
    trainer = Trainer(tiny(epochs=1000, sample_every=None), TEXT)
    calls, read = [], trainer.model.read
    trainer.model.read = lambda *args: calls.append(1) or read(*args)
    events = trainer.events()
    for _ in range(3):
        next(events)  # started, step, step
    events.close()
    assert len(calls) == 2
    assert list(events) == []


def test_closed_run_repeats_its_epoch():
    config = tiny(dropout=0.3, sampling="random", sample_every=None)
    undisturbed = timeless(e for e in run(config, TEXT) if isinstance(e, Epoch))
    trainer = Trainer(config, TEXT)
    seen = []
    for _ in range(6):  # closed in the middle of epochs, at their ends, and at the very start
        events = trainer.events()
        for number, event in enumerate(events):
            if isinstance(event, Epoch):
                seen.append(event)
            if number == 10:
                break
        events.close()
    assert timeless(seen) == undisturbed


# samples


def test_samples_begin_with_the_known_part_of_the_prefix():
    events = list(run(tiny(sample_every=2, epochs=5), TEXT))
    samples = [e.samples for e in epochs(events)]
    assert [len(s) for s in samples] == [0, 2, 0, 2, 2]  # every second epoch, and the last
    for first, second in filter(None, samples):
        assert first.startswith("fi")
        assert len(first) == 2 + 4
        assert len(second) == 4  # "x!" is unknown: the sample begins a line
    assert not any(e.samples for e in epochs(run(tiny(sample_every=None), TEXT)))


def test_the_first_samples_are_those_of_the_untrained_model():
    config = tiny(sample_every=5, epochs=5)
    events = list(run(config, TEXT))
    (untrained,) = (event for event in events if isinstance(event, Untrained))
    assert events.index(untrained) < next(k for k, event in enumerate(events) if isinstance(event, Step))
    vocab = prepare(config, TEXT).corpus.vocab
    model = LanguageModel(config, len(vocab), generator=torch.Generator().manual_seed(config.seed)).eval()
    ids = vocab.encode("fi")
    for _ in range(config.sample_length):  # greedily, by the whole text each time
        ids.append(int(model(torch.tensor([ids]))[0][0, -1].argmax()))
    assert untrained.samples[0] == "".join(vocab.decode(ids))
    assert (untrained.epoch, untrained.missing) == (0, ("x", "!"))


def test_a_run_without_samples_or_that_goes_on_has_none_of_an_untrained_model():
    assert not any(isinstance(event, Untrained) for event in run(tiny(sample_every=None), TEXT))
    trainer = Trainer(tiny(epochs=1), TEXT)
    list(trainer.events())
    resumed = run(tiny(epochs=2), TEXT, checkpoint=trainer.latest)
    assert not any(isinstance(event, Untrained) for event in resumed)


def test_history_keeps_only_the_newest_samples(monkeypatch):
    monkeypatch.setattr("rnnlab.limits.MAX_SAMPLED_EPOCHS", 2)
    trainer = Trainer(tiny(epochs=5), TEXT)
    early = None
    for event in trainer.events():
        if isinstance(event, Epoch):
            assert event.samples
            early = early or trainer.latest
    assert [bool(row["samples"]) for row in trainer.history] == [False, False, False, True, True]
    assert early.history[0]["samples"]  # an older checkpoint is unchanged


# checkpoints


def test_latest_is_never_changed_afterwards():
    trainer = Trainer(tiny(state="carried-across-epochs", model="lstm"), TEXT)
    kept = []
    for event in trainer.events():
        if isinstance(event, Started | Epoch):
            latest = trainer.latest
            tensors = {**latest.weights, **latest.training}
            kept.append((latest, {name: t.clone() for name, t in tensors.items()}, len(latest.history)))
    assert [latest.epoch for latest, _, _ in kept] == [0, 1, 2, 3]
    for latest, copies, rows in kept:
        tensors = {**latest.weights, **latest.training}
        assert all(torch.equal(tensors[name], copy) for name, copy in copies.items())
        assert len(latest.history) == rows == latest.epoch


RECIPES = [
    {"model": model, "implementation": implementation, "optimizer": optimizer, "sampling": sampling, "state": state}
    for model in ("rnn", "gru", "lstm")
    for implementation in ("scratch", "torch")
    for optimizer in ("sgd", "adam")
    for sampling, state in [
        ("random", "reset"),
        ("sequential", "reset"),
        ("sequential", "carried"),
        ("sequential", "carried-across-epochs"),
    ]
]
ODD_RECIPES = [
    {
        "dropout": 0.4,
        "num_layers": 2,
        "implementation": implementation,
        "model": model,
        "state": "carried-across-epochs",
    }
    for implementation in ("scratch", "torch")
    for model in ("rnn", "lstm")
] + [
    {"sampling": "random", "state": "carried-across-epochs"},
    {"sampling": "random", "random_offset": True, "dropout": 0.2},
    {"random_offset": True, "state": "carried-across-epochs", "model": "gru"},
    {"bidirectional": True, "num_layers": 2, "state": "carried-across-epochs"},
    {"encoding": "one-hot", "tokenizer": "cleaned", "held_out": 0.2, "batch_size": 2},
    {"model": "gru", "implementation": "scratch", "reset_after": False, "initialization": "normal"},
    {"optimizer": "sgd", "momentum": 0.9, "weight_decay": 0.01},
    {"optimizer": "rmsprop", "embedding_dropout": 0.3},
    {"optimizer": "rmsprop", "momentum": 0.5, "embedding_dropout": 0.3, "implementation": "scratch"},
    {"optimizer": "adam", "weight_decay": 0.1},
    {"optimizer": "adamw", "weight_decay": 0.1},
    {"optimizer": "rmsprop", "clip_by": "value", "grad_clip": 0.01, "init_scale": 0.08},
    {"model": "lstm", "forget_bias": 1.0, "tie_weights": True, "embedding_size": 6, "dropout": 0.2},
    {"model": "gru", "implementation": "scratch", "tie_weights": True, "embedding_size": 6},
]


@pytest.mark.parametrize("recipe", RECIPES + ODD_RECIPES, ids=lambda recipe: "-".join(map(str, recipe.values())))
def test_resumed_command_prints_the_same_epochs(recipe, tmp_path):
    rate = 1.0 if recipe.get("optimizer") == "sgd" else 0.02
    config = tiny(**{"learning_rate": rate, "epochs": 4, **recipe})
    whole = Trainer(config, TEXT)
    expected = timeless(epochs(whole.events()))
    half = Trainer(dataclasses.replace(config, epochs=2), TEXT)
    first = timeless(epochs(half.events()))
    checkpoints.save(half.latest, tmp_path / "half.safetensors")
    resumed = Trainer(config, TEXT, checkpoint=checkpoints.load(tmp_path / "half.safetensors"))
    assert resumed.epoch == 2
    events = list(resumed.events())
    assert events[0].first_epoch == 3
    second = timeless(epochs(events))
    assert first + second == expected
    assert [row["epoch"] for row in resumed.history] == [1, 2, 3, 4]
    for name, weight in whole.model.state_dict().items():
        assert torch.equal(weight, resumed.model.state_dict()[name]), name


def half_way(**changes):
    trainer = Trainer(tiny(epochs=2, **changes), TEXT)
    list(trainer.events())
    return trainer.latest


def refused(config, checkpoint, code, text=TEXT):
    with pytest.raises(InvalidInput) as refusal:
        Trainer(config, text, checkpoint=checkpoint)
    assert refusal.value.code == code
    return refusal.value


def test_another_text_or_vocabulary_is_not_resumed():
    latest = half_way()
    refused(tiny(), latest, "checkpoint_text", TEXT + "x")
    swapped = Vocab.from_list(latest.vocab.tokens[::-1], unknown=False)
    refused(tiny(), dataclasses.replace(latest, vocab=swapped), "checkpoint_text")


@pytest.mark.parametrize(
    "changes",
    [
        {"hidden_size": 7},
        {"embedding_dropout": 0.1},
        {"seed": 9},
        {"optimizer": "sgd"},
        {"batch_size": 2},
        {"dropout": 0.1},
        {"sampling": "random"},
    ],
)
def test_another_setting_is_not_resumed(changes):
    refusal = refused(tiny(**changes), half_way(), "checkpoint_config")
    assert refusal.field == next(iter(changes))


def test_a_setting_that_an_older_file_lacks_counts_as_its_default():
    latest = half_way()
    older = dataclasses.replace(latest, config={k: v for k, v in latest.config.items() if k != "embedding_dropout"})
    assert Trainer(tiny(), TEXT, checkpoint=older).epoch == 2
    assert refused(tiny(embedding_dropout=0.1), older, "checkpoint_config").field == "embedding_dropout"


def test_momentum_is_refused_for_optimizers_without_one():
    for name in ("adam", "adamw"):
        with pytest.raises(InvalidInput, match=f"momentum: 0.9 is for sgd and rmsprop; {name} has"):
            tiny(optimizer=name, momentum=0.9)


def test_settings_without_effect_on_past_epochs_may_change():
    changes = {
        "epochs": 3, "target_perplexity": 1.5, "learning_rate": 0.001, "grad_clip": None, "sample_prefixes": (),
        "sample_length": 2, "sample_every": None, "corpus": "elsewhere", "weight_decay": 0.1, "clip_by": "value",
        "schedule": "step", "schedule_factor": 0.1, "schedule_every": 2, "schedule_after": 3,
    }  # fmt: skip
    trainer = Trainer(tiny(**changes), TEXT, checkpoint=half_way())
    assert trainer.optimizer.param_groups[0]["lr"] == 0.001
    assert len(epochs(trainer.events())) == 1


def test_weights_only_checkpoint_cannot_be_resumed():
    refused(tiny(), dataclasses.replace(half_way(), training=None), "checkpoint_weights_only")


def test_a_carried_state_of_another_batch_size_is_not_resumed():
    latest = half_way(state="carried-across-epochs")
    odd = {**latest.training, "carried.0": torch.zeros(1, 3, 6)}
    config = tiny(state="carried-across-epochs")
    refused(config, dataclasses.replace(latest, training=odd), "checkpoint_shape")


def test_a_history_without_its_numbers_is_not_resumed():
    refused(tiny(), dataclasses.replace(half_way(), history=({"epoch": 1},)), "checkpoint_header")


# ends


def test_target_perplexity_ends_a_run():
    events = list(run(tiny(epochs=500, target_perplexity=3.0, learning_rate=0.05, sample_every=None), TEXT))
    reached = [e.perplexity for e in epochs(events)]
    assert reached[-1] <= 3.0
    assert all(p > 3.0 for p in reached[:-1])
    assert events[-1].reached_target
    assert len(reached) < 500


def test_a_run_that_has_ended_can_be_extended():
    config = tiny(dropout=0.2)
    trainer = Trainer(config, TEXT)
    first = epochs(trainer.events())
    trainer.extend(2)
    again = list(trainer.events())
    assert again[0].first_epoch == 4
    assert [e.epoch for e in epochs(again)] == [4, 5]
    undisturbed = [e.perplexity for e in epochs(run(tiny(dropout=0.2, epochs=5), TEXT))]
    assert [e.perplexity for e in first + epochs(again)] == undisturbed


def test_extending_counts_from_where_a_run_has_stopped():
    trainer = Trainer(tiny(epochs=500, target_perplexity=3.0, learning_rate=0.05, sample_every=None), TEXT)
    reached = len(epochs(trainer.events()))
    trainer.extend(2)
    assert trainer.config.target_perplexity is None
    assert [e.epoch for e in epochs(trainer.events())] == [reached + 1, reached + 2]


def test_extending_a_run_under_way_adds_to_the_plan():
    trainer = Trainer(tiny(), TEXT)
    events = trainer.events()
    next(events)
    trainer.extend(2)
    assert [e.epoch for e in epochs(events)] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("more", [0, -1, 2.5, math.nan, math.inf, "3", None, True, 10**6])
def test_invalid_number_of_epochs_does_not_extend_a_run(more):
    trainer = Trainer(tiny(), TEXT)
    with pytest.raises(InvalidInput, match="epochs"):
        trainer.extend(more)
    assert trainer.config == tiny()


@pytest.mark.parametrize("changes", [{"optimizer": "sgd", "grad_clip": None}, {"optimizer": "adam"}])
def test_divergence_names_the_step_and_keeps_the_last_finite_weights(changes):
    config = tiny(learning_rate=1e6, epochs=50, state="carried-across-epochs", **changes)
    trainer = Trainer(config, TEXT)
    seen = []
    for event in trainer.events():
        seen.append(event)
    diverged = seen[-1]
    assert isinstance(diverged, Diverged)
    done = epochs(seen)
    assert diverged.kept_epoch == len(done) == trainer.epoch == trainer.latest.epoch
    assert diverged.epoch == diverged.kept_epoch + 1
    assert 1 <= diverged.step <= 7
    for name, weight in trainer.model.state_dict().items():
        assert weight.isfinite().all(), name
        assert torch.equal(weight, trainer.latest.weights[name])
    assert math.isfinite(done[-1].perplexity if done else 0.0)
    assert len(trainer.sample("fi")) == 2 + 4


def test_weights_that_become_infinite_in_the_last_update_are_not_kept(tmp_path):
    trainer = Trainer(tiny(epochs=5), TEXT)
    events = trainer.events()
    for event in events:
        if isinstance(event, Step) and (event.epoch, event.step) == (2, event.steps):
            trainer.model.output.weight.data[0, 0] = math.inf
            break
    diverged = next(events)
    assert (diverged.epoch, diverged.step, diverged.kept_epoch) == (2, 7, 1)
    assert trainer.latest.epoch == 1
    checkpoints.save(trainer.latest, tmp_path / "kept.safetensors")
    assert checkpoints.load(tmp_path / "kept.safetensors").build_model()


def test_diverged_run_can_be_extended_with_a_lower_learning_rate(tmp_path):
    trainer = Trainer(tiny(learning_rate=1e6, optimizer="sgd", grad_clip=None), TEXT)
    assert isinstance(list(trainer.events())[-1], Diverged)
    gentle = tiny(learning_rate=0.1, optimizer="sgd", epochs=trainer.epoch + 2)
    events = list(run(gentle, TEXT, checkpoint=trainer.latest))
    assert isinstance(events[-1], Finished)


def test_a_text_too_short_for_one_minibatch_is_refused_before_anything_is_made(slowness):
    began = time.perf_counter()
    with pytest.raises(InvalidInput, match="fewer than one batch"):
        Trainer(tiny(hidden_size=2048, num_layers=8, num_steps=2000), TEXT)
    assert time.perf_counter() - began < slowness()  # seconds


def test_corpus_that_is_not_shipped_needs_its_text():
    with pytest.raises(InvalidInput, match="lyrics-zh"):
        Trainer(tiny())


# --- lines -----------------------------------------------------------------------------------------------------------

DIALOGUE = "ANNA:\r\nWhere is it?\r\n\r\nBEN:\r\n\tOut there.\r\n\r\n" * 20


@pytest.fixture(scope="module")
def dialogue():
    config = Config(
        corpus="own", hidden_size=64, embedding_size=16, batch_size=4, num_steps=20, held_out=0.0, epochs=30,
        learning_rate=0.02, target_perplexity=1.05, sample_every=None, sample_length=33,
    )  # fmt: skip
    trainer = Trainer(config, DIALOGUE, device="cpu")
    for _ in trainer.events():
        pass
    return trainer


@pytest.mark.parametrize("prefix", ["ANNA:\n", "ANNA:\\n", "ANNA:↵"])
def test_a_text_in_lines_is_continued_in_lines(dialogue, prefix):
    assert dialogue.sample(prefix) == "ANNA:\nWhere is it?\n\nBEN:\n\tOut there.\n\nA"


def test_sample_without_prefix_begins_a_line(dialogue):
    assert dialogue.sample("").split("\n")[0] in DIALOGUE.split("\r\n")


def test_sample_is_one_line_where_line_ends_are_spaces():
    trainer = Trainer(tiny(tokenizer="raw"), DIALOGUE)
    assert "\n" not in trainer.vocab
    assert trainer.sample("ANNA:\n").startswith("ANNA: ")
    again = Trainer(Config.from_strings(trainer.latest.config), DIALOGUE, checkpoint=trainer.latest)
    assert again.vocab == trainer.vocab


def test_a_text_of_ones_own_is_continued_from_its_first_word_whose_letters_stay_whole():
    for text, prefix in ((DIALOGUE, "ANNA:"), ("\u1107\u1169\u11b7" * 30, "\u1107\u1169\u11b7" * 8)):
        assert prepare(tiny(), text + "\nla" * 30).prefixes == (prefix,)
