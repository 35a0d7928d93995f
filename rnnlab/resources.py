"""Find the files that ship with RNN Lab: texts and sentences in `data/`, trained models in `assets/`.

Two more texts have names and no file: they are made when they are asked for, and their entropy is known.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from rnnlab.text.synthetic import DEFAULT_DISTANCE, Brackets, DistanceLines, MarkovSource, write
from rnnlab.validation import Choice

PACKAGE = Path(__file__).resolve().parent
PLACES = (PACKAGE, PACKAGE.parent)  # inside an installed package; beside the package in a checkout

SHIPPED_CORPORA = {
    "lyrics-zh": "data/lyrics.txt",
    "lyrics-en": "data/lyrics_en.txt",
}

GENERATED_CORPORA = ("brackets", "distance")
GENERATED_CHARACTERS, GENERATED_SEED = 100_000, 1  # of each generated text

CORPORA = (*SHIPPED_CORPORA, *GENERATED_CORPORA)  # the texts that have a name

SHIPPED_MODELS = {
    "lyrics-zh": "assets/lyrics-zh.safetensors",
    "lyrics-en": "assets/lyrics-en.safetensors",
}

TAGGED_SENTENCES = {
    "everyday-en": "data/tagging/en.conllu",
    "everyday-zh": "data/tagging/zh.conllu",
}

SHIPPED_TAGGERS = {
    "en": "assets/tagger-en.safetensors",
    "zh": "assets/tagger-zh.safetensors",
}
CHINESE_TAGGER, DEFAULT_TAGGER = "zh", "en"  # for sentences with and without Chinese characters

# Recorded runs of the tutorials' recipes on RECORDED_CORPUS; `rnnlab.reproduce.recordings` makes them.
RECORDED_CORPUS = "lyrics-zh"
RECORDED_RECIPES = (
    "rnn-scratch", "gru-scratch", "gru-torch", "lstm-scratch", "lstm-torch", "lstm-torch-slow", "rnn-torch-patient",
    "rnn-scratch-patient",
)  # fmt: skip
SHIPPED_RECORDINGS = {name: f"assets/recordings/{name}.zip" for name in RECORDED_RECIPES}

PREFIXES = {  # from which samples start
    "lyrics-zh": ("分开", "不分开"),
    "lyrics-en": ("I will", "The night"),
    "brackets": ("(", "((("),
    "distance": ("A", "D"),
}


def resource(name: str) -> Path:
    """Return the path of the shipped file `name`, such as "data/lyrics.txt"; raise FileNotFoundError."""
    for place in PLACES:
        if (path := place / name).is_file():
            return path
    raise FileNotFoundError(f"{name} is missing from this installation; looked in {' and '.join(map(str, PLACES))}")


def shipped_corpus(name: str) -> str:
    """Read a shipped corpus by its name in SHIPPED_CORPORA. Raises InvalidInput for another name."""
    name = Choice(tuple(SHIPPED_CORPORA)).check("corpus", name)
    return resource(SHIPPED_CORPORA[name]).read_text(encoding="utf-8")


def generated_source(name: str, distance: int = DEFAULT_DISTANCE) -> MarkovSource:
    """Return the source of a generated text by its name in GENERATED_CORPORA. Raises InvalidInput for another name.

    distance: between the two letters of a line of the text "distance"; the other one has none.
    """
    name = Choice(GENERATED_CORPORA).check("corpus", name)
    return DistanceLines(distance) if name == "distance" else Brackets()


@lru_cache(maxsize=16)
def generated_corpus(name: str, distance: int = DEFAULT_DISTANCE) -> str:
    """Make a generated text; see `generated_source`. It is always the same."""
    return write(generated_source(name, distance), GENERATED_CHARACTERS, GENERATED_SEED)


def corpus_text(name: str, distance: int = DEFAULT_DISTANCE) -> str:
    """Return a shipped or generated text by its name in CORPORA. Raises InvalidInput for another name."""
    name = Choice(CORPORA).check("corpus", name)
    return generated_corpus(name, distance) if name in GENERATED_CORPORA else shipped_corpus(name)


def corpus_file_name(name: str, distance: int = DEFAULT_DISTANCE) -> str:
    """Return the file name of a text by its name in CORPORA. Raises InvalidInput for another name.

    >>> corpus_file_name("lyrics-en"), corpus_file_name("brackets"), corpus_file_name("distance", 5)
    ('lyrics_en.txt', 'brackets.txt', 'distance-5.txt')
    """
    name = Choice(CORPORA).check("corpus", name)
    if name in SHIPPED_CORPORA:
        return Path(SHIPPED_CORPORA[name]).name
    return f"distance-{distance}.txt" if name == "distance" else f"{name}.txt"


def shipped_model(name: str) -> Path:
    """Return the path of the checkpoint that was trained on the shipped corpus `name`."""
    return resource(SHIPPED_MODELS[Choice(tuple(SHIPPED_MODELS)).check("model", name)])


def shipped_recording(name: str) -> Path:
    """Return the path of the recorded run of the recipe `name`, a key of SHIPPED_RECORDINGS. Raises InvalidInput."""
    return resource(SHIPPED_RECORDINGS[Choice(tuple(SHIPPED_RECORDINGS)).check("recording", name)])


def tagged_sentences(name: str) -> Path:
    """Return the path of a shipped CoNLL-U file by its name in TAGGED_SENTENCES."""
    return resource(TAGGED_SENTENCES[Choice(tuple(TAGGED_SENTENCES)).check("corpus", name)])


def shipped_tagger(language: str) -> Path:
    """Return the path of the shipped tagger's checkpoint for `language`, a key of SHIPPED_TAGGERS."""
    return resource(SHIPPED_TAGGERS[Choice(tuple(SHIPPED_TAGGERS)).check("language", language)])
