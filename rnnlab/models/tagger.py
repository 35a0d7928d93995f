"""The tagger: words as vectors, recurrent layers that read the sentence, and a linear output that names the tags.

Shapes: B batch, T time, E embedding, S size of what the characters say, H hidden, D directions, C characters of a
word, N words, K tags.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from rnnlab.recurrent import IMPLEMENTATIONS, CellNames, blank_embedding, check_cell, dropout, make_layer, materialize
from rnnlab.text import UNKNOWN, Lexicon
from rnnlab.text.tagged_sentences import lexicon_key
from rnnlab.text.unicode_forms import spellings
from rnnlab.validation import Choice, Config, Integer, Real, Switch, setting

NO_RECURRENCE = "none"
TAGGER_MODELS = CellNames(NO_RECURRENCE)
CHARACTERS = ("none", "lstm", "cnn")
LONGEST_SPELLING = 32  # of a longer word, both ends are read
NOTHING = -1  # fills a short word up to the length of the longest
WINDOW = 3  # characters that a filter of the convolution sees at once


@dataclass(frozen=True)
class TaggerConfig(Config):
    """What a tagger is made of; how it is trained is `experiments.tagging.Config`."""

    model: str = setting("lstm", Choice(TAGGER_MODELS), "kind of recurrent layer; none looks at each word by itself")
    implementation: str = setting("torch", Choice(IMPLEMENTATIONS), "written out here (scratch) or torch.nn (torch)")
    bidirectional: bool = setting(False, Switch(), "read the sentence from both ends")
    embedding_size: int = setting(3, Integer(1, 1024), "length of a word's learned vector")
    embedding_spread: float = setting(
        1.0, Real(0.0, 10.0), "standard deviation of the word vectors before training; small ones let spelling speak"
    )
    hidden_size: int = setting(3, Integer(1, 1024), "units in the hidden state, per direction")
    num_layers: int = setting(1, Integer(1, 4), "recurrent layers, one on top of the other")
    lowercase: bool = setting(False, Switch(), "a word's vector takes no heed of capitals; its characters still do")
    characters: str = setting(
        "none", Choice(CHARACTERS), "what a word's spelling adds: nothing, an LSTM from both ends, or a convolution"
    )
    character_embedding_size: int = setting(24, Integer(1, 256), "length of a character's learned vector")
    character_size: int = setting(48, Integer(1, 512), "numbers that tell of a word's spelling, per direction")
    dropout: float = setting(0.0, Real(0.0, 0.95), "share of units silenced before and after the recurrent layers")
    word_dropout: float = setting(
        0.0, Real(0.0, 0.95), "share of the words that training reads as unknown, so that it learns what to do then"
    )

    def check_together(self) -> None:
        """Raise InvalidInput for a recurrent layer that this implementation lacks."""
        if self.model != NO_RECURRENCE:
            check_cell(self.model, self.implementation)


class Tagger(nn.Module):
    """Says how likely each tag is for each word of a sentence.

        e_t = [E[w_t] ; spelling(w_t)]
        h_t = recurrent(e_1 … e_T)_t                    from one end or from both; without recurrence h_t = e_t
        p(tag_t | w_1 … w_T) = softmax(h_t W_outᵀ + b_out)

    Word by word, without a model of which tags follow which (Ling et al. 2015, "Finding function in form"; the CRF that
    Lample et al. 2016 and Ma & Hovy 2016 put on top gains little for parts of speech and hides the probabilities).

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
        self.spelling = _make_spelling(config, len(lexicon.characters), generator)
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
        """Draw every weight anew: characters' vectors from normal(0, 1), words' from one as wide as asked for.

        All else as torch.nn does, from uniform(±1/√n), where n units are summed up.
        """
        for module in self.modules():
            for name, parameter in module.named_parameters(recurse=False):
                if isinstance(module, nn.Embedding):
                    parameter.normal_(generator=self.generator)
                else:
                    bound = 1 / math.sqrt(_units_summed(module, name))
                    parameter.uniform_(-bound, bound, generator=self.generator)
        self.embedding.weight.mul_(self.config.embedding_spread)

    def forward(self, words: Tensor, characters: Tensor | None = None) -> Tensor:
        """`words` (B, T) and `characters` (B, T, C), as `encode` makes them → logits (B, T, K)."""
        x = self.embedding(self._forget_words(words))  # (B, T, E)
        if self.spelling is not None:
            x = torch.cat([x, self._spell(characters)], dim=-1)  # (B, T, E + S)
        x = dropout(x, self.dropout_rate, self.generator)
        if self.recurrent is not None:
            x = dropout(self.recurrent(x)[0], self.dropout_rate, self.generator)  # (B, T, D·H)
        return self.output(x)

    @property
    def dropout_rate(self) -> float:
        return self.config.dropout if self.training else 0.0

    def _forget_words(self, words: Tensor) -> Tensor:
        """While training, some words by chance become `<unk>` (Lample et al. 2016 do so with words seen once)."""
        share = self.config.word_dropout if self.training else 0.0
        if share == 0.0:
            return words
        device = words.device if self.generator is None else self.generator.device
        forgotten = torch.empty(words.shape, device=device).bernoulli_(share, generator=self.generator).bool()
        return words.masked_fill(forgotten.to(words.device), self.lexicon.words.unknown_id)

    def _spell(self, characters: Tensor) -> Tensor:
        """`characters` (B, T, C) → (B, T, S). A word that occurs more than once is read once."""
        different, place = characters.flatten(0, 1).unique(dim=0, return_inverse=True)  # (N, C), (B·T,)
        return self.spelling(different)[place].view(*characters.shape[:2], -1)

    def encode(self, sentences: Sequence[Sequence[str]]) -> tuple[Tensor, Tensor | None]:
        """Sentences of equal length T as numbers: words (B, T), and, if they are read, characters (B, T, C).

        Equal length, so that nothing must be filled up: what a filling says would reach the words before it through
        the direction that reads from the end.
        """
        device = self.output.weight.device
        spelt = [[self.spell(form) for form in forms] for forms in sentences]
        words = torch.tensor([self.lexicon.words.encode(map(self.read, forms)) for forms in spelt], device=device)
        if self.spelling is None:
            return words, None
        spelled = [[self.lexicon.characters.encode(shorten(form)) for form in forms] for forms in spelt]
        longest = max(len(spelling) for row in spelled for spelling in row)
        filled = [[spelling + [NOTHING] * (longest - len(spelling)) for spelling in row] for row in spelled]
        return words, torch.tensor(filled, device=device)

    def spell(self, form: str) -> str:
        """`form`, in the first of its spellings that training has met, else with the fewest characters that it has not.

        "é" may be one character or two, and ' be written ’: `rnnlab.text.unicode_forms` says what may stand for what.
        """
        if self.read(form) in self.lexicon.words:
            return form
        others = list(spellings(lexicon_key(form)))
        met = next((other for other in others if self.read(other) in self.lexicon.words), None)
        return met or min(others, key=self._strange_characters)

    def _strange_characters(self, form: str) -> int:
        return sum(character not in self.lexicon.characters for character in shorten(form))

    def read(self, form: str) -> str:
        """`form` as the words of the lexicon are written."""
        return lexicon_key(form.lower() if self.config.lowercase else form)

    def knows(self, form: str) -> bool:
        """Whether training has met `form`, in one of its spellings, so that it has a vector of its own."""
        return self.read(self.spell(form)) in self.lexicon.words and form != UNKNOWN

    def count_parameters(self) -> int:
        return sum(parameter.numel() for parameter in self.parameters())


def count_parameters(config: TaggerConfig, lexicon: Lexicon) -> int:
    """How many numbers the tagger would learn; nothing of it is stored."""
    return Tagger(config, lexicon, device="meta").count_parameters()


def shorten(form: str) -> str:
    """`form`, or both ends of one that is longer than LONGEST_SPELLING: a word's beginning and ending tell most."""
    half = LONGEST_SPELLING // 2
    return form if len(form) <= LONGEST_SPELLING else form[:half] + form[-half:]


def _make_spelling(config: TaggerConfig, characters: int, generator: torch.Generator | None) -> nn.Module | None:
    if config.characters == "lstm":
        return SpellingLSTM(characters, config, generator)
    return SpellingCNN(characters, config) if config.characters == "cnn" else None


def _units_summed(module: nn.Module, name: str) -> int:
    """How many units a weight or bias of `module` helps to sum up (torch.nn's recurrent layers take H for all)."""
    if isinstance(module, nn.Linear):
        return module.in_features
    if isinstance(module, nn.Conv1d):
        return module.in_channels * WINDOW
    return module.hidden_size


class SpellingLSTM(nn.Module):
    """A word by its characters: one LSTM reads it from the front, another from the back, and their ends are joined.

    Ling et al. 2015; Lample et al. 2016. Each LSTM reads words of unequal length side by side, filled up at the end,
    and its state is taken at each word's own last character: the filling comes after it and changes nothing.
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
        """`characters` (N, C), NOTHING after each word's end → (N, S)."""
        lengths = (characters != NOTHING).sum(1)  # (N,)
        last = (lengths - 1)[:, None]  # (N, 1)
        steps = torch.arange(characters.shape[1], device=characters.device)
        turned = characters.gather(1, (last - steps).clamp(min=0))  # (N, C): each word from its end to its beginning
        row = torch.arange(len(characters), device=characters.device)
        ends = [
            layer(self.embedding(ids.clamp(min=0)))[0][row, lengths - 1]  # (N, S/2)
            for layer, ids in ((self.forwards, characters), (self.backwards, turned))
        ]
        return torch.cat(ends, dim=1)


class SpellingCNN(nn.Module):
    """A word by its characters: filters that look at three at a time, and of each the largest answer in the word.

    s = max_j ( W [c_{j-1}; c_j; c_{j+1}] + b ), nothing (zeros) before the first and after the last character.
    Ma & Hovy 2016.
    """

    def __init__(self, characters: int, config: TaggerConfig) -> None:
        super().__init__()
        self.size = 2 * config.character_size  # as many numbers as from the LSTMs
        self.embedding = blank_embedding(characters, config.character_embedding_size)
        self.filters = nn.Conv1d(config.character_embedding_size, self.size, WINDOW, padding=WINDOW // 2, device="meta")

    def forward(self, characters: Tensor) -> Tensor:
        """`characters` (N, C), NOTHING after each word's end → (N, S)."""
        here = characters != NOTHING  # (N, C)
        vectors = self.embedding(characters.clamp(min=0)) * here[..., None]  # (N, C, E)
        answers = self.filters(vectors.transpose(1, 2))  # (N, S, C)
        return answers.masked_fill(~here[:, None], -torch.inf).amax(dim=2)
