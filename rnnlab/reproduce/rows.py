"""The rows of the table: what was published, and how it is measured here."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from rnnlab.experiments import hello, language_model, sine, tagging

SEEDS = 3  # for a row with published figures; one for the others
# Adam at 0.01 and nothing clipped: now and then a gradient throws the weights far off, for a few epochs. If that hits
# two of three seeds, their median says nothing of the recipe; of seven it takes four.
MORE_SEEDS = {"gru-torch": 7, "lstm-torch": 7}
QUICK_LABELS = 2  # epochs of a row that `--quick` looks at

# Calls `train` gets a seed, the last epoch and the corpus; it yields (epoch, figure) after every epoch.
Train = Callable[[int, int, str | None], Iterator[tuple[int, float]]]


@dataclass(frozen=True)
class Row:
    """One row: `published` {epoch: figure}, and the epochs to report where nothing was published."""

    name: str
    what: str  # the figure, with its unit
    train: Train
    published: Mapping[int, float]
    epochs: tuple[int, ...]
    smaller_is_better: bool = True
    of_the_corpus: bool = False  # its figures depend on the text that is given

    @property
    def worst(self) -> float:
        """What counts for an epoch that a training did not reach, because it diverged."""
        return math.inf if self.smaller_is_better else 0.0

    def labels(self, quick: bool) -> tuple[int, ...]:
        return self.epochs[:QUICK_LABELS] if quick else self.epochs

    def seeds(self, quick: bool) -> int:
        """One for a quick look; but the small networks train in a second, and some of their seeds never learn."""
        return 1 if not self.published or (quick and self.of_the_corpus) else MORE_SEEDS.get(self.name, SEEDS)


def train_language_model(name: str, seed: int, epochs: int, text: str | None) -> Iterator[tuple[int, float]]:
    """Training perplexity by epoch of the preset `name`, on `text` or on the shipped Chinese songs."""
    changes = {"seed": seed, "epochs": epochs, "sample_every": None, "sample_prefixes": ()}
    if text is not None:
        changes["corpus"] = "own"
    config = language_model.preset(name).config(**changes)
    for event in language_model.run(config, text):
        if isinstance(event, language_model.Epoch):
            yield event.epoch, event.perplexity


def train_hello(module: str, seed: int, epochs: int, _text: str | None) -> Iterator[tuple[int, float]]:
    """Share of the characters of ohlol that are right."""
    config = hello.preset(module).config(seed=seed, epochs=epochs)
    for event in hello.run(config):
        if isinstance(event, hello.Epoch):  # before its update, as the tutorial prints it; Finished is one update later
            right = sum(a == b for a, b in zip(event.predicted, config.target, strict=True))
            yield event.epoch, right / len(config.target)


def train_sine(seed: int, windows: int, _text: str | None) -> Iterator[tuple[int, float]]:
    """Mean squared error over the last windows, up to 20 of them."""
    for event in sine.run(sine.Config(seed=seed, windows=windows, free_run=0)):
        if isinstance(event, sine.Window):
            yield event.window, event.mean_loss


def train_tagger(name: str, sentence: int, seed: int, epochs: int, _text: str | None) -> Iterator[tuple[int, float]]:
    """Share of the right tags of one sentence (from 0) of a toy set, once it has been trained."""
    for event in tagging.run(tagging.preset(name).config(seed=seed, epochs=epochs)):
        if isinstance(event, tagging.Epoch) and event.epoch < epochs:
            yield event.epoch, math.nan  # not asked yet
        if isinstance(event, tagging.Scores) and event.when == "after" and event.sentence == sentence:
            best = [event.tags[k] for k in event.log_probs.argmax(axis=1)]
            yield epochs, sum(a == b for a, b in zip(best, event.gold, strict=True)) / len(best)


def language_rows() -> Iterator[Row]:
    """A row for each preset of the tutorials."""
    for name, preset in language_model.PRESETS.items():
        if name != "quick":
            epochs = tuple(preset.published) or (50, 100, 250, 500)
            train = partial(train_language_model, name)
            yield Row(name, "perplexity", train, preset.published, epochs, of_the_corpus=True)


ROWS: tuple[Row, ...] = (
    *language_rows(),
    Row("hello-RNNCell", "share of ohlol", partial(train_hello, "RNNCell"), {100: 1.0}, (100,), False),
    Row("hello-RNN", "share of ohlol", partial(train_hello, "RNN"), {20: 1.0}, (20,), False),
    Row("sine", "mean squared error", train_sine, {}, (20, 100, 200, 300)),
    Row("tagger-en", "share of the tags", partial(train_tagger, "toy-en", 0), {300: 1.0}, (300,), False),
    Row("tagger-zh", "share of the tags", partial(train_tagger, "toy-zh", 1), {}, (600,), False),
)
