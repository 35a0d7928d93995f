"""Where the things that ship with RNN Lab lie: lyrics and sentences in `data/`, trained models in `assets/`."""

from __future__ import annotations

from pathlib import Path

from rnnlab.validation import Choice

PACKAGE = Path(__file__).resolve().parent
PLACES = (PACKAGE, PACKAGE.parent)  # installed: inside the package; in a checkout: beside it

SHIPPED_CORPORA = {
    "lyrics-zh": "data/lyrics.txt",
    "lyrics-en": "data/lyrics_en.txt",
}

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

PREFIXES = {"lyrics-zh": ("分开", "不分开"), "lyrics-en": ("I will", "The night")}  # what each is asked to continue


def resource(name: str) -> Path:
    """Find the file that ships as `name`, such as "data/lyrics.txt"."""
    for place in PLACES:
        if (path := place / name).is_file():
            return path
    raise FileNotFoundError(f"{name} is missing from this installation; looked in {' and '.join(map(str, PLACES))}")


def shipped_corpus(name: str) -> str:
    """Read a corpus that was written for RNN Lab: one of SHIPPED_CORPORA, by name."""
    name = Choice(tuple(SHIPPED_CORPORA)).check("corpus", name)
    return resource(SHIPPED_CORPORA[name]).read_text(encoding="utf-8")


def shipped_model(name: str) -> Path:
    """Find the checkpoint that was trained on the shipped corpus of the same name."""
    return resource(SHIPPED_MODELS[Choice(tuple(SHIPPED_MODELS)).check("model", name)])


def tagged_sentences(name: str) -> Path:
    """Find the CoNLL-U file of tagged sentences that were written for RNN Lab: one of TAGGED_SENTENCES, by name."""
    return resource(TAGGED_SENTENCES[Choice(tuple(TAGGED_SENTENCES)).check("corpus", name)])


def shipped_tagger(language: str) -> Path:
    """Find the checkpoint of the tagger that was trained on the everyday sentences of `language`: en or zh."""
    return resource(SHIPPED_TAGGERS[Choice(tuple(SHIPPED_TAGGERS)).check("language", language)])
