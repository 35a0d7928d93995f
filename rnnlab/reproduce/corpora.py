"""Which text it is: the tutorials' lyrics, which the published figures are of, or songs that ship with RNN Lab."""

from __future__ import annotations

import hashlib

from rnnlab.resources import SHIPPED_CORPORA, shipped_corpus
from rnnlab.text.corpus import tokenize

# What the recipes with published figures read of the lyrics. Only its digest is here: the lyrics are not ours to give.
READ = 10_000
DIGEST = "b054e3e41c43ca4694807907e8ba39588da9e0ac4f24d28655bccedb526753cf"  # SHA-256


def is_the_tutorials(text: str | None) -> bool:
    """Whether `text` begins as the tutorials' lyrics do; None stands for the shipped songs."""
    return text is not None and hashlib.sha256(tokenize(text, "raw")[:READ].encode()).hexdigest() == DIGEST


def is_shipped(text: str | None) -> bool:
    """Whether `text` is one of the shipped ones, however it was named."""
    return text is None or any(text == shipped_corpus(name) for name in SHIPPED_CORPORA)
