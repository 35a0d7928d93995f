"""How unexpected each token of any text is to a model, and what it expected instead.

The text is read in one row from its beginning. Tokens that the model does not know have no bits; how they are read,
`text_evaluation` says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rnnlab.experiments.language_model.config import Config
from rnnlab.experiments.language_model.text_evaluation import encode_known
from rnnlab.inspection.expected import Expected, expected_along
from rnnlab.models import LanguageModel
from rnnlab.text import TokenWriter, Vocab, check_text, tokenize_like
from rnnlab.validation import InvalidInput


@dataclass(frozen=True)
class Place:
    """A token of a text."""

    text: str  # what it adds to the text: of a word, with the space before it
    bits: float | None  # −log2 of its probability; None for the first and for unknown ones
    likeliest: tuple[tuple[str, float], ...]  # tokens that were expected, with their probabilities; () without bits

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data for JSON."""
        return {
            "text": self.text,
            "bits": self.bits,
            "likeliest": [{"token": token, "probability": p} for token, p in self.likeliest],
        }


def surprise_of_text(
    model: LanguageModel, vocab: Vocab, config: Config, text: str, *, field: str = "text"
) -> list[Place]:
    """Return the places of `text`. Raises InvalidInput if the model knows fewer than two of its tokens.

    A bidirectional model reads what it is to predict, so its bits say nothing.
    """
    tokens = tokenize_like(check_text(text, field), config.tokenizer, vocab)
    ids, known = encode_known(tokens, vocab)
    if int(known.sum()) < 2:
        raise InvalidInput("nothing_to_evaluate", field, tokens=len(tokens), known=int(known.sum()), low=2)
    found: list[Expected | None] = [None, *expected_along(model, ids)]
    write, read, places = TokenWriter(vocab.spacing).write, iter(found), []
    for token in tokens:
        is_known = token in vocab
        expected = next(read) if is_known or vocab.unknown_id is not None else None
        if expected is None or not is_known:
            places.append(Place(write(token), None, ()))
        else:
            likeliest = tuple(zip(vocab.decode(list(expected.ids)), expected.probabilities, strict=True))
            places.append(Place(write(token), expected.bits, likeliest))
    return places


def mean_bits(places: list[Place]) -> float | None:
    """Return the mean of the bits that are known; None if there are none."""
    known = [place.bits for place in places if place.bits is not None]
    return sum(known) / len(known) if known else None
