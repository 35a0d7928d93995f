"""Count what a text holds: lines, characters, vocabulary and minibatches, as a training would take them.

facts = text_facts(Source("la la li\n"), TextConfig(batch_size=1, num_steps=2))
print(facts.lines, facts.characters, facts.vocab_size, facts.minibatches)
for entry in facts.vocabulary:
    print(entry.id, entry.token, entry.count)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch

from rnnlab.limits import MAX_TEXT_CHARACTERS, MIN_TEXT_TOKENS
from rnnlab.text import MAX_MIN_FREQ, SAMPLINGS, TOKENIZERS, Corpus, Source, make_corpus, number_of_batches, tokenize
from rnnlab.validation import Choice, Config, Integer, InvalidInput, Real, Switch, setting

SHOWN_TOKENS = 20  # of the beginning, with their ids
SHOWN_LINES = 2


@dataclass(frozen=True)
class TextConfig(Config):
    """Settings: how a text is tokenised, how much of it is taken, and how it is cut into minibatches."""

    lesson: ClassVar[str] = "text"

    tokenizer: str = setting(
        "lines",
        Choice(TOKENIZERS),
        "lines keeps every character; raw makes a line end a space; cleaned also drops punctuation; words cuts words",
    )
    min_freq: int = setting(1, Integer(1, MAX_MIN_FREQ), "rarer tokens become <unk>")
    max_tokens: int | None = setting(
        None, Integer(MIN_TEXT_TOKENS, MAX_TEXT_CHARACTERS, optional=True), "characters taken; empty: all"
    )
    held_out: float = setting(0.0, Real(0.0, 0.5), "share of the text, at its end, that is kept from training")
    batch_size: int = setting(32, Integer(1, 4096), "sequences per minibatch")
    num_steps: int = setting(35, Integer(1, 2000), "characters in each sequence of a minibatch")
    sampling: str = setting("sequential", Choice(SAMPLINGS), "how an epoch is cut into minibatches")
    random_offset: bool = setting(False, Switch(), "begin each epoch at a random character")


@dataclass(frozen=True)
class VocabularyEntry:
    """A token of the vocabulary."""

    token: str
    id: int
    count: int  # in the text that was counted; 0 for <unk>


@dataclass(frozen=True)
class TextFacts:
    """The result of `text_facts`."""

    lines: int
    characters: int
    distinct: int  # different characters of the whole text
    encodings: tuple[str, ...]
    files: int
    first_lines: tuple[str, ...]
    taken: int  # tokens taken, for training or held out
    tokens: int  # tokens of the whole text, which the tokenizer may have shortened
    vocab_size: int
    vocabulary: tuple[VocabularyEntry, ...]  # by id: <unk> first if there is one, then the most frequent ones
    beginning: tuple[tuple[str, int], ...]  # the first tokens, each with its id
    minibatches: int  # of an epoch; 0 if the text is shorter than one


def text_facts(source: Source, config: TextConfig, field: str = "text") -> TextFacts:
    """Count what the text holds, with the vocabulary that a training with these settings has. Raises InvalidInput."""
    corpus = make_corpus(
        source.text,
        tokenizer=config.tokenizer,
        min_freq=config.min_freq,
        max_tokens=config.max_tokens,
        held_out=config.held_out,
        field=field,
    )
    text, frequencies = source.text, corpus.vocab.frequencies
    first = torch.cat((corpus.train_ids[:SHOWN_TOKENS], corpus.held_out_ids[:SHOWN_TOKENS]))[:SHOWN_TOKENS].tolist()
    return TextFacts(
        lines=count_lines(text),
        characters=len(source.text),
        distinct=len(set(source.text)),
        encodings=source.encodings,
        files=source.files,
        first_lines=tuple(tokenize(text[:10_000]).split("\n")[:SHOWN_LINES]),
        taken=len(corpus.train_ids) + len(corpus.held_out_ids),
        tokens=corpus.text_tokens,
        vocab_size=len(corpus.vocab),
        vocabulary=tuple(VocabularyEntry(token, i, frequencies.get(token, 0)) for i, token in enumerate(corpus.vocab)),
        beginning=tuple(zip(corpus.vocab.decode(first), first, strict=True)),
        minibatches=_minibatches(corpus, config),
    )


def count_lines(text: str) -> int:
    r"""Count the lines of a text, whatever its line ends are; the last line needs none.

    >>> count_lines("one\ntwo\n"), count_lines("one\r\ntwo"), count_lines("one\n\n")
    (2, 2, 2)
    """
    text = tokenize(text)  # makes every line end a `\n`
    return text.count("\n") + (not text.endswith("\n"))


def _minibatches(corpus: Corpus, config: TextConfig) -> int:
    """Return the number of minibatches of an epoch, 0 for a text shorter than one."""
    cut = (config.batch_size, config.num_steps, config.sampling, config.random_offset)
    try:
        return number_of_batches(len(corpus.train_ids), *cut)
    except InvalidInput as error:
        if error.code != "less_than_a_batch":
            raise
        return 0
