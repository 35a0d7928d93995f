"""`/temperatures`: the same beginning at several temperatures, by the same random numbers."""

from __future__ import annotations

from types import MethodType
from typing import Any

import gradio as gr

from rnnlab.experiments.language_model import temperature_columns
from rnnlab.generation import TEMPERATURES, Generation, check_temperatures, fit_prefix
from rnnlab.resources import SHIPPED_MODELS
from rnnlab.runs import Runner
from rnnlab.ui.api.generate import settings_by_name
from rnnlab.ui.api.signature import parameter, settings_of, signed
from rnnlab.ui.api.writers import DEFAULT_CORPUS, writer_called
from rnnlab.ui.i18n.errors import refusals_shown


def at_temperatures(
    runner: Runner, request: gr.Request, model: str, temperatures: list[float], *values: Any
) -> dict[str, Any]:
    """Write the same beginning on at each of at most five temperatures, with the same random numbers for all.

    `model` is as in /generate. Returns the `prefix` as it was read, the characters of it that the model does not know
    (`missing`), and a row for each temperature (`columns`): its `text` without the prefix, the character of it that
    differs first from the column before (`departs`, null without one; `departs_token` the same in tokens), the mean
    `entropy` of the model's own distribution in bits, the number of `distinct` tokens, and the share of the text that
    stands word for word in what the model has learned (`copied_share`), with the `runs` as places in prefix and text.
    """
    with refusals_shown(request, program=True):
        *settings, corpus = values
        checked = check_temperatures(temperatures)
        how = Generation(**settings_by_name(settings, but="temperature"))
        writer = writer_called(runner, model, corpus)
        fitted = fit_prefix(how.prefix, writer.vocab)
        columns = [column.to_dict() for column in temperature_columns(writer, how, checked)]
    return {"prefix": fitted.text, "missing": list(fitted.missing), "columns": columns}


def build_endpoint(runner: Runner) -> None:
    """Register the endpoint; call it inside the app's Blocks."""
    first = {"model": (str, next(iter(SHIPPED_MODELS))), "temperatures": (list[float], list(TEMPERATURES))}
    settings = [item for item in settings_of(Generation) if item.name != "temperature"]
    own = signed(at_temperatures, first, [*settings, parameter("corpus", str, DEFAULT_CORPUS)], dict)
    gr.api(MethodType(own, runner), api_name="temperatures", concurrency_limit=4)
