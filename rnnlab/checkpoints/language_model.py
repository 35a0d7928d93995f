"""Define the content of a language model's file, and load it.

model.*       the weights                              optimizer.<parameter>.*   the optimizer's moments
generator     the state of the random generator        carried.*                 the hidden state carried on
header        format, config, vocabulary, epoch, history, text digest
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from torch import Tensor
from torch.nn import Parameter

from rnnlab.checkpoints.files import (
    GENERATOR,
    GENERATOR_STATE,
    Content,
    Shape,
    check_table,
    is_config,
    is_count,
    is_history,
    open_file,
    read_content,
    read_header,
    read_tensors,
    write_content,
)
from rnnlab.models import LanguageModel, LanguageModelConfig
from rnnlab.recurrent import cell_spec, with_markers, without_markers
from rnnlab.text import SPACINGS, Vocab
from rnnlab.validation import InvalidInput

FORMAT = "rnnlab language model 1"
# The tensors that an optimizer keeps of each weight, by torch.optim's names; "step" is one number.
OPTIMIZER_STATES = {
    "sgd": (),
    "rmsprop": ("step", "square_avg"),
    "adam": ("step", "exp_avg", "exp_avg_sq"),
    "adamw": ("step", "exp_avg", "exp_avg_sq"),
}
CONTENT: Content = {
    "config": is_config,
    "vocabulary": lambda value: isinstance(value, list),  # Vocab.from_list checks its items
    "unknown": lambda value: isinstance(value, bool),
    "spacing": lambda value: value in SPACINGS,
    "epoch": is_count,
    "history": is_history,
    "text_digest": lambda value: isinstance(value, str),
}

NO_SPACING = {"spacing": '"none"'}  # of a vocabulary of characters, whose file has no such entry


@dataclass(frozen=True)
class Checkpoint:
    """A saved language model. Its tensors are on the CPU and shared with no model."""

    config: Mapping[str, str]  # the experiment's whole configuration, from `Config.to_strings`
    vocab: Vocab
    weights: Mapping[str, Tensor]  # the model's state_dict
    epoch: int  # epochs trained so far
    history: tuple[Mapping[str, Any], ...] = ()  # one flat dict per epoch: the curve
    text_digest: str = ""  # of the training text, so that a run is not resumed on another one
    training: Mapping[str, Tensor] | None = None  # optimizer.*, carried.* and generator: the state for resuming

    @property
    def architecture(self) -> LanguageModelConfig:
        """Return the part of the configuration that describes the model."""
        return _architecture(self.config)

    def build_model(self) -> LanguageModel:
        """Build the model with copies of the weights, in evaluation mode."""
        model = LanguageModel(self.architecture, len(self.vocab), device="meta")
        weights = {name: tensor.clone() for name, tensor in self.weights.items()}
        model.load_state_dict(with_markers(weights, model), assign=True)
        return model.eval()

    def tensors(self) -> dict[str, Tensor]:
        """Return all tensors by their names in the file."""
        weights = without_markers(self.weights)  # the configuration already has the form of the GRU
        return {f"model.{name}": tensor for name, tensor in weights.items()} | dict(self.training or {})

    def metadata(self) -> dict[str, str]:
        """Return the metadata of the file's header."""
        content = {
            "config": dict(self.config),
            "vocabulary": self.vocab.tokens,
            "unknown": self.vocab.unknown_id is not None,
            "epoch": self.epoch,
            "history": [dict(row) for row in self.history],
            "text_digest": self.text_digest,
        }
        if self.vocab.has_words:
            content["spacing"] = self.vocab.spacing
        return write_content(FORMAT, content)


def optimizer_state(optimizer: str, momentum: float) -> tuple[str, ...]:
    """Return the names of the tensors that an optimizer keeps of each weight. Adam ignores `momentum`.

    >>> optimizer_state("rmsprop", 0.9)
    ('step', 'square_avg', 'momentum_buffer')
    """
    buffer = ("momentum_buffer",) if momentum and optimizer in ("sgd", "rmsprop") else ()
    return OPTIMIZER_STATES[optimizer] + buffer


def load(path: str | os.PathLike[str], field: str = "checkpoint") -> Checkpoint:
    """Read and check a language model; raise InvalidInput before any weight is used."""
    with open_file(Path(path), field) as file:
        header = read_header(file, FORMAT, field)
        content = read_content(NO_SPACING | header.metadata, CONTENT, field)
        try:
            vocab = Vocab.from_list(content["vocabulary"], content["unknown"], content["spacing"])
        except InvalidInput:
            raise InvalidInput("checkpoint_header", field) from None
        architecture = _architecture(content["config"])
        kept = _optimizer_state(content["config"], field) if GENERATOR in header.table else ()
        check_table(header.table, _wanted(header.table, architecture, len(vocab), kept), field)
        tensors = read_tensors(file, header, field)
    return Checkpoint(
        config=content["config"],
        vocab=vocab,
        weights={name.removeprefix("model."): t for name, t in tensors.items() if name.startswith("model.")},
        epoch=content["epoch"],
        history=tuple(content["history"]),
        text_digest=content["text_digest"],
        training={name: t for name, t in tensors.items() if not name.startswith("model.")} or None,
    )


def _architecture(config: Mapping[str, str]) -> LanguageModelConfig:
    """Build the model's configuration from the experiment's, which has further settings."""
    names = {item.name for item in fields(LanguageModelConfig)}
    return LanguageModelConfig.from_strings({name: text for name, text in config.items() if name in names})


def _optimizer_state(config: Mapping[str, str], field: str) -> tuple[str, ...]:
    """Return `optimizer_state` for the experiment's configuration. Raises InvalidInput."""
    try:
        return optimizer_state(config.get("optimizer", "adam"), float(config.get("momentum", "0")))
    except (KeyError, ValueError):
        raise InvalidInput("checkpoint_header", field) from None


def _wanted(
    table: Mapping[str, Any], architecture: LanguageModelConfig, vocab_size: int, kept: Sequence[str]
) -> dict[str, Shape]:
    """Return the shapes of the required tensors: the weights, and the training state if the file has one.

    A training state has the generator's state, and may have the optimizer's tensors, called `kept`, and a carried
    hidden state.
    """
    model = LanguageModel(architecture, vocab_size, device="meta")
    weights = without_markers(model.state_dict(keep_vars=True))
    shapes: dict[str, Shape] = {name: list(tensor.shape) for name, tensor in weights.items()}
    learned = [name for name, tensor in weights.items() if isinstance(tensor, Parameter)]  # no bias that stays 0
    wanted = {f"model.{name}": shape for name, shape in shapes.items()}
    if GENERATOR not in table:
        return wanted
    moments: dict[str, Shape] = {
        f"optimizer.{name}.{key}": [] if key == "step" else shapes[name] for name in learned for key in kept
    }
    state = [architecture.num_layers * (2 if architecture.bidirectional else 1), None, architecture.hidden_size]
    wanted |= {name: state for name in _carried(architecture) if name in table}
    wanted[GENERATOR] = list(GENERATOR_STATE)
    return wanted | moments if moments.keys() & table.keys() else wanted


def _carried(architecture: LanguageModelConfig) -> list[str]:
    """Return the names of the tensors of a hidden state: h, and for the LSTM c."""
    return [f"carried.{k}" for k in range(cell_spec(architecture.model).state_size)]
