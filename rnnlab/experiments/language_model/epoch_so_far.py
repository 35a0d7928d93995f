"""What the minibatches of an epoch have given so far."""

from __future__ import annotations

from array import array
from typing import Any

from rnnlab.checkpoints import PartialEpoch


class EpochSoFar:
    """Losses and gradient norms of an epoch's minibatches, and the sums of them.

    Losses and norms come from float32 tensors, so an array of that type holds them exactly, and an epoch that repeats
    them from a `PartialEpoch` has the same sums.
    """

    def __init__(self, known: PartialEpoch | None) -> None:
        """Begin an epoch, whose first minibatches are `known` if it was interrupted."""
        self.known = known
        self.nlls, self.norms = array("f"), array("f")  # of each minibatch
        self.total_nll, self.total_norm, self.tokens = 0.0, 0.0, 0
        self.seconds = 0.0 if known is None else known.seconds
        self.clipped = 0 if known is None else known.clipped
        self.progress: list[dict[str, Any]] = [] if known is None else [dict(row) for row in known.progress]

    def __len__(self) -> int:
        """Return the number of minibatches so far."""
        return len(self.nlls)

    def next_known(self) -> tuple[float, float] | None:
        """Return loss and norm of the next minibatch, if they are known; None if it must be trained."""
        step = len(self)
        if self.known is None or step >= len(self.known):
            return None
        return float(self.known.nlls[step]), float(self.known.norms[step])

    def add(self, nll: float, norm: float, tokens: int) -> None:
        """Add a minibatch of `tokens` characters, with its mean NLL in nats and its gradient norm."""
        self.nlls.append(nll)
        self.norms.append(norm)
        self.total_nll += nll * tokens
        self.total_norm += norm
        self.tokens += tokens

    def known_progress(self) -> dict[str, Any] | None:
        """Return the interim evaluation after the last minibatch, if it is known."""
        return next((row for row in self.progress if row["step"] == len(self)), None)
