"""Generate text: read a prefix, then sample one token after the other.

for token in generate(model, vocab, Generation(prefix="雨", length=50)):
    print(token.text, end="")

`prefix.py` fits a typed prefix to a vocabulary (`word_prefix.py` to one of words), `decoder.py` steps the model,
`sampling.py` picks a token from its logits, and `generate.py` is the loop. `side_by_side.py` writes at several
temperatures with the same random numbers, `ngram_decoder.py` lets counting write, and `followers_table.py` shows what
it has counted. `next_token.py` opens one place of a song: what the model believes there, and what is drawn from.
`acrostic.py` writes lines that begin or end with given characters (`acrostic_heads.py`, `acrostic_places.py`).
"""

from rnnlab.generation.acrostic import Acrostic, AcrosticLine, acrostic
from rnnlab.generation.acrostic_places import line_ends
from rnnlab.generation.decoder import BIDIRECTIONAL_CONTEXT
from rnnlab.generation.followers_table import FollowersTable, followers_table
from rnnlab.generation.generate import generate
from rnnlab.generation.next_token import MAX_LIKELIEST, NextToken, NextTokens, next_tokens
from rnnlab.generation.ngram_decoder import COUNTING, NGramDecoder
from rnnlab.generation.prefix import FittedPrefix, fit_prefix, line_break
from rnnlab.generation.sampling import Generation, SampledToken, sample_token, token_at
from rnnlab.generation.side_by_side import MAX_COLUMNS, TEMPERATURES, Column, check_temperatures, side_by_side

__all__ = [
    "BIDIRECTIONAL_CONTEXT", "COUNTING", "MAX_COLUMNS", "MAX_LIKELIEST", "TEMPERATURES", "Acrostic", "AcrosticLine",
    "Column", "FittedPrefix", "FollowersTable", "Generation", "NGramDecoder", "NextToken", "NextTokens", "SampledToken",
    "acrostic", "check_temperatures", "fit_prefix", "followers_table", "generate", "line_break", "line_ends",
    "next_tokens", "sample_token", "side_by_side", "token_at",
]  # fmt: skip
