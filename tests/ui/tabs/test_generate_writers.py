"""What can be chosen to write in the Generate tab, and the two panels below the song."""

import gradio as gr
import pytest

from rnnlab.experiments.language_model import Config, LearnedText, what_followed
from rnnlab.experiments.language_model.data import prepare
from rnnlab.generation import Generation, NGramDecoder, generate
from rnnlab.models import NGrams
from rnnlab.runs import Runner, training_run
from rnnlab.text import make_corpus
from rnnlab.ui.i18n import words
from rnnlab.ui.session.uploads import Uploads
from rnnlab.ui.tabs.generate.followers import MAX_ROWS, on_followers
from rnnlab.ui.tabs.generate.handlers import SETTINGS, on_generate, on_model
from rnnlab.ui.tabs.generate.temperatures import BESIDE, on_moved, on_temperatures
from rnnlab.ui.tabs.generate.writers import COUNTERS, MODELS

OWN = "one fish two fish red fish blue fish " * 10
TINY = {"corpus": "own", "hidden_size": 4, "embedding_size": 3, "batch_size": 2, "num_steps": 5, "epochs": 1}


@pytest.fixture(scope="module")
def runner():
    runner = Runner(1)
    yield runner
    runner.close()


@pytest.fixture(scope="module")
def saved(runner):
    run = runner.start(training_run(Config(**TINY), OWN))
    assert run.wait(60)
    return run.id


def song(runner, saved, model, **changes):
    how = Generation(**{"prefix": "fish", "length": 30, "temperature": 0.5} | changes)
    return list(on_generate(runner, saved, None, model, True, None, *(getattr(how, name) for name in SETTINGS)))[-1][0]


def beside(runner, saved, model, temperatures="0, 1, 1.5", locked=True, uploaded=None, **changes):
    how = Generation(**{"prefix": "不分开", "length": 30, "seed": 3} | changes)
    settings = [getattr(how, name) for name in BESIDE]
    return list(on_temperatures(runner, saved, uploaded, model, locked, temperatures, None, *settings))


def test_every_model_has_a_name_on_the_page():
    assert set(MODELS) == {"lyrics-zh", "lyrics-en", "trained", "uploaded", *COUNTERS}
    assert len(COUNTERS) == 9
    assert all(f"generate.model.{name}" in words("en") for name in MODELS)


@pytest.mark.parametrize(("name", "n"), [("uniform", 0), ("2-gram", 2), ("5-gram", 5)])
def test_counting_writes_from_the_text_just_trained_on(runner, saved, name, n):
    value = song(runner, saved, f"{name}:trained")
    corpus = make_corpus(OWN, held_out=Config(**TINY).held_out)
    decoder = NGramDecoder(NGrams(corpus.train_ids.tolist(), len(corpus.vocab), 5), n)
    expected = list(generate(decoder, corpus.vocab, Generation(prefix="fish", length=30, temperature=0.5)))
    assert [choice[3] for choice in value["choices"]] == [token.token for token in expected]
    for (_, probability, rivals, _), token in zip(value["choices"], expected, strict=True):
        assert probability == round(token.probability, 4)
        assert len(rivals) == 5
    assert value["copied"]["share"] is not None
    assert value["copied"]["ngram_share"] == value["copied"]["share"] or n != 5


def test_the_5_gram_of_the_shipped_songs_counts_what_the_shipped_model_learned(runner):
    value = song(runner, None, "5-gram:lyrics-zh", prefix="不分开", length=40)
    assert value["copied"]["share"] == value["copied"]["ngram_share"] > 0.5
    assert value["prefix"] == "不分开"
    assert value["notes"]["en"] == []


def test_the_prefix_suits_the_text_that_is_counted(runner):
    assert on_model(runner, None, "5-gram:lyrics-en", "不分开") == "The night "
    assert on_model(runner, None, "uniform:lyrics-zh", "The night ") == "不分开"
    assert on_model(runner, None, ["5-gram:lyrics-en"], "不分开") == gr.skip()


def test_without_a_run_or_its_text_nothing_is_counted(runner, tmp_path):
    with pytest.raises(gr.Error, match="Nothing has been trained here yet"):
        song(runner, None, "2-gram:trained")
    with pytest.raises(gr.Error, match="is not on offer"):
        song(runner, None, "3-gram:lyrics-zh")


# temperatures side by side


def test_columns_come_one_after_the_other_and_are_those_of_the_library(runner):
    values = [value for value, _ in beside(runner, None, "lyrics-zh")]
    assert [len(value["columns"]) for value in values] == [1, 2, 3]
    last = values[-1]
    assert (last["prefix"], last["total"], last["seed"], last["has_words"]) == ("不分开", 3, 3, False)
    for column in last["columns"]:
        assert len(column["text"]) == 30
        assert 0 <= column["share"] <= 1
        assert column["entropy"] >= 0
        text = last["prefix"] + column["text"]
        for (start, end), place in zip(column["copied"]["runs"], column["copied"]["passages"], strict=True):
            assert place["run"] == text[start:end]
    left, right = last["columns"][1:]
    place = right["departs"] - len("不分开")
    assert left["text"][:place] == right["text"][:place]
    assert left["text"][place] != right["text"][place]


def test_columns_draw_a_new_seed_unless_it_is_kept(runner):
    assert {seed for _, seed in beside(runner, None, "5-gram:lyrics-zh", "1")} == {3}
    drawn = {seed for _ in range(4) for _, seed in beside(runner, None, "uniform:lyrics-zh", "1", False, length=1)}
    assert len(drawn) > 1


def test_moved_columns_are_those_that_stand_beside_the_others(runner):
    """A handle of the ruler: one column anew, by the seed of the others, under the same settings."""
    how = Generation(prefix="不分开", length=30, seed=3)
    settings = [getattr(how, name) for name in BESIDE]
    whole, _ = beside(runner, None, "lyrics-zh", "0.4, 1.2")[-1]
    moved = on_moved(runner, None, None, "lyrics-zh", True, "1.2", None, *settings)
    assert (moved["moved"], moved["total"], moved["of"]) == (True, 1, whole["of"])
    assert {**moved["columns"][0], "departs": None} == {**whole["columns"][1], "departs": None}
    other, _ = beside(runner, None, "lyrics-zh", "1.2", length=29)[-1]
    counted, _ = beside(runner, None, "5-gram:lyrics-zh", "1.2")[-1]
    assert len({whole["of"], other["of"], counted["of"]}) == 3


def test_a_model_of_an_unknown_text_has_columns_without_copied_runs(runner, saved):
    upload = Uploads().keep(None, "checkpoint", runner.latest(runner.get(saved)))
    value, _ = beside(runner, None, "uploaded", "1", uploaded=upload, prefix="fish")[-1]
    (column,) = value["columns"]
    assert (column["copied"], column["share"]) == (None, None)


@pytest.mark.parametrize("temperatures", ["", "hot", "9", "1 1 1 1 1 1", None, True])
def test_temperatures_are_refused_with_a_reason(runner, temperatures):
    with pytest.raises(gr.Error, match="Temperatures"):
        beside(runner, None, "lyrics-zh", temperatures)


# what followed


def test_what_followed_is_counted_in_the_text_of_the_model(runner, saved):
    learned = LearnedText(prepare(Config(max_tokens=10_000)).corpus)
    for model in ("lyrics-zh", "5-gram:lyrics-zh"):
        value = on_followers(runner, None, None, model, "不分开", None)
        assert [(row["token"], row["count"]) for row in value["rows"]] == [(" ", 22), ("\n", 9)]
        assert value["counted"] == len(learned.counted)
    assert what_followed("不分开", learned).total == value["total"]
    own = on_followers(runner, saved, None, "trained", "fis", None)
    assert [row["token"] for row in own["rows"]] == ["h"]
    assert len(on_followers(runner, saved, None, "lyrics-zh", "的", None)["rows"]) == MAX_ROWS


def test_nothing_typed_shows_nothing_and_an_unknown_text_is_told(runner, saved):
    assert on_followers(runner, None, None, "lyrics-zh", "", None) is None
    upload = Uploads().keep(None, "checkpoint", runner.latest(runner.get(saved)))
    with pytest.raises(gr.Error, match="is not on this server"):
        on_followers(runner, None, upload, "uploaded", "fis", None)
    with pytest.raises(gr.Error, match="Three characters: at most 40"):
        on_followers(runner, None, None, "lyrics-zh", "a" * 41, None)
    with pytest.raises(gr.Error, match=r"Three characters: .* is not text"):
        on_followers(runner, None, None, "lyrics-zh", 5, None)
