"""What is looked up, and what is worked out once, against the product that it stands for."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlab.recurrent import input_projection, is_ids, project
from rnnlab.resources import shipped_corpus
from rnnlab.text import make_corpus, sequential_batches

G, V, E = 5, 7, 3
ids_of_characters = st.lists(st.integers(0, V - 1), min_size=1, max_size=12)


def weights(width, dtype=torch.double):
    generator = torch.Generator().manual_seed(1)
    return [torch.randn(shape, generator=generator, dtype=dtype).requires_grad_() for shape in ((G, width), G, (V, E))]


def share_and_gradients(x, learned, embedding):
    weight, bias, table = learned
    share = project(x, weight, bias, table if embedding else None)
    wanted = learned if embedding else learned[:2]
    return [share, *torch.autograd.grad((share * share.sin()).sum(), wanted)]


def of_vectors(ids, learned, embedding):
    """The same with vectors written out: one-hot ones, or rows of the embedding."""
    weight, bias, table = learned
    vectors = table[ids] if embedding else torch.eye(V, dtype=weight.dtype)[ids]
    share = vectors @ weight.T + bias
    wanted = learned if embedding else learned[:2]
    return [share, *torch.autograd.grad((share * share.sin()).sum(), wanted)]


@pytest.mark.parametrize("counted", [True, False], ids=["each once", "one by one"])
@pytest.mark.parametrize("embedding", [False, True], ids=["one-hot", "embedding"])
@settings(max_examples=25, deadline=None)
@given(ids=ids_of_characters, dtype=st.sampled_from([torch.int64, torch.int32, torch.uint8]))
def test_a_lookup_equals_the_product_and_its_gradient(embedding, counted, ids, dtype):
    learned = weights(E if embedding else V)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(input_projection, "distinct_is_cheap", lambda ids: counted)  # "one by one" is how a GPU does it
        mine = share_and_gradients(torch.tensor(ids, dtype=dtype), learned, embedding)
    for a, b in zip(mine, of_vectors(torch.tensor(ids), learned, embedding), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-12, atol=1e-12)


@given(ids=ids_of_characters, bias=st.booleans())
@settings(max_examples=25, deadline=None)
def test_a_lookup_equals_the_one_hot_product_exactly(ids, bias):
    weight, bias_ih, _ = weights(V, torch.float)
    bias_ih = bias_ih if bias else None
    assert torch.equal(project(torch.tensor(ids), weight, bias_ih), project(torch.eye(V)[ids], weight, bias_ih))


def test_each_distinct_character_is_projected_once(monkeypatch):
    seen = []
    linear = torch.nn.functional.linear
    monkeypatch.setattr(
        input_projection.F, "linear", lambda x, *rest: (seen.append(tuple(x.shape)), linear(x, *rest))[1]
    )
    weight, bias, table = weights(E)
    assert project(torch.tensor([[2, 5, 2, 2], [5, 2, 0, 5]]), weight, bias, table).shape == (2, 4, G)
    assert seen == [(3, E)], "three characters differ: 0, 2 and 5"


def test_a_minibatch_of_songs_has_some_440_distinct_characters():
    corpus = make_corpus(shipped_corpus("lyrics-zh"), max_tokens=10_000)
    different = [len(x.unique()) for x, _ in sequential_batches(corpus.train_ids, batch_size=32, num_steps=35)]
    assert sum(different) / len(different) == pytest.approx(440, abs=10)


@pytest.mark.parametrize("ids", [[2, 0, 2], [[6], [6]]])
def test_gradients_can_be_differentiated_once_more(ids):
    weight, bias, _ = weights(V)
    x = torch.tensor(ids)
    assert torch.autograd.gradgradcheck(lambda *parts: project(x, *parts).tanh(), (weight, bias))


def test_a_character_that_does_not_occur_gets_no_gradient():
    weight, bias, _ = weights(V)
    project(torch.tensor([1, 3, 1]), weight, bias).sum().backward()
    assert weight.grad.tolist() == [[0, 2, 0, 1, 0, 0, 0]] * G
    assert bias.grad.tolist() == [3] * G


@pytest.mark.parametrize("wrong", [[V], [-1]])
@pytest.mark.parametrize("counted", [True, False])
@pytest.mark.parametrize("embedding", [True, False])
def test_ids_outside_the_vocabulary_are_rejected(embedding, counted, wrong, monkeypatch):
    monkeypatch.setattr(input_projection, "distinct_is_cheap", lambda ids: counted)
    weight, bias, table = weights(E if embedding else V)
    with pytest.raises(IndexError):
        project(torch.tensor(wrong), weight, bias, table if embedding else None)


def test_is_ids_accepts_integer_types_only():
    assert is_ids(torch.tensor([1]))
    assert is_ids(torch.tensor([1], dtype=torch.int32))
    for other in (torch.float16, torch.float64, torch.bool, torch.complex64):
        assert not is_ids(torch.ones(1, dtype=other))
