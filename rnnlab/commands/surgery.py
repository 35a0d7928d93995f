"""`rnnlab surgery`: hold gates, switch units off, zero matrices; the perplexity and a song before and after."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from rnnlab.commands.console import AsJson, print_json, printable_lines
from rnnlab.commands.generate import tell_fitted
from rnnlab.commands.language import say
from rnnlab.commands.subjects import AtEpoch, OfCorpus, OfModel, Subject, learned_corpus, subject_of
from rnnlab.devices import tune_thread
from rnnlab.experiments.language_model.surgery_of_text import (
    Songs,
    Surgery,
    read_for_surgery,
    row_of,
    songs_of,
    surgery_of_text,
)
from rnnlab.flags import given, with_flags
from rnnlab.generation import Generation, fit_prefix
from rnnlab.inspection.held_gates import HeldGate, held_gates
from rnnlab.inspection.surgery import GATE_NAMES, MEAN, Operation, operation_called
from rnnlab.limits import MAX_INSPECTED_CHARACTERS
from rnnlab.validation import InvalidInput


@with_flags(Generation)
def surgery_command(
    model: OfModel,
    gate: Annotated[
        list[str] | None,
        typer.Option(help="To hold: reset or update, input, forget or output, or its letter; also l1.forget=0.5."),
    ] = None,
    hold: Annotated[str, typer.Option(help="At which gates are held: 0 to 1, or mean.", metavar="VALUE")] = "0.5",
    unit: Annotated[list[int] | None, typer.Option(help="To switch off, from 0. Repeat for several.")] = None,
    zero: Annotated[
        list[str] | None, typer.Option(help="A matrix to zero: weight_ih, weight_hh or output. Repeat.")
    ] = None,
    layer: Annotated[int, typer.Option(help="Of the operations, from 0 as in weight_hh_l0.")] = 0,
    text: Annotated[
        str | None, typer.Option(help="To measure on, at most 2,000 characters; else the beginning of what it learned.")
    ] = None,
    from_character: Annotated[
        int,
        typer.Option(
            metavar="N",
            help="Of the song, from 0 after its beginning: the operations hold from there on; with words, a word.",
        ),
    ] = 0,
    corpus: OfCorpus = None,
    epoch: AtEpoch = None,
    as_json: AsJson = False,
    **flags: str | None,
) -> None:
    """Hold gates, switch units off, zero matrices: perplexity and song before and after. Without any: a table."""
    tune_thread()
    how = Generation.from_strings(given(flags))
    operations = [operation_called(word, layer, hold, "gate") for word in gate or ()]
    operations += [Operation("unit", layer, unit=number) for number in unit or ()]
    operations += [Operation("matrix", layer, matrix=name) for name in zero or ()]
    if corpus is not None and text is not None:
        raise InvalidInput("corpus_and_text", "text")
    subject = subject_of(model, corpus, epoch, False, quiet=as_json)
    network, ids = subject.model, _ids(subject, text, corpus)
    if not operations:
        rows = held_gates(network, ids)
        if as_json:
            print_json({"blind_guess": len(subject.vocab), "gates": [row_of(row) for row in rows]})
        else:
            _print_table(rows)
        return
    tell_fitted(fit_prefix(how.prefix, subject.vocab))
    found = surgery_of_text(network, ids, operations)
    songs = songs_of(network, found.operated, subject.vocab, how, from_character)
    if as_json:
        print_json({**found.to_dict(), "song": songs.to_dict()})
    else:
        _print(found, songs)


def _ids(subject: Subject, text: str | None, corpus: str | None) -> list[int]:
    """Return the tokens to measure on. Raises InvalidInput where the model knows fewer than two."""
    if text is None:
        learned: list[int] = learned_corpus(subject, corpus).train_ids[:MAX_INSPECTED_CHARACTERS].tolist()
        return learned
    fitted, ids = read_for_surgery(subject.vocab, text)
    tell_fitted(fitted)
    return ids


def _print(found: Surgery, songs: Songs) -> None:
    for operation in found.operations:
        print(_line_of(operation))
    print(say("surgery_perplexity", before=found.before, after=found.after, blind=found.blind_guess))
    print()
    print(say("surgery_undamaged"))
    print(printable_lines(songs.prefix + "".join(songs.before)))
    print()
    print(say("surgery_operated"))
    marks = {songs.start: "‖"}
    if songs.departs is not None:
        marks[songs.departs] = marks.get(songs.departs, "") + "▸"
    print(printable_lines(songs.prefix + "".join(marks.get(k, "") + text for k, text in enumerate(songs.after))))


def _line_of(operation: Operation) -> str:
    facts: dict[str, Any] = {**operation.to_dict(), "name": GATE_NAMES.get(operation.gate, "")}
    return say(f"surgery_kind.{operation.kind}" + ("_mean" if operation.value == MEAN else ""), **{"layer": 0, **facts})


def _print_table(rows: list[HeldGate]) -> None:
    if not rows:
        print(say("inspect_no_gates"))
        return
    print(say("surgery_table", columns="".join(f"{name:>12}" for name in rows[0].perplexity)))
    for row in rows:
        held = "".join(f"{value:>12.4g}" for value in row.perplexity.values())
        print(f"l{row.layer} {row.gate} {row.mean:5.2f}{held}")
