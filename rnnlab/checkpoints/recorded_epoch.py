"""One epoch of a recording, its surprise and its weights, as the bytes of three safetensors files.

The first has the epoch's row and the ranges of bytes in its header, and as tensors what the model does at each
character of a short text, the probe.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import safetensors.torch
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from torch import Tensor

from rnnlab.checkpoints.files import is_count, is_history
from rnnlab.validation import InvalidInput

FORMAT = "rnnlab recorded epoch 1"
SURPRISE_FORMAT = "rnnlab surprise 1"
WEIGHTS_FORMAT = "rnnlab weights in half precision 1"
BITS_PER_UNIT = 0.1  # of a byte of surprise
NO_BITS = 255  # the byte of a character that nothing was expected at: the first of a text

Tensors = Mapping[str, Tensor]
Ranges = Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class RecordedEpoch:
    """What a run has recorded of an epoch. Shapes: T characters of the probe, H hidden, N characters of a text."""

    epoch: int  # 0: before the first step
    row: Mapping[str, Any]  # the epoch's event as a row: samples, perplexities, what is copied; of epoch 0 the samples
    # "ids" (T,) and "expected" (T, 5) int32, "surprisal" (T,) and "probabilities" (T, 5) float16; states and gates as
    # bytes (T, H), by layer and letter, see `inspection.probe.Reading`
    probe: Tensors = field(default_factory=dict)
    ranges: Ranges = field(default_factory=dict)  # of the states and gates: the numbers that bytes 0 and 255 stand for
    surprise: Tensors = field(default_factory=dict)  # "training" and "held_out" (N,) bytes, see `bits`; or empty

    def activation(self, name: str) -> NDArray[np.float32]:
        """Return states or gates (T, H), to 1/255 of their range."""
        low, high = self.ranges[name]
        return (low + (high - low) / 255 * self.probe[name].float()).numpy()

    def bits(self, part: str) -> NDArray[np.float32]:
        """Return the surprise of "training" or "held_out" (N,) in bits, to 0.05 bits; at most 25.4, the first NaN."""
        return bits_of(self.surprise[part].numpy())

    def to_bytes(self) -> bytes:
        """Return the bytes of a file, without the surprise, which has one of its own."""
        tensors = {name: tensor.contiguous() for name, tensor in self.probe.items()}
        header = {"epoch": self.epoch, "row": dict(self.row), "ranges": dict(self.ranges)}
        text = json.dumps(header, ensure_ascii=False)
        return _in_order(safetensors.torch.save(tensors, {"format": FORMAT, "recorded": text}))

    @classmethod
    def from_bytes(cls, content: bytes, name: str) -> RecordedEpoch:
        """Read a file's bytes, and check all of them. Raises InvalidInput, whose field is `name`."""
        tensors, metadata = _read(content, FORMAT, name)
        try:
            header = json.loads(metadata["recorded"])
            ranges = {key: (float(low), float(high)) for key, (low, high) in header["ranges"].items()}
            row, epoch = header["row"], header["epoch"]
            valid = is_count(epoch) and isinstance(row, dict)
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
            raise InvalidInput("recording_damaged", name) from None
        plain_row = {key: value for key, value in row.items() if key != "kind"} if valid else {}
        finite = all(map(math.isfinite, (number for pair in ranges.values() for number in pair)))
        if not (valid and finite and is_history([plain_row]) and _are_valid(tensors, ranges)):
            raise InvalidInput("recording_damaged", name)
        return cls(epoch, row, tensors, ranges)


def surprise_to_bytes(surprise: Tensors) -> bytes:
    """Return the bytes of a file with `RecordedEpoch.surprise`."""
    return safetensors.torch.save(dict(surprise), {"format": SURPRISE_FORMAT})


def surprise_from_bytes(content: bytes, name: str) -> dict[str, Tensor]:
    """Return the surprise in such a file. Raises InvalidInput, whose field is `name`."""
    surprise, _ = _read(content, SURPRISE_FORMAT, name)
    if not all(t.dtype == torch.uint8 and t.dim() == 1 for t in surprise.values()):
        raise InvalidInput("recording_damaged", name)
    return surprise


def weights_to_bytes(weights: Tensors) -> bytes:
    """Return the bytes of a file with a model's weights in half precision; what is beyond its range, at its end."""
    largest = torch.finfo(torch.float16).max
    half = {name: t.float().clamp(-largest, largest).half().contiguous() for name, t in weights.items()}
    return safetensors.torch.save(half, {"format": WEIGHTS_FORMAT})


def weights_from_bytes(content: bytes, name: str) -> dict[str, Tensor]:
    """Return the weights of such a file, in single precision again. Raises InvalidInput, whose field is `name`."""
    weights, _ = _read(content, WEIGHTS_FORMAT, name)
    if not all(t.dtype == torch.float16 and bool(t.isfinite().all()) for t in weights.values()):
        raise InvalidInput("recording_damaged", name)
    return {key: tensor.float() for key, tensor in weights.items()}


def _read(content: bytes, format: str, name: str) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Return a file's tensors and the metadata of its header. Raises InvalidInput."""
    try:
        tensors = safetensors.torch.load(content)
        length = int.from_bytes(content[:8], "little")
        metadata = json.loads(content[8 : 8 + length])["__metadata__"]
    except (SafetensorError, KeyError, TypeError, ValueError, RecursionError):
        raise InvalidInput("recording_damaged", name) from None
    if metadata.get("format") != format:
        raise InvalidInput("recording_damaged", name)
    return tensors, metadata


def _in_order(content: bytes) -> bytes:
    """Return a safetensors file with its metadata in alphabetical order: safetensors writes them in any order."""
    end = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:end])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # the tensors begin at a multiple of eight bytes
    return len(text).to_bytes(8, "little") + text + content[end:]


def as_bytes(values: NDArray[np.float32]) -> tuple[Tensor, tuple[float, float]]:
    """Return numbers as bytes, with the numbers that 0 and 255 stand for; what is not finite becomes the nearest."""
    finite = np.nan_to_num(values.astype(np.float64), nan=0.0, posinf=1e30, neginf=-1e30)
    low, high = float(finite.min(initial=0.0)), float(finite.max(initial=1e-6))
    return torch.from_numpy(np.rint((finite - low) / (high - low) * 255).astype(np.uint8)), (low, high)


def surprise_bytes(bits: Tensor) -> Tensor:
    """Return bits (N,) as bytes of BITS_PER_UNIT; NaN becomes NO_BITS."""
    units = (bits / BITS_PER_UNIT).round().clamp(0, NO_BITS - 1)
    return torch.where(bits.isnan(), float(NO_BITS), units).to(torch.uint8)


def bits_of(units: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Undo `surprise_bytes`."""
    return np.where(units == NO_BITS, np.nan, units * BITS_PER_UNIT).astype(np.float32)


def _are_valid(probe: Tensors, ranges: Ranges) -> bool:
    """Return whether the tensors of a probe have the types that they should have, and one length."""
    kinds = {"ids": torch.int32, "expected": torch.int32, "surprisal": torch.float16, "probabilities": torch.float16}
    if probe:
        if not kinds.keys() <= probe.keys() or any(probe[name].dtype != kind for name, kind in kinds.items()):
            return False
        if probe["ids"].dim() != 1 or any(probe[name].dim() != 2 for name in ("expected", "probabilities")):
            return False
        if probe["surprisal"].dim() != 1 or probe["expected"].shape != probe["probabilities"].shape:
            return False
        others = {name: t for name, t in probe.items() if name not in kinds}
        if others.keys() != ranges.keys() or any(t.dtype != torch.uint8 or t.dim() != 2 for t in others.values()):
            return False
        if len({len(tensor) for tensor in probe.values()}) != 1:
            return False
    return True
