"""max_norm, norm_type and scale_grad_by_freq, by hand in float64."""

import numpy as np
import pytest

from rnnlab.inspection import EmbeddingConfig, embedding_options


@pytest.mark.parametrize("norm_type", [1.0, 2.0, 3.0])
def test_looked_up_rows_are_shortened_and_no_others(norm_type):
    seen = embedding_options(EmbeddingConfig(max_norm=1.5, norm_type=norm_type))
    norms = (np.abs(seen.before.astype(float)) ** norm_type).sum(1) ** (1 / norm_type)
    np.testing.assert_allclose(seen.norms_before, norms, rtol=1e-5)
    looked_up = np.isin(np.arange(10), seen.ids)
    factor = np.where(looked_up & (norms > 1.5), 1.5 / norms, 1.0)
    np.testing.assert_allclose(seen.after, seen.before * factor[:, None], rtol=1e-5)
    assert 0 < (factor < 1).sum() < looked_up.sum() + 1
    assert (norms[~looked_up] > 1.5).any(), "a long row that is not looked up stays"


def test_the_gradient_counts_and_may_be_divided_by_the_count():
    plain, scaled = (embedding_options(EmbeddingConfig(scale_grad_by_freq=by)) for by in (False, True))
    assert plain.occurrences.tolist() == [0, 1, 2, 1, 2, 1, 0, 0, 0, 1]
    np.testing.assert_array_equal(plain.gradient, np.repeat(plain.occurrences[:, None], 3, 1))
    np.testing.assert_array_equal(scaled.gradient, np.minimum(plain.gradient, 1))
    np.testing.assert_array_equal(plain.after, plain.before)


def test_a_smaller_table_has_every_id():
    assert max(max(row) for row in EmbeddingConfig(input_size=3).ids) < 3
