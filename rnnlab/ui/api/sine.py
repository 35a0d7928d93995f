"""`/sine`: a network learns cos t from sin t, with one memory or all three."""

from __future__ import annotations

from dataclasses import fields
from types import MethodType
from typing import Any

import gradio as gr

from rnnlab.devices import tune_thread
from rnnlab.experiments.sine import Comparison, Diverged, FreeRun, Window, run
from rnnlab.runs import Runner
from rnnlab.ui.api.signature import settings_of, signed
from rnnlab.ui.refusals import refusals_shown
from rnnlab.validation import InvalidInput

AT_ONCE = 2  # calls that compute at the same time; each is done within half a minute


def learn(runner: Runner, request: gr.Request, *values: Any) -> dict[str, Any]:
    """Let a network hear sin t, window by window, and say cos t; `memory` is carried, reset, bptt or all.

    For each memory you get the `loss` of every window, `mean_loss` over the last 20, the `last_window` (its times
    `t`, `input`, `target` and `prediction`), and `free_run_error`, the mean squared error of every window in which
    the network went on alone. `windows` times `points` is limited: a refusal says how far.
    """
    names = [item.name for item in fields(Comparison)]
    with refusals_shown(request):
        return answer(Comparison(**dict(zip(names, values, strict=True))))


def answer(config: Comparison) -> dict[str, Any]:
    """Run the experiment to its end. Raises InvalidInput when it diverges."""
    tune_thread(1)
    found: dict[str, Any] = {memory: {"loss": [], "free_run_error": []} for memory in config.memories}
    for event in run(config):
        match event:
            case Window(memory=memory):
                found[memory]["loss"].append(event.loss)
                found[memory]["mean_loss"] = event.mean_loss
                if event.window == config.windows:
                    wave = event.to_dict()
                    found[memory]["last_window"] = {name: wave[name] for name in ("t", "input", "target", "prediction")}
            case FreeRun(memory=memory, error=error):
                found[memory]["free_run_error"].append(error)
            case Diverged(window=window, memory=memory):
                raise InvalidInput("sine_diverged", "learning_rate", window=window, memory=memory)
    return found


def build_endpoint(runner: Runner) -> None:
    own = signed(learn, {}, settings_of(Comparison), dict)
    gr.api(MethodType(own, runner), api_name="sine", concurrency_limit=AT_ONCE)
