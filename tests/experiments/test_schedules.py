"""Schedules against those of `torch.optim.lr_scheduler`, by hand, and over interrupted, changed and extended runs."""

import dataclasses
import math

import pytest
import torch
from torch.optim import lr_scheduler

from rnnlab import checkpoints
from rnnlab.experiments.language_model import Config, Epoch, Step, Trainer
from rnnlab.experiments.schedules import SCHEDULES, count_plateaus, reductions, scheduled_rate, watched_perplexities

TEXT = "one fish two fish red fish blue fish " * 4
TINY = {
    "corpus": "own", "hidden_size": 6, "embedding_size": 3, "batch_size": 4, "num_steps": 5, "held_out": 0.3,
    "epochs": 6, "sample_every": None, "learning_rate": 0.1,
}  # fmt: skip
HELD_OUT = [9.0, 7.0, 7.0, 7.5, 6.0, 6.5, 6.2, 6.1, 6.0, 5.0, 5.1, 5.2, 5.3, 5.4]


def tiny(**changes):
    return Config(**TINY | changes)


def rates(config, perplexities):
    """Return the learning rate of each epoch, with these held-out perplexities."""
    history = [{"perplexity": 50.0, "held_out_perplexity": value} for value in perplexities]
    return [
        scheduled_rate(config, reductions(config, epoch + 1, history[:epoch]), epoch) for epoch in range(len(history))
    ]


def rates_of_torch(make, steps, metrics=None):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    scheduler, seen = make(optimizer), []
    for step in range(steps):
        seen.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step(*(metrics[step : step + 1] if metrics else ()))
    return seen


@pytest.mark.parametrize(
    ("settings", "make"),
    [
        ({"schedule": "step", "schedule_every": 3, "schedule_factor": 0.1}, lambda o: lr_scheduler.StepLR(o, 3, 0.1)),
        ({"schedule": "step", "schedule_factor": 0.7}, lambda o: lr_scheduler.StepLR(o, 1, 0.7)),
        ({"schedule": "exponential", "schedule_factor": 0.9}, lambda o: lr_scheduler.ExponentialLR(o, 0.9)),
        ({"schedule": "constant", "schedule_factor": 0.9}, lambda o: lr_scheduler.ExponentialLR(o, 1.0)),
    ],
)
def test_rates_per_epoch_are_those_of_torch(settings, make):
    found = rates(tiny(**settings), HELD_OUT)
    assert found == pytest.approx(rates_of_torch(make, len(HELD_OUT)), rel=1e-12)


@pytest.mark.parametrize("every", [1, 2, 3])
def test_a_plateau_is_that_of_torch(every):
    config = tiny(schedule="plateau", schedule_factor=0.25, schedule_every=every)

    def make(optimizer):
        return lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.25, patience=every - 1, threshold=0.0, eps=0.0)

    found = rates(config, HELD_OUT)
    assert found == pytest.approx(rates_of_torch(make, len(HELD_OUT), HELD_OUT), rel=1e-12)
    assert found[-1] < found[0]


def test_a_cosine_is_that_of_torch_at_each_minibatch():
    steps, config = 7, tiny(schedule="cosine", epochs=6)
    found = [scheduled_rate(config, 0, epoch + step / steps) for epoch in range(6) for step in range(steps)]
    expected = rates_of_torch(lambda o: lr_scheduler.CosineAnnealingLR(o, T_max=42), 42)
    assert found == pytest.approx(expected, rel=1e-9)
    assert (found[0], found[21]) == (0.1, pytest.approx(0.05))
    assert scheduled_rate(config, 0, 6) == scheduled_rate(config, 0, 7) == 0.0


def test_char_rnn_multiplies_from_the_eleventh_epoch_on():
    config = tiny(schedule="exponential", schedule_factor=0.95, schedule_after=10)
    expected = [0.1] * 10 + [0.1 * 0.95, 0.1 * 0.95**2, 0.1 * 0.95**3, 0.1 * 0.95**4]
    assert rates(config, HELD_OUT) == pytest.approx(expected)


def test_steps_may_begin_later():
    config = tiny(schedule="step", schedule_factor=0.5, schedule_every=2, schedule_after=3)
    assert rates(config, HELD_OUT[:8]) == pytest.approx([0.1] * 3 + [0.05] * 2 + [0.025] * 2 + [0.0125])
    assert rates(tiny(schedule="step", schedule_after=0), HELD_OUT[:2]) == pytest.approx([0.05, 0.025])


def test_word_language_model_divides_after_each_epoch_that_is_not_the_best():
    rate, best, expected = 20.0, math.inf, []
    for perplexity in HELD_OUT:
        expected.append(rate)
        if perplexity < best:
            best = perplexity
        else:
            rate /= 4
    config = tiny(schedule="plateau", schedule_factor=0.25, learning_rate=20.0)
    assert rates(config, HELD_OUT) == pytest.approx(expected)


def test_a_plateau_without_held_out_text_is_of_the_training():
    rows = [{"perplexity": 9.0, "held_out_perplexity": None}, {"perplexity": 9.5, "held_out_perplexity": None}]
    assert watched_perplexities(rows) == [9.0, 9.5]
    assert watched_perplexities([{"perplexity": 9.0, "held_out_perplexity": 4.0}, rows[1]]) == [4.0, math.inf]
    assert watched_perplexities([{"perplexity": None, "held_out_perplexity": None}]) == []
    assert count_plateaus([math.inf, math.inf, 5.0, math.inf], 2) == 1


# --- in a run ---

SCHEDULED = [
    {"schedule": "step", "schedule_every": 2, "schedule_factor": 0.3},
    {"schedule": "exponential", "schedule_factor": 0.8},
    {"schedule": "cosine", "random_offset": True},
    {"schedule": "plateau", "schedule_factor": 0.25, "learning_rate": 0.6},
    {"schedule": "plateau", "schedule_factor": 0.25, "held_out": 0.0, "learning_rate": 0.6},
]


def curve(events):
    return [
        (e.epoch, e.perplexity, e.held_out_perplexity, e.grad_norm, e.learning_rate)
        for e in events
        if isinstance(e, Epoch)
    ]


@pytest.mark.parametrize("settings", SCHEDULED, ids=lambda settings: "-".join(map(str, settings.values())))
def test_a_resumed_run_has_the_rates_of_an_uninterrupted_one(settings, tmp_path):
    config = tiny(**settings)
    expected = curve(Trainer(config, TEXT).events())
    half, seen = Trainer(config, TEXT), []
    for event in half.events():
        seen.append(event)
        if isinstance(event, Step) and event.epoch == 4:
            break  # stopped within the fourth epoch, which begins anew
    checkpoints.save(half.latest, tmp_path / "half.safetensors")
    resumed = Trainer(config, TEXT, checkpoint=checkpoints.load(tmp_path / "half.safetensors"))
    assert curve(seen) + curve(resumed.events()) == expected
    assert len({row[-1] for row in expected}) > 1, "the rate changes in this run"
    assert expected != curve(Trainer(tiny(**settings | {"schedule": "constant"}), TEXT).events())


def test_an_epoch_has_the_rate_of_its_last_minibatch():
    used = []
    trainer = Trainer(tiny(schedule="cosine", epochs=2), TEXT)
    for event in trainer.events():
        if isinstance(event, Step):
            used.append(trainer.optimizer.param_groups[0]["lr"])
        elif isinstance(event, Epoch):
            assert event.learning_rate == used[-1]
            assert trainer.history[-1]["learning_rate"] == used[-1]
    steps = len(used)
    assert used == pytest.approx([0.05 * (1 + math.cos(math.pi * k / steps)) for k in range(steps)])


def test_a_changed_rate_is_multiplied_further():
    trainer, seen = Trainer(tiny(schedule="exponential", schedule_factor=0.5, epochs=4), TEXT), []
    for event in trainer.events():
        if isinstance(event, Epoch):
            seen.append(event.learning_rate)
            if event.epoch == 2:
                trainer.change(learning_rate=0.8)
    assert seen == pytest.approx([0.1, 0.05, 0.8 / 4, 0.8 / 8])


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_added_epochs_have_the_rates_of_a_run_planned_that_long(schedule):
    short = Trainer(tiny(schedule=schedule, epochs=2), TEXT)
    for _ in short.events():
        pass
    short.extend(2)
    planned = tiny(schedule=schedule, epochs=4)
    rows = curve(short.events())
    for epoch, *_, rate in rows:
        reduced = reductions(planned, epoch, short.history[: epoch - 1])
        last = epoch - 1 + (short.steps - 1) / short.steps
        assert rate == scheduled_rate(planned, reduced, last)
    assert [row[0] for row in rows] == [3, 4]
    if schedule != "cosine":  # its first epochs were on the shorter cosine
        assert rows == curve(Trainer(planned, TEXT).events())[2:]


def test_a_schedule_may_differ_when_a_run_goes_on():
    half = Trainer(tiny(epochs=2), TEXT)
    for _ in half.events():
        pass
    config = tiny(schedule="exponential", schedule_factor=0.5, epochs=3)
    assert [row[-1] for row in curve(Trainer(config, TEXT, checkpoint=half.latest).events())] == [0.1 / 4]


def test_a_history_without_rates_is_resumed():
    half = Trainer(tiny(epochs=2), TEXT)
    for _ in half.events():
        pass
    rows = [{key: value for key, value in row.items() if key != "learning_rate"} for row in half.latest.history]
    older = dataclasses.replace(half.latest, history=tuple(rows))
    assert [row[-1] for row in curve(Trainer(tiny(epochs=3), TEXT, checkpoint=older).events())] == [0.1]
