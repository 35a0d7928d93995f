"""`rnnlab sine`: train a network to predict cos t from sin t."""

from __future__ import annotations

from rnnlab.commands.console import AsJson, print_row
from rnnlab.commands.language import say
from rnnlab.devices import tune_thread
from rnnlab.experiments.sine import Config, Finished, FreeRun, Window, WindowDiverged, run
from rnnlab.flags import given, with_flags
from rnnlab.validation import InvalidInput

PRINT_INTERVAL = 20  # windows


@with_flags(Config)
def sine_command(as_json: AsJson = False, **flags: str | None) -> None:
    """Train a network to predict cos t from sin t, and compare ways to carry its memory."""
    config = Config.from_strings(given(flags))
    tune_thread(1)
    for event in run(config):
        if as_json:
            print_row(event)
        elif isinstance(event, Window) and event.window % PRINT_INTERVAL == 0:
            _print(say("sine_window", window=event.window), event.memory, say("loss"), event.loss, config)
        elif isinstance(event, FreeRun):
            where = say("sine_alone", window=event.window - config.windows)
            _print(where, event.memory, say("error"), event.error, config)
        elif isinstance(event, Finished):
            for memory, error in zip(event.memories, event.mean_errors, strict=config.free_run > 0):
                _print(say("sine_alone_mean"), memory, say("error"), error, config)
        if isinstance(event, WindowDiverged):
            raise InvalidInput("sine_diverged", "learning_rate", window=event.window, memory=event.memory)


def _print(where: str, memory: str, what: str, value: float, config: Config) -> None:
    """Print one value; the values of all memories at a window share a line."""
    first, last = memory == config.memories[0], memory == config.memories[-1]
    print(where if first else "", f"{memory} {what} {value:.4f}", sep="  ", end="\n" if last else "", flush=last)
