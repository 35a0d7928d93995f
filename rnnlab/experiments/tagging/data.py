"""Split the sentences of a run, choose one to try the tagger on, and check the tagger's size."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, chain, islice

from rnnlab import limits
from rnnlab.experiments.tagging.config import Config
from rnnlab.models.tagger import Tagger, count_parameters
from rnnlab.text import Lexicon, TaggedSentence
from rnnlab.validation import InvalidInput

SEARCHED_SENTENCES = 1000  # among which the shortest is chosen, where none is short
MIN_SENTENCES = 2  # of which one can be held out


def split(
    sentences: Sequence[TaggedSentence], held_out: float
) -> tuple[Sequence[TaggedSentence], Sequence[TaggedSentence]]:
    """Split `sentences` into those to train on and the last share `held_out`.

    At least one sentence is held out, unless the share is 0. Raises InvalidInput when there are too few.
    """
    if not held_out:
        return sentences, ()
    if len(sentences) < MIN_SENTENCES:
        raise InvalidInput("too_few_sentences", "held_out", sentences=len(sentences), low=MIN_SENTENCES)
    last = max(1, round(len(sentences) * held_out))
    return sentences[:-last], sentences[-last:]


def check_size(config: Config, lexicon: Lexicon) -> None:
    """Check, before a tagger is made, that its training fits the memory. Raises InvalidInput."""
    parameters, high = count_parameters(config, lexicon), limits.MAX_TAGGER_PARAMETERS
    if parameters > high:
        raise InvalidInput("tagger_too_large", "model", parameters=f"{parameters:,}", high=f"{high:,}")


def check_words(config: Config, lexicon: Lexicon, held_out: Sequence[TaggedSentence]) -> None:
    """Check that a tagger without a vector for unknown words can read the held-out sentences. Raises InvalidInput."""
    if config.unknown_words:
        return
    tagger = Tagger(config, lexicon, device="meta")
    for sentence in held_out:
        tagger.encode([sentence.forms], "unknown_words")


def choose_sample(*parts: Sequence[TaggedSentence]) -> TaggedSentence:
    """Return the first short sentence of `parts`, else the beginning of the shortest of the first ones."""
    sentence = next(filter(_is_short, chain(*parts)), None)
    if sentence is None:
        sentence = min(islice(chain(*parts), SEARCHED_SENTENCES), key=lambda sentence: sum(map(len, sentence.forms)))
    lengths = accumulate(len(form) + 1 for form in sentence.forms)
    fitting = (length <= limits.MAX_SAMPLE_CHARACTERS for length in islice(lengths, limits.MAX_SHOWN_WORDS))
    words = max(1, sum(fitting))
    return TaggedSentence(sentence.forms[:words], sentence.tags[:words])


def _is_short(sentence: TaggedSentence) -> bool:
    characters = sum(len(form) + 1 for form in sentence.forms)
    return len(sentence) <= limits.MAX_SHOWN_WORDS and characters <= limits.MAX_SAMPLE_CHARACTERS
