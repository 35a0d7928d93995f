"""Tie the output's weight to the embedding: one matrix (V, E) for both, which needs E = D·H.

    e_t = E[x_t]          logits_t = h_t Eᵀ + b_out

Press & Wolf 2017, "Using the output embedding to improve language models"; Inan, Khosravi & Socher 2017. A
`state_dict` has the matrix once, as `embedding.weight`.
"""

from __future__ import annotations

from typing import Any

from torch import nn

SHARED, TIED = "embedding.weight", "output.weight"


def tie_weights(model: nn.Module) -> None:
    """Make `model.output.weight` the parameter `model.embedding.weight`."""
    model.output.weight = model.embedding.weight  # type: ignore[union-attr]


def tie_state_dict(model: nn.Module) -> None:
    """Let the `state_dict` of a tied model hold the matrix once, and keep the tie when one is loaded."""
    model.register_state_dict_post_hook(_drop_tied)
    model.register_load_state_dict_pre_hook(_add_tied)
    model.register_load_state_dict_post_hook(_tie_again)


def _drop_tied(model: nn.Module, state_dict: dict[str, Any], prefix: str, local_metadata: Any) -> None:
    del state_dict[prefix + TIED]


def _add_tied(model: nn.Module, state_dict: dict[str, Any], prefix: str, *_: Any) -> None:
    if prefix + SHARED in state_dict:
        state_dict[prefix + TIED] = state_dict[prefix + SHARED]


def _tie_again(model: nn.Module, incompatible_keys: Any) -> None:
    tie_weights(model)  # `load_state_dict(assign=True)` has made two parameters
