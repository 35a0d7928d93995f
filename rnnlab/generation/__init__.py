"""Singing: read a prefix, then choose one character after the other.

for choice in generate(model, vocab, Generation(prefix="雨", length=50)):
    print(choice.character, end="")

`prefix.py` finds what is typed in a vocabulary, `sampling.py` picks a character, `decoder.py` feeds the model.
"""

from rnnlab.generation.decoder import BIDIRECTIONAL_CONTEXT
from rnnlab.generation.generate import generate
from rnnlab.generation.prefix import FittedPrefix, fit_prefix, line_break
from rnnlab.generation.sampling import Choice, Generation, choose

__all__ = [
    "BIDIRECTIONAL_CONTEXT", "Choice", "FittedPrefix", "Generation", "choose", "fit_prefix", "generate", "line_break",
]  # fmt: skip
