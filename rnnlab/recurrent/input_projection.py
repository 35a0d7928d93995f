"""Compute the input's share of every sum, x_t W_ihᵀ + b_ih, for all time steps at once.

The textbook's form is `F.linear(x, weight_ih, bias_ih)` with x a batch of vectors. Characters come as whole numbers,
which stand for one-hot vectors or for the rows of an embedding, and that saves work twice. A one-hot vector times a
matrix is a row of it, so a lookup replaces the product. And equal characters have equal shares, so each is computed
once: among the 1120 characters of a minibatch of lyrics only some 440 differ.
`tests/recurrent/test_input_projection.py` holds the lookup and its gradient equal to the product.

Shapes: I input (of one-hot vectors, I = V), G = gates · H, V classes, U of them that occur.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - PyTorch's own abbreviation
from torch import Tensor
from torch.autograd import Function

from rnnlab.recurrent.autograd_fallback import is_transformed


def is_ids(x: Tensor) -> bool:
    """Return whether `x` holds whole numbers, which stand for one-hot vectors."""
    return not (x.is_floating_point() or x.is_complex() or x.dtype == torch.bool)


def project(
    x: Tensor, weight_ih: Tensor, bias_ih: Tensor | None, embedding: Tensor | None = None, by_hand: bool = True
) -> Tensor:
    """Compute x W_ihᵀ + b_ih: (..., I) → (..., G).

    Whole numbers (...) → (..., G) are read as one-hot vectors. A vector that is 1 at one place and 0 elsewhere picks
    one row of W_ihᵀ; so the product over all I classes is a lookup of that row, with the same numbers:

        >>> weight = torch.arange(6.0).view(2, 3)  # G = 2, I = 3 classes
        >>> one_hot = torch.tensor([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
        >>> project(one_hot, weight, None).tolist()
        [[2.0, 5.0], [0.0, 3.0]]
        >>> project(torch.tensor([2, 0]), weight, None).tolist()
        [[2.0, 5.0], [0.0, 3.0]]

    With `embedding` (V, I) they stand for its rows. `by_hand` False leaves every gradient to autograd.
    """
    if not is_ids(x):
        return F.linear(x, weight_ih, bias_ih)
    ids = x.long()
    if not by_hand or not distinct_is_cheap(ids) or is_transformed():
        rows = F.embedding(ids, weight_ih.T if embedding is None else embedding)
        return _share(rows, weight_ih, bias_ih, embedding)
    different, places = ids.unique(return_inverse=True)  # (U,), (...)
    rows = Columns.apply(weight_ih, different) if embedding is None else F.embedding(different, embedding)
    return F.embedding(places, _share(rows, weight_ih, bias_ih, embedding))


def distinct_is_cheap(ids: Tensor) -> bool:
    """Return whether to look for the distinct ids first: on a CPU.

    Their number is a shape that depends on data. A GPU would have to synchronise for it, and a CUDA graph cannot
    capture it.
    """
    return ids.device.type == "cpu"


def _share(rows: Tensor, weight_ih: Tensor, bias_ih: Tensor | None, embedding: Tensor | None) -> Tensor:
    """Complete the rows: add the bias to those of W_ihᵀ (..., G), multiply those of an embedding."""
    if embedding is not None:
        return F.linear(rows, weight_ih, bias_ih)
    return rows if bias_ih is None else rows + bias_ih


class Columns(Function):
    """Look up the columns of a weight (G, V) at `ids` (U,), which all differ, as rows (U, G).

    The gradient is zero in every other column. Autograd's own would be made as (V, G) and transposed afterwards.
    """

    @staticmethod
    def forward(ctx: Any, weight: Tensor, ids: Tensor) -> Tensor:
        ctx.save_for_backward(ids)
        ctx.shape = weight.shape
        return weight.T.index_select(0, ids)

    @staticmethod
    def backward(ctx: Any, d_rows: Tensor) -> tuple[Tensor, None]:
        (ids,) = ctx.saved_tensors
        return d_rows.new_zeros(ctx.shape).index_copy_(1, ids, d_rows.T), None
