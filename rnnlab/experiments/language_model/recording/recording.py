"""A run's memory of itself: the files of its epochs, in a folder or in a zip file.

epoch-00007.safetensors     what was recorded of an epoch (`checkpoints.recorded_epoch`)
surprise-00004.safetensors  the surprise of every character, at few epochs
weights-00007.safetensors   the weights after it, in half precision, of about 40 epochs
state-00008.safetensors     the whole state after an epoch, to train on from: a checkpoint that can be resumed
recording.json              the settings with their changes while the run trained, and the digest of its text
lstm/                       the recording of another training, done like this one but for its cell (`other_cells`)
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from torch import Tensor

from rnnlab import checkpoints, limits
from rnnlab.checkpoints import Checkpoint
from rnnlab.checkpoints.recorded_epoch import (
    RecordedEpoch,
    surprise_from_bytes,
    surprise_to_bytes,
    weights_from_bytes,
    weights_to_bytes,
)
from rnnlab.experiments.language_model.recording.files import Files, Folder, ZipFile, write_zip
from rnnlab.experiments.language_model.recording.index import INDEX, Index
from rnnlab.experiments.language_model.recording.spacing import least_needed
from rnnlab.validation import InvalidInput

FILE = re.compile(r"(epoch|surprise|weights|state)-(\d{5,9})\.safetensors")


class Recording:
    """The recorded epochs in a folder, which is made with the first one. One thread writes, any thread reads."""

    def __init__(self, where: Path | Files, max_bytes: int = limits.MAX_RECORDING_BYTES) -> None:
        """Find what is recorded there already."""
        self.files: Files = Folder(where) if isinstance(where, Path) else where
        self.max_bytes = max_bytes
        self._index: Index | None = None
        self.on_end: Callable[[str], None] = lambda reason: None  # called when the disk takes no more
        self._writing = threading.Lock()  # held while a file is written, and while all are removed
        self._sizes: dict[tuple[str, int], int] = {}
        for name, size in self.files.sizes().items():
            if found := FILE.fullmatch(name):
                self._sizes[found[1], int(found[2])] = size
        self._beside = {name: Recording(self.files.folder(name), max_bytes) for name in self.files.folders()}

    @classmethod
    def open(cls, path: Path) -> Recording:
        """Open a recording that `save` has written, or the folder of one. Raises InvalidInput."""
        recording = cls(path if path.is_dir() else ZipFile(path))
        assert recording.index  # raises InvalidInput where there is none
        return recording

    def save(self, path: Path, *, without: tuple[str, ...] = ()) -> None:
        """Write all as one zip file, without the kinds in `without`: "weights", "state". Raises OSError."""
        write_zip(self.files, path, {}, without=without)

    @property
    def epochs(self) -> list[int]:
        """Return the epochs of which something is recorded, ascending."""
        return self._of_kind("epoch")

    @property
    def weighted(self) -> list[int]:
        """Return the epochs whose weights are kept, ascending."""
        return self._of_kind("weights")

    @property
    def surprised(self) -> list[int]:
        """Return the epochs of which the surprise of every character is kept, ascending."""
        return self._of_kind("surprise")

    @property
    def states(self) -> list[int]:
        """Return the epochs after which the whole state is kept, ascending."""
        return self._of_kind("state")

    def _of_kind(self, kind: str) -> list[int]:
        return sorted(epoch for other, epoch in list(self._sizes) if other == kind)

    @property
    def nbytes(self) -> int:
        """Return the bytes of the files, and of the recordings beside it."""
        return sum(list(self._sizes.values())) + sum(other.nbytes for other in list(self._beside.values()))

    def beside(self, name: str) -> Recording:
        """Return the recording of another training that belongs to this run: it goes when this one does.

        It is always the same object. Raises OSError where nothing can be written.
        """
        with self._writing:
            if name not in self._beside:
                self._beside[name] = Recording(self.files.folder(name), self.max_bytes)
            return self._beside[name]

    @property
    def index(self) -> Index:
        """Return what is known of the run. Raises InvalidInput if that is missing or damaged."""
        if self._index is None:
            try:
                self._index = Index.from_json(self.files.read(INDEX))
            except OSError:
                raise InvalidInput("recording_missing", "recording") from None
        return self._index

    def epoch(self, epoch: int) -> RecordedEpoch:
        """Return what was recorded of `epoch`. Raises InvalidInput if there is nothing or if it is damaged."""
        found = RecordedEpoch.from_bytes(self._read("epoch", epoch), name_of("epoch", epoch))
        numbers = [found.probe[name] for name in ("ids", "expected") if found.probe]
        if any(((ids < 0) | (ids >= len(self.index.vocab))).any() for ids in numbers):
            raise InvalidInput("recording_damaged", name_of("epoch", epoch))
        if ("surprise", epoch) not in self._sizes:
            return found
        surprise = surprise_from_bytes(self._read("surprise", epoch), name_of("surprise", epoch))
        return replace(found, surprise=surprise)

    def weights(self, epoch: int) -> dict[str, Tensor]:
        """Return the weights after `epoch`, rounded to half precision. Raises InvalidInput if they are not kept."""
        return weights_from_bytes(self._read("weights", epoch), name_of("weights", epoch))

    def state(self, epoch: int) -> Checkpoint:
        """Return the whole state after `epoch`. Raises InvalidInput if it is missing or damaged."""
        return checkpoints.from_bytes(self._read("state", epoch), name_of("state", epoch))

    def _read(self, kind: str, epoch: int) -> bytes:
        try:
            return self.files.read(name_of(kind, epoch))
        except OSError:
            raise InvalidInput("epoch_not_recorded", "epoch", value=epoch) from None

    def set_index(self, index: Index) -> None:
        """Write what is known of the run. Raises OSError."""
        self._index = index
        self.files.write(INDEX, index.to_json().encode())

    def add(self, recorded: RecordedEpoch, weights: Mapping[str, Tensor]) -> None:
        """Write an epoch and its weights, and drop those that are no longer needed. Raises OSError."""
        self._add("epoch", recorded.epoch, recorded.to_bytes())
        self._add("weights", recorded.epoch, weights_to_bytes(weights))
        self._thin("weights", limits.MAX_RECORDED_WEIGHTS, limits.MAX_RECORDED_WEIGHTS_SHARE)
        self._thin("epoch", None, 1 - limits.MAX_RECORDED_WEIGHTS_SHARE - limits.MAX_RECORDED_STATES_SHARE)

    def wants_state(self, epoch: int, nbytes: int) -> bool:
        """Return whether the whole state after `epoch`, of so many bytes, is to be kept."""
        every = self._states_every(epoch, nbytes)
        return every > 0 and epoch % every == 0

    def add_surprise(self, epoch: int, surprise: Mapping[str, Tensor]) -> None:
        """Write the surprise of an epoch that is recorded. Raises OSError."""
        if ("epoch", epoch) in self._sizes:  # it may have been dropped meanwhile
            self._add("surprise", epoch, surprise_to_bytes(surprise))

    def add_state(self, epoch: int, content: bytes) -> None:
        """Write the whole state after `epoch`, and drop others so that every nth epoch has one. Raises OSError."""
        self._add("state", epoch, content)
        every = self._states_every(epoch, len(content))
        for other in self.states:
            if not every or other % every:
                self._remove("state", other)

    def _states_every(self, epoch: int, nbytes: int) -> int:
        """Return the n of which every nth epoch up to `epoch` has room for its state: a power of two; 0: none has.

        At least 2: writing costs a hundredth of the time of training, and one epoch is soon trained anew.
        """
        number = int(self.max_bytes * limits.MAX_RECORDED_STATES_SHARE // max(1, nbytes))
        return max(2, _power_of_two(epoch / number)) if number else 0

    def rewind(self, epoch: int) -> None:
        """Forget what comes after `epoch`: the run goes on from there."""
        for kind, number in list(self._sizes):
            if number > epoch:
                self._remove(kind, number)
        for other in list(self._beside.values()):
            other.rewind(epoch)

    def remove(self) -> None:
        """Remove all files. What is still being measured is not written any more, until the index is set again."""
        for other in list(self._beside.values()):
            other.remove()
        with self._writing:
            self._index = None
            for kind, number in list(self._sizes):
                self._remove(kind, number)
            self.files.remove(INDEX)

    def _thin(self, kind: str, number: int | None, share: float) -> None:
        """Keep at most `number` files of a kind, and at most that share of `max_bytes`; the first and the last stay."""
        epochs = self._of_kind(kind)
        while len(epochs) > 2 and (
            (number is not None and len(epochs) > number)
            or sum(self._sizes.get((kind, epoch), 0) for epoch in epochs) > share * self.max_bytes
        ):
            self._remove(kind, least_needed(epochs))
            epochs = self._of_kind(kind)

    def _add(self, kind: str, epoch: int, content: bytes) -> None:
        with self._writing:
            if self._index is not None:
                self.files.write(name_of(kind, epoch), content)
                self._sizes[kind, epoch] = len(content)

    def _remove(self, kind: str, epoch: int) -> None:
        self.files.remove(name_of(kind, epoch))
        self._sizes.pop((kind, epoch), None)
        if kind == "epoch" and ("surprise", epoch) in self._sizes:
            self._remove("surprise", epoch)


def name_of(kind: str, epoch: int) -> str:
    """Return the name of a file."""
    return f"{kind}-{epoch:05d}.safetensors"


def _power_of_two(least: float) -> int:
    """Return the smallest power of two that is not below `least`; at least 1."""
    found = 1
    while found < least:
        found *= 2
    return found


def describe(recording: Recording) -> dict[str, Any]:
    """Return plain data about a recording: its epochs, those with weights, and those with a whole state."""
    return {
        "epochs": recording.epochs,
        "weights": recording.weighted,
        "states": recording.states,
        "bytes": recording.nbytes,
    }
