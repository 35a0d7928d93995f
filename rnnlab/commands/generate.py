"""`rnnlab generate`: generate text with a trained model, or by counting."""

from __future__ import annotations

import math
import sys
from typing import Annotated

import typer

from rnnlab.checkpoints import Checkpoint
from rnnlab.commands.console import AsJson, print_json, printable, printable_lines
from rnnlab.commands.language import say
from rnnlab.commands.writers import load, text_counted
from rnnlab.experiments.language_model import counting_writer, network_writer
from rnnlab.flags import given, with_flags
from rnnlab.generation import COUNTING, FittedPrefix, Generation, fit_prefix, generate
from rnnlab.resources import SHIPPED_MODELS
from rnnlab.text import visible
from rnnlab.validation import InvalidInput


@with_flags(Generation)
def generate_command(
    checkpoint: Annotated[
        str | None, typer.Argument(help="A file from `train --save`, or a shipped model: lyrics-zh, …")
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(help="In its place, what only counts the text of --corpus.", metavar="|".join(COUNTING)),
    ] = None,
    corpus: Annotated[
        str | None,
        typer.Option(help="The text to count: a file, a folder, or a shipped text's name.", metavar="PATH"),
    ] = None,
    as_json: AsJson = False,
    **flags: str | None,
) -> None:
    """Generate text with a trained model, or by counting."""
    how = Generation.from_strings(given(flags))
    name = model or checkpoint
    if name is None:
        choices = ", ".join(map(repr, ("FILE", *SHIPPED_MODELS, *COUNTING)))
        raise InvalidInput("not_a_choice", "checkpoint", value="''", choices=choices)
    if name in COUNTING or model is not None:
        writer = counting_writer(name, text_counted(corpus))
    else:
        writer = network_writer(load(name))
    if writer.checkpoint is not None and writer.checkpoint.best_epoch is not None:
        print(_kept(writer.checkpoint), file=sys.stderr)
    fitted = fit_prefix(how.prefix, writer.vocab)
    tell_fitted(fitted)
    tokens = generate(writer.decoder(), writer.vocab, how)
    if as_json:
        sampled = list(tokens)
        text = fitted.text + "".join(token.text for token in sampled)
        choices_made = [{"token": t.token, "text": t.text, "probability": t.probability} for t in sampled]
        print_json({"text": text, "missing": fitted.missing, "choices": choices_made})
        return
    print(printable_lines(fitted.text), end="")
    for token in tokens:
        print(printable_lines(token.text), end="", flush=True)
    print()


def tell_fitted(fitted: FittedPrefix) -> None:
    """Say on standard error what was read as something else, and what was left out."""
    for form, spelled in fitted.respelled.items():
        print(say("read_in_form", typed=printable(" ".join(spelled)), form=form), file=sys.stderr)
    for typed, known in fitted.substituted:
        print(say("read_as", typed=printable(visible(typed)), known=printable(visible(known))), file=sys.stderr)
    if fitted.missing:
        missing = printable(" ".join(map(visible, fitted.missing)))
        print(say("not_known", missing=missing), file=sys.stderr)


def _kept(saved: Checkpoint) -> str:
    """Name the epoch whose weights are used, with its held-out perplexity."""
    value = math.inf if saved.kept_perplexity is None else saved.kept_perplexity
    return say("kept_weights", epoch=saved.kept_epoch, epochs=saved.epoch, perplexity=value)
