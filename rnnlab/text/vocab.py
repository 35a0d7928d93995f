"""Number the tokens of a model: a vocabulary maps each token to an id and back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from operator import index
from typing import Any, Self

from rnnlab.text.spacing import SPACINGS
from rnnlab.validation import Choice, Integer, InvalidInput, echo

UNKNOWN = "<unk>"  # replaces every token that is not in the vocabulary
MAX_NAMED_TOKENS = 10  # in an error message


class Vocab:
    """A list of tokens: `<unk>` first (if `unknown`), the reserved ones, then by falling frequency.

    tokens: the tokens to count; any iterable of strings, so of a text the characters are counted. Equally frequent
    tokens are in the order of their first occurrence.
    min_freq: rarer tokens are left out (and encoded as `<unk>`).
    reserved_tokens: tokens that are always in the vocabulary, such as `<pad>`.
    unknown: whether there is an `<unk>`; without it, encoding a token outside the vocabulary raises InvalidInput.
    spacing: how tokens become a text, one of SPACINGS: "none" of characters, the others of words (`spacing.py`).

        >>> vocab = Vocab("to be or not to be", reserved_tokens=["<pad>"])
        >>> vocab.tokens
        ('<unk>', '<pad>', ' ', 'o', 't', 'b', 'e', 'r', 'n')
        >>> vocab.encode("boat")
        [5, 3, 0, 4]
        >>> vocab.decode([5, 3, 0, 4])
        ['b', 'o', '<unk>', 't']
        >>> vocab.frequencies["o"], "a" in vocab, len(vocab)
        (4, False, 9)
        >>> Vocab("to be", unknown=False).encode("boat")
        Traceback (most recent call last):
        ...
        rnnlab.validation.InvalidInput: text: the vocabulary lacks 'a'; use only what it holds.
    """

    def __init__(
        self,
        tokens: Iterable[str],
        *,
        min_freq: int = 0,
        reserved_tokens: Iterable[str] = (),
        unknown: bool = True,
        spacing: str = "none",
    ) -> None:
        min_freq = Integer(0, 2**31 - 1).require("min_freq", min_freq)
        counts = Counter(tokens)  # in the order of first occurrence, which the stable sort keeps
        self.frequencies: dict[str, int] = dict(sorted(counts.items(), key=lambda item: item[1], reverse=True))
        first = [*([UNKNOWN] if unknown else []), *reserved_tokens]
        listed = set(first)
        counted = [token for token, n in self.frequencies.items() if n >= min_freq and token not in listed]
        self._set_tokens([*first, *counted], unknown, spacing)

    @classmethod
    def from_list(cls, tokens: Sequence[str], unknown: bool = True, spacing: str = "none") -> Self:
        """Rebuild a vocabulary from its `.tokens`, as a checkpoint has them; the frequencies are then unknown."""
        vocab = cls.__new__(cls)
        vocab.frequencies = {}
        vocab._set_tokens(tokens, unknown, spacing)
        return vocab

    def _set_tokens(self, tokens: Any, unknown: bool, spacing: str) -> None:
        """Number `tokens`; raise InvalidInput unless they are distinct texts, with `<unk>` first if `unknown`."""
        if not isinstance(tokens, list | tuple) or not tokens:
            raise InvalidInput("bad_vocabulary", "vocabulary", value=echo(tokens), place=0)
        self._ids: dict[str, int] = {}
        for place, token in enumerate(tokens):
            fits = isinstance(token, str) and token and token not in self._ids and _is_unicode(token)
            if not fits or (unknown and place == 0 and token != UNKNOWN):
                raise InvalidInput("bad_vocabulary", "vocabulary", value=echo(token), place=place)
            self._ids[token] = place
        self.tokens: tuple[str, ...] = tuple(tokens)
        self.unknown_id: int | None = 0 if unknown else None
        self.spacing = Choice(SPACINGS).check("spacing", spacing)

    @property
    def has_words(self) -> bool:
        """Whether the tokens are words, and not characters."""
        return self.spacing != "none"

    def encode(self, tokens: Iterable[str], field: str = "text") -> list[int]:
        """Return the id of each token. Raises InvalidInput, which names `field`, for an unknown token."""
        if self.unknown_id is not None:
            return [self._ids.get(token, self.unknown_id) for token in tokens]
        tokens = list(tokens)
        try:
            return [self._ids[token] for token in tokens]
        except KeyError:
            strange = dict.fromkeys(token for token in tokens if token not in self._ids)
            named = ", ".join(echo(token) for token in islice(strange, MAX_NAMED_TOKENS))
            named += ", …" if len(strange) > MAX_NAMED_TOKENS else ""
            raise InvalidInput("not_in_vocabulary", field, characters=named) from None

    def decode(self, ids: Iterable[int]) -> list[str]:
        """Return the token of each id: the inverse of `encode`, except for unknown tokens."""
        places = [index(i) for i in ids]
        for place in places:
            if not 0 <= place < len(self.tokens):  # a negative index would silently count from the end
                raise InvalidInput("not_an_id", "ids", value=place, high=len(self.tokens) - 1)
        return [self.tokens[place] for place in places]

    def __len__(self) -> int:
        return len(self.tokens)

    def __contains__(self, token: object) -> bool:
        return token in self._ids

    def __iter__(self) -> Iterator[str]:
        return iter(self.tokens)

    def __eq__(self, other: object) -> bool:
        """Compare tokens, ids and spacing, but not frequencies."""
        if not isinstance(other, Vocab):
            return NotImplemented
        return self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[tuple[str, ...], int | None, str]:
        return self.tokens, self.unknown_id, self.spacing

    def __repr__(self) -> str:
        return f"Vocab({len(self)} tokens, {'with' if self.unknown_id == 0 else 'without'} {UNKNOWN})"


def _is_unicode(token: str) -> bool:
    """Return whether `token` can be written in UTF-8: a lone surrogate, half of a character, cannot."""
    return not any("\ud800" <= character <= "\udfff" for character in token)
