"""Make a corpus: tokenise a text, number its tokens, and split them into training and held-out parts."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass
from typing import Literal, overload

import numpy as np
import torch

from rnnlab.limits import MAX_TEXT_CHARACTERS, MIN_TEXT_TOKENS
from rnnlab.text.decoding import check_characters
from rnnlab.text.spacing import END
from rnnlab.text.vocab import UNKNOWN, Vocab
from rnnlab.text.words import OTHER_LINE_ENDS, spacing_of, tokenize_words
from rnnlab.validation import Choice, Integer, InvalidInput, Real, echo

TOKENIZERS = ("lines", "raw", "cleaned", "words")
MAX_MIN_FREQ = 1_000_000

# "cleaned" drops ASCII punctuation without $ ^ \ ] and ', which the tutorial's pattern leaves in the text; the curly
# double quotes; the tab; and two control characters that are dashes in a Windows code page.
DROPPED = dict.fromkeys(map(ord, '!"#%&()*+,-./:;<=>?@[_`{|}~\t\x96\x97“”'))


@overload
def tokenize(text: str, tokenizer: Literal["lines", "raw", "cleaned"] = ...) -> str: ...


@overload
def tokenize(text: str, tokenizer: str) -> str | list[str]: ...


def tokenize(text: str, tokenizer: str = "lines") -> str | list[str]:
    r"""Tokenise `text`: by characters into a string, of which each token is one character, or into a list of words.

    The same lyrics give the same tokens on every system: a Windows line end (`\r\n`) is one line end.

    - "lines" keeps every character, and each line end as `\n`.
    - "raw" and "cleaned" are the tutorials' tokenisers: they replace each line end by a space. (The tutorial that reads
      bytes would make a Windows line end two spaces; its own corpus has none.)
    - "cleaned" also drops ASCII punctuation and double quotes, like the tutorial's pattern. In that pattern `$` and `^`
      are anchors, and its backslash escapes the next `|`, so `$`, `^`, backslash and `]` stay, except that `|]` is
      dropped as a pair.
    - "words" cuts at spaces and punctuation, Chinese by a dictionary, and ends each line with `<eos>` (`words.py`).

        >>> tokenize('"Stop!"\r\nI said [stop].')
        '"Stop!"\nI said [stop].'
        >>> tokenize('"Stop!"\r\nI said [stop].', "raw")
        '"Stop!" I said [stop].'
        >>> tokenize('"Stop!"\r\nI said [stop].', "cleaned")
        'Stop I said stop]'
        >>> tokenize('"Stop!"\r\nI said [stop].', "words")
        ['"', 'Stop', '!', '"', '<eos>', 'I', 'said', '[', 'stop', ']', '.', '<eos>']
    """
    tokenizer = Choice(TOKENIZERS).check("tokenizer", tokenizer)
    if tokenizer == "words":
        return tokenize_words(text)
    if tokenizer == "lines":
        return OTHER_LINE_ENDS.sub("\n", text)
    text = text.replace("\r\n", " ").replace("\n", " ").replace("\r", " ")
    return text if tokenizer == "raw" else text.replace("|]", "").translate(DROPPED)


NO_IDS = torch.empty(0, dtype=torch.long)


def tokenize_like(text: str, tokenizer: str, vocab: Vocab) -> str | list[str]:
    """Tokenise another text as the one from which `vocab` was made: words with the same rule of spaces."""
    return tokenize_words(text, vocab.spacing) if vocab.has_words else tokenize(text, tokenizer)


@dataclass(frozen=True, eq=False)
class Corpus:
    """A tokenised and numbered text, split into a training, a held-out and a test part."""

    vocab: Vocab
    train_ids: torch.Tensor  # (N,) int64: the beginning of the text
    held_out_ids: torch.Tensor  # (M,) int64: what follows, never trained on; M = 0 if nothing is held out
    tokenizer: str  # one of TOKENIZERS
    text_digest: str  # `digest_of` the whole text, or of all texts: a resumed run compares it
    text_tokens: int  # tokens of the whole text; the corpus may be shorter
    test_ids: torch.Tensor = (
        NO_IDS  # (L,) int64: the end, for one evaluation when training is over; L = 0 if there is none
    )
    taken_tokens: int = 0  # of the whole text, those in the corpus
    unknown_tokens: int = 0  # of separate held-out and test texts, those that the vocabulary lacks: left out
    entropy_bits: float | None = None  # per token, of the source that the text comes from; None: not known


def make_corpus(
    text: str,
    *,
    tokenizer: str = "lines",
    min_freq: int = 1,
    max_tokens: int | None = None,
    held_out: float = 0.0,
    test: float = 0.0,
    held_out_text: str | None = None,
    test_text: str | None = None,
    field: str = "corpus",
) -> Corpus:
    """Tokenise `text`, keep its first `max_tokens` tokens, number them, and hold out the last parts.

    min_freq: tokens that occur less often in the kept part (with "cleaned", in the text) become `<unk>`.
    max_tokens: None keeps the whole text.
    held_out, test: the shares, from 0 to 0.5 each, of the kept tokens that are held out, in the order training,
        held-out, test.
    held_out_text, test_text: separate texts in place of such a part; that share is then 0 whatever it says. They are
        used whole, except for tokens that the vocabulary of `text` lacks: these are left out.

    The two tutorials differ in the vocabulary: "raw", like "lines", takes the characters of the kept part and has no
    unknown token unless `min_freq` needs one; "cleaned" counts the whole text, `<unk>` first. "words" takes the words
    of the kept part, after `<unk>` and `<eos>`. Raises InvalidInput.

        >>> corpus = make_corpus("la la li", max_tokens=6, held_out=0.4)
        >>> corpus.vocab.tokens, corpus.train_ids.tolist(), corpus.held_out_ids.tolist()
        (('l', 'a', ' '), [0, 1, 2, 0], [1, 2])
    """
    tokens = tokenize(check_text(text, field), tokenizer)
    max_tokens = Integer(MIN_TEXT_TOKENS, MAX_TEXT_CHARACTERS, optional=True).check("max_tokens", max_tokens)
    shares = {
        "held_out": 0.0 if held_out_text is not None else Real(0.0, 0.5).require("held_out", held_out),
        "test": 0.0 if test_text is not None else Real(0.0, 0.5).require("test", test),
    }
    cut = tokens[:max_tokens]
    if len(cut) < MIN_TEXT_TOKENS:
        raise InvalidInput("too_few_tokens", field, tokens=len(cut), low=MIN_TEXT_TOKENS)
    vocab = _vocabulary(tokens if tokenizer == "cleaned" else cut, tokenizer, min_freq, text)
    sizes = {name: int(len(cut) * share) for name, share in shares.items()}
    train_tokens = len(cut) - sum(sizes.values())
    for name, share in shares.items():
        if share and min(sizes[name], train_tokens) < MIN_TEXT_TOKENS:
            raise InvalidInput("held_out_too_short", name, value=share, tokens=len(cut), low=MIN_TEXT_TOKENS)
    train, *parts = _number(cut, vocab).split([train_tokens, *sizes.values()])
    unknown = 0
    others = {"held_out_text": held_out_text, "test_text": test_text}
    for place, (name, other) in enumerate(others.items()):
        if other is not None:
            parts[place], left_out = _number_other(
                tokenize_like(check_text(other, name), tokenizer, vocab), vocab, name
            )
            unknown += left_out
    digest = digest_of(text)
    if any(other is not None for other in others.values()):
        digest = digest_of(
            " ".join([digest, *("" if other is None else digest_of(other) for other in others.values())])
        )
    return Corpus(vocab, train, parts[0], tokenizer, digest, len(tokens), parts[1], len(cut), unknown)


def _vocabulary(tokens: str | list[str], tokenizer: str, min_freq: int, text: str) -> Vocab:
    """Number `tokens`. Raises InvalidInput if no token is as frequent as `min_freq`."""
    min_freq = Integer(1, MAX_MIN_FREQ).require("min_freq", min_freq)
    if tokenizer == "words":
        vocab = Vocab(tokens, min_freq=min_freq, reserved_tokens=[END], spacing=spacing_of(text))
    else:
        vocab = Vocab(tokens, min_freq=min_freq, unknown=tokenizer == "cleaned" or min_freq > 1)
    if all(token in (UNKNOWN, END) for token in vocab):
        raise InvalidInput("min_freq_too_high", "min_freq", value=min_freq)
    return vocab


def digest_of(text: str) -> str:
    """Return the SHA-256 of the text in UTF-8, in hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def check_text(text: str, field: str) -> str:
    """Return `text`; raise InvalidInput if it is blank, too long, or contains NUL or lone surrogates."""
    if not isinstance(text, str):
        raise InvalidInput("not_text", field, value=echo(text))
    if not text.strip():
        raise InvalidInput("empty", field, low=MIN_TEXT_TOKENS)
    if len(text) > MAX_TEXT_CHARACTERS:
        raise InvalidInput("too_long", field, length=len(text), high=MAX_TEXT_CHARACTERS)
    return check_characters(text, field)


def _number_other(tokens: str | list[str], vocab: Vocab, field: str) -> tuple[torch.Tensor, int]:
    """Return the ids of the tokens of another text that `vocab` has (N,), and the number of the others.

    Raises InvalidInput if there are fewer than two to predict in.
    """
    has_unknown = vocab.has_words and vocab.unknown_id is not None  # a token that the model has learned to expect
    known = [token for token in tokens if has_unknown or token in vocab]
    if len(known) < MIN_TEXT_TOKENS:
        raise InvalidInput("nothing_to_evaluate", field, tokens=len(tokens), known=len(known), low=MIN_TEXT_TOKENS)
    return torch.tensor(vocab.encode(known), dtype=torch.long), len(tokens) - len(known)


def _number(tokens: str | list[str], vocab: Vocab) -> torch.Tensor:
    """Return `vocab.encode(tokens)` as a tensor (N,), of characters without a Python object for each."""
    if isinstance(tokens, list):
        return torch.from_numpy(np.array(vocab.encode(tokens), dtype=np.int64))
    code_points = np.frombuffer(tokens.encode("utf-32-le"), dtype="<u4")  # (N,)
    ids = np.zeros(sys.maxunicode + 1, dtype=np.int64)  # 0 is <unk>; without one, all these tokens were counted
    for i, token in enumerate(vocab.tokens):
        if len(token) == 1:  # all but <unk>
            ids[ord(token)] = i
    return torch.from_numpy(ids[code_points])
