"""Mark the `state_dict` of a GRU that resets before the product, beside one that resets after it.

Both have the same weights by name and shape, and compute different numbers from them. The one that resets after is
torch.nn's GRU, key for key. The other has one key more, so that torch.nn refuses it ("Unexpected key"), as our own
GRU does in either direction, before it changes a weight.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

RESET_BEFORE = "reset_before_product"  # the key; its value is True


class MarksReset(nn.Module):
    """Mark the `state_dict` of a module with `reset_after`. Put it before the other base class."""

    reset_after: bool

    def _save_to_state_dict(self, destination: dict[str, Any], prefix: str, keep_vars: bool) -> None:
        super()._save_to_state_dict(destination, prefix, keep_vars)
        if not self.reset_after:
            destination[prefix + RESET_BEFORE] = torch.tensor(True)

    def _load_from_state_dict(
        self,
        state_dict: dict[str, Any],
        prefix: str,
        local_metadata: dict[str, Any],
        strict: bool,
        missing_keys: list[str],
        unexpected_keys: list[str],
        error_msgs: list[str],
    ) -> None:
        key = prefix + RESET_BEFORE
        before = key in state_dict
        weights = any(prefix + name in state_dict for name, _ in self.named_parameters(recurse=False))
        if (before or weights) and before is self.reset_after:
            error_msgs.append(
                f"{prefix or type(self).__name__}: these weights are of a GRU that resets "
                f"{'before' if before else 'after'} the product, and this one resets "
                f"{'after' if before else 'before'} it (reset_after={self.reset_after}), so it would compute "
                f"something else. The key {RESET_BEFORE!r} marks weights of the kind that resets before."
            )
            return
        unmarked = {name: value for name, value in state_dict.items() if name != key}
        super()._load_from_state_dict(
            unmarked, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs
        )


def with_markers(weights: Mapping[str, Tensor], module: nn.Module) -> dict[str, Tensor]:
    """Add to `weights` the markers that `module` expects: for a file whose header says which GRU it holds."""
    markers = {name: value for name, value in module.state_dict().items() if name.rpartition(".")[2] == RESET_BEFORE}
    return {**weights, **markers}


def without_markers(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Remove the markers: for a file whose header says which GRU it holds."""
    return {name: value for name, value in weights.items() if name.rpartition(".")[2] != RESET_BEFORE}
