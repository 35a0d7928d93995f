"""Singing: warm the state up on a prefix, then draw one character after the other.

for choice in generate(model, vocab, Generation(prefix="雨", length=50)):
    print(choice.character, end="")
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from rnnlab.models import LanguageModel
from rnnlab.text import Vocab
from rnnlab.validation import Config, Integer, InvalidInput, Real, Text, setting

LINE_BREAK = " "  # both tokenisers write the end of a line as a space
BIDIRECTIONAL_CONTEXT = 256  # characters that a model which reads both ways re-reads for each new one


@dataclass(frozen=True)
class Generation(Config):
    """How to sing. `temperature` 0 is greedy; `top_k` and `top_p` narrow the choice before it is drawn."""

    prefix: str = setting("", Text(0, 200), "what the song begins with; empty starts a new line")
    length: int = setting(200, Integer(1, 2000), "characters to generate")
    temperature: float = setting(0.8, Real(0.0, 5.0), "0 always takes the likeliest; 1 draws as the model believes")
    top_k: int | None = setting(None, Integer(1, 10_000, optional=True), "draw from the k likeliest characters only")
    top_p: float | None = setting(
        None, Real(0.01, 1.0, optional=True), "draw from the likeliest characters that together reach this probability"
    )
    seed: int = setting(1, Integer(0, 2**31 - 1), "of the draw: the same seed sings the same song")


@dataclass(frozen=True)
class Choice:
    """One generated character, its probability, and the likeliest characters at that place, best first.

    Probabilities are the model's own (temperature 1, nothing cut off), so they compare across strategies.
    """

    character: str
    probability: float
    alternatives: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class FittedPrefix:
    """A prefix as the model can read it: `text` is what is fed, `missing` what had to be left out."""

    text: str
    replaced: tuple[tuple[str, str], ...]  # (as typed, as the vocabulary writes it)
    missing: tuple[str, ...]


def fit_prefix(prefix: str, vocab: Vocab) -> FittedPrefix:
    """Find each character of `prefix` in the vocabulary, in its other width if need be.

    A line break is the space that both tokenisers make of it. `！` and `!` are one character in two widths
    (Unicode compatibility forms); the one that the vocabulary knows is taken.
    """
    text, replaced, missing = [], [], []
    for typed in prefix.replace("\r\n", "\n"):
        known = next((form for form in _forms(typed) if len(form) == 1 and form in vocab), None)
        if known is None:
            missing.append(typed)
        else:
            text.append(known)
            if known != typed:
                replaced.append((typed, known))
    return FittedPrefix("".join(text), tuple(replaced), tuple(dict.fromkeys(missing)))


def _forms(character: str) -> list[str]:
    """`character` itself, then what may stand for it: half width, full width, a space for a line break."""
    if character in "\r\n\t \u3000":
        return [character, LINE_BREAK, "\u3000"]
    forms = [character, unicodedata.normalize("NFKC", character)]
    if "!" <= character <= "~":
        forms.append(chr(ord(character) + 0xFEE0))  # the full-width block repeats ASCII, 0xFEE0 higher
    return forms


def generate(model: LanguageModel, vocab: Vocab, how: Generation, alternatives: int = 5) -> Iterator[Choice]:
    """Yield `how.length` choices that continue `how.prefix`. The model is left in the mode that it was in.

    Characters of the prefix that the vocabulary lacks are skipped (`fit_prefix` names them).
    """
    generator = torch.Generator().manual_seed(how.seed)
    silence = _silence(vocab)
    unread = vocab.encode(fit_prefix(how.prefix, vocab).text) or [_line_break(vocab, silence)]
    reader = _BothWays(model) if model.config.bidirectional else _Forwards(model)
    shown = min(alternatives, int(silence.isfinite().sum()))
    for _ in range(how.length):
        # A model that exploded has infinite logits; it sings noise, but it sings.
        logits = reader.read(unread).nan_to_num() + silence  # (V,)
        probabilities = torch.softmax(logits, dim=0)
        chosen = choose(logits, how, generator)
        best = torch.topk(probabilities, shown)
        yield Choice(
            vocab.tokens[chosen],
            float(probabilities[chosen]),
            tuple((vocab.tokens[i], p) for p, i in zip(best.values.tolist(), best.indices.tolist(), strict=True)),
        )
        unread = [chosen]


def _silence(vocab: Vocab) -> Tensor:
    """What is added to the logits (V,) so that `<unk>` and the reserved tokens are never sung: 0 or -inf."""
    silence = torch.tensor([0.0 if len(token) == 1 else -torch.inf for token in vocab.tokens])
    if not silence.isfinite().any():
        raise InvalidInput("nothing_to_sing", "vocabulary")
    return silence


def _line_break(vocab: Vocab, silence: Tensor) -> int:
    """What is read when there is no prefix: the end of a line, or else the first character that can be sung."""
    return vocab.encode(LINE_BREAK)[0] if LINE_BREAK in vocab else int(silence.argmax())


def choose(logits: Tensor, how: Generation, generator: torch.Generator) -> int:
    """Draw an id from `logits` (V,), as `how` says.

    temperature τ:  p_i ∝ exp(logit_i / τ)                      τ → 0 is the argmax
    top-k:          only the k largest stay
    top-p:          the smallest set whose probabilities reach p stays (Holtzman et al. 2020, "nucleus sampling")
    """
    if how.temperature == 0.0:
        return int(logits.argmax())
    probabilities = torch.softmax((logits - logits.max()).double() / how.temperature, dim=0)
    ordered, order = probabilities.sort(descending=True, stable=True)
    if how.top_k is not None:
        ordered[how.top_k :] = 0.0
    if how.top_p is not None:
        before = ordered.cumsum(0) - ordered  # what the better ones already add up to
        ordered[before >= how.top_p * ordered.sum()] = 0.0
    return int(order[torch.multinomial(ordered, 1, generator=generator)])


class _Forwards:
    """Feeds a model one character after the other and keeps its state."""

    def __init__(self, model: LanguageModel) -> None:
        self.model, self.state = model, None

    def read(self, ids: list[int]) -> Tensor:
        """Logits (V,) for the character after `ids`, on the CPU."""
        logits, self.state = _evaluate(self.model, ids, self.state)
        return logits


class _BothWays:
    """A model that reads from both ends has no state to carry: it re-reads what has been sung so far."""

    def __init__(self, model: LanguageModel) -> None:
        self.model, self.ids = model, []

    def read(self, ids: list[int]) -> Tensor:
        self.ids = (self.ids + ids)[-BIDIRECTIONAL_CONTEXT:]
        return _evaluate(self.model, self.ids, None)[0]


@torch.inference_mode()
def _evaluate(model: LanguageModel, ids: list[int], state: object) -> tuple[Tensor, object]:
    """Read `ids` in evaluation mode; the logits (V,) at the last of them and the state."""
    was_training = model.training
    model.eval()
    try:
        device = model.output.weight.device
        logits, state = model(torch.tensor([ids], device=device), state)
    finally:
        model.train(was_training)
    return logits[0, -1].float().cpu(), state
