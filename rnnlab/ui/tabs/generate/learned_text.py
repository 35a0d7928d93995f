"""The text that a chosen model has learned, where the server has it: songs are looked up in it."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import Any

from rnnlab.checkpoints import Checkpoint
from rnnlab.experiments.language_model import Config, LearnedText
from rnnlab.experiments.language_model.data import prepare
from rnnlab.limits import MAX_LEARNED_TEXTS
from rnnlab.resources import CORPORA
from rnnlab.runs import Runner
from rnnlab.ui.tabs.train.passages import learned_of
from rnnlab.ui.tabs.train.runs import training_of
from rnnlab.validation import InvalidInput

_texts: OrderedDict[str, LearnedText] = OrderedDict()  # the latest last
_lock = Lock()


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
    with _lock:
        if key in _texts:
            _texts.move_to_end(key)
            return _texts[key] if _texts[key].corpus.text_digest == model.text_digest else None
    try:
        corpus = prepare(config).corpus
    except InvalidInput:  # an older shipped text may not fit
        return None
    if corpus.text_digest != model.text_digest:
        return None
    found = LearnedText(corpus)
    with _lock:
        _texts[key] = found
        while len(_texts) > MAX_LEARNED_TEXTS:
            _texts.popitem(last=False)
    return found
