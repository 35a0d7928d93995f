"""`rnnlab surprise`: how unexpected each token of a text is to a network, and what it expected instead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import typer

from rnnlab.commands.console import AsJson, print_json, printable
from rnnlab.commands.language import say
from rnnlab.commands.subjects import AtEpoch, Exactly, OfCorpus, OfModel, Subject, learned_corpus, subject_of
from rnnlab.devices import tune_thread
from rnnlab.experiments.event import plain
from rnnlab.experiments.language_model.surprise_at import (
    Surprise,
    SurpriseText,
    instead,
    measure_surprise,
    surprise_at,
)
from rnnlab.experiments.language_model.surprise_of_text import Place, mean_bits, surprise_of_text
from rnnlab.models import LanguageModel
from rnnlab.text import visible
from rnnlab.validation import InvalidInput, Text

SHOWN = 10  # places that are printed: the most unexpected ones


def surprise_command(
    model: OfModel,
    corpus: OfCorpus = None,
    text: Annotated[str | None, typer.Option(help="Another text, of at most 20,000 characters.")] = None,
    epoch: AtEpoch = None,
    exact: Exactly = False,
    as_json: AsJson = False,
) -> None:
    """Tell how unexpected each character of a text is to a network, in bits, and what it expected instead."""
    tune_thread()
    if corpus is not None and text is not None:
        raise InvalidInput("corpus_and_text", "text")
    subject = subject_of(model, corpus, epoch, exact, quiet=as_json)
    head = {"epoch": subject.epoch, "source": subject.source}
    if text is not None:
        read = Text(2, 20_000).check("text", text)
        places = surprise_of_text(subject.model, subject.vocab, subject.config, read)
        if as_json:
            known = {"mean_bits": mean_bits(places), "places": [place.to_dict() for place in places]}
            print_json(plain({**head, "parts": {"text": known}}))
        else:
            print(say(f"surprise_from.{subject.source}", epoch=subject.epoch))
            _print_places(places)
        return
    learned, surprise = _of_its_text(subject, corpus)
    if as_json:
        print_json(
            plain({**head, "epoch": surprise.epoch, "source": surprise.source, "parts": _parts(learned, surprise)})
        )
    else:
        print(say(f"surprise_from.{surprise.source}", epoch=surprise.epoch))
        for part in surprise.bits:
            print()
            print(say(f"look_{part}", bits=surprise.mean_bits(part)))
            print(say("surprise_most"))
            _print_most(_most_unexpected(subject.model, learned, surprise, part))


def _of_its_text(subject: Subject, corpus: str | None) -> tuple[SurpriseText, Surprise]:
    """Return the text that a network has learned, and its surprise. Raises InvalidInput."""
    learned = learned_corpus(subject, corpus)
    text = SurpriseText(learned)
    if subject.recording is not None:
        return text, surprise_at(subject.recording, text, subject.epoch)
    return text, measure_surprise(subject.model, text, subject.epoch, subject.source)


def _parts(text: SurpriseText, surprise: Surprise) -> dict[str, Mapping[str, Any]]:
    """Return every token of each part with its bits, in the same order."""
    return {
        part: {
            "mean_bits": surprise.mean_bits(part),
            "tokens": list(text.pieces[part]),
            "bits": [None if value != value else round(value, 3) for value in bits.tolist()],
        }
        for part, bits in surprise.bits.items()
    }


def _most_unexpected(model: LanguageModel, text: SurpriseText, surprise: Surprise, part: str) -> list[Place]:
    """Return the SHOWN most unexpected places of a part, the most unexpected first."""
    bits = surprise.bits[part].tolist()
    order = sorted(range(1, len(bits)), key=lambda place: -bits[place])[:SHOWN]
    found = [(text.pieces[part][place], instead(model, text, surprise, part, place)) for place in order]
    return [Place(piece, one.bits, one.likeliest) for piece, one in found]


def _print_places(places: list[Place]) -> None:
    print(say("surprise_mean", bits=mean_bits(places)))
    _print_most(places)


def _print_most(places: Iterable[Place]) -> None:
    """Print a line for each place: its token, its bits, and what was expected instead."""
    for place in places:
        guesses = "  ".join(f"{printable(visible(token))} {p:.0%}" for token, p in place.likeliest)
        print(
            f"{printable(visible(place.text)):>4}  {'' if place.bits is None else f'{place.bits:5.1f}':>5}  {guesses}"
        )
