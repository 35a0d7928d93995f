"""What the Generate tab says about copied runs."""

from dataclasses import replace

import pytest

from rnnlab import checkpoints
from rnnlab.experiments.language_model import Config, Trainer
from rnnlab.generation import Generation
from rnnlab.limits import MAX_LEARNED_TEXTS
from rnnlab.resources import shipped_corpus, shipped_model
from rnnlab.runs import Runner, training_run
from rnnlab.text import copied_runs
from rnnlab.ui.latest import Latest
from rnnlab.ui.session.uploads import Uploads
from rnnlab.ui.tabs.generate import learned_text as learned_text_module
from rnnlab.ui.tabs.generate.handlers import SETTINGS, on_generate
from rnnlab.ui.tabs.generate.learned_text import learned_text

OWN = "one fish two fish red fish blue fish " * 10
TINY = {"corpus": "own", "hidden_size": 4, "embedding_size": 3, "batch_size": 2, "num_steps": 5, "epochs": 1}


@pytest.fixture
def runner():
    runner = Runner(1)
    yield runner
    runner.close()


def songs(runner, model, saved=None, uploaded=None, **changes):
    how = Generation(**{"prefix": "不分开", "length": 60, "temperature": 0.5} | changes)
    values = [getattr(how, name) for name in SETTINGS]
    return [value for value, _ in on_generate(runner, saved, uploaded, model, True, None, *values)]


def test_runs_come_while_the_song_grows_and_everything_else_at_its_end(runner):
    *growing, last = songs(runner, "lyrics-zh")
    assert all(set(value["copied"]) == {"runs"} for value in growing)
    song = last["prefix"] + "".join(choice[0] for choice in last["choices"])
    copied, training = last["copied"], shipped_corpus("lyrics-zh")[:9000]
    assert copied["runs"] == [[r.start, r.end] for r in copied_runs(song, training, copied["min_length"])]
    assert copied["share"] == 1.0
    assert copied["longest"] == max(end - start for start, end in copied["runs"])
    assert 0 < copied["held_out_share"] < copied["ngram_share"] <= 1
    for (start, end), place in zip(copied["runs"], copied["passages"], strict=True):
        assert place["run"] == song[start:end]
        assert place["before"] + place["run"] + place["after"] in training


def test_a_run_of_the_visitor_is_looked_up_in_its_own_text(runner):
    run = runner.start(training_run(Config(**TINY), OWN))
    assert run.wait(60)
    copied = songs(runner, "trained", saved=run.id, prefix="fish", length=20)[-1]["copied"]
    assert copied["share"] is not None
    assert copied["held_out_share"] == 1.0  # the text repeats itself


def test_an_uploaded_model_of_an_unknown_text_has_nothing_to_be_looked_up_in(runner, tmp_path):
    own, shipped = (
        Trainer(Config(**TINY | changes), text).latest
        for changes, text in (({}, OWN), ({"corpus": "lyrics-en", "max_tokens": 2000}, None))
    )
    uploads = Uploads()
    for model, known in ((own, False), (shipped, True)):
        upload = uploads.keep(None, "checkpoint", model)
        assert (songs(runner, "uploaded", uploaded=upload, prefix="a", length=10)[-1]["copied"] is not None) == known


def test_a_text_is_kept_for_the_next_song_and_the_oldest_goes(runner, monkeypatch):
    monkeypatch.setattr(learned_text_module, "_texts", Latest(MAX_LEARNED_TEXTS))
    model = checkpoints.load(shipped_model("lyrics-zh"))
    first = learned_text(runner, None, model, False)
    assert learned_text(runner, None, model, False) is first
    assert learned_text(runner, None, replace(model, text_digest="0" * 64), False) is None, "of another edition"
    for number in range(MAX_LEARNED_TEXTS):
        config = Config(**TINY | {"corpus": "lyrics-en", "max_tokens": 1000 + number})
        assert learned_text(runner, None, Trainer(config).latest, False) is not None
    assert learned_text(runner, None, model, False) is not first


def test_models_of_one_generated_text_over_two_distances_have_each_its_own(runner):
    for distance in (3, 4, 3):
        config = Config(**TINY | {"corpus": "distance", "distance": distance, "max_tokens": 300})
        model = Trainer(config, device="cpu").latest
        found = learned_text(runner, None, model, is_trained_here=False)
        assert found.corpus.text_digest == model.text_digest
        assert len(found.text.split("\n")[0]) == distance + 2
