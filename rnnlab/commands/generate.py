"""`rnnlab generate`: generate text with a trained model."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Annotated

import typer

from rnnlab import checkpoints
from rnnlab.checkpoints import Checkpoint
from rnnlab.commands.console import AsJson, print_json, printable, printable_lines
from rnnlab.commands.language import say
from rnnlab.flags import given, with_flags
from rnnlab.generation import Generation, fit_prefix, generate
from rnnlab.resources import SHIPPED_MODELS, shipped_model
from rnnlab.text import visible


@with_flags(Generation)
def generate_command(
    checkpoint: Annotated[str, typer.Argument(help="A file from `train --save`, or a shipped model: lyrics-zh, …")],
    as_json: AsJson = False,
    **flags: str | None,
) -> None:
    """Generate text with a trained model."""
    how = Generation.from_strings(given(flags))
    path = shipped_model(checkpoint) if checkpoint in SHIPPED_MODELS else Path(checkpoint)
    saved = checkpoints.load(path)
    if saved.best_epoch is not None:
        print(_kept(saved), file=sys.stderr)
    fitted = fit_prefix(how.prefix, saved.vocab)
    for form, spelled in fitted.respelled.items():
        print(say("read_in_form", typed=printable(" ".join(spelled)), form=form), file=sys.stderr)
    for typed, known in fitted.substituted:
        print(say("read_as", typed=printable(visible(typed)), known=printable(visible(known))), file=sys.stderr)
    if fitted.missing:
        missing = printable(" ".join(map(visible, fitted.missing)))
        print(say("not_known", missing=missing), file=sys.stderr)
    tokens = generate(saved.build_model(), saved.vocab, how)
    if as_json:
        sampled = list(tokens)
        text = fitted.text + "".join(token.text for token in sampled)
        choices = [{"token": t.token, "text": t.text, "probability": t.probability} for t in sampled]
        print_json({"text": text, "missing": fitted.missing, "choices": choices})
        return
    print(printable_lines(fitted.text), end="")
    for token in tokens:
        print(printable_lines(token.text), end="", flush=True)
    print()


def _kept(saved: Checkpoint) -> str:
    """Name the epoch whose weights are used, with its held-out perplexity."""
    value = math.inf if saved.kept_perplexity is None else saved.kept_perplexity
    return say("kept_weights", epoch=saved.kept_epoch, epochs=saved.epoch, perplexity=value)
