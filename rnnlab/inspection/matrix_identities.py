"""Show two identities of the tutorials with numbers: two products are one, and a lookup is a product.

Shapes: B batch, I input, H hidden, V rows of an embedding, E its columns.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import one_hot

IDS = ((1, 2, 4, 5), (4, 3, 2, 9))  # a tutorial's two sequences of four, for an embedding of 10 rows
PADDED_IDS = ((0, 2, 0, 5),)  # and its sequence that is padded with the id 0


@dataclass(frozen=True, eq=False)
class TwoProducts:
    """X W_xh + H W_hh, and the same as one product: [X, H] times W_xh stacked on W_hh."""

    x: np.ndarray  # (B, I)
    w_xh: np.ndarray  # (I, H)
    h: np.ndarray  # (B, H)
    w_hh: np.ndarray  # (H, H)
    from_x: np.ndarray  # X W_xh (B, H)
    from_h: np.ndarray  # H W_hh (B, H)
    total: np.ndarray  # their sum (B, H)
    side_by_side: np.ndarray  # [X, H] (B, I + H)
    stacked: np.ndarray  # [W_xh; W_hh] (I + H, H)
    product: np.ndarray  # their product (B, H)
    difference: float  # the largest between `total` and `product`


def two_products(batch_size: int = 3, input_size: int = 1, hidden_size: int = 4, seed: int = 1) -> TwoProducts:
    """Multiply twice and add, and multiply once.

    The default sizes are a tutorial's: X (3, 1) and H (3, 4).
    Each number of the product is a row times a column; the row of [X, H] is x_t then h, the column likewise, so the
    sum runs first over the input and then over the state.
    """
    generator = torch.Generator().manual_seed(seed)
    shapes = ((batch_size, input_size), (input_size, hidden_size), (batch_size, hidden_size), (hidden_size,) * 2)
    x, w_xh, h, w_hh = (torch.randn(shape, generator=generator) for shape in shapes)
    from_x, from_h = x @ w_xh, h @ w_hh
    side_by_side, stacked = torch.cat((x, h), dim=1), torch.cat((w_xh, w_hh), dim=0)
    total, product = from_x + from_h, side_by_side @ stacked
    return TwoProducts(
        x=x.numpy(),
        w_xh=w_xh.numpy(),
        h=h.numpy(),
        w_hh=w_hh.numpy(),
        from_x=from_x.numpy(),
        from_h=from_h.numpy(),
        total=total.numpy(),
        side_by_side=side_by_side.numpy(),
        stacked=stacked.numpy(),
        product=product.numpy(),
        difference=float((total - product).abs().max()),
    )


@dataclass(frozen=True, eq=False)
class Lookup:
    """An embedding's rows for some ids, and the same as one-hot vectors times its weight."""

    ids: np.ndarray  # (B, T)
    weight: np.ndarray  # (V, E)
    rows: np.ndarray  # the weight's rows at the ids (B, T, E)
    one_hot: np.ndarray  # (B, T, V)
    product: np.ndarray  # one_hot @ weight (B, T, E)
    difference: float  # the largest between `rows` and `product`


def lookup(ids: tuple[tuple[int, ...], ...] = IDS, embeddings: int = 10, size: int = 3, seed: int = 1) -> Lookup:
    """Look `ids` up in an `nn.Embedding`, and multiply its weight with their one-hot vectors."""
    embedding = _embedding(embeddings, size, seed)
    id_tensor = torch.tensor(ids)
    with torch.no_grad():
        rows = embedding(id_tensor)
        vectors = one_hot(id_tensor, embeddings).to(rows.dtype)
        product = vectors @ embedding.weight
    return Lookup(
        id_tensor.numpy(),
        embedding.weight.detach().numpy(),
        rows.numpy(),
        vectors.numpy(),
        product.numpy(),
        float((rows - product).abs().max()),
    )


@dataclass(frozen=True, eq=False)
class Padding:
    """The effect of `padding_idx` on a row of an embedding: it is zero and gets no gradient."""

    ids: np.ndarray  # (B, T), padded with padding_idx
    padding_idx: int
    weight: np.ndarray  # (V, E): its row padding_idx is zero
    rows: np.ndarray  # (B, T, E)
    gradient: np.ndarray  # (V, E) of the sum of `rows`: how often an id occurs, in its row; zero for padding_idx
    gradient_without: np.ndarray  # (V, E) the same of an embedding without padding_idx


def padding(
    ids: tuple[tuple[int, ...], ...] = PADDED_IDS,
    embeddings: int = 10,
    size: int = 3,
    padding_idx: int = 0,
    seed: int = 1,
) -> Padding:
    """Look `ids` up in an `nn.Embedding` with `padding_idx`, and run one backward pass."""
    id_tensor = torch.tensor(ids)
    padded, plain = _embedding(embeddings, size, seed, padding_idx), _embedding(embeddings, size, seed)
    rows = padded(id_tensor)
    gradient, gradient_without = (_gradient(embedding, id_tensor) for embedding in (padded, plain))
    weight = padded.weight.detach().numpy()
    return Padding(id_tensor.numpy(), padding_idx, weight, rows.detach().numpy(), gradient, gradient_without)


def _embedding(embeddings: int, size: int, seed: int, padding_idx: int | None = None) -> nn.Embedding:
    """Make PyTorch's embedding with weights from our own generator; the padding row is zero."""
    weight = torch.randn(embeddings, size, generator=torch.Generator().manual_seed(seed))
    if padding_idx is not None:
        weight[padding_idx] = 0  # as nn.Embedding does when it draws its weights
    return nn.Embedding.from_pretrained(weight, freeze=False, padding_idx=padding_idx)


def _gradient(embedding: nn.Embedding, ids: Tensor) -> np.ndarray:
    """Return the gradient of the sum of all looked-up numbers with respect to the weight (V, E)."""
    (gradient,) = torch.autograd.grad(embedding(ids).sum(), embedding.weight)
    return gradient.numpy()
