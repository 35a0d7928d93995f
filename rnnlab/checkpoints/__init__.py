"""A trained model in one file: safetensors, with everything else as JSON in its header.

`files.py` writes whole or not at all and reads with suspicion; `language_model.py` and `tagger.py` say what belongs
into the file of each model. `save` and `to_bytes` take either; `load` reads a language model, `load_tagger` a tagger.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

import safetensors.torch

from rnnlab.checkpoints.files import MAX_HEADER, write_file
from rnnlab.checkpoints.language_model import FORMAT, Checkpoint, load
from rnnlab.checkpoints.tagger import TAGGER_FORMAT, TaggerCheckpoint, load_tagger

__all__ = [
    "FORMAT",
    "MAX_HEADER",
    "TAGGER_FORMAT",
    "Checkpoint",
    "TaggerCheckpoint",
    "load",
    "load_tagger",
    "save",
    "to_bytes",
]


def save(checkpoint: Checkpoint | TaggerCheckpoint, path: str | os.PathLike[str]) -> None:
    """Write `checkpoint` so that at any moment `path` holds either the old file or the new one, whole.

    Raises OSError when the disk will not take it; the old file is then untouched.
    """
    write_file(path, to_bytes(checkpoint))


def to_bytes(checkpoint: Checkpoint | TaggerCheckpoint, also: Mapping[str, str] | None = None) -> bytes:
    """What `save` writes, for whoever sends it elsewhere; with what `also` stands in the header."""
    tensors = {name: tensor.contiguous() for name, tensor in checkpoint.tensors().items()}
    return safetensors.torch.save(tensors, checkpoint.metadata() | dict(also or {}))
