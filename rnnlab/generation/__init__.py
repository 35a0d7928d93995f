"""Singing: read a prefix, then choose one character after the other.

for choice in generate(model, vocab, Generation(prefix="雨", length=50)):
    print(choice.character, end="")

`prefix.py` finds what is typed in a vocabulary, `choosing.py` picks a character, `reading.py` feeds the model.
"""

from rnnlab.generation.choosing import Choice, Generation, choose
from rnnlab.generation.prefix import FittedPrefix, fit_prefix, line_break
from rnnlab.generation.reading import BIDIRECTIONAL_CONTEXT
from rnnlab.generation.singing import generate

__all__ = [
    "BIDIRECTIONAL_CONTEXT", "Choice", "FittedPrefix", "Generation", "choose", "fit_prefix", "generate", "line_break",
]  # fmt: skip
