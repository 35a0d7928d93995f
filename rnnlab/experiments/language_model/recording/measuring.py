"""Measure an epoch from the copy of the network that its checkpoint has: the probe, and the surprise of the text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from rnnlab import limits
from rnnlab.checkpoints import Checkpoint
from rnnlab.checkpoints.recorded_epoch import RecordedEpoch, as_bytes, surprise_bytes
from rnnlab.inspection.probe import Reading, read_probe
from rnnlab.inspection.surprise import surprisal
from rnnlab.models import LanguageModel
from rnnlab.text import Corpus


def model_of(checkpoint: Checkpoint) -> LanguageModel:
    """Build the model with the weights of the last epoch, not of the kept one."""
    return replace(checkpoint, best=None, best_epoch=None).build_model()


def measured_parts(corpus: Corpus) -> dict[str, Tensor]:
    """Return the tokens whose surprise is measured: the first of the training text and of the held-out text."""
    most = limits.MAX_RECORDED_CHARACTERS
    parts = {"training": corpus.train_ids[:most], "held_out": corpus.held_out_ids[: most // 4]}
    return {name: ids for name, ids in parts.items() if len(ids)}


def surprise_of(model: LanguageModel, corpus: Corpus) -> dict[str, Tensor]:
    """Return the surprise of every character of both parts as bytes, see `RecordedEpoch.surprise`."""
    return {part: surprise_bytes(surprisal(model, ids)) for part, ids in measured_parts(corpus).items()}


def recorded_epoch(model: LanguageModel, corpus: Corpus, epoch: int, row: Mapping[str, Any]) -> RecordedEpoch:
    """Return what is recorded of an epoch, but for the surprise: its row, and the model at the probe's characters."""
    reading = read_probe(model, corpus.train_ids[: limits.MAX_PROBE_TOKENS].tolist())
    return RecordedEpoch(epoch, row, *probe_tensors(reading))


def probe_tensors(reading: Reading) -> tuple[dict[str, Tensor], Mapping[str, tuple[float, float]]]:
    """Return a reading as the tensors of `RecordedEpoch.probe` and the ranges of its bytes."""
    with np.errstate(over="ignore"):
        tensors = {
            "ids": torch.from_numpy(reading.ids.astype(np.int32)),
            "expected": torch.from_numpy(reading.expected.astype(np.int32)),
            "surprisal": torch.from_numpy(reading.surprisal.astype(np.float16)),
            "probabilities": torch.from_numpy(reading.probabilities.astype(np.float16)),
        }
    ranges = {}
    for name, values in reading.activations.items():
        tensors[name], ranges[name] = as_bytes(values)
    return tensors, ranges
