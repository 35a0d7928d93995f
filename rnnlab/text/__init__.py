"""Read texts and tagged sentences, and turn them into numbers: minibatches of ids, and a lexicon.

    bytes ─► read_source ─► text ─► make_corpus ─► Corpus(vocab, train_ids, held_out_ids) ─► batches (X, Y)
    bytes ─► read_conllu ─► TaggedSentence(forms, tags) … ─► Lexicon(words, characters, tags)

`file_reading.py` reads a visitor's files, with `zip_archive.py` for zip files, `document_formats.py` to recognise files
that are not plain text, and `decoding.py` for the encodings (`encoding_detection.py` and `encoding_plausibility.py`
recognise those that are not UTF-8). `vocab.py` numbers tokens, `corpus.py` tokenises, cuts and holds out, `words.py`
cuts a text into words and writes it again with the spaces of `spacing.py`, `batches.py` samples minibatches.
`synthetic.py` makes texts of a known entropy. `treebank.py` reads CoNLL-U, `tagged_sentences.py` numbers its words,
`segmentation.py` cuts a sentence into words, `word_list.py` writes a list of words in one line, `unicode_forms.py`
lists the other spellings of a text, and `writing_systems.py` has the character ranges of scripts. The limits on size
are in `rnnlab/limits.py`.
"""

from rnnlab.text.batches import (
    SAMPLINGS,
    Batch,
    number_of_batches,
    random_batches,
    sequential_batches,
    tokens_needed,
)
from rnnlab.text.copied_runs import (
    CopiedRun,
    CopyTracker,
    Passage,
    copied_characters,
    copied_runs,
    copied_share,
    longest_copied,
    min_copied_length,
    passage,
    runs_after,
)
from rnnlab.text.corpus import MAX_MIN_FREQ, TOKENIZERS, Corpus, check_text, make_corpus, tokenize, tokenize_like
from rnnlab.text.decoding import Decoded, decode, decode_text
from rnnlab.text.document_formats import document_kind
from rnnlab.text.file_reading import SUFFIXES, Source, read_corpus, read_source
from rnnlab.text.segmentation import segment
from rnnlab.text.spacing import END, SPACINGS, TokenWriter
from rnnlab.text.synthetic import Brackets, DistanceLines, MarkovSource, brackets, distance_lines
from rnnlab.text.tagged_sentences import UPOS, Lexicon, TaggedSentence
from rnnlab.text.treebank import Treebank, read_conllu, read_treebank
from rnnlab.text.unicode_forms import clusters, is_mark, spellings, visible
from rnnlab.text.vocab import UNKNOWN, Vocab
from rnnlab.text.word_list import join_words, split_words
from rnnlab.text.words import detokenize, normalized, spacing_of, tokenize_words
from rnnlab.text.writing_systems import is_chinese
from rnnlab.text.zip_archive import texts_in_zip

__all__ = [
    "END",
    "MAX_MIN_FREQ",
    "SAMPLINGS",
    "SPACINGS",
    "SUFFIXES",
    "TOKENIZERS",
    "UNKNOWN",
    "UPOS",
    "Batch",
    "Brackets",
    "CopiedRun",
    "CopyTracker",
    "Corpus",
    "Decoded",
    "DistanceLines",
    "Lexicon",
    "MarkovSource",
    "Passage",
    "Source",
    "TaggedSentence",
    "TokenWriter",
    "Treebank",
    "Vocab",
    "brackets",
    "check_text",
    "clusters",
    "copied_characters",
    "copied_runs",
    "copied_share",
    "decode",
    "decode_text",
    "detokenize",
    "distance_lines",
    "document_kind",
    "is_chinese",
    "is_mark",
    "join_words",
    "longest_copied",
    "make_corpus",
    "min_copied_length",
    "normalized",
    "number_of_batches",
    "passage",
    "random_batches",
    "read_conllu",
    "read_corpus",
    "read_source",
    "read_treebank",
    "runs_after",
    "segment",
    "sequential_batches",
    "spacing_of",
    "spellings",
    "split_words",
    "texts_in_zip",
    "tokenize",
    "tokenize_like",
    "tokenize_words",
    "tokens_needed",
    "visible",
]
