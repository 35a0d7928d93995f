"""Write safetensors files atomically, and check them before use, for every kind of model.

Nothing is unpickled, so a file from a stranger cannot run code. A safetensors file can still be wrong in many ways
(another model's shapes, duplicate keys, NaN, a header that states gigabytes), so the header is checked before any
weight is read.
"""

from __future__ import annotations

import glob
import json
import math
import os
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from rnnlab.limits import MAX_HEADER_BYTES, MAX_HEADER_COUNT, MAX_HEADER_NUMBER, MAX_HEADER_VALUES
from rnnlab.validation import InvalidInput, echo

MAX_NAME_PREFIX = 50  # characters of a file's name in the name of its temporary file; a name has at most 255 bytes
GENERATOR = "generator"  # the end of the names of the only tensors of bytes; all others are float32
GENERATOR_STATE = torch.Generator().get_state().shape  # of a CPU generator

Shape = Sequence[int | None]  # None: any number of rows
Shapes = Mapping[str, Shape]  # by the name of the tensor
Content = Mapping[str, Callable[[Any], bool]]  # the entries of a header, each with the check of its value


def write_file(path: str | os.PathLike[str], content: bytes, mode: int = 0o666) -> None:
    """Write `content` to `path` atomically: readers find either the old file or the new one, whole.

    mode: the file's permissions, from which the process's umask is subtracted.

    Raises OSError if the disk is full or not writable; the old file is then unchanged.
    """
    path = _writable(path)
    prefix = f".{path.name[:MAX_NAME_PREFIX]}."
    _remove_stale(path.parent, prefix)
    # In the same folder, because a rename cannot cross disks; with a random name, because others may save there, too.
    temporary = path.with_name(f"{prefix}{secrets.token_hex(8)}.tmp")
    try:
        with open(temporary, "xb", opener=partial(os.open, mode=mode)) as file:
            with suppress(OSError):  # some network disks have no locks; then no file is ever considered stale
                _lock(file)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _remove_stale(folder: Path, prefix: str) -> None:
    """Remove the temporary files of killed saves: those with content that no process has locked.

    The system releases the locks of an ended process. A file without content may be new and not locked yet.
    """
    for temporary in folder.glob(f"{glob.escape(prefix)}{'?' * 16}.tmp"):
        with suppress(OSError):  # it is locked, removed meanwhile, or owned by another user
            if temporary.lstat().st_size and not temporary.is_symlink() and temporary.is_file():
                with temporary.open("rb") as file:
                    _lock(file)
                temporary.unlink()


def _lock(file: BinaryIO) -> None:
    """Lock `file` until it is closed; raise OSError if another process has locked it."""
    try:
        import fcntl
    except ImportError:  # Windows, where an open file cannot be removed
        return
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _writable(path: str | os.PathLike[str]) -> Path:
    """Resolve `path`; raise OSError if no file can be written there."""
    path = Path(os.path.realpath(path))  # the target of a link, so that the link remains
    if path.exists() and not path.is_file():
        raise FileExistsError(f"{path} is a folder or a device, not a file; give the path of a file to write")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"{path.parent} is not a folder; make it first")
    return path


def _sync_folder(folder: Path) -> None:
    """Make a rename in `folder` survive a power cut; on Windows a folder cannot be opened for this."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@dataclass(frozen=True)
class Header:
    """The header of a safetensors file."""

    metadata: dict[str, str]
    table: dict[str, Any]  # of the tensors: {name: {dtype, shape, data_offsets}}
    raw: bytes = field(repr=False)  # the whole header with its length


def open_file(path: Path, field: str) -> BinaryIO:
    """Open a file for reading its header and its tensors; raise InvalidInput if that is impossible.

    Both are read through the same handle, because a save may replace the file meanwhile. (On Windows such a save fails
    while the file is open, and the old file remains.)
    """
    with suppress(OSError, ValueError):  # ValueError for a NUL in the path
        if path.is_file():  # not a pipe or a device, which might never end
            return open(path, "rb")
    raise InvalidInput("checkpoint_file", field, value=echo(str(path)))


def read_header(file: BinaryIO, format: str, field: str) -> Header:
    """Read the header of a newly opened file; raise InvalidInput if it is damaged or of another format."""
    try:
        start = file.read(8)
        length = int.from_bytes(start, "little") if len(start) == 8 else 0
        raw = file.read(length) if 2 <= length <= MAX_HEADER_BYTES else b""
    except OSError as error:
        raise InvalidInput("checkpoint_damaged", field, value=echo(str(error), 120)) from None
    if len(raw) != length or raw[:1] != b"{":
        # The first bytes of a pickle, and of torch.save's zip; checked last, because a length may begin like a pickle.
        if start[:1] == b"\x80" or start[:4] == b"PK\x03\x04":
            raise InvalidInput("checkpoint_pickle", field)
        raise InvalidInput("checkpoint_not_one", field)
    if sum(raw.count(mark) for mark in (b",", b"[", b"{")) > MAX_HEADER_VALUES:
        raise InvalidInput("checkpoint_header", field)
    try:
        table = json.loads(raw, object_pairs_hook=_without_duplicates)
        metadata = table.pop("__metadata__", {})
    except (ValueError, RecursionError):
        raise InvalidInput("checkpoint_not_one", field) from None
    if not isinstance(metadata, dict) or metadata.get("format") != format:
        raise InvalidInput("checkpoint_format", field, format=format)
    return Header(metadata, table, start + raw)


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make a dict of `pairs`; raise ValueError for duplicate keys, of which JSON readers keep only one."""
    table = dict(pairs)
    if len(table) != len(pairs):
        raise ValueError("duplicate keys")
    return table


def write_content(format: str, content: Mapping[str, Any]) -> dict[str, str]:
    """Return the metadata of a header: the format, and the entries of `content` as JSON."""
    return {"format": format} | {name: json.dumps(value, ensure_ascii=False) for name, value in content.items()}


def without_tensors(format: str, extra: Mapping[str, str]) -> bytes:
    """Return the bytes of a file with a header and no tensors."""
    return save({}, {"format": format, **extra})


def read_content(metadata: Mapping[str, str], wanted: Content, field: str) -> dict[str, Any]:
    """Return the entries of `write_content`; raise InvalidInput if one is missing or fails its check."""
    try:
        content = {name: json.loads(metadata[name]) for name in wanted}
    except (KeyError, TypeError, ValueError, RecursionError):
        raise InvalidInput("checkpoint_header", field) from None
    if not all(is_valid(content[name]) for name, is_valid in wanted.items()):
        raise InvalidInput("checkpoint_header", field)
    return content


def is_config(value: Any) -> bool:
    """Return whether `value` is a configuration: texts by the names of settings."""
    return isinstance(value, dict) and all(isinstance(text, str) for text in value.values())


def is_history(value: Any) -> bool:
    """Return whether `value` is a curve: one row for each epoch."""
    return isinstance(value, list) and all(map(_is_row, value))


def _is_row(row: Any) -> bool:
    """Return whether `row` is one epoch of a curve: numbers, None, lists of texts, or places in them, by name."""
    return isinstance(row, dict) and is_count(row.get("epoch")) and all(map(_is_plain, row.values()))


def _is_plain(value: Any) -> bool:
    """Return whether `value` is a finite number, None, a list of texts, or one of places per text."""
    if isinstance(value, list):
        return all(isinstance(item, str) for item in value) or are_places(value)
    return value is None or is_number(value)


def are_places(value: Any) -> bool:
    """Return whether `value` holds, for each of some texts, a list of runs: beginning and end."""
    return isinstance(value, list) and all(isinstance(own, list) and all(map(_is_place, own)) for own in value)


def _is_place(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(map(is_count, value))


def is_number(value: Any) -> bool:
    """Return whether `value` is a finite number; an integer must also fit into a float."""
    return isinstance(value, int | float) and abs(value) < MAX_HEADER_NUMBER


def is_digest(value: Any) -> bool:
    """Return whether `value` is a SHA-256 digest in hexadecimal digits, or empty."""
    return isinstance(value, str) and re.fullmatch(r"(?:[0-9a-f]{64})?", value) is not None


def is_count(value: Any) -> bool:
    """Return whether `value` is a whole number from 0 to MAX_HEADER_COUNT."""
    return type(value) is int and 0 <= value <= MAX_HEADER_COUNT


def check_table(table: Mapping[str, Any], shapes: Shapes, field: str) -> None:
    """Raise InvalidInput unless the table has exactly the tensors of `shapes`, with these shapes."""
    if table.keys() != shapes.keys():
        raise InvalidInput("checkpoint_names", field, value=echo(min(table.keys() ^ shapes.keys())))
    for name, tensor in table.items():
        tensor = tensor if isinstance(tensor, dict) else {}
        dtype, shape = "U8" if name.endswith(GENERATOR) else "F32", tensor.get("shape")
        if tensor.get("dtype") != dtype or not _has_shape(shape, shapes[name]):
            raise InvalidInput("checkpoint_shape", field, value=echo(name), shape=echo(shape))


def _has_shape(shape: Any, wanted: Shape) -> bool:
    """Return whether `shape` from a header equals `wanted`, in which None is any number."""
    return (
        isinstance(shape, list)
        and len(shape) == len(wanted)
        and all(is_count(n) and n in (n if w is None else w,) for n, w in zip(shape, wanted, strict=True))
    )


def read_tensors(file: BinaryIO, header: Header, field: str) -> dict[str, Tensor]:
    """Read the tensors of a checked header; raise InvalidInput for values that training never produces."""
    sizes = (math.prod(about["shape"]) * (1 if name.endswith(GENERATOR) else 4) for name, about in header.table.items())
    try:
        # One byte more, because bytes after the tensors are an error; but no more than the file has.
        here, there_are = file.tell(), file.seek(0, os.SEEK_END)
        file.seek(here)
        size = min(sum(sizes) + 1, there_are)
        tensors = load(header.raw + file.read(size))
        for name in (name for name in tensors if name.endswith(GENERATOR)):
            torch.Generator().set_state(tensors[name])
    except (SafetensorError, RuntimeError, OSError) as error:
        raise InvalidInput("checkpoint_damaged", field, value=echo(str(error), 120)) from None
    for name, tensor in tensors.items():
        if tensor.is_floating_point() and not tensor.isfinite().all():
            raise InvalidInput("checkpoint_not_finite", field, value=echo(name))
        if name.endswith((".step", ".exp_avg_sq", ".square_avg")) and (tensor < 0).any():  # a count, a mean of squares
            raise InvalidInput("checkpoint_damaged", field, value=echo(f"{name} is negative"))
    return tensors
