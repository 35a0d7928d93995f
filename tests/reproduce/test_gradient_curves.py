"""The curves that ship are those that the command measures."""

import json
from dataclasses import replace

import pytest

from rnnlab.experiments.language_model import Config, Trainer
from rnnlab.experiments.language_model.gradient_curves import CELLS, MEASURED, lens_curve, untrained_model
from rnnlab.inspection.gradient_lens import CURVE_LAGS
from rnnlab.reproduce.gradient_curves import config_of, measure, plain_curves, table_of
from rnnlab.resources import resource


def shipped():
    return json.loads(resource(MEASURED).read_text("utf-8"))


def small(cell):
    config = config_of(cell, hidden_size=8, embedding_size=4, max_tokens=300, batch_size=4, num_steps=10)
    return replace(config, epochs=2)


@pytest.mark.parametrize("cell", ["rnn", "lstm"])
def test_a_cell_is_measured_before_and_after_its_training(cell):
    config = small(cell)
    before, after = measure(config)
    trainer = Trainer(config, device="cpu")
    ids = trainer.corpus.train_ids
    assert before == lens_curve(untrained_model(config, len(trainer.vocab)), config, ids, 0)
    perplexities = [event.perplexity for event in trainer.events() if event.kind == "epoch"]
    assert after == lens_curve(trainer.model, config, ids, 2, perplexity=perplexities[-1])
    assert list(measure(config)) == [before, after]


def test_the_file_names_the_settings_that_all_three_share():
    assert shipped()["recipe"] == "quick"
    for cell in CELLS:
        strings = {**shipped()["config"], "model": cell}
        assert Config.from_strings(strings) == config_of(cell)


@pytest.mark.parametrize("cell", ["rnn", "lstm"])
def test_the_shipped_curves_before_training_are_measured_anew(cell):
    config = config_of(cell)
    trainer = Trainer(config, device="cpu")
    curve = lens_curve(trainer.model, config, trainer.corpus.train_ids, 0)
    (found,) = (each for each in shipped()["curves"] if each["model"] == cell and each["epoch"] == 0)
    assert found["h"] == pytest.approx(curve.h, rel=1e-3)
    assert found["c"] == pytest.approx(curve.c, rel=1e-3)


def test_the_table_has_a_row_for_each_state():
    curves = [curve for cell in ("gru", "lstm") for curve in measure(small(cell))]
    lines = table_of(curves).splitlines()
    assert [line.split(",")[0] for line in lines[2:]] == ["| gru ∂ℓ/∂h", "| lstm ∂ℓ/∂h", "| lstm ∂ℓ/∂c"]
    assert all(len(line.strip("|").split("|")) == 7 for line in lines)
    plain = plain_curves(curves, small("gru"))
    assert [len(each["h"]) for each in plain["curves"]] == [CURVE_LAGS] * 4
    assert plain["curves"][0]["h"] == pytest.approx(curves[0].h, rel=1e-5)
