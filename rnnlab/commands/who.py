"""`rnnlab who`: a real line that was held out, among three of a model."""

from __future__ import annotations

from typing import Annotated

import typer

from rnnlab.commands.console import AsJson, print_json, printable
from rnnlab.commands.language import say
from rnnlab.commands.writers import writer_called
from rnnlab.experiments.language_model import WhoWrote, who_wrote
from rnnlab.flags import given, with_flags
from rnnlab.validation import Integer, InvalidInput

MAX_ROUNDS = 100


@with_flags(WhoWrote)
def who_command(
    model: Annotated[
        str, typer.Argument(help="A file from `train --save`, a shipped model, or uniform, 2-gram, 5-gram.")
    ],
    rounds: Annotated[int, typer.Option(help="How many; the seed of each is one more than that before it.")] = 1,
    corpus: Annotated[
        str | None, typer.Option(help="The text that it learned; not needed for a shipped one.", metavar="PATH")
    ] = None,
    as_json: AsJson = False,
    **flags: str | None,
) -> None:
    """Print four lines, a real one that was held out and three of a model, and which is the real one."""
    how = WhoWrote.from_strings(given(flags))
    count = Integer(1, MAX_ROUNDS).require("rounds", rounds)
    writer = writer_called(model, corpus)
    if writer.learned is None:
        raise InvalidInput("learned_text_unknown", "model")
    for seed in range(how.seed, how.seed + count):
        found = who_wrote(writer.decoder, writer.vocab, writer.learned.corpus, WhoWrote(how.temperature, seed))
        if as_json:
            print_json({"seed": seed, **found.to_dict(), "real": found.real + 1})
            continue
        for number, line in enumerate(found.lines, 1):
            print(f"{number}  {printable(line)}")
        print(say("who_real", number=found.real + 1))
