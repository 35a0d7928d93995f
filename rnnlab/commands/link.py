"""`rnnlab link`: write a link to the page, and check one.

`python -m rnnlab.commands.link` rewrites the table of `rnnlab/ui/links/README.md`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated
from urllib.parse import quote, urlencode

import typer

from rnnlab.commands.console import AsJson, print_json
from rnnlab.commands.language import language, refusal, say
from rnnlab.ui.i18n.languages import FALLBACK
from rnnlab.validation import InvalidInput, echo

DOCUMENT = Path(__file__).parents[1] / "ui" / "links" / "README.md"
START, END = "<!-- keys: made by `python -m rnnlab.commands.link` -->\n", "<!-- end of keys -->\n"


def link_command(
    link: Annotated[
        list[str] | None,
        typer.Argument(help="A link to check, or its keys as flags: --tab train --preset quick --seed 3."),
    ] = None,
    keys: Annotated[bool, typer.Option("--keys", help="List what a link to each tab may set.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write a link to the page, or check one: what cannot be is said, and the exit status is 2."""
    from rnnlab.ui.links import parse_link  # with the tabs and Gradio, for which no other command waits

    if keys:
        print(keys_table(), end="")
        return
    found = parse_link(_query(link or []))
    query = f"?{found.to_query()}"
    if as_json:
        place = {"tab": found.place.tab, "part": found.place.part or None}
        others = {"hide": found.hide, "at": found.at, "press": found.press or None}
        refused = [refusal(error) for error in found.refusals]
        print_json({"query": query, **place, "settings": found.settings, **others, "refused": refused})
    else:
        print(query)
        for error in found.refusals:
            print(f"rnnlab: {refusal(error)}", file=sys.stderr)
    if found.refusals:
        raise typer.Exit(2)


def _query(words: list[str]) -> str:
    """Return the query that words of the command line mean: flags with their values, or a link. Raises InvalidInput."""
    pairs: list[tuple[str, str]] = []
    waiting = list(words)
    while waiting:
        word = waiting.pop(0)
        if not word.startswith("--"):
            _, mark, query = word.partition("?")
            if pairs or waiting or not (mark or "=" in word):
                raise InvalidInput("link_words", "link", value=echo(word))
            return query if mark else word
        name, mark, text = word.removeprefix("--").partition("=")
        if not mark and not waiting:
            raise InvalidInput("link_words", "link", value=echo(word))
        pairs.append((name.replace("-", "_"), text if mark else waiting.pop(0)))
    if not pairs:
        raise InvalidInput("link_words", "link", value=echo(""))
    return urlencode(pairs, quote_via=quote)


def keys_table() -> str:
    """Write what links may set as Markdown: the keys of every link, the parts to hide, then each tab's settings."""
    from rnnlab.ui.hidden_parts import HIDDEN_PARTS
    from rnnlab.ui.links import PLACES, TABS

    rows = ["| key | what it says |", "|---|---|"]
    common = {"tab": ", ".join(TABS), "hide": ", ".join(HIDDEN_PARTS)}
    for name in ("tab", "part", "hide", "at", "press"):
        rows.append(f"| `{name}` | {say(f'link.{name}', values=common.get(name, ''))} |")
    for place in PLACES:
        rows += ["", f"### {' · '.join(filter(None, (place.tab, place.part)))}", ""]
        if place.preset_key:
            rows += [say("link.presets", preset=place.preset_key, values=", ".join(place.presets)), ""]
        if place.buttons:
            rows += [f"`press`: {', '.join(place.buttons)}", ""]
        rows += ["| key | range | what it is |", "|---|---|---|"]
        for group in place.groups:
            rows += [f"| `{name}` | {_range_of(group.rule(name))} | {group.help(name)} |" for name in group.ids]
    return "\n".join(rows) + "\n"


def _range_of(rule: object) -> str:
    """Return what a setting may be, in one cell of a table."""
    from rnnlab.validation import Choice, Integer, Real, Switch

    match rule:
        case Integer() | Real():
            return f"{rule.low:g} … {rule.high:g}" + (", none" if rule.optional else "")
        case Choice():
            return ", ".join(rule.options)
        case Switch():
            return "true, false"
    return say("link.text")


def with_table(text: str) -> str:
    """Return the document with the table between its two marks."""
    before, _, rest = text.partition(START)
    return f"{before}{START}\n{keys_table()}\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    assert language() == FALLBACK, "the document is in English"
    DOCUMENT.write_text(with_table(DOCUMENT.read_text("utf-8")), "utf-8")
