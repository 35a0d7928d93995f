"""The tagger: word vectors, recurrent layers over the sentence, and a linear output over the tags.

Shapes: B batch, T time, E embedding, S size of a spelling's vector, H hidden, D directions, C characters of a word,
N words, K tags.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from rnnlab.models.spelling import PADDING, WINDOW, make_spelling, shorten
from rnnlab.models.tagger_config import NO_RECURRENCE, TaggerConfig
from rnnlab.recurrent import RecurrentLayer, blank_embedding, dropout, make_layer, materialize
from rnnlab.text import UNKNOWN, Lexicon
from rnnlab.text.tagged_sentences import lexicon_key
from rnnlab.text.unicode_forms import spellings


class Tagger(nn.Module):
    """Predict a distribution over the tags for each word of a sentence.

        e_t = [E[w_t] ; spelling(w_t)]
        h_t = recurrent(e_1 … e_T)_t                    in one direction or both; without recurrence h_t = e_t
        p(tag_t | w_1 … w_T) = softmax(h_t W_outᵀ + b_out)

    Each word by itself, without transition scores between tags (Ling et al. 2015, "Finding function in form"). The CRF
    of Lample et al. 2016 and Ma & Hovy 2016 gains little for parts of speech and hides the probabilities.

    `lexicon` numbers words, characters and tags. `generator` is the only source of randomness (initial weights and
    masks); None is torch's global one. On the `meta` device nothing is drawn or stored.
    """

    def __init__(
        self,
        config: TaggerConfig,
        lexicon: Lexicon,
        *,
        generator: torch.Generator | None = None,
        device: torch.device | str | None = None,
    ) -> None:
        super().__init__()
        self.config, self.lexicon, self.generator = config, lexicon, generator
        # Made on `meta` so that no constructor draws from torch's global generator; filled below from ours.
        self.embedding = blank_embedding(len(lexicon.words), config.embedding_size)
        self.spelling = make_spelling(config, len(lexicon.characters), generator)
        size = config.embedding_size + (self.spelling.size if self.spelling else 0)
        self.recurrent = None
        if config.model != NO_RECURRENCE:
            self.recurrent = make_layer(
                config.model,
                config.implementation,
                input_size=size,
                hidden_size=config.hidden_size,
                num_layers=config.num_layers,
                dropout=config.dropout,
                bidirectional=config.bidirectional,
                generator=generator,
                device="meta",
            )
            size = config.hidden_size * (2 if config.bidirectional else 1)
        self.output = nn.Linear(size, len(lexicon.tags), device="meta")
        if torch.device(device or "cpu").type != "meta":
            materialize(self, "cpu")  # drawn on the CPU whatever the device: the same seed, the same weights
            self.initialize()
            self.to(device or "cpu")

    @torch.no_grad()
    def initialize(self) -> None:
        """Draw every weight anew.

        Vectors of characters come from normal(0, 1), those of words from normal(0, `embedding_spread`).
        All other weights as in torch.nn, from uniform(±1/√n), where a unit sums over n.
        """
        for module in self.modules():
            for parameter in module.parameters(recurse=False):
                if isinstance(module, nn.Embedding):
                    parameter.normal_(generator=self.generator)
                else:
                    bound = 1 / math.sqrt(_units_summed(module))
                    parameter.uniform_(-bound, bound, generator=self.generator)
        self.embedding.weight.mul_(self.config.embedding_spread)

    def forward(self, words: Tensor, characters: Tensor | None = None) -> Tensor:
        """Return the logits (B, T, K) for `words` (B, T) and `characters` (B, T, C), as `encode` makes them."""
        x = self.embedding(self._forget_words(words))  # (B, T, E)
        if self.spelling is not None:
            assert characters is not None, "`encode` gives the characters of a tagger that reads them"
            x = torch.cat([x, self._spell(self.spelling, characters)], dim=-1)  # (B, T, E + S)
        x = dropout(x, self.dropout_rate, self.generator)
        if self.recurrent is not None:
            x = dropout(self.recurrent(x)[0], self.dropout_rate, self.generator)  # (B, T, D·H)
        return self.output(x)

    @property
    def dropout_rate(self) -> float:
        """The share of units to zero: 0 outside training."""
        return self.config.dropout if self.training else 0.0

    def _forget_words(self, words: Tensor) -> Tensor:
        """Replace words by `<unk>` at random while training (Lample et al. 2016 do so with words seen once)."""
        share = self.config.word_dropout if self.training else 0.0
        if share == 0.0:
            return words
        device = words.device if self.generator is None else self.generator.device
        forgotten = torch.empty(words.shape, device=device).bernoulli_(share, generator=self.generator).bool()
        unknown = self.lexicon.words.unknown_id
        assert unknown is not None, "TaggerConfig.check_together forbids it"
        return words.masked_fill(forgotten.to(words.device), unknown)

    def _spell(self, spelling: nn.Module, characters: Tensor) -> Tensor:
        """Compute spelling vectors (B, T, S) of `characters` (B, T, C); equal words are computed once."""
        different, place = characters.flatten(0, 1).unique(dim=0, return_inverse=True)  # (N, C), (B·T,)
        return spelling(different)[place].view(*characters.shape[:2], -1)

    def encode(self, sentences: Sequence[Sequence[str]], field: str = "tokens") -> tuple[Tensor, Tensor | None]:
        """Return sentences of equal length T as ids: words (B, T), and characters (B, T, C) or None.

        Sentences have equal length because padding would reach the words before it through the backward direction.
        Without `unknown_words` raises InvalidInput, which names `field`, for a word that training has not seen.
        """
        device = self.output.weight.device
        spelt = [[self.spell(form) for form in forms] for forms in sentences]
        ids = [self.lexicon.words.encode(map(self.read, forms), field) for forms in spelt]
        words = torch.tensor(ids, device=device)
        if self.spelling is None:
            return words, None
        spelled = [[self.lexicon.characters.encode(shorten(form)) for form in forms] for forms in spelt]
        width = max(len(spelling) for row in spelled for spelling in row)
        filled = [[spelling + [PADDING] * (width - len(spelling)) for spelling in row] for row in spelled]
        return words, torch.tensor(filled, device=device)

    def spell(self, form: str) -> str:
        """Return `form` in a spelling that training has seen, else that with the fewest unseen characters.

        "é" may be one character or two, and ' may be ’: `rnnlab.text.unicode_forms` lists the equivalents.
        """
        if self.read(form) in self.lexicon.words:
            return form
        others = list(spellings(lexicon_key(form)))
        met = next((other for other in others if self.read(other) in self.lexicon.words), None)
        return met or min(others, key=self._unseen_characters)

    def _unseen_characters(self, form: str) -> int:
        """Count the characters of `form` that training has not seen."""
        return sum(character not in self.lexicon.characters for character in shorten(form))

    def read(self, form: str) -> str:
        """Return `form` as the lexicon writes its words."""
        return lexicon_key(form.lower() if self.config.lowercase else form)

    def knows(self, form: str) -> bool:
        """Return whether training has seen `form` in one of its spellings: it has a vector of its own."""
        return self.read(self.spell(form)) in self.lexicon.words and form != UNKNOWN

    def count_parameters(self) -> int:
        """Return the number of learned values."""
        return sum(parameter.numel() for parameter in self.parameters())


def count_parameters(config: TaggerConfig, lexicon: Lexicon) -> int:
    """Return the number of values that the tagger would learn, without allocating it."""
    return Tagger(config, lexicon, device="meta").count_parameters()


def _units_summed(module: nn.Module) -> int:
    """Return how many inputs a unit of `module` sums over; H for recurrent layers, as in torch.nn."""
    if isinstance(module, nn.Linear):
        return module.in_features
    if isinstance(module, nn.Conv1d):
        return module.in_channels * WINDOW
    assert isinstance(module, RecurrentLayer)
    return module.hidden_size
