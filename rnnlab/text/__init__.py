"""From a file of lyrics to minibatches of numbers, and from tagged sentences to a lexicon.

    bytes ─► read_source ─► text ─► make_corpus ─► Corpus(vocab, train_ids, held_out_ids) ─► batches (X, Y)
    bytes ─► read_conllu ─► TaggedSentence(forms, tags) … ─► Lexicon(words, characters, tags)

`reading.py` reads what visitors bring, with `archive.py` for zip files, `documents.py` for what is no plain text, and
`decoding.py` for the encodings (`detection.py` and `plausibility.py` recognise those that are not UTF-8). `vocab.py`
numbers tokens, `corpus.py` tokenises, cuts and holds out, `batches.py` samples. `treebank.py` reads CoNLL-U,
`tagged.py` numbers its words, `segmentation.py` cuts a sentence into words, `word_list.py` writes words that hold
spaces, and `spellings.py` lists the other spellings of what is typed.
"""

from rnnlab.text.archive import MAX_INFLATED_BYTES, MAX_MEMBERS, texts_in_zip
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
    TOKENIZERS,
    Corpus,
    make_corpus,
    tokenize,
)
from rnnlab.text.decoding import Decoded, decode, decode_text
from rnnlab.text.documents import document_kind
from rnnlab.text.reading import MAX_FILE_BYTES, SUFFIXES, Source, read_corpus, read_source
from rnnlab.text.segmentation import language_of, segment
from rnnlab.text.spellings import clusters, is_mark, spellings, visible
from rnnlab.text.tagged import MAX_FORM, UPOS, Lexicon, TaggedSentence
from rnnlab.text.treebank import MAX_TOKENS, Treebank, read_conllu, read_treebank
from rnnlab.text.vocab import UNKNOWN, Vocab
from rnnlab.text.word_list import join_words, split_words

__all__ = [
    "MAX_CHARACTERS",
    "MAX_FILE_BYTES",
    "MAX_FORM",
    "MAX_INFLATED_BYTES",
    "MAX_MEMBERS",
    "MAX_TOKENS",
    "SAMPLINGS",
    "SUFFIXES",
    "TOKENIZERS",
    "UNKNOWN",
    "UPOS",
    "Batch",
    "Corpus",
    "Decoded",
    "Lexicon",
    "Source",
    "TaggedSentence",
    "Treebank",
    "Vocab",
    "clusters",
    "decode",
    "decode_text",
    "document_kind",
    "is_mark",
    "join_words",
    "language_of",
    "make_corpus",
    "number_of_batches",
    "random_batches",
    "read_conllu",
    "read_corpus",
    "read_source",
    "read_treebank",
    "segment",
    "sequential_batches",
    "spellings",
    "split_words",
    "texts_in_zip",
    "tokenize",
    "tokens_needed",
    "visible",
]
