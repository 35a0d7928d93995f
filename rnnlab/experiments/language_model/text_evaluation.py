"""Evaluate a trained model on a text: nats, bits and perplexity per character.

The text is cut into tokens as the model's training was. Every token is predicted once from all that stand before it,
except the first: the text is read in one row, with the state carried from its beginning to its end, so the result does
not depend on how it is cut into parts.

**Unknown tokens** are those that the model's vocabulary lacks. It has no output for them, so they cannot be predicted:
they are counted and left out of the means. A vocabulary with `<unk>` reads `<unk>` in their place; any other is given
the text without them. Nothing is respelled, unlike a prefix in `generate`.

`Epoch.held_out_perplexity` is measured faster, in `rows` of equal length side by side, each of which begins without a
state and leaves out a rest shorter than a row. With the same `rows` (`held_out_rows`) `evaluate` gives the same number;
with one row it is usually a little lower. A bidirectional model sees the answer, so its perplexity means nothing.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from itertools import islice

import torch
from torch import Tensor

from rnnlab.checkpoints import Checkpoint
from rnnlab.devices import choose_device
from rnnlab.experiments.language_model.config import Config
from rnnlab.experiments.language_model.evaluation import drained
from rnnlab.inspection.vocabulary_blocks import blocks_of_rows
from rnnlab.models import LanguageModel
from rnnlab.perplexity import perplexity
from rnnlab.text import Vocab, check_text, tokenize_like
from rnnlab.validation import Integer, InvalidInput

PART = 512  # tokens that are read at once, and after which the caller hears of it
MAX_NAMED_TOKENS = 10  # unknown ones


@dataclass(frozen=True)
class Evaluation:
    """How well a model predicts a text. A token is a character, unless the model's tokenizer cuts words."""

    nats: float  # mean negative log-likelihood per predicted token
    bits: float  # the same in bits: nats / ln 2, or log2 of the perplexity
    perplexity: float  # e to the nats
    predicted: int  # tokens in these means
    tokens: int  # of the text
    unknown: int  # of them, those that the model does not know
    unknown_tokens: tuple[str, ...]  # the first different ones, at most MAX_NAMED_TOKENS


def evaluate(
    checkpoint: Checkpoint, text: str, *, rows: int = 1, device: str = "auto", field: str = "corpus"
) -> Evaluation:
    """Return how well the model predicts `text`; see this module for what is counted.

    rows: read the text in so many rows side by side, which is faster and approximate.
    Raises InvalidInput, for example if the model knows fewer than two tokens of the text.
    """
    return drained(evaluating(checkpoint, text, rows=rows, device=device, field=field))


def evaluating(
    checkpoint: Checkpoint, text: str, *, rows: int = 1, device: str = "auto", field: str = "corpus"
) -> Generator[float, None, Evaluation]:
    """Do the same in parts: yield the share that has been read, and return the result."""
    rows = Integer(1, 100_000).require("rows", rows)
    vocab = checkpoint.vocab
    tokens = tokenize_like(check_text(text, field), Config.from_strings(checkpoint.config).tokenizer, vocab)
    ids, known = encode_known(tokens, vocab)
    if len(ids) < rows + 1:
        raise InvalidInput("nothing_to_evaluate", field, tokens=len(tokens), known=int(known.sum()), low=rows + 1)
    where = choose_device(device)
    model = checkpoint.build_model().to(where)
    total, predicted = yield from _nll(model, ids.to(where), known.to(where), rows)
    if not predicted:
        raise InvalidInput("nothing_to_evaluate", field, tokens=len(tokens), known=int(known.sum()), low=rows + 1)
    unknown = dict.fromkeys(token for token in tokens if token not in vocab)
    return Evaluation(
        nats=total / predicted,
        bits=total / predicted / math.log(2),
        perplexity=perplexity(total, predicted),
        predicted=predicted,
        tokens=len(tokens),
        unknown=sum(token not in vocab for token in tokens),
        unknown_tokens=tuple(islice(unknown, MAX_NAMED_TOKENS)),
    )


def encode_known(tokens: Sequence[str], vocab: Vocab) -> tuple[Tensor, Tensor]:
    """Return the ids of `tokens` (N,), and which of them the vocabulary has (N,); see this module for the others."""
    if vocab.unknown_id is None:
        ids = torch.tensor(vocab.encode([token for token in tokens if token in vocab]), dtype=torch.long)
        return ids, torch.ones(len(ids), dtype=torch.bool)
    known = torch.tensor([token in vocab for token in tokens], dtype=torch.bool)
    return torch.tensor(vocab.encode(tokens), dtype=torch.long), known


@torch.no_grad()
def _nll(model: LanguageModel, ids: Tensor, known: Tensor, rows: int) -> Generator[float, None, tuple[float, int]]:
    """Yield the share of `ids` (N,) that has been read; return the NLL in nats of the `known` (N,) and their number."""
    length = (len(ids) - 1) // rows
    x, y, counts = (part[: rows * length].view(rows, length) for part in (ids, ids[1:], known[1:]))
    state, total, predicted = None, 0.0, 0
    for start in range(0, length, PART):
        part = slice(start, start + PART)
        hidden, state = model.read(x[:, part], state)
        log_p = _log_p(model, hidden.flatten(0, 1), y[:, part].flatten())  # (B·T,)
        total -= float(log_p[counts[:, part].flatten()].double().sum())
        predicted += int(counts[:, part].sum())
        yield min(start + PART, length) / length
    return total, predicted


def _log_p(model: LanguageModel, hidden: Tensor, targets: Tensor) -> Tensor:
    """Return the logarithm of the probability (N,) of each of `targets` (N,) after `hidden` (N, D·H)."""
    found = [
        model.output(hidden[part]).log_softmax(-1).gather(-1, targets[part, None])[:, 0]
        for part in blocks_of_rows(len(hidden), model.vocab_size)
    ]
    return torch.cat(found)
