"""What a network must beat: guesses that need no network, on the same text."""

from __future__ import annotations

from rnnlab.models import NGram
from rnnlab.perplexity import unigram_perplexity
from rnnlab.text import Corpus

ORDER = 5  # of the n-gram model: with longer ones hardly anything changes on ten thousand characters
MOST_TOKENS = 30_000  # counting n-grams in Python takes 0.15 s for 10,000; a longer text goes without


def baselines(corpus: Corpus) -> dict[str, float | None]:
    """Perplexities, by the names that they have in `Started`.

    A blind guess among the vocabulary, a guess by how often each character occurs, and an n-gram model, on the
    training text that it has counted and on the held-out text that it has not; None where there is none.
    """
    known = {
        "uniform_perplexity": float(len(corpus.vocab)),
        "unigram_perplexity": unigram_perplexity(corpus.train_ids),
    }
    if not ORDER <= len(corpus.train_ids) <= MOST_TOKENS:
        return {**known, "ngram_perplexity": None, "ngram_held_out_perplexity": None}
    ids, held_out = corpus.train_ids.tolist(), corpus.held_out_ids.tolist()
    ngram = NGram(ids, len(corpus.vocab), ORDER)
    return {
        **known,
        "ngram_perplexity": ngram.perplexity(ids),
        "ngram_held_out_perplexity": ngram.perplexity(held_out) if held_out else None,
    }
