"""Estimate the memory that a training would take, before it takes any.

Shapes: P parameters, N characters of a minibatch (B·T), V vocabulary, E embedding, H hidden, L layers, D directions,
G gates (RNN 1, GRU 3, LSTM 4).
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from rnnlab.limits import MAX_RUN_GIGABYTES
from rnnlab.models.language_model import LanguageModel
from rnnlab.models.language_model_config import LanguageModelConfig
from rnnlab.recurrent import cell_spec
from rnnlab.validation import InvalidInput, Real

LIMIT_VARIABLE = "RNNLAB_MOST_MEMORY_GB"  # the environment variable that sets another limit
FLOAT = 4  # bytes


def count_parameters(config: LanguageModelConfig, vocab_size: int) -> int:
    """Return the number of values that the model would learn, without allocating it."""
    return LanguageModel(config, vocab_size, device="meta").count_parameters()


def training_bytes(config: LanguageModelConfig, vocab_size: int, tokens: int, moments: int) -> int:
    """Return the bytes that training takes besides its text, for minibatches of `tokens` characters (N).

        parameters   P · (weights + gradient + moments, five copies of weights and moments, and two of the weights)
        activations  N · (2 V + 2 E + L·D·H · (6 G + 2)), with dropout on the embedding 4 E

    The five copies are the last whole epoch, the state within the epoch after it and its successor, and the bytes of
    the first two on the way to a file; the two of the weights are the best epoch and its bytes. `moments` is the number
    of values that the optimizer keeps per weight: 2 for Adam, 1 for SGD with momentum, 0 for plain SGD. The factors of
    the activations were measured: the forward pass keeps, and the backward pass makes, 1.1 V, and 5 to 6 G per unit and
    direction; the rest is margin.
    """
    copies = (2 + moments) + 5 * (1 + moments) + 2
    one_hot = 2 * vocab_size if config.encoding == "one-hot" and config.implementation == "torch" else 0
    units = config.num_layers * (2 if config.bidirectional else 1) * config.hidden_size
    per_unit = 6 * len(cell_spec(config.model).gates) + 2
    embedded = (4 if config.embedding_dropout else 2) * config.embedding_size
    per_token = 2 * vocab_size + one_hot + embedded + units * per_unit
    return FLOAT * (copies * count_parameters(config, vocab_size) + tokens * per_token)


def max_run_bytes(environment: Mapping[str, str] | None = None) -> int:
    """Return the bytes that one run may take. Raises InvalidInput for a bad environment variable."""
    said = (os.environ if environment is None else environment).get(LIMIT_VARIABLE, str(MAX_RUN_GIGABYTES))
    rule = Real(0.01, 10_000.0)
    return int(rule.require(LIMIT_VARIABLE, rule.parse(LIMIT_VARIABLE, said)) * 1e9)


def check_memory(config: LanguageModelConfig, vocab_size: int, tokens: int, moments: int) -> None:
    """Raise InvalidInput if training would take more than `max_run_bytes`."""
    check_bytes("model", training_bytes(config, vocab_size, tokens, moments), count_parameters(config, vocab_size))


def check_bytes(field: str, needed: int, parameters: int) -> None:
    """Raise InvalidInput, which names `field`, if that many bytes are more than `max_run_bytes`."""
    most = max_run_bytes()
    if needed > most:
        raise InvalidInput(
            "model_too_large",
            field,
            needed=in_gigabytes(needed),
            parameters=f"{parameters:,}",
            high=in_gigabytes(most),
        )


def in_gigabytes(count: int) -> str:
    """Write `count` bytes for a message.

    >>> in_gigabytes(3_456_000_000)
    '3.5 GB'
    """
    return f"{count / 1e9:,.1f} GB" if count >= 1e8 else f"{count / 1e9:.2g} GB"
