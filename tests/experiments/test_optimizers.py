"""Our optimizers against those of `torch.optim`: the same numbers, without importing the compiler."""

import subprocess
import sys

import pytest
import torch
from torch import nn

from rnnlab.experiments.optimizers import OPTIMIZERS, SGD

TORCH = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}


def weights():
    generator = torch.Generator().manual_seed(3)
    return [nn.Parameter(torch.randn(shape, generator=generator)) for shape in [(4, 3), (3,), (2, 2)]]


@pytest.mark.parametrize("fused", [True, False])
@pytest.mark.parametrize("name", ["sgd", "adam"])
def test_an_update_is_that_of_torch_optim(name, fused):
    ours, theirs = weights(), weights()
    mine = OPTIMIZERS[name](ours, lr=0.1, fused=fused)
    reference = TORCH[name](theirs, lr=0.1, fused=fused, foreach=False)
    for step in range(5):
        if step == 3:
            mine.param_groups[0]["lr"] = reference.param_groups[0]["lr"] = 0.02
        for parameters, optimizer in ((ours, mine), (theirs, reference)):
            optimizer.zero_grad()
            sum((p**3).sum() for p in parameters[:2]).backward()  # the last parameter gets no gradient
            optimizer.step()
    assert all(torch.equal(p, q) for p, q in zip(ours, theirs, strict=True))
    for p, q in zip(ours, theirs, strict=True):
        kept, expected = mine.state.get(p, {}), reference.state.get(q, {})
        assert kept.keys() == expected.keys() - {"momentum_buffer"}
        assert all(torch.equal(kept[key], expected[key]) for key in kept)


def test_zero_grad_sets_gradients_to_none():
    parameter, *_ = parameters = weights()
    optimizer = SGD(parameters, lr=1.0)
    parameter.grad = torch.ones_like(parameter)
    optimizer.zero_grad()
    assert [p.grad for p in parameters] == [None, None, None]


def test_training_does_without_the_compiler():
    """The compiler is large, and neither a visitor's first minibatch nor a command should wait for it."""
    code = """
import sys
from rnnlab import Config, Epoch, run
from rnnlab.experiments import hello, sine, tagging
assert any(isinstance(event, Epoch) for event in run(Config(epochs=1, max_tokens=1500, hidden_size=8)))
assert len(list(hello.run(hello.Config(epochs=1)))) == 3
assert next(iter(sine.run(sine.Config())))
tagger = tagging.Trainer(tagging.preset("toy-en").config(epochs=1))
assert any(isinstance(event, tagging.Epoch) for event in tagger.events())
print(sorted({"torch._dynamo", "sympy", "torch._inductor"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=100)
    assert done.stdout.strip() == "[]", done.stderr
