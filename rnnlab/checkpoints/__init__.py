"""Save and load a trained model as one safetensors file, with configuration and history in its header.

`files.py` writes files atomically and checks them while reading; `language_model.py` and `tagger.py` define the content
of the file of each model. `save` and `to_bytes` take either; `load` reads a language model, `load_tagger` a tagger.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

import safetensors.torch

from rnnlab.checkpoints.files import write_file
from rnnlab.checkpoints.language_model import FORMAT, Checkpoint, from_bytes, load, optimizer_state
from rnnlab.checkpoints.partial_epoch import PartialEpoch
from rnnlab.checkpoints.tagger import TAGGER_FORMAT, TaggerCheckpoint, load_tagger

__all__ = [
    "FORMAT",
    "TAGGER_FORMAT",
    "Checkpoint",
    "PartialEpoch",
    "TaggerCheckpoint",
    "from_bytes",
    "load",
    "load_tagger",
    "optimizer_state",
    "save",
    "to_bytes",
]


def save(checkpoint: Checkpoint | TaggerCheckpoint, path: str | os.PathLike[str]) -> None:
    """Write `checkpoint` to `path` atomically: readers find either the old file or the new one, whole.

    Raises OSError if the disk is full or not writable; the old file is then unchanged.
    """
    write_file(path, to_bytes(checkpoint))


def to_bytes(checkpoint: Checkpoint | TaggerCheckpoint, extra: Mapping[str, str] | None = None) -> bytes:
    """Return the bytes that `save` writes; `extra` entries are added to the header."""
    tensors = {name: tensor.contiguous() for name, tensor in checkpoint.tensors().items()}
    return safetensors.torch.save(tensors, checkpoint.metadata() | dict(extra or {}))
