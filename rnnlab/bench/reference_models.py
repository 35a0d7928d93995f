"""Implement the reference models: the tutorials' networks, and PyTorch's example word_language_model.

The tutorials compute a step as one-hot vectors times weights in a Python loop, use autograd for all gradients, clip in
a loop over the parameters, and update each parameter by itself. Their `nn` version passes one-hot vectors to
`torch.nn`. PyTorch's example uses an embedding instead, and clips with `clip_grad_norm_`. A reference model is called
with a minibatch, x and y (B, T), trains on it, and carries its hidden state to the next one.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from typing import Self

import torch
import torch.nn.functional as F  # noqa: N812 - PyTorch's own abbreviation
from torch import Tensor, nn

from rnnlab.validation import Choice

GATES = {"rnn": 1, "gru": 3, "lstm": 4}  # the models that there are references of, with their blocks of weights
LAYERS: dict[str, Callable[[int, int], nn.RNNBase]] = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
State = Tensor | tuple[Tensor, ...]


def clip_by_loop(parameters: Iterable[Tensor], limit: float) -> None:
    """Scale the gradient to a norm of at most `limit`, one parameter after the other."""
    gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
    norm = reduce(torch.add, [(gradient**2).sum() for gradient in gradients]).sqrt().item()
    if norm > limit:
        for gradient in gradients:
            gradient.data *= limit / norm


def detached(state: State) -> State:
    """Cut the hidden state off from its history, so that gradients end at the minibatch."""
    return tuple(part.detach() for part in state) if isinstance(state, tuple) else state.detach()


class TutorialScratch:
    """The tutorials' network from scratch: one-hot × W, a Python loop of autograd steps, SGD."""

    def __init__(self, model: str, vocab_size: int, hidden_size: int, lr: float = 100.0, limit: float = 0.01) -> None:
        self.model = Choice(tuple(GATES)).check("model", model)
        self.vocab_size, self.hidden_size, self.lr, self.limit = vocab_size, hidden_size, lr, limit
        generator = torch.Generator().manual_seed(1)

        def normal(*shape: int) -> Tensor:
            return (torch.randn(shape, generator=generator) * 0.01).requires_grad_()

        def zeros(size: int) -> Tensor:
            return torch.zeros(size, requires_grad=True)

        self.gates = [
            (normal(vocab_size, hidden_size), normal(hidden_size, hidden_size), zeros(hidden_size))
            for _ in range(GATES[model])
        ]  # (W_x, W_h, b) of each gate
        self.out = normal(hidden_size, vocab_size), zeros(vocab_size)
        self.parameters = [tensor for gate in self.gates for tensor in gate] + list(self.out)
        self.state: tuple[Tensor, Tensor] | None = None

    def to(self, device: torch.device) -> Self:
        """Move the parameters to `device`."""
        moved = [parameter.detach().to(device).requires_grad_() for parameter in self.parameters]
        self.parameters, self.out = moved, (moved[-2], moved[-1])
        self.gates = [(moved[i], moved[i + 1], moved[i + 2]) for i in range(0, len(moved) - 2, 3)]
        return self

    def sums(self, gate: int, x: Tensor, h: Tensor) -> Tensor:
        """Return x W_x + h W_h + b of one gate, (B, H)."""
        w_x, w_h, bias = self.gates[gate]
        return x @ w_x + h @ w_h + bias

    def step(self, x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        """Return the states h and c (B, H) after the input x (B, V); only the LSTM changes c."""
        if self.model == "rnn":
            return torch.tanh(self.sums(0, x, h)), c
        if self.model == "gru":
            z, r = torch.sigmoid(self.sums(0, x, h)), torch.sigmoid(self.sums(1, x, h))
            return z * h + (1 - z) * torch.tanh(self.sums(2, x, r * h)), c
        i, f, o = (torch.sigmoid(self.sums(k, x, h)) for k in range(3))
        c = f * c + i * torch.tanh(self.sums(3, x, h))
        return o * torch.tanh(c), c

    def __call__(self, x: Tensor, y: Tensor) -> float:
        h, c = self.state or (torch.zeros(len(x), self.hidden_size, device=x.device),) * 2
        outputs = []
        for one_hot in [F.one_hot(column, self.vocab_size).float() for column in x.T]:
            h, c = self.step(one_hot, h, c)
            outputs.append(h @ self.out[0] + self.out[1])
        loss = F.cross_entropy(torch.cat(outputs), y.T.reshape(-1))
        for parameter in self.parameters:
            parameter.grad = None
        loss.backward()
        clip_by_loop(self.parameters, self.limit)
        for parameter in self.parameters:
            assert parameter.grad is not None, "backward has run"
            parameter.data -= self.lr * parameter.grad
        self.state = h.detach(), c.detach()
        return loss.item()


class TutorialTorch(nn.Module):
    """The tutorials' network with `torch.nn`: one-hot input, a linear output, Adam without `foreach`.

    The tutorials pass `model.parameters()`, a generator, to a clipping function that iterates twice: once for the norm
    and once to clip. The second loop finds the generator empty, so nothing is clipped; hence the default `limit`.
    """

    def __init__(
        self, model: str, vocab_size: int, hidden_size: int, lr: float = 0.01, limit: float = math.inf
    ) -> None:
        super().__init__()
        self.vocab_size, self.limit = vocab_size, limit
        self.state: State | None = None
        with torch.random.fork_rng():  # the constructors use torch's global generator
            torch.manual_seed(1)
            self.rnn, self.dense = LAYERS[model](vocab_size, hidden_size), nn.Linear(hidden_size, vocab_size)
        self.optimizer = torch.optim.Adam(self.parameters(), lr=lr, foreach=False, fused=False)

    def __call__(self, x: Tensor, y: Tensor) -> float:
        one_hot = torch.stack([F.one_hot(column, self.vocab_size).float() for column in x.T])  # (T, B, V)
        output, state = self.rnn(one_hot, self.state)
        self.state = detached(state)
        loss = F.cross_entropy(self.dense(output.view(-1, output.shape[-1])), y.T.reshape(-1))
        self.optimizer.zero_grad()
        loss.backward()
        clip_by_loop(self.parameters(), self.limit)
        self.optimizer.step()
        return loss.item()


class WordLanguageModel(nn.Module):
    """PyTorch's example: embedding, `torch.nn` layer, linear output, `clip_grad_norm_`, and SGD in a loop."""

    def __init__(self, model: str, vocab_size: int, hidden_size: int, lr: float = 20.0, limit: float = 0.25) -> None:
        super().__init__()
        self.lr, self.limit = lr, limit
        self.state: State | None = None
        with torch.random.fork_rng():
            torch.manual_seed(1)
            self.encoder = nn.Embedding(vocab_size, hidden_size)
            self.rnn, self.decoder = LAYERS[model](hidden_size, hidden_size), nn.Linear(hidden_size, vocab_size)

    def __call__(self, x: Tensor, y: Tensor) -> float:
        output, state = self.rnn(self.encoder(x.T), self.state)
        self.state = detached(state)
        loss = F.nll_loss(F.log_softmax(self.decoder(output).flatten(0, 1), dim=1), y.T.reshape(-1))
        self.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.parameters(), self.limit)
        for parameter in self.parameters():
            assert parameter.grad is not None, "backward has run"
            parameter.data.add_(parameter.grad, alpha=-self.lr)
        return loss.item()


def flops_per_token(model: str, hidden_size: int, vocab_size: int) -> int:
    """Return the necessary floating-point operations of a training step: forward, and twice that backward.

    Per token, h W_hhᵀ has 2 · G · H of them (G = gates · H) and the output 2 · H · V; one-hot input is a free lookup.
    """
    return 3 * 2 * hidden_size * (GATES[model] * hidden_size + vocab_size)


def product_rate(sizes: Sequence[int] = (1120, 256, 1024), repeats: int = 30) -> float:
    """Return the floating-point operations per second of a matrix product in one thread: the maximum."""
    rows, inner, columns = sizes
    a, b, out = torch.randn(rows, inner), torch.randn(inner, columns), torch.empty(rows, columns)
    best = math.inf
    for _ in range(repeats):
        began = time.thread_time()
        torch.mm(a, b, out=out)
        best = min(best, time.thread_time() - began)
    return 2 * rows * inner * columns / best
