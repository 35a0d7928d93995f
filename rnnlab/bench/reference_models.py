"""What ours is measured against: the same networks in the tutorials' formulation, and in PyTorch's word-language-model.

The tutorials write a step as one-hot vectors times weights inside of a Python loop, leave every gradient to autograd,
clip by a loop over the parameters, and update each of them by itself. Their `nn` version hands one-hot vectors to
`torch.nn`. PyTorch's example (word_language_model) looks an embedding up instead, and clips with `clip_grad_norm_`.
A rival takes a minibatch, x and y (B, T), and trains on it; each keeps its state from one minibatch to the next.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Sequence

import torch
import torch.nn.functional as F  # noqa: N812 - PyTorch's own abbreviation
from torch import Tensor, nn

from rnnlab.validation import Choice

GATES = {"rnn": 1, "gru": 3, "lstm": 4}  # the models that there are references of, with their blocks of weights
Rival = Callable[[Tensor, Tensor], float]  # (x, y), each (B, T) → the minibatch's mean NLL


def clip_by_loop(parameters: Iterable[Tensor], limit: float) -> None:
    """Shorten the gradient to `limit`, one parameter after the other."""
    parameters = list(parameters)
    norm = sum((parameter.grad**2).sum() for parameter in parameters).sqrt().item()
    if norm > limit:
        for parameter in parameters:
            parameter.grad.data *= limit / norm


class TutorialScratch:
    """One-hot × W, a Python loop of autograd steps, SGD by hand."""

    def __init__(self, model: str, vocab_size: int, hidden_size: int, lr: float = 100.0, limit: float = 0.01) -> None:
        self.model, self.vocab_size, self.lr, self.limit = (
            Choice(tuple(GATES)).check("model", model),
            vocab_size,
            lr,
            limit,
        )
        generator = torch.Generator().manual_seed(1)

        def normal(*shape: int) -> Tensor:
            return (torch.randn(shape, generator=generator) * 0.01).requires_grad_()

        def zeros(size: int) -> Tensor:
            return torch.zeros(size, requires_grad=True)

        gate = [(normal(vocab_size, hidden_size), normal(hidden_size, hidden_size), zeros(hidden_size))
                for _ in range(GATES[model])]  # fmt: skip
        self.gates = gate
        self.out = normal(hidden_size, vocab_size), zeros(vocab_size)
        self.parameters = [tensor for triple in gate for tensor in triple] + list(self.out)
        self.hidden_size, self.state = hidden_size, None

    def sums(self, gate: int, x: Tensor, h: Tensor) -> Tensor:
        w_x, w_h, bias = self.gates[gate]
        return x @ w_x + h @ w_h + bias

    def step(self, x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
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
            parameter.data -= self.lr * parameter.grad
        self.state = h.detach(), c.detach()
        return loss.item()


class TutorialTorch(nn.Module):
    """One-hot vectors into a `torch.nn` layer and a linear output; Adam, one parameter after the other.

    The tutorials hand `model.parameters()` to a function that goes through it twice: once for the norm, once to clip.
    It is a generator, which the first time uses up, so they never clip here. The norm they do compute.
    """

    def __init__(
        self, model: str, vocab_size: int, hidden_size: int, lr: float = 0.01, limit: float = math.inf
    ) -> None:
        super().__init__()
        self.vocab_size, self.limit, self.state = vocab_size, limit, None
        kind = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}[model]
        with torch.random.fork_rng():  # its constructors draw from torch's global random numbers
            torch.manual_seed(1)
            self.rnn, self.dense = kind(vocab_size, hidden_size), nn.Linear(hidden_size, vocab_size)
        self.optimizer = torch.optim.Adam(self.parameters(), lr=lr, foreach=False, fused=False)

    def __call__(self, x: Tensor, y: Tensor) -> float:
        one_hot = torch.stack([F.one_hot(column, self.vocab_size).float() for column in x.T])  # (T, B, V)
        output, state = self.rnn(one_hot, self.state)
        self.state = tuple(part.detach() for part in state) if isinstance(state, tuple) else state.detach()
        loss = F.cross_entropy(self.dense(output.view(-1, output.shape[-1])), y.T.reshape(-1))
        self.optimizer.zero_grad()
        loss.backward()
        clip_by_loop(self.parameters(), self.limit)
        self.optimizer.step()
        return loss.item()


class WordLanguageModel(nn.Module):
    """PyTorch's example: embedding → `torch.nn` layer → linear, `clip_grad_norm_`, and SGD written as a loop."""

    def __init__(self, model: str, vocab_size: int, hidden_size: int, lr: float = 20.0, limit: float = 0.25) -> None:
        super().__init__()
        self.lr, self.limit, self.state = lr, limit, None
        kind = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}[model]
        with torch.random.fork_rng():
            torch.manual_seed(1)
            self.encoder = nn.Embedding(vocab_size, hidden_size)
            self.rnn, self.decoder = kind(hidden_size, hidden_size), nn.Linear(hidden_size, vocab_size)

    def __call__(self, x: Tensor, y: Tensor) -> float:
        output, state = self.rnn(self.encoder(x.T), self.state)
        self.state = tuple(part.detach() for part in state) if isinstance(state, tuple) else state.detach()
        loss = F.nll_loss(F.log_softmax(self.decoder(output).flatten(0, 1), dim=1), y.T.reshape(-1))
        self.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.parameters(), self.limit)
        for parameter in self.parameters():
            parameter.data.add_(parameter.grad, alpha=-self.lr)
        return loss.item()


def flops_per_token(model: str, hidden_size: int, vocab_size: int) -> int:
    """Floating-point operations that a training step cannot do without: forward, and twice that backward.

    Per token, h W_hhᵀ has 2 · G · H of them (G = gates · H), the output 2 · H · V; one-hot input is a lookup, free.
    """
    return 3 * 2 * hidden_size * (GATES[model] * hidden_size + vocab_size)


def product_rate(sizes: Sequence[int] = (1120, 256, 1024), repeats: int = 30) -> float:
    """Floating-point operations per second of this machine's matrix product, one thread: the best of some tries."""
    rows, inner, columns = sizes
    a, b, out = torch.randn(rows, inner), torch.randn(inner, columns), torch.empty(rows, columns)
    best = math.inf
    for _ in range(repeats):
        began = time.thread_time()
        torch.mm(a, b, out=out)
        best = min(best, time.thread_time() - began)
    return 2 * rows * inner * columns / best
