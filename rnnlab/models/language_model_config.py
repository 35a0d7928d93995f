"""The settings of a language model's architecture."""

from __future__ import annotations

from dataclasses import dataclass

from rnnlab.recurrent import BIASES, GRADIENTS, IMPLEMENTATIONS, MODELS, cell_spec, check_cell
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
