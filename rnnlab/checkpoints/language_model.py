"""Define the content of a language model's file, and load it.

model.*       the weights                              optimizer.<parameter>.*   the optimizer's moments
generator     the state of the random generator        carried.*                 the hidden state carried on
best.*        the weights of the kept epoch            partial.*                 an epoch in progress
header        format, config, vocabulary, epoch, history, text digest
"""

from __future__ import annotations

import io
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, BinaryIO

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
    is_digest,
    is_history,
    open_file,
    read_content,
    read_header,
    read_tensors,
    write_content,
)
from rnnlab.checkpoints.partial_epoch import PREFIX, PartialEpoch, is_partial, read_partial
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
    "text_digest": is_digest,
    "best_epoch": lambda value: value is None or is_count(value),
    "partial": is_partial,
}
# Entries that only some files have. A vocabulary of characters has no spacing.
ABSENT = {"best_epoch": "null", "partial": "null", "spacing": '"none"'}


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
    best_epoch: int | None = None  # the epoch that is kept; None: the last one
    best: Mapping[str, Tensor] | None = None  # its weights, where `weights` are those of a later epoch
    partial: PartialEpoch | None = None  # the epoch in progress, if it is to be resumed within it

    @property
    def architecture(self) -> LanguageModelConfig:
        """Return the part of the configuration that describes the model."""
        return _architecture(self.config)

    @property
    def kept_epoch(self) -> int:
        """Return the epoch whose weights are used: with `keep=best` the best on held-out text, else the last."""
        return self.epoch if self.best_epoch is None else self.best_epoch

    @property
    def kept_perplexity(self) -> float | None:
        """Return the held-out perplexity of `kept_epoch`, if the history has it."""
        rows = [row for row in self.history if row.get("epoch") == self.kept_epoch]
        return rows[0].get("held_out_perplexity") if rows else None

    @property
    def kept_weights(self) -> Mapping[str, Tensor]:
        """Return the weights of `kept_epoch`; before the end of the first epoch, those of the epoch in progress."""
        if self.epoch == 0 and self.partial is not None:
            return self.partial.weights
        return self.weights if self.best is None else self.best

    def weights_only(self) -> Checkpoint:
        """Return a checkpoint that holds the kept weights and cannot be resumed."""
        return replace(self, weights=self.kept_weights, training=None, best=None, partial=None)

    def build_model(self) -> LanguageModel:
        """Build the model with copies of the kept weights, in evaluation mode."""
        model = LanguageModel(self.architecture, len(self.vocab), device="meta")
        weights = {name: tensor.clone() for name, tensor in self.kept_weights.items()}
        model.load_state_dict(with_markers(weights, model), assign=True)
        return model.eval()

    def tensors(self) -> dict[str, Tensor]:
        """Return all tensors by their names in the file."""
        weights = without_markers(self.weights)  # the configuration already has the form of the GRU
        tensors = {f"model.{name}": tensor for name, tensor in weights.items()} | dict(self.training or {})
        tensors |= {f"best.{name}": tensor for name, tensor in without_markers(self.best or {}).items()}
        return tensors | ({} if self.partial is None else self.partial.tensors())

    def metadata(self) -> dict[str, str]:
        """Return the metadata of the file's header."""
        content: dict[str, Any] = {
            "config": dict(self.config),
            "vocabulary": self.vocab.tokens,
            "unknown": self.vocab.unknown_id is not None,
            "epoch": self.epoch,
            "history": [dict(row) for row in self.history],
            "text_digest": self.text_digest,
        }
        if self.best_epoch is not None:
            content["best_epoch"] = self.best_epoch
        if self.partial is not None:
            content["partial"] = self.partial.header()
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
        return _read(file, field)


def from_bytes(content: bytes, field: str = "checkpoint") -> Checkpoint:
    """Read and check the bytes of a file, as `load` does."""
    return _read(io.BytesIO(content), field)


def _read(file: BinaryIO, field: str) -> Checkpoint:
    header = read_header(file, FORMAT, field)
    content = read_content(ABSENT | header.metadata, CONTENT, field)
    try:
        vocab = Vocab.from_list(content["vocabulary"], content["unknown"], content["spacing"])
    except InvalidInput:
        raise InvalidInput("checkpoint_header", field) from None
    architecture = _architecture(content["config"])
    kept = _optimizer_state(content["config"], field) if GENERATOR in header.table else ()
    check_table(header.table, _wanted(header.table, architecture, len(vocab), kept), field)
    tensors = read_tensors(file, header, field)
    best_epoch, best = content["best_epoch"], _under("best.", tensors)
    if (best_epoch is None and best) or (best_epoch is not None and best_epoch > content["epoch"]):
        raise InvalidInput("checkpoint_header", field)
    parts = ("model.", "best.", PREFIX)
    return Checkpoint(
        config=content["config"],
        vocab=vocab,
        weights=_under("model.", tensors),
        epoch=content["epoch"],
        history=tuple(content["history"]),
        text_digest=content["text_digest"],
        training={name: t for name, t in tensors.items() if not name.startswith(parts)} or None,
        best_epoch=best_epoch,
        best=best or None,
        partial=read_partial(tensors, content["partial"], field),
    )


def _under(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the tensors whose names begin with `prefix`, by the rest of their names."""
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}


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
    """Return the shapes of the required tensors: the weights, and the parts of `table` that a file may have besides.

    kept: the names of the optimizer's tensors.
    """
    model = LanguageModel(architecture, vocab_size, device="meta")
    weights = without_markers(model.state_dict(keep_vars=True))
    shapes: dict[str, Shape] = {name: list(tensor.shape) for name, tensor in weights.items()}
    learned = {n: shapes[n] for n, tensor in weights.items() if isinstance(tensor, Parameter)}  # no bias that stays 0
    wanted = {f"model.{name}": shape for name, shape in shapes.items()}
    if any(name.startswith("best.") for name in table):
        wanted |= {f"best.{name}": shape for name, shape in shapes.items()}
    if GENERATOR not in table:
        return wanted
    wanted |= _wanted_training(table, architecture, learned, kept)
    if PREFIX + GENERATOR in table:
        wanted |= {f"{PREFIX}model.{name}": shape for name, shape in shapes.items()}
        wanted |= {PREFIX + "nlls": [None], PREFIX + "norms": [None]}
        wanted |= _wanted_training(table, architecture, learned, kept, PREFIX)
    return wanted


def _wanted_training(
    table: Mapping[str, Any],
    architecture: LanguageModelConfig,
    learned: Mapping[str, Shape],
    kept: Sequence[str],
    prefix: str = "",
) -> dict[str, Shape]:
    """Return the shapes of a training state, whose names begin with `prefix`.

    It has the generator's state, and may have the optimizer's tensors, called `kept`, and a carried hidden state.
    """
    moments: dict[str, Shape] = {
        f"{prefix}optimizer.{name}.{key}": [] if key == "step" else shape
        for name, shape in learned.items()
        for key in kept
    }
    state = [architecture.num_layers * (2 if architecture.bidirectional else 1), None, architecture.hidden_size]
    wanted: dict[str, Shape] = {prefix + name: state for name in _carried(architecture) if prefix + name in table}
    wanted[prefix + GENERATOR] = list(GENERATOR_STATE)
    return wanted | moments if moments.keys() & table.keys() else wanted


def _carried(architecture: LanguageModelConfig) -> list[str]:
    """Return the names of the tensors of a hidden state: h, and for the LSTM c."""
    return [f"carried.{k}" for k in range(cell_spec(architecture.model).state_size)]
