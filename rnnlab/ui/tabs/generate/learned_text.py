"""The text that a chosen model has learned, where the server has it: songs are looked up in it."""

from __future__ import annotations

from typing import Any

from rnnlab.checkpoints import Checkpoint
from rnnlab.experiments.language_model import Config, LearnedText
from rnnlab.experiments.language_model.data import prepare
from rnnlab.limits import MAX_LEARNED_TEXTS, MAX_LEARNED_TEXTS_BYTES
from rnnlab.resources import CORPORA
from rnnlab.runs import Runner
from rnnlab.ui.latest import Latest
from rnnlab.ui.tabs.train.passages import learned_of
from rnnlab.ui.tabs.train.runs import training_of
from rnnlab.validation import InvalidInput

# by the settings of a corpus
_texts: Latest[str, LearnedText] = Latest(
    MAX_LEARNED_TEXTS, nbytes=lambda text: text.nbytes, max_bytes=MAX_LEARNED_TEXTS_BYTES
)


def learned_text(runner: Runner, saved: Any, model: Checkpoint, is_trained_here: bool) -> LearnedText | None:
    """Return the text that `model` has learned; None for a text of one's own that is not that of the visitor's run.

    is_trained_here: whether it is the model of the run that the page has `saved`. No other visitor's text is looked
    into, even if it is the same.
    """
    config = Config.from_strings(model.config)
    run = training_of(runner, saved) if is_trained_here else None
    if run is not None:
        try:
            found = learned_of(run)
        except InvalidInput:  # it was lost with its file
            return None
        return found if found.corpus.text_digest == model.text_digest else None
    if config.corpus not in CORPORA:
        return None
    settings = ("distance", "tokenizer", "min_freq", "max_tokens", "held_out", "test")
    key = " ".join([config.corpus, *(str(getattr(config, name)) for name in settings)])
    try:
        found = _texts.get(key, lambda: LearnedText(prepare(config).corpus))
    except InvalidInput:  # an older shipped text may not fit
        return None
    return found if found.corpus.text_digest == model.text_digest else None
