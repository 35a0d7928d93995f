"""Prepare the text of a run, and check text and model before any weight is made."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from functools import partial

from rnnlab import limits
from rnnlab.checkpoints import optimizer_state
from rnnlab.experiments.language_model.config import Config
from rnnlab.models import check_memory
from rnnlab.models.memory_estimate import training_bytes
from rnnlab.resources import GENERATED_CORPORA, PREFIXES, corpus_text, generated_corpus, generated_source
from rnnlab.text import Corpus, Vocab, clusters, make_corpus, number_of_batches, tokenize_words
from rnnlab.text.tutorial_lyrics import is_tutorial_lyrics
from rnnlab.validation import InvalidInput

TOO_SHORT = {"too_few_tokens", "held_out_too_short"}
BEGINNING = 10_000  # characters of a text in which the first known word is looked for


@dataclass(frozen=True, eq=False)
class Prepared:
    """A text, cut and numbered for training."""

    corpus: Corpus
    prefixes: tuple[str, ...]  # see `prefixes_of`
    steps: int  # minibatches per epoch
    is_tutorial_lyrics: bool  # whether the text is that of the published results


def prepare(
    config: Config, text: str | None = None, held_out_text: str | None = None, test_text: str | None = None
) -> Prepared:
    """Cut and number the text; `text` is needed when `config.corpus` is not in CORPORA.

    held_out_text, test_text: see `make_corpus`.

    Raises InvalidInput, for example if the text is too short for a minibatch or the model too large for the memory.
    """
    text = corpus_text(config.corpus, config.distance) if text is None else text
    batches = partial(
        number_of_batches,
        batch_size=config.batch_size,
        num_steps=config.num_steps,
        sampling=config.sampling,
        random_offset=config.random_offset,
    )
    try:
        corpus = make_corpus(
            text,
            tokenizer=config.tokenizer,
            min_freq=config.min_freq,
            max_tokens=config.max_tokens,
            held_out=config.held_out,
            test=config.test,
            held_out_text=held_out_text,
            test_text=test_text,
        )
    except InvalidInput as error:
        if error.code in TOO_SHORT:
            batches(error.details["tokens"])  # raises an error that says how much text is needed
        raise
    if held_out_text is None and test_text is None:
        corpus = with_entropy(corpus, config, text)
    steps = batches(len(corpus.train_ids))
    moments = len(set(optimizer_state(config.optimizer, config.momentum)) - {"step"})
    check_memory(config, len(corpus.vocab), graph_tokens(config, steps), moments)
    return Prepared(corpus, prefixes_of(config, text, corpus.vocab), steps, is_tutorial_lyrics(text))


def bytes_of_training(config: Config, vocab_size: int) -> int:
    """Estimate the bytes that a training takes besides its text."""
    moments = len(set(optimizer_state(config.optimizer, config.momentum)) - {"step"})
    return training_bytes(config, vocab_size, graph_tokens(config), moments)


def graph_tokens(config: Config, steps: int | None = None) -> int:
    """Return the tokens of the largest graph that a gradient runs back through.

    That is a minibatch, or without `detach` all of an epoch of `steps` minibatches (None: of any number), up to its
    limit.
    """
    longest = config.num_steps
    if not config.detach:
        longest = max(longest, min(limits.MAX_UNDETACHED_STEPS, config.num_steps * (steps or sys.maxsize)))
    return config.batch_size * longest


def with_entropy(corpus: Corpus, config: Config, text: str) -> Corpus:
    """Return `corpus` with the entropy of its source, if its tokens are the characters of a generated text.

    A line end that is read as a space ("raw") carries as much information as before.
    """
    whole = config.tokenizer in ("lines", "raw") and corpus.vocab.unknown_id is None
    if not whole or config.corpus not in GENERATED_CORPORA or text != generated_corpus(config.corpus, config.distance):
        return corpus
    return replace(corpus, entropy_bits=generated_source(config.corpus, config.distance).entropy_bits)


def prefixes_of(config: Config, text: str, vocab: Vocab | None = None) -> tuple[str, ...]:
    """Return the prefixes of samples; for a text of one's own, its first word.

    Of characters it has at most 8 letters; of words it is one that `vocab` has.
    """
    if shipped := PREFIXES.get(config.corpus):
        return shipped
    if config.tokenizer == "words":
        words = tokenize_words(text[:BEGINNING])
        return (next((word for word in words if word[0].isalpha() and (vocab is None or word in vocab)), ""),)
    return ("".join(clusters(text.split(maxsplit=1)[0][:40])[:8]),)
