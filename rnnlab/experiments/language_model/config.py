"""The settings of the language-model experiment: the model, its text, and how it is trained."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

from rnnlab.checkpoints import optimizer_state
from rnnlab.experiments.optimizers import OPTIMIZERS
from rnnlab.experiments.schedules import SCHEDULES
from rnnlab.models import LanguageModelConfig
from rnnlab.resources import CORPORA
from rnnlab.text import MAX_MIN_FREQ, SAMPLINGS, TOKENIZERS
from rnnlab.text.synthetic import DEFAULT_DISTANCE, MAX_DISTANCE
from rnnlab.validation import Choice, Integer, InvalidInput, Real, Switch, Text, Texts, setting

KEPT = ("last", "best")
STATES = ("carried", "reset", "carried-across-epochs")
TRAINED = ("all", "output")


class FirstOfShipped(int):
    """The default of `max_tokens`: so many tokens of a shipped text, all of a text of one's own."""


@dataclass(frozen=True)
class Config(LanguageModelConfig):
    """The settings of one run; those of the model are inherited. The defaults are the `quick` preset."""

    corpus: str = setting("lyrics-zh", Text(1, 1000), "lyrics-zh, lyrics-en, brackets, distance, or your own")
    max_tokens: int | None = setting(
        FirstOfShipped(10_000),
        Integer(2, 20_000_000, optional=True),
        "how many of the text, the first ones: characters, or words with that tokenizer; empty keeps all, as for a "
        "text of your own",
        section="text",
    )
    distance: int = setting(
        DEFAULT_DISTANCE,
        Integer(1, MAX_DISTANCE),
        "of the text of letters and answers (distance): characters between a letter and its answer",
        section="text",
    )
    tokenizer: str = setting(
        "lines",
        Choice(TOKENIZERS),
        "lines keeps every character; raw makes a line end a space; cleaned also drops punctuation; words cuts into "
        "words and signs",
        section="text",
    )
    min_freq: int = setting(
        1,
        Integer(1, MAX_MIN_FREQ),
        "occurrences that a token of the vocabulary has at least; rarer ones become <unk>, which is never written",
        section="text",
    )
    held_out: float = setting(
        0.1, Real(0.0, 0.5), "share of the text, at its end, that is kept from training", section="text"
    )
    test: float = setting(
        0.0,
        Real(0.0, 0.5),
        "share of the text, after the held-out one, that the kept model is evaluated on once, at the end",
        section="text",
    )
    shuffle_text: bool = setting(
        False, Switch(), "put the tokens of the training text in random order, anew each epoch", section="text"
    )
    batch_size: int = setting(32, Integer(1, 4096), "sequences per minibatch", section="text")
    num_steps: int = setting(
        25, Integer(1, 2000), "tokens that the gradient runs back through (truncated BPTT)", section="text"
    )
    sampling: str = setting("sequential", Choice(SAMPLINGS), "how an epoch is cut into minibatches", section="text")
    random_offset: bool = setting(False, Switch(), "begin each epoch at a random token", section="text")
    state: str = setting(
        "carried",
        Choice(STATES),
        "between minibatches; carried starts each epoch at zero; random sampling resets",
        section="text",
    )
    detach: bool = setting(
        True,
        Switch(),
        "cut the gradient off between minibatches; false: it runs back to the start of the epoch, ever further",
        section="text",
    )
    optimizer: str = setting("adam", Choice(tuple(OPTIMIZERS)), "update rule", section="learning")
    momentum: float = setting(
        0.0, Real(0.0, 0.9999), "of SGD and RMSProp: share of the last update in the next one", section="learning"
    )
    weight_decay: float = setting(
        0.0,
        Real(0.0, 10.0),
        "pull of the weights towards 0: added to the gradient as λ·θ, in AdamW apart from it; 0: none",
        section="learning",
    )
    learning_rate: float = setting(0.015, Real(0.0, 1e7), "step size of the optimizer")
    schedule: str = setting(
        "constant",
        Choice(SCHEDULES),
        "of the learning rate; plateau: when held-out perplexity stops falling; cosine: to 0 at the last minibatch",
        section="schedule",
    )
    schedule_factor: float = setting(
        0.5, Real(0.001, 1.0), "of step, exponential and plateau: multiplies the learning rate", section="schedule"
    )
    schedule_every: int = setting(
        1, Integer(1, 100_000), "epochs: of step between two steps, of plateau without a new lowest", section="schedule"
    )
    schedule_after: int | None = setting(
        None,
        Integer(0, 100_000, optional=True),
        "epochs at the full learning rate, of step and exponential; empty: as many as between two steps",
        section="schedule",
    )
    grad_clip: float | None = setting(
        1.0,
        Real(1e-6, 1e6, optional=True),
        "θ, the largest norm of the gradient: g ← g · min(1, θ/‖g‖); or the largest size of each number; empty: never",
        section="learning",
    )
    clip_by: str = setting(
        "norm",
        Choice(("norm", "value")),
        "the norm, so that the whole gradient is shortened, or each number: g_i ← min(max(g_i, −θ), θ)",
        section="learning",
    )
    trained: str = setting(
        "all",
        Choice(TRAINED),
        "the weights that training changes: all, or the output's only, so that the others stay random",
        section="learning",
    )
    epochs: int = setting(20, Integer(1, 100_000), "passes over the text, counted from the very beginning")
    target_perplexity: float | None = setting(
        None,
        Real(1.0, 1e6, optional=True),
        "stop at the first epoch whose training perplexity is this low",
        section="learning",
    )
    keep: str = setting(
        "last",
        Choice(KEPT),
        "the weights to use and to save: of the last epoch, or of the best one on held-out text",
        section="learning",
    )
    patience: int | None = setting(
        None,
        Integer(1, 100_000, optional=True),
        "stop after so many epochs without a lower held-out perplexity; empty: never",
        section="learning",
    )
    seed: int = setting(1, Integer(0, 2**31 - 1), "of initial weights, sampling and dropout", section="learning")
    sample_prefixes: tuple[str, ...] = setting(
        (),
        Texts(8, Text(1, 40)),
        "what the model is asked to continue, with | between several; empty suits the text",
        section="samples",
    )
    sample_length: int = setting(
        50, Integer(1, 500), "characters per sample, or words with that tokenizer", section="samples"
    )
    sample_every: int | None = setting(
        1, Integer(1, 100_000, optional=True), "epochs between samples; empty: never", section="samples"
    )
    progress_every: int | None = setting(
        100_000,
        Integer(1, 20_000_000, optional=True),
        "trained characters between two interim evaluations within a long epoch; empty: none",
        section="samples",
    )

    def __post_init__(self) -> None:
        if isinstance(self.max_tokens, FirstOfShipped) and self.corpus not in CORPORA:
            object.__setattr__(self, "max_tokens", None)
        super().__post_init__()

    def check_together(self) -> None:
        """Raise InvalidInput for settings that do not go together."""
        super().check_together()
        if self.momentum and "momentum_buffer" not in optimizer_state(self.optimizer, self.momentum):
            raise InvalidInput("momentum_of_adam", "momentum", value=self.momentum, optimizer=self.optimizer)

        if not self.detach and (self.sampling == "random" or self.state != "carried"):
            raise InvalidInput("nothing_to_detach", "detach", value="false")

    def extended(self, planned: int, epochs: int) -> Self:
        """Return these settings for `epochs` more than `planned`, without an early end. Raises InvalidInput."""
        Integer(1, 100_000).check("epochs", epochs)
        return replace(self, epochs=planned + int(epochs), target_perplexity=None, patience=None)
