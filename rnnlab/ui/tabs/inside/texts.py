"""Texts to open a network with, where the visitor has typed none: a song of the network, its training text."""

from __future__ import annotations

from collections.abc import Iterable

from rnnlab.generation import Generation, fit_prefix, generate
from rnnlab.generation.decoder import decoder_of
from rnnlab.limits import MAX_INSPECTED_CHARACTERS
from rnnlab.resources import PREFIXES
from rnnlab.text import TokenWriter
from rnnlab.ui.tabs.inside.opened import Network

SONG, BEGINNING = "song", "beginning"
KINDS = (SONG, BEGINNING)
TOKENS = {SONG: 160, BEGINNING: 300}  # characters, or of a model of words, words


def text_of(kind: str, network: Network) -> str:
    """Return a song of the network, always the same for the same weights, or the beginning of its training text.

    Raises InvalidInput where the training text is not known.
    """
    return _within_limit(_song(network) if kind == SONG else _beginning(network))


def _within_limit(pieces: Iterable[str]) -> str:
    """Join as many pieces, one at least, as `inspect_text` takes."""
    kept, length = list[str](), 0
    for piece in pieces:
        length += len(piece)
        if kept and length > MAX_INSPECTED_CHARACTERS:
            break
        kept.append(piece)
    return "".join(kept)[:MAX_INSPECTED_CHARACTERS].strip()


def _song(network: Network) -> list[str]:
    config, vocab = network.config, network.facts.vocab
    prefixes = (*reversed(PREFIXES.get(config.corpus, ())), *config.sample_prefixes)
    known = (fit_prefix(prefix, vocab).text for prefix in prefixes if not fit_prefix(prefix, vocab).missing)
    settings = Generation(prefix=next(known, ""), length=TOKENS[SONG])
    song = generate(decoder_of(network.model), vocab, settings)
    return [settings.prefix, *(token.text for token in song)]


def _beginning(network: Network) -> list[str]:
    corpus = network.corpus()
    tokens = corpus.vocab.decode(corpus.train_ids[: TOKENS[BEGINNING]].tolist())
    return list(map(TokenWriter(corpus.vocab.spacing).write, tokens))
