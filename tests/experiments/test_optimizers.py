"""Our optimizers against those of `torch.optim`: the same numbers, without importing the compiler."""

import math
import subprocess
import sys

import pytest
import torch
from torch import nn

from rnnlab.experiments.optimizers import OPTIMIZERS, SGD

TORCH = {
    "sgd": torch.optim.SGD,
    "rmsprop": torch.optim.RMSprop,
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
}
RECIPES = [
    (name, momentum, weight_decay)
    for name in TORCH
    for momentum in ((0.0, 0.9) if name in ("sgd", "rmsprop") else (0.0,))
    for weight_decay in (0.0, 0.3)
]


def weights():
    generator = torch.Generator().manual_seed(3)
    return [nn.Parameter(torch.randn(shape, generator=generator)) for shape in [(4, 3), (3,), (2, 2)]]


@pytest.mark.parametrize("fused", [True, False])
@pytest.mark.parametrize(("name", "momentum", "weight_decay"), RECIPES)
def test_an_update_is_that_of_torch_optim(name, momentum, weight_decay, fused):
    ours, theirs = weights(), weights()
    mine = OPTIMIZERS[name](ours, lr=0.1, fused=fused, momentum=momentum, weight_decay=weight_decay)
    how = {"foreach": True} if name == "rmsprop" else {"fused": fused, "foreach": False}
    how |= {"momentum": momentum} if name in ("sgd", "rmsprop") else {}
    reference = TORCH[name](theirs, lr=0.1, weight_decay=weight_decay, **how)
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
        assert kept.keys() == {key for key, value in expected.items() if value is not None}
        assert all(torch.equal(kept[key], expected[key]) for key in kept)


def two_of_rmsprop():
    theta, v, b = 2.0, 0.0, 0.0
    for gradient in (4.0, -1.0):
        g = gradient + 0.5 * theta
        v = 0.99 * v + 0.01 * g * g
        b = 0.9 * b + g / (math.sqrt(v) + 1e-8)
        theta -= 0.1 * b
    return theta


def two_of_adam(decoupled):
    theta, m, v = 2.0, 0.0, 0.0
    for t, gradient in enumerate((4.0, -1.0), start=1):
        g = gradient if decoupled else gradient + 0.5 * theta
        theta *= 1 - 0.1 * 0.5 if decoupled else 1
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        theta -= 0.1 * (m / (1 - 0.9**t)) / (math.sqrt(v / (1 - 0.999**t)) + 1e-8)
    return theta


STEPS = {  # of two steps on one number θ = 2 with the gradients 4 and -1, η = 0.1, λ = 0.5, written out
    "sgd": lambda: 2 - 0.1 * 5 - 0.1 * (0.9 * 5 + (-1 + 0.5 * 1.5)),
    "rmsprop": two_of_rmsprop,
    "adam": lambda: two_of_adam(decoupled=False),
    "adamw": lambda: two_of_adam(decoupled=True),
}


@pytest.mark.parametrize("name", STEPS)
def test_two_steps_by_hand_in_double_precision(name):
    parameter = nn.Parameter(torch.tensor([2.0], dtype=torch.float64))
    optimizer = OPTIMIZERS[name]([parameter], lr=0.1, momentum=0.9, weight_decay=0.5)  # Adam ignores the momentum
    for gradient in (4.0, -1.0):
        parameter.grad = torch.tensor([gradient], dtype=torch.float64)
        optimizer.step()
    assert parameter.item() == pytest.approx(STEPS[name](), rel=1e-7)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_learning_rate_may_be_a_tensor(name):
    """A CUDA graph reads it from one."""
    ours, theirs = weights(), weights()
    for parameters, rate in ((ours, torch.tensor(0.125)), (theirs, 0.125)):
        optimizer = OPTIMIZERS[name](parameters, lr=rate, momentum=0.5)
        for _ in range(2):
            optimizer.zero_grad()
            sum((p**3).sum() for p in parameters).backward()
            optimizer.step()
    torch.testing.assert_close(ours, theirs)


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
for optimizer in ("sgd", "rmsprop", "adam", "adamw"):
    config = Config(epochs=1, max_tokens=1500, hidden_size=8, optimizer=optimizer, weight_decay=0.01)
    assert any(isinstance(event, Epoch) for event in run(config))
assert len(list(hello.run(hello.Config(epochs=1)))) == 3
assert next(iter(sine.run(sine.Config())))
tagger = tagging.Trainer(tagging.preset("toy-en").config(epochs=1))
assert any(isinstance(event, tagging.Epoch) for event in tagger.events())
print(sorted({"torch._dynamo", "sympy", "torch._inductor"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=100)
    assert done.stdout.strip() == "[]", done.stderr
