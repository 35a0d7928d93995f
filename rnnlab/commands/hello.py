"""`rnnlab hello`: train the smallest recurrent network to map one word to another."""

from __future__ import annotations

from rnnlab.commands.console import AsJson, print_row, printable
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
            place = f"epoch {event.epoch:>{len(str(config.epochs))}}/{config.epochs}"
            print(f"{printable(event.predicted)}  {place}  loss {event.loss:.4f}", flush=True)
        elif isinstance(event, Finished):
            print(f"{printable(event.predicted)}  trained  loss {event.loss:.4f}", flush=True)
