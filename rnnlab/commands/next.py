"""`rnnlab next`: what a model believes of the next character, and what is drawn from."""

from __future__ import annotations

from typing import Annotated

import typer

from rnnlab.commands.console import AsJson, print_json, printable
from rnnlab.commands.generate import tell_fitted
from rnnlab.commands.language import say
from rnnlab.commands.writers import writer_called
from rnnlab.flags import given, with_flags
from rnnlab.generation import Generation, NextTokens, fit_prefix, next_tokens
from rnnlab.generation.next_token import LIKELIEST
from rnnlab.text import visible


@with_flags(Generation, but=frozenset({"length"}))
def next_command(
    model: Annotated[
        str, typer.Argument(help="A file from `train --save`, a shipped model, or uniform, 2-gram, 5-gram.")
    ],
    likeliest: Annotated[int, typer.Option(help="Rows: the likeliest, and the one that the seed draws.")] = LIKELIEST,
    corpus: Annotated[
        str | None,
        typer.Option(help="The text that counting counts: a file, a folder, or a shipped text's name.", metavar="PATH"),
    ] = None,
    as_json: AsJson = False,
    **flags: str | None,
) -> None:
    """Tell what a model believes of the next character, and what temperature, top-k and top-p make of it."""
    how = Generation.from_strings(given(flags))
    writer = writer_called(model, corpus)
    fitted = fit_prefix(how.prefix, writer.vocab)
    tell_fitted(fitted)
    found = next_tokens(writer.decoder(), writer.vocab, how, likeliest=likeliest)
    if as_json:
        print_json({"prefix": fitted.text, "missing": fitted.missing, **found.to_dict()})
    else:
        _print(found)


def _print(found: NextTokens) -> None:
    """Print a line for each row, ▸ before the drawn one, and one for all others."""
    print(say("next_head", kept=found.kept))
    for row in found.rows:
        mark = "▸" if row.token == found.drawn else " "
        name = printable(visible(row.token))
        print(f"{mark}{row.rank:>6}  {name:<6}  {row.believed:>8.3%}  {_drawn(row.drawn_from)}")
    if found.others:
        others = say("next_others", others=found.others)
        print(f"{others:<15}  {found.others_believed:>8.3%}  {_drawn(found.others_drawn_from)}")


def _drawn(probability: float) -> str:
    return f"{probability:>8.3%}" if probability else f"{'–':>8}"
