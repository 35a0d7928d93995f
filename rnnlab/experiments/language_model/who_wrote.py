"""Draw a round of "who wrote this?": a real line that was held out, among three lines that a model writes.

What makes a round fair:

- The real line was held out and stands nowhere among the lines of the training text, so no model can know it by heart.
- A line of the model that is a whole line of the training or the held-out text is left out: it would be a real one.
  Shorter pieces may be copied; the model may write as it has learned to. A model that recites plays only at a high
  temperature, hence the default.
- All four are of like length. The model's lines within a quarter of the real line's length are taken first; where it
  writes too few, longer ones are cut to that length (`cut`), and then those that are nearest in length.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor

from rnnlab.generation import Generation, generate, line_break
from rnnlab.generation.decoder import Decoder
from rnnlab.text import END, Corpus, Vocab, detokenize
from rnnlab.text.vocab import UNKNOWN
from rnnlab.validation import Config, Integer, InvalidInput, rule_of, setting

OTHERS = 3  # lines of the model in a round
TOLERANCE = 0.25  # of the real line's length
MIN_CHARACTERS = 4  # of the real line
SONGS, SONG_TOKENS = 4, 500  # that the model writes at most for a round
TEMPERATURE = Generation.__dataclass_fields__["temperature"]


@dataclass(frozen=True)
class WhoWrote(Config):
    """Settings of a round."""

    temperature: float = setting(1.2, rule_of(TEMPERATURE), TEMPERATURE.metadata["help"])
    seed: int = setting(1, Integer(0, 2**31 - 1), "of the draw: the same seed gives the same round")


@dataclass(frozen=True)
class Round:
    """Four lines, one of them real."""

    lines: tuple[str, ...]
    real: int  # place of the real one
    cut: tuple[bool, ...]  # whether a line of the model was cut to its length

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return asdict(self)


def who_wrote(decoder: Callable[[], Decoder], vocab: Vocab, corpus: Corpus, how: WhoWrote) -> Round:
    """Return the round of `how.seed`.

    decoder: makes one of the model that has read nothing. corpus: what the model has learned, with its held-out part.

    Raises InvalidInput where nothing usable was held out, and where the model writes nothing but lines of its text.
    """
    generator = torch.Generator().manual_seed(how.seed)
    known = set(lines_of(corpus.train_ids, corpus.vocab))
    held_out = lines_of(corpus.held_out_ids, corpus.vocab)
    usable = (line for line in held_out[1:-1] if corpus.vocab.unknown_id is None or UNKNOWN not in line)
    real_lines = sorted({line for line in usable if line not in known and len(line) >= MIN_CHARACTERS})
    if not real_lines:  # the first and the last line may be parts of one
        raise InvalidInput("nothing_held_out", "model")
    real = real_lines[_draw(generator, len(real_lines))]
    written = _written(decoder, vocab, how, len(real), known | set(held_out))
    if len(written) < OTHERS:
        raise InvalidInput("only_known_lines", "temperature", lines=OTHERS, tokens=SONGS * SONG_TOKENS)
    place = _draw(generator, OTHERS + 1)
    lines = [(line, is_cut) for line, is_cut in written[:OTHERS]]
    lines.insert(place, (real, False))
    return Round(tuple(line for line, _ in lines), place, tuple(is_cut for _, is_cut in lines))


def lines_of(ids: Tensor, vocab: Vocab) -> list[str]:
    """Return the lines of a part of a text, without the blanks around them; empty ones are left out."""
    return _split(detokenize(vocab.decode(ids.tolist()), vocab.spacing), vocab)


def _split(text: str, vocab: Vocab) -> list[str]:
    end = line_break(vocab)
    if end is None:
        raise InvalidInput("no_line_end", "model")
    return [line.strip() for line in text.split("\n" if end == END else end) if line.strip()]


def _written(
    decoder: Callable[[], Decoder], vocab: Vocab, how: WhoWrote, length: int, real: set[str]
) -> list[tuple[str, bool]]:
    """Return lines of the model, those of like length first, in the order of writing; cut ones, and then others."""
    found: dict[str, bool] = {}
    near: list[str] = []
    for song in range(SONGS):
        seed = (how.seed + song * 7919) % 2**31
        settings = Generation(prefix="", length=SONG_TOKENS, temperature=how.temperature, seed=seed)
        text = "".join(token.text for token in generate(decoder(), vocab, settings, alternatives=0))
        whole = _split(text, vocab)
        for line in whole if len(whole) == 1 else whole[:-1]:  # the last one may go on
            if line not in real and line not in found:
                found[line] = False
                near += [line] if abs(len(line) - length) <= TOLERANCE * length else []
        if len(near) >= OTHERS:
            break
    begun = [line[:length].strip() for line in found if len(line) > (1 + TOLERANCE) * length]
    cut = [line for line in dict.fromkeys(begun) if line and line not in real and line not in found]
    shorter = sorted((line for line in found if len(line) < (1 - TOLERANCE) * length), key=len, reverse=True)
    return [*((line, False) for line in near), *((line, True) for line in cut), *((line, False) for line in shorter)]


def _draw(generator: torch.Generator, count: int) -> int:
    return int(torch.randint(count, (), generator=generator))
