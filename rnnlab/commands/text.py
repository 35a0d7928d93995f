"""`rnnlab text`: say what a text holds before anything is trained on it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from rnnlab.commands.console import AsJson, print_json, printable, source_of
from rnnlab.commands.language import say
from rnnlab.flags import given, with_flags
from rnnlab.inspection import TextConfig, TextFacts, plain_data, text_facts
from rnnlab.limits import MAX_FILE_BYTES
from rnnlab.resources import CORPORA
from rnnlab.text import Source, read_source, visible

STDIN = "-"


@with_flags(TextConfig)
def text_command(
    file: Annotated[
        str,
        typer.Argument(
            help=f"A .txt or .zip file, a folder of .txt files, {', '.join(CORPORA)}, or - for standard input.",
            metavar="FILE",
        ),
    ],
    head: Annotated[int, typer.Option(min=0, help="Entries of the vocabulary that are printed.")] = 20,
    as_json: AsJson = False,
    **flags: str | None,
) -> None:
    """Say what a text holds: lines, characters, vocabulary with frequencies and ids, minibatches of an epoch."""
    config = TextConfig.from_strings(given(flags))
    source = _standard_input() if file == STDIN else source_of(file)
    facts = text_facts(source, config, "file")
    if as_json:
        row = plain_data(facts)
        print_json({**row, "vocabulary": row["vocabulary"][:head], "settings": config.to_strings()})
        return
    name = "standard input" if file == STDIN else file if file in CORPORA else Path(file).name
    _print(name, facts, config, head)


def _standard_input() -> Source:
    """Read a text from standard input, in any encoding that a file may have. Raises InvalidInput."""
    return read_source(sys.stdin.buffer.read(MAX_FILE_BYTES + 1), "stdin.txt", "file")


def _print(name: str, facts: TextFacts, config: TextConfig, head: int) -> None:
    """Print the facts, a line each; the text's own characters as signs where they cannot be seen."""
    files = say("text_files_joined", files=facts.files) if facts.files > 1 else ""
    print(printable(f"{name}: {', '.join(facts.encodings)}{files}"))
    print(say("text_counts", lines=facts.lines, characters=facts.characters, distinct=facts.distinct))
    for line in facts.first_lines:
        print(printable(f"  {line}"))
    print(say("text_taken", taken=facts.taken, tokens=facts.tokens, vocab_size=facts.vocab_size))
    for entry in facts.vocabulary[:head]:
        print(printable(f"  {entry.id:>6}  {visible(entry.token)}  {entry.count:,}"))
    if len(facts.vocabulary) > head:
        print(say("text_more", count=len(facts.vocabulary) - head))
    print(say("text_begins"), " ".join(printable(f"{visible(token)}={number}") for token, number in facts.beginning))
    sizes = {"batch_size": config.batch_size, "num_steps": config.num_steps, "sampling": config.sampling}
    print(say("text_minibatches", minibatches=facts.minibatches, **sizes))
