"""Baselines that need no network, on the same text: uniform, unigram, and n-gram guesses, and the entropy's floor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rnnlab import limits
from rnnlab.models import ngram_perplexities
from rnnlab.perplexity import unigram_perplexity
from rnnlab.text import Corpus

ORDERS = (2, 3, 4, 5, 6, 7)  # of the n-gram models: with longer ones hardly anything changes on a million characters
NAMES = ("uniform", "unigram", *(f"ngram{n}" for n in ORDERS))
FLOOR = "floor"  # the last row of the comparison, of a text whose entropy is known


def baselines(corpus: Corpus) -> dict[str, Any]:
    """Return the baselines' perplexities on training and held-out text, by their names in `Started`.

    They are those of `frequency_baselines` and of `ngram_baselines`.
    """
    return frequency_baselines(corpus) | ngram_baselines(corpus)


def frequency_baselines(corpus: Corpus) -> dict[str, float | None]:
    """Return the perplexities of the uniform guess over the vocabulary and of the guess by character frequency.

    `entropy_perplexity` is the lowest that any model can reach on new text, 2 to the power of the entropy; None where
    the entropy is not known, which it is for generated texts only.
    """
    bits = corpus.entropy_bits
    return {
        "uniform_perplexity": float(len(corpus.vocab)),
        "unigram_perplexity": unigram_perplexity(corpus.train_ids),
        "entropy_perplexity": None if bits is None else 2.0**bits,
    }


def ngram_baselines(corpus: Corpus) -> dict[str, Any]:
    """Return the perplexities of n-gram models that have counted the training text, by their names in `Baselines`.

    They have counted its first `counted_tokens`, which is all unless it is longer than MAX_COUNTED_TOKENS. None where
    there is no text, or too little to count. On held-out text the frequencies are discounted like an n-gram's: a
    character that is new there has a probability.
    """
    ids, held_out = (part[: limits.MAX_COUNTED_TOKENS].numpy() for part in (corpus.train_ids, corpus.held_out_ids))
    counted, read = ngram_perplexities(ids, [held_out], len(corpus.vocab), min(ORDERS[-1], len(ids)))
    known, new = (dict(enumerate(values, start=1)) for values in (counted, read))
    return {
        "unigram_held_out_perplexity": new.get(1),
        **{f"ngram{n}_perplexity": known.get(n) for n in ORDERS},
        **{f"ngram{n}_held_out_perplexity": new.get(n) for n in ORDERS},
        "counted_tokens": len(ids),
    }


def not_counted() -> dict[str, Any]:
    """Return what `ngram_baselines` does, while nothing has been counted."""
    names = [f"ngram{n}{part}_perplexity" for part in ("", "_held_out") for n in ORDERS]
    return dict.fromkeys(["unigram_held_out_perplexity", *names]) | {"counted_tokens": 0}


def compared(known: Mapping[str, Any]) -> list[tuple[str, float | None, float | None]]:
    """Return the result of `baselines` as a table: name, perplexity on training and on held-out text.

    A perplexity that is missing, as in what an older version has saved, is None. The last row is what is possible, on
    either text, if the entropy is known.
    """
    both = {
        **known,
        "uniform_held_out_perplexity": known["uniform_perplexity"],
    }  # the uniform guess depends on the vocabulary alone
    rows = [(name, both.get(f"{name}_perplexity"), both.get(f"{name}_held_out_perplexity")) for name in NAMES]
    possible = known.get("entropy_perplexity")
    return rows if possible is None else [*rows, (FLOOR, possible, possible)]


def best_ngram(known: Mapping[str, Any]) -> tuple[int, float] | None:
    """Return n and held-out perplexity of the n-gram model that is best there; None without held-out text."""
    found = [(value, n) for n in ORDERS if (value := known.get(f"ngram{n}_held_out_perplexity")) is not None]
    return min(found)[::-1] if found else None
