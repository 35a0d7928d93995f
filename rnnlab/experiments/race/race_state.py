"""The state of a race after an epoch: what all lanes go on from, in this process or in a later one.

state.json            of each lane what its trainer does not know: its clock, its end; and the marks that it has passed
lane-0.safetensors …  the trainer of each lane, a checkpoint as of any training
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor

from rnnlab import checkpoints
from rnnlab.checkpoints import Checkpoint
from rnnlab.checkpoints.files import GENERATOR_STATE, is_count, is_number
from rnnlab.experiments.race.events import Epoch
from rnnlab.limits import MAX_RACE_LANES
from rnnlab.validation import InvalidInput

STATE = "state.json"
ENDS = ("", "finish", "epochs", "stalled", "retired")  # of a lane; "": it goes on

Read = Callable[[str], bytes]  # returns a file by its name


@dataclass(frozen=True)
class LaneState:
    """A lane after an epoch."""

    checkpoint: Checkpoint
    minibatches: Tensor  # the state of the generator that draws them
    seconds: float
    characters: int
    last: Epoch | None  # its last whole epoch
    end: str  # one of ENDS


@dataclass(frozen=True)
class RaceState:
    """All lanes after an epoch, and at which epoch each lane has passed each mark."""

    epoch: int  # of the lane that is furthest
    lanes: tuple[LaneState, ...]
    splits: Mapping[float, Mapping[str, int]]

    def to_files(self) -> dict[str, bytes]:
        """Return the state as files, without settings and text."""
        lanes = [
            {
                "minibatches": base64.b64encode(bytes(lane.minibatches.tolist())).decode(),
                "seconds": lane.seconds,
                "characters": lane.characters,
                "last": None if lane.last is None else asdict(lane.last),
                "end": lane.end,
            }
            for lane in self.lanes
        ]
        splits = [[mark, dict(epochs)] for mark, epochs in self.splits.items()]
        files = {lane_file(i): checkpoints.to_bytes(lane.checkpoint) for i, lane in enumerate(self.lanes)}
        return files | {STATE: json.dumps({"epoch": self.epoch, "lanes": lanes, "splits": splits}).encode()}


def state_from(read: Read) -> RaceState:
    """Read the files of `RaceState.to_files`. Raises InvalidInput if they are damaged, and OSError."""
    try:
        known = json.loads(read(STATE))
        facts = known["lanes"]
        lanes = [_lane_state(lane, read(lane_file(i))) for i, lane in enumerate(facts[:MAX_RACE_LANES])]
        splits = {float(mark): {str(lane): int(at) for lane, at in given.items()} for mark, given in known["splits"]}
        epoch = int(known["epoch"])
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
        raise InvalidInput("stored_run", "race") from None
    return RaceState(epoch, tuple(lanes), splits)


def _lane_state(facts: Mapping[str, Any], content: bytes) -> LaneState:
    """Raises InvalidInput, KeyError, TypeError or ValueError for what is damaged."""
    state = torch.tensor(list(base64.b64decode(facts["minibatches"], validate=True)), dtype=torch.uint8)
    last = None if facts["last"] is None else Epoch(**facts["last"])
    valid = state.shape == GENERATOR_STATE and is_number(facts["seconds"]) and is_count(facts["characters"])
    if not valid or facts["end"] not in ENDS:
        raise ValueError("no state of a lane")
    checkpoint = checkpoints.from_bytes(content, "race")
    return LaneState(checkpoint, state, float(facts["seconds"]), facts["characters"], last, facts["end"])


def lane_file(number: int) -> str:
    """Return the name of a lane's checkpoint."""
    return f"lane-{number}.safetensors"
