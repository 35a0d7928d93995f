"""A tagger in a file.

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
    "words": lambda value: isinstance(value, list),  # Vocab.from_list looks at the rest
    "characters": lambda value: isinstance(value, list),
    "tags": lambda value: isinstance(value, list),
    "epoch": is_count,
    "history": is_history,
}


@dataclass(frozen=True)
class TaggerCheckpoint:
    """What `save` writes and `load_tagger` returns. Tensors lie on the CPU and belong to the checkpoint alone."""

    config: Mapping[str, str]  # the experiment's whole configuration, as `Config.to_strings` writes it
    lexicon: Lexicon
    weights: Mapping[str, Tensor]  # the model's state_dict
    epoch: int  # epochs trained so far
    history: tuple[Mapping[str, Any], ...] = ()  # one flat dict per epoch: the curve

    @property
    def architecture(self) -> TaggerConfig:
        return _architecture(self.config)

    def build_model(self) -> Tagger:
        """The tagger, in evaluation mode."""
        tagger = Tagger(self.architecture, self.lexicon, device="meta")
        tagger.load_state_dict({name: tensor.clone() for name, tensor in self.weights.items()}, assign=True)
        return tagger.eval()

    def tensors(self) -> dict[str, Tensor]:
        return {f"model.{name}": tensor for name, tensor in self.weights.items()}

    def metadata(self) -> dict[str, str]:
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
    """Read and check a tagger. Raises InvalidInput, naming what is wrong, before any weight is used."""
    with open_file(Path(path), field) as file:
        header = read_header(file, TAGGER_FORMAT, field)
        content = read_content(header.metadata, CONTENT, field)
        lexicon = _lexicon(content, field)
        tagger = Tagger(_architecture(content["config"]), lexicon, device="meta")
        shapes = {f"model.{name}": list(tensor.shape) for name, tensor in tagger.state_dict().items()}
        check_table(header.table, shapes, field)
        tensors = read_tensors(file, header, field)
    weights = {name.removeprefix("model."): tensor for name, tensor in tensors.items()}
    return TaggerCheckpoint(content["config"], lexicon, weights, content["epoch"], tuple(content["history"]))


def _lexicon(content: Mapping[str, Any], field: str) -> Lexicon:
    try:
        words, characters = Vocab.from_list(content["words"]), Vocab.from_list(content["characters"])
        tags = Vocab.from_list(content["tags"], unknown=False).tokens  # distinct texts as well
    except InvalidInput:
        raise InvalidInput("checkpoint_header", field) from None
    return Lexicon(words, characters, tags)


def _architecture(config: Mapping[str, str]) -> TaggerConfig:
    names = {item.name for item in fields(TaggerConfig)}
    return TaggerConfig.from_strings({name: text for name, text in config.items() if name in names})
