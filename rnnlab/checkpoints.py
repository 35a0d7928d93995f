"""A trained model in one file: safetensors, with everything else as JSON in its header.

    model.*       the weights                              optimizer.<parameter>.*   the optimizer's moments
    generator     the state of the random generator        carried.*                 the hidden state carried on
    header        format, config, vocabulary, epoch, history, text digest

Nothing is unpickled, so a file from a stranger can be wrong but not wicked; and because a safetensors file may
still be wrong in many ways (another model's shapes, duplicate keys, NaN, a header that promises gigabytes),
`load` checks the header against the configuration before it reads a single weight.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from rnnlab.models import LanguageModel, LanguageModelConfig
from rnnlab.text import Vocab
from rnnlab.validation import InvalidInput, echo

FORMAT = "rnnlab language model 1"
MAX_HEADER = 16 * 2**20  # bytes: a vocabulary of 20,000 and a history of 10,000 epochs are a tenth of it
MAX_VOCABULARY = 50_000
GENERATOR_STATE = torch.Generator().get_state().shape  # bytes of a CPU generator's state


@dataclass(frozen=True)
class Checkpoint:
    """What `save` writes and `load` returns. Tensors lie on the CPU and belong to the checkpoint alone."""

    config: Mapping[str, str]  # the experiment's whole configuration, as `Config.to_strings` writes it
    vocab: Vocab
    weights: Mapping[str, Tensor]  # the model's state_dict
    epoch: int  # epochs trained so far
    history: tuple[Mapping[str, Any], ...] = ()  # one flat dict per epoch: the curve
    text_digest: str = ""  # of the text it learned, so that a run is not resumed on another
    training: Mapping[str, Tensor] | None = None  # optimizer.*, carried.* and generator: what resuming needs

    @property
    def architecture(self) -> LanguageModelConfig:
        return _architecture(self.config)

    def build_model(self) -> LanguageModel:
        """The model, in evaluation mode."""
        model = LanguageModel(self.architecture, len(self.vocab), device="meta")
        model.load_state_dict({name: tensor.clone() for name, tensor in self.weights.items()}, assign=True)
        return model.eval()


def save(checkpoint: Checkpoint, path: str | os.PathLike[str]) -> None:
    """Write `checkpoint` so that at any moment `path` holds either the old file or the new one, whole.

    Raises OSError when the disk will not take it; the old file is then untouched.
    """
    tensors = {f"model.{name}": tensor.contiguous() for name, tensor in checkpoint.weights.items()}
    tensors |= {name: tensor.contiguous() for name, tensor in (checkpoint.training or {}).items()}
    metadata = {
        "format": FORMAT,
        "config": json.dumps(dict(checkpoint.config), ensure_ascii=False),
        "vocabulary": json.dumps(checkpoint.vocab.tokens, ensure_ascii=False),
        "unknown": json.dumps(checkpoint.vocab.unknown_id is not None),
        "epoch": json.dumps(checkpoint.epoch),
        "history": json.dumps([dict(row) for row in checkpoint.history], ensure_ascii=False),
        "text_digest": json.dumps(checkpoint.text_digest),
    }
    path = Path(path)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    os.close(handle)
    try:
        save_file(tensors, temporary, metadata=metadata)
        with open(temporary, "rb+") as file:
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make a rename in `folder` survive a power cut (a folder cannot be opened for this on Windows)."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def load(path: str | os.PathLike[str], field: str = "checkpoint") -> Checkpoint:
    """Read and check a checkpoint. Raises InvalidInput, naming what is wrong, before any weight is used."""
    metadata, tensors = _read_header(Path(path), field)
    try:
        config = json.loads(metadata["config"])
        vocab = Vocab.from_list(json.loads(metadata["vocabulary"]), unknown=json.loads(metadata["unknown"]) is True)
        epoch, history = json.loads(metadata["epoch"]), json.loads(metadata["history"])
        text_digest = json.loads(metadata["text_digest"])
        well_formed = (
            isinstance(config, dict)
            and all(isinstance(text, str) for text in config.values())
            and isinstance(epoch, int)
            and 0 <= epoch <= 10**9
            and isinstance(history, list)
            and all(isinstance(row, dict) for row in history)
            and isinstance(text_digest, str)
            and len(vocab) <= MAX_VOCABULARY
        )
    except (KeyError, TypeError, ValueError, RecursionError):
        well_formed = False
    if not well_formed:
        raise InvalidInput("checkpoint_header", field)
    _check_shapes(tensors, _expected(_architecture(config), len(vocab)), field)
    weights, training = _read_tensors(Path(path), field)
    return Checkpoint(config, vocab, weights, epoch, tuple(history), text_digest, training or None)


def _architecture(config: Mapping[str, str]) -> LanguageModelConfig:
    names = {item.name for item in fields(LanguageModelConfig)}
    return LanguageModelConfig.from_strings({name: text for name, text in config.items() if name in names})


def _read_header(path: Path, field: str) -> tuple[dict[str, str], dict[str, Any]]:
    """The header's metadata and its table of tensors ({name: {dtype, shape, data_offsets}})."""
    with open(path, "rb") as file:
        start = file.read(8)
        length = int.from_bytes(start, "little") if len(start) == 8 else 0
        if start[:1] == b"\x80" or start[:4] == b"PK\x03\x04":  # the first bytes of a pickle, and of torch.save's zip
            raise InvalidInput("checkpoint_pickle", field)
        if not 2 <= length <= MAX_HEADER:
            raise InvalidInput("checkpoint_not_one", field)
        raw = file.read(length)
    try:
        table = json.loads(raw, object_pairs_hook=_without_duplicates)
        metadata = table.pop("__metadata__", {})
    except (ValueError, AttributeError, RecursionError):
        raise InvalidInput("checkpoint_not_one", field) from None
    if not isinstance(metadata, dict) or metadata.get("format") != FORMAT:
        raise InvalidInput("checkpoint_format", field, format=FORMAT)
    return metadata, table


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) != len(pairs):
        raise ValueError("duplicate keys")
    return table


def _expected(architecture: LanguageModelConfig, vocab_size: int) -> dict[str, list[int]]:
    """The shape of every tensor that a model of this architecture has."""
    model = LanguageModel(architecture, vocab_size, device="meta")
    return {f"model.{name}": list(tensor.shape) for name, tensor in model.state_dict().items()}


def _check_shapes(tensors: Mapping[str, Any], expected: Mapping[str, list[int]], field: str) -> None:
    """Weights must be exactly the expected float32 ones; what training keeps must fit them."""
    found = {name: tensor for name, tensor in tensors.items() if name.startswith("model.")}
    if found.keys() != expected.keys():
        odd = sorted(found.keys() ^ expected.keys())[0]
        raise InvalidInput("checkpoint_names", field, value=echo(odd))
    for name, tensor in tensors.items():
        if name.startswith("model."):
            shapes, dtype = [expected[name]], "F32"
        elif name == "generator":
            shapes, dtype = [list(GENERATOR_STATE)], "U8"
        elif name.startswith("carried.") and name.count(".") == 1:
            shapes, dtype = [tensor.get("shape") if _is_state(tensor.get("shape")) else None], "F32"
        else:
            parameter = "model." + name.removeprefix("optimizer.").rpartition(".")[0]
            shapes, dtype = [expected.get(parameter), []], "F32"
        if tensor.get("dtype") != dtype or tensor.get("shape") not in [s for s in shapes if s is not None]:
            raise InvalidInput("checkpoint_shape", field, value=echo(name), shape=echo(tensor.get("shape")))


def _is_state(shape: object) -> bool:
    """Whether `shape` may be a hidden state's, (L·D, B, H), of a size that we make."""
    return isinstance(shape, list) and len(shape) == 3 and all(isinstance(n, int) and 0 < n <= 2**14 for n in shape)


def _read_tensors(path: Path, field: str) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """The weights and what resuming needs, all finite."""
    try:
        tensors = load_file(path)
    except SafetensorError as error:
        raise InvalidInput("checkpoint_damaged", field, value=echo(str(error), 120)) from None
    for name, tensor in tensors.items():
        if tensor.is_floating_point() and not tensor.isfinite().all():
            raise InvalidInput("checkpoint_not_finite", field, value=echo(name))
    weights = {name.removeprefix("model."): t for name, t in tensors.items() if name.startswith("model.")}
    return weights, {name: t for name, t in tensors.items() if not name.startswith("model.")}
