"""Runs of many small configurations, trained once, as checkpoints."""

from functools import cache
from pathlib import Path

import pytest

from rnnlab.experiments.language_model import Config, Trainer
from rnnlab.resources import resource

SMALL = {
    "max_tokens": 800, "hidden_size": 16, "embedding_size": 8, "batch_size": 4, "num_steps": 10, "epochs": 3,
    "sample_length": 8, "learning_rate": 0.02,
}  # fmt: skip
SEPARATED = "the cat sat on the mat , and the dog sat by the door .\nno , it was n't so .\n" * 12
WINDOWS = "\r\n".join(["one fish two fish", "red fish blue fish", "and a fish called Sam"] * 20)

# Each setting of the language model that a script has lines for is in one of them.
CONFIGURATIONS = {
    "quick": {},
    "random": {
        "model": "rnn", "implementation": "scratch", "biases": "one", "initialization": "normal", "encoding": "one-hot",
        "tokenizer": "raw", "sampling": "random", "random_offset": True, "held_out": 0.0, "optimizer": "sgd",
        "learning_rate": 5.0, "grad_clip": 0.1, "sample_every": 2,
    },
    "reset-before": {
        "implementation": "scratch", "reset_after": False, "num_layers": 2, "dropout": 0.3, "biases": "one",
    },
    "reset-before-both-ways": {
        "implementation": "scratch", "reset_after": False, "bidirectional": True, "state": "reset", "epochs": 2,
        "gradient": "autograd",
    },
    "book": {
        "model": "lstm", "num_layers": 2, "dropout": 0.4, "embedding_dropout": 0.1, "forget_bias": 1.0,
        "optimizer": "adamw", "weight_decay": 0.1, "schedule": "cosine", "random_offset": True, "grad_clip": None,
        "keep": "best", "patience": 1, "test": 0.1,
    },
    "both-ways": {
        "model": "rnn", "nonlinearity": "relu", "bidirectional": True, "optimizer": "rmsprop", "momentum": 0.5,
        "learning_rate": 0.002, "schedule": "plateau", "held_out": 0.2,
    },
    "tied": {
        "model": "lstm", "implementation": "scratch", "num_layers": 2, "tie_weights": True, "embedding_size": 16,
        "optimizer": "sgd", "momentum": 0.9, "weight_decay": 0.001, "learning_rate": 0.5, "schedule": "step",
        "clip_by": "value", "grad_clip": 0.05,
    },
    "cleaned": {
        "tokenizer": "cleaned", "min_freq": 2, "state": "carried-across-epochs", "schedule": "exponential",
        "schedule_after": 2, "init_scale": 0.08, "test": 0.1, "sample_prefixes": ("我们", "龘"),
        "target_perplexity": 200.0,
    },
    "words": {"corpus": "mine", "tokenizer": "words", "min_freq": 2, "text": SEPARATED, "max_tokens": None},
    "windows": {"corpus": 'a "name"\n\\ ', "text": WINDOWS, "max_tokens": None, "held_out": 0.3, "seed": 7},
}  # fmt: skip


@cache
def _trained(name):
    settings = SMALL | CONFIGURATIONS[name]
    text = settings.pop("text", None)
    trainer = Trainer(Config(**settings), text, device="cpu")
    for _ in trainer.events():
        pass
    return trainer


@pytest.fixture(scope="session")
def configurations():
    """The settings of each configuration, and its `text` where that does not ship."""
    return {name: SMALL | settings for name, settings in CONFIGURATIONS.items()}


@pytest.fixture(scope="session")
def trained():
    """Train a configuration by its name, once; return the trainer at its end."""
    return _trained


@pytest.fixture(scope="session")
def untrained():
    """Make the checkpoint of a configuration before its first epoch."""

    def untrained(name):
        settings = SMALL | CONFIGURATIONS[name]
        text = settings.pop("text", None)
        return Trainer(Config(**settings), text, device="cpu").checkpoint()

    return untrained


@pytest.fixture(scope="session")
def checkpoint_of(trained):
    return lambda name: trained(name).checkpoint()


@pytest.fixture(scope="session")
def write_text():
    def write_text(name, folder):
        """Write the text of a configuration as a file; return its path."""
        text = CONFIGURATIONS[name].get("text")
        path = Path(folder) / f"{name}.txt"
        path.write_bytes(resource("data/lyrics.txt").read_bytes() if text is None else text.encode())
        return path

    return write_text


@pytest.fixture(params=CONFIGURATIONS)
def name(request):
    """Each configuration's name."""
    return request.param
