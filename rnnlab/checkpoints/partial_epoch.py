"""An epoch in progress, as a part of a language model's file: what an interrupted run needs to go on within it.

partial.model.*, partial.optimizer.*, partial.carried.*, partial.generator   the state after the last minibatch
partial.nlls, partial.norms                                                  what each minibatch gave
header `partial`                                                             seconds, clipped, progress

The generator's state at the beginning of the epoch is that of the checkpoint around it. So the epoch's minibatches can
be drawn again, and the events of those that are done be repeated without computing them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from rnnlab.checkpoints.files import is_count, is_number
from rnnlab.perplexity import MAX_EXPONENT
from rnnlab.recurrent import without_markers
from rnnlab.validation import InvalidInput

PREFIX = "partial."
PROGRESS_FIELDS = {"step", "held_out_perplexity", "samples"}


@dataclass(frozen=True)
class PartialEpoch:
    """The state of a run after some minibatches of an epoch, and what they gave."""

    weights: Mapping[str, Tensor]  # the model's state_dict
    training: Mapping[str, Tensor]  # optimizer.*, carried.* and generator
    nlls: Tensor  # (steps,) mean NLL of each minibatch in nats
    norms: Tensor  # (steps,) norm of each gradient before clipping
    seconds: float = 0.0  # of training
    clipped: int = 0  # minibatches whose gradient was clipped
    progress: tuple[Mapping[str, Any], ...] = ()  # the interim evaluations: step, held_out_perplexity, samples

    def __len__(self) -> int:
        """Return the number of minibatches that are done."""
        return len(self.nlls)

    def tensors(self) -> dict[str, Tensor]:
        """Return all tensors by their names in the file."""
        model = {f"model.{name}": tensor for name, tensor in without_markers(self.weights).items()}
        own = model | dict(self.training) | {"nlls": self.nlls, "norms": self.norms}
        return {PREFIX + name: tensor for name, tensor in own.items()}

    def header(self) -> dict[str, Any]:
        """Return the entry of the file's header."""
        progress = [dict(row) for row in self.progress]
        return {"seconds": self.seconds, "clipped": self.clipped, "progress": progress}


def is_partial(value: Any) -> bool:
    """Return whether `value` is what `PartialEpoch.header` returns, or None: the file has no partial epoch."""
    if value is None:
        return True
    return (
        isinstance(value, dict)
        and value.keys() == {"seconds", "clipped", "progress"}
        and is_number(value["seconds"])
        and value["seconds"] >= 0
        and is_count(value["clipped"])
        and isinstance(value["progress"], list)
        and all(map(_is_progress, value["progress"]))
    )


def _is_progress(row: Any) -> bool:
    return (
        isinstance(row, dict)
        and row.keys() == PROGRESS_FIELDS
        and is_count(row["step"])
        and (row["held_out_perplexity"] is None or is_number(row["held_out_perplexity"]))
        and isinstance(row["samples"], list)
        and all(isinstance(sample, str) for sample in row["samples"])
    )


def read_partial(tensors: Mapping[str, Tensor], header: Mapping[str, Any] | None, field: str) -> PartialEpoch | None:
    """Return the partial epoch of a file's checked tensors and header, if it has one. Raises InvalidInput."""
    own = {name.removeprefix(PREFIX): tensor for name, tensor in tensors.items() if name.startswith(PREFIX)}
    if not own and header is None:
        return None
    if not own or header is None:
        raise InvalidInput("checkpoint_header", field)
    nlls, norms = own.pop("nlls"), own.pop("norms")
    if len(nlls) != len(norms) or not ((nlls >= 0) & (nlls < MAX_EXPONENT)).all():
        raise InvalidInput("checkpoint_damaged", field, value=PREFIX + "nlls")
    return PartialEpoch(
        weights={name.removeprefix("model."): t for name, t in own.items() if name.startswith("model.")},
        training={name: t for name, t in own.items() if not name.startswith("model.")},
        nlls=nlls,
        norms=norms,
        seconds=header["seconds"],
        clipped=header["clipped"],
        progress=tuple(header["progress"]),
    )
