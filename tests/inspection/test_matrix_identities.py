"""Two products are one, a lookup is a product, and a padding row learns nothing."""

import numpy as np
import pytest
import torch
from torch import nn

from rnnlab.inspection import lookup, padding, two_products


@pytest.mark.parametrize("sizes", [(3, 1, 4), (1, 1, 1), (2, 7, 5)])
def test_two_products_equal_one(sizes):
    seen = two_products(*sizes, seed=3)
    batch, size, hidden = sizes
    assert seen.side_by_side.shape == (batch, size + hidden)
    assert seen.stacked.shape == (size + hidden, hidden)
    assert seen.difference < 1e-6
    np.testing.assert_allclose(seen.x @ seen.w_xh + seen.h @ seen.w_hh, seen.product, atol=1e-6)
    np.testing.assert_allclose(seen.from_x + seen.from_h, seen.total, atol=1e-6)
    assert seen.difference == np.abs(seen.total - seen.product).max()


def test_side_by_side_and_stacked_hold_their_halves():
    seen = two_products()
    np.testing.assert_array_equal(seen.side_by_side[:, :1], seen.x)
    np.testing.assert_array_equal(seen.side_by_side[:, 1:], seen.h)
    np.testing.assert_array_equal(seen.stacked[:1], seen.w_xh)
    np.testing.assert_array_equal(seen.stacked[1:], seen.w_hh)


def test_a_lookup_is_one_hot_times_the_weight():
    seen = lookup()
    assert seen.difference == 0
    assert seen.one_hot.shape == (2, 4, 10)
    np.testing.assert_array_equal(seen.one_hot.sum(-1), np.ones((2, 4)))
    np.testing.assert_array_equal(seen.one_hot.argmax(-1), seen.ids)
    np.testing.assert_array_equal(seen.rows, seen.weight[seen.ids])
    np.testing.assert_array_equal(seen.product, seen.rows)


def test_the_padding_row_is_zero_and_gets_no_gradient():
    seen = padding()
    np.testing.assert_array_equal(seen.weight[0], np.zeros(3))
    np.testing.assert_array_equal(seen.rows[0, [0, 2]], np.zeros((2, 3)))
    # the ids are 0, 2, 0, 5: the sum holds row 2 and row 5 once and row 0 twice
    occurrences = np.zeros((10, 3))
    occurrences[[0, 2, 5]] = [[2], [1], [1]]
    np.testing.assert_array_equal(seen.gradient_without, occurrences)
    occurrences[0] = 0
    np.testing.assert_array_equal(seen.gradient, occurrences)


def test_padding_equals_torch_nn():
    theirs = nn.Embedding(10, 3, padding_idx=0)
    assert theirs.weight[0].tolist() == [0, 0, 0]
    theirs(torch.tensor([[0, 2, 0, 5]])).sum().backward()
    np.testing.assert_array_equal(padding().gradient, theirs.weight.grad.numpy())


def test_the_seed_determines_the_numbers():
    assert np.abs(lookup(seed=1).weight - lookup(seed=2).weight).max() > 0.01
    np.testing.assert_array_equal(two_products(seed=5).x, two_products(seed=5).x)
