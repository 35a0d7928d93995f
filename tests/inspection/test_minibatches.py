"""What is drawn over the text is what rnnlab.text cuts out of it."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlab.inspection import BatchesConfig, batches_of_text
from rnnlab.resources import shipped_corpus
from rnnlab.text import make_corpus, random_batches, sequential_batches
from rnnlab.validation import InvalidInput

SAMPLERS = {"random": random_batches, "sequential": sequential_batches}


def assert_cut_as_by_the_samplers(seen, config):
    ids = torch.from_numpy(seen.ids)
    for sampling, sampler in SAMPLERS.items():
        generator = torch.Generator().manual_seed(config.seed)
        batches = list(sampler(ids, config.batch_size, config.num_steps, generator, config.random_offset))
        assert len(seen.inputs[sampling]) == len(batches) > 0
        for (x, y), inputs, targets in zip(batches, seen.inputs[sampling], seen.targets[sampling], strict=True):
            np.testing.assert_array_equal(seen.ids[inputs], x.numpy())
            np.testing.assert_array_equal(seen.ids[targets], y.numpy())


@settings(max_examples=40, deadline=None)
@given(
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=80, max_size=300).filter(str.strip),
    st.integers(1, 3),
    st.integers(1, 9),
    st.booleans(),
    st.integers(0, 99),
)
def test_any_text_is_cut_as_by_the_samplers(text, rows, steps, offset, seed):
    config = BatchesConfig(corpus="own", text=text, batch_size=rows, num_steps=steps, random_offset=offset, seed=seed)
    seen = batches_of_text(config)
    assert [seen.vocab[i] for i in seen.ids] == list(seen.tokens)
    assert_cut_as_by_the_samplers(seen, config)


@pytest.mark.parametrize("corpus", ["lyrics-zh", "lyrics-en"])
@pytest.mark.parametrize("tokenizer", ["raw", "cleaned", "words"])
def test_the_shipped_songs(corpus, tokenizer):
    config = BatchesConfig(corpus=corpus, tokenizer=tokenizer, batch_size=4, num_steps=10)
    seen = batches_of_text(config)
    whole = make_corpus(shipped_corpus(corpus), tokenizer=tokenizer, max_tokens=200)
    assert seen.vocab == whole.vocab.tokens
    np.testing.assert_array_equal(seen.ids, whole.train_ids.numpy())
    assert_cut_as_by_the_samplers(seen, config)


def test_the_tutorials_numbers_in_order():
    seen = batches_of_text(BatchesConfig())
    assert seen.tokens[:3] == ("0", "1", "2")
    assert seen.inputs["sequential"].tolist() == [
        [[0, 1, 2, 3, 4, 5], [15, 16, 17, 18, 19, 20]],
        [[6, 7, 8, 9, 10, 11], [21, 22, 23, 24, 25, 26]],
    ]
    np.testing.assert_array_equal(seen.targets["sequential"], seen.inputs["sequential"] + 1)
    assert sorted(map(tuple, seen.inputs["random"].reshape(4, 6).tolist())) == [
        tuple(range(start, start + 6)) for start in (0, 6, 12, 18)
    ]


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"batch_size": 16, "num_steps": 50}, "less_than_a_batch", "batch_size"),
        ({"corpus": "own"}, "empty", "text"),
        ({"corpus": "own", "text": "too short"}, "less_than_a_batch", "text"),
    ],
)
def test_a_text_shorter_than_a_batch_is_rejected(changes, code, field):
    with pytest.raises(InvalidInput) as refused:
        batches_of_text(BatchesConfig(**changes))
    assert (refused.value.code, refused.value.field) == (code, field)


def test_a_text_too_long_is_rejected():
    with pytest.raises(InvalidInput, match="at most 300"):
        BatchesConfig(corpus="own", text="x" * 301)
