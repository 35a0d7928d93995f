"""`rnnlab inspect`: what a network does at each character of a text."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from rnnlab.commands.console import AsJson, notes, print_json
from rnnlab.commands.inspect_others import curves_of_others
from rnnlab.commands.inspect_prints import PRINTS
from rnnlab.commands.language import say
from rnnlab.commands.subjects import AtEpoch, Exactly, OfCorpus, OfModel, learned_corpus, subject_of
from rnnlab.devices import tune_thread
from rnnlab.experiments.event import plain
from rnnlab.experiments.language_model.inspected import inspect_text
from rnnlab.experiments.language_model.looks import LOOKS, look_at
from rnnlab.validation import Choice

WHAT = ", ".join(LOOKS)


def inspect_command(
    model: OfModel,
    text: Annotated[str, typer.Option(help="The text that is read, of at most 2,000 characters.")],
    what: Annotated[str, typer.Option(help=f"What to look at: {WHAT}.")] = "units",
    options: Annotated[
        list[str] | None,
        typer.Option(
            "--set", help="An option of it, such as measure=line; several times for several.", metavar="NAME=VALUE"
        ),
    ] = None,
    corpus: OfCorpus = None,
    epoch: AtEpoch = None,
    exact: Exactly = False,
    others: Annotated[
        bool, typer.Option(help="With gradient: first train the other two cells like the recorded run.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Look at what a network does at each character of a text: units, places where the same are on, gradients."""
    tune_thread()
    subject = subject_of(model, corpus, epoch, exact, quiet=as_json)
    read_corpus = partial(learned_corpus, subject, corpus)
    inspected = inspect_text(subject.model, subject.vocab, subject.config, text, read_corpus)
    if inspected.fitted.missing:
        notes().print(say("prefix_missing", missing=" ".join(inspected.fitted.missing)), soft_wrap=True)
    given = dict(option.partition("=")[::2] for option in options or ())
    found = look_at(inspected, what, given)
    if others:
        Choice(("gradient",)).check("what", what)
        ids = inspected.ids.tolist()
        curves = curves_of_others(model, ids, subject.epoch, corpus, quiet=as_json)
        found = {**found, "others": [curve.to_dict() for curve in curves]}
    if as_json:
        print_json(plain({"epoch": subject.epoch, "source": subject.source, "what": what, **found}))
    else:
        print(say(f"surprise_from.{subject.source}", epoch=subject.epoch))
        for line in PRINTS[what](found):
            print(line)
