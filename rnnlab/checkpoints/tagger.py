"""Define the content of a tagger's file, and load it.

model.*       the weights
header        format, config, words, characters, tags, epoch, history
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from torch import Tensor

from rnnlab.checkpoints.files import (
    Content,
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
from rnnlab.models import Tagger, TaggerConfig
from rnnlab.text import Lexicon, Vocab
from rnnlab.validation import InvalidInput

TAGGER_FORMAT = "rnnlab tagger 1"
CONTENT: Content = {
    "config": is_config,
    "words": lambda value: isinstance(value, list),  # Vocab.from_list checks its items
    "characters": lambda value: isinstance(value, list),
    "tags": lambda value: isinstance(value, list),
    "epoch": is_count,
    "history": is_history,
}


@dataclass(frozen=True)
class TaggerCheckpoint:
    """A saved tagger. Its tensors are on the CPU and shared with no model."""

    config: Mapping[str, str]  # the experiment's whole configuration, from `Config.to_strings`
    lexicon: Lexicon
    weights: Mapping[str, Tensor]  # the model's state_dict
    epoch: int  # epochs trained so far
    history: tuple[Mapping[str, Any], ...] = ()  # one flat dict per epoch: the curve

    @property
    def architecture(self) -> TaggerConfig:
        """Return the part of the configuration that describes the model."""
        return _architecture(self.config)

    def build_model(self) -> Tagger:
        """Build the tagger with copies of the weights, in evaluation mode."""
        tagger = Tagger(self.architecture, self.lexicon, device="meta")
        tagger.load_state_dict({name: tensor.clone() for name, tensor in self.weights.items()}, assign=True)
        return tagger.eval()

    def tensors(self) -> dict[str, Tensor]:
        """Return all tensors by their names in the file."""
        return {f"model.{name}": tensor for name, tensor in self.weights.items()}

    def metadata(self) -> dict[str, str]:
        """Return the metadata of the file's header."""
        content = {
            "config": dict(self.config),
            "words": self.lexicon.words.tokens,
            "characters": self.lexicon.characters.tokens,
            "tags": self.lexicon.tags,
            "epoch": self.epoch,
            "history": [dict(row) for row in self.history],
        }
        return write_content(TAGGER_FORMAT, content)


def load_tagger(path: str | os.PathLike[str], field: str = "checkpoint") -> TaggerCheckpoint:
    """Read and check a tagger; raise InvalidInput before any weight is used."""
    with open_file(Path(path), field) as file:
        header = read_header(file, TAGGER_FORMAT, field)
        content = read_content(header.metadata, CONTENT, field)
        architecture = _architecture(content["config"])
        lexicon = _lexicon(content, architecture.unknown_words, field)
        tagger = Tagger(architecture, lexicon, device="meta")
        shapes = {f"model.{name}": list(tensor.shape) for name, tensor in tagger.state_dict().items()}
        check_table(header.table, shapes, field)
        tensors = read_tensors(file, header, field)
    weights = {name.removeprefix("model."): tensor for name, tensor in tensors.items()}
    return TaggerCheckpoint(content["config"], lexicon, weights, content["epoch"], tuple(content["history"]))


def _lexicon(content: Mapping[str, Any], unknown_words: bool, field: str) -> Lexicon:
    """Build the lexicon from the entries of a header; raise InvalidInput if one is not a vocabulary."""
    try:
        words = Vocab.from_list(content["words"], unknown=unknown_words)
        characters = Vocab.from_list(content["characters"])
        tags = Vocab.from_list(content["tags"], unknown=False).tokens  # they must be distinct texts, too
    except InvalidInput:
        raise InvalidInput("checkpoint_header", field) from None
    return Lexicon(words, characters, tags)


def _architecture(config: Mapping[str, str]) -> TaggerConfig:
    """Build the model's configuration from the experiment's, which has further settings."""
    names = {item.name for item in fields(TaggerConfig)}
    return TaggerConfig.from_strings({name: text for name, text in config.items() if name in names})
