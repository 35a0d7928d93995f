"""`rnnlab race`: two to four trainings side by side, a minibatch each in turn."""

from __future__ import annotations

from typing import Annotated

import typer

from rnnlab.commands.console import AsJson, Device, print_row, print_source, printable, source_of
from rnnlab.commands.language import say
from rnnlab.devices import tune_thread
from rnnlab.experiments.event import Event
from rnnlab.experiments.race import (
    Config,
    Difference,
    Epoch,
    Finished,
    Race,
    Result,
    Retired,
    Split,
    Started,
    Step,
    preset,
)
from rnnlab.flags import given, with_flags


@with_flags(Config, but=frozenset({"corpus"}))
def race_command(
    preset_name: Annotated[
        str | None,
        typer.Option("--preset", help="models, implementations, gradients or optimizers; flags change it."),
    ] = None,
    corpus: Annotated[
        str | None, typer.Option(help="A .txt or .zip file, a folder of .txt files, or a shipped text.", metavar="PATH")
    ] = None,
    steps: Annotated[bool, typer.Option("--steps", help="Print every minibatch, too.")] = False,
    device: Device = "auto",
    as_json: AsJson = False,
    **flags: str | None,
) -> None:
    """Let two to four trainings run side by side on the same minibatches."""
    own = {} if corpus is None else {"corpus": corpus}
    chosen = preset(preset_name or "models").config(**own)
    config = Config.from_strings(chosen.to_strings() | given(flags))
    tune_thread(1)
    source = source_of(config.corpus)
    race = Race(config, source.text, device=device)
    print_source(config.corpus, source, only_if_recognised=as_json)
    width = max(len(lane.name) for lane in race.lanes)
    for event in race.events():
        if isinstance(event, Step | Difference) and not steps:
            continue
        if as_json:
            _print_json(event)
        else:
            _print_line(event, width)


def _print_json(event: Event) -> None:
    """Print a row with lane, epoch, perplexity and seconds; of the last event, one for each lane."""
    if isinstance(event, Finished):
        for result in event.results:
            print_row(result)
    elif isinstance(event, Epoch | Split | Retired | Step | Difference):
        print_row(event)


def _print_line(event: Event, width: int) -> None:
    """Print an event for a reader."""
    match event:
        case Started(is_parity=True, same_weights=same):
            print(say("race_same_weights") if same else say("race_other_weights"), flush=True)
        case Step(lane=lane, epoch=epoch, step=step, perplexity=perplexity, seconds=seconds):
            line = say("race_step", epoch=epoch, step=step, perplexity=_number(perplexity), seconds=seconds)
            _print(lane, line, width)
        case Difference(difference=difference):
            print(say("race_difference", difference=1e6 * difference), flush=True)
        case Epoch(lane=lane, epoch=epoch, held_out_perplexity=found, seconds=seconds):
            facts = {"perplexity": _number(event.perplexity), "seconds": seconds}
            held_out = "" if found is None else say("train_held_out", perplexity=_number(found)) + "  "
            _print(lane, say("race_epoch", epoch=epoch, held_out=held_out, **facts), width)
        case Split(lane=lane, mark=mark, place=place, epoch=epoch, seconds=seconds):
            line = say("race_split", mark=_number(mark), place=place, epoch=epoch, seconds=seconds)
            _print(lane, line, width)
        case Retired(lane=lane, epoch=epoch, step=step):
            _print(lane, say("race_retired", epoch=epoch, step=step), width)
        case Finished(results=results):
            for result in results:
                _print(result.lane, _result(result), width)


def _result(result: Result) -> str:
    facts = {"epoch": result.epoch, "seconds": result.seconds, "characters": result.characters}
    return say(
        "race_result",
        place=result.place,
        end=say(f"race_end.{result.end}"),
        perplexity=_number(result.perplexity),
        **facts,
    )


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:,.4g}"


def _print(lane: str, line: str, width: int) -> None:
    print(printable(f"{lane:<{width}}  {line}"), flush=True)
