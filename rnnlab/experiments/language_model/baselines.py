"""Baselines that need no network, on the same text: uniform, unigram, and n-gram guesses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rnnlab import limits
from rnnlab.models import NGrams
from rnnlab.perplexity import unigram_perplexity
from rnnlab.text import Corpus

ORDERS = (2, 3, 4, 5)  # of the n-gram models: with longer ones hardly anything changes on ten thousand characters
NAMES = ("uniform", "unigram", *(f"ngram{n}" for n in ORDERS))


def baselines(corpus: Corpus) -> dict[str, Any]:
    """Return the baselines' perplexities on training and held-out text, by their names in `Started`.

    They are the uniform guess over the vocabulary, the guess by character frequency, and n-gram models that have
    counted the first `counted_tokens` of the training text; None where there is no text, or too little to count. On
    held-out text the frequencies are discounted like an n-gram's: a character that is new there has a probability.
    """
    ids, held_out = (part[: limits.MAX_COUNTED_TOKENS].tolist() for part in (corpus.train_ids, corpus.held_out_ids))
    models = NGrams(ids, len(corpus.vocab), min(ORDERS[-1], len(ids)))
    known = dict(enumerate(models.perplexities(ids), start=1))
    new = dict(enumerate(models.perplexities(held_out), start=1)) if held_out else {}
    return {
        "uniform_perplexity": float(len(corpus.vocab)),
        "unigram_perplexity": unigram_perplexity(corpus.train_ids),
        "unigram_held_out_perplexity": new.get(1),
        **{f"ngram{n}_perplexity": known.get(n) for n in ORDERS},
        **{f"ngram{n}_held_out_perplexity": new.get(n) for n in ORDERS},
        "counted_tokens": len(ids),
    }


def compared(known: Mapping[str, Any]) -> list[tuple[str, float | None, float | None]]:
    """Return the result of `baselines` as a table: name, perplexity on training and on held-out text."""
    both = {
        **known,
        "uniform_held_out_perplexity": known["uniform_perplexity"],
    }  # the uniform guess depends on the vocabulary alone
    return [(name, both[f"{name}_perplexity"], both[f"{name}_held_out_perplexity"]) for name in NAMES]
