"""From a file of lyrics to minibatches of numbers.

    bytes ─► read_corpus ─► text ─► make_corpus ─► Corpus(vocab, train_ids, held_out_ids) ─► batches (X, Y)

`vocab.py` numbers tokens, `decoding.py` and `archive.py` read what visitors upload, `corpus.py` tokenises, cuts and
holds out, `batches.py` samples.
"""

from rnnlab.text.archive import MAX_INFLATED_BYTES, MAX_MEMBERS, text_in_zip
from rnnlab.text.batches import (
    SAMPLINGS,
    Batch,
    number_of_batches,
    random_batches,
    sequential_batches,
    tokens_needed,
)
from rnnlab.text.corpus import (
    MAX_CHARACTERS,
    MAX_FILE_BYTES,
    TOKENIZERS,
    Corpus,
    make_corpus,
    read_corpus,
    tokenize,
)
from rnnlab.text.decoding import decode_text
from rnnlab.text.vocab import UNKNOWN, Vocab

__all__ = [
    "MAX_CHARACTERS",
    "MAX_FILE_BYTES",
    "MAX_INFLATED_BYTES",
    "MAX_MEMBERS",
    "SAMPLINGS",
    "TOKENIZERS",
    "UNKNOWN",
    "Batch",
    "Corpus",
    "Vocab",
    "decode_text",
    "make_corpus",
    "number_of_batches",
    "random_batches",
    "read_corpus",
    "sequential_batches",
    "text_in_zip",
    "tokenize",
    "tokens_needed",
]
