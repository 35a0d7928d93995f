"""The settings of the tagging experiment: the tagger, its sentences, and how it is trained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rnnlab.experiments.optimizers import OPTIMIZERS
from rnnlab.models import TaggerConfig
from rnnlab.validation import Choice, Integer, Real, Switch, Text, setting

TAGGER_OPTIMIZERS = tuple(name for name in OPTIMIZERS if name != "adamw")  # without weight decay it is Adam


@dataclass(frozen=True)
class Config(TaggerConfig):
    """The settings of one run; those of the tagger are inherited. The defaults are the `toy-en` preset."""

    lesson: ClassVar[str] = "tag"

    corpus: str = setting(
        "toy-en",
        Text(1, 1000),
        "sentences that ship (toy-en, toy-zh, context, everyday-en, everyday-zh), or the name of your own",
    )
    held_out: float = setting(0.0, Real(0.0, 0.5), "share of the sentences, the last ones, that is kept from training")
    shuffle: bool = setting(False, Switch(), "read the sentences in another order in each epoch")
    batch_size: int = setting(
        1, Integer(1, 1024), "sentences per minibatch, at most; all of one are equally long, and fewer if they are long"
    )
    optimizer: str = setting("sgd", Choice(TAGGER_OPTIMIZERS), "update rule")
    learning_rate: float = setting(0.1, Real(0.0, 1e4), "step size of the optimizer")
    decay: bool = setting(False, Switch(), "let the learning rate fall in a straight line to 0 at the end")
    grad_clip: float | None = setting(
        None, Real(1e-6, 1e6, optional=True), "largest norm of the gradient; a longer one is shortened; none: never"
    )
    epochs: int = setting(300, Integer(1, 10_000), "passes over the sentences")
    seed: int = setting(2, Integer(0, 2**31 - 1), "of initial weights, order, dropout and forgotten words")
