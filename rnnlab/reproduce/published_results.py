"""List the rows of the table of results: the published results, and the training that reproduces each."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from rnnlab.experiments import hello, language_model, sine, tagging

SEEDS = 3  # of a row with published results, or with a small network; other rows have one seed
# Adam at 0.01 without clipping: sometimes a large gradient spoils the weights for a few epochs. If that happens to two
# of three seeds, their median does not represent the recipe; with seven seeds it must happen to four.
SEEDS_OF_UNSTABLE_RECIPES = {"gru-torch": 7, "lstm-torch": 7}
QUICK_EPOCHS = 2  # the first epochs of a row that `--quick` compares

# (seed, last epoch, text) → (epoch, value) after every epoch; a text of None means the shipped lyrics
Train = Callable[[int, int, str | None], Iterator[tuple[int, float]]]


@dataclass(frozen=True)
class TableRow:
    """One row of the table of results: an experiment, its published results, and how to train it."""

    name: str
    what: str  # the quantity that is compared
    train: Train
    published: Mapping[int, float]  # {epoch: value}
    epochs: tuple[int, ...]  # to report, ascending
    smaller_is_better: bool = True
    depends_on_text: bool = False  # whether the results depend on the given text

    @property
    def worst(self) -> float:
        """Return the value of an epoch that a training did not reach because it diverged."""
        return math.inf if self.smaller_is_better else 0.0

    def epochs_to_report(self, quick: bool) -> tuple[int, ...]:
        """Return the epochs to report, only the first ones with `quick`."""
        return self.epochs[:QUICK_EPOCHS] if quick else self.epochs

    def seeds(self, quick: bool) -> int:
        """Return the number of seeds: 1 with `quick`, except for small networks, which may fail to learn."""
        if self.depends_on_text and (quick or not self.published):
            return 1
        return SEEDS_OF_UNSTABLE_RECIPES.get(self.name, SEEDS)


def train_language_model(name: str, seed: int, epochs: int, text: str | None) -> Iterator[tuple[int, float]]:
    """Yield the training perplexity of the preset `name` by epoch, on `text` or shipped Chinese lyrics."""
    changes: dict[str, Any] = {"seed": seed, "epochs": epochs, "sample_every": None, "sample_prefixes": ()}
    if text is not None:
        changes["corpus"] = "own"
    config = language_model.preset(name).config(**changes)
    for event in language_model.run(config, text):
        if isinstance(event, language_model.Epoch):
            yield event.epoch, event.perplexity


def train_hello(module: str, seed: int, epochs: int, _text: str | None) -> Iterator[tuple[int, float]]:
    """Yield the share of right characters of ohlol by epoch, before its update as in the tutorial."""
    config = hello.preset(module).config(seed=seed, epochs=epochs)
    for event in hello.run(config):
        if isinstance(event, hello.Epoch):  # not Finished, which is one update later
            right = sum(a == b for a, b in zip(event.predicted, config.target, strict=True))
            yield event.epoch, right / len(config.target)


def train_sine(seed: int, windows: int, _text: str | None) -> Iterator[tuple[int, float]]:
    """Yield the mean squared error over the last windows (at most 20) by window."""
    for event in sine.run(sine.Config(seed=seed, windows=windows, free_run=0)):
        if isinstance(event, sine.Window):
            yield event.window, event.mean_loss


def train_tagger(name: str, sentence: int, seed: int, epochs: int, _text: str | None) -> Iterator[tuple[int, float]]:
    """Yield the share of right tags of one sentence (from 0) at the last epoch, and NaN before it."""
    for event in tagging.run(tagging.preset(name).config(seed=seed, epochs=epochs)):
        if isinstance(event, tagging.Epoch) and event.epoch < epochs:
            yield event.epoch, math.nan
        if isinstance(event, tagging.Scores) and event.when == "after" and event.sentence == sentence:
            best = [event.tags[k] for k in event.log_probs.argmax(axis=1)]
            yield epochs, sum(a == b for a, b in zip(best, event.gold, strict=True)) / len(best)


def language_rows() -> Iterator[TableRow]:
    """Yield a row for each preset of the tutorials."""
    for name, preset in language_model.PRESETS.items():
        if name != "quick":
            epochs = tuple(preset.published) or (50, 100, 250, 500)
            train = partial(train_language_model, name)
            yield TableRow(name, "perplexity", train, preset.published, epochs, depends_on_text=True)


TABLE_ROWS: tuple[TableRow, ...] = (
    *language_rows(),
    # The tutorial shows the words of RNNCell in a picture that is lost, and prints none for RNN.
    TableRow("hello-RNNCell", "share of ohlol", partial(train_hello, "RNNCell"), {}, (100,), False),
    TableRow("hello-RNN", "share of ohlol", partial(train_hello, "RNN"), {}, (20,), False),
    TableRow("sine", "mean squared error", train_sine, {}, (20, 100, 200, 300)),
    # The largest of its printed scores is the right tag for four of five words: "ate" is taken for a noun.
    TableRow("tagger-en", "share of the tags", partial(train_tagger, "toy-en", 0), {300: 0.8}, (300,), False),
    TableRow("tagger-zh", "share of the tags", partial(train_tagger, "toy-zh", 1), {}, (600,), False),
)
