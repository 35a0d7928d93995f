"""The reference models do the same work as ours: the same losses, generated texts and clipping."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from rnnlab.bench.generation import tutorial_generate
from rnnlab.bench.reference_models import (
    GATES,
    TutorialScratch,
    TutorialTorch,
    WordLanguageModel,
    clip_by_loop,
    flops_per_token,
    product_rate,
)
from rnnlab.generation import Generation, generate
from rnnlab.models import LanguageModel, LanguageModelConfig, mean_nll
from rnnlab.text import Vocab
from rnnlab.validation import InvalidInput

LETTERS = Vocab("abcdefg ", unknown=False)
HIDDEN = 6
# The order of our gates in the tutorials' lists: they have z before r, and i, f, o before the candidate.
ROWS = {"rnn": (0,), "gru": (1, 0, 2), "lstm": (0, 1, 3, 2)}


def ours_with_weights_of(reference):
    config = LanguageModelConfig(
        model=reference.model, implementation="scratch", encoding="one-hot", hidden_size=HIDDEN, reset_after=False
    )
    model = LanguageModel(config, len(LETTERS), generator=torch.Generator().manual_seed(1))
    w_x, w_h, bias = zip(*(reference.gates[gate] for gate in ROWS[reference.model]), strict=True)
    values = {
        "recurrent.weight_ih_l0": torch.cat([w.T for w in w_x]),
        "recurrent.weight_hh_l0": torch.cat([w.T for w in w_h]),
        "recurrent.bias_ih_l0": torch.cat(bias),
        "recurrent.bias_hh_l0": torch.zeros(GATES[reference.model] * HIDDEN),
        "output.weight": reference.out[0].T,
        "output.bias": reference.out[1],
    }
    model.load_state_dict({**model.state_dict(), **{name: value.detach() for name, value in values.items()}})
    return model.eval()


def reference_with_large_weights(model):
    reference = TutorialScratch(model, len(LETTERS), HIDDEN, lr=0.5, limit=1e9)
    for parameter in reference.parameters:
        parameter.data *= 60
    return reference


def minibatch(seed=0, shape=(3, 5)):
    ids = torch.randint(len(LETTERS), (shape[0], shape[1] + 1), generator=torch.Generator().manual_seed(seed))
    return ids[:, :-1], ids[:, 1:]


@pytest.mark.parametrize("model", GATES)
def test_the_tutorials_network_equals_ours_with_the_same_weights(model):
    reference = reference_with_large_weights(model)
    ours = ours_with_weights_of(reference)
    x, y = minibatch()
    loss = mean_nll(ours(x)[0], y)
    loss.backward()
    before = [parameter.detach().clone() for parameter in reference.parameters]
    assert reference(x, y) == pytest.approx(loss.item(), rel=1e-5)
    # The update is the learning rate times our gradient.
    moved = (before[-2] - reference.parameters[-2].detach()) / reference.lr
    assert torch.allclose(moved, ours.output.weight.grad.T, atol=1e-4)


@pytest.mark.parametrize("model", GATES)
def test_the_tutorials_loop_generates_the_same_text(model):
    reference = reference_with_large_weights(model)
    how = Generation(prefix="abc", length=20, temperature=0.0)
    ours = [choice.text for choice in generate(ours_with_weights_of(reference), LETTERS, how)]
    ids = tutorial_generate(reference, LETTERS.encode("abc"), 20)
    assert "".join(LETTERS.decode(ids)) == "abc" + "".join(ours)


@pytest.mark.parametrize("kind", [TutorialScratch, TutorialTorch, WordLanguageModel])
@pytest.mark.parametrize("model", GATES)
def test_a_reference_model_learns_a_repeated_minibatch(kind, model):
    reference = kind(
        model, len(LETTERS), HIDDEN, lr={TutorialScratch: 4.0, TutorialTorch: 0.05}.get(kind, 1.0), limit=1.0
    )
    x, y = minibatch()
    losses = [reference(x, y) for _ in range(150)]
    assert losses[-1] < 0.8 * losses[0]


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(1, 7), min_size=1, max_size=4), st.floats(1e-3, 1e3), st.integers(0, 2**31))
def test_clipping_by_a_loop_is_clip_grad_norm(sizes, limit, seed):
    generator = torch.Generator().manual_seed(seed)
    gradients = [torch.randn(size, generator=generator) * 10 for size in sizes]
    clipped = []
    for clip in (clip_by_loop, nn.utils.clip_grad_norm_):
        parameters = [nn.Parameter(torch.zeros(size)) for size in sizes]
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter.grad = gradient.clone()
        clip(parameters, limit)
        clipped.append(torch.cat([parameter.grad for parameter in parameters]))
    assert torch.allclose(*clipped, rtol=1e-4, atol=1e-6)
    assert float(clipped[0].norm()) <= limit * 1.001 or torch.equal(clipped[0], torch.cat(gradients))


def test_operations_per_token_by_hand():
    # H = 2, V = 3: an RNN multiplies 2 × 2 and 2 × 3 weights, two operations each, once forwards and twice backwards.
    assert flops_per_token("rnn", 2, 3) == 3 * 2 * (4 + 6)
    assert flops_per_token("lstm", 2, 3) == 3 * 2 * (16 + 6)


def test_the_rate_of_the_matrix_product_is_positive():
    assert product_rate((8, 8, 8), repeats=2) > 0


def test_an_unknown_model_is_refused():
    with pytest.raises(InvalidInput, match="model"):
        TutorialScratch("transformer", 3, 2)
