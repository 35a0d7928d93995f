"""Encode words by their characters, for the tagger: an LSTM in both directions, or a convolution.

Shapes: N words, C characters of a word, E embedding, S size of a spelling's vector.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from rnnlab.models.tagger_config import TaggerConfig
from rnnlab.recurrent import blank_embedding, make_layer

MAX_SPELLING = 32  # characters that are read of a word; of a longer one, both ends
PADDING = -1  # the id that fills a short word up to the length of the longest
WINDOW = 3  # characters under a filter of the convolution


def shorten(form: str) -> str:
    """Return `form`, or both ends of one longer than MAX_SPELLING: they tell most of the part of speech."""
    half = MAX_SPELLING // 2
    return form if len(form) <= MAX_SPELLING else form[:half] + form[-half:]


def make_spelling(
    config: TaggerConfig, characters: int, generator: torch.Generator | None
) -> SpellingLSTM | SpellingCNN | None:
    """Make the part that reads a word's characters, on `meta`; None for a tagger that reads none."""
    if config.characters == "lstm":
        return SpellingLSTM(characters, config, generator)
    return SpellingCNN(characters, config) if config.characters == "cnn" else None


class SpellingLSTM(nn.Module):
    """Encode a word by its characters: the last outputs of an LSTM forwards and one backwards.

    Ling et al. 2015; Lample et al. 2016. Words of unequal length are padded at the end, and the output is taken at
    each word's own last character, which the padding after it cannot change.
    """

    def __init__(self, characters: int, config: TaggerConfig, generator: torch.Generator | None) -> None:
        super().__init__()
        self.size = 2 * config.character_size
        self.embedding = blank_embedding(characters, config.character_embedding_size)
        self.forwards, self.backwards = (
            make_layer(
                "lstm",
                config.implementation,
                config.character_embedding_size,
                config.character_size,
                generator=generator,
                device="meta",
            )
            for _ in range(2)
        )

    def forward(self, characters: Tensor) -> Tensor:
        """Return the vectors (N, S) of `characters` (N, C), with PADDING after each word's end."""
        lengths = (characters != PADDING).sum(1)  # (N,)
        last = (lengths - 1)[:, None]  # (N, 1)
        steps = torch.arange(characters.shape[1], device=characters.device)
        turned = characters.gather(1, (last - steps).clamp(min=0))  # (N, C): each word reversed
        row = torch.arange(len(characters), device=characters.device)
        ends = [
            layer(self.embedding(ids.clamp(min=0)))[0][row, lengths - 1]  # (N, S/2)
            for layer, ids in ((self.forwards, characters), (self.backwards, turned))
        ]
        return torch.cat(ends, dim=1)


class SpellingCNN(nn.Module):
    """Encode a word by its characters: filters over three at a time, each one's maximum over the word.

    s = max_j ( W [c_{j-1}; c_j; c_{j+1}] + b ), zeros before the first and after the last character.
    Ma & Hovy 2016.
    """

    def __init__(self, characters: int, config: TaggerConfig) -> None:
        super().__init__()
        self.size = 2 * config.character_size  # as many numbers as from the LSTMs
        self.embedding = blank_embedding(characters, config.character_embedding_size)
        self.filters = nn.Conv1d(config.character_embedding_size, self.size, WINDOW, padding=WINDOW // 2, device="meta")

    def forward(self, characters: Tensor) -> Tensor:
        """Return the vectors (N, S) of `characters` (N, C), with PADDING after each word's end."""
        here = characters != PADDING  # (N, C)
        vectors = self.embedding(characters.clamp(min=0)) * here[..., None]  # (N, C, E)
        answers = self.filters(vectors.transpose(1, 2))  # (N, S, C)
        return answers.masked_fill(~here[:, None], -torch.inf).amax(dim=2)
