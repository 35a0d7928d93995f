"""Measure the baselines without a network on the training text of the recipes."""

from __future__ import annotations

from typing import Any

from rnnlab.experiments.language_model import Config
from rnnlab.experiments.language_model.baselines import baselines, compared
from rnnlab.reproduce.corpora import is_shipped
from rnnlab.resources import shipped_corpus
from rnnlab.text import make_corpus


def measure_baselines(text: str | None) -> dict[str, Any]:
    """Return perplexities {name: {"training": …, "held_out": …}} on `text` or shipped lyrics, and sizes.

    The recipes read 10,000 characters; here, as in `quick`, the last tenth of them is held out.
    """
    config = Config()
    corpus = make_corpus(
        shipped_corpus(config.corpus) if text is None else text,
        tokenizer=config.tokenizer,
        max_tokens=config.max_tokens,
        held_out=config.held_out,
    )
    rows = compared(baselines(corpus))
    return {
        "baselines": {name: {"training": training, "held_out": held_out} for name, training, held_out in rows},
        "training_tokens": len(corpus.train_ids),
        "held_out_tokens": len(corpus.held_out_ids),
        "shipped": is_shipped(text),
    }
