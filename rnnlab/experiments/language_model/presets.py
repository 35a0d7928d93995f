"""The presets of the language model: `quick`, `book` for a long text, and one for each of the tutorials' models.

`brackets` and `distance` learn texts whose entropy is known; those in BREAKING fail on purpose, see `breaks.BREAKS`.

Of `tutorials.TUTORIALS`, 000 and 003 train for 1000 epochs (the `patient` ones) and print no figure; 002 prints those
here. They train on the first 10,000 characters with H = 256, B = 32, T = 35 and one-hot characters.
Scratch layers start from normal(0, 0.01) weights and zero biases, and learn one bias per sum, b_h, as the tutorials
write it. torch.nn layers start from their own uniform weights, and learn two.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from rnnlab.experiments.language_model.config import Config
from rnnlab.experiments.language_model.undetached import max_undetached
from rnnlab.experiments.presets import Preset, find_preset

# The settings that all tutorials share. D2L: Zhang et al., "Dive into Deep Learning", ch. 6 (first edition) and ch. 8.
TUTORIAL: dict[str, Any] = {
    "tokenizer": "raw",
    "encoding": "one-hot",
    "hidden_size": 256,
    "held_out": 0.0,
    "batch_size": 32,
    "num_steps": 35,
    "max_tokens": 10_000,
    "sample_prefixes": ("分开", "不分开"),
}
SCRATCH = TUTORIAL | {"implementation": "scratch", "initialization": "normal", "biases": "one"}
TORCH = TUTORIAL | {"implementation": "torch", "initialization": "uniform", "state": "carried-across-epochs"}
SGD_100 = {"optimizer": "sgd", "learning_rate": 100.0, "grad_clip": 0.01}
# The tutorial says clip 0.01 here, too, but nothing is ever clipped: see "nothing-clipped" in `tutorials.SLIPS`.
ADAM = {"optimizer": "adam", "grad_clip": None}
# 1000 gentle epochs: punctuation dropped, the vocabulary of the whole text, each epoch begun at a random character.
PATIENT = {
    "tokenizer": "cleaned",
    "random_offset": True,
    "state": "carried",
    "optimizer": "sgd",
    "learning_rate": 1.0,
    "grad_clip": 1.0,
    "epochs": 1000,
    "sample_every": 10,
}

# A text of one's own, from 100 kB to 20 MB: as low a held-out perplexity as 15 minutes on two cores give. Dropout as in
# Zaremba et al. 2014, on the embedding as in Merity et al. 2017, AdamW and a cosine as in Loshchilov & Hutter 2019.
BOOK: dict[str, Any] = {
    "model": "lstm",
    "embedding_size": 128,
    "hidden_size": 512,
    "embedding_dropout": 0.1,
    "dropout": 0.5,
    "batch_size": 32,
    "num_steps": 64,
    "random_offset": True,
    "optimizer": "adamw",
    "learning_rate": 0.003,
    "weight_decay": 0.01,
    "schedule": "cosine",
    "grad_clip": 1.0,
    "epochs": 20,
    "keep": "best",
    "patience": 5,
    "sample_length": 200,
}
MIN_BOOK_CHARACTERS = 100_000
BOOK_EPOCHS = 20  # at most: of a text of 180,000 characters
BOOK_CHARACTERS = 3_600_000  # of all epochs together, at least: five to eight minutes
MANY_CHARACTERS = 6_000_000  # of all epochs together, for a text whose epochs would else be fewer than four


def book_settings(characters: int) -> dict[str, Any]:
    """Return the settings of `book` that depend on the text's length.

    >>> [book_settings(characters)["epochs"] for characters in (100_000, 180_000, 1_100_000, 3_000_000, 20_000_000)]
    [20, 20, 4, 2, 1]
    """
    characters = max(1, characters)
    few = min(4, math.ceil(MANY_CHARACTERS / characters))
    return {"epochs": min(BOOK_EPOCHS, max(few, round(BOOK_CHARACTERS / characters)))}


# Texts whose entropy is known. In a quarter of a minute GRU and LSTM come within 3% of the lowest possible perplexity.
KNOWN_ENTROPY: dict[str, Any] = {
    "embedding_size": 16,
    "batch_size": 16,
    "num_steps": 50,
    "schedule": "cosine",
    "epochs": 12,
}
BRACKETS = KNOWN_ENTROPY | {
    "corpus": "brackets",
    "max_tokens": 100_000,
    "model": "lstm",
    "hidden_size": 64,
    "learning_rate": 0.015,
}
DISTANCE = KNOWN_ENTROPY | {
    "corpus": "distance",
    "max_tokens": 40_000,
    "model": "gru",
    "hidden_size": 32,
    "learning_rate": 0.01,
}
# Each differs from a recipe that learns well in what `breaks.BREAKS` names.
# Adam divides by the size of the gradient, which hides what clipping does: hence SGD.
SGD_RNN = {"model": "rnn", "optimizer": "sgd"}
BREAKING: Mapping[str, Preset[Config]] = {
    "break-rate": Preset(Config, {"learning_rate": 0.15}, breaks="rate"),
    "break-clip": Preset(Config, SGD_RNN | {"learning_rate": 3.0, "grad_clip": None}, breaks="clip"),
    "break-relu": Preset(
        Config, SGD_RNN | {"learning_rate": 1.0, "nonlinearity": "relu", "grad_clip": None}, breaks="relu"
    ),
    "break-state": Preset(
        Config,
        BRACKETS | {"max_tokens": 50_000, "batch_size": 32, "num_steps": 5, "state": "reset", "epochs": 8},
        breaks="state",
    ),
    "break-detach": Preset(Config, {"batch_size": 2, "detach": False}, breaks="detach"),
    "break-shuffle": Preset(Config, {"shuffle_text": True, "learning_rate": 0.005}, breaks="shuffle"),
    "break-output": Preset(Config, {"trained": "output"}, breaks="output"),
}

PRESETS: Mapping[str, Preset[Config]] = {
    "quick": Preset(Config),
    "book": Preset(Config, BOOK, sized=book_settings),
    "brackets": Preset(Config, BRACKETS),
    "distance": Preset(Config, DISTANCE),
    "rnn-scratch": Preset(
        Config,
        SCRATCH | SGD_100 | {"model": "rnn", "sampling": "random", "epochs": 250, "sample_every": 50},
        {50: 67.362438, 100: 9.745765, 150: 2.801872, 200: 1.572089, 250: 1.337270},
        "002",
    ),
    "lstm-torch-slow": Preset(
        Config,
        TORCH | ADAM | {"model": "lstm", "learning_rate": 1e-3, "epochs": 250, "sample_every": 50},
        {50: 19.116662, 100: 1.897251, 150: 1.169006, 200: 1.062593, 250: 1.037630},
        "002",
        ("nothing-clipped", "lstm-left-over"),
    ),
    "gru-scratch": Preset(
        Config,
        SCRATCH | SGD_100 | {"model": "gru", "reset_after": False, "epochs": 160, "sample_every": 40},
        {40: 151.275457, 80: 32.832044, 120: 5.892330, 160: 1.804539},
        "002",
    ),
    "gru-torch": Preset(
        Config,
        TORCH | ADAM | {"model": "gru", "learning_rate": 1e-2, "epochs": 160, "sample_every": 40},
        {40: 1.019300, 80: 1.014241, 120: 1.012760, 160: 1.025668},
        "002",
        ("nothing-clipped",),
    ),
    "lstm-scratch": Preset(
        Config,
        SCRATCH | SGD_100 | {"model": "lstm", "epochs": 160, "sample_every": 40},
        {40: 211.466894, 80: 66.576779, 120: 15.788820, 160: 4.203760},
        "002",
    ),
    "lstm-torch": Preset(
        Config,
        TORCH | ADAM | {"model": "lstm", "learning_rate": 1e-2, "epochs": 160, "sample_every": 40},
        {40: 1.023516, 80: 1.014823, 120: 1.023721, 160: 1.016982},
        "002",
        ("nothing-clipped",),
    ),
    "rnn-torch-patient": Preset(Config, TORCH | PATIENT | {"model": "rnn"}, {}, "000", ("one-minibatch",)),
    "rnn-scratch-patient": Preset(
        Config, SCRATCH | PATIENT | {"model": "rnn", "hidden_size": 512}, {}, "000", ("one-minibatch",)
    ),
    "lstm-scratch-patient": Preset(
        Config, SCRATCH | PATIENT | {"model": "lstm", "sample_prefixes": ("我们", "我们不分")}, {}, "003"
    ),
    "lstm-torch-patient": Preset(
        Config, TORCH | PATIENT | {"model": "lstm", "sample_prefixes": ("我们", "我们不分")}, {}, "003"
    ),
    **BREAKING,
}


def break_text_facts(config: Config) -> dict[str, int]:
    """Return the numbers in the texts of `breaks.BREAKS`, for a run of `config`."""
    minibatches = max_undetached(config.num_steps)
    return {"minibatches": minibatches, "steps": minibatches * config.num_steps}


def preset(name: str) -> Preset[Config]:
    """Return the preset called `name`. Raises InvalidInput."""
    return find_preset(PRESETS, name)


# Settings that may differ from a preset's without making its published perplexities incomparable.
NOT_COMPARED = {
    "corpus",
    "epochs",
    "target_perplexity",
    "seed",
    "sample_prefixes",
    "sample_length",
    "sample_every",
    "progress_every",
    "keep",
    "patience",
}


def published_results(config: Config) -> Mapping[int, float]:
    """Return the published perplexities of `config` as {epoch: perplexity}; empty if there are none."""
    for recipe in PRESETS.values():
        same = {name: getattr(config, name) for name in NOT_COMPARED}
        if recipe.published and recipe.config(**same) == config:
            return recipe.published
    return {}
