"""The adding problem: its rows, its baseline, networks side by side, and what they answer."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from rnnlab.experiments import adding
from rnnlab.experiments.adding import (
    CONSTANT_ANSWER,
    CONSTANT_ERROR,
    GROWING,
    Asked,
    Asking,
    Config,
    Finished,
    LengthBegan,
    Measured,
    Outcome,
    Step,
    Trainer,
    draw_question,
    draw_rows,
    run,
)
from rnnlab.experiments.adding import trainer as trainer_module
from rnnlab.experiments.divergence import NotFinite
from rnnlab.validation import InvalidInput

TINY = Config(length=6, hidden_size=4, batch_size=8, max_steps=25)
LEARNING = Config(models="gru", length=4, hidden_size=16, max_steps=400, learning_rate=0.02)


def events_of(kind, events):
    return [event for event in events if isinstance(event, kind)]


@pytest.fixture(scope="module")
def learned():
    """A network that has learned to add in a short row, with its events."""
    trainer = Trainer(LEARNING)
    return trainer, list(trainer.events())


# --- the problem ---


def test_a_row_has_one_mark_in_each_half_and_the_sum_of_the_marked_numbers_is_wanted():
    inputs, sums = draw_rows(np.random.default_rng(1), 200, 7)
    numbers, marks = inputs[..., 0], inputs[..., 1]
    assert inputs.shape == (200, 7, 2)
    assert set(marks.unique().tolist()) == {0.0, 1.0}
    assert (marks[:, :3].sum(1) == 1).all()
    assert (marks[:, 3:].sum(1) == 1).all()
    assert torch.equal(sums[:, 0], (numbers * marks).sum(1))
    assert numbers.min() >= 0
    assert numbers.max() < 1


def test_always_answering_1_costs_a_sixth():
    """∫∫ (u + v - 1)² du dv over the unit square is 1/12 + 1/12: the midpoint rule, and rows of the problem."""
    middles = (np.arange(1000) + 0.5) / 1000
    integral = np.mean((middles[:, None] + middles[None, :] - CONSTANT_ANSWER) ** 2)
    assert integral == pytest.approx(CONSTANT_ERROR, abs=1e-6)
    _, sums = draw_rows(np.random.default_rng(2), 100_000, 2)
    assert ((sums.double() - CONSTANT_ANSWER) ** 2).mean().item() == pytest.approx(0.1667, abs=0.003)


def test_no_other_constant_costs_less():
    _, sums = draw_rows(np.random.default_rng(2), 100_000, 2)
    costs = {answer: ((sums.double() - answer) ** 2).mean().item() for answer in (0.9, 1.0, 1.1)}
    assert min(costs, key=costs.get) == CONSTANT_ANSWER


# --- training ---


@pytest.fixture(scope="module")
def side_by_side():
    return list(run(TINY))


@pytest.mark.parametrize("model", ["rnn", "gru", "lstm"])
def test_a_network_alone_gives_the_same_numbers_as_beside_others(side_by_side, model):
    alone = list(run(replace(TINY, models=model)))
    for kind, name in ((Step, "loss"), (Measured, "error"), (Outcome, "error")):
        found, expected = (
            [(event.step, getattr(event, name)) for event in events_of(kind, events) if event.model == model]
            for events in (alone, side_by_side)
        )
        assert found == expected
        assert found


def test_networks_take_turns_a_minibatch_each(side_by_side):
    steps = [(event.step, event.model) for event in events_of(Step, side_by_side)]
    assert steps == [(step, model) for step in range(1, 26) for model in ("rnn", "gru", "lstm")]


def test_both_implementations_learn_alike():
    for model in ("rnn", "gru", "lstm"):
        one, other = (
            [event.loss for event in events_of(Step, run(replace(TINY, models=model, implementation=which)))]
            for which in ("torch", "scratch")
        )
        assert one == pytest.approx(other, rel=1e-3)


def test_the_first_minibatch_is_that_of_the_definition():
    """Recompute the first loss in float64 from the network's own weights."""
    trainer = Trainer(replace(TINY, models="gru"))
    events = trainer.events()
    for event in events:
        if isinstance(event, Measured):
            break
    network = trainer.networks["gru"]
    weights = {name: value.clone().double() for name, value in network.model.state_dict().items()}
    first = next(events)
    gru = nn.GRU(2, 4, batch_first=True, dtype=torch.float64)
    gru.load_state_dict({name[10:]: value for name, value in weights.items() if name.startswith("recurrent.")})
    inputs, sums = draw_rows(np.random.default_rng((TINY.seed, 6, trainer_module.MINIBATCHES)), 8, 6)
    answers = gru(inputs.double())[0][:, -1] @ weights["output.weight"].T + weights["output.bias"]
    assert isinstance(first, Step)
    assert first.loss == pytest.approx(((answers - sums) ** 2).mean().item(), rel=1e-5)


def test_a_network_ends_at_the_finish_line_or_gives_up(learned, side_by_side):
    _, events = learned
    (outcome,) = events_of(Outcome, events)
    assert (outcome.end, outcome.steps_to_target) == ("finish", outcome.step)
    assert outcome.error <= LEARNING.target_error < CONSTANT_ERROR
    assert events_of(Measured, events)[-1].error == outcome.error
    assert {(item.end, item.step, item.steps_to_target) for item in events_of(Outcome, side_by_side)} == {
        ("steps", 25, None)
    }


def test_a_number_that_is_not_finite_ends_that_network_alone(monkeypatch):
    learn = adding.AddingNetwork.learn

    def diverging(self, *rows):
        if self.name == "gru" and self.step == 2:
            raise NotFinite
        return learn(self, *rows)

    monkeypatch.setattr(adding.AddingNetwork, "learn", diverging)
    ends = {event.model: event.end for event in events_of(Outcome, run(replace(TINY, max_steps=4)))}
    assert ends == {"rnn": "steps", "gru": "diverged", "lstm": "steps"}


def test_the_forget_bias_is_that_of_the_lstm():
    trainer = Trainer(replace(TINY, forget_bias=1.0, models="lstm, rnn"))
    next(trainer.events())
    state = trainer.networks["lstm"].model.state_dict()
    assert state["recurrent.bias_ih_l0"][4:8].tolist() == [1.0] * 4
    assert state["recurrent.bias_hh_l0"][4:8].tolist() == [0.0] * 4
    with pytest.raises(InvalidInput, match="forget_bias"):
        replace(TINY, forget_bias=1.0, models="rnn")


def test_growing_goes_on_until_no_network_is_left(monkeypatch):
    def pretend(self, *rows):
        """Only the GRU learns, and only rows of less than 30 numbers."""
        self.error = 0.01 if self.name == "gru" and self.length < 30 and self.step else 0.2
        return Measured(self.name, self.length, self.step, self.error, 0.0)

    monkeypatch.setattr(adding.AddingNetwork, "test", pretend)
    events = list(run(replace(TINY, grow=True, models="rnn, gru", max_steps=2)))
    assert [(event.length, event.models) for event in events_of(LengthBegan, events)] == [
        (10, ("rnn", "gru")), (20, ("gru",)), (40, ("gru",)),
    ]  # fmt: skip
    (finished,) = events_of(Finished, events)
    assert dict(zip(finished.models, finished.longest, strict=True)) == {"rnn": None, "gru": 20}
    (asked,) = events_of(Asked, events)
    assert len(asked.numbers) == 40


# --- asking ---


def test_a_network_that_has_learned_answers_the_sum(learned):
    trainer, events = learned
    for numbers in ((0.1, 0.2), (0.9, 0.8)):
        asked = trainer.ask(draw_question(4, 3, numbers, (2, 4)))
        assert asked.truth == pytest.approx(sum(numbers))
        assert abs(asked.answers[0] - asked.truth) < 0.5 < abs(CONSTANT_ANSWER - asked.truth)
    assert isinstance(events[-2], Asked)


def test_an_answer_is_that_of_the_weights(learned):
    """Recompute it in float64."""
    trainer, _ = learned
    model = trainer.networks["gru"].model
    question = draw_question(4, 5)
    gru = nn.GRU(2, 16, batch_first=True, dtype=torch.float64)
    gru.load_state_dict({name: value.double() for name, value in model.recurrent.state_dict().items()})
    last = gru(question.inputs().double())[0][0, -1]
    expected = last @ model.output.weight.double()[0] + model.output.bias.double()[0]
    assert trainer.ask(question).answers[0] == pytest.approx(expected.item(), abs=1e-5)


def test_a_question_takes_given_numbers_and_places():
    question = Asking(seed=7, numbers=(0.25, 0.5), places=(9, 3)).question(10)
    assert question.places == (3, 9)
    assert (question.numbers[8], question.numbers[2]) == (0.25, 0.5)
    assert question.truth == 0.75
    assert question.inputs()[0, :, 1].nonzero().flatten().tolist() == [2, 8]
    drawn = draw_question(10, 7)
    others = [i for i in range(10) if i + 1 not in (*question.places, *drawn.places)]
    assert [question.numbers[i] for i in others] == [drawn.numbers[i] for i in others]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"models": "rnn, rnn"}, "models"),
        ({"models": " , "}, "models"),
        ({"models": "rnn, elman"}, "models"),
        ({"length": 201}, "length"),
        ({"max_steps": 10_000, "length": 200}, "max_steps"),
        ({"ask_numbers": "0.3"}, "ask_numbers"),
        ({"ask_numbers": "0.3, 1.5"}, "ask_numbers"),
        ({"ask_numbers": "a, b"}, "ask_numbers"),
        ({"ask_places": "2, 2"}, "ask_places"),
        ({"ask_places": "2, 7"}, "ask_places"),
        ({"ask_places": "2, 11", "length": 50, "grow": True}, "ask_places"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_by_name(changes, field):
    with pytest.raises(InvalidInput) as refused:
        replace(TINY, **changes)
    assert refused.value.field == field


def test_a_refusal_of_a_long_run_names_a_number_that_is_taken():
    with pytest.raises(InvalidInput) as refused:
        Config(length=200, max_steps=10_000)
    assert Config(length=200, max_steps=refused.value.details["most"]).cost() <= 2_000_000


def test_the_default_run_that_grows_is_within_the_limit():
    assert Config(grow=True).lengths == GROWING
    assert math.isclose(Config(grow=True).cost(), sum(GROWING) * 1500 * 3 * (1 + 32**3 / 500_000))
