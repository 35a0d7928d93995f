"""The language model: encoding, recurrent layers, and a linear output over the next character.

Shapes: B batch, T time, E embedding, H hidden, V vocabulary.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F  # noqa: N812 - PyTorch's own abbreviation
from torch import Tensor, nn

from rnnlab.models.fused_cross_entropy import cross_entropy, fused_cross_entropy
from rnnlab.models.language_model_config import LanguageModelConfig
from rnnlab.models.tied_weights import tie_state_dict, tie_weights
from rnnlab.recurrent import (
    State,
    blank_embedding,
    cell_spec,
    dropout,
    make_layer,
    materialize,
    set_gate_bias,
)


class LanguageModel(nn.Module):
    """Predict the next character at every step: encoding → recurrent layers → linear output.

        e_t = one_hot(x_t)  or  E[x_t]
        h_t = recurrent(e_t, h_{t-1})
        logits_t = h_t W_out^T + b_out          p(x_{t+1} | x_1 … x_t) = softmax(logits_t)

    `generator` is the only source of randomness (initial weights and dropout masks); None is torch's global
    one. On the `meta` device the model has shapes and no values: checkpoints read the shapes to expect from it.
    """

    def __init__(
        self,
        config: LanguageModelConfig,
        vocab_size: int,
        *,
        generator: torch.Generator | None = None,
        device: torch.device | str | None = None,
    ) -> None:
        super().__init__()
        self.config, self.vocab_size, self.generator = config, vocab_size, generator
        learned = config.encoding == "embedding"
        # Made on `meta` so that no constructor draws from torch's global generator; filled below from ours.
        self.embedding = blank_embedding(vocab_size, config.embedding_size) if learned else None
        self.recurrent = make_layer(
            config.model,
            config.implementation,
            input_size=config.embedding_size if learned else vocab_size,
            hidden_size=config.hidden_size,
            num_layers=config.num_layers,
            dropout=config.dropout,
            bidirectional=config.bidirectional,
            nonlinearity=config.nonlinearity,
            reset_after=config.reset_after,
            gradient=config.gradient,
            biases=config.biases,
            generator=generator,
            device="meta",
        )
        directions = 2 if config.bidirectional else 1
        self.output = nn.Linear(directions * config.hidden_size, vocab_size, device="meta")
        if torch.device(device or "cpu").type != "meta":
            materialize(self, "cpu")  # drawn on the CPU whatever the device: the same seed, the same weights
            if config.tie_weights:
                tie_weights(self)
            self.initialize()
            self.to(device or "cpu")
        if config.tie_weights:
            tie_weights(self)
            tie_state_dict(self)

    @torch.no_grad()
    def initialize(self) -> None:
        """Draw every weight anew from the generator, in the order of `named_parameters`; zero what is not learned.

        An `init_scale` a is for all weights: uniform(±a), as char-rnn has with 0.08, or the deviation of the normal
        ones. A tied matrix is drawn as the output's. `forget_bias`: Gers et al. 2000; Jozefowicz et al. 2015 advise 1.
        """
        scale = self.config.init_scale
        for buffer in self.buffers():
            buffer.zero_()
        for name, parameter in self.named_parameters():
            if self.config.initialization == "normal":
                parameter.normal_(0.0, 0.01 if scale is None else scale, generator=self.generator)
                if "bias" in name:
                    parameter.zero_()
            elif name.startswith("embedding") and scale is None and not self.config.tie_weights:
                parameter.normal_(generator=self.generator)
            else:  # as in torch.nn: 1/√n, where a unit of the layer sums over n
                fan = self.config.hidden_size if name.startswith("recurrent") else self.output.in_features
                bound = 1 / math.sqrt(fan) if scale is None else scale
                parameter.uniform_(-bound, bound, generator=self.generator)
        if self.config.forget_bias is not None:
            gate = cell_spec(self.config.model).gates.index("f")
            set_gate_bias(self.recurrent, gate, self.config.hidden_size, self.config.forget_bias)

    def forward(self, ids: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Return the logits (B, T, V) for `ids` (B, T), and the state after the last step.

        The state is (L·D, B, H) or a pair.
        `state` None starts from zeros. L is the number of layers, D that of directions.
        """
        hidden, state = self.read(ids, state)
        return self.output(hidden), state

    def mean_nll(self, ids: Tensor, targets: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Return the mean NLL in nats of `targets` (B, T) after `ids` (B, T), and the state.

        It equals `mean_nll(self(ids, state)[0], targets)`, with the same gradients, computed by `fused_cross_entropy`
        (`tests/models/test_fused_cross_entropy.py`). A scratch model with `gradient` "autograd" computes it by
        `cross_entropy`, so that no gradient of it is written by hand.
        """
        hidden, state = self.read(ids, state)
        rows = hidden.transpose(0, 1).flatten(0, 1)  # (T·B, D·H), a view: the layers leave time first in memory
        autograd = self.config.implementation == "scratch" and self.config.gradient == "autograd"
        nll_of = cross_entropy if autograd else fused_cross_entropy
        return nll_of(rows, self.output.weight, self.output.bias, targets.T.flatten()), state

    def read(self, ids: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Return the output layer's input (B, T, D·H) for `ids` (B, T), and the state after the last step.

        Our own layers take the ids themselves, and the embedding if there is one: they project each distinct character
        once (`recurrent.input_projection`). With dropout on the embedding equal characters differ, so the layers then
        take the vectors.
        """
        if self.config.implementation == "scratch" and self._embedding_dropout_rate == 0:
            table = None if self.embedding is None else self.embedding.weight
            hidden, state = self.recurrent(ids, state, embedding=table, one_hot=table is None)
        else:
            hidden, state = self.recurrent(self.encode(ids), state)
        return dropout(hidden, self.dropout_rate, self.generator), state

    @property
    def dropout_rate(self) -> float:
        """The share of units to zero: 0 outside training."""
        return self.config.dropout if self.training else 0.0

    @property
    def _embedding_dropout_rate(self) -> float:
        return self.config.embedding_dropout if self.training else 0.0

    def encode(self, ids: Tensor) -> Tensor:
        """Return `ids` (B, T) as vectors (B, T, E) or, one-hot, (B, T, V), with time first in memory.

        In training `embedding_dropout` zeroes numbers of the embedded vectors, each by itself (Zaremba et al. 2014, and
        `word_language_model` of PyTorch's examples); it acts on no one-hot vector.
        """
        in_time = ids.movedim(-1, 0)  # (T, B); without a batch nothing moves
        if self.embedding is not None:
            vectors = dropout(self.embedding(in_time), self._embedding_dropout_rate, self.generator)
        else:
            vectors = F.one_hot(in_time, self.vocab_size).to(self.output.weight.dtype)
        return vectors.movedim(0, -2)

    def count_parameters(self) -> int:
        """Return the number of learned values."""
        return sum(parameter.numel() for parameter in self.parameters())


def mean_nll(logits: Tensor, targets: Tensor) -> Tensor:
    """Return the mean NLL in nats of `targets` (B, T) under `logits` (B, T, V)."""
    return F.cross_entropy(logits.flatten(0, 1), targets.flatten())
