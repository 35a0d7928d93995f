"""`rnnlab copied`: how much of what a model writes stands word for word in its training text."""

from __future__ import annotations

from typing import Annotated

import typer

from rnnlab.commands.console import AsJson, notes, print_json, printable_lines
from rnnlab.commands.language import say
from rnnlab.commands.writers import load, text_counted, text_learned
from rnnlab.experiments.language_model import Copying, counting_writer, measure_copying, network_writer
from rnnlab.flags import given, with_flags
from rnnlab.generation import COUNTING, Generation
from rnnlab.text.copied_runs import copied_parts


@with_flags(Generation)
def copied_command(
    checkpoint: Annotated[str, typer.Argument(help="A file from `train --save`, or a shipped model: lyrics-zh, …")],
    corpus: Annotated[
        str | None, typer.Option(help="The text that it learned; not needed for a shipped one.", metavar="PATH")
    ] = None,
    as_json: AsJson = False,
    **flags: str | None,
) -> None:
    """Tell how much of what a model writes stands word for word in its training text."""
    how = Generation.from_strings(given(flags))
    if checkpoint in COUNTING:
        learned = text_counted(corpus)
        writer, is_its_text = counting_writer(checkpoint, learned), True
    else:
        saved = load(checkpoint)
        learned = text_learned(saved, corpus)
        writer, is_its_text = network_writer(saved, learned), learned.corpus.text_digest == saved.text_digest
    if not is_its_text:
        notes().print(say("another_learned_text"))
    found = measure_copying(writer.decoder(), writer.vocab, learned, how)
    if as_json:
        print_json({**found.to_dict(), "is_its_text": is_its_text})
    else:
        _print(found)


def _print(found: Copying) -> None:
    """Print the song with what is copied in brackets, and the three shares."""
    text, place = "", 0
    for start, end in copied_parts(found.runs):
        text += f"{found.text[place:start]}⟦{found.text[start:end]}⟧"
        place = end
    print(printable_lines(text + found.text[place:]))
    held_out = found.held_out_copied_share
    print()
    print(say("copied_share", length=found.min_length, share=found.copied_share, longest=found.longest))
    print(say("copied_ngram", share=found.ngram_copied_share))
    print(say("copied_held_out", share="–" if held_out is None else f"{held_out:.0%}"))
