"""Open one place of a song: what the model believes of the next token, and what was drawn from.

found = next_tokens(model, vocab, Generation(prefix="雨", temperature=0.5, top_k=3))
for row in found.rows:
    print(row.rank, row.token, row.believed, row.drawn_from)

Both distributions are of the same logits x:

believed    p_i = exp(x_i) / Σ exp(x_j)          the model's own: temperature 1, nothing left out
drawn from  q_i ∝ exp(x_i / τ), 0 if cut off     after temperature, top-k and top-p, as `sample_token` draws
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from rnnlab.generation.decoder import Decoder, decoder_of
from rnnlab.generation.generate import excluded_ids, finite_logits, ids_read
from rnnlab.generation.prefix import fit_prefix
from rnnlab.generation.sampling import Generation, drawn_from, sample_token, skip_draws
from rnnlab.models import LanguageModel
from rnnlab.text import Vocab
from rnnlab.validation import Integer, InvalidInput, echo

LIKELIEST = 10  # rows unless another number is asked for
MAX_LIKELIEST = 1000


@dataclass(frozen=True)
class NextToken:
    """A token that may come next."""

    token: str  # a character or a word, as the vocabulary has it
    rank: int  # 1 for the likeliest
    believed: float  # its probability by the model itself
    drawn_from: float  # its probability in the draw; 0 where it was cut off
    logit: float  # x_i


@dataclass(frozen=True)
class NextTokens:
    """The tokens that may come next at one place of a song. Tokens that are never written (`<unk>`) are left out."""

    rows: tuple[NextToken, ...]  # the likeliest, best first, and after them those that were asked for
    others: int  # tokens without a row
    others_believed: float  # their probabilities together
    others_drawn_from: float
    kept: int  # tokens that the draw could give
    drawn: str  # the token that the seed draws at this place
    log_sum: float | None  # log Σ exp(x_j / τ) over all tokens that may be written; None at a temperature of 0

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return asdict(self)


def next_tokens(
    model: LanguageModel | Decoder,
    vocab: Vocab,
    how: Generation,
    begun: Sequence[str] = (),
    likeliest: int = LIKELIEST,
    also: Sequence[str] = (),
) -> NextTokens:
    """Return what may follow `how.prefix` and `begun`, tokens of a song that stand after it.

    model: a network, or a decoder that has read nothing yet, such as an NGramDecoder.
    likeliest: rows at most. The token that is drawn, and those of `also`, have a row in any case.

    Raises InvalidInput for tokens that the vocabulary lacks, and for more than MAX_LIKELIEST rows.
    """
    likeliest = Integer(1, MAX_LIKELIEST).require("likeliest", likeliest)
    check_known(begun, vocab, "begun")
    check_known(also, vocab, "also")
    excluded = excluded_ids(vocab)
    decoder = decoder_of(model) if isinstance(model, LanguageModel) else model
    logits = finite_logits(
        decoder.read(ids_read(fit_prefix(how.prefix, vocab).tokens, begun, vocab, excluded)), excluded
    )
    generator = torch.Generator().manual_seed(how.seed)
    skip_draws(generator, len(begun), len(vocab), how)
    drawn = sample_token(logits, how, generator)
    believed = drawn_from(logits, replace(how, temperature=1.0, top_k=None, top_p=None))
    draw = drawn_from(logits, how)
    order = np.argsort(-logits.astype(np.float64), kind="stable")
    ranks = {int(number): rank for rank, number in enumerate(order[: len(vocab) - len(excluded)], 1)}
    wanted = [int(number) for number in order[: min(likeliest, len(ranks))]]
    wanted += [number for number in (drawn, *vocab.encode(also)) if number in ranks]
    shown = list(dict.fromkeys(wanted))
    return NextTokens(
        rows=tuple(
            NextToken(vocab.tokens[n], ranks[n], float(believed[n]), float(draw[n]), float(logits[n])) for n in shown
        ),
        others=len(ranks) - len(shown),
        others_believed=max(0.0, 1.0 - float(believed[shown].sum())),
        others_drawn_from=max(0.0, 1.0 - float(draw[shown].sum())),
        kept=int((draw > 0).sum()),
        drawn=vocab.tokens[drawn],
        log_sum=log_sum_of(logits, how.temperature),
    )


def log_sum_of(logits: NDArray[np.float32], temperature: float) -> float | None:
    """Return log Σ exp(x_j / τ) of `logits` (V,), in nats: log p_i = x_i / τ less this. None at a temperature of 0."""
    if temperature == 0.0:
        return None
    scores = logits.astype(np.float64) / temperature
    highest = scores.max()
    return float(highest + np.log(np.exp(scores - highest).sum()))


def check_known(tokens: Sequence[str], vocab: Vocab, field: str) -> None:
    """Raise InvalidInput for the first of `tokens` that the vocabulary lacks."""
    for token in tokens:
        if token not in vocab:
            raise InvalidInput("not_in_vocabulary", field, characters=echo(token))
