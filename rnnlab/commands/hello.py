"""`rnnlab hello`: train the smallest recurrent network to map one word to another."""

from __future__ import annotations

from rnnlab.commands.console import AsJson, print_row, printable
from rnnlab.commands.language import say
from rnnlab.experiments.hello import Config, Epoch, Finished, preset, run
from rnnlab.flags import given, with_flags


@with_flags(Config)
def hello_command(as_json: AsJson = False, **flags: str | None) -> None:
    """Teach a cell to answer hello with ohlol, character by character.

    --module RNN has a recipe of its own: --learning-rate 0.05 --loss mean --epochs 20.
    """
    strings = given(flags)
    config = Config.from_strings(preset(strings.get("module", Config.module)).config().to_strings() | strings)
    for event in run(config):
        if as_json:
            print_row(event)
        elif isinstance(event, Epoch):
            epoch = f"{event.epoch:>{len(str(config.epochs))}}/{config.epochs}"
            print(say("hello_epoch", predicted=printable(event.predicted), epoch=epoch, loss=event.loss), flush=True)
        elif isinstance(event, Finished):
            print(say("hello_finished", predicted=printable(event.predicted), loss=event.loss), flush=True)
