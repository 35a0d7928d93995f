"""`rnnlab adding`: networks learn to add two numbers that stand far apart in a row."""

from __future__ import annotations

from typing import Annotated

import typer

from rnnlab.commands.console import AsJson, print_row, printable
from rnnlab.commands.language import say
from rnnlab.devices import tune_thread
from rnnlab.experiments.adding import (
    CONSTANT_ERROR,
    Asked,
    Config,
    Finished,
    LengthBegan,
    Measured,
    Outcome,
    Step,
    run,
)
from rnnlab.experiments.event import Event
from rnnlab.flags import given, with_flags

PRINT_INTERVAL = 100  # minibatches


@with_flags(Config)
def adding_command(
    steps: Annotated[bool, typer.Option("--steps", help="Print every minibatch, too.")] = False,
    as_json: AsJson = False,
    **flags: str | None,
) -> None:
    """Let networks add two numbers that stand far apart in a row."""
    config = Config.from_strings(given(flags))
    tune_thread(1)
    width = max(map(len, config.model_names()))
    for event in run(config):
        if isinstance(event, Step) and not steps:
            continue
        if as_json:
            print_row(event)
        else:
            _print_event(event, width)


def _print_event(event: Event, width: int) -> None:
    match event:
        case LengthBegan(length=length):
            print(say("adding_length", length=length, constant=CONSTANT_ERROR), flush=True)
        case Step(model=model, step=step, loss=loss):
            _print(model, say("adding_step", step=step, loss=loss), width)
        case Measured(model=model, step=step, error=error) if step % PRINT_INTERVAL == 0:
            _print(model, say("adding_measured", step=step, error=error), width)
        case Outcome(model=model):
            _print(model, _outcome(event), width)
        case Asked(numbers=numbers, places=(first, second), truth=truth):
            marked = (numbers[first - 1], numbers[second - 1])
            facts = {"first": first, "second": second, "one": marked[0], "other": marked[1]}
            print(say("adding_asked", **facts, truth=truth), flush=True)
            for model, answer in zip(event.models, event.answers, strict=True):
                _print(model, say("adding_answer", answer=answer, off=abs(answer - truth)), width)
        case Finished(outcomes=outcomes) if len({outcome.length for outcome in outcomes}) > 1:
            for model, longest in zip(event.models, event.longest, strict=True):
                text = say("adding_longest_none") if longest is None else say("adding_longest", length=longest)
                _print(model, text, width)


def _outcome(outcome: Outcome) -> str:
    facts = {"step": outcome.step, "error": outcome.error, "seconds": outcome.seconds}
    match outcome.end:
        case "finish":
            return say("adding_finish", **facts)
        case "steps":
            return say("adding_steps", **facts)
    return say("adding_diverged", **facts)


def _print(model: str, line: str, width: int) -> None:
    print(printable(f"{model:<{width}}  {line}"), flush=True)
