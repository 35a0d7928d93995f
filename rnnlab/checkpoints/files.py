"""Reading and writing safetensors files safely, whatever model is in them.

Nothing is unpickled, so a file from a stranger can be wrong but not wicked; and because a safetensors file may
still be wrong in many ways (another model's shapes, duplicate keys, NaN, a header that promises gigabytes), the
header is checked before a single weight is read.
"""

from __future__ import annotations

import glob
import json
import math
import os
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from rnnlab.validation import InvalidInput, echo

MAX_HEADER = 32 * 2**20  # bytes: room for every character that there is, and for a history of 100,000 epochs
MAX_VALUES = 2_000_000  # in the header: in memory a small value takes twenty times its bytes in the file
LARGEST = 1e300  # number in the header
NAME_KEPT = 50  # characters of a file's name that its temporary file has, too: a name is of 255 bytes at most
GENERATOR = "generator"  # the one tensor of bytes; all others are float32
GENERATOR_STATE = torch.Generator().get_state().shape  # bytes of a CPU generator's state

Shapes = Mapping[str, list[int | None]]  # None is any number of rows
Content = Mapping[str, Callable[[Any], bool]]  # what a header holds besides its format, and how it is recognised


def write_file(path: str | os.PathLike[str], content: bytes, mode: int = 0o666) -> None:
    """Write `content` so that at any moment `path` holds either the old file or the new one, whole.

    `mode` is what the file permits whom, less what the process's umask forbids. Raises OSError when the disk will not
    take it; the old file is then untouched.
    """
    path = _writable(path)
    begins = f".{path.name[:NAME_KEPT]}."
    _remove_stale(path.parent, begins)
    # WithoutRecurrence `path`, for a rename does not cross disks; a new one, for others may be saving there, too.
    temporary = path.with_name(f"{begins}{secrets.token_hex(8)}.tmp")
    try:
        with open(temporary, "xb", opener=partial(os.open, mode=mode)) as file:
            with suppress(OSError):  # some network disks know no locks: then nothing is ever taken for stale
                _lock(file)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _remove_stale(folder: Path, begins: str) -> None:
    """Remove what saves to the same file have left that were killed: it has content, and nobody holds its lock.

    The system lets go of a lock when its process ends, however that happens. One that is just being made is empty.
    """
    for left in folder.glob(f"{glob.escape(begins)}{'?' * 16}.tmp"):
        with suppress(OSError):  # it is held; or gone, or not ours
            if left.lstat().st_size and not left.is_symlink() and left.is_file():
                with left.open("rb") as file:
                    _lock(file)
                left.unlink()


def _lock(file: BinaryIO) -> None:
    """Hold `file` until it is closed; raises OSError if somebody else does."""
    try:
        import fcntl
    except ImportError:  # Windows, where a file that somebody has open cannot be removed
        return
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _writable(path: str | os.PathLike[str]) -> Path:
    """`path` as the file that it stands for; raises OSError if no file can be there."""
    path = Path(os.path.realpath(path))  # through a link, so that the link stays one
    if path.exists() and not path.is_file():
        raise FileExistsError(f"{path} is a folder or a device, not a file; give the path of a file to write")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"{path.parent} is not a folder; make it first")
    return path


def _sync_folder(folder: Path) -> None:
    """Make a rename in `folder` survive a power cut (a folder cannot be opened for this on Windows)."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@dataclass(frozen=True)
class Header:
    """The beginning of a file."""

    metadata: dict[str, str]
    table: dict[str, Any]  # of its tensors: {name: {dtype, shape, data_offsets}}
    raw: bytes = field(repr=False)  # all of it, its length included


def open_file(path: Path, field: str) -> BinaryIO:
    """The file, opened once for its header and its tensors: a save may put another one in its place meanwhile.

    (On Windows such a save fails while the file is open, and leaves the old one.)
    """
    with suppress(OSError, ValueError):  # ValueError: a NUL in the path
        if path.is_file():  # and no folder; nor a pipe or a device, which might never end
            return open(path, "rb")
    raise InvalidInput("checkpoint_file", field, value=echo(str(path)))


def read_header(file: BinaryIO, format: str, field: str) -> Header:
    """The header of a file that was just opened, if it is of this format."""
    try:
        start = file.read(8)
        length = int.from_bytes(start, "little") if len(start) == 8 else 0
        raw = file.read(length) if 2 <= length <= MAX_HEADER else b""
    except OSError as error:
        raise InvalidInput("checkpoint_damaged", field, value=echo(str(error), 120)) from None
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
    if not isinstance(metadata, dict) or metadata.get("format") != format:
        raise InvalidInput("checkpoint_format", field, format=format)
    return Header(metadata, table, start + raw)


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) != len(pairs):
        raise ValueError("duplicate keys")
    return table


def write_content(format: str, content: Mapping[str, Any]) -> dict[str, str]:
    """The metadata of a header: its format, and everything else as JSON."""
    return {"format": format} | {name: json.dumps(value, ensure_ascii=False) for name, value in content.items()}


def without_tensors(format: str, also: Mapping[str, str]) -> bytes:
    """A file that has nothing but a header."""
    return save({}, {"format": format, **also})


def read_content(metadata: Mapping[str, str], wanted: Content, field: str) -> dict[str, Any]:
    """What `write_content` was given, if it is recognised as `wanted`."""
    try:
        content = {name: json.loads(metadata[name]) for name in wanted}
    except (KeyError, TypeError, ValueError, RecursionError):
        raise InvalidInput("checkpoint_header", field) from None
    if not all(fits(content[name]) for name, fits in wanted.items()):
        raise InvalidInput("checkpoint_header", field)
    return content


def is_config(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(text, str) for text in value.values())


def is_history(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_row, value))


def _is_row(row: Any) -> bool:
    """Whether `row` is one epoch of a curve: numbers, None, or lists of texts, by name."""
    return isinstance(row, dict) and is_count(row.get("epoch")) and all(map(_is_plain, row.values()))


def _is_plain(value: Any) -> bool:
    if isinstance(value, list):
        return all(isinstance(item, str) for item in value)
    return value is None or is_number(value)


def is_number(value: Any) -> bool:
    """Whether it is a finite number, and an integer also fits into a float."""
    return isinstance(value, int | float) and abs(value) < LARGEST


def is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value <= 10**9


def check_table(table: Mapping[str, Any], shapes: Shapes, field: str) -> None:
    """The file must hold exactly the tensors of `shapes`, with these shapes."""
    if table.keys() != shapes.keys():
        raise InvalidInput("checkpoint_names", field, value=echo(min(table.keys() ^ shapes.keys())))
    for name, tensor in table.items():
        tensor = tensor if isinstance(tensor, dict) else {}
        dtype, shape = "U8" if name == GENERATOR else "F32", tensor.get("shape")
        if tensor.get("dtype") != dtype or not _has_shape(shape, shapes[name]):
            raise InvalidInput("checkpoint_shape", field, value=echo(name), shape=echo(shape))


def _has_shape(shape: Any, wanted: list[int | None]) -> bool:
    return (
        isinstance(shape, list)
        and len(shape) == len(wanted)
        and all(is_count(n) and n in (n if w is None else w,) for n, w in zip(shape, wanted, strict=True))
    )


def read_tensors(file: BinaryIO, header: Header, field: str) -> dict[str, Tensor]:
    """The tensors of a header whose table was checked, all finite and such as training makes them."""
    sizes = (math.prod(about["shape"]) * (1 if name == GENERATOR else 4) for name, about in header.table.items())
    try:
        # One more, for whatever follows the tensors makes a file wrong; but room only for what the file has.
        most = min(sum(sizes) + 1, os.fstat(file.fileno()).st_size)
        tensors = load(header.raw + file.read(most))
        if GENERATOR in tensors:
            torch.Generator().set_state(tensors[GENERATOR])
    except (SafetensorError, RuntimeError, OSError) as error:
        raise InvalidInput("checkpoint_damaged", field, value=echo(str(error), 120)) from None
    for name, tensor in tensors.items():
        if tensor.is_floating_point() and not tensor.isfinite().all():
            raise InvalidInput("checkpoint_not_finite", field, value=echo(name))
        if name.endswith((".step", ".exp_avg_sq")) and (tensor < 0).any():  # a count and a mean of squares
            raise InvalidInput("checkpoint_damaged", field, value=echo(f"{name} is negative"))
    return tensors
