"""Curves of the gradient by lag: networks before training, forget biases, and those that were measured in advance."""

import math

import pytest
import torch

from rnnlab.experiments.language_model import Config, Trainer
from rnnlab.experiments.language_model.gradient_curves import (
    CELLS,
    FORGET_BIASES,
    MAX_CURVE_TOKENS,
    LensCurve,
    alike,
    cells_at_start,
    curve_of,
    forget_biases_at_start,
    lens_curve,
    measured_curves,
    untrained_model,
)
from rnnlab.inspection.gradient_lens import CURVE_LAGS
from rnnlab.recurrent import cell_spec
from rnnlab.validation import InvalidInput

SMALL = Config(model="lstm", hidden_size=8, embedding_size=4, epochs=1)


def ids_of(length, vocab_size=30):
    return torch.randint(vocab_size, (length,), generator=torch.Generator().manual_seed(3)).tolist()


@pytest.mark.parametrize(
    "settings", [{}, {"model": "gru", "seed": 5}, {"forget_bias": 2.0, "implementation": "scratch"}]
)
def test_an_untrained_model_is_that_with_which_a_run_begins(settings):
    config = Config(**({"model": "lstm", "hidden_size": 8, "max_tokens": 300, "batch_size": 4} | settings))
    trainer = Trainer(config, device="cpu")
    own = untrained_model(config, len(trainer.vocab)).state_dict()
    theirs = trainer.model.state_dict()
    assert own.keys() == theirs.keys()
    assert all(torch.equal(own[name], theirs[name]) for name in own)


def test_another_cell_keeps_every_setting_that_it_has():
    config = Config(model="lstm", forget_bias=1.0, hidden_size=8, seed=4)
    assert alike(config, "gru") == Config(model="gru", hidden_size=8, seed=4)
    assert alike(config, "lstm") == config
    relu = Config(model="rnn", nonlinearity="relu", hidden_size=8)
    assert alike(relu, "gru") == Config(model="gru", hidden_size=8)
    assert alike(relu, "rnn") == relu


def test_all_three_cells_vanish_at_the_start_and_are_measured_alike():
    curves = cells_at_start(SMALL, 30, ids_of(400))
    assert [curve.model for curve in curves] == list(CELLS)
    for curve in curves:
        assert len(curve.h) == CURVE_LAGS
        assert bool(curve.c) is (cell_spec(curve.model).state_size == 2)
        assert curve.h[20] < 1e-3 * curve.h[0]
    assert curves[2] == lens_curve(untrained_model(SMALL, 30), SMALL, ids_of(400)[:MAX_CURVE_TOKENS], 0)


def test_a_larger_forget_bias_lets_the_gradient_of_an_untrained_lstm_reach_further():
    curves = forget_biases_at_start(alike(SMALL, "gru"), 30, ids_of(120))
    assert [curve.forget_bias for curve in curves] == list(FORGET_BIASES)
    at_lag_20 = [curve.c[20] for curve in curves]
    assert at_lag_20 == sorted(at_lag_20)
    # With f = σ(b) at every step and nothing else, c keeps σ(b)²⁰ of its gradient.
    kept = [curve.c[20] / curve.c[0] for curve in curves]
    for bias, share in zip(FORGET_BIASES, kept, strict=True):
        assert math.log10(share) == pytest.approx(20 * math.log10(1 / (1 + math.exp(-bias))), abs=1.5)


def test_a_curve_survives_json():
    curve = LensCurve("lstm", 3, (0.5, 1e-17), (0.25, 1e-15), forget_bias=1.0, perplexity=1.5)
    assert curve_of(curve.to_dict()) == curve


def test_the_measured_curves_show_that_all_three_vanish_and_that_training_repairs_it():
    curves = measured_curves()
    assert [(curve.model, curve.epoch) for curve in curves] == [(cell, epoch) for cell in CELLS for epoch in (0, 10)]
    after = {}
    for before, trained in zip(curves[::2], curves[1::2], strict=True):
        own = [getattr(curve, "c" if curve.c else "h") for curve in (before, trained)]
        assert all(len(values) == CURVE_LAGS for values in own)
        assert own[0][20] < 1e-4
        assert 1e2 < own[1][50] / own[0][50] < 1e9
        assert trained.perplexity < 1.2
        after[before.model] = own[1][50]
    behind = sorted(after[cell] / after["rnn"] for cell in ("gru", "lstm"))
    assert 25 < behind[0] < behind[1] < 425  # "some 30 to 400 times", as the page says


def test_a_setting_that_meant_nothing_refuses_no_other_cell():
    for cell in ("rnn", "lstm"):
        assert alike(Config(model=cell, reset_after=False, hidden_size=8), "gru").reset_after
    before = Config(model="gru", implementation="scratch", reset_after=False)
    assert alike(before, "gru") == before


def test_a_network_too_large_to_be_made_for_a_curve_is_refused(monkeypatch):
    made = []
    monkeypatch.setattr("rnnlab.experiments.language_model.gradient_curves.untrained_model", made.append)
    config = Config(model="rnn", hidden_size=2048, embedding_size=2048)  # as an LSTM four times as large
    for measure in (cells_at_start, forget_biases_at_start):
        with pytest.raises(InvalidInput) as refused:
            measure(config, 30, ids_of(20))
        assert (refused.value.code, refused.value.field) == ("curve_too_large", "model")
    assert made == []


def test_nobody_waits_for_the_curves_that_are_left():
    asked = []

    def check():
        asked.append(len(asked))
        if len(asked) == 2:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        forget_biases_at_start(SMALL, 30, ids_of(60), check)
    assert asked == [0, 1]
