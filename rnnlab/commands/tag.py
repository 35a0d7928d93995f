"""`rnnlab tag`: tag the parts of speech of a sentence, or train a tagger (`tag_training.py`)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer

from rnnlab import checkpoints
from rnnlab.checkpoints import TaggerCheckpoint
from rnnlab.commands.console import AsJson, print_json, printable
from rnnlab.commands.language import say
from rnnlab.commands.tag_training import make_trainer, train_tagger
from rnnlab.devices import tune_thread
from rnnlab.experiments.tagging import Config, sentence_words
from rnnlab.flags import given, with_flags
from rnnlab.models import TAGGER_MODELS
from rnnlab.resources import SHIPPED_TAGGERS, shipped_tagger
from rnnlab.tagging import AUTO, tag_sentence, tagger_language
from rnnlab.text import split_words
from rnnlab.validation import InvalidInput

OWN_FLAGS = frozenset({"corpus", "model"})  # settings with flags of another meaning or help in this command
EVALUATION = ("eval", "first", "last")  # flags for the evaluation of a training, which do not start one


# The options of this command.
Text = Annotated[
    str | None,
    typer.Option(help="A sentence to tag; for a tagger trained on your own sentences, spaces separate its words."),
]
Tokens = Annotated[
    str | None,
    typer.Option(
        help="Instead of --text: the words to tag, with spaces between; _ inside a word is a space of its own, "
        r"\_ an underscore.",
        metavar="WORDS",
    ),
]
Language = Annotated[
    str,
    typer.Option(
        help="The shipped tagger's language; auto chooses by script.", metavar="|".join((AUTO, *SHIPPED_TAGGERS))
    ),
]
Model = Annotated[
    str | None,
    typer.Option(
        help="A tagger's file from --save, to tag --text; or the recurrent layer to train with (default lstm).",
        metavar="FILE|" + "|".join(TAGGER_MODELS),
    ),
]
Corpus = Annotated[str | None, typer.Option(help="Shipped sentences to train on (default toy-en).", metavar="NAME")]
Train = Annotated[Path | None, typer.Option(help="A CoNLL-U file to train on.", metavar="FILE")]
Evaluate = Annotated[
    Path | None,
    typer.Option(
        "--eval",
        help="Another file to measure on; if it is that of --train, the sentences that --first, --last or --held-out "
        "exclude from training.",
        metavar="FILE",
    ),
]
First = Annotated[int | None, typer.Option(help="Train on the first N sentences, measure on the rest.", metavar="N")]
Last = Annotated[int | None, typer.Option(help="Measure on the last N sentences only.", metavar="N")]
Save = Annotated[Path | None, typer.Option(help="Write the trained tagger here.", metavar="FILE")]


@with_flags(Config, but=OWN_FLAGS)
def tag_command(
    text: Text = None,
    tokens: Tokens = None,
    language: Language = AUTO,
    model: Model = None,
    corpus: Corpus = None,
    train: Train = None,
    evaluate: Evaluate = None,
    first: First = None,
    last: Last = None,
    save: Save = None,
    as_json: AsJson = False,
    **flags: str | None,
) -> None:
    """Tag a sentence, or train a tagger: without --text the tutorial's, with --train on your sentences."""
    tune_thread(1)
    settings = given(flags)
    others = {"corpus": corpus, "train": train, "eval": evaluate, "first": first, "last": last, "save": save}
    chosen = [*(name for name, value in others.items() if value is not None), *settings]
    sentence = _sentence(text, tokens)
    if model is not None and model not in TAGGER_MODELS:
        _refuse_beside("--model FILE", chosen + ["language"] * (language != AUTO))
        _print_tagged(checkpoints.load_tagger(Path(model), "model"), sentence or _Sentence("", False), as_json)
        return
    if sentence is not None and model is None and not set(chosen) - set(EVALUATION):
        if chosen:
            raise InvalidInput("tag_nothing_trained", chosen[0], flag=_flag(chosen[0]))
        shipped = checkpoints.load_tagger(shipped_tagger(tagger_language(sentence.written, language)))
        _print_tagged(shipped, sentence, as_json)
        return
    _check_training(chosen, language, of_one_file=evaluate == train)
    if model:
        settings["model"] = model
    trainer = make_trainer(settings, corpus, train, evaluate, (first, last))
    train_tagger(trainer, save, as_json)
    if sentence is not None:
        _print_tagged(trainer.latest, sentence, as_json)


def _sentence(text: str | None, tokens: str | None) -> _Sentence | None:
    """Return the sentence of --text or --tokens; raise InvalidInput if both were given."""
    if tokens is None:
        return None if text is None else _Sentence(text, is_tokens=False)
    if text is not None:
        _refuse_beside("--text", ["tokens"])
    return _Sentence(tokens, is_tokens=True)


def _check_training(chosen: Collection[str], language: str, of_one_file: bool) -> None:
    """Raise InvalidInput for flags that have no effect on a training."""
    if language != AUTO:
        raise InvalidInput("tag_language", "language")
    if "train" in chosen:
        _refuse_beside("--train", {"corpus"} & set(chosen))
    for name in EVALUATION:
        if name in chosen and not (name == "eval" and of_one_file):
            _refuse_beside(_flag(name), {"held_out"} & set(chosen))


def _refuse_beside(other: str, unused: Collection[str]) -> None:
    """Raise InvalidInput for the first of `unused`, which has no effect beside the flag `other`."""
    for name in unused:
        raise InvalidInput("tag_no_effect", name, flag=_flag(name), other=other)


def _flag(name: str) -> str:
    """Return the flag of a setting."""
    return f"--{name.replace('_', '-')}"


@dataclass(frozen=True)
class _Sentence:
    """The sentence to tag: running text, or its words in the form of --tokens."""

    written: str
    is_tokens: bool

    @property
    def field(self) -> str:
        """Return the option that has the sentence, for messages."""
        return "tokens" if self.is_tokens else "text"

    def words(self, tagger: TaggerCheckpoint) -> tuple[str, ...]:
        """Cut the sentence into words with the tagger's vocabulary."""
        known = tagger.lexicon.words
        if self.is_tokens:
            return split_words(self.written, known)
        return sentence_words(self.written, known, tagger.config.get("corpus", "own"))


def _print_tagged(tagger: TaggerCheckpoint, sentence: _Sentence, as_json: bool) -> None:
    """Tag the sentence and print a line for each word, or one line of JSON."""
    tokens = tag_sentence(tagger.build_model(), sentence.words(tagger), sentence.field)
    if as_json:
        row = {"kind": "tagged", "text": sentence.written, "tokens": [asdict(token) for token in tokens]}
        print_json(row)
        return
    for token in tokens:
        print(f"{printable(token.form)}\t{printable(token.tag)}\t{token.probability:.3f}", end="")
        print("" if token.known else "\t" + say("unknown_word"))
