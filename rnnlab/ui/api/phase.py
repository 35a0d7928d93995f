"""`/phase`: the hidden states of the networks of sin → cos, measured as a dynamical system."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import fields
from types import MethodType
from typing import Any

import gradio as gr

from rnnlab.experiments.sine import ComparisonConfig, check_carries, measured_memories
from rnnlab.runs import Row, Run, Runner
from rnnlab.ui.api.signature import settings_of, signed
from rnnlab.ui.api.sine import answered, failure_of
from rnnlab.ui.i18n.errors import refusals_shown
from rnnlab.ui.tabs.sine.payload import VIEW


async def measure(runner: Runner, request: gr.Request, *values: Any) -> AsyncGenerator[Row]:
    """Train as /sine does, and measure the hidden states after some windows, more of the early ones.

    The rows before the last tell the progress, as those of /sine. The last row is the result: by the name of each
    memory that carries its state (carried, bptt) a list of `planes`, each with its `window`. `driven` holds the hidden
    states while the sine goes on for two windows and `alone` those when the network reads its own output, as points in
    the plane of the two principal axes, which explain the shares `explained` of the variance; right is cos t = 1, up is
    sin t = 1. `driven_radius` is the spectral radius of ∂h_t/∂h_{t-1}, the input given; `rest` is the point at which
    the network stays that reads its own output, and `rest_radius` the spectral radius there, the fed-back input being
    part of the state; `driven_eigenvalues` and `rest_eigenvalues` are the largest ones, [real, imaginary], of each pair
    the one above the axis. `verdict` says whether a small disturbance of the fixed point dies away (in), grows
    (out), or neither (edge); none: no fixed point was found.
    """
    names = [item.name for item in fields(ComparisonConfig)]
    with refusals_shown(request, program=True):
        check_carries(ComparisonConfig(**dict(zip(names, values, strict=True))))
    async with aclosing(answered(runner, request, values, VIEW, _result)) as rows:
        async for row in rows:
            yield row


def _result(run: Run, config: ComparisonConfig) -> Row:
    """Return the phase planes of an ended run by memory. Raises InvalidInput if it did not finish."""
    rows = run.since(0).rows
    if not any(item["kind"] == "finished" for item in rows):
        raise failure_of(run)
    planes: dict[str, list[Row]] = {memory: [] for memory in measured_memories(config)}
    for item in rows:
        if item["kind"] == "phaseplane":
            kept = {name: value for name, value in item.items() if name not in ("kind", "memory")}
            planes[item["memory"]].append(kept)
    return {memory: {"planes": found} for memory, found in planes.items()}


def build_endpoint(runner: Runner) -> None:
    """Register the endpoint; call it inside the app's Blocks."""
    own = signed(measure, {}, settings_of(ComparisonConfig), Row)
    gr.api(MethodType(own, runner), api_name="phase", concurrency_limit=None)
