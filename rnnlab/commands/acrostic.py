"""`rnnlab acrostic`: lines that begin, or end, with given characters, and what each of these costs."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from rnnlab.commands.console import AsJson, print_json, printable
from rnnlab.commands.language import say
from rnnlab.commands.writers import writer_called
from rnnlab.experiments.language_model import acrostic_row, write_acrostic
from rnnlab.flags import given, with_flags
from rnnlab.generation import Acrostic, AcrosticLine
from rnnlab.text import visible


@with_flags(Acrostic)
def acrostic_command(
    model: Annotated[
        str, typer.Argument(help="A file from `train --save`, a shipped model, or uniform, 2-gram, 5-gram.")
    ],
    corpus: Annotated[
        str | None, typer.Option(help="The text that it learned; not needed for a shipped one.", metavar="PATH")
    ] = None,
    as_json: AsJson = False,
    **flags: str | None,
) -> None:
    """Write lines that begin, or end, with given characters; tell what each of these costs the model."""
    how = Acrostic.from_strings(given(flags))
    written = write_acrostic(writer_called(model, corpus), how)
    if as_json:
        band = {"min_line": written.how.min_line, "max_line": written.how.max_line}
        print_json({**band, "lines": [acrostic_row(line) for line in written.lines]})
        return
    for line in written.lines:
        _print(line)


def _print(line: AcrosticLine) -> None:
    """Print a line, and on standard error the price of its head."""
    print(printable(line.text), flush=True)
    head, likeliest = printable(line.head), printable(visible(line.likeliest))
    if line.rank is not None:
        facts = {"head": head, "rank": line.rank, "probability": line.probability, "bits": line.bits}
        said = say("acrostic_price", **facts, likeliest=likeliest, instead=line.likeliest_probability)
    elif line.nearest:
        nearest = " ".join(map(printable, line.nearest))
        said = say(f"acrostic_{line.measure}", head=head, nearest=nearest, read=printable(line.nearest[0]))
    else:
        said = say("acrostic_unknown", head=head)
    print(f"  {said}", file=sys.stderr, flush=True)
