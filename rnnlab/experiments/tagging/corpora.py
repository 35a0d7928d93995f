"""The shipped sentences: the tutorial's toy sets, the lesson on context, everyday sentences."""

from __future__ import annotations

from rnnlab.resources import TAGGED_SENTENCES, tagged_sentences
from rnnlab.text import TaggedSentence, Vocab, read_conllu, segment
from rnnlab.validation import Choice

SMALL_CORPORA = {
    "toy-en": (
        TaggedSentence.of("The dog ate the apple", "DET NN V DET NN"),
        TaggedSentence.of("Everybody read that book", "NN V DET NN"),
    ),
    "toy-zh": (
        TaggedSentence.of("你 叫 什么 名字 ?", "n v n n f"),
        TaggedSentence.of("今天 天气 怎么样 ?", "n n adj f"),
    ),
    # The same word, two tags: only the word before it decides which (Hung-yi Lee's lecture on recurrent networks).
    "context": (
        TaggedSentence.of("arrive Taipei on November 2", "O DEST O TIME TIME"),
        TaggedSentence.of("leave Taipei on November 2", "O DEP O TIME TIME"),
    ),
}
CORPORA = (*SMALL_CORPORA, *TAGGED_SENTENCES)


def corpus_sentences(name: str) -> tuple[TaggedSentence, ...]:
    """Return the sentences of one of CORPORA. Raises InvalidInput."""
    if Choice(CORPORA).check("corpus", name) in SMALL_CORPORA:
        return SMALL_CORPORA[name]
    return read_conllu(tagged_sentences(name))


def sentence_words(text: str, words: Vocab, corpus: str) -> tuple[str, ...]:
    """Segment `text` for a tagger that was trained on `corpus` with the vocabulary `words`.

    A corpus of one's own is segmented at spaces.
    """
    return segment(text, words, spaces_decide=corpus not in CORPORA)
