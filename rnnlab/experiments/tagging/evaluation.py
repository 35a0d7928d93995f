"""Measure a tagger: accuracy, confusion matrix, mistakes; and the baseline that only counts tags."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from rnnlab import limits
from rnnlab.experiments.tagging.events import Mistake
from rnnlab.models import Tagger
from rnnlab.text import TaggedSentence
from rnnlab.text.tagged_sentences import shown


@dataclass(frozen=True)
class Measured:
    """How well a tagger tags some sentences. Confusion: a row per right tag, a column per predicted tag."""

    accuracy: float
    unknown_accuracy: float | None
    tags: tuple[str, ...]
    confusion: np.ndarray  # (K, K)
    mistakes: tuple[Mistake, ...]


def same_length(sentences: Sequence[TaggedSentence], size: int) -> list[list[TaggedSentence]]:
    """Return minibatches of at most `size` sentences of equal length, in order of their first sentence.

    A minibatch of long sentences has fewer, so that it has no more than MAX_TAGGER_BATCH_WORDS words.

    >>> a, b, c = (TaggedSentence.of(*texts) for texts in [("a b", "X X"), ("c", "X"), ("d e", "X X")])
    >>> [[" ".join(s.forms) for s in batch] for batch in same_length([a, b, c], 8)]
    [['a b', 'd e'], ['c']]
    """
    batches: list[list[TaggedSentence]] = []
    open_: dict[int, list[TaggedSentence]] = {}
    for sentence in sentences:
        batch = open_.get(len(sentence))
        if batch is None or len(batch) == size or (len(batch) + 1) * len(sentence) > limits.MAX_TAGGER_BATCH_WORDS:
            batch = open_[len(sentence)] = []
            batches.append(batch)
        batch.append(sentence)
    return batches


def baseline_accuracy(train: Sequence[TaggedSentence], test: Sequence[TaggedSentence]) -> float:
    """Return the accuracy on `test` of giving each word the tag that it had most often in `train`.

    A word that `train` lacks gets the most frequent tag of all; among equally frequent tags, the first one counts.
    """
    of_word: dict[str, Counter[str]] = defaultdict(Counter)
    overall: Counter[str] = Counter()
    for sentence in train:
        for form, tag in zip(sentence.forms, sentence.tags, strict=True):
            of_word[form][tag] += 1
        overall.update(sentence.tags)
    usual = {form: counts.most_common(1)[0][0] for form, counts in of_word.items()}
    otherwise = overall.most_common(1)[0][0]
    pairs = [pair for sentence in test for pair in zip(sentence.forms, sentence.tags, strict=True)]
    return sum(usual.get(form, otherwise) == tag for form, tag in pairs) / len(pairs)


def predictions(tagger: Tagger, sentences: Sequence[TaggedSentence]) -> Iterator[tuple[TaggedSentence, list[str]]]:
    """Yield each of `sentences`, in another order, with the tags predicted in evaluation mode."""
    was_training = tagger.training
    tagger.eval()
    try:
        for batch in same_length(sentences, len(sentences)):
            with torch.inference_mode():
                best = tagger(*tagger.encode([s.forms for s in batch])).argmax(-1).tolist()  # (B, T)
            for sentence, places in zip(batch, best, strict=True):
                yield sentence, [tagger.lexicon.tags[k] for k in places]
    finally:
        tagger.train(was_training)


def measure(tagger: Tagger, sentences: Sequence[TaggedSentence]) -> Measured:
    """Tag `sentences` and compare with the right tags."""
    new = {tag for sentence in sentences for tag in sentence.tags} - set(tagger.lexicon.tags)
    tags = (*tagger.lexicon.tags, *sorted(new))
    place = {tag: k for k, tag in enumerate(tags)}
    confusion = np.zeros((len(tags), len(tags)), dtype=np.int64)
    unknown = unknown_right = 0
    wrong: list[Mistake] = []
    for sentence, predicted in predictions(tagger, sentences):
        for form, gold, tag in zip(sentence.forms, sentence.tags, predicted, strict=True):
            confusion[place[gold], place[tag]] += 1
            if not tagger.knows(form):
                unknown, unknown_right = unknown + 1, unknown_right + (gold == tag)
        if list(sentence.tags) != predicted:
            wrong.append(_mistake(sentence, tuple(predicted)))
    wrong.sort(key=_errors, reverse=True)
    return Measured(
        accuracy=float(np.trace(confusion) / confusion.sum()),
        unknown_accuracy=unknown_right / unknown if unknown else None,
        tags=tags,
        confusion=confusion,
        mistakes=tuple(wrong[: limits.MAX_SHOWN_MISTAKES]),
    )


def _mistake(sentence: TaggedSentence, predicted: tuple[str, ...]) -> Mistake:
    """Return the sentence, or MAX_SHOWN_WORDS of a long one, if possible around the first wrong word."""
    pairs = zip(sentence.tags, predicted, strict=True)
    first = next(i for i, (gold, tag) in enumerate(pairs) if gold != tag)
    start = max(0, min(first - limits.MAX_SHOWN_WORDS // 2, len(sentence) - limits.MAX_SHOWN_WORDS))
    end = min(start + limits.MAX_SHOWN_WORDS, len(sentence))
    forms, gold, tags = (words[start:end] for words in (sentence.forms, sentence.tags, predicted))
    return Mistake(tuple(map(shown, forms)), gold, tags, before=start, after=len(sentence) - end)


def _errors(mistake: Mistake) -> int:
    return sum(gold != tag for gold, tag in zip(mistake.gold, mistake.predicted, strict=True))
