"""Check the input of a layer: a batch of sequences, one sequence, or a packed batch.

Shapes: B batch, T time, I input, N steps of all sequences, V rows of an embedding.
"""

from __future__ import annotations

from typing import Protocol

from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from rnnlab.recurrent.autograd_fallback import is_autocast
from rnnlab.recurrent.errors import InvalidTensor
from rnnlab.recurrent.input_projection import is_ids
from rnnlab.validation import echo


class TakesSequences(Protocol):
    """The attributes of a layer that these checks read."""

    input_size: int
    batch_first: bool
    weight_ih_l0: Tensor


def time_first(
    layer: TakesSequences, input: Tensor | PackedSequence, ids: bool
) -> tuple[Tensor, tuple[int, ...], list[int] | None]:
    """Check `input`; return it with time first, its batch (B,) or (), and a packed one's batch sizes.

    `ids`: whether whole numbers are expected. Raises InvalidTensor.
    """
    if isinstance(input, PackedSequence):
        sizes = input.batch_sizes.tolist()
        check_type(input.data, layer.weight_ih_l0, ids)
        check_shape(layer, input.data, ids, packed=True)
        return input.data, (sizes[0],), sizes
    check_type(input, layer.weight_ih_l0, ids)
    batch = check_shape(layer, input, ids)
    return (input.transpose(0, 1) if layer.batch_first and batch else input), batch, None


def check_type(input: Tensor, weight: Tensor, ids: bool, field: str = "input") -> None:
    """Raise InvalidTensor unless `input` has the type of `weight`, or with `ids` holds whole numbers."""
    allowed = input.is_floating_point() and (input.dtype == weight.dtype or is_autocast())
    if is_ids(input) if ids else allowed:
        return
    expected = "whole numbers" if ids else f"{weight.dtype}, as the weights are"
    if is_ids(input) and not ids:
        expected += ", or say one_hot=True if they stand for one-hot vectors"
    raise InvalidTensor("wrong_type", field, dtype=echo(input.dtype), expected=expected)


def check_shape(layer: TakesSequences, input: Tensor, ids: bool, packed: bool = False) -> tuple[int, ...]:
    """Return (B,), or () without a batch. Raises InvalidTensor for anything but a sequence of inputs."""
    steps = input.shape if ids else input.shape[:-1]  # (T, B), (B, T) or (T,); packed (N,)
    fits = len(steps) in ((1,) if packed else (1, 2)) and (ids or input.shape[-1] == layer.input_size)
    time = 1 if layer.batch_first and len(steps) == 2 else 0
    if fits and steps[time] > 0:
        return () if len(steps) == 1 else (steps[1 - time],)
    order = "B, T" if layer.batch_first else "T, B"
    if packed:
        expected = "packed (N,)" if ids else f"packed (N, I) with I = {layer.input_size}"
    elif ids:
        expected = f"whole numbers ({order}) or (T,), T ≥ 1"
    else:
        expected = f"({order}, I) or (T, I) with I = {layer.input_size} and T ≥ 1"
    raise InvalidTensor("wrong_shape", "input", shape=echo(tuple(input.shape)), expected=expected)


def check_embedding(layer: TakesSequences, input: Tensor | PackedSequence, embedding: Tensor | None) -> None:
    """Raise InvalidTensor for an embedding of other rows than the layer's inputs, or one beside vectors."""
    if embedding is None:
        return
    if embedding.dim() != 2 or embedding.shape[1] != layer.input_size:
        expected = f"(V, I) with I = {layer.input_size}"
        raise InvalidTensor("wrong_shape", "embedding", shape=echo(tuple(embedding.shape)), expected=expected)
    numbers = input.data if isinstance(input, PackedSequence) else input
    if not is_ids(numbers):
        raise InvalidTensor("vectors_for_an_embedding", "input", dtype=echo(numbers.dtype))
