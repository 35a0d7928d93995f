"""Each preset is the recipe that was published."""

import dataclasses

import pytest

from rnnlab.experiments import hello, tagging
from rnnlab.experiments.language_model import PRESETS, Config, preset, published_results
from rnnlab.experiments.language_model.presets import BREAKING
from rnnlab.experiments.tutorials import SLIPS, TUTORIALS
from rnnlab.validation import InvalidInput

# model, implementation, sampling, state, optimizer, rate, clip, epochs; published {epoch: perplexity}
TABLE = {
    "rnn-scratch": (
        ("rnn", "scratch", "random", "carried", "sgd", 100.0, 0.01, 250),
        {50: 67.362438, 100: 9.745765, 150: 2.801872, 200: 1.572089, 250: 1.337270},
    ),
    "lstm-torch-slow": (
        ("lstm", "torch", "sequential", "carried-across-epochs", "adam", 1e-3, None, 250),
        {50: 19.116662, 100: 1.897251, 150: 1.169006, 200: 1.062593, 250: 1.037630},
    ),
    "gru-scratch": (
        ("gru", "scratch", "sequential", "carried", "sgd", 100.0, 0.01, 160),
        {40: 151.275457, 80: 32.832044, 120: 5.892330, 160: 1.804539},
    ),
    "gru-torch": (
        ("gru", "torch", "sequential", "carried-across-epochs", "adam", 1e-2, None, 160),
        {40: 1.019300, 80: 1.014241, 120: 1.012760, 160: 1.025668},
    ),
    "lstm-scratch": (
        ("lstm", "scratch", "sequential", "carried", "sgd", 100.0, 0.01, 160),
        {40: 211.466894, 80: 66.576779, 120: 15.788820, 160: 4.203760},
    ),
    "lstm-torch": (
        ("lstm", "torch", "sequential", "carried-across-epochs", "adam", 1e-2, None, 160),
        {40: 1.023516, 80: 1.014823, 120: 1.023721, 160: 1.016982},
    ),
    "rnn-torch-patient": (("rnn", "torch", "sequential", "carried", "sgd", 1.0, 1.0, 1000), {}),
    "rnn-scratch-patient": (("rnn", "scratch", "sequential", "carried", "sgd", 1.0, 1.0, 1000), {}),
    "lstm-scratch-patient": (("lstm", "scratch", "sequential", "carried", "sgd", 1.0, 1.0, 1000), {}),
    "lstm-torch-patient": (("lstm", "torch", "sequential", "carried", "sgd", 1.0, 1.0, 1000), {}),
}


def test_every_preset_is_in_the_table():
    assert set(PRESETS) == {"quick", "book", "brackets", "distance", *BREAKING, *TABLE}


@pytest.mark.parametrize("name", TABLE)
def test_preset_matches_the_published_recipe(name):
    settings, published = TABLE[name]
    c = preset(name).config()
    assert (
        c.model, c.implementation, c.sampling, c.state, c.optimizer, c.learning_rate, c.grad_clip, c.epochs
    ) == settings  # fmt: skip
    assert preset(name).published == published
    assert (c.encoding, c.batch_size, c.num_steps, c.max_tokens, c.held_out) == ("one-hot", 32, 35, 10_000, 0.0)
    assert c.hidden_size == (512 if name == "rnn-scratch-patient" else 256)
    assert (c.num_layers, c.dropout, c.bidirectional, c.nonlinearity) == (1, 0.0, False, "tanh")
    assert c.initialization == ("normal" if c.implementation == "scratch" else "uniform")
    assert c.biases == ("one" if c.implementation == "scratch" else "two")
    assert c.reset_after is (name != "gru-scratch")
    assert c.tokenizer == ("cleaned" if "patient" in name else "raw")  # both make line ends spaces
    assert c.random_offset is ("patient" in name)
    assert c.sample_prefixes == (
        ("我们", "我们不分") if name.startswith("lstm-") and "patient" in name else ("分开", "不分开")
    )
    assert max(published, default=1) <= c.epochs


def test_every_recipe_of_a_tutorial_names_it_and_known_slips():
    recipes = {**PRESETS, **{f"hello {name}": recipe for name, recipe in hello.PRESETS.items()}, **tagging.PRESETS}
    assert {name for name, recipe in recipes.items() if not recipe.tutorial} == {
        "quick", "book", "brackets", "distance", *BREAKING, "everyday-en", "everyday-zh", "own",
        "hello GRUCell", "hello LSTMCell",
    }  # fmt: skip
    assert {recipe.tutorial for recipe in recipes.values()} - {""} == set(TUTORIALS)
    slips = {name: set(recipe.slips) for name, recipe in recipes.items() if recipe.slips}
    assert set.union(*slips.values()) == set(SLIPS)
    assert slips["lstm-torch-slow"] == {"nothing-clipped", "lstm-left-over"}
    for name, recipe in PRESETS.items():
        unclipped = recipe.tutorial == "002" and recipe.config().grad_clip is None
        assert ("nothing-clipped" in recipe.slips) is unclipped, name


def test_quick_preset_is_the_default_config():
    assert preset("quick").config() == Config()
    assert preset("quick").published == {}
    assert preset("quick").config().tokenizer == "lines"


def test_book_trains_for_as_many_epochs_as_the_length_of_the_text_allows():
    book = preset("book")
    epochs = [book.config_for(characters).epochs for characters in (10**5, 10**6, 20 * 10**6)]
    assert epochs == sorted(epochs, reverse=True)
    assert epochs[-1] >= 1
    config = book.config_for(10**6, corpus="own", seed=3)
    assert (config.seed, config.keep, config.max_tokens) == (3, "best", None)
    assert config.held_out > 0, "the best epoch is chosen by held-out text"
    assert book.config_for(10**6, epochs=3).epochs == 3
    assert preset("quick").config_for(10**6) == Config()


def test_preset_takes_changes():
    changed = preset("rnn-scratch").config(epochs=3, hidden_size=8)
    assert (changed.epochs, changed.hidden_size, changed.learning_rate) == (3, 8, 100.0)


@pytest.mark.parametrize("name", ["none", "", "QUICK", None, 5, ["quick"]])
def test_an_unknown_recipe_is_refused_with_the_known_ones(name):
    with pytest.raises(InvalidInput, match=r"^preset: .*quick, book, .*rnn-scratch"):
        preset(name)


@pytest.mark.parametrize("name", [name for name in TABLE if TABLE[name][1]])
def test_published_results_belong_to_the_recipe_itself(name):
    config = preset(name).config()
    assert published_results(config) == TABLE[name][1]
    beside = dataclasses.replace(config, epochs=7, seed=5, corpus="own", sample_every=None)
    assert published_results(beside) == TABLE[name][1]
    for other in ({"hidden_size": 64}, {"learning_rate": 0.5}, {"num_layers": 2}, {"held_out": 0.1}, {"dropout": 0.1}):
        assert published_results(dataclasses.replace(config, **other)) == {}


def test_quick_has_no_published_results():
    assert published_results(Config()) == {}
