"""Train a tagger: the tutorial's toy sets, the lesson on context, and real parts of speech.

for event in run(preset("everyday-en").config()):
    if isinstance(event, Epoch):
        print(event.epoch, event.held_out_accuracy)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rnnlab.experiments.divergence import Diverged, EpochDiverged
from rnnlab.experiments.event import Event
from rnnlab.experiments.presets import Preset
from rnnlab.experiments.tagging.comparison import ComparisonTrainer, Verdict, WithoutRecurrence
from rnnlab.experiments.tagging.config import Config
from rnnlab.experiments.tagging.corpora import CORPORA, corpus_sentences, sentence_words
from rnnlab.experiments.tagging.events import Epoch, Finished, Mistake, Scores, Started, Step
from rnnlab.experiments.tagging.presets import PRESETS, preset
from rnnlab.experiments.tagging.trainer import Trainer
from rnnlab.text import TaggedSentence

__all__ = [
    "CORPORA",
    "PRESETS",
    "ComparisonTrainer",
    "Config",
    "Diverged",
    "Epoch",
    "EpochDiverged",
    "Event",
    "Finished",
    "Mistake",
    "Preset",
    "Scores",
    "Started",
    "Step",
    "Trainer",
    "Verdict",
    "WithoutRecurrence",
    "corpus_sentences",
    "preset",
    "run",
    "sentence_words",
]  # fmt: skip


def run(
    config: Config,
    sentences: Sequence[TaggedSentence] | None = None,
    held_out: Sequence[TaggedSentence] | None = None,
) -> Iterator[Event]:
    """Run the experiment, one event at a time; see Trainer for the arguments. Raises InvalidInput."""
    yield from Trainer(config, sentences, held_out).events()
