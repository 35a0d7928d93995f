"""From a file of lyrics to minibatches of numbers, and from tagged sentences to a lexicon.

    bytes ─► read_corpus ─► text ─► make_corpus ─► Corpus(vocab, train_ids, held_out_ids) ─► batches (X, Y)
    bytes ─► read_conllu ─► TaggedSentence(forms, tags) … ─► Lexicon(words, characters, tags)

`vocab.py` numbers tokens, `decoding.py` and `archive.py` read what visitors upload, `corpus.py` tokenises, cuts and
holds out, `batches.py` samples, `treebank.py` reads CoNLL-U, `tagged.py` numbers its
words, `segmentation.py` cuts a sentence into words, `word_list.py` writes words that hold spaces, `spellings.py` lists
the other spellings of what is typed.
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
    "TOKENIZERS",
    "UNKNOWN",
    "UPOS",
    "Batch",
    "Corpus",
    "Lexicon",
    "TaggedSentence",
    "Treebank",
    "Vocab",
    "clusters",
    "decode_text",
    "is_mark",
    "join_words",
    "language_of",
    "make_corpus",
    "number_of_batches",
    "random_batches",
    "read_conllu",
    "read_corpus",
    "read_treebank",
    "segment",
    "sequential_batches",
    "spellings",
    "split_words",
    "text_in_zip",
    "tokenize",
    "tokens_needed",
    "visible",
]
