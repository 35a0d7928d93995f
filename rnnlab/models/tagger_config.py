"""Architecture of a tagger, as settings."""

from __future__ import annotations

from dataclasses import dataclass

from rnnlab.recurrent import IMPLEMENTATIONS, CellNames, check_cell
from rnnlab.validation import Choice, Config, Integer, InvalidInput, Real, Switch, setting

NO_RECURRENCE = "none"
TAGGER_MODELS = CellNames(NO_RECURRENCE)
CHARACTERS = ("none", "lstm", "cnn")


@dataclass(frozen=True)
class TaggerConfig(Config):
    """Architecture of a tagger; `experiments.tagging.Config` adds its training."""

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
    unknown_words: bool = setting(
        True, Switch(), "a vector for the words that training has not seen; without it such words cannot be tagged"
    )
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
        """Raise InvalidInput for a layer that this implementation lacks, or for word dropout without `<unk>`."""
        if self.word_dropout and not self.unknown_words:
            raise InvalidInput("word_dropout_without_unknown", "word_dropout", value=self.word_dropout)
        if self.model != NO_RECURRENCE:
            check_cell(self.model, self.implementation)
