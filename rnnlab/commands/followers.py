"""`rnnlab followers`: what followed some characters in a text, and how an n-gram model backs off from them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from rnnlab.commands.console import AsJson, print_json, printable
from rnnlab.commands.language import say
from rnnlab.commands.writers import DEFAULT_CORPUS, text_counted
from rnnlab.experiments.language_model import what_followed
from rnnlab.generation import FollowersTable
from rnnlab.generation.followers_table import LevelRow
from rnnlab.text import visible


def followers_command(
    context: Annotated[str, typer.Argument(help="The characters, three for example.")],
    corpus: Annotated[
        str, typer.Option(help="The text to count: a file, a folder, or a shipped text's name.", metavar="PATH")
    ] = DEFAULT_CORPUS,
    n: Annotated[
        int | None,
        typer.Option(help="Of the n-gram model, 1 to 5; by default one more than the characters.", show_default=False),
    ] = None,
    rows: Annotated[int, typer.Option(min=1, help="Rows that are printed.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Tell what followed some characters in a text: how often, where first, and the fall-back if nothing did."""
    found = what_followed(context, text_counted(corpus), rows, n)
    if as_json:
        print_json(found.to_dict())
    else:
        _print(found)


def _print(found: FollowersTable) -> None:
    """Print the table, and below it the levels of the n-gram model."""
    context, used = (printable(_signs(text)) or "∅" for text in (found.context, found.used))
    if found.missing:
        print(say("followers_missing", missing=printable(" ".join(map(visible, found.missing)))))
    if found.used != found.context:
        print(say("followers_fall_back", context=context, used=used))
    print(say("followers_total", used=used, total=found.total, different=found.different, counted=found.counted))
    for row in found.rows:
        place = printable(f"{row.line}: {row.before}⟦{_signs(row.run)}⟧{row.after}")
        print(
            f"  {printable(visible(row.token))}  {row.count:>6,}  {row.share:>7.2%}  {row.probability:>7.2%}  {place}"
        )
    if found.different > len(found.rows):
        print(say("text_more", count=found.different - len(found.rows)))
    print(say("followers_levels", n=found.n))
    for level in found.levels:
        print(_level(level))
    print(say("followers_uniform", uniform=found.uniform))


def _level(level: LevelRow) -> str:
    """Describe what the model has counted after one context."""
    facts = {**asdict(level), "context": printable(_signs(level.context)) or "∅"}
    if not level.total:
        return say("followers_unseen", **facts)
    return say("followers_seen", **facts) if level.counts_occurrences else say("followers_after", **facts)


def _signs(text: str) -> str:
    """Write blanks and line ends as signs."""
    return "".join(map(visible, text))
