"""`rnnlab phase`: the hidden states of sin → cos as a dynamical system, after some windows of the training."""

from __future__ import annotations

from rnnlab.commands.console import AsJson, print_row
from rnnlab.commands.language import say
from rnnlab.devices import tune_thread
from rnnlab.experiments.sine import Config, PhasePlane, WindowDiverged, check_carries, run_with_phase_planes
from rnnlab.flags import given, with_flags
from rnnlab.validation import InvalidInput


@with_flags(Config)
def phase_command(as_json: AsJson = False, **flags: str | None) -> None:
    """Train a network on sin → cos and measure its hidden states: their way in two axes, and eigenvalues of a step.

    A disturbance dies away where the spectral radius is below 1, and grows where it is above. The
    fixed point is that of the network reading its own output.
    """
    config = Config.from_strings(given(flags))
    check_carries(config)
    tune_thread(1)
    for event in run_with_phase_planes(config):
        if isinstance(event, WindowDiverged):
            raise InvalidInput("sine_diverged", "learning_rate", window=event.window, memory=event.memory)
        if not isinstance(event, PhasePlane):
            continue
        if as_json:
            print_row(event)
        else:
            _print(event)


def _print(plane: PhasePlane) -> None:
    radii = {"driven": plane.driven_radius, "rest": plane.rest_radius}
    shown = {name: "–" if radius is None else f"{radius:.3f}" for name, radius in radii.items()}
    verdict = say(f"phase.{plane.verdict}")
    share = sum(plane.explained)
    line = say("phase_plane", window=plane.window, memory=plane.memory, verdict=verdict, share=share, **shown)
    print(line, flush=True)
