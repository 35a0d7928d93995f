"""Generate text: read a prefix, then sample one token after the other.

for token in generate(model, vocab, Generation(prefix="雨", length=50)):
    print(token.text, end="")

`prefix.py` fits a typed prefix to a vocabulary (`word_prefix.py` to one of words), `decoder.py` steps the model,
`sampling.py` picks a token from its logits, and `generate.py` is the loop.
"""

from rnnlab.generation.decoder import BIDIRECTIONAL_CONTEXT
from rnnlab.generation.generate import generate
from rnnlab.generation.ngram_decoder import NGramDecoder
from rnnlab.generation.prefix import FittedPrefix, fit_prefix, line_break
from rnnlab.generation.sampling import Generation, SampledToken, sample_token

__all__ = [
    "BIDIRECTIONAL_CONTEXT",
    "FittedPrefix",
    "Generation",
    "NGramDecoder",
    "SampledToken",
    "fit_prefix",
    "generate",
    "line_break",
    "sample_token",
]  # fmt: skip
