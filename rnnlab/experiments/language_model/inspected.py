"""A text that a network has read, with all that it did at each token: what the tab Inside opens.

    inspected = inspect_text(checkpoint.build_model(), vocab, config, "the night train")
    inspected.reading.activations["l0.h"]        # (T, H)

Shapes: T tokens of the text, H hidden.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from rnnlab.experiments.language_model.config import Config
from rnnlab.generation import FittedPrefix, fit_prefix
from rnnlab.inspection.probe import Reading, read_probe
from rnnlab.limits import MAX_INSPECTED_BYTES, MAX_INSPECTED_CHARACTERS
from rnnlab.models import LanguageModel
from rnnlab.recurrent import cell_spec
from rnnlab.text import END, Corpus, TokenWriter, Vocab
from rnnlab.validation import InvalidInput, Text

MIN_TOKENS = 2


@dataclass(frozen=True, eq=False)
class InspectedText:
    """A network, a text, and what the network did at each of its tokens."""

    model: LanguageModel
    vocab: Vocab
    config: Config
    fitted: FittedPrefix  # how the text was fitted to the vocabulary
    ids: NDArray[np.int64]  # (T,)
    reading: Reading
    corpus: Callable[[], Corpus]  # reads what the network has learned; raises InvalidInput where that is not known

    @property
    def tokens(self) -> list[str]:
        """The tokens as the vocabulary has them."""
        return self.vocab.decode(self.ids.tolist())

    @cached_property
    def pieces(self) -> tuple[str, ...]:
        """What each token adds to the text: of a word, with the space before it."""
        return tuple(map(TokenWriter(self.vocab.spacing).write, self.tokens))

    @property
    def states(self) -> tuple[str, ...]:
        """The names of the states, "l0.h" and of an LSTM "l0.c"; none of a bidirectional model."""
        return state_names(self.config) if self.reading.activations else ()

    @property
    def shortened(self) -> bool:
        """Whether the end of the text was left out, because its states would take too much memory."""
        return len(self.ids) < len(self.fitted.tokens)

    @property
    def nbytes(self) -> int:
        """The bytes of the reading and of the weights."""
        weights = sum(tensor.nbytes for tensor in self.model.state_dict().values())
        return weights + sum(values.nbytes for values in self.reading.activations.values())


def state_names(config: Config) -> tuple[str, ...]:
    """Return the names of a network's states: of each layer the hidden state, and of an LSTM the cell before it."""
    letters = ("c", "h") if cell_spec(config.model).state_size == 2 else ("h",)
    return tuple(f"l{layer}.{letter}" for layer in range(config.num_layers) for letter in letters)


def line_end(vocab: Vocab) -> str | None:
    """Return the token that ends a line; None where lines are not told from words, as in the tokenizer "raw"."""
    end = END if vocab.has_words else "\n"
    return end if end in vocab else None


def inspect_text(
    model: LanguageModel, vocab: Vocab, config: Config, text: str, corpus: Callable[[], Corpus] | None = None
) -> InspectedText:
    """Read `text` with a model. What the vocabulary lacks is left out (`fitted.missing`).

    Of a text whose states would take more than MAX_INSPECTED_BYTES, the beginning is read. Raises InvalidInput if fewer
    than two tokens are known.
    """
    fitted = fit_prefix(Text(1, MAX_INSPECTED_CHARACTERS).check("text", text), vocab)
    tokens: Sequence[str] = fitted.tokens[: _max_tokens(config, len(vocab))]
    if len(tokens) < MIN_TOKENS:
        raise InvalidInput(
            "nothing_to_evaluate", "text", tokens=len(tokens) + len(fitted.missing), known=len(tokens), low=MIN_TOKENS
        )
    ids = vocab.encode(tokens)
    reading = read_probe(model, ids)
    return InspectedText(model, vocab, config, fitted, reading.ids, reading, corpus or _unknown(config))


def _max_tokens(config: Config, vocab_size: int) -> int:
    """Return the tokens whose states and gates fit into MAX_INSPECTED_BYTES.

    A bidirectional network of torch reads all of them at once, and without an embedding as one-hot vectors.
    """
    gates = 1 + cell_spec(config.model).state_size + len(cell_spec(config.model).gates)
    numbers = gates * config.hidden_size * config.num_layers
    if config.bidirectional and config.encoding == "one-hot":
        numbers = max(numbers, 3 * vocab_size)  # `F.one_hot` makes them of 8 bytes first
    return max(MIN_TOKENS, MAX_INSPECTED_BYTES // (4 * numbers))


def _unknown(config: Config) -> Callable[[], Corpus]:
    def corpus() -> Corpus:
        raise InvalidInput("checkpoint_needs_corpus", "corpus", value=config.corpus)

    return corpus
