"""The language model: encoding, recurrent layers, and a linear output over the next character.

Shapes: B batch, T time, E embedding, H hidden, V vocabulary.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812 - PyTorch's own abbreviation
from torch import Tensor, nn

from rnnlab.models.fused_cross_entropy import cross_entropy, fused_cross_entropy
from rnnlab.models.tied_weights import tie_state_dict, tie_weights
from rnnlab.recurrent import (
    BIASES,
    GRADIENTS,
    IMPLEMENTATIONS,
    MODELS,
    State,
    blank_embedding,
    cell_spec,
    check_cell,
    dropout,
    make_layer,
    materialize,
    set_gate_bias,
)
from rnnlab.validation import Choice, Config, Integer, InvalidInput, Real, Switch, setting

ENCODINGS = ("one-hot", "embedding")
INITIALIZATIONS = ("uniform", "normal")


@dataclass(frozen=True)
class LanguageModelConfig(Config):
    """Architecture of a language model; `experiments.language_model.Config` adds its training."""

    model: str = setting("gru", Choice(MODELS), "kind of recurrent layer")
    implementation: str = setting(
        "torch", Choice(IMPLEMENTATIONS), "written out here (scratch) or torch.nn (torch)", section="model"
    )
    gradient: str = setting(
        "by_hand",
        Choice(GRADIENTS),
        "of the layers from scratch: written by hand, or autograd's; the same numbers",
        section="model",
    )
    encoding: str = setting(
        "embedding", Choice(ENCODINGS), "how a character enters: one-hot or a learned embedding", section="model"
    )
    embedding_size: int = setting(
        128, Integer(1, 2048), "length of the learned embedding; one-hot ignores it", section="model"
    )
    hidden_size: int = setting(192, Integer(1, 2048), "units in the hidden state", section="model")
    num_layers: int = setting(1, Integer(1, 8), "recurrent layers, one on top of the other", section="model")
    dropout: float = setting(
        0.0, Real(0.0, 0.95), "share of units silenced between layers and before the output", section="model"
    )
    embedding_dropout: float = setting(
        0.0, Real(0.0, 0.95), "share of the learned embedding's numbers silenced at each step", section="model"
    )
    nonlinearity: str = setting(
        "tanh", Choice(("tanh", "relu")), "of the plain RNN; GRU and LSTM have their own", section="model"
    )
    bidirectional: bool = setting(
        False, Switch(), "read from both ends: the model then sees the answer", section="model"
    )
    reset_after: bool = setting(
        True, Switch(), "GRU: reset after the product (torch.nn) or before it (the tutorials)", section="model"
    )
    biases: str = setting(
        "two",
        Choice(BIASES),
        "learned per sum, from scratch: two as in torch.nn (b_ih, b_hh), or one as in the tutorials (b_h)",
        section="model",
    )
    initialization: str = setting(
        "uniform",
        Choice(INITIALIZATIONS),
        "of the weights: uniform(±1/√H) as torch.nn, or normal(0, 0.01), zero biases",
        section="model",
    )
    init_scale: float | None = setting(
        None,
        Real(1e-6, 10.0, optional=True),
        "a of uniform(±a) for all weights, or deviation of the normal ones; empty: 1/√H, or 0.01",
        section="model",
    )
    forget_bias: float | None = setting(
        None,
        Real(-10.0, 10.0, optional=True),
        "of the LSTM at the start; 1 lets it remember from there on; empty: drawn",
        section="model",
    )
    tie_weights: bool = setting(
        False, Switch(), "one matrix for embedding and output; their sizes must agree", section="model"
    )

    def check_together(self) -> None:
        """Raise InvalidInput for a form of the model that does not exist."""
        check_cell(self.model, self.implementation, self.nonlinearity, self.reset_after, self.biases)
        if self.embedding_dropout and self.encoding != "embedding":
            raise InvalidInput("needs_embedding", "embedding_dropout", value=self.embedding_dropout)
        if self.forget_bias is not None and "f" not in cell_spec(self.model).gates:
            raise InvalidInput("no_forget_gate", "forget_bias", value=self.forget_bias, model=self.model)
        wanted = (2 if self.bidirectional else 1) * self.hidden_size
        if self.tie_weights and self.encoding != "embedding":
            raise InvalidInput("needs_embedding", "tie_weights", value="true")
        if self.tie_weights and self.embedding_size != wanted:
            raise InvalidInput("tied_sizes", "tie_weights", value=self.embedding_size, wanted=wanted)


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
