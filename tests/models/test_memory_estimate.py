"""What a training would take, counted by hand, and that too much is refused before anything is made."""

import pytest
import torch

from rnnlab import checkpoints
from rnnlab.experiments.language_model import Config, Trainer
from rnnlab.models import LanguageModel, LanguageModelConfig
from rnnlab.models.memory_estimate import (
    LIMIT_VARIABLE,
    check_memory,
    count_parameters,
    in_gigabytes,
    max_run_bytes,
    training_bytes,
)
from rnnlab.validation import InvalidInput

SMALL = {"hidden_size": 3, "embedding_size": 2, "model": "gru"}
HUGE = {"hidden_size": 2048, "num_layers": 8, "model": "lstm"}
TEXT = "la la li " * 50


def test_an_estimate_by_hand():
    """P = 5·2 + 3·3·(2 + 3 + 2) + 3·5 + 5 = 93; Adam: 4 + 5·3 + 2 copies; a character 2·5 + 2·2 + 3·(6·3 + 2) = 74."""
    config = LanguageModelConfig(**SMALL)
    assert count_parameters(config, 5) == 93
    assert training_bytes(config, 5, tokens=10, moments=2) == 4 * (21 * 93 + 10 * 74)
    assert training_bytes(config, 5, tokens=10, moments=0) == 4 * (9 * 93 + 10 * 74)
    dropped = LanguageModelConfig(**SMALL, embedding_dropout=0.5)  # 2·2 numbers more for each character
    assert training_bytes(dropped, 5, tokens=10, moments=0) == 4 * (9 * 93 + 10 * 78)


@pytest.mark.parametrize("changes", [{"num_layers": 2}, {"bidirectional": True}, {"model": "lstm"}, {"hidden_size": 9}])
def test_more_of_anything_takes_more(changes):
    plain = training_bytes(LanguageModelConfig(**SMALL), 50, 100, 2)
    assert training_bytes(LanguageModelConfig(**SMALL | changes), 50, 100, 2) > plain


def test_explicit_one_hot_vectors_take_more_memory_than_lookups():
    one_hot = {
        name: LanguageModelConfig(**SMALL, encoding="one-hot", implementation=name) for name in ("torch", "scratch")
    }
    torch_bytes, scratch_bytes = (training_bytes(config, 500, 100, 2) for config in one_hot.values())
    assert torch_bytes - scratch_bytes == 4 * 100 * 2 * 500


def test_counting_parameters_allocates_nothing():
    assert (
        count_parameters(LanguageModelConfig(**HUGE), 20_000)
        == 20_000 * 128 + 4 * 2048 * (128 + 2048 + 2 + 7 * 4098) + 2049 * 20_000
    )


def test_the_count_is_that_of_the_model():
    config = LanguageModelConfig(**SMALL, num_layers=2, bidirectional=True)
    assert count_parameters(config, 7) == LanguageModel(config, 7).count_parameters()


def test_the_limit_is_two_gigabytes_or_the_environment_variable():
    assert max_run_bytes({}) == 2_000_000_000
    assert max_run_bytes({LIMIT_VARIABLE: "0.5"}) == 500_000_000
    for nonsense in ("", "much", "-1", "nan", "inf", "0"):
        with pytest.raises(InvalidInput, match=LIMIT_VARIABLE):
            max_run_bytes({LIMIT_VARIABLE: nonsense})


def test_the_error_names_the_memory_needed_and_the_settings_to_lower():
    with pytest.raises(InvalidInput) as refused:
        check_memory(LanguageModelConfig(**HUGE), 100, 25, 2)
    assert (refused.value.code, refused.value.field) == ("model_too_large", "model")
    words = str(refused.value)
    assert "about 21.3 GB of memory (253,055,588 numbers to learn), and 2.0 GB are allowed" in words
    for setting in ("hidden_size", "num_layers", "batch_size", "num_steps", "max_tokens"):
        assert setting in words


@pytest.mark.parametrize(
    ("count", "text"), [(3_456_000_000, "3.5 GB"), (25_000_000, "0.025 GB"), (2 * 10**12, "2,000.0 GB")]
)
def test_bytes_in_words(count, text):
    assert in_gigabytes(count) == text


@pytest.mark.parametrize(
    "settings",
    [
        HUGE | {"batch_size": 2},
        {"hidden_size": 8, "batch_size": 4096, "num_steps": 2000, "max_tokens": None},  # the text is long enough
    ],
    ids=["weights", "activations"],
)
def test_a_training_too_large_is_rejected_before_allocating(settings, monkeypatch):
    made = []
    monkeypatch.setattr(LanguageModel, "initialize", lambda self: made.append(self))
    text = TEXT if settings["batch_size"] == 2 else "la la li " * 1_000_000
    with pytest.raises(InvalidInput, match=r"model: training it would take about [\d.,]+ GB of memory"):
        Trainer(Config(corpus="own", held_out=0.0, **settings), text)
    assert made == []


def test_resuming_a_model_too_large_for_this_machine_is_rejected(tmp_path, monkeypatch):
    config = Config(corpus="own", epochs=1, batch_size=2, num_steps=5, **SMALL)
    trainer = Trainer(config, TEXT)
    checkpoints.save(trainer.latest, tmp_path / "a.safetensors")
    monkeypatch.setenv(LIMIT_VARIABLE, "0.01")
    Trainer(config, TEXT, checkpoint=checkpoints.load(tmp_path / "a.safetensors"))
    monkeypatch.setattr("rnnlab.models.memory_estimate.max_run_bytes", lambda: 1000)
    with pytest.raises(InvalidInput, match="would take about"):
        Trainer(config, TEXT, checkpoint=checkpoints.load(tmp_path / "a.safetensors"))


def test_no_recipe_comes_near_the_limit():
    from rnnlab.experiments.language_model import PRESETS

    for recipe in PRESETS.values():
        config = recipe.config()
        assert training_bytes(config, 2600, config.batch_size * config.num_steps, 2) < max_run_bytes({}) / 4


def test_the_estimate_is_not_below_what_the_autograd_graph_keeps():
    """Everything that the forward pass of a large minibatch saves for the backward one is in the estimate."""
    for changes in (
        {},
        {"model": "lstm"},
        {"encoding": "one-hot"},
        {"implementation": "scratch"},
        {"num_layers": 2},
        {"implementation": "scratch", "gradient": "autograd"},
        {"embedding_dropout": 0.5, "embedding_size": 400},
    ):
        config = LanguageModelConfig(**{"hidden_size": 32, "embedding_size": 8, "model": "gru", **changes})
        model, saved = LanguageModel(config, 40), {}

        def keep(tensor, saved=saved):
            saved[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
            return tensor

        with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
            model.mean_nll(*torch.randint(40, (2, 16, 50)))
        assert 0 < sum(saved.values()) < training_bytes(config, 40, 16 * 50, 2)
