"""Singing: read a prefix, then sample_token one character after the other.

for choice in generate(model, vocab, Generation(prefix="雨", length=50)):
    print(choice.character, end="")

`prefix.py` finds what is typed in a vocabulary, `sampling.py` picks a character, `decoder.py` feeds the model.
"""

from rnnlab.generation.decoder import BIDIRECTIONAL_CONTEXT
from rnnlab.generation.generate import generate
from rnnlab.generation.prefix import FittedPrefix, fit_prefix, line_break
from rnnlab.generation.sampling import Generation, SampledToken, sample_token

__all__ = [
    "BIDIRECTIONAL_CONTEXT",
    "FittedPrefix",
    "Generation",
    "SampledToken",
    "fit_prefix",
    "generate",
    "line_break",
    "sample_token",
]  # fmt: skip
