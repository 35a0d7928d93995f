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
import math
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from rnnlab.models import LanguageModel, LanguageModelConfig
from rnnlab.text import Vocab
from rnnlab.validation import InvalidInput, echo

FORMAT = "rnnlab language model 1"
MAX_HEADER = 32 * 2**20  # bytes: room for every character that there is, and for a history of 100,000 epochs
MAX_VALUES = 2_000_000  # in the header: in memory a small value takes twenty times its bytes in the file
MOMENTS = ("step", "exp_avg", "exp_avg_sq")  # what Adam keeps for each weight; plain SGD keeps nothing
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
    path = Path(os.path.realpath(path))  # through a link, so that the link stays one
    if path.exists() and not path.is_file():
        raise FileExistsError(f"{path} is a folder or a device, not a file; give the path of a file to write")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"{path.parent} is not a folder; make it first")
    content = to_bytes(checkpoint)
    temporary = path.with_name(f".{secrets.token_hex(8)}.tmp")  # beside `path`: a rename does not cross disks
    try:
        with open(temporary, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def to_bytes(checkpoint: Checkpoint) -> bytes:
    """What `save` writes, for whoever sends it elsewhere."""
    return safetensors.torch.save(_tensors(checkpoint), _metadata(checkpoint))


def _tensors(checkpoint: Checkpoint) -> dict[str, Tensor]:
    tensors = {f"model.{name}": tensor for name, tensor in checkpoint.weights.items()}
    return {name: t.contiguous() for name, t in (tensors | dict(checkpoint.training or {})).items()}


def _metadata(checkpoint: Checkpoint) -> dict[str, str]:
    content = {
        "config": dict(checkpoint.config),
        "vocabulary": checkpoint.vocab.tokens,
        "unknown": checkpoint.vocab.unknown_id is not None,
        "epoch": checkpoint.epoch,
        "history": [dict(row) for row in checkpoint.history],
        "text_digest": checkpoint.text_digest,
    }
    return {"format": FORMAT} | {name: json.dumps(value, ensure_ascii=False) for name, value in content.items()}


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
    path = Path(path)
    metadata, table = _read_header(path, field)
    try:
        content = {name: json.loads(metadata[name]) for name in CONTENT}
        vocab = Vocab.from_list(content["vocabulary"], unknown=content["unknown"] is True)
    except (KeyError, TypeError, ValueError, RecursionError):
        raise InvalidInput("checkpoint_header", field) from None
    if not all(fits(content[name]) for name, fits in CONTENT.items()):
        raise InvalidInput("checkpoint_header", field)
    architecture = _architecture(content["config"])
    _check_table(table, architecture, len(vocab), field)
    weights, training = _read_tensors(path, table, field)
    history = tuple(content["history"])
    return Checkpoint(
        content["config"], vocab, weights, content["epoch"], history, content["text_digest"], training or None
    )


def _is_row(row: Any) -> bool:
    """Whether `row` is one epoch of a curve: numbers, None, or lists of texts, by name."""
    return isinstance(row, dict) and _is_count(row.get("epoch")) and all(map(_is_plain, row.values()))


def _is_plain(value: Any) -> bool:
    if isinstance(value, list):
        return all(isinstance(item, str) for item in value)
    return value is None or (isinstance(value, int | float) and math.isfinite(value))


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value <= 10**9


# What the header holds besides the format, each as JSON, and how it is recognised.
CONTENT: Mapping[str, Callable[[Any], bool]] = {
    "config": lambda value: isinstance(value, dict) and all(isinstance(text, str) for text in value.values()),
    "vocabulary": lambda value: isinstance(value, list),  # Vocab.from_list looks at the rest
    "unknown": lambda value: isinstance(value, bool),
    "epoch": _is_count,
    "history": lambda value: isinstance(value, list) and all(map(_is_row, value)),
    "text_digest": lambda value: isinstance(value, str),
}


def _architecture(config: Mapping[str, str]) -> LanguageModelConfig:
    names = {item.name for item in fields(LanguageModelConfig)}
    return LanguageModelConfig.from_strings({name: text for name, text in config.items() if name in names})


def _read_header(path: Path, field: str) -> tuple[dict[str, str], dict[str, Any]]:
    """The header's metadata and its table of tensors ({name: {dtype, shape, data_offsets}})."""
    try:
        if not path.is_file():  # a folder; or a pipe or a device, which might never end
            raise InvalidInput("checkpoint_file", field, value=echo(str(path)))
        with open(path, "rb") as file:
            start = file.read(8)
            length = int.from_bytes(start, "little") if len(start) == 8 else 0
            raw = file.read(length) if 2 <= length <= MAX_HEADER else b""
    except (OSError, ValueError):  # ValueError: a NUL in the path
        raise InvalidInput("checkpoint_file", field, value=echo(str(path))) from None
    if len(raw) != length or raw[:1] != b"{":
        # The first bytes of a pickle, and of torch.save's zip. A length may begin like a pickle, so it is asked first.
        if start[:1] == b"\x80" or start[:4] == b"PK\x03\x04":
            raise InvalidInput("checkpoint_pickle", field)
        raise InvalidInput("checkpoint_not_one", field)
    if sum(raw.count(mark) for mark in (b",", b"[", b"{")) > MAX_VALUES:
        raise InvalidInput("checkpoint_header", field)
    try:
        table = json.loads(raw, object_pairs_hook=_without_duplicates)
        metadata = table.pop("__metadata__", {})
    except (ValueError, RecursionError):
        raise InvalidInput("checkpoint_not_one", field) from None
    if not isinstance(metadata, dict) or metadata.get("format") != FORMAT:
        raise InvalidInput("checkpoint_format", field, format=FORMAT)
    return metadata, table


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) != len(pairs):
        raise ValueError("duplicate keys")
    return table


def _check_table(table: Mapping[str, Any], architecture: LanguageModelConfig, vocab_size: int, field: str) -> None:
    """The file must hold exactly the model's weights, and either nothing else or all that training goes on with."""
    shapes = _shapes(architecture, vocab_size)
    moments = {
        f"optimizer.{name}.{key}": [] if key == "step" else shape for name, shape in shapes.items() for key in MOMENTS
    }
    weights = {f"model.{name}": shape for name, shape in shapes.items()}
    carried = [name for name in _carried(architecture) if name in table]
    wanted = weights.keys()
    if "generator" in table:
        wanted = wanted | {"generator", *carried} | (moments.keys() if moments.keys() & table.keys() else set())
    if table.keys() != wanted:
        raise InvalidInput("checkpoint_names", field, value=echo(min(table.keys() ^ wanted)))
    state = [architecture.num_layers * (2 if architecture.bidirectional else 1), None, architecture.hidden_size]
    wanted_shapes = weights | moments | dict.fromkeys(carried, state) | {"generator": list(GENERATOR_STATE)}
    for name, tensor in table.items():
        tensor = tensor if isinstance(tensor, dict) else {}
        dtype, shape = "U8" if name == "generator" else "F32", tensor.get("shape")
        if tensor.get("dtype") != dtype or not _has_shape(shape, wanted_shapes[name]):
            raise InvalidInput("checkpoint_shape", field, value=echo(name), shape=echo(shape))


def _has_shape(shape: Any, wanted: list[int | None]) -> bool:
    """Whether `shape` is `wanted`, in which None is any number of rows."""
    return (
        isinstance(shape, list)
        and len(shape) == len(wanted)
        and all(_is_count(n) and n in (n if w is None else w,) for n, w in zip(shape, wanted, strict=True))
    )


def _shapes(architecture: LanguageModelConfig, vocab_size: int) -> dict[str, list[int]]:
    """The shape of every weight that a model of this architecture has."""
    model = LanguageModel(architecture, vocab_size, device="meta")
    return {name: list(tensor.shape) for name, tensor in model.state_dict().items()}


def _carried(architecture: LanguageModelConfig) -> list[str]:
    """The names of the tensors of a hidden state: h, and for the LSTM c."""
    return ["carried.0", "carried.1"] if architecture.model == "lstm" else ["carried.0"]


def _read_tensors(path: Path, table: Mapping[str, Any], field: str) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """The weights and what resuming needs, all finite and such as training makes them."""
    try:
        tensors = load_file(path, backend="pread")  # a mapped file that somebody shortens would crash the process
        if {name: list(t.shape) for name, t in tensors.items()} != {name: t["shape"] for name, t in table.items()}:
            raise InvalidInput("checkpoint_damaged", field, value="it changed while it was read")
        if "generator" in tensors:
            torch.Generator().set_state(tensors["generator"])
    except (SafetensorError, RuntimeError, OSError) as error:
        raise InvalidInput("checkpoint_damaged", field, value=echo(str(error), 120)) from None
    for name, tensor in tensors.items():
        if tensor.is_floating_point() and not tensor.isfinite().all():
            raise InvalidInput("checkpoint_not_finite", field, value=echo(name))
        if name.endswith((".step", ".exp_avg_sq")) and (tensor < 0).any():  # a count and a mean of squares
            raise InvalidInput("checkpoint_damaged", field, value=echo(f"{name} is negative"))
    weights = {name.removeprefix("model."): t for name, t in tensors.items() if name.startswith("model.")}
    return weights, {name: t for name, t in tensors.items() if not name.startswith("model.")}
