"""`rnnlab hello`: train the smallest recurrent network to map one word to another."""

from __future__ import annotations

from typing import Annotated

import typer

from rnnlab.commands.console import AsJson, print_json, print_row, printable
from rnnlab.commands.language import say
from rnnlab.devices import tune_thread
from rnnlab.experiments.event import plain
from rnnlab.experiments.hello import Config, Epoch, Finished, preset, run
from rnnlab.experiments.hello.why import WeightUpdate, find_weight, weight_update
from rnnlab.flags import given, with_flags
from rnnlab.text import visible
from rnnlab.validation import Integer, InvalidInput


@with_flags(Config)
def hello_command(
    why: Annotated[
        str | None,
        typer.Option(help="Explain the update of one weight, such as weight_hh[1,2].", metavar="WEIGHT"),
    ] = None,
    epoch: Annotated[int | None, typer.Option(help="With --why: at the end of which epoch; else the last.")] = None,
    as_json: AsJson = False,
    **flags: str | None,
) -> None:
    """Teach a cell to answer hello with ohlol, character by character.

    --module RNN, GRUCell and LSTMCell have recipes of their own, which set what is not given: --learning-rate, --loss,
    --epochs, --output.
    """
    strings = given(flags)
    config = Config.from_strings(preset(strings.get("module", Config.module)).config().to_strings() | strings)
    tune_thread(1)
    if why is not None:
        update = _update(config, why, epoch)
        print_json({"kind": "why", **plain(update.to_dict())}) if as_json else _print_update(config, update)
        return
    if epoch is not None:
        raise InvalidInput("epoch_without_why", "epoch")
    for event in run(config):
        if as_json:
            print_row(event)
        elif isinstance(event, Epoch):
            number = f"{event.epoch:>{len(str(config.epochs))}}/{config.epochs}"
            print(say("hello_epoch", predicted=printable(event.predicted), epoch=number, loss=event.loss), flush=True)
        elif isinstance(event, Finished):
            print(say("hello_finished", predicted=printable(event.predicted), loss=event.loss), flush=True)


def _update(config: Config, weight: str, epoch: int | None) -> WeightUpdate:
    """Train up to the epoch and explain its update; a weight that does not exist is refused before training."""
    last = Integer(1, config.epochs).require("epoch", config.epochs if epoch is None else epoch)
    looks = (event for event in run(config) if isinstance(event, Epoch))
    look = next(looks)
    find_weight(look, weight)
    while look.epoch < last:
        look = next(looks)
    return weight_update(config, look, weight)


def _print_update(config: Config, update: WeightUpdate) -> None:
    """Print the terms, their sum, and the update."""
    print(say("why_head", weight=update.weight, epoch=update.epoch, value=update.value))
    for term in update.terms:
        character = visible(config.source[term.step - 1])
        factors = {"own": term.own, "later": term.later, "slope": term.slope, "by": term.times * term.by}
        print(say("why_term", step=term.step, character=printable(character), value=term.value, **factors))
    print(say("why_gradient", gradient=update.gradient, rate=update.learning_rate, sgd_step=update.sgd_step))
    if update.m is not None:
        print(say("why_adam", m=update.m, v=update.v, m_hat=update.m_hat, v_hat=update.v_hat, step=update.step))
    print(say("why_after", value=update.value, step=update.step, after=update.value + (update.step or 0.0)))
