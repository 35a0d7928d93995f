"""The tab Inside: opening a text with a network, at an epoch of a run, and what its sections answer."""

import base64
import math
import time
from types import SimpleNamespace

import gradio as gr
import numpy as np
import pytest
import torch

from rnnlab import checkpoints, limits
from rnnlab.experiments.language_model import Config, Trainer
from rnnlab.experiments.language_model.recording import Recording, model_at, replay_cost
from rnnlab.inspection.units import depth
from rnnlab.models import LanguageModel
from rnnlab.resources import shipped_corpus, shipped_model
from rnnlab.runs import Runner, training_run
from rnnlab.text import Vocab
from rnnlab.ui.i18n import words
from rnnlab.ui.i18n.errors import Refusal
from rnnlab.ui.latest import Latest
from rnnlab.ui.tabs.inside.handlers import on_beginning, on_open, on_select, on_song
from rnnlab.ui.tabs.inside.opened import opened_by
from rnnlab.ui.tabs.inside.payload import exact_value
from rnnlab.ui.tabs.inside.sections import SECTIONS, section_value
from rnnlab.ui.tabs.inside.texts import KINDS, text_of
from rnnlab.ui.tabs.networks import NETWORKS
from rnnlab.ui.tabs.train import replaying
from rnnlab.validation import InvalidInput

TEXT = "(()[])\n[()]\n" * 40
TINY = {
    "corpus": "own", "model": "lstm", "hidden_size": 6, "embedding_size": 4, "batch_size": 4, "num_steps": 10,
    "epochs": 3, "sample_every": None,
}  # fmt: skip
NOTHING = gr.skip()


@pytest.fixture(scope="module")
def runner():
    runner = Runner(1)
    yield runner
    runner.close()


@pytest.fixture(scope="module")
def run(runner, tmp_path_factory):
    """A run that has recorded the weights of every epoch but the second, and its whole state after that."""
    run = training_run(Config(**TINY), TEXT)
    run.experiment.recording = Recording(tmp_path_factory.mktemp("run") / "recording")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "MAX_RECORDING_SHARE", 1.0)  # so that no epoch is left out
        runner.start(run)
        assert run.wait(60)
        end = time.monotonic() + 20
        while run.experiment.recording.epochs != [0, 1, 2, 3] and time.monotonic() < end:
            time.sleep(0.01)  # a thread beside the training writes them
    run.experiment.recording._remove("weights", 2)
    return run


def opening(runner, model, text="", saved=None, filled=None, moment="", shown=None, uploaded=None, by=on_open):
    return by(runner, None, saved, uploaded, model, text, filled, moment, shown)


def exact_states(model: LanguageModel, ids):
    """Read with torch.nn in float64: the hidden states (T, H)."""
    if model.embedding is None:
        x = torch.nn.functional.one_hot(torch.tensor(ids), model.recurrent.weight_ih_l0.shape[1]).double()
    else:
        x = model.embedding.weight.double()[ids]
    config = model.config
    layer = {"gru": torch.nn.GRU, "lstm": torch.nn.LSTM}[config.model](x.shape[1], config.hidden_size).double()
    layer.load_state_dict({name: value.double() for name, value in model.recurrent.state_dict().items()})
    return layer(x)[0].detach().numpy()


def rows_of(answer, tokens):
    """The values that the page draws, in the order of the units."""
    numbers = np.frombuffer(base64.b64decode(answer["values"]), "<i2").reshape(-1, tokens) / 32767
    return numbers * np.array(answer["limits"])[:, None]


def test_the_tab_opens_with_a_song_of_the_shipped_model(runner):
    panel, text, filled, shown = opening(runner, "lyrics-zh")
    assert panel["pieces"] == list(text)
    assert text.startswith("不分开")
    assert filled[:2] == ["song", text]
    assert (panel["cell"], panel["hidden"], panel["epoch"], panel["source"]) == ("gru", 192, 20, "final")
    assert panel["sections"] == list(SECTIONS)
    assert shown.key == panel["key"]
    # another network: what the page has filled in is replaced by that network's, what a person has typed is not
    other = opening(runner, "lyrics-en", text, filled=filled, shown=shown)
    assert other[1].startswith("The night ")
    typed = opening(runner, "lyrics-en", "the moon", filled=filled, shown=shown)
    assert (typed[0]["pieces"], typed[1], typed[2]) == (list("the moon"), NOTHING, None)


def test_the_buttons_fill_in_a_song_and_the_training_text(runner):
    beginning = opening(runner, "lyrics-en", "typed", by=on_beginning)
    assert shipped_corpus("lyrics-en").startswith(beginning[1])
    assert beginning[2][:2] == ["beginning", beginning[1]]
    song = opening(runner, "lyrics-en", "typed", by=on_song)
    assert song[1] == opening(runner, "lyrics-en")[1]
    kept = opening(runner, "lyrics-zh", beginning[1], filled=beginning[2])
    assert shipped_corpus("lyrics-zh").startswith(kept[1])  # of the same kind


def test_characters_that_the_model_lacks_are_named_and_left_out(runner):
    panel = opening(runner, "lyrics-en", "the Ω night")[0]
    assert "".join(panel["pieces"]) == "the  night"
    assert panel["notes"]["en"] == ["Not in its vocabulary, skipped: Ω"]
    assert "Ω" in panel["notes"]["zh"][0]


def test_a_long_text_is_refused_and_one_with_too_many_states_is_shortened(runner, monkeypatch):
    with pytest.raises(Refusal, match="2000"):
        opening(runner, "lyrics-en", "a" * 2001)
    monkeypatch.setattr("rnnlab.experiments.language_model.inspected.MAX_INSPECTED_BYTES", 50_000)
    panel = opening(runner, "lyrics-en", "the night " * 10)[0]
    assert len(panel["pieces"]) == 50_000 // (4 * 256 * 5)
    assert "9" in panel["notes"]["en"][0]


@pytest.mark.parametrize("name", [name for name in NETWORKS if not name.startswith("lyrics")])
def test_a_network_that_is_not_there_is_refused(runner, name):
    with pytest.raises(Refusal):
        opening(runner, name, "the")


def test_an_uploaded_model_whose_text_is_not_known_opens_with_its_song(runner, run):
    upload = SimpleNamespace(content=runner.latest(run), token="a token")
    panel, text, *_ = opening(runner, "uploaded", uploaded=upload)
    assert set(text) <= set(TEXT)
    with pytest.raises(Refusal, match="not on this server"):
        opening(runner, "uploaded", uploaded=upload, by=on_beginning)
    assert panel["run"] == ""


def at_epoch(runner, run, epoch, text="(()"):
    return opening(runner, "trained", text, run.id, moment=f"runs/{run.id} {epoch} 3")[0]


@pytest.fixture
def without_state(run):
    """The run as if only the weights of the first epoch and the last ones were kept."""
    recording, states = run.experiment.recording, replaying._states
    sizes = dict(recording._sizes)
    replaying._states = Latest(4)
    for kind, epoch in [("weights", 0), ("state", 2)]:
        del recording._sizes[kind, epoch]
    yield run
    recording._sizes, replaying._states = sizes, states


def test_the_epoch_under_the_handle_is_opened_or_the_nearest_whose_weights_are_kept(runner, run):
    at = {epoch: at_epoch(runner, run, epoch) for epoch in (0, 1, 2, 3)}
    assert [(panel["wanted"], panel["epoch"], panel["source"]) for panel in at.values()] == [
        (0, 0, "rounded"),
        (1, 1, "rounded"),
        (2, 2, "exact"),
        (3, 3, "final"),
    ]
    for epoch in (0, 1):
        assert at[epoch]["replay"]["affordable"]
        opened = opened_by(at[epoch]["key"])
        expected = exact_states(model_at(run.experiment.recording, epoch), opened.text.ids.tolist())
        assert np.abs(opened.text.reading.activations["l0.h"] - expected).max() < 1e-5
    other = opening(runner, "trained", "(()", run.id, moment="curves/lyrics-zh 1 20")[0]
    assert other["epoch"] == 3  # the handle of another run


@pytest.mark.parametrize("epoch", [0, 1, 2])
def test_the_exact_network_of_an_epoch_is_trained_anew_and_read_by_every_section(
    runner, without_state, epoch, monkeypatch
):
    near, shares = at_epoch(runner, without_state, epoch, TEXT[:40]), []
    assert (near["wanted"], near["epoch"], near["source"]) == (epoch, 1, "rounded")
    panel = exact_value(near["key"], None, shares.append)
    assert (panel["wanted"], panel["epoch"], panel["source"], panel["replay"]) == (epoch, epoch, "exact", None)
    assert panel["pieces"] == near["pieces"]
    assert all(0 <= share <= 1 for share in shares)
    trainer = Trainer(Config(**TINY | {"epochs": max(epoch, 1)}), TEXT, device="cpu")
    if epoch:
        assert list(trainer.events())
    opened = opened_by(panel["key"])
    weights = opened.text.model.state_dict()
    assert all(torch.equal(weights[name], tensor) for name, tensor in trainer.latest.weights.items())
    rounded = opened_by(near["key"]).text.model.state_dict()
    assert not all(torch.equal(rounded[name], tensor) for name, tensor in trainer.latest.weights.items())
    exact = exact_states(trainer.model, opened.text.ids.tolist())
    units = section_value(panel["key"], "units", {"state": "l0.h"})
    for row, (_, index, _, _) in zip(rows_of(units, 40), units["units"], strict=True):
        assert np.abs(row - exact[:, index]).max() < 1e-4
    assert section_value(panel["key"], "surgery", {"bare": "1"})["after"] == pytest.approx(
        perplexity_in_float64(trainer.model, exact, opened.text.ids), rel=1e-5
    )

    def refuse(*_, **__):
        raise AssertionError("it is trained again although its state is kept")

    monkeypatch.setattr(replaying, "replay", refuse)
    again = at_epoch(runner, without_state, epoch, TEXT[:40])
    assert (again["epoch"], again["source"]) == (epoch, "exact")


@torch.no_grad()
def perplexity_in_float64(model, hidden, ids):
    logits = torch.from_numpy(hidden) @ model.output.weight.double().T + model.output.bias.double()
    return torch.nn.functional.cross_entropy(logits[:-1], torch.tensor(ids[1:])).exp().item()


def test_an_epoch_beyond_the_bounds_says_what_it_would_cost(runner, without_state, monkeypatch):
    monkeypatch.setattr(replaying, "MAX_REPLAY_SECONDS", -1)
    panel = at_epoch(runner, without_state, 2)
    assert (panel["epoch"], panel["source"], panel["replay"]["affordable"]) == (1, "rounded", False)
    cost = replay_cost(without_state.experiment.recording, 2)
    assert (panel["replay"]["seconds"], panel["replay"]["bytes"]) == (cost.seconds, cost.nbytes)
    with pytest.raises(InvalidInput, match="epoch 2"):
        exact_value(panel["key"], None, lambda share: None)
    shipped = opening(runner, "lyrics-en")[0]
    assert shipped["replay"] is None
    with pytest.raises(InvalidInput, match="epoch"):
        exact_value(shipped["key"], None, lambda share: None)
    assert exact_value("nothing", None, lambda share: None) is None


def test_selecting_the_tab_opens_a_run_once_and_keeps_what_is_shown(runner, run):
    def select(offered, model, text, shown, moment="", filled=None):
        return on_select(runner, None, offered, run.id, None, model, text, filled, moment, shown)

    offered, model, panel, text, filled, shown = select(None, "lyrics-zh", "", None)
    assert (offered, model, panel["name"], panel["run"]) == (run.id, "trained", "trained", f"runs/{run.id}")
    assert select(offered, model, text, shown, filled=filled) == (NOTHING,) * 6
    earlier = select(offered, model, text, shown, f"runs/{run.id} 0 3", filled)
    assert (earlier[2]["epoch"], earlier[3]) == (0, NOTHING)  # the same text, so that the two can be compared
    assert earlier[4] == filled
    chosen = select(offered, "lyrics-zh", "不分开", shown)
    assert chosen[2]["name"] == "lyrics-zh"


def test_units_are_ranked_and_their_values_are_the_networks(runner):
    text = "The night train leaves at ten\nThe seat with the broken spring\n"
    panel = opening(runner, "lyrics-en", text)[0]
    answer = section_value(panel["key"], "units", {"measure": "line"})
    assert answer["measures"] == panel["measures"] == ["line", "space", "memory", "character"]
    assert opening(runner, "lyrics-en", "thenight")[0]["measures"] == ["memory", "character"]
    model = checkpoints.load(shipped_model("lyrics-en")).build_model()
    exact = exact_states(model, opened_by(panel["key"]).text.ids.tolist())
    drawn = rows_of(answer, len(text))
    place = [len(text[:at].rpartition("\n")[2]) for at in range(len(text))]
    expected = [abs(np.corrcoef(exact[:, unit], place)[0, 1]) for unit in range(256)]
    assert [score for _, _, score, _ in answer["units"]] == pytest.approx(sorted(expected, reverse=True), abs=1e-5)
    for row, (state, index, score, r) in zip(drawn, answer["units"], strict=True):
        assert state == "l0.h"
        assert np.abs(row - exact[:, index]).max() < 1e-4
        assert abs(r) == score == pytest.approx(expected[index], abs=1e-5)


def test_cells_of_an_lstm_are_ranked_beside_its_hidden_states(runner, run):
    panel = opening(runner, "trained", TEXT[:24], run.id)[0]
    assert panel["states"] == ["l0.c", "l0.h"]
    answer = section_value(panel["key"], "units", {})
    assert (answer["state"], answer["measure"], answer["total"]) == ("all", "depth", 12)
    values = opened_by(panel["key"]).text.reading.activations
    for state, index, _, r in answer["units"]:
        assert r == pytest.approx(np.corrcoef(values[state][:, index].astype(float), depth(TEXT[:24]))[0, 1], abs=1e-6)
    only = section_value(panel["key"], "units", {"state": "l0.c", "measure": "memory"})
    assert {state for state, *_ in only["units"]} == {"l0.c"}
    assert only["units"][0][3] is None


def test_places_alike_are_of_the_training_text(runner, run):
    panel = opening(runner, "trained", TEXT[:24], run.id)[0]
    answer = section_value(panel["key"], "alike", {"first": "2", "last": "4", "threshold": "0.05", "state": "l0.h"})
    values = exact_states(runner.latest(run).build_model(), opened_by(panel["key"]).text.ids.tolist())[2:5]
    signs = {i: 1 if (values[:, i] >= 0.05).all() else -1 for i in range(6) if (abs(values[:, i]) >= 0.05).all()}
    signs = {i: sign for i, sign in signs.items() if (sign * values[:, i] > 0).all()}
    assert dict(answer["on"]) == signs
    assert answer["selection"] == TEXT[2:5]
    assert answer["places"][0]["score"] == len(signs)
    for place in answer["places"]:
        start = place["start"]
        assert place["passage"] == TEXT[start : start + 3]
        assert TEXT[:start].endswith(place["before"])
        assert place["score"] == place["shared"] - place["others"]
    assert math.isclose(answer["limit"], 1)


def test_a_bidirectional_network_says_that_it_has_no_states(runner):
    run = training_run(Config(**{**TINY, "bidirectional": True, "epochs": 1}), TEXT)
    runner.start(run)
    assert run.wait(60)
    panel = opening(runner, "trained", "(())", run.id)[0]
    assert panel["states"] == []
    assert panel["notes"]["zh"] == [words("zh")["inside.bidirectional"]]


def test_a_section_of_what_is_not_kept_has_no_answer():
    assert section_value("no such key", "units", {}) is None


@pytest.mark.parametrize("kind", KINDS)
def test_the_texts_that_are_offered_are_of_words_that_fit(kind):
    long = ["a" * 50, "b" * 50, "aaa"]
    vocab = Vocab.from_list(long, unknown=False, spacing="written")
    config = Config(**TINY | {"sample_prefixes": ("aaa",)})
    network = SimpleNamespace(
        config=config, facts=SimpleNamespace(vocab=vocab), model=LanguageModel(config, 3),
        corpus=lambda: SimpleNamespace(vocab=vocab, train_ids=torch.arange(300) % 2),
    )  # fmt: skip
    text = text_of(kind, network)
    assert len(text) <= limits.MAX_INSPECTED_CHARACTERS
    assert len(text) > limits.MAX_INSPECTED_CHARACTERS - 60
    assert set(text.split()) <= set(long), "no word is cut"
