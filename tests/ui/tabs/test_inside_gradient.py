"""The section Gradient of the tab Inside: the norms at a place, and the figure of each view."""

import time
from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812

from rnnlab import limits
from rnnlab.experiments.language_model import Config, Trainer
from rnnlab.experiments.language_model.gradient_curves import (
    cells_at_start,
    curve_at_start,
    forget_biases_at_start,
    measured_curves,
)
from rnnlab.experiments.language_model.inspected import inspect_text
from rnnlab.experiments.language_model.looks import look_at
from rnnlab.experiments.language_model.looks.gradient import own_curve
from rnnlab.experiments.language_model.other_cells import other_curves
from rnnlab.experiments.language_model.recording import Recording
from rnnlab.runs import Runner, training_run
from rnnlab.ui.i18n import words
from rnnlab.ui.tabs.inside.gradient import TABLE_LAGS, VIEWS, answer
from rnnlab.ui.tabs.inside.handlers import on_open
from rnnlab.ui.tabs.inside.opened import Network, Opened, opened_by
from rnnlab.ui.tabs.inside.other_cells import train_others
from rnnlab.validation import InvalidInput

TEXT = "one fish two fish red fish blue fish\n" * 8
SETTINGS = {"corpus": "own", "hidden_size": 6, "embedding_size": 4, "batch_size": 4, "num_steps": 10, "epochs": 2}


def opened_with(model, text, epochs=2):
    config = Config(model=model, **SETTINGS)
    trainer = Trainer(config, TEXT, device="cpu")
    for event in trainer.events():
        if event.kind in ("untrained", "epoch") and trainer.epoch == epochs:
            break
    read = inspect_text(trainer.model, trainer.vocab, config, text)
    network = Network("own", "", trainer.latest, trainer.model, epochs, epochs, "final", lambda: None)
    return Opened("key", network, read)


@pytest.fixture(scope="module")
def gru():
    return opened_with("gru", TEXT[:130])


@pytest.fixture(scope="module")
def lstm():
    return opened_with("lstm", TEXT[:60])


def exact_norms(opened, place):
    """The norms to h, by reading character by character with torch.nn in float64: at lags 0, 1, …"""
    model = opened.text.model
    layer = torch.nn.GRU(4, 6).double()
    layer.load_state_dict({name: value.double() for name, value in model.recurrent.state_dict().items()})
    weight, bias = model.output.weight.double(), model.output.bias.double()
    vectors = model.embedding.weight.double().detach()[opened.text.ids[:place]]
    state, states = torch.zeros(1, 6, dtype=torch.float64, requires_grad=True), []
    for vector in vectors:
        _, state = layer(vector[None], state)
        states.append(state)
    loss = F.cross_entropy((state @ weight.T + bias)[0], torch.tensor(opened.text.ids[place]))
    return [float(found.norm()) for found in torch.autograd.grad(loss, states[::-1])]


@pytest.mark.parametrize("place", [1, 40, 129])
def test_the_norms_at_a_place_are_those_of_autograd_in_float64(gru, place):
    found = answer(gru, {"place": str(place)})
    assert (found["state"], found["place"], found["token"]) == ("l0.h", place, TEXT[place])
    assert len(found["norms"]) == min(place, 100)
    np.testing.assert_allclose(found["norms"], exact_norms(gru, place)[:100], rtol=2e-4)
    assert found["picture"] is None


def drawn(opened, view, letter="c", lang="en"):
    return answer(opened, {"place": "9", "view": view, "letter": letter, "lang": lang})["picture"]


def trace(picture, uid):
    (found,) = (each for each in picture["figure"]["data"] if each["uid"] == uid)
    return found


def test_the_network_is_drawn_now_and_before_its_training_over_those_measured_in_advance(gru):
    picture = drawn(gru, "training")
    names = [name for name, _ in picture["rows"]]
    assert names[-2:] == ["this GRU, epoch 0", "this GRU, epoch 2"]
    assert names[:2] == ["RNN, epoch 0 (recipe quick)", "RNN, epoch 10 (recipe quick)"]
    ids = gru.text.ids.tolist()
    assert trace(picture, "own")["y"] == pytest.approx(own_curve(gru.text).h)
    start = curve_at_start(gru.text.config, len(gru.text.vocab), ids)
    assert trace(picture, "own-0")["y"] == pytest.approx(start.h)
    measured = {(curve.model, curve.epoch): curve for curve in measured_curves()}
    assert trace(picture, "measured-lstm-10")["y"] == pytest.approx(measured["lstm", 10].c)
    rows = dict(picture["rows"])
    assert rows["this GRU, epoch 0"] == pytest.approx([start.h[lag] for lag in TABLE_LAGS])
    hidden = drawn(gru, "training", letter="h")
    assert trace(hidden, "measured-lstm-10")["y"] == pytest.approx(measured["lstm", 10].h)
    assert "LSTM h, epoch 10 (recipe quick)" in dict(hidden["rows"])


def test_an_untrained_network_is_drawn_once():
    opened = opened_with("rnn", TEXT[:40], epochs=0)
    picture = drawn(opened, "training")
    assert [name for name, _ in picture["rows"]][-1] == "this RNN, epoch 0"
    assert not [each for each in picture["figure"]["data"] if each["uid"] == "own-0"]
    start = curve_at_start(opened.text.config, len(opened.text.vocab), opened.text.ids.tolist())
    assert trace(picture, "own")["y"] == pytest.approx(start.h, rel=1e-4)


def test_three_cells_and_four_forget_biases_have_the_settings_of_the_network(gru):
    given = (gru.text.config, len(gru.text.vocab), gru.text.ids.tolist())
    cells = drawn(gru, "cells", lang="zh-CN")
    assert [name for name, _ in cells["rows"]] == ["RNN", "GRU", "LSTM c"]
    for curve in cells_at_start(*given):
        assert trace(cells, f"start-{curve.model}")["y"] == pytest.approx(curve.c or curve.h)
    assert cells["figure"]["layout"]["xaxis"]["title"]["text"] == words("zh")["inside_gradient.figure.lag"]
    biases = drawn(gru, "bias", letter="h")
    for curve in forget_biases_at_start(*given):
        assert trace(biases, f"bias-{curve.forget_bias:g}")["y"] == pytest.approx(curve.h)


def test_of_an_lstm_either_state_can_be_chosen(lstm):
    cell, hidden = (answer(lstm, {"place": "50", "letter": letter}) for letter in "ch")
    assert (cell["state"], hidden["state"]) == ("l0.c", "l0.h")
    assert cell["norms"] != hidden["norms"]
    short = drawn(lstm, "training")
    assert dict(short["rows"])["this LSTM c, epoch 2"][-1] is None  # the text has too few characters for lag 50


@pytest.fixture(scope="module")
def runner():
    runner = Runner(1)
    yield runner
    runner.close()


@pytest.fixture(scope="module")
def run(runner, tmp_path_factory):
    """A GRU that has recorded itself."""
    run = training_run(Config(model="gru", sample_every=None, **SETTINGS), TEXT)
    run.experiment.recording = Recording(tmp_path_factory.mktemp("run") / "recording")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "MAX_RECORDING_SHARE", 1.0)  # so that no epoch is left out
        runner.start(run)
        assert run.wait(60)
        end = time.monotonic() + 20
        while run.experiment.recording.epochs != [0, 1, 2] and time.monotonic() < end:
            time.sleep(0.01)  # a thread beside the training writes them
    return run


def test_the_other_two_are_trained_alike_and_follow_the_handle(runner, run, monkeypatch):
    def at(epoch):
        moment = f"runs/{run.id} {epoch} 2"
        return opened_by(on_open(runner, None, run.id, None, "trained", TEXT[:60], None, moment, None)[0]["key"])

    before = drawn(at(1), "training")
    assert before["about"] == "training"
    assert before["rows"][0][0] == "RNN, epoch 0 (recipe quick)"
    offered = before["others"]
    assert (offered["cells"], offered["trained"], offered["epochs"], offered["last"]) == (["RNN", "LSTM"], -1, 2, 2)
    with monkeypatch.context() as patch:
        patch.setattr("rnnlab.ui.tabs.inside.other_cells.MAX_OTHER_CELLS_SECONDS", -1)
        with pytest.raises(InvalidInput, match="busy"):
            train_others(at(1).key, None, lambda share: None)
    shares = []
    assert train_others(at(1).key, None, shares.append) == {"epochs": 2}
    assert (shares == sorted(shares), shares[-1]) == (True, 1)
    for epoch in (1, 2):
        opened = at(epoch)
        picture = drawn(opened, "training")
        assert (picture["about"], picture["others"]["trained"]) == ("alike", 2)
        assert [name for name, _ in picture["rows"]] == [
            "RNN, epoch 0", "LSTM c, epoch 0", f"RNN, epoch {epoch}", f"LSTM c, epoch {epoch}",
            "this GRU, epoch 0", f"this GRU, epoch {epoch}",
        ]  # fmt: skip
        for curve in other_curves(run.experiment.recording, opened.text.ids.tolist(), epoch):
            assert trace(picture, f"alike-{curve.model}-{epoch}")["y"] == pytest.approx(curve.c or curve.h)
    assert dict(drawn(at(0), "training")["rows"]).keys() == {"RNN, epoch 0", "LSTM c, epoch 0", "this GRU, epoch 0"}


def test_where_the_others_cannot_be_trained_the_page_says_why(gru, runner, run, monkeypatch):
    for language, lang in (("en", "en"), ("zh", "zh-CN")):
        assert drawn(gru, "training", lang=lang)["others"] == {
            "reason": words(language)["inside_gradient.others.no_run"]
        }
    assert drawn(gru, "cells")["others"] is None
    with pytest.raises(InvalidInput, match="epoch"):
        train_others(on_open(runner, None, None, None, "lyrics-en", "the", None, "", None)[0]["key"], None, print)
    assert train_others("nothing", None, print) is None
    opened = opened_by(on_open(runner, None, run.id, None, "trained", TEXT[:60], None, "", None)[0]["key"])
    monkeypatch.setattr("rnnlab.experiments.language_model.other_cells.MAX_OTHER_CELLS_BYTES", 100)
    assert "MB of memory" in drawn(opened, "training")["others"]["reason"]
    unrecorded = replace(opened, network=replace(opened.network, replaying=None))
    reason = words("en")["inside_gradient.others.not_recorded"]
    assert drawn(unrecorded, "training")["others"] == {"reason": reason}


def test_every_text_of_the_section_is_there_in_both_languages():
    for language in ("en", "zh"):
        texts = words(language)
        assert all(texts[f"inside_gradient.{part}.{view}"] for part in ("view", "about", "next") for view in VIEWS)


@pytest.mark.parametrize(
    ("query", "field"),
    [({"place": "0"}, "place"), ({"place": "130"}, "place"), ({"view": "x"}, "view"), ({"letter": "z"}, "letter")],
)
def test_what_is_not_there_is_refused(gru, query, field):
    with pytest.raises(InvalidInput) as error:
        answer(gru, query)
    assert error.value.field == field


def test_the_look_has_the_same_numbers_and_is_of_the_last_place_by_default(lstm):
    found = look_at(lstm.text, "gradient", {})
    assert (found["place"], found["state"]) == (59, "l0.c")
    assert found["norms"] == answer(lstm, {"place": "59"})["norms"]
    curve = own_curve(lstm.text)
    assert found["curve"] == {"h": list(curve.h), "c": list(curve.c)}
    assert [curve["model"] for curve in found["measured"]] == ["rnn", "rnn", "gru", "gru", "lstm", "lstm"]
    assert look_at(lstm.text, "gradient", {"state": "l0.h"})["norms"] == answer(lstm, {"letter": "h"})["norms"]
    with pytest.raises(InvalidInput, match="letter"):
        look_at(lstm.text, "gradient", {"letter": "c"})
