"""The generation loop: read a prefix, then sample one token after the other and read it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from rnnlab.generation.decoder import Decoder, decoder_of
from rnnlab.generation.prefix import fit_prefix, line_break
from rnnlab.generation.sampling import Generation, SampledToken, sample_token, skip_draws, token_at
from rnnlab.models import LanguageModel
from rnnlab.text import TokenWriter, Vocab
from rnnlab.validation import InvalidInput


def generate(
    model: LanguageModel | Decoder,
    vocab: Vocab,
    how: Generation,
    alternatives: int = 5,
    uniforms: Sequence[float] | None = None,
    begun: Sequence[str] = (),
) -> Iterator[SampledToken]:
    """Yield `how.length` tokens that continue `how.prefix`. The model's mode does not change.

    model: a network, or a decoder that has read nothing yet, such as an NGramDecoder.
    uniforms: (how.length,) numbers in [0, 1) to draw by (`token_at`), in place of `how.seed`.
    begun: tokens that stand already after the prefix. They are read and not yielded, and each later place is drawn by
        the random numbers that are its own without them: where they are those drawn, the same tokens follow.

    Characters or words of the prefix that the vocabulary lacks are skipped (`fit_prefix` names them). Raises
    InvalidInput for a vocabulary without a token to generate.
    """
    generator = torch.Generator().manual_seed(how.seed)
    skip_draws(generator, len(begun), len(vocab), how)
    excluded = excluded_ids(vocab)
    prefix = fit_prefix(how.prefix, vocab).tokens
    pending = ids_read(prefix, begun, vocab, excluded)
    writer = TokenWriter(vocab.spacing)
    for token in (*prefix, *begun):
        writer.write(token)
    decoder = decoder_of(model) if isinstance(model, LanguageModel) else model
    shown = min(alternatives, len(vocab) - len(excluded))
    ones = np.ones(len(vocab), np.float32)  # a sum as a product is three times as fast as `sum`
    for place in range(len(begun), how.length):
        logits = finite_logits(decoder.read(pending), excluded)  # (V,)
        highest = _highest(logits)
        chosen = sample_token(logits, how, generator) if uniforms is None else token_at(logits, how, uniforms[place])
        logits -= highest
        powers = np.exp(logits, out=logits)  # softmax: p = powers / total
        total = powers.dot(ones)
        best = _largest(powers, shown) if shown else ()
        yield SampledToken(
            vocab.tokens[chosen],
            writer.write(vocab.tokens[chosen]),
            float(powers[chosen] / total),
            tuple((vocab.tokens[number], float(powers[number] / total)) for number in best),
        )
        pending = [chosen]


def _highest(logits: NDArray[np.float32]) -> np.float32:
    """Return the maximum; NaN if any is. `argmax` is four times as fast as `max`."""
    return logits[logits.argmax()]


def _largest(values: NDArray[np.float32], count: int) -> NDArray[np.intp]:
    """Return the indices of the `count` largest values, largest first."""
    some = np.argpartition(values, -count)[-count:]
    return some[np.argsort(-values[some], kind="stable")]


def finite_logits(logits: NDArray[np.float32], excluded: NDArray[np.intp]) -> NDArray[np.float32]:
    """Set the `excluded` ids of `logits` (V,) to -inf; a diverged model gives noise rather than an error."""
    logits[excluded] = -np.inf
    if not math.isfinite(_highest(logits)):
        logits = np.nan_to_num(logits)
        logits[excluded] = -np.inf
    return logits


def ids_read(prefix: Sequence[str], begun: Sequence[str], vocab: Vocab, excluded: NDArray[np.intp]) -> list[int]:
    """Return the ids that a model reads before it writes on: of a start token where nothing was typed."""
    return (vocab.encode(prefix) or [start_token(vocab, excluded)]) + vocab.encode(begun)


def excluded_ids(vocab: Vocab) -> NDArray[np.intp]:
    """Return the ids that are never generated: `<unk>`, and the reserved tokens but the end of a line."""
    if vocab.has_words:
        excluded = [] if vocab.unknown_id is None else [vocab.unknown_id]
    else:
        excluded = [number for number, token in enumerate(vocab.tokens) if len(token) != 1]
    if len(excluded) == len(vocab):
        raise InvalidInput("nothing_to_sing", "vocabulary")
    return np.array(excluded, dtype=np.intp)


def start_token(vocab: Vocab, excluded: NDArray[np.intp]) -> int:
    """Return the id to read without a prefix: the end of a line, or else the first token."""
    before = line_break(vocab)
    if before is not None:
        return vocab.encode([before])[0]
    return next(number for number in range(len(vocab)) if number not in excluded)
