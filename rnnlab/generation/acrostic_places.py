"""A place in an acrostic: the model after what it has read, what it believes comes next, and how to go on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from rnnlab.generation.decoder import ForkingDecoder
from rnnlab.generation.generate import finite_logits
from rnnlab.generation.prefix import line_break
from rnnlab.generation.sampling import Generation, token_at
from rnnlab.text import END, Vocab, is_chinese
from rnnlab.validation import InvalidInput

HAN_SHARE = 0.5  # of the vocabulary, from which on a text is Chinese
CHINESE_ENDS = ("\n", " ", "\u3000")  # lyrics have no punctuation: a space ends a line as well


def line_ends(vocab: Vocab) -> tuple[int, ...]:
    """Return the ids that end a line: of a Chinese text a space as well. Raises InvalidInput if there is none."""
    usual = line_break(vocab)
    if usual is None:
        raise InvalidInput("no_line_end", "model")
    return tuple(vocab.encode([token for token in CHINESE_ENDS if token in vocab] if is_han(vocab) else [usual]))


def is_han(vocab: Vocab) -> bool:
    """Return whether most characters of a vocabulary of characters are Chinese."""
    return not vocab.has_words and sum(map(is_chinese, vocab.tokens)) > HAN_SHARE * len(vocab)


class Choices:
    """What may be written: the tokens that end a line, and those that are never drawn within one."""

    def __init__(self, vocab: Vocab, excluded: NDArray[np.intp], ends: Sequence[int], how: Generation) -> None:
        """Raise InvalidInput if nothing is left to write.

        excluded: ids that are never written. how: the temperature; its other settings are not used.
        """
        self.vocab, self.excluded, self.ends, self.how = vocab, excluded, list(ends), how
        is_spaced = not vocab.has_words and not is_han(vocab)  # then a space stands between words
        blanks = [n for n, token in enumerate(vocab.tokens) if token.isspace() and not (is_spaced and token == " ")]
        self.barred = np.array(sorted({*excluded.tolist(), *blanks, *vocab.encode([END] if END in vocab else [])}))
        if len(self.barred) == len(vocab):
            raise InvalidInput("nothing_to_sing", "vocabulary")


@dataclass
class Place:
    """A decoder and the logits (V,) of the token after what it has read; excluded ones are -inf."""

    decoder: ForkingDecoder
    logits: NDArray[np.float32]
    choices: Choices

    @classmethod
    def after(cls, decoder: ForkingDecoder, ids: list[int], choices: Choices) -> Place:
        """Let `decoder` read `ids`; return the place after them."""
        return cls(decoder, finite_logits(decoder.read(ids), choices.excluded), choices)

    def fork(self) -> Place:
        """Return this place with a decoder of its own."""
        return Place(self.decoder.fork(), self.logits, self.choices)

    @cached_property
    def believed(self) -> NDArray[np.float64]:
        """The probabilities (V,) of the model itself: the softmax of the logits."""
        powers = np.exp(self.logits.astype(np.float64) - float(self.logits.max()))
        return np.asarray(powers / powers.sum())

    def probability(self, number: int) -> float:
        """Return the probability of a token."""
        return float(self.believed[number])

    def rank(self, number: int) -> int:
        """Return the rank of a token, 1 for the likeliest."""
        return 1 + int((self.logits > self.logits[number]).sum())

    @cached_property
    def likeliest(self) -> int:
        """The likeliest token."""
        return int(self.logits.argmax())

    @cached_property
    def end_probability(self) -> float:
        """The probability that the line ends here, by any of its ends."""
        return float(self.believed[self.choices.ends].sum())

    @cached_property
    def end(self) -> int:
        """The likeliest line end."""
        return max(self.choices.ends, key=self.probability)

    @cached_property
    def ended(self) -> Place:
        """The place after the line's end."""
        return Place.after(self.decoder.fork(), [self.end], self.choices)

    def likeliest_of(self, ways: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
        """Return the sequence of ids whose first is the likeliest; an empty one of none."""
        return max(ways, key=lambda way: self.logits[way[0]], default=())

    def read(self, way: Sequence[int]) -> tuple[Place, float]:
        """Return the place after the ids of `way`, and their probability."""
        place, probability = self.fork(), 1.0
        for number in way:
            probability *= place.probability(number)
            place = Place.after(place.decoder, [number], self.choices)
        return place, probability

    def draw(self, uniform: float) -> tuple[Place, int]:
        """Draw a token of a line by `uniform` in [0, 1); return the place after it, with this decoder, and its id."""
        logits = self.logits.copy()
        logits[self.choices.barred] = -np.inf
        number = token_at(logits, self.choices.how, uniform)
        return Place.after(self.decoder, [number], self.choices), number
